//! A bundle's bytes: written from parts that are known, and read with what was read before, they are what serde and RFC 8785 make of the whole.

use sealroot_protocol::{
    bundle::Bundle,
    canonical::{self, DocumentError},
    enclosed::{EnclosedPolicy, KnownPolicies},
    evidence::Evidence,
    policy::PolicyDocument,
};
use sealroot_testing::bundle::Case;
use serde_json::Value;

fn with_evidence() -> Bundle {
    let evidence = Evidence {
        header: vec![1, 2].into(),
        seal: vec![].into(),
        checkpoint: vec![],
        accounts: vec![],
        refusals: None,
    };
    Bundle { evidence: Some(evidence), ..Case::good().bundle }
}

#[test]
fn the_bytes_are_those_of_the_whole_document() {
    let mut bundle = with_evidence();
    assert_eq!(bundle.to_bytes().unwrap(), canonical::to_bytes(&bundle).unwrap());
    let digest = bundle.digest().unwrap();
    assert_eq!(digest, Case::good().bundle.digest().unwrap(), "the evidence is no part of it");
    // A document that is changed after its bytes were asked for has other ones.
    bundle.policies[1].text.push('!');
    bundle.policies[0].policy.version += 1;
    assert_eq!(bundle.to_bytes().unwrap(), canonical::to_bytes(&bundle).unwrap());
    assert_eq!(bundle.policies[0].digest().unwrap(), bundle.policies[0].policy.digest().unwrap());
    assert_ne!(bundle.digest().unwrap(), digest);
    bundle.policies.clear();
    assert_eq!(bundle.to_bytes().unwrap(), canonical::to_bytes(&bundle).unwrap());
}

/// Every change of a file is answered alike whether its policies were met before or not.
#[test]
fn what_was_read_before_changes_no_answer() {
    let bundle = with_evidence();
    let bytes = bundle.to_bytes().unwrap();
    let mut known = KnownPolicies::default();
    assert_eq!(Bundle::read(&bytes, &mut known).unwrap(), bundle);
    assert_eq!(Bundle::read(&bytes, &mut known).unwrap(), bundle);
    let text = String::from_utf8(bytes.clone()).unwrap();
    let value: Value = serde_json::from_slice(&bytes).unwrap();
    let mut changed = vec![
        text.replacen("\"policies\":[{", "\"policies\":[ {", 1),
        text.replacen("\"policies\":[{", "\"policies\":[{\"policy\":1,", 1),
        text.replacen("\"version\":1", "\"version\":1.0", 1),
        text.replacen("\"version\":1", "\"version\":2", 1),
        text.replacen("\"version\":1", "\"version\":\"1\"", 1),
        format!("{text} "),
        format!("{text}{text}"),
        text.replacen("{\"decision\"", "{\"unknown\":1,\"decision\"", 1),
        text.replacen("\"suite\":", "\"reduction\":null,\"suite\":", 1),
        serde_json::to_string_pretty(&value).unwrap(),
    ];
    for at in (0..text.len()).step_by(997) {
        changed.push(format!("{}{}", &text[..at], &text[at + 1..]));
    }
    for file in changed {
        let (alone, after) = (Bundle::from_bytes(file.as_bytes()), Bundle::read(file.as_bytes(), &mut known));
        // What reads everything at once is what both are compared with.
        let whole = canonical::from_bytes::<Bundle>(file.as_bytes());
        match whole {
            Ok(whole) => assert_eq!((&alone.unwrap(), &after.unwrap()), (&whole, &whole)),
            Err(error) => {
                let told = |error: DocumentError| error.to_string();
                let expected = told(error);
                assert_eq!((told(alone.unwrap_err()), told(after.unwrap_err())), (expected.clone(), expected));
            }
        }
    }
    assert!(matches!(Bundle::from_bytes(format!("{text}\n").as_bytes()), Err(DocumentError::NotCanonical)));
}

#[test]
fn no_more_documents_are_kept_than_a_few_hundred() {
    let mut known = KnownPolicies::default();
    let mut document: PolicyDocument = (*Case::good().bundle.policies[0]).clone();
    for version in 1..=2 * KnownPolicies::MOST as u32 + 1 {
        document.policy.version = version;
        let bytes = canonical::to_bytes(&document).unwrap();
        assert_eq!(known.read(&bytes).unwrap(), EnclosedPolicy::from(document.clone()));
        assert!((1..=KnownPolicies::MOST).contains(&known.len()));
    }
}
