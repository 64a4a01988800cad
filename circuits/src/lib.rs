//! The eligibility statement of `docs/spec/statement.md` as a constraint system.
//!
//! Guarantee: for words that are [`ValidWords`](sealroot_protocol::machine::ValidWords), public inputs have a
//! satisfying witness only if a record under the given root, of the policy's schema and period, of this applicant,
//! whose holder consented to this request, has this decision, these outputs and this nullifier.
//! Non-guarantees: that the words are valid (whoever derives a policy key checks that), that the agency told the
//! truth, that a key was not lent.
//!
//! Reading order: [`wires`], what the statement is about; [`obligation`], what must hold, one file each; [`gadget`],
//! the relations they are built of; [`system`], how the same code becomes constraints or values; [`Assignment`], an
//! honest prover's witness; [`EligibilityCircuit`], what proving systems take.

pub mod assignment;
pub mod circuit;
pub mod gadget;
mod integer;
pub mod obligation;
pub mod system;
pub mod table;
pub mod wires;

pub use assignment::{Assignment, RecordWitness, Witness, WitnessError};
pub use circuit::{EligibilityCircuit, matrices};
pub use obligation::Obligation;
pub use table::{Cost, costs};
