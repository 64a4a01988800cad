//! Every law under `examples/` always compiles to the same words and the same manifest: keys, chains and other
//! implementations depend on them.
#![allow(clippy::unwrap_used, clippy::panic)]

use sealroot_policy::{Compiled, PolicySource, SchemaRequest, compile};
use sealroot_protocol::field::Digest;
use sealroot_protocol::schema::Schema;
use sha2::{Digest as _, Sha256};
use std::fs;
use std::path::{Path, PathBuf};

fn examples() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../examples")
}

/// All policy files, as `law/file`, in order.
fn policies() -> Vec<String> {
    let mut files = Vec::new();
    for law in fs::read_dir(examples()).unwrap() {
        for file in fs::read_dir(law.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            let name = path.strip_prefix(examples()).unwrap().to_string_lossy().into_owned();
            if name.ends_with(".policy.toml") {
                files.push(name);
            }
        }
    }
    files.sort();
    files
}

fn compiled(name: &str) -> Compiled {
    let path = examples().join(name);
    let beside = |file: &str| fs::read_to_string(path.parent().unwrap_or(Path::new(".")).join(file));
    let schemas = |request: SchemaRequest<'_>| {
        Schema::from_toml(&beside(request.reference).map_err(|e| e.to_string())?).map_err(|e| e.to_string())
    };
    let text = fs::read_to_string(&path).unwrap();
    compile(&PolicySource { file: name.to_owned(), text }, &schemas).unwrap_or_else(|e| panic!("{e}"))
}

/// One line per law: file, SHA-256 of the words as JSON, digest of the manifest under the universal key of digest 0.
fn line(name: &str) -> String {
    let compiled = compiled(name);
    let words = serde_json::to_string(compiled.words().words()).unwrap();
    let manifest = compiled.policy(Digest([0; 32])).digest().unwrap();
    format!("{name} {} {manifest}\n", hex::encode(Sha256::digest(words.as_bytes())))
}

#[test]
fn words_and_digests_are_pinned() {
    let found: String = policies().iter().map(|name| line(name)).collect();
    let pinned = include_str!("vectors/policies.txt");
    assert_eq!(
        found, pinned,
        "a law changed, is new or gone; if it was meant to, tests/vectors/policies.txt is\n{found}"
    );
}

/// Every law holds what `policy check` demands.
#[test]
fn every_law_passes_its_check() {
    let names = policies();
    assert!(!names.is_empty());
    for name in names {
        let report = compiled(&name).check(100, 1);
        let problems: Vec<_> = report.problems.iter().map(ToString::to_string).collect();
        assert!(problems.is_empty(), "{name}: {}", problems.join("\n"));
        assert!(report.cases > 0, "{name}");
    }
}
