//! What the records store holds, as a number and a sum for every part of every table: what a tag alone can't tell. A row that was deleted, or set back to what it once
//! was together with its tag, changes the sum of its part.
//!
//! The sum is MSet-Add-Hash (Clarke, Devadas, van Dijk, Gassend, Suh, "Incremental multiset hash functions and their application to memory integrity checking",
//! ASIACRYPT 2003): each row gives HMAC-SHA-256 under a key of its own over its table and its tag, added modulo 2^256. So a write costs as much as it
//! changes, whatever the table's size. The sums are sealed: to somebody who could read them, generalised birthdays would give sets of rows of one sum.
//!
//! Tables whose rows are found by references are cut into 256 parts by a reference's first byte, so that reading one person again costs a part and not the table.

use crate::{
    integrity::Integrity,
    keys::seal::{self, Key, RowPlace},
    log::LogHead,
    store::{Reference, StoreError, Stored, Tag},
};
use hmac::{Hmac, KeyInit, Mac};
use sealroot_protocol::field::Digest;
use sha2::Sha256;
use std::{collections::BTreeMap, sync::Arc};

/// The tables under a state, in the order of their numbers in its bytes. `seen` and lines of `looks` live within one transaction; nodes have their root.
const TABLES: [&str; 12] = [
    "vault_values",
    "schemas",
    "enrolments",
    "known_keys",
    "looks",
    "nonces",
    "records",
    "roots",
    "owed_destructions",
    "batches",
    "imports",
    "memberships",
];

/// A part of a table: all of it, or the rows whose home reference begins with a byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Part {
    pub(super) table: &'static str,
    pub(super) first: u8,
}

/// How many rows, and their sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Sum {
    rows: u64,
    /// Modulo 2^256, least significant limb first.
    limbs: [u64; 4],
}

impl Sum {
    pub(super) fn add(&mut self, element: &Self) {
        self.rows = self.rows.wrapping_add(element.rows);
        let mut carry = false;
        for (limb, other) in self.limbs.iter_mut().zip(element.limbs) {
            (*limb, carry) = limb.carrying_add(other, carry);
        }
    }

    /// Whether no row is in it.
    pub(super) fn is_empty(&self) -> bool {
        self.rows == 0
    }

    pub(super) fn subtract(&mut self, element: &Self) {
        self.rows = self.rows.wrapping_sub(element.rows);
        let mut borrow = false;
        for (limb, other) in self.limbs.iter_mut().zip(element.limbs) {
            (*limb, borrow) = limb.borrowing_sub(other, borrow);
        }
    }
}

/// What a transaction left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct State {
    /// How many transactions wrote something, this one included.
    pub(super) number: u64,
    /// Digest of the state before; zeros at the first.
    pub(super) before: Digest,
    /// The access log when it was written.
    pub(super) log: LogHead,
    /// References of people whom the transaction erased.
    pub(super) erased: Vec<Reference>,
    /// References, by the id before, of people whose id the transaction replaced.
    pub(super) renamed: Vec<Reference>,
    /// No part without rows stands here, so that equal stores have equal bytes.
    parts: BTreeMap<Part, Sum>,
}

/// In the bytes of a state, where a part has its table's number: a person who was erased.
const ERASED: u8 = u8::MAX;
/// The same: a person whose id was replaced.
const RENAMED: u8 = u8::MAX - 1;

impl State {
    /// Before the first transaction.
    pub(super) fn empty(log: LogHead) -> Self {
        Self {
            number: 0,
            before: Digest([0; 32]),
            log,
            erased: Vec::new(),
            renamed: Vec::new(),
            parts: BTreeMap::new(),
        }
    }

    pub(super) fn part(&self, part: Part) -> Sum {
        self.parts.get(&part).copied().unwrap_or_default()
    }

    /// The state after changes, which erased nobody.
    pub(super) fn after(&self, changes: &BTreeMap<Part, Sum>, before: Digest, log: LogHead) -> Self {
        let mut parts = self.parts.clone();
        for (part, change) in changes {
            let sum = parts.entry(*part).or_default();
            sum.add(change);
            if *sum == Sum::default() {
                parts.remove(part);
            }
        }
        Self { number: self.number + 1, before, log, erased: Vec::new(), renamed: Vec::new(), parts }
    }

    fn to_bytes(&self) -> Vec<u8> {
        let mut out = self.number.to_be_bytes().to_vec();
        out.extend_from_slice(&self.before.0);
        out.extend_from_slice(&self.log.size.to_be_bytes());
        out.extend_from_slice(&self.log.head.0);
        for (part, sum) in &self.parts {
            // Every part's table is one of them.
            let table = TABLES.iter().position(|table| *table == part.table).unwrap_or(TABLES.len());
            out.extend_from_slice(&[table as u8, part.first]);
            for word in std::iter::once(&sum.rows).chain(&sum.limbs) {
                out.extend_from_slice(&word.to_be_bytes());
            }
        }
        for (mark, people) in [(ERASED, &self.erased), (RENAMED, &self.renamed)] {
            for person in people {
                out.extend_from_slice(&[mark, 0]);
                out.extend_from_slice(person);
            }
        }
        out
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes;
        let number = u64::from_be_bytes(*taken(&mut rest)?);
        let before = Digest(*taken(&mut rest)?);
        let size = u64::from_be_bytes(*taken(&mut rest)?);
        let head = Digest(*taken(&mut rest)?);
        let (mut parts, mut erased, mut renamed) = (BTreeMap::new(), Vec::new(), Vec::new());
        while !rest.is_empty() {
            let [table, first] = *taken(&mut rest)?;
            if let ERASED | RENAMED = table {
                let people = if table == ERASED { &mut erased } else { &mut renamed };
                people.push(*taken(&mut rest)?);
                continue;
            }
            let mut words = [0; 5];
            for word in &mut words {
                *word = u64::from_be_bytes(*taken(&mut rest)?);
            }
            let [rows, limbs @ ..] = words;
            parts.insert(Part { table: TABLES.get(usize::from(table))?, first }, Sum { rows, limbs });
        }
        Some(Self { number, before, log: LogHead { size, head }, erased, renamed, parts })
    }
}

fn taken<'a, const N: usize>(rest: &mut &'a [u8]) -> Option<&'a [u8; N]> {
    let (taken, left) = rest.split_first_chunk()?;
    *rest = left;
    Some(taken)
}

/// Makes elements and digests, and seals states.
#[derive(Debug, Clone)]
pub(super) struct StateKeys {
    elements: Arc<Key>,
    seals: Arc<Key>,
    agency: Arc<str>,
}

impl StateKeys {
    pub(super) fn new(elements: Key, seals: Key, agency: &str) -> Self {
        Self { elements: Arc::new(elements), seals: Arc::new(seals), agency: agency.into() }
    }

    /// What one row adds.
    pub(super) fn element(&self, table: &str, tag: &Tag) -> Sum {
        let bytes = self.mac(&[table.as_bytes(), &tag.0]);
        let mut limbs = [0; 4];
        for (limb, chunk) in limbs.iter_mut().zip(bytes.as_chunks().0) {
            *limb = u64::from_le_bytes(*chunk);
        }
        Sum { rows: 1, limbs }
    }

    /// Names a state: nobody without the key ring can make one, nor learn from it what the store holds.
    pub(super) fn digest(&self, state: &State) -> Digest {
        Digest(self.mac(&[b"state", &state.to_bytes()]))
    }

    /// Authenticates whom a state erased, and whose id it replaced, for somebody who has the log and not the state.
    pub(super) fn people_mac(&self, number: u64, erased: &[Digest], renamed: &[Digest]) -> Digest {
        let bytes = |people: &[Digest]| -> Vec<u8> { people.iter().flat_map(|person| person.0).collect() };
        Digest(self.mac(&[b"people", &number.to_be_bytes(), &bytes(erased), &bytes(renamed)]))
    }

    pub(super) fn seal(&self, state: &State) -> Stored<Vec<u8>> {
        seal::seal(&self.seals, &self.place(), &state.to_bytes()).map_err(|_| StoreError::State)
    }

    pub(super) fn open(&self, sealed: &[u8]) -> Stored<State> {
        let bytes = seal::open(&self.seals, &self.place(), sealed).map_err(|_: Integrity| StoreError::State)?;
        State::from_bytes(&bytes).ok_or(StoreError::State)
    }

    fn place(&self) -> RowPlace<'_> {
        RowPlace { agency: &self.agency, table: "state", id: b"", version: 0, schema: b"" }
    }

    fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(self.elements.expose()).expect("any key length");
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn keys() -> StateKeys {
        StateKeys::new(Key::from_bytes(&[1; 32]), Key::from_bytes(&[2; 32]), "tax-office")
    }

    fn log() -> LogHead {
        LogHead { size: 3, head: Digest([9; 32]) }
    }

    const RECORDS: Part = Part { table: "records", first: 7 };

    fn changed(elements: &[(Part, Sum)]) -> BTreeMap<Part, Sum> {
        elements.iter().copied().collect()
    }

    #[test]
    fn what_comes_and_goes_leaves_nothing() {
        let (keys, one, other) = (keys(), Tag([1; 32]), Tag([2; 32]));
        let mut sum = Sum::default();
        for tag in [one, other, one] {
            sum.add(&keys.element("records", &tag));
        }
        assert_eq!(sum.rows, 3, "a row that stands twice counts twice");
        for tag in [other, one] {
            sum.subtract(&keys.element("records", &tag));
        }
        assert_eq!(sum, keys.element("records", &one));
        assert_ne!(keys.element("looks", &one), keys.element("records", &one));
        assert_ne!(keys.element("records", &other), keys.element("records", &one));
        sum.subtract(&keys.element("records", &one));
        assert_eq!(sum, Sum::default());
    }

    #[test]
    fn sums_carry() {
        let mut sum = Sum { rows: 1, limbs: [u64::MAX, u64::MAX, 0, 0] };
        sum.add(&Sum { rows: 1, limbs: [1, 0, 0, 0] });
        assert_eq!(sum, Sum { rows: 2, limbs: [0, 0, 1, 0] });
        sum.subtract(&Sum { rows: 1, limbs: [1, 0, 0, 0] });
        assert_eq!(sum, Sum { rows: 1, limbs: [u64::MAX, u64::MAX, 0, 0] });
    }

    #[test]
    fn a_state_opens_as_it_was_sealed_and_nowhere_else() {
        let keys = keys();
        let element = keys.element("records", &Tag([1; 32]));
        let first = State::empty(log()).after(&changed(&[(RECORDS, element)]), Digest([0; 32]), log());
        let sealed = keys.seal(&first).unwrap();
        assert_eq!(keys.open(&sealed).unwrap(), first);
        assert_eq!((first.number, first.part(RECORDS)), (1, element));
        for i in 0..sealed.len() {
            let mut flipped = sealed.clone();
            flipped[i] ^= 1;
            assert!(matches!(keys.open(&flipped), Err(StoreError::State)));
        }
        for other in [
            StateKeys::new(Key::from_bytes(&[1; 32]), Key::from_bytes(&[3; 32]), "tax-office"),
            StateKeys::new(Key::from_bytes(&[1; 32]), Key::from_bytes(&[2; 32]), "civil-registry"),
        ] {
            assert!(other.open(&sealed).is_err());
        }
        // Another number, log or sum is another state.
        let others = [
            State { number: 2, ..first.clone() },
            State { erased: vec![[5; 32]], ..first.clone() },
            State { renamed: vec![[5; 32]], ..first.clone() },
            State { before: Digest([1; 32]), ..first.clone() },
            State { log: LogHead { size: 4, ..log() }, ..first.clone() },
            State::empty(log()).after(&changed(&[(Part { first: 8, ..RECORDS }, element)]), Digest([0; 32]), log()),
        ];
        for other in others {
            assert_ne!(keys.digest(&other), keys.digest(&first));
        }
        let erasing = State { erased: vec![[5; 32], [6; 32]], renamed: vec![[7; 32]], ..first.clone() };
        assert_eq!(keys.open(&keys.seal(&erasing).unwrap()).unwrap(), erasing);
        // Somebody who moves people from one change to another, or adds one, has no MAC for it.
        let people = [Digest([5; 32]), Digest([6; 32])];
        let mac = keys.people_mac(7, &people, &[]);
        let others: [(u64, &[Digest], &[Digest]); 5] = [
            (8, &people, &[]),
            (7, &people[..1], &[]),
            (7, &[people[1], people[0]], &[]),
            (7, &people[..1], &people[1..]),
            (7, &[], &people),
        ];
        for (number, erased, renamed) in others {
            assert_ne!(keys.people_mac(number, erased, renamed), mac);
        }
        // A part whose last row goes is no part.
        let mut gone = Sum::default();
        gone.subtract(&element);
        assert!(first.after(&changed(&[(RECORDS, gone)]), Digest([0; 32]), log()).parts.is_empty());
    }
}
