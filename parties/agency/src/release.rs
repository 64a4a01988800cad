//! Releasing a record: sealed to the one key that a signed release names, the only way in which an agency hands a record out.
//!
//! Guarantee: a signature lets a record out once, so it isn't used up where the sealed record can't be written, nor where the voucher would be by a key that
//! isn't the agency's on chain: every prover would reject it.

use alloy_primitives::Address;
use sealroot_chain::{Chain, ChainError, calls::view, contracts::agencies::Agencies};
use sealroot_handover::SealedRecord;
use sealroot_parties_ports::HostError;
use sealroot_protocol::{
    code::{Code, Coded},
    field::Digest,
    name::Name,
    release::{RecipientKey, SignedRelease},
    signature::Signer,
};
use sealroot_vault::{Rejection, Vault, VaultError, release::ReleaseRejection, store::Store};
use std::future::Future;

/// Where a sealed record goes: a new file, a row, a post box.
pub trait Outlet: Sync {
    /// Fails where [`put`](Self::put) would because nothing can be put there, before anything is used up.
    fn ready(&self) -> impl Future<Output = Result<(), HostError>> + Send;

    /// Takes it; returns its size in bytes.
    fn put(&self, record: &SealedRecord) -> impl Future<Output = Result<usize, HostError>> + Send;
}

/// A record that left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Released {
    /// The key that can open it.
    pub recipient: RecipientKey,
    /// Its size.
    pub bytes: usize,
}

/// Why no record left.
#[derive(Debug, thiserror::Error)]
pub enum ReleaseError {
    /// A key that vouches for nobody.
    #[error("{key} is no key of {agency} that counts on this chain")]
    NotTheAgencysKey {
        /// The key.
        key: Address,
        /// Whose it should be.
        agency: Name,
    },
    /// The outlet's.
    #[error(transparent)]
    Outlet(#[from] HostError),
    /// The vault's: what a release is rejected for among it.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The chain's.
    #[error(transparent)]
    Chain(#[from] ChainError),
}

impl Coded for ReleaseError {
    fn code(&self) -> Code {
        match self {
            Self::NotTheAgencysKey { .. } => Code::NotTheAgencysKey,
            Self::Outlet(error) => error.code(),
            Self::Vault(error) => error.code(),
            Self::Chain(error) => error.code(),
        }
    }

    fn advice(&self) -> Option<String> {
        match self {
            Self::NotTheAgencysKey { .. } => Some("name the key with which the agency anchors".into()),
            Self::Vault(VaultError::Rejected(Rejection::Release(ReleaseRejection::NeedsVoucher))) => {
                Some("name the agency's signing key (--signing-key)".into())
            }
            Self::Outlet(error) => error.advice(),
            Self::Vault(error) => error.advice(),
            Self::Chain(error) => error.advice(),
        }
    }
}

/// Seals the record that a signed release names. `voucher` is a key of the agency's on chain: it vouches for the signer where the record itself doesn't show
/// that they may release it.
pub async fn release<S: Store>(
    signed: &SignedRelease,
    vault: &Vault<S>,
    chain: &impl Chain,
    voucher: Option<&dyn Signer>,
    outlet: &impl Outlet,
) -> Result<Released, ReleaseError> {
    if let Some(key) = voucher {
        check_active(chain, vault.agency(), key.address()).await?;
    }
    // A signature lets a record out once: what can't be written must not use it up.
    outlet.ready().await?;
    let sealed = vault.release(signed, chain.deployment(), voucher).await?;
    let bytes = outlet.put(&sealed).await?;
    Ok(Released { recipient: sealed.recipient, bytes })
}

/// Makes a release useless before it is used: the person changed their mind. Returns its digest.
pub async fn withdraw_release<S: Store>(
    signed: &SignedRelease,
    vault: &Vault<S>,
    chain: &impl Chain,
) -> Result<Digest, ReleaseError> {
    vault.withdraw_release(signed, chain.deployment()).await?;
    let digest = signed.release.digest();
    Ok(digest.map_err(|error| VaultError::from(Rejection::from(ReleaseRejection::from(error))))?)
}

/// A key that isn't the agency's on chain vouches for nobody: every prover would reject the record, and the signature would be used up.
async fn check_active(chain: &impl Chain, agency: &Name, key: Address) -> Result<(), ReleaseError> {
    let active = Agencies::isActiveCall { key, owner: agency.to_bytes32().into() };
    if view(chain, chain.contracts().agencies, active).await? {
        return Ok(());
    }
    Err(ReleaseError::NotTheAgencysKey { key, agency: agency.clone() })
}
