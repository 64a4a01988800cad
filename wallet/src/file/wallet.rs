//! The wallet file.
//!
//! Guarantees: a new wallet never replaces a file, and a crash leaves a whole file or none. Non-guarantee: the file's later permissions; it is made for its owner only.

use crate::key::{
    Wallet,
    sealed::{Argon2Cost, MAX_LEN, Passphrase, SealedWalletError, public_key_in},
};
use sealroot_files::{Access, ReadError, Staged, code_of, shown};
use sealroot_protocol::{
    code::{Code, Coded},
    curve::PublicKey,
};
use std::{
    io,
    path::{Path, PathBuf},
};

/// Why a wallet file can't be made or opened.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// What is in it doesn't open, or can't be sealed.
    #[error("{}: {source}", shown(path))]
    Sealed {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: SealedWalletError,
    },
    /// The holder's: there is a wallet already.
    #[error("{} exists and may hold a wallet; choose another path, or move the old file away yourself", shown(.0))]
    Exists(PathBuf),
    /// The system's.
    #[error("{}: {source}", shown(path))]
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
            Self::Sealed { source, .. } => source.code(),
            Self::Exists(_) => Code::FileExists,
            Self::Io { source, .. } => code_of(source),
        }
    }
}

impl Wallet {
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
        let bytes = read(path)?;
        Self::from_bytes(&bytes, passphrase).map_err(|source| KeyFileError::Sealed { path: path.to_owned(), source })
    }

    fn create_with(&self, path: &Path, passphrase: &Passphrase, cost: Argon2Cost) -> Result<(), KeyFileError> {
        self.stage(path, passphrase, cost)?.create().map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => KeyFileError::Exists(path.to_owned()),
            _ => KeyFileError::Io { path: path.to_owned(), source },
        })
    }

    fn save_with(&self, path: &Path, passphrase: &Passphrase, cost: Argon2Cost) -> Result<(), KeyFileError> {
        let staged = self.stage(path, passphrase, cost)?;
        staged.replace().map_err(|source| KeyFileError::Io { path: path.to_owned(), source })
    }

    fn stage(&self, path: &Path, passphrase: &Passphrase, cost: Argon2Cost) -> Result<Staged, KeyFileError> {
        let bytes = self.seal(passphrase, cost).ok_or(SealedWalletError::Cost);
        let bytes = bytes.map_err(|source| KeyFileError::Sealed { path: path.to_owned(), source })?;
        Staged::new(path, &bytes, Access::Owner).map_err(|source| KeyFileError::Io { path: path.to_owned(), source })
    }
}

/// The public key at the head of a wallet file, without its passphrase. Authenticated only once the wallet is opened.
pub fn public_key_of(path: &Path) -> Result<PublicKey, KeyFileError> {
    public_key_in(&read(path)?).map_err(|source| KeyFileError::Sealed { path: path.to_owned(), source })
}

fn read(path: &Path) -> Result<Vec<u8>, KeyFileError> {
    sealroot_files::read(path, MAX_LEN as u64).map_err(|error| match error {
        ReadError::TooLarge(_) => KeyFileError::Sealed {
            path: path.to_owned(),
            source: SealedWalletError::Format("it is larger than 64 KiB".into()),
        },
        other => KeyFileError::Io { path: path.to_owned(), source: other.into() },
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::seed::Seed;
    use sealroot_protocol::scope::Deployment;
    use std::{fs, os::unix::fs::PermissionsExt};

    fn passphrase(text: &str) -> Passphrase {
        Passphrase::new(text.to_owned().into()).unwrap()
    }

    fn deployment(chain_id: u64) -> Deployment {
        Deployment { chain_id, programs: [chain_id as u8; 20].into() }
    }

    fn wallet() -> Wallet {
        let mut wallet = Wallet::new(Seed::from_bytes(&[9; 32]));
        wallet.pin(deployment(7)).unwrap();
        wallet
    }

    /// With the costs that are written by default.
    #[test]
    fn opens_under_its_passphrase_only() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("wallet.json");
        wallet().create(&path, &passphrase("correct horse battery")).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1, "no temporary file is left");
        assert_eq!(public_key_of(&path).unwrap(), wallet().public_key());
        let open = Wallet::open(&path, &passphrase("correct horse battery")).unwrap();
        assert_eq!((open.public_key(), open.deployments()), (wallet().public_key(), wallet().deployments()));
        let wrong = Wallet::open(&path, &passphrase("correct horse batterz")).unwrap_err();
        assert_eq!(wrong.code(), Code::WrongPassphrase);
        let missing = Wallet::open(&directory.path().join("other.json"), &passphrase("correct horse battery"));
        assert_eq!(missing.unwrap_err().code(), Code::FileNotFound);
    }

    #[test]
    fn nothing_is_overwritten() {
        let directory = tempfile::tempdir().unwrap();
        let (path, phrase) = (directory.path().join("wallet.json"), passphrase("correct horse battery"));
        wallet().create_with(&path, &phrase, Argon2Cost::LEAST).unwrap();
        let before = fs::read(&path).unwrap();
        let other = Wallet::new(Seed::from_bytes(&[8; 32]));
        assert!(matches!(other.create_with(&path, &phrase, Argon2Cost::LEAST), Err(KeyFileError::Exists(_))));
        assert!(matches!(other.save(&path, &phrase), Err(KeyFileError::Exists(_))));
        assert_eq!(fs::read(&path).unwrap(), before);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);

        // Its own file may be replaced, under another passphrase and with another deployment.
        let mut own = wallet();
        own.pin(deployment(8)).unwrap();
        own.save_with(&path, &passphrase("another passphrase"), Argon2Cost::LEAST).unwrap();
        assert!(Wallet::open(&path, &phrase).is_err());
        let open = Wallet::open(&path, &passphrase("another passphrase")).unwrap();
        assert_eq!(open.deployments(), [deployment(7), deployment(8)]);
    }

    /// A pipe is no full disk.
    #[test]
    fn what_is_no_file_is_no_wallet() {
        let directory = tempfile::tempdir().unwrap();
        let error = Wallet::open(directory.path(), &passphrase("correct horse battery")).unwrap_err();
        assert_eq!(error.code(), Code::NotRegularFile, "{error}");
        std::os::unix::fs::symlink("/dev/null", directory.path().join("null")).unwrap();
        let error = public_key_of(&directory.path().join("null")).unwrap_err();
        assert_eq!(error.code(), Code::NotRegularFile, "{error}");
    }

    #[test]
    fn a_large_file_is_not_read() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("wallet.json");
        fs::write(&path, vec![b' '; 70_000]).unwrap();
        let error = Wallet::open(&path, &passphrase("correct horse battery")).unwrap_err();
        assert_eq!(error.code(), Code::BadWalletFile);
    }
}
