//! What must hold before anything lands. `.ci/run` installs the foreign tools, then calls this.

use crate::run::{Step, say};
use std::path::Path;

/// Runs every step, and prints their times together at the end, the longest first.
pub fn run() -> Result<(), String> {
    let modules = Path::new("tests/node/node_modules");
    let modules = modules.canonicalize().map_err(|e| {
        format!("{}: {e}; run `npm ci` in contracts/ and tests/node/, or `.ci/run`, which does", modules.display())
    })?;
    let steps = [
        Step::new("contract artefacts are what the sources compile to", "node", "build.mjs --check")
            .within("contracts"),
        Step::cargo(
            "licences, sources, bans",
            "deny --locked --offline check --hide-inclusion-graph bans licenses sources",
        ),
        Step::cargo("format", "fmt --all --check"),
        lean(Step::cargo("lints", "clippy --workspace --all-targets --quiet -- -D warnings")),
        // A skip is a failure here.
        lean(Step::cargo("tests", "test --workspace"))
            .env("SEALROOT_REQUIRE_ALL", "1")
            .env("SEALROOT_NODE_MODULES", &modules.display().to_string()),
    ];
    let mut times = Vec::new();
    for step in &steps {
        times.push((step.timed()?, step.command()));
    }
    times.sort_by(|a, b| b.cmp(a));
    say("\nTimes");
    for (time, command) in times {
        say(&format!("{:>7.0} s  {command}", time.as_secs_f64()));
    }
    Ok(())
}

/// Without what only a developer needs: line numbers in eighty test executables, and the compiler's notes for a next build.
fn lean(step: Step) -> Step {
    step.env("CARGO_PROFILE_DEV_DEBUG", "0").env("CARGO_INCREMENTAL", "0")
}
