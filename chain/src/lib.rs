//! The chain: typed calls to the contracts, and hosts that run them.
//!
//! Reading order: [`contracts`] (the committed bytecode) → [`chain`] (what every host can do) → [`transaction`] (prepared, signed, submitted) → [`act`] (what two officers
//! enact together) → [`calls`] (what agencies and requesters do) → [`rejection`] (what a contract's error means) → [`embedded`] (the
//! host without a node: revm, real transactions and headers, SQLite).
//!
//! Guarantees of the embedded host: a block is acknowledged only when it is on disk (WAL, synchronous FULL); every header has
//! correct state, transactions and receipts roots; time never goes backwards. Non-guarantee: it is one sealer. Whoever holds the
//! sealer key can write another history, and evidence says that it was sealed by a single key.

pub mod act;
pub mod calls;
pub mod chain;
pub mod contracts;
pub mod embedded;
pub mod error;
pub mod rejection;
pub mod transaction;

pub use act::{Act, PolicyEnactment};
pub use calls::{AnchorCall, Calls, Proposal};
pub use chain::{Chain, Receipt};
pub use embedded::{BlockClock, EmbeddedChain, Genesis};
pub use error::ChainError;
pub use rejection::{ContractError, Rejection};
pub use transaction::{Prepared, Signed};
