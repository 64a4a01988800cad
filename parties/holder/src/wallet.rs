//! A wallet: made new, or restored from its recovery phrase. The host keeps it under a passphrase.

use sealroot_protocol::{
    code::{Code, Coded},
    scope::Deployment,
};
use sealroot_wallet::{PhraseError, Seed, TooManyDeployments, Wallet};

/// Why there is no wallet.
#[derive(Debug, thiserror::Error)]
pub enum WalletError {
    /// Not a recovery phrase.
    #[error(transparent)]
    Phrase(#[from] PhraseError),
    /// The deployment can't be pinned.
    #[error(transparent)]
    Pin(#[from] TooManyDeployments),
}

impl Coded for WalletError {
    fn code(&self) -> Code {
        match self {
            Self::Phrase(error) => error.code(),
            Self::Pin(error) => error.code(),
        }
    }
}

/// A new wallet that trusts one chain and its programs. Its seed's recovery phrase is shown once, before anything relies on the key.
pub fn create(deployment: Deployment) -> Result<Wallet, WalletError> {
    pinned(Seed::random(), deployment)
}

/// The wallet of a recovery phrase. Its history doesn't come back with it.
pub fn restore(phrase: &str, deployment: Deployment) -> Result<Wallet, WalletError> {
    pinned(Seed::from_phrase(phrase)?, deployment)
}

fn pinned(seed: Seed, deployment: Deployment) -> Result<Wallet, WalletError> {
    let mut wallet = Wallet::new(seed);
    wallet.pin(deployment)?;
    Ok(wallet)
}
