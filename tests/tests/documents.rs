//! The documents say what is there: the threat model names tests that exist, and links lead to files.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// All Rust sources of the workspace in one text.
fn sources() -> String {
    fn visit(path: &Path, all: &mut String) {
        for entry in fs::read_dir(path).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && !matches!(name.as_str(), "target" | "node_modules") && !name.starts_with('.') {
                visit(&path, all);
            } else if name.ends_with(".rs") {
                all.push_str(&fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut all = String::new();
    visit(&root(), &mut all);
    all
}

/// A threat without a test is a wish; a test that was renamed leaves one behind.
#[test]
fn every_test_in_the_threat_model_exists() {
    let page = fs::read_to_string(root().join("docs/THREAT_MODEL.md")).unwrap();
    let sources = sources();
    let mut named = 0;
    for line in page.lines().filter(|line| line.starts_with("| ")) {
        let last = line.trim_end_matches(['|', ' ']).rsplit('|').next().unwrap();
        for name in last.split('`').skip(1).step_by(2) {
            let is_name =
                name.len() > 6 && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
            if is_name && name.contains('_') {
                named += 1;
                // Tests made by a macro are listed there by their bare name.
                assert!(
                    sources.contains(&format!("fn {name}")) || sources.contains(&format!("{name}: ")),
                    "{name}: {line}"
                );
            }
        }
    }
    assert!(named > 100, "the page names {named} tests: the search itself must work");
}

#[test]
fn links_lead_to_files() {
    for page in ["README.md", "docs/STORY.md", "docs/ARCHITECTURE.md", "docs/THREAT_MODEL.md", "docs/DATA_MODEL.md"] {
        let path = root().join(page);
        let text = fs::read_to_string(&path).unwrap();
        for target in text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()) {
            let file = target.split('#').next().unwrap();
            if !file.is_empty() && !file.contains("://") {
                assert!(path.parent().unwrap().join(file).exists(), "{page}: {target}");
            }
        }
    }
}
