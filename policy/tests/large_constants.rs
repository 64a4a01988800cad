//! A constant of 2^40 or more that is summed over members: the number of members can't be multiplied by it, so it is a register of each.
#![allow(clippy::unwrap_used, clippy::panic)]

use sealroot_policy::{Compiled, CompilerVersion, Diagnostics, PolicySource, SchemaRequest, compile_with};
use sealroot_protocol::machine::{Line, Op, Register};
use sealroot_testing::policies::household::{head, requirement, schema};

/// 2^40 cents and a little more.
const LARGE: &str = "20000000000.00";

fn law(version: CompilerVersion, sources: usize, when: &str) -> Result<Compiled, Diagnostics> {
    let large = format!(
        "[parameter.large]\nvalue = \"{LARGE}\"\nunit = \"EUR\"\n[parameter.zero]\nvalue = \"0.00\"\nunit = \"EUR\"\n"
    );
    let text = head(sources) + &large + &requirement("r", when);
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
        "!m.resident && m.savings > free",
        "!m.resident || m.savings > free",
        "!m.resident && m.savings <= free",
        "!m.adult",
        "m.adult",
        "!(m.savings > free)",
        "m.role == 'child'",
        "m.role != 'child'",
    ] {
        for choice in [format!("({test}) ? large : zero"), format!("({test}) ? zero : large")] {
            let when = format!("sum(members.map(m, {choice})) >= large * 3");
            let versions = CompilerVersion::ALL.map(|version| law(version, 1, &when));
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
    assert!(apart > 0, "the second sums more than the first");
}

/// Members who are no children are never fewer than none: counts of the same members are compared with each other.
#[test]
fn counts_of_members_are_no_less_than_none() {
    for when in [
        "by_size[min(7, size(members) - size(members.filter(m, m.adult)))] > rent",
        "by_size[min(7, size(members) - size(members.filter(m, m.savings > free && m.resident)))] > rent || social",
    ] {
        let law = law(CompilerVersion::Two, 1, when).unwrap_or_else(|e| panic!("{when}\n{e}"));
        let report = law.check(300, 1);
        assert!(report.problems.is_empty(), "{when}: {:?}", report.problems);
    }
}

/// The second version computes max(0, c − x) from the register of max(0, x − c): then c is left over, for each member.
#[test]
fn a_constant_that_is_left_over_is_summed() {
    for when in [
        "sum(members.map(m, max(0, m.wide - 2000000000000))) > sum(members.map(m, max(0, 2000000000000 - m.wide)))",
        "sum(members.map(m, max(0, 2000000000000 - m.wide))) > sum(members.map(m, max(0, m.wide - 2000000000000))) + 7",
        "sum(members.map(m, max(0, m.wide + 2000000000000) + max(0, -2000000000000 - m.wide))) > 9000000000000",
    ] {
        for version in CompilerVersion::ALL {
            let law = law(version, 2, when).unwrap_or_else(|e| panic!("{} {when}\n{e}", version.number()));
            let rules = law.words().rules();
            let is_apart = |register: &Register| match &register.line {
                Line::Integer(line) => register.op == Op::Identity && line.constant.unsigned_abs() >= 1 << 40,
                Line::Text(_) => false,
            };
            let apart = rules.members.iter().flatten().any(is_apart);
            assert_eq!(
                apart,
                version == CompilerVersion::Two,
                "{when}: what is left over is a register of each member"
            );
            let report = law.check(300, 1);
            assert!(report.problems.is_empty(), "{when}: {:?}", report.problems);
        }
    }
}
