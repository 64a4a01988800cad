//! Types and units of expressions: what may be added, compared and shown.

use super::diagnostic::Finding;
use sealroot_protocol::currency::Currency;
use sealroot_protocol::printable::quoted;
use sealroot_protocol::schema::AttributeKind;
use std::fmt;
use std::sync::Arc;

/// What an integer counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unit {
    /// A number written in an expression: takes the unit of what it meets, except money.
    Literal,
    /// A pure number.
    Plain,
    /// Something that the schema or a parameter names.
    Named(String),
    /// Minor units of a currency.
    Money(String),
    /// So much for each of something: written `EUR per m²`.
    Per(Box<Unit>, String),
    /// 0 or 1.
    Truth,
    /// `YYYYMMDD`.
    Date,
    /// Days since 1970-01-01.
    Day,
    /// `12 · year + month − 1`.
    Month,
    /// Position among these values.
    Enum(Arc<Vec<String>>),
}

impl Unit {
    /// What a schema or parameter says that an integer counts.
    pub fn named(text: &str) -> Unit {
        match text.rsplit_once(" per ") {
            Some((over, each)) => Unit::Per(Box::new(Unit::named(over)), each.to_owned()),
            None => Unit::Named(text.to_owned()),
        }
    }

    /// What an attribute of this kind counts; none of text.
    pub fn of_attribute(kind: &AttributeKind) -> Option<Unit> {
        Some(match kind {
            AttributeKind::Integer { unit: Some(unit), .. } => Unit::named(unit),
            AttributeKind::Integer { unit: None, .. } => Unit::Plain,
            AttributeKind::Money { currency, .. } => Unit::Money(currency.clone()),
            AttributeKind::Date {} => Unit::Date,
            AttributeKind::DayNumber {} => Unit::Day,
            AttributeKind::Boolean {} => Unit::Truth,
            AttributeKind::Enum { values } => Unit::Enum(Arc::new(values.clone())),
            AttributeKind::Text {} | AttributeKind::Member {} => return None,
        })
    }

    /// The unit of a product. An amount times a number of anything stays an amount; a rate is multiplied by what it is a rate of, and by nothing else.
    pub fn times(&self, other: &Unit) -> Result<Unit, Finding> {
        match (self, other) {
            (Unit::Plain | Unit::Literal, unit) | (unit, Unit::Plain | Unit::Literal) => Ok(unit.clone()),
            (Unit::Per(over, each), Unit::Named(counted)) | (Unit::Named(counted), Unit::Per(over, each)) => {
                if same_thing(each, counted) {
                    return Ok(over.as_ref().clone());
                }
                let finding = Finding::new(format!("{self} times {other}: {counted} and {each} don't cancel"));
                Err(finding.help(format!("multiply by a number of {each}, or name the rate by {counted}")))
            }
            (Unit::Money(_), Unit::Named(_)) => Ok(self.clone()),
            (Unit::Named(_), Unit::Money(_)) => Ok(other.clone()),
            (Unit::Named(a), Unit::Named(b)) => {
                let mut factors: Vec<&str> = a.split('·').chain(b.split('·')).collect();
                factors.sort_unstable();
                Ok(Unit::Named(factors.join("·")))
            }
            (Unit::Money(_), Unit::Money(_)) => Err(Finding::new(format!("{self} times {other} has no meaning"))
                .help("a share or a number of times has no currency: leave the unit out of that parameter")),
            _ => Err(Finding::new(format!("{self} times {other} has no meaning")).help(
                "a rate is multiplied by a number of what it is a rate of: \"EUR per m²\" by an attribute of unit \"m²\"",
            )),
        }
    }

    /// The unit of a quotient, whose divisor is a constant.
    pub fn over(&self, divisor: &Unit) -> Result<Unit, Finding> {
        match (self, divisor) {
            (unit, Unit::Literal | Unit::Plain) => Ok(unit.clone()),
            _ if self == divisor => Ok(Unit::Plain),
            (Unit::Money(_), Unit::Named(_)) => Ok(self.clone()),
            (Unit::Named(product), Unit::Named(by)) => {
                let mut factors: Vec<&str> = product.split('·').collect();
                match factors.iter().position(|factor| same_thing(factor, by)) {
                    Some(cancelled) if factors.len() > 1 => {
                        factors.remove(cancelled);
                        Ok(Unit::Named(factors.join("·")))
                    }
                    Some(_) => Ok(Unit::Plain),
                    None => Ok(Unit::Per(Box::new(self.clone()), by.clone())),
                }
            }
            _ => Err(Finding::new(format!("{self} divided by {divisor} has no meaning here"))),
        }
    }

    /// Whether addition and multiplication make sense.
    pub fn is_quantity(&self) -> bool {
        matches!(self, Unit::Literal | Unit::Plain | Unit::Named(_) | Unit::Money(_) | Unit::Per(..))
    }

    /// Whether larger and smaller make sense.
    pub fn is_ordered(&self) -> bool {
        self.is_quantity() || matches!(self, Unit::Date | Unit::Day | Unit::Month)
    }

    /// What the difference of two positions in a calendar counts.
    pub fn step(&self) -> Option<&'static str> {
        match self {
            Unit::Day => Some("days"),
            Unit::Month => Some("months"),
            _ => None,
        }
    }

    /// The common unit of two sides of a sum or comparison. `zero` says which side is the constant 0.
    pub fn unify(&self, other: &Unit, zero: (bool, bool)) -> Result<Unit, Finding> {
        match (self, other) {
            _ if self == other => Ok(self.clone()),
            (Unit::Literal, Unit::Money(_)) if zero.0 => Ok(other.clone()),
            (Unit::Money(_), Unit::Literal) if zero.1 => Ok(self.clone()),
            (Unit::Literal, Unit::Per(over, _)) | (Unit::Per(over, _), Unit::Literal)
                if matches!(**over, Unit::Money(_)) && !zero.0 && !zero.1 =>
            {
                over.unify(&Unit::Literal, (false, false))
            }
            (Unit::Literal, Unit::Money(c)) | (Unit::Money(c), Unit::Literal) => {
                let hundred = c
                    .parse::<Currency>()
                    .map_or_else(|_| "100.00".to_owned(), |c| c.in_major_units(100 * 10_i128.pow(c.decimals())));
                Err(Finding::new(format!("a bare number meets an amount in {c}")).help(format!(
                    "name it: [parameter.limit] value = \"{hundred}\", unit = \"{c}\"; a bare 100 could be cents or units"
                )))
            }
            (Unit::Literal, unit) | (unit, Unit::Literal) if unit.is_quantity() => Ok(unit.clone()),
            (Unit::Plain, Unit::Named(unit)) | (Unit::Named(unit), Unit::Plain) => {
                Err(Finding::new(format!("{self} and {other} don't mix"))
                    .help(format!("a parameter that counts the same says unit = {}", quoted(unit))))
            }
            (Unit::Money(code), Unit::Named(small)) | (Unit::Named(small), Unit::Money(code))
                if small.eq_ignore_ascii_case(code) =>
            {
                Err(Finding::new(format!("{self} and {other} don't mix"))
                    .help(format!("currencies are written in capital letters: unit = {}", quoted(code))))
            }
            _ => Err(Finding::new(format!("{self} and {other} don't mix"))),
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unit::Literal | Unit::Plain => f.write_str("a number"),
            Unit::Named(unit) => write!(f, "a number of {unit}"),
            Unit::Money(currency) => write!(f, "an amount in {currency}"),
            Unit::Per(over, each) => write!(f, "{over} per {each}"),
            Unit::Truth => f.write_str("true or false"),
            Unit::Date => f.write_str("a date"),
            Unit::Day => f.write_str("a day number"),
            Unit::Month => f.write_str("a month number"),
            Unit::Enum(values) => write!(f, "one of {}", values.join(", ")),
        }
    }
}

/// Whether two words name one thing: what is counted is written in the plural, a rate often in the singular.
fn same_thing(a: &str, b: &str) -> bool {
    let plural = |one: &str, many: &str| many.strip_suffix('s') == Some(one) || (one, many) == ("child", "children");
    a == b || plural(a, b) || plural(b, a)
}

/// An amount in minor units as people write it in its currency.
pub(crate) fn show_money(minor: i128, currency: &str) -> String {
    match currency.parse::<Currency>() {
        Ok(currency) => currency.in_major_units(minor),
        // No policy compiles with it.
        Err(_) => minor.to_string(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn units_multiply_and_cancel() {
        let (euros, named) = (Unit::Money("EUR".to_owned()), |unit: &str| Unit::named(unit));
        let per_area = Unit::Per(Box::new(euros.clone()), "m²".to_owned());
        for (a, b, product) in [
            (euros.clone(), named("children"), Some(euros.clone())),
            (named("days"), euros.clone(), Some(euros.clone())),
            (euros.clone(), Unit::Literal, Some(euros.clone())),
            (per_area.clone(), named("m²"), Some(euros.clone())),
            (named("m² per person"), named("persons"), Some(named("m²"))),
            (named("persons"), named("days"), Some(named("days·persons"))),
            (named("days"), named("persons"), Some(named("days·persons"))),
            (per_area.clone(), named("persons"), None),
            (per_area.clone(), per_area.clone(), None),
            (per_area.clone(), euros.clone(), None),
            (euros.clone(), euros.clone(), None),
        ] {
            assert_eq!(a.times(&b).ok(), product, "{a} times {b}");
        }
        for (a, b, quotient) in [
            (euros.clone(), euros.clone(), Some(Unit::Plain)),
            (euros.clone(), named("months"), Some(euros.clone())),
            (named("days·persons"), named("days"), Some(named("persons"))),
            (named("m²"), named("persons"), Some(named("m² per persons"))),
            (named("persons"), euros.clone(), None),
        ] {
            assert_eq!(a.over(&b).ok(), quotient, "{a} over {b}");
        }
        assert!(per_area.unify(&Unit::Literal, (false, false)).is_err(), "a bare number could be cents");
        assert_eq!(per_area.unify(&Unit::Literal, (false, true)).unwrap(), per_area);
        assert!(per_area.unify(&euros, (false, false)).is_err());
    }
}
