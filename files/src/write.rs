//! Writing: under a name that nobody knows, and under its own once it is whole.

use std::{
    fs::{self, File},
    io::{self, ErrorKind, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};
use tempfile::NamedTempFile;

/// How names of unfinished files begin. [`sweep`] removes them when their writer is gone.
pub const PREFIX: &str = ".sealroot-";
/// How they end.
pub const SUFFIX: &str = ".tmp";

/// Who may read a new file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Its owner alone (0600): secrets, and what is about one person.
    Owner,
    /// Everybody whom the process's umask allows (0644).
    Everybody,
}

/// A whole file that has no name of its own yet. Dropped, it is gone.
#[must_use = "what is staged has no name yet"]
pub struct Staged {
    file: NamedTempFile,
    path: PathBuf,
}

impl Staged {
    /// Writes the bytes to the disk, in the directory of `path`, which is made if it is missing.
    pub fn new(path: &Path, bytes: &[u8], access: Access) -> io::Result<Self> {
        let directory = directory_of(path);
        make_directory(directory, Access::Everybody)?;
        let mut file = unfinished(directory, access)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        Ok(Self { file, path: path.to_owned() })
    }

    /// Gives it its name. Where there is something of that name, even a link that leads nowhere, fails with [`ErrorKind::AlreadyExists`], in one step: no
    /// other process can slip a file in between.
    pub fn create(self) -> io::Result<()> {
        self.file.persist_noclobber(&self.path).map_err(|e| e.error)?;
        sync(&self.path)
    }

    /// Gives it its name in place of what is there: readers see the old bytes or the new ones, never half.
    pub fn replace(self) -> io::Result<()> {
        self.file.persist(&self.path).map_err(|e| e.error)?;
        sync(&self.path)
    }
}

/// Makes a directory, and those above it that are missing; their names are on the disk afterwards, so that a power cut doesn't take away what was acknowledged in them. With
/// [`Access::Owner`] they have mode 0700. One that is there keeps its mode.
pub fn make_directory(path: &Path, access: Access) -> io::Result<()> {
    let missing: Vec<&Path> =
        path.ancestors().take_while(|above| !above.as_os_str().is_empty() && !above.is_dir()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    if access == Access::Owner {
        builder.mode(0o700);
    }
    builder.create(path)?;
    missing.into_iter().try_for_each(sync)
}

/// Looks whether a file can be made at `path`, and makes nothing: not even directories that are missing.
pub fn check_place(path: &Path) -> io::Result<()> {
    if path.file_name().is_none() || path.is_dir() {
        return Err(ErrorKind::IsADirectory.into());
    }
    // A name that is too long, or lies beyond a file.
    if let Err(error) = path.symlink_metadata()
        && error.kind() != ErrorKind::NotFound
    {
        return Err(error);
    }
    let mut nearest = directory_of(path);
    while let Err(error) = fs::metadata(nearest) {
        nearest = match (error.kind(), nearest.parent()) {
            (ErrorKind::NotFound, Some(parent)) if !parent.as_os_str().is_empty() => parent,
            (ErrorKind::NotFound, Some(_)) => Path::new("."),
            _ => return Err(error),
        };
    }
    unfinished(nearest, Access::Owner).map(drop)
}

/// Whether two paths lead to one file that exists.
pub fn same_file(one: &Path, other: &Path) -> bool {
    match (fs::metadata(one), fs::metadata(other)) {
        (Ok(one), Ok(other)) => (one.dev(), one.ino()) == (other.dev(), other.ino()),
        _ => false,
    }
}

/// Removes what killed programs left unfinished in a directory, and says what that was. Files that a running program still writes stay.
pub fn sweep(directory: &Path) -> Vec<PathBuf> {
    sweep_named(directory, |name| name.starts_with(PREFIX) && name.ends_with(SUFFIX))
}

/// The same for unfinished files of other names, whose writers hold a lock on them.
pub fn sweep_named(directory: &Path, ours: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(directory) else { return Vec::new() };
    let mut removed = Vec::new();
    for entry in entries.flatten() {
        let name = entry.file_name();
        if !name.to_str().is_some_and(&ours) || !entry.file_type().is_ok_and(|kind| kind.is_file()) {
            continue;
        }
        let path = entry.path();
        // Held until it is removed: a writer that has made the file and not locked it yet sees then that it is gone.
        let Ok(file) = crate::open(&path) else { continue };
        if file.try_lock().is_ok() && fs::remove_file(&path).is_ok() {
            removed.push(path);
        }
    }
    removed
}

/// A file that [`sweep`] leaves alone as long as this process has it.
fn unfinished(directory: &Path, access: Access) -> io::Result<NamedTempFile> {
    let mode = match access {
        Access::Owner => 0o600,
        Access::Everybody => 0o644,
    };
    loop {
        let mut builder = tempfile::Builder::new();
        builder.prefix(PREFIX).suffix(SUFFIX).permissions(fs::Permissions::from_mode(mode));
        let file = builder.tempfile_in(directory)?;
        match file.as_file().lock() {
            Err(error) if error.kind() != ErrorKind::Unsupported => return Err(error),
            _ => {}
        }
        if file.as_file().metadata()?.nlink() > 0 {
            return Ok(file);
        }
    }
}

/// Waits until the file's name is on the disk, too.
fn sync(path: &Path) -> io::Result<()> {
    File::open(directory_of(path))?.sync_all()
}

fn directory_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn a_directory_is_made_with_those_above_it() {
        let home = tempfile::tempdir().unwrap();
        let (secret, open) = (home.path().join("a/b/c"), home.path().join("d"));
        make_directory(&secret, Access::Owner).unwrap();
        make_directory(&open, Access::Everybody).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&secret), mode(&home.path().join("a"))), (0o700, 0o700));
        fs::set_permissions(&open, fs::Permissions::from_mode(0o750)).unwrap();
        make_directory(&open, Access::Owner).unwrap();
        assert_eq!(mode(&open), 0o750, "it is the operator's");
        fs::write(home.path().join("file"), "").unwrap();
        assert!(make_directory(&home.path().join("file/below"), Access::Owner).is_err());
    }

    fn names(directory: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(directory).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_new_file_takes_no_other_files_place() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("new/release.json");
        let put = |bytes: &[u8]| Staged::new(&path, bytes, Access::Owner).unwrap();
        put(b"first").create().unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(put(b"second").create().unwrap_err().kind(), ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"first");
        put(b"third").replace().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"third");
        // A link that somebody else put there is a file that exists, even where it leads nowhere.
        let (link, target) = (directory.path().join("link"), directory.path().join("target"));
        symlink(&target, &link).unwrap();
        let linked = Staged::new(&link, b"secret", Access::Owner).unwrap().create();
        assert_eq!(linked.unwrap_err().kind(), ErrorKind::AlreadyExists);
        assert!(!target.exists());
        assert_eq!(names(directory.path()), ["link", "new"]);
        assert_eq!(names(&directory.path().join("new")), ["release.json"]);
    }

    #[test]
    fn a_place_is_looked_at_and_stays_as_it_is() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        fs::write(at("file"), b"").unwrap();
        check_place(&at("a/b/c")).unwrap();
        check_place(Path::new("no-directory-named")).unwrap();
        check_place(Path::new("missing/below")).unwrap();
        for path in [directory.path().to_owned(), at("file/below"), at("file/below/it"), "/".into(), "..".into()] {
            assert!(check_place(&path).is_err(), "{}", path.display());
        }
        assert!(check_place(Path::new("/proc/no/file")).is_err());
        assert_eq!(names(directory.path()), ["file"]);
    }

    /// What a killed program left goes; what a living one still writes, and what only looks alike, stays.
    #[test]
    fn leftovers_are_swept_and_nothing_else() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        fs::write(at(".sealroot-abc123.tmp"), b"half a key").unwrap();
        fs::write(at(".sealroot-notes"), b"mine").unwrap();
        fs::create_dir(at(".sealroot-d.tmp")).unwrap();
        symlink(at(".sealroot-notes"), at(".sealroot-link.tmp")).unwrap();
        let writing = Staged::new(&at("part.json"), b"part", Access::Everybody).unwrap();
        assert_eq!(sweep(directory.path()), [at(".sealroot-abc123.tmp")]);
        writing.create().unwrap();
        assert_eq!(names(directory.path()), [".sealroot-d.tmp", ".sealroot-link.tmp", ".sealroot-notes", "part.json"]);
        assert!(sweep(&at("missing")).is_empty());
    }
}
