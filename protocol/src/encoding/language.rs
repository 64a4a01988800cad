//! The languages in which people are spoken to: prompts, summaries, explanations, and the law's own titles and messages.

use super::printable::printable;
use crate::code::{Code, Coded};
use std::{collections::BTreeMap, fmt, str::FromStr};

/// A language. What a document doesn't say in it is shown in English, or else in what there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// English, `en`.
    #[default]
    En,
    /// Chinese, simplified, `zh`.
    Zh,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::En, Self::Zh];

    /// The language tag, as titles and messages of the law have it.
    pub fn tag(self) -> &'static str {
        self.say("en", "zh")
    }

    /// What to say in this language.
    pub fn say<'a>(self, english: &'a str, chinese: &'a str) -> &'a str {
        match self {
            Self::En => english,
            Self::Zh => chinese,
        }
    }

    /// The text in this language, or in English, or in the first language there is, made fit for a terminal.
    pub fn pick(self, texts: &BTreeMap<String, String>) -> Option<String> {
        let text = texts.get(self.tag()).or_else(|| texts.get("en")).or_else(|| texts.values().next())?;
        Some(printable(text))
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

/// Not a language that this version knows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} is not a language of this version: use en (English) or zh (中文)", printable(.0))]
pub struct UnknownLanguage(pub String);

impl Coded for UnknownLanguage {
    fn code(&self) -> Code {
        Code::Usage
    }
}

impl FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(text: &str) -> Result<Self, UnknownLanguage> {
        Self::ALL.into_iter().find(|language| language.tag() == text).ok_or_else(|| UnknownLanguage(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_unknown_language_is_refused_with_those_that_are_known() {
        for language in Language::ALL {
            assert_eq!(language.tag().parse(), Ok(language));
        }
        for text in ["", "de", "EN", "zh-TW", "english"] {
            let refused = text.parse::<Language>().unwrap_err().to_string();
            assert!(Language::ALL.iter().all(|language| refused.contains(language.tag())), "{refused}");
        }
    }

    #[test]
    fn a_missing_translation_falls_back_to_what_there_is() {
        let texts = |all: &[(&str, &str)]| all.iter().map(|(l, t)| ((*l).to_owned(), (*t).to_owned())).collect();
        let both: BTreeMap<_, _> = texts(&[("de", "Heizung"), ("en", "Heating"), ("zh", "取暖")]);
        assert_eq!(Language::Zh.pick(&both).as_deref(), Some("取暖"));
        assert_eq!(Language::Zh.pick(&texts(&[("de", "Heizung"), ("en", "Heating")])).as_deref(), Some("Heating"));
        assert_eq!(Language::En.pick(&texts(&[("de", "Heizung")])).as_deref(), Some("Heizung"));
        assert_eq!(Language::En.pick(&BTreeMap::new()), None);
    }
}
