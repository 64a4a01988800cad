//! The wallet file: the seed and the pinned deployments under a passphrase (argon2id, XChaCha20-Poly1305).
//!
//! Guarantees: the head of the file is authenticated with its contents; no byte can be changed unnoticed; a new wallet never
//! replaces a file, and a crash leaves a whole file or none; reading a hostile file costs at most 256 MiB and 16 passes. The AEAD alone
//! doesn't commit to a key: after opening, the public key is derived again and compared with the head.
//! Non-guarantee: a weak passphrase can be guessed by whoever has the file.

use crate::{
    secret_key::SecretKey,
    seed::{ReadingKey, Seed},
};
use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use sealroot_protocol::{
    canonical::{self, DocumentError, Suite},
    code::{Code, Coded},
    curve::PublicKey,
    scope::Deployment,
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

/// Shortest passphrase, in characters.
pub const MIN_PASSPHRASE: usize = 12;
/// Deployments that a wallet can pin.
pub const MAX_DEPLOYMENTS: usize = 64;
/// Larger files are not read.
const MAX_FILE: u64 = 64 << 10;
/// The one version of the format.
const VERSION: u32 = 1;

/// An open wallet.
pub struct Wallet {
    seed: Seed,
    deployments: Vec<Deployment>,
}

/// A passphrase of at least [`MIN_PASSPHRASE`] characters. Zeroised when dropped, never printed.
#[derive(Debug)]
pub struct Passphrase(SecretString);

/// Why a wallet file can't be made or opened.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The holder's: too short.
    #[error(
        "the passphrase must have at least {MIN_PASSPHRASE} characters; four or five random words are easy to remember"
    )]
    ShortPassphrase,
    /// The holder's: the passphrase doesn't open the file, or the file's contents were changed.
    #[error("wrong passphrase, or the file {} was damaged; try again, or restore the wallet from its recovery phrase", .0.display())]
    WrongPassphrase(PathBuf),
    /// The holder's: there is a wallet already.
    #[error("{} exists and may hold a wallet; choose another path, or move the old file away yourself", .0.display())]
    Exists(PathBuf),
    /// The file's: not a wallet file of this version.
    #[error("{} is not a wallet file of this version: {why}", path.display())]
    Format {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// The file's: it asks for more memory or time than this wallet grants, or protects too little.
    #[error("{} asks for argon2id costs outside 19 to 256 MiB, 2 to 16 passes, 1 to 8 lanes; it was not written by this wallet", .0.display())]
    Cost(PathBuf),
    /// The holder's: more than [`MAX_DEPLOYMENTS`].
    #[error("the wallet already pins {MAX_DEPLOYMENTS} deployments")]
    TooManyDeployments,
    /// The system's.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl Coded for KeyFileError {
    fn code(&self) -> Code {
        match self {
            Self::ShortPassphrase => Code::BadPassphrase,
            Self::WrongPassphrase(_) => Code::WrongPassphrase,
            Self::Exists(_) => Code::FileExists,
            Self::Format { .. } | Self::Cost(_) => Code::BadWalletFile,
            Self::TooManyDeployments => Code::TooManyDeployments,
            Self::Io { source, .. } => of_io(source),
        }
    }
}

/// The code of what the system says about a file.
pub(crate) fn of_io(error: &io::Error) -> Code {
    if error.kind() == io::ErrorKind::NotFound { Code::FileNotFound } else { Code::InputOutput }
}

impl Passphrase {
    /// Checks the length.
    pub fn new(text: SecretString) -> Result<Self, KeyFileError> {
        if text.expose_secret().chars().count() < MIN_PASSPHRASE {
            Err(KeyFileError::ShortPassphrase)
        } else {
            Ok(Self(text))
        }
    }
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
    pub fn reading_key(&self) -> ReadingKey {
        self.seed.reading_key()
    }

    /// Chains and program contracts that the holder chose to trust. Requests of any other are rejected.
    pub fn deployments(&self) -> &[Deployment] {
        &self.deployments
    }

    /// Pins a deployment; takes effect with [`Wallet::save`]. Pinning twice changes nothing.
    pub fn pin(&mut self, deployment: Deployment) -> Result<(), KeyFileError> {
        if self.deployments.contains(&deployment) {
            return Ok(());
        }
        if self.deployments.len() == MAX_DEPLOYMENTS {
            return Err(KeyFileError::TooManyDeployments);
        }
        self.deployments.push(deployment);
        Ok(())
    }

    /// Writes a new wallet file of mode 0600; rejects a path that exists.
    pub fn create(&self, path: &Path, passphrase: &Passphrase) -> Result<(), KeyFileError> {
        self.create_with(path, passphrase, Argon2Cost::DEFAULT)
    }

    /// Replaces this wallet's own file, under the same or another passphrase.
    pub fn save(&self, path: &Path, passphrase: &Passphrase) -> Result<(), KeyFileError> {
        let own = public_key_of(path)?;
        if own != self.public_key() {
            return Err(KeyFileError::Exists(path.to_owned()));
        }
        self.save_with(path, passphrase, Argon2Cost::DEFAULT)
    }

    /// Opens a wallet file.
    pub fn open(path: &Path, passphrase: &Passphrase) -> Result<Self, KeyFileError> {
        let file = WalletFile::read(path)?;
        let wrong = || KeyFileError::WrongPassphrase(path.to_owned());
        let aad = file.head().ok_or_else(wrong)?;
        let key = file.argon2id.key(passphrase, &file.salt.0).ok_or_else(|| KeyFileError::Cost(path.to_owned()))?;
        let plain = cipher(&key)
            .decrypt(&XNonce::from(file.nonce.0), Payload { msg: &file.ciphertext.0, aad: &aad })
            .map(Zeroizing::new)
            .map_err(|_| wrong())?;
        let wallet = Self::decode(&plain).ok_or_else(wrong)?;
        if wallet.public_key() == file.public_key { Ok(wallet) } else { Err(wrong()) }
    }

    fn create_with(&self, path: &Path, passphrase: &Passphrase, cost: Argon2Cost) -> Result<(), KeyFileError> {
        let io = |source| KeyFileError::Io { path: path.to_owned(), source };
        let temporary = self.write_temporary(path, passphrase, cost)?;
        // A link fails if the path exists, in one step: no other process can slip a file in between.
        let linked = fs::hard_link(&temporary, path);
        fs::remove_file(&temporary).map_err(io)?;
        linked.map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => KeyFileError::Exists(path.to_owned()),
            _ => io(source),
        })?;
        sync_directory(path).map_err(io)
    }

    fn save_with(&self, path: &Path, passphrase: &Passphrase, cost: Argon2Cost) -> Result<(), KeyFileError> {
        let io = |source| KeyFileError::Io { path: path.to_owned(), source };
        let temporary = self.write_temporary(path, passphrase, cost)?;
        fs::rename(&temporary, path).map_err(io)?;
        sync_directory(path).map_err(io)
    }

    fn write_temporary(&self, path: &Path, passphrase: &Passphrase, cost: Argon2Cost) -> Result<PathBuf, KeyFileError> {
        let io = |source| KeyFileError::Io { path: path.to_owned(), source };
        let bytes = self.seal(passphrase, cost).ok_or_else(|| KeyFileError::Cost(path.to_owned()))?;
        let name = path.file_name().ok_or_else(|| io(io::ErrorKind::IsADirectory.into()))?.to_string_lossy();
        let temporary = path.with_file_name(format!(".{name}.{:016x}.tmp", rand::random::<u64>()));
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary).map_err(io)?;
        let written = file.write_all(&bytes).and_then(|()| file.sync_all());
        if let Err(source) = written {
            let _ = fs::remove_file(&temporary);
            return Err(io(source));
        }
        Ok(temporary)
    }

    fn seal(&self, passphrase: &Passphrase, cost: Argon2Cost) -> Option<Vec<u8>> {
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
        let key = cost.key(passphrase, &salt)?;
        let aad = file.head()?;
        let plain = self.encode();
        file.ciphertext =
            HexBytes(cipher(&key).encrypt(&XNonce::from(nonce), Payload { msg: &plain, aad: &aad }).ok()?);
        canonical::to_bytes(&file).ok()
    }

    /// Seed, number of deployments, each as chain id (8 bytes, big-endian) and address; padded to one length, so that the file
    /// doesn't show how many offices somebody deals with.
    fn encode(&self) -> Zeroizing<Vec<u8>> {
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

    fn decode(plain: &[u8]) -> Option<Self> {
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

/// 32 bytes of seed, a count, room for all deployments.
const PLAIN_LEN: usize = 32 + 1 + MAX_DEPLOYMENTS * 28;

impl std::fmt::Debug for Wallet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Wallet(…)")
    }
}

/// The public key at the head of a wallet file, without its passphrase. Authenticated only once the wallet is opened.
pub fn public_key_of(path: &Path) -> Result<PublicKey, KeyFileError> {
    WalletFile::read(path).map(|file| file.public_key)
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
    fn read(path: &Path) -> Result<Self, KeyFileError> {
        let io = |source| KeyFileError::Io { path: path.to_owned(), source };
        let format = |why: String| KeyFileError::Format { path: path.to_owned(), why };
        if fs::metadata(path).map_err(io)?.len() > MAX_FILE {
            return Err(format("it is larger than 64 KiB".into()));
        }
        let bytes = fs::read(path).map_err(io)?;
        let file: Self = canonical::from_bytes(&bytes).map_err(|e: DocumentError| format(e.to_string()))?;
        if file.version != VERSION {
            return Err(format(format!("version {} is not {VERSION}", file.version)));
        }
        if !file.argon2id.is_acceptable() {
            return Err(KeyFileError::Cost(path.to_owned()));
        }
        Ok(file)
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
struct Argon2Cost {
    /// KiB.
    memory: u32,
    passes: u32,
    lanes: u32,
}

impl Argon2Cost {
    /// RFC 9106, section 4, second recommended option; above every line of OWASP's Password Storage Cheat Sheet.
    const DEFAULT: Self = Self { memory: 65_536, passes: 3, lanes: 4 };
    /// OWASP's minimum: 19 MiB, 2 passes, 1 lane.
    #[cfg(test)]
    const LEAST: Self = Self { memory: 19_456, passes: 2, lanes: 1 };

    fn is_acceptable(self) -> bool {
        (19_456..=262_144).contains(&self.memory) && (2..=16).contains(&self.passes) && (1..=8).contains(&self.lanes)
    }

    fn key(self, passphrase: &Passphrase, salt: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
        let params =
            self.is_acceptable().then(|| Params::new(self.memory, self.passes, self.lanes, Some(32)).ok())??;
        let mut key = Zeroizing::new([0; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.0.expose_secret().as_bytes(), salt, key.as_mut_slice())
            .ok()?;
        Some(key)
    }
}

fn cipher(key: &[u8; 32]) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&(*key).into())
}

/// Makes the name of a new file durable.
pub(crate) fn sync_directory(path: &Path) -> io::Result<()> {
    let directory = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(directory)?.sync_all()
}

/// A fixed number of bytes as `0x` and lower-case hexadecimal digits.
pub(crate) struct Hex<const N: usize>(pub [u8; N]);

impl<const N: usize> Serialize for Hex<N> {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&format!("0x{}", hex::encode(self.0)))
    }
}
impl<'de, const N: usize> Deserialize<'de> for Hex<N> {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let bytes = HexBytes::deserialize(d)?.0;
        let wrong =
            || serde::de::Error::custom(format_args!("expected 0x and {} lower-case hexadecimal digits", 2 * N));
        bytes.try_into().map(Self).map_err(|_| wrong())
    }
}

/// Bytes as `0x` and lower-case hexadecimal digits.
pub(crate) struct HexBytes(pub Vec<u8>);

impl Serialize for HexBytes {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&format!("0x{}", hex::encode(&self.0)))
    }
}
impl<'de> Deserialize<'de> for HexBytes {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        let lower = !text.bytes().any(|b| b.is_ascii_uppercase());
        let bytes = text.strip_prefix("0x").filter(|_| lower).and_then(|digits| hex::decode(digits).ok());
        bytes.map(Self).ok_or_else(|| serde::de::Error::custom("expected 0x and lower-case hexadecimal digits"))
    }
}

#[cfg(test)]
mod tests;
