//! Shapes: how much room each kind of rule has. Everything else in the machine is generic over [`Dimensions`], so that
//! a larger shape is the same code with other sizes.

use super::ATTRIBUTES;
use super::layout::Layout;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Which circuit a policy is compiled for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Shape {
    /// One record of one person.
    Solo,
}

/// The capacities of a shape; the names are those of the table in the specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dimensions {
    /// Sources: one root, schema and facts period each.
    pub sources: usize,
    /// Attributes per record.
    pub attributes: usize,
    /// Member slots.
    pub slots: usize,
    /// Lines evaluated for every member.
    pub member_lines: usize,
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

/// One entry of the vector `v` that lines weigh. The order of the variants is the order in `v`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Entry {
    /// Attribute of the record, 0 … 31.
    Attribute(usize),
    /// The day on which the facts are judged, `YYYYMMDD`.
    AsOf,
    /// The same day as a day number (days since 1970-01-01).
    AsOfDay,
    /// First day of the scope's period, `YYYYMMDD`.
    PeriodStart,
    /// Last day of the scope's period, `YYYYMMDD`.
    PeriodEnd,
    /// An earlier register.
    Register(usize),
}

/// Public inputs beside the roots: as_of, as_of_day, scope, request, applicant, nullifier, decision, two outputs, reasons.
pub(super) const INPUTS_BESIDE_ROOTS: usize = 10;

impl Shape {
    /// Every shape there is.
    pub const ALL: [Shape; 1] = [Shape::Solo];

    /// The capacities.
    pub const fn dimensions(self) -> Dimensions {
        match self {
            Shape::Solo => Dimensions {
                sources: 1,
                attributes: ATTRIBUTES,
                slots: 0,
                member_lines: 0,
                registers: 12,
                conditions: 16,
                set_conditions: 8,
                pool: 48,
                requirements: 12,
                outputs: 2,
                spare: 8,
            },
        }
    }

    /// The name used in files and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Shape::Solo => "solo",
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Dimensions {
    /// Entries of `v` before the registers: the attributes and four dates.
    pub const fn fixed_entries(&self) -> usize {
        self.attributes + 4
    }

    /// Entries of `v` that register `register` may read.
    pub const fn entries_before(&self, register: usize) -> usize {
        self.fixed_entries() + register
    }

    /// All entries of `v`, which conditions may read.
    pub const fn entries(&self) -> usize {
        self.fixed_entries() + self.registers
    }

    /// Number of policy words.
    pub fn word_count(&self) -> usize {
        Layout::new(*self).len()
    }

    /// Number of public inputs that change per proof.
    pub const fn input_count(&self) -> usize {
        self.sources + INPUTS_BESIDE_ROOTS
    }

    /// The position of an entry in `v`; `None` if the shape has no such entry.
    pub const fn index_of(&self, entry: Entry) -> Option<usize> {
        let attributes = self.attributes;
        match entry {
            Entry::Attribute(i) if i < attributes => Some(i),
            Entry::AsOf => Some(attributes),
            Entry::AsOfDay => Some(attributes + 1),
            Entry::PeriodStart => Some(attributes + 2),
            Entry::PeriodEnd => Some(attributes + 3),
            Entry::Register(i) if i < self.registers => Some(self.fixed_entries() + i),
            Entry::Attribute(_) | Entry::Register(_) => None,
        }
    }

    /// The entry at a position of `v`; `None` beyond its end.
    pub const fn entry_at(&self, index: usize) -> Option<Entry> {
        if index < self.attributes {
            return Some(Entry::Attribute(index));
        }
        let rest = index - self.attributes;
        match rest {
            0 => Some(Entry::AsOf),
            1 => Some(Entry::AsOfDay),
            2 => Some(Entry::PeriodStart),
            3 => Some(Entry::PeriodEnd),
            _ if rest - 4 < self.registers => Some(Entry::Register(rest - 4)),
            _ => None,
        }
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
            Entry::Register(i) => write!(f, "register {i}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_and_positions_are_inverse() {
        for shape in Shape::ALL {
            let d = shape.dimensions();
            for index in 0..d.entries() {
                assert_eq!(d.entry_at(index).and_then(|e| d.index_of(e)), Some(index));
            }
            assert_eq!(d.entry_at(d.entries()), None);
            assert_eq!(d.index_of(Entry::Attribute(d.attributes)), None);
            assert_eq!(d.index_of(Entry::Register(d.registers)), None);
        }
    }

    /// The numbers that the ceremony freezes.
    #[test]
    fn solo_is_frozen() {
        let d = Shape::Solo.dimensions();
        assert_eq!((d.fixed_entries(), d.entries(), d.word_count(), d.input_count()), (36, 48, 2354, 11));
    }
}
