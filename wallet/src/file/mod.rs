//! Files: the only room that names paths. A page keeps the same bytes elsewhere, and uses the rest of this crate.

mod history;
mod wallet;

pub use wallet::{KeyFileError, public_key_of};

use std::{fs::File, io, path::Path};

/// Makes the name of a new file durable.
fn sync_directory(path: &Path) -> io::Result<()> {
    let directory = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(directory)?.sync_all()
}
