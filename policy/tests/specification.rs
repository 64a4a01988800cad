//! The examples of `docs/spec/policy-language.md` are what they say: they compile, their cases hold, both opinions agree.
#![allow(clippy::unwrap_used, clippy::panic)]

use sealroot_policy::{Compiled, CompilerVersion, Language, PolicySource, SchemaRequest, Usage, compile_with};
use sealroot_protocol::field::Digest;
use sealroot_protocol::schema::Schema;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// Files by name, as the page shows them.
fn files() -> BTreeMap<String, String> {
    let page =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/spec/policy-language.md")).unwrap();
    let mut files = BTreeMap::new();
    for block in page.split("```toml\n").skip(1) {
        let text = block.split("```").next().unwrap();
        let name = text.lines().next().unwrap().strip_prefix("# file: ").unwrap();
        files.insert(name.to_owned(), text.to_owned());
    }
    files
}

fn example(name: &str) -> Compiled {
    example_with(CompilerVersion::NEWEST, name)
}

fn example_with(version: CompilerVersion, name: &str) -> Compiled {
    let files = files();
    let schemas = |request: SchemaRequest<'_>| Schema::from_toml(&files[request.reference]).map_err(|e| e.to_string());
    compile_with(version, &PolicySource { file: name.to_owned(), text: files[name].clone() }, &schemas)
        .unwrap_or_else(|e| panic!("{e}"))
}

fn check(name: &str) -> Compiled {
    let compiled = example(name);
    let report = compiled.check(300, 1);
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    assert!(report.warnings.is_empty(), "{:?}", report.warnings);
    assert!(report.compared > 280, "{}", report.compared);
    compiled
}

#[test]
fn one_person() {
    let compiled = check("rent-support.policy.toml");
    // the requirement that isn't revealed is two of the machine: no register for its OR of an AND
    let usage = Usage { registers: 5, conditions: 4, requirements: 3, ..Usage::default() };
    assert_eq!(compiled.usage(), usage);
    let reasons = compiled.policy(Digest([0; 32])).reasons;
    assert_eq!(reasons, ["under-age", "income-over-ceiling", "income-over-ceiling"]);
    let amount = compiled.disclosures().remove(1);
    assert_eq!(amount.gives_away().map(|fact| fact.name.as_str()), Some("rent"));
}

#[test]
fn household() {
    let compiled = check("child-supplement.policy.toml");
    let usage = Usage { member_registers: [6, 1], registers: 4, conditions: 4, requirements: 3, ..Usage::default() };
    assert_eq!(compiled.usage(), usage);
    let english = compiled.explain(Language::En);
    for phrase in [
        "Child supplement\nA monthly amount per child",
        "- tax-office: earnings (each member's record; facts from the month that is 12 months before the claimed period)",
        "- Whose: one household of 1 to 4 members",
        "one approval per household and period",
        "1. For every member: “resident” applies\n   If not: Somebody",
        "(a) for at least one member: “child under 6” applies",
        "the number of members for whom “adult” applies is 1",
        "Income of the household is at most “income limit by number of members” for the number of members",
        "- number of children: the number of members for whom (“born” applies and “adult” does not apply)",
        "- income of the household: the sum over all members of earnings that count",
        "((earnings minus free part of each adult's earnings (1,200.00 EUR)), but at least 0) if “adult” applies, otherwise 0",
        "income limit by number of members (from 2026-01-01)\n| number of members | value |",
        "| 4 | 43,000.00 EUR |",
        "| earnings (of each member) | 3 | – |",
        "| number of members | 1, 3 | – |",
        "| amount per month: at most for which members a condition holds |",
        "Not used for the decision: identity",
    ] {
        assert!(english.contains(phrase), "{phrase}\n{english}");
    }
    let chinese = compiled.explain(Language::Zh);
    for phrase in [
        "儿童补助\n为低收入家庭",
        "child-supplement 第 1 版",
        "每名成员均满足：符合“resident”",
        "满足“属于成年人”的成员人数为 1",
        "全体成员的计入的收入之和",
        "每户每期间一次",
    ] {
        assert!(chinese.contains(phrase), "{phrase}\n{chinese}");
    }
    for page in [english, chinese] {
        for syntax in [
            "&&",
            "||",
            "==",
            ">=",
            "<=",
            "?",
            "sum(",
            "age(",
            "m.",
            "members.a",
            "members.e",
            "members.f",
            "members.m",
        ] {
            assert!(!page.contains(syntax), "{syntax} in\n{page}");
        }
    }
}

/// Circuits, keys and other implementations depend on these: an example's words, and its manifest under the universal
/// key of digest 0.
#[test]
fn words_and_digests_are_pinned() {
    let digests = |version| {
        ["rent-support.policy.toml", "child-supplement.policy.toml"].map(|name| {
            let compiled = example_with(version, name);
            let json = serde_json::to_string(compiled.words().words()).unwrap();
            let manifest = compiled.policy(Digest([0; 32])).digest().unwrap();
            format!("{name} {} {manifest}", hex::encode(Sha256::digest(json.as_bytes())))
        })
    };
    assert_eq!(
        digests(CompilerVersion::One),
        [
            "rent-support.policy.toml a097e9b79c44d0ee233e7d7280a9cc4ce78356a45bb2c3f700daad325f96c981 \
             0x5400d3846b21f9412372857a4e273529c35cc4d6cdaad68cfedcc38e57ebfe47",
            "child-supplement.policy.toml fc63f154c7a445f2d68f40ef70079ccd9f0a4e19f2b40548f63b2143d3e31281 \
             0xd418c21f866b9613b8ccd3672d97e177db3f72d48f58d07ff02f6294b71fd48d",
        ]
    );
    assert_eq!(
        digests(CompilerVersion::Two),
        [
            "rent-support.policy.toml 7f57afe8ebf555a94368c4f046c344d23f0427aa912c3827ba85a304891d3765 \
             0xc0472c8e241e37ebc525f4b603a401a4dad25642fa235f3682275248bb37d936",
            "child-supplement.policy.toml fca2e6b5bdc77bbd9a58933e4184f42b50e7e525addde85f9d50f5296f879506 \
             0xb195ed10e12ef21c7d7920cee419814053098f475595c49d2529bd3390df7c36",
        ]
    );
}
