//! The chain: typed calls to the contracts, and hosts that run them.
//!
//! Reading order: [`contracts`] (the committed bytecode) → [`chain`] (what every host can do) → [`transaction`] (prepared, signed, submitted) → [`act`] (what two officers
//! enact together) → [`calls`] (what agencies and requesters do) → [`rejection`] (what a contract's error means) → [`seen`] (a chain that was set back) → [`embedded`] (the
//! host without a node: revm, real transactions and headers, SQLite).
//!
//! ```
//! use sealroot_chain::{Act, BlockClock, Calls, Chain, EmbeddedChain, Genesis};
//! use sealroot_protocol::signature::SecretSigningKey;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let (one, two) = (SecretSigningKey::from_bytes(&[1; 32])?, SecretSigningKey::from_bytes(&[2; 32])?);
//! let (now, officers) = (1_790_000_000, vec![one.address(), two.address()]);
//! let genesis = Genesis { chain_id: 7, time: now, officers, delay: 0, clock: BlockClock::Standing(now) };
//! let directory = tempfile::tempdir()?;
//! let chain = EmbeddedChain::create(directory.path(), &genesis).await?;
//! assert_eq!(chain.head().await?.number, 1, "block 1 holds the contracts");
//!
//! // Two officers register an agency: one proposes, another confirms.
//! let agency = SecretSigningKey::from_bytes(&[3; 32])?;
//! let act = Act::RegisterAgency { id: "tax-office".parse()?, grace: 86_400, key: agency.address() };
//! chain.propose(&one, &act).await?;
//! chain.confirm(&two, &act).await?;
//! let head = chain.agency_head(&"tax-office".parse()?).await?.ok_or("it is registered")?;
//! assert_eq!((head.sequence, head.root), (0, None), "nothing is anchored yet");
//! # Ok(())
//! # }
//! ```
//!
//! The embedded host stands behind the feature `embedded`: without it, this crate links no EVM and no database.
//!
//! Guarantees of the embedded host: a block is acknowledged only when it is on disk (WAL, synchronous FULL); every header has
//! correct state, transactions and receipts roots; time never goes backwards; what is stored is recomputed before anything acts on it. Non-guarantee: it is one sealer. A holder of the
//! sealer key can write another history, and evidence says that it was sealed by a single key.

pub mod act;
#[cfg(feature = "rpc")]
pub mod any;
pub mod calls;
pub mod chain;
pub mod contracts;
#[cfg(feature = "embedded")]
pub mod embedded;
pub mod error;
pub mod happened;
pub mod rejection;
#[cfg(feature = "rpc")]
pub mod rpc;
#[cfg(feature = "embedded")]
mod seal;
pub mod seen;
#[cfg(feature = "serve")]
pub mod serve;
pub mod transaction;
pub mod watch;

pub use act::{Act, PolicyEnactment};
#[cfg(feature = "rpc")]
pub use any::AnyChain;
pub use calls::{AnchorCall, Calls, Proposal, Waiting};
pub use chain::{BlockEvents, Chain, EVENT_BLOCKS, Receipt};
#[cfg(feature = "embedded")]
pub use embedded::{BlockClock, EmbeddedChain, Genesis, MAX_JUMP_DAYS};
pub use error::ChainError;
pub use happened::Happened;
pub use rejection::{ContractError, Rejection};
#[cfg(feature = "rpc")]
pub use rpc::{NetworkChain, NetworkOptions, Pins, SealerPin};
pub use seen::{SeenBlock, check_seen};
pub use transaction::{Prepared, RawTransactionError, Signed};
pub use watch::{Noticed, Watch};
