//! What an office does: ask about one applicant, put the answer together, verify it, decide.
//!
//! [`ask()`] (a signed request under the policies in force) → [`bundle()`] (parts become one document) → [`verify()`] (against the chain, now) →
//! [`decide()`] (an approval is entered on chain, and comes back with its evidence) or [`date_refusals`] (many refusals by one root).
//!
//! Guarantee: what is entered or dated on chain is what [`verify()`] returned. What was interrupted is finished when it is run again.
//! Non-guarantee: that a refusal is dated at all. Only the office can do it, and nobody sees that it didn't.

mod ask;
mod batch;
mod bundle;
mod decide;
mod refusals;
mod verify;

pub use ask::{AskError, AskInput, Asked, ask};
pub use batch::{BatchStore, BegunBatch};
pub use bundle::{BundleError, bundle};
pub use decide::{Decided, decide};
pub use refusals::{DateError, Dated, NamedBundle, date_refusals};
pub use verify::{VerifyError, verify};
