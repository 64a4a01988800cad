//! The error catalogue: one code for everything that can fail, whose it is to mend, what to do, exit code and HTTP status.
//!
//! Guarantee: a code is the same wherever the failure shows, in a verb, a service, a page or an audit, and never changes its meaning.
//! `docs/ERRORS.md` is generated from it.

mod table;

pub use table::Code;

use std::{error::Error, fmt};

/// What kind of failure a code stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// A check rejected what it was given. Nothing was done.
    Rejected,
    /// Wrong use, or input that can't be read.
    BadInput,
    /// What was named doesn't exist.
    NotFound,
    /// What was to be made exists already.
    Conflict,
    /// The input is larger than the limit.
    TooLarge,
    /// Nobody said who asks.
    Unauthenticated,
    /// Another may do it.
    Forbidden,
    /// Too much at a time.
    TooMany,
    /// A file, database or chain can't be used now.
    Unavailable,
    /// What is stored isn't what was stored.
    Damaged,
}

impl Class {
    /// Exit code of a verb: 1, a check rejected; 2, wrong use, bad input, or something that can't be used now.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Rejected | Self::Damaged | Self::Forbidden => 1,
            Self::BadInput
            | Self::NotFound
            | Self::Conflict
            | Self::TooLarge
            | Self::Unauthenticated
            | Self::TooMany
            | Self::Unavailable => 2,
        }
    }

    /// What it is, in a few words.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Rejected => "A check rejected it",
            Self::BadInput => "It can't be read or used",
            Self::NotFound => "It doesn't exist",
            Self::Conflict => "It exists already",
            Self::TooLarge => "It is too large",
            Self::Unauthenticated => "Nobody said who asks",
            Self::Forbidden => "Another may do this",
            Self::TooMany => "Too much at a time",
            Self::Unavailable => "Something that is needed can't be used now",
            Self::Damaged => "What is stored isn't what was stored",
        }
    }

    /// HTTP status of a service's problem document (RFC 9457, RFC 9110 section 15).
    pub const fn http_status(self) -> u16 {
        match self {
            Self::Rejected => 422,
            Self::BadInput => 400,
            Self::NotFound => 404,
            Self::Conflict => 409,
            Self::TooLarge => 413,
            Self::Unauthenticated => 401,
            Self::Forbidden => 403,
            Self::TooMany => 429,
            Self::Unavailable => 503,
            Self::Damaged => 500,
        }
    }
}

/// The party that can mend a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Party {
    /// The person or program that gave the command or sent the call.
    Caller,
    /// The party that put the document together, or changed it since.
    Sender,
    /// The office that asked.
    Office,
    /// The holder, or the holder's representative.
    Holder,
    /// The prover of a part.
    Prover,
    /// The agency that holds the record.
    Agency,
    /// The officers who enact laws and programs.
    Officer,
    /// The author of a policy, schema or program text.
    Author,
    /// The operator of this machine: its disk, clock, keys and configuration.
    Operator,
}

/// An error with a code. Every error that reaches a user has one.
pub trait Coded: Error {
    /// The code.
    fn code(&self) -> Code;

    /// What to do about it, where this place knows better than [`Code::remedy`].
    fn advice(&self) -> Option<String> {
        None
    }
}

impl<E: Coded + ?Sized> Coded for &E {
    fn code(&self) -> Code {
        (**self).code()
    }

    fn advice(&self) -> Option<String> {
        (**self).advice()
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl serde::Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn codes_are_kebab_case_and_stand_once() {
        let mut seen = HashSet::new();
        for code in Code::ALL {
            let text = code.as_str();
            assert!(seen.insert(text), "{text} stands twice");
            let word =
                |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
            assert!(text.split('-').all(word), "{text}");
        }
    }
}
