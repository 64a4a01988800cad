//! A vault's files and directory, for its user alone.
//!
//! Guarantee: no file can be read by others at any moment, whatever the process's umask; a file that others could read, after a restore say, can't any more once
//! the vault is open. Only regular files are opened: a pipe in a file's place would be waited for without end, and a link would have another file's mode changed.
//! Non-guarantee: a directory that is there already keeps its mode, because it is the operator's.

use sealroot_files::ReadError;
use std::{
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

/// Creates a directory, and those above it that are missing.
pub(crate) fn directory(path: &Path) -> io::Result<()> {
    sealroot_files::make_directory(path, sealroot_files::Access::Owner)
}

/// Opens the file for writing, and creates it if it is missing.
pub(crate) fn file(path: &Path) -> io::Result<File> {
    regular(path)?;
    let file = options().truncate(false).create(true).open(path)?;
    restrict(path)?;
    Ok(file)
}

/// Creates an empty database before SQLite opens it: the write-ahead log and the shared memory get the mode that it has then. One that exists is not
/// opened, because closing it would take away the locks that this process may hold on it through SQLite.
pub(crate) fn database(path: &Path) -> io::Result<()> {
    regular(path)?;
    match options().create_new(true).open(path) {
        Ok(_) => return Ok(()),
        Err(e) if e.kind() == ErrorKind::AlreadyExists => restrict(path)?,
        Err(e) => return Err(e),
    }
    for suffix in ["-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        let path = PathBuf::from(name);
        match regular(&path).and_then(|()| restrict(&path)) {
            Err(e) if e.kind() != ErrorKind::NotFound => return Err(e),
            _ => {}
        }
    }
    Ok(())
}

fn regular(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_symlink() => Err(ReadError::NotRegular("a link").into()),
        Ok(_) => Ok(sealroot_files::look(path)?),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(()),
        Err(e) => Err(e),
    }
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(unix)]
fn restrict(path: &Path) -> io::Result<()> {
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600))
}

#[cfg(not(unix))]
fn restrict(_: &Path) -> io::Result<()> {
    Ok(())
}
