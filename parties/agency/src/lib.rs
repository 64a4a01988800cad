//! What an agency does: it enrols people, imports their records, anchors the roots over them, and hands a record out only on a signed release.
//!
//! Reading order is the order of a record's life: [`init`] → [`enrol`], [`represent`] → [`import`] → [`anchor`], [`withdraw_root`] → [`release`] →
//! [`log`](mod@log), [`status`] → [`ids`], [`erase`], [`rotate`], [`restore`]. Each use case takes plain values and ports: an open vault over any store, a chain, a signing key, an
//! [`Outlet`](release::Outlet) for what leaves.
//!
//! Guarantees: a vault's view of its roots is brought to the chain's before anything is anchored; nothing is anchored under a grace that lets two keys of one
//! person serve one period; a release isn't used up where the record can't be written, or where no prover would take it.
//! Non-guarantee: that the records are true, or that the clerk enrols the right person; the access log names who did and why.
//!
//! ```
//! use sealroot_agency::anchor::{AnchorError, anchor};
//! use sealroot_chain::Chain;
//! use sealroot_protocol::signature::Signer;
//! use sealroot_vault::{Vault, store::Store};
//!
//! /// What a schedule runs; an interrupted run is made good by the next.
//! async fn nightly<S: Store>(vault: &Vault<S>, chain: &impl Chain, key: &dyn Signer) -> Result<u64, AnchorError> {
//!     Ok(anchor(vault, chain, key).await?.sequence)
//! }
//! ```

pub mod anchor;
pub mod enrol;
pub mod erase;
pub mod ids;
pub mod import;
pub mod init;
pub mod log;
pub mod release;
pub mod represent;
pub mod restore;
pub mod rotate;
pub mod status;
pub mod withdraw_root;
