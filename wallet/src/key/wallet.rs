//! An open wallet: a seed, and the deployments that its holder chose to trust.

use super::{secret_key::SecretKey, seed::Seed};
use sealroot_handover::RecipientSecret;
use sealroot_protocol::{
    code::{Code, Coded},
    curve::PublicKey,
    scope::Deployment,
};
use zeroize::Zeroizing;

/// Deployments that a wallet can pin.
pub const MAX_DEPLOYMENTS: usize = 64;

/// 32 bytes of seed, a count, room for all deployments.
const PLAIN_LEN: usize = 32 + 1 + MAX_DEPLOYMENTS * 28;

/// The holder's: more than [`MAX_DEPLOYMENTS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the wallet already pins {MAX_DEPLOYMENTS} deployments")]
pub struct TooManyDeployments;

impl Coded for TooManyDeployments {
    fn code(&self) -> Code {
        Code::TooManyDeployments
    }
}

/// An open wallet.
pub struct Wallet {
    seed: Seed,
    deployments: Vec<Deployment>,
}

impl Wallet {
    /// A wallet with this seed that pins no deployment yet.
    pub fn new(seed: Seed) -> Self {
        Self { seed, deployments: Vec::new() }
    }

    /// The seed, for its recovery phrase.
    pub fn seed(&self) -> &Seed {
        &self.seed
    }

    /// The holder's secret key.
    pub fn secret_key(&self) -> SecretKey {
        self.seed.holder_key()
    }

    /// The holder's public key.
    pub fn public_key(&self) -> PublicKey {
        self.seed.holder_key().public_key()
    }

    /// The key that agencies seal to.
    pub fn reading_key(&self) -> RecipientSecret {
        self.seed.reading_key()
    }

    /// Chains and program contracts that the holder chose to trust. Requests of any other are rejected.
    pub fn deployments(&self) -> &[Deployment] {
        &self.deployments
    }

    /// Pins a deployment; takes effect when the wallet is kept again. Pinning twice changes nothing.
    pub fn pin(&mut self, deployment: Deployment) -> Result<(), TooManyDeployments> {
        if self.deployments.contains(&deployment) {
            return Ok(());
        }
        if self.deployments.len() == MAX_DEPLOYMENTS {
            return Err(TooManyDeployments);
        }
        self.deployments.push(deployment);
        Ok(())
    }

    /// Seed, number of deployments, each as chain id (8 bytes, big-endian) and address; padded to one length, so that the file
    /// doesn't show how many offices somebody deals with.
    pub(super) fn encode(&self) -> Zeroizing<Vec<u8>> {
        let mut out = Zeroizing::new(Vec::with_capacity(PLAIN_LEN));
        out.extend_from_slice(self.seed.expose());
        out.push(self.deployments.len() as u8);
        for deployment in &self.deployments {
            out.extend_from_slice(&deployment.chain_id.to_be_bytes());
            out.extend_from_slice(deployment.programs.as_slice());
        }
        out.resize(PLAIN_LEN, 0);
        out
    }

    pub(super) fn decode(plain: &[u8]) -> Option<Self> {
        let (seed, rest) = plain.split_first_chunk::<32>()?;
        let (&count, mut rest) = rest.split_first()?;
        let mut wallet = Self::new(Seed::from_bytes(seed));
        for _ in 0..count {
            let (chain_id, after) = rest.split_first_chunk::<8>()?;
            let (programs, after) = after.split_first_chunk::<20>()?;
            wallet.pin(Deployment { chain_id: u64::from_be_bytes(*chain_id), programs: programs.into() }).ok()?;
            rest = after;
        }
        // One wallet has one encoding: a doubled deployment or anything in the padding is rejected.
        (wallet.encode().as_slice() == plain).then_some(wallet)
    }
}

impl std::fmt::Debug for Wallet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Wallet(…)")
    }
}
