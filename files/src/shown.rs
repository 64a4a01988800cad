//! Names of files, as they are shown.

use sealroot_protocol::printable::printable;
use std::{fmt, path::Path};

/// A path for people's eyes. A name is somebody else's text: one with a line break in it could forge a line of a report.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a>(&'a Path);

/// Makes a path fit for a terminal or page. The result is no path any more: it may lack what the name had.
pub fn shown(path: &(impl AsRef<Path> + ?Sized)) -> Shown<'_> {
    Shown(path.as_ref())
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&printable(&self.0.to_string_lossy()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_forges_no_line() {
        let name = "a.json\nb.json: valid, approved, 412.00\u{202e}\u{1b}[2K";
        let seen = shown(name).to_string();
        assert!(!seen.chars().any(char::is_control), "{seen:?}");
        assert!(!seen.contains('\u{202e}'), "{seen:?}");
        assert_eq!(shown("cases/取暖/über.json").to_string(), "cases/取暖/über.json");
    }
}
