//! The wrong record.

use sealroot_protocol::{date::FactsPeriod, record::Record};
use sealroot_prover::ProveError;
use sealroot_testing::world::World;

/// Proves the income part from a changed record that stands in the tree; must be refused.
fn refused(change: impl FnOnce(&World, &mut Record)) {
    let mut world = World::new();
    let mut record = world.people[World::APPLICANT].records[1].clone();
    change(&world, &mut record);
    let index = world.people[World::APPLICANT].index;
    world.trees[1].set(index, record.leaf());
    world.people[World::APPLICANT].records[1] = record;
    let request = world.request(World::APPLICANT);
    let consent = world.consent(World::APPLICANT, &request);
    let witness = world.witness(1, World::APPLICANT, &request, &consent);
    assert!(matches!(world.prove(1, &request, &witness), Err(ProveError::Witness(_))));
}

#[test]
fn last_years_record_is_refused() {
    refused(|_, record| record.period = FactsPeriod::From("2024-11".parse().unwrap()));
}

#[test]
fn a_timeless_record_is_refused_where_a_period_is_asked_for() {
    refused(|_, record| record.period = FactsPeriod::Timeless);
}

#[test]
fn a_record_of_another_schema_is_refused() {
    refused(|world, record| record.schema_id = world.people[World::APPLICANT].records[0].schema_id);
}

/// A removed record has no path: the leaf is empty.
#[test]
fn a_removed_record_is_refused() {
    let mut world = World::new();
    let index = world.people[World::APPLICANT].index;
    world.trees[1].set(index, sealroot_protocol::record::Leaf::EMPTY);
    let request = world.request(World::APPLICANT);
    let consent = world.consent(World::APPLICANT, &request);
    let part = world.prove(1, &request, &world.witness(1, World::APPLICANT, &request, &consent));
    // The old record with the new siblings leads to a root that nobody anchored.
    let root = part.unwrap().inputs.roots[0];
    assert_ne!(root, world.trees[1].root());
    assert!(!world.snapshot().roots.contains_key(&(world.agency(1), root)));
}
