//! Which facts reach which register of the compiled rules, and how finely.

use super::fineness::Path;
use crate::compile::Compiled;
use crate::facts::{Fact, line_reads, source_of_group};
use sealroot_protocol::machine::{Condition, Entry, Gate, Level, Line, Op, Register, Requirement, Rules, Test};
use std::collections::BTreeMap;

/// How a value moves with each fact that it depends on.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trace(pub BTreeMap<Fact, Path>);

impl Trace {
    /// With another's facts; those of both joined.
    pub fn joined(mut self, other: Self, join: impl Fn(Path, &Path) -> Path) -> Self {
        for (fact, path) in other.0 {
            let joined = match self.0.remove(&fact) {
                Some(known) => join(known, &path),
                None => path,
            };
            self.0.insert(fact, joined);
        }
        self
    }
}

/// The traces of all registers: of the record's level, then of the groups; and between which numbers each lies.
pub(crate) struct Traces<'r> {
    pub rules: &'r Rules,
    compiled: &'r Compiled,
    pub registers: [Vec<Trace>; 3],
    ranges: [Vec<(f64, f64)>; 3],
}

impl<'r> Traces<'r> {
    pub fn new(compiled: &'r Compiled) -> Self {
        let rules = compiled.words().rules();
        let mut traces = Self { rules, compiled, registers: Default::default(), ranges: Default::default() };
        for (group, registers) in rules.members.iter().enumerate() {
            registers.iter().for_each(|register| traces.add(Level::Member(group), 1 + group, register));
        }
        rules.registers.iter().for_each(|register| traces.add(Level::Record, 0, register));
        traces
    }

    fn add(&mut self, level: Level, place: usize, register: &Register) {
        let (trace, range) = (self.register(level, register), self.range(level, register));
        let here = (place, self.registers[place].len());
        let trace = trace.0.into_iter().map(|(fact, path)| (fact, path.at(here))).collect();
        self.registers[place].push(Trace(trace));
        self.ranges[place].push(range);
    }

    /// Of an entry of a line.
    pub fn of(&self, level: Level, entry: Entry) -> Trace {
        let exactly = |fact| Trace([(fact, Path::NUMBER)].into());
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

    /// Whether a requirement holds.
    pub fn requirement(&self, requirement: &Requirement) -> Trace {
        let conditions = requirement.any_of.iter().map(|i| self.condition(&self.rules.conditions[*i]));
        conditions.reduce(|all, trace| all.joined(trace, Path::or)).unwrap_or_default()
    }

    fn condition(&self, condition: &Condition) -> Trace {
        let line = self.line(Level::Record, &condition.line);
        if matches!(condition.line, Line::Text(_)) {
            return line;
        }
        let turns = match &condition.test {
            Test::NonNegative => 1.0,
            Test::Zero => 2.0,
            Test::In(values) => 2.0 * values.len() as f64,
        };
        Trace(line.0.into_iter().map(|(fact, path)| (fact, path.tested(turns))).collect())
    }

    /// With one member source the two groups' sums are one sum.
    fn is_said_already(&self, entry: Entry) -> bool {
        !self.rules.is_paired()
            && matches!(entry, Entry::AttributeSum { group: 1, .. } | Entry::MemberSum { group: 1, .. })
    }

    /// Of a line's value; of a text's line, whether it is another text.
    pub fn line(&self, level: Level, line: &Line) -> Trace {
        let Line::Integer(integer) = line else {
            let facts = line_reads(self.rules, level, line).into_iter();
            return Trace(facts.map(|fact| (fact, Path::TEXT)).collect());
        };
        let mut trace = Trace::default();
        for (entry, weight) in integer.weights.iter().filter(|(entry, _)| !self.is_said_already(**entry)) {
            let scaled = |(fact, path): (Fact, Path)| (fact, path.scaled(*weight as f64));
            let term = Trace(self.of(level, *entry).0.into_iter().map(scaled).collect());
            trace = trace.joined(term, Path::plus);
        }
        trace
    }

    fn register(&self, level: Level, register: &Register) -> Trace {
        let line = self.line(level, &register.line);
        let value = |path: Path| match &register.line {
            Line::Integer(_) => path.through(register),
            Line::Text(_) => path,
        };
        let own = Trace(line.0.into_iter().map(|(fact, path)| (fact, value(path))).collect());
        let Some(gate) = register.gate else { return own };
        let gate = self.of(level, gate_entry(gate));
        let range = self.ungated_range(level, register);
        let facts = own.0.keys().chain(gate.0.keys());
        let gated = facts.filter_map(|fact| {
            let path = Path::gated(own.0.get(fact).cloned(), gate.0.get(fact).cloned(), range)?;
            Some((*fact, path))
        });
        Trace(gated.collect())
    }

    /// Between which numbers a register lies.
    fn range(&self, level: Level, register: &Register) -> (f64, f64) {
        let (low, high) = self.ungated_range(level, register);
        if register.gate.is_some() { (low.min(0.0), high.max(0.0)) } else { (low, high) }
    }

    fn ungated_range(&self, level: Level, register: &Register) -> (f64, f64) {
        let Line::Integer(line) = &register.line else { return (0.0, 1.0) };
        let (mut low, mut high) = (line.constant as f64, line.constant as f64);
        for (entry, weight) in line.weights.iter().filter(|(entry, _)| !self.is_said_already(**entry)) {
            let (a, b) = self.entry_range(level, *entry);
            let (a, b) = (a * *weight as f64, b * *weight as f64);
            low += a.min(b);
            high += a.max(b);
        }
        match register.op {
            Op::Identity => (low, high),
            Op::Max0 => (low.max(0.0), high.max(0.0)),
            Op::Min(most) => (low.min(most as f64), high.min(most as f64)),
            Op::Floor(d) => ((low / d as f64).floor(), (high / d as f64).floor()),
            Op::NonNegative | Op::Zero => (0.0, 1.0),
        }
    }

    fn entry_range(&self, level: Level, entry: Entry) -> (f64, f64) {
        let attribute = |source: usize, i: usize| {
            let (low, high) = self.compiled.attributes[source][i].kind.range().unwrap_or((0, 0));
            (low as f64, high as f64)
        };
        let members = self.compiled.most_members() as f64;
        let of_all = |(low, high): (f64, f64)| (members * low.min(0.0), members * high.max(0.0));
        match (entry, level) {
            (Entry::Attribute(0), Level::Record) if self.compiled.is_household() => (1.0, members),
            (Entry::Attribute(i), Level::Record) => attribute(0, i),
            (Entry::Attribute(i), Level::Member(group)) => attribute(source_of_group(self.rules, group), i),
            (Entry::AttributeSum { group, attribute: i }, _) => {
                of_all(attribute(source_of_group(self.rules, group), i))
            }
            (Entry::Register(i), Level::Record) => self.ranges[0][i],
            (Entry::Register(i), Level::Member(group)) => self.ranges[1 + group][i],
            (Entry::Counterpart(i), _) => self.ranges[1][i],
            (Entry::MemberSum { group, register }, _) => of_all(self.ranges[1 + group][register]),
            (Entry::AsOf | Entry::PeriodStart | Entry::PeriodEnd, _) => (10_101.0, 99_991_231.0),
            (Entry::AsOfDay, _) => (-719_162.0, 2_932_896.0),
        }
    }
}

fn gate_entry(gate: Gate) -> Entry {
    match gate {
        Gate::Register(i) => Entry::Register(i),
        Gate::Counterpart(i) => Entry::Counterpart(i),
    }
}
