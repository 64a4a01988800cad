//! A policy that compiled, and its manifest.

use super::rules::Usage;
use super::version::CompilerVersion;
use crate::language::{Diagnostic, Expression, PolicySource, PolicyText, Unit};
use sealroot_protocol::canonical::Suite;
use sealroot_protocol::currency::Currency;
use sealroot_protocol::field::Digest;
use sealroot_protocol::machine::{Shape, ValidWords};
use sealroot_protocol::policy::{Policy, PolicyDocument, Source, text_digest};
use sealroot_protocol::schema::{Attribute, Schema};
use toml::Spanned;

/// A policy that compiled.
#[derive(Debug, Clone)]
pub struct Compiled {
    pub(crate) version: CompilerVersion,
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

impl Compiled {
    /// The words, from which the policy key is derived.
    pub fn words(&self) -> &ValidWords {
        &self.words
    }

    /// Which version of the compiler made them.
    pub fn compiler(&self) -> CompilerVersion {
        self.version
    }

    /// The file as it was given.
    pub fn source(&self) -> &PolicySource {
        &self.source
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
            compiler: self.version.number(),
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

    /// The currency of an output, counted from 0; none if it is no amount of money, or there is none.
    pub fn output_currency(&self, output: usize) -> Option<&str> {
        match self.output_units.get(output)? {
            Unit::Money(currency) => Some(currency),
            _ => None,
        }
    }

    /// The currencies of both outputs, as an enactment says them; none where an output isn't money, or there is none.
    pub fn currencies(&self) -> [Option<Currency>; 2] {
        [0, 1].map(|output| self.output_currency(output).and_then(|code| code.parse().ok()))
    }

    /// What an output is, for messages.
    pub(crate) fn output_kind(&self, output: usize) -> String {
        self.output_units.get(output).map_or_else(|| "nothing".to_owned(), ToString::to_string)
    }

    /// The shape that it is compiled for.
    pub fn shape(&self) -> Shape {
        *self.text.shape.get_ref()
    }

    pub(crate) fn is_household(&self) -> bool {
        self.shape() == Shape::Household
    }

    pub(crate) fn parse(&self, expression: &Spanned<String>) -> Result<Expression, Diagnostic> {
        Expression::parse(self.source.located(), expression, &self.text.record_sources())
    }
}
