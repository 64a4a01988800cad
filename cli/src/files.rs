//! Reading and writing the files of the story: JSON for what programs exchange, TOML for what people write.

use crate::failure::{Failure, OrBadInput, Outcome};
use sealroot_protocol::canonical;
use serde::{Serialize, de::DeserializeOwned};
use std::{fs, io::Write, path::Path};

/// Larger inputs are refused before they are parsed.
const MAX_DOCUMENT: u64 = 64 << 20;

/// The bytes of a file.
pub fn read(path: &Path) -> Outcome<Vec<u8>> {
    let fail = |e: std::io::Error| {
        let reason = if e.kind() == std::io::ErrorKind::NotFound { "file-not-found" } else { "file-unreadable" };
        Failure::bad_input(reason, format!("{}: {e}", path.display()))
    };
    if fs::metadata(path).map_err(fail)?.len() > MAX_DOCUMENT {
        return Err(Failure::bad_input("file-too-large", format!("{} is larger than 64 MiB", path.display())));
    }
    fs::read(path).map_err(fail)
}

/// The text of a file.
pub fn read_text(path: &Path) -> Outcome<String> {
    String::from_utf8(read(path)?)
        .map_err(|_| Failure::bad_input("not-utf-8", format!("{} is not UTF-8 text", path.display())))
}

/// A document in canonical JSON (RFC 8785); other spellings of the same document are refused.
pub fn read_document<T: Serialize + DeserializeOwned>(path: &Path) -> Outcome<T> {
    canonical::from_bytes(&read(path)?)
        .map_err(|e| Failure::bad_input("bad-document", format!("{}: {e}", path.display())))
}

/// Writes a document in canonical JSON.
pub fn write_document(path: &Path, document: &impl Serialize) -> Outcome<usize> {
    let bytes = canonical::to_bytes(document).or_bad_input("bad-document")?;
    write(path, &bytes)?;
    Ok(bytes.len())
}

/// Writes a file so that readers see the old bytes or the new ones, never half.
pub fn write(path: &Path, bytes: &[u8]) -> Outcome<()> {
    write_with_mode(path, bytes, 0o644)
}

/// Writes a file that only its owner may read, and never over an existing one.
pub fn write_new_secret(path: &Path, bytes: &[u8]) -> Outcome<()> {
    if path.exists() {
        return Err(Failure::bad_input("file-exists", format!("{} exists and holds a secret", path.display()))
            .advice("choose another path, or move the old file away yourself"));
    }
    write_with_mode(path, bytes, 0o600)
}

fn write_with_mode(path: &Path, bytes: &[u8], mode: u32) -> Outcome<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let fail = |e: std::io::Error| Failure::bad_input("file-unwritable", format!("{}: {e}", path.display()));
    if let Some(parent) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
        fs::create_dir_all(parent).map_err(fail)?;
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = path.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
    let mut file =
        fs::OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(&temporary).map_err(fail)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(fail)?;
    fs::rename(&temporary, path).map_err(fail)
}
