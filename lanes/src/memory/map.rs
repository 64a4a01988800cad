//! Points in pages of their own, or in a mapped file.
//!
//! Sums read tables in no order, so with pages of 4 KiB nearly every read first waits for its address to be translated. Large pages are asked
//! for wherever the system has them; without them all is the same, but slower.

use super::point::Stored;
use memmap2::{Mmap, MmapMut};
use std::fs::File;
use std::io;
use std::sync::Arc;

/// A file mapped into memory, read only.
#[derive(Clone, Debug)]
pub struct MappedFile(Arc<Mmap>);

impl MappedFile {
    /// Maps a whole file.
    ///
    /// By its owner and permissions the caller keeps everybody, this process included, from changing the file while it is mapped. A change would be
    /// seen here, and bytes cut off end the process when they are read. What decides anything is to be copied before it is looked at.
    pub fn open(file: &File) -> io::Result<Self> {
        // SAFETY: the map is private and read only. Bytes that another process changes are plain integers whatever their value; no
        // reference to them is used where a change could break more than a result, which every caller checks.
        let map = unsafe { memmap2::MmapOptions::new().map_copy_read_only(file)? };
        // A hint: where it can't be taken, nothing is lost.
        #[cfg(target_os = "linux")]
        let _ = map.advise(memmap2::Advice::HugePage);
        Ok(Self(Arc::new(map)))
    }

    /// The file's bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// `count` points from byte `start` on; `None` if they don't lie in the file or `start` is not a multiple of their alignment.
    pub fn points<const L: usize>(&self, start: usize, count: usize) -> Option<Points<L>> {
        let bytes = count.checked_mul(size_of::<Stored<L>>())?;
        let inside = start.checked_add(bytes)? <= self.0.len();
        (inside && start.is_multiple_of(align_of::<Stored<L>>())).then(|| Points { map: self.0.clone(), start, count })
    }
}

/// Points that don't change.
#[derive(Clone, Debug)]
pub struct Points<const L: usize> {
    map: Arc<Mmap>,
    start: usize,
    count: usize,
}

impl<const L: usize> Points<L> {
    /// A copy of these, in pages of their own.
    ///
    /// # Errors
    /// If the system has no memory for them.
    pub fn resident(points: &[Stored<L>]) -> io::Result<Self> {
        let bytes = point_bytes(points);
        // An empty map is none.
        let mut map = MmapMut::map_anon(bytes.len().max(1))?;
        #[cfg(target_os = "linux")]
        let _ = map.advise(memmap2::Advice::HugePage);
        map[..bytes.len()].copy_from_slice(bytes);
        Ok(Self { map: Arc::new(map.make_read_only()?), start: 0, count: points.len() })
    }
}

impl<const L: usize> AsRef<[Stored<L>]> for Points<L> {
    fn as_ref(&self) -> &[Stored<L>] {
        let bytes = &self.map[self.start..self.start + self.count * size_of::<Stored<L>>()];
        // SAFETY: `Stored` is `repr(C)` limbs without padding, any bytes are a value. Maps begin at a page, and `start` is 0 or was checked
        // to keep the alignment; the length is the slice's, and the borrow is the map's.
        unsafe { std::slice::from_raw_parts(bytes.as_ptr().cast(), self.count) }
    }
}

/// The bytes of points, as they stand in a file. Whole cache lines only: anything else is no type of points.
pub fn point_bytes<const L: usize>(points: &[Stored<L>]) -> &[u8] {
    const { assert!(size_of::<Stored<L>>() == L * size_of::<u64>(), "padding is not initialised") }
    // SAFETY: `Stored` is `repr(C)` limbs without padding, so all its bytes are initialised; a byte has no alignment.
    unsafe { std::slice::from_raw_parts(points.as_ptr().cast(), size_of_val(points)) }
}
