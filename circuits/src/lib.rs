//! The eligibility statement of `docs/spec/statement.md` as a constraint system.
//!
//! Guarantee: for words that are [`ValidWords`](sealroot_protocol::machine::ValidWords), public inputs have a
//! satisfying witness only if a record under the given root, of the policy's schema and period, of this applicant,
//! whose holder consented to this request, has this decision, these outputs and this nullifier.
//! Non-guarantees: that the words are valid (deriving a policy key checks that), that the agency told the
//! truth, that a key was not lent.
//!
//! Reading order: [`wires`], what the statement is about; [`obligation`], what must hold, one file each; [`gadget`],
//! the relations they are built of; [`system`], how the same code becomes constraints or values; [`Assignment`], an
//! honest prover's witness; [`EligibilityCircuit`], what proving systems take.
//!
//! Every constraint belongs to one obligation, and the whole statement about one person fits 2^15 rows:
//!
//! ```
//! use sealroot_circuits::{Obligation, costs, matrices};
//! use sealroot_protocol::machine::Shape;
//!
//! let solo = matrices(Shape::Solo);
//! assert!(solo.size() <= 1 << 15);
//! let consent = costs(Shape::Solo).into_iter().find(|cost| cost.obligation == Obligation::Consent);
//! assert!(consent.is_some_and(|cost| cost.constraints > 0 && cost.words == 0), "no policy can waive consent");
//! ```

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
