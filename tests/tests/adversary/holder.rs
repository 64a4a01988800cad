//! Consents and keys.

use crate::{honest, refusal};
use sealroot_protocol::request::Request;
use sealroot_prover::ProveError;
use sealroot_testing::{snapshot, world::World};

/// Another request (purpose, requester, anything) has another digest; the consent is bound to the one it was given for.
#[test]
fn a_consent_proves_no_other_request() {
    let (world, bundle) = honest();
    let original = &bundle.request.request;
    let consent = world.consent(World::APPLICANT, original);
    for moved in [
        Request { purpose: "Something else".into(), ..original.clone() },
        Request { requester: "other-office".parse().unwrap(), ..original.clone() },
        Request { expiry: original.expiry + 1, ..original.clone() },
        Request { period: world.program.period(11).unwrap(), ..original.clone() },
    ] {
        let witness = world.witness(1, World::APPLICANT, &moved, &consent);
        assert!(matches!(world.prove(1, &moved, &witness), Err(ProveError::Witness(_))), "{moved:?}");
        let forged = world.bundle(world.sign(moved), bundle.parts.clone());
        refusal(&forged, &world.snapshot(), world.now);
    }
}

#[test]
fn a_second_claim_in_the_period_is_refused() {
    let (world, first) = honest();
    let mut snapshot = world.snapshot();
    snapshot.decision = Some(snapshot::approval(first, world.now, 41));
    let mut request = world.request(World::APPLICANT);
    request.nonce.0 = [0x55; 16].into();
    let parts = world.parts(World::APPLICANT, &request);
    let second = world.bundle(world.sign(request), parts);
    assert_eq!(second.decision.nullifier, first.decision.nullifier);
    assert_eq!(refusal(&second, &snapshot, world.now), "nullifier-spent");
}

/// After a key replacement or re-enrolment, `holder_since` is the day after the old root's grace: the new key earns nothing in a period that began before.
#[test]
fn a_replaced_key_earns_nothing_in_a_period_that_has_begun() {
    let mut world = World::new();
    let replaced = world.people[World::NEIGHBOUR].key.clone();
    for i in 0..2 {
        let person = &mut world.people[World::APPLICANT];
        person.records[i].holder = Some(replaced.public_key());
        person.records[i].holder_since = Some("2026-11-02".parse().unwrap());
        let (index, leaf) = (person.index, person.records[i].leaf());
        world.trees[i].set(index, leaf);
    }
    let request = world.request(World::APPLICANT);
    let consent = world.consent(World::NEIGHBOUR, &request);
    let witness = world.witness(0, World::APPLICANT, &request, &consent);
    assert!(matches!(world.prove(0, &request, &witness), Err(ProveError::Witness(_))));
}

/// Without a wallet the leaf holds (0, 0), which is off the curve: nobody can consent for such a record.
#[test]
fn a_record_without_wallet_proves_nothing() {
    let mut world = World::new();
    let person = &mut world.people[World::APPLICANT];
    person.records[0].holder = None;
    let (index, leaf) = (person.index, person.records[0].leaf());
    world.trees[0].set(index, leaf);
    let request = world.request(World::APPLICANT);
    let consent = world.consent(World::APPLICANT, &request);
    let witness = world.witness(0, World::APPLICANT, &request, &consent);
    assert!(matches!(world.prove(0, &request, &witness), Err(ProveError::Witness(_))));
}
