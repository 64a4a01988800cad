//! The versions of the compiler. Each turns a text into its own words, always: a manifest names the one that made it, and an auditor compiles
//! the text with that one.
//!
//! `docs/spec/lowering.md` specifies them. Where they differ is said here, in [`Forms`], and nowhere else.

/// The version that new policies are compiled with, as manifests name it: raised with the first release in which any text compiles to other
/// words than before. An auditor with a later release compiles with the one that a manifest names, instead of finding that "the text says
/// something else".
///
/// Not the number of a release: two officers with two releases derive the same manifest as long as texts become the same words.
pub const COMPILER: u32 = CompilerVersion::NEWEST.number();

/// Which words a text becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CompilerVersion {
    /// Each value as it is written: one register a question and an operation.
    One,
    /// Equal questions are one in more cases, and what is joined by `&&` and `||` takes a register less.
    Two,
}

impl CompilerVersion {
    /// Every version there is.
    pub const ALL: [Self; 2] = [Self::One, Self::Two];
    /// What [`compile`](crate::compile()) compiles with.
    pub const NEWEST: Self = Self::Two;

    /// As manifests name it.
    pub const fn number(self) -> u32 {
        match self {
            Self::One => 1,
            Self::Two => 2,
        }
    }

    /// The one that a manifest names; `None` if it is another program's.
    pub fn of_number(number: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|version| version.number() == number)
    }

    /// The forms that are tried, in this order: a text becomes what the first of them makes of it that compiles.
    pub(crate) const fn forms(self) -> &'static [Forms] {
        match self {
            Self::One => &[Forms::FIRST],
            Self::Two => &[Forms::CHEAPER, Forms::APART],
        }
    }
}

/// The choices that a version makes, each `false` in the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Forms {
    /// Lines of tests, floors and known ranges are divided by what their weights have in common.
    pub primitive: bool,
    /// `L = 0` where L is never on one side of 0, and membership in a run from an end of the range, are `≥ 0`; a set is its complement where
    /// that is smaller.
    pub ends: bool,
    /// A test of a register is one of the line under it, and so are a floor of a floor and a maximum of a maximum.
    pub through: bool,
    /// A maximum, minimum or floor is computed from a register that has the opposite or a shifted line.
    pub related: bool,
    /// What can have one value only is a constant.
    pub fixed: bool,
    /// One test of a conjunction carries the others: `L − M·(how many of the others fail) ≥ 0`.
    pub carried: bool,
    /// A choice by tests that take no register is a maximum: `max(0, L − M·(how many fail))`.
    pub bounded: bool,
    /// An output that is the opposite of a comparison shows the comparison of the opposite line.
    pub turned: bool,
    /// The indicator of a set takes a register for each end of its runs.
    pub runs: bool,
    /// What is summed over members with a constant of 2^40 or more is a register of each member: the machine can't multiply the number of members
    /// by such a constant. And a sum lies between as many times its least and its most value as there are members, so that members who are no
    /// children are never fewer than none. Tried for a text that doesn't compile otherwise.
    pub apart: bool,
    /// Each `&&` of a requirement that may be split has ways of its own, and the search goes on where all ways are too many to try.
    pub searched: bool,
}

impl Forms {
    const FIRST: Self = Self {
        primitive: false,
        ends: false,
        through: false,
        related: false,
        fixed: false,
        carried: false,
        bounded: false,
        turned: false,
        runs: false,
        apart: false,
        searched: false,
    };
    const CHEAPER: Self = Self {
        primitive: true,
        ends: true,
        through: true,
        related: true,
        fixed: true,
        carried: true,
        bounded: true,
        turned: true,
        runs: true,
        apart: false,
        searched: true,
    };
    const APART: Self = Self { apart: true, ..Self::CHEAPER };
}

#[cfg(test)]
mod tests {
    use super::{COMPILER, CompilerVersion};

    #[test]
    fn the_newest_is_the_last() {
        assert_eq!(CompilerVersion::ALL.map(CompilerVersion::number), [1, 2]);
        assert_eq!(CompilerVersion::of_number(COMPILER), Some(CompilerVersion::NEWEST));
        assert_eq!(CompilerVersion::ALL.last(), Some(&CompilerVersion::NEWEST));
        assert!(CompilerVersion::of_number(0).is_none() && CompilerVersion::of_number(3).is_none());
    }
}
