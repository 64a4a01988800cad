//! Dates, roundings and limits at their boundaries, against answers worked out by hand.
#![allow(clippy::unwrap_used, clippy::panic)]

use sealroot_policy::{Compiled, GivenFacts, GivenRecord};
use sealroot_protocol::date::{Date, Period};
use sealroot_testing::policies::{
    household,
    person::{self, policy},
};

fn given(facts: &[(&str, &str)]) -> GivenRecord {
    facts.iter().map(|(name, value)| ((*name).to_owned(), vec![(*value).to_owned()])).collect()
}

/// Whether it is approved, and the first output.
fn answer(compiled: &Compiled, facts: GivenFacts, as_of: &str) -> (bool, Option<String>) {
    let as_of: Date = as_of.parse().unwrap();
    let facts = compiled.facts(&facts, as_of, Period { start: as_of, end: as_of }).unwrap_or_else(|e| panic!("{e}"));
    let outcome = compiled.evaluate(&facts).unwrap();
    (outcome.decision, outcome.outputs.first().map(|o| o.shown.clone()))
}

fn of_person(compiled: &Compiled, facts: &[(&str, &str)], as_of: &str) -> (bool, Option<String>) {
    answer(compiled, GivenFacts { record: given(facts), members: Vec::new() }, as_of)
}

/// Born, judged on, whole years, whole months, calendar months between.
const AGES: [(&str, &str, u32, u32, u32); 18] = [
    ("2026-05-01", "2026-05-01", 0, 0, 0),
    ("2026-04-30", "2026-05-01", 0, 0, 1),
    ("2026-04-01", "2026-05-01", 0, 1, 1),
    ("2025-05-02", "2026-05-01", 0, 11, 12),
    ("2008-05-01", "2026-05-01", 18, 216, 216),
    ("2008-05-02", "2026-05-01", 17, 215, 216),
    ("2008-04-30", "2026-05-01", 18, 216, 217),
    ("2008-02-29", "2026-02-28", 17, 215, 216),
    ("2008-02-29", "2026-03-01", 18, 216, 217),
    ("2008-02-29", "2028-02-28", 19, 239, 240),
    ("2008-02-29", "2028-02-29", 20, 240, 240),
    ("2008-02-28", "2028-02-29", 20, 240, 240),
    ("2008-03-01", "2028-02-29", 19, 239, 239),
    ("2025-12-31", "2026-01-01", 0, 0, 1),
    ("2026-01-31", "2026-02-28", 0, 0, 1),
    ("2026-01-31", "2026-03-01", 0, 1, 2),
    ("1925-05-02", "2026-05-01", 100, 1211, 1212),
    ("1900-01-01", "2026-12-31", 126, 1523, 1523),
];

#[test]
fn ages_turn_on_their_day() {
    for (born, as_of, years, months, between) in AGES {
        for (value, expected) in [
            ("max(0, age(born))", years),
            ("max(0, age_in_months(born))", months),
            ("max(0, month_number(as_of) - month_number(born))", between),
        ] {
            let compiled = policy("employed", Some(value)).unwrap();
            let found = of_person(&compiled, &[("employed", "true"), ("born", born)], as_of);
            assert_eq!(found, (true, Some(expected.to_string())), "{value} of {born} on {as_of}");
        }
        // as conditions, which need no register for the division
        for (when, expected) in [
            (format!("age(born) >= {years} && age(born) < {}", years + 1), true),
            (format!("age(born) == {}", years + 1), false),
            (format!("age_in_months(born) == {months}"), true),
            (format!("age_in_months(born) > {months}"), false),
        ] {
            let compiled = policy(&when, None).unwrap();
            assert_eq!(of_person(&compiled, &[("born", born)], as_of).0, expected, "{when} of {born} on {as_of}");
        }
    }
}

#[test]
fn roundings_are_the_laws() {
    for (balance, by, floor, ceil, half_up) in [
        ("0.00", 3, 0, 0, 0),
        ("0.01", 3, 0, 1, 0),
        ("0.02", 3, 0, 1, 1),
        ("0.03", 3, 1, 1, 1),
        ("-0.01", 3, -1, 0, 0),
        ("-0.02", 3, -1, 0, -1),
        ("0.01", 2, 0, 1, 1),
        ("-0.01", 2, -1, 0, 0),
        ("-0.03", 2, -2, -1, -1),
        ("0.05", 10, 0, 1, 1),
        ("-0.05", 10, -1, 0, 0),
        ("-0.06", 10, -1, 0, -1),
    ] {
        for (rounding, expected) in [("floor", floor), ("ceil", ceil), ("round_half_up", half_up)] {
            for (off, holds) in [(-1, false), (0, true), (1, false)] {
                // 1.00 more on both sides, so that the parameter stays a plain amount
                let when = format!("{rounding}(balance / {by}) + free == free + cent * {}", expected + off);
                let text = person::HEAD.to_owned()
                    + "[parameter.cent]\nvalue = \"0.01\"\nunit = \"EUR\"\n"
                    + &household::requirement("r", &when);
                let compiled = person::compile_text(text).unwrap_or_else(|e| panic!("{e}"));
                assert_eq!(of_person(&compiled, &[("balance", balance)], "2026-05-01").0, holds, "{balance}: {when}");
            }
        }
    }
}

/// −2^63 + 1, −1, 0, 1, 2^63 − 1, and a limit with one unit on either side.
#[test]
fn comparisons_at_every_boundary() {
    let most = i64::MAX;
    for x in [-most, -most + 1, -1001, -1000, -999, -1, 0, 1, 999, 1000, 1001, most - 1, most] {
        for limit in [-most + 1, -1000, -1, 0, 1, 1000, most - 1] {
            for (operator, holds) in [
                ("<", x < limit),
                ("<=", x <= limit),
                (">", x > limit),
                (">=", x >= limit),
                ("==", x == limit),
                ("!=", x != limit),
            ] {
                let compiled = policy(&format!("wide {operator} {limit}"), None).unwrap();
                let wide = x.to_string();
                let found = of_person(&compiled, &[("wide", &wide)], "2026-05-01").0;
                assert_eq!(found, holds, "{x} {operator} {limit}");
            }
        }
    }
}

/// Membership, with one value, all but one, and texts; a set of all is refused as always true.
#[test]
fn sets_hold_their_members() {
    let statuses = ["single", "married", "widowed", "divorced"];
    for n in 1..4 {
        let when = format!("status in {:?}", &statuses[..n]);
        let compiled = policy(&when, None).unwrap();
        for (i, status) in statuses.iter().enumerate() {
            assert_eq!(of_person(&compiled, &[("status", status)], "2026-05-01").0, i < n, "{status}: {when}");
        }
    }
    assert!(policy("status in []", None).unwrap_err().to_string().contains("always false"));
    let texts = policy("!(street in streets)", None).unwrap();
    for (street, out) in [("High Street", false), ("北街", false), ("high street", true), ("", true)] {
        assert_eq!(of_person(&texts, &[("street", street)], "2026-05-01").0, out, "{street}");
    }
}

/// From one member to as many as fit, everybody counts once and an empty slot not at all.
#[test]
fn households_of_every_size() {
    for (sources, most) in [(1, 8), (2, 4)] {
        let compile = |when: &str, output: &str| household::policy(sources, when, Some(output)).unwrap();
        let born = |i: usize| if i.is_multiple_of(2) { "1990-05-01" } else { "2020-05-01" };
        for n in 1..=most {
            let members = |resident: usize| GivenFacts {
                record: GivenRecord::new(),
                members: (0..n)
                    .map(|i| {
                        let resident = if i == resident { "false" } else { "true" };
                        given(&[("born", born(i)), ("resident", resident), ("savings", "0.07"), ("role", "child")])
                    })
                    .collect(),
            };
            let all = "members.all(m, m.resident)";
            for (output, expected) in [
                ("size(members)", n),
                ("size(members.filter(m, m.adult))", n.div_ceil(2)),
                ("size(members.filter(m, m.child))", n / 2),
                // nothing is true of an empty slot, and nothing is false of it either
                ("size(members.filter(m, !m.adult))", n / 2),
                ("size(members.filter(m, m.savings == free))", 0),
                ("size(members.filter(m, m.savings != free))", n),
                ("sum(members.map(m, age(m.born)))", n.div_ceil(2) * 36 + n / 2 * 6),
                ("sum(members.map(m, 3))", 3 * n),
            ] {
                let output = format!("max(0, {output})");
                let found = answer(&compile(all, &output), members(n), "2026-05-01");
                assert_eq!(found, (true, Some(expected.to_string())), "{output} of {n}");
            }
            // whichever member it is
            let refused = (0..n).map(|i| answer(&compile(all, "size(members)"), members(i), "2026-05-01").0);
            assert_eq!(refused.filter(|decision| !decision).count(), n);
        }
    }
}
