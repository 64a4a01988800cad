//! What a prover does: a holder's consent and the records become the proof of one part. An agency proves from its own vault, a prover whom a household
//! chose from what its members released.
//!
//! Read in this order, which is the order of the checks: [`request`] (who asks, under which law, and whether the holder consented) → [`own`] or
//! [`released`] (the records) → [`records`] (under which roots they stand, and which agency vouches for their signers) → [`part`] (the proof).
//! Each step takes what the one before returned, so that none can be left out.
//!
//! Guarantee: no record is opened for a request that a verifier would reject, and nothing is proved about a record that no agency anchored.
//! Non-guarantee: that a prover keeps to itself what it saw. The records are in its memory in the clear.
//!
//! ```
//! use sealroot_chain::Chain;
//! use sealroot_parties_ports::Documents;
//! use sealroot_prover_party::{CheckRequestError, CheckedRequest, ProveInput, check_request};
//! use sealroot_verifier::universal_key::UniversalKeys;
//!
//! /// Records can be opened by what this returned, and by nothing else.
//! async fn accept(input: ProveInput, chain: &impl Chain, published: &impl Documents, keys: &UniversalKeys) -> Result<CheckedRequest, CheckRequestError> {
//!     check_request(input, chain, published, keys).await
//! }
//! ```

mod own;
mod part;
mod records;
mod released;
mod request;

pub use own::{OwnRecordError, WhoseRecord};
pub use part::{PartError, ProvingKeys, Stage};
pub use records::{CheckRecordsError, CheckedRecords, OpenedRecords};
pub use released::{ReleasedFile, ReleasedRecordError};
pub use request::{CheckRequestError, CheckedRequest, ProveInput, check_request};
