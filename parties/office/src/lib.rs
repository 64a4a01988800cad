//! What an office does: ask about one applicant, put the answer together, verify it, decide.
//!
//! [`ask()`] (a signed request under the policies in force) → [`bundle()`] (parts become one document) → [`verify()`] (against the chain, now) →
//! [`decide()`] (an approval is entered on chain, and comes back with its evidence) or [`date_refusals`] (many refusals by one root). What turns out to be too much is
//! taken back by two clerks: [`sign_reduction`], [`enter_reduction`].
//!
//! Guarantee: what is entered or dated on chain is what [`verify()`] returned. What was interrupted is finished when it is run again.
//! Non-guarantee: that a refusal is dated at all. Only the office can do it, and nobody sees that it didn't.
//!
//! ```
//! use sealroot_chain::Chain;
//! use sealroot_office::{Decided, Entering, VerifyError, decide};
//! use sealroot_protocol::{bundle::Bundle, signature::Signer};
//! use sealroot_verifier::universal_key::UniversalKeys;
//!
//! /// Nothing is entered that was not verified here and now; the bundle comes back with what an auditor needs.
//! async fn settle(bundle: Bundle, chain: &impl Chain, keys: &UniversalKeys, sender: &dyn Signer) -> Result<Bundle, VerifyError> {
//!     let entering = Entering { sender, assurance: bundle.program.decided_by.usual() };
//!     let Decided { decision, bundle, .. } = decide(bundle, chain, keys, entering).await?;
//!     assert_eq!(decision.approved, bundle.decision.approved);
//!     Ok(bundle)
//! }
//! ```

mod ask;
mod batch;
mod bundle;
mod checkpoint;
mod decide;
mod reduce;
mod refusals;
mod show;
mod verify;

pub use ask::{AskError, AskInput, Asked, ask};
pub use batch::{BatchStore, BegunBatch};
pub use bundle::{BundleError, NamedPart, bundle};
pub use checkpoint::{CheckpointError, EVERY, show_request_signed, sign_checkpoint};
pub use decide::{Decided, Entering, decide};
pub use reduce::{ReduceError, ReduceInput, Reduced, enter_reduction, sign_reduction};
pub use refusals::{DateError, Dated, NamedBundle, date_refusals};
pub use show::{ShowError, Shown, show_request};
pub use verify::{VerifyError, verify};
