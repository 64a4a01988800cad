//! What an output tells of records: the attributes that it is computed from, read off the words, which are what is proved.
//!
//! Guarantee: an attribute that can change an output is named. Non-guarantee: how much of it the output gives away; a law's authors see that (`policy check`).

use sealroot_protocol::machine::{Entry, Level, Line, Op, Register, Rules, Selector, TextOperand};
use std::collections::BTreeSet;

/// Attributes by source and position.
pub(crate) type Told = BTreeSet<(usize, usize)>;

/// All that a value is computed from, gates and conditions inside it included.
pub(crate) fn told(rules: &Rules, output: Selector) -> Told {
    let mut walk = Walk { rules, seen: BTreeSet::new(), told: Told::new() };
    walk.entry(Level::Record, of(output));
    walk.told
}

/// The attribute of the first record that an output shows as it stands there.
pub(crate) fn shown(rules: &Rules, output: Selector) -> Option<usize> {
    match output {
        Selector::Attribute(attribute) => Some(attribute),
        Selector::Register(i) => match rules.registers.get(i)? {
            Register { line: Line::Integer(line), op: Op::Identity, gate: None } if line.constant == 0 => {
                match line.weights.iter().collect::<Vec<_>>()[..] {
                    [(Entry::Attribute(attribute), 1)] => Some(*attribute),
                    [(Entry::Register(earlier), 1)] if *earlier < i => shown(rules, Selector::Register(*earlier)),
                    _ => None,
                }
            }
            _ => None,
        },
    }
}

fn of(output: Selector) -> Entry {
    match output {
        Selector::Attribute(i) => Entry::Attribute(i),
        Selector::Register(i) => Entry::Register(i),
    }
}

struct Walk<'a> {
    rules: &'a Rules,
    seen: BTreeSet<(Option<usize>, Entry)>,
    told: Told,
}

impl Walk<'_> {
    fn entry(&mut self, level: Level, entry: Entry) {
        let group = match level {
            Level::Record => None,
            Level::Member(group) => Some(group),
        };
        if !self.seen.insert((group, entry)) {
            return;
        }
        match entry {
            Entry::Attribute(i) => _ = self.told.insert((group.map_or(0, |group| self.source(group)), i)),
            Entry::AttributeSum { group, attribute } => _ = self.told.insert((self.source(group), attribute)),
            Entry::Register(i) => self.register(level, i),
            Entry::MemberSum { group, register } => self.register(Level::Member(group), register),
            Entry::Counterpart(i) => self.register(Level::Member(0), i),
            // The same for everybody who claims.
            Entry::AsOf | Entry::AsOfDay | Entry::PeriodStart | Entry::PeriodEnd => {}
        }
    }

    fn register(&mut self, level: Level, i: usize) {
        let Some(register) = self.rules.registers_of(level).get(i) else { return };
        match &register.line {
            Line::Integer(line) => line.weights.keys().for_each(|entry| self.entry(level, *entry)),
            Line::Text(line) => {
                self.entry(level, Entry::Attribute(line.attribute));
                if let TextOperand::Attribute(other) = line.minus {
                    self.entry(level, Entry::Attribute(other));
                }
            }
        }
        if let Some(gate) = register.gate {
            self.entry(level, gate.into());
        }
    }

    /// The source of a group's records: with one member source both groups hold its records, with two each holds one source's.
    fn source(&self, group: usize) -> usize {
        if self.rules.is_paired() { group + 1 } else { 1 }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use sealroot_protocol::machine::{Gate, IntegerLine, NullifierMode, TextLine};

    fn line(weights: impl IntoIterator<Item = (Entry, i64)>) -> Line {
        Line::Integer(IntegerLine::new(0, weights).unwrap())
    }

    fn register(line: Line) -> Register {
        Register { line, op: Op::Identity, gate: None }
    }

    fn rules(registers: Vec<Register>, members: Vec<Vec<Register>>) -> Rules {
        Rules {
            sources: Vec::new(),
            ranged_attributes: BTreeSet::new(),
            identity: None,
            nullifier: NullifierMode::Holder,
            members,
            registers,
            pool: Vec::new(),
            conditions: Vec::new(),
            requirements: Vec::new(),
            outputs: [None; 2],
        }
    }

    /// Through earlier registers, sums over members and gates: what is left out here, a wallet wouldn't tell.
    #[test]
    fn everything_that_an_output_is_computed_from_is_named() {
        let text = Line::Text(TextLine { attribute: 7, minus: TextOperand::Attribute(8) });
        let gated = Register { gate: Some(Gate::Register(0)), ..register(line([(Entry::Attribute(3), 2)])) };
        let member = register(line([(Entry::Attribute(5), 1)]));
        let rules = rules(
            vec![
                Register { op: Op::Zero, ..register(text) },
                gated,
                register(line([
                    (Entry::Register(1), 1),
                    (Entry::MemberSum { group: 1, register: 0 }, 1),
                    (Entry::AttributeSum { group: 0, attribute: 9 }, 4),
                    (Entry::AsOf, 1),
                ])),
                register(line([(Entry::PeriodStart, 1)])),
            ],
            vec![vec![member.clone()], vec![member]],
        );
        let all = Told::from([(0, 3), (0, 7), (0, 8), (1, 5), (1, 9)]);
        assert_eq!(told(&rules, Selector::Register(2)), all);
        assert_eq!(told(&rules, Selector::Register(3)), Told::new());
        assert_eq!(told(&rules, Selector::Attribute(4)), Told::from([(0, 4)]));
    }

    #[test]
    fn an_attribute_is_shown_under_any_name() {
        let rules = rules(
            vec![
                register(line([(Entry::Attribute(3), 1)])),
                register(line([(Entry::Register(0), 1)])),
                register(line([(Entry::Attribute(3), 2)])),
                Register { op: Op::Max0, ..register(line([(Entry::Attribute(3), 1)])) },
            ],
            Vec::new(),
        );
        let shown = |i| shown(&rules, Selector::Register(i));
        assert_eq!([shown(0), shown(1), shown(2), shown(3)], [Some(3), Some(3), None, None]);
    }
}
