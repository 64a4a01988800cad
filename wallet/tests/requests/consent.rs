//! A consent belongs to one request, and says to the holder what it gives away.

use super::nearly_full;
use sealroot_handover::{ConsentFile, ConsentFileError};
use sealroot_protocol::{code::Coded, program::Program};
use sealroot_testing::asked::{Case, program, show_an_attribute, wallet};
use sealroot_wallet::{Entry, History, Language, Seed, consent};

#[test]
fn a_consent_belongs_to_one_request() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("h");
    let mut history = History::open(&path, &wallet()).unwrap();
    let case = Case::new();
    let key = wallet().secret_key();
    let file = consent(&key, case.check().unwrap(), &mut history, case.now, [1; 32]).unwrap();
    file.check(&case.request).unwrap();
    assert_eq!(history.entries().len(), 1);
    drop(history);
    let again = History::open(&path, &wallet()).unwrap();
    assert!(matches!(&again.entries()[0], Entry::Consented(entry) if entry.request == file.request));

    let mut other = case.request.clone();
    other.purpose.push('!');
    assert!(matches!(file.check(&other), Err(ConsentFileError::OtherRequest)));
    // Moved by hand: digest and scope of the other request, signature of the first.
    let moved = ConsentFile { request: other.digest(), ..file.clone() };
    assert!(matches!(moved.check(&other), Err(ConsentFileError::Signature(_))));
    let stolen = ConsentFile { holder: Seed::from_bytes(&[1; 32]).holder_key().public_key(), ..file.clone() };
    assert!(matches!(stolen.check(&case.request), Err(ConsentFileError::Signature(_))));

    let bytes = file.to_bytes().unwrap();
    assert_eq!(ConsentFile::from_bytes(&bytes).unwrap(), file);
    assert!(!format!("{file:?}").contains(&file.case_secret.as_ref().unwrap().to_text()));
    let text = String::from_utf8(bytes).unwrap();
    for (from, to) in
        [("{\"case_secret", "{\"a\":1,\"case_secret"), ("groth16/1", "groth16/2"), ("\"consent\":", "\"consent\": ")]
    {
        assert!(text.contains(from));
        assert!(ConsentFile::from_bytes(text.replace(from, to).as_bytes()).is_err(), "{to}");
    }
}

/// Every byte of the file is needed: changed, it can't be read or isn't a consent to the request.
#[test]
fn every_byte_of_the_file_matters() {
    let directory = tempfile::tempdir().unwrap();
    let mut history = History::open(&directory.path().join("h"), &wallet()).unwrap();
    let case = Case::with(Program { anonymous: true, ..program() });
    let file = consent(&wallet().secret_key(), case.check().unwrap(), &mut history, case.now, [1; 32]).unwrap();
    assert!(file.case_secret.is_none());
    let bytes = file.to_bytes().unwrap();
    for i in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[i] = if changed[i] == b'1' { b'2' } else { b'1' };
        let accepted = ConsentFile::from_bytes(&changed).is_ok_and(|f| f.check(&case.request).is_ok());
        assert!(!accepted, "byte {i}");
    }
}

#[test]
fn the_summary_says_what_matters() {
    let directory = tempfile::tempdir().unwrap();
    let mut history = History::open(&directory.path().join("h"), &wallet()).unwrap();
    let mut case = Case::new();
    case.request.recipient = Some(alloy_primitives::Address::repeat_byte(0xab));
    let shown = history.summary_of(&case.check().unwrap(), Language::En).to_string();
    for words in [
        "welfare-office asks under the program \"Heating allowance\", for 2026-11-01 to 2027-01-31.",
        "\"Heating allowance, winter 2026\"",
        "learns whose part said no: civil-registry or tax-office",
        "also learns: amount per month.",
        "which of these reasons it has: \"Your income is above the ceiling.\".",
        "the amount per month in EUR",
        "tax-office reads national id, gross income (12 values)",
        "The amount per month is computed from these values, and so tells something of them: gross income (12 values).",
        "doesn't see your record \"income of the year\" at tax-office (from 2025-01 on). Of its values it learns what the answers above tell",
        "No agency sees what another holds.",
        "expires on 2026-11-11 00:00 UTC; this period can be claimed until 2027-03-01",
        "first request of welfare-office",
        "Room 4, with papers.",
    ] {
        assert!(shown.contains(words), "{words}\n{shown}");
    }
    assert!(!shown.contains("nor any value"), "an output is computed from some: {shown}");
    assert!(!shown.contains("residence is above"), "a reason that isn't revealed");
    assert!(!shown.contains("unread"), "an attribute that isn't read");

    let checked = case.check().unwrap();
    consent(&wallet().secret_key(), checked, &mut history, case.now, [1; 32]).unwrap();
    let again = history.summary_of(&case.check().unwrap(), Language::En).to_string();
    for words in ["consented once before", "can be approved only once", "used this address before"] {
        assert!(again.contains(words), "{words}\n{again}");
    }
    let chinese = history.summary_of(&case.check().unwrap(), Language::Zh).to_string();
    for words in [
        "取暖补贴",
        "还会知道：每月金额",
        "以及 每月金额（EUR）",
        "每月金额 由以下数值算出",
        "“您的income超过上限。”",
        "tax-office",
        "2027-03-01",
        "Room 4",
    ] {
        assert!(chinese.contains(words), "{words}\n{chinese}");
    }
    assert!(!chinese.contains("income-ceiling") && !chinese.contains("monthly amount"), "codes and labels\n{chinese}");
}

/// What gives a value away by itself is said to, in either language.
#[test]
fn an_output_that_is_an_attribute_is_called_one() {
    let directory = tempfile::tempdir().unwrap();
    let history = History::open(&directory.path().join("h"), &wallet()).unwrap();
    let mut case = Case::new();
    show_an_attribute(&mut case.policies[1]);
    case.enact();
    case.name_policies();
    for (language, words) in [
        (Language::En, "The amount per month is a value of your record, as it stands there: gross income."),
        (Language::Zh, "每月金额 就是您记录中的数值本身：gross income。"),
    ] {
        let shown = history.summary_of(&case.check().unwrap(), language).to_string();
        assert!(shown.contains(words), "{words}\n{shown}");
    }
}

/// Titles of enacted documents can't move the cursor either.
#[test]
fn titles_are_cleaned() {
    let directory = tempfile::tempdir().unwrap();
    let history = History::open(&directory.path().join("h"), &wallet()).unwrap();
    let mut case = Case::new();
    case.program.title.insert("en".into(), "Heat\u{1b}[8m\u{202e}ing".into());
    case.enact();
    let shown = history.summary_of(&case.check().unwrap(), Language::En).to_string();
    assert!(shown.contains("Heat\u{fffd}[8m\u{fffd}ing"));
}

/// A request that was only looked at counts as asked; so does one under what is no law; a request shown twice is one; what nobody answers for counts for nobody.
#[test]
fn asks_are_counted_whether_answered_or_not() {
    let directory = tempfile::tempdir().unwrap();
    let mut history = History::open(&directory.path().join("h"), &wallet()).unwrap();
    let ask = |n: u8| {
        let mut case = Case::new();
        case.request.nonce.0.0[0] = n;
        case
    };
    for case in [ask(1), ask(1), ask(2)] {
        history.note_asked(&case.check().unwrap(), case.now).unwrap();
    }
    let mut invented = ask(3);
    invented.snapshot.policies.values_mut().for_each(|entry| entry.enacted_at = invented.now + 1);
    let mut forged = ask(4);
    forged.snapshot.signer = None;
    for (case, code) in
        [(&invented, "policy-not-enacted"), (&invented, "policy-not-enacted"), (&forged, "requester-key-unknown")]
    {
        let rejection = case.check().unwrap_err();
        assert_eq!(rejection.code().as_str(), code);
        history.note_rejected(&case.request, &rejection, case.now).unwrap();
    }
    assert_eq!(history.entries().len(), 3);

    let now = ask(5);
    let earlier = history.earlier(&now.request);
    assert_eq!((earlier.asked, earlier.rejected, earlier.times), (3, 1, 0));
    let shown = history.summary_of(&now.check().unwrap(), Language::En).to_string();
    for words in [
        "welfare-office asked you 3 times before, with other requests, last on 2026-11-10 00:00 UTC.",
        "1 of these were rejected by the wallet, because no law allows them.",
        "You have not consented to a request of welfare-office before.",
    ] {
        assert!(shown.contains(words), "{words}\n{shown}");
    }
    let chinese = history.summary_of(&now.check().unwrap(), Language::Zh).to_string();
    assert!(chinese.contains("询问 3 次") && chinese.contains("其中 1 次"), "{chinese}");
    // A request doesn't count as one before itself.
    assert_eq!(history.earlier(&ask(2).request).asked, 2);

    let dealings = history.dealings();
    assert_eq!((dealings.len(), dealings[0].asked, dealings[0].rejected, dealings[0].consented), (1, 3, 1, 0));
    let listed = history.summary(Language::En).to_string();
    assert!(listed.contains("welfare-office asked 3 times; you consented 0 times"), "{listed}");
    assert!(listed.contains("the wallet rejected 1 of its requests"), "{listed}");
    assert!(history.summary(Language::Zh).to_string().contains("询问 3 次"));
}

/// No entry, no consent: a history that can't be written stops the signature.
#[test]
fn no_entry_no_consent() {
    let (mut history, case) = (nearly_full(0), Case::new());
    assert!(consent(&wallet().secret_key(), case.check().unwrap(), &mut history, case.now, [1; 32]).is_err());
    assert!(history.entries().is_empty());
}
