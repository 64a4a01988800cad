//! What the first contracts hold is judged as their own verifier judged it: they said less, and what they didn't say is neither demanded nor made up.

use super::{reason, recorded};
use sealroot_protocol::consent::RequestDigest;
use sealroot_protocol::field::{Digest, F};
use sealroot_protocol::program::DecidedBy;
use sealroot_protocol::request::Request;
use sealroot_protocol::snapshot::{Assurance, Claimed, DecisionEntry, Held};
use sealroot_protocol::utc_offset::UtcOffset;
use sealroot_testing::bundle::Case;

/// A case whose entries are the first contracts', for a document that they could enact.
fn of_first_contracts() -> Case {
    let mut case = Case::good();
    case.snapshot.policies.values_mut().for_each(|policy| policy.currencies = Held::Unheld);
    case.snapshot.roots.values_mut().for_each(|root| root.access_log = Held::Unheld);
    case.snapshot.program.as_mut().unwrap().currency = Held::Unheld;
    case
}

/// The approval of another request than the case's, under its nullifier.
fn earlier(case: &Case, other: RequestDigest, claimed: &Request) -> DecisionEntry {
    DecisionEntry {
        claimed: Claimed::Scope(claimed.scope()),
        granted: Held::Unheld,
        requester: Held::Unheld,
        ..recorded(case, other, Digest([1; 32]))
    }
}

/// They held no currency. An entry of today's that says none of what is paid is another thing.
#[test]
fn a_currency_that_was_never_held_is_not_compared() {
    let mut case = of_first_contracts();
    assert_eq!(reason(&case), "verified");
    case.snapshot.program.as_mut().unwrap().currency = Held::Held(None);
    assert_eq!(reason(&case), "program-entry-mismatch");
    let mut case = of_first_contracts();
    case.snapshot.policies.values_mut().for_each(|policy| policy.currencies = Held::Held([None; 2]));
    assert_eq!(reason(&case), "other-currency");
}

/// No document of today's is enforced by contracts that knew none of its terms.
#[test]
fn terms_that_they_could_not_enforce_are_refused() {
    type Change = fn(&mut sealroot_protocol::program::Program);
    let terms: [Change; 3] = [
        |program| program.correctable_days = 10,
        |program| program.utc_offset_minutes = UtcOffset::from_minutes(60).unwrap(),
        |program| program.decided_by = DecidedBy::Both,
    ];
    for change in terms {
        let mut case = Case::good();
        let entry = of_first_contracts().snapshot.program.unwrap();
        case.program(change);
        let digest = case.snapshot.program.as_ref().unwrap().digest;
        case.snapshot.program = Some(sealroot_protocol::snapshot::ProgramEntry { digest, ..entry });
        assert_eq!(reason(&case), "program-entry-mismatch");
    }
}

/// An approval is the one of its scope, whatever else stands there, and a correction replaces one of its own scope alone.
#[test]
fn approvals_are_known_by_their_scope() {
    let mut case = of_first_contracts();
    let request = case.bundle.request.request.clone();
    let mut next = request.clone();
    next.period = case.bundle.program.period(1).unwrap();
    let (mine, digest) = (request.digest(), case.bundle.digest().unwrap());
    case.snapshot.decision = Some(DecisionEntry { bundle: Some(digest), ..earlier(&case, mine, &request) });
    assert_eq!(reason(&case), "verified");
    case.snapshot.decision = Some(DecisionEntry { bundle: Some(digest), ..earlier(&case, mine, &next) });
    assert_eq!(
        case.verify().unwrap_err().to_string(),
        "the requester recorded another program or period with this bundle's digest"
    );

    let other = RequestDigest(F::from(77u8));
    case.request(|request| request.corrects = Some(other));
    case.snapshot.decision = Some(earlier(&case, other, &request));
    assert_eq!(case.verify().unwrap().paid_before, Some(41_200));
    // They compared no assurance.
    case.snapshot.decision.as_mut().unwrap().assurance = Assurance::ByProof;
    assert_eq!(reason(&case), "verified");
    // Today's contracts let it replace the approval of a period that can still be corrected; the first ones never did.
    case.snapshot.decision = Some(earlier(&case, other, &next));
    assert_eq!(reason(&case), "corrects-unknown");
}
