//! What a new version changes, in words and for whom: every part of a file that differs is a change, and the effect on samples is what both versions say of them.
#![allow(clippy::unwrap_used, clippy::panic)]

use sealroot_policy::{Compiled, GivenFacts, Language, Part, Sample, Sampler, Version};
use sealroot_protocol::date::{Date, Period};
use sealroot_testing::policies::laws;
use sealroot_testing::policies::person::{HEAD, compile_text};

const RULES: &str = r#"
[definition.counted]
value = "max(0, rent - free)"
[[requirement]]
code = "rent-over-limit"
when = "rent <= limit"
message = { en = "no", zh = "否" }
[[output]]
name = "amount"
value = "counted"
title = { en = "amount", zh = "金额" }
"#;

fn version(change: impl Fn(String) -> String) -> Compiled {
    compile_text(change(format!("{HEAD}{RULES}"))).unwrap_or_else(|e| panic!("{e}"))
}

fn person(rent: &str) -> Sample {
    let as_of: Date = "2026-05-01".parse().unwrap();
    let record = [("rent", rent), ("gone", "1")].map(|(name, value)| (name.to_owned(), vec![value.to_owned()]));
    let facts = GivenFacts { record: record.into(), members: Vec::new() };
    Sample::Given {
        label: format!("rent {rent}"),
        facts,
        as_of,
        period: Period { start: as_of, end: as_of.month().last_day() },
    }
}

/// Each part of a file, changed alone, is one change of that part; the same text is none.
#[test]
fn every_part_that_differs_is_a_change() {
    let old = version(|text| text);
    assert_eq!(old.changes_since(&version(|text| text.replace("version = 1", "version = 2")), Language::En), []);
    for (from, to, part, name) in [
        ("id = \"test\"", "id = \"other\"", Part::Id, "id"),
        ("en = \"Test\"", "en = \"Tested\"", Part::Title, "title"),
        ("legal_reference = \"none\"", "legal_reference = \"some\"", Part::LegalReference, "legal_reference"),
        ("from = \"2026-01-01\"", "from = \"2026-02-01\"", Part::InForce, "in_force"),
        ("identity = \"id\"", "identity = \"street\"", Part::Identity, "identity"),
        ("nullifier = \"holder\"", "nullifier = \"record-per-scope\"", Part::Nullifier, "nullifier"),
        ("agency = \"civil-registry\"", "agency = \"tax-office\"", Part::Source, "registry"),
        ("rent <= limit", "rent < limit", Part::Requirement, "rent-over-limit"),
        (
            "code = \"rent-over-limit\"",
            "code = \"rent-over-limit\"\nreveal = true",
            Part::Requirement,
            "rent-over-limit",
        ),
        ("value = \"counted\"", "value = \"counted + 0\"", Part::Output, "amount"),
        ("max(0, rent - free)", "max(0, rent - limit)", Part::Definition, "counted"),
        ("value = \"1000.00\"", "value = \"900.00\"", Part::Parameter, "limit"),
    ] {
        let new = version(|text| text.replace(from, to));
        for language in Language::ALL {
            let changes = new.changes_since(&old, language);
            let found: Vec<_> = changes.iter().map(|change| (change.part, change.name.as_str())).collect();
            assert_eq!(found, [(part, name)], "{from} → {to}");
            assert!(changes[0].before.is_some() && changes[0].after.is_some() && changes[0].before != changes[0].after);
        }
    }
    // What reads the same is shown as it is written.
    for (from, to) in [
        ("[\"High Street\", \"北街\", \"Main Street\"]", "[\"High Street, 北街\", \"Main Street\"]"),
        ("title = { en = \"Test\", zh = \"测试\" }", "title = { en = \"Test\", fr = \"测试\" }"),
        ("title = { en = \"Test\"", "title = { en = \"Test\\u0001\""),
        ("title = { en = \"Test\"", "title = { en = \"Test\\u0002\""),
    ] {
        let changes = version(|text| text.replace(from, to)).changes_since(&old, Language::En);
        assert_eq!(changes.len(), 1, "{from}");
        assert_ne!(changes[0].before, changes[0].after, "{from}");
    }
    let new = version(|text| text + "[definition.added]\nvalue = \"rent * 2\"\n");
    let added = new.changes_since(&old, Language::En);
    assert!(added.len() == 1 && added[0].before.is_none() && added[0].after.as_deref().unwrap().contains("rent * 2]"));
}

/// 1,000.00 is the limit and 900.00 the next; 100.00 is free, and 150.00 the next.
#[test]
fn the_effect_is_what_both_versions_say() {
    let old = version(|text| text);
    let new = version(|text| {
        text.replace("\"1000.00\"", "\"900.00\"")
            .replace("[parameter.free]\nvalue = \"100.00\"", "[parameter.free]\nvalue = \"150.00\"")
    });
    let samples = ["50.00", "120.00", "500.00", "900.00", "900.01", "1000.00", "1000.01"].map(person);
    let effect = new.effect_since(&old, &samples);
    assert_eq!((effect.compared, effect.not_applicable), (7, 0));
    assert_eq!((effect.newly_approved, effect.newly_refused, effect.changed), (0, 2, 3));
    assert_eq!(effect.refused_by.into_iter().collect::<Vec<_>>(), [("rent-over-limit".to_owned(), 2)]);
    let amount = &effect.outputs[0];
    assert_eq!((amount.name.as_str(), amount.currency.as_deref()), ("amount", Some("EUR")));
    // Before: 0, 20.00, 400.00, 800.00, 800.01, 900.00, refused. After: 0, 0, 350.00, 750.00.
    assert_eq!((amount.before, amount.after, amount.more, amount.less), (292_001, 110_000, 0, 5));
    let back = old.effect_since(&new, &samples);
    assert_eq!((back.newly_approved, back.newly_refused, back.outputs[0].more), (2, 0, 5));
}

/// Whole records fit versions with the same schemas only; what is given by name fits where the names are there.
#[test]
fn samples_that_one_version_cannot_read_are_counted() {
    let old = version(|text| text);
    let mut sampler = Sampler::new(&old, 1);
    let plain: Vec<Sample> = (0..50).map(|_| Sample::Plain(sampler.facts())).collect();
    assert_eq!(version(|text| text).effect_since(&old, &plain).compared, 50);
    let income = laws::compiled("heating-allowance/income.policy.toml").unwrap();
    assert_eq!(income.effect_since(&old, &plain).not_applicable, 50);
    let effect = income.effect_since(&old, &plain);
    assert_eq!(effect.inapplicable.len(), 2, "each version once: {:?}", effect.inapplicable);
    assert!(effect.inapplicable.iter().all(|why| why.count == 50 && why.samples.is_empty()));
    let effect = income.effect_since(&old, &[person("50.00"), person("60.00")]);
    assert_eq!(effect.not_applicable, 2);
    let [why] = effect.inapplicable.as_slice() else { panic!("{:?}", effect.inapplicable) };
    assert_eq!((why.version, why.count), (Version::New, 2));
    assert_eq!(why.samples, ["rent 50.00", "rent 60.00"]);
    assert!(why.reason.contains("the policy reads") && !why.reason.contains("50.00"), "{}", why.reason);
}

/// An amount of 2^63 − 1 cents for each of several: the sum is no number of 64 bits.
#[test]
fn totals_beyond_64_bits_are_added_up() {
    let schema = "rent <= limit";
    let law = version(|text| {
        text.replace(schema, "employed || !employed && rent <= limit")
            .replace("value = \"counted\"", "value = \"wide_or_none\"")
            + "[definition.wide_or_none]\nvalue = \"max(0, wide)\"\n"
    });
    let as_of: Date = "2026-05-01".parse().unwrap();
    let sample = |i: usize| {
        let record = [("employed", "true".to_owned()), ("wide", i64::MAX.to_string()), ("rent", "1.00".to_owned())];
        let record = record.map(|(name, value)| (name.to_owned(), vec![value]));
        let facts = GivenFacts { record: record.into(), members: Vec::new() };
        Sample::Given {
            label: i.to_string(),
            facts,
            as_of,
            period: Period { start: as_of, end: as_of.month().last_day() },
        }
    };
    let samples: Vec<Sample> = (0..5).map(sample).collect();
    let effect = law.effect_since(&law, &samples);
    assert_eq!((effect.compared, effect.outputs[0].after), (5, 5 * (i64::MAX as u128)));
    assert!(serde_json::to_string(&effect).unwrap().contains("46116860184273879035"));
}
