//! Random changes of a vault's files, by somebody who has no key: bits flipped, runs of zeros, pages exchanged or set back, files cut, lengthened, taken away, or put back as they once were.
//!
//! Each must be refused with a typed error; or be harmless, so that the vault says the same in everything; or be one of the two that docs/DATA_MODEL.md says are open:
//! a log that lacks its newest entries, and the mark of a used release that is gone. `SEALROOT_CASES` chooses how many.

use super::columns::{Town, copy, corrected, town};
use sealroot_protocol::code::{Class, Code, Coded};
use sealroot_testing::{
    cases,
    registry::{self, access, csv, enrol, import, national_id, plan, wallet, which},
    seed,
};
use sealroot_vault::{
    EmbeddedVault, Vault, VaultError,
    log::About,
    sqlite::SqliteStore,
    store::{Log, Store},
};
use std::{
    collections::BTreeMap,
    fs,
    io::Cursor,
    path::{Path, PathBuf},
    sync::Mutex,
    time::Duration,
};

const FILES: [&str; 4] = ["records.db", "keys.db", "log.db", "keyring.json"];
const PAGE: usize = 4096;
/// Longer than anything takes: a damaged file must not keep anybody waiting.
const LIMIT: Duration = Duration::from_secs(120);

/// Everything that a vault says, but for what it says of its own log.
#[derive(Debug, PartialEq)]
struct Said {
    values: Vec<String>,
    log: Vec<String>,
    /// Marks of used releases.
    used: Vec<String>,
}

impl Said {
    /// For a failed test.
    fn differences<'a>(&'a self, before: &'a Self) -> Vec<(Option<&'a String>, Option<&'a String>)> {
        let lists = [(&self.values, &before.values), (&self.log, &before.log), (&self.used, &before.used)];
        let pairs =
            lists.into_iter().flat_map(|(now, then)| (0..now.len().max(then.len())).map(|i| (now.get(i), then.get(i))));
        pairs.filter(|(now, then)| now != then).collect()
    }
}

/// A vault's files, what they say, and what they were before.
struct Attacked {
    directory: PathBuf,
    older: PathBuf,
    said: Said,
}

/// How an attack ended.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    Refused(Code),
    Harmless,
    /// Its newest entries are gone, none of them older than the newest change of the database.
    LogCut,
    MarkGone,
}

/// Opens, checks everything, and reads everything.
async fn said(town: &Town, directory: &Path) -> Result<(Said, EmbeddedVault), VaultError> {
    let vault = Vault::open_embedded(directory, &town.registry.master(), town.registry.clock()).await?;
    let mut values = vec![format!("{} live", vault.check().await?)];
    let entries = vault.log(About::People, 0, 1000).await?;
    let store = SqliteStore::open(directory).await?;
    let used = store.log().releases_before(i64::MAX, 1000).await?;
    let status = vault.status().await?;
    values.push(format!("{:?}", (status.counts, status.data_keys, status.key_encryption_keys, status.working_root)));
    values.push(format!("{:?}", (status.roots, status.imports, status.schemas, status.timing)));
    for i in 0..7 {
        let subject = vault.subject(&national_id(i)).unwrap();
        values.push(format!("{:?} {:?}", vault.holder(subject).await?, vault.representatives(subject).await?));
        let opened = match vault.open_record(&which(&vault, i), None, &access()).await {
            Ok(opened) => format!("{:?} under {:?}", opened.record, opened.root),
            // Of a citizen who isn't there that is the answer.
            Err(error) if error.code().class() == Class::Rejected => format!("{:?}", error.code()),
            Err(error) => return Err(error),
        };
        values.push(opened);
    }
    let log = entries.iter().map(|entry| format!("{entry:?}")).collect();
    let used = used.iter().map(|row| format!("{row:?}")).collect();
    Ok((Said { values, log, used }, vault))
}

impl Attacked {
    async fn new(town: &Town, directory: PathBuf, older: PathBuf) -> Self {
        let home = tempfile::tempdir().unwrap();
        copy(&directory, home.path());
        let (said, vault) = said(town, home.path()).await.unwrap();
        vault.close().await;
        Self { directory, older, said }
    }

    /// What comes of a change to a copy; an error where the vault says something else and no page says that it may.
    async fn end(&self, town: &Town, directory: &Path) -> Result<End, String> {
        let (said, vault) = match said(town, directory).await {
            Ok(said) => said,
            Err(error) => return refused(&error),
        };
        let end = self.end_of(&said)?;
        // The harm may come later: with the next change.
        let next = async {
            let report = vault.import(Cursor::new(csv([40])), plan(registry::UPDATE), |_| {}).await?;
            vault.check().await?;
            Ok(report.progress.added)
        };
        match next.await {
            Ok(1) => Ok(end),
            Ok(added) => Err(format!("{added} citizens come with the next")),
            Err(error) => refused(&error),
        }
    }

    fn end_of(&self, now: &Said) -> Result<End, String> {
        let before = &self.said;
        let is_open = now.values == before.values
            && before.log.starts_with(&now.log)
            && now.used.iter().all(|row| before.used.contains(row));
        match (now.log == before.log, now.used == before.used) {
            _ if !is_open => Err(format!("it says {:#?}", now.differences(before))),
            (true, true) => Ok(End::Harmless),
            (true, false) => Ok(End::MarkGone),
            (false, _) => Ok(End::LogCut),
        }
    }
}

/// An error must say that something stored isn't right, and nothing else.
fn refused(error: &VaultError) -> Result<End, String> {
    let code = error.code();
    // A ring that was changed is as one of another key; a list of migrations that was changed, as another version's or as one that can't be gone on with.
    let alike = [Code::WrongMasterKey, Code::KeyRingMissing, Code::DatabaseOtherVersion, Code::DatabaseMigration]
        .contains(&code);
    let damaged = code.class() == Class::Damaged || alike;
    if damaged { Ok(End::Refused(code)) } else { Err(format!("{code:?} {error}")) }
}

/// The town's vault after a rotation, closed; and the same one with more in it, copied while it was open, so that its newest changes lie in write-ahead logs.
async fn attacked(town: &Town, home: &Path) -> [Attacked; 2] {
    let at = |name: &str| {
        let path = home.join(name);
        fs::create_dir(&path).unwrap();
        path
    };
    let (closed, older, open, logged) = (at("closed"), at("older"), at("open"), at("logged"));
    let opened = async |directory: &Path| -> EmbeddedVault {
        Vault::open_embedded(directory, &town.registry.master(), town.registry.clock()).await.unwrap()
    };
    copy(town.earlier.path(), &older);
    copy(&town.registry.path(), &closed);
    let vault = opened(&closed).await;
    vault.rotate_keys(|_| {}).await.unwrap();
    vault.close().await;
    copy(&closed, &open);
    let vault = opened(&open).await;
    enrol(&vault, vault.subject(&national_id(3)).unwrap(), &wallet(4), None).await;
    import(&vault, csv([6])).await;
    vault.import(Cursor::new(corrected().replace(",north,", ",south,")), plan(registry::UPDATE), |_| {}).await.unwrap();
    vault.open_record(&which(&vault, 1), None, &access()).await.unwrap();
    copy(&open, &logged);
    for file in ["records.db", "keys.db", "log.db"] {
        let log = fs::metadata(logged.join(format!("{file}-wal"))).unwrap();
        assert!(log.len() > PAGE as u64, "{file} has a write-ahead log");
    }
    vault.close().await;
    [Attacked::new(town, closed.clone(), older).await, Attacked::new(town, logged, closed).await]
}

#[tokio::test]
async fn random_changes_of_the_vaults_files_are_refused_or_harmless_or_known() {
    let (town, home) = (town().await, tempfile::tempdir().unwrap());
    let attacked = attacked(&town, home.path()).await;
    let (ends, wrong) = (Mutex::new(BTreeMap::<(String, End), usize>::new()), Mutex::new(Vec::new()));
    let (first, threads) = (seed(13), std::thread::available_parallelism().map_or(1, usize::from));
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let (town, attacked, ends, wrong) = (&town, &attacked, &ends, &wrong);
            scope.spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                for case in (thread..cases(100)).step_by(threads) {
                    let (file, what, end) = runtime.block_on(attack(town, attacked, first, case));
                    match end {
                        Ok(end) => *ends.lock().unwrap().entry((file, end)).or_default() += 1,
                        Err(error) => wrong.lock().unwrap().push(format!("{what}: {error}")),
                    }
                }
            });
        }
    });
    let (ends, wrong) = (ends.into_inner().unwrap(), wrong.into_inner().unwrap());
    for ((file, end), count) in &ends {
        println!("{count:>6} {file} {end:?}");
    }
    assert!(wrong.is_empty(), "{} of seed {first}:\n{}", wrong.len(), wrong.join("\n"));
    let some = |wanted: fn(&End) -> bool| ends.keys().any(|(_, end)| wanted(end));
    assert!(some(|end| *end == End::Harmless) && some(|end| matches!(end, End::Refused(_))), "{ends:?}");
}

/// One change of one file. Cases are repeated one by one: each has a chance of its own.
async fn attack(
    town: &Town,
    attacked: &[Attacked; 2],
    seed: u64,
    case: usize,
) -> (String, String, Result<End, String>) {
    let mut random = Random((seed << 32) ^ case as u64);
    let attacked = &attacked[case % 2];
    let copied = tempfile::tempdir().unwrap();
    copy(&attacked.directory, copied.path());
    let names = FILES.iter().flat_map(|file| [(*file).to_owned(), format!("{file}-wal")]);
    let files: Vec<String> = names.filter(|name| copied.path().join(name).exists()).collect();
    let file = files[random.below(files.len())].clone();
    let path = copied.path().join(&file);
    let older = fs::read(attacked.older.join(&file)).unwrap_or_default();
    let (how, changed) = random.changed(&fs::read(&path).unwrap(), &older);
    match changed {
        Some(changed) => fs::write(&path, changed).unwrap(),
        None => fs::remove_file(&path).unwrap(),
    }
    let end = tokio::time::timeout(LIMIT, attacked.end(town, copied.path())).await;
    let end = end.unwrap_or_else(|_| Err("it keeps its reader waiting".into()));
    (file.clone(), format!("case {case}: {file} {how}"), end)
}

struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // The high bits are the good ones (PCG's output permutation, xorshift).
        let word = (((self.0 >> 18) ^ self.0) >> 27) as u32;
        word.rotate_right((self.0 >> 59) as u32) as usize % bound.max(1)
    }

    /// The file's bytes after a change, and what that is; none if it is taken away.
    fn changed(&mut self, bytes: &[u8], older: &[u8]) -> (String, Option<Vec<u8>>) {
        let mut changed = bytes.to_vec();
        let (place, pages) = (self.below(bytes.len()), bytes.len() / PAGE);
        let how = match self.below(20) {
            0..7 => {
                changed[place] ^= 1 << self.below(8);
                format!("has a flipped bit at {place}")
            }
            7..9 => {
                let run = 1 + self.below(64);
                changed.iter_mut().skip(place).take(run).for_each(|byte| *byte = self.below(256) as u8);
                format!("is overwritten at {place}")
            }
            9..11 => {
                let run = 1 + self.below(2 * PAGE);
                changed.iter_mut().skip(place).take(run).for_each(|byte| *byte = 0);
                format!("has {run} zeros at {place}")
            }
            11..13 if pages > 1 => {
                let (one, two) = (self.below(pages) * PAGE, self.below(pages) * PAGE);
                changed[one..one + PAGE].copy_from_slice(&bytes[two..two + PAGE]);
                changed[two..two + PAGE].copy_from_slice(&bytes[one..one + PAGE]);
                format!("has the pages at {one} and {two} exchanged")
            }
            13..15 => {
                let from = place / PAGE * PAGE;
                let end = (from + PAGE).min(older.len()).min(bytes.len());
                if from < end {
                    changed[from..end].copy_from_slice(&older[from..end]);
                }
                format!("has the page at {from} set back")
            }
            15 => {
                changed.truncate(place);
                format!("is cut to {place} bytes")
            }
            16 => {
                let more = 1 + self.below(2 * PAGE);
                changed.extend((0..more).map(|_| self.below(256) as u8));
                format!("has {more} bytes more")
            }
            17 if !older.is_empty() => {
                changed = older.to_vec();
                "is set back".into()
            }
            18 => return ("is taken away".into(), None),
            _ => {
                let from = self.below(bytes.len());
                let length = self.below(40).min(bytes.len() - from.max(place));
                changed[place..place + length].copy_from_slice(&bytes[from..from + length]);
                format!("has {length} bytes at {place} from {from}")
            }
        };
        (how, Some(changed))
    }
}
