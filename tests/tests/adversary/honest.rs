//! The controls: what every refusal is measured against, and the counts of real proofs.

use crate::honest;
use sealroot_protocol::{consent::Nullifier, snapshot::DecisionEntry};
use sealroot_testing::{
    cases, snapshot,
    world::{World, universal_keys},
};
use sealroot_verifier::verify;

#[test]
fn an_honest_claim_is_approved_with_its_amount() {
    let (world, bundle) = honest();
    let decision = verify(bundle, &world.snapshot(), &universal_keys(), world.now).unwrap();
    assert!(decision.approved);
    assert_eq!(decision.amount, 41_200);
    assert_eq!(decision.parts.len(), 2);
    assert!(decision.insecure, "a development key must show in the result");
}

/// A refusal is proved as an approval is, and shows the revealed reason only.
#[test]
fn a_refusal_is_proved_with_its_reasons() {
    let world = World::new();
    let decision = verify(&world.claim(World::RICH), &world.snapshot(), &universal_keys(), world.now).unwrap();
    assert!(!decision.approved && decision.amount == 0);
    assert_eq!(decision.parts[1].reasons, ["income-over-ceiling"]);
    assert!(decision.parts[0].approved);
}

/// A correction replaces the recorded approval under the same nullifier; what was paid before is known, so only the difference is paid.
#[test]
fn a_correction_pays_the_difference_only() {
    let (world, first) = honest();
    let mut snapshot = world.snapshot();
    snapshot.decision = Some(DecisionEntry { amount: 30_000, ..snapshot::approval(first, world.now, 40) });
    let mut request = world.request(World::APPLICANT);
    request.nonce.0 = [0x77; 16].into();
    request.corrects = Some(first.request.request.digest());
    let parts = world.parts(World::APPLICANT, &request);
    let correction = world.bundle(world.sign(request), parts);
    let decision = verify(&correction, &snapshot, &universal_keys(), world.now).unwrap();
    assert_eq!((decision.amount, decision.paid_before), (41_200, Some(30_000)));
}

/// Real proofs over people of all kinds; `SEALROOT_CASES=50` for the full count. Every person has another nullifier, the same one at both agencies.
#[test]
fn real_proofs_verify_and_nullifiers_differ() {
    let mut world = World::new();
    let kinds =
        [("north", "0.00"), ("harbour", "2000.00"), ("east", "500.00"), ("north", "2000.01"), ("south", "90000.00")];
    let count = cases(2) as u8;
    let first = world.people.len();
    for n in 0..count {
        let (district, monthly) = kinds[usize::from(n) % kinds.len()];
        world.settle(10 + n, district, monthly);
    }
    let mut seen: Vec<Nullifier> = Vec::new();
    for n in 0..count {
        let bundle = world.claim(first + usize::from(n));
        let decision = verify(&bundle, &world.snapshot(), &universal_keys(), world.now).unwrap();
        assert_eq!(decision.approved, matches!(n % 5, 0 | 1), "case {n}");
        assert!(!seen.contains(&decision.nullifier));
        assert!(bundle.parts.iter().all(|p| p.inputs.nullifier == decision.nullifier));
        seen.push(decision.nullifier);
    }
}
