//! What two files say differently, part by part.

use crate::compile::Compiled;
use crate::explain::{Phrases, Said};
use crate::language::{LegalReference, Nullifier, ParameterText, PolicyText, SourceText, Texts};
use sealroot_protocol::language::Language;
use sealroot_protocol::printable::printable;
use sealroot_protocol::schema::{AttributeKind, Declaration, Schema};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Something that one of the versions says otherwise, or doesn't say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What of a law it is.
    pub part: Part,
    /// Its name in the file; of requirements the reason code.
    pub name: String,
    /// What the earlier version says; absent where it says nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// What the later version says; absent where it says nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// What of a law changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// Its stable id.
    Id,
    /// Its title.
    Title,
    /// The paragraph for people.
    Text,
    /// What it doesn't decide.
    NotCovered,
    /// What pages call agencies, values and facts.
    Titles,
    /// The law that it cites.
    LegalReference,
    /// First and last day.
    InForce,
    /// One person or a household.
    Shape,
    /// Who is named as the applicant.
    Identity,
    /// How often there is an approval.
    Nullifier,
    /// Where facts come from.
    Source,
    /// What is recorded about people.
    Schema,
    /// What must hold.
    Requirement,
    /// What an approval shows.
    Output,
    /// What a word means.
    Definition,
    /// What a word means of one member of a household.
    MemberDefinition,
    /// An amount or number that the law fixes.
    Parameter,
}

/// Part and name of what is said.
type Place = (Part, String);
/// What a file says at each place.
type Sayings = BTreeMap<Place, Saying>;

/// What is said at one place.
struct Saying {
    /// What is compared: the file's own text. Words hold what a constant is worth, too, and a changed constant is no changed rule.
    written: String,
    /// What is shown.
    words: String,
}

pub(super) fn between(earlier: &Compiled, later: &Compiled, language: Language) -> Vec<Change> {
    let (before, after) = (sayings(earlier, language), sayings(later, language));
    let places: BTreeSet<&Place> = before.keys().chain(after.keys()).collect();
    let written = |sayings: &Sayings, place: &Place| sayings.get(place).map(|saying| saying.written.clone());
    // What reads the same is shown as it is written.
    let same = |place: &Place| before.get(place).map(|s| &s.words) == after.get(place).map(|s| &s.words);
    let shown = |sayings: &Sayings, place: &Place| {
        sayings.get(place).map(|saying| if same(place) { saying.written.clone() } else { saying.words.clone() })
    };
    let differ = |place: &&&Place| written(&before, place) != written(&after, place);
    let change = |place: &Place| Change {
        part: place.0,
        name: place.1.clone(),
        before: shown(&before, place),
        after: shown(&after, place),
    };
    places.iter().filter(differ).map(|place| change(place)).collect()
}

/// All that a file says. What reads the same in words and is computed otherwise differs in the expression, which stands behind the words then.
fn sayings(compiled: &Compiled, language: Language) -> Sayings {
    let (text, phrases) = (&compiled.text, Phrases::new(compiled, language));
    let in_force = text.in_force.get_ref();
    let until = in_force.until.map_or_else(|| language.say("open-ended", "无限期").to_owned(), |day| day.to_string());
    let identity = text.identity.as_ref().map_or_else(
        || language.say("nobody: anonymous", "无：匿名").to_owned(),
        |identity| identity.get_ref().clone(),
    );
    let mut said = Sayings::new();
    let mut place = |part: Part, name: &str, written: String, words: String| {
        said.insert((part, name.to_owned()), Saying { written, words });
    };
    place(Part::Title, "title", raw(&text.title), all(&text.title));
    place(Part::Text, "text", raw(&text.text), all(&text.text));
    if !text.not_covered.is_empty() {
        let entries = text.not_covered.iter().map(|(tag, entries)| (tag.clone(), entries.join("; "))).collect();
        place(Part::NotCovered, "not_covered", raw(&entries), all(&entries));
    }
    for (name, texts) in titles(text) {
        place(Part::Titles, &name, raw(texts), all(texts));
    }
    let (written, law) = match &text.legal_reference {
        LegalReference::One(law) => (law.escape_debug().to_string(), printable(law)),
        LegalReference::ByLanguage(texts) => (raw(texts), all(texts)),
    };
    place(Part::LegalReference, "legal_reference", written, law);
    let mut say = |part: Part, name: &str, what: String| place(part, name, what.clone(), what);
    say(Part::Id, "id", text.id.to_string());
    say(Part::InForce, "in_force", format!("{} – {until}", in_force.from));
    say(Part::Shape, "shape", text.shape.get_ref().to_string());
    say(Part::Identity, "identity", identity);
    let nullifier = match text.nullifier.get_ref() {
        Nullifier::Holder => "holder",
        Nullifier::RecordPerScope => "record-per-scope",
        Nullifier::RecordOnce => "record-once",
    };
    say(Part::Nullifier, "nullifier", nullifier.to_owned());
    for (source, schema) in text.sources.iter().zip(&compiled.schemas) {
        say(Part::Source, source.name.get_ref(), of_source(source));
        say(Part::Schema, source.name.get_ref(), of_schema(schema));
        for declaration in &schema.declarations {
            let name = format!("{}.{}", source.name.get_ref(), declaration.name);
            say(Part::Schema, &name, schema_line(declaration));
        }
    }
    for requirement in &text.requirements {
        let reveals = match requirement.reveal {
            true => language.say("the office learns of it", "办事机构得知"),
            false => language.say("the office does not learn of it", "办事机构不会得知"),
        };
        let written = format!("{} ({reveals}) {}", requirement.when.get_ref().trim(), raw(&requirement.message));
        let words = format!("{} [{written}]", flat(&phrases.expression(&requirement.when)));
        place(Part::Requirement, requirement.code.get_ref(), written, words);
    }
    for output in &text.outputs {
        let written = format!("{}: {}", raw(&output.title), output.value.get_ref().trim());
        let words = format!("{} [{written}]", flat(&phrases.expression(&output.value)));
        place(Part::Output, output.name.get_ref(), written, words);
    }
    for (part, definitions) in
        [(Part::Definition, &text.definitions), (Part::MemberDefinition, &text.member_definitions)]
    {
        for (name, definition) in definitions {
            let written = format!("{}: {}", raw(&definition.title), definition.value.get_ref().trim());
            let words = format!("{} [{written}]", flat(&phrases.expression(&definition.value)));
            place(part, name.get_ref(), written, words);
        }
    }
    for (name, parameter) in &text.parameters {
        let written = format!("{}: {}{}", raw(&parameter.title), parameter.value.get_ref(), fixed(parameter));
        let value = phrases.value(name.get_ref(), parameter, parameter.value.get_ref());
        let words = format!("{}: {value}{}", all(&parameter.title), fixed(parameter));
        place(Part::Parameter, name.get_ref(), written, words);
    }
    said
}

/// What `[titles]` says, under its names in the file.
fn titles(text: &PolicyText) -> Vec<(String, &Texts)> {
    let titles = &text.titles;
    let agencies = titles.agencies.iter().map(|(name, texts)| (format!("agencies.{}", name.get_ref()), texts));
    let values = titles.values.iter().flat_map(|(attribute, values)| {
        let name = |value: &str| format!("values.{}.{value}", attribute.get_ref());
        values.iter().map(move |(value, texts)| (name(value.get_ref()), texts))
    });
    let clauses = titles.clauses.iter().flat_map(|(name, clause)| {
        let name = name.get_ref();
        [(format!("clauses.{name}.yes"), &clause.yes), (format!("clauses.{name}.no"), &clause.no)]
    });
    agencies.chain(values).chain(clauses).collect()
}

/// A text in all its languages: a change in one is a change.
fn all(texts: &Texts) -> String {
    let said: Vec<String> =
        texts.iter().map(|(tag, text)| format!("{}: {}", printable(tag), printable(text))).collect();
    said.join(" / ")
}

/// The same, with every character told apart.
fn raw(texts: &Texts) -> String {
    let said: Vec<String> =
        texts.iter().map(|(tag, text)| format!("{}: {}", printable(tag), text.escape_debug())).collect();
    said.join(", ")
}

/// The unit of a constant, and the days for which the law fixes it.
fn fixed(parameter: &ParameterText) -> String {
    let unit = parameter.unit.as_ref().map(|unit| format!(", {unit}"));
    let from = parameter.from.map(|day| format!(", from {day}"));
    let until = parameter.until.map(|day| format!(", until {day}"));
    printable(&[unit, from, until].into_iter().flatten().collect::<String>())
}

/// A phrase and the items that it introduces, on one line.
fn flat(said: &Said) -> String {
    let parts: Vec<String> = said.parts.iter().map(flat).collect();
    if parts.is_empty() { said.text.clone() } else { format!("{} {}", said.text, parts.join("; ")) }
}

fn of_source(source: &SourceText) -> String {
    let period = match (&source.period, source.months_before) {
        (Some(period), _) => period.to_string(),
        (None, Some(months)) => format!("months_before = {months}"),
        (None, None) => String::new(),
    };
    printable(&format!("{}, {}, {period}", source.agency, source.schema.get_ref()))
}

/// What a schema says beside its attributes, and their order.
fn of_schema(schema: &Schema) -> String {
    let without = Schema { declarations: Vec::new(), title: Texts::new(), ..schema.clone() };
    let names: Vec<&str> = schema.declarations.iter().map(|declaration| declaration.name.as_str()).collect();
    let said = toml::to_string(&without).map(|text| text.trim().replace('\n', ", ")).unwrap_or_default();
    printable(&format!("{said}; {}", names.join(", ")))
}

fn schema_line(declaration: &Declaration) -> String {
    let repeat = declaration.repeat.map(|n| format!(" × {n}")).unwrap_or_default();
    printable(&format!("{}{repeat}", kind(&declaration.kind)))
}

/// An attribute's kind with its bounds, as a schema file has them.
fn kind(kind: &AttributeKind) -> String {
    toml::to_string(kind).map(|text| text.trim().replace('\n', ", ")).unwrap_or_default()
}
