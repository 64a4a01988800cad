//! The machine's rules to be: combinations of facts, registers over them, and how truth values become conditions.

mod arithmetic;
mod bounded;
mod clauses;
mod conjunction;
mod emit;
mod formula;
mod graph;
mod linear;
mod related;
mod set;

pub(crate) use clauses::{Bounds, Ways, digits};
pub use emit::Usage;
pub(crate) use emit::{Emitted, Emitter, Shown};
pub(crate) use formula::{Formula, Test};
pub(crate) use graph::{Graph, Household, NodeLine, TextFact, TextSide};
pub(crate) use linear::{Atom, Linear, MemberFact};
