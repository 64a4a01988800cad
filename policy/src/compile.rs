//! The compiler: policy text → typed expressions → rules → valid words.
//!
//! Guarantee: the same text with the same schemas always gives the same words, and no record that the schema admits is
//! unprovable under them. Whatever can't be compiled is refused with its place; nothing is approximated.

use crate::diagnostic::{Diagnostic, Diagnostics, Finding, Located};
use crate::emit::{Emitter, Shown, Usage};
use crate::expression::Expression;
use crate::formula::Formula;
use crate::graph::{Atom, Graph, Linear, NodeLine};
use crate::lower::{At, Lowering};
use crate::names::{Names, in_order};
use crate::text::{Nullifier, PolicySource, PolicyText, SourceText};
use crate::unit::Unit;
use crate::value::Value;
use sealroot_protocol::canonical::Suite;
use sealroot_protocol::field::Digest;
use sealroot_protocol::machine::{
    Dimensions, Entry, FactsPeriodRule, NullifierMode, OUTPUT_BITS, Op, Requirement, Rules, Selector, SourceRule,
    ValidWords,
};
use sealroot_protocol::policy::{Policy, PolicyDocument, Source, text_digest};
use sealroot_protocol::schema::{Attribute, Schema};
use std::collections::BTreeSet;
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
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) output_units: Vec<Unit>,
    words: ValidWords,
    usage: Usage,
}

/// Compiles a policy text. `schemas` finds the schema of each source.
pub fn compile(
    source: &PolicySource,
    schemas: &dyn Fn(SchemaRequest<'_>) -> Result<Schema, String>,
) -> Result<Compiled, Diagnostics> {
    let text = source.parse()?;
    let located = source.located();
    let found = resolve_schemas(located, &text, schemas)?;
    let compilation = Compilation { located, text: &text, schemas: &found };
    let (attributes, output_units, words, usage) = compilation.run().map_err(Diagnostics)?;
    Ok(Compiled { source: source.clone(), text, schemas: found, attributes, output_units, words, usage })
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
        Policy {
            suite: Suite,
            id: self.text.id.clone(),
            version: self.text.version,
            universal_key,
            shape: self.text.shape,
            in_force: self.text.in_force,
            sources: sources.map(|(s, rule)| Source { agency: s.agency.clone(), schema: rule.schema_id }).collect(),
            words: self.words.words().clone(),
            outputs: self.text.outputs.iter().map(|o| o.name.get_ref().clone()).collect(),
            reasons: self.text.requirements.iter().map(|r| r.code.get_ref().clone()).collect(),
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

    pub(crate) fn source_names(&self) -> Vec<String> {
        source_names(&self.text)
    }

    pub(crate) fn parse(&self, expression: &Spanned<String>) -> Result<Expression, Diagnostic> {
        Expression::parse(self.source.located(), expression, &self.source_names())
    }
}

fn source_names(text: &PolicyText) -> Vec<String> {
    text.sources.iter().map(|s| s.name.get_ref().clone()).collect()
}

fn resolve_schemas(
    located: Located<'_>,
    text: &PolicyText,
    schemas: &dyn Fn(SchemaRequest<'_>) -> Result<Schema, String>,
) -> Result<Vec<Schema>, Diagnostics> {
    let wanted = text.shape.dimensions().sources;
    if text.sources.len() != wanted {
        let message = format!("the shape {} has {wanted} source, this policy {}", text.shape, text.sources.len());
        return Err(Diagnostics(vec![located.at(0, Finding::new(message).help("write [[source]] once per source"))]));
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

struct Compilation<'a> {
    located: Located<'a>,
    text: &'a PolicyText,
    schemas: &'a [Schema],
}

/// What a requirement or output became, with its place.
struct Placed<T> {
    offset: usize,
    value: T,
}

type Output = (Vec<Attribute>, Vec<Unit>, ValidWords, Usage);

impl Compilation<'_> {
    fn run(&self) -> Result<Output, Vec<Diagnostic>> {
        let mut diagnostics = self.heading();
        let (attributes, rules_sources) = self.sources(&mut diagnostics)?;
        let names = source_names(self.text);
        let mut known = Names::new(self.located);
        known.attributes(&self.schemas[0], &attributes, self.text.sources[0].schema.span().start);
        known.declared(self.text, &names);
        diagnostics.append(&mut known.diagnostics);

        let mut lowering = Lowering::new(self.located, known.graph, known.names);
        let mut requirements = Vec::new();
        for requirement in &self.text.requirements {
            match self.requirement(&mut lowering, &requirement.when, &names) {
                Ok(value) => requirements.push(Placed { offset: requirement.when.span().start, value }),
                Err(diagnostic) => diagnostics.push(diagnostic),
            }
        }
        let mut outputs = Vec::new();
        for output in &self.text.outputs {
            match self.output(&mut lowering, &output.value, &names) {
                Ok(value) => outputs.push(Placed { offset: output.value.span().start, value }),
                Err(diagnostic) => diagnostics.push(diagnostic),
            }
        }
        // a definition that two expressions use is reported once
        let mut seen = BTreeSet::new();
        diagnostics.retain(|d| seen.insert((d.line, d.column, d.message.clone())));
        if !diagnostics.is_empty() {
            return Err(diagnostics);
        }
        let identity = self.identity(&attributes).map_err(|d| vec![d])?;
        let units = outputs.iter().map(|o| o.value.1.clone()).collect();
        let (rules, usage) = self.emit(lowering.graph, &attributes, rules_sources, identity, requirements, outputs)?;
        let fail = |problem: String| vec![self.located.at(0, Finding::new(problem))];
        let words = ValidWords::from_rules(self.text.shape, &rules).map_err(|e| fail(e.to_string()))?;
        words.check_schemas(self.schemas).map_err(|e| fail(e.to_string()))?;
        Ok((attributes, units, words, usage))
    }

    /// What has nothing to do with expressions.
    fn heading(&self) -> Vec<Diagnostic> {
        let mut diagnostics = Vec::new();
        let mut at = |offset: usize, message: String, help: &str| {
            diagnostics.push(self.located.at(offset, Finding::new(message).help(help)));
        };
        if self.text.version == 0 {
            at(0, "version 0".into(), "versions count from 1");
        }
        if !in_order(self.text.in_force.from, self.text.in_force.until) {
            at(
                0,
                "the policy ends before it begins".into(),
                "in_force.until is the last day, not before in_force.from",
            );
        }
        if self.text.requirements.is_empty() {
            at(0, "no requirement: everybody would be approved".into(), "write at least one [[requirement]]");
        }
        if let Some(third) = self.text.outputs.get(2) {
            at(
                third.name.span().start,
                format!("{} outputs, the machine has 2", self.text.outputs.len()),
                "leave one out",
            );
        }
        let codes = self.text.requirements.iter().map(|r| (&r.code, "reason code"));
        let outputs = self.text.outputs.iter().map(|o| (&o.name, "output"));
        let cases = self.text.cases.iter().map(|c| (&c.name, "case"));
        let mut seen = BTreeSet::new();
        for (name, what) in codes.chain(outputs).chain(cases) {
            if name.get_ref().is_empty() {
                at(name.span().start, format!("an empty {what}"), "give it a name");
            }
            if !seen.insert((what, name.get_ref())) {
                at(name.span().start, format!("the {what} {:?} stands twice", name.get_ref()), "choose another");
            }
        }
        diagnostics
    }

    fn sources(&self, diagnostics: &mut Vec<Diagnostic>) -> Result<(Vec<Attribute>, Vec<SourceRule>), Vec<Diagnostic>> {
        let mut rules = Vec::new();
        let mut attributes = Vec::new();
        for (source, schema) in self.text.sources.iter().zip(self.schemas) {
            let offset = source.schema.span().start;
            let fail = |problem: String| vec![self.located.at(offset, Finding::new(problem))];
            let schema_id = schema.id().map_err(|e| fail(e.to_string()))?;
            if attributes.is_empty() {
                attributes = schema.attributes().map_err(|e| fail(e.to_string()))?;
            }
            let facts_period = match (source.period, source.months_before) {
                (Some(period), None) => FactsPeriodRule::Constant(period),
                (None, Some(months)) => FactsPeriodRule::MonthsBefore(months),
                _ => {
                    let finding = Finding::new("a source says what period its facts must have, in one way")
                        .help("write period = \"timeless\", period = \"2026-01\" or months_before = 12");
                    diagnostics.push(self.located.at(source.name.span().start, finding));
                    continue;
                }
            };
            rules.push(SourceRule { schema_id, facts_period });
        }
        Ok((attributes, rules))
    }

    fn identity(&self, attributes: &[Attribute]) -> Result<Option<usize>, Diagnostic> {
        let Some(name) = &self.text.identity else { return Ok(None) };
        let at = attributes.iter().position(|a| a.name == *name.get_ref());
        match at {
            Some(i) if attributes[i].kind.is_text() => Ok(Some(i)),
            Some(_) => {
                let finding = Finding::new(format!("{:?} is not text", name.get_ref()));
                Err(self.located.at(name.span().start, finding.help("the applicant is named by a text attribute")))
            }
            None => {
                let finding = Finding::new(format!("the schema has no attribute {:?}", name.get_ref()));
                Err(self.located.at(name.span().start, finding))
            }
        }
    }

    fn requirement(
        &self,
        lowering: &mut Lowering<'_>,
        when: &Spanned<String>,
        names: &[String],
    ) -> Result<Vec<crate::formula::Clause>, Diagnostic> {
        let expression = Expression::parse(self.located, when, names)?;
        let formula = lowering.requirement(&expression)?;
        if let Formula::Constant(always) = formula {
            let finding = if always {
                Finding::new("this requirement can never fail for a record that the schema admits")
            } else {
                Finding::new("this requirement can never hold for a record that the schema admits")
            };
            let help = "leave it out, or look at the min and max of the schema's attributes";
            return Err(self.located.at(expression.offset(expression.ast.id), finding.help(help)));
        }
        let clauses = lowering.graph.clauses(formula).at(expression.ast.id);
        lowering.placed(&expression, clauses)
    }

    /// What shows an output, and its unit.
    fn output(
        &self,
        lowering: &mut Lowering<'_>,
        value: &Spanned<String>,
        names: &[String],
    ) -> Result<(Shown, Unit), Diagnostic> {
        let expression = Expression::parse(self.located, value, names)?;
        let value = lowering.expression(&expression)?;
        let root = expression.ast.id;
        let fail = |finding: Finding| self.located.at(expression.offset(root), finding);
        let (line, unit) = match value {
            Value::Integer(line, unit) => (line, unit),
            Value::Truth(formula) => (lowering.graph.indicator(&formula).map_err(fail)?, Unit::Truth),
            other => {
                let finding = Finding::new(format!("an output can't be {}", other.describe()));
                return Err(fail(
                    finding.help("outputs are numbers, dates, truth values or enums; text can't be shown"),
                ));
            }
        };
        let (low, high) = lowering.graph.range(&line).map_err(fail)?;
        if low < 0 || high >= 1 << OUTPUT_BITS {
            let finding =
                Finding::new(format!("this output can be between {low} and {high}; it must lie in [0, 2^63)"));
            return Err(fail(finding.help("write max(0, …), or give the attributes a min and max in the schema")));
        }
        let shown = match line.as_atom() {
            Some(Atom::Node(node)) => Shown::Node(node),
            Some(Atom::Fact(Entry::Attribute(i))) => Shown::Attribute(i),
            _ => held(&mut lowering.graph, line).map_err(fail)?,
        };
        Ok((shown, unit))
    }

    fn emit(
        &self,
        graph: Graph,
        attributes: &[Attribute],
        sources: Vec<SourceRule>,
        identity: Option<usize>,
        requirements: Vec<Placed<Vec<crate::formula::Clause>>>,
        outputs: Vec<Placed<(Shown, Unit)>>,
    ) -> Result<(Rules, Usage), Vec<Diagnostic>> {
        let d = self.text.shape.dimensions();
        let mut emitter = Emitter::new(&graph);
        let mut first_excess = None;
        let mut selectors: [Option<Selector>; 2] = [None; 2];
        for requirement in requirements {
            emitter.requirement(requirement.value);
            if first_excess.is_none() && !excess(&emitter.usage(), &d).is_empty() {
                first_excess = Some(requirement.offset);
            }
        }
        for (selector, output) in selectors.iter_mut().zip(outputs) {
            *selector = Some(emitter.output(output.value.0));
            if first_excess.is_none() && !excess(&emitter.usage(), &d).is_empty() {
                first_excess = Some(output.offset);
            }
        }
        let usage = emitter.usage();
        if let Some(offset) = first_excess {
            let shape = self.text.shape;
            let message = |(what, has, capacity): &(&str, usize, usize)| {
                format!("the policy needs {has} {what}, the shape {shape} has {capacity}: {} too many", has - capacity)
            };
            let help = "from here on; name what is repeated, or split the policy into two of one program";
            let all = excess(&usage, &d);
            return Err(all.iter().map(|e| self.located.at(offset, Finding::new(message(e)).help(help))).collect());
        }
        let emitted = emitter.finish();
        let reveal = self.text.requirements.iter().map(|r| r.reveal);
        let requirements = emitted.requirements.into_iter().zip(reveal);
        let rules = Rules {
            sources,
            ranged_attributes: (0..attributes.len()).filter(|i| attributes[*i].kind.is_integer()).collect(),
            identity,
            nullifier: match self.text.nullifier {
                Nullifier::Holder => NullifierMode::Holder,
                Nullifier::RecordPerScope => NullifierMode::RecordPerScope,
                Nullifier::RecordOnce => NullifierMode::RecordOnce,
            },
            members: Vec::new(),
            registers: emitted.registers,
            pool: emitted.pool,
            conditions: emitted.conditions,
            requirements: requirements.map(|(any_of, reveal)| Requirement { any_of, reveal }).collect(),
            outputs: selectors,
        };
        Ok((rules, usage))
    }
}

/// A node that holds a line as it is.
fn held(graph: &mut Graph, line: Linear) -> Result<Shown, Finding> {
    match graph.node(NodeLine::Integer(line), Op::Identity, None)?.as_atom() {
        Some(Atom::Node(node)) => Ok(Shown::Node(node)),
        _ => Err(Finding::new("this can't be shown")),
    }
}

/// Capacities that are exceeded: what, how many, how many fit.
fn excess(usage: &Usage, d: &Dimensions) -> Vec<(&'static str, usize, usize)> {
    let all = [
        ("registers", usage.registers, d.registers),
        ("conditions", usage.conditions, d.conditions),
        ("membership tests", usage.set_conditions, d.set_conditions),
        ("set constants", usage.pool, d.pool),
        ("requirements", usage.requirements, d.requirements),
    ];
    all.into_iter().filter(|(_, has, capacity)| has > capacity).collect()
}
