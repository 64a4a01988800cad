//! Audits of what a snapshot says; the toy circuit proves anything, so that each test sees the check it is after.

#![allow(clippy::unwrap_used)]
use super::*;
use crate::key_header::KeySecurity;
use crate::trust::{PinnedContract, PinnedContracts, PinnedKey, PinnedSealer, Withdrawn, WithdrawnEntry};
use crate::universal_key::UniversalKey;
use alloy_primitives::{Address, B256};
use sealroot_protocol::canonical::Suite;
use sealroot_protocol::code::Coded;
use sealroot_protocol::evidence::Evidence;
use sealroot_protocol::field::{Digest, F};
use sealroot_protocol::machine::Shape;
use sealroot_protocol::policy::text_digest;
use sealroot_protocol::program::DecidedBy;
use sealroot_protocol::refusals::RefusalPath;
use sealroot_protocol::snapshot::{Assurance, Claimed, DecisionEntry, Reduced, RefusalsEntry, Revision};
use sealroot_testing::bundle::{Case, NOW, universal_key};
use sealroot_testing::snapshot::approval;
use sealroot_testing::town::{deployment, name, office_key};
use std::sync::OnceLock;

/// The case's keys as this build has them: the town links the verifier as others see it.
fn keys() -> &'static UniversalKeys {
    static KEYS: OnceLock<UniversalKeys> = OnceLock::new();
    let read =
        || UniversalKey::from_pinned(&universal_key().to_bytes(), universal_key().hash(), KeySecurity::AllowInsecure);
    KEYS.get_or_init(|| UniversalKeys::new().with(read().unwrap()))
}

pub(crate) fn trust() -> Trust {
    let contract = |n: u8| PinnedContract { address: Address::repeat_byte(n), code_hash: B256::repeat_byte(n) };
    Trust {
        suite: Suite,
        chain_id: 7,
        universal_keys: vec![PinnedKey { shape: Shape::Solo, sha256: universal_key().hash(), file: "solo.key".into() }],
        contracts: PinnedContracts {
            revision: Revision::Second,
            officers: contract(1),
            agencies: contract(2),
            policies: contract(3),
            requesters: contract(4),
            poseidon: contract(5),
            programs: PinnedContract { address: deployment().programs, ..contract(6) },
            decisions: contract(7),
        },
        sealers: vec![PinnedSealer { address: Address::repeat_byte(9), from: 0, until: None }],
        checkpoints: None,
        blocks: vec![],
        withdrawn: vec![],
    }
}

/// A case whose approval is recorded in block 41.
fn recorded() -> Case {
    let mut case = Case::good();
    case.snapshot.decision = Some(approval(&case.bundle, NOW, 41));
    case
}

fn judge(case: &Case, trust: &Trust) -> Result<PreparedAudit, AuditRejection> {
    Auditor::new(trust, keys()).judge(
        Decoded::one(&case.bundle),
        &query(&case.bundle)?,
        &case.snapshot,
        BlockAuthentication::PinnedHash,
    )
}

fn reason(case: &Case, trust: &Trust) -> &'static str {
    judge(case, trust).map_or_else(|rejection| rejection.code().as_str(), |_| "audited")
}

#[test]
fn a_recorded_decision_is_dated_and_judged_as_of_its_block() {
    let mut case = recorded();
    // The evidence is of a later block, at which the request has expired and the roots' grace is over.
    case.snapshot.block.time = NOW + 90 * 86_400;
    case.snapshot.roots.values_mut().for_each(|root| root.superseded_at = Some(NOW + 1));
    let audited = judge(&case, &trust()).unwrap();
    assert_eq!(audited.dating, Dating::Dated { block: 41, time: NOW, proven_on_chain: false });
    assert!(audited.bundle.verify_each().unwrap().approved && audited.withdrawn_since.is_empty());

    // A time of recording after the block that shows it is no time.
    case.snapshot.block.time = NOW - 1;
    assert!(matches!(judge(&case, &trust()), Ok(PreparedAudit { dating: Dating::Undated { .. }, .. }) | Err(_)));
}

#[test]
fn without_its_record_a_decision_is_undated() {
    let mut case = recorded();
    case.snapshot.decision = None;
    let audited = judge(&case, &trust()).unwrap();
    assert_eq!(audited.dating, Dating::Undated { block: 42, time: NOW });
    case.snapshot.block.time = NOW + 90 * 86_400;
    assert_eq!(reason(&case, &trust()), "request-expired", "it is judged as of the evidence's block");
}

/// A requester records a correction's digest under the request that it corrects: the contract never checked the correction.
#[test]
fn a_digest_recorded_under_another_request_dates_nothing() {
    let mut case = recorded();
    let first = case.snapshot.decision.take().unwrap();
    case.request(|request| request.corrects = Some(first.request));
    let bundle = Some(case.bundle.digest().unwrap());
    case.snapshot.decision = Some(DecisionEntry { bundle, amount: 1, ..first });
    let audited = judge(&case, &trust()).unwrap();
    assert_eq!(audited.dating, Dating::Undated { block: 42, time: NOW });
}

/// The contract can't know what a bundle holds beside the proofs that it verified, so it keeps no digest: request, amount and period are what is compared.
#[test]
fn a_decision_by_proof_is_dated_by_what_the_contract_verified() {
    let mut case = Case::good();
    case.program(|program| program.decided_by = DecidedBy::Both);
    case.prove();
    let entry = DecisionEntry { bundle: None, assurance: Assurance::ByProof, ..approval(&case.bundle, NOW, 41) };
    case.snapshot.decision = Some(entry.clone());
    let dated = Dating::Dated { block: 41, time: NOW, proven_on_chain: true };
    assert_eq!(judge(&case, &trust()).unwrap().dating, dated);
    let reduced = Some(Reduced { at: NOW, document: Digest([8; 32]) });
    case.snapshot.decision = Some(DecisionEntry { amount: 1, reduced, ..entry.clone() });
    // No digest ties the amount, and a reduction hides what it was: evidence of the entry's own block shows it.
    assert_eq!(reason(&case, &trust()), "record-mismatch");
    // What it verified isn't what this bundle says.
    let later = case.bundle.program.period(1).unwrap().start;
    for other in
        [DecisionEntry { amount: 1, ..entry.clone() }, DecisionEntry { claimed: Claimed::PeriodFrom(later), ..entry }]
    {
        case.snapshot.decision = Some(other);
        assert_eq!(reason(&case, &trust()), "record-mismatch");
    }
}

/// A refused case that is in a batch of block 41.
fn refused() -> Case {
    let mut case = Case::good();
    case.inputs(1, |inputs| (inputs.decision, inputs.outputs, inputs.reasons) = (false, [0; 2], 1));
    case.snapshot.refusals = Some(RefusalsEntry { requester: name("welfare-office"), dated_at: NOW, block: 41 });
    case
}

#[test]
fn a_refusal_is_dated_by_its_batch() {
    let mut case = refused();
    // The evidence is of a later block, at which the request has expired and the roots' grace is over.
    case.snapshot.block.time = NOW + 90 * 86_400;
    case.snapshot.roots.values_mut().for_each(|root| root.superseded_at = Some(NOW + 1));
    let audited = judge(&case, &trust()).unwrap();
    assert_eq!(audited.dating, Dating::Dated { block: 41, time: NOW, proven_on_chain: false });
    assert!(!audited.bundle.verify_each().unwrap().approved);
    // What was withdrawn after the batch is reported, not rejected.
    let what = WithdrawnEntry::Program(name("heating-allowance"));
    let at = |at| Trust { withdrawn: vec![Withdrawn { what: what.clone(), at }], ..trust() };
    assert_eq!(judge(&case, &at(42)).unwrap().withdrawn_since, [WithdrawnSince { what: what.clone(), at: 42 }]);
    assert_eq!(reason(&case, &at(41)), "withdrawn-before");

    let mut undated = refused();
    undated.snapshot.refusals = None;
    assert_eq!(judge(&undated, &trust()).unwrap().dating, Dating::Undated { block: 42, time: NOW });
    undated.snapshot.block.time = NOW + 90 * 86_400;
    assert_eq!(reason(&undated, &trust()), "request-expired", "it is judged as of the evidence's block");
    // A time of recording after the block that shows it is no time.
    let mut early = refused();
    early.snapshot.refusals.as_mut().unwrap().dated_at = NOW + 1;
    assert_eq!(judge(&early, &trust()).unwrap().dating, Dating::Undated { block: 42, time: NOW });
}

/// A refusal is judged at its batch's time: one that the office batched too late had nothing to say any more.
#[test]
fn a_batch_after_the_request_expired_is_too_late() {
    let mut case = refused();
    case.snapshot.block.time = NOW + 90 * 86_400;
    case.snapshot.refusals.as_mut().unwrap().dated_at = NOW + 2 * 86_400;
    assert_eq!(reason(&case, &trust()), "request-expired");
}

#[test]
fn batches_of_others_date_nothing() {
    let mut case = refused();
    case.snapshot.refusals.as_mut().unwrap().requester = name("other-office");
    assert_eq!(reason(&case, &trust()), "batch-of-another-requester");
}

/// Only a recorded approval is an approval, whatever stands in a batch.
#[test]
fn approvals_are_not_dated_by_batches() {
    let mut case = Case::good();
    case.snapshot.refusals = refused().snapshot.refusals;
    assert_eq!(judge(&case, &trust()).unwrap().dating, Dating::Undated { block: 42, time: NOW });
    let evidence = |path: Option<RefusalPath>| Evidence {
        header: Default::default(),
        seal: Default::default(),
        checkpoint: vec![],
        accounts: vec![],
        refusals: path,
    };
    let audit = |bundle: &Bundle| Auditor::new(&trust(), keys()).audit(bundle).unwrap_err().code().as_str();
    let path = RefusalPath { index: 0, siblings: vec![] };
    let mut bundle = case.bundle.clone();
    bundle.evidence = Some(evidence(Some(path.clone())));
    assert_eq!(audit(&bundle), "approval-in-batch");
    // A path that leads nowhere, and one whose batch nothing proves.
    let mut bundle = refused().bundle;
    bundle.evidence = Some(evidence(Some(RefusalPath { index: 1, ..path.clone() })));
    assert_eq!(audit(&bundle), "evidence-invalid");
    bundle.evidence = Some(evidence(Some(path)));
    assert_eq!(audit(&bundle), "evidence-invalid");
}

/// Before its evidence is looked at, which would fail without saying why.
#[test]
fn bundles_of_another_deployment_are_rejected_as_such() {
    let audit = |trust: &Trust| Auditor::new(trust, keys()).audit(&recorded().bundle).unwrap_err().code().as_str();
    assert_eq!(audit(&trust()), "evidence-missing");
    let mut chain = trust();
    chain.chain_id = 8;
    let mut contract = trust();
    contract.contracts.programs.address = Address::repeat_byte(6);
    for other in [chain, contract] {
        assert_eq!(audit(&other), "wrong-deployment");
    }
}

#[test]
fn bundles_without_evidence_are_rejected() {
    let case = recorded();
    let rejected = Auditor::new(&trust(), keys()).audit(&case.bundle).unwrap_err();
    assert_eq!(rejected.code().as_str(), "evidence-missing");
}

/// The manifest of another text is enacted: the words are fine, the chain agrees, but the law says something else.
#[test]
fn policies_are_compiled_from_their_text() {
    let edit = |from: &str, to: &str| {
        let mut case = recorded();
        let (from, to) = (from.to_owned(), to.to_owned());
        case.policy(1, |document| {
            assert!(document.text.contains(&from), "{from}");
            document.text = document.text.replace(&from, &to);
            document.policy.source_text = text_digest(&document.text);
        });
        case.enact();
        case.snapshot.decision = None;
        assert!(case.verify().is_ok(), "online, the enacted digest is what counts");
        reason(&case, &trust())
    };
    assert_eq!(edit("value >= 5", "value >= 6"), "policy-text-mismatch");
    assert_eq!(edit("income-missing", "income-absent"), "policy-text-mismatch");
    assert_eq!(edit("tax-office", "tax-bureau"), "policy-text-mismatch");
    assert_eq!(edit("value >= 5", "wealth >= 5"), "policy-does-not-compile");
    assert_eq!(edit("shape =", "form ="), "policy-does-not-compile");
    assert_eq!(edit("Test Act", "Trial Act"), "audited", "what isn't in the words is only hashed");
}

#[test]
fn universal_keys_that_are_not_pinned_are_rejected() {
    let case = recorded();
    let mut other = trust();
    other.universal_keys[0].sha256 = Digest([0; 32]);
    assert_eq!(reason(&case, &other), "universal-key-mismatch");
    other.universal_keys.clear();
    assert_eq!(reason(&case, &other), "universal-key-missing");
}

#[test]
fn withdrawals_count_by_their_height() {
    let case = recorded();
    let policy = case.bundle.parts[0].policy;
    let all = [
        WithdrawnEntry::Agency(name("tax-office")),
        WithdrawnEntry::Root(case.bundle.parts[1].inputs.roots[0]),
        WithdrawnEntry::Policy(policy),
        WithdrawnEntry::Program(name("heating-allowance")),
        WithdrawnEntry::Key(office_key().address()),
        WithdrawnEntry::Key(*case.snapshot.agency_keys.keys().next().unwrap()),
        WithdrawnEntry::UniversalKey(universal_key().hash()),
    ];
    for what in all {
        let at = |at| Trust { withdrawn: vec![Withdrawn { what: what.clone(), at }], ..trust() };
        assert_eq!(reason(&case, &at(41)), "withdrawn-before", "{what:?}");
        let since = finish_in_batch(vec![judge(&case, &at(42))]).remove(0).unwrap();
        assert_eq!(since.withdrawn_since, [WithdrawnSince { what: what.clone(), at: 42 }]);
        assert!(!since.is_valid_still());
        // An attacker who broke a key makes new proofs for old blocks.
        let mut undated = case.clone();
        undated.snapshot.decision = None;
        assert_eq!(reason(&undated, &at(1000)), "withdrawn-undated", "{what:?}");
    }
    assert!(finish_in_batch(vec![judge(&case, &trust())]).remove(0).unwrap().is_valid_still());
    let elsewhere = Withdrawn { what: WithdrawnEntry::Agency(name("land-registry")), at: 1 };
    assert_eq!(reason(&case, &Trust { withdrawn: vec![elsewhere], ..trust() }), "audited");
}

#[test]
fn many_are_audited_at_once_and_culprits_are_named() {
    let trust = trust();
    let mut cases: Vec<Case> = (0..4).map(|_| recorded()).collect();
    let forged = cases[2].bundle.parts[0].proof.clone();
    cases[2].bundle.parts[1].proof = forged;
    cases[2].snapshot.decision = None;
    cases[3].bundle.parts[0].inputs.scope.0 += F::from(1u8);
    let mut auditor = Auditor::new(&trust, keys());
    let judged = cases
        .iter()
        .map(|case| {
            auditor.judge(
                Decoded::one(&case.bundle),
                &query(&case.bundle).unwrap(),
                &case.snapshot,
                BlockAuthentication::PinnedHash,
            )
        })
        .collect();
    let answers: Vec<_> =
        finish_in_batch(judged).into_iter().map(|a| a.map_or_else(|r| r.code().as_str(), |_| "audited")).collect();
    assert_eq!(answers[..3], ["audited", "audited", "proof-invalid"]);
    assert_ne!(answers[3], "audited");
}

/// A requester strips an approval of its record and brings another that is recorded; shows a refusal beside the approval of the same request.
#[test]
fn bundles_that_contradict_each_other_are_rejected() {
    let trust = trust();
    let audit = |cases: &[Case]| -> Vec<&'static str> {
        let mut auditor = Auditor::new(&trust, keys());
        let judged = cases.iter().map(|case| {
            auditor.judge(
                Decoded::one(&case.bundle),
                &query(&case.bundle).unwrap(),
                &case.snapshot,
                BlockAuthentication::PinnedHash,
            )
        });
        let mut answers = finish_in_batch(judged.collect());
        let corrects: Vec<_> = cases.iter().map(|case| case.bundle.request.request.corrects).collect();
        contradiction::reject(&corrects, &mut answers);
        answers.into_iter().map(|a| a.map_or_else(|r| r.code().as_str(), |_| "audited")).collect()
    };
    let undated = |nonce: u8| {
        let mut case = Case::good();
        case.request(|request| request.nonce.0[0] = nonce);
        case
    };
    // The same bundle twice is one approval; another person's has another nullifier.
    assert_eq!(audit(&[recorded(), recorded(), Case::another_person()]), ["audited"; 3]);
    assert_eq!(audit(&[undated(80), recorded()]), ["contradicted", "audited"]);
    assert_eq!(audit(&[recorded(), undated(80), undated(81)]), ["audited", "contradicted", "contradicted"]);
    assert_eq!(audit(&[undated(80), undated(81)]), ["contradicted"; 2]);

    // A correction takes the place of what it corrects, also where what lies between is missing: somebody else's record, say.
    let correcting = |nonce: u8, before: &Case| {
        let mut case = undated(nonce);
        let request = before.bundle.request.request.digest();
        case.request(|r| r.corrects = Some(request));
        // Evidence of the block in which what it corrects was recorded.
        let (bundle, amount) = (Some(Digest([1; 32])), before.bundle.decision.amount);
        let entry = DecisionEntry { request, bundle, amount, ..recorded().snapshot.decision.unwrap() };
        case.snapshot.decision = Some(entry);
        case
    };
    let first = undated(80);
    let second = correcting(81, &first);
    assert_eq!(audit(&[first.clone(), second.clone(), correcting(82, &second)]), ["audited"; 3]);
    let third = correcting(82, &second);
    assert_eq!(audit(&[first.clone(), third.clone()]), ["audited"; 2]);
    // Of two corrections of one approval one stands at most.
    let sibling = correcting(83, &first);
    assert_eq!(audit(&[second.clone(), third, sibling.clone()]), ["contradicted", "audited", "contradicted"]);
    let mut dated = second;
    let bundle = Some(dated.bundle.digest().unwrap());
    let entry = recorded().snapshot.decision.unwrap();
    let request = dated.bundle.request.request.digest();
    dated.snapshot.decision = Some(DecisionEntry { request, bundle, ..entry });
    assert_eq!(audit(&[recorded(), dated, sibling]), ["audited", "audited", "contradicted"]);

    // A refusal before the approval of the same request was superseded; after it, it is none.
    let refusal_at = |block: u64| {
        let mut case = refused();
        case.snapshot.refusals.as_mut().unwrap().block = block;
        case
    };
    assert_eq!(audit(&[refusal_at(40), recorded()]), ["audited"; 2]);
    assert_eq!(audit(&[refusal_at(41), recorded()]), ["contradicted", "audited"]);
    assert_eq!(audit(&[recorded(), refusal_at(42), Case::another_person()]), ["audited", "contradicted", "audited"]);
}

/// A later compiler may turn a text into other words: then this program can't say that the text is another. One of an earlier compiler is
/// compiled with that one.
#[test]
fn a_manifest_of_another_compiler_is_none_that_was_edited() {
    let mut case = Case::good();
    case.policy(1, |document| document.policy.compiler = 3);
    case.enact();
    assert_eq!(reason(&case, &trust()), "policy-other-compiler");
    assert!(case.verify().is_ok(), "what is proved are the words");
    case.policy(1, |document| document.policy.compiler = 1);
    case.enact();
    assert_eq!(reason(&case, &trust()), "audited", "its text has the same words in both versions");
    let json = String::from_utf8(sealroot_protocol::canonical::to_bytes(&case.bundle.policies).unwrap()).unwrap();
    assert_eq!(
        json.matches("\"compiler\":").count(),
        case.bundle.policies.len() - 1,
        "the first compiler is not written: its manifests keep their digests"
    );
    case.policy(1, |document| document.policy.compiler = 0);
    case.enact();
    assert_eq!(case.verify().unwrap_err().code().as_str(), "policy-manifest-invalid");
}

#[test]
fn trusted_keys_are_the_pinned_files() {
    let bytes = universal_key().to_bytes();
    let allow = KeySecurity::AllowInsecure;
    let keys = trusted_keys(&trust(), allow, |_| Ok(bytes.clone())).unwrap();
    assert!(keys.get(universal_key().hash()).is_some());
    let mut changed = bytes.clone();
    changed[100] ^= 1;
    assert!(matches!(trusted_keys(&trust(), allow, |_| Ok(changed.clone())), Err(TrustedKeyError::Key { .. })));
    let production = trusted_keys(&trust(), KeySecurity::ProductionOnly, |_| Ok(bytes.clone()));
    assert!(matches!(production, Err(TrustedKeyError::Key { .. })));
    let missing = trusted_keys(&trust(), allow, |_| Err(std::io::ErrorKind::NotFound.into()));
    assert!(matches!(missing, Err(TrustedKeyError::Read { .. })));
}
