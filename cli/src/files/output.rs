//! Where a verb writes.

use super::{Form, read, shown};
use crate::failure::{Failure, OrFail, Outcome};
use sealroot_files::{Staged, check_place, same_file, sweep};
use sealroot_protocol::{canonical, code::Code};
use serde::{Serialize, de::DeserializeOwned};
use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
};

/// Whether a verb may replace what it wrote before.
#[derive(Debug, Clone, Copy, Default, clap::Args)]
pub struct ForceArgs {
    /// Replace an earlier output of the same kind; no other file is ever replaced
    #[arg(long)]
    pub force: bool,
}

/// A place for one file, looked at before the work that fills it: what can't be written there is said while nothing is done yet.
#[derive(Debug)]
#[must_use = "a verb that asked for a place writes there"]
pub struct Output {
    path: PathBuf,
    form: Form,
    replace: bool,
    /// Length of what stands there, which an earlier run of the same act wrote and which stays.
    kept: Option<usize>,
}

impl Output {
    /// A place for a new file. Refuses one that exists, and one where no file can be made.
    pub fn new(path: &Path, form: Form) -> Outcome<Self> {
        Self::replacing(path, form, ForceArgs { force: false }, &[])
    }

    /// With `--force` also a place where there is a file of the same form already, if it isn't one that the verb reads.
    pub fn replacing(path: &Path, form: Form, force: ForceArgs, inputs: &[&Path]) -> Outcome<Self> {
        Self::finishing(path, form, force, inputs, |_| false)
    }

    /// Also a place where an earlier run of the same act has written what can't be made again, by `same`: that stays as it is.
    pub fn finishing(
        path: &Path,
        form: Form,
        force: ForceArgs,
        inputs: &[&Path],
        same: impl FnOnce(&[u8]) -> bool,
    ) -> Outcome<Self> {
        let here = directory_of(path);
        for left in sweep(here) {
            tracing::warn!("{}: an interrupted run left it unfinished; it is removed", shown(&left));
        }
        let place = Self { path: path.to_owned(), form, replace: false, kept: None };
        // A link that leads nowhere is something, too.
        if path.symlink_metadata().is_err() {
            check_place(path).map_err(|e| unwritable(path, &e))?;
            return Ok(place);
        }
        if let Some(input) = inputs.iter().find(|input| same_file(input, path)) {
            return Err(Failure::new(Code::OutputIsInput, format!("the output {} is an input, too", shown(input))));
        }
        if path.is_dir() {
            return Err(unwritable(path, &ErrorKind::IsADirectory.into()));
        }
        let old = read(path).unwrap_or_default();
        if (form.settled)(&old) {
            return if same(&old) { Ok(Self { kept: Some(old.len()), ..place }) } else { Err(settled(path)) };
        }
        let alike = (form.is)(&old);
        match (force.force, alike) {
            (true, true) => {
                check_place(path).map_err(|e| unwritable(path, &e))?;
                Ok(Self { replace: true, ..place })
            }
            (true, false) => Err(protected(path, form.what)),
            (false, true) => Err(exists(path).advice("choose another path, or replace it with --force")),
            (false, false) => Err(exists(path)),
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes the file, whole or not at all. What came to the place since it was looked at is not replaced.
    pub fn put(self, bytes: &[u8]) -> Outcome<usize> {
        let Self { path, form, replace, kept } = &self;
        if let Some(length) = kept {
            return Ok(*length);
        }
        let written = Staged::new(path, bytes, form.access)
            .and_then(|staged| if *replace { staged.replace() } else { staged.create() });
        match written {
            Ok(()) => Ok(bytes.len()),
            Err(e) if e.kind() == ErrorKind::AlreadyExists => Err(exists(path)),
            Err(e) => Err(unwritable(path, &e)),
        }
    }

    /// Writes a document in canonical JSON.
    pub fn document(self, document: &impl Serialize) -> Outcome<usize> {
        let bytes = canonical::to_bytes(document).or_fail(Code::BadDocument)?;
        self.put(&bytes)
    }
}

/// Keeps up a file that the verbs themselves maintain: a list of pins, a published document. What is there is replaced only where it is such a document, and
/// `same` says that it is about the same thing.
pub fn keep<T: Serialize + DeserializeOwned>(
    path: &Path,
    form: Form,
    document: &T,
    same: impl FnOnce(&T) -> bool,
) -> Outcome<usize> {
    if path.symlink_metadata().is_err() {
        return Output::new(path, form)?.document(document);
    }
    let (old, new) = (read(path)?, canonical::to_bytes(document).or_fail(Code::BadDocument)?);
    if old != new {
        let kept: T = canonical::from_bytes(&old)
            .map_err(|e| Failure::new(Code::BadDocument, format!("{}: {e}", shown(path))))?;
        if !same(&kept) {
            return Err(protected(path, form.what));
        }
        let written = Staged::new(path, &new, form.access).and_then(Staged::replace);
        written.map_err(|e| unwritable(path, &e))?;
    }
    Ok(new.len())
}

fn directory_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn exists(path: &Path) -> Failure {
    Failure::new(Code::FileExists, format!("{} exists and is not replaced", shown(path)))
        .advice("choose another path, or move the old file away yourself")
}

fn protected(path: &Path, what: &str) -> Failure {
    let message = format!("{} is not {what} that this verb could have written, and is never replaced", shown(path));
    Failure::new(Code::FileProtected, message)
}

fn settled(path: &Path) -> Failure {
    let message = format!("{} is a bundle that was decided, with its evidence, and is never replaced", shown(path));
    Failure::new(Code::BundleDecided, message)
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(Code::FileUnwritable, format!("{}: {error}", shown(path)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::{fs, os::unix::fs::PermissionsExt};

    const FORCE: ForceArgs = ForceArgs { force: true };

    /// Documents of one form, for tests: JSON strings.
    const TEXT: Form = Form { is: |bytes| bytes.first() == Some(&b'"'), ..Form::public("a text") };

    fn code(rejected: Outcome<Output>) -> Code {
        rejected.unwrap_err().code()
    }

    #[test]
    fn what_is_about_one_person_is_theirs_and_is_never_replaced() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("new/release.json");
        let release = Form::personal("a release");
        Output::new(&path, release).unwrap().document(&"first").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(code(Output::new(&path, release)), Code::FileExists);
        assert_eq!(code(Output::replacing(&path, release, FORCE, &[])), Code::FileProtected);
        assert_eq!(fs::read_to_string(&path).unwrap(), "\"first\"");
        assert_eq!(code(Output::new(&path.join("below a file"), release)), Code::FileUnwritable);
        assert_eq!(code(Output::new(directory.path(), release)), Code::FileUnwritable);
    }

    /// Another file that came during the work survives it.
    #[test]
    fn what_came_meanwhile_is_not_replaced() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("part.json");
        let place = Output::new(&path, Form::PART).unwrap();
        assert!(!path.exists());
        fs::write(&path, "mine").unwrap();
        assert_eq!(place.put(b"part").unwrap_err().code(), Code::FileExists);
        assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn force_replaces_the_same_form_alone() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        fs::write(at("text"), "\"old\"").unwrap();
        assert_eq!(code(Output::new(&at("text"), TEXT)), Code::FileExists);
        assert_eq!(code(Output::replacing(&at("text"), TEXT, FORCE, &[&at("text")])), Code::OutputIsInput);
        Output::replacing(&at("text"), TEXT, FORCE, &[&at("other")]).unwrap().document(&"new").unwrap();
        assert_eq!(fs::read_to_string(at("text")).unwrap(), "\"new\"");
        for precious in [&b"0x11"[..], &[7; 32], b"SQLite format 3\0", b"chain_id = 1", b"abandon art"] {
            fs::write(at("precious"), precious).unwrap();
            for form in [TEXT, Form::REQUEST, Form::PART, Form::BUNDLE, Form::POLICY_KEY, Form::SNARKJS] {
                let replaced = Output::replacing(&at("precious"), form, FORCE, &[]);
                assert_eq!(code(replaced), Code::FileProtected, "{}", form.what);
            }
            assert_eq!(fs::read(at("precious")).unwrap(), precious);
        }
    }

    #[test]
    fn a_kept_file_changes_only_where_it_is_the_same_thing() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("published/a.json");
        let keep = |text: &str| keep(&path, Form::public("a document"), &text.to_owned(), |old| old.starts_with('a'));
        keep("a1").unwrap();
        keep("a2").unwrap();
        keep("b1").unwrap();
        assert_eq!(keep("b2").unwrap_err().code(), Code::FileProtected);
        keep("b1").unwrap();
        fs::write(&path, "no document").unwrap();
        assert_eq!(keep("a1").unwrap_err().code(), Code::BadDocument);
        assert_eq!(fs::read_to_string(&path).unwrap(), "no document");
    }

    #[test]
    fn what_a_killed_run_left_is_gone_after_the_next() {
        let directory = tempfile::tempdir().unwrap();
        let left = directory.path().join(".sealroot-x1.tmp");
        fs::write(&left, b"half").unwrap();
        Output::new(&directory.path().join("a"), TEXT).unwrap().put(b"a").unwrap();
        assert!(!left.exists());
    }
}
