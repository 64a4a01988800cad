//! The calculator says each step of a decision; its values are those of the cases, and its decision is the compiled rules'.
#![allow(clippy::unwrap_used, clippy::panic)]

use sealroot_policy::{Calculation, Language, Sampler, StepKind};
use sealroot_protocol::machine::Shape;
use sealroot_testing::policies::{laws, random::Generator};
use sealroot_testing::{cases, seed};

fn of_case(law: &str, case: &str, language: Language) -> Calculation {
    let law = laws::compiled(law).unwrap_or_else(|e| panic!("{e}"));
    let facts = laws::cases(&law).unwrap().into_iter().find(|(name, _)| name == case);
    law.calculate(&facts.unwrap_or_else(|| panic!("no case {case}")).1, language).unwrap()
}

/// The value of a step; of a member, if it has a number.
fn value<'c>(calculation: &'c Calculation, name: &str, member: Option<usize>) -> &'c str {
    let step =
        calculation.steps.iter().find(|step| step.name == name && step.member == member && step.kind != StepKind::Fact);
    &step.unwrap_or_else(|| panic!("no step {name}")).value
}

/// Every case of every example: decision, failed requirements and outputs are as the case has them, and every definition has a value.
#[test]
fn every_case_is_calculated_as_it_is_decided() {
    for name in laws::names().unwrap() {
        let law = laws::compiled(&name).unwrap_or_else(|e| panic!("{e}"));
        for (case, (title, facts)) in law.text().cases.iter().zip(laws::cases(&law).unwrap()) {
            for language in Language::ALL {
                let calculation = law.calculate(&facts, language).unwrap();
                assert_eq!(calculation.decision, case.decision, "{name}, {title}");
                let steps = |kind| calculation.steps.iter().filter(move |step| step.kind == kind);
                let mut failed: Vec<_> =
                    steps(StepKind::Requirement).filter(|s| s.holds == Some(false)).map(|s| &s.name).collect();
                let mut expected: Vec<_> = case.reasons.iter().collect();
                failed.sort();
                expected.sort();
                assert_eq!(failed, expected, "{name}, {title}");
                assert_eq!(steps(StepKind::Output).count(), case.outputs.len(), "{name}, {title}");
                for step in &calculation.steps {
                    assert!(
                        !step.value.is_empty() && !step.value.contains("too large"),
                        "{name}, {title}: {}",
                        step.name
                    );
                    assert_eq!(step.rule.is_empty(), step.kind == StepKind::Fact, "{name}, {title}: {}", step.name);
                }
            }
        }
    }
}

/// 20 % of 2,000.00 and 30 % rounded up to whole dollars, as somebody with a pencil has it.
#[test]
fn steps_are_said_in_words_and_units() {
    let law = laws::compiled("heating-allowance/income.policy.toml").unwrap();
    let (case, facts) =
        laws::cases(&law).unwrap().into_iter().find(|(_, f)| law.calculate(f, Language::En).unwrap().decision).unwrap();
    let calculation = law.calculate(&facts, Language::En).unwrap();
    let page = calculation.page().to_text();
    assert!(page.starts_with("Heating allowance: income and amount\nAll requirements hold.\n"), "{case}: {page}");
    for phrase in [
        "\nFacts\n- In employment: ",
        " EUR\n",
        "\nWhat follows from them\n- ",
        "   Result: ",
        "   Holds.\n",
        "\nWhat an approval shows\n",
    ] {
        assert!(page.contains(phrase), "{phrase}\n{page}");
    }
    let chinese = law.calculate(&facts, Language::Zh).unwrap().page();
    let text = chinese.to_text();
    for phrase in ["符合全部条件。", "\n计算过程\n", "   结果：", " 欧元\n", "   符合。\n"] {
        assert!(text.contains(phrase), "{phrase}\n{text}");
    }
    assert!(chinese.to_html().contains("<html lang=\"zh-Hans\">"));
    // housing's whole euros are said in the allowance, not as a number of its own
    let law = laws::compiled("housing-allowance/housing-allowance.policy.toml").unwrap();
    let (_, facts) = laws::cases(&law).unwrap().remove(0);
    let calculation = law.calculate(&facts, Language::En).unwrap();
    assert!(calculation.steps.iter().all(|step| step.name != "whole_euros"));
    assert!(value(&calculation, "allowance", None).ends_with(".00 EUR"), "{}", value(&calculation, "allowance", None));
}

#[test]
fn a_requirement_that_fails_says_its_message_and_nothing_is_paid() {
    let law = "parenting-allowance/parenting-allowance.policy.toml";
    let compiled = laws::compiled(law).unwrap();
    let failing = compiled.text().cases.iter().find(|case| case.reasons == ["no-young-child"]).unwrap();
    let calculation = of_case(law, failing.name.get_ref(), Language::En);
    assert_eq!(value(&calculation, "under_6", Some(1)), "no");
    assert!(calculation.steps.iter().all(|step| step.kind != StepKind::Output));
    let page = calculation.page().to_text();
    assert!(page.contains("Not all requirements hold."), "{page}");
    assert!(
        page.contains("   Does not hold: There is no child under 6, nor under 8 with a single parent.\n"),
        "{page}"
    );
    assert!(page.contains("- member 1, child under 6: "), "{page}");
}

/// Also where cel's 64 bits overflow, the decision is the compiled rules'.
#[test]
fn random_policies_are_calculated_as_they_are_decided() {
    let all: usize = cases(400);
    for shape in [Shape::Solo, Shape::Household] {
        let mut generator = Generator::new(seed(1));
        for round in 0..all / 2 {
            let (law, _) = generator.compiled(shape);
            let facts = Sampler::new(&law, round as u64).facts();
            let (outcome, calculation) = (law.evaluate(&facts).unwrap(), law.calculate(&facts, Language::Zh).unwrap());
            assert_eq!(calculation.decision, outcome.decision);
            let failed = calculation.steps.iter().filter(|step| step.holds == Some(false)).count();
            assert_eq!(failed, outcome.failed.len());
            let shown = calculation.steps.iter().filter(|step| step.kind == StepKind::Output).count();
            assert_eq!(shown, outcome.outputs.len());
        }
    }
}
