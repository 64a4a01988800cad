//! Reading.

use rustix::{
    fs::{Mode, OFlags},
    io::Errno,
};
use sealroot_protocol::code::Code;
use std::{
    fs::{self, File, FileType},
    io::{self, Read},
    os::unix::fs::FileTypeExt,
    path::Path,
};

/// Why a file is not read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// There is none.
    #[error("there is no such file")]
    NotFound,
    /// A directory, pipe, socket or device.
    #[error("it is {0}, and only regular files are read")]
    NotRegular(&'static str),
    /// It is longer than the limit.
    #[error("it is larger than {0} bytes")]
    TooLarge(u64),
    /// The system's.
    #[error(transparent)]
    Io(io::Error),
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Self::NotFound,
            _ => Self::Io(error),
        }
    }
}

/// For callers whose errors hold the system's.
impl From<ReadError> for io::Error {
    fn from(error: ReadError) -> Self {
        let kind = match error {
            ReadError::NotFound => io::ErrorKind::NotFound,
            ReadError::NotRegular(_) => io::ErrorKind::InvalidInput,
            ReadError::TooLarge(_) => io::ErrorKind::FileTooLarge,
            ReadError::Io(error) => return error,
        };
        Self::new(kind, error)
    }
}

/// The code of an error of the system, or of a reading that became one.
pub fn code_of(error: &io::Error) -> Code {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<ReadError>()) {
        Some(ReadError::NotRegular(_)) => Code::NotRegularFile,
        Some(ReadError::TooLarge(_)) => Code::FileTooLarge,
        _ => match error.kind() {
            io::ErrorKind::NotFound => Code::FileNotFound,
            io::ErrorKind::AlreadyExists => Code::FileExists,
            _ => Code::InputOutput,
        },
    }
}

/// Fails unless a regular file is there. Opens nothing: a database's locks end when a second handle on it is closed.
pub fn look(path: &Path) -> Result<(), ReadError> {
    regular(fs::metadata(path)?.file_type())
}

/// Opens a regular file for reading. Never waits for a writer, whatever lies under the name.
pub fn open(path: &Path) -> Result<File, ReadError> {
    // To open a device can act on it already.
    regular(fs::metadata(path)?.file_type())?;
    // A pipe that was put there since would keep an ordinary call waiting.
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = match rustix::fs::open(path, flags, Mode::empty()) {
        Ok(descriptor) => File::from(descriptor),
        Err(Errno::NXIO) => return Err(ReadError::NotRegular("a socket or a device")),
        Err(error) => return Err(io::Error::from(error).into()),
    };
    regular(file.metadata()?.file_type())?;
    Ok(file)
}

/// The bytes of a regular file, at most `limit` of them. A file that grows while it is read is read no further.
pub fn read(path: &Path, limit: u64) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
    open(path)?.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit { Err(ReadError::TooLarge(limit)) } else { Ok(bytes) }
}

fn regular(kind: FileType) -> Result<(), ReadError> {
    Err(ReadError::NotRegular(match kind {
        kind if kind.is_file() => return Ok(()),
        kind if kind.is_dir() => "a directory",
        kind if kind.is_fifo() => "a named pipe",
        kind if kind.is_socket() => "a socket",
        _ => "a device",
    }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::os::unix::{fs::symlink, net::UnixListener};

    #[test]
    fn only_regular_files_are_read_and_only_to_the_limit() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        fs::write(at("ten"), b"0123456789").unwrap();
        symlink(at("ten"), at("link")).unwrap();
        symlink("/dev/zero", at("zero")).unwrap();
        symlink("/dev/tty", at("tty")).unwrap();
        rustix::fs::mkfifoat(rustix::fs::CWD, at("pipe"), Mode::from_raw_mode(0o600)).unwrap();
        let _socket = UnixListener::bind(at("socket")).unwrap();
        assert_eq!(read(&at("ten"), 10).unwrap(), b"0123456789");
        assert_eq!(read(&at("link"), 10).unwrap(), b"0123456789");
        assert!(matches!(read(&at("ten"), 9), Err(ReadError::TooLarge(9))));
        for (name, what) in [
            ("zero", "a device"),
            ("tty", "a device"),
            ("pipe", "a named pipe"),
            ("socket", "a socket"),
            ("", "a directory"),
        ] {
            assert!(matches!(read(&at(name), 10), Err(ReadError::NotRegular(found)) if found == what), "{name}");
            assert!(matches!(look(&at(name)), Err(ReadError::NotRegular(found)) if found == what), "{name}");
        }
        for name in ["missing", "ten/below"] {
            assert!(matches!(read(&at(name), 10), Err(ReadError::NotFound)), "{name}");
            assert!(matches!(look(&at(name)), Err(ReadError::NotFound)), "{name}");
        }
        // Says that it is empty, and isn't.
        assert!(matches!(read(Path::new("/proc/self/status"), 10), Err(ReadError::TooLarge(10))));
    }
}
