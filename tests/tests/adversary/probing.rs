//! An office that wants to find out an income asks again and again, with other thresholds.

use crate::{honest, refusal};
use sealroot_protocol::snapshot::PolicyEntry;
use sealroot_prover::Statement;
use sealroot_testing::{
    snapshot,
    world::{World, compile_example, prover},
};
use sealroot_verifier::policy_key::PolicyKey;

/// Even if officers let it: the same period under another threshold, enacted and in force. The person has one nullifier in the scope, and it is spent.
#[test]
fn another_threshold_in_the_same_scope_meets_the_same_nullifier() {
    let (world, first) = honest();
    let lower = compile_example("income.policy.toml", |text| {
        let rules = text.split("[[case]]").next().unwrap().to_owned();
        rules.replace("version = 1", "version = 2").replace("\"24000.00\"", "\"9700.00\"")
    });
    let document = lower.document(prover().universal_key().hash());
    let mut second = World::new();
    second.compiled[1] = lower.clone();
    second.documents[1] = document.clone();
    let mut request = second.request(World::APPLICANT);
    request.nonce.0 = [0x66; 16].into();
    let consent = second.consent(World::APPLICANT, &request);
    let parts = (0..2).map(|i| {
        let witness = second.witness(i, World::APPLICANT, &request, &consent);
        let statement = Statement { words: second.compiled[i].words(), ..second.statement(i, &request) };
        prover().prove(statement, &witness, &mut |_| {}).unwrap()
    });
    let bundle = second.bundle(second.sign(request.clone()), parts.collect());
    assert_eq!(bundle.decision.nullifier, first.decision.nullifier);

    let mut snapshot = world.snapshot();
    let entry = snapshot.policies[&world.documents[1].policy.digest().unwrap()].clone();
    let key_hash = PolicyKey::derive(prover().universal_key(), lower.words()).unwrap().hash();
    snapshot.policies.insert(document.policy.digest().unwrap(), PolicyEntry { key_hash, ..entry });
    // Nothing else is wrong with it: before an approval it would count.
    sealroot_verifier::verify(&bundle, &snapshot, &sealroot_testing::world::universal_keys(), world.now).unwrap();
    snapshot.decision = Some(snapshot::approval(first, world.now, 41));
    assert_eq!(refusal(&bundle, &snapshot, world.now), "nullifier-spent");
    // As a correction it would replace the approval, and name it: the office can't have both answers.
    request.corrects = Some(first.request.request.digest());
    assert_ne!(request.digest(), bundle.request.request.digest(), "which needs a new request, and a new consent");
}

/// A threshold of the office's own is no law: no proof of it counts, no matter who made it.
#[test]
fn an_invented_threshold_is_refused() {
    let (world, _) = honest();
    let mut probing = World::new();
    let lower = compile_example("income.policy.toml", |text| {
        text.split("[[case]]").next().unwrap().replace("\"24000.00\"", "\"9700.00\"")
    });
    probing.documents[1] = lower.document(prover().universal_key().hash());
    probing.compiled[1] = lower;
    let request = probing.request(World::APPLICANT);
    let parts = probing.parts(World::APPLICANT, &request);
    let bundle = probing.bundle(probing.sign(request), parts);
    assert_eq!(refusal(&bundle, &world.snapshot(), world.now), "policy-not-enacted");
}
