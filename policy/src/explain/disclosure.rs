//! What a decision can disclose about which facts, read off the compiled rules.
//!
//! Guarantee: whatever is learned depends on no other facts than those listed, and never more finely than said. The
//! converse doesn't hold: a fact may be listed as computable that the policy's constants hide.

use crate::compile::Compiled;
use crate::facts::{Fact, line_reads, source_of_group};
use sealroot_protocol::machine::{Entry, Gate, Level, Line, Op, Register, Rules, Selector};
use std::collections::BTreeMap;

/// Something that a requester learns, and the facts that it depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disclosure {
    /// `decision`, an output's name, or a reason code.
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
}

/// How finely a fact shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// It is what is shown.
    Shown,
    /// It is computed by anybody who knows the other facts.
    Computable {
        /// Differences smaller than this may not show: 1 = it is computed exactly; more where something is rounded.
        step: u128,
        /// Only between limits, or only where some condition holds.
        bounded: bool,
    },
    /// Only whether conditions hold.
    YesOrNo,
}

impl Disclosure {
    /// The fact that what is learned gives away by itself: the only one that shows as more than yes or no.
    pub fn gives_away(&self) -> Option<&DisclosedFact> {
        let mut fine = self.facts.iter().filter(|fact| fact.detail != Detail::YesOrNo);
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
        let everything = dependencies.requirements.iter().flat_map(|facts| facts.keys());
        let decision = everything.map(|fact| (*fact, Detail::YesOrNo)).collect();
        let mut all = vec![self.disclosure("decision", &decision)];
        for (output, facts) in self.text.outputs.iter().zip(&dependencies.outputs) {
            all.push(self.disclosure(output.name.get_ref(), facts));
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
        let traces = Traces::new(rules);
        let under_requirement = |i: usize| {
            let parts = self.requirement_of.iter().zip(&rules.requirements).filter(|(of, _)| **of == i);
            let conditions = parts.flat_map(|(_, r)| &r.any_of).map(|j| &rules.conditions[*j]);
            let mut all = Trace::default();
            conditions.for_each(|condition| all.join(&traces.line(Level::Record, &condition.line).yes_or_no()));
            all.details()
        };
        let under_output = |selector: &Selector| match selector {
            Selector::Attribute(attribute) => [(Fact { source: 0, attribute: *attribute }, Detail::Shown)].into(),
            Selector::Register(i) => traces.registers[0][*i].details(),
        };
        Dependencies {
            requirements: (0..self.text.requirements.len()).map(under_requirement).collect(),
            outputs: rules.outputs.iter().flatten().map(under_output).collect(),
        }
    }

    fn disclosure(&self, what: &str, facts: &BTreeMap<Fact, Detail>) -> Disclosure {
        let facts = facts.iter().map(|(fact, detail)| DisclosedFact {
            name: self.fact_name(*fact),
            detail: *detail,
            summed: fact.source > 0 && *detail != Detail::YesOrNo,
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
    pub requirements: Vec<BTreeMap<Fact, Detail>>,
    pub outputs: Vec<BTreeMap<Fact, Detail>>,
}

/// How a value moves with a fact: by `slope` = (numerator, denominator) for each unit; `None` = by yes or no only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Path {
    slope: Option<(u128, u128)>,
    bounded: bool,
}

impl Path {
    const YES_OR_NO: Self = Self { slope: None, bounded: false };

    fn detail(self) -> Detail {
        match self.slope {
            None => Detail::YesOrNo,
            Some((numerator, denominator)) => {
                Detail::Computable { step: denominator.div_ceil(numerator).max(1), bounded: self.bounded }
            }
        }
    }

    /// Two ways on which one fact reaches a value: at most as fine as their sum, and not everywhere.
    fn beside(self, other: Self) -> Self {
        let slope = match (self.slope, other.slope) {
            (None, slope) | (slope, None) => slope,
            (Some((a, b)), Some((c, d))) => {
                Some((a.saturating_mul(d).saturating_add(c.saturating_mul(b)), b.saturating_mul(d)))
            }
        };
        Self { slope, bounded: slope.is_some() }
    }
}

#[derive(Debug, Clone, Default)]
struct Trace(BTreeMap<Fact, Path>);

impl Trace {
    fn add(&mut self, fact: Fact, path: Path) {
        self.0.entry(fact).and_modify(|known| *known = known.beside(path)).or_insert(path);
    }

    fn join(&mut self, other: &Self) {
        other.0.iter().for_each(|(fact, path)| self.add(*fact, *path));
    }

    fn map(&self, change: impl Fn(Path) -> Path) -> Self {
        Self(self.0.iter().map(|(fact, path)| (*fact, change(*path))).collect())
    }

    fn details(&self) -> BTreeMap<Fact, Detail> {
        self.0.iter().map(|(fact, path)| (*fact, path.detail())).collect()
    }

    fn yes_or_no(&self) -> Self {
        self.map(|_| Path::YES_OR_NO)
    }

    fn scaled(&self, weight: i64) -> Self {
        let by = u128::from(weight.unsigned_abs());
        self.map(|path| Path { slope: path.slope.map(|(n, d)| (n.saturating_mul(by), d)), ..path })
    }
}

/// The traces of all registers: of the record's level, then of the groups.
struct Traces<'r> {
    rules: &'r Rules,
    registers: [Vec<Trace>; 3],
}

impl<'r> Traces<'r> {
    fn new(rules: &'r Rules) -> Self {
        let mut traces = Self { rules, registers: Default::default() };
        for (group, registers) in rules.members.iter().enumerate() {
            for register in registers {
                let trace = traces.register(Level::Member(group), register);
                traces.registers[1 + group].push(trace);
            }
        }
        for register in &rules.registers {
            let trace = traces.register(Level::Record, register);
            traces.registers[0].push(trace);
        }
        traces
    }

    fn of(&self, level: Level, entry: Entry) -> Trace {
        let exactly = |fact| Trace([(fact, Path { slope: Some((1, 1)), bounded: false })].into());
        match (entry, level) {
            (Entry::Attribute(attribute), Level::Record) => exactly(Fact { source: 0, attribute }),
            (Entry::Attribute(attribute), Level::Member(group)) | (Entry::AttributeSum { group, attribute }, _) => {
                exactly(Fact { source: source_of_group(self.rules, group), attribute })
            }
            (Entry::Register(i), Level::Record) => self.registers[0][i].clone(),
            (Entry::Register(i), Level::Member(group)) => self.registers[1 + group][i].clone(),
            (Entry::Counterpart(i), _) => self.registers[1][i].clone(),
            (Entry::MemberSum { group, register }, _) => self.registers[1 + group][register].clone(),
            (Entry::AsOf | Entry::AsOfDay | Entry::PeriodStart | Entry::PeriodEnd, _) => Trace::default(),
        }
    }

    fn line(&self, level: Level, line: &Line) -> Trace {
        let Line::Integer(integer) = line else {
            let facts = line_reads(self.rules, level, line).into_iter();
            return Trace(facts.map(|fact| (fact, Path::YES_OR_NO)).collect());
        };
        let mut trace = Trace::default();
        for (entry, weight) in &integer.weights {
            // with one member source the two groups' sums are one sum
            if !self.rules.is_paired()
                && matches!(entry, Entry::AttributeSum { group: 1, .. } | Entry::MemberSum { group: 1, .. })
            {
                continue;
            }
            trace.join(&self.of(level, *entry).scaled(*weight));
        }
        trace
    }

    fn register(&self, level: Level, register: &Register) -> Trace {
        let line = self.line(level, &register.line);
        let mut trace = match register.op {
            Op::Identity => line,
            Op::Max0 | Op::Min(_) => line.map(|path| Path { bounded: true, ..path }),
            Op::Floor(d) => {
                let by = u128::from(d);
                line.map(|path| Path { slope: path.slope.map(|(n, d)| (n, d.saturating_mul(by))), ..path })
            }
            Op::NonNegative | Op::Zero => line.yes_or_no(),
        };
        if let Some(gate) = register.gate {
            trace = trace.map(|path| Path { bounded: true, ..path });
            let entry = match gate {
                Gate::Register(i) => Entry::Register(i),
                Gate::Counterpart(i) => Entry::Counterpart(i),
            };
            trace.join(&self.of(level, entry).yes_or_no());
        }
        trace
    }
}
