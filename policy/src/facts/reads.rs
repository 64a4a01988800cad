//! Which facts the rules read.

use sealroot_protocol::machine::{Entry, Level, Line, Rules, Selector, TextOperand};
use std::collections::BTreeSet;

/// An attribute of a source's record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Fact {
    /// 0, or in the household shape 1 or 2 for members' records.
    pub source: usize,
    pub attribute: usize,
}

/// The source of the records in a group of member slots.
pub(crate) fn source_of_group(rules: &Rules, group: usize) -> usize {
    if rules.is_paired() { 1 + group } else { 1 }
}

/// Facts that a line reads itself, not through registers.
pub(crate) fn line_reads(rules: &Rules, level: Level, line: &Line) -> Vec<Fact> {
    let source = match level {
        Level::Record => 0,
        Level::Member(group) => source_of_group(rules, group),
    };
    match line {
        Line::Integer(line) => line
            .weights
            .keys()
            .filter_map(|entry| match entry {
                Entry::Attribute(attribute) => Some(Fact { source, attribute: *attribute }),
                Entry::AttributeSum { group, attribute } => {
                    Some(Fact { source: source_of_group(rules, *group), attribute: *attribute })
                }
                _ => None,
            })
            .collect(),
        Line::Text(line) => {
            let other = if let TextOperand::Attribute(j) = line.minus { Some(j) } else { None };
            let both = [Some(line.attribute), other].into_iter().flatten();
            both.map(|attribute| Fact { source, attribute }).collect()
        }
    }
}

/// All facts that the rules read, the identity aside.
pub(crate) fn reads(rules: &Rules) -> BTreeSet<Fact> {
    let mut read = BTreeSet::new();
    for (level, line) in lines(rules) {
        read.extend(line_reads(rules, level, line));
    }
    for output in rules.outputs.iter().flatten() {
        if let Selector::Attribute(attribute) = output {
            read.insert(Fact { source: 0, attribute: *attribute });
        }
    }
    read
}

/// All lines with their level.
pub(crate) fn lines(rules: &Rules) -> impl Iterator<Item = (Level, &Line)> {
    let of_members = rules.members.iter().enumerate();
    let of_members = of_members.flat_map(|(group, list)| list.iter().map(move |r| (Level::Member(group), &r.line)));
    let of_record = rules.registers.iter().map(|r| &r.line).chain(rules.conditions.iter().map(|c| &c.line));
    of_members.chain(of_record.map(|line| (Level::Record, line)))
}
