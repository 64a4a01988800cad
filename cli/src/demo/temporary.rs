//! The directory of a demo that keeps nothing: its user's alone, removed at its end, and after a demo that was killed at the beginning of the next.

use crate::{failure::Outcome, files::shown, ui::Ui};
use std::{
    fs,
    fs::File,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::Path,
};
use tempfile::TempDir;

const PREFIX: &str = "sealroot-demo-";

/// Held by the demo that runs.
const LOCK: &str = "demo.lock";

/// See the module.
pub struct Temporary {
    directory: TempDir,
    _lock: File,
}

impl Temporary {
    /// Makes one in `home`, after what killed demos of this user left there is removed.
    pub fn within(home: &Path, ui: Ui) -> Outcome<Self> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(PREFIX).permissions(fs::Permissions::from_mode(0o700));
        let directory = builder.tempdir_in(home)?;
        let lock = File::create_new(directory.path().join(LOCK))?;
        lock.lock()?;
        sweep(home, directory.path().metadata()?.uid(), ui);
        Ok(Self { directory, _lock: lock })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.directory.path()
    }
}

fn sweep(home: &Path, user: u32, ui: Ui) {
    for entry in fs::read_dir(home).into_iter().flatten().flatten() {
        let path = entry.path();
        let demo = entry.file_name().to_str().is_some_and(|name| name.starts_with(PREFIX));
        let own = || path.symlink_metadata().is_ok_and(|entry| entry.is_dir() && entry.uid() == user);
        if !demo || !own() {
            continue;
        }
        let Ok(lock) = sealroot_files::open(&path.join(LOCK)) else { continue };
        if lock.try_lock().is_ok() && fs::remove_dir_all(&path).is_ok() {
            ui.say(format!("removed {}, which an interrupted demo left", shown(&path)));
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_a_killed_demo_left_is_removed_and_a_running_one_is_left_alone() {
        let home = tempfile::tempdir().unwrap();
        let running = Temporary::within(home.path(), Ui::silent()).unwrap();
        let killed = home.path().join("sealroot-demo-killed");
        let others = home.path().join("sealroot-demo-notes");
        for directory in [&killed, &others] {
            fs::create_dir(directory).unwrap();
            fs::write(directory.join("master.key"), "secret").unwrap();
        }
        fs::write(killed.join(LOCK), "").unwrap();
        let next = Temporary::within(home.path(), Ui::silent()).unwrap();
        assert!(!killed.exists());
        assert!(others.exists(), "no demo held it");
        assert!(running.path().exists() && next.path() != running.path());
        let path = running.path().to_owned();
        assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o700);
        drop(running);
        assert!(!path.exists());
    }
}
