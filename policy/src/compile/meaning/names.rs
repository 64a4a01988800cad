//! The names that expressions may use: attributes, dates, parameters and definitions, each once.
//!
//! What is said of a member has its own names: `member.X`, and `member.SOURCE.X`.

use super::parameter::parameter_value;
use super::value::Value;
use crate::compile::rules::{Atom, Graph, Household, Linear, MemberFact, TextFact};
use crate::compile::version::Forms;
use crate::language::{
    DefinitionText, Diagnostic, Expression, Finding, Located, MEMBER, MEMBERS, PolicyText, RESERVED,
    RESERVED_IN_HOUSEHOLDS, Unit,
};
use sealroot_protocol::machine::Entry;
use sealroot_protocol::printable::quoted;
use sealroot_protocol::schema::{Attribute, AttributeKind, Schema};
use std::collections::BTreeMap;

const DATES: (i128, i128) = (10_101, 99_991_231);
const DAYS: (i128, i128) = (-719_162, 2_932_896);

/// Where a name gets its value from.
pub(crate) enum Name {
    /// Known at once: attributes, dates, parameters.
    Value(Value),
    /// Computed when first used.
    Definition(Expression),
    /// Declared, with something wrong that was reported: its uses report nothing else.
    Broken(Diagnostic),
    /// An attribute of both of a member's records: these sources say which.
    Shared(Vec<String>),
}

/// Collects the names of a policy.
pub(crate) struct Names<'a> {
    located: Located<'a>,
    pub graph: Graph,
    pub names: BTreeMap<String, Name>,
    pub diagnostics: Vec<Diagnostic>,
    first_member_source: Option<String>,
}

impl<'a> Names<'a> {
    pub fn new(located: Located<'a>, household: Option<Household>, forms: Forms) -> Self {
        let graph = Graph::of(household, forms);
        let mut names =
            Self { located, graph, names: BTreeMap::new(), diagnostics: Vec::new(), first_member_source: None };
        for (name, entry, unit, range) in [
            ("as_of", Entry::AsOf, Unit::Date, DATES),
            ("as_of_day", Entry::AsOfDay, Unit::Day, DAYS),
            ("period_start", Entry::PeriodStart, Unit::Date, DATES),
            ("period_end", Entry::PeriodEnd, Unit::Date, DATES),
        ] {
            names.graph.declare(Atom::Fact(entry), range, name);
            let value = Value::Integer(Linear::atom(Atom::Fact(entry)), unit);
            names.names.insert(name.to_owned(), Name::Value(value));
        }
        if let Some(household) = household {
            names.graph.declare(Atom::Fact(Entry::Attribute(0)), (1, household.members), MEMBERS);
        }
        names
    }

    /// The attributes of the person's or household's record from position `first` on.
    pub fn record(&mut self, schema: &Schema, attributes: &[Attribute], first: usize, offset: usize) {
        for (name, value) in self.facts(0, schema, attributes, first) {
            self.add(&name, Name::Value(value), offset);
        }
    }

    /// The attributes of each member's record in source 1 or 2, called `source`.
    pub fn member(&mut self, position: usize, source: &str, schema: &Schema, attributes: &[Attribute], offset: usize) {
        self.add_of_member(source, Name::Value(Value::MemberSource(source.to_owned())), offset);
        for (name, value) in self.facts(position, schema, attributes, 0) {
            self.names.insert(format!("{MEMBER}.{source}.{name}"), Name::Value(value.clone()));
            match &self.first_member_source {
                Some(other) if self.names.contains_key(&format!("{MEMBER}.{other}.{name}")) => {
                    let both = Name::Shared(vec![other.clone(), source.to_owned()]);
                    self.names.insert(format!("{MEMBER}.{name}"), both);
                }
                _ => self.add_of_member(&name, Name::Value(value), offset),
            }
        }
        self.first_member_source.get_or_insert_with(|| source.to_owned());
    }

    /// Names and values of attributes; a repeated one is also a list under its own name.
    fn facts(
        &mut self,
        source: usize,
        schema: &Schema,
        attributes: &[Attribute],
        first: usize,
    ) -> Vec<(String, Value)> {
        let mut facts = Vec::new();
        for (i, attribute) in attributes.iter().enumerate().skip(first) {
            let value = match Unit::of_attribute(&attribute.kind) {
                None => Value::Text(TextFact { source, attribute: i }),
                Some(unit) => {
                    let atom = match source {
                        0 => Atom::Fact(Entry::Attribute(i)),
                        source => Atom::Member(MemberFact { source, attribute: i }),
                    };
                    self.graph.declare(atom, range_of(&attribute.kind), &attribute.name);
                    Value::Integer(Linear::atom(atom), unit)
                }
            };
            facts.push((attribute.name.clone(), value));
        }
        for declaration in schema.declarations.iter().filter(|d| d.repeat.is_some()) {
            let members = (1..=declaration.repeat.unwrap_or(0)).map(|i| format!("{}_{i:02}", declaration.name));
            let values = members.filter_map(|name| facts.iter().find(|(n, _)| *n == name).map(|(_, v)| v.clone()));
            let list = Value::List(values.collect());
            facts.push((declaration.name.clone(), list));
        }
        facts
    }

    /// Parameters and definitions of the file. `record_sources` are the names in `source.attribute`.
    pub fn declared(&mut self, text: &PolicyText, record_sources: &[String]) {
        for (name, parameter) in &text.parameters {
            match parameter_value(parameter) {
                Ok(value) => self.add(name.get_ref(), Name::Value(value), name.span().start),
                Err(finding) => {
                    let diagnostic = self.located.at(parameter.value.span().start, finding);
                    self.diagnostics.push(diagnostic.clone());
                    self.add(name.get_ref(), Name::Broken(diagnostic), name.span().start);
                }
            }
        }
        for (name, definition) in &text.definitions {
            let value = self.parsed(definition, record_sources);
            self.add(name.get_ref(), value, name.span().start);
        }
        for (name, definition) in &text.member_definitions {
            let value = self.parsed(definition, record_sources);
            self.add_of_member(name.get_ref(), value, name.span().start);
        }
    }

    fn parsed(&mut self, definition: &DefinitionText, record_sources: &[String]) -> Name {
        match Expression::parse(self.located, &definition.value, record_sources) {
            Ok(expression) => Name::Definition(expression),
            Err(diagnostic) => {
                self.diagnostics.push(diagnostic.clone());
                Name::Broken(diagnostic)
            }
        }
    }

    fn add(&mut self, name: &str, value: Name, offset: usize) {
        let household = self.graph.household.is_some();
        let reserved = RESERVED.contains(&name) || (household && RESERVED_IN_HOUSEHOLDS.contains(&name));
        let problem = if reserved {
            Some(format!("{} has a meaning in the policy language already", quoted(name)))
        } else if self.names.contains_key(name) {
            Some(format!("{} is already an attribute, parameter or definition", quoted(name)))
        } else {
            unusable(name)
        };
        self.insert(name.to_owned(), value, offset, problem);
    }

    fn add_of_member(&mut self, name: &str, value: Name, offset: usize) {
        let key = format!("{MEMBER}.{name}");
        let problem = match self.names.contains_key(&key) {
            true => Some(format!("{} is already an attribute, source or definition of members", quoted(name))),
            false => unusable(name),
        };
        self.insert(key, value, offset, problem);
    }

    fn insert(&mut self, key: String, value: Name, offset: usize, problem: Option<String>) {
        match problem {
            Some(message) => {
                let finding = Finding::new(message).help("choose another name");
                self.diagnostics.push(self.located.at(offset, finding));
            }
            None => _ = self.names.insert(key, value),
        }
    }
}

/// Why a name can't stand in an expression.
fn unusable(name: &str) -> Option<String> {
    let shaped = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'));
    (!shaped)
        .then(|| format!("{} can't be used in expressions: a-z, 0-9 and '_', beginning with a letter", quoted(name)))
}

/// Smallest and largest integer of a kind. Where the schema states no bound, −2^63 counts as well: the machine takes it.
fn range_of(kind: &AttributeKind) -> (i128, i128) {
    let (low, high) = kind.range().unwrap_or((i64::MIN, i64::MAX));
    (i128::from(if low == -i64::MAX { i64::MIN } else { low }), i128::from(high))
}

/// Edits between two names, enough to see a slip of the pen.
pub(crate) fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
