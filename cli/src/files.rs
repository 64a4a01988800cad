//! Reading and writing the files of the story: JSON for what programs exchange, TOML for what people write.

use crate::failure::{Failure, OrFail, Outcome};
use sealroot_protocol::canonical;
use sealroot_protocol::code::Code;
use serde::{Serialize, de::DeserializeOwned};
use std::{
    fs,
    io::{ErrorKind, Write},
    os::unix::fs::PermissionsExt,
    path::Path,
};
use tempfile::NamedTempFile;

/// Larger inputs are rejected before they are parsed.
const MAX_DOCUMENT: u64 = 64 << 20;

/// The bytes of a file.
pub fn read(path: &Path) -> Outcome<Vec<u8>> {
    let fail = |e: std::io::Error| {
        let code = if e.kind() == ErrorKind::NotFound { Code::FileNotFound } else { Code::FileUnreadable };
        Failure::new(code, format!("{}: {e}", path.display()))
    };
    if fs::metadata(path).map_err(fail)?.len() > MAX_DOCUMENT {
        return Err(Failure::new(Code::FileTooLarge, format!("{} is larger than 64 MiB", path.display())));
    }
    fs::read(path).map_err(fail)
}

/// The text of a file.
pub fn read_text(path: &Path) -> Outcome<String> {
    String::from_utf8(read(path)?)
        .map_err(|_| Failure::new(Code::NotUtf8, format!("{} is not UTF-8 text", path.display())))
}

/// A document in canonical JSON (RFC 8785); other spellings of the same document are rejected.
pub fn read_document<T: Serialize + DeserializeOwned>(path: &Path) -> Outcome<T> {
    canonical::from_bytes(&read(path)?).map_err(|e| Failure::new(Code::BadDocument, format!("{}: {e}", path.display())))
}

/// Writes a document in canonical JSON.
pub fn write_document(path: &Path, document: &impl Serialize) -> Outcome<usize> {
    let bytes = canonical::to_bytes(document).or_fail(Code::BadDocument)?;
    write(path, &bytes)?;
    Ok(bytes.len())
}

/// Writes a document that is about one person: readable by its owner only, and never over an existing file.
pub fn write_new_document(path: &Path, document: &impl Serialize) -> Outcome<usize> {
    let bytes = canonical::to_bytes(document).or_fail(Code::BadDocument)?;
    write_new_secret(path, &bytes)?;
    Ok(bytes.len())
}

/// Writes a file so that readers see the old bytes or the new ones, never half.
pub fn write(path: &Path, bytes: &[u8]) -> Outcome<()> {
    let written = temporary(path, bytes, 0o644)?.persist(path);
    written.map_err(|e| unwritable(path, e.error))?;
    sync_directory(path)
}

/// Writes a file that only its owner may read, and never over an existing one.
pub fn write_new_secret(path: &Path, bytes: &[u8]) -> Outcome<()> {
    refuse_existing(path)?;
    let written = temporary(path, bytes, 0o600)?.persist_noclobber(path);
    written.map_err(|e| match e.error.kind() {
        ErrorKind::AlreadyExists => exists(path),
        _ => unwritable(path, e.error),
    })?;
    sync_directory(path)
}

/// Fails where [`write_new_secret`] would because there is a file, before anything is done that can't be undone.
pub fn refuse_existing(path: &Path) -> Outcome<()> {
    if path.exists() { Err(exists(path)) } else { Ok(()) }
}

/// Fails where no new file can be made.
pub fn refuse_unwritable_new(path: &Path) -> Outcome<()> {
    refuse_existing(path)?;
    refuse_unwritable(path)
}

/// Fails where [`write`] would because no file can be made there.
pub fn refuse_unwritable(path: &Path) -> Outcome<()> {
    if path.is_dir() {
        return Err(unwritable(path, ErrorKind::IsADirectory.into()));
    }
    temporary(path, b"", 0o600).map(drop)
}

/// A file beside the path, under a name that nobody can guess and put another file at.
fn temporary(path: &Path, bytes: &[u8], mode: u32) -> Outcome<NamedTempFile> {
    let make = || {
        let directory = directory_of(path);
        fs::create_dir_all(directory)?;
        let mut builder = tempfile::Builder::new();
        builder.prefix(".").suffix(".tmp").permissions(fs::Permissions::from_mode(mode));
        let mut file = builder.tempfile_in(directory)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        Ok(file)
    };
    make().map_err(|e| unwritable(path, e))
}

/// Waits until the file's name is on disk, too.
fn sync_directory(path: &Path) -> Outcome<()> {
    fs::File::open(directory_of(path)).and_then(|directory| directory.sync_all()).map_err(|e| unwritable(path, e))
}

fn directory_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn exists(path: &Path) -> Failure {
    Failure::new(Code::FileExists, format!("{} exists and is not replaced", path.display()))
        .advice("choose another path, or move the old file away yourself")
}

fn unwritable(path: &Path, error: std::io::Error) -> Failure {
    Failure::new(Code::FileUnwritable, format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_about_one_person_is_private_and_never_replaced() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("new/release.json");
        write_new_document(&path, &"first").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        for rejected in
            [write_new_document(&path, &"second").map(drop), refuse_existing(&path), refuse_unwritable_new(&path)]
        {
            assert_eq!(rejected.unwrap_err().code(), Code::FileExists);
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), "\"first\"");
        // A link that somebody else put there is a file that exists, even where it leads nowhere.
        let (link, target) = (directory.path().join("link"), directory.path().join("target"));
        std::os::unix::fs::symlink(&target, &link).unwrap();
        assert_eq!(write_new_secret(&link, b"secret").unwrap_err().code(), Code::FileExists);
        assert!(!target.exists());
        assert_eq!(refuse_unwritable_new(&path.join("below a file")).unwrap_err().code(), Code::FileUnwritable);
    }

    #[test]
    fn a_file_is_replaced_whole_and_nothing_is_left_beside_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("part.json");
        write(&path, b"old").unwrap();
        write(&path, b"new").unwrap();
        refuse_unwritable_new(&directory.path().join("other")).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }
}
