//! What a schema says of its agency's ids: letter case, pattern, check digit.
//!
//! Guarantee: an id that is spelled in two ways the agency takes for one becomes one [`Identifier`], and one with a mistyped digit is refused where there is a
//! check digit. Every verb of an agency and every request of an office reads ids by it, so that they mean the same person.

use crate::{
    code::{Code, Coded},
    identifier::{Identifier, NotAnIdentifier},
};
use regex_lite::Regex;
use serde::{Deserialize, Serialize};

/// Longest pattern, bytes: a schema is somebody else's document, and compiling its pattern takes memory.
const LONGEST_PATTERN: usize = 256;

/// What the ids of one agency look like.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdForm {
    /// The case that letters are read in; none: `x` and `X` are two people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<LetterCase>,
    /// Regular expression that the whole id matches, after its letters are in their case: `[0-9]{17}[0-9X]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// How the last character follows from those before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checksum: Option<Checksum>,
}

/// The case of letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LetterCase {
    /// `x` is read as `X`.
    Upper,
    /// `X` is read as `x`.
    Lower,
}

/// A check character at the end. What is neither digit nor check character (`-`, spaces) doesn't count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Checksum {
    /// ISO/IEC 7064, MOD 11-2; the check character may be `X`: China's resident ids (GB 11643), ORCID.
    #[serde(rename = "iso-7064-mod-11-2")]
    Mod11_2,
    /// ISO/IEC 7064, MOD 11,10: Germany's tax ids, Croatia's OIB.
    #[serde(rename = "iso-7064-mod-11-10")]
    Mod11_10,
    /// ISO/IEC 7812-1, the Luhn formula: Sweden's personal numbers (ten digits), South Africa's ids.
    #[serde(rename = "luhn")]
    Luhn,
}

/// An id that isn't of its agency's form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdFormError {
    /// It identifies nobody anywhere.
    #[error(transparent)]
    Identifier(#[from] NotAnIdentifier),
    /// The pattern doesn't match.
    #[error("is not of the form that the schema states for ids: {0}")]
    Pattern(String),
    /// Written with separators that the pattern lets be left out.
    #[error("has separators that the schema lets be left out: write it without them, so that it has one spelling")]
    Separators,
    /// The check character is another.
    #[error("has a wrong check digit: a character is mistyped")]
    Checksum,
    /// The agencies of one program read it differently.
    #[error(
        "is read differently by the agencies of this program: write it in capital letters or in small ones as all of them do"
    )]
    Disagree,
    /// The form itself is wrong; [`IdForm::check`] finds it before.
    #[error("the schema's form of ids is wrong: {0}")]
    Form(&'static str),
}

impl Coded for IdFormError {
    fn code(&self) -> Code {
        Code::BadNationalId
    }
}

/// An id as several agencies read it, who must agree on it.
pub fn read<'a>(text: &str, forms: impl IntoIterator<Item = &'a IdForm>) -> Result<Identifier, IdFormError> {
    let mut read: Option<Identifier> = None;
    for form in forms {
        let id = form.read(text)?;
        if read.as_ref().is_some_and(|before| *before != id) {
            return Err(IdFormError::Disagree);
        }
        read = Some(id);
    }
    read.map_or_else(|| Ok(Identifier::new(text)?), Ok)
}

impl IdForm {
    /// Whether the form itself is right.
    pub fn check(&self) -> Result<(), &'static str> {
        if self.case.is_none() && self.pattern.is_none() && self.checksum.is_none() {
            return Err(
                "national_id states a case, a pattern or a checksum; leave it out if there is nothing to state",
            );
        }
        let pattern = self.pattern.as_deref();
        match (self.checksum, pattern) {
            // A check character counts digits alone: without a pattern `811218-9876` and `8112189876` would be two people.
            (Some(_), None) => {
                return Err(
                    "a checksum needs a pattern, so that an id has one spelling, with its separators or without: pattern = \"[0-9]{6}-[0-9]{4}\" for 811218-9876",
                );
            }
            (Some(_), Some(pattern)) if self.case.is_none() && lets_letters_in(pattern) => {
                return Err(
                    "the pattern lets letters in, so the case they are read in must be stated, or x and X are two people: case = \"upper\"",
                );
            }
            _ => {}
        }
        self.compiled().map(drop)
    }

    /// The id in its one spelling.
    pub fn read(&self, text: &str) -> Result<Identifier, IdFormError> {
        let id = Identifier::new(text)?;
        let id = self.case.map_or(Ok(id.clone()), |case| case.fold(&id))?;
        self.accepts(&id)?;
        Ok(id)
    }

    /// Whether an id whose letters are in their case has this form.
    pub fn accepts(&self, id: &Identifier) -> Result<(), IdFormError> {
        let pattern = self.compiled().map_err(IdFormError::Form)?;
        let matches = |text: &str| pattern.as_ref().is_none_or(|pattern| pattern.is_match(text));
        if !matches(id.as_str()) {
            return Err(IdFormError::Pattern(self.pattern.clone().unwrap_or_default()));
        }
        let Some(checksum) = self.checksum else { return Ok(()) };
        if !checksum.holds(id.as_str()) {
            return Err(IdFormError::Checksum);
        }
        // The check character holds with and without separators. Where the pattern does, too, the id is the one without.
        let bare: String = id.as_str().chars().filter(|c| c.is_alphanumeric()).collect();
        if bare != id.as_str() && matches(&bare) { Err(IdFormError::Separators) } else { Ok(()) }
    }

    /// The pattern, which the whole id must match whatever alternatives it has.
    fn compiled(&self) -> Result<Option<Regex>, &'static str> {
        let Some(pattern) = &self.pattern else { return Ok(None) };
        if pattern.len() > LONGEST_PATTERN {
            return Err("the pattern of national_id is longer than 256 bytes");
        }
        // Alone first: a pattern such as `a)(b` is none, though it would be one in brackets.
        let alone = Regex::new(pattern);
        let whole = alone.and_then(|_| Regex::new(&format!("^(?:{pattern})$")));
        whole.map(Some).map_err(|_| "the pattern of national_id is no regular expression")
    }
}

/// Whether ids that match a pattern can have letters in them. Where that can't be told from the text, they can: stating the case of letters costs nothing.
fn lets_letters_in(pattern: &str) -> bool {
    let (mut rest, mut before) = (pattern.chars(), ' ');
    while let Some(c) = rest.next() {
        let lets = match c {
            // Digits, places, and punctuation that stands for itself.
            '\\' => rest.next().is_none_or(|c| c.is_alphanumeric() && !matches!(c, 'd' | 'b' | 'A' | 'z' | 's')),
            '^' => before == '[',
            _ => c.is_alphabetic() || c == '.',
        };
        if lets {
            return true;
        }
        before = c;
    }
    false
}

impl LetterCase {
    /// The id with its letters in this case.
    pub fn fold(self, id: &Identifier) -> Result<Identifier, NotAnIdentifier> {
        Identifier::new(&match self {
            Self::Upper => id.as_str().to_uppercase(),
            Self::Lower => id.as_str().to_lowercase(),
        })
    }
}

impl Checksum {
    fn holds(self, id: &str) -> bool {
        let characters: Vec<u32> =
            id.chars().filter_map(|c| if c == 'X' || c == 'x' { Some(10) } else { c.to_digit(10) }).collect();
        let Some((check, digits)) = characters.split_last() else { return false };
        if digits.is_empty() || digits.contains(&10) {
            return false;
        }
        match self {
            Self::Mod11_2 => {
                let sum = digits.iter().fold(0, |sum, digit| (sum + digit) * 2 % 11);
                (sum + check) % 11 == 1
            }
            Self::Mod11_10 => {
                let product = digits.iter().fold(10, |product, digit| {
                    let sum = (product + digit) % 10;
                    (if sum == 0 { 10 } else { sum }) * 2 % 11
                });
                *check < 10 && (product + check) % 10 == 1
            }
            Self::Luhn => {
                let doubled = |digit: u32| if digit > 4 { 2 * digit - 9 } else { 2 * digit };
                let sum: u32 =
                    digits.iter().rev().enumerate().map(|(i, d)| if i % 2 == 0 { doubled(*d) } else { *d }).sum();
                *check < 10 && (sum + check).is_multiple_of(10)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn form(case: Option<LetterCase>, pattern: Option<&str>, checksum: Option<Checksum>) -> IdForm {
        IdForm { case, pattern: pattern.map(str::to_owned), checksum }
    }

    #[test]
    fn a_resident_id_is_one_person_in_either_case() {
        // The example of GB 11643-1999.
        let resident = form(Some(LetterCase::Upper), Some("[0-9]{17}[0-9X]"), Some(Checksum::Mod11_2));
        resident.check().unwrap();
        let id = resident.read("11010519491231002X").unwrap();
        assert_eq!(resident.read("11010519491231002x").unwrap(), id);
        assert_eq!(resident.read("110105194912310021"), Err(IdFormError::Checksum));
        assert_eq!(resident.read("11010519491231003X"), Err(IdFormError::Checksum));
        for damaged in ["1.1010519491231E+17", "11010519491231002", "11010519491231002X0", "11010519491231002\u{425}"] {
            assert!(resident.read(damaged).is_err(), "{damaged}");
        }
    }

    /// Published examples: ORCID's documentation; ISO/IEC 7064's own (0794 → 5) and the sample id of Germany's tax office; the Luhn formula's of its patent.
    #[test]
    fn check_digits_are_the_published_ones() {
        for (checksum, good) in [
            (Checksum::Mod11_2, "0000-0002-1825-0097"),
            (Checksum::Mod11_2, "0000-0002-1694-233X"),
            (Checksum::Mod11_10, "07945"),
            (Checksum::Mod11_10, "86 095 742 719"),
            (Checksum::Luhn, "79927398713"),
            (Checksum::Luhn, "811218-9876"),
        ] {
            assert!(checksum.holds(good), "{good}");
            // ISO/IEC 7064 and Luhn find every single mistyped digit.
            for (i, old) in good.char_indices().filter(|(_, c)| c.is_ascii_digit()) {
                for new in ('0'..='9').filter(|new| *new != old) {
                    let mut wrong = good.to_owned();
                    wrong.replace_range(i..=i, &new.to_string());
                    assert!(!checksum.holds(&wrong), "{wrong}");
                }
            }
        }
        for nothing in ["", "7", "X", "-", "1X2"] {
            assert!(!Checksum::Mod11_2.holds(nothing), "{nothing}");
        }
    }

    #[test]
    fn a_check_digit_gives_an_id_one_spelling() {
        let either = form(None, Some("[0-9]{6}-?[0-9]{4}"), Some(Checksum::Luhn));
        assert!(either.read("8112189876").is_ok());
        assert_eq!(either.read("811218-9876"), Err(IdFormError::Separators), "both would be two people");
        let dashed = form(None, Some("[0-9]{6}-[0-9]{4}"), Some(Checksum::Luhn));
        assert!(dashed.read("811218-9876").is_ok());
        assert!(matches!(dashed.read("8112189876"), Err(IdFormError::Pattern(_))));
    }

    #[test]
    fn a_form_that_states_nothing_or_no_pattern_is_refused() {
        assert!(IdForm::default().check().is_err());
        let digits = "[0-9]{6}-?[0-9]{4}";
        for (form, says) in [
            (form(None, None, Some(Checksum::Luhn)), "pattern = "),
            (form(Some(LetterCase::Upper), None, Some(Checksum::Mod11_2)), "pattern = "),
            (form(None, Some("[0-9]{17}[0-9Xx]"), Some(Checksum::Mod11_2)), "case = "),
            (form(None, Some(r"\w{18}"), Some(Checksum::Mod11_2)), "case = "),
            (form(None, Some("[^ ]{18}"), Some(Checksum::Mod11_2)), "case = "),
            (form(None, Some(".{18}"), Some(Checksum::Mod11_2)), "case = "),
        ] {
            let error = form.check().unwrap_err();
            assert!(error.contains(says), "{error}");
        }
        for pattern in [digits, r"\d{6}(?:-|\+)\d{4}", "[0-9]{18}"] {
            assert_eq!(form(None, Some(pattern), Some(Checksum::Luhn)).check(), Ok(()), "{pattern}");
        }
        for bad in ["[0-9", "a)(b", &"a".repeat(257)] {
            assert!(form(None, Some(bad), None).check().is_err(), "{bad}");
        }
        // The whole id, whatever the alternatives.
        let either = form(None, Some("A|B[0-9]"), None);
        assert!(either.read("A").is_ok() && either.read("B7").is_ok());
        assert!(either.read("A7").is_err() && either.read("CB7").is_err());
    }
}
