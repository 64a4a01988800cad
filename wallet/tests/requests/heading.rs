//! Every rule of the compiler's heading, broken in random policies by someone who enacts what no compiler made: wallet and verifier
//! reject it, for the same reason. `docs/spec/machine.md` (Who checks what) has a row for each rule; one that only an audit checks is not here.

use super::check::verifier_says_under;
use sealroot_protocol::{
    code::Coded,
    field::{Digest, F},
    machine::{FactsPeriodRule, Layout, NullifierMode, Rules, Shape, ValidWords, Words, decode, encode},
    plausible::PeriodRule,
    policy::PolicyDocument,
    schema::{Schema, SchemaId},
};
use sealroot_testing::{
    asked::{Case, program},
    bundle, cases,
    policies::random::Generator,
    seed, toy,
};
use sealroot_verifier::universal_key::{UniversalKey, UniversalKeys};

/// Breaks a rule of a document; `false` where the document has nothing to break it on.
type Break = fn(&mut PolicyDocument) -> bool;

const RULES: &[(&str, Break, &str)] = &[
    ("versions count from 1", |d| set(&mut d.policy.version, 0), "policy-manifest-invalid"),
    (
        "a policy ends after it begins",
        |d| {
            d.policy.in_force.until = Some("2025-12-31".parse().unwrap());
            true
        },
        "policy-not-in-force",
    ),
    (
        "there is a requirement",
        |d| {
            d.policy.reasons.clear();
            rules(d, |r| r.requirements.clear())
        },
        "policy-words-invalid",
    ),
    ("a requirement has a condition", |d| rules(d, |r| r.requirements[0].any_of.clear()), "policy-words-invalid"),
    ("an output has a name", |d| first(&mut d.policy.outputs, ""), "policy-manifest-invalid"),
    ("a reason has a code", |d| first(&mut d.policy.reasons, " "), "policy-manifest-invalid"),
    ("names show as what they are", |d| first(&mut d.policy.reasons, "a\u{202e}b"), "policy-manifest-invalid"),
    ("outputs have different names", |d| double(&mut d.policy.outputs), "policy-manifest-invalid"),
    (
        "there are as many outputs as the words show",
        |d| {
            d.policy.outputs.push("third".into());
            true
        },
        "policy-edited",
    ),
    ("there are as many reasons as requirements", |d| d.policy.reasons.pop().is_some(), "policy-edited"),
    (
        "there are as many sources as the words have",
        |d| {
            let again = d.policy.sources[0].clone();
            d.policy.sources.push(again);
            true
        },
        "policy-edited",
    ),
    (
        "the text is the manifest's",
        |d| {
            d.text.push(' ');
            true
        },
        "policy-edited",
    ),
    (
        "a household has record nullifiers",
        |d| d.policy.shape == Shape::Household && rules(d, |r| r.nullifier = NullifierMode::Holder),
        "policy-words-invalid",
    ),
    (
        "one approval per person takes one record per person",
        |d| solo(d) && schema(d, 0, |s| s.many = true) && rules(d, |r| r.nullifier = NullifierMode::Holder),
        "policy-schemas-mismatch",
    ),
    (
        "once ever is once",
        |d| {
            schema(d, 0, |s| s.many = false)
                && rules(d, |r| {
                    r.nullifier = NullifierMode::RecordOnce;
                    r.sources[0].facts_period = FactsPeriodRule::MonthsBefore(1);
                })
        },
        "policy-schemas-mismatch",
    ),
    (
        "one person's policy judges no household",
        |d| solo(d) && schema(d, 0, |s| *s = household()),
        "policy-schemas-mismatch",
    ),
    (
        "a household's first source names the members",
        |d| !solo(d) && schema(d, 0, |s| s.household = false),
        "policy-schemas-mismatch",
    ),
    ("a member's source is of persons", |d| !solo(d) && schema(d, 1, |s| *s = household()), "policy-schemas-mismatch"),
    ("a member has one record", |d| !solo(d) && schema(d, 1, |s| s.many = true), "policy-schemas-mismatch"),
    ("two member sources are two", twins, "policy-manifest-invalid"),
    (
        "the applicant's name is text",
        |d| rules(d, |r| r.identity = r.ranged_attributes.first().copied()),
        "policy-words-invalid",
    ),
    (
        "the applicant's name exists",
        |d| d.schemas[0].attributes().unwrap().len() < 32 && rules(d, |r| r.identity = Some(31)),
        "policy-schemas-mismatch",
    ),
    (
        "the applicant is no member of the list",
        |d| !solo(d) && rules(d, |r| r.identity = Some(2)),
        "policy-schemas-mismatch",
    ),
    (
        "facts have one period",
        |d| word(d, |l| l.source(0).period_constant, 202_601) && word(d, |l| l.source(0).period_relative, 1),
        "policy-words-invalid",
    ),
    (
        "records can have the period of the facts",
        |d| {
            schema(d, 0, |s| s.period = Some(PeriodRule::Timeless))
                && rules(d, |r| r.sources[0].facts_period = FactsPeriodRule::MonthsBefore(1))
        },
        "policy-schemas-mismatch",
    ),
    (
        "facts are from a hundred years at most",
        |d| rules(d, |r| r.sources[0].facts_period = FactsPeriodRule::MonthsBefore(1201)),
        "policy-words-invalid",
    ),
    ("a source has a schema", |d| rules(d, |r| r.sources[0].schema_id = SchemaId(0u8.into())), "policy-words-invalid"),
    ("there is a schema per source", |d| d.schemas.pop().is_some(), "policy-schemas-mismatch"),
    ("schemas are the words'", |d| rules(d, |r| r.sources[0].schema_id.0 += F::from(1u8)), "policy-schemas-mismatch"),
    (
        "schemas are valid",
        |d| {
            let twice = d.schemas[0].declarations[0].clone();
            schema(d, 0, |s| s.declarations.push(twice))
        },
        "policy-schemas-mismatch",
    ),
    (
        "integers are what the schema says",
        |d| {
            let attributes = d.schemas[0].attributes().unwrap().len();
            attributes < 32 && rules(d, |r| _ = r.ranged_attributes.insert(31))
        },
        "policy-schemas-mismatch",
    ),
];

#[test]
fn every_rule_of_the_heading_is_checked_beside_the_compiler() {
    let household = toy_household();
    let keys = UniversalKeys::new().with(bundle::universal_key().clone()).with(household.clone());
    let mut broken = vec![0; RULES.len()];
    let mut generators = Shape::ALL.map(|shape| (shape, Generator::new(seed(61))));
    // Not every policy has two outputs, say: as many more as it takes.
    for round in 0..200 {
        if round >= cases(3) && broken.iter().all(|count| *count > 0) {
            break;
        }
        for (shape, generator) in &mut generators {
            let key = if *shape == Shape::Household { &household } else { bundle::universal_key() };
            let document = generator.compiled(*shape).0.document(key.hash());
            assert_eq!(answers(&document, &keys), ("accepted", "accepted"), "{}", document.text);
            for ((rule, breaks, code), count) in RULES.iter().zip(&mut broken) {
                let mut document = document.clone();
                if breaks(&mut document) {
                    assert_eq!(answers(&document, &keys), (*code, *code), "{rule}, broken in {shape}");
                    *count += 1;
                }
            }
        }
    }
    for ((rule, ..), count) in RULES.iter().zip(broken) {
        assert!(count > 0, "no policy to break {rule:?} on");
    }
}

/// What wallet and verifier say about a request under a program of this policy, where officers enacted exactly that.
fn answers(document: &PolicyDocument, keys: &UniversalKeys) -> (&'static str, &'static str) {
    let named = ValidWords::check(document.policy.shape, document.policy.words.clone())
        .is_ok_and(|words| words.rules().identity.is_some());
    let mut program = program();
    (program.policies, program.pays, program.anonymous) = (vec![document.policy.id.clone()], None, !named);
    let mut case = Case::with(program);
    case.policies = vec![document.clone()];
    case.enact();
    case.name_policies();
    let wallet = match case.check() {
        Ok(_) => "accepted",
        Err(rejection) => rejection.code().as_str(),
    };
    (wallet, verifier_says_under(case, keys))
}

fn toy_household() -> UniversalKey {
    let d = Shape::Household.dimensions();
    let setup = toy::setup(d.input_count() + d.word_count(), 21);
    let digest = Digest([9; 32]);
    UniversalKey::from_setup(Shape::Household, digest, true, setup.vk).unwrap()
}

fn set<T>(place: &mut T, value: T) -> bool {
    *place = value;
    true
}

fn first(names: &mut [String], name: &str) -> bool {
    names.first_mut().is_some_and(|first| set(first, name.to_owned()))
}

fn double(names: &mut [String]) -> bool {
    names.len() > 1 && {
        names[1] = names[0].clone();
        true
    }
}

fn solo(document: &PolicyDocument) -> bool {
    document.policy.shape == Shape::Solo
}

/// Other rules, as words that no check has seen.
fn rules(document: &mut PolicyDocument, change: impl FnOnce(&mut Rules)) -> bool {
    let policy = &mut document.policy;
    let mut rules = decode(&policy.words, policy.shape).unwrap();
    change(&mut rules);
    policy.words = encode(&rules, policy.shape).unwrap();
    true
}

/// One word, whatever rules that gives.
fn word(document: &mut PolicyDocument, at: fn(&Layout) -> usize, value: u32) -> bool {
    let policy = &mut document.policy;
    let mut words = policy.words.as_slice().to_vec();
    words[at(&Layout::new(policy.shape.dimensions()))] = value.into();
    policy.words = Words::new(policy.shape, words).unwrap();
    true
}

/// Another schema, which words and manifest name.
fn schema(document: &mut PolicyDocument, source: usize, change: impl FnOnce(&mut Schema)) -> bool {
    change(&mut document.schemas[source]);
    let id = document.schemas[source].id().unwrap();
    document.policy.sources[source].schema = id;
    rules(document, |rules| rules.sources[source].schema_id = id)
}

/// A second member source that takes what the first one takes.
fn twins(document: &mut PolicyDocument) -> bool {
    if solo(document) || document.policy.sources.len() > 2 {
        return false;
    }
    document.schemas.push(document.schemas[1].clone());
    let again = document.policy.sources[1].clone();
    document.policy.sources.push(again);
    rules(document, |rules| rules.sources.push(rules.sources[1]))
}

fn household() -> Schema {
    Schema::from_toml(
        "name = \"household\"\nhousehold = true\n[[attribute]]\nname = \"members\"\nkind = \"integer\"\nmin = 1\nmax = 8\n\
         [[attribute]]\nname = \"member\"\nkind = \"member\"\nrepeat = 8\n",
    )
    .unwrap()
}

/// A row of the specification's table for each rule that is broken here, and none for another.
#[test]
fn the_specification_lists_the_rules() {
    let page = include_str!("../../../docs/spec/machine.md");
    let table = page.split("## Who checks what").nth(1).unwrap();
    let rows = table.lines().filter(|line| line.starts_with("| ") && line.contains('`'));
    let listed: Vec<(&str, &str)> = rows
        .map(|row| {
            let cells: Vec<&str> = row.split('|').map(str::trim).collect();
            (cells[1], cells[2].trim_matches('`'))
        })
        .collect();
    let broken: Vec<(&str, &str)> = RULES.iter().map(|(rule, _, code)| (*rule, *code)).collect();
    assert_eq!(listed, broken);
}
