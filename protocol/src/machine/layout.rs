//! Where each policy word stands. This file names the order of the words once; encoder, decoder, circuit and error
//! messages all ask it.

use super::shape::{Dimensions, Level};
use std::ops::Range;

/// Positions of all words of a shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    d: Dimensions,
}

/// Words of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceWords {
    /// Digest of the schema, as in the leaf.
    pub schema_id: usize,
    /// Facts period as a constant `YYYYMM`, or 0.
    pub period_constant: usize,
    /// 1 if the facts period is relative to the scope's period.
    pub period_relative: usize,
    /// Months before the scope's period start.
    pub months_before: usize,
}

/// Words of a register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterWords {
    /// One weight per entry of the level's vector before this register.
    pub weights: Range<usize>,
    /// Constant of the line.
    pub constant: usize,
    /// Selector of `L`.
    pub identity: usize,
    /// Selector of `max(0, L)`; −1 for min.
    pub max0: usize,
    /// Selector of `[L ≥ 0]`.
    pub nonnegative: usize,
    /// Selector of `[L = 0]`.
    pub zero: usize,
    /// Selector of the quotient.
    pub floor: usize,
    /// 1 if `L` itself is range-checked.
    pub ranged: usize,
    /// Added to the value; `K` for min.
    pub offset: usize,
    /// Divisor; 1 unless floor.
    pub divisor: usize,
    /// 1 if no gate.
    pub ungated: usize,
    /// One selector per register that can be a gate: of the counterpart, then earlier ones of the same level.
    pub gates: Range<usize>,
}

/// Words of a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConditionWords {
    /// One weight per entry of `v`.
    pub weights: Range<usize>,
    /// Constant of the line.
    pub constant: usize,
    /// 1 if the line is range-checked.
    pub ranged: usize,
    /// Selector of `[L ≥ 0]`; −1 if negated.
    pub nonnegative: usize,
    /// Selector of `[L = 0]`; −1 if negated.
    pub zero: usize,
    /// Selector of `[L ∈ set]`, −1 if negated; set conditions only.
    pub member: Option<usize>,
    /// Added to the value: 1 if negated.
    pub offset: usize,
    /// One mask word per pool entry; empty except for set conditions.
    pub mask: Range<usize>,
}

/// Words of a requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequirementWords {
    /// One selector per condition.
    pub any_of: Range<usize>,
    /// 1 if the requirement is not used.
    pub unused: usize,
    /// 1 if a failure shows in `reasons`.
    pub reveal: usize,
}

/// Words of an output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputWords {
    /// One selector per attribute.
    pub attributes: Range<usize>,
    /// One selector per register.
    pub registers: Range<usize>,
}

const SOURCE_WORDS: usize = 4;
/// Words of a register beside weights and gates.
const REGISTER_WORDS: usize = 10;
/// Words of a condition beside weights, `member` and mask.
const CONDITION_WORDS: usize = 5;

/// Hands out consecutive positions.
struct Cursor(usize);

impl Cursor {
    fn one(&mut self) -> usize {
        self.0 += 1;
        self.0 - 1
    }
    fn many(&mut self, n: usize) -> Range<usize> {
        self.0 += n;
        self.0 - n..self.0
    }
}

impl Dimensions {
    /// Number of policy words.
    pub fn word_count(&self) -> usize {
        Layout::new(*self).len()
    }
}

impl Layout {
    /// The layout for these capacities.
    pub const fn new(dimensions: Dimensions) -> Self {
        Self { d: dimensions }
    }

    /// Number of words.
    #[allow(clippy::len_without_is_empty)] // a layout is never empty
    pub fn len(&self) -> usize {
        self.spare().end
    }

    /// Words of source `i`.
    pub fn source(&self, i: usize) -> SourceWords {
        let mut c = Cursor(SOURCE_WORDS * i);
        SourceWords { schema_id: c.one(), period_constant: c.one(), period_relative: c.one(), months_before: c.one() }
    }

    /// One word per attribute: 1 = integer.
    pub fn ranged_attributes(&self) -> Range<usize> {
        Cursor(SOURCE_WORDS * self.d.sources).many(self.d.attributes)
    }

    /// One selector per attribute: which one names the applicant.
    pub fn identity(&self) -> Range<usize> {
        Cursor(self.ranged_attributes().end).many(self.d.attributes)
    }

    /// 1 = holder nullifiers.
    pub fn holder(&self) -> usize {
        self.identity().end
    }

    /// 1 = record nullifiers once per program.
    pub fn once(&self) -> usize {
        self.holder() + 1
    }

    /// 1 if each person has two records, one of each member source; household only.
    pub fn paired(&self) -> Range<usize> {
        Cursor(self.once() + 1).many(usize::from(self.d.groups > 0))
    }

    /// Words of register `i` of a level.
    pub fn register(&self, level: Level, i: usize) -> RegisterWords {
        let fixed = self.d.fixed_entries(level);
        let counterparts = match level {
            Level::Record => 0,
            Level::Member(group) => self.d.counterparts(group),
        };
        let mut c = Cursor(self.registers_start(level) + self.register_words(level, i));
        RegisterWords {
            weights: c.many(fixed + i),
            constant: c.one(),
            identity: c.one(),
            max0: c.one(),
            nonnegative: c.one(),
            zero: c.one(),
            floor: c.one(),
            ranged: c.one(),
            offset: c.one(),
            divisor: c.one(),
            ungated: c.one(),
            gates: c.many(counterparts + i),
        }
    }

    /// Words of the first `count` registers of a level: register j has a weight for each fixed entry and each earlier
    /// register, and a gate for each counterpart and each earlier register.
    fn register_words(&self, level: Level, count: usize) -> usize {
        let counterparts = match level {
            Level::Record => 0,
            Level::Member(group) => self.d.counterparts(group),
        };
        count * (self.d.fixed_entries(level) + counterparts + REGISTER_WORDS) + count * count.saturating_sub(1)
    }

    /// Groups in order, then the record's own registers.
    fn registers_start(&self, level: Level) -> usize {
        let groups = match level {
            Level::Record => self.d.groups,
            Level::Member(group) => group,
        };
        let words = |group| self.register_words(Level::Member(group), self.d.member_registers);
        self.paired().end + (0..groups).map(words).sum::<usize>()
    }

    /// All words of a level's registers.
    pub fn registers(&self, level: Level) -> Range<usize> {
        let start = self.registers_start(level);
        start..start + self.register_words(level, self.d.registers_of(level))
    }

    /// The set constants.
    pub fn pool(&self) -> Range<usize> {
        Cursor(self.registers(Level::Record).end).many(self.d.pool)
    }

    /// Words of condition `i`.
    pub fn condition(&self, i: usize) -> ConditionWords {
        let sets_before = i.min(self.d.set_conditions);
        let before = i * (self.d.entries() + CONDITION_WORDS) + sets_before * (1 + self.d.pool);
        let is_set = i < self.d.set_conditions;
        let mut c = Cursor(self.pool().end + before);
        ConditionWords {
            weights: c.many(self.d.entries()),
            constant: c.one(),
            ranged: c.one(),
            nonnegative: c.one(),
            zero: c.one(),
            member: is_set.then(|| c.one()),
            offset: c.one(),
            mask: c.many(if is_set { self.d.pool } else { 0 }),
        }
    }

    /// Words of requirement `i`.
    pub fn requirement(&self, i: usize) -> RequirementWords {
        let start = self.condition(self.d.conditions).weights.start;
        let mut c = Cursor(start + i * (self.d.conditions + 2));
        RequirementWords { any_of: c.many(self.d.conditions), unused: c.one(), reveal: c.one() }
    }

    /// Words of output `i`.
    pub fn output(&self, i: usize) -> OutputWords {
        let start = self.requirement(self.d.requirements).any_of.start;
        let mut c = Cursor(start + i * (self.d.attributes + self.d.registers));
        OutputWords { attributes: c.many(self.d.attributes), registers: c.many(self.d.registers) }
    }

    /// The words that are 0.
    pub fn spare(&self) -> Range<usize> {
        Cursor(self.output(self.d.outputs).attributes.start).many(self.d.spare)
    }

    /// What the word at `index` is, for messages: `register 3: weight of attribute 5`.
    pub fn name(&self, index: usize) -> String {
        self.section_name(index).unwrap_or_else(|| format!("word {index}, beyond the last"))
    }

    fn section_name(&self, index: usize) -> Option<String> {
        let within = |r: &Range<usize>| r.contains(&index).then(|| index - r.start);
        let entry =
            |level: Level, i: usize| self.d.entry_at(level, i).map_or_else(|| format!("entry {i}"), |e| e.to_string());
        let singles = |list: &[(usize, &str)]| list.iter().find(|(at, _)| *at == index).map(|(_, n)| (*n).to_owned());

        for i in 0..self.d.sources {
            let s = self.source(i);
            let list = [
                (s.schema_id, "schema_id"),
                (s.period_constant, "period_constant"),
                (s.period_relative, "period_relative"),
                (s.months_before, "months_before"),
            ];
            if let Some(name) = singles(&list) {
                return Some(format!("source {i}: {name}"));
            }
        }
        if let Some(i) = within(&self.ranged_attributes()) {
            return Some(format!("ranged_attributes: attribute {i}"));
        }
        if let Some(i) = within(&self.identity()) {
            return Some(format!("identity: attribute {i}"));
        }
        if let Some(name) = singles(&[(self.holder(), "holder"), (self.once(), "once")]) {
            return Some(format!("nullifier: {name}"));
        }
        if self.paired().contains(&index) {
            return Some("paired".to_owned());
        }
        for (level, i) in self.d.levels().flat_map(|level| (0..self.d.registers_of(level)).map(move |i| (level, i))) {
            let r = self.register(level, i);
            let name = within(&r.weights).map(|j| format!("weight of {}", entry(level, j)));
            // The gates are the last of the weighted entries.
            let gates = r.weights.len() - r.gates.len();
            let name = name.or_else(|| within(&r.gates).map(|j| format!("gate {}", entry(level, gates + j))));
            let name = name.or_else(|| {
                singles(&[
                    (r.constant, "constant"),
                    (r.identity, "identity"),
                    (r.max0, "max0"),
                    (r.nonnegative, "nonnegative"),
                    (r.zero, "zero"),
                    (r.floor, "floor"),
                    (r.ranged, "ranged"),
                    (r.offset, "offset"),
                    (r.divisor, "divisor"),
                    (r.ungated, "ungated"),
                ])
            });
            if let Some(name) = name {
                return Some(format!("{level}register {i}: {name}"));
            }
        }
        if let Some(i) = within(&self.pool()) {
            return Some(format!("pool: entry {i}"));
        }
        for i in 0..self.d.conditions {
            let k = self.condition(i);
            let name = within(&k.weights).map(|j| format!("weight of {}", entry(Level::Record, j)));
            let name = name.or_else(|| within(&k.mask).map(|j| format!("mask of pool entry {j}")));
            let name = name.or_else(|| (k.member == Some(index)).then(|| "member".to_owned()));
            let name = name.or_else(|| {
                singles(&[
                    (k.constant, "constant"),
                    (k.ranged, "ranged"),
                    (k.nonnegative, "nonnegative"),
                    (k.zero, "zero"),
                    (k.offset, "offset"),
                ])
            });
            if let Some(name) = name {
                return Some(format!("condition {i}: {name}"));
            }
        }
        for i in 0..self.d.requirements {
            let r = self.requirement(i);
            let name = within(&r.any_of).map(|j| format!("condition {j}"));
            if let Some(name) = name.or_else(|| singles(&[(r.unused, "unused"), (r.reveal, "reveal")])) {
                return Some(format!("requirement {i}: {name}"));
            }
        }
        for i in 0..self.d.outputs {
            let o = self.output(i);
            let name = within(&o.attributes).map(|j| format!("attribute {j}"));
            if let Some(name) = name.or_else(|| within(&o.registers).map(|j| format!("register {j}"))) {
                return Some(format!("output {i}: {name}"));
            }
        }
        within(&self.spare()).map(|i| format!("spare word {i}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::Shape;

    /// Every position has exactly one name, and the sections touch without gap.
    #[test]
    fn every_word_has_one_name() {
        for shape in Shape::ALL {
            let layout = Layout::new(shape.dimensions());
            let names: std::collections::BTreeSet<String> = (0..layout.len()).map(|i| layout.name(i)).collect();
            assert_eq!(names.len(), layout.len());
            assert!(layout.name(layout.len()).contains("beyond"));
        }
        let layout = Layout::new(Shape::Solo.dimensions());
        let register = layout.register(Level::Record, 3);
        assert_eq!(layout.name(register.weights.start + 33), "register 3: weight of as_of_day");
        let layout = Layout::new(Shape::Household.dimensions());
        let register = layout.register(Level::Member(1), 2);
        assert_eq!(
            layout.name(register.weights.start + 36),
            "group 1 register 2: weight of register 0 of the counterpart"
        );
        assert_eq!(layout.name(register.gates.start + 8), "group 1 register 2: gate register 0");
        assert_eq!(layout.name(register.gates.start + 7), "group 1 register 2: gate register 7 of the counterpart");
    }

    #[test]
    fn sections_follow_the_specification() {
        let layout = Layout::new(Shape::Solo.dimensions());
        assert_eq!(layout.ranged_attributes(), 4..36);
        assert_eq!(layout.identity(), 36..68);
        assert_eq!((layout.holder(), layout.once()), (68, 69));
        assert!(layout.paired().is_empty());
        assert_eq!(layout.register(Level::Record, 0).weights, 70..106);
        assert_eq!(layout.pool(), 754..802);
        assert_eq!(layout.condition(8).weights.start, 802 + 8 * 102);
        assert_eq!(layout.requirement(0).any_of.start, 802 + 8 * 102 + 8 * 53);
        assert_eq!(layout.output(0).attributes.start, 2258);
        assert_eq!(layout.spare(), 2346..2354);

        let layout = Layout::new(Shape::Household.dimensions());
        assert_eq!((layout.holder(), layout.once(), layout.paired()), (76, 77, 78..79));
        assert_eq!(layout.registers(Level::Member(0)), 79..79 + 8 * 46 + 56);
        assert_eq!(layout.registers(Level::Member(1)), 503..503 + 8 * 62 + 56);
        assert_eq!(layout.registers(Level::Record), 1055..1055 + 24 * 126 + 24 * 23);
    }
}
