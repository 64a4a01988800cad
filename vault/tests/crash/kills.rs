//! `kill -9` at random moments: what the kernel was told stays, in the order in which it was told.

use crate::{
    Operation,
    scene::{Said, copied, prepared, victim},
};
use std::{
    io::{BufRead, BufReader},
    process::Stdio,
    time::{Duration, Instant},
};

#[tokio::test]
async fn import_is_all_or_nothing() {
    kills(Operation::Import).await;
}

#[tokio::test]
async fn update_is_all_or_nothing() {
    kills(Operation::Update).await;
}

#[tokio::test]
async fn rotation_loses_no_key() {
    kills(Operation::Rotate).await;
}

#[tokio::test]
async fn a_ring_opens_with_the_old_key_or_the_new_one() {
    kills(Operation::Relock).await;
}

#[tokio::test]
async fn erasure_is_kept() {
    kills(Operation::Erase).await;
}

#[tokio::test]
async fn enrolment_is_kept() {
    kills(Operation::Enrol).await;
}

#[tokio::test]
async fn a_person_is_there_under_one_id() {
    kills(Operation::ChangeId).await;
}

#[tokio::test]
async fn a_release_that_was_used_stays_so() {
    kills(Operation::Release).await;
}

#[tokio::test]
async fn anchoring_meets_the_chain_again() {
    kills(Operation::Anchor).await;
}

#[tokio::test]
async fn pruning_is_finished() {
    kills(Operation::Prune).await;
}

#[tokio::test]
async fn who_represents_somebody_is_what_was_said_last() {
    kills(Operation::Represent).await;
}

#[tokio::test]
async fn a_withdrawal_meets_the_chain_again() {
    kills(Operation::Withdraw).await;
}

#[tokio::test]
async fn a_move_between_households_is_all_or_nothing() {
    kills(Operation::Household).await;
}

#[tokio::test]
async fn a_backup_is_whole_or_not_there() {
    kills(Operation::Backup).await;
}

#[tokio::test]
async fn a_restore_is_whole_or_not_there() {
    kills(Operation::Restore).await;
}

/// Lets the victim run on a copy, kills it at a random moment of the time that it takes undisturbed, and has the copy checked.
async fn kills(operation: Operation) {
    let registry = prepared().await;
    let mut random = sealroot_testing::seed(1).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (1 + operation as u64);
    let mut whole = Duration::ZERO;
    for case in 0..=sealroot_testing::cases(2) {
        let (_home, directory) = copied(&registry);
        let mut victim = victim(operation, &directory, operation.most_steps())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(victim.stdout.take().unwrap()).lines().map_while(Result::ok);
        let ready = lines.find(|line| line.contains("victim: ready")).expect("the victim starts");
        let started = Instant::now();
        if case == 0 {
            // The first runs to its end, and gives the time that the others are killed within.
            assert!(victim.wait().unwrap().success());
            whole = started.elapsed();
        } else {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            tokio::time::sleep(whole.mul_f64((random % 1000) as f64 / 1000.0)).await;
            victim.kill().unwrap();
            victim.wait().unwrap();
        }
        let lines: Vec<String> = [ready].into_iter().chain(lines).collect();
        operation.check(&directory, &Said::new(&lines)).await;
    }
}
