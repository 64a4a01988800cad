//! Parts that don't belong together.

use crate::{honest, refusal};
use sealroot_protocol::machine::PublicInputs;
use sealroot_testing::world::World;

#[test]
fn a_flipped_decision_is_refused_both_ways() {
    let world = World::new();
    let refused = world.claim(World::RICH);
    let mut parts = refused.parts.clone();
    parts[1].inputs = PublicInputs { decision: true, outputs: [45_200, 0], reasons: 0, ..parts[1].inputs.clone() };
    let forged = world.bundle(refused.request.clone(), parts);
    assert_eq!(refusal(&forged, &world.snapshot(), world.now), "proof-invalid");

    let (world, approved) = honest();
    let mut parts = approved.parts.clone();
    parts[1].inputs = PublicInputs { decision: false, outputs: [0, 0], reasons: 1, ..parts[1].inputs.clone() };
    let forged = world.bundle(approved.request.clone(), parts);
    assert_eq!(refusal(&forged, &world.snapshot(), world.now), "proof-invalid");
}

/// Two people share one key (a couple, or a lender): each has a nullifier of their own, because the subject is in it.
#[test]
fn parts_of_two_people_who_share_a_key_do_not_compose() {
    let mut world = World::new();
    let key = world.people[World::APPLICANT].key.clone();
    let lender = &mut world.people[World::NEIGHBOUR];
    lender.key = key.clone();
    for (i, record) in lender.records.iter_mut().enumerate() {
        record.holder = Some(key.public_key());
        let index = lender.index;
        world.trees[i].set(index, record.leaf());
    }
    // The applicant's residence; the lender's income, made to name the applicant: the agency was fooled about the identity as well.
    world.people[World::NEIGHBOUR].records[1].attributes.0[0] = world.people[World::APPLICANT].identity();
    let (index, leaf) = (world.people[World::NEIGHBOUR].index, world.people[World::NEIGHBOUR].records[1].leaf());
    world.trees[1].set(index, leaf);
    let request = world.request(World::APPLICANT);
    let consent = world.consent(World::APPLICANT, &request);
    let parts = vec![
        world.prove(0, &request, &world.witness(0, World::APPLICANT, &request, &consent)).unwrap(),
        world.prove(1, &request, &world.witness(1, World::NEIGHBOUR, &request, &consent)).unwrap(),
    ];
    let bundle = world.bundle(world.sign(request), parts);
    assert_eq!(refusal(&bundle, &world.snapshot(), world.now), "part-nullifier-mismatch");
}

#[test]
fn parts_dropped_doubled_or_swapped_are_refused() {
    let (world, bundle) = honest();
    for parts in [
        vec![bundle.parts[0].clone()],
        vec![bundle.parts[0].clone(), bundle.parts[0].clone()],
        vec![bundle.parts[1].clone(), bundle.parts[0].clone()],
        vec![bundle.parts[0].clone(), bundle.parts[1].clone(), bundle.parts[1].clone()],
    ] {
        let mut forged = bundle.clone();
        forged.parts = parts;
        assert_eq!(refusal(&forged, &world.snapshot(), world.now), "parts-mismatch");
    }
}

#[test]
fn a_lent_record_is_not_the_applicants() {
    let world = World::new();
    let request = world.request(World::APPLICANT);
    let consent = world.consent(World::NEIGHBOUR, &request);
    let parts =
        (0..2).map(|i| world.prove(i, &request, &world.witness(i, World::NEIGHBOUR, &request, &consent)).unwrap());
    let bundle = world.bundle(world.sign(request.clone()), parts.collect());
    assert_eq!(refusal(&bundle, &world.snapshot(), world.now), "part-applicant-mismatch");
}

/// Two keys for one person: the agencies' subject is in the nullifier, but so is the key; the registers of keys allow one per subject,
/// and parts with different keys don't compose.
#[test]
fn one_person_with_two_keys_gets_no_bundle_of_both() {
    let mut world = World::new();
    let other = world.people[World::NEIGHBOUR].key.clone();
    let person = &mut world.people[World::APPLICANT];
    person.records[1].holder = Some(other.public_key());
    let (index, leaf) = (person.index, person.records[1].leaf());
    world.trees[1].set(index, leaf);
    let request = world.request(World::APPLICANT);
    let first = world.consent(World::APPLICANT, &request);
    let second = world.consent(World::NEIGHBOUR, &request);
    let parts = vec![
        world.prove(0, &request, &world.witness(0, World::APPLICANT, &request, &first)).unwrap(),
        world.prove(1, &request, &world.witness(1, World::APPLICANT, &request, &second)).unwrap(),
    ];
    let bundle = world.bundle(world.sign(request), parts);
    assert_eq!(refusal(&bundle, &world.snapshot(), world.now), "part-nullifier-mismatch");
}
