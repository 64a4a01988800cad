//! Every law under `examples/` always compiles to the same words and the same manifest, in each version of the compiler: keys, chains and
//! other implementations depend on them, and an auditor compiles the law of an old decision with the version of its day.
#![allow(clippy::unwrap_used, clippy::panic)]

use sealroot_policy::CompilerVersion;
use sealroot_protocol::field::Digest;
use sealroot_testing::policies::laws;
use sha2::{Digest as _, Sha256};

/// One line per law: file, SHA-256 of the words as JSON, digest of the manifest under the universal key of digest 0. A law that doesn't fit in the
/// first version is refused by it.
fn line(version: CompilerVersion, name: &str) -> String {
    let compiled = match laws::compiled_with(version, name) {
        Ok(compiled) => compiled,
        Err(error) if version == CompilerVersion::One => {
            assert!(error.to_string().contains("too many"), "{error}");
            return format!("{name} refused\n");
        }
        Err(error) => panic!("{error}"),
    };
    let words = serde_json::to_string(compiled.words().words()).unwrap();
    let manifest = compiled.policy(Digest([0; 32])).digest().unwrap();
    format!("{name} {} {manifest}\n", hex::encode(Sha256::digest(words.as_bytes())))
}

#[test]
fn words_and_digests_are_pinned() {
    for version in CompilerVersion::ALL {
        let found: String = laws::names().unwrap().iter().map(|name| line(version, name)).collect();
        let pinned = match version {
            CompilerVersion::One => include_str!("vectors/policies-1.txt"),
            CompilerVersion::Two => include_str!("vectors/policies-2.txt"),
        };
        assert_eq!(
            found,
            pinned,
            "a law changed, is new or gone; if it was meant to, tests/vectors/policies-{}.txt is\n{found}\n\
             If an unchanged text has other words, there must be a new version of the compiler.",
            version.number()
        );
    }
}

/// Every law holds what `policy check` demands.
#[test]
fn every_law_passes_its_check() {
    let names = laws::names().unwrap();
    assert!(!names.is_empty());
    for name in names {
        let report = laws::compiled(&name).unwrap().check(100, 1);
        let problems: Vec<_> = report.problems.iter().map(ToString::to_string).collect();
        assert!(problems.is_empty(), "{name}: {}", problems.join("\n"));
        assert!(report.cases > 0, "{name}");
    }
}
