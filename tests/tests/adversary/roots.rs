//! Roots that don't count.

use crate::{honest, refusal};
use sealroot_protocol::snapshot::RootEntry;
use sealroot_testing::world::World;

fn with_root(change: impl FnOnce(&World, &mut RootEntry)) -> &'static str {
    let (world, bundle) = honest();
    let mut snapshot = world.snapshot();
    let key = (world.agency(1), world.trees[1].root());
    change(world, snapshot.roots.get_mut(&key).unwrap());
    refusal(bundle, &snapshot, world.now)
}

#[test]
fn a_withdrawn_root_is_refused_at_once() {
    assert_eq!(with_root(|world, root| root.withdrawn_at = Some(world.now)), "root-withdrawn");
}

/// Grace counts from replacement, not from creation: an old root that was replaced a moment ago is good, one replaced before the grace is not.
#[test]
fn grace_counts_from_replacement() {
    let grace = 3 * 86_400;
    assert_eq!(with_root(|world, root| root.superseded_at = Some(world.now - grace - 1)), "root-superseded");
    let (world, bundle) = honest();
    let mut snapshot = world.snapshot();
    let key = (world.agency(1), world.trees[1].root());
    let root = snapshot.roots.get_mut(&key).unwrap();
    root.anchored_at = world.now - 30 * 86_400;
    root.superseded_at = Some(world.now - grace);
    sealroot_verifier::verify(bundle, &snapshot, &sealroot_testing::world::universal_keys(), world.now).unwrap();
}

/// The same root, anchored by another agency: it vouches for its own records only.
#[test]
fn another_agencys_root_is_refused() {
    let (world, bundle) = honest();
    let mut snapshot = world.snapshot();
    let entry = snapshot.roots.remove(&(world.agency(1), world.trees[1].root())).unwrap();
    snapshot.roots.insert((world.agency(0), world.trees[1].root()), entry);
    assert_eq!(refusal(bundle, &snapshot, world.now), "root-unknown");
}

/// A withdrawn agency's old roots count no more; nor do those that a revoked key anchored.
#[test]
fn roots_end_with_their_agency_and_key() {
    let (world, bundle) = honest();
    let mut snapshot = world.snapshot();
    snapshot.agencies.get_mut(&world.agency(0)).unwrap().withdrawn_at = Some(world.now);
    refusal(bundle, &snapshot, world.now);
    let mut snapshot = world.snapshot();
    for key in snapshot.agency_keys.values_mut() {
        key.revoked_at = Some(world.now);
    }
    refusal(bundle, &snapshot, world.now);
}
