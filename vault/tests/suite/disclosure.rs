//! Disclosure: no entry, no record; and records leave for one recipient only.

use sealroot_handover::access_log::{SealedEntry, What};
use sealroot_handover::transfer::RecipientSecret;
use sealroot_protocol::{code::Code, field::Digest};
use sealroot_testing::registry::{
    self, Backing, Registry, about_people, access, citizen, csv, enrol, import, plan, wallet, which,
};
use sealroot_vault::embedded::Directory;
use sealroot_vault::{
    Rejection, StoreError, Vault, VaultError,
    absence::Absence,
    import::{ImportMode, ImportPlan, TOLD},
    log::About,
    merkle,
    read::Which,
    store::{EntriesOf, Log, ReleaseRow, Store, Stored, Tagged},
};
use std::{
    io::Cursor,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

suite!(
    no_entry_no_disclosure,
    no_entry_no_change_of_keys,
    one_change_ahead_of_the_log_and_no_more,
    every_disclosure_is_logged_for_its_subject,
    the_log_only_grows,
    an_absence_says_why,
    a_comparison_that_changes_nothing_is_logged,
);

/// A store whose log's disk can be full.
struct WithoutLog<S: Store>(Arc<S>, FullLog<S>);
struct FullLog<S> {
    store: Arc<S>,
    full: Arc<AtomicBool>,
}
impl<S: Store> Store for WithoutLog<S> {
    type Records = S::Records;
    type Keys = S::Keys;
    type Log = FullLog<S>;
    fn records(&self) -> &S::Records {
        self.0.records()
    }
    fn keys(&self) -> &S::Keys {
        self.0.keys()
    }
    fn log(&self) -> &FullLog<S> {
        &self.1
    }
}
impl<S: Store> Log for FullLog<S> {
    fn appending(&self) -> &tokio::sync::Mutex<()> {
        self.store.log().appending()
    }
    async fn check_indices(&self) -> Stored<()> {
        self.store.log().check_indices().await
    }
    async fn size(&self) -> Stored<u64> {
        self.store.log().size().await
    }
    async fn append(&self, entry: &SealedEntry, completed: &[(merkle::Subtree, Digest)]) -> Stored<()> {
        if self.full.load(Ordering::SeqCst) {
            return Err(StoreError::Unavailable("the disk is full".into()));
        }
        self.store.log().append(entry, completed).await
    }
    async fn subtrees(&self, which: &[merkle::Subtree]) -> Stored<Vec<Digest>> {
        self.store.log().subtrees(which).await
    }
    async fn entries(&self, of: EntriesOf, from: u64, limit: u32) -> Stored<Vec<SealedEntry>> {
        self.store.log().entries(of, from, limit).await
    }
    async fn entries_before(&self, of: EntriesOf, before: Option<u64>, limit: u32) -> Stored<Vec<SealedEntry>> {
        self.store.log().entries_before(of, before, limit).await
    }
    async fn release(&self, release: &[u8; 32]) -> Stored<Option<ReleaseRow>> {
        self.store.log().release(release).await
    }
    async fn add_release(&self, row: &ReleaseRow) -> Stored<bool> {
        self.store.log().add_release(row).await
    }
    async fn releases_before(&self, time: i64, limit: u32) -> Stored<Vec<ReleaseRow>> {
        self.store.log().releases_before(time, limit).await
    }
    async fn forget_releases(&self, rows: &[ReleaseRow]) -> Stored<()> {
        self.store.log().forget_releases(rows).await
    }
}

/// The same vault, and the switch that fills its log's disk.
async fn without_log<B: Backing>(registry: &Registry) -> (Vault<Tagged<WithoutLog<B::S>>>, Arc<AtomicBool>) {
    let (store, full) = (Arc::new(B::open(&registry.path()).await), Arc::new(AtomicBool::new(false)));
    let log = FullLog { store: store.clone(), full: full.clone() };
    let keeper = Directory::lock(&registry.path()).unwrap();
    let vault = Vault::open(keeper, WithoutLog(store, log), &registry.master(), registry.clock()).await.unwrap();
    (vault, full)
}

async fn no_entry_no_disclosure<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    import(&vault, csv([0, 1, 2, 99])).await;
    for i in [1, 99] {
        enrol(&vault, vault.subject(&registry::national_id(i)).unwrap(), &wallet(1), None).await;
    }
    let without = plan(registry::REMOVE);
    vault.import(Cursor::new(csv(0..3)), without, |_| {}).await.unwrap();
    registry.anchor(&vault).await;
    drop(vault);
    let (vault, full) = without_log::<B>(&registry).await;
    full.store(true, Ordering::SeqCst);
    let recipient = RecipientSecret::random();
    // What a file would change isn't told either.
    let dry = ImportPlan { dry_run: true, ..plan(registry::UPDATE) };
    let error = vault.import(Cursor::new(csv([1])), dry, |_| {}).await.unwrap_err();
    assert!(matches!(error, VaultError::Log(_)), "{error}");
    // Existing and missing records fail alike: not even existence is disclosed.
    for i in [1, 99] {
        let error = vault.open_record(&which(&vault, i), None, &access()).await.unwrap_err();
        assert!(matches!(error, VaultError::Log(_)), "{error}");
        let release = registry::release(&vault, i, &wallet(1), &recipient.public());
        let error = vault.release(&release, registry::deployment(), None).await.unwrap_err();
        assert!(matches!(error, VaultError::Log(_)), "{error}");
    }
}

async fn no_entry_no_change_of_keys<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    import(&vault, csv(0..3)).await;
    let subject = vault.subject(&registry::national_id(1)).unwrap();
    enrol(&vault, subject, &wallet(1), None).await;
    drop(vault);
    let (vault, full) = without_log::<B>(&registry).await;
    let challenges =
        [vault.enrolment_challenge(subject).await.unwrap(), vault.representation_challenge(subject).await.unwrap()];
    full.store(true, Ordering::SeqCst);
    let [enrol, represent] = challenges.map(|challenge| {
        let proof = wallet(2).prove_possession(&challenge, None, [3; 32]);
        (challenge, proof)
    });
    let error = vault.enrol(&enrol.0, &enrol.1, None, &registry::clerk()).await.unwrap_err();
    assert!(matches!(error, VaultError::Log(_)), "{error}");
    let error = vault.add_representative(&represent.0, &represent.1, None, None, &registry::clerk()).await.unwrap_err();
    assert!(matches!(error, VaultError::Log(_)), "{error}");
    assert_eq!(vault.holder(subject).await.unwrap(), (Some(wallet(1).public_key()), None));
    assert!(vault.representatives(subject).await.unwrap().is_empty());
}

/// A change that the log couldn't be told of is stored, says so, and is the last: nothing else is changed before the log knows.
async fn one_change_ahead_of_the_log_and_no_more<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    import(&vault, csv(0..3)).await;
    drop(vault);
    let (vault, full) = without_log::<B>(&registry).await;
    let subject = vault.subject(&registry::national_id(1)).unwrap();
    let before = vault.log_head().await.unwrap().size;
    full.store(true, Ordering::SeqCst);
    for _ in 0..3 {
        let error = vault.enrolment_challenge(subject).await.unwrap_err();
        assert!(matches!(error, VaultError::Store(StoreError::Untold(_))), "{error}");
    }
    full.store(false, Ordering::SeqCst);
    vault.enrolment_challenge(subject).await.unwrap();
    let states: Vec<u64> = vault
        .log(About::Everything, before, 100)
        .await
        .unwrap()
        .iter()
        .filter_map(|entry| Some(entry.disclosure.as_ref()?.state.as_ref()?.number))
        .collect();
    assert_eq!(states, [states[0], states[0] + 1], "the first of the three, and the last");
    drop(vault);
    drop(registry.open::<B>().await);
}

async fn every_disclosure_is_logged_for_its_subject<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    import(&vault, csv(0..3)).await;
    let secret = RecipientSecret::random();
    let subject = vault.subject(&registry::national_id(1)).unwrap();
    enrol(&vault, subject, &wallet(1), Some(secret.public())).await;
    registry.anchor(&vault).await;
    for i in [0, 1, 2, 1, 99] {
        let _ = vault.open_record(&which(&vault, i), None, &access()).await;
    }
    let release = registry::release(&vault, 1, &wallet(1), &RecipientSecret::random().public());
    vault.release(&release, registry::deployment(), None).await.unwrap();
    let entries = about_people(&vault).await;
    assert_eq!(entries.len(), 7, "the enrolment and the failed look-up are there as well");
    assert_eq!(entries[1].disclosure.as_ref().unwrap().access, access());
    // Entries about an enrolled holder are for that holder alone.
    assert!(entries[2].disclosure.is_none());
    let mine = vault.log_rows(subject, 0, 100).await.unwrap();
    let expected = [0, 2, 4, 6].map(|i: usize| entries[i].position);
    assert_eq!(mine.iter().map(|row| row.position).collect::<Vec<_>>(), expected);
    let opened: Vec<_> = mine.iter().map(|row| row.open(&secret).unwrap()).collect();
    assert_eq!(
        opened.iter().map(|d| d.what).collect::<Vec<_>>(),
        [What::Enrolled, What::Opened, What::Opened, What::Released]
    );
    assert_eq!(opened[3].key, Some(wallet(1).public_key().fingerprint()), "whose signature let it out");
    assert!(mine[0].open(&RecipientSecret::random()).is_err());
    let mut moved = mine[0].clone();
    moved.position = 3;
    assert!(moved.open(&secret).is_err());
}

/// Whether a record was never imported, isn't anchored yet, is of another month, was removed or erased is something else to do about each.
async fn an_absence_says_why<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    import(&vault, csv(0..6)).await;
    let subject = vault.subject(&registry::national_id(3)).unwrap();
    enrol(&vault, subject, &wallet(1), None).await;
    registry.anchor(&vault).await;
    import(&vault, csv([7])).await;
    vault.erase(subject, &registry::clerk()).await.unwrap();
    let update = registry::plan(registry::REMOVE);
    vault.import(Cursor::new(csv([0, 1, 2, 5, 7])), update, |_| {}).await.unwrap();
    let why = async |which: Which| match vault.open_record(&which, None, &access()).await.unwrap_err() {
        VaultError::Rejected(Rejection::NoRecord(absent)) => (absent.why.clone(), absent.code(), absent.to_string()),
        other => panic!("{other}"),
    };
    let february = Which { period: "2026-02".parse().unwrap(), ..which(&vault, 5) };
    let january = vec!["2026-01".parse().unwrap()];
    let expected = [
        (which(&vault, 99), Absence::NotImported, Code::NoRecord),
        (which(&vault, 7), Absence::NotAnchored, Code::RecordNotAnchored),
        (february, Absence::OtherPeriods(january), Code::RecordOfOtherPeriod),
        (which(&vault, 3), Absence::Erased, Code::RecordErased),
    ];
    for (which, absence, code) in expected {
        let period = which.period;
        let (found, found_code, text) = why(which).await;
        assert_eq!((&found, found_code), (&absence, code), "{text}");
        assert!(text.contains(vault.agency().as_str()) && text.contains(&format!("for {period}")), "{text}");
    }
    // Removed in the working tree, it stands under the anchored root until the next one.
    assert!(vault.open_record(&which(&vault, 4), None, &access()).await.is_ok());
    registry.anchor(&vault).await;
    let (removed, code, _) = why(which(&vault, 4)).await;
    assert_eq!((removed, code), (Absence::Removed, Code::RecordRemoved));
    assert!(vault.open_record(&which(&vault, 7), None, &access()).await.is_ok());
}

async fn the_log_only_grows<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    import(&vault, csv(0..3)).await;
    registry.anchor(&vault).await;
    for i in 0..7 {
        vault.open_record(&which(&vault, i % 3), None, &access()).await.unwrap();
    }
    import(&vault, csv([8])).await;
    let first = vault.log_head().await.unwrap();
    let pending = vault.pending_root().await.unwrap().unwrap();
    assert_eq!((pending.log_head, pending.log_size), (first.head, first.size), "the head is anchored with the root");
    for i in 0..6 {
        vault.open_record(&which(&vault, i % 3), None, &access()).await.unwrap();
    }
    let second = vault.log_head().await.unwrap();
    assert_eq!(second.size, first.size + 7, "six disclosures, and the root that was prepared");
    let proof = vault.log_consistency(first.size, second.size).await.unwrap();
    assert!(merkle::verify_consistency(first.size, second.size, &first.head, &second.head, &proof));
    for entry in vault.log(About::Everything, 0, 100).await.unwrap() {
        let (head, proof) = vault.log_inclusion(entry.position, second.size).await.unwrap();
        assert_eq!(head, second);
        assert!(merkle::verify_inclusion(&entry.leaf, entry.position, second.size, &proof, &second.head));
    }
    assert!(vault.log_inclusion(0, second.size + 1).await.is_err());
    assert_eq!(vault.check().await.unwrap(), 4);
}

/// Whether a guess is right is what a dry run tells, and a refused import: each is a look at the record. A committed one is in the list of imports.
async fn a_comparison_that_changes_nothing_is_logged<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    import(&vault, csv(0..3)).await;
    let secret = RecipientSecret::random();
    let subject = vault.subject(&registry::national_id(1)).unwrap();
    enrol(&vault, subject, &wallet(1), Some(secret.public())).await;
    let told = async || {
        let rows = vault.log_rows(subject, 0, 100).await.unwrap();
        rows.iter().map(|row| row.open(&secret).unwrap()).filter(|act| act.what == What::Compared).count()
    };
    let guess = csv([1]).replace(",south,", ",east,");
    let dry = |mode| ImportPlan { dry_run: true, ..plan(mode) };
    let report = vault.import(Cursor::new(guess.clone()), dry(registry::UPDATE), |_| {}).await.unwrap();
    assert_eq!((report.committed, report.progress.changed, told().await), (false, 1, 1));
    // Whether there is a record at all.
    vault.import(Cursor::new(csv([1])), dry(ImportMode::Add), |_| {}).await.unwrap();
    assert_eq!(told().await, 2);
    // A bad row that makes the import fail, and nobody see the guess.
    let bad = format!("{guess}{}", citizen(7).replace(",2", ",not a number,"));
    vault.import(Cursor::new(bad), plan(registry::UPDATE), |_| {}).await.unwrap_err();
    assert_eq!(told().await, 3);
    // About others, and one that is committed.
    vault.import(Cursor::new(csv([0, 2])), dry(registry::UPDATE), |_| {}).await.unwrap();
    assert!(vault.import(Cursor::new(guess), plan(registry::UPDATE), |_| {}).await.unwrap().committed);
    assert_eq!((told().await, vault.status().await.unwrap().imports.len()), (3, 2));

    // Of very many people, their number.
    let crowd = 10..10 + TOLD;
    import(&vault, csv(crowd.clone())).await;
    let before = about_people(&vault).await.len();
    let file = csv([0].into_iter().chain(crowd));
    vault.import(Cursor::new(file), dry(registry::UPDATE), |_| {}).await.unwrap();
    let entries = vault.log(About::People, 0, 9999).await.unwrap();
    let last = entries.last().unwrap().disclosure.as_ref().unwrap();
    assert_eq!((entries.len() - before, last.what), (1, What::Compared));
    assert!(last.access.why.contains(&format!("{} rows", TOLD + 1)), "{}", last.access.why);
}
