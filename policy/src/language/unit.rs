//! Types and units of expressions: what may be added, compared and shown.

use super::diagnostic::Finding;
use sealroot_protocol::currency::Currency;
use sealroot_protocol::printable::quoted;
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
    /// Whether addition and multiplication make sense.
    pub fn is_quantity(&self) -> bool {
        matches!(self, Unit::Literal | Unit::Plain | Unit::Named(_) | Unit::Money(_))
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
            Unit::Truth => f.write_str("true or false"),
            Unit::Date => f.write_str("a date"),
            Unit::Day => f.write_str("a day number"),
            Unit::Month => f.write_str("a month number"),
            Unit::Enum(values) => write!(f, "one of {}", values.join(", ")),
        }
    }
}

/// An amount in minor units as people write it in its currency.
pub(crate) fn show_money(minor: i128, currency: &str) -> String {
    match currency.parse::<Currency>() {
        Ok(currency) => currency.in_major_units(minor),
        // No policy compiles with it.
        Err(_) => minor.to_string(),
    }
}
