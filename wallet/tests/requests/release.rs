//! A record is released for what a request reads, and for it alone.

use super::nearly_full;
use sealroot_handover::transfer::RecipientKey;
use sealroot_protocol::{code::Coded, field::F, possession::Role, record::Subject, release::ReleaseError};
use sealroot_testing::asked::{Case, wallet};
use sealroot_wallet::{
    AskedRequest, Entry, History, Language, ReleaseOffer, ReleaseOfferError, Wanted, check_asked, history::Enrolled,
};

fn asked(case: &Case) -> AskedRequest {
    check_asked(case.signed(), &case.program, &case.policies, &case.snapshot, &case.pinned, case.now).unwrap()
}

fn wanted() -> Wanted {
    Wanted {
        agency: "tax-office".parse().unwrap(),
        record: None,
        business_key: None,
        recipient: RecipientKey([7; 32]),
        person: None,
    }
}

fn enrolled(person: Option<&str>, subject: u8) -> Entry {
    Entry::Enrolled(Enrolled {
        at: 1,
        agency: "tax-office".parse().unwrap(),
        subject: Subject(F::from(subject)),
        person: person.map(Into::into),
    })
}

fn history(directory: &tempfile::TempDir) -> History {
    History::open(&directory.path().join("h"), &wallet()).unwrap()
}

#[test]
fn a_release_is_for_what_the_request_reads_and_for_it_alone() {
    let directory = tempfile::tempdir().unwrap();
    let mut history = history(&directory);
    let case = Case::new();
    let offer = |wanted: Wanted, history: &History| ReleaseOffer::new(asked(&case), wanted, history, case.now);
    assert!(matches!(offer(wanted(), &history), Err(ReleaseOfferError::NotEnrolled { .. })));
    history.append(&enrolled(None, 1)).unwrap();
    history.append(&enrolled(Some("Lin"), 2)).unwrap();
    let stranger = Wanted { agency: "health-office".parse().unwrap(), ..wanted() };
    assert!(matches!(offer(stranger, &history), Err(ReleaseOfferError::NotNeeded { .. })));
    let record = Wanted { record: Some("residence-record".parse().unwrap()), ..wanted() };
    assert!(matches!(offer(record, &history), Err(ReleaseOfferError::NotNeeded { .. })));

    let signed = offer(wanted(), &history).unwrap().sign(&wallet(), &mut history, case.now, [1; 16], [2; 32]).unwrap();
    signed.check(case.now).unwrap();
    let release = &signed.release;
    assert_eq!((release.subject, release.request), (Subject(F::from(1u8)), case.request.digest()));
    assert_eq!(release.role, Role::Holder);
    assert_eq!((release.schema, release.expiry), (case.policies[1].schemas[0].id().unwrap(), case.request.expiry));
    assert_eq!(release.period.to_string(), "2025-01");
    assert!(matches!(history.entries().last(), Some(Entry::Released(e)) if e.release == release.digest().unwrap()));

    let lin = Wanted { person: Some("Lin".into()), ..wanted() };
    let signed = offer(lin, &history).unwrap().sign(&wallet(), &mut history, case.now, [1; 16], [2; 32]).unwrap();
    assert_eq!((signed.release.subject, signed.release.role), (Subject(F::from(2u8)), Role::Representative));
    // What has no form is not signed, and not said to be.
    let before = history.entries().len();
    let spaced = Wanted { business_key: Some(" INV-1".into()), ..wanted() };
    let offered = offer(spaced, &history).unwrap().sign(&wallet(), &mut history, case.now, [1; 16], [2; 32]);
    assert!(matches!(offered, Err(ReleaseOfferError::Form(ReleaseError::BusinessKey))));
    assert_eq!(history.entries().len(), before);
}

/// A request under rules that are no law gets no record either, no matter which member is asked.
#[test]
fn what_is_no_law_gets_no_release() {
    let mut case = Case::new();
    case.snapshot.policies.values_mut().for_each(|entry| entry.withdrawn_at = Some(case.now));
    let rejected =
        check_asked(case.signed(), &case.program, &case.policies, &case.snapshot, &case.pinned, case.now).unwrap_err();
    assert_eq!(rejected.code().as_str(), "policy-withdrawn");
}

#[test]
fn the_summary_says_what_leaves_and_to_whom() {
    let directory = tempfile::tempdir().unwrap();
    let mut history = history(&directory);
    history.append(&enrolled(Some("Lin"), 2)).unwrap();
    let case = Case::new();
    let lin = Wanted { person: Some("Lin".into()), ..wanted() };
    let offer = ReleaseOffer::new(asked(&case), lin, &history, case.now).unwrap();
    let shown = offer.summary(Language::En).to_string();
    for words in [
        "tax-office hands out Lin's record \"income of the year\" (from 2025-01 on), the whole of it",
        "national id, gross income (12 values), unread",
        &RecipientKey([7; 32]).to_string(),
        "welfare-office asks under the program \"Heating allowance\", for 2026-11-01 to 2027-01-31: \"Heating allowance, winter 2026\"",
        "can be used once, until 2026-11-11 00:00 UTC",
    ] {
        assert!(shown.contains(words), "{words}\n{shown}");
    }
    let chinese = offer.summary(Language::Zh).to_string();
    for words in ["取暖补贴", "Lin", "gross income", "tax-office", "只能使用一次"] {
        assert!(chinese.contains(words), "{words}\n{chinese}");
    }
}

/// No entry, no signature: a history that can't be written stops the release.
#[test]
fn no_entry_no_release() {
    let (mut history, case) = (nearly_full(1), Case::new());
    history.append(&enrolled(None, 1)).unwrap();
    let offer = ReleaseOffer::new(asked(&case), wanted(), &history, case.now).unwrap();
    assert!(offer.sign(&wallet(), &mut history, case.now, [1; 16], [2; 32]).is_err());
    assert_eq!(history.entries().len(), 1);
}
