//! What two files say differently, part by part.

use crate::compile::Compiled;
use crate::explain::{Phrases, Said};
use crate::language::{DefinitionText, Nullifier, SourceText, Texts};
use sealroot_protocol::language::Language;
use sealroot_protocol::printable::printable;
use sealroot_protocol::schema::{AttributeKind, Declaration};
use serde::Serialize;
use std::collections::BTreeMap;
use toml::Spanned;

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

/// Part, name, and what is said under it.
type Sayings = BTreeMap<(Part, String), String>;

pub(super) fn between(earlier: &Compiled, later: &Compiled, language: Language) -> Vec<Change> {
    let (before, after) = (sayings(earlier, language), sayings(later, language));
    let keys: std::collections::BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let change = |key: &(Part, String)| Change {
        part: key.0,
        name: key.1.clone(),
        before: before.get(key).cloned(),
        after: after.get(key).cloned(),
    };
    keys.into_iter().map(change).filter(|change| change.before != change.after).collect()
}

/// All that a file says. What reads the same in words and is computed otherwise differs in the expression, which stands behind the words then.
fn sayings(compiled: &Compiled, language: Language) -> Sayings {
    let (text, phrases) = (&compiled.text, Phrases::new(compiled, language));
    let own = |texts: &Texts| language.pick(texts).unwrap_or_default();
    let in_force = text.in_force.get_ref();
    let until = in_force.until.map_or_else(|| language.say("open-ended", "无限期").to_owned(), |day| day.to_string());
    let identity = text.identity.as_ref().map_or_else(
        || language.say("nobody: anonymous", "无：匿名").to_owned(),
        |identity| identity.get_ref().clone(),
    );
    let mut said = Sayings::new();
    let mut say = |part: Part, name: &str, what: String| _ = said.insert((part, name.to_owned()), what);
    say(Part::Id, "id", text.id.to_string());
    say(Part::Title, "title", own(&text.title));
    say(Part::Text, "text", own(&text.text));
    say(Part::LegalReference, "legal_reference", text.legal_reference.pick(language));
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
        let when = phrases.expression(&requirement.when);
        let what = format!("{} [{}] ({reveals})", flat(&when), requirement.when.get_ref().trim());
        say(Part::Requirement, requirement.code.get_ref(), what);
    }
    for output in &text.outputs {
        let what = format!("{} [{}]", flat(&phrases.expression(&output.value)), output.value.get_ref().trim());
        say(Part::Output, output.name.get_ref(), what);
    }
    let definitions =
        |said: &mut dyn FnMut(Part, &str, String), part, all: &BTreeMap<Spanned<String>, DefinitionText>| {
            for (name, definition) in all {
                let what =
                    format!("{} [{}]", flat(&phrases.expression(&definition.value)), definition.value.get_ref().trim());
                said(part, name.get_ref(), what);
            }
        };
    definitions(&mut say, Part::Definition, &text.definitions);
    definitions(&mut say, Part::MemberDefinition, &text.member_definitions);
    for (name, parameter) in &text.parameters {
        let value = phrases.value(name.get_ref(), parameter, parameter.value.get_ref());
        say(Part::Parameter, name.get_ref(), value);
    }
    said
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

fn schema_line(declaration: &Declaration) -> String {
    let repeat = declaration.repeat.map(|n| format!(" × {n}")).unwrap_or_default();
    printable(&format!("{}{repeat}", kind(&declaration.kind)))
}

/// An attribute's kind with its bounds, as a schema file has them.
fn kind(kind: &AttributeKind) -> String {
    toml::to_string(kind).map(|text| text.trim().replace('\n', ", ")).unwrap_or_default()
}
