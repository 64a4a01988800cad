//! A key's tables, and their file.
//!
//! | bytes | what |
//! |---|---|
//! | 16 | `sealroot/1:table` |
//! | 4, 4 | version; arithmetic the points are stored for (1 scalar, 2 IFMA), little-endian as all that follows |
//! | 32, 32 | SHA-256 of the proving key file; digest of the circuit's matrices |
//! | 32 | SHA-256 of everything after the first 256 bytes, with all sizes below |
//! | 3 × 16 | for A, C and B in G2: bits of a window, stride, number of bases |
//! | to 256 | 0 |
//! | | for each table: the scalar's index of each base, 4 bytes each, padded to 64; then the points |
//!
//! Trust: a cache is as sensitive as the proving key. An attacker that can write it could choose tables that leak the witness through which proofs
//! succeed, so a file that belongs to somebody else, or that others may write, is rejected. An account that can rename files in its directory is
//! trusted. Nothing of a file has a part in the engine's check of its proofs. A crash while writing leaves the old file.

use sealroot_lanes::map::{MappedFile, Points, point_bytes};
use sealroot_lanes::msm::{Layout, MsmError, Table};
use sealroot_lanes::scale::Degenerate;
use sealroot_lanes::{G1, G2, Instructions, WIDTH};
use sealroot_protocol::code::{Code, Coded};
use sealroot_protocol::field::Digest;
use sealroot_protocol::printable::printable;
use sha2::{Digest as _, Sha256};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path as FilePath, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

const MAGIC: &[u8; 16] = b"sealroot/1:table";
const VERSION: u32 = 2;
const HEADER: usize = 256;
const ALIGNMENT: usize = 64;

/// Tables of all bases of a proving key. All have windows of one width, and share digits.
pub(super) struct Tables {
    pub(super) a: Table<G1, Points<8>>,
    /// All that the proof's C sums up, in one set of buckets: the bases of L with c's part of the quotient, one for each variable; those
    /// of H on the coset; those of B in G1 that are finite, whose scalars are the variables' times r.
    pub(super) c: Table<G1, Points<8>>,
    /// The bases of B that are finite are the same ones in both groups.
    pub(super) b2: Table<G2, Points<16>>,
}

/// How the tables are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layouts {
    pub(super) a: Layout,
    pub(super) c: Layout,
    pub(super) b2: Layout,
}

/// The smallest tables don't fit into the budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("tables of this key need at least {} MiB, the budget is {} MiB: raise it, or prove without tables", needed.div_ceil(1 << 20), budget >> 20)]
pub struct TooLittleMemory {
    /// Bytes allowed.
    pub budget: usize,
    /// Bytes of the smallest tables.
    pub needed: usize,
}

/// Why there are no tables.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// See there.
    #[error(transparent)]
    Memory(#[from] TooLittleMemory),
    /// No transform of this size.
    #[error("no transforms for a circuit of {0} rows: prove without tables")]
    Domain(usize),
    /// The key's points are not those of a random setup.
    #[error(transparent)]
    Degenerate(#[from] Degenerate),
    /// The key's points are not those of a random setup.
    #[error("the proving key has a base at infinity where no random setup has one")]
    Infinity,
    /// The key's points are not in the group, or tables don't have the sizes they name.
    #[error(transparent)]
    Msm(#[from] MsmError),
    /// The system has no memory for them.
    #[error("no memory for the tables: {0}; lower their budget, or prove without tables")]
    Allocation(#[source] io::Error),
    /// The file can't be read or written.
    #[error("table file {}: {error}", printable(&path.to_string_lossy()))]
    File {
        /// Which file.
        path: PathBuf,
        /// What the operating system says.
        error: io::Error,
    },
    /// Others may write the file.
    #[error("table file {} belongs to another user or can be written by others: a changed table can leak witnesses; delete it and have it made again", printable(&path.to_string_lossy()))]
    Permissions {
        /// Which file.
        path: PathBuf,
    },
    /// The file is not what it should be.
    #[error("table file {} {what}: delete it and have it made again", printable(&path.to_string_lossy()))]
    Rejected {
        /// Which file.
        path: PathBuf,
        /// In which way.
        what: &'static str,
    },
}

impl Coded for TableError {
    fn code(&self) -> Code {
        Code::BadTables
    }
}

/// What a table file must be for.
#[derive(Clone, Copy)]
pub(super) struct Subject {
    pub(super) instructions: Instructions,
    /// SHA-256 of the proving key file.
    pub(super) key: Digest,
    /// Of the matrices.
    pub(super) circuit: Digest,
    /// Variables of the circuit, and the size of its domain.
    pub(super) sizes: [usize; 2],
}

impl Subject {
    fn arithmetic(self) -> u32 {
        if self.instructions == Instructions::scalar() { 1 } else { 2 }
    }
}

impl Tables {
    /// Bytes of all points.
    pub(super) fn bytes(&self) -> usize {
        let firsts: usize = self.firsts().iter().map(|table| size_of_val(table.points())).sum();
        firsts + size_of_val(self.b2.points())
    }

    fn firsts(&self) -> [&Table<G1, Points<8>>; 2] {
        [&self.a, &self.c]
    }

    /// Writes a file that replaces any other.
    pub(super) fn write(&self, subject: Subject, file: &FilePath) -> Result<(), TableError> {
        // One name for each writer: engines may be made side by side.
        static WRITERS: AtomicUsize = AtomicUsize::new(0);
        let writer = WRITERS.fetch_add(1, Ordering::Relaxed);
        let temporary = file.with_extension(format!("{}.{writer}.new", std::process::id()));
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let failed = |error| TableError::File { path: file.to_owned(), error };
        let out = options.open(&temporary).map_err(failed)?;
        // A process that finds it and can lock it knows that its writer is gone. Where files can't be locked, nobody finds that out.
        let _ = out.try_lock();
        let result = self.write_to(subject, out).and_then(|()| fs::rename(&temporary, file));
        result.map_err(|error| {
            // The first error is the one to report.
            let _ = fs::remove_file(&temporary);
            failed(error)
        })
    }

    fn write_to(&self, subject: Subject, out: File) -> io::Result<()> {
        let mut hash = Sha256::new();
        let mut sizes = Vec::new();
        for table in self.firsts() {
            sizes.extend(size_entry(table.layout(), table.scalars()));
        }
        sizes.extend(size_entry(self.b2.layout(), self.b2.scalars()));
        hash.update(&sizes);
        self.body(&mut |bytes| {
            hash.update(bytes);
            Ok(())
        })?;
        let mut header = Vec::with_capacity(HEADER);
        header.extend(MAGIC);
        header.extend(VERSION.to_le_bytes());
        header.extend(subject.arithmetic().to_le_bytes());
        header.extend(subject.key.0);
        header.extend(subject.circuit.0);
        header.extend::<[u8; 32]>(hash.finalize().into());
        header.extend(sizes);
        header.resize(HEADER, 0);

        let mut out = BufWriter::with_capacity(1 << 20, out);
        out.write_all(&header)?;
        self.body(&mut |bytes| out.write_all(bytes))?;
        out.flush()?;
        out.get_ref().sync_all()
    }

    fn body(&self, put: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        for table in self.firsts() {
            put(&scalar_bytes(table.scalars()))?;
            put(point_bytes(table.points()))?;
        }
        put(&scalar_bytes(self.b2.scalars()))?;
        put(point_bytes(self.b2.points()))
    }

    /// Maps a file that [`write`](Self::write) wrote for the same subject; rejects every other.
    pub(super) fn open(subject: Subject, file: &FilePath) -> Result<Self, TableError> {
        let failed = |error| TableError::File { path: file.to_owned(), error };
        let rejected = |what| TableError::Rejected { path: file.to_owned(), what };
        // To open a pipe would wait for somebody who writes.
        if !fs::metadata(file).map_err(failed)?.is_file() {
            return Err(rejected("is no regular file"));
        }
        let opened = File::open(file).map_err(failed)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            let metadata = opened.metadata().map_err(failed)?;
            let owner = [0, rustix::process::geteuid().as_raw()].contains(&metadata.uid());
            if !owner || metadata.mode() & 0o022 != 0 {
                return Err(TableError::Permissions { path: file.to_owned() });
            }
        }
        let map = MappedFile::open(&opened).map_err(failed)?;
        let bytes = map.bytes();
        let truncated = || rejected("is truncated");
        let header: [u8; HEADER] = *bytes.first_chunk().ok_or_else(truncated)?;
        let word = |at: usize| u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
        if header[..16] != MAGIC[..] {
            return Err(rejected("is no table file"));
        }
        if word(16) != VERSION {
            return Err(rejected("is of another version"));
        }
        if word(20) != subject.arithmetic() {
            return Err(rejected("was made for another processor"));
        }
        if header[24..56] != subject.key.0 {
            return Err(rejected("was made for another proving key"));
        }
        if header[56..88] != subject.circuit.0 {
            return Err(rejected("was made for another circuit"));
        }
        let sizes = &header[120..168];
        if header[168..].iter().any(|byte| *byte != 0) {
            return Err(rejected("is damaged"));
        }
        let mut hash = Sha256::new();
        hash.update(sizes);
        hash.update(&bytes[HEADER..]);
        let intact = header[88..120] == hash.finalize()[..];

        let mut reader = Reader { map: &map, at: HEADER };
        let mut entries = sizes.as_chunks::<16>().0.iter();
        let mut next =
            || entries.next().ok_or_else(truncated).and_then(|e| read_size(e).ok_or_else(|| rejected("is damaged")));
        let mut first = || -> Result<_, TableError> {
            let (layout, bases) = next()?;
            let scalars = reader.scalars(bases).ok_or_else(truncated)?;
            let points = reader.points::<8>(layout, bases).ok_or_else(truncated)?;
            Ok(Table::from_parts(layout, scalars, points)?)
        };
        let (a, c) = (first()?, first()?);
        let (layout, bases) = next()?;
        let scalars = reader.scalars(bases).ok_or_else(truncated)?;
        let b2 = Table::from_parts(layout, scalars, reader.points::<16>(layout, bases).ok_or_else(truncated)?)?;
        if reader.at != bytes.len() {
            return Err(rejected("has bytes after its end"));
        }
        // Last, so that a file that ends too early is called truncated.
        if !intact {
            return Err(rejected("is damaged"));
        }
        let tables = Self { a, c, b2 };
        if tables.fit(subject) { Ok(tables) } else { Err(rejected("does not fit the circuit")) }
    }
}

impl Tables {
    /// Whether tables have one width, and name no scalar that a proof doesn't have.
    fn fit(&self, subject: Subject) -> bool {
        let [variables, domain] = subject.sizes;
        let ascending = |scalars: &[u32], below: usize| {
            scalars.is_sorted_by(|a, b| a < b) && scalars.last().is_none_or(|last| (*last as usize) < below)
        };
        let twists = self.b2.scalars();
        let width = self.a.layout().width;
        width == self.c.layout().width
            && width == self.b2.layout().width
            && ascending(self.a.scalars(), variables)
            && ascending(twists, variables)
            && ascending(self.c.scalars(), variables + domain + twists.len())
    }
}

struct Reader<'a> {
    map: &'a MappedFile,
    at: usize,
}

impl Reader<'_> {
    fn scalars(&mut self, count: usize) -> Option<Vec<u32>> {
        let bytes = self.map.bytes().get(self.at..self.at.checked_add(count.checked_mul(4)?)?)?;
        self.at += bytes.len().next_multiple_of(ALIGNMENT);
        Some(bytes.as_chunks().0.iter().map(|chunk| u32::from_le_bytes(*chunk)).collect())
    }

    fn points<const L: usize>(&mut self, layout: Layout, bases: usize) -> Option<Points<L>> {
        let count = layout.multiples().checked_mul(bases.next_multiple_of(WIDTH))?;
        let points = self.map.points::<L>(self.at, count)?;
        self.at += count * 8 * L;
        Some(points)
    }
}

fn size_entry(layout: Layout, scalars: &[u32]) -> [u8; 16] {
    let mut out = [0; 16];
    out[..4].copy_from_slice(&layout.width.to_le_bytes());
    out[4..8].copy_from_slice(&layout.stride.to_le_bytes());
    out[8..].copy_from_slice(&(scalars.len() as u64).to_le_bytes());
    out
}

fn read_size(entry: &[u8; 16]) -> Option<(Layout, usize)> {
    let word = |at: usize| u32::from_le_bytes([entry[at], entry[at + 1], entry[at + 2], entry[at + 3]]);
    let layout = Layout { width: word(0), stride: word(4) };
    let bases = u64::from(word(12)) << 32 | u64::from(word(8));
    let sane = (1..=26).contains(&layout.stride) && sealroot_lanes::digits::WINDOWS.contains(&layout.width);
    (sane && bases < 1 << 28).then_some((layout, bases as usize))
}

fn scalar_bytes(scalars: &[u32]) -> Vec<u8> {
    let mut out: Vec<u8> = scalars.iter().flat_map(|scalar| scalar.to_le_bytes()).collect();
    out.resize(out.len().next_multiple_of(ALIGNMENT), 0);
    out
}
