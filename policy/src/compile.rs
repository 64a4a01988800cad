//! The compiler: policy text → typed expressions → rules → valid words.
//!
//! Guarantee: the same text with the same schemas always gives the same words, and no record that the schemas admit is
//! unprovable under them. Whatever can't be compiled is refused with its place; nothing is approximated.

use crate::clauses::{Bounds, Ways};
use crate::compiled::record_sources;
use crate::diagnostic::{Diagnostic, Finding, Located};
use crate::emit::{Emitted, Emitter, Shown, Usage};
use crate::expression::Expression;
use crate::formula::Formula;
use crate::graph::{Graph, Household, NodeLine};
use crate::heading::Sources;
use crate::linear::{Atom, Linear};
use crate::lower::Lowering;
use crate::names::{MEMBER, Names};
use crate::text::PolicyText;
use crate::unit::Unit;
use crate::value::Value;
use sealroot_protocol::machine::{Entry, OUTPUT_BITS, Op, Requirement, Rules, Selector, Shape, SourceRule, ValidWords};
use sealroot_protocol::schema::{Attribute, Schema};
use std::collections::BTreeSet;
use toml::Spanned;

/// Most requirements for which all ways to say them are tried together: 2^10 emissions.
const MAX_CHOICES: usize = 10;

/// A policy text with its schemas, being compiled.
pub(crate) struct Compilation<'a> {
    pub located: Located<'a>,
    pub text: &'a PolicyText,
    pub schemas: &'a [Schema],
}

/// What compiling gives.
pub(crate) struct Output {
    pub attributes: Vec<Vec<Attribute>>,
    pub units: Vec<Unit>,
    pub requirement_of: Vec<usize>,
    pub unused: Vec<Spanned<String>>,
    pub words: ValidWords,
    pub usage: Usage,
}

/// What a requirement or output became, with its place.
struct Placed<T> {
    offset: usize,
    value: T,
}

/// The rules as far as expressions make them.
struct Said {
    emitted: Emitted,
    outputs: [Option<Selector>; 2],
    requirement_of: Vec<usize>,
    usage: Usage,
}

impl Compilation<'_> {
    pub fn run(&self) -> Result<Output, Vec<Diagnostic>> {
        let mut diagnostics = self.heading();
        let Sources { attributes, rules: sources } = self.sources(&mut diagnostics)?;
        let mut known = self.names(&attributes);
        diagnostics.append(&mut known.diagnostics);

        let mut lowering = Lowering::new(self.located, known.graph, known.names);
        let mut requirements = Vec::new();
        let mut bounds = Bounds::default();
        for requirement in &self.text.requirements {
            match self.requirement(&mut lowering, &mut bounds, &requirement.when, !requirement.reveal) {
                Ok(value) => requirements.push(Placed { offset: requirement.when.span().start, value }),
                Err(diagnostic) => diagnostics.push(diagnostic),
            }
        }
        let mut outputs = Vec::new();
        for output in &self.text.outputs {
            match self.output(&mut lowering, &output.value) {
                Ok(value) => outputs.push(Placed { offset: output.value.span().start, value }),
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
        let said = self.said(&lowering.graph, &requirements, &outputs)?;
        let (requirement_of, usage) = (said.requirement_of.clone(), said.usage);
        let rules = self.rules(&attributes[0], sources, identity, said);
        let fail = |problem: String| vec![self.located.at(0, Finding::new(problem))];
        let words = ValidWords::from_rules(*self.text.shape.get_ref(), &rules).map_err(|e| fail(e.to_string()))?;
        words.check_schemas(self.schemas).map_err(|e| fail(e.to_string()))?;
        Ok(Output { attributes, units, requirement_of, unused, words, usage })
    }

    fn names(&self, attributes: &[Vec<Attribute>]) -> Names<'_> {
        let d = self.text.shape.get_ref().dimensions();
        let household = (*self.text.shape.get_ref() == Shape::Household).then(|| Household {
            sources: self.schemas.len() - 1,
            members: i128::try_from(if self.schemas.len() == 2 { d.slots() } else { d.group_slots }).unwrap_or(1),
        });
        let mut known = Names::new(self.located, household);
        let records = self.text.sources.iter().zip(self.schemas).zip(attributes).enumerate();
        for (i, ((source, schema), attributes)) in records {
            let offset = source.schema.span().start;
            match i {
                0 => known.record(schema, attributes, self.first_fact(), offset),
                i => known.member(i, source.name.get_ref(), schema, attributes, offset),
            }
        }
        known.declared(self.text, &record_sources(self.text));
        known
    }

    fn parse(&self, source: &Spanned<String>) -> Result<Expression, Diagnostic> {
        Expression::parse(self.located, source, &record_sources(self.text))
    }

    fn requirement(
        &self,
        lowering: &mut Lowering<'_>,
        bounds: &mut Bounds,
        when: &Spanned<String>,
        may_split: bool,
    ) -> Result<Ways, Diagnostic> {
        let expression = self.parse(when)?;
        let formula = lowering.requirement(&expression)?;
        let fail = |finding: Finding| self.located.at(expression.offset(expression.ast.id), finding);
        let ways = match formula {
            Formula::Constant(always) => Err(always),
            formula => lowering.graph.ways(formula, may_split).map_err(fail)?,
        };
        let ways = ways.map_err(|always| {
            let finding = if always {
                Finding::new("this requirement can never fail for a record that the schema admits")
            } else {
                Finding::new("this requirement can never hold for a record that the schema admits")
            };
            fail(finding.help("leave it out, or look at the min and max of the schema's attributes"))
        })?;
        if !bounds.narrow(&ways, &lowering.graph) {
            let finding = Finding::new("this requirement and an earlier one can never hold together");
            return Err(fail(
                finding.help("nobody would ever be approved; join alternatives by || in one requirement"),
            ));
        }
        Ok(ways)
    }

    /// What shows an output, and its unit.
    fn output(&self, lowering: &mut Lowering<'_>, value: &Spanned<String>) -> Result<(Shown, Unit), Diagnostic> {
        let expression = self.parse(value)?;
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

    /// Parameters and definitions that no requirement or output needs.
    fn unused(&self, lowering: &Lowering<'_>) -> Vec<Spanned<String>> {
        let of_record = self.text.parameters.keys().chain(self.text.definitions.keys());
        let of_record = of_record.filter(|name| !lowering.used.contains(name.get_ref()));
        let of_members = self.text.member_definitions.keys();
        let of_members = of_members.filter(|name| !lowering.used.contains(&format!("{MEMBER}.{}", name.get_ref())));
        of_record.chain(of_members).cloned().collect()
    }

    /// What is wrong with definitions, used or not.
    fn definitions(&self, lowering: &mut Lowering<'_>) -> Vec<Diagnostic> {
        let of_record = self.text.definitions.keys().map(|name| name.get_ref().clone());
        let of_members = self.text.member_definitions.keys().map(|name| format!("{MEMBER}.{}", name.get_ref()));
        of_record.chain(of_members).filter_map(|name| lowering.definition(&name).err()).collect()
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

    /// Chooses for each requirement the way to say it: the first choice under which all fits.
    fn said(
        &self,
        graph: &Graph,
        requirements: &[Placed<Ways>],
        outputs: &[Placed<(Shown, Unit)>],
    ) -> Result<Said, Vec<Diagnostic>> {
        let open: Vec<usize> = (0..requirements.len()).filter(|i| requirements[*i].value.0.len() > 1).collect();
        let open = &open[..open.len().min(MAX_CHOICES)];
        let d = self.text.shape.get_ref().dimensions();
        let mut closest: Option<(usize, usize)> = None;
        for choice in 0..1usize << open.len() {
            let (said, _) = emit(graph, requirements, outputs, &chosen(choice, open, requirements.len()), &d);
            let excess: usize = said.usage.excess(&d).iter().map(|(_, has, capacity)| has - capacity).sum();
            if excess == 0 {
                return Ok(said);
            }
            if closest.is_none_or(|(least, _)| excess < least) {
                closest = Some((excess, choice));
            }
        }
        let choice = closest.map_or(0, |(_, choice)| choice);
        let (said, first_excess) = emit(graph, requirements, outputs, &chosen(choice, open, requirements.len()), &d);
        let shape = self.text.shape.get_ref();
        let message = |(what, has, capacity): &(&str, usize, usize)| {
            format!("the policy needs {has} {what}, the shape {shape} has {capacity}: {} too many", has - capacity)
        };
        let help = "from here on; name what is repeated, or split the policy into two of one program";
        let at = |finding: Finding| self.located.at(first_excess.unwrap_or(0), finding.help(help));
        Err(said.usage.excess(&d).iter().map(|e| at(Finding::new(message(e)))).collect())
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

/// The way of each requirement in a choice: bit by bit for those that have more than one, else the first.
fn chosen(choice: usize, open: &[usize], requirements: usize) -> Vec<usize> {
    let mut ways = vec![0; requirements];
    for (bit, i) in open.iter().enumerate() {
        ways[*i] = choice >> bit & 1;
    }
    ways
}

/// Emits requirements, each in its chosen way, and outputs; also says where a capacity was first exceeded.
fn emit(
    graph: &Graph,
    requirements: &[Placed<Ways>],
    outputs: &[Placed<(Shown, Unit)>],
    ways: &[usize],
    d: &sealroot_protocol::machine::Dimensions,
) -> (Said, Option<usize>) {
    let mut emitter = Emitter::new(graph);
    let mut first_excess = None;
    let mut requirement_of = Vec::new();
    for (i, (requirement, way)) in requirements.iter().zip(ways).enumerate() {
        for clause in &requirement.value.0[*way] {
            emitter.requirement(clause);
            requirement_of.push(i);
        }
        if first_excess.is_none() && !emitter.usage().excess(d).is_empty() {
            first_excess = Some(requirement.offset);
        }
    }
    let mut selectors: [Option<Selector>; 2] = [None; 2];
    for (selector, output) in selectors.iter_mut().zip(outputs) {
        *selector = Some(emitter.output(output.value.0));
        if first_excess.is_none() && !emitter.usage().excess(d).is_empty() {
            first_excess = Some(output.offset);
        }
    }
    let usage = emitter.usage();
    (Said { emitted: emitter.finish(), outputs: selectors, requirement_of, usage }, first_excess)
}

/// A node that holds a line as it is.
fn held(graph: &mut Graph, line: Linear) -> Result<Shown, Finding> {
    match graph.node(NodeLine::Integer(line), Op::Identity, None)?.as_atom() {
        Some(Atom::Node(node)) => Ok(Shown::Node(node)),
        _ => Err(Finding::new("this can't be shown")),
    }
}
