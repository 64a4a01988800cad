//! Random facts that lie on and around the boundaries of a policy's rules.

use crate::compile::Compiled;
use crate::facts::{PlainFacts, PlainMember, PlainValue, lines, named_members};
use crate::language::visit;
use cel::common::ast::{Expr, LiteralValue};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use sealroot_protocol::date::{Date, Period};
use sealroot_protocol::field;
use sealroot_protocol::machine::{Entry, Evaluation, IntegerLine, Level, Line, Rules, evaluate};
use sealroot_protocol::schema::{Attribute, AttributeKind};

/// Ages in years that laws like, and those at which two-digit years and calendars go wrong.
const AGES: [i64; 14] = [0, 1, 3, 6, 8, 16, 17, 18, 21, 25, 65, 99, 100, 120];

/// Draws facts from a seed.
pub struct Sampler<'c> {
    compiled: &'c Compiled,
    rng: StdRng,
    texts: Vec<String>,
}

impl<'c> Sampler<'c> {
    /// Facts for a policy.
    pub fn new(compiled: &'c Compiled, seed: u64) -> Self {
        Self { compiled, rng: StdRng::seed_from_u64(seed), texts: texts(compiled) }
    }

    /// Facts that the schemas admit: extremes, small numbers, ages on and around the birthday, 29 February, texts of the
    /// policy; then moved so that lines of the rules are 0, or one unit beside it.
    pub fn facts(&mut self) -> PlainFacts {
        let mut facts = self.random();
        for _ in 0..self.rng.random_range(0..3) {
            self.move_to_boundary(&mut facts);
        }
        facts
    }

    fn random(&mut self) -> PlainFacts {
        let compiled = self.compiled;
        let as_of = self.as_of();
        let mut record = self.record(&compiled.attributes[0], as_of);
        let mut members = Vec::new();
        if compiled.is_household() {
            let most = compiled.most_members();
            let count = if self.rng.random_ratio(1, 4) { most } else { self.rng.random_range(1..=most) };
            for _ in 0..count {
                let records =
                    compiled.attributes[1..].iter().map(|attributes| self.record(attributes, as_of)).collect();
                members.push(PlainMember { records });
            }
            let named: Vec<PlainValue> = named_members(count).collect();
            record.splice(..named.len(), named);
        }
        let month = as_of.month();
        PlainFacts { record, members, as_of, period: Period { start: month.first_day(), end: month.last_day() } }
    }

    fn as_of(&mut self) -> Date {
        let first = self.compiled.text.in_force.get_ref().from;
        let any = first.plus_days(self.rng.random_range(0..1500)).unwrap_or(first);
        let special = match self.rng.random_range(0..6) {
            0 => 229,
            1 => 228,
            2 => 301,
            _ => return any,
        };
        Date::from_yyyymmdd(any.yyyymmdd() / 10_000 * 10_000 + special).unwrap_or(any)
    }

    fn record(&mut self, attributes: &[Attribute], as_of: Date) -> Vec<PlainValue> {
        attributes.iter().map(|attribute| self.value(&attribute.kind, as_of)).collect()
    }

    fn value(&mut self, kind: &AttributeKind, as_of: Date) -> PlainValue {
        PlainValue::Integer(match (kind, kind.range()) {
            (AttributeKind::Date {}, _) => i64::from(self.date(as_of).yyyymmdd()),
            (AttributeKind::DayNumber {}, _) => self.date(as_of).day_number(),
            (_, Some((low, high))) => {
                let near = [0, 1, 100, 10_000, 1_000_000][self.rng.random_range(0..5)];
                let x = match self.rng.random_range(0..10) {
                    // where no bound is stated the machine takes −2^63 as well
                    0 if low == -i64::MAX => i64::MIN,
                    0 | 1 => low,
                    2 => high,
                    3 => [-1, 0, 1][self.rng.random_range(0..3)],
                    _ => self.rng.random_range(-near..=near),
                };
                if x == i64::MIN && low == -i64::MAX { x } else { x.clamp(low, high) }
            }
            (_, None) => return PlainValue::Text(self.texts[self.rng.random_range(0..self.texts.len())].clone()),
        })
    }

    /// A date around a birthday, on a 29 February, or any in a hundred years.
    fn date(&mut self, as_of: Date) -> Date {
        let any = as_of.plus_days(-self.rng.random_range(-400..40_000)).unwrap_or(as_of);
        let date = match self.rng.random_range(0..4) {
            0 => {
                let year = i64::from(as_of.yyyymmdd() / 10_000) - AGES[self.rng.random_range(0..AGES.len())];
                let day = i64::from(as_of.yyyymmdd() % 10_000);
                let birthday = u32::try_from(year * 10_000 + day).ok().and_then(|d| Date::from_yyyymmdd(d).ok());
                birthday.and_then(|date| date.plus_days(self.rng.random_range(-1..=1)).ok())
            }
            1 => {
                let leap = any.yyyymmdd() / 10_000 / 4 * 4;
                Date::from_yyyymmdd(leap * 10_000 + 229).ok()
            }
            _ => None,
        };
        date.unwrap_or(any)
    }

    /// Changes one attribute so that a line of the rules is 0, or one unit beside it.
    fn move_to_boundary(&mut self, facts: &mut PlainFacts) {
        let rules = self.compiled.words().rules();
        let Ok(evaluation) = evaluate(self.compiled.words(), &facts.machine()) else { return };
        let all: Vec<(Level, &Line)> = lines(rules).collect();
        let (level, Line::Integer(line)) = all[self.rng.random_range(0..all.len())] else { return };
        let slot = match level {
            Level::Record => None,
            Level::Member(group) => {
                let member = self.rng.random_range(0..facts.members.len());
                Some((group, member))
            }
        };
        let Some(value) = value_of(rules, &evaluation, level, line, slot.map(|(_, member)| member)) else { return };
        let candidates: Vec<(Entry, i64)> = line
            .weights
            .iter()
            .filter(|(entry, _)| matches!(entry, Entry::Attribute(_) | Entry::AttributeSum { .. }))
            .map(|(entry, weight)| (*entry, *weight))
            .collect();
        if candidates.is_empty() {
            return;
        }
        let (entry, weight) = candidates[self.rng.random_range(0..candidates.len())];
        let off = self.rng.random_range(-1..=1);
        let (source, attribute, member) = match (entry, slot) {
            (Entry::AttributeSum { group, attribute }, _) => {
                let source = if rules.is_paired() { group } else { 0 };
                (1 + source, attribute, Some(self.rng.random_range(0..facts.members.len())))
            }
            (Entry::Attribute(attribute), Some((group, member))) => {
                (1 + if rules.is_paired() { group } else { 0 }, attribute, Some(member))
            }
            (Entry::Attribute(attribute), None) => (0, attribute, None),
            _ => return,
        };
        // the members' ids and their number are not for rules
        if source == 0 && self.compiled.is_household() && attribute <= sealroot_protocol::schema::MEMBERS {
            return;
        }
        let place = match member {
            Some(member) => &mut facts.members[member].records[source - 1][attribute],
            None => &mut facts.record[attribute],
        };
        let PlainValue::Integer(x) = place else { return };
        let moved = i128::from(*x) - value / i128::from(weight) + i128::from(off);
        let Ok(moved) = i64::try_from(moved) else { return };
        if admits(&self.compiled.attributes[source][attribute].kind, moved) {
            *place = PlainValue::Integer(moved);
        }
    }
}

/// The value of a line, from what its entries were computed to be.
fn value_of(rules: &Rules, e: &Evaluation, level: Level, line: &IntegerLine, member: Option<usize>) -> Option<i128> {
    let at = |registers: &[sealroot_protocol::machine::Register]| {
        registers.iter().position(|r| matches!(&r.line, Line::Integer(l) if l == line))
    };
    let checked = match level {
        Level::Member(group) => {
            let member = member?;
            let slot = e.slots.get(if rules.is_paired() { group * e.slots.len() / 2 + member } else { member })?;
            slot.as_ref()?[at(rules.members.get(group)?)?].line
        }
        Level::Record => match at(&rules.registers) {
            Some(i) => e.registers[i].line,
            None => {
                let same = |c: &sealroot_protocol::machine::Condition| matches!(&c.line, Line::Integer(l) if l == line);
                e.conditions[rules.conditions.iter().position(same)?].line
            }
        },
    };
    let registers = rules.registers_of(level).iter();
    let turned = registers.filter(|r| matches!(&r.line, Line::Integer(l) if l == line));
    // the trace of min is that of K − L
    let sign = if turned.clone().any(|r| matches!(r.op, sealroot_protocol::machine::Op::Min(_))) { -1 } else { 1 };
    field::to_i128(checked).map(|x| x * sign)
}

/// Whether a value can stand in a record.
fn admits(kind: &AttributeKind, x: i64) -> bool {
    match kind {
        AttributeKind::Date {} => u32::try_from(x).is_ok_and(|d| Date::from_yyyymmdd(d).is_ok()),
        _ => kind.range().is_some_and(|(low, high)| (low..=high).contains(&x)),
    }
}

/// Texts that the policy compares with, and one that it doesn't.
fn texts(compiled: &Compiled) -> Vec<String> {
    let mut texts = vec!["no text of the policy".to_owned()];
    for parameter in compiled.text.parameters.values() {
        let values = match parameter.value.get_ref() {
            toml::Value::Array(values) => values.as_slice(),
            value => std::slice::from_ref(value),
        };
        texts.extend(values.iter().filter_map(|value| value.as_str()).map(str::to_owned));
    }
    let text = &compiled.text;
    let definitions = text.definitions.values().chain(text.member_definitions.values()).map(|d| &d.value);
    let requirements = text.requirements.iter().map(|r| &r.when);
    for source in definitions.chain(requirements).chain(text.outputs.iter().map(|o| &o.value)) {
        let Ok(expression) = compiled.parse(source) else { continue };
        visit(&expression.ast, &mut |e| {
            if let Expr::Literal(LiteralValue::String(text)) = &e.expr {
                texts.push(text.inner().to_owned());
            }
        });
    }
    texts
}
