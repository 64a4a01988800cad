//! Points in a mapped file.

use crate::packed::Stored;
use memmap2::Mmap;
use std::fs::File;
use std::io;
use std::sync::Arc;

/// A file mapped into memory, read only.
#[derive(Clone, Debug)]
pub struct MappedFile(Arc<Mmap>);

impl MappedFile {
    /// Maps a whole file.
    ///
    /// The caller keeps others from changing the file while it is mapped, by its permissions: a change would be seen here, and bytes cut off
    /// end the process when they are read. What is computed from the bytes is valid for any bytes.
    pub fn open(file: &File) -> io::Result<Self> {
        // SAFETY: the map is private and read only. Bytes that another process changes are plain integers whatever their value; no
        // reference to them is used where a change could break more than a result, which every caller checks.
        let map = unsafe { memmap2::MmapOptions::new().populate().map_copy_read_only(file)? };
        Ok(Self(Arc::new(map)))
    }

    /// The file's bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// `count` points from byte `start` on; `None` if they don't lie in the file or `start` is not a multiple of 64.
    pub fn points<const L: usize>(&self, start: usize, count: usize) -> Option<MappedPoints<L>> {
        let bytes = count.checked_mul(size_of::<Stored<L>>())?;
        let inside = start.checked_add(bytes)? <= self.0.len();
        (inside && start.is_multiple_of(align_of::<Stored<L>>())).then(|| MappedPoints {
            file: self.clone(),
            start,
            count,
        })
    }
}

/// Points in a mapped file.
#[derive(Clone, Debug)]
pub struct MappedPoints<const L: usize> {
    file: MappedFile,
    start: usize,
    count: usize,
}

impl<const L: usize> AsRef<[Stored<L>]> for MappedPoints<L> {
    fn as_ref(&self) -> &[Stored<L>] {
        let bytes = &self.file.bytes()[self.start..self.start + self.count * size_of::<Stored<L>>()];
        // SAFETY: `Stored` is `repr(C)` limbs without padding, any bytes are a value. Maps begin at a page, and `points` has checked that
        // `start` keeps the alignment; the length is the slice's, and the borrow is the file's.
        unsafe { std::slice::from_raw_parts(bytes.as_ptr().cast(), self.count) }
    }
}

/// Points in memory of one's own, or in a mapped file.
#[derive(Clone, Debug)]
pub enum Points<const L: usize> {
    /// In memory.
    Owned(Vec<Stored<L>>),
    /// In a file.
    Mapped(MappedPoints<L>),
}

impl<const L: usize> AsRef<[Stored<L>]> for Points<L> {
    fn as_ref(&self) -> &[Stored<L>] {
        match self {
            Self::Owned(points) => points,
            Self::Mapped(points) => points.as_ref(),
        }
    }
}

/// The bytes of points, as they stand in a file.
pub fn point_bytes<const L: usize>(points: &[Stored<L>]) -> &[u8] {
    // SAFETY: `Stored` is `repr(C)` limbs without padding, so all its bytes are initialised; a byte has no alignment.
    unsafe { std::slice::from_raw_parts(points.as_ptr().cast(), size_of_val(points)) }
}
