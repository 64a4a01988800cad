//! One table entry per check: what is changed, and the reason that the rejection must have. All proofs are valid.

#![allow(clippy::unwrap_used)]

use sealroot_protocol::applicant::Applicant;
use sealroot_protocol::bundle::{Bundle, ProofBytes};
use sealroot_protocol::code::{Code, Coded};
use sealroot_protocol::consent::RequestDigest;
use sealroot_protocol::date::Date;
use sealroot_protocol::evidence::Evidence;
use sealroot_protocol::field::{Digest, F};
use sealroot_protocol::machine::{Level, NullifierMode, Words};
use sealroot_protocol::moment::Moment;
use sealroot_protocol::program::{AsOfRule, DecidedBy, Freshness, PeriodDay, Program};
use sealroot_protocol::request::MAX_LIFETIME;
use sealroot_protocol::signature::SecretSigningKey;
use sealroot_protocol::snapshot::{Assurance, Claimed, DecisionEntry, Held};
use sealroot_protocol::tree::Root;
use sealroot_protocol::utc_offset::UtcOffset;
use sealroot_testing::bundle::{Case, NOW, universal_key, universal_key_of, words};
use sealroot_testing::snapshot::approval;
use sealroot_testing::town::{DAY, GRACE, name, office_key};
use sealroot_testing::toy;
use sealroot_verifier::universal_key::UniversalKeys;
use sealroot_verifier::{Rejection, VerifiedBundle, verify_request};
use std::collections::BTreeSet;

mod bytes;
mod first_contracts;
mod terms;

type Corruptor = (&'static str, fn(&mut Case), &'static str);

fn assert_rejected(table: &[Corruptor]) {
    for (what, corrupt, expected) in table {
        let mut case = Case::good();
        corrupt(&mut case);
        match case.verify() {
            Ok(_) => assert_eq!("verified", *expected, "{what}"),
            Err(rejection) => {
                assert_eq!(rejection.code().as_str(), *expected, "{what}: {rejection}");
                assert!(!rejection.to_string().is_empty());
            }
        }
    }
}

#[test]
fn a_good_bundle_verifies() {
    let case = Case::good();
    let decision = case.verify().unwrap();
    assert!(decision.approved && decision.insecure);
    assert_eq!((decision.amount, decision.paid_before), (41_200, None));
    assert_eq!(decision.bundle, case.bundle.digest().unwrap());
    assert_eq!(decision.parts[1].outputs, [("amount".to_owned(), 41_200)]);
    assert_eq!(decision.parts[0].agencies, [name("civil-registry")]);
}

/// What is acted on is the bundle that was verified, and evidence that is added later doesn't change what the chain stores.
#[test]
fn a_verified_bundle_is_the_one_that_was_verified() {
    let case = Case::good();
    let verify =
        |bundle: &Bundle| VerifiedBundle::verify(bundle.clone(), &case.snapshot, &case.keys, NOW, Assurance::ByOffice);
    let verified = verify(&case.bundle).unwrap();
    assert_eq!((verified.bundle(), verified.decision().bundle), (&case.bundle, case.bundle.digest().unwrap()));
    let mut changed = case.bundle.clone();
    changed.decision.amount += 1;
    assert!(matches!(verify(&changed), Err(Rejection::DecisionMismatch)));
    let evidence =
        Evidence { header: vec![1].into(), seal: vec![2].into(), checkpoint: vec![], accounts: vec![], refusals: None };
    let kept = verified.with_evidence(evidence.clone());
    assert_eq!((kept.digest().unwrap(), kept.evidence), (case.bundle.digest().unwrap(), Some(evidence)));
}

/// The file has one spelling: what is read is what was written, and a proof in capitals is another file with the same proof.
#[test]
fn a_bundles_file_has_one_spelling() {
    let bundle = Case::good().bundle;
    let bytes = bundle.to_bytes().unwrap();
    assert_eq!(Bundle::from_bytes(&bytes).unwrap(), bundle);
    let text = String::from_utf8(bytes).unwrap();
    let proof = hex::encode(bundle.parts[0].proof.0);
    assert!(text.contains(&proof) && proof.to_uppercase() != proof);
    assert!(Bundle::from_bytes(text.replace(&proof, &proof.to_uppercase()).as_bytes()).is_err());
    assert!(Bundle::from_bytes(text.replacen(':', ": ", 1).as_bytes()).is_err());
    assert!(serde_json::from_str::<ProofBytes>(&format!("\"0x{}\"", proof.to_uppercase())).is_err());
    assert!(serde_json::from_str::<ProofBytes>(&format!("\"0x{proof}\"")).is_ok());
}

#[test]
fn a_refusal_verifies_and_names_its_reasons() {
    for (bits, reasons) in
        [(1, &["income-missing"][..]), (2, &["income-above-limit"]), (3, &["income-missing", "income-above-limit"])]
    {
        let mut case = Case::good();
        case.inputs(1, |inputs| (inputs.decision, inputs.outputs, inputs.reasons) = (false, [0; 2], bits));
        let decision = case.verify().unwrap();
        assert!(!decision.approved && decision.parts[0].approved && !decision.parts[1].approved);
        assert_eq!(
            (decision.amount, &decision.parts[1].reasons[..]),
            (0, &reasons.iter().map(|r| (*r).to_owned()).collect::<Vec<_>>()[..])
        );
        assert!(decision.parts[0].reasons.is_empty());
    }
    // The paid part is fulfilled, and another isn't: nothing is paid.
    let mut case = Case::good();
    case.inputs(0, |inputs| (inputs.decision, inputs.outputs, inputs.reasons) = (false, [0; 2], 0));
    let decision = case.verify().unwrap();
    assert!(!decision.approved && decision.parts[1].approved);
    assert_eq!((decision.amount, case.bundle.decision.amount), (0, 0));
}

/// Counting by record composes with no other policy; alone it is as good as counting by holder.
#[test]
fn one_policy_may_count_by_record() {
    let decision = Case::by_record().verify().unwrap();
    assert_eq!((decision.approved, decision.amount, decision.parts.len()), (true, 41_200, 1));
}

#[test]
fn bundles_put_together_wrongly_are_rejected() {
    assert_rejected(&[
        ("a larger amount stated", |c| c.bundle.decision.amount += 1, "decision-mismatch"),
        (
            "a refusal stated as approval",
            |c| {
                c.inputs(0, |i| (i.decision, i.reasons) = (false, 1));
                c.bundle.decision.approved = true;
            },
            "decision-mismatch",
        ),
        ("another nullifier stated", |c| c.bundle.decision.nullifier.0 += F::from(1u8), "decision-mismatch"),
        ("another program's document", |c| c.bundle.program.id = name("housing-allowance"), "program-mismatch"),
        ("the policy's text edited", |c| c.bundle.policies[1].text.push(' '), "policy-edited"),
        ("a manifest edited", |c| c.bundle.policies[1].policy.version = 2, "policies-mismatch"),
        (
            "words edited",
            |c| {
                let schema = c.bundle.policies[1].schemas[0].clone();
                c.bundle.policies[1].policy.words = words(&schema, NullifierMode::Holder, None).words().clone();
            },
            "policies-mismatch",
        ),
        ("a schema edited", |c| c.bundle.policies[1].schemas[0].name = name("other"), "policy-schemas-mismatch"),
        ("a schema missing", |c| c.bundle.policies[1].schemas.clear(), "policy-schemas-mismatch"),
        ("a policy missing", |c| _ = c.bundle.policies.pop(), "policies-mismatch"),
        ("policies exchanged", |c| c.bundle.policies.swap(0, 1), "policies-not-of-program"),
        ("a part missing", |c| _ = c.bundle.parts.pop(), "parts-mismatch"),
        ("no part", |c| c.bundle.parts.clear(), "parts-mismatch"),
        ("a part twice", |c| c.bundle.parts[1] = c.bundle.parts[0].clone(), "parts-mismatch"),
        ("a part too many", |c| c.bundle.parts.push(c.bundle.parts[1].clone()), "parts-mismatch"),
        ("parts exchanged", |c| c.bundle.parts.swap(0, 1), "parts-mismatch"),
    ]);
}

#[test]
fn requests_that_do_not_count_are_rejected() {
    assert_rejected(&[
        ("purpose changed after signing", |c| c.bundle.request.request.purpose.push('!'), "part-request-mismatch"),
        (
            "moved to another requester",
            |c| {
                c.bundle.request.request.requester = name("other-office");
            },
            "requester-key-unknown",
        ),
        ("lives too long", |c| c.bundle.request.request.expiry = c.now + 2 * MAX_LIFETIME, "request-lifetime"),
        ("no purpose", |c| c.bundle.request.request.purpose.clear(), "request-malformed"),
        ("another chain", |c| c.request(|r| r.deployment.chain_id = 8), "wrong-deployment"),
        ("another contract", |c| c.request(|r| r.deployment.programs = Default::default()), "wrong-deployment"),
        ("requester not of the program", |c| c.snapshot.requester = None, "requester-not-authorised"),
        ("requester removed", |c| c.snapshot.requester.as_mut().unwrap().until = Some(NOW), "requester-not-authorised"),
        (
            "requester added later",
            |c| c.snapshot.requester.as_mut().unwrap().since = NOW + 1,
            "requester-not-authorised",
        ),
        ("signed by an unknown key", |c| c.snapshot.signer = None, "requester-key-unknown"),
        (
            "signed by another office's key",
            |c| {
                c.snapshot.signer.as_mut().unwrap().owner = name("other-office");
            },
            "requester-key-unknown",
        ),
        ("revoked key", |c| c.snapshot.signer.as_mut().unwrap().revoked_at = Some(NOW), "requester-key-not-valid"),
        (
            "key retired before",
            |c| {
                c.snapshot.signer.as_mut().unwrap().retired_at = Some(NOW - 2 * DAY);
            },
            "requester-key-not-valid",
        ),
        ("key added later", |c| c.snapshot.signer.as_mut().unwrap().added_at = NOW + 1, "requester-key-not-valid"),
        ("not valid yet", |c| c.request(|r| r.not_before = NOW + 1), "request-not-yet-valid"),
        ("expired", |c| c.request(|r| r.expiry = NOW - 1), "request-expired"),
        (
            "a period of two months",
            |c| {
                c.request(|r| r.period.end = Date::from_yyyymmdd(20_261_231).unwrap());
            },
            "period-not-on-grid",
        ),
        (
            "a period that overlaps",
            |c| {
                c.request(|r| r.period.start = Date::from_yyyymmdd(20_261_102).unwrap());
            },
            "period-not-on-grid",
        ),
        ("no applicant", |c| c.request(|r| r.applicant = Applicant::ANONYMOUS), "applicant-required"),
        ("corrects nothing", |c| c.request(|r| r.corrects = Some(RequestDigest(F::from(1u8)))), "corrects-unknown"),
        ("one policy version asked for only", |c| c.request(|r| _ = r.policies.pop()), "policies-mismatch"),
        ("versions asked for in another order", |c| c.request(|r| r.policies.swap(0, 1)), "policies-mismatch"),
    ]);
}

/// What a retired key signed lives to its expiry; the boundaries of lifetimes belong to them.
#[test]
fn boundaries_of_time_are_inside() {
    type Change = fn(&mut Case);
    let accepted: &[(&str, Change)] = &[
        ("key retired since", |c| c.snapshot.signer.as_mut().unwrap().retired_at = Some(NOW - 1)),
        ("key revoked later", |c| c.snapshot.signer.as_mut().unwrap().revoked_at = Some(NOW + 1)),
        ("requester removed later", |c| c.snapshot.requester.as_mut().unwrap().until = Some(NOW + 1)),
        ("first second", |c| c.request(|r| r.not_before = NOW)),
        ("last second", |c| c.request(|r| r.expiry = NOW)),
        ("last second of grace", |c| {
            c.snapshot.roots.values_mut().for_each(|root| root.superseded_at = Some(NOW - DAY));
        }),
        ("withdrawn later", |c| c.snapshot.roots.values_mut().for_each(|root| root.withdrawn_at = Some(NOW + 1))),
    ];
    for (what, change) in accepted {
        let mut case = Case::good();
        change(&mut case);
        assert!(case.verify().is_ok(), "{what}: {:?}", case.verify().err());
    }
}

/// What the verifier says a minute into a day, when everything is anchored and requested anew that day.
fn on_day(mut case: Case, day: &str) -> &'static str {
    case.now = day.parse::<Date>().unwrap().unix_time().unwrap() + 60;
    let now = case.now;
    case.snapshot.roots.values_mut().for_each(|root| root.anchored_at = now - 60);
    case.request(|r| (r.not_before, r.expiry) = (now - 60, now + 60));
    case.verify().map_or_else(|r| r.code().as_str(), |_| "verified")
}

/// The same case under a program that was enacted with other rules.
fn with_program(change: impl FnOnce(&mut Program)) -> Case {
    let mut case = Case::good();
    change(&mut case.bundle.program);
    let (program, entry) = (&case.bundle.program, case.snapshot.program.as_mut().unwrap());
    (entry.claim, entry.as_of, entry.digest) = (program.claim, program.as_of, program.digest().unwrap());
    case
}

#[test]
fn claims_out_of_time_are_rejected() {
    // The window opens two days after the period's start.
    for (day, expected) in [
        ("2026-10-31", "claim-too-early"),
        ("2026-11-02", "claim-too-early"),
        ("2026-11-03", "verified"),
        ("2026-12-31", "verified"),
        ("2027-01-01", "claim-too-late"),
    ] {
        assert_eq!(on_day(Case::good(), day), expected, "{day}");
    }
    // It opens with the period, which is also the day on which facts are judged.
    for (day, expected) in [("2026-10-31", "claim-too-early"), ("2026-11-01", "verified")] {
        assert_eq!(on_day(with_program(|program| program.claim.opens_after_days = 0), day), expected, "{day}");
    }
}

#[test]
fn a_day_in_the_future_is_rejected() {
    for (day, expected) in [("2026-11-29", "as-of-in-future"), ("2026-11-30", "verified")] {
        assert_eq!(on_day(with_program(|program| program.as_of = AsOfRule::PeriodEnd), day), expected, "{day}");
    }
}

#[test]
fn what_is_not_enacted_is_rejected() {
    assert_rejected(&[
        ("no such program", |c| c.snapshot.program = None, "program-not-enacted"),
        ("an edited program", |c| c.bundle.program.anonymous = true, "program-not-enacted"),
        (
            "a program enacted later",
            |c| c.snapshot.program.as_mut().unwrap().enacted_at = NOW + 1,
            "program-not-enacted",
        ),
        ("a closed program", |c| c.snapshot.program.as_mut().unwrap().closed_at = Some(NOW), "program-closed"),
        (
            "a window other than the document's",
            |c| {
                c.snapshot.program.as_mut().unwrap().claim.closes_after_days += 1;
            },
            "program-entry-mismatch",
        ),
        (
            "policies other than the document's",
            |c| {
                c.snapshot.program.as_mut().unwrap().policies.swap(0, 1);
            },
            "program-entry-mismatch",
        ),
        (
            "correctable days other than the document's",
            |c| c.snapshot.program.as_mut().unwrap().correctable_days = 1,
            "program-entry-mismatch",
        ),
        (
            "clocks other than the document's",
            |c| c.snapshot.program.as_mut().unwrap().utc_offset = UtcOffset::FARTHEST_AHEAD,
            "program-entry-mismatch",
        ),
        (
            "another way of deciding than the document's",
            |c| c.snapshot.program.as_mut().unwrap().decided_by = DecidedBy::Both,
            "program-entry-mismatch",
        ),
        (
            "freshness other than the document's",
            |c| {
                let fresh = Freshness { since: PeriodDay::PeriodStart, after_days: 0 };
                c.snapshot.program.as_mut().unwrap().fresh = Some(fresh);
            },
            "program-entry-mismatch",
        ),
        (
            "a currency other than the document's",
            |c| c.snapshot.program.as_mut().unwrap().currency = Held::Held(Some("USD".parse().unwrap())),
            "program-entry-mismatch",
        ),
        (
            "a payment other than the document's",
            |c| c.snapshot.program.as_mut().unwrap().pays = None,
            "program-entry-mismatch",
        ),
        ("a document that contradicts itself", |c| c.bundle.program.grid.months = 0, "program-invalid"),
        ("a policy never enacted", |c| c.policy(1, |d| d.policy.version = 2), "policy-not-enacted"),
        (
            "a policy enacted later",
            |c| {
                c.snapshot.policies.values_mut().for_each(|p| p.enacted_at = NOW + 1);
            },
            "policy-not-enacted",
        ),
        (
            "a withdrawn policy",
            |c| {
                c.snapshot.policies.values_mut().for_each(|p| p.withdrawn_at = Some(NOW));
            },
            "policy-withdrawn",
        ),
        (
            "a policy ended early",
            |c| {
                c.snapshot
                    .policies
                    .values_mut()
                    .for_each(|p| p.in_force.until = Some(Date::from_yyyymmdd(20_261_031).unwrap()));
            },
            "policy-not-in-force",
        ),
        (
            "a policy of next year",
            |c| {
                c.policy(1, |d| d.policy.in_force.from = Date::from_yyyymmdd(20_261_102).unwrap());
                c.enact();
            },
            "policy-not-in-force",
        ),
        (
            "an agency other than the manifest's",
            |c| {
                c.snapshot.policies.values_mut().for_each(|p| p.agencies = vec![name("other-office")]);
            },
            "policy-entry-mismatch",
        ),
        (
            "what is paid enacted in another currency",
            |c| {
                let other = Held::Held([Some("USD".parse().unwrap()), None]);
                c.snapshot.policies.values_mut().for_each(|p| p.currencies = other);
            },
            "other-currency",
        ),
        (
            "what is paid enacted as no money",
            |c| c.snapshot.policies.values_mut().for_each(|p| p.currencies = Held::Held([None; 2])),
            "other-currency",
        ),
        (
            "an id other than the manifest's",
            |c| {
                c.snapshot.policies.values_mut().for_each(|p| p.id = name("other"));
            },
            "policy-entry-mismatch",
        ),
        (
            "a key other than the words'",
            |c| {
                c.snapshot.policies.values_mut().for_each(|p| p.key_hash.0[0] ^= 1);
            },
            "policy-entry-mismatch",
        ),
        (
            "a name too many in the list of reasons",
            |c| {
                c.policy(1, |d| d.policy.reasons.push("x".into()));
                c.enact();
            },
            "policy-edited",
        ),
        (
            "a name too few in the list of outputs",
            |c| {
                c.policy(1, |d| d.policy.outputs.clear());
                c.enact();
            },
            "policy-edited",
        ),
        (
            "record nullifiers in a composition",
            |c| {
                c.policy(1, |d| {
                    d.policy.words = words(&d.schemas[0], NullifierMode::RecordOnce, Some(1)).words().clone();
                    d.policy.reasons.truncate(1);
                });
                c.enact();
            },
            "policy-does-not-compose",
        ),
    ]);
}

/// Words that aren't the encoding of rules are rejected even where they are enacted: a mask of 2, a divisor of 0, a weight near p.
#[test]
fn invalid_words_are_rejected() {
    let layout = words(&Case::good().bundle.policies[1].schemas[0], NullifierMode::Holder, None).layout();
    let bad = [
        (layout.condition(0).mask.start, F::from(2u8)),
        (layout.register(Level::Record, 0).divisor, F::from(0u8)),
        (layout.condition(0).weights.start + 1, -F::from(1u64 << 40)),
        (layout.requirement(0).unused, F::from(1u8)),
        (layout.spare().start, F::from(1u8)),
    ];
    for (index, value) in bad {
        let mut case = Case::good();
        let policy = &mut case.bundle.policies[1].policy;
        let entry = case.snapshot.policies.remove(&policy.digest().unwrap()).unwrap();
        let mut all = policy.words.as_slice().to_vec();
        all[index] = value;
        policy.words = Words::new(policy.shape, all).unwrap();
        let digest = policy.digest().unwrap();
        case.snapshot.policies.insert(digest, entry);
        case.bundle.parts[1].policy = digest;
        let mut request = case.bundle.request.request.clone();
        request.policies[1] = digest;
        case.bundle.request = request.sign(&office_key()).unwrap();
        assert_eq!(case.verify().unwrap_err().code().as_str(), "policy-words-invalid", "{}", layout.name(index));
    }
}

#[test]
fn parts_of_something_else_are_rejected() {
    assert_rejected(&[
        ("another request", |c| c.inputs(1, |i| i.request.0 += F::from(1u8)), "part-request-mismatch"),
        ("another period", |c| c.inputs(1, |i| i.scope.0 += F::from(1u8)), "part-scope-mismatch"),
        (
            "a day chosen by the prover",
            |c| {
                c.inputs(1, |i| i.as_of = Date::from_yyyymmdd(20_261_130).unwrap());
            },
            "part-as-of-mismatch",
        ),
        ("another applicant", |c| c.inputs(1, |i| i.applicant.0 += F::from(1u8)), "part-applicant-mismatch"),
        (
            "anonymous where a name is needed",
            |c| {
                c.inputs(0, |i| i.applicant = Applicant::ANONYMOUS);
            },
            "part-applicant-mismatch",
        ),
        ("two people", |c| c.inputs(1, |i| i.nullifier.0 += F::from(1u8)), "part-nullifier-mismatch"),
        ("another universal key", |c| c.bundle.parts[1].universal_key.0[0] ^= 1, "part-universal-key-mismatch"),
        ("an identity for A", |c| c.bundle.parts[1].proof.0[..64].fill(0), "proof-malformed"),
        ("a coordinate not reduced", |c| c.bundle.parts[1].proof.0[..32].fill(0xff), "proof-malformed"),
        ("another part's proof", |c| c.bundle.parts[1].proof = c.bundle.parts[0].proof.clone(), "proof-invalid"),
        (
            "an amount changed after proving",
            |c| {
                c.bundle.parts[1].inputs.outputs[0] += 1;
                c.bundle.decision.amount += 1;
            },
            "proof-invalid",
        ),
        ("two roots", |c| c.bundle.parts[1].inputs.roots.push(Root(F::from(1u8))), "part-input-mismatch"),
    ]);
}

/// The neighbour's part in my bundle: same program, same policies, but another request, applicant and nullifier.
#[test]
fn parts_of_two_people_are_rejected() {
    let mut case = Case::good();
    let other = Case::another_person();
    assert!(other.verify().is_ok());
    case.bundle.parts[1] = other.bundle.parts[1].clone();
    assert_eq!(case.verify().unwrap_err().code().as_str(), "part-request-mismatch");
    let request = case.bundle.request.request.clone();
    case.inputs(1, |inputs| inputs.request = request.digest());
    assert_eq!(case.verify().unwrap_err().code().as_str(), "part-applicant-mismatch");
    case.inputs(1, |inputs| inputs.applicant = request.applicant);
    assert_eq!(case.verify().unwrap_err().code().as_str(), "part-nullifier-mismatch");
}

#[test]
fn roots_that_do_not_count_are_rejected() {
    assert_rejected(&[
        ("never anchored", |c| c.inputs(1, |i| i.roots[0] = Root(F::from(1u8))), "root-unknown"),
        (
            "anchored by another agency",
            |c| {
                let other = c.bundle.parts[0].inputs.roots[0];
                c.inputs(1, |i| i.roots[0] = other);
            },
            "root-unknown",
        ),
        ("anchored later", |c| c.snapshot.roots.values_mut().for_each(|r| r.anchored_at = NOW + 1), "root-unknown"),
        (
            "replaced, grace over",
            |c| {
                c.snapshot.roots.values_mut().for_each(|r| r.superseded_at = Some(NOW - GRACE - 1));
            },
            "root-superseded",
        ),
        ("withdrawn", |c| c.snapshot.roots.values_mut().for_each(|r| r.withdrawn_at = Some(NOW)), "root-withdrawn"),
        (
            "anchored and withdrawn in one second",
            |c| {
                c.snapshot.roots.values_mut().for_each(|r| (r.anchored_at, r.withdrawn_at) = (NOW, Some(NOW)));
            },
            "root-withdrawn",
        ),
        (
            "withdrawn within its grace",
            |c| {
                c.snapshot
                    .roots
                    .values_mut()
                    .for_each(|r| (r.superseded_at, r.withdrawn_at) = (Some(NOW - 1), Some(NOW)));
            },
            "root-withdrawn",
        ),
        (
            "the agency withdrawn",
            |c| {
                c.snapshot.agencies.values_mut().for_each(|a| a.withdrawn_at = Some(NOW));
            },
            "root-withdrawn",
        ),
        (
            "the anchoring key revoked",
            |c| {
                c.snapshot.agency_keys.values_mut().for_each(|k| k.revoked_at = Some(NOW));
            },
            "root-withdrawn",
        ),
        ("the anchoring key unknown", |c| c.snapshot.agency_keys.clear(), "root-unknown"),
        (
            "the anchoring key another agency's",
            |c| {
                c.snapshot.agency_keys.values_mut().for_each(|k| k.owner = name("other-office"));
            },
            "root-unknown",
        ),
    ]);
}

/// Grace is counted from replacement, not from anchoring: an old root that nothing replaced counts.
#[test]
fn an_old_root_that_is_current_counts() {
    let mut case = Case::good();
    case.snapshot.roots.values_mut().for_each(|root| root.anchored_at = NOW - 1000 * DAY);
    assert!(case.verify().is_ok());
}

/// Facts are as new as their root: a decision says since when the agency may have held others.
#[test]
fn each_part_says_when_its_roots_counted() {
    let mut case = Case::good();
    let roots = |case: &Case| case.verify().unwrap().parts.into_iter().flat_map(|part| part.roots).collect::<Vec<_>>();
    let current = roots(&case);
    assert_eq!(current.len(), 2);
    assert!(current.iter().all(|root| root.superseded.is_none() && root.counts_until.is_none()));
    case.snapshot.roots.values_mut().for_each(|root| root.superseded_at = Some(NOW - 60));
    for root in roots(&case) {
        let entry = case.snapshot.roots[&(root.agency.clone(), root.root)];
        let grace = u64::from(case.snapshot.agencies[&root.agency].grace);
        assert_eq!(root.anchored, Moment::from_unix(entry.anchored_at));
        assert_eq!(root.superseded, Some(Moment::from_unix(NOW - 60)));
        assert_eq!(root.counts_until, Some(Moment::from_unix(NOW - 60 + grace)));
    }
}

#[test]
fn the_verifier_needs_the_enacted_universal_key() {
    let mut case = Case::good();
    case.keys = UniversalKeys::new();
    assert_eq!(case.verify().unwrap_err().code().as_str(), "universal-key-missing");
    case.keys = UniversalKeys::new().with(universal_key_of(&toy::make_solo(30)));
    assert_eq!(case.verify().unwrap_err().code().as_str(), "universal-key-mismatch");
    // Beside the keys of a later ceremony the enacted one is still found: each policy names its own.
    case.keys = case.keys.with(universal_key().clone()).with(universal_key_of(&toy::make_solo(31)));
    assert!(case.verify().is_ok());
}

fn reason(case: &Case) -> &'static str {
    case.verify().map_or_else(|rejection| rejection.code().as_str(), |_| "verified")
}

fn recorded(case: &Case, request: RequestDigest, bundle: Digest) -> DecisionEntry {
    DecisionEntry { request, bundle: Some(bundle), ..approval(&case.bundle, NOW, 41) }
}

#[test]
fn a_nullifier_is_spent_once() {
    let mut case = Case::good();
    let (mine, other) = (case.bundle.request.request.digest(), RequestDigest(F::from(77u8)));
    let digest = case.bundle.digest().unwrap();

    case.snapshot.decision = Some(recorded(&case, other, Digest([1; 32])));
    assert_eq!(case.verify().unwrap_err().code().as_str(), "nullifier-spent");
    case.snapshot.decision = Some(recorded(&case, mine, Digest([1; 32])));
    assert_eq!(case.verify().unwrap_err().code().as_str(), "decided-otherwise");
    case.snapshot.decision = Some(recorded(&case, mine, digest));
    assert!(case.verify().is_ok());
    case.snapshot.decision.as_mut().unwrap().amount += 1;
    assert_eq!(case.verify().unwrap_err().code().as_str(), "record-mismatch");
    case.snapshot.decision.as_mut().unwrap().amount -= 1;
    let later = case.bundle.program.period(1).unwrap().start;
    case.snapshot.decision.as_mut().unwrap().claimed = Claimed::PeriodFrom(later);
    assert_eq!(case.verify().unwrap_err().code().as_str(), "record-mismatch");

    // A correction of that approval; what was paid before is said.
    case.snapshot.decision = Some(recorded(&case, other, Digest([1; 32])));
    case.request(|request| request.corrects = Some(other));
    assert_eq!(case.verify().unwrap().paid_before, Some(41_200));
    case.snapshot.decision = Some(recorded(&case, RequestDigest(F::from(78u8)), Digest([1; 32])));
    assert_eq!(case.verify().unwrap_err().code().as_str(), "corrects-unknown");
}

/// Only an approval spends a nullifier: a refusal verifies beside it.
#[test]
fn a_refusal_spends_nothing() {
    let mut case = Case::good();
    case.inputs(0, |inputs| (inputs.decision, inputs.reasons) = (false, 1));
    case.snapshot.decision = Some(recorded(&case, RequestDigest(F::from(77u8)), Digest([1; 32])));
    assert!(!case.verify().unwrap().approved);
    // Nor is there anything to correct for one, where the approval that was asked about isn't recorded.
    case.snapshot.decision = None;
    case.request(|request| request.corrects = Some(RequestDigest(F::from(77u8))));
    assert!(!case.verify().unwrap().approved);

    let (mine, digest) = (case.bundle.request.request.digest(), case.bundle.digest().unwrap());
    case.snapshot.decision = Some(recorded(&case, mine, digest));
    assert_eq!(case.verify().unwrap_err().code().as_str(), "record-mismatch");
}

/// Wallets and provers look at a request before they answer it.
#[test]
fn requests_are_verified_without_parts() {
    let case = Case::good();
    let check = |case: &Case| {
        let bundle = &case.bundle;
        let policies: Vec<_> = bundle.policies.iter().map(|policy| (**policy).clone()).collect();
        verify_request(&bundle.request, &bundle.program, &policies, &case.snapshot, &case.keys, case.now)
    };
    assert!(check(&case).is_ok());
    let mut probing = Case::good();
    probing.policy(1, |document| document.policy.version = 9);
    assert_eq!(check(&probing).unwrap_err().code().as_str(), "policy-not-enacted");
    let mut forged = Case::good();
    let stranger = SecretSigningKey::from_bytes(&[6; 32]).unwrap();
    forged.bundle.request = forged.bundle.request.request.sign(&stranger).unwrap();
    forged.snapshot.signer = None; // what a snapshot of the stranger's address holds
    assert_eq!(check(&forged).unwrap_err().code().as_str(), "requester-key-unknown");
}

/// Every code that a rejection can have stands in the specification, and the other way round.
#[test]
fn the_specification_lists_every_code() {
    let page = include_str!("../../../docs/spec/keys-and-proofs.md");
    let sources = [
        include_str!("../../src/rejection.rs"),
        include_str!("../../src/audit/rejection.rs"),
        include_str!("../../src/evidence/mod.rs"),
        include_str!("../../src/foreign.rs"),
        include_str!("../../../protocol/src/claim/request.rs"),
        include_str!("../../../protocol/src/law/policy_check.rs"),
    ];
    let named = |variant: &str| Code::ALL.iter().find(|code| format!("{code:?}") == variant).unwrap().as_str();
    let variant = |rest: &'static str| rest.split(|c: char| !c.is_alphanumeric()).next().unwrap();
    let mentioned = sources.iter().flat_map(|text| text.split("Code::").skip(1).map(variant));
    let codes: BTreeSet<&str> = mentioned.map(named).filter(|code| is_code(code)).collect();
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    let cells = rows.flat_map(|row| row.split('|').nth(1).unwrap().split('`').skip(1).step_by(2));
    let listed: BTreeSet<&str> = cells.filter(|word| is_code(word)).collect();
    assert_eq!(codes, listed);
}

fn is_code(word: &str) -> bool {
    word.contains('-') && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
}
