//! The files of one directory, in memory.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    os::unix::fs::MetadataExt,
    path::Path,
};

/// A file, whatever name it has.
pub(super) type FileId = usize;

/// Contents by file, and files by name. A file may have none.
#[derive(Clone, Default)]
pub struct Disk {
    pub(super) files: BTreeMap<FileId, Vec<u8>>,
    pub(super) names: BTreeMap<String, FileId>,
}

/// SQLite makes the index of a write-ahead log anew after a power cut; it is mapped memory, which nobody records.
fn survives(name: &str) -> bool {
    !name.ends_with("-shm")
}

impl Disk {
    /// What lies there, and each file's inode.
    pub(super) fn read(directory: &Path) -> (Self, HashMap<u64, FileId>) {
        let (mut disk, mut inodes) = (Self::default(), HashMap::new());
        for entry in fs::read_dir(directory).unwrap() {
            let entry = entry.unwrap();
            let file = disk.files.len();
            inodes.insert(entry.metadata().unwrap().ino(), file);
            disk.files.insert(file, fs::read(entry.path()).unwrap());
            disk.names.insert(entry.file_name().into_string().unwrap(), file);
        }
        (disk, inodes)
    }

    /// Writes the files into a directory.
    pub fn write(&self, directory: &Path) {
        for (name, bytes) in self.named() {
            fs::write(directory.join(name), bytes).unwrap();
        }
    }

    pub(super) fn same_files(&self, other: &Self) -> bool {
        self.named().eq(other.named())
    }

    fn named(&self) -> impl Iterator<Item = (&String, &Vec<u8>)> {
        self.names.iter().filter(|(name, _)| survives(name)).map(|(name, file)| (name, &self.files[file]))
    }

    /// A part of a write: it may leave a hole, which reads as zeros.
    pub(super) fn put(&mut self, file: FileId, offset: usize, bytes: &[u8]) {
        self.reach(file, offset + bytes.len());
        self.files.entry(file).or_default()[offset..offset + bytes.len()].copy_from_slice(bytes);
    }

    /// The file is at least as long.
    pub(super) fn reach(&mut self, file: FileId, length: usize) {
        let contents = self.files.entry(file).or_default();
        if contents.len() < length {
            contents.resize(length, 0);
        }
    }

    pub(super) fn cut(&mut self, file: FileId, length: usize) {
        self.files.entry(file).or_default().resize(length, 0);
    }
}
