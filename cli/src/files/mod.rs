//! Reading and writing the files of the story: JSON for what programs exchange, TOML for what people write.
//!
//! Guarantee: nothing here replaces a file that its caller didn't make. There is no function that writes to a path: what is written goes through an
//! [`Output`], which has looked at its place before the work, or through [`keep`], for files that the verbs keep up themselves.

mod form;
mod output;

pub use form::Form;
pub use output::{ForceArgs, Output, keep};
pub use sealroot_files::shown;

use crate::{
    failure::{Failure, Outcome},
    kinds::{CONSENT, Document, wrong_kind},
};
use sealroot_files::ReadError;
use sealroot_handover::ConsentFile;
use sealroot_protocol::canonical;
use sealroot_protocol::code::Code;
use std::{
    fmt,
    fs::File,
    path::{Path, PathBuf},
};

/// Larger inputs are rejected before they are parsed.
const MAX_DOCUMENT: u64 = 64 << 20;

/// The bytes of a file.
pub fn read(path: &Path) -> Outcome<Vec<u8>> {
    sealroot_files::read(path, MAX_DOCUMENT).map_err(|e| unreadable(path, e))
}

/// Opens a file that may be of any length, to be read as a stream.
pub fn open(path: &Path) -> Outcome<File> {
    sealroot_files::open(path).map_err(|e| unreadable(path, e))
}

/// The bytes of a file that another file names: it lies in the other's directory.
pub fn read_beside(other: &Path, name: &str) -> std::io::Result<Vec<u8>> {
    let directory = other.parent().unwrap_or(Path::new("."));
    Ok(sealroot_files::read(&directory.join(name), MAX_DOCUMENT)?)
}

/// The text of a file.
pub fn read_text(path: &Path) -> Outcome<String> {
    String::from_utf8(read(path)?)
        .map_err(|_| Failure::new(Code::NotUtf8, format!("{} is not UTF-8 text", shown(path))))
}

/// A document in canonical JSON (RFC 8785); other spellings of the same document are rejected.
/// Where the file is of another kind, that is what is said, and not what a parser missed in it.
pub fn read_document<T: Document>(path: &Path) -> Outcome<T> {
    let bytes = read(path)?;
    canonical::from_bytes(&bytes).map_err(|e| bad_document(path, &bytes, T::KIND, e))
}

/// What a consent holds.
pub fn read_consent(path: &Path) -> Outcome<ConsentFile> {
    let bytes = read(path)?;
    ConsentFile::from_bytes(&bytes).map_err(|e| match wrong_kind(&bytes, CONSENT) {
        Some(_) => bad_document(path, &bytes, CONSENT, e),
        None => Failure::new(Code::BadConsent, format!("{}: {e}", shown(path))),
    })
}

/// The files of a directory whose names end so, by name.
pub fn list(directory: &Path, extension: &str) -> Outcome<Vec<PathBuf>> {
    let entries = || std::fs::read_dir(directory)?.map(|entry| entry.map(|entry| entry.path())).collect();
    let listed: std::io::Result<Vec<PathBuf>> = entries();
    let mut paths = listed.map_err(|e| unreadable(directory, e.into()))?;
    paths.retain(|path| path.extension().is_some_and(|found| found == extension));
    paths.sort();
    Ok(paths)
}

/// What to say of a file that can't be read as what is needed: its own kind if it is of another one, else what failed.
pub fn of_kind(path: &Path, bytes: &[u8], needed: &str, failure: Failure) -> Failure {
    match wrong_kind(bytes, needed) {
        Some(_) => bad_document(path, bytes, needed, "").coded(failure.code()),
        None => failure,
    }
}

fn bad_document(path: &Path, bytes: &[u8], needed: &str, error: impl fmt::Display) -> Failure {
    match wrong_kind(bytes, needed) {
        Some(message) => Failure::new(Code::BadDocument, format!("{}: {message}", shown(path)))
            .advice("name the right file; `sealroot inspect FILE` says what a file is"),
        None => Failure::new(Code::BadDocument, format!("{}: {error}", shown(path))),
    }
}

fn unreadable(path: &Path, error: ReadError) -> Failure {
    let code = match error {
        ReadError::NotFound => Code::FileNotFound,
        ReadError::NotRegular(_) => Code::NotRegularFile,
        ReadError::TooLarge(_) => Code::FileTooLarge,
        ReadError::Io(_) => Code::FileUnreadable,
    };
    Failure::new(code, format!("{}: {error}", shown(path)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn what_is_no_file_is_not_read() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        symlink("/dev/zero", at("zero")).unwrap();
        assert_eq!(read(&at("zero")).unwrap_err().code(), Code::NotRegularFile);
        assert_eq!(read(directory.path()).unwrap_err().code(), Code::NotRegularFile);
        let missing = read(&at("a\nb: valid")).unwrap_err();
        assert_eq!(missing.code(), Code::FileNotFound);
        assert!(!missing.to_string().contains("\nb: valid"), "{missing}");
        std::fs::write(at("latin"), b"\xff").unwrap();
        assert_eq!(read_text(&at("latin")).unwrap_err().code(), Code::NotUtf8);
        assert_eq!(list(&at("latin"), "json").unwrap_err().code(), Code::FileNotFound);
    }
}
