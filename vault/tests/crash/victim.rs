//! The victim: does what its environment says, and tells when each step is acknowledged.

use crate::{
    Operation, copies, households,
    scene::{
        self, HOLDERS, LATER, chain_accepts, chain_withdraws, key, new_id, open, open_with, release_of, represents,
        say, updated,
    },
};
use sealroot_protocol::tree::Root;
use sealroot_testing::registry::{self, access, clerk, csv, deployment, enrol, import, national_id, plan, wallet};
use sealroot_vault::{Argon2Cost, EmbeddedVault, change_id::ChangeOfId};
use std::{io::Cursor, path::Path};

/// A test that does nothing unless it is asked to.
#[tokio::test]
async fn victim() {
    let Some((name, directory, steps)) = scene::asked() else { return };
    let operation = Operation::ALL.into_iter().find(|operation| format!("{operation:?}") == name).unwrap();
    let mut vault = open(&directory).await;
    if operation == Operation::Prune {
        update(&vault).await;
        anchor(&vault, &directory).await;
        vault.close().await;
        vault = open_with(&directory, 0, LATER).await.unwrap();
    }
    if operation == Operation::Restore {
        vault.backup(&copies::place(&directory, copies::COPY)).await.unwrap();
    }
    say("ready");
    match operation {
        Operation::Import => {
            assert!(import(&vault, csv(1000..1000 + scene::FILE)).await.committed);
            say("done");
        }
        Operation::Update => {
            update(&vault).await;
            say("done");
        }
        Operation::Rotate => {
            vault.rotate_keys(|_| {}).await.unwrap();
            say("done");
        }
        Operation::Prune => {
            assert!(vault.prune().await.unwrap().versions > 0);
            say("done");
        }
        _ => {
            for i in 0..steps {
                step(operation, &vault, &directory, i).await;
                say(&format!("done {i}"));
            }
        }
    }
    // Folds the write-ahead logs into the files: a power cut may come then, too.
    vault.close().await;
}

async fn step(operation: Operation, vault: &EmbeddedVault, directory: &Path, i: usize) {
    let subject = |i| vault.subject(&national_id(i)).unwrap();
    match operation {
        Operation::Relock => vault.relock(&key(directory, i + 1), Argon2Cost::default()).unwrap(),
        Operation::Erase => drop(vault.erase(subject(i), &access()).await.unwrap()),
        Operation::Enrol => drop(enrol(vault, subject(i), &wallet(1 + i as u8), None).await),
        Operation::ChangeId => {
            let change = ChangeOfId { old: national_id(i), as_written: false, although_unknown: false, new: new_id(i) };
            vault.change_id(&change, &clerk()).await.unwrap();
        }
        Operation::Release => {
            let signed = release_of(vault, HOLDERS.start + i);
            vault.release(&signed, deployment(), None).await.unwrap();
        }
        Operation::Anchor => {
            enrol(vault, subject(i), &wallet(1 + i as u8), None).await;
            anchor(vault, directory).await;
        }
        Operation::Represent => {
            represents(vault, i).await;
            if i.is_multiple_of(2) {
                vault.remove_representative(subject(i), &wallet(1 + i as u8).public_key(), &clerk()).await.unwrap();
            }
        }
        Operation::Withdraw => {
            enrol(vault, subject(i), &wallet(1 + i as u8), None).await;
            let root = anchor(vault, directory).await;
            chain_withdraws(directory, root);
            vault.mark_withdrawn(root).await.unwrap();
        }
        Operation::Household => assert!(households::moved(vault, i).await.unwrap().committed),
        Operation::Backup => drop(vault.backup(&copies::place(directory, &copies::backup(i))).await.unwrap()),
        Operation::Restore => {
            copies::restore(directory, copies::COPY, &copies::restored(i)).await.unwrap();
        }
        Operation::Import | Operation::Update | Operation::Rotate | Operation::Prune => unreachable!("one step"),
    }
}

async fn update(vault: &EmbeddedVault) {
    vault.import(Cursor::new(updated()), plan(registry::REMOVE), |_| {}).await.unwrap();
}

async fn anchor(vault: &EmbeddedVault, directory: &Path) -> Root {
    let pending = vault.pending_root().await.unwrap().unwrap();
    vault.mark_anchored(&chain_accepts(directory, pending.root)).await.unwrap();
    pending.root
}

impl Operation {
    pub const ALL: [Self; 15] = [
        Self::Import,
        Self::Update,
        Self::Rotate,
        Self::Relock,
        Self::Erase,
        Self::Enrol,
        Self::ChangeId,
        Self::Release,
        Self::Anchor,
        Self::Prune,
        Self::Represent,
        Self::Withdraw,
        Self::Household,
        Self::Backup,
        Self::Restore,
    ];

    /// How many steps there are people or key files for.
    pub fn most_steps(self) -> usize {
        match self {
            Self::Release => HOLDERS.len(),
            // Each is a whole vault, read and written.
            Self::Backup | Self::Restore => 6,
            _ => scene::STEPS,
        }
    }
}
