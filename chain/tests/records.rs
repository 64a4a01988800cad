//! What a record tells everybody, and what other requesters can do to it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use alloy_primitives::{B256, Bytes, keccak256};
use sealroot_chain::{Act, Calls, Chain, ChainError};
use sealroot_protocol::{
    bundle::{Bundle, Decision, Part, ProofBytes},
    canonical::Suite,
    field::Digest,
    machine::PublicInputs,
    program::{Payment, Program},
    refusals::BatchRoot,
    request::{Nonce, Request},
    snapshot::SnapshotQuery,
};
use sealroot_testing::chain::*;
use sqlx::{Connection, Row};

/// A world with a second program, in which another office asks.
async fn two_programs() -> (World, Request) {
    let world = World::new().await;
    let aid = Program { id: name("other-aid"), requesters: vec![name("other-office")], ..program() };
    world.enact(&Act::EnactProgram(Box::new(aid))).await.unwrap();
    let request = Request { program: name("other-aid"), requester: name("other-office"), ..world.request() };
    (world, request)
}

/// The contract sees no proof, so an office can record any number as a nullifier; it hurts nobody but its own program.
#[tokio::test]
async fn nullifiers_of_other_programs_are_out_of_reach() {
    let (world, theirs) = two_programs().await;
    let squat = world.approval_of(&world.sign(theirs.clone(), "other-office-key"), 11, 0);
    world.approve_as(&squat, "other-office-key").await.unwrap();
    let honest = world.request();
    world.approve(&world.approval(honest.clone(), 11, 400)).await.unwrap();

    let ours = world.chain.snapshot(&world.query(Some(11))).await.unwrap().decision.unwrap();
    assert_eq!((ours.amount, ours.request), (400, honest.digest()));
    let query = SnapshotQuery {
        program: Some(name("other-aid")),
        requester: Some(name("other-office")),
        ..world.query(Some(11))
    };
    let squatted = world.chain.snapshot(&query).await.unwrap().decision.unwrap();
    assert_eq!((squatted.amount, squatted.request), (0, theirs.digest()));
}

/// Within a program a squatted nullifier is won back once the squatter is dismissed, which is at once: a correction needs no consent of the requester that it corrects, and
/// the budget bounds what all of them pay. By proof it is won back without that.
#[tokio::test]
async fn a_squatted_nullifier_is_won_back_by_a_correction() {
    let world = World::new().await;
    world.enact(&Act::Authorise(name("heating-allowance"), name("other-office"))).await.unwrap();
    let theirs = Request { requester: name("other-office"), ..world.request() };
    let squat = world.approval_of(&world.sign(theirs.clone(), "other-office-key"), 11, 900);
    world.approve_as(&squat, "other-office-key").await.unwrap();
    assert_eq!(rejected(world.approve(&world.approval(world.request(), 11, 400)).await), "nullifier-spent");
    let again = Request { corrects: digest_of(&theirs), nonce: Nonce([4; 16].into()), ..world.request() };
    assert_eq!(rejected(world.approve(&world.approval(again.clone(), 11, 400)).await), "another-offices-approval");
    world.enact_now(&Act::Dismiss(name("heating-allowance"), name("other-office"))).await.unwrap();
    world.approve(&world.approval(again.clone(), 11, 400)).await.unwrap();
    let decision = world.chain.snapshot(&world.query(Some(11))).await.unwrap().decision.unwrap();
    assert_eq!((decision.amount, decision.request), (400, again.digest()));
    assert_eq!(world.chain.spent(&name("heating-allowance")).await.unwrap(), alloy_primitives::U256::from(400));
}

/// An onlooker that sees a root before its block is made can be faster with it, and gains nothing.
#[tokio::test]
async fn a_batch_can_be_copied_and_not_blocked() {
    let world = World::new().await;
    let batch = BatchRoot(Digest([6; 32]));
    let query = SnapshotQuery { refusals: Some(batch), ..world.query(None) };
    let copied = world.chain.date_refusals(&key("other-office-key"), &name("other-office"), batch).await.unwrap();
    assert_eq!(world.chain.snapshot(&query).await.unwrap().refusals, None, "it is not the welfare office's");
    world.wait(100).await;
    let office = name("welfare-office");
    let receipt = world.chain.date_refusals(&key("welfare-office-key"), &office, batch).await.unwrap();
    let entry = world.chain.snapshot(&query).await.unwrap().refusals.unwrap();
    assert_eq!((entry.requester, entry.dated_at, entry.block), (office, receipt.block.time, receipt.block.number));
    assert!(receipt.block.time > copied.block.time);
}

const PURPOSE: &str = "CANARY: wheelchair, third floor";
const OUTPUT: u64 = 0x1234_5678_90ab_cdef;
const PAID: u64 = 0x0102_0304_0506;

/// An approval as the command line records it: the paid amount, and an output that says something about a person.
fn bundle(world: &World, program: &Program, approved: bool) -> Bundle {
    let signed = world.sign(Request { purpose: PURPOSE.into(), ..world.request() }, "welfare-office-key");
    let request = &signed.request;
    let part = |n: u64, outputs: [u64; 2]| Part {
        suite: Suite,
        policy: request.policies[n as usize - 1],
        universal_key: Digest([1; 32]),
        inputs: PublicInputs {
            roots: vec![root(n)],
            as_of: request.period.start,
            scope: request.scope(),
            request: request.digest(),
            applicant: request.applicant,
            nullifier: nullifier(11),
            decision: approved,
            outputs: if approved { outputs } else { [0, 0] },
            reasons: 0,
        },
        proof: ProofBytes([7; 256]),
    };
    let parts = vec![part(1, [OUTPUT, 0]), part(2, [PAID, OUTPUT])];
    let decision = Decision::of(program, &parts).unwrap();
    let (program, policies) = (program.clone(), vec![]);
    Bundle { suite: Suite, decision, request: signed, program, policies, parts, evidence: None, reduction: None }
}

/// Calls and logs are public for ever: they hold the amount, and neither the other outputs nor the clerk's words.
#[tokio::test]
async fn a_record_shows_neither_unpaid_outputs_nor_the_purpose() {
    let pays = Payment { part: 1, output: 0, currency: "EUR".into(), budget: u64::MAX };
    let program = Program { pays: Some(pays), ..program() };
    let world = World::with_program(program.clone()).await;
    let bundle = bundle(&world, &program, true);
    let receipt = world.chain.approve(&key("welfare-office-key"), &bundle).await.unwrap();
    let raw = world.chain.transactions(receipt.block.number).await.unwrap();
    let decision = world.chain.snapshot(&world.query(Some(11))).await.unwrap().decision.unwrap();
    assert_eq!((decision.amount, decision.request), (PAID, bundle.request.request.digest()));

    let World { chain, directory } = world;
    drop(chain);
    let url = format!("sqlite://{}", directory.path().join("chain.sqlite").display());
    let mut connection = sqlx::SqliteConnection::connect(&url).await.unwrap();
    let rows = sqlx::query("SELECT receipt FROM transactions").fetch_all(&mut connection).await.unwrap();
    let receipts: Vec<Bytes> = rows.iter().map(|row| row.get::<Vec<u8>, _>(0).into()).collect();
    let words = sqlx::query("SELECT value FROM storage").fetch_all(&mut connection).await.unwrap();
    let state: Vec<Bytes> = words.iter().map(|row| row.get::<Vec<u8>, _>(0).into()).collect();

    let holds = |all: &[Bytes], what: &[u8]| all.iter().any(|bytes| bytes.windows(what.len()).any(|w| w == what));
    for (place, bytes) in [("call", &raw), ("logs", &receipts), ("state", &state)] {
        assert!(holds(bytes, &PAID.to_be_bytes()), "{place}: the search finds what is there");
        assert!(!holds(bytes, &OUTPUT.to_be_bytes()), "{place} holds an output that isn't paid");
        assert!(!holds(bytes, &PURPOSE.as_bytes()[..6]), "{place} holds the purpose");
    }
    assert!(holds(&raw, keccak256(PURPOSE).as_slice()), "the purpose's hash, which the signature needs");
}

/// The contract sees no decision: a refusal that was entered as an approval would spend its person's nullifier.
#[tokio::test]
async fn a_refusal_is_never_entered_as_an_approval() {
    let world = World::new().await;
    let refused = bundle(&world, &program(), false);
    let before = world.chain.head().await.unwrap();
    let entered = world.chain.approve(&key("welfare-office-key"), &refused).await;
    assert!(matches!(entered, Err(ChainError::NotAnApproval)));
    assert_eq!(world.chain.head().await.unwrap(), before);
    assert_ne!(B256::from(refused.digest().unwrap().0), B256::ZERO);
}
