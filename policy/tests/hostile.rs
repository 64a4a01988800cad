//! Auditors compile texts that others wrote: whatever a text says, the compiler answers, and soon.
#![allow(clippy::unwrap_used, clippy::panic)]

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use sealroot_protocol::machine::Shape;
use sealroot_testing::policies::{
    household,
    person::{HEAD, compile_text},
    random::Generator,
};
use sealroot_testing::{cases, seed};
use std::time::{Duration, Instant};

/// Characters of generated policies taken out, doubled, swapped with others of the same text.
#[test]
fn damaged_texts_are_answered() {
    let mut rng = StdRng::seed_from_u64(seed(3));
    let mut generator = Generator::new(seed(3));
    let (mut refused, cases) = (0, cases(600));
    for i in 0..cases {
        let mut policy = generator.policy(if i % 2 == 0 { Shape::Solo } else { Shape::Household });
        let mut characters: Vec<char> = policy.text.chars().collect();
        for _ in 0..rng.random_range(1..4) {
            let (at, from) = (rng.random_range(0..characters.len()), rng.random_range(0..characters.len()));
            match rng.random_range(0..3) {
                0 => _ = characters.remove(at),
                1 => characters.insert(at, characters[from]),
                _ => characters[at] = characters[from],
            }
        }
        policy.text = characters.into_iter().collect();
        if let Err(diagnostics) = policy.compile() {
            refused += 1;
            // rules that the machine refuses would have come from the compiler, not from the text
            let inward = diagnostics.0.iter().find(|d| d.message.contains("policy word"));
            assert_eq!(inward, None, "{}", policy.text);
        }
    }
    assert!(refused * 2 > cases && refused < cases, "{refused} of {cases}");
}

/// What doubles with every line has an end: each text is refused or compiled within a time that a person waits.
#[test]
fn growing_texts_have_an_end() {
    let doubled = |first: &str, step: &dyn Fn(usize) -> String, last: &str| {
        let mut text = format!("{HEAD}[definition.d_0]\nvalue = \"{first}\"\n");
        for i in 1..40 {
            text += &format!("[definition.d_{i}]\nvalue = \"{}\"\n", step(i - 1));
        }
        text + &household::requirement("r", last)
    };
    let nested = |n: usize| {
        let letters: Vec<String> = (0..n).map(|i| format!("v{i}")).collect();
        let open: String = letters.iter().map(|v| format!("pay.all({v}, ")).collect();
        let sum = letters.join(" + ");
        HEAD.to_owned() + &household::requirement("r", &format!("{open}{sum} <= limit{}", ")".repeat(n)))
    };
    let texts = [
        doubled("employed || student", &|i| format!("d_{i} == (d_{i} || rent > free)"), "d_39"),
        doubled("employed || student", &|i| format!("(d_{i} && rent <= limit) || !d_{i}"), "d_39"),
        doubled("employed ? student : rent > free", &|i| format!("d_{i} ? !d_{i} : d_{i} && employed"), "d_39"),
        doubled("[rent, pay_01]", &|i| format!("[d_{i}, d_{i}]"), "size(d_39) == 3"),
        doubled("rent", &|i| format!("max(d_{i}, d_{i} * 2 - free) + min(d_{i}, limit)"), "d_39 <= limit"),
        doubled("rent", &|i| format!("floor((d_{i} + d_{i} + pay_01) / 3)"), "d_39 <= limit"),
        nested(3),
        nested(12),
        nested(40),
    ];
    for text in texts {
        let begun = Instant::now();
        let refused = compile_text(text.clone()).err().map(|d| d.0[0].to_string());
        assert!(begun.elapsed() < Duration::from_secs(20), "{:?} for {refused:?}: {text}", begun.elapsed());
    }
}

/// Long lists of definitions, requirements and cases are counted before anything is compiled.
#[test]
fn texts_that_only_are_long_are_refused_at_once() {
    let rule = |code: usize| {
        format!("[[requirement]]\ncode = \"r{code}\"\nwhen = \"employed\"\nmessage = {{ en = \"no\" }}\n")
    };
    let definition = |i: usize| match i {
        0 => "[definition.d_0]\nvalue = \"rent + free\"\n".to_owned(),
        i => format!("[definition.d_{i}]\nvalue = \"d_{} + free\"\n", i - 1),
    };
    let case = |i: usize| format!("[[case]]\nname = \"{i}\"\nas_of = \"2026-05-01\"\nfacts = {{}}\ndecision = false\n");
    for (what, many) in [
        ("501 definitions", (0..501).map(definition).collect::<String>() + &rule(0)),
        ("101 requirements", (0..101).map(rule).collect()),
        ("5001 cases", rule(0) + &(0..5001).map(case).collect::<String>()),
    ] {
        let start = Instant::now();
        let found = compile_text(format!("{HEAD}{many}")).map(drop).unwrap_err().0;
        assert!(found.iter().any(|d| d.message.contains(what)), "{what}: {found:?}");
        assert!(start.elapsed() < Duration::from_secs(20), "{what}: {:?}", start.elapsed());
    }
}
