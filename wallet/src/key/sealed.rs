//! A wallet as bytes: the seed and the pinned deployments under a passphrase (argon2id, XChaCha20-Poly1305).
//!
//! Guarantees: the head is authenticated with the contents; no byte can be changed unnoticed; reading hostile bytes costs at most 256 MiB and 16 passes. The
//! AEAD alone doesn't commit to a key: after opening, the public key is derived again and compared with the head.
//! Non-guarantee: a weak passphrase can be guessed from the bytes.

use super::wallet::Wallet;
use crate::hex_bytes::{Hex, HexBytes};
use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use sealroot_protocol::{
    canonical::{self, Suite},
    code::{Code, Coded},
    curve::PublicKey,
    passphrase,
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// Shortest passphrase, in characters.
pub const MIN_PASSPHRASE: usize = 12;
/// Longer bytes are not read.
pub const MAX_LEN: usize = 64 << 10;
/// The one version of the format.
const VERSION: u32 = 1;

/// A passphrase of at least [`MIN_PASSPHRASE`] characters, as it was typed. Its normal form seals; what exists may open as it was typed, too
/// ([`sealroot_protocol::passphrase`]). Zeroised when dropped, never printed.
#[derive(Debug)]
pub struct Passphrase(SecretString);

/// Why a wallet can't be sealed or opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealedWalletError {
    /// The holder's: too short.
    #[error(
        "the passphrase must have at least {MIN_PASSPHRASE} characters; four or five random words are easy to remember"
    )]
    ShortPassphrase,
    /// The holder's: the passphrase doesn't open it, or the contents were changed.
    #[error("wrong passphrase, or the wallet was damaged; try again, or restore the wallet from its recovery phrase")]
    WrongPassphrase,
    /// Not a sealed wallet of this version.
    #[error("it is not a wallet of this version: {0}")]
    Format(String),
    /// It asks for more memory or time than this wallet grants, or protects too little.
    #[error(
        "it asks for argon2id costs outside 19 to 256 MiB, 2 to 16 passes, 1 to 8 lanes; it was not written by this wallet"
    )]
    Cost,
}

impl Coded for SealedWalletError {
    fn code(&self) -> Code {
        match self {
            Self::ShortPassphrase => Code::BadPassphrase,
            Self::WrongPassphrase => Code::WrongPassphrase,
            Self::Format(_) | Self::Cost => Code::BadWalletFile,
        }
    }
}

impl Passphrase {
    /// To open a wallet with: of any length, since a short one is only a wrong one.
    pub fn to_open(text: SecretString) -> Self {
        Self(text)
    }

    /// To seal a wallet with; checks the length.
    pub fn new(text: SecretString) -> Result<Self, SealedWalletError> {
        if passphrase::passphrase(text.expose_secret()).chars().count() < MIN_PASSPHRASE {
            Err(SealedWalletError::ShortPassphrase)
        } else {
            Ok(Self(text))
        }
    }
}

impl Wallet {
    /// The wallet's bytes under a passphrase; other bytes every time.
    pub fn to_bytes(&self, passphrase: &Passphrase) -> Result<Vec<u8>, SealedWalletError> {
        self.seal(passphrase, Argon2Cost::DEFAULT).ok_or(SealedWalletError::Cost)
    }

    /// Opens what [`Wallet::to_bytes`] made.
    pub fn from_bytes(bytes: &[u8], passphrase: &Passphrase) -> Result<Self, SealedWalletError> {
        let file = WalletFile::read(bytes)?;
        let wrong = SealedWalletError::WrongPassphrase;
        let aad = file.head().ok_or_else(|| wrong.clone())?;
        for text in passphrase::candidates(passphrase.0.expose_secret()) {
            let key = file.argon2id.key(&text, &file.salt.0).ok_or(SealedWalletError::Cost)?;
            let payload = Payload { msg: &file.ciphertext.0, aad: &aad };
            let Ok(plain) = cipher(&key).decrypt(&XNonce::from(file.nonce.0), payload).map(Zeroizing::new) else {
                continue;
            };
            let wallet = Self::decode(&plain).ok_or_else(|| wrong.clone())?;
            return if wallet.public_key() == file.public_key { Ok(wallet) } else { Err(wrong) };
        }
        Err(wrong)
    }

    pub(crate) fn seal(&self, passphrase: &Passphrase, cost: Argon2Cost) -> Option<Vec<u8>> {
        let (mut salt, mut nonce) = ([0; 16], [0; 24]);
        rand::fill(&mut salt);
        rand::fill(&mut nonce);
        let mut file = WalletFile {
            suite: Suite,
            version: VERSION,
            argon2id: cost,
            salt: Hex(salt),
            nonce: Hex(nonce),
            public_key: self.public_key(),
            ciphertext: HexBytes(Vec::new()),
        };
        let key = cost.key(&passphrase::passphrase(passphrase.0.expose_secret()), &salt)?;
        let aad = file.head()?;
        let plain = self.encode();
        file.ciphertext =
            HexBytes(cipher(&key).encrypt(&XNonce::from(nonce), Payload { msg: &plain, aad: &aad }).ok()?);
        canonical::to_bytes(&file).ok()
    }
}

/// The public key at the head of a sealed wallet, without its passphrase. Authenticated only once the wallet is opened.
pub fn public_key_in(bytes: &[u8]) -> Result<PublicKey, SealedWalletError> {
    WalletFile::read(bytes).map(|file| file.public_key)
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WalletFile {
    suite: Suite,
    version: u32,
    argon2id: Argon2Cost,
    salt: Hex<16>,
    nonce: Hex<24>,
    public_key: PublicKey,
    ciphertext: HexBytes,
}

impl WalletFile {
    fn read(bytes: &[u8]) -> Result<Self, SealedWalletError> {
        if bytes.len() > MAX_LEN {
            return Err(SealedWalletError::Format("it is larger than 64 KiB".into()));
        }
        let file: Self = canonical::from_bytes(bytes).map_err(|e| SealedWalletError::Format(e.to_string()))?;
        if file.version != VERSION {
            return Err(SealedWalletError::Format(format!("version {} is not {VERSION}", file.version)));
        }
        if file.argon2id.is_acceptable() { Ok(file) } else { Err(SealedWalletError::Cost) }
    }

    /// Canonical bytes of everything but the ciphertext: the associated data.
    fn head(&self) -> Option<Vec<u8>> {
        canonical::to_bytes(&Self {
            suite: self.suite,
            version: self.version,
            argon2id: self.argon2id,
            salt: Hex(self.salt.0),
            nonce: Hex(self.nonce.0),
            public_key: self.public_key,
            ciphertext: HexBytes(Vec::new()),
        })
        .ok()
    }
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Argon2Cost {
    /// KiB.
    memory: u32,
    passes: u32,
    lanes: u32,
}

impl Argon2Cost {
    /// RFC 9106, section 4, second recommended option; above every line of OWASP's Password Storage Cheat Sheet.
    pub(crate) const DEFAULT: Self = Self { memory: 65_536, passes: 3, lanes: 4 };
    /// OWASP's minimum: 19 MiB, 2 passes, 1 lane.
    #[cfg(test)]
    pub(crate) const LEAST: Self = Self { memory: 19_456, passes: 2, lanes: 1 };

    fn is_acceptable(self) -> bool {
        (19_456..=262_144).contains(&self.memory) && (2..=16).contains(&self.passes) && (1..=8).contains(&self.lanes)
    }

    fn key(self, passphrase: &str, salt: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
        let params =
            self.is_acceptable().then(|| Params::new(self.memory, self.passes, self.lanes, Some(32)).ok())??;
        let mut key = Zeroizing::new([0; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.as_bytes(), salt, key.as_mut_slice())
            .ok()?;
        Some(key)
    }
}

fn cipher(key: &[u8; 32]) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&(*key).into())
}

#[cfg(test)]
mod tests;
