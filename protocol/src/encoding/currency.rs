//! Currencies of ISO 4217, with as many decimals as the standard gives each.
//!
//! Guarantee: an amount has one spelling: `1234` in yen, `1234.50` in euros, `1234.500` in Kuwaiti dinars, and never one for another. The integer that records,
//! rules and proofs count is of minor units, whatever the currency.

use crate::code::{Code, Coded};
use crate::printable::quoted;
use std::{fmt, str::FromStr, sync::LazyLock};

/// A currency that has minor units: not gold, not the code for tests.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency {
    code: &'static str,
    decimals: u32,
}

/// The codes with so many decimals each: ISO 4217:2015, list one ("current currency and funds code list", maintained by SIX), as of January 2026, with what it
/// superseded since 2023. Metals, bond units and the codes for tests have no minor units and aren't here.
///
/// A table of our own: a law is compiled again years later, and no update of a dependency may change what an amount in it means. Only add to it.
const CODES: [(u32, &str); 4] = [
    (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"),
    (3, "BHD IQD JOD KWD LYD OMR TND"),
    (4, "CLF UYW"),
    (
        2,
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD \
        CDF CHE CHF CHW CNY COP COU CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS \
        GIP GMD GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD \
        LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN \
        PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL \
        THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG ZWL",
    ),
];

/// The text is no code of such a currency.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} is no currency of ISO 4217: it takes three upper-case letters such as EUR", quoted(.0))]
pub struct UnknownCurrency(pub String);

impl Coded for UnknownCurrency {
    fn code(&self) -> Code {
        Code::UnknownCurrency
    }
}

impl FromStr for Currency {
    type Err = UnknownCurrency;

    fn from_str(code: &str) -> Result<Self, UnknownCurrency> {
        // In order, because every cell of an amount asks.
        static ALL: LazyLock<Vec<Currency>> = LazyLock::new(|| {
            let all = CODES.iter().flat_map(|(decimals, codes)| codes.split(' ').map(|code| (*decimals, code)));
            let mut all: Vec<Currency> = all.map(|(decimals, code)| Currency { code, decimals }).collect();
            all.sort_unstable_by_key(|currency| currency.code);
            all
        });
        let found = ALL.binary_search_by_key(&code, |currency| currency.code);
        found.map(|at| ALL[at]).map_err(|_| UnknownCurrency(code.to_owned()))
    }
}

/// Three upper-case letters: what is written so names a currency, or is refused.
pub fn looks_like_one(code: &str) -> bool {
    code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase())
}

impl Currency {
    /// Its three letters.
    pub fn code(self) -> &'static str {
        self.code
    }

    /// Its three letters as contracts write them.
    pub fn to_bytes(self) -> [u8; 3] {
        let mut bytes = [0; 3];
        bytes.copy_from_slice(self.code.as_bytes());
        bytes
    }

    /// How many decimals an amount has: 2 in most.
    pub fn decimals(self) -> u32 {
        self.decimals
    }

    /// The minor units of an amount as people write it; none for any other spelling, and for more than 2^63 − 1 of them.
    pub fn minor_units(self, text: &str) -> Option<i64> {
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = match self.decimals {
            0 => (unsigned, ""),
            _ => unsigned.split_once('.')?,
        };
        let leading_zero = whole.len() > 1 && whole.starts_with('0');
        let all_digits = whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit());
        if whole.is_empty() || leading_zero || !all_digits || u32::try_from(fraction.len()) != Ok(self.decimals) {
            return None;
        }
        let value: i64 = format!("{whole}{fraction}").parse().ok()?;
        match (negative, value) {
            (true, 0) => None,
            (true, value) => Some(-value),
            (false, value) => Some(value),
        }
    }

    /// An amount as people write it, without the currency: what [`Currency::minor_units`] reads.
    pub fn in_major_units(self, minor: i128) -> String {
        let sign = if minor < 0 { "-" } else { "" };
        let (magnitude, unit) = (minor.unsigned_abs(), 10_u128.pow(self.decimals));
        match self.decimals {
            0 => format!("{sign}{magnitude}"),
            decimals => format!("{sign}{}.{:0width$}", magnitude / unit, magnitude % unit, width = decimals as usize),
        }
    }

    /// An amount for messages that say what is expected: `1234.50`.
    pub fn example(self) -> String {
        self.in_major_units(12_345 * 10_i128.pow(self.decimals) / 10)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Currency({self})")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn currency(code: &str) -> Currency {
        code.parse().unwrap()
    }

    #[test]
    fn amounts_have_one_spelling_in_each_currency() {
        for (code, text, minor) in [
            ("EUR", "1234.50", 123_450),
            ("EUR", "-0.01", -1),
            ("JPY", "1234", 1234),
            ("JPY", "-7", -7),
            ("KWD", "1234.500", 1_234_500),
            ("CLF", "0.0001", 1),
            ("USD", "92233720368547758.07", i64::MAX),
        ] {
            assert_eq!(currency(code).minor_units(text), Some(minor), "{text} {code}");
            assert_eq!(currency(code).in_major_units(minor.into()), text, "{minor} {code}");
        }
        for (code, text) in [
            ("JPY", "1234.00"),
            ("JPY", "1234."),
            ("JPY", "-0"),
            ("JPY", ""),
            ("KWD", "1234.50"),
            ("KWD", "1234"),
            ("EUR", "1234.500"),
            ("EUR", "01.00"),
            ("EUR", "+1.00"),
            ("EUR", "1,00"),
            ("EUR", ".50"),
            ("EUR", "--1.00"),
            ("EUR", "1.0.0"),
            ("EUR", "٣.00"),
            ("USD", "92233720368547758.08"),
        ] {
            assert_eq!(currency(code).minor_units(text), None, "{text:?} {code}");
        }
        assert_eq!(currency("EUR").example(), "1234.50");
        assert_eq!((currency("JPY").example(), currency("KWD").example()), ("1234".into(), "1234.500".into()));
    }

    #[test]
    fn what_is_no_currency_is_refused() {
        for code in ["", "eur", "EU", "EURO", "XYZ", "XXX", "XTS", "XAU", "€", "E\u{395}R", " EUR"] {
            assert!(code.parse::<Currency>().is_err(), "{code:?}");
        }
    }

    /// Spot checks against the standard's list, and that no code stands twice or can't be read.
    #[test]
    fn the_table_is_the_standards() {
        let all: Vec<&str> = CODES.iter().flat_map(|(_, codes)| codes.split(' ')).collect();
        let distinct: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!((all.len(), distinct.len()), (170, 170));
        for code in all {
            assert!(looks_like_one(code) && currency(code).code() == code, "{code}");
            assert_eq!(currency(code).to_bytes(), code.as_bytes());
        }
        for (code, decimals) in [
            ("EUR", 2),
            ("USD", 2),
            ("CNY", 2),
            ("GBP", 2),
            ("CHF", 2),
            ("JPY", 0),
            ("KRW", 0),
            ("ISK", 0),
            ("CLP", 0),
            ("XOF", 0),
            ("KWD", 3),
            ("BHD", 3),
            ("IQD", 3),
            ("JOD", 3),
            ("LYD", 3),
            ("OMR", 3),
            ("TND", 3),
            ("CLF", 4),
            ("UYW", 4),
            ("MGA", 2),
            ("MRU", 2),
            ("XCG", 2),
        ] {
            assert_eq!(currency(code).decimals(), decimals, "{code}");
        }
    }
}
