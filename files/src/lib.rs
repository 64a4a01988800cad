//! Files of this machine: read with care, and written so that nothing is lost.
//!
//! Guarantees: only regular files are read, and never more than a limit, so that a link to a device or a named pipe neither hangs a program nor fills its
//! memory; a file is written whole or not at all; a new file never takes the place of another; what a killed program left behind is found and removed.
//! Non-guarantee: who may enter a directory. Another user who can write to it can remove files there.

mod read;
mod shown;
mod write;

pub use read::{ReadError, code_of, look, open, read};
pub use shown::{Shown, shown};
pub use write::{Access, PREFIX, SUFFIX, Staged, check_place, make_directory, same_file, sweep, sweep_named};
