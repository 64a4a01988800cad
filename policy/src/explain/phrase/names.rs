//! What names mean: attributes, parameters with their values, definitions, dates.

use super::Phrases;
use super::numbers::{amount, counted, day, number, per};
use crate::explain::units::of_parameter;
use crate::language::{ParameterText, Texts, Unit};
use sealroot_protocol::date::Date;
use sealroot_protocol::language::Language;
use sealroot_protocol::printable::printable;
use sealroot_protocol::schema::Schema;
use std::collections::BTreeMap;
use toml::Spanned;

/// Most values of a list that stand in the sentence which names it.
const SHORT: usize = 5;

impl Phrases<'_> {
    /// A text of the policy in this language, else in English, else in any.
    pub fn own(&self, texts: &Texts, otherwise: &str) -> String {
        self.language.pick(texts).unwrap_or_else(|| printable(otherwise))
    }

    /// What a name means, as it stands in a sentence: attribute, parameter with its value, definition, or date.
    pub fn name(&self, name: &str) -> String {
        let l = self.language;
        match self.parameter(name) {
            Some(parameter) => self.parameter_in_words(name, parameter),
            None => match name {
                "as_of" | "as_of_day" => l.say("the reference day", "基准日").to_owned(),
                "period_start" => l.say("the first day of the claimed period", "申请期间首日").to_owned(),
                "period_end" => l.say("the last day of the claimed period", "申请期间末日").to_owned(),
                name => match self.title_of(name) {
                    Some(title) => self.quoted_if_long(&title),
                    None => printable(name),
                },
            },
        }
    }

    /// The title of an attribute of the first record, a parameter or a definition.
    pub fn title_of(&self, name: &str) -> Option<String> {
        let text = &self.compiled.text;
        if let Some(parameter) = self.parameter(name) {
            return Some(self.own(&parameter.title, name));
        }
        let definition = text.definitions.iter().find(|(n, _)| n.get_ref() == name);
        let definition = definition.map(|(_, definition)| self.own(&definition.title, name));
        definition.or_else(|| self.attribute(self.compiled.schemas.first()?, name))
    }

    /// The title of what is said of a member under a name.
    pub fn title_of_member(&self, name: &str) -> String {
        let title = title(&self.compiled.text.member_definitions, name).map(|d| self.own(&d.title, name));
        let attribute = || self.compiled.schemas.iter().skip(1).find_map(|schema| self.attribute(schema, name));
        title.or_else(attribute).unwrap_or_else(|| printable(name))
    }

    /// The title of an attribute, with its number if it is one of several.
    pub fn attribute(&self, schema: &Schema, name: &str) -> Option<String> {
        schema.declarations.iter().find_map(|declaration| {
            let title = || self.own(&declaration.title, &declaration.name);
            if declaration.name == name {
                return Some(title());
            }
            let number = name.strip_prefix(declaration.name.as_str())?.strip_prefix('_')?;
            let is_number = declaration.repeat.is_some() && number.bytes().all(|b| b.is_ascii_digit());
            is_number.then(|| format!("{} {}", title(), number.trim_start_matches('0')))
        })
    }

    /// How many values a name of the first record has, if it is a repeated attribute's.
    pub fn repeated(&self, name: &str) -> Option<u8> {
        let declarations = &self.compiled.schemas.first()?.declarations;
        declarations.iter().find(|d| d.name == name)?.repeat
    }

    pub fn parameter(&self, name: &str) -> Option<&ParameterText> {
        self.compiled.text.parameters.iter().find(|(n, _)| n.get_ref() == name).map(|(_, parameter)| parameter)
    }

    /// Title and value; longer lists and tables stand by themselves, so only the title.
    fn parameter_in_words(&self, name: &str, parameter: &ParameterText) -> String {
        let title = self.own(&parameter.title, name);
        let inline = match parameter.value.get_ref() {
            toml::Value::Table(_) => false,
            toml::Value::Array(values) => values.len() <= SHORT && !self.is_indexed(name),
            _ => true,
        };
        if !inline {
            return self.quoted_if_long(&title);
        }
        let value = self.value(name, parameter, parameter.value.get_ref());
        match self.language {
            Language::En => format!("{title} ({value})"),
            Language::Zh => format!("{title}（{value}）"),
        }
    }

    /// A parameter's value, or one of its values, in its unit.
    pub fn value(&self, name: &str, parameter: &ParameterText, value: &toml::Value) -> String {
        let l = self.language;
        match (value, of_parameter(parameter)) {
            (toml::Value::String(written), Some(Unit::Money(code))) => amount(l, written, &code),
            (toml::Value::String(written), Some(Unit::Per(over, each))) => match *over {
                Unit::Money(code) => per(l, &amount(l, written, &code), &each),
                _ => printable(written),
            },
            (toml::Value::Integer(x), Some(Unit::Per(over, each))) => match *over {
                Unit::Named(unit) => per(l, &number(l, i128::from(*x), &unit, false), &each),
                _ => counted(i128::from(*x)),
            },
            (toml::Value::String(written), Some(Unit::Date | Unit::Day)) => match written.parse::<Date>() {
                Ok(date) => day(l, date),
                Err(_) => written.clone(),
            },
            (toml::Value::String(text), _) => self.value_title(self.value_lists.get(name).map(String::as_str), text),
            (toml::Value::Integer(x), Some(Unit::Named(unit))) => {
                number(l, i128::from(*x), &unit, self.ages.contains(name))
            }
            (toml::Value::Boolean(b), _) => {
                l.say(if *b { "yes" } else { "no" }, if *b { "是" } else { "否" }).to_owned()
            }
            (toml::Value::Array(values), _) => {
                let all: Vec<String> = values.iter().map(|value| self.value(name, parameter, value)).collect();
                all.join(l.say(", ", "、"))
            }
            (toml::Value::Integer(x), _) => counted(i128::from(*x)),
            (other, _) => other.to_string(),
        }
    }

    /// In quotation marks where a title's own commas, “and” or “or” could be taken for the sentence's.
    pub fn quoted_if_long(&self, title: &str) -> String {
        let parts = [",", "，", "、", ";", " and ", " or ", "或", " if ", "若"];
        if parts.iter().any(|part| title.contains(part)) { format!("“{title}”") } else { title.to_owned() }
    }
}

/// What stands under a name.
pub(super) fn title<'a, T>(named: &'a BTreeMap<Spanned<String>, T>, name: &str) -> Option<&'a T> {
    named.iter().find(|(n, _)| n.get_ref() == name).map(|(_, found)| found)
}
