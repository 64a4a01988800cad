//! What a table can't have: questions about rows that came with nobody are answered without asking the database.
//!
//! An import asks for each row of its file whether the vault has it, and mostly it doesn't. Guarantee: a reference that [`Known::may_have`] excludes belongs to no row that the
//! transaction sees. It is a Bloom filter, filled while all rows of a table are read and compared with their sum, and with each row that is written; so the answer is as
//! authentic as the rows are. Its size is fixed: with rows far beyond its bits it excludes nothing, and then the database is asked as before.

use crate::store::{LookRow, RecordRow, Reference};

/// Bits of the filter, 2 MiB. With 1,000,000 records and ids, 7 of 100 questions about others are asked in vain.
const BITS: usize = 1 << 24;
/// Bits that a reference sets. It is a keyed hash itself, so its bytes are as good as hashes of it, and nobody chooses them.
const MARKS: usize = 4;

/// Tables of which all rows were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    /// Lookups and serials of records.
    Records,
    /// People whose ids there are, and skeletons of ids that aren't in ASCII.
    Looks,
}

/// References of rows, all in one filter: references of two kinds are never the same.
#[derive(Default)]
pub(super) struct Known {
    bits: Vec<u64>,
    records: bool,
    looks: bool,
}

impl Known {
    /// Before all rows of a table are read. Without it nothing of the table is excluded.
    pub(super) fn begin(&mut self, of: Of) {
        self.bits.resize(BITS / 64, 0);
        match of {
            Of::Records => self.records = true,
            Of::Looks => self.looks = true,
        }
    }

    /// A record that is there, live or not.
    pub(super) fn add_record(&mut self, row: &RecordRow) {
        if self.records {
            self.add(&row.lookup);
            self.add(&row.serial);
        }
    }

    /// The look of an id that is there.
    pub(super) fn add_look(&mut self, row: &LookRow) {
        if self.looks {
            self.add(&row.subject);
            if !row.ascii {
                self.add(&row.skeleton);
            }
        }
    }

    pub(super) fn may_have(&self, of: Of, reference: &Reference) -> bool {
        let all_are_in = match of {
            Of::Records => self.records,
            Of::Looks => self.looks,
        };
        !all_are_in || marks(reference).all(|(word, bit)| self.bits[word] & bit != 0)
    }

    /// Those that the table may have.
    pub(super) fn among(&self, of: Of, references: &[Reference]) -> Vec<Reference> {
        references.iter().filter(|reference| self.may_have(of, reference)).copied().collect()
    }

    fn add(&mut self, reference: &Reference) {
        for (word, bit) in marks(reference) {
            self.bits[word] |= bit;
        }
    }
}

fn marks(reference: &Reference) -> impl Iterator<Item = (usize, u64)> {
    reference.as_chunks::<4>().0.iter().skip(1).take(MARKS).map(|bytes| {
        let at = u32::from_le_bytes(*bytes) as usize % BITS;
        (at / 64, 1 << (at % 64))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Tag;

    fn reference(n: u64) -> Reference {
        use sha2::Digest as _;
        sha2::Sha256::digest(n.to_be_bytes()).into()
    }

    fn look(n: u64, ascii: bool) -> LookRow {
        let (skeleton, subject) = (reference(2 * n), reference(2 * n + 1));
        LookRow { skeleton, subject, ascii, small: false, capital: false, line: None, tag: Tag::default() }
    }

    #[test]
    fn what_was_added_is_known_and_most_else_is_not() {
        let mut known = Known::default();
        known.add_look(&look(0, true));
        assert!(known.may_have(Of::Looks, &reference(9)), "before all rows were read, nothing is excluded");
        known.begin(Of::Looks);
        assert!(
            !known.may_have(Of::Looks, &reference(1)),
            "what was written before is among the rows that are read then"
        );
        assert!(known.may_have(Of::Records, &reference(9)), "another table's rows weren't read");
        (0..10_000).for_each(|n| known.add_look(&look(n, n % 2 == 0)));
        for n in 0..10_000 {
            let row = look(n, n % 2 == 0);
            assert!(known.may_have(Of::Looks, &row.subject));
            assert!(row.ascii || known.may_have(Of::Looks, &row.skeleton));
        }
        let others: Vec<Reference> = (50_000..60_000).map(reference).collect();
        let asked = [&[look(7, false).subject], &others[..]].concat();
        let among = known.among(Of::Looks, &asked);
        assert_eq!(among[0], asked[0]);
        assert!(among.len() < 10, "{}", among.len());
    }
}
