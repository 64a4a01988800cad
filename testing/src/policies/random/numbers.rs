//! Random numbers and amounts: arithmetic, sums over members, tables, constants.

use super::expressions::{Expressions, Kind, NUMBERS, matches_kind, unit_of};
use super::schemas::{RandomKind, enum_values};
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
            (1.., 2) if unit.is_empty() && self.pick(3) == 0 => {
                let function = self.one_of(&["year", "month", "day"]);
                format!("{function}({})", self.date())
            }
            _ => self.quantity(Kind::Number(unit), depth),
        }
    }

    pub fn money(&mut self, currency: &'static str, depth: usize) -> String {
        self.quantity(Kind::Money(currency), depth)
    }

    fn quantity(&mut self, kind: Kind, depth: usize) -> String {
        let deeper = depth.saturating_sub(1);
        match if depth == 0 { 0 } else { self.pick(17) } {
            14 => self.in_brackets(kind, deeper),
            15 => self.by_row_and_column(kind),
            16 => self.counted(kind),
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

    /// A value by brackets of another one: what they say, or what each takes of its part.
    fn in_brackets(&mut self, kind: Kind, depth: usize) -> String {
        let (bounds, values) = (self.fresh("b"), self.fresh("v"));
        let count = 1 + self.pick(4);
        let marginal = self.pick(2) == 0;
        let starts: Vec<i64> =
            [i64::from(!marginal) * -i64::MAX, 0, 1000, 12_345, 99_999_999].into_iter().take(count).collect();
        let written: Vec<String> = starts.iter().map(|x| Self::as_written(kind, *x)).collect();
        let _ =
            writeln!(self.declarations, "[parameter.{bounds}]\nvalue = [{}]\n{}", written.join(", "), unit_of(kind));
        let of = self.draw(kind, depth);
        let (function, values_kind) = if marginal { ("marginal", Kind::Number("")) } else { ("step", kind) };
        let rates: Vec<String> = (0..count).map(|_| self.written(values_kind, &[0, 1, 5, 40, 100, -3])).collect();
        let _ = writeln!(
            self.declarations,
            "[parameter.{values}]\nvalue = [{}]\n{}",
            rates.join(", "),
            unit_of(values_kind)
        );
        match marginal {
            true => format!("floor({function}({of}, {bounds}, {values}) / 100)"),
            false => format!("{function}({of}, {bounds}, {values})"),
        }
    }

    /// An entry of a table of two dimensions.
    fn by_row_and_column(&mut self, kind: Kind) -> String {
        let (Some((row, rows)), Some((column, columns))) = (self.enumerated(), self.enumerated()) else {
            return self.tabled(kind);
        };
        let name = self.fresh("t");
        let mut lines = Vec::new();
        for of_row in enum_values(rows) {
            let entries: Vec<String> = enum_values(columns)
                .into_iter()
                .map(|v| format!("{v} = {}", self.written(kind, &[0, 1, 100])))
                .collect();
            lines.push(format!("{of_row} = {{ {} }}", entries.join(", ")));
        }
        let _ =
            writeln!(self.declarations, "[parameter.{name}]\nvalue = {{ {} }}\n{}", lines.join(", "), unit_of(kind));
        format!("{name}[{row}][{column}]")
    }

    /// So much for each of something that is counted.
    fn counted(&mut self, kind: Kind) -> String {
        let count = self.fact(|kind| matches!(kind, RandomKind::Number(unit, Some(_)) if !unit.is_empty()));
        match (kind, count) {
            (Kind::Money(_), Some(count)) => format!("({} * {count})", self.constant(kind, &[1, 100, 12_345])),
            _ => self.constant(kind, &NUMBERS),
        }
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
        Self::as_written(kind, x)
    }

    fn as_written(kind: Kind, x: i64) -> String {
        match kind {
            Kind::Money(_) => {
                let sign = if x < 0 { "-" } else { "" };
                format!("\"{sign}{}.{:02}\"", x.unsigned_abs() / 100, x.unsigned_abs() % 100)
            }
            _ => x.to_string(),
        }
    }
}
