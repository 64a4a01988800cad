//! After the crash: the vault opens, and what it must hold depends on what was being done to it and on how much of that was acknowledged.

use crate::{
    Operation, copies, households,
    scene::{
        BEFORE, FILE, HOLDERS, LATER, Said, chain_accepts, chain_latest, chain_withdrawn, consistent, new_id, open,
        open_with, release_of, told, updated,
    },
};
use sealroot_handover::access_log::What;
use sealroot_protocol::code::{Code, Coded};
use sealroot_testing::registry::{self, access, csv, deployment, import, national_id, plan, wallet, which};
use sealroot_vault::{EmbeddedVault, Rejection, RootStanding, VaultError, read::Which};
use std::{io::Cursor, path::Path};

impl Operation {
    /// Panics where a promise is broken.
    pub async fn check(self, directory: &Path, said: &Said) {
        match self {
            Self::Relock => return relocked(directory, said.done).await,
            Self::Prune => return pruned(directory, said).await,
            _ => {}
        }
        let vault = open(directory).await;
        let live = consistent(directory, &vault).await;
        let done = said.done;
        match self {
            Self::Import => imported(directory, &vault, live, done).await,
            Self::Update => is_updated(&vault, live, done).await,
            Self::Rotate => {
                assert_eq!(vault.status().await.unwrap().key_encryption_keys, 1);
                opens(&vault, live).await;
            }
            Self::Erase => erased(&vault, live, done).await,
            Self::Enrol => enrolled(&vault, live, done).await,
            Self::ChangeId => moved(directory, &vault, live, done).await,
            Self::Release => released(&vault, live, done).await,
            Self::Anchor => anchored(directory, &vault, live).await,
            Self::Represent => represented(&vault, live, done).await,
            Self::Withdraw => withdrawn(directory, &vault, live, done).await,
            Self::Household => housed(&vault, live, done).await,
            Self::Backup => copies::backed_up(directory, &vault, done).await,
            Self::Restore => copies::went_on(directory, done).await,
            Self::Relock | Self::Prune => unreachable!("seen to above"),
        }
        consistent(directory, &vault).await;
    }
}

/// All of a file or nothing.
async fn imported(directory: &Path, vault: &EmbeddedVault, live: usize, done: usize) {
    let whole = BEFORE + FILE;
    assert!(live == BEFORE || live == whole, "{live} records: half a file");
    assert!(done == 0 || live == whole, "an acknowledged import is lost");
    assert_eq!(vault.status().await.unwrap().imports.len(), if live == whole { 2 } else { 1 });
    if live == BEFORE {
        import(vault, csv(1000..1000 + FILE)).await;
        assert_eq!(consistent(directory, vault).await, whole);
    }
}

async fn is_updated(vault: &EmbeddedVault, live: usize, done: usize) {
    assert!(live == BEFORE || live == BEFORE - 10, "{live}");
    assert!(done == 0 || live == BEFORE - 10, "an acknowledged update is lost");
    let report = vault.import(Cursor::new(updated()), plan(registry::REMOVE), |_| {}).await.unwrap();
    let expected = if live == BEFORE { (90, 10) } else { (0, 0) };
    assert_eq!((report.progress.changed, report.removed), expected, "half an update");
}

/// One more may be erased than was acknowledged.
async fn erased(vault: &EmbeddedVault, live: usize, done: usize) {
    assert!(live == BEFORE - done || live + 1 == BEFORE - done, "{live} live, {done} erased");
    for i in 0..done {
        let error = vault.open_record(&which(vault, i), None, &access()).await.unwrap_err();
        assert!(matches!(error, VaultError::Rejected(Rejection::NoRecord(_))), "{error}");
    }
    assert!(vault.open_record(&which(vault, 100), None, &access()).await.is_ok());
    assert!(told(vault, What::Erased).await >= BEFORE - live, "somebody was erased without an entry");
}

async fn enrolled(vault: &EmbeddedVault, live: usize, done: usize) {
    opens(vault, live).await;
    let mut enrolled = 0;
    for i in 0..Operation::Enrol.most_steps() {
        match vault.holder(vault.subject(&national_id(i)).unwrap()).await.unwrap().0 {
            Some(key) => assert_eq!(key, wallet(1 + i as u8).public_key()),
            None => continue,
        }
        assert_eq!(enrolled, i, "in order");
        enrolled += 1;
    }
    assert!(enrolled == done || enrolled == done + 1, "{enrolled} enrolled, {done} acknowledged");
    assert!(told(vault, What::Enrolled).await >= HOLDERS.len() + enrolled, "somebody was enrolled without an entry");
}

/// Each person is there under one id.
async fn moved(directory: &Path, vault: &EmbeddedVault, live: usize, done: usize) {
    assert_eq!(live, BEFORE);
    if let Some(pending) = vault.pending_root().await.unwrap() {
        vault.mark_anchored(&chain_accepts(directory, pending.root)).await.unwrap();
    }
    for i in 0..Operation::ChangeId.most_steps() {
        let new = Which { subject: vault.subject(&new_id(i)).unwrap(), ..which(vault, i) };
        let under_new = vault.open_record(&new, None, &access()).await.is_ok();
        let under_old = vault.open_record(&which(vault, i), None, &access()).await.is_ok();
        assert!(under_new != under_old, "citizen {i} is {under_old} under the old id, {under_new} under the new one");
        assert!(under_new || i >= done, "the acknowledged change of citizen {i} is lost");
        assert!(under_old || i <= done, "citizen {i} has a new id, and nobody began with that");
    }
    assert!(told(vault, What::IdChanged).await >= done);
}

/// A release that let a record out doesn't count again.
async fn released(vault: &EmbeddedVault, live: usize, done: usize) {
    opens(vault, live).await;
    assert!(told(vault, What::Released).await >= done, "a record left without an entry");
    for i in 0..done {
        let again = vault.release(&release_of(vault, HOLDERS.start + i), deployment(), None).await;
        assert_eq!(again.map(|_| ()).unwrap_err().code(), Code::ReleaseUsed, "release {i} counts again");
    }
}

async fn anchored(directory: &Path, vault: &EmbeddedVault, live: usize) {
    assert_eq!(live, BEFORE);
    let latest = chain_latest(directory).unwrap();
    vault.reconcile(Some(&latest)).await.unwrap();
    assert_eq!(vault.open_record(&which(vault, 5), None, &access()).await.unwrap().root, latest.root);
    if let Some(pending) = vault.pending_root().await.unwrap() {
        vault.mark_anchored(&chain_accepts(directory, pending.root)).await.unwrap();
    }
    let root = vault.status().await.unwrap().working_root;
    assert_eq!(chain_latest(directory).unwrap().root, root, "chain root = tree root");
    vault.prune().await.unwrap();
}

/// Who may release is what was acknowledged last: of every second person somebody, of the others nobody any more.
async fn represented(vault: &EmbeddedVault, live: usize, done: usize) {
    opens(vault, live).await;
    let mut added = 0;
    for i in 0..Operation::Represent.most_steps() {
        let all = vault.representatives(vault.subject(&national_id(i)).unwrap()).await.unwrap();
        assert!(all.iter().all(|other| other.key == wallet(1 + i as u8).public_key()), "{i}: somebody else's");
        let expected = if i < done { i % 2 } else { all.len() };
        assert_eq!(all.len(), expected, "citizen {i}, {done} acknowledged");
        assert!(all.len() <= 1 && (i <= done || all.is_empty()), "nobody began with citizen {i}");
        added += usize::from(i < done || !all.is_empty());
    }
    assert!(told(vault, What::RepresentativeAdded).await >= added, "somebody was added without an entry");
    assert!(
        told(vault, What::RepresentativeRemoved).await >= done.div_ceil(2),
        "somebody was removed without an entry"
    );
}

/// A root that was withdrawn before the vault knew is withdrawn by the next run; one that was acknowledged is.
async fn withdrawn(directory: &Path, vault: &EmbeddedVault, live: usize, done: usize) {
    assert_eq!(live, BEFORE);
    let latest = chain_latest(directory).unwrap();
    vault.reconcile(Some(&latest)).await.unwrap();
    let standing = async || vault.status().await.unwrap().roots;
    let gone = chain_withdrawn(directory);
    assert!(gone.len() == done || gone.len() == done + 1, "{} withdrawn, {done} acknowledged", gone.len());
    for root in &gone[..done] {
        let found = standing().await.into_iter().find(|(row, _)| row.root == *root).unwrap().1;
        assert_eq!(found, RootStanding::Withdrawn, "an acknowledged withdrawal is lost");
    }
    for root in &gone {
        vault.mark_withdrawn(*root).await.unwrap();
    }
    let all = standing().await;
    assert_eq!(all.iter().filter(|(_, standing)| *standing == RootStanding::Withdrawn).count(), gone.len());
    let opened = vault.open_record(&which(vault, 5), None, &access()).await;
    match gone.last() == Some(&latest.root) {
        true => assert_eq!(opened.map(drop).unwrap_err().code(), Code::NoAnchoredRoot),
        false => assert_eq!(opened.unwrap().root, latest.root),
    }
    // The next root follows.
    registry::enrol(vault, vault.subject(&national_id(100)).unwrap(), &wallet(100), None).await;
    let pending = vault.pending_root().await.unwrap().unwrap();
    vault.mark_anchored(&chain_accepts(directory, pending.root)).await.unwrap();
    assert!(vault.open_record(&which(vault, 5), None, &access()).await.is_ok());
}

/// The person who moves is in the newest household, and every household has the members that its record names: a check compares them.
async fn housed(vault: &EmbeddedVault, live: usize, done: usize) {
    let households = live - BEFORE;
    assert!(households == done || households == done + 1, "{households} households, {done} acknowledged");
    let report = households::moved(vault, households).await.unwrap();
    assert_eq!((report.progress.added, report.progress.changed), (1, u64::from(households > 0)), "half a move");
    assert!(vault.open_record(&which(vault, 5), None, &access()).await.is_ok());
}

/// The ring opens with the key that was acknowledged last, or with the next.
async fn relocked(directory: &Path, done: usize) {
    let vault = match open_with(directory, done, registry::NOON).await {
        Ok(vault) => vault,
        Err(error) => {
            assert_eq!(error.code(), Code::WrongMasterKey, "{error}");
            open_with(directory, done + 1, registry::NOON).await.unwrap()
        }
    };
    opens(&vault, consistent(directory, &vault).await).await;
}

async fn pruned(directory: &Path, said: &Said) {
    let vault = open_with(directory, 0, LATER).await.unwrap();
    consistent(directory, &vault).await;
    if said.ready {
        let ended = vault.status().await.unwrap().counts.superseded;
        assert!(ended == 0 || said.done == 0 && ended >= 100, "{ended} versions are left: half a pruning");
        vault.prune().await.unwrap();
        assert_eq!(vault.status().await.unwrap().counts.superseded, 0);
        assert_eq!(consistent(directory, &vault).await, BEFORE - 10);
    }
}

async fn opens(vault: &EmbeddedVault, live: usize) {
    assert_eq!(live, BEFORE);
    assert!(vault.open_record(&which(vault, 5), None, &access()).await.is_ok());
}
