//! Amounts of money as people and programs read them: never without their currency.

use super::{currency::Currency, printable::printable};
use serde::Serialize;
use std::fmt;

/// An amount. For people `412.00 EUR`, in JSON `{"minor": 41200, "currency": "EUR"}`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Amount {
    /// In the currency's minor units: cents, say. Less than 2^63.
    pub minor: u64,
    /// ISO 4217 code.
    pub currency: String,
}

impl Amount {
    /// So many minor units of a currency.
    pub fn new(minor: u64, currency: impl Into<String>) -> Self {
        Self { minor, currency: currency.into() }
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", in_major_units(self.minor, &self.currency), printable(&self.currency))
    }
}

/// The number alone, with as many decimals as the currency has. Where nobody knows the currency, nobody knows them: then it is the count of minor units.
pub fn in_major_units(minor: u64, currency: &str) -> String {
    match currency.parse::<Currency>() {
        Ok(currency) => currency.in_major_units(minor.into()),
        Err(_) => format!("{minor} minor units of"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_amount_carries_its_currency() {
        let amount = Amount::new(29_575, "EUR");
        assert_eq!(amount.to_string(), "295.75 EUR");
        assert_eq!(serde_json::to_string(&amount).unwrap(), r#"{"minor":29575,"currency":"EUR"}"#);
        assert_eq!(Amount::new(5, "EUR").to_string(), "0.05 EUR");
        assert_eq!(Amount::new(29_575, "JPY").to_string(), "29575 JPY");
        assert_eq!(Amount::new(29_575, "KWD").to_string(), "29.575 KWD");
        assert_eq!(Amount::new(1, "E\u{1b}[2J").to_string(), format!("1 minor units of {}", printable("E\u{1b}[2J")));
    }
}
