//! A policy that compiled, and its manifest.

use crate::compile::Compilation;
use crate::diagnostic::{Diagnostic, Diagnostics, Finding, Located};
use crate::emit::Usage;
use crate::expression::Expression;
use crate::text::{PolicySource, PolicyText, SourceText};
use crate::unit::Unit;
use sealroot_protocol::canonical::Suite;
use sealroot_protocol::field::Digest;
use sealroot_protocol::machine::{Shape, ValidWords};
use sealroot_protocol::policy::{Policy, PolicyDocument, Source, text_digest};
use sealroot_protocol::schema::{Attribute, Schema};
use toml::Spanned;

/// A schema that a policy asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SchemaRequest<'a> {
    /// Which source, counted from 0; an auditor gives the document's schema of the same position.
    pub source: usize,
    /// What the policy text calls it: a file beside it, usually.
    pub reference: &'a str,
}

/// A policy that compiled.
#[derive(Debug, Clone)]
pub struct Compiled {
    pub(crate) source: PolicySource,
    pub(crate) text: PolicyText,
    pub(crate) schemas: Vec<Schema>,
    /// Of each source's record.
    pub(crate) attributes: Vec<Vec<Attribute>>,
    pub(crate) output_units: Vec<Unit>,
    /// For each requirement of the machine, which of the policy's it is or is part of.
    pub(crate) requirement_of: Vec<usize>,
    /// Parameters and definitions that nothing uses.
    pub(crate) unused: Vec<Spanned<String>>,
    pub(crate) words: ValidWords,
    pub(crate) usage: Usage,
}

/// Compiles a policy text. `schemas` finds the schema of each source.
pub fn compile(
    source: &PolicySource,
    schemas: &dyn Fn(SchemaRequest<'_>) -> Result<Schema, String>,
) -> Result<Compiled, Diagnostics> {
    let text = source.parse()?;
    let located = source.located();
    let found = resolve_schemas(located, &text, schemas)?;
    let output = Compilation { located, text: &text, schemas: &found }.run().map_err(Diagnostics)?;
    Ok(Compiled {
        source: source.clone(),
        schemas: found,
        attributes: output.attributes,
        output_units: output.units,
        requirement_of: output.requirement_of,
        unused: output.unused,
        words: output.words,
        usage: output.usage,
        text,
    })
}

impl Compiled {
    /// The words, from which the policy key is derived.
    pub fn words(&self) -> &ValidWords {
        &self.words
    }

    /// What the file says.
    pub fn text(&self) -> &PolicyText {
        &self.text
    }

    /// The schemas, one per source.
    pub fn schemas(&self) -> &[Schema] {
        &self.schemas
    }

    /// How much of each capacity is taken.
    pub fn usage(&self) -> Usage {
        self.usage
    }

    /// The manifest under a universal key.
    pub fn policy(&self, universal_key: Digest) -> Policy {
        let sources = self.text.sources.iter().zip(&self.words.rules().sources);
        let code = |i: &usize| self.text.requirements[*i].code.get_ref().clone();
        Policy {
            suite: Suite,
            id: self.text.id.clone(),
            version: *self.text.version.get_ref(),
            universal_key,
            shape: self.shape(),
            in_force: *self.text.in_force.get_ref(),
            sources: sources.map(|(s, rule)| Source { agency: s.agency.clone(), schema: rule.schema_id }).collect(),
            words: self.words.words().clone(),
            outputs: self.text.outputs.iter().map(|o| o.name.get_ref().clone()).collect(),
            reasons: self.requirement_of.iter().map(code).collect(),
            source_text: text_digest(&self.source.text),
        }
    }

    /// The manifest with all that is needed to derive it again.
    pub fn document(&self, universal_key: Digest) -> PolicyDocument {
        PolicyDocument {
            policy: self.policy(universal_key),
            text: self.source.text.clone(),
            schemas: self.schemas.clone(),
        }
    }

    /// The shape that it is compiled for.
    pub fn shape(&self) -> Shape {
        *self.text.shape.get_ref()
    }

    pub(crate) fn is_household(&self) -> bool {
        self.shape() == Shape::Household
    }

    pub(crate) fn parse(&self, expression: &Spanned<String>) -> Result<Expression, Diagnostic> {
        Expression::parse(self.source.located(), expression, &record_sources(&self.text))
    }
}

/// The names in `source.attribute`: those of the one record that such an attribute is of.
pub(crate) fn record_sources(text: &PolicyText) -> Vec<String> {
    text.sources.iter().take(1).map(|s| s.name.get_ref().clone()).collect()
}

fn resolve_schemas(
    located: Located<'_>,
    text: &PolicyText,
    schemas: &dyn Fn(SchemaRequest<'_>) -> Result<Schema, String>,
) -> Result<Vec<Schema>, Diagnostics> {
    let (shape, found) = (*text.shape.get_ref(), text.sources.len());
    let (fits, help) = match shape {
        Shape::Household => ((2..=3).contains(&found), "the household's record, and one or two of each member's"),
        _ => (found == 1, "one record about one person; facts of several agencies are several policies of one program"),
    };
    if !fits {
        let finding = Finding::new(format!("{found} sources don't fit the shape {shape}")).help(help);
        return Err(Diagnostics(vec![located.at(text.shape.span().start, finding)]));
    }
    let find = |(i, source): (usize, &SourceText)| {
        let reference = source.schema.get_ref();
        schemas(SchemaRequest { source: i, reference }).map_err(|problem| {
            let finding = Finding::new(format!("the schema {reference:?} can't be used: {problem}"));
            Diagnostics(vec![located.at(source.schema.span().start, finding)])
        })
    };
    text.sources.iter().enumerate().map(find).collect()
}
