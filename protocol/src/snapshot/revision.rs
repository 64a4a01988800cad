//! The contracts' two revisions. What was decided under the first one is audited for years, beside what is decided under the second.

use std::fmt;

/// By which contracts' layout entries are read. Nothing in a bundle may choose it: the reader knows which contracts it reads, an auditor by the trust file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revision {
    /// The first contracts. Nothing is deployed with them any more; what they hold is read for ever.
    First,
    /// Those in `contracts/`.
    Second,
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::First => "the first contracts",
            Self::Second => "contracts of revision 2",
        })
    }
}

/// What an entry says of something that the first contracts held nothing about. An entry of today's that says "none" is another thing, and no check treats the two alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held<T> {
    /// An entry of the first contracts.
    Unheld,
    /// An entry of today's.
    Held(T),
}

impl<T> Held<T> {
    /// What is held; none of the first contracts' entries.
    pub fn held(self) -> Option<T> {
        match self {
            Self::Unheld => None,
            Self::Held(held) => Some(held),
        }
    }

    /// Whether `test` holds of what is held. Of the first contracts' entries there is nothing to test.
    pub fn unheld_or(&self, test: impl FnOnce(&T) -> bool) -> bool {
        match self {
            Self::Unheld => true,
            Self::Held(held) => test(held),
        }
    }
}
