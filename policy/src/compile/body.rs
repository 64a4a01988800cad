//! A policy's expressions, one by one: what each requirement and each output becomes, and what is wrong with definitions.

use super::draft::Draft;
use super::meaning::{Lowering, Value};
use super::rules::{Atom, Bounds, Formula, Graph, Linear, NodeLine, Shown, Ways};
use crate::language::{Diagnostic, Expression, Finding, MEMBER, Unit};
use sealroot_protocol::machine::{Entry, OUTPUT_BITS, Op};
use toml::Spanned;

impl Draft<'_> {
    fn parse(&self, source: &Spanned<String>) -> Result<Expression, Diagnostic> {
        Expression::parse(self.located, source, &self.text.record_sources())
    }

    pub(crate) fn requirement(
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
    pub(crate) fn output(
        &self,
        lowering: &mut Lowering<'_>,
        value: &Spanned<String>,
    ) -> Result<(Shown, Unit), Diagnostic> {
        let expression = self.parse(value)?;
        let value = lowering.expression(&expression)?;
        let root = expression.ast.id;
        let fail = |finding: Finding| self.located.at(expression.offset(root), finding);
        let (line, unit) = match value {
            Value::Integer(line, unit) => (line, unit),
            Value::Truth(formula) => (lowering.graph.shown(&formula).map_err(fail)?, Unit::Truth),
            other => {
                let finding = Finding::new(format!("an output can't be {}", other.describe()));
                return Err(fail(
                    finding.help("outputs are numbers, dates, truth values or enums; text can't be shown"),
                ));
            }
        };
        if let Unit::Per(_, each) = &unit {
            let finding = Finding::new(format!("an output can't be a rate: this is {unit}"));
            return Err(fail(finding.help(format!("multiply it by a number of {each}"))));
        }
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
    pub(crate) fn unused(&self, lowering: &Lowering<'_>) -> Vec<Spanned<String>> {
        let of_record = self.text.parameters.keys().chain(self.text.definitions.keys());
        let of_record = of_record.filter(|name| !lowering.used.contains(name.get_ref()));
        let of_members = self.text.member_definitions.keys();
        let of_members = of_members.filter(|name| !lowering.used.contains(&format!("{MEMBER}.{}", name.get_ref())));
        of_record.chain(of_members).cloned().collect()
    }

    /// What is wrong with definitions, used or not.
    pub(crate) fn definitions(&self, lowering: &mut Lowering<'_>) -> Vec<Diagnostic> {
        let of_record = self.text.definitions.keys().map(|name| name.get_ref().clone());
        let of_members = self.text.member_definitions.keys().map(|name| format!("{MEMBER}.{}", name.get_ref()));
        of_record.chain(of_members).filter_map(|name| lowering.definition(&name).err()).collect()
    }
}

/// A node that holds a line as it is.
fn held(graph: &mut Graph, line: Linear) -> Result<Shown, Finding> {
    match graph.node(NodeLine::Integer(line), Op::Identity, None)?.as_atom() {
        Some(Atom::Node(node)) => Ok(Shown::Node(node)),
        _ => Err(Finding::new("this can't be shown")),
    }
}
