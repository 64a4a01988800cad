//! The statement: one file per obligation, named as in `docs/spec/statement.md`.
//!
//! Each has three readings, and tests hold them to one another: `enforce`, the constraints; `holds`, the native twin;
//! `derive`, what an honest prover fills in. An obligation relates wires to wires, so a tampered wire fails in the
//! obligation that defines it and nowhere else.

pub mod applicant;
pub mod attributes;
pub mod conditions;
pub mod consent;
pub mod decision;
pub mod facts_period;
pub mod hash_to_curve;
pub mod household;
pub mod leaf;
mod line;
pub mod nullifier;
pub mod path;
pub mod registers;
pub mod scope;
pub mod spare_words;

use crate::{system::System, wires::Wires};
use registers::members;
use sealroot_protocol::field::F;
use std::fmt;

macro_rules! obligations {
    ($($(#[$doc:meta])* $variant:ident = $module:ident, $name:literal;)*) => {
        /// A part of the statement.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Obligation { $($(#[$doc])* $variant,)* }

        impl Obligation {
            /// In the order of the specification, in which each obligation's wires depend only on earlier ones'.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The heading in the specification.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Adds its constraints.
            pub fn enforce<S: System>(self, sys: &mut S, wires: &Wires<S::Num>) {
                match self { $(Self::$variant => $module::enforce(sys, wires),)* }
            }

            /// The native twin: whether an honest prover's advice satisfies the constraints.
            pub fn holds(self, wires: &Wires<F>) -> bool {
                match self { $(Self::$variant => $module::holds(wires),)* }
            }

            /// Fills in the wires that it defines, from those it reads.
            pub fn derive(self, wires: &mut Wires<F>) {
                match self { $(Self::$variant => $module::derive(wires),)* }
            }
        }
    };
}

obligations! {
    /// The scope is opened.
    Scope = scope, "scope";
    /// The facts are about the period that the policy asks for.
    FactsPeriod = facts_period, "facts period";
    /// Each member has a slot.
    Household = household, "household";
    /// Integer attributes have 64 bits.
    Attributes = attributes, "attributes";
    /// The leaf commits to the record.
    Leaf = leaf, "leaf";
    /// The tree contains the leaf.
    Path = path, "path";
    /// Member registers.
    MemberRegisters = members, "member registers";
    /// Registers.
    Registers = registers, "registers";
    /// Conditions.
    Conditions = conditions, "conditions";
    /// Requirements, decision, outputs, reasons.
    Decision = decision, "decision";
    /// The record is the applicant's.
    Applicant = applicant, "applicant";
    /// The base of the nullifier.
    HashToCurve = hash_to_curve, "hash to curve";
    /// The holder agreed to this request.
    Consent = consent, "consent";
    /// The nullifier is the one this holder or record has.
    Nullifier = nullifier, "nullifier";
    /// Words without meaning are 0.
    SpareWords = spare_words, "spare words";
}

impl fmt::Display for Obligation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Whether deriving an obligation's wires anew gives the same ones.
fn is_derived(wires: &Wires<F>, derive: fn(&mut Wires<F>)) -> bool {
    let mut again = wires.clone();
    derive(&mut again);
    again == *wires
}
