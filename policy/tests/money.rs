//! Amounts in currencies with and without decimals, and periods that end before they start.
#![allow(clippy::unwrap_used, clippy::panic)]

use sealroot_policy::{Compiled, FactsError, GivenFacts, PolicySource, compile};
use sealroot_protocol::{date::Period, language::Language, schema::Schema};

const SCHEMA: &str = r#"
name = "income"
[[attribute]]
name = "gross"
kind = "money"
currency = "JPY"
min = 0
max = 100000000
"#;

const POLICY: &str = r#"
id = "aid"
version = 1
title = { en = "Aid", zh = "补助" }
legal_reference = "Test Act, section 1"
shape = "solo"
nullifier = "holder"
in_force = { from = "2026-01-01" }
[[source]]
name = "tax"
agency = "tax-office"
schema = "income.schema.toml"
period = "timeless"
[parameter.ceiling]
value = "300000"
unit = "JPY"
title = { en = "ceiling", zh = "上限" }
[[requirement]]
code = "over"
when = "gross <= ceiling"
message = { en = "Too much.", zh = "过多。" }
[[output]]
name = "amount"
value = "max(0, ceiling - gross)"
title = { en = "amount", zh = "金额" }
[[case]]
name = "half"
as_of = "2026-11-01"
facts = { gross = "150000" }
decision = true
outputs = { amount = "150000" }
"#;

fn compiled(policy: &str, schema: &str) -> Result<Compiled, String> {
    let source = PolicySource { file: "aid.policy.toml".into(), text: policy.into() };
    compile(&source, &|_| Schema::from_toml(schema).map_err(|e| e.to_string())).map_err(|e| e.to_string())
}

fn given(gross: &str) -> GivenFacts {
    GivenFacts { record: [("gross".to_owned(), vec![gross.to_owned()])].into(), members: Vec::new() }
}

fn november() -> Period {
    Period { start: "2026-11-01".parse().unwrap(), end: "2026-11-30".parse().unwrap() }
}

/// 150,000 yen were 1,500.00 before, and `150000.00` was 15,000,000 of them.
#[test]
fn amounts_have_as_many_decimals_as_their_currency() {
    for (code, ceiling, gross, rest, read) in [
        ("JPY", "300000", "150000", "150000", "300,000 JPY"),
        ("KWD", "300.000", "150.000", "150.000", "300.000 KWD"),
        ("EUR", "3000.00", "1500.00", "1500.00", "3,000.00 EUR"),
    ] {
        let text = |text: &str| text.replace("JPY", code).replace("300000", ceiling).replace("150000", gross);
        let law = compiled(&text(POLICY), &text(SCHEMA)).unwrap();
        let facts = law.facts(&given(gross), november().start, november()).unwrap();
        let outcome = law.evaluate(&facts).unwrap();
        let output = &outcome.outputs[0];
        assert_eq!((output.shown.as_str(), output.currency.as_deref()), (rest, Some(code)));
        assert_eq!(law.output_currency(0), Some(code));
        assert!(law.check(100, 1).problems.is_empty(), "the case is written in {code}");
        assert!(law.explain(Language::En).contains(read));
    }
}

#[test]
fn amounts_with_anothers_decimals_are_refused() {
    let law = compiled(POLICY, SCHEMA).unwrap();
    let error = law.facts(&given("1500.00"), november().start, november()).err().unwrap();
    assert!(error.to_string().contains("JPY, which has no decimals"), "{error}");
    let error = compiled(&POLICY.replace("\"300000\"", "\"3000.00\""), SCHEMA).unwrap_err();
    assert!(error.contains("JPY, which has no decimals"), "{error}");
}

#[test]
fn unknown_currencies_are_refused() {
    for code in ["XYZ", "XAU", "XXX"] {
        let error = compiled(&POLICY.replace("JPY", code), SCHEMA).unwrap_err();
        assert!(error.contains("is no currency of ISO 4217"), "{error}");
        let error = compiled(POLICY, &SCHEMA.replace("JPY", code)).unwrap_err();
        assert!(error.contains("ISO 4217"), "{error}");
    }
    let error = compiled(POLICY, &SCHEMA.replace("JPY", "KRW")).unwrap_err();
    assert!(error.contains("don't mix"), "{error}");
}

/// A case about such a period held, and `policy eval` answered.
#[test]
fn a_period_that_ends_before_it_starts_has_no_facts() {
    let law = compiled(POLICY, SCHEMA).unwrap();
    let backwards = Period { start: november().end, end: november().start };
    let error = law.facts(&given("150000"), november().start, backwards).err().unwrap();
    assert!(matches!(error, FactsError::Period { .. }), "{error}");

    let stated = "as_of = \"2026-11-01\"\nperiod = { start = \"2026-11-30\", end = \"2026-11-01\" }";
    let law = compiled(&POLICY.replace("as_of = \"2026-11-01\"", stated), SCHEMA).unwrap();
    let problems = law.check(10, 1).problems;
    assert!(problems[0].to_string().contains("ends on 2026-11-01, before it starts on 2026-11-30"), "{problems:?}");
    let one_day = Period { end: november().start, ..november() };
    assert!(law.facts(&given("150000"), november().start, one_day).is_ok());
}
