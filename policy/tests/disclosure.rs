//! What is said that outputs give away is true in both directions: while one fact varies and all others stay, no more results are seen than
//! are said; and what is said to show exactly can be told apart. In households a fact varies of each member in turn, and of all members together;
//! decisions with their reasons are measured as outputs are.
//!
//! `SEALROOT_CASES=20000 SEALROOT_SEED=1 cargo test -p sealroot-policy --test disclosure` measures so many windows; CI runs a sample.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

use sealroot_policy::{Compiled, Detail, DisclosedFact, PlainFacts, Sampler};
use sealroot_protocol::machine::Shape;
use sealroot_testing::policies::{laws, person, random::Generator};
use sealroot_testing::{cases, seed};
use std::collections::BTreeSet;

/// Facts in a window.
const TRIED: i64 = 48;
/// How far apart they are.
const STRIDES: [i64; 8] = [1, 1, 1, 7, 100, 3_331, 1_000_003, 1 << 40];

/// The outputs of approvals where one fact has so many values from `start` on, and how wide these reach.
fn seen(
    law: &Compiled,
    facts: &PlainFacts,
    name: &str,
    member: usize,
    start: i64,
    stride: i64,
) -> (Vec<Vec<u64>>, u64) {
    let (mut results, mut first, mut last) = (Vec::new(), None, start);
    for i in 0..TRIED {
        let Some(x) = stride.checked_mul(i).and_then(|more| start.checked_add(more)) else { break };
        let Some(varied) = law.with_number(facts, name, member, x) else { continue };
        let outcome = law.evaluate(&varied).unwrap();
        if outcome.decision {
            results.push(outcome.outputs.iter().map(|output| output.value).collect());
            first.get_or_insert(x);
            last = x;
        }
    }
    let width = first.map_or(0, |first| last.abs_diff(first).saturating_add(1));
    (results, width)
}

fn distinct<T: Ord>(results: impl Iterator<Item = T>) -> u128 {
    results.collect::<BTreeSet<T>>().len() as u128
}

#[derive(Debug, Default)]
struct Tally {
    windows: usize,
    moved: usize,
    pairs: usize,
    reasons: usize,
    tight: usize,
    joint: usize,
    orders: usize,
}

/// Holds what is seen around some facts against what is said.
fn measure(law: &Compiled, facts: &PlainFacts, turn: usize, tally: &mut Tally) {
    let disclosures = law.disclosures();
    let said = |what: &str, name: &str| -> Option<DisclosedFact> {
        disclosures.iter().find(|d| d.what == what)?.facts.iter().find(|fact| fact.name == name).cloned()
    };
    let outputs: Vec<String> = law.text().outputs.iter().map(|output| output.name.get_ref().clone()).collect();
    let member = turn % facts.members().max(1);
    if turn.is_multiple_of(4) {
        together(law, facts, turn, tally);
    }
    for (k, name) in law.numbers().into_iter().enumerate() {
        let Some(x) = law.number(facts, &name, member) else { continue };
        let stride = STRIDES[(turn + k) % STRIDES.len()];
        let start = x.saturating_sub(stride.saturating_mul(TRIED / 2));
        let (results, width) = seen(law, facts, &name, member, start, stride);
        reasons(law, facts, &name, member, start, stride, tally);
        if results.is_empty() {
            continue;
        }
        tally.windows += 1;
        let mut bounds = Vec::new();
        for (i, output) in outputs.iter().enumerate() {
            let found = distinct(results.iter().map(|values| values[i]));
            let bound = said(output, &name).map_or(1, |fact| fact.results_among(width));
            tally.moved += usize::from(found > 1);
            tally.tight += usize::from(found > 1 && found + 2 >= bound.min(results.len() as u128));
            let text = || {
                format!("{output} of {name}, {width} wide from {x}: {found} of at most {bound}\n{}", law.source().text)
            };
            assert!(found <= bound, "{}", text());
            bounds.push(bound);
        }
        if let [one, other] = bounds.as_slice() {
            let together = said(&outputs.join(" and "), &name).map(|fact| fact.results_among(width));
            let bound = together.unwrap_or_else(|| one.saturating_mul(*other));
            let found = distinct(results.iter().map(|values| (values[0], values[1])));
            tally.pairs += usize::from(found > 1);
            assert!(found <= bound, "both of {name}: {found} of at most {bound}\n{}", law.source().text);
        }
    }
}

/// Decisions with their revealed reasons, held against what is said of them.
fn reasons(law: &Compiled, facts: &PlainFacts, name: &str, member: usize, start: i64, stride: i64, tally: &mut Tally) {
    let tried = (0..TRIED).filter_map(|i| start.checked_add(stride.checked_mul(i)?));
    let varied = tried.filter_map(|x| law.with_number(facts, name, member, x));
    let found = distinct(varied.map(|facts| {
        let outcome = law.evaluate(&facts).unwrap();
        (outcome.decision, outcome.revealed)
    }));
    let disclosures = law.disclosures();
    let said = |what: &str| disclosures.iter().find(|d| d.what == what)?.facts.iter().find(|fact| fact.name == name);
    let width = stride.unsigned_abs().saturating_mul(TRIED as u64);
    let bound = match (said("decision with reasons"), said("decision")) {
        (Some(fact), _) => fact.results_among(width),
        (None, Some(_)) => 2,
        (None, None) => 1,
    };
    tally.reasons += usize::from(found > 2);
    assert!(found <= bound, "reasons by {name}: {found} of at most {bound}\n{}", law.source().text);
}

/// A member's values that are tried while those of the others vary, too.
const EACH: i64 = 3;
/// Most members whose values vary at once.
const AT_ONCE: usize = 3;

/// One fact of several members at once: no more results than what is said of it, for each of them.
fn together(law: &Compiled, facts: &PlainFacts, turn: usize, tally: &mut Tally) {
    let members = facts.members().min(AT_ONCE);
    if members < 2 {
        return;
    }
    let disclosures = law.disclosures();
    let said = |what: &str, name: &str| -> Option<DisclosedFact> {
        disclosures.iter().find(|d| d.what == what)?.facts.iter().find(|fact| fact.name == name).cloned()
    };
    let own = format!("{}.", law.text().sources[0].name.get_ref());
    for (k, name) in law.numbers().into_iter().enumerate() {
        // the household's own facts are the same whichever member is asked
        if name.starts_with(&own) {
            continue;
        }
        let stride = STRIDES[(turn + k) % STRIDES.len()];
        let mut all = vec![facts.clone()];
        let mut widths = Vec::new();
        for member in 0..members {
            let Some(x) = law.number(facts, &name, member) else { continue };
            let values: Vec<i64> = (-EACH..=EACH)
                .filter_map(|i| x.checked_add(stride.checked_mul(i)?))
                .filter(|value| law.with_number(facts, &name, member, *value).is_some())
                .collect();
            let picked: Vec<i64> =
                values.iter().copied().step_by(values.len().div_ceil(EACH as usize).max(1)).collect();
            let (Some(low), Some(high)) = (picked.iter().min(), picked.iter().max()) else { continue };
            widths.push(high.abs_diff(*low).saturating_add(1));
            let with = |facts: &PlainFacts| -> Vec<PlainFacts> {
                picked.iter().filter_map(|value| law.with_number(facts, &name, member, *value)).collect()
            };
            all = all.iter().flat_map(with).collect();
        }
        let outcomes: Vec<_> = all.iter().map(|facts| law.evaluate(facts).unwrap()).collect();
        let most = |fact: Option<DisclosedFact>, without: u128| match fact {
            Some(fact) => widths.iter().map(|width| fact.results_among(*width)).fold(1, u128::saturating_mul),
            None => without,
        };
        for (i, output) in law.text().outputs.iter().enumerate() {
            let approved = outcomes.iter().filter(|outcome| outcome.decision);
            let found = distinct(approved.map(|outcome| outcome.outputs[i].value));
            let bound = most(said(output.name.get_ref(), &name), 1);
            tally.joint += usize::from(found > 1);
            assert!(found <= bound, "{name} of several members: {found} of at most {bound}\n{}", law.source().text);
        }
        let found = distinct(outcomes.iter().map(|outcome| (outcome.decision, outcome.revealed.clone())));
        let alone = if said("decision", &name).is_some() { 2 } else { 1 };
        let bound = most(said("decision with reasons", &name), alone);
        assert!(
            found <= bound,
            "reasons by {name} of several members: {found} of at most {bound}\n{}",
            law.source().text
        );
    }
}

/// Nothing that a decision shows tells which member is which: in another order the members' household has the same answer and the same reasons.
fn in_any_order(law: &Compiled, facts: &PlainFacts, tally: &mut Tally) {
    let members = facts.members();
    let answer = |facts: &PlainFacts| {
        let outcome = law.evaluate(facts).unwrap();
        (outcome.decision, outcome.outputs, outcome.failed, outcome.revealed)
    };
    for turn in 1..members {
        let mut order: Vec<usize> = (0..members).collect();
        order.rotate_left(turn);
        order.swap(0, members - 1);
        let turned = law.with_members_in_order(facts, &order).unwrap();
        assert!(answer(facts) == answer(&turned), "{order:?}\n{}", law.source().text);
        tally.orders += 1;
    }
}

#[test]
fn no_random_policy_gives_away_more_than_is_said() {
    let all: usize = cases(6000);
    for (shape, seed) in [(Shape::Solo, seed(1)), (Shape::Household, seed(1) + 1)] {
        let mut generator = Generator::new(seed);
        let mut tally = Tally::default();
        let mut turn = 0;
        while tally.windows < all / 2 {
            let (law, _) = generator.compiled(shape);
            if law.text().outputs.is_empty() {
                continue;
            }
            let mut sampler = Sampler::new(&law, seed + turn as u64);
            for _ in 0..4 {
                turn += 1;
                let facts = sampler.facts();
                measure(&law, &facts, turn, &mut tally);
                in_any_order(&law, &facts, &mut tally);
            }
        }
        if shape == Shape::Household {
            assert!(tally.joint > 0 && tally.orders > 0 && tally.reasons > 0, "households must be measured: {tally:?}");
        }
        println!("{shape}: {tally:?}");
        assert!(tally.moved * 50 > tally.windows, "outputs must move: {tally:?}");
        assert!(tally.tight * 3 > tally.moved, "what is said must be close to what is seen: {tally:?}");
    }
}

/// The laws of the examples, around the facts of their own cases.
#[test]
fn no_example_gives_away_more_than_is_said() {
    for name in laws::names().unwrap() {
        let law = laws::compiled(&name).unwrap_or_else(|e| panic!("{e}"));
        let mut tally = Tally::default();
        for (_, facts) in laws::cases(&law).unwrap() {
            (0..STRIDES.len()).for_each(|turn| measure(&law, &facts, turn, &mut tally));
            in_any_order(&law, &facts, &mut tally);
        }
    }
}

/// How finely the only output shows a fact, or how finely two show it together.
fn detail(law: &Compiled, what: &str, name: &str) -> Detail {
    let disclosures = law.disclosures();
    let found = disclosures.iter().find(|d| d.what == what).and_then(|d| d.facts.iter().find(|f| f.name == name));
    found.unwrap_or_else(|| panic!("{what}: {disclosures:?}")).detail
}

fn of(output: &str, name: &str) -> Detail {
    let law = person::policy("rent <= limit || employed || student", Some(output));
    detail(&law.unwrap_or_else(|e| panic!("{output}\n{e}")), "o", name)
}

fn exactly(bounded: bool) -> Detail {
    Detail::Computable { step: 1, rounded: false, bounded }
}

/// Tests of yes or no that halve what is left, as outputs: three of them tell three bits.
fn halving(bits: u32) -> String {
    let mut definitions = String::new();
    let mut left = "rent".to_owned();
    let mut sum = Vec::new();
    for i in (0..bits).rev() {
        let (name, half) = (format!("b{i}"), 1_u64 << i);
        definitions += &format!("[parameter.h{i}]\nvalue = \"{}.{:02}\"\nunit = \"EUR\"\n", half / 100, half % 100);
        definitions += &format!("[definition.{name}]\nvalue = '''{left} >= h{i} ? 1 : 0'''\n");
        definitions += &format!("[definition.r{i}]\nvalue = '''{left} - ({left} >= h{i} ? h{i} : zero)'''\n");
        left = format!("r{i}");
        sum.push(format!("{name} * {half}"));
    }
    format!(
        "{}[parameter.zero]\nvalue = \"0.00\"\nunit = \"EUR\"\n{definitions}[[requirement]]\ncode = \"r\"\nwhen = '''employed'''\n\
         message = {{ en = \"no\", zh = \"否\" }}\n[[output]]\nname = \"o\"\nvalue = '''{}'''\ntitle = {{ en = \"o\", zh = \"o\" }}\n",
        person::HEAD,
        sum.join(" + ")
    )
}

/// Two outputs.
fn two(first: &str, second: &str) -> Compiled {
    let output = |name: &str, value: &str| {
        format!(
            "[[output]]\nname = \"{name}\"\nvalue = '''{value}'''\ntitle = {{ en = \"{name}\", zh = \"{name}\" }}\n"
        )
    };
    let requirement = "[[requirement]]\ncode = \"r\"\nwhen = '''employed'''\nmessage = { en = \"no\", zh = \"否\" }\n";
    let text = format!("{}{requirement}{}{}", person::HEAD, output("low", first), output("high", second));
    person::compile_text(text).unwrap_or_else(|e| panic!("{e}"))
}

#[test]
fn roundings_within_roundings_give_the_coarser_step() {
    let to_within = |step, bounded| Detail::Computable { step, rounded: true, bounded };
    for (output, said) in [
        ("rent", Detail::Shown),
        ("rent + free", exactly(false)),
        ("max(0, limit - rent)", exactly(true)),
        ("floor(rent / 100) * 100", to_within(100, false)),
        ("floor(floor(rent / 10) / 10)", to_within(100, false)),
        ("ceil(ceil(rent * 3 / 1000) / 5) * 500", to_within(1666, false)),
        ("floor(max(0, limit - round_half_up(rent * 65 / 100)) / 100) * 100", to_within(153, true)),
        ("round_half_up(rent * 80 / 100)", to_within(1, false)),
        ("floor(rent / 2) + ceil(rent / 2)", exactly(false)),
        // the second is the first and 50.00
        ("floor(rent / 2) + floor((rent + free) / 2)", to_within(2, false)),
        ("rent >= limit ? 1 : 0", Detail::YesOrNo),
        ("(rent >= limit ? 1 : 0) + (rent >= free ? 2 : 0)", Detail::OneOf { most: 3 }),
        ("floor(rent / 5000000)", Detail::OneOf { most: 4 }),
    ] {
        assert_eq!(of(output, "rent"), said, "{output}");
    }
    assert_eq!(of("employed ? free : limit", "employed"), exactly(false), "a fact of yes or no shows by yes or no");
    assert_eq!(of("street == 'High Street' ? 1 : 0", "street"), Detail::YesOrNo);
    assert_eq!(of("ceilings[status]", "status"), exactly(false), "each of few values may have its own");
    // Born before or after 1 January, and the age in years.
    assert_eq!(of("max(0, age(born))", "born"), to_within(10_000, true));
}

#[test]
fn many_tests_of_yes_or_no_tell_a_number() {
    let law = person::compile_text(halving(3)).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(detail(&law, "o", "rent"), Detail::OneOf { most: 8 });
}

#[test]
fn outputs_that_are_shown_together_tell_more_than_each() {
    let law = two("floor(rent / 2)", "ceil(rent / 2) + free");
    let half = Detail::Computable { step: 2, rounded: true, bounded: false };
    assert_eq!([detail(&law, "low", "rent"), detail(&law, "high", "rent")], [half, half]);
    assert_eq!(detail(&law, "low and high", "rent"), exactly(false));
    let law = two("rent >= limit ? 1 : 0", "rent >= free ? 1 : 0");
    assert_eq!(detail(&law, "low and high", "rent"), Detail::OneOf { most: 3 });
    let law = two("rent", "floor(rent / 100)");
    assert!(law.disclosures().iter().all(|d| d.what != "low and high"), "the second adds nothing");
}

/// A refusal shows all its revealed reasons at once.
#[test]
fn reasons_that_are_revealed_together_tell_more_than_each() {
    let law = |limits: &[&str], reveal: bool| {
        let requirement = |(i, limit): (usize, &&str)| {
            format!(
                "[[requirement]]\ncode = \"r{i}\"\nwhen = '''rent <= {limit}'''\nreveal = {reveal}\n\
                 message = {{ en = \"no\", zh = \"否\" }}\n"
            )
        };
        let text: String = limits.iter().enumerate().map(requirement).collect();
        person::compile_text(format!("{}{text}", person::HEAD)).unwrap_or_else(|e| panic!("{e}"))
    };
    let three = law(&["limit", "free", "steps[1]"], true);
    assert_eq!(detail(&three, "decision", "rent"), Detail::YesOrNo);
    assert_eq!(detail(&three, "decision with reasons", "rent"), Detail::OneOf { most: 4 });
    for law in [law(&["limit"], true), law(&["limit", "free", "steps[1]"], false)] {
        assert!(law.disclosures().iter().all(|d| d.what != "decision with reasons"), "one answer of yes or no");
    }
}

/// An allowance as the examples have it: 500.00 and 500.01 give the same, so the income isn't exact.
#[test]
fn what_a_coarse_amount_hides_is_not_said_to_show() {
    let law = laws::compiled("snap/snap.policy.toml").unwrap();
    let Detail::Computable { step, rounded: true, .. } = detail(&law, "amount", "persons.unearned") else {
        panic!("{:?}", law.disclosures())
    };
    // 333 cents for a dollar; with the shelter deduction, half of the net income, at most one and a half times as many dollars
    assert_eq!(step, 222, "30 %, up to whole dollars");
    let law = laws::compiled("housing-allowance/housing-allowance.policy.toml").unwrap();
    let said = detail(&law, "amount", "income");
    assert_eq!(said, Detail::Computable { step: 153, rounded: true, bounded: true }, "65 %, down to whole euros");
    assert_eq!(detail(&law, "amount", "rent"), Detail::Computable { step: 100, rounded: true, bounded: true });
    // dibao pays what the income lacks, to the cent
    let law = laws::compiled("dibao/dibao.policy.toml").unwrap();
    assert_eq!(detail(&law, "amount", "persons.income"), exactly(true));
}

/// What is said to show exactly is told apart in some setting, each value from the next.
#[test]
fn what_is_said_to_show_exactly_does() {
    for (law, name) in [
        ("dibao/dibao.policy.toml", "persons.income"),
        ("age-and-residence/age-and-residence.policy.toml", "district"),
        ("heating-allowance/income.policy.toml", "employed"),
    ] {
        let law = laws::compiled(law).unwrap();
        let apart = laws::cases(&law).unwrap().iter().any(|(_, facts)| {
            let x = law.number(facts, name, 0).unwrap();
            let (results, width) = seen(&law, facts, name, 0, x.saturating_sub(TRIED / 2), 1);
            width > 1 && distinct(results.iter()) == results.len() as u128
        });
        assert!(apart, "{name}");
    }
    for output in ["rent + free", "max(0, limit - rent)", "floor(rent / 2) + ceil(rent / 2)"] {
        let law = person::policy("rent <= limit || employed || student", Some(output)).unwrap();
        let mut sampler = Sampler::new(&law, seed(1));
        let apart = (0..200).any(|_| {
            let facts = sampler.facts();
            let (results, _) = seen(&law, &facts, "rent", 0, law.number(&facts, "rent", 0).unwrap(), 1);
            results.len() > 20 && distinct(results.iter()) == results.len() as u128
        });
        assert!(apart, "{output}");
    }
}
