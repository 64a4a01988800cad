//! Decisions: every refusal that the contract owes, attacked one at a time from an approval that is accepted.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod corrections;

use alloy_primitives::{B256, U256, keccak256};
use alloy_sol_types::SolCall;
use sealroot_chain::{
    Act, Calls, Chain,
    calls::view,
    contracts::decisions::Decisions::{self, approveCall},
};
use sealroot_protocol::{
    date::Period,
    field::Digest,
    program::{AsOfRule, Program},
    refusals::BatchRoot,
    request::{Nonce, Request},
    snapshot::{Assurance, Claimed, Held, Registry, SnapshotQuery},
    utc_offset::UtcOffset,
};
use sealroot_testing::chain::*;

#[tokio::test]
async fn an_approval_is_recorded_once() {
    let world = World::new().await;
    let request = world.request();
    let call = world.approval(request.clone(), 11, 400);
    let receipt = world.approve(&call).await.unwrap();
    let decision = world.chain.snapshot(&world.query(Some(11))).await.unwrap().decision.unwrap();
    assert_eq!(decision.request, request.digest());
    assert_eq!(decision.bundle, Some(Digest(call.bundle.0)));
    assert_eq!((decision.amount, decision.granted, decision.assurance), (400, Held::Held(400), Assurance::ByOffice));
    assert_eq!((decision.approved_at, decision.block), (receipt.block.time, receipt.block.number));
    assert_eq!(decision.claimed, Claimed::PeriodFrom(request.period.start));
    assert_eq!(decision.requester, Held::Held(request.requester.clone()));
    assert_eq!(decision.reduced, None);
    assert_eq!(world.chain.spent(&name("heating-allowance")).await.unwrap(), U256::from(400));
    // The digest of the contract is the protocol's.
    let digest = Decisions::requestDigestCall { request: call.request.clone() };
    let digest = view(&world.chain, world.chain.contracts().decisions, digest).await.unwrap();
    assert_eq!(U256::from_be_bytes(digest.0), uint(request.digest().0));

    assert_eq!(rejected(world.approve(&call).await), "already-decided");
    let mut second = request.clone();
    second.nonce.0.0[0] = 1;
    assert_eq!(rejected(world.approve(&world.approval(second.clone(), 11, 400)).await), "nullifier-spent");
    // Another person, another nullifier.
    world.approve(&world.approval(second, 12, 100)).await.unwrap();
}

#[tokio::test]
async fn only_the_requester_records() {
    let world = World::new().await;
    let call = world.approval(world.request(), 11, 400);
    for stranger in ["stranger", "other-office-key", "officer-1", "registry-key"] {
        assert_eq!(rejected(world.approve_as(&call, stranger).await), "not-the-requester");
    }
    // Signed by somebody else.
    for stranger in ["stranger", "other-office-key"] {
        let signed = world.sign(world.request(), stranger);
        assert_eq!(rejected(world.approve(&world.approval_of(&signed, 11, 400)).await), "requester-key-unknown");
    }
    // A requester of the chain, but not of the program.
    let mut other = world.request();
    other.requester = name("other-office");
    let signed = world.sign(other, "other-office-key");
    let call = world.approval_of(&signed, 11, 400);
    assert_eq!(rejected(world.approve_as(&call, "other-office-key").await), "requester-not-authorised");
    world.enact(&Act::Authorise(name("heating-allowance"), name("other-office"))).await.unwrap();
    world.approve_as(&call, "other-office-key").await.unwrap();
    world.enact_now(&Act::Dismiss(name("heating-allowance"), name("welfare-office"))).await.unwrap();
    assert_eq!(rejected(world.approve(&world.approval(world.request(), 12, 1)).await), "requester-not-authorised");
}

#[tokio::test]
async fn retired_keys_vouch_for_old_requests_and_revoked_ones_for_none() {
    let world = World::new().await;
    let add = Act::AddRequesterKey(name("welfare-office"), key("new-key").address());
    world.enact(&add).await.unwrap();
    let old = world.approval(world.request(), 11, 1);
    let mut later = world.request();
    later.not_before = time("2026-11-07");
    let later = world.approval(later, 12, 1);
    world.at("2026-11-06").await;
    world.chain.retire_own_key(&key("welfare-office-key"), world.chain.contracts().requesters).await.unwrap();
    world.at("2026-11-08").await;
    assert_eq!(rejected(world.approve(&old).await), "not-the-requester");
    assert_eq!(rejected(world.approve_as(&later, "new-key").await), "requester-key-not-valid");
    world.approve_as(&old, "new-key").await.unwrap();
    world.enact_now(&Act::RevokeRequesterKey(key("welfare-office-key").address())).await.unwrap();
    let other = world.approval(Request { nonce: Nonce([3; 16].into()), ..world.request() }, 13, 1);
    assert_eq!(rejected(world.approve_as(&other, "new-key").await), "requester-key-not-valid");
}

#[tokio::test]
async fn requests_have_dates_and_one_signature() {
    let world = World::new().await;
    let change = |change: &dyn Fn(&mut Request)| {
        let mut request = world.request();
        change(&mut request);
        world.approval(request, 11, 1)
    };
    let now = world.chain.now().await.unwrap();
    for (call, code) in [
        (change(&|r| r.not_before = now + 5), "request-not-yet-valid"),
        (change(&|r| (r.not_before, r.expiry) = (now - 10, now - 1)), "request-expired"),
        (change(&|r| r.expiry = r.not_before - 1), "request-lifetime"),
        (change(&|r| r.expiry = r.not_before + 60 * 86_400 + 1), "request-lifetime"),
        (change(&|r| r.expiry = u64::MAX), "request-lifetime"),
        (change(&|r| r.program = name("nothing")), "requester-not-authorised"),
        (change(&|r| r.deployment.chain_id += 1), "requester-key-unknown"),
    ] {
        assert_eq!(rejected(world.approve(&call).await), code);
    }
    // Every field of the request is under the signature: changed after signing, it recovers to somebody else.
    let good = world.approval(world.request(), 11, 1);
    let mut tampered: Vec<approveCall> = vec![good.clone(); 8];
    tampered[0].request.purposeHash.0[0] ^= 1;
    tampered[1].request.applicant += U256::ONE;
    tampered[2].request.nonce.0[0] ^= 1;
    tampered[3].request.notBefore -= 1;
    tampered[4].request.expiry -= 1;
    tampered[5].request.recipient.0[0] ^= 1;
    tampered[6].request.corrects = B256::repeat_byte(1);
    tampered[7].request.policies.swap(0, 1);
    for call in &tampered {
        assert_eq!(rejected(world.approve(call).await), "requester-key-unknown");
    }
    // The signature has one form: s in the lower half, v 27 or 28, 65 bytes.
    let order = U256::from_str_radix("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", 16).unwrap();
    let mut high = good.clone();
    let mut bytes = good.signature.to_vec();
    let s = order - U256::from_be_slice(&bytes[32..64]);
    bytes[32..64].copy_from_slice(&s.to_be_bytes::<32>());
    bytes[64] = 55 - bytes[64];
    high.signature = bytes.into();
    let mut compact = good.clone();
    compact.signature = good.signature[..64].to_vec().into();
    let mut parity = good.clone();
    parity.signature = [&good.signature[..64], &[good.signature[64] - 27]].concat().into();
    let mut long = good.clone();
    long.signature = [&good.signature[..], &[0]].concat().into();
    for call in [high, compact, parity, long] {
        assert_eq!(rejected(world.approve(&call).await), "request-signature");
    }
    world.approve(&good).await.unwrap();
}

#[tokio::test]
async fn periods_and_windows_are_the_programs() {
    let world = World::new().await;
    let in_period = |start: &str, end: &str| {
        let mut request = world.request();
        request.period = Period { start: date(start), end: date(end) };
        world.approval(request, 11, 1)
    };
    assert_eq!(rejected(world.approve(&in_period("2026-11-02", "2026-11-30")).await), "period-not-on-grid");
    assert_eq!(rejected(world.approve(&in_period("2026-10-01", "2026-10-31")).await), "period-not-on-grid");
    assert_eq!(rejected(world.approve(&in_period("2027-02-01", "2027-02-28")).await), "period-not-on-grid");
    assert_eq!(rejected(world.approve(&in_period("2026-11-01", "2026-12-31")).await), "period-not-on-grid");
    // A claim before its period, or in it before the window opens (day 3, so 2026-11-04).
    assert_eq!(rejected(world.approve(&in_period("2026-12-01", "2026-12-31")).await), "claim-too-early");
    let request = Request { not_before: time("2026-11-04"), ..world.request() };
    let expiry = time("2026-12-30");
    let late = world.approval(Request { expiry, ..request.clone() }, 12, 1);
    // The last second of the last day (day 40, so 2026-12-11), and the first one after.
    world.chain.set_clock(sealroot_chain::BlockClock::Standing(time("2026-12-12") - 1)).await.unwrap();
    world.approve(&world.approval(Request { expiry, ..request }, 11, 1)).await.unwrap();
    world.at("2026-12-12").await;
    assert_eq!(rejected(world.approve(&late).await), "claim-too-late");

    let early = World::registered().await;
    for act in [
        Act::EnactPolicy(enactment("residence", "residence-1", "registry", "2026-11-01", None)),
        Act::EnactPolicy(enactment("income", "income-1", "tax-office", "2026-11-01", None)),
        Act::EnactProgram(Box::new(program())),
    ] {
        early.enact(&act).await.unwrap();
    }
    early.anchor("registry", "registry-key", 1, 1, None).await.unwrap();
    early.anchor("tax-office", "tax-key", 2, 1, None).await.unwrap();
    let request = Request { not_before: time("2026-11-01"), ..early.request() };
    let call = early.approval(request, 11, 1);
    early.chain.set_clock(sealroot_chain::BlockClock::Standing(time("2026-11-04") - 1)).await.unwrap();
    assert_eq!(rejected(early.approve(&call).await), "claim-too-early");
    early.at("2026-11-04").await;
    early.approve(&call).await.unwrap();
}

#[tokio::test]
async fn facts_are_never_judged_in_the_future() {
    let world = World::registered().await;
    let mut at_the_end = program();
    at_the_end.as_of = AsOfRule::PeriodEnd;
    for act in [
        Act::EnactPolicy(enactment("residence", "residence-1", "registry", "2026-11-01", None)),
        Act::EnactPolicy(enactment("income", "income-1", "tax-office", "2026-11-01", None)),
        Act::EnactProgram(Box::new(at_the_end)),
    ] {
        world.enact(&act).await.unwrap();
    }
    world.anchor("registry", "registry-key", 1, 1, None).await.unwrap();
    world.anchor("tax-office", "tax-key", 2, 1, None).await.unwrap();
    let request = Request { not_before: time("2026-11-05"), expiry: time("2026-12-20"), ..world.request() };
    let call = world.approval(request, 11, 1);
    world.at("2026-11-29").await;
    assert_eq!(rejected(world.approve(&call).await), "as-of-in-future");
    world.at("2026-11-30").await;
    world.approve(&call).await.unwrap();
}

#[tokio::test]
async fn policies_are_the_programs_and_in_force() {
    let world = World::new().await;
    let policies = |list: &[&str]| {
        let request = Request { policies: list.iter().map(|text| policy_digest(text)).collect(), ..world.request() };
        world.approval(request, 11, 1)
    };
    assert_eq!(rejected(world.approve(&policies(&["residence-1"])).await), "wrong-number-of-policies");
    assert_eq!(
        rejected(world.approve(&policies(&["residence-1", "income-1", "income-1"])).await),
        "wrong-number-of-policies"
    );
    assert_eq!(rejected(world.approve(&policies(&["income-1", "residence-1"])).await), "policies-not-of-program");
    assert_eq!(rejected(world.approve(&policies(&["residence-1", "never-enacted"])).await), "policy-not-enacted");
    // Next year's version isn't in force on this period's start.
    let next = enactment("income", "income-2", "tax-office", "2027-01-01", None);
    world.enact(&Act::EnactPolicy(next)).await.unwrap();
    assert_eq!(rejected(world.approve(&policies(&["residence-1", "income-2"])).await), "policy-not-in-force");
    // A version of the right id is needed, not just an enacted one.
    let other = enactment("wealth", "wealth-1", "tax-office", "2026-11-07", None);
    world.enact(&Act::EnactPolicy(other)).await.unwrap();
    assert_eq!(rejected(world.approve(&policies(&["residence-1", "wealth-1"])).await), "policies-not-of-program");
    world.enact_now(&Act::WithdrawPolicy(policy_digest("income-1"))).await.unwrap();
    assert_eq!(rejected(world.approve(&policies(&["residence-1", "income-1"])).await), "policy-withdrawn");
}

/// Two versions are enacted and both periods can be claimed: the period picks, whichever is newer.
#[tokio::test]
async fn of_two_live_versions_the_contract_takes_the_periods() {
    let world = World::new().await;
    let second = enactment("income", "income-2", "tax-office", "2027-01-01", None);
    world.enact(&Act::EnactPolicy(second)).await.unwrap();
    world.at("2027-01-06").await;
    let claims =
        [("2026-12-01", "2026-12-31", "income-1", "income-2"), ("2027-01-01", "2027-01-31", "income-2", "income-1")];
    for (nullifier, (start, end, right, wrong)) in (21..).zip(claims) {
        let claim = |income: &str| {
            let request = Request {
                period: Period { start: date(start), end: date(end) },
                policies: vec![policy_digest("residence-1"), policy_digest(income)],
                not_before: time("2027-01-05"),
                expiry: time("2027-01-10"),
                ..world.request()
            };
            world.approval(request, nullifier, 1)
        };
        assert_eq!(rejected(world.approve(&claim(wrong)).await), "policy-not-in-force", "{wrong} for {start}");
        world.approve(&claim(right)).await.unwrap();
    }
}

#[tokio::test]
async fn closed_programs_approve_nothing() {
    let world = World::new().await;
    world.enact_now(&Act::CloseProgram(name("heating-allowance"))).await.unwrap();
    assert_eq!(rejected(world.approve(&world.approval(world.request(), 11, 1)).await), "program-closed");
}

#[tokio::test]
async fn roots_belong_to_the_policys_agency_and_count() {
    let world = World::new().await;
    let call = world.approval(world.request(), 11, 1);
    let with_roots = |first: u64, second: u64| {
        let mut changed = call.clone();
        changed.roots = vec![vec![U256::from(first)], vec![U256::from(second)]];
        changed
    };
    assert_eq!(rejected(world.approve(&with_roots(2, 1)).await), "root-unknown", "another agency's root");
    assert_eq!(rejected(world.approve(&with_roots(1, 7)).await), "root-unknown", "never anchored");
    let mut none = call.clone();
    none.roots[0].clear();
    assert_eq!(rejected(world.approve(&none).await), "part-input-mismatch");
    let mut two = call.clone();
    two.roots[0].push(U256::from(1));
    assert_eq!(rejected(world.approve(&two).await), "part-input-mismatch");
    // Past its grace.
    world.anchor("tax-office", "tax-key", 3, 2, Some(2)).await.unwrap();
    world.wait(u64::from(GRACE) + 10).await;
    assert_eq!(rejected(world.approve(&call).await), "root-superseded");
    // Withdrawn.
    world.chain.withdraw_root(&key("registry-key"), &name("registry"), root(1)).await.unwrap();
    assert_eq!(rejected(world.approve(&with_roots(1, 3)).await), "root-withdrawn");
    // Anchored by a key that was revoked since.
    world.anchor("registry", "registry-key", 4, 2, Some(1)).await.unwrap();
    world.chain.revoke_own_key(&key("tax-key"), world.chain.contracts().agencies).await.unwrap();
    assert_eq!(rejected(world.approve(&with_roots(4, 3)).await), "root-withdrawn");
}

/// Semaphore #16 and many after: x, x + p and x + 2p are one field element, and would be three nullifiers.
#[tokio::test]
async fn public_inputs_are_reduced() {
    let world = World::new().await;
    let good = world.approval(world.request(), 11, 1);
    for add in [p(), p() + p()] {
        let mut nullifier = good.clone();
        nullifier.nullifier += add;
        assert_eq!(rejected(world.approve(&nullifier).await), "not-reduced");
        for part in 0..2 {
            let mut root = good.clone();
            root.roots[part][0] += add;
            assert_eq!(rejected(world.approve(&root).await), "not-reduced");
        }
        // Scope and applicant are under the signature: signed again by a colluding office, they are rejected all the same.
        let mut applicant = good.clone();
        applicant.request.applicant += add;
        sign_again(&world, &mut applicant).await;
        assert_eq!(rejected(world.approve(&applicant).await), "not-reduced");
        let mut scope = good.clone();
        scope.request.scope += add;
        sign_again(&world, &mut scope).await;
        assert_eq!(rejected(world.approve(&scope).await), "wrong-scope");
    }
    for amount in [1 << 63, u64::MAX] {
        let call = approveCall { amount, ..good.clone() };
        assert_eq!(rejected(world.approve(&call).await), "amount-too-large");
    }
    // The amount is the fourth word; one of more than 64 bits is no amount modulo 2^64.
    let mut wide = good.abi_encode();
    wide[4 + 3 * 32] = 1;
    let sent = world.chain.send(&key("welfare-office-key"), world.chain.contracts().decisions, wide.into()).await;
    assert_eq!(rejected(sent), "reverted");
    let mut part = good.clone();
    part.roots.pop();
    assert_eq!(rejected(world.approve(&part).await), "parts-mismatch");
    part.roots.extend(good.roots.clone());
    assert_eq!(rejected(world.approve(&part).await), "parts-mismatch");
    let mut empty = good.clone();
    empty.bundle = B256::ZERO;
    assert_eq!(rejected(world.approve(&empty).await), "empty-digest");
    world.approve(&good).await.unwrap();
}

mod eip712 {
    alloy_sol_types::sol! {
        /// What is signed. A call has the purpose's hash in its place.
        struct Request {
            bytes32 program;
            uint32 periodStart;
            uint32 periodEnd;
            uint256 scope;
            bytes32[] policies;
            bytes32 requester;
            string purpose;
            uint256 applicant;
            bytes16 nonce;
            uint64 notBefore;
            uint64 expiry;
            address recipient;
            bytes32 corrects;
        }
    }
}

/// Signs what the Rust types can't express: hashes by EIP-712 independently of the protocol.
async fn sign_again(world: &World, call: &mut approveCall) {
    let (r, purpose) = (call.request.clone(), world.request().purpose);
    assert_eq!(r.purposeHash, keccak256(&purpose));
    let signed = eip712::Request {
        program: r.program,
        periodStart: r.periodStart,
        periodEnd: r.periodEnd,
        scope: r.scope,
        policies: r.policies,
        requester: r.requester,
        purpose,
        applicant: r.applicant,
        nonce: r.nonce,
        notBefore: r.notBefore,
        expiry: r.expiry,
        recipient: r.recipient,
        corrects: r.corrects,
    };
    let domain = alloy_sol_types::eip712_domain! {
        name: "Sealroot",
        version: "1",
        chain_id: CHAIN_ID,
        verifying_contract: world.chain.contracts().programs,
    };
    let hash = alloy_sol_types::SolStruct::eip712_signing_hash(&signed, &domain);
    world.resign(call, hash);
}

#[tokio::test]
async fn the_scope_is_the_programs_own() {
    let world = World::new().await;
    let good = world.approval(world.request(), 11, 1);
    let mut december = world.request();
    december.period = Period { start: date("2026-12-01"), end: date("2026-12-31") };
    for scope in [U256::ZERO, uint(december.scope().0), good.request.scope + U256::ONE] {
        let mut call = good.clone();
        call.request.scope = scope;
        sign_again(&world, &mut call).await;
        assert_eq!(rejected(world.approve(&call).await), "wrong-scope");
    }
}

#[tokio::test]
async fn the_budget_bounds_what_is_approved() {
    let world = World::new().await;
    let request = |n: u8| Request { nonce: Nonce([n; 16].into()), ..world.request() };
    world.approve(&world.approval(request(1), 11, 600)).await.unwrap();
    assert_eq!(rejected(world.approve(&world.approval(request(2), 12, 401)).await), "over-budget");
    world.approve(&world.approval(request(3), 13, 400)).await.unwrap();
    assert_eq!(rejected(world.approve(&world.approval(request(4), 14, 1)).await), "over-budget");
    world.approve(&world.approval(request(5), 15, 0)).await.unwrap();
    assert_eq!(world.chain.spent(&name("heating-allowance")).await.unwrap(), U256::from(BUDGET));
}

/// In Beijing a period opens eight hours before it does by UTC's clocks.
#[tokio::test]
async fn windows_turn_at_the_programs_midnight() {
    let beijing = UtcOffset::from_minutes(480).unwrap();
    let over = time("2026-12-12") - 8 * 3600;
    for (now, code) in [(over, Some("claim-too-late")), (over - 1, None)] {
        let world = World::with_program(Program { utc_offset_minutes: beijing, ..program() }).await;
        let request = Request { not_before: time("2026-11-20"), expiry: time("2026-12-30"), ..world.request() };
        world.chain.set_clock(sealroot_chain::BlockClock::Standing(now)).await.unwrap();
        let outcome = world.approve(&world.approval(request, 11, 1)).await;
        match code {
            Some(code) => assert_eq!(rejected(outcome), code),
            None => drop(outcome.unwrap()),
        }
    }
}

/// A service card is one digest per office or agency, set by one of its keys, and read with that key.
#[tokio::test]
async fn cards_are_set_by_a_key_and_read_with_it() {
    let world = World::registered().await;
    let (office, agency) = (name("welfare-office"), name("registry"));
    let (requesters, agencies) = (Registry::Requesters, Registry::Agencies);
    let chain = &world.chain;
    let stranger = chain.set_card(&key("other-office-key"), requesters, &office, Digest([1; 32])).await;
    assert_eq!(rejected(stranger), "key-not-active");
    chain.set_card(&key("welfare-office-key"), requesters, &office, Digest([1; 32])).await.unwrap();
    let set = chain.set_card(&key("welfare-office-key"), requesters, &office, Digest([2; 32])).await.unwrap();
    chain.set_card(&key("registry-key"), agencies, &agency, Digest([3; 32])).await.unwrap();
    let cards = [(requesters, office.clone()), (agencies, agency.clone()), (agencies, name("tax-office"))].into();
    let query = SnapshotQuery { cards, ..SnapshotQuery::default() };
    let snapshot = chain.snapshot(&query).await.unwrap();
    let card = &snapshot.cards[&(requesters, office.clone())];
    assert_eq!((card.digest, card.set_at), (Digest([2; 32]), set.block.time));
    assert_eq!((card.set_by, &card.key.owner), (key("welfare-office-key").address(), &office));
    assert_eq!(snapshot.cards[&(agencies, agency)].digest, Digest([3; 32]));
    assert_eq!(snapshot.missing(&query).len(), 1, "the tax office has none");
}

#[tokio::test]
async fn programs_that_pay_nothing_record_no_amount() {
    let world = World::with_program(Program { pays: None, ..program() }).await;
    assert_eq!(rejected(world.approve(&world.approval(world.request(), 11, 500)).await), "nothing-is-paid");
    world.approve(&world.approval(world.request(), 11, 0)).await.unwrap();
    assert_eq!(world.chain.snapshot(&world.query(Some(11))).await.unwrap().decision.unwrap().amount, 0);
}

#[tokio::test]
async fn refusals_appear_only_in_batches() {
    let world = World::new().await;
    let (office, batch) = (name("welfare-office"), BatchRoot(Digest([6; 32])));
    assert_eq!(rejected(world.chain.date_refusals(&key("stranger"), &office, batch).await), "not-the-requester");
    assert_eq!(
        rejected(world.chain.date_refusals(&key("welfare-office-key"), &office, BatchRoot(Digest([0; 32]))).await),
        "empty-digest"
    );
    let receipt = world.chain.date_refusals(&key("welfare-office-key"), &office, batch).await.unwrap();
    world.wait(100).await;
    let again = world.chain.date_refusals(&key("welfare-office-key"), &office, batch).await;
    assert_eq!(rejected(again), "already-dated", "a batch keeps its first date");
    let query = SnapshotQuery { refusals: Some(batch), ..world.query(None) };
    let entry = world.chain.snapshot(&query).await.unwrap().refusals.unwrap();
    assert_eq!((entry.requester, entry.dated_at, entry.block), (office, receipt.block.time, receipt.block.number));
    let (requester, root) = (B256::from(name("welfare-office").to_bytes32()), B256::repeat_byte(6));
    let call = Decisions::refusalsCall { requester, root };
    let said = view(&world.chain, world.chain.contracts().decisions, call).await.unwrap();
    assert_eq!((said.requester, said.datedAt), (requester, receipt.block.time));
}
