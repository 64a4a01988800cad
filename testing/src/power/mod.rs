//! Power cuts: what a program did to the files of a directory is recorded, and played again into another directory up to some moment, as a disk may have it then.
//!
//! A killed process loses nothing that it wrote: the kernel has it. A power cut loses whatever wasn't synced, in any order and by halves. So the disk here keeps no more than it
//! promised (Pillai and others, "All file systems are not created equal", OSDI 2014): of what no sync covers, each write is there, isn't, or is torn at
//! borders of sectors, whatever came before or after it; a new, renamed or removed name is there or isn't until the directory is synced. Each file fares by itself.
//!
//! Non-guarantees: the disk doesn't lie about a sync, tears no sector of 512 bytes, and damages nothing that wasn't being written. All files lie in one directory;
//! whether that directory itself has a name after the cut isn't asked.

mod disk;
mod recording;

pub use disk::Disk;
pub use recording::Recording;

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// It says itself what it sees.
const SOURCE: &str = include_str!("recorder.c");
/// How the recorder ends where nobody may trace.
const NOT_POSSIBLE: i32 = 77;

/// A recorder, compiled.
pub struct Recorder {
    directory: tempfile::TempDir,
}

impl Recorder {
    /// Compiles it with `CC`, or `cc`. None where there is no compiler or nobody may trace, which is a failure where `SEALROOT_REQUIRE_ALL` is set.
    pub fn new() -> Option<Self> {
        if !cfg!(target_os = "linux") {
            return skipped("they need Linux");
        }
        let recorder = Self { directory: tempfile::tempdir().unwrap() };
        let source = recorder.at("recorder.c");
        fs::write(&source, SOURCE).unwrap();
        let compiler = env::var("CC").unwrap_or_else(|_| "cc".into());
        match Command::new(&compiler).arg("-O1").arg("-o").arg(recorder.at("recorder")).arg(source).output() {
            Ok(output) if output.status.success() => {}
            Ok(output) => {
                panic!("{compiler} doesn't compile the recorder: {}", String::from_utf8_lossy(&output.stderr))
            }
            Err(error) => return skipped(&format!("{compiler}: {error}")),
        }
        let nothing = tempfile::tempdir().unwrap();
        let status = recorder.command(&Command::new("true"), nothing.path()).status().unwrap();
        if status.code() == Some(NOT_POSSIBLE) {
            return skipped("a process may not trace its own child here");
        }
        assert!(status.success(), "the recorder fails: {status}");
        Some(recorder)
    }

    /// Runs a program to its end and records what it does to the files of `directory`, which must be named without links.
    ///
    /// Panics where the record isn't whole: played to its end, it must give the very files that the program left.
    pub fn record(&self, program: &Command, directory: &Path) -> Recording {
        assert_eq!(directory.canonicalize().unwrap(), directory, "the recorder compares names");
        let (before, inodes) = Disk::read(directory);
        let output = self.command(program, directory).stdout(Stdio::null()).stderr(Stdio::piped()).output().unwrap();
        let (status, said) = (output.status, String::from_utf8_lossy(&output.stderr));
        assert!(status.success(), "the recorded program failed: {status}: {said}");
        let recording = Recording::parse(&fs::read(self.at("record")).unwrap(), before, inodes);
        let (left, _) = Disk::read(directory);
        assert!(recording.whole().same_files(&left), "the recorder missed something: {recording:?}");
        recording
    }

    /// The same program with the recorder before it.
    fn command(&self, program: &Command, directory: &Path) -> Command {
        let mut command = Command::new(self.at("recorder"));
        command.arg(directory).arg(self.at("record")).arg(program.get_program()).args(program.get_args());
        for (name, value) in program.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command
    }

    fn at(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }
}

fn skipped(why: &str) -> Option<Recorder> {
    assert!(env::var_os("SEALROOT_REQUIRE_ALL").is_none(), "power cuts are required: {why}");
    eprintln!("skipped: power cuts: {why}");
    None
}
