//! Records: 32 attributes about one subject and one period, committed as one leaf (`docs/spec/statement.md`, leaf).

use crate::{
    curve::PublicKey,
    date::{Date, FactsPeriod},
    field::{F, field_newtype},
    poseidon,
    schema::{ATTRIBUTES, SchemaId},
    tag::Tag,
};
use ark_ff::{AdditiveGroup, Zero};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

field_newtype! {
    /// Pseudonymous person id shared between agencies: a keyed PRF of the national id, never the id itself.
    Subject
}
field_newtype! {
    /// Keyed PRF of the record's business key; survives re-issue, re-import and erasure.
    Serial
}
field_newtype! {
    /// At least 128 fresh random bits per version of a record: without it a leaf could be found by guessing attributes.
    Salt
}
field_newtype! {
    /// A record's place in the tree; [`Leaf::EMPTY`] for none.
    Leaf
}

impl Leaf {
    /// The empty leaf: no record hashes to it.
    pub const EMPTY: Self = Self(F::ZERO);
}

/// Attributes that one step of their digest takes.
const BLOCK: usize = 8;
/// Records whose attributes are copied together on their way into the hash.
const GROUP: usize = 64;

/// The attributes, in the schema's order; unused ones are 0. Zeroised when dropped.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Attributes(pub [F; ATTRIBUTES]);

impl Attributes {
    /// `h_4` of `h_{i+1} = Poseidon(tag, h_i, a_{8i} … a_{8i+7})`, `h_0 = 0`.
    pub fn digest(&self) -> F {
        (0..ATTRIBUTES / BLOCK).fold(F::zero(), |h, i| poseidon::hash(Tag::Attributes, self.digest_inputs(i, h)))
    }

    /// What step `i` of the digest hashes, given what the step before gave.
    fn digest_inputs(&self, i: usize, before: F) -> [F; BLOCK + 1] {
        let mut input = [before; BLOCK + 1];
        input[1..].copy_from_slice(&self.0[i * BLOCK..(i + 1) * BLOCK]);
        input
    }
}
impl std::fmt::Debug for Attributes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Attributes(…)")
    }
}
impl Serialize for Attributes {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_seq(self.0.iter().map(|x| crate::field::to_hex(*x)))
    }
}
impl<'de> Deserialize<'de> for Attributes {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        let texts: Vec<String> = Vec::deserialize(d)?;
        let values =
            texts.iter().map(|t| crate::field::from_hex(t)).collect::<Result<Vec<_>, _>>().map_err(D::Error::custom)?;
        values.try_into().map(Self).map_err(|_| D::Error::custom("a record has exactly 32 attributes"))
    }
}

/// Typed attributes about one subject and one period. Its `Debug` shows nothing: salt and serial would unblind the leaf.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// What the attributes mean.
    pub schema_id: SchemaId,
    /// The facts.
    pub attributes: Attributes,
    /// The holder's key; none for someone without a wallet, who can be a household member but can't consent.
    pub holder: Option<PublicKey>,
    /// First day from which this key may earn holder nullifiers; none (0) at a first enrolment.
    pub holder_since: Option<Date>,
    /// The person or household that the facts are about.
    pub subject: Subject,
    /// What period they are about.
    pub period: FactsPeriod,
    /// Stable identity of the record.
    pub serial: Serial,
    /// Fresh per version.
    pub salt: Salt,
}

impl std::fmt::Debug for Record {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Record(…)")
    }
}

impl Record {
    /// The commitment.
    pub fn leaf(&self) -> Leaf {
        self.leaf_with_digest(self.attributes.digest())
    }

    /// The commitment, given the attributes digest.
    pub fn leaf_with_digest(&self, attributes_digest: F) -> Leaf {
        Leaf(poseidon::hash(Tag::Leaf, self.leaf_inputs(attributes_digest)))
    }

    fn leaf_inputs(&self, attributes_digest: F) -> [F; 9] {
        let (x, y) = self.holder_coordinates();
        [
            self.schema_id.0,
            attributes_digest,
            x,
            y,
            F::from(self.holder_since_value()),
            self.subject.0,
            F::from(self.period.value()),
            self.serial.0,
            self.salt.0,
        ]
    }

    /// The key's coordinates in the leaf; (0, 0), which is off the curve, for none.
    pub fn holder_coordinates(&self) -> (F, F) {
        self.holder.map_or((F::zero(), F::zero()), |key| (key.x(), key.y()))
    }

    /// `holder_since` in the leaf.
    pub fn holder_since_value(&self) -> u32 {
        self.holder_since.map_or(0, Date::yyyymmdd)
    }
}

/// [`Attributes::digest`] of each, in order, many at once ([`poseidon::hash_many`]): four fifths of what a leaf costs, and known before the rest of its record is.
/// The copies that are made on the heap are zeroised.
pub fn digests(attributes: &[&Attributes]) -> Vec<F> {
    let mut out = Vec::with_capacity(attributes.len());
    for group in attributes.chunks(GROUP) {
        let mut digests = vec![F::zero(); group.len()];
        for i in 0..ATTRIBUTES / BLOCK {
            let inputs = group.iter().zip(&digests).map(|(attributes, before)| attributes.digest_inputs(i, *before));
            digests = poseidon::hash_many(Tag::Attributes, &Zeroizing::new(inputs.collect::<Vec<_>>()));
        }
        out.extend(digests);
    }
    out
}

/// [`Record::leaf_with_digest`] of each, in order, many at once. The copies that are made on the heap are zeroised.
pub fn leaves_with_digests(records: &[(&Record, F)]) -> Vec<Leaf> {
    let mut out = Vec::with_capacity(records.len());
    for group in records.chunks(GROUP) {
        let inputs =
            Zeroizing::new(group.iter().map(|(record, digest)| record.leaf_inputs(*digest)).collect::<Vec<_>>());
        out.extend(poseidon::hash_many(Tag::Leaf, &inputs).into_iter().map(Leaf));
    }
    out
}

/// [`Record::leaf`] of each, in order, many at once.
pub fn leaves(records: &[&Record]) -> Vec<Leaf> {
    let digests = digests(&records.iter().map(|record| &record.attributes).collect::<Vec<_>>());
    leaves_with_digests(&records.iter().copied().zip(digests).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::curve::{Point, PublicKey, Scalar};

    /// Numbers around packs and groups; no two records agree in any field.
    #[test]
    fn many_leaves_are_the_leaves() {
        let key = |n: u64| PublicKey::new(Point::base8() * &Scalar::from_uniform_bytes(&[n as u8 + 1; 64])).unwrap();
        let f = |n: u64, i: u64| F::from(n * 1_000_003 + i) * F::from(u64::MAX - n);
        let records: Vec<Record> = (0..130)
            .map(|n| Record {
                schema_id: SchemaId(f(n, 1)),
                attributes: Attributes(std::array::from_fn(|i| -f(n, 10 + i as u64))),
                holder: (n % 3 == 0).then(|| key(n)),
                holder_since: (n % 2 == 0).then(|| "2025-11-30".parse().unwrap()),
                subject: Subject(f(n, 2)),
                period: if n % 5 == 0 { FactsPeriod::Timeless } else { FactsPeriod::From("2025-11".parse().unwrap()) },
                serial: Serial(f(n, 3)),
                salt: Salt(f(n, 4)),
            })
            .collect();
        let expected: Vec<Leaf> = records.iter().map(Record::leaf).collect();
        for count in (0..=17).chain([63, 64, 65, 130]) {
            let some: Vec<&Record> = records[..count].iter().collect();
            assert_eq!(leaves(&some), expected[..count], "{count} records");
            let attributes: Vec<&Attributes> = some.iter().map(|record| &record.attributes).collect();
            let one_by_one: Vec<F> = attributes.iter().map(|attributes| attributes.digest()).collect();
            assert_eq!(digests(&attributes), one_by_one, "{count} digests");
        }
    }

    /// A leaf fixes all of its record: none of it can be changed under the same leaf, nor moved to another place of it.
    #[test]
    fn everything_in_a_record_changes_its_leaf() {
        let key = |n: u8| PublicKey::new(Point::base8() * &Scalar::from_uniform_bytes(&[n; 64])).unwrap();
        let f = |i: u64| F::from(i);
        let record = Record {
            schema_id: SchemaId(f(1)),
            attributes: Attributes(std::array::from_fn(|i| f(10 + i as u64))),
            holder: Some(key(1)),
            holder_since: Some("2025-11-30".parse().unwrap()),
            subject: Subject(f(2)),
            period: FactsPeriod::From("2025-11".parse().unwrap()),
            serial: Serial(f(3)),
            salt: Salt(f(4)),
        };
        let with = |change: &dyn Fn(&mut Record)| {
            let mut changed = record.clone();
            change(&mut changed);
            changed.leaf()
        };
        let mut leaves = vec![
            record.leaf(),
            with(&|r| r.schema_id = SchemaId(f(9))),
            with(&|r| r.holder = None),
            with(&|r| r.holder = Some(key(2))),
            with(&|r| r.holder_since = None),
            with(&|r| r.holder_since = Some("2025-12-01".parse().unwrap())),
            with(&|r| r.subject = Subject(f(9))),
            with(&|r| r.period = FactsPeriod::Timeless),
            with(&|r| r.serial = Serial(f(9))),
            with(&|r| r.salt = Salt(f(9))),
            with(&|r| (r.serial, r.salt) = (Serial(r.salt.0), Salt(r.serial.0))),
        ];
        leaves.extend((0..ATTRIBUTES).map(|i| with(&|r| r.attributes.0[i] += f(1000))));
        leaves.extend((1..ATTRIBUTES).map(|i| with(&|r| r.attributes.0.swap(i - 1, i))));
        let different: std::collections::BTreeSet<Leaf> = leaves.iter().copied().collect();
        assert_eq!(different.len(), leaves.len());

        // As `docs/spec/statement.md` writes it, by the textbook form of the hash.
        let hash = |tag: Tag, inputs: &[F]| poseidon::circomlib(&[&[tag.value()], inputs].concat()).unwrap();
        let digest = record.attributes.0.chunks(8).fold(f(0), |h, a| hash(Tag::Attributes, &[&[h], a].concat()));
        let (x, y) = (key(1).x(), key(1).y());
        let stated = [f(1), digest, x, y, f(20_251_130), f(2), f(202_511), f(3), f(4)];
        assert_eq!(record.leaf().0, hash(Tag::Leaf, &stated));
        let (none, since) = (Record { holder: None, holder_since: None, ..record.clone() }, f(0));
        let stated = [f(1), digest, f(0), f(0), since, f(2), f(202_511), f(3), f(4)];
        assert_eq!(none.leaf().0, hash(Tag::Leaf, &stated));
    }
}
