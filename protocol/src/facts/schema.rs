//! Schemas: what the 32 attributes of a record mean. People write them in TOML; their digest is the `schema_id` in every leaf.

use super::plausible::PeriodRule;
use crate::printable::quoted;
use crate::{
    canonical::{self, DocumentError, Kind},
    code::{Code, Coded},
    currency::{Currency, UnknownCurrency},
    date::{Date, Month},
    field::{self, F, field_newtype},
    id_form::IdForm,
    name::Name,
    printable::is_deceptive,
    toml_text::{self, TomlError},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use unicode_normalization::UnicodeNormalization as _;

/// Attributes in a record.
pub const ATTRIBUTES: usize = 32;

/// Members that a household's record can name, and the attributes that do: after their number, one per member.
pub const MEMBERS: usize = 8;

/// Bounds that a schema states are less than this in magnitude: larger numbers are not exact in JSON, and two schemas could share an id.
const STATED_BOUND: i64 = 1 << 53;

/// Integers in attributes are less than this in magnitude: 2^63.
pub const INTEGER_BOUND: i128 = 1 << 63;

field_newtype! {
    /// `trunc248` of the schema's digest.
    SchemaId
}

/// The meaning of a record's attributes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schema {
    /// Stable name.
    pub name: Name,
    /// Title by language tag (`en`, `zh`, …).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub title: BTreeMap<String, String>,
    /// More than one live record per subject and period, one per business key (invoices).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub many: bool,
    /// The record is about a household: its first attributes are the number of its members and their ids.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub household: bool,
    /// What the ids of people look like; none: any identifier, in the case that it is written in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub national_id: Option<IdForm>,
    /// Whether records are about a period; none: the import says so each time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<PeriodRule>,
    /// The first plausible period ([`super::plausible`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earliest_period: Option<Month>,
    /// The last plausible period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest_period: Option<Month>,
    /// The attributes in the order of the record.
    #[serde(rename = "attribute")]
    pub declarations: Vec<Declaration>,
}

/// One attribute, or `repeat` of them named `name_01`, `name_02`, …
// Unknown fields reach the flattened `kind`, which denies them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declaration {
    /// `a–z 0–9 _`, beginning with a letter.
    pub name: String,
    /// Description by language tag.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub title: BTreeMap<String, String>,
    /// How often it stands in the record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeat: Option<u8>,
    /// The first plausible day ([`super::plausible`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earliest: Option<Date>,
    /// The last plausible day; none: the day of import.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest: Option<Date>,
    /// What it is.
    #[serde(flatten)]
    pub kind: AttributeKind,
}

/// What an attribute is, and how its text in a CSV file becomes an integer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum AttributeKind {
    /// A whole number between `min` and `max`.
    Integer {
        /// Smallest value; default −(2^63 − 1).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        min: Option<i64>,
        /// Largest value; default 2^63 − 1.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max: Option<i64>,
        /// What is counted, so that rules can't add people to square metres.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unit: Option<String>,
    },
    /// An amount with as many decimals as its currency has; the integer counts minor units (cents, say).
    Money {
        /// Code of a [`Currency`].
        currency: String,
        /// Smallest value in minor units; default −(2^63 − 1).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        min: Option<i64>,
        /// Largest value in minor units; default 2^63 − 1.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max: Option<i64>,
    },
    /// `YYYY-MM-DD`, the integer `YYYYMMDD`.
    Date {},
    /// `YYYY-MM-DD`, the integer counts days since 1970-01-01.
    DayNumber {},
    /// `true` or `false`, the integer 1 or 0.
    Boolean {},
    /// One of `values`, the integer is its position.
    Enum {
        /// The values in order; the ordinal of the first is 0.
        values: Vec<String>,
    },
    /// Text, committed as a hash; only compared for equality or membership.
    Text {},
    /// A member of a household: in CSV the national id, or nothing; in the record the pseudonymous subject, or 0.
    /// No rule reads it: it joins the household's record to the members'.
    Member {},
}

/// One of the 32 attributes with its expanded name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Name, with `_01` … for repeated declarations.
    pub name: String,
    /// What it is.
    pub kind: AttributeKind,
}

/// What is wrong with a schema.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// Not TOML of this form.
    #[error("the schema can't be read: {0}")]
    Toml(#[from] TomlError),
    /// More than 32.
    #[error("the schema has {0} attributes; a record holds {ATTRIBUTES}")]
    TooMany(usize),
    /// None at all.
    #[error("the schema has no attribute")]
    Empty,
    /// What it states of ids is wrong.
    #[error("national_id: {0}")]
    IdForm(&'static str),
    /// A bad or doubled name, bounds the wrong way round, and the like.
    #[error("attribute {}: {problem}", quoted(.name))]
    Attribute {
        /// Which one.
        name: String,
        /// Why it is rejected.
        problem: &'static str,
    },
    /// It could not be digested.
    #[error(transparent)]
    Document(#[from] DocumentError),
}

impl Coded for SchemaError {
    fn code(&self) -> Code {
        Code::BadSchema
    }
}

impl Schema {
    /// Reads and checks a schema in TOML.
    pub fn from_toml(text: &str) -> Result<Self, SchemaError> {
        let schema: Self = toml_text::read(text)?;
        schema.attributes()?;
        Ok(schema)
    }

    /// The schema's id: `trunc248(digest("schema", self))`.
    pub fn id(&self) -> Result<SchemaId, SchemaError> {
        Ok(SchemaId(field::truncate_248(&canonical::digest(Kind::Schema, self)?.0)))
    }

    /// The attributes in order, repeated declarations expanded; checks everything that makes a schema valid.
    pub fn attributes(&self) -> Result<Vec<Attribute>, SchemaError> {
        let mut all = Vec::new();
        let mut names = BTreeSet::new();
        for declaration in &self.declarations {
            let fail = |problem| SchemaError::Attribute { name: declaration.name.clone(), problem };
            let shaped = declaration.name.starts_with(|c: char| c.is_ascii_lowercase())
                && declaration.name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'));
            if !shaped {
                return Err(fail("a name is a-z, 0-9 and '_', beginning with a letter"));
            }
            declaration.kind.check().map_err(fail)?;
            let expanded = match declaration.repeat {
                None => vec![declaration.name.clone()],
                Some(0 | 1) => return Err(fail("repeat is at least 2")),
                Some(n) => (1..=n).map(|i| format!("{}_{i:02}", declaration.name)).collect(),
            };
            for name in expanded {
                if !names.insert(name.clone()) {
                    return Err(fail("the name stands twice"));
                }
                all.push(Attribute { name, kind: declaration.kind.clone() });
            }
        }
        self.check_household(&all)?;
        self.national_id.as_ref().map_or(Ok(()), IdForm::check).map_err(SchemaError::IdForm)?;
        self.check_time()?;
        match all.len() {
            0 => Err(SchemaError::Empty),
            1..=ATTRIBUTES => Ok(all),
            n => Err(SchemaError::TooMany(n)),
        }
    }
}

impl Schema {
    /// The circuit reads the members where this says they are, whatever the names.
    fn check_household(&self, all: &[Attribute]) -> Result<(), SchemaError> {
        for (i, attribute) in all.iter().enumerate() {
            let fail = |problem| Err(SchemaError::Attribute { name: attribute.name.clone(), problem });
            let named = matches!(attribute.kind, AttributeKind::Member {});
            let counts = matches!(attribute.kind, AttributeKind::Integer { min: Some(1), max: Some(8), .. });
            if self.household && i == 0 && !counts {
                return fail(
                    "the first attribute of a household is the number of its members: an integer, min 1, max 8",
                );
            }
            if named != (self.household && (1..=MEMBERS).contains(&i)) {
                return fail("the attributes of kind member are the second to ninth of a household, all eight of them");
            }
        }
        if self.household && (all.len() <= MEMBERS || self.many) {
            let name = self.name.to_string();
            let problem = "a household has a number of members and eight of kind member, and one record per period";
            return Err(SchemaError::Attribute { name, problem });
        }
        Ok(())
    }
}

/// Name of the text attribute that holds the person's id, where a schema has one: an agency fills it from the id, and from nothing else.
pub const IDENTITY: &str = "identity";

/// A cell that doesn't fit its attribute.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// The text has another form.
    #[error("expected {0}")]
    Syntax(String),
    /// A text that a reader could not tell from another one.
    #[error("text {0}")]
    Text(#[from] TextError),
    /// A national id, which an agency's key turns into a subject.
    #[error("a household's members can be imported by an agency only, which turns national ids into pseudonyms")]
    Member,
    /// Outside `min` … `max`.
    #[error("must be between {min} and {max} (in the attribute's integer unit)")]
    OutOfRange {
        /// Smallest value.
        min: i64,
        /// Largest value.
        max: i64,
    },
}

/// Why a text is no value: the same text could be written twice, and a rule would take one of them for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Before or behind it.
    #[error("has white space around it")]
    SpaceAround,
    /// A control character, one that can't be seen, or one that reorders others.
    #[error("has a control, invisible or directional character in it (U+{:04X})", *.0 as u32)]
    Deceptive(char),
}

impl AttributeKind {
    /// Whether it is compared only, never computed with.
    pub fn is_text(&self) -> bool {
        matches!(self, Self::Text {})
    }

    /// Whether it is an integer, in 64 signed bits.
    pub fn is_integer(&self) -> bool {
        !matches!(self, Self::Text {} | Self::Member {})
    }

    /// Smallest and largest integer; `None` for what is no integer.
    pub fn range(&self) -> Option<(i64, i64)> {
        let most = i64::MAX;
        Some(match self {
            Self::Integer { min, max, .. } | Self::Money { min, max, .. } => {
                (min.unwrap_or(-most), max.unwrap_or(most))
            }
            Self::Date {} => (10_101, 99_991_231),
            Self::DayNumber {} => (-719_162, 2_932_896),
            Self::Boolean {} => (0, 1),
            Self::Enum { values } => (0, i64::try_from(values.len()).unwrap_or(most) - 1),
            Self::Text {} | Self::Member {} => return None,
        })
    }

    /// The field element of a cell's text, exactly as it stands (no trimming).
    pub fn parse(&self, text: &str) -> Result<F, ValueError> {
        let syntax = |expected: &str| ValueError::Syntax(expected.to_owned());
        let date = || text.parse::<Date>().map_err(|e| ValueError::Syntax(e.to_string()));
        let value: i64 = match self {
            Self::Text {} => return Ok(checked_text(text)?),
            // Only an agency's key turns the id into a subject; a cell without one is nobody.
            Self::Member {} if text.is_empty() => return Ok(F::from(0u8)),
            Self::Member {} => return Err(ValueError::Member),
            Self::Integer { .. } => integer(text).ok_or_else(|| syntax("a whole number such as 42 or -7"))?,
            Self::Money { currency, .. } => {
                let currency: Currency = currency.parse().map_err(|e: UnknownCurrency| syntax(&e.to_string()))?;
                currency.minor_units(text).ok_or_else(|| ValueError::Syntax(spelling(currency)))?
            }
            Self::Date {} => i64::from(date()?.yyyymmdd()),
            Self::DayNumber {} => date()?.day_number(),
            Self::Boolean {} => match text {
                "true" => 1,
                "false" => 0,
                _ => return Err(syntax("true or false")),
            },
            Self::Enum { values } => values
                .iter()
                .position(|v| v == text)
                .and_then(|i| i64::try_from(i).ok())
                .ok_or_else(|| ValueError::Syntax(format!("one of {}", values.join(", "))))?,
        };
        match self.range() {
            Some((min, max)) if !(min..=max).contains(&value) => Err(ValueError::OutOfRange { min, max }),
            _ => Ok(field::from_i128(i128::from(value))),
        }
    }

    fn check(&self) -> Result<(), &'static str> {
        if let Self::Enum { values } = self
            && (values.is_empty() || values.iter().collect::<BTreeSet<_>>().len() != values.len())
        {
            return Err("an enum has at least one value and no value twice");
        }
        if let Self::Money { currency, .. } = self
            && currency.parse::<Currency>().is_err()
        {
            return Err("currency is the three-letter code of a currency of ISO 4217, such as EUR");
        }
        if let Self::Integer { min, max, .. } | Self::Money { min, max, .. } = self
            && min.iter().chain(max).any(|bound| bound.unsigned_abs() >= STATED_BOUND.unsigned_abs())
        {
            return Err("min and max must be less than 2^53 in magnitude; leave them out for no bound");
        }
        match self.range() {
            Some((min, max)) if min > max => Err("min is greater than max"),
            _ => Ok(()),
        }
    }
}

/// The value of a text that stands in records, policies or facts; see [`text_value`].
pub fn checked_text(text: &str) -> Result<F, TextError> {
    if text.trim() != text {
        return Err(TextError::SpaceAround);
    }
    match text.chars().find(|c| is_deceptive(*c)) {
        Some(c) => Err(TextError::Deceptive(c)),
        None => Ok(text_value(text)),
    }
}

/// The value of a text attribute: `trunc248(SHA-256(UTF-8 of the text in NFC))`.
///
/// The one place where text becomes a value, in records, policies and applicants alike. Unicode writes "é" as one character or as
/// two; without a normal form (UAX #15) the same name from two keyboards would be two values, and a rule that excludes one would
/// admit the other. Letters that only look alike stay different, and so do case and white space.
pub fn text_value(text: &str) -> F {
    let normal: Cow<'_, str> = if text.is_ascii() { text.into() } else { text.nfc().collect::<String>().into() };
    field::truncate_248(&Sha256::digest(normal.as_bytes()).into())
}

/// One spelling per number: no plus sign, no leading zeros, no −0.
fn integer(text: &str) -> Option<i64> {
    text.parse::<i64>().ok().filter(|x| x.to_string() == text)
}

/// How amounts of a currency are written, for messages.
fn spelling(currency: Currency) -> String {
    match currency.decimals() {
        0 => format!("an amount in {currency}, which has no decimals, such as {}", currency.example()),
        decimals => format!("an amount in {currency} with {decimals} decimals such as {}", currency.example()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// UAX #15: one value however a text's characters are composed, and nothing else is folded.
    #[test]
    fn texts_are_normalised_and_nothing_else() {
        let same = [
            ("Zo\u{eb}", "Zoe\u{308}"),
            ("\u{212b}", "A\u{30a}"),
            ("\u{1e69}", "s\u{307}\u{323}"),
            ("\u{ac01}", "\u{1100}\u{1161}\u{11a8}"),
            ("\u{f900}", "\u{8c48}"),
        ];
        for (one, other) in same {
            assert_ne!(one, other);
            assert_eq!(text_value(one), text_value(other), "{one}");
        }
        for (one, other) in
            [("fi", "\u{fb01}"), ("Zoe", "Zo\u{eb}"), ("a", "A"), ("a", "a "), ("a", "\u{430}"), ("1", "\u{ff11}")]
        {
            assert_ne!(text_value(one), text_value(other), "{one} {other}");
        }
        // SHA-256 of 5a 6f c3 ab, its first 31 bytes.
        assert_eq!(
            field::to_hex(text_value("Zoe\u{308}")),
            "0x00c6a12698582fc1104ea24107a2d7268145ff06ef859707729d01fd060897f0"
        );
    }

    #[test]
    fn texts_that_look_like_others_are_refused() {
        let text = AttributeKind::Text {};
        for good in ["", "north", "Sankt-Peter-Straße 7", "می‌خواهم"] {
            assert_eq!(text.parse(good).unwrap(), text_value(good));
        }
        for (bad, why) in [
            (" north", TextError::SpaceAround),
            ("north\u{a0}", TextError::SpaceAround),
            ("no\u{200b}rth", TextError::Deceptive('\u{200b}')),
            ("no\u{202e}rth", TextError::Deceptive('\u{202e}')),
            ("no\0rth", TextError::Deceptive('\0')),
        ] {
            assert_eq!(text.parse(bad), Err(ValueError::Text(why)), "{bad:?}");
        }
    }

    const INCOME: &str = r#"
        name = "income"
        [[attribute]]
        name = "identity"
        kind = "text"
        [[attribute]]
        name = "gross"
        kind = "money"
        currency = "EUR"
        min = 0
        repeat = 12
    "#;

    #[test]
    fn schema_expands_repeats_and_has_one_id() {
        let schema = Schema::from_toml(INCOME).unwrap();
        let names: Vec<_> = schema.attributes().unwrap().into_iter().map(|a| a.name).collect();
        assert_eq!((names.len(), names[0].as_str(), names[12].as_str()), (13, "identity", "gross_12"));
        let other = Schema::from_toml(&INCOME.replace("EUR", "USD")).unwrap();
        assert_ne!(schema.id().unwrap(), other.id().unwrap());
    }

    #[test]
    fn bad_schemas_are_rejected() {
        for (from, to) in [
            ("repeat = 12", "repeat = 12\n[[attribute]]\nname = \"gross_03\"\nkind = \"text\""),
            ("repeat = 12", "repeat = 32"),
            ("repeat = 12", "repeat = 1"),
            ("min = 0", "min = 5\nmax = 4"),
            ("min = 0", "max = 9007199254740992"),
            ("min = 0", "min = -9223372036854775807"),
            ("EUR", "euro"),
            ("EUR", "XYZ"),
            ("EUR", "XTS"),
            ("repeat = 12", "colour = 1"),
            ("\"gross\"", "\"Gross\""),
            ("\"money\"", "\"coins\""),
        ] {
            assert!(Schema::from_toml(&INCOME.replace(from, to)).is_err(), "{from} -> {to}");
        }
        assert!(Schema::from_toml("name = \"x\"\nattribute = []").is_err());
    }

    #[test]
    fn cells_have_one_spelling() {
        let money = AttributeKind::Money { currency: "EUR".into(), min: Some(0), max: Some(10_000) };
        assert_eq!(money.parse("12.50").unwrap(), F::from(1250u32));
        assert_eq!(money.parse("100.01"), Err(ValueError::OutOfRange { min: 0, max: 10_000 }));
        for bad in ["12.5", "12", "012.50", "+1.00", "1,00", "-0.00", " 1.00", ".50", "1.5e", ""] {
            assert!(money.parse(bad).is_err(), "{bad:?}");
        }
        let in_currency = |code: &str| AttributeKind::Money { currency: code.into(), min: None, max: None };
        assert_eq!(in_currency("JPY").parse("1250").unwrap(), F::from(1250u32));
        assert_eq!(in_currency("KWD").parse("1.250").unwrap(), F::from(1250u32));
        for (code, text, says) in
            [("JPY", "12.50", "no decimals"), ("KWD", "12.50", "3 decimals"), ("XYZ", "12.50", "ISO 4217")]
        {
            let error = in_currency(code).parse(text).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
        let integer = AttributeKind::Integer { min: None, max: None, unit: None };
        assert!(integer.parse("9223372036854775807").is_ok());
        for bad in ["-9223372036854775808", "9223372036854775808", "+1", "01", "-0", "1.0", "٣"] {
            assert!(integer.parse(bad).is_err(), "{bad:?}");
        }
        let district = AttributeKind::Enum { values: vec!["north".into(), "south".into()] };
        assert_eq!(district.parse("south").unwrap(), F::from(1u8));
        assert!(district.parse("South").is_err());
        assert!(AttributeKind::Date {}.parse("2023-02-29").is_err());
        assert_eq!(AttributeKind::DayNumber {}.parse("1969-12-31").unwrap(), -F::from(1u8));
    }
}
