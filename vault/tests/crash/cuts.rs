//! Power cuts at random moments: of what wasn't synced, nothing is certain.
//!
//! A run of the victim is recorded, and played again up to a moment as often as there are cuts: see `sealroot_testing::power`. That the vault's promises rest on its syncs is tested, too:
//! without them the same cuts break it. Backups and restores make directories of their own, which the record doesn't cover: they are killed only.

use crate::{
    Operation,
    scene::{Said, copied, home, prepared, victim},
};
use rand::{SeedableRng, rngs::StdRng};
use sealroot_testing::power::{Recorder, Recording};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    task::Poll,
};

#[tokio::test]
async fn an_import_survives_power_cuts() {
    cuts(Operation::Import).await;
}

#[tokio::test]
async fn an_update_survives_power_cuts() {
    cuts(Operation::Update).await;
}

#[tokio::test]
async fn a_rotation_survives_power_cuts() {
    cuts(Operation::Rotate).await;
}

#[tokio::test]
async fn another_lock_survives_power_cuts() {
    cuts(Operation::Relock).await;
}

#[tokio::test]
async fn erasures_survive_power_cuts() {
    cuts(Operation::Erase).await;
}

#[tokio::test]
async fn enrolments_survive_power_cuts() {
    cuts(Operation::Enrol).await;
}

#[tokio::test]
async fn changed_ids_survive_power_cuts() {
    cuts(Operation::ChangeId).await;
}

#[tokio::test]
async fn used_releases_survive_power_cuts() {
    cuts(Operation::Release).await;
}

#[tokio::test]
async fn anchors_survive_power_cuts() {
    cuts(Operation::Anchor).await;
}

#[tokio::test]
async fn a_pruning_survives_power_cuts() {
    cuts(Operation::Prune).await;
}

#[tokio::test]
async fn representatives_survive_power_cuts() {
    cuts(Operation::Represent).await;
}

#[tokio::test]
async fn withdrawals_survive_power_cuts() {
    cuts(Operation::Withdraw).await;
}

#[tokio::test]
async fn moves_between_households_survive_power_cuts() {
    cuts(Operation::Household).await;
}

/// A disk that ignores syncs, or a program that forgets them, breaks promises: of each file there is an operation that needs them.
#[tokio::test]
async fn forgotten_syncs_are_noticed() {
    for (operation, file) in [
        (Operation::Update, "records.db"),
        (Operation::Update, "keys.db"),
        (Operation::Release, "log.db"),
        (Operation::Relock, "."),
        (Operation::Relock, ".sealroot-"),
    ] {
        let Some(recording) = recorded(operation).await else { return };
        let forgetful = recording.without_syncs(|name| name == file || file != "." && name.starts_with(file));
        assert!(forgetful.len() < recording.len(), "{file} is synced");
        let mut noticed = false;
        for case in 0..200 {
            noticed = survives(operation, &forgetful, case).await.is_err();
            if noticed {
                break;
            }
        }
        assert!(noticed, "{operation:?} goes well without a sync of {file}");
    }
}

/// Steps of a victim that is recorded.
const STEPS: usize = 12;

async fn recorded(operation: Operation) -> Option<Recording> {
    let recorder = Recorder::new()?;
    let registry = prepared().await;
    let (_home, directory) = copied(&registry);
    let recording = recorder.record(&victim(operation, &directory, STEPS), &directory);
    let said = Said::new(&recording.said(recording.len()));
    assert!(said.ready && said.done > 0, "the record has the acknowledgements");
    Some(recording)
}

/// Cuts the power at random moments of one recorded run.
async fn cuts(operation: Operation) {
    let Some(recording) = recorded(operation).await else { return };
    let seed = sealroot_testing::seed(1);
    let mut broken = Vec::new();
    for case in 0..sealroot_testing::cases(4) {
        if let Err(what) = survives(operation, &recording, seed.wrapping_mul(1 << 32) + case).await {
            broken.push(what);
        }
    }
    assert!(broken.is_empty(), "{}\n{recording:?}", broken.join("\n"));
}

/// Cuts the power once and looks; says what is broken.
async fn survives(operation: Operation, recording: &Recording, seed: u64) -> Result<(), String> {
    let mut random = StdRng::seed_from_u64(seed);
    let moment = recording.moment(&mut random);
    let said = Said::new(&recording.said(moment));
    let (_home, directory) = home();
    recording.cut(moment, &mut random).write(&directory);
    let end = caught(operation.check(&directory, &said)).await;
    end.map_err(|what| format!("seed {seed}: the power is cut before act {moment}, {} acknowledged: {what}", said.done))
}

/// What a future panics with, in place of the panic.
async fn caught(future: impl Future<Output = ()>) -> Result<(), String> {
    let mut future = pin!(future);
    std::future::poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(())) => Poll::Ready(Ok(())),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            Poll::Ready(Err(text.unwrap_or_default()))
        }
    })
    .await
}
