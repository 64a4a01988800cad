//! The documents say what is there: the threat model names tests that exist, links lead to files, and every path, verb and name of code exists. They
//! call nobody "he".

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// All Rust sources of the workspace in one text.
fn sources() -> String {
    files_with(".rs").iter().map(|path| fs::read_to_string(path).unwrap()).collect()
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
                // As the page says that readers find it.
                let found = ["(", "<"].iter().any(|next| sources.contains(&format!("fn {name}{next}")));
                assert!(found, "{name}: {line}");
            }
        }
    }
    assert!(named > 100, "the page names {named} tests: the search itself must work");
}

#[test]
fn links_lead_to_files() {
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        for target in text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()) {
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            if target.contains("://") || file.starts_with("../security") {
                continue;
            }
            let path = if file.is_empty() { page.clone() } else { page.parent().unwrap().join(file) };
            assert!(path.exists(), "{}: {target}", page.display());
            if !anchor.is_empty() && file.ends_with(".md") {
                let headings = fs::read_to_string(&path).unwrap();
                let found = headings.lines().filter(|line| line.starts_with('#')).any(|line| slug(line) == anchor);
                assert!(found, "{}: {target} has no such heading", page.display());
            }
        }
    }
}

/// A heading as links name it.
fn slug(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = text.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// Every page of the project.
fn pages() -> Vec<PathBuf> {
    files_with(".md")
}

fn files_with(ending: &str) -> Vec<PathBuf> {
    fn visit(path: &Path, ending: &str, all: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(path).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && !matches!(name.as_str(), "target" | "node_modules") && !name.starts_with('.') {
                visit(&path, ending, all);
            } else if name.ends_with(ending) {
                all.push(path);
            }
        }
    }
    let mut all = Vec::new();
    visit(&root(), ending, &mut all);
    all
}

/// `a/{b,c}.rs` as `a/b.rs` and `a/c.rs`.
fn expanded(text: &str) -> Vec<String> {
    let Some((before, rest)) = text.split_once('{') else { return vec![text.to_owned()] };
    let Some((inside, after)) = rest.split_once('}') else { return vec![text.to_owned()] };
    inside.split(',').flat_map(|one| expanded(&format!("{before}{one}{after}"))).collect()
}

/// A path within the project: it begins with one of its folders.
fn is_path(text: &str) -> bool {
    let first = text.split('/').next().unwrap_or_default();
    let form = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-/{},*".contains(&b));
    form && text.contains('/') && !first.is_empty() && !first.starts_with('.') && root().join(first).is_dir()
}

fn missing(text: &str) -> Vec<String> {
    let mut gone = expanded(text);
    // A pattern stands for its folder.
    gone.retain(|path| !root().join(path.split('*').next().unwrap_or_default().trim_end_matches('/')).exists());
    gone
}

/// Paths that pages name, and that comments in the code do.
#[test]
fn every_path_that_is_named_exists() {
    let (mut named, mut gone) = (0, Vec::new());
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        for token in text.lines().flat_map(|line| line.split('`').skip(1).step_by(2)).filter(|token| is_path(token)) {
            named += 1;
            gone.extend(missing(token).into_iter().map(|path| format!("{}: {path}", page.display())));
        }
    }
    for file in files_with(".rs") {
        let text = fs::read_to_string(&file).unwrap();
        let comments = text.lines().filter(|line| line.trim_start().starts_with("//"));
        for token in comments.flat_map(|line| line.split('`').skip(1).step_by(2)).filter(|token| is_path(token)) {
            named += 1;
            gone.extend(missing(token).into_iter().map(|path| format!("{}: {path}", file.display())));
        }
    }
    assert!(named > 150, "{named} paths are named: the search itself must work");
    assert!(gone.is_empty(), "named, and not there:\n{}", gone.join("\n"));
}

/// `protocol::request` and the like in pages: the last word is defined in that crate.
#[test]
fn every_name_of_code_that_a_page_names_exists() {
    let crates =
        ["lanes", "protocol", "policy", "circuits", "verifier", "prover", "handover", "wallet", "vault", "chain"];
    let mut named = 0;
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        for token in text.lines().flat_map(|line| line.split('`').skip(1).step_by(2)) {
            let mut parts = token.strip_prefix("sealroot_").unwrap_or(token).split("::");
            let first = parts.next().unwrap_or_default();
            let rest: Vec<&str> = parts.collect();
            let word = |part: &&str| part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            if !crates.contains(&first) || rest.is_empty() || !rest.iter().all(word) {
                continue;
            }
            named += 1;
            let last = rest[rest.len() - 1];
            let kinds = ["mod", "struct", "enum", "fn", "trait", "type", "const"];
            let mut sources = files_with(".rs").into_iter().filter(|path| path.starts_with(root().join(first)));
            let found = sources.any(|path| {
                let text = fs::read_to_string(path).unwrap();
                let by_macro = text.lines().any(|line| line.trim().trim_end_matches(',') == last);
                by_macro || kinds.iter().any(|kind| text.contains(&format!("{kind} {last}")))
            });
            assert!(found, "{}: {token}", page.display());
        }
    }
    assert!(named > 20, "{named} names: the search itself must work");
}

/// Verbs by their help pages: `agency import`, `verify`.
fn verbs() -> BTreeSet<String> {
    let help = files_with(".trycmd").into_iter().map(|path| fs::read_to_string(path).unwrap()).collect::<String>();
    let asked = help.lines().filter_map(|line| line.strip_prefix("$ sealroot ")?.strip_suffix(" --help"));
    asked.map(str::to_owned).collect()
}

/// The verb of a group that a piece of code on a page names; none where it names something else.
fn verb_of(code: &str, verbs: &BTreeSet<String>) -> Option<String> {
    let words: Vec<&str> = code.strip_prefix("sealroot ").unwrap_or(code).split(' ').collect();
    let is_word = |word: &&str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    let (first, second) = (words.first()?, words.get(1).filter(|word| is_word(word) && !word.starts_with('-')));
    let is_group = verbs.iter().any(|verb| verb.strip_prefix(first).is_some_and(|rest| rest.starts_with(' ')));
    match second {
        Some(second) if is_group => Some(format!("{first} {second}")),
        _ if code.starts_with("sealroot ") && is_word(first) && !is_group => Some((*first).to_owned()),
        _ => None,
    }
}

/// In running text and in examples. A guide that names a verb that was never built sends its reader nowhere.
#[test]
fn every_verb_that_a_page_names_exists() {
    let verbs = verbs();
    assert_eq!(verb_of("agency relock --vault v", &verbs).as_deref(), Some("agency relock"), "the search must work");
    assert!(!verbs.contains("agency reconcile") && verbs.contains("agency import") && verbs.contains("verify"));
    let (mut named, mut gone) = (0, Vec::new());
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        let inline = text.lines().flat_map(|line| line.split('`').skip(1).step_by(2));
        let examples = text.lines().filter_map(|line| line.strip_prefix("    "));
        let examples = examples.map(|line| line.trim_start().trim_start_matches("$ "));
        let examples = examples.filter(|line| line.starts_with("sealroot "));
        for verb in inline.chain(examples).filter_map(|code| verb_of(code, &verbs)) {
            named += 1;
            if !verbs.contains(&verb) {
                gone.push(format!("{}: {verb}", page.display()));
            }
        }
    }
    assert!(named > 100, "{named} verbs are named: the search itself must work");
    assert!(gone.is_empty(), "named, and no verb:\n{}", gone.join("\n"));
}

/// Words that call a person "he", or leave open which person acts. A word in quotation marks is spoken of and not used.
fn says_he(line: &str) -> bool {
    let words = ["he", "his", "him", "himself", "whoever", "whomever"];
    line.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '"')).any(|word| {
        let quoted = word.len() > 1 && word.starts_with('"') && word.ends_with('"');
        !quoted && words.contains(&word.trim_matches('"').to_lowercase().as_str())
    })
}

/// Officers, holders and clerks are people of every kind, and a sentence says which of them acts. In pages, comments, messages and help.
#[test]
fn nobody_is_he() {
    assert!(says_he("the clerk says that he may") && says_he("\"Whoever asks\"") && !says_he("nobody is \"he\" here"));
    let files = [".md", ".rs", ".toml", ".trycmd"].into_iter().flat_map(files_with);
    let mut found = Vec::new();
    for file in files.filter(|file| !file.ends_with("tests/tests/documents.rs")) {
        let text = fs::read_to_string(&file).unwrap();
        let lines = text.lines().zip(1..).filter(|(line, _)| says_he(line));
        found.extend(lines.map(|(line, number)| format!("{}:{number}: {}", file.display(), line.trim())));
    }
    assert!(found.is_empty(), "name the person, or the party:\n{}", found.join("\n"));
}

/// A message shows a value as people write it: cleaned, between quotation marks where it is somebody's text (`quoted`). Rust's own form of it escapes what
/// people write and lets through what deceives them.
#[test]
fn no_message_shows_rusts_form_of_a_value() {
    let mut looked = 0;
    for path in files_with(".rs") {
        let shown = path.strip_prefix(root()).unwrap().display().to_string();
        let people =
            ["testing/", "fuzz/", "benches/", "xtask/", "tests/"].iter().all(|folder| !shown.starts_with(folder));
        if !people || !shown.contains("src/") || shown.ends_with("tests.rs") || shown.contains("/tests/") {
            continue;
        }
        looked += 1;
        let text = fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]\nmod ").next().unwrap();
        // Assertions speak to programmers.
        let spoken = |line: &&str| {
            ["//", "assert", "panic!"].iter().all(|word| !line.trim_start().starts_with(word))
                && !line.contains("panic!(")
        };
        for line in code.lines().filter(spoken) {
            assert!(!line.contains(":?}") && !line.contains(":#?}"), "{shown}: {}", line.trim());
            // `1 rows` and `row(s)`: see `counted`.
            assert!(!line.contains("(s)\"") && !line.contains("(s) "), "{shown}: {}", line.trim());
        }
    }
    assert!(looked > 300, "{looked} files: the search itself must work");
}

/// What messages count.
const COUNTED: [&str; 32] = [
    "records",
    "rows",
    "versions",
    "entries",
    "keys",
    "people",
    "periods",
    "files",
    "parts",
    "cases",
    "facts",
    "leaves",
    "decisions",
    "representatives",
    "households",
    "lines",
    "days",
    "months",
    "bundles",
    "refusals",
    "policies",
    "members",
    "ids",
    "values",
    "officers",
    "schemas",
    "outputs",
    "sources",
    "cells",
    "columns",
    "roots",
    "attributes",
];

/// Numbers that are never 1, or said otherwise where they are.
const NEVER_ONE: [(&str, &str); 11] = [
    ("protocol/src/machine/inputs.rs", "{0} roots: no shape has that many sources"),
    ("protocol/src/outcome/refusals.rs", "{0} refusals are too many"),
    ("prover/src/engine/tables.rs", "no transforms for a circuit of {0} rows"),
    ("protocol/src/facts/schema.rs", "the schema has {0} attributes; a record holds"),
    ("cli/src/verb/agency/import.rs", "all {} rows are"),
    ("wallet/src/explain/phrases/request.rs", "({n} values)"),
    ("wallet/src/history/mod.rs", "History({} entries)"),
    ("chain/src/embedded/error.rs", "more than {} days after"),
    ("policy/src/facts/given.rs", "1 to {most} members"),
    ("policy/src/explain/sections.rs", "1 to {most} members"),
    ("policy/src/compile/heading.rs", "{} outputs, the machine has 2"),
];

/// Whether a number in a line stands before a noun in the plural, come what may.
fn counts_one_as_many(line: &str) -> bool {
    line.match_indices("} ").any(|(at, _)| {
        let value = line[..at].rfind('{').map_or("", |open| &line[open + 1..at]);
        // A constant, in capitals, is what somebody wrote beside these words.
        let is_constant = value.bytes().any(|b| b.is_ascii_uppercase());
        let is_value = !is_constant && value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'.');
        let word = line[at + 2..].split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
        is_value && COUNTED.contains(&word)
    })
}

/// `1 records`: see `counted` of the protocol's `printable`.
#[test]
fn no_message_counts_one_as_many() {
    assert!(counts_one_as_many("\"{} records were\"") && counts_one_as_many("\"{rows} rows\""), "the search must work");
    assert!(!counts_one_as_many("\"{} (of all records)\""));
    let (mut found, mut allowed) = (Vec::new(), BTreeSet::new());
    for path in files_with(".rs") {
        let shown = path.strip_prefix(root()).unwrap().display().to_string();
        let people =
            ["testing/", "fuzz/", "benches/", "xtask/", "tests/"].iter().all(|folder| !shown.starts_with(folder));
        if !people || !shown.contains("src/") || shown.ends_with("tests.rs") || shown.contains("/tests/") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]\nmod ").next().unwrap();
        for line in code.lines().filter(|line| line.contains('"') && !line.trim_start().starts_with("//")) {
            if !counts_one_as_many(line) || line.contains("println!") {
                continue;
            }
            match NEVER_ONE.iter().find(|(file, words)| shown == *file && line.contains(words)) {
                Some(known) => _ = allowed.insert(known),
                None => found.push(format!("{shown}: {}", line.trim())),
            }
        }
    }
    assert!(found.is_empty(), "say `counted`:\n{}", found.join("\n"));
    let gone: Vec<_> = NEVER_ONE.iter().filter(|known| !allowed.contains(known)).collect();
    assert!(gone.is_empty(), "no line says this any more: {gone:?}");
    // And what programs printed into a guide.
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        let mut words = text.split_whitespace().zip(text.split_whitespace().skip(1));
        let wrong = words
            .find(|(one, many)| *one == "1" && COUNTED.contains(&many.trim_end_matches([',', '.', ';', ':', ')'])));
        assert!(wrong.is_none(), "{}: {wrong:?}", page.display());
    }
}
