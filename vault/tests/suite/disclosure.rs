//! Disclosure: no entry, no record; and records leave for one recipient only.

use sealroot_handover::access_log::{SealedEntry, What};
use sealroot_handover::transfer::RecipientSecret;
use sealroot_protocol::code::Code;
use sealroot_testing::registry::{self, Backing, Registry, access, csv, enrol, import, plan, wallet, which};
use sealroot_vault::embedded::Directory;
use sealroot_vault::{
    Rejection, Vault, VaultError,
    absence::Absence,
    merkle,
    read::Which,
    store::{ReleaseRow, Store, Tagged},
};
use std::io::Cursor;

suite!(
    no_entry_no_disclosure,
    no_entry_no_change_of_keys,
    every_disclosure_is_logged_for_its_subject,
    the_log_only_grows,
    an_absence_says_why,
);

/// A store whose log can be switched off.
struct WithoutLog<S: Store>(S, DeadLog);
struct DeadLog;
impl<S: Store> Store for WithoutLog<S> {
    type Records = S::Records;
    type Keys = S::Keys;
    type Log = DeadLog;
    fn records(&self) -> &S::Records {
        self.0.records()
    }
    fn keys(&self) -> &S::Keys {
        self.0.keys()
    }
    fn log(&self) -> &DeadLog {
        &self.1
    }
}
impl sealroot_vault::store::Log for DeadLog {
    async fn size(&self) -> sealroot_vault::store::Stored<u64> {
        Ok(0)
    }
    async fn append(
        &self,
        _: &SealedEntry,
        _: &[(merkle::Subtree, sealroot_protocol::field::Digest)],
    ) -> sealroot_vault::store::Stored<()> {
        Err(sealroot_vault::StoreError::Unavailable("the disk is full".into()))
    }
    async fn subtrees(
        &self,
        _: &[merkle::Subtree],
    ) -> sealroot_vault::store::Stored<Vec<sealroot_protocol::field::Digest>> {
        Ok(Vec::new())
    }
    async fn entries(&self, _: Option<&[u8; 32]>, _: u64, _: u32) -> sealroot_vault::store::Stored<Vec<SealedEntry>> {
        Ok(Vec::new())
    }
    async fn entries_before(
        &self,
        _: Option<&[u8; 32]>,
        _: Option<u64>,
        _: u32,
    ) -> sealroot_vault::store::Stored<Vec<SealedEntry>> {
        Ok(Vec::new())
    }
    async fn release(&self, _: &[u8; 32]) -> sealroot_vault::store::Stored<Option<ReleaseRow>> {
        Ok(None)
    }
    async fn add_release(&self, _: &ReleaseRow) -> sealroot_vault::store::Stored<bool> {
        Ok(true)
    }
    async fn releases_before(&self, _: i64, _: u32) -> sealroot_vault::store::Stored<Vec<ReleaseRow>> {
        Ok(Vec::new())
    }
    async fn forget_releases(&self, _: &[ReleaseRow]) -> sealroot_vault::store::Stored<()> {
        Ok(())
    }
}

/// The same vault on a log that can't be written.
async fn without_log<B: Backing>(registry: &Registry) -> Vault<Tagged<WithoutLog<B::S>>> {
    let store = WithoutLog(B::open(&registry.path()).await, DeadLog);
    Vault::open(Directory::lock(&registry.path()).unwrap(), store, &registry.master(), registry.clock()).await.unwrap()
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
    let vault = without_log::<B>(&registry).await;
    let recipient = RecipientSecret::random();
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
    let vault = without_log::<B>(&registry).await;
    let challenge = vault.enrolment_challenge(subject).await.unwrap();
    let proof = wallet(2).prove_possession(&challenge, None, [3; 32]);
    let error = vault.enrol(&challenge, &proof, None, &registry::clerk()).await.unwrap_err();
    assert!(matches!(error, VaultError::Log(_)), "{error}");
    let challenge = vault.representation_challenge(subject).await.unwrap();
    let proof = wallet(2).prove_possession(&challenge, None, [3; 32]);
    let error = vault.add_representative(&challenge, &proof, None, None, &registry::clerk()).await.unwrap_err();
    assert!(matches!(error, VaultError::Log(_)), "{error}");
    assert_eq!(vault.holder(subject).await.unwrap(), (Some(wallet(1).public_key()), None));
    assert!(vault.representatives(subject).await.unwrap().is_empty());
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
    let entries = vault.log(None, 0, 100).await.unwrap();
    assert_eq!(entries.len(), 7, "the enrolment and the failed look-up are there as well");
    assert_eq!(entries[1].disclosure.as_ref().unwrap().access, access());
    // Entries about an enrolled holder are for that holder alone.
    assert!(entries[2].disclosure.is_none());
    let mine = vault.log_rows(subject, 0, 100).await.unwrap();
    assert_eq!(mine.iter().map(|row| row.position).collect::<Vec<_>>(), [0, 2, 4, 6]);
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
    let first = vault.log_head().await.unwrap();
    import(&vault, csv([8])).await;
    let pending = vault.pending_root().await.unwrap().unwrap();
    assert_eq!((pending.log_head, pending.log_size), (first.head, 7), "the head is anchored with the root");
    for i in 0..6 {
        vault.open_record(&which(&vault, i % 3), None, &access()).await.unwrap();
    }
    let second = vault.log_head().await.unwrap();
    let proof = vault.log_consistency(7, 13).await.unwrap();
    assert!(merkle::verify_consistency(7, 13, &first.head, &second.head, &proof));
    for entry in vault.log(None, 0, 100).await.unwrap() {
        let (head, proof) = vault.log_inclusion(entry.position, 13).await.unwrap();
        assert_eq!(head, second);
        assert!(merkle::verify_inclusion(&entry.leaf, entry.position, 13, &proof, &second.head));
    }
    assert!(vault.log_inclusion(0, 14).await.is_err());
    assert_eq!(vault.check().await.unwrap(), 4);
}
