//! What `[titles]` names is there: a title of something else is a slip, and would never be shown.

use super::draft::Draft;
use crate::language::{Diagnostic, Finding};
use sealroot_protocol::printable::quoted;
use sealroot_protocol::schema::{AttributeKind, Declaration};
use toml::Spanned;

impl Draft<'_> {
    /// Titles of what no source, schema or definition has.
    pub(crate) fn titles(&self) -> Vec<Diagnostic> {
        let titles = &self.text.titles;
        let mut diagnostics = Vec::new();
        let mut at = |name: &Spanned<String>, message: String, help: String| {
            diagnostics.push(self.located.at(name.span().start, Finding::new(message).help(help)));
        };
        let listed =
            |names: Vec<&str>| names.into_iter().map(|name| quoted(name).to_string()).collect::<Vec<_>>().join(", ");
        for agency in titles.agencies.keys() {
            let known: Vec<&str> = self.text.sources.iter().map(|source| source.agency.as_str()).collect();
            if !known.contains(&agency.get_ref().as_str()) {
                let message = format!("no source is of the agency {}", quoted(agency.get_ref()));
                at(agency, message, format!("agencies of the sources: {}", listed(known)));
            }
        }
        for (attribute, values) in &titles.values {
            let Some(known) = self.values_of(attribute.get_ref()) else {
                let message = format!("no schema has an enum {}", quoted(attribute.get_ref()));
                at(attribute, message, "write the attribute's name: [titles.values.ATTRIBUTE]".to_owned());
                continue;
            };
            for value in values.keys().filter(|value| !known.contains(&value.get_ref().as_str())) {
                let message = format!("{} has no value {}", quoted(attribute.get_ref()), quoted(value.get_ref()));
                at(value, message, format!("its values: {}", listed(known.clone())));
            }
        }
        for name in titles.clauses.keys().filter(|name| !self.is_said(name.get_ref())) {
            let message = format!("no definition and no boolean attribute is called {}", quoted(name.get_ref()));
            at(name, message, "[titles.clauses] says how what is true or false stands in a sentence".to_owned());
        }
        diagnostics
    }

    /// The values of an enum, in all schemas that have it.
    fn values_of(&self, attribute: &str) -> Option<Vec<&str>> {
        let values = self.declarations().filter(|d| d.name == attribute).filter_map(|d| match &d.kind {
            AttributeKind::Enum { values } => Some(values.iter().map(String::as_str)),
            _ => None,
        });
        let all: Vec<&str> = values.flatten().collect();
        (!all.is_empty()).then_some(all)
    }

    fn is_said(&self, name: &str) -> bool {
        let mut definitions = self.text.definitions.keys().chain(self.text.member_definitions.keys());
        definitions.any(|definition| definition.get_ref() == name)
            || self.declarations().any(|d| d.name == name && matches!(d.kind, AttributeKind::Boolean {}))
    }

    fn declarations(&self) -> impl Iterator<Item = &Declaration> {
        self.schemas.iter().flat_map(|schema| &schema.declarations)
    }
}
