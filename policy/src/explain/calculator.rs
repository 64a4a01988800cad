//! The calculator: facts in, the decision with each step in words out. What a clerk would note on the file, and what a page shows beside a form.
//!
//! Guarantee: decision, failed requirements and outputs are those of the compiled rules, which are what is proved. The steps between come from
//! cel's interpreter, which runs the same expressions; a step beyond its 64 bits has no value.
//!
//! Non-guarantee: steps hold the facts of a person, and are for the people who know these already.

use super::page::{Block, Item, Page, Section};
use super::phrase::numbers::{amount, day, number};
use super::phrase::{Phrases, Said};
use super::sections::capitalised;
use super::units::unit;
use super::{Definitions, in_order_of_file};
use crate::check::{CelValue, Interpreter};
use crate::compile::Compiled;
use crate::facts::{Fact, PlainFacts, PlainValue, reads};
use crate::language::{MEMBERS, Unit, show_money};
use sealroot_protocol::date::Date;
use sealroot_protocol::language::Language;
use sealroot_protocol::machine::Unprovable;
use sealroot_protocol::printable::printable;
use sealroot_protocol::schema::AttributeKind;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;

/// A decision with its steps.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Calculation {
    /// Whether all requirements hold.
    pub decision: bool,
    /// The steps: facts, definitions and requirements in the order of the file, outputs.
    pub steps: Vec<Step>,
    #[serde(skip)]
    title: String,
    #[serde(skip)]
    language: Language,
}

/// A step of a calculation.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// What it is.
    pub kind: StepKind,
    /// Its name in the file; a requirement's code.
    pub name: String,
    /// The member whom it is about, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member: Option<usize>,
    /// What the law calls it.
    pub title: String,
    /// What is computed or asked, in words; empty for facts.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub rule: String,
    /// What it comes to, in words; of a requirement, whether it holds.
    pub value: String,
    /// Whether a requirement holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holds: Option<bool>,
    /// What the law says where a requirement doesn't hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    #[serde(skip)]
    said: Item,
}

/// Without value, rule and message: facts are what no log may hold.
impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Step").field("kind", &self.kind).field("name", &self.name).finish_non_exhaustive()
    }
}

/// What a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepKind {
    /// A fact of a record.
    Fact,
    /// A definition.
    Definition,
    /// A requirement.
    Requirement,
    /// An output of an approval.
    Output,
}

impl Compiled {
    /// Decides on facts, and says each step in words.
    pub fn calculate(&self, facts: &PlainFacts, language: Language) -> Result<Calculation, Unprovable> {
        let outcome = self.evaluate(facts)?;
        let calculator = Calculator { compiled: self, language, phrases: Phrases::new(self, language) };
        let text = &self.text;
        let mut steps = calculator.facts(facts);
        // Facts that the interpreter has no answer for are decided all the same: only the steps between are missing.
        let (whole, of_members) =
            Interpreter::new(self).and_then(|interpreter| interpreter.values(facts)).unwrap_or_default();
        for (i, values) in of_members.iter().enumerate() {
            steps.extend(calculator.definitions(&text.member_definitions, values, Some(i + 1)));
        }
        steps.extend(calculator.definitions(&text.definitions, &whole, None));
        for requirement in &text.requirements {
            let code = requirement.code.get_ref();
            let holds = !outcome.failed.contains(code);
            let message = (!holds).then(|| calculator.phrases.own(&requirement.message, code));
            let value =
                language.say(if holds { "holds" } else { "does not hold" }, if holds { "符合" } else { "不符合" });
            let said = calculator.phrases.expression(&requirement.when);
            let step = Step { holds: Some(holds), message, ..step(StepKind::Requirement, code, code.clone(), said) };
            steps.push(Step { value: value.to_owned(), ..step });
        }
        for (i, output) in outcome.outputs.iter().enumerate() {
            let Some(written) = text.outputs.get(i) else { continue };
            let title = calculator.phrases.own(&written.title, &output.name);
            let said = calculator.phrases.expression(&written.value);
            let value = match &output.currency {
                Some(code) => amount(language, &output.shown, code),
                None => calculator.output(output.value, self.output_units.get(i), &output.shown),
            };
            steps.push(Step { value, ..step(StepKind::Output, &output.name, title, said) });
        }
        let title = calculator.phrases.own(&text.title, text.id.as_str());
        Ok(Calculation { decision: outcome.decision, steps, title, language })
    }
}

impl Calculation {
    /// The decision with its steps as a page.
    pub fn page(&self) -> Page {
        let l = self.language;
        let answer = match self.decision {
            true => l.say("All requirements hold.", "符合全部条件。"),
            false => l.say("Not all requirements hold.", "不符合全部条件。"),
        };
        let mut sections = vec![Section { heading: None, blocks: vec![Block::Paragraph(answer.to_owned())] }];
        let result = |step: &Step| match step.kind {
            StepKind::Fact => Item::new(step.value.clone()),
            _ => {
                let value = format!("{}{}", l.say("Result: ", "结果："), step.value);
                Item { notes: vec![value], ..step.said.clone() }
            }
        };
        let of = |kind: StepKind| self.steps.iter().filter(move |step| step.kind == kind);
        let titled = |step: &Step| match (step.member, l) {
            (None, _) => step.title.clone(),
            (Some(member), Language::En) => format!("member {member}, {}", step.title),
            (Some(member), Language::Zh) => format!("成员 {member}，{}", step.title),
        };
        for (kind, heading) in [
            (StepKind::Fact, l.say("Facts", "事实")),
            (StepKind::Definition, l.say("What follows from them", "计算过程")),
            (StepKind::Requirement, l.say("Requirements", "条件")),
            (StepKind::Output, l.say("What an approval shows", "批准时显示的内容")),
        ] {
            let block = match kind {
                StepKind::Requirement => Block::Numbered(of(kind).map(|step| self.requirement(step)).collect()),
                _ => Block::Terms(of(kind).map(|step| (titled(step), result(step))).collect()),
            };
            if of(kind).next().is_some() {
                sections.push(Section { heading: Some(heading.to_owned()), blocks: vec![block] });
            }
        }
        Page { language: l, title: self.title.clone(), sections }
    }

    fn requirement(&self, step: &Step) -> Item {
        let l = self.language;
        let note = match &step.message {
            None => l.say("Holds.", "符合。").to_owned(),
            Some(message) => format!("{}{message}", l.say("Does not hold: ", "不符合：")),
        };
        let text = if l == Language::En { capitalised(&step.said.text) } else { step.said.text.clone() };
        Item { text, notes: vec![note], ..step.said.clone() }
    }
}

struct Calculator<'a> {
    compiled: &'a Compiled,
    language: Language,
    phrases: Phrases<'a>,
}

impl Calculator<'_> {
    /// The facts that the rules read.
    fn facts(&self, facts: &PlainFacts) -> Vec<Step> {
        let read = reads(self.compiled.words().rules());
        let first = if self.compiled.is_household() { 1 + sealroot_protocol::schema::MEMBERS } else { 0 };
        let mut steps = Vec::new();
        for fact in read.iter().filter(|fact| fact.source == 0 && fact.attribute >= first) {
            steps.extend(facts.record.get(fact.attribute).map(|value| self.fact(*fact, value, None)));
        }
        if self.compiled.is_household() {
            let title = self.language.say("number of members", "成员人数").to_owned();
            let value = number(self.language, i128::try_from(facts.members.len()).unwrap_or(0), "persons", false);
            steps.push(Step { value, ..step(StepKind::Fact, MEMBERS, title, Said::default()) });
        }
        for (i, member) in facts.members.iter().enumerate() {
            for fact in read.iter().filter(|fact| fact.source > 0) {
                let value = member.records.get(fact.source - 1).and_then(|record| record.get(fact.attribute));
                steps.extend(value.map(|value| self.fact(*fact, value, Some(i + 1))));
            }
        }
        steps
    }

    fn fact(&self, fact: Fact, value: &PlainValue, member: Option<usize>) -> Step {
        let attribute = &self.compiled.attributes[fact.source][fact.attribute];
        let title = self.phrases.attribute(&self.compiled.schemas[fact.source], &attribute.name);
        let value = match value {
            PlainValue::Text(text) => format!("“{}”", printable(text)),
            PlainValue::Integer(x) => match &attribute.kind {
                AttributeKind::Enum { values } => {
                    let text = usize::try_from(*x).ok().and_then(|i| values.get(i));
                    text.map_or_else(
                        || x.to_string(),
                        |text| format!("“{}”", self.phrases.value_title(Some(&attribute.name), text)),
                    )
                }
                kind => self.integer(i128::from(*x), Unit::of_attribute(kind).as_ref()),
            },
        };
        let title = title.unwrap_or_else(|| attribute.name.clone());
        Step { value, member, ..step(StepKind::Fact, &attribute.name, title, Said::default()) }
    }

    fn definitions(
        &self,
        definitions: &Definitions,
        values: &BTreeMap<String, CelValue>,
        member: Option<usize>,
    ) -> Vec<Step> {
        let mut steps = Vec::new();
        for (name, definition) in in_order_of_file(definitions) {
            if member.is_none() && self.phrases.unsaid.contains(name) {
                continue;
            }
            let counts = self.compiled.parse(&definition.value).ok().and_then(|e| unit(self.compiled, &e.ast));
            let value = match values.get(name) {
                Some(value) => self.value(value, counts.as_ref()),
                None => self.language.say("too large to be shown", "数值过大，无法显示").to_owned(),
            };
            let said = self.phrases.expression(&definition.value);
            let title = self.phrases.own(&definition.title, name);
            steps.push(Step { value, member, ..step(StepKind::Definition, name, title, said) });
        }
        steps
    }

    fn value(&self, value: &CelValue, counts: Option<&Unit>) -> String {
        match value {
            CelValue::Int(x) => self.integer(i128::from(*x), counts),
            CelValue::Bool(b) => self.integer(i128::from(*b), Some(&Unit::Truth)),
            CelValue::String(text) => format!("“{}”", printable(text)),
            CelValue::List(items) => {
                let all: Vec<String> = items.iter().map(|item| self.value(item, counts)).collect();
                all.join(self.language.say(", ", "、"))
            }
            _ => "–".to_owned(),
        }
    }

    fn output(&self, value: u64, counts: Option<&Unit>, shown: &str) -> String {
        match counts {
            Some(Unit::Truth | Unit::Date | Unit::Day | Unit::Named(_)) => self.integer(i128::from(value), counts),
            _ => printable(shown),
        }
    }

    /// A number in its unit.
    fn integer(&self, x: i128, counts: Option<&Unit>) -> String {
        let l = self.language;
        let in_days = |date: Option<Date>| date.map_or_else(|| x.to_string(), |date| day(l, date));
        match counts {
            Some(Unit::Money(code)) => amount(l, &show_money(x, code), code),
            Some(Unit::Named(counted)) => number(l, x, counted, false),
            Some(Unit::Truth) => match x {
                0 => l.say("no", "否").to_owned(),
                _ => l.say("yes", "是").to_owned(),
            },
            Some(Unit::Date) => in_days(u32::try_from(x).ok().and_then(|x| Date::from_yyyymmdd(x).ok())),
            Some(Unit::Day) => in_days(i64::try_from(x).ok().and_then(|x| Date::from_day_number(x).ok())),
            Some(Unit::Month) => format!("{:04}-{:02}", x.div_euclid(12), x.rem_euclid(12) + 1),
            Some(Unit::Enum(values)) => {
                let text = usize::try_from(x).ok().and_then(|i| values.get(i));
                format!("“{}”", text.map_or_else(|| x.to_string(), |text| printable(text)))
            }
            _ => x.to_string(),
        }
    }
}

fn step(kind: StepKind, name: &str, title: String, said: Said) -> Step {
    let said = Item::from(said);
    let rule = in_one_line(&said);
    Step {
        kind,
        name: name.to_owned(),
        member: None,
        title,
        rule,
        value: String::new(),
        holds: None,
        message: None,
        said,
    }
}

/// A rule with the list that it introduces.
fn in_one_line(item: &Item) -> String {
    let parts: Vec<String> = item.parts.iter().map(in_one_line).collect();
    if parts.is_empty() { item.text.clone() } else { format!("{} ({})", item.text, parts.join("; ")) }
}
