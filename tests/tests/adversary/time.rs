//! Too early, too late, not in force, not authorised any more.

use crate::{honest, refusal};
use sealroot_protocol::snapshot::Snapshot;
use sealroot_testing::world::World;

const DAY: u64 = 86_400;

fn with(change: impl FnOnce(&World, &mut Snapshot)) -> &'static str {
    let (world, bundle) = honest();
    let mut snapshot = world.snapshot();
    change(world, &mut snapshot);
    refusal(bundle, &snapshot, world.now)
}

#[test]
fn claims_keep_to_their_window() {
    let world = World::new();
    for (days, expected) in [(-15i64, "claim-too-early"), (120, "claim-too-late")] {
        let mut moved = World::new();
        moved.now = world.now.checked_add_signed(days * DAY as i64).unwrap();
        let mut request = moved.request(World::APPLICANT);
        request.period = world.program.period_containing(sealroot_testing::world::TODAY.parse().unwrap()).unwrap();
        request.applicant = sealroot_protocol::applicant::Applicant::commit(
            request.scope(),
            moved.people[World::APPLICANT].identity(),
            &moved.secret,
        );
        let parts = moved.parts(World::APPLICANT, &request);
        let bundle = moved.bundle(moved.sign(request), parts);
        let mut snapshot = moved.snapshot();
        snapshot.block.time = moved.now;
        assert_eq!(refusal(&bundle, &snapshot, moved.now), expected);
    }
}

#[test]
fn requests_live_from_not_before_to_expiry() {
    let (world, bundle) = honest();
    let request = &bundle.request.request;
    assert_eq!(refusal(bundle, &world.snapshot(), request.expiry + 1), "request-expired");
    assert_eq!(refusal(bundle, &world.snapshot(), request.not_before - 1), "request-not-yet-valid");
}

#[test]
fn a_revoked_requester_key_signs_nothing() {
    assert_eq!(with(|world, s| s.signer.as_mut().unwrap().revoked_at = Some(world.now)), "requester-key-not-valid");
    assert_eq!(
        with(|world, s| s.signer.as_mut().unwrap().retired_at = Some(world.now - DAY)),
        "requester-key-not-valid"
    );
    assert_eq!(with(|_, s| s.signer = None), "requester-key-unknown");
    assert_eq!(with(|world, s| s.requester.as_mut().unwrap().until = Some(world.now - 1)), "requester-not-authorised");
}

#[test]
fn policies_and_programs_are_enacted_and_in_force() {
    let digest = |world: &World| world.documents[1].policy.digest().unwrap();
    assert_eq!(with(|w, s| drop(s.policies.remove(&digest(w)))), "policy-not-enacted");
    assert_eq!(with(|w, s| s.policies.get_mut(&digest(w)).unwrap().withdrawn_at = Some(w.now)), "policy-withdrawn");
    let ended = |w: &World, s: &mut Snapshot| {
        s.policies.get_mut(&digest(w)).unwrap().in_force.until = Some("2026-10-31".parse().unwrap());
    };
    assert_eq!(with(ended), "policy-not-in-force");
    assert_eq!(with(|_, s| s.program = None), "program-not-enacted");
    assert_eq!(with(|w, s| s.program.as_mut().unwrap().closed_at = Some(w.now)), "program-closed");
}
