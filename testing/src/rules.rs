//! Seeded generators of random valid rules, and of facts around their boundaries.
//!
//! Guarantee: the same seed gives the same case on every machine. Rules are valid by construction and use every
//! operation, gate, test and boundary that validation admits; facts are partly out of range on purpose.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use sealroot_protocol::{
    date::{Date, FactsPeriod, Period},
    field::{self, F},
    machine::{
        ATTRIBUTES, Condition, Dimensions, Entry, Facts, FactsPeriodRule, Gate, IntegerLine, Level, Line, Member,
        NullifierMode, Op, Register, Requirement, Rules, Selector, Shape, SourceRule, Test, TextLine, TextOperand,
        ValidWords,
    },
    schema::{MEMBERS, SchemaId, text_value},
};
use std::collections::BTreeSet;

/// A generator for one seed.
pub struct Generator {
    rng: StdRng,
}

/// Texts that sets and comparisons draw from, few enough to coincide.
const TEXTS: [&str; 6] = ["", "north", "south", "North", "北", "district 7"];

/// Constants of member lines, and of what they are the smaller of, are at most this.
const FAR: i128 = (1 << 77) - 1;

/// In members' records the attributes before this one are integers, the others text.
const MEMBER_TEXTS: usize = 24;

impl Generator {
    /// From a seed.
    pub fn new(seed: u64) -> Self {
        Self { rng: StdRng::seed_from_u64(seed) }
    }

    /// Random valid rules.
    ///
    /// # Panics
    /// If the rules are not valid, which is a mistake in this generator or in validation.
    pub fn rules(&mut self, shape: Shape) -> ValidWords {
        let d = shape.dimensions();
        let household = d.groups > 0;
        let free = if household { MEMBERS + 1 } else { 0 };
        let integers: BTreeSet<usize> =
            (free..d.attributes).filter(|_| self.rng.random_bool(0.75)).chain(household.then_some(0)).collect();
        let paired = household && self.rng.random_bool(0.5);
        let sources = if paired || !household { d.sources } else { d.sources - 1 };
        let nullifiers = [NullifierMode::RecordPerScope, NullifierMode::RecordOnce, NullifierMode::Holder];
        let mut rules = Rules {
            sources: (0..sources).map(|_| self.source()).collect(),
            identity: self.pick_text(&d, &integers, free),
            ranged_attributes: integers,
            nullifier: nullifiers[self.rng.random_range(0..if household { 2 } else { 3 })],
            members: Vec::new(),
            registers: Vec::new(),
            pool: Vec::new(),
            conditions: Vec::new(),
            requirements: Vec::new(),
            outputs: [None; 2],
        };
        for group in 0..d.groups {
            rules.members.push(Vec::new());
            if group > 0 && !paired {
                rules.members[group] = rules.members[0].clone();
                continue;
            }
            for i in 0..self.count(0, d.member_registers) {
                let register = self.register(&d, &rules, Level::Member(group), i);
                rules.members[group].push(register);
            }
        }
        for i in 0..self.count(0, d.registers) {
            let register = self.register(&d, &rules, Level::Record, i);
            rules.registers.push(register);
        }
        for i in 0..self.count(1, d.conditions) {
            let condition = self.condition(&d, &mut rules, i < d.set_conditions);
            rules.conditions.push(condition);
        }
        for _ in 0..self.count(1, d.requirements) {
            let n = rules.conditions.len();
            let any_of = (0..self.rng.random_range(1..=3)).map(|_| self.rng.random_range(0..n)).collect();
            rules.requirements.push(Requirement { any_of, reveal: self.rng.random_bool(0.5) });
        }
        for i in 0..rules.outputs.len() {
            rules.outputs[i] = self.output(&rules);
        }
        match ValidWords::from_rules(shape, &rules) {
            Ok(words) => words,
            Err(error) => panic!("the generator made rules that are not valid: {error}\n{rules:#?}"),
        }
    }

    /// Random facts for rules: attributes at and around boundaries, dates around birthdays and leap days.
    /// About one in twenty has an integer attribute out of range, and so is unprovable.
    pub fn facts(&mut self, words: &ValidWords) -> Facts {
        let (rules, d) = (words.rules(), words.shape().dimensions());
        let as_of = self.date();
        let integer = |i: usize| rules.ranged_attributes.contains(&i);
        let mut attributes = self.attributes(as_of, integer);
        let mut members = Vec::new();
        if d.groups > 0 {
            let most = if rules.is_paired() { d.group_slots } else { d.slots() };
            for _ in 0..self.count(1, most) {
                let records = (0..rules.sources.len() - 1).map(|_| self.attributes(as_of, |i| i < MEMBER_TEXTS));
                members.push(Member { records: records.collect() });
            }
            attributes[0] = F::from(members.len() as u64);
            attributes[1..=MEMBERS].fill(F::from(0u8));
        }
        if self.rng.random_bool(0.05) {
            let out = [-F::from(1u64 << 63) - F::from(1u8), F::from(1u64 << 63), F::from(1u128 << 80), text_value("x")];
            let first = if d.groups > 0 { MEMBERS + 1 } else { 0 };
            attributes[self.rng.random_range(first..ATTRIBUTES)] = out[self.rng.random_range(0..out.len())];
        }
        let month = as_of.month();
        Facts { attributes, members, as_of, period: Period { start: month.first_day(), end: month.last_day() } }
    }

    fn attributes(&mut self, as_of: Date, integer: impl Fn(usize) -> bool) -> [F; ATTRIBUTES] {
        let mut attributes = [F::from(0u8); ATTRIBUTES];
        for (i, attribute) in attributes.iter_mut().enumerate() {
            *attribute = if integer(i) {
                field::from_i128(self.integer(as_of))
            } else {
                text_value(TEXTS[self.rng.random_range(0..TEXTS.len())])
            };
        }
        attributes
    }

    fn count(&mut self, least: usize, most: usize) -> usize {
        match self.rng.random_range(0..4) {
            0 => least,
            1 => most,
            _ => self.rng.random_range(least..=most),
        }
    }

    fn source(&mut self) -> SourceRule {
        let facts_period = match self.rng.random_range(0..3) {
            0 => FactsPeriodRule::Constant(FactsPeriod::Timeless),
            1 => FactsPeriodRule::Constant(FactsPeriod::From(self.date().month())),
            _ => FactsPeriodRule::MonthsBefore(self.rng.random_range(0..=24)),
        };
        SourceRule { schema_id: SchemaId(field::truncate_248(&self.rng.random())), facts_period }
    }

    fn pick_text(&mut self, d: &Dimensions, integers: &BTreeSet<usize>, first: usize) -> Option<usize> {
        let texts: Vec<usize> = (first..d.attributes).filter(|i| !integers.contains(i)).collect();
        (!texts.is_empty() && self.rng.random_bool(0.9)).then(|| texts[self.rng.random_range(0..texts.len())])
    }

    /// A sparse integer line over the fixed entries and `registers` registers of a level; never without entries.
    fn integer_line(&mut self, d: &Dimensions, rules: &Rules, level: Level, registers: usize) -> IntegerLine {
        let used = |of: Level, i: usize| i < rules.registers_of(of).len();
        let readable: Vec<Entry> = (0..d.entries_before(level, registers))
            .filter_map(|i| d.entry_at(level, i))
            .filter(|e| match *e {
                Entry::Attribute(i) if level == Level::Record => rules.ranged_attributes.contains(&i),
                Entry::Attribute(attribute) | Entry::AttributeSum { attribute, .. } => attribute < MEMBER_TEXTS,
                Entry::MemberSum { group, register } => used(Level::Member(group), register),
                Entry::Counterpart(i) => rules.is_paired() && used(Level::Member(0), i),
                _ => true,
            })
            .collect();
        let constant = self.constant();
        let mut line = IntegerLine::constant(if level == Level::Record { constant } else { constant.clamp(-FAR, FAR) });
        for _ in 0..self.rng.random_range(1..=4) {
            let entry = readable[self.rng.random_range(0..readable.len())];
            let weight = match self.rng.random_range(0..8) {
                0 => (1 << 40) - 1,
                1 => -(1 << 40) + 1,
                2 => 100,
                3 | 4 => -1,
                _ => 1,
            };
            line.weights.insert(entry, weight);
            // One source fills both groups: a person counts the same in either.
            let other = match entry {
                Entry::AttributeSum { group, attribute } => Entry::AttributeSum { group: 1 - group, attribute },
                Entry::MemberSum { group, register } => Entry::MemberSum { group: 1 - group, register },
                _ => continue,
            };
            if !rules.is_paired() {
                line.weights.insert(other, weight);
            }
        }
        line
    }

    fn constant(&mut self) -> i128 {
        let choices =
            [0, 0, 1, -1, 10_000, -10_000, 180_000, -180_000, (1 << 79) - 1, -(1 << 79), (1 << 119), -(1 << 63)];
        match self.rng.random_range(0..4) {
            // far constants make most facts unprovable: seldom
            0 if self.rng.random_bool(0.2) => choices[self.rng.random_range(0..choices.len())],
            _ => choices[self.rng.random_range(0..8)],
        }
    }

    fn register(&mut self, d: &Dimensions, rules: &Rules, level: Level, i: usize) -> Register {
        let texts = self.texts(d, rules, level);
        let (line, op) = if !texts.is_empty() && self.rng.random_bool(0.15) {
            (Line::Text(self.text_line(&texts)), Op::Zero)
        } else {
            let op = match self.rng.random_range(0..6) {
                0 => Op::Identity,
                1 => Op::Max0,
                2 if level == Level::Record => Op::Min(self.constant().clamp(-(1 << 79), (1 << 79) - 1)),
                2 => Op::Min(self.constant().clamp(-FAR, FAR)),
                3 => Op::Floor([1, 2, 3, 100, (1 << 40) - 1][self.rng.random_range(0..5)]),
                4 => Op::NonNegative,
                _ => Op::Zero,
            };
            (Line::Integer(self.integer_line(d, rules, level, i)), op)
        };
        let boolean = |of: Level| move |j: &usize| rules.registers_of(of)[*j].op.is_boolean();
        let mut gates: Vec<Gate> = (0..i).filter(boolean(level)).map(Gate::Register).collect();
        if rules.is_paired() && level == Level::Member(1) {
            let first = Level::Member(0);
            gates.extend((0..rules.registers_of(first).len()).filter(boolean(first)).map(Gate::Counterpart));
        }
        let gated = !gates.is_empty() && self.rng.random_bool(0.4);
        Register { line, op, gate: gated.then(|| gates[self.rng.random_range(0..gates.len())]) }
    }

    /// The text attributes that lines of a level can read.
    fn texts(&mut self, d: &Dimensions, rules: &Rules, level: Level) -> Vec<usize> {
        match level {
            Level::Member(_) => (MEMBER_TEXTS..d.attributes).collect(),
            Level::Record => {
                let first = if d.groups > 0 { MEMBERS + 1 } else { 0 };
                (first..d.attributes).filter(|j| !rules.ranged_attributes.contains(j)).collect()
            }
        }
    }

    fn text_line(&mut self, texts: &[usize]) -> TextLine {
        let attribute = texts[self.rng.random_range(0..texts.len())];
        let other = texts[self.rng.random_range(0..texts.len())];
        let minus = if other != attribute && self.rng.random_bool(0.5) {
            TextOperand::Attribute(other)
        } else {
            TextOperand::Constant(text_value(TEXTS[self.rng.random_range(0..TEXTS.len())]))
        };
        TextLine { attribute, minus }
    }

    fn condition(&mut self, d: &Dimensions, rules: &mut Rules, sets: bool) -> Condition {
        let texts = self.texts(d, rules, Level::Record);
        let member = sets && self.rng.random_bool(0.5);
        let negated = self.rng.random_bool(0.3);
        if !texts.is_empty() && self.rng.random_bool(0.3) {
            let line = self.text_line(&texts);
            return if member {
                let line = TextLine { minus: TextOperand::Constant(F::from(0u8)), ..line };
                let members = self.members(&TEXTS.map(text_value));
                Condition { line: Line::Text(line), test: Test::In(pool(d, rules, &members)), negated }
            } else {
                Condition { line: Line::Text(line), test: Test::Zero, negated }
            };
        }
        let line = Line::Integer(self.integer_line(d, rules, Level::Record, rules.registers.len()));
        let test = if member {
            let members = self.members(&[-(1 << 79), -1, 0, 1, 2, 99, (1 << 79) - 1].map(field::from_i128));
            Test::In(pool(d, rules, &members))
        } else if self.rng.random_bool(0.7) {
            Test::NonNegative
        } else {
            Test::Zero
        };
        Condition { line, test, negated }
    }

    fn members(&mut self, of: &[F]) -> Vec<F> {
        let n = self.rng.random_range(1..=of.len());
        let start = self.rng.random_range(0..of.len());
        (0..n).map(|i| of[(start + i) % of.len()]).collect()
    }

    fn output(&mut self, rules: &Rules) -> Option<Selector> {
        let integers: Vec<usize> = rules.ranged_attributes.iter().copied().collect();
        match self.rng.random_range(0..3) {
            0 if !integers.is_empty() => Some(Selector::Attribute(integers[self.rng.random_range(0..integers.len())])),
            1 if !rules.registers.is_empty() => {
                Some(Selector::Register(self.rng.random_range(0..rules.registers.len())))
            }
            _ => None,
        }
    }

    fn integer(&mut self, as_of: Date) -> i128 {
        let most = (1i128 << 63) - 1;
        match self.rng.random_range(0..10) {
            0 => [-most - 1, -most, most - 1, most][self.rng.random_range(0..4)],
            1 => i128::from(self.date().yyyymmdd()),
            // 18 years before, to the day, and the days around
            2 => i128::from(as_of.yyyymmdd()) - 180_000 + self.rng.random_range(-1..=1),
            3 => self.rng.random_range(-10_001..=10_001),
            4 => self.rng.random_range(0..=1),
            _ => [-1, 0, 1, 2, 99, 100, 9_999, 10_000, 10_001][self.rng.random_range(0..9)],
        }
    }

    fn date(&mut self) -> Date {
        const DAYS: [u32; 8] =
            [20_240_229, 20_250_228, 20_000_229, 20_260_101, 20_261_231, 20_260_630, 20_260_701, 19_240_229];
        let fixed = DAYS[self.rng.random_range(0..DAYS.len())];
        let chosen = if self.rng.random_bool(0.5) {
            Date::from_yyyymmdd(fixed)
        } else {
            Date::from_day_number(self.rng.random_range(-20_000..40_000))
        };
        match chosen {
            Ok(date) => date,
            Err(error) => unreachable!("the generator draws existing dates only: {error}"),
        }
    }
}

/// The pool positions of constants, appended where they are new; as many as fit, at least one.
fn pool(d: &Dimensions, rules: &mut Rules, members: &[F]) -> BTreeSet<usize> {
    let mut set = BTreeSet::new();
    for member in members {
        match rules.pool.iter().position(|known| known == member) {
            Some(at) => {
                set.insert(at);
            }
            None if rules.pool.len() < d.pool => {
                rules.pool.push(*member);
                set.insert(rules.pool.len() - 1);
            }
            None => {}
        }
    }
    set
}
