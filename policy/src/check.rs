//! `policy check`: runs a policy's cases, compares the compiled rules with cel's own interpreter on them and on facts
//! around every boundary, and says what a decision can disclose.

use crate::compile::Compiled;
use crate::diagnostic::{Diagnostic, Finding};
use crate::emit::Usage;
use crate::facts::{PlainFacts, PlainValue, line_reads};
use crate::text::CaseText;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use sealroot_protocol::date::{Date, Period};
use sealroot_protocol::field;
use sealroot_protocol::machine::{Entry, Gate, Line, Op, Selector, evaluate};
use sealroot_protocol::schema::AttributeKind;
use std::collections::{BTreeMap, BTreeSet};

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckReport {
    /// Cases that were run.
    pub cases: usize,
    /// Facts around boundaries on which compiled rules and interpreter were compared.
    pub compared: usize,
    /// Everything that isn't as it should be; empty if all is well.
    pub problems: Vec<Diagnostic>,
    /// How much of each capacity is taken.
    pub usage: Usage,
    /// What each disclosed thing depends on.
    pub disclosures: Vec<Disclosure>,
}

/// Something that a requester learns, and the facts that it depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disclosure {
    /// `decision`, an output's name, or a reason code.
    pub what: String,
    /// Names of attributes.
    pub facts: Vec<String>,
    /// Whether the value of the one fact is shown as it is.
    pub exact: bool,
}

impl Compiled {
    /// Runs all cases and compares on `comparisons` random facts around boundaries, drawn from `seed`.
    pub fn check(&self, comparisons: usize, seed: u64) -> CheckReport {
        let mut problems = Vec::new();
        for case in &self.text.cases {
            let found = self.case(case);
            let offset = case.name.span().start;
            problems.extend(found.into_iter().map(|problem| {
                let message = format!("case {:?}: {problem}", case.name.get_ref());
                self.source.located().at(offset, Finding::new(message))
            }));
        }
        let compared = match self.compare(comparisons, seed) {
            Ok(compared) => compared,
            Err(problem) => {
                problems.push(self.source.located().at(0, Finding::new(problem)));
                0
            }
        };
        let cases = self.text.cases.len();
        CheckReport { cases, compared, problems, usage: self.usage(), disclosures: self.disclosures() }
    }

    /// What is wrong with a case.
    fn case(&self, case: &CaseText) -> Vec<String> {
        let facts = match self.case_facts(case) {
            Ok(facts) => facts,
            Err(problem) => return vec![problem],
        };
        let outcome = match self.evaluate(&facts) {
            Ok(outcome) => outcome,
            Err(unprovable) => return vec![unprovable.to_string()],
        };
        let mut problems = Vec::new();
        if outcome.decision != case.decision {
            problems.push(format!("expected decision {}, found {}", case.decision, outcome.decision));
        }
        let (expected, found): (BTreeSet<_>, BTreeSet<_>) =
            (case.reasons.iter().collect(), outcome.failed.iter().collect());
        if expected != found {
            problems.push(format!("expected failed requirements {expected:?}, found {found:?}"));
        }
        let shown: BTreeMap<&str, &str> = outcome.outputs.iter().map(|o| (o.name.as_str(), o.shown.as_str())).collect();
        let expected: BTreeMap<&str, String> =
            case.outputs.iter().map(|(name, value)| (name.as_str(), toml_text(value).unwrap_or_default())).collect();
        if !shown.iter().map(|(n, v)| (*n, (*v).to_owned())).eq(expected.iter().map(|(n, v)| (*n, v.clone()))) {
            problems.push(format!("expected outputs {expected:?}, found {shown:?}"));
        }
        match self.opinion(&facts) {
            Ok(opinion) if opinion.agrees(&outcome) => {}
            Ok(opinion) => problems.push(format!("cel's interpreter says {opinion:?}, the compiled rules {outcome:?}")),
            Err(none) => problems.push(none.to_string()),
        }
        problems
    }

    fn case_facts(&self, case: &CaseText) -> Result<PlainFacts, String> {
        let mut given = BTreeMap::new();
        for (name, value) in &case.facts {
            let texts = match value {
                toml::Value::Array(values) => values.iter().map(toml_text).collect(),
                value => toml_text(value).map(|text| vec![text]),
            };
            let texts =
                texts.ok_or_else(|| format!("{name:?} is written as in CSV: a text, a whole number, true or false"))?;
            given.insert(name.clone(), texts);
        }
        let month = case.as_of.month();
        let period = case.period.unwrap_or(Period { start: month.first_day(), end: month.last_day() });
        self.facts(&given, case.as_of, period).map_err(|e| e.to_string())
    }

    /// Compares compiled rules and interpreter on facts that lie on and around the boundaries of the rules' lines.
    /// Returns how many could be compared; facts on which cel overflows its 64 bits can't.
    fn compare(&self, comparisons: usize, seed: u64) -> Result<usize, String> {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut compared = 0;
        for _ in 0..comparisons {
            let mut facts = self.random_facts(&mut rng);
            for _ in 0..rng.random_range(0..3) {
                self.move_to_boundary(&mut facts, &mut rng);
            }
            let outcome = self.evaluate(&facts).map_err(|e| format!("facts that the schema admits are {e}"))?;
            let Ok(opinion) = self.opinion(&facts) else { continue };
            if !opinion.agrees(&outcome) {
                return Err(format!("cel's interpreter says {opinion:?}, the compiled rules {outcome:?}"));
            }
            compared += 1;
        }
        Ok(compared)
    }

    fn random_facts(&self, rng: &mut StdRng) -> PlainFacts {
        let first = self.text.in_force.from.day_number();
        let day = |number: i64| Date::from_day_number(number).unwrap_or(self.text.in_force.from);
        let as_of = day(first + rng.random_range(0..1000));
        let texts = self.texts();
        let mut values = Vec::new();
        for attribute in &self.attributes {
            values.push(match (&attribute.kind, attribute.kind.range()) {
                (AttributeKind::Date {}, _) => {
                    let date = day(as_of.day_number() - rng.random_range(-400..40_000));
                    PlainValue::Integer(i64::from(date.yyyymmdd()))
                }
                (AttributeKind::DayNumber {}, _) => {
                    PlainValue::Integer(as_of.day_number() - rng.random_range(-400..40_000))
                }
                (_, Some((low, high))) => {
                    let near = [0, 1, 100, 10_000, 1_000_000][rng.random_range(0..5)];
                    let x = match rng.random_range(0..8) {
                        0 => low,
                        1 => high,
                        _ => rng.random_range(-near..=near),
                    };
                    PlainValue::Integer(x.clamp(low, high))
                }
                (_, None) => PlainValue::Text(texts[rng.random_range(0..texts.len())].clone()),
            });
        }
        let month = as_of.month();
        PlainFacts { values, as_of, period: Period { start: month.first_day(), end: month.last_day() } }
    }

    /// Texts that the policy compares with, and one that it doesn't.
    fn texts(&self) -> Vec<String> {
        let mut texts = vec!["no text of the policy".to_owned()];
        let mut push = |value: &toml::Value| {
            if let toml::Value::String(text) = value {
                texts.push(text.clone());
            }
        };
        for parameter in self.text.parameters.values() {
            match parameter.value.get_ref() {
                toml::Value::Array(values) => values.iter().for_each(&mut push),
                value => push(value),
            }
        }
        let expressions = self.text.requirements.iter().map(|r| r.when.get_ref());
        for expression in expressions.chain(self.text.definitions.values().map(|d| d.value.get_ref())) {
            // the odd parts between quotes are the literals, or near enough to draw from
            texts.extend(expression.split(['"', '\'']).skip(1).step_by(2).map(str::to_owned));
        }
        texts
    }

    /// Changes one attribute so that a line of the rules is 0, or one unit beside it.
    fn move_to_boundary(&self, facts: &mut PlainFacts, rng: &mut StdRng) {
        let rules = self.words().rules();
        let Ok(evaluation) = evaluate(self.words(), &facts.machine()) else { return };
        let registers = rules.registers.iter().zip(&evaluation.registers).map(|(r, t)| {
            let sign = if matches!(r.op, Op::Min(_)) { -1 } else { 1 };
            (&r.line, field::to_i128(t.line).unwrap_or(0) * sign)
        });
        let conditions = rules.conditions.iter().zip(&evaluation.conditions);
        let lines: Vec<(&Line, i128)> =
            registers.chain(conditions.map(|(c, t)| (&c.line, field::to_i128(t.line).unwrap_or(0)))).collect();
        let Line::Integer(line) = lines[rng.random_range(0..lines.len())].0 else { return };
        let value = lines.iter().find(|(l, _)| matches!(l, Line::Integer(l) if l == line)).map_or(0, |(_, v)| *v);
        let candidates: Vec<(usize, i64)> = line
            .weights
            .iter()
            .filter_map(|(e, w)| if let Entry::Attribute(i) = e { Some((*i, *w)) } else { None })
            .collect();
        if candidates.is_empty() {
            return;
        }
        let (i, weight) = candidates[rng.random_range(0..candidates.len())];
        let PlainValue::Integer(x) = facts.values[i] else { return };
        let moved = i128::from(x) - value / i128::from(weight) + i128::from(rng.random_range(-1..=1));
        let Ok(moved) = i64::try_from(moved) else { return };
        let kind = &self.attributes[i].kind;
        let exists = match kind {
            AttributeKind::Date {} => u32::try_from(moved).is_ok_and(|d| Date::from_yyyymmdd(d).is_ok()),
            _ => kind.range().is_some_and(|(low, high)| (low..=high).contains(&moved)),
        };
        if exists {
            facts.values[i] = PlainValue::Integer(moved);
        }
    }

    /// What each thing that a requester learns depends on. An output of one fact shown as it is says `exact`; one that
    /// is computed may still be invertible.
    pub fn disclosures(&self) -> Vec<Disclosure> {
        let rules = self.words().rules();
        let mut under_registers: Vec<BTreeSet<usize>> = Vec::new();
        for register in &rules.registers {
            let mut reads = reads_through(&register.line, &under_registers);
            if let Some(Gate::Register(gate)) = register.gate {
                reads.extend(under_registers[gate].iter());
            }
            under_registers.push(reads);
        }
        let under_requirement = |i: usize| -> BTreeSet<usize> {
            let conditions = rules.requirements[i].any_of.iter().map(|j| &rules.conditions[*j]);
            conditions.flat_map(|c| reads_through(&c.line, &under_registers)).collect()
        };
        let named = |facts: BTreeSet<usize>| facts.into_iter().map(|i| self.attributes[i].name.clone()).collect();
        let everything = (0..rules.requirements.len()).flat_map(under_requirement).collect();
        let mut all = vec![Disclosure { what: "decision".to_owned(), facts: named(everything), exact: false }];
        for (output, selector) in self.text.outputs.iter().zip(rules.outputs.iter().flatten()) {
            let (facts, exact) = match selector {
                Selector::Attribute(i) => ([*i].into(), true),
                Selector::Register(i) => (under_registers[*i].clone(), false),
            };
            all.push(Disclosure { what: output.name.get_ref().clone(), facts: named(facts), exact });
        }
        for (i, requirement) in self.text.requirements.iter().enumerate().filter(|(_, r)| r.reveal) {
            let what = requirement.code.get_ref().clone();
            all.push(Disclosure { what, facts: named(under_requirement(i)), exact: false });
        }
        all
    }
}

/// Attributes under a line, through the registers that it reads.
fn reads_through(line: &Line, registers: &[BTreeSet<usize>]) -> BTreeSet<usize> {
    let mut reads: BTreeSet<usize> = line_reads(line).into_iter().collect();
    if let Line::Integer(line) = line {
        for entry in line.weights.keys() {
            if let Entry::Register(i) = entry {
                reads.extend(registers[*i].iter());
            }
        }
    }
    reads
}

/// A fact as CSV spells it.
fn toml_text(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(x) => Some(x.to_string()),
        toml::Value::Boolean(b) => Some(b.to_string()),
        _ => None,
    }
}
