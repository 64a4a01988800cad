//! What a decision can disclose about which facts, read off the compiled rules.
//!
//! Guarantee: whatever is learned depends on no other facts than those listed, and never more finely than said. The
//! converse doesn't hold: a fact may be listed as computable that the policy's constants hide.

use super::fineness::{Most, Path};
use super::trace::{Trace, Traces};
use crate::compile::Compiled;
use crate::facts::Fact;
use sealroot_protocol::machine::{Entry, Level, Selector};
use std::collections::BTreeMap;

/// Something that a requester learns, and the facts that it depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disclosure {
    /// `decision`, an output's name, a reason code; or both outputs' names with “and” between, where they tell more together.
    pub what: String,
    /// The facts.
    pub facts: Vec<DisclosedFact>,
}

/// A fact that something depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisclosedFact {
    /// Name of the attribute; with the source's before it in the household shape.
    pub name: String,
    /// How finely it shows.
    pub detail: Detail,
    /// Whether only the sum over the members shows.
    pub summed: bool,
    values: Count,
}

/// How finely a fact shows, at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// It is what is shown.
    Shown,
    /// It is computed by anybody who knows the other facts.
    Computable {
        /// Differences smaller than this may not show, even at best.
        step: u128,
        /// Whether something is rounded, so that some facts look alike; if nothing is, each can be told from its neighbours.
        rounded: bool,
        /// Only between limits, or only where some condition holds.
        bounded: bool,
    },
    /// It shows which of so many groups it is in.
    OneOf {
        /// How many groups there are at most.
        most: u128,
    },
    /// Only whether a condition holds.
    YesOrNo,
}

/// So few groups are counted; of more, how wide they are says more.
const FEW: f64 = 16.0;

/// At most `per_unit / 2^60 · n + in_all` results among facts that lie in `n` consecutive integers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Count {
    per_unit: u64,
    in_all: u64,
}

impl DisclosedFact {
    /// How many different results there are at most among facts that lie in `width` consecutive integers, all other facts being the same.
    pub fn results_among(&self, width: u64) -> u128 {
        let grows = u128::from(self.values.per_unit) * u128::from(width);
        (grows >> 60).saturating_add(1).saturating_add(u128::from(self.values.in_all)).min(u128::from(width))
    }
}

impl Count {
    fn of(most: Most) -> Self {
        let per_unit = (most.per_unit.min(1.0) * (1_u64 << 60) as f64).ceil() as u64;
        Self { per_unit, in_all: most.in_all.floor() as u64 }
    }
}

impl Detail {
    /// Whether it tells less than another.
    fn is_coarser_than(self, other: Self) -> bool {
        let rank = |detail| match detail {
            Self::Shown => (0, 0),
            Self::Computable { step, rounded, .. } => (1, step.saturating_mul(2).saturating_add(u128::from(rounded))),
            Self::OneOf { most } => (2, u128::MAX - most),
            Self::YesOrNo => (3, 0),
        };
        rank(self) > rank(other)
    }
}

impl Disclosure {
    /// The fact that what is learned gives away by itself: the only one that shows as more than which of a few groups it is in.
    pub fn gives_away(&self) -> Option<&DisclosedFact> {
        let mut fine =
            self.facts.iter().filter(|fact| matches!(fact.detail, Detail::Shown | Detail::Computable { .. }));
        match (fine.next(), fine.next()) {
            (Some(only), None) => Some(only),
            _ => None,
        }
    }
}

impl Compiled {
    /// What each thing that a requester learns depends on.
    pub fn disclosures(&self) -> Vec<Disclosure> {
        let dependencies = self.dependencies();
        let everything = dependencies.requirements.iter().flat_map(|facts| facts.iter());
        let decision = everything.map(|(fact, shown)| (*fact, *shown)).collect();
        let mut all = vec![self.disclosure("decision", &decision)];
        for (output, facts) in self.text.outputs.iter().zip(&dependencies.outputs) {
            all.push(self.disclosure(output.name.get_ref(), facts));
        }
        if let Some(facts) = &dependencies.reasons {
            all.insert(1, self.disclosure("decision with reasons", facts));
        }
        if let Some(facts) = &dependencies.together {
            let names: Vec<&str> = self.text.outputs.iter().map(|output| output.name.get_ref().as_str()).collect();
            all.push(self.disclosure(&names.join(" and "), facts));
        }
        for (requirement, facts) in self.text.requirements.iter().zip(&dependencies.requirements) {
            if requirement.reveal {
                all.push(self.disclosure(requirement.code.get_ref(), facts));
            }
        }
        all
    }

    /// The facts under each requirement and output.
    pub(crate) fn dependencies(&self) -> Dependencies {
        let rules = self.words().rules();
        let traces = Traces::new(self);
        let under_requirement = |i: usize| {
            let parts = self.requirement_of.iter().zip(&rules.requirements).filter(|(of, _)| **of == i);
            let conditions = parts.flat_map(|(_, r)| &r.any_of).map(|j| &rules.conditions[*j]);
            let facts = conditions.flat_map(|condition| traces.line(Level::Record, &condition.line).0.into_keys());
            facts.map(|fact| (fact, Shown::YES_OR_NO)).collect()
        };
        let outputs: Vec<Trace> = rules
            .outputs
            .iter()
            .flatten()
            .map(|selector| match selector {
                Selector::Attribute(attribute) => traces.of(Level::Record, Entry::Attribute(*attribute)),
                Selector::Register(i) => traces.registers[0][*i].clone(),
            })
            .collect();
        let shown_as_it_is = |i: usize| matches!(rules.outputs.iter().flatten().nth(i), Some(Selector::Attribute(_)));
        let under_output = |(i, trace): (usize, &Trace)| {
            let detail = |(fact, path): (&Fact, &Path)| {
                let mut shown = self.shown(*fact, path.values, path.bounded);
                if shown_as_it_is(i) {
                    shown.detail = Detail::Shown;
                }
                (*fact, shown)
            };
            trace.0.iter().map(detail).collect()
        };
        let under_outputs: Vec<BTreeMap<Fact, Shown>> = outputs.iter().enumerate().map(under_output).collect();
        Dependencies {
            requirements: (0..self.text.requirements.len()).map(under_requirement).collect(),
            reasons: self.reasons(&traces),
            together: self.together(&outputs, &under_outputs),
            outputs: under_outputs,
        }
    }

    /// How finely facts show in a decision with all its revealed reasons: several answers of yes or no, where that is more than one. The
    /// requirements that aren't revealed are one more answer.
    fn reasons(&self, traces: &Traces<'_>) -> Option<BTreeMap<Fact, Shown>> {
        let answers =
            traces.rules.requirements.iter().map(|requirement| (requirement.reveal, traces.requirement(requirement)));
        let (revealed, hidden): (Vec<_>, Vec<_>) = answers.partition(|(reveal, _)| *reveal);
        let hidden = hidden.into_iter().map(|(_, trace)| trace).reduce(|all, trace| all.joined(trace, Path::or));
        let answers = revealed.into_iter().map(|(_, trace)| trace).chain(hidden);
        let all = answers.reduce(|all, trace| all.joined(trace, Path::beside))?;
        let shown = |(fact, path): (Fact, Path)| (fact, self.shown(fact, path.values, false));
        let all: BTreeMap<Fact, Shown> = all.0.into_iter().map(shown).collect();
        all.values().any(|shown| shown.detail != Detail::YesOrNo).then_some(all)
    }

    /// How finely facts show in both outputs at once, where that is finer than in each.
    fn together(&self, traces: &[Trace], alone: &[BTreeMap<Fact, Shown>]) -> Option<BTreeMap<Fact, Shown>> {
        let ([a, b], [alone_a, alone_b]) = (traces, alone) else { return None };
        let mut all: BTreeMap<Fact, Shown> = alone_a.clone();
        all.extend(alone_b.iter().map(|(fact, shown)| (*fact, *shown)));
        let mut finer = false;
        for (fact, first) in &a.0 {
            let (Some(second), Some(one), Some(other)) = (b.0.get(fact), alone_a.get(fact), alone_b.get(fact)) else {
                continue;
            };
            let both = self.shown(*fact, first.together(second), first.bounded || second.bounded);
            let best = if one.detail.is_coarser_than(other.detail) { other } else { one };
            let is_finer = best.detail.is_coarser_than(both.detail);
            finer |= is_finer;
            let detail = if is_finer { both.detail } else { best.detail };
            all.insert(*fact, Shown { detail, ..both });
        }
        finer.then_some(all)
    }

    /// How finely a fact shows that leads to so many values.
    fn shown(&self, fact: Fact, values: Most, bounded: bool) -> Shown {
        let range = self.range_size(fact);
        let most = values.among(range.unwrap_or(f64::INFINITY));
        // A test tells all of a fact of yes or no, and is said to be a test.
        let by_tests = values.per_unit == 0.0 && range.is_some_and(|range| range > 2.0);
        let is_whole = range.is_some_and(|range| most + 1e-6 >= range) && (by_tests || !values.is_rounded());
        let detail = if is_whole {
            Detail::Computable { step: 1, rounded: false, bounded }
        } else if most < 3.0 {
            Detail::YesOrNo
        } else if values.per_unit == 0.0 || most <= FEW {
            Detail::OneOf { most: most as u128 }
        } else {
            Detail::Computable { step: values.step(), rounded: values.is_rounded(), bounded }
        };
        Shown { detail, values: Count::of(values) }
    }

    /// How many values a fact can have; `None` for texts.
    fn range_size(&self, fact: Fact) -> Option<f64> {
        if self.is_household() && fact == (Fact { source: 0, attribute: 0 }) {
            return Some(self.most_members() as f64);
        }
        let range = self.attributes[fact.source][fact.attribute].kind.range();
        range.map(|(low, high)| high as f64 - low as f64 + 1.0)
    }

    fn disclosure(&self, what: &str, facts: &BTreeMap<Fact, Shown>) -> Disclosure {
        let facts = facts.iter().map(|(fact, shown)| DisclosedFact {
            name: self.fact_name(*fact),
            detail: shown.detail,
            summed: fact.source > 0 && shown.detail != Detail::YesOrNo,
            values: shown.values,
        });
        Disclosure { what: what.to_owned(), facts: facts.collect() }
    }

    /// The name of an attribute, with its source's where there are several.
    pub(crate) fn fact_name(&self, fact: Fact) -> String {
        let name = &self.attributes[fact.source][fact.attribute].name;
        if self.is_household() {
            format!("{}.{name}", self.text.sources[fact.source].name.get_ref())
        } else {
            name.clone()
        }
    }
}

/// The facts under each requirement and output of a policy, in their order.
pub(crate) struct Dependencies {
    pub requirements: Vec<BTreeMap<Fact, Shown>>,
    pub outputs: Vec<BTreeMap<Fact, Shown>>,
    /// Under the decision and all revealed reasons, where they tell more than one answer of yes or no.
    pub reasons: Option<BTreeMap<Fact, Shown>>,
    /// Under both outputs at once, where they tell more of a fact together.
    pub together: Option<BTreeMap<Fact, Shown>>,
}

/// How finely a fact shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shown {
    pub detail: Detail,
    values: Count,
}

impl Shown {
    const YES_OR_NO: Self = Self { detail: Detail::YesOrNo, values: Count { per_unit: 0, in_all: 1 } };
}
