//! The machine's rules to be: combinations of facts, registers over them, and how truth values become conditions.

mod arithmetic;
mod clauses;
mod emit;
mod formula;
mod graph;
mod linear;

pub(crate) use clauses::{Bounds, Ways};
pub use emit::Usage;
pub(crate) use emit::{Emitted, Emitter, Shown};
pub(crate) use formula::{Formula, Test};
pub(crate) use graph::{Graph, Household, NodeLine, TextFact, TextSide};
pub(crate) use linear::{Atom, Linear, MemberFact};
