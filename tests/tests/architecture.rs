//! The crates depend on one another as ARCHITECTURE.md draws it, arrow by arrow, and a party links nothing that it mustn't.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    process::Command,
};

/// Crates by folder, each with the folders of its normal dependencies.
type Arrows = BTreeMap<String, BTreeSet<String>>;

fn cargo(arguments: &[&str]) -> Vec<u8> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let output = Command::new(cargo).args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// What the manifests say.
fn built() -> Arrows {
    let metadata: Value =
        serde_json::from_slice(&cargo(&["metadata", "--offline", "--no-deps", "--format-version", "1"])).unwrap();
    let root = Path::new(metadata["workspace_root"].as_str().unwrap());
    let folder = |path: &str| Path::new(path).strip_prefix(root).unwrap().to_str().unwrap().to_owned();
    let mut arrows = Arrows::new();
    for package in metadata["packages"].as_array().unwrap() {
        let manifest = Path::new(package["manifest_path"].as_str().unwrap());
        let of = folder(manifest.parent().unwrap().to_str().unwrap());
        let normal = package["dependencies"].as_array().unwrap().iter().filter(|d| d["kind"].is_null());
        let to = normal.filter_map(|d| d["path"].as_str()).map(folder).collect();
        arrows.insert(of, to);
    }
    arrows
}

/// What the table of crates in ARCHITECTURE.md draws; `None`: a crate that may depend on all.
fn drawn() -> BTreeMap<String, Option<BTreeSet<String>>> {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/ARCHITECTURE.md")).unwrap();
    let table = page.split("\n## ").find(|section| section.starts_with("Crates")).expect("a section Crates");
    let names = |cell: &str| -> Vec<String> { cell.split('`').skip(1).step_by(2).map(str::to_owned).collect() };
    let mut arrows = BTreeMap::new();
    for row in table.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let ["", crates, _, to, ""] = cells[..] else { panic!("a row has three cells: {row}") };
        for name in names(crates) {
            let to = (to != "all").then(|| names(to).into_iter().collect());
            assert!(arrows.insert(name.clone(), to).is_none(), "{name} stands twice");
        }
    }
    arrows
}

#[test]
fn crates_depend_on_one_another_as_the_page_draws() {
    let (built, drawn) = (built(), drawn());
    assert!(built.len() > 15, "the manifests themselves must be found");
    let folders: BTreeSet<_> = built.keys().filter(|folder| *folder != "contracts").collect();
    assert_eq!(folders, drawn.keys().collect(), "crates that are built, and crates of the page");
    for (of, to) in &built {
        let Some(Some(arrows)) = drawn.get(of) else { continue };
        assert_eq!(to, arrows, "{of}: what its manifest needs, and what the page draws");
    }
}

/// All crates that a package links, its dependencies' dependencies included. Build and test dependencies aren't linked.
fn linked(package: &str) -> BTreeSet<String> {
    let tree = cargo(&["tree", "--offline", "--edges", "normal", "--prefix", "none", "--format", "{p}", "-p", package]);
    let tree = String::from_utf8(tree).unwrap();
    tree.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

/// A page can hold what a holder and an auditor run: no database, no EVM, no proving.
#[test]
fn a_page_links_no_database_and_no_evm() {
    for package in ["sealroot-holder", "sealroot-auditor"] {
        let linked = linked(package);
        for heavy in ["sqlx", "revm", "tokio", "sealroot-vault", "sealroot-prover", "sealroot-circuits"] {
            assert!(!linked.contains(heavy), "{package} links {heavy}");
        }
    }
    for package in ["sealroot-agency", "sealroot-prover-party", "sealroot-office", "sealroot-officer"] {
        assert!(!linked(package).contains("revm"), "{package} links the embedded chain");
    }
    assert!(linked("sealroot").contains("revm"), "the search itself must work");
}
