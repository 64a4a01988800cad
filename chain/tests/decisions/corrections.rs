//! What comes after an approval: corrections with a request of their own, and reductions by two keys of the office.

use alloy_primitives::U256;
use sealroot_chain::{Act, Calls, Chain};
use sealroot_protocol::{
    canonical::Suite,
    consent::RequestDigest,
    date::Period,
    field::F,
    program::Program,
    reduction::{ReductionDocument, SignedReduction},
    request::{Nonce, Request},
    snapshot::{Claimed, Held, SnapshotQuery},
};
use sealroot_testing::chain::*;

#[tokio::test]
async fn a_correction_replaces_the_approval_and_counts_the_difference() {
    let world = World::new().await;
    let request =
        |n: u8, corrects: Option<RequestDigest>| Request { nonce: Nonce([n; 16].into()), corrects, ..world.request() };
    let (first, unrelated) = (request(1, None), request(2, None));
    assert_eq!(
        rejected(world.approve(&world.approval(request(3, digest_of(&first)), 11, 1)).await),
        "corrects-unknown"
    );
    world.approve(&world.approval(first.clone(), 11, 700)).await.unwrap();
    world.approve(&world.approval(unrelated.clone(), 12, 100)).await.unwrap();
    // The approval that stands, of the same person.
    for (n, corrects) in [(4, digest_of(&unrelated)), (5, Some(RequestDigest(F::from(1u8))))] {
        assert_eq!(rejected(world.approve(&world.approval(request(n, corrects), 11, 1)).await), "corrects-unknown");
    }
    let second = request(6, digest_of(&first));
    assert_eq!(rejected(world.approve(&world.approval(second.clone(), 11, 901)).await), "over-budget");
    world.approve(&world.approval(second.clone(), 11, 900)).await.unwrap();
    assert_eq!(world.chain.spent(&name("heating-allowance")).await.unwrap(), U256::from(1000));
    // The corrected one is gone: neither it nor another correction of it comes back.
    assert_eq!(rejected(world.approve(&world.approval(first.clone(), 11, 700)).await), "nullifier-spent");
    assert_eq!(
        rejected(world.approve(&world.approval(request(7, digest_of(&first)), 11, 1)).await),
        "corrects-unknown"
    );
    assert_eq!(rejected(world.approve(&world.approval(second.clone(), 11, 900)).await), "already-decided");
    world.approve(&world.approval(request(8, digest_of(&second)), 11, 50)).await.unwrap();
    assert_eq!(world.chain.spent(&name("heating-allowance")).await.unwrap(), U256::from(150));
    let decision = world.chain.snapshot(&world.query(Some(11))).await.unwrap().decision.unwrap();
    assert_eq!((decision.amount, decision.request), (50, request(8, digest_of(&second)).digest()));
}

/// Another office could replace a true approval in the last second in which anybody can answer: an office's word is replaced by its own office's alone, or by anybody's once
/// that office is dismissed.
#[tokio::test]
async fn an_offices_word_is_another_offices_to_replace_only_once_it_is_dismissed() {
    let world = World::new().await;
    let (program, office, other) = (name("heating-allowance"), name("welfare-office"), name("other-office"));
    world.enact(&Act::Authorise(program.clone(), other.clone())).await.unwrap();
    let first = world.request();
    world.approve(&world.approval(first.clone(), 11, 700)).await.unwrap();
    let theirs = Request { requester: other.clone(), corrects: digest_of(&first), ..world.request() };
    let call = world.approval_of(&world.sign(theirs.clone(), "other-office-key"), 11, 0);
    assert_eq!(rejected(world.approve_as(&call, "other-office-key").await), "another-offices-approval");
    // A verifier sees the standing beside the approval, and evidence proves it.
    let query = SnapshotQuery { requester: Some(other.clone()), ..world.query(Some(11)) };
    let snapshot = world.chain.snapshot(&query).await.unwrap();
    assert_eq!(snapshot.decided_by.unwrap().until, None);
    assert_eq!(world.chain.snapshot(&world.query(Some(11))).await.unwrap().decided_by, None, "its own office asks");
    world.enact_now(&Act::Dismiss(program, office)).await.unwrap();
    let at = world.chain.head().await.unwrap().number;
    assert!(world.chain.snapshot(&query).await.unwrap().decided_by.unwrap().until.is_some());
    world.chain.collect_evidence(&query, at).await.unwrap();
    world.approve_as(&call, "other-office-key").await.unwrap();
    let entry = world.chain.snapshot(&query).await.unwrap().decision.unwrap();
    assert_eq!((entry.requester, entry.amount, entry.request), (Held::Held(other), 0, theirs.digest()));
}

/// A requester can enter a nullifier under a period that isn't its applicant's. The holder's own claim wins it back while that period can be corrected, and what
/// stands counts once.
#[tokio::test]
async fn a_correction_moves_an_approval_between_periods_while_both_can_be_corrected() {
    let claim = |world: &World, first: &Request| Request {
        period: Period { start: date("2026-12-01"), end: date("2026-12-31") },
        expiry: time("2026-12-30"),
        corrects: digest_of(first),
        ..world.request()
    };
    for (day, code) in [("2026-12-11", None), ("2026-12-12", Some("correction-too-late"))] {
        let world = World::new().await;
        let first = world.request();
        world.approve(&world.approval(first.clone(), 11, 700)).await.unwrap();
        world.at(day).await;
        let december = claim(&world, &first);
        let outcome = world.approve(&world.approval(december.clone(), 11, 600)).await;
        match code {
            Some(code) => assert_eq!(rejected(outcome), code, "{day}"),
            None => {
                outcome.unwrap();
                let entry = world.chain.snapshot(&world.query(Some(11))).await.unwrap().decision.unwrap();
                assert_eq!((entry.claimed, entry.amount), (Claimed::PeriodFrom(december.period.start), 600));
                assert_eq!((entry.granted, entry.request), (Held::Held(700), december.digest()));
                assert_eq!(world.chain.spent(&name("heating-allowance")).await.unwrap(), U256::from(600));
            }
        }
    }
}

/// Corrections have days after the window; a first claim hasn't.
#[tokio::test]
async fn corrections_come_after_the_window() {
    let world = World::with_program(Program { correctable_days: 5, ..program() }).await;
    let first = world.request();
    world.approve(&world.approval(first.clone(), 11, 700)).await.unwrap();
    let request = Request { not_before: time("2026-12-10"), expiry: time("2026-12-30"), ..world.request() };
    let correction = Request { corrects: digest_of(&first), ..request.clone() };
    world.at("2026-12-16").await;
    assert_eq!(rejected(world.approve(&world.approval(request, 12, 1)).await), "claim-too-late");
    world.approve(&world.approval(correction.clone(), 11, 800)).await.unwrap();
    let again = Request { corrects: digest_of(&correction), ..correction };
    world.at("2026-12-17").await;
    assert_eq!(rejected(world.approve(&world.approval(again, 11, 1)).await), "claim-too-late");
}

/// Two keys of the office lower an approval without the holder; what was granted stays a number beside it.
#[tokio::test]
async fn two_keys_reduce_an_approval() {
    let world = World::new().await;
    let office = name("welfare-office");
    world.enact(&Act::AddRequesterKey(office.clone(), key("second-key").address())).await.unwrap();
    let request = world.request();
    world.approve(&world.approval(request.clone(), 11, 400)).await.unwrap();
    let document = |from, to| ReductionDocument {
        suite: Suite,
        deployment: world.chain.deployment(),
        program: request.program.clone(),
        requester: office.clone(),
        nullifier: nullifier(11),
        request: request.digest(),
        from,
        to,
        reason: "The lease ended in October.".into(),
        nonce: Nonce([5; 16].into()),
    };
    let expiry = world.chain.now().await.unwrap() + 3600;
    let signed = |from, to, by: &str| SignedReduction::sign(document(from, to), expiry, &key(by)).unwrap();
    let reduce = async |signed: &SignedReduction, by: &str| world.chain.reduce(&key(by), signed).await;
    let first = signed(400, 150, "second-key");
    assert_eq!(rejected(reduce(&first, "second-key").await), "needs-two-keys");
    assert_eq!(rejected(reduce(&first, "other-office-key").await), "not-the-requester");
    assert_eq!(rejected(reduce(&signed(400, 150, "stranger"), "welfare-office-key").await), "not-the-requester");
    assert_eq!(rejected(reduce(&signed(500, 150, "second-key"), "welfare-office-key").await), "not-a-reduction");
    let receipt = reduce(&first, "welfare-office-key").await.unwrap();
    let query = world.query(Some(11));
    let entry = world.chain.snapshot(&query).await.unwrap().decision.unwrap();
    assert_eq!((entry.amount, entry.granted), (150, Held::Held(400)));
    let reduced = entry.reduced.unwrap();
    assert_eq!((reduced.at, reduced.document), (receipt.block.time, document(400, 150).digest().unwrap()));
    assert_eq!(entry.request, request.digest());
    assert_eq!(world.chain.spent(&name("heating-allowance")).await.unwrap(), U256::from(150));
    assert_eq!(rejected(reduce(&first, "welfare-office-key").await), "not-a-reduction", "it is carried out once");
    // Evidence holds the document's digest, which is proven like everything else.
    let evidence = world.chain.collect_evidence(&query, receipt.block.number).await.unwrap();
    assert_eq!(evidence.accounts[6].storage.len(), 6);
    world.chain.set_clock(sealroot_chain::BlockClock::Standing(expiry + 1)).await.unwrap();
    assert_eq!(rejected(reduce(&signed(150, 0, "second-key"), "welfare-office-key").await), "reduction-expired");
    // Forgotten in a drawer, it would live as long as the approval.
    let year = SignedReduction::sign(document(150, 0), expiry + 365 * 86_400, &key("second-key")).unwrap();
    assert_eq!(rejected(reduce(&year, "welfare-office-key").await), "reduction-lifetime");
}
