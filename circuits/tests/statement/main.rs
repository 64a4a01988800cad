//! The statement as a whole: true statements are provable, false ones fail in the obligation that they violate.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::zero_prefixed_literal,
    clippy::inconsistent_digit_grouping
)]
#![allow(missing_docs)]

mod attack;
mod boundaries;
mod corruptors;
mod determined;
mod matrices;
mod policies;
mod random_cases;
mod tampered;
mod torsion;

use sealroot_circuits::{Assignment, Obligation, matrices as matrices_of};
use std::collections::BTreeSet;

/// The obligations whose constraints the assignment violates, with an honest prover's advice.
fn violated(assignment: &Assignment) -> BTreeSet<Obligation> {
    let matrices = matrices_of(assignment.shape());
    let rows = matrices.unsatisfied(&assignment.full());
    rows.into_iter().map(|row| matrices.obligation_of(row).unwrap()).collect()
}

/// The obligations that the native twins say are violated.
fn natively_violated(assignment: &Assignment) -> BTreeSet<Obligation> {
    Obligation::ALL.iter().copied().filter(|o| !o.holds(assignment)).collect()
}
