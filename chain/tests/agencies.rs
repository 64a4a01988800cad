//! Agencies and roots: compare-and-swap, grace from replacement, withdrawal, keys.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use alloy_primitives::B256;
use alloy_sol_types::SolCall;
use sealroot_chain::{Act, AnchorCall, Calls, Chain, calls::view, contracts::agencies::Agencies};
use sealroot_protocol::{field::Digest, snapshot::SnapshotQuery};
use sealroot_testing::{cases, chain::*, seed};

async fn counts(world: &World, agency: &str, n: u64) -> bool {
    let call =
        Agencies::confirmedAtCall { id: B256::from(name(agency).to_bytes32()), root: B256::from(uint(root(n).0)) };
    let said = view(&world.chain, world.chain.contracts().agencies, call).await;
    // The snapshot's judgement is the contract's.
    let query = SnapshotQuery { roots: [(name(agency), root(n))].into(), ..world.query(None) };
    let snapshot = world.chain.snapshot(&query).await.unwrap();
    let now = world.chain.now().await.unwrap();
    let same = snapshot.roots.get(&(name(agency), root(n))).is_some_and(|entry| {
        entry.counts_at(now, &snapshot.agencies[&name(agency)], &snapshot.agency_keys[&entry.anchored_by])
    });
    assert_eq!(said.is_ok(), same);
    if let Ok(confirmed) = said {
        assert_eq!(confirmed, snapshot.roots[&(name(agency), root(n))].confirmed_at);
    }
    same
}

/// Semaphore #1093 counted grace from creation: a root that lived longer than the grace had none left.
#[tokio::test]
async fn grace_runs_from_replacement() {
    let world = World::registered().await;
    world.anchor("registry", "registry-key", 1, 1, None).await.unwrap();
    world.wait(30 * u64::from(GRACE)).await;
    assert!(counts(&world, "registry", 1).await, "a current root never grows stale");
    let replaced = world.anchor("registry", "registry-key", 2, 2, Some(1)).await.unwrap().block.time;
    world.chain.set_clock(sealroot_chain::BlockClock::Standing(replaced + u64::from(GRACE))).await.unwrap();
    assert!(counts(&world, "registry", 1).await, "the last second of grace");
    assert!(counts(&world, "registry", 2).await);
    world.chain.set_clock(sealroot_chain::BlockClock::Standing(replaced + u64::from(GRACE) + 1)).await.unwrap();
    assert!(!counts(&world, "registry", 1).await, "grace is over");
    assert!(counts(&world, "registry", 2).await);
    assert!(!counts(&world, "tax-office", 2).await, "another agency's root");
    assert!(!counts(&world, "registry", 3).await, "never anchored");
}

#[tokio::test]
async fn only_the_successor_is_anchored() {
    let world = World::registered().await;
    let as_registry = |n, sequence, previous| world.anchor("registry", "registry-key", n, sequence, previous);
    assert_eq!(rejected(as_registry(1, 2, None).await), "not-the-successor");
    assert_eq!(rejected(as_registry(1, 0, None).await), "not-the-successor");
    assert_eq!(rejected(as_registry(1, 1, Some(9)).await), "not-the-successor");
    as_registry(1, 1, None).await.unwrap();
    assert_eq!(rejected(as_registry(2, 1, None).await), "not-the-successor");
    assert_eq!(rejected(as_registry(2, 2, None).await), "not-the-successor");
    assert_eq!(rejected(as_registry(2, 3, Some(1)).await), "not-the-successor");
    as_registry(2, 2, Some(1)).await.unwrap();
    // The same root again: a new access-log head only.
    as_registry(2, 3, Some(2)).await.unwrap();
    assert!(counts(&world, "registry", 2).await);
    // Back to an earlier tree.
    world.wait(10 * u64::from(GRACE)).await;
    assert!(!counts(&world, "registry", 1).await);
    as_registry(1, 4, Some(2)).await.unwrap();
    assert!(counts(&world, "registry", 1).await);
    let head = world.chain.agency_head(&name("registry")).await.unwrap().unwrap();
    assert_eq!((head.sequence, head.root, head.grace), (4, Some(root(1)), GRACE));
    assert_eq!(world.chain.agency_head(&name("nobody")).await.unwrap(), None);
}

/// Random anchors against a model: exactly the successors land, and the chain ends where the model does.
#[tokio::test]
async fn compare_and_swap_agrees_with_a_model() {
    let world = World::registered().await;
    let cases: u32 = cases(60);
    let mut seed = seed(7);
    let mut draw = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    let (mut sequence, mut head) = (0u64, None);
    for case in 0..cases {
        let new = 1 + draw(6);
        let claimed_sequence = if draw(4) == 0 { draw(6) } else { sequence + 1 };
        let claimed_head = if draw(4) == 0 { Some(1 + draw(6)) } else { head };
        let landed = world.anchor("registry", "registry-key", new, claimed_sequence, claimed_head).await;
        if claimed_sequence == sequence + 1 && claimed_head == head {
            landed.unwrap();
            (sequence, head) = (sequence + 1, Some(new));
        } else {
            assert_eq!(rejected(landed), "not-the-successor", "case {case}");
        }
        let on_chain = world.chain.agency_head(&name("registry")).await.unwrap().unwrap();
        assert_eq!((on_chain.sequence, on_chain.root), (sequence, head.map(root)), "case {case}");
    }
}

#[tokio::test]
async fn withdrawn_roots_have_no_grace_and_never_come_back() {
    let world = World::registered().await;
    world.anchor("registry", "registry-key", 1, 1, None).await.unwrap();
    assert_eq!(
        rejected(world.chain.withdraw_root(&key("tax-key"), &name("registry"), root(1)).await),
        "key-not-active"
    );
    assert_eq!(
        rejected(world.chain.withdraw_root(&key("registry-key"), &name("registry"), root(5)).await),
        "root-unknown"
    );
    world.chain.withdraw_root(&key("registry-key"), &name("registry"), root(1)).await.unwrap();
    assert!(!counts(&world, "registry", 1).await);
    world.anchor("registry", "registry-key", 2, 2, Some(1)).await.unwrap();
    assert_eq!(rejected(world.anchor("registry", "registry-key", 1, 3, Some(2)).await), "root-withdrawn");
    // By two officers, at once.
    world.enact_now(&Act::WithdrawRoot(name("registry"), root(2))).await.unwrap();
    assert!(!counts(&world, "registry", 2).await);
}

/// Evidence of a block after a root's return doesn't say that it counted in between, nor that a key vouched for it before it did.
#[tokio::test]
async fn a_return_of_a_root_hides_no_gap() {
    let world = World::registered().await;
    let query = SnapshotQuery { roots: [(name("registry"), root(1))].into(), ..world.query(None) };
    let counted_at = async |time: u64| {
        let snapshot = world.chain.snapshot(&query).await.unwrap();
        let entry = snapshot.roots[&(name("registry"), root(1))];
        entry.counts_at(time, &snapshot.agencies[&name("registry")], &snapshot.agency_keys[&entry.anchored_by])
    };
    let first = world.anchor("registry", "registry-key", 1, 1, None).await.unwrap().block.time;
    world.anchor("registry", "registry-key", 2, 2, Some(1)).await.unwrap();
    world.wait(u64::from(GRACE) + 10).await;
    let gap = world.chain.now().await.unwrap();
    assert!(!counted_at(gap).await);
    world.wait(u64::from(GRACE) + 100).await;
    let back = world.anchor("registry", "registry-key", 1, 3, Some(2)).await.unwrap().block.time;
    assert!(
        counted_at(back).await && !counted_at(gap).await && !counted_at(back - 1).await && !counted_at(first).await
    );

    // The same root again by the same key: a new access-log head, and no gap.
    world.wait(100).await;
    world.anchor("registry", "registry-key", 1, 4, Some(1)).await.unwrap();
    assert!(counted_at(back).await);

    // Another key takes over the root of a revoked one: from then on, and not for the time in which it didn't count.
    world.enact(&Act::AddAgencyKey(name("registry"), key("second").address())).await.unwrap();
    let revoked = world.enact_now(&Act::RevokeAgencyKey(key("registry-key").address())).await.unwrap().block.time;
    assert!(counted_at(revoked - 1).await && !counted_at(revoked).await);
    world.wait(100).await;
    let taken = world.anchor("registry", "second", 1, 5, Some(1)).await.unwrap().block.time;
    assert!(counted_at(taken).await && !counted_at(revoked).await && !counted_at(taken - 1).await);
}

/// swiyu-verifier #108: a withdrawn issuer's old roots were still accepted.
#[tokio::test]
async fn a_withdrawn_agency_has_no_roots() {
    let world = World::registered().await;
    world.anchor("registry", "registry-key", 1, 1, None).await.unwrap();
    world.enact_now(&Act::WithdrawAgency(name("registry"))).await.unwrap();
    assert!(!counts(&world, "registry", 1).await);
    assert_eq!(rejected(world.anchor("registry", "registry-key", 2, 2, Some(1)).await), "agency-withdrawn");
}

#[tokio::test]
async fn a_late_anchor_fails() {
    let world = World::registered().await;
    let by = time("2026-10-09");
    let anchor = |sequence, previous, not_after| AnchorCall {
        root: root(sequence),
        sequence,
        previous,
        access_log: Digest([7; 32]),
        access_log_size: sequence,
        not_after: Some(not_after),
    };
    world.at("2026-10-09").await;
    let (registry, key) = (name("registry"), key("registry-key"));
    assert_eq!(rejected(world.chain.anchor(&key, &registry, &anchor(1, None, by - 1)).await), "anchor-too-late");
    world.chain.anchor(&key, &registry, &anchor(1, None, by)).await.unwrap();
}

/// The access log never shrinks, and with as many entries it has one head.
#[tokio::test]
async fn an_access_log_only_grows() {
    let world = World::registered().await;
    let anchor = |sequence, previous, head: u8, size| AnchorCall {
        root: root(1),
        sequence,
        previous,
        access_log: Digest([head; 32]),
        access_log_size: size,
        not_after: None,
    };
    let (registry, key) = (name("registry"), key("registry-key"));
    let send = async |call: AnchorCall| world.chain.anchor(&key, &registry, &call).await;
    assert_eq!(rejected(send(anchor(1, None, 0, 5)).await), "empty-digest");
    send(anchor(1, None, 1, 5)).await.unwrap();
    let again = Some(root(1));
    assert_eq!(rejected(send(anchor(2, again, 1, 4)).await), "access-log-shrank");
    assert_eq!(rejected(send(anchor(2, again, 2, 5)).await), "access-log-shrank");
    send(anchor(2, again, 1, 5)).await.unwrap();
    send(anchor(3, again, 2, 6)).await.unwrap();
    let head = world.chain.agency_head(&registry).await.unwrap().unwrap();
    assert_eq!((head.sequence, head.access_log_size), (3, 6));
}

/// The thief of a key anchors the largest size that there is. Once the key is revoked, the agency goes on with its own log.
#[tokio::test]
async fn what_a_revoked_key_said_of_the_log_binds_nobody() {
    let world = World::registered().await;
    let anchor = |sequence, previous, size| AnchorCall {
        root: root(1),
        sequence,
        previous,
        access_log: Digest([7; 32]),
        access_log_size: size,
        not_after: None,
    };
    let registry = name("registry");
    world.enact(&Act::AddAgencyKey(registry.clone(), key("second").address())).await.unwrap();
    world.chain.anchor(&key("second"), &registry, &anchor(1, None, 5)).await.unwrap();
    let again = Some(root(1));
    world.chain.anchor(&key("registry-key"), &registry, &anchor(2, again, (1 << 48) - 1)).await.unwrap();
    let own = anchor(3, again, 6);
    assert_eq!(rejected(world.chain.anchor(&key("second"), &registry, &own).await), "access-log-shrank");
    world.enact_now(&Act::RevokeAgencyKey(key("registry-key").address())).await.unwrap();
    assert_eq!(world.chain.agency_head(&registry).await.unwrap().unwrap().access_log_size, 0);
    world.chain.anchor(&key("second"), &registry, &own).await.unwrap();
    assert_eq!(world.chain.agency_head(&registry).await.unwrap().unwrap().access_log_size, 6);
}

#[tokio::test]
async fn keys_are_dated_and_belong_to_one_id() {
    let world = World::registered().await;
    assert_eq!(rejected(world.anchor("tax-office", "registry-key", 1, 1, None).await), "key-not-active");
    assert_eq!(rejected(world.anchor("registry", "officer-1", 1, 1, None).await), "key-not-active");
    let taken = Act::AddAgencyKey(name("registry"), key("tax-key").address());
    assert_eq!(rejected(world.enact(&taken).await), "key-in-use");
    assert_eq!(rejected(world.enact(&Act::AddAgencyKey(name("nobody"), key("x").address())).await), "unknown-owner");
    world.enact(&Act::AddAgencyKey(name("registry"), key("second").address())).await.unwrap();
    world.anchor("registry", "registry-key", 1, 1, None).await.unwrap();
    // Retired: signs nothing new, what it anchored lives.
    let agencies = world.chain.contracts().agencies;
    world.chain.retire_own_key(&key("registry-key"), agencies).await.unwrap();
    assert_eq!(rejected(world.anchor("registry", "registry-key", 2, 2, Some(1)).await), "key-not-active");
    assert!(counts(&world, "registry", 1).await);
    assert_eq!(rejected(world.chain.retire_own_key(&key("registry-key"), agencies).await), "key-not-active");
    // Revoked: what it anchored doesn't count, until a good key anchors it again.
    let other = Agencies::revokeKeyCall { key: key("registry-key").address() }.abi_encode();
    assert_eq!(rejected(world.chain.send(&key("second"), agencies, other.into()).await), "not-the-keys-owner");
    world.enact_now(&Act::RevokeAgencyKey(key("registry-key").address())).await.unwrap();
    assert!(!counts(&world, "registry", 1).await);
    world.anchor("registry", "second", 1, 2, Some(1)).await.unwrap();
    assert!(counts(&world, "registry", 1).await);
    assert_eq!(
        rejected(world.enact(&Act::AddAgencyKey(name("registry"), key("registry-key").address())).await),
        "key-in-use"
    );
}

/// p, p + 1 and x + p are not roots; neither is 0.
#[tokio::test]
async fn roots_are_field_elements() {
    let world = World::registered().await;
    let call = |root: B256| Agencies::anchorCall {
        id: B256::from(name("registry").to_bytes32()),
        root,
        sequence: 1,
        previous: B256::ZERO,
        accessLog: B256::repeat_byte(7),
        accessLogSize: Default::default(),
        notAfter: 0,
    };
    for (value, code) in
        [(p(), "not-reduced"), (p() + uint(root(1).0), "not-reduced"), (Default::default(), "empty-digest")]
    {
        let data = call(B256::from(value)).abi_encode();
        assert_eq!(
            rejected(world.chain.send(&key("registry-key"), world.chain.contracts().agencies, data.into()).await),
            code
        );
    }
}
