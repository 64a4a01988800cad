//! Random policies: the plain evaluator, which runs the compiled words, and cel's own interpreter give the same answer.
//!
//! `SEALROOT_CASES=100000 SEALROOT_SEED=1 cargo test -p sealroot-policy --test generated` compares on so many pairs of
//! policy and facts; CI runs a sample.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

use sealroot_policy::{CompilerVersion, Sampler, SecondOpinion};
use sealroot_protocol::machine::{Shape, evaluate};
use sealroot_testing::{cases, policies::random::Generator, seed};
use std::collections::BTreeMap;

/// Facts per policy.
const FACTS: usize = 5;

#[derive(Debug, Default)]
struct Tally {
    policies: usize,
    refused: usize,
    overflowed: usize,
    compared: usize,
    approved: usize,
    outputs: usize,
    paired: usize,
}

fn compare(version: CompilerVersion, shape: Shape, pairs: usize, seed: u64) -> Tally {
    let mut generator = Generator::new(seed);
    let mut tally = Tally::default();
    while tally.compared < pairs {
        let (compiled, refused) = generator.compiled_with(version, shape);
        tally.policies += 1;
        tally.refused += refused;
        tally.paired += usize::from(compiled.words().rules().is_paired());
        let second = SecondOpinion::new(&compiled).unwrap();
        let mut sampler = Sampler::new(&compiled, seed + tally.policies as u64);
        for _ in 0..FACTS {
            let facts = sampler.facts();
            match second.agrees(&facts) {
                Ok(true) => tally.compared += 1,
                Ok(false) => tally.overflowed += 1,
                Err(problem) => {
                    let document = compiled.document(sealroot_protocol::field::Digest([0; 32]));
                    panic!("seed {seed}, policy {}: {problem}\n{}", tally.policies, document.text);
                }
            }
            let outcome = compiled.evaluate(&facts).unwrap();
            tally.approved += usize::from(outcome.decision);
            tally.outputs += outcome.outputs.len();
        }
    }
    tally
}

fn all(version: CompilerVersion, shape: Shape) -> Tally {
    let pairs = cases(3000) / 2;
    let tally = compare(version, shape, pairs, seed(1));
    println!("{shape}, compiler {}: {tally:?}", version.number());
    assert!(tally.approved * 10 > tally.compared && tally.approved * 10 < tally.compared * 9, "{tally:?}");
    assert!(tally.outputs * 20 > tally.compared, "{tally:?}");
    assert!(tally.overflowed * 4 < tally.compared, "{tally:?}");
    tally
}

#[test]
fn of_one_person() {
    for version in CompilerVersion::ALL {
        all(version, Shape::Solo);
    }
}

#[test]
fn of_households() {
    for version in CompilerVersion::ALL {
        let tally = all(version, Shape::Household);
        assert!(tally.paired * 3 > tally.policies && tally.paired * 3 < tally.policies * 2, "{tally:?}");
    }
}

/// What a proof makes public of the facts is exactly what the policy says: decision, outputs if it is approved, revealed
/// codes if it isn't. Facts with the same of these are one to a reader of the public inputs.
#[test]
fn answers_show_what_is_said() {
    let mut generator = Generator::new(seed(1));
    let (mut same, mut hidden) = (0, 0);
    for round in 0..60 {
        let (compiled, _) = generator.compiled(if round % 2 == 0 { Shape::Solo } else { Shape::Household });
        let mut sampler = Sampler::new(&compiled, round);
        let mut said = BTreeMap::new();
        for _ in 0..20 {
            let facts = sampler.facts();
            let outcome = compiled.evaluate(&facts).unwrap();
            let evaluation = evaluate(compiled.words(), &facts.machine()).unwrap();
            let public = (evaluation.decision, evaluation.outputs, evaluation.reasons);
            assert_eq!(outcome.decision, outcome.failed.is_empty());
            assert!(outcome.decision || outcome.outputs.is_empty());
            let values: Vec<u64> = outcome.outputs.iter().map(|output| output.value).collect();
            let revealed = outcome.revealed.clone();
            assert!(revealed.iter().all(|code| outcome.failed.contains(code)));
            hidden += usize::from(revealed.len() < outcome.failed.len());
            match said.insert((outcome.decision, values, revealed), public) {
                Some(before) => {
                    same += 1;
                    assert_eq!(before, public);
                }
                None => continue,
            }
        }
    }
    assert!(same > 300 && hidden > 100, "{same} {hidden}");
}
