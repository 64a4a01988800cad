//! Random numbers and amounts: arithmetic, sums over members, tables, constants.

use super::expressions::{Expressions, Kind, NUMBERS, matches_kind, unit_of};
use super::schemas::enum_values;
use std::fmt::Write;

const DIVISORS: [i64; 6] = [1, 2, 3, 12, 100, (1 << 39) - 1];

impl Expressions<'_> {
    pub fn number(&mut self, unit: &'static str, depth: usize) -> String {
        match (depth, self.pick(3)) {
            (1.., 0) if self.of_household() => {
                let test = self.of_member(Kind::Truth, 1);
                format!("size(members.filter(m, {test}))")
            }
            (_, 1) if self.of_household() => "size(members)".to_owned(),
            (1.., 2) if unit.is_empty() && self.pick(3) == 0 => format!("year({})", self.date()),
            _ => self.quantity(Kind::Number(unit), depth),
        }
    }

    pub fn money(&mut self, currency: &'static str, depth: usize) -> String {
        self.quantity(Kind::Money(currency), depth)
    }

    fn quantity(&mut self, kind: Kind, depth: usize) -> String {
        let deeper = depth.saturating_sub(1);
        match if depth == 0 { 0 } else { self.pick(14) } {
            3 => format!("({} + {})", self.draw(kind, deeper), self.draw(kind, deeper)),
            4 => format!("({} - {})", self.draw(kind, deeper), self.draw(kind, deeper)),
            5 => format!("({} * {})", self.draw(kind, deeper), self.one_of(&[2, -1, 12, 100])),
            6 => {
                let (rounding, divisor) = (self.one_of(&["floor", "ceil", "round_half_up"]), self.one_of(&DIVISORS));
                format!("{rounding}({} / {divisor})", self.draw(kind, deeper))
            }
            7 => format!("max({}, {})", self.draw(kind, deeper), self.draw(kind, deeper)),
            8 => format!("min({}, {})", self.draw(kind, deeper), self.draw(kind, deeper)),
            9 | 12 if !self.of_household() || self.pick(2) == 0 => {
                let test = self.draw(Kind::Truth, deeper.min(1));
                format!("({test} ? {} : {})", self.draw(kind, deeper), self.draw(kind, deeper))
            }
            10 => self.tabled(kind),
            11..=13 if self.of_household() => {
                let value = self.of_member(kind, deeper.min(2));
                if self.pick(2) == 0 {
                    let test = self.of_member(Kind::Truth, 1);
                    format!("sum(members.map(m, {test}, {value}))")
                } else {
                    format!("sum(members.map(m, {value}))")
                }
            }
            11 => match self.list() {
                Some((list, k)) if k == kind => {
                    let function = self.one_of(&["sum", "min", "max"]);
                    format!("{function}({list})")
                }
                _ => self.constant(kind, &NUMBERS),
            },
            _ => match self.fact(|k| matches_kind(k, kind)) {
                Some(fact) => fact,
                None => self.constant(kind, &NUMBERS),
            },
        }
    }

    /// An entry of a table by an enum, or of a list by the number of members.
    fn tabled(&mut self, kind: Kind) -> String {
        let name = self.fresh("t");
        let (value, unit, index) = match self.enumerated() {
            Some((fact, n)) => {
                let entries: Vec<String> =
                    enum_values(n).into_iter().map(|v| format!("{v} = {}", self.written(kind, &NUMBERS))).collect();
                (format!("{{ {} }}", entries.join(", ")), unit_of(kind), fact)
            }
            None if self.of_household() => {
                let entries: Vec<String> = (0..8).map(|_| self.written(kind, &[0, 1, 100, 200, 300])).collect();
                (format!("[{}]", entries.join(", ")), unit_of(kind), "size(members) - 1".to_owned())
            }
            None => return self.constant(kind, &NUMBERS),
        };
        let _ = writeln!(self.declarations, "[parameter.{name}]\nvalue = {value}\n{unit}");
        format!("{name}[{index}]")
    }

    /// A constant: money always by a name.
    pub fn constant(&mut self, kind: Kind, of: &[i64]) -> String {
        let value = self.written(kind, of);
        if matches!(kind, Kind::Number(_)) && self.pick(2) == 0 {
            return value;
        }
        let name = self.fresh("p");
        let _ = writeln!(self.declarations, "[parameter.{name}]\nvalue = {value}\n{}", unit_of(kind));
        name
    }

    /// A number as a parameter's value is written.
    fn written(&mut self, kind: Kind, of: &[i64]) -> String {
        let x = self.one_of(of);
        match kind {
            Kind::Money(_) => {
                let sign = if x < 0 { "-" } else { "" };
                format!("\"{sign}{}.{:02}\"", x.unsigned_abs() / 100, x.unsigned_abs() % 100)
            }
            _ => x.to_string(),
        }
    }
}
