//! Formulas of benefit law: brackets, days and rates against answers that public sources give; and what is said of them when they are wrong.
#![allow(clippy::unwrap_used, clippy::panic)]

use sealroot_policy::{Compiled, FactsError, GivenFacts};
use sealroot_protocol::date::{Date, Period};
use sealroot_testing::policies::person::{HEAD, compile_text, policy};

fn facts(compiled: &Compiled, facts: &[(&str, &str)], as_of: &str) -> Result<sealroot_policy::PlainFacts, FactsError> {
    let as_of: Date = as_of.parse().unwrap();
    let record = facts.iter().map(|(name, value)| ((*name).to_owned(), vec![(*value).to_owned()])).collect();
    let month = Period { start: as_of.month().first_day(), end: as_of.month().last_day() };
    compiled.facts(&GivenFacts { record, members: Vec::new() }, as_of, month)
}

/// The output of an approval.
fn output(value: &str, given: &[(&str, &str)], as_of: &str) -> String {
    let compiled = policy("employed", Some(value)).unwrap_or_else(|e| panic!("{value}\n{e}"));
    let given: Vec<_> = given.iter().copied().chain([("employed", "true")]).collect();
    let facts = facts(&compiled, &given, as_of).unwrap_or_else(|e| panic!("{value}: {e}"));
    compiled.evaluate(&facts).unwrap().outputs[0].shown.clone()
}

/// Income tax of England, 2024-25: 20 % from 12,570, 40 % from 50,270, 45 % from 125,140 (gov.uk, "Income Tax rates and Personal Allowances"), without the taper of the
/// allowance. 60,000 is taxed with 7,540.00 and 3,892.00.
#[test]
fn each_bracket_takes_of_its_part() {
    let brackets = "\n[parameter.bands]\nvalue = [\"12570.00\", \"50270.00\", \"125140.00\"]\nunit = \"EUR\"\n[parameter.taxed]\nvalue = [20, 40, 45]\n";
    let text = format!(
        "{HEAD}{brackets}[[requirement]]\ncode = \"r\"\nwhen = \"employed\"\nmessage = {{ en = \"no\", zh = \"否\" }}\n\
         [[output]]\nname = \"tax\"\nvalue = \"floor(marginal(pay_01, bands, taxed) / 100)\"\ntitle = {{ en = \"tax\", zh = \"税\" }}\n"
    );
    let compiled = compile_text(text).unwrap();
    for (income, tax) in [
        ("0.00", "0.00"),
        ("12570.00", "0.00"),
        ("12570.05", "0.01"),
        ("50270.00", "7540.00"),
        ("60000.00", "11432.00"),
        ("125140.00", "37488.00"),
        ("200000.00", "71175.00"),
    ] {
        let facts = facts(&compiled, &[("employed", "true"), ("pay_01", income)], "2026-05-01").unwrap();
        assert_eq!(compiled.evaluate(&facts).unwrap().outputs[0].shown, tax, "{income}");
    }
}

#[test]
fn a_step_begins_at_its_bound() {
    for (rent, amount) in [
        ("0.00", "0.00"),
        ("499.99", "0.00"),
        ("500.00", "35.00"),
        ("999.99", "35.00"),
        ("1000.00", "80.00"),
        ("2500.00", "20.00"),
        ("100000.00", "20.00"),
    ] {
        assert_eq!(output("step(rent, bounds, amounts)", &[("rent", rent)], "2026-05-01"), amount, "{rent}");
    }
}

#[test]
fn rows_and_columns_meet_in_their_entry() {
    for (status, children, amount) in
        [("single", "0", "10.00"), ("single", "2", "40.00"), ("married", "1", "25.00"), ("divorced", "7", "41.00")]
    {
        let given = [("status", status), ("children", children)];
        assert_eq!(output("grid[status][min(children, 2)]", &given, "2026-05-01"), amount, "{status} {children}");
        assert_eq!(output("grid['married'][min(children, 2)]", &given, "2026-05-01").len(), 5);
    }
}

/// Days by the calendar: the leap days of 2000 and 2024, none in 1900 and 2100, the ends of months.
#[test]
fn days_are_counted_by_the_calendar() {
    for (born, days) in [
        ("2026-05-01", 0),
        ("2026-04-30", 1),
        ("2026-03-01", 61),
        ("2026-02-28", 62),
        ("2024-02-29", 792),
        ("2024-02-28", 793),
        ("2023-12-31", 852),
        ("2000-02-29", 9558),
        ("2000-03-01", 9557),
        ("1970-01-01", 20_574),
        ("1900-03-01", 46_082),
        ("1900-02-28", 46_083),
        ("1600-02-29", 155_655),
    ] {
        assert_eq!(
            output("max(0, days_between(born, as_of))", &[("born", born)], "2026-05-01"),
            days.to_string(),
            "{born}"
        );
        // Of a written day, both ways.
        let both = "max(0, days_between(born, start)) + max(0, days_between(start, born))";
        let (born_day, start) = (born.parse::<Date>().unwrap(), "2020-02-29".parse::<Date>().unwrap());
        let apart = (born_day.day_number() - start.day_number()).abs();
        assert_eq!(output(both, &[("born", born)], "2026-05-01"), apart.to_string(), "{born}");
    }
    for (as_of, days) in [("2026-02-10", "28"), ("2028-02-10", "29"), ("2026-04-30", "30"), ("2026-12-01", "31")] {
        assert_eq!(output("day(period_end)", &[], as_of), days);
        assert_eq!(output("month(period_end)", &[], as_of), as_of[5..7].trim_start_matches('0'));
    }
}

/// 20 CFR 416.421: of the month in which somebody applies, the days from the application on. 30 days of April from the 11th are 20.
#[test]
fn a_first_month_is_paid_by_days() {
    let prorated = "max(0, floor(limit * (day(period_end) - day(born) + 1) / 30))";
    assert_eq!(output(prorated, &[("born", "2026-04-11")], "2026-04-01"), "666.66");
    assert_eq!(output(prorated, &[("born", "2026-04-01")], "2026-04-01"), "1000.00");
    assert_eq!(output("rate * children", &[("children", "3")], "2026-04-01"), "37.50");
    assert_eq!(output("limit * children", &[("children", "3")], "2026-04-01"), "3000.00");
}

/// Another version of the law decides such a period: an answer by this one would be wrong whatever it is.
#[test]
fn a_period_outside_the_policys_dates_has_no_answer() {
    let ending = HEAD.replace("from = \"2026-01-01\"", "from = \"2026-01-01\"\nuntil = \"2026-12-31\"");
    let rule = "[[requirement]]\ncode = \"r\"\nwhen = \"employed\"\nmessage = { en = \"no\", zh = \"否\" }\n";
    let case = "[[case]]\nname = \"too early\"\nas_of = \"2025-12-31\"\nfacts = { employed = true }\ndecision = true\n";
    let compiled = compile_text(format!("{ending}{rule}{case}")).unwrap();
    for (as_of, answered) in [("2025-12-31", false), ("2026-01-01", true), ("2026-12-31", true), ("2027-01-01", false)]
    {
        let given = facts(&compiled, &[("employed", "true")], as_of);
        assert_eq!(given.is_ok(), answered, "{as_of}");
        if let Err(error) = given {
            assert!(error.to_string().contains("in force from 2026-01-01 until 2026-12-31"), "{error}");
        }
    }
    let problems = compiled.check(0, 1).problems;
    assert!(problems.len() == 1 && problems[0].message.contains("the period begins on 2025-12-01"), "{problems:?}");
}

/// One mistake is one error, however often what is wrong is used.
#[test]
fn what_follows_from_a_mistake_is_not_reported() {
    let rule = |when: &str| {
        format!("[[requirement]]\ncode = \"{when}\"\nwhen = \"{when}\"\nmessage = {{ en = \"no\", zh = \"否\" }}\n")
    };
    let wrong = "[parameter.broken]\nvalue = \"12.345\"\nunit = \"EUR\"\n[definition.twice]\nvalue = \"broken +\"\n";
    let text = format!("{HEAD}{wrong}{}{}{}", rule("rent <= broken"), rule("rent > broken * 2"), rule("rent > twice"));
    let found = compile_text(text).map(drop).unwrap_err().0;
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found.iter().all(|d| !d.message.contains("no attribute")), "{found:?}");
}

#[test]
fn a_case_names_reasons_that_there_are() {
    let text = format!(
        "{HEAD}[[requirement]]\ncode = \"not-employed\"\nwhen = \"employed\"\nmessage = {{ en = \"no\", zh = \"否\" }}\n\
         [[case]]\nname = \"out of work\"\nas_of = \"2026-05-01\"\nfacts = {{ employed = false }}\ndecision = false\nreasons = [\"unemployed\"]\n"
    );
    let problems = compile_text(text).unwrap().check(0, 1).problems;
    assert!(
        problems.len() == 1 && problems[0].message.contains("no requirement has the code \"unemployed\""),
        "{problems:?}"
    );
}

/// "Under 6" holds for a child that is expected next year, too.
#[test]
fn rules_that_hold_for_the_unborn_are_pointed_out() {
    for (when, warned) in [
        ("age(born) < 6", true),
        ("age_in_months(born) <= 30", true),
        ("years_between(born, as_of) < 6", true),
        ("6 > age(born)", true),
        ("age(born) < 6 && born <= as_of", false),
        ("age(born) < 65 && age(born) >= 18", false),
        ("age(born) >= 18", false),
        ("years_between(start, born) < 6", false),
        ("year(as_of) - year(born) < 6", true),
        ("month_number(as_of) - month_number(born) <= 30", true),
        ("as_of_day - day_number(born) < 2000", true),
        ("as_of_day - since < 2000", true),
        ("year(as_of) - year(born) < 6 && born <= as_of", false),
        ("year(as_of) - year(born) < 6 && year(as_of) - year(born) >= 0", true),
        ("year(as_of) - year(born) < 65 && year(as_of) - year(born) >= 18", false),
        ("years < 6", true),
        ("whole_years < 6", true),
        ("whole_years < 6 && years >= 0", false),
        ("years >= 18", false),
    ] {
        let named = "[definition.years]\nvalue = \"age(born)\"\n[definition.whole_years]\nvalue = \"years\"\n";
        let rule =
            format!("[[requirement]]\ncode = \"r\"\nwhen = '''{when}'''\nmessage = {{ en = \"no\", zh = \"否\" }}\n");
        let law = compile_text(format!("{HEAD}{named}{rule}")).unwrap_or_else(|e| panic!("{when}\n{e}"));
        let warnings = law.check(0, 1).warnings;
        assert_eq!(warnings.iter().any(|w| w.message.contains("after the reference day")), warned, "{when}");
    }
}

/// The law in the reader's language; a language of the title that has no citation is missing.
#[test]
fn a_law_is_cited_in_several_languages() {
    let rule = "[[requirement]]\ncode = \"r\"\nwhen = \"employed\"\nmessage = { en = \"no\", zh = \"否\" }\n";
    let cited = |texts: &str| compile_text(HEAD.replace("legal_reference = \"none\"", texts) + rule);
    let both = cited("legal_reference = { en = \"Interim Measures\", zh = \"社会救助暂行办法\" }").unwrap();
    assert!(both.check(0, 1).problems.is_empty());
    for (language, law) in
        [(sealroot_policy::Language::En, "Interim Measures"), (sealroot_policy::Language::Zh, "社会救助暂行办法")]
    {
        assert!(both.explain(language).contains(law));
        assert_eq!(both.text().legal_reference.pick(language), law);
    }
    let problems = cited("legal_reference = { en = \"Interim Measures\" }").unwrap().check(0, 1).problems;
    assert!(
        problems.len() == 1 && problems[0].message.contains("the legal reference is missing in: zh"),
        "{problems:?}"
    );
    let error = cited("legal_reference = 3").map(drop).unwrap_err().to_string();
    assert!(error.contains("a text, or texts by language"), "{error}");
}
