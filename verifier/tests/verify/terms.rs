//! What a program's terms make of a claim: its clocks, its days for corrections, how fresh facts must be, who checks the proofs; and what the chain tells of a decision beside it.

use super::{reason, recorded};
use sealroot_protocol::code::Coded;
use sealroot_protocol::consent::RequestDigest;
use sealroot_protocol::field::{Digest, F};
use sealroot_protocol::moment::Moment;
use sealroot_protocol::program::{DecidedBy, Freshness, PeriodDay};
use sealroot_protocol::snapshot::{Assurance, Claimed, DecisionEntry, Reduced};
use sealroot_protocol::utc_offset::UtcOffset;
use sealroot_testing::bundle::{Case, NOW};
use sealroot_testing::snapshot::approval;
use sealroot_testing::town::{DAY, time};

/// A reduction is its office's act beside the bundle: it makes no liar of the bundle, and is shown with it.
#[test]
fn a_reduction_is_shown_and_contradicts_nothing() {
    let mut case = Case::good();
    assert!(case.verify().unwrap().reduced.is_none());
    let reduced = Some(Reduced { at: NOW, document: Digest([8; 32]) });
    let entry = approval(&case.bundle, NOW, 41);
    case.snapshot.decision = Some(DecisionEntry { amount: 100, reduced, ..entry.clone() });
    let decision = case.verify().unwrap();
    assert_eq!(decision.amount, 41_200);
    let shown = decision.reduced.unwrap();
    assert_eq!((shown.amount, shown.at, shown.document), (100, Moment::from_unix(NOW), Digest([8; 32])));
    case.snapshot.decision = Some(DecisionEntry { amount: 41_201, reduced, ..entry });
    assert_eq!(case.verify().unwrap_err().code().as_str(), "record-mismatch");
}

/// A case in which everything but the day is in order.
fn at(mut case: Case, now: u64) -> Case {
    case.request(|request| (request.not_before, request.expiry) = (now - DAY, now + DAY));
    case.now = now;
    case
}

/// A period opens and closes at midnight of the program's clocks, not of UTC's.
#[test]
fn the_claim_window_turns_at_local_midnight() {
    for minutes in [-720, -210, 0, 480, 840] {
        let mut case = Case::good();
        case.program(|program| program.utc_offset_minutes = UtcOffset::from_minutes(minutes).unwrap());
        let midnight = |day| time(day).checked_add_signed(-60 * i64::from(minutes)).unwrap();
        let (opens, over) = (midnight("2026-11-03"), midnight("2027-01-01"));
        for (now, expected) in
            [(opens - 1, "claim-too-early"), (opens, "verified"), (over - 1, "verified"), (over, "claim-too-late")]
        {
            assert_eq!(reason(&at(case.clone(), now)), expected, "{minutes} {now}");
        }
    }
}

/// A correction may come after the window, for as many days as the program says, and nothing else may.
#[test]
fn corrections_have_days_of_their_own() {
    let mut case = Case::good();
    case.program(|program| program.correctable_days = 10);
    let other = RequestDigest(F::from(77u8));
    case.snapshot.decision = Some(recorded(&case, other, Digest([1; 32])));
    let first = at(case.clone(), time("2027-01-05"));
    assert_eq!(reason(&first), "claim-too-late");
    case.request(|request| request.corrects = Some(other));
    assert_eq!(reason(&at(case.clone(), time("2027-01-11") - 1)), "verified");
    assert_eq!(reason(&at(case.clone(), time("2027-01-11"))), "claim-too-late");
}

/// What a requester entered under another period is won back while that period can be corrected, and by proof at any time; a proof gives way to a proof alone.
#[test]
fn a_correction_replaces_what_it_may() {
    let mut case = Case::good();
    let other = RequestDigest(F::from(77u8));
    let entry = |case: &Case, start, assurance| DecisionEntry {
        claimed: Claimed::PeriodFrom(start),
        assurance,
        ..recorded(case, other, Digest([1; 32]))
    };
    let [first, second] = [0, 1].map(|index| case.bundle.program.period(index).unwrap());
    case.request(|request| (request.period, request.corrects) = (second, Some(other)));
    // The first period's approvals can be corrected until its window closes on 2026-12-31; the second's window is open until 2027-01-30.
    let by_office = entry(&case, first.start, Assurance::ByOffice);
    case.snapshot.decision = Some(by_office.clone());
    assert_eq!(reason(&at(case.clone(), time("2026-12-31"))), "verified");
    let late = at(case.clone(), time("2027-01-01"));
    assert_eq!(reason(&late), "correction-too-late");
    case.snapshot.decision = Some(entry(&case, second.start, Assurance::ByOffice));
    assert_eq!(reason(&at(case.clone(), time("2027-01-01"))), "verified", "its own period's");
    case.snapshot.decision = Some(entry(&case, second.start, Assurance::ByProof));
    assert_eq!(reason(&at(case.clone(), time("2026-12-31"))), "assurance-lowered");
    case.program(|program| program.decided_by = DecidedBy::Proof);
    assert_eq!(reason(&at(case.clone(), time("2026-12-31"))), "verified");
    case.snapshot.decision = Some(by_office);
    assert_eq!(reason(&at(case, time("2027-01-01"))), "verified", "a proof shows whose nullifier it is");
}

/// The agency must have confirmed each root since the day that the program derives from the period.
#[test]
fn facts_are_as_fresh_as_the_program_demands() {
    let mut case = Case::good();
    let confirmed = |case: &Case, at: u64| {
        let mut case = case.clone();
        case.snapshot.roots.values_mut().for_each(|root| root.confirmed_at = at);
        reason(&case)
    };
    assert_eq!(confirmed(&case, NOW - 1000 * DAY), "verified");
    case.program(|program| {
        program.utc_offset_minutes = UtcOffset::from_minutes(480).unwrap();
        program.fresh = Some(Freshness { since: PeriodDay::PeriodStart, after_days: 5 });
    });
    let midnight = time("2026-11-06") - 8 * 3600;
    assert_eq!(confirmed(&case, midnight - 1), "root-not-fresh");
    assert_eq!(confirmed(&case, midnight), "verified");
    assert_eq!(confirmed(&case, NOW + 1), "root-unknown", "evidence of a later block hides what it was");
    // By the period's last day, which hasn't come: no root is fresh enough yet.
    case.program(|program| program.fresh = Some(Freshness { since: PeriodDay::PeriodEnd, after_days: 0 }));
    assert_eq!(confirmed(&case, NOW), "root-not-fresh");
    let later = at(case, time("2026-11-30"));
    assert_eq!(confirmed(&later, time("2026-11-30") - 8 * 3600), "verified");
}

/// Everybody reads what the contract verifies, so a program by proof has no place for what isn't paid.
#[test]
fn a_program_by_proof_reveals_what_is_paid_alone() {
    for (part, outputs) in [(0, [5, 0]), (0, [0, 5]), (1, [41_200, 5])] {
        let mut case = Case::good();
        case.inputs(part, |inputs| inputs.outputs = outputs);
        assert_eq!(reason(&case), "verified");
        case.program(|program| program.decided_by = DecidedBy::Both);
        assert_eq!(reason(&case), "verified", "an office may decide it");
        case.program(|program| program.decided_by = DecidedBy::Proof);
        assert_eq!(reason(&case), "output-not-paid");
    }
}

/// Everybody that looks at a decision sees that a law was made after its days had begun.
#[test]
fn a_retroactive_law_shows() {
    let mut case = Case::good();
    let replaced = case.bundle.policies[0].policy.digest().unwrap();
    let law = case.bundle.policies[1].policy.digest().unwrap();
    case.snapshot.policies.get_mut(&law).unwrap().retroactive = Some(replaced);
    let parts = case.verify().unwrap().parts;
    assert_eq!((parts[0].retroactive, parts[1].retroactive), (None, Some(replaced)));
}
