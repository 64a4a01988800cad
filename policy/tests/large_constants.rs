//! A constant of 2^40 or more that is summed over members: the number of members can't be multiplied by it, so it is a register of each.
#![allow(clippy::unwrap_used, clippy::panic)]

use sealroot_policy::{Compiled, CompilerVersion, Diagnostics, PolicySource, SchemaRequest, compile_with};
use sealroot_testing::policies::household::{head, requirement, schema};

/// 2^40 cents and a little more.
const LARGE: &str = "20000000000.00";

fn law(version: CompilerVersion, when: &str) -> Result<Compiled, Diagnostics> {
    let large = format!(
        "[parameter.large]\nvalue = \"{LARGE}\"\nunit = \"EUR\"\n[parameter.zero]\nvalue = \"0.00\"\nunit = \"EUR\"\n"
    );
    let text = head(1) + &large + &requirement("r", when);
    let find = |request: SchemaRequest<'_>| Ok(schema(request.reference));
    compile_with(version, &PolicySource { file: "test.policy.toml".to_owned(), text }, &find)
}

#[test]
fn what_the_first_version_sums_the_second_sums_too() {
    let mut apart = 0;
    for test in [
        "m.resident && m.role == 'child'",
        "m.resident || m.role == 'child'",
        "!(m.resident && m.role == 'child')",
        "m.savings > free || m.adult",
        "m.savings > free && m.adult",
        "!m.adult",
        "m.adult",
        "!(m.savings > free)",
        "m.role == 'child'",
        "m.role != 'child'",
    ] {
        for choice in [format!("({test}) ? large : zero"), format!("({test}) ? zero : large")] {
            let when = format!("sum(members.map(m, {choice})) >= large * 3");
            let versions = CompilerVersion::ALL.map(|version| law(version, &when));
            if versions[0].is_ok() {
                assert!(
                    versions[1].is_ok(),
                    "{when}: {}",
                    versions[1].as_ref().err().map_or_else(String::new, ToString::to_string)
                );
            }
            for law in versions.iter().flatten() {
                let report = law.check(200, 1);
                assert!(report.problems.is_empty() && report.compared > 100, "{when}: {:?}", report.problems);
            }
            apart += usize::from(versions[0].is_err() && versions[1].is_ok());
        }
    }
    println!("{apart} that only the second sums");
}
