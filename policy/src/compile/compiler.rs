//! The compiler: policy text → typed expressions → rules → valid words.
//!
//! Guarantee: the same text with the same schemas always gives the same words, and no record that the schemas admit is
//! unprovable under them. Whatever can't be compiled is refused with its place; nothing is approximated.

use super::choice::{Placed, Said, chosen_way};
use super::draft::{Draft, SchemaRequest, resolve_schemas};
use super::heading::Sources;
use super::manifest::Compiled;
use super::meaning::{Lowering, Names};
use super::rules::{Bounds, Household, Usage};
use super::version::CompilerVersion;
use crate::language::{Diagnostic, Diagnostics, Finding, Located, PolicySource, PolicyText, Unit};
use sealroot_protocol::field::Digest;
use sealroot_protocol::machine::{Requirement, Rules, Shape, SourceRule, ValidWords};
use sealroot_protocol::schema::{Attribute, Schema};
use std::collections::BTreeSet;
use toml::Spanned;

/// Compiles a policy text with the newest version of the compiler. `schemas` finds the schema of each source.
pub fn compile(
    source: &PolicySource,
    schemas: &dyn Fn(SchemaRequest<'_>) -> Result<Schema, String>,
) -> Result<Compiled, Diagnostics> {
    compile_with(CompilerVersion::NEWEST, source, schemas)
}

/// As [`compile`], with the version that a manifest names.
pub fn compile_with(
    version: CompilerVersion,
    source: &PolicySource,
    schemas: &dyn Fn(SchemaRequest<'_>) -> Result<Schema, String>,
) -> Result<Compiled, Diagnostics> {
    let text = source.parse()?;
    let located = source.located();
    let found = resolve_schemas(located, &text, schemas)?;
    let output = compiled_in(version, located, &text, &found).map_err(Diagnostics)?;
    let compiled = Compiled {
        version,
        source: source.clone(),
        schemas: found,
        attributes: output.attributes,
        output_units: output.units,
        requirement_of: output.requirement_of,
        unused: output.unused,
        words: output.words,
        usage: output.usage,
        text,
    };
    // What verifiers and wallets ask of every policy. Which universal key it will be proved under doesn't matter to it.
    let document = compiled.document(Digest([0; 32]));
    match document.check_beside(compiled.words()) {
        Ok(()) => Ok(compiled),
        Err(fault) => Err(Diagnostics(vec![compiled.source.located().at(0, Finding::new(fault.to_string()))])),
    }
}

/// What the first of the version's forms that compiles gives; else what is wrong in the first. Only sums over members have further forms.
fn compiled_in(
    version: CompilerVersion,
    located: Located<'_>,
    text: &PolicyText,
    schemas: &[Schema],
) -> Result<Output, Vec<Diagnostic>> {
    let tried = match text.shape.get_ref() {
        Shape::Household => version.forms(),
        _ => &version.forms()[..1],
    };
    let mut first = Vec::new();
    for (i, forms) in tried.iter().enumerate() {
        match (Draft { located, text, schemas, forms: *forms }).run() {
            Ok(output) => return Ok(output),
            Err(diagnostics) if i == 0 => first = diagnostics,
            Err(_) => {}
        }
    }
    Err(first)
}

/// What compiling gives.
struct Output {
    attributes: Vec<Vec<Attribute>>,
    units: Vec<Unit>,
    requirement_of: Vec<usize>,
    unused: Vec<Spanned<String>>,
    words: ValidWords,
    usage: Usage,
}

impl Draft<'_> {
    fn run(&self) -> Result<Output, Vec<Diagnostic>> {
        let mut diagnostics = self.heading();
        diagnostics.extend(self.titles());
        if self.is_too_long() {
            return Err(diagnostics);
        }
        let Sources { attributes, rules: sources } = self.sources(&mut diagnostics)?;
        let mut known = self.names(&attributes);
        diagnostics.append(&mut known.diagnostics);

        let mut lowering = Lowering::new(self.located, known.graph, known.names);
        let mut requirements = Vec::new();
        let mut bounds = Bounds::default();
        for requirement in &self.text.requirements {
            match self.requirement(&mut lowering, &mut bounds, &requirement.when, !requirement.reveal) {
                Ok(value) => requirements.push(Placed {
                    offset: requirement.when.span().start,
                    name: requirement.code.get_ref().clone(),
                    value,
                }),
                Err(diagnostic) => diagnostics.push(diagnostic),
            }
        }
        let mut outputs = Vec::new();
        for output in &self.text.outputs {
            match self.output(&mut lowering, &output.value) {
                Ok(value) => outputs.push(Placed {
                    offset: output.value.span().start,
                    name: output.name.get_ref().clone(),
                    value,
                }),
                Err(diagnostic) => diagnostics.push(diagnostic),
            }
        }
        let unused = self.unused(&lowering);
        diagnostics.extend(self.definitions(&mut lowering));
        // a definition that two expressions use is reported once
        let mut seen = BTreeSet::new();
        diagnostics.retain(|d| seen.insert((d.line, d.column, d.message.clone())));
        if !diagnostics.is_empty() {
            return Err(diagnostics);
        }
        let identity = self.identity(&attributes[0]).map_err(|d| vec![d])?;
        let units = outputs.iter().map(|o| o.value.1.clone()).collect();
        let said = chosen_way(self.located, *self.text.shape.get_ref(), &lowering.graph, &requirements, &outputs)?;
        let (requirement_of, usage) = (said.requirement_of.clone(), said.usage);
        let rules = self.rules(&attributes[0], sources, identity, said);
        let fail = |problem: String| vec![self.located.at(0, Finding::new(problem))];
        let words = ValidWords::from_rules(*self.text.shape.get_ref(), &rules).map_err(|e| fail(e.to_string()))?;
        Ok(Output { attributes, units, requirement_of, unused, words, usage })
    }

    fn names(&self, attributes: &[Vec<Attribute>]) -> Names<'_> {
        let d = self.text.shape.get_ref().dimensions();
        let household = (*self.text.shape.get_ref() == Shape::Household).then(|| Household {
            sources: self.schemas.len() - 1,
            members: i128::try_from(if self.schemas.len() == 2 { d.slots() } else { d.group_slots }).unwrap_or(1),
        });
        let mut known = Names::new(self.located, household, self.forms);
        let records = self.text.sources.iter().zip(self.schemas).zip(attributes).enumerate();
        for (i, ((source, schema), attributes)) in records {
            let offset = source.schema.span().start;
            match i {
                0 => known.record(schema, attributes, self.first_fact(), offset),
                i => known.member(i, source.name.get_ref(), schema, attributes, offset),
            }
        }
        known.declared(self.text, &self.text.record_sources());
        known
    }

    fn rules(&self, attributes: &[Attribute], sources: Vec<SourceRule>, identity: Option<usize>, said: Said) -> Rules {
        let reveals = said.requirement_of.iter().map(|i| self.text.requirements[*i].reveal);
        let requirements = said.emitted.requirements.into_iter().zip(reveals);
        Rules {
            sources,
            ranged_attributes: (0..attributes.len()).filter(|i| attributes[*i].kind.is_integer()).collect(),
            identity,
            nullifier: self.nullifier_mode(),
            members: said.emitted.members,
            registers: said.emitted.registers,
            pool: said.emitted.pool,
            conditions: said.emitted.conditions,
            requirements: requirements.map(|(any_of, reveal)| Requirement { any_of, reveal }).collect(),
            outputs: said.outputs,
        }
    }
}
