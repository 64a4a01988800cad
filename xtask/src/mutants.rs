//! Mutation testing with cargo-mutants: each mutant is a small change of the code, and a test should fail because of it. What survives is a check
//! that no test guards, or a change without effect; docs/MUTANTS.md lists both.

use crate::run::Step;

/// What is mutated, and whose tests should notice.
struct Target {
    name: &'static str,
    package: &'static str,
    files: &'static [&'static str],
}

const TARGETS: &[Target] = &[
    Target { name: "verifier", package: "sealroot-verifier", files: &["verifier/src/**"] },
    Target { name: "obligations", package: "sealroot-circuits", files: &["circuits/src/obligation/**"] },
    Target {
        name: "statement",
        package: "sealroot-protocol",
        files: &[
            "protocol/src/machine/**",
            "protocol/src/claim/**",
            "protocol/src/outcome/**",
            "protocol/src/facts/record.rs",
            "protocol/src/facts/tree.rs",
            "protocol/src/hash/**",
            "protocol/src/law/scope.rs",
            "protocol/src/encoding/canonical.rs",
            "protocol/src/encoding/field.rs",
        ],
    },
    Target { name: "sealing", package: "sealroot-vault", files: &["vault/src/keys/**"] },
];

/// Runs one target, or all of them; `shard` is `K/N` of its mutants, for several machines or an hour to spare.
pub fn run(name: Option<&str>, shard: Option<&str>) -> Result<(), String> {
    let known = || TARGETS.iter().map(|target| target.name).collect::<Vec<_>>().join(", ");
    let chosen: Vec<&Target> = TARGETS.iter().filter(|target| name.is_none_or(|name| target.name == name)).collect();
    if chosen.is_empty() {
        return Err(format!("there is no such target; there are {}", known()));
    }
    for target in chosen {
        let mut step = Step::cargo(target.name, "mutants --no-shuffle --package").arg(target.package);
        for files in target.files {
            step = step.args("--file").arg(files);
        }
        if let Some(shard) = shard {
            step = step.args("--shard").arg(shard);
        }
        step.run()?;
    }
    Ok(())
}
