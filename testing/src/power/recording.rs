//! What a program did to the files of a directory, and what a disk may have of it.

use super::disk::{Disk, FileId};
use rand::{RngExt, rngs::StdRng};
use std::{
    collections::{BTreeMap, HashMap},
    fmt,
};

/// The least that a disk writes as a whole, in bytes.
const SECTOR: usize = 512;

#[derive(Clone)]
enum Act {
    /// A name for a new file, or another one for an old file.
    Name {
        file: FileId,
        name: String,
    },
    Rename {
        file: FileId,
        from: String,
        to: String,
    },
    Unlink {
        file: FileId,
        name: String,
    },
    SyncNames,
    Write {
        file: FileId,
        offset: usize,
        bytes: Vec<u8>,
    },
    Cut {
        file: FileId,
        length: usize,
    },
    Sync {
        file: FileId,
    },
    /// On standard output.
    Say(Vec<u8>),
}

/// The files before, and what happened to them, in order.
#[derive(Clone)]
pub struct Recording {
    before: Disk,
    acts: Vec<Act>,
}

impl Recording {
    /// How many acts; a power cut may come before each, and after the last.
    pub fn len(&self) -> usize {
        self.acts.len()
    }

    /// Whether nothing was recorded.
    pub fn is_empty(&self) -> bool {
        self.acts.is_empty()
    }

    /// A moment for a power cut: any, or one at which much is at stake: right after the program said something, or right before a sync.
    pub fn moment(&self, random: &mut StdRng) -> usize {
        let says: Vec<usize> = self.positions(|act| matches!(act, Act::Say(_))).map(|i| i + 1).collect();
        let syncs: Vec<usize> = self.positions(|act| matches!(act, Act::Sync { .. } | Act::SyncNames)).collect();
        let any = random.random_range(0..=self.len());
        let among = |some: &[usize], random: &mut StdRng| some.get(random.random_range(0..some.len().max(1))).copied();
        match random.random_range(0..3) {
            0 => among(&says, random).unwrap_or(any),
            1 => among(&syncs, random).unwrap_or(any),
            _ => any,
        }
    }

    /// The lines that were said before a moment.
    pub fn said(&self, moment: usize) -> Vec<String> {
        let said = self.acts[..moment].iter().filter_map(|act| match act {
            Act::Say(bytes) => Some(bytes.as_slice()),
            _ => None,
        });
        let text = String::from_utf8(said.collect::<Vec<_>>().concat()).unwrap();
        text.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n')).map(str::to_owned).collect()
    }

    /// What the disk may have if the power fails at a moment: what was synced, and of the rest whatever chance says.
    pub fn cut(&self, moment: usize, random: &mut StdRng) -> Disk {
        let fates = self.fates(moment, random);
        let mut disk = self.before.clone();
        for (i, act) in self.acts[..moment].iter().enumerate() {
            match fates.get(&i) {
                None | Some(Fate::Kept) => apply(&mut disk, act),
                Some(Fate::Lost) => lose(&mut disk, act, random),
                Some(Fate::Torn) => tear(&mut disk, act, random),
            }
        }
        disk
    }

    /// The files at the end, if the power never failed.
    pub(super) fn whole(&self) -> Disk {
        let mut disk = self.before.clone();
        self.acts.iter().for_each(|act| apply(&mut disk, act));
        disk
    }

    /// The same program on a disk, or by a programmer, that forgets some syncs: those of files with such a name, or of the directory, whose name is ".".
    pub fn without_syncs(&self, of: impl Fn(&str) -> bool) -> Self {
        let mut names: HashMap<FileId, Vec<&str>> = HashMap::new();
        for (name, file) in &self.before.names {
            names.entry(*file).or_default().push(name);
        }
        for act in &self.acts {
            if let Act::Name { file, name } | Act::Rename { file, to: name, .. } = act {
                names.entry(*file).or_default().push(name);
            }
        }
        let forgotten = |act: &Act| match act {
            Act::Sync { file } => names.get(file).is_some_and(|names| names.iter().any(|name| of(name))),
            Act::SyncNames => of("."),
            _ => false,
        };
        Self { before: self.before.clone(), acts: self.acts.iter().filter(|act| !forgotten(act)).cloned().collect() }
    }

    /// Reads what the recorder wrote: see `recorder.c`.
    pub(super) fn parse(record: &[u8], before: Disk, mut inodes: HashMap<u64, FileId>) -> Self {
        let (mut acts, mut names, mut files) = (Vec::new(), before.names.clone(), before.files.len());
        let mut rest = record;
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let line = std::str::from_utf8(&rest[..end]).unwrap();
            rest = &rest[end + 1..];
            let mut words = line.split('\t');
            let act = words.next().unwrap_or_default();
            let words: Vec<&str> = words.collect();
            let number = |i: usize| words[i].parse::<usize>().unwrap();
            let file =
                || *inodes.get(&(number(0) as u64)).unwrap_or_else(|| panic!("a file that came from nowhere: {line}"));
            let mut data = |length: usize| {
                let (data, after) = rest.split_at(length);
                rest = after;
                data.to_vec()
            };
            acts.push(match act {
                "recorder" => continue,
                "create" => {
                    let (file, name) = (files, words[1].to_owned());
                    files += 1;
                    // An inode may have been another file's, whose name is gone.
                    inodes.insert(number(0) as u64, file);
                    names.insert(name.clone(), file);
                    Act::Name { file, name }
                }
                "link" => {
                    let (file, name) = (names[words[0]], words[1].to_owned());
                    names.insert(name.clone(), file);
                    Act::Name { file, name }
                }
                "rename" => {
                    let (from, to) = (words[0].to_owned(), words[1].to_owned());
                    let file = names.remove(&from).unwrap_or_else(|| panic!("a name that came from nowhere: {line}"));
                    names.insert(to.clone(), file);
                    Act::Rename { file, from, to }
                }
                "unlink" => {
                    let name = words[0].to_owned();
                    let file = names.remove(&name).unwrap_or_else(|| panic!("a name that came from nowhere: {line}"));
                    Act::Unlink { file, name }
                }
                "sync-names" => Act::SyncNames,
                "write" => Act::Write { file: file(), offset: number(1), bytes: data(number(2)) },
                "cut" => Act::Cut { file: file(), length: number(1) },
                "sync" => Act::Sync { file: file() },
                "say" => Act::Say(data(number(0))),
                _ => panic!("the recorder can't say what happened: {line}"),
            });
        }
        assert!(rest.is_empty(), "the record ends within a line");
        Self { before, acts }
    }

    fn positions(&self, which: impl Fn(&Act) -> bool) -> impl Iterator<Item = usize> {
        self.acts.iter().enumerate().filter(move |(_, act)| which(act)).map(|(i, _)| i)
    }

    /// What becomes of each act that no sync covers. What has none is there.
    fn fates(&self, moment: usize, random: &mut StdRng) -> HashMap<usize, Fate> {
        // By file, and names by themselves.
        let mut pending: BTreeMap<Option<FileId>, Vec<usize>> = BTreeMap::new();
        for (i, act) in self.acts[..moment].iter().enumerate() {
            match act {
                Act::Sync { file } => drop(pending.remove(&Some(*file))),
                Act::SyncNames => drop(pending.remove(&None)),
                Act::Write { file, .. } | Act::Cut { file, .. } => pending.entry(Some(*file)).or_default().push(i),
                Act::Name { .. } | Act::Rename { .. } | Act::Unlink { .. } => pending.entry(None).or_default().push(i),
                Act::Say(_) => {}
            }
        }
        let mut fates = HashMap::new();
        for acts in pending.values() {
            let (way, turn) = (random.random_range(0..6), random.random_range(0..acts.len()));
            for (n, act) in acts.iter().enumerate() {
                let fate = match way {
                    0 => Fate::Lost,
                    1 => Fate::Kept,
                    // Each by itself.
                    2 => [Fate::Lost, Fate::Kept][random.random_range(0..2)],
                    3 => [Fate::Lost, Fate::Kept, Fate::Torn][random.random_range(0..3)],
                    // In order, or the newest first.
                    _ if n == turn => Fate::Torn,
                    4 => [Fate::Lost, Fate::Kept][usize::from(n < turn)],
                    _ => [Fate::Lost, Fate::Kept][usize::from(n > turn)],
                };
                fates.insert(*act, fate);
            }
        }
        fates
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Kept,
    Lost,
    Torn,
}

fn apply(disk: &mut Disk, act: &Act) {
    match act {
        Act::Name { file, name } => {
            disk.files.entry(*file).or_default();
            disk.names.insert(name.clone(), *file);
        }
        Act::Rename { file, from, to } => {
            remove(disk, from, *file);
            disk.files.entry(*file).or_default();
            disk.names.insert(to.clone(), *file);
        }
        Act::Unlink { file, name } => remove(disk, name, *file),
        Act::Write { file, offset, bytes } => disk.put(*file, *offset, bytes),
        Act::Cut { file, length } => disk.cut(*file, *length),
        Act::Sync { .. } | Act::SyncNames | Act::Say(_) => {}
    }
}

/// A name, if it still is this file's: where an earlier act was lost, it may be another's.
fn remove(disk: &mut Disk, name: &str, file: FileId) {
    if disk.names.get(name) == Some(&file) {
        disk.names.remove(name);
    }
}

/// The new length may be there without what was written.
fn lose(disk: &mut Disk, act: &Act, random: &mut StdRng) {
    if let Act::Write { file, offset, bytes } = act
        && random.random_bool(0.5)
    {
        disk.reach(*file, offset + bytes.len());
    }
}

/// Some sectors of a write; anything else is there or isn't.
fn tear(disk: &mut Disk, act: &Act, random: &mut StdRng) {
    let Act::Write { file, offset, bytes } = act else {
        if random.random_bool(0.5) {
            apply(disk, act);
        }
        return;
    };
    let mut from = *offset;
    let end = offset + bytes.len();
    while from < end {
        let to = end.min((from / SECTOR + 1) * SECTOR);
        if random.random_bool(0.5) {
            disk.put(*file, from, &bytes[from - offset..to - offset]);
        }
        from = to;
    }
}

/// One line for each act, for a failed test.
impl fmt::Debug for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:?}", self.before.names)?;
        for (i, act) in self.acts.iter().enumerate() {
            match act {
                Act::Name { file, name } => writeln!(f, "{i}: file {file} is {name}"),
                Act::Rename { file, from, to } => writeln!(f, "{i}: file {file}, {from}, is {to}"),
                Act::Unlink { file, name } => writeln!(f, "{i}: file {file} is no longer {name}"),
                Act::SyncNames => writeln!(f, "{i}: names are synced"),
                Act::Write { file, offset, bytes } => {
                    writeln!(f, "{i}: {} bytes at {offset} of file {file}", bytes.len())
                }
                Act::Cut { file, length } => writeln!(f, "{i}: file {file} is cut to {length}"),
                Act::Sync { file } => writeln!(f, "{i}: file {file} is synced"),
                Act::Say(bytes) => writeln!(f, "{i}: {:?}", String::from_utf8_lossy(bytes)),
            }?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use std::collections::BTreeSet;

    /// What a file may hold after cuts at the end of a record; none where there is no file of that name.
    fn held(record: &[u8], name: &str) -> BTreeSet<Option<Vec<u8>>> {
        let recording = Recording::parse(record, Disk::default(), HashMap::new());
        let cut = |seed| recording.cut(recording.len(), &mut StdRng::seed_from_u64(seed));
        let held = |disk: Disk| disk.names.get(name).map(|file| disk.files[file].clone());
        (0..500).map(|seed| held(cut(seed))).collect()
    }

    fn written(inode: u8, offset: usize, bytes: &[u8]) -> Vec<u8> {
        [format!("write\t{inode}\t{offset}\t{}\n", bytes.len()).as_bytes(), bytes].concat()
    }

    #[test]
    fn what_is_synced_stays_and_what_is_not_may_be_anything() {
        let new = b"recorder\ncreate\t7\ta\n".to_vec();
        let (one, two) = (written(7, 0, &[1; 512]), written(7, 512, &[2; 512]));
        let (sync, names) = (b"sync\t7\n".to_vec(), b"sync-names\n".to_vec());
        let whole = [[1; 512], [2; 512]].concat();
        let all = held(&[&new[..], &one, &two, &sync, &names].concat(), "a");
        assert_eq!(all, [Some(whole.clone())].into(), "nothing else is possible");
        // Its name alone isn't certain.
        let all = held(&[&new[..], &one, &two, &sync].concat(), "a");
        assert_eq!(all, [None, Some(whole.clone())].into());
        // Each write by itself, with or without its length, also the later one alone.
        let all = held(&[&new[..], &names, &one, &two].concat(), "a");
        let (zeros, lengths) = ([0; 512], [0, 512, 1024]);
        let mut expected: BTreeSet<_> = lengths.map(|length| Some(vec![0; length])).into();
        expected.extend([
            Some(vec![1; 512]),
            Some(whole),
            Some([[1; 512], zeros].concat()),
            Some([zeros, [2; 512]].concat()),
        ]);
        assert_eq!(all, expected);
        // A write in between that wasn't synced is torn at sectors.
        let all = held(&[&new[..], &names, &sync, &written(7, 256, &[3; 512])].concat(), "a");
        let torn = [vec![0; 256], vec![3; 256]].concat();
        assert!(all.contains(&Some(torn)), "{all:?}");
    }

    #[test]
    fn a_rename_is_there_or_it_is_not() {
        let record = [
            &b"create\t1\told\ncreate\t2\tnew\nsync-names\n"[..],
            &written(1, 0, b"1"),
            &written(2, 0, b"2"),
            b"sync\t1\nsync\t2\nrename\tnew\told\n",
        ]
        .concat();
        assert_eq!(held(&record, "old"), [Some(b"1".to_vec()), Some(b"2".to_vec())].into());
        assert_eq!(held(&record, "new"), [None, Some(b"2".to_vec())].into());
        assert_eq!(held(&[&record[..], b"sync-names\n"].concat(), "old"), [Some(b"2".to_vec())].into());
    }

    #[test]
    #[should_panic(expected = "came from nowhere")]
    fn a_file_that_was_not_seen_to_be_made_stops_the_test() {
        held(&written(9, 0, b"?"), "a");
    }
}
