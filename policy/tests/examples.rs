//! The example policies: they compile, their cases hold, compiled rules and cel's interpreter agree around every
//! boundary.
#![allow(clippy::unwrap_used, clippy::panic)]

use sealroot_policy::{Compiled, Language, Usage};
use sealroot_protocol::machine::{Shape, ValidWords};
use sealroot_testing::{cases, policies::laws, seed};

fn example(file: &str) -> Compiled {
    laws::compiled(&format!("heating-allowance/{file}")).unwrap_or_else(|e| panic!("{e}"))
}

fn check(file: &str, usage: Usage) -> Compiled {
    let compiled = example(file);
    let cases: usize = cases(1000);
    let report = compiled.check(cases, seed(1));
    let problems: Vec<String> = report.problems.iter().map(ToString::to_string).collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert_eq!(report.usage, usage, "{file}");
    assert!(report.compared * 10 >= cases * 9, "{} of {cases} compared", report.compared);
    // what the words say is what was compiled
    let again = ValidWords::check(Shape::Solo, compiled.words().words().clone()).unwrap();
    assert_eq!(&again, compiled.words());
    again.check_schemas(compiled.schemas()).unwrap();
    compiled
}

#[test]
fn residence() {
    let usage =
        Usage { member_registers: [0, 0], registers: 0, conditions: 3, set_conditions: 1, pool: 2, requirements: 3 };
    let compiled = check("residence.policy.toml", usage);
    let disclosures = compiled.disclosures();
    let facts = |what: &str| {
        let found = disclosures.iter().find(|d| d.what == what)?;
        Some(found.facts.iter().map(|fact| fact.name.as_str()).collect::<Vec<_>>().join(" "))
    };
    assert_eq!(facts("decision").unwrap(), "birth_date district resident");
    assert_eq!(facts("other-district").unwrap(), "district");
    assert_eq!(facts("under-age"), None, "not revealed");
}

#[test]
fn income() {
    let usage =
        Usage { member_registers: [0, 0], registers: 4, conditions: 1, set_conditions: 0, pool: 0, requirements: 1 };
    let compiled = check("income.policy.toml", usage);
    assert_eq!(compiled.disclosures()[1].facts.len(), 13, "the amount depends on every month and on employment");
}

/// A case that doesn't hold is found, with its line.
#[test]
fn a_wrong_case_is_found() {
    for (from, to, problem) in [
        ("amount = \"451.99\"", "amount = \"452.00\"", "expected outputs"),
        ("reasons = [\"income-over-ceiling\"]", "reasons = []", "expected failed requirements"),
        ("value = \"24000.00\"", "value = \"24000.01\"", "expected decision false"),
        ("income = \"800.00\"", "income = \"800\"", "amount in EUR with 2 decimals"),
        ("employed = false, income = \"0.00\"", "income = \"0.00\"", "the policy reads \"employed\""),
        ("employed = false, income = \"0.00\"", "employed = false, incomes = \"0.00\"", "no attribute \"incomes\""),
    ] {
        let compiled = laws::edited("heating-allowance/income.policy.toml", |original| {
            assert!(original.contains(from), "{from}");
            original.replacen(from, to, 1)
        });
        let report = compiled.unwrap().check(0, 1);
        assert!(report.problems.iter().any(|p| p.message.contains(problem)), "{to}: {:?}", report.problems);
        assert!(report.problems.iter().all(|p| p.line > 1), "{to}: the case's line");
    }
}

/// Both languages say every requirement, constant and definition; nothing is left in the policy's own syntax.
#[test]
fn explanations_are_words() {
    for file in ["residence.policy.toml", "income.policy.toml"] {
        let compiled = example(file);
        for language in [Language::En, Language::Zh] {
            let page = compiled.explain(language);
            for requirement in &compiled.text().requirements {
                assert!(page.contains(requirement.code.get_ref()));
            }
            for syntax in ["_", "&&", "||", "==", ">=", "<=", "?", "sum(", "age("] {
                assert!(!page.contains(syntax), "{syntax} in\n{page}");
            }
        }
    }
    let english = example("income.policy.toml").explain(Language::En);
    assert!(
        english.contains("Income of the twelve months is at most income ceiling for twelve months (24,000.00 EUR)"),
        "{english}"
    );
    let chinese = example("residence.policy.toml").explain(Language::Zh);
    assert!(chinese.contains("按出生日期计算年满成年年龄（18 周岁）"), "{chinese}");
}
