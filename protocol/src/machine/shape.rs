//! Shapes: how much room each kind of rule has. Everything else in the machine is generic over [`Dimensions`], so that
//! a larger shape is the same code with other sizes.

use super::ATTRIBUTES;
use crate::printable::quoted;
use crate::schema::MEMBERS;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Which circuit a policy is compiled for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Shape {
    /// One record of one person.
    Solo,
    /// One household record, and one or two records of each of its members.
    Household,
}

/// The capacities of a shape; the names are those of the table in the specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dimensions {
    /// Sources: one root, schema and facts period each.
    pub sources: usize,
    /// Attributes per record.
    pub attributes: usize,
    /// Groups of member slots. With one member source both hold its records, with two each holds one source's.
    pub groups: usize,
    /// Member slots per group.
    pub group_slots: usize,
    /// Registers evaluated for every member slot.
    pub member_registers: usize,
    /// Registers.
    pub registers: usize,
    /// Conditions.
    pub conditions: usize,
    /// How many of the conditions, the first ones, can test membership.
    pub set_conditions: usize,
    /// Constants in the pool that sets are masks of.
    pub pool: usize,
    /// Requirements; also the number of bits of `reasons`.
    pub requirements: usize,
    /// Outputs.
    pub outputs: usize,
    /// Words that are 0.
    pub spare: usize,
}

/// Which vector a line weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Level {
    /// `v`: the (household) record's attributes, the dates, sums over members, and the registers.
    Record,
    /// `u` of a member slot of this group: its record's attributes, the dates, and the slot's registers.
    Member(usize),
}

/// One entry of a vector that lines weigh. The order of the variants is the order in the vector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Entry {
    /// Attribute of the record, 0 … 31; in a member slot of the member's record.
    Attribute(usize),
    /// The reference day, `YYYYMMDD`.
    AsOf,
    /// The same day as a day number (days since 1970-01-01).
    AsOfDay,
    /// First day of the scope's period, `YYYYMMDD`.
    PeriodStart,
    /// Last day of the scope's period, `YYYYMMDD`.
    PeriodEnd,
    /// In `v`: sum of an attribute over the members in a group's slots.
    AttributeSum {
        /// The group.
        group: usize,
        /// The attribute of the members' records.
        attribute: usize,
    },
    /// In `v`: sum of a member register over a group's slots.
    MemberSum {
        /// The group.
        group: usize,
        /// The member register.
        register: usize,
    },
    /// In `u` of the second group, with two member sources: a register of the same person's slot in the first group.
    Counterpart(usize),
    /// An earlier register, in a member slot of the same slot.
    Register(usize),
}

/// Public inputs beside the roots: as_of, as_of_day, scope, request, applicant, nullifier, decision, two outputs, reasons.
pub(super) const INPUTS_BESIDE_ROOTS: usize = 10;

impl Shape {
    /// Every shape there is.
    pub const ALL: [Shape; 2] = [Shape::Solo, Shape::Household];

    /// The capacities.
    pub const fn dimensions(self) -> Dimensions {
        match self {
            Shape::Solo => Dimensions {
                sources: 1,
                attributes: ATTRIBUTES,
                groups: 0,
                group_slots: 0,
                member_registers: 0,
                registers: 12,
                conditions: 16,
                set_conditions: 8,
                pool: 48,
                requirements: 12,
                outputs: 2,
                spare: 8,
            },
            Shape::Household => Dimensions {
                sources: 3,
                attributes: ATTRIBUTES,
                groups: 2,
                group_slots: MEMBERS / 2,
                member_registers: 8,
                registers: 24,
                conditions: 24,
                set_conditions: 8,
                pool: 64,
                requirements: 16,
                outputs: 2,
                spare: 8,
            },
        }
    }

    /// The name used in files and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Shape::Solo => "solo",
            Shape::Household => "household",
        }
    }
}

/// The text names no shape.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} is not a shape: use solo or household", quoted(.0))]
pub struct NotAShape(String);

impl FromStr for Shape {
    type Err = NotAShape;
    fn from_str(text: &str) -> Result<Self, NotAShape> {
        Self::ALL.into_iter().find(|shape| shape.name() == text).ok_or_else(|| NotAShape(text.to_owned()))
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Dimensions {
    /// Entries of a vector before its registers: attributes and four dates; then in `v` the sums, in `u` of the second
    /// group the counterpart's registers.
    pub const fn fixed_entries(&self, level: Level) -> usize {
        self.attributes
            + 4
            + match level {
                Level::Record => self.groups * (self.attributes + self.member_registers),
                Level::Member(group) => self.counterparts(group),
            }
    }

    /// Entries of a vector that its register `register` may read.
    pub const fn entries_before(&self, level: Level, register: usize) -> usize {
        self.fixed_entries(level) + register
    }

    /// All entries of `v`, which conditions may read.
    pub const fn entries(&self) -> usize {
        self.entries_before(Level::Record, self.registers)
    }

    /// Registers of a counterpart that a slot of this group can read: the first group has none.
    pub const fn counterparts(&self, group: usize) -> usize {
        if group == 0 { 0 } else { self.member_registers }
    }

    /// Member slots of all groups.
    pub const fn slots(&self) -> usize {
        self.groups * self.group_slots
    }

    /// Registers that a level has.
    pub const fn registers_of(&self, level: Level) -> usize {
        match level {
            Level::Record => self.registers,
            Level::Member(_) => self.member_registers,
        }
    }

    /// Number of public inputs that change per proof.
    pub const fn input_count(&self) -> usize {
        self.sources + INPUTS_BESIDE_ROOTS
    }

    /// The position of an entry in the vector of a level; `None` if it has no such entry.
    pub const fn index_of(&self, level: Level, entry: Entry) -> Option<usize> {
        let dates = self.attributes;
        let rest = dates + 4;
        match (level, entry) {
            (_, Entry::Attribute(i)) if i < self.attributes => Some(i),
            (_, Entry::AsOf) => Some(dates),
            (_, Entry::AsOfDay) => Some(dates + 1),
            (_, Entry::PeriodStart) => Some(dates + 2),
            (_, Entry::PeriodEnd) => Some(dates + 3),
            (Level::Record, Entry::AttributeSum { group, attribute })
                if group < self.groups && attribute < self.attributes =>
            {
                Some(rest + group * self.attributes + attribute)
            }
            (Level::Record, Entry::MemberSum { group, register })
                if group < self.groups && register < self.member_registers =>
            {
                Some(rest + self.groups * self.attributes + group * self.member_registers + register)
            }
            (Level::Member(group), Entry::Counterpart(i)) if i < self.counterparts(group) => Some(rest + i),
            (_, Entry::Register(i)) if i < self.registers_of(level) => Some(self.fixed_entries(level) + i),
            _ => None,
        }
    }

    /// The entry at a position of the vector of a level; `None` beyond its end.
    pub const fn entry_at(&self, level: Level, index: usize) -> Option<Entry> {
        if index < self.attributes {
            return Some(Entry::Attribute(index));
        }
        match index - self.attributes {
            0 => return Some(Entry::AsOf),
            1 => return Some(Entry::AsOfDay),
            2 => return Some(Entry::PeriodStart),
            3 => return Some(Entry::PeriodEnd),
            _ => {}
        }
        let fixed = self.fixed_entries(level);
        if index >= fixed {
            let register = index - fixed;
            return if register < self.registers_of(level) { Some(Entry::Register(register)) } else { None };
        }
        let rest = index - self.attributes - 4;
        let sums = self.groups * self.attributes;
        Some(match level {
            Level::Member(_) => Entry::Counterpart(rest),
            Level::Record if rest < sums => {
                Entry::AttributeSum { group: rest / self.attributes, attribute: rest % self.attributes }
            }
            Level::Record => Entry::MemberSum {
                group: (rest - sums) / self.member_registers,
                register: (rest - sums) % self.member_registers,
            },
        })
    }

    /// The levels of a shape: `v`, then one per group.
    pub fn levels(&self) -> impl Iterator<Item = Level> + use<> {
        std::iter::once(Level::Record).chain((0..self.groups).map(Level::Member))
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Entry::Attribute(i) => write!(f, "attribute {i}"),
            Entry::AsOf => f.write_str("as_of"),
            Entry::AsOfDay => f.write_str("as_of_day"),
            Entry::PeriodStart => f.write_str("period_start"),
            Entry::PeriodEnd => f.write_str("period_end"),
            Entry::AttributeSum { group, attribute } => write!(f, "sum of attribute {attribute} over group {group}"),
            Entry::MemberSum { group, register } => write!(f, "sum of member register {register} over group {group}"),
            Entry::Counterpart(i) => write!(f, "register {i} of the counterpart"),
            Entry::Register(i) => write!(f, "register {i}"),
        }
    }
}

impl fmt::Display for Level {
    /// Nothing for `v`, so that it can stand before `register 3`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Level::Record => Ok(()),
            Level::Member(group) => write!(f, "group {group} "),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_and_positions_are_inverse() {
        for d in Shape::ALL.map(Shape::dimensions) {
            for level in d.levels() {
                let end = d.entries_before(level, d.registers_of(level));
                for index in 0..end {
                    assert_eq!(d.entry_at(level, index).and_then(|e| d.index_of(level, e)), Some(index));
                }
                assert_eq!(d.entry_at(level, end), None);
                assert_eq!(d.index_of(level, Entry::Attribute(d.attributes)), None);
                assert_eq!(d.index_of(level, Entry::Register(d.registers_of(level))), None);
            }
        }
    }

    /// What one level has, another must not read.
    #[test]
    fn sums_and_counterparts_have_their_level() {
        let d = Shape::Household.dimensions();
        let sums = [Entry::AttributeSum { group: 0, attribute: 0 }, Entry::MemberSum { group: 1, register: 0 }];
        for sum in sums {
            assert!(d.index_of(Level::Record, sum).is_some());
            assert!((0..2).all(|group| d.index_of(Level::Member(group), sum).is_none()));
            assert_eq!(Shape::Solo.dimensions().index_of(Level::Record, sum), None);
        }
        let counterpart = |level| d.index_of(level, Entry::Counterpart(0));
        assert_eq!(counterpart(Level::Record), None);
        assert_eq!(counterpart(Level::Member(0)), None);
        assert_eq!(counterpart(Level::Member(1)), Some(36));
        assert_eq!(d.index_of(Level::Record, Entry::AttributeSum { group: 2, attribute: 0 }), None);
        assert_eq!(d.index_of(Level::Record, Entry::MemberSum { group: 0, register: 8 }), None);
        assert_eq!(d.index_of(Level::Record, Entry::MemberSum { group: 2, register: 0 }), None);
        assert_eq!(d.index_of(Level::Record, Entry::AttributeSum { group: 0, attribute: 32 }), None);
        assert_eq!(d.index_of(Level::Member(1), Entry::Counterpart(8)), None);
    }

    /// The numbers that the ceremony freezes.
    #[test]
    fn capacities_are_frozen() {
        let frozen = Shape::ALL
            .map(Shape::dimensions)
            .map(|d| (d.fixed_entries(Level::Record), d.entries(), d.word_count(), d.input_count(), d.slots()));
        assert_eq!(frozen, [(36, 48, 2354, 11, 0), (116, 140, 9231, 13, 8)]);
    }

    #[test]
    fn shapes_have_names() {
        assert_eq!(Shape::ALL.map(Shape::name), ["solo", "household"]);
        for shape in Shape::ALL {
            assert_eq!(shape.to_string().parse(), Ok(shape));
        }
        assert_eq!("Solo".parse::<Shape>(), Err(NotAShape("Solo".into())));
    }
}
