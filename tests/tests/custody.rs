//! The holder's secret key has one home: no program of a prover, an agency, an office, an officer or an auditor links the crate that can hold it.

#![allow(clippy::unwrap_used)]

use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Crates that must not reach the wallet; beside them every party but the holder.
const WITHOUT_THE_WALLET: [&str; 9] = [
    "sealroot-lanes",
    "sealroot-protocol",
    "sealroot-circuits",
    "sealroot-verifier",
    "sealroot-prover",
    "sealroot-handover",
    "sealroot-requests",
    "sealroot-vault",
    "sealroot-chain",
];

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The triple that tests are compiled for.
fn host() -> String {
    let output = Command::new("rustc").arg("-vV").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_owned()
}

/// Normal dependencies alone: what is linked into a program. A test may sign, and links the wallet for it.
#[test]
fn no_prover_or_agency_links_the_wallet() {
    let output = Command::new(env!("CARGO"))
        // Of this machine alone: what other systems would link needn't be here.
        .args(["metadata", "--format-version", "1", "--offline", "--locked", "--filter-platform", &host()])
        .current_dir(workspace())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let list = |value: &Value| value.as_array().unwrap().clone();
    let text = |value: &Value| value.as_str().unwrap().to_owned();

    let mut names = BTreeMap::new();
    let mut checked = BTreeSet::new();
    for package in list(&metadata["packages"]) {
        let (id, name) = (text(&package["id"]), text(&package["name"]));
        let folder = Path::new(package["manifest_path"].as_str().unwrap()).parent().unwrap().to_owned();
        let a_party = folder.parent() == Some(&workspace().join("parties"));
        if WITHOUT_THE_WALLET.contains(&name.as_str()) || a_party && !folder.ends_with("holder") {
            checked.insert(id.clone());
        }
        names.insert(id, name);
    }
    for name in WITHOUT_THE_WALLET {
        assert!(checked.iter().any(|id| names[id] == name), "{name} is no crate of the workspace any more");
    }

    let mut arrows: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for node in list(&metadata["resolve"]["nodes"]) {
        let linked = list(&node["deps"])
            .into_iter()
            .filter(|dependency| list(&dependency["dep_kinds"]).iter().any(|kind| kind["kind"].is_null()));
        arrows.insert(text(&node["id"]), linked.map(|dependency| text(&dependency["pkg"])).collect());
    }
    let reached = |from: &String| {
        let (mut seen, mut next) = (BTreeSet::from([from.clone()]), vec![from.clone()]);
        while let Some(id) = next.pop() {
            next.extend(arrows[&id].iter().filter(|id| seen.insert((*id).clone())).cloned());
        }
        seen
    };
    let wallet = names.iter().find(|(_, name)| *name == "sealroot-wallet").unwrap().0;
    for id in &checked {
        assert!(!reached(id).contains(wallet), "{} links the wallet", names[id]);
    }
    let demo = names.iter().find(|(_, name)| *name == "sealroot").unwrap().0;
    assert!(reached(demo).contains(wallet), "the walk sees what is linked");
}

/// The type that holds it is defined in the wallet, once.
#[test]
fn the_secret_key_is_defined_in_the_wallet_alone() {
    let mut found = Vec::new();
    let mut folders = vec![workspace()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && !matches!(name.as_str(), "target" | "node_modules") && !name.starts_with('.') {
                folders.push(path);
            } else if name.ends_with(".rs") && path != workspace().join(file!()) {
                let text = fs::read_to_string(&path).unwrap();
                let defines = ["struct SecretKey(", "struct SecretKey {", "struct SecretKey<", "enum SecretKey {"];
                if defines.iter().any(|definition| text.contains(definition)) {
                    found.push(path.strip_prefix(workspace()).unwrap().to_owned());
                }
            }
        }
    }
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("wallet/src"), "{found:?}");
}
