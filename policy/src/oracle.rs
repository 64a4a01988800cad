//! The second opinion: the same expressions, run by cel's own interpreter on the same plain facts.
//!
//! It shares with the compiler only the parser, the two rewritings of `expression.rs` and the meaning of the added
//! functions, which are written here once more.

use crate::compile::Compiled;
use crate::expression::Expression;
use crate::facts::{Outcome, PlainFacts, PlainValue};
use crate::formula::Formula;
use crate::names::parameter_value;
use crate::value::Value;
use cel::extractors::Arguments;
use cel::{Context, ExecutionError, Value as CelValue};
use sealroot_protocol::date::Date;
use sealroot_protocol::schema::AttributeKind;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What the interpreter says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Opinion {
    /// Codes of the requirements that fail.
    pub failed: Vec<String>,
    /// Values of the outputs if none fails.
    pub outputs: Vec<i64>,
}

impl Opinion {
    /// Whether the compiled rules say the same.
    pub fn agrees(&self, outcome: &Outcome) -> bool {
        let values = outcome.outputs.iter().map(|o| i64::try_from(o.value).ok());
        self.failed == outcome.failed && self.outputs.iter().map(|x| Some(*x)).eq(values)
    }
}

/// Why the interpreter has no answer; 64-bit overflow is one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cel's interpreter has no answer: {0}")]
pub(crate) struct NoOpinion(String);

impl Compiled {
    /// Runs the policy's expressions on facts.
    pub(crate) fn opinion(&self, facts: &PlainFacts) -> Result<Opinion, NoOpinion> {
        let mut context = Context::default();
        add_functions(&mut context, facts.as_of)?;
        self.add_facts(&mut context, facts);
        self.add_declared(&mut context)?;
        let mut failed = Vec::new();
        for requirement in &self.text.requirements {
            match self.run(&requirement.when, &context)? {
                CelValue::Bool(true) => {}
                CelValue::Bool(false) => failed.push(requirement.code.get_ref().clone()),
                other => return Err(NoOpinion(format!("a requirement is {other:?}"))),
            }
        }
        let mut outputs = Vec::new();
        if failed.is_empty() {
            for (output, unit) in self.text.outputs.iter().zip(&self.output_units) {
                outputs.push(match self.run(&output.value, &context)? {
                    CelValue::Int(x) => x,
                    CelValue::Bool(b) => i64::from(b),
                    CelValue::String(text) => ordinal(unit, &text)?,
                    other => return Err(NoOpinion(format!("an output is {other:?}"))),
                });
            }
        }
        Ok(Opinion { failed, outputs })
    }

    fn run(&self, source: &toml::Spanned<String>, context: &Context<'_, '_>) -> Result<CelValue, NoOpinion> {
        let expression = self.parse(source).map_err(|e| NoOpinion(e.to_string()))?;
        context.resolve(&expression.ast).map_err(|e| NoOpinion(e.to_string()))
    }

    fn add_facts(&self, context: &mut Context<'_, '_>, facts: &PlainFacts) {
        let mut lists: BTreeMap<&str, Vec<CelValue>> = BTreeMap::new();
        for (attribute, value) in self.attributes.iter().zip(&facts.values) {
            let value = match (value, &attribute.kind) {
                (PlainValue::Text(text), _) => CelValue::from(text.clone()),
                (PlainValue::Integer(x), AttributeKind::Boolean {}) => CelValue::Bool(*x == 1),
                (PlainValue::Integer(x), AttributeKind::Enum { values }) => {
                    let text = usize::try_from(*x).ok().and_then(|i| values.get(i));
                    CelValue::from(text.cloned().unwrap_or_default())
                }
                (PlainValue::Integer(x), _) => CelValue::Int(*x),
            };
            if let Some((family, _)) = attribute.name.rsplit_once('_') {
                lists.entry(family).or_default().push(value.clone());
            }
            context.add_variable_from_value(attribute.name.clone(), value);
        }
        for declaration in self.schemas.iter().flat_map(|s| &s.declarations).filter(|d| d.repeat.is_some()) {
            let members = lists.remove(declaration.name.as_str()).unwrap_or_default();
            context.add_variable_from_value(declaration.name.clone(), CelValue::List(Arc::new(members)));
        }
        for (name, value) in [
            ("as_of", i64::from(facts.as_of.yyyymmdd())),
            ("as_of_day", facts.as_of.day_number()),
            ("period_start", i64::from(facts.period.start.yyyymmdd())),
            ("period_end", i64::from(facts.period.end.yyyymmdd())),
        ] {
            context.add_variable_from_value(name, value);
        }
    }

    fn add_declared(&self, context: &mut Context<'_, '_>) -> Result<(), NoOpinion> {
        for (name, parameter) in &self.text.parameters {
            let value = parameter_value(parameter).ok().and_then(|v| cel_constant(&v));
            let value = value.ok_or_else(|| NoOpinion(format!("parameter {:?}", name.get_ref())))?;
            context.add_variable_from_value(name.get_ref().clone(), value);
        }
        let mut waiting: BTreeMap<&str, Expression> = BTreeMap::new();
        for (name, definition) in &self.text.definitions {
            let expression = self.parse(&definition.value).map_err(|e| NoOpinion(e.to_string()))?;
            waiting.insert(name.get_ref(), expression);
        }
        while !waiting.is_empty() {
            let names: BTreeSet<&str> = waiting.keys().copied().collect();
            let ready = waiting.iter().find(|(_, e)| names.iter().all(|n| !e.ast.references().has_variable(n)));
            let Some((name, expression)) = ready else { return Err(NoOpinion("definitions in a circle".to_owned())) };
            let name = *name;
            // one that has no value, for overflow, is missed only where it is used
            if let Ok(value) = context.resolve(&expression.ast) {
                context.add_variable_from_value(name, value);
            }
            waiting.remove(name);
        }
        Ok(())
    }
}

fn ordinal(unit: &crate::unit::Unit, text: &str) -> Result<i64, NoOpinion> {
    let crate::unit::Unit::Enum(values) = unit else { return Err(NoOpinion("an output is a text".to_owned())) };
    let at = values.iter().position(|v| v == text).and_then(|i| i64::try_from(i).ok());
    at.ok_or_else(|| NoOpinion(format!("{text:?} is no value of the output")))
}

fn cel_constant(value: &Value) -> Option<CelValue> {
    match value {
        Value::Integer(line, _) => i64::try_from(line.as_constant()?).ok().map(CelValue::Int),
        Value::Truth(Formula::Constant(b)) => Some(CelValue::Bool(*b)),
        Value::Literal(text) => Some(CelValue::from(text.clone())),
        Value::List(values) => {
            values.iter().map(cel_constant).collect::<Option<Vec<_>>>().map(|v| CelValue::List(Arc::new(v)))
        }
        Value::Truth(_) | Value::Text(_) => None,
    }
}

fn add_functions(context: &mut Context<'_, '_>, as_of: Date) -> Result<(), NoOpinion> {
    let today = i128::from(as_of.yyyymmdd());
    let declared = [
        context.add_function("age", move |Arguments(args): Arguments| match integers(&args)?.as_slice() {
            [date] => integer((today - date).div_euclid(10_000)),
            _ => Err(bad("age")),
        }),
        context.add_function("sum", |Arguments(args): Arguments| integer(integers(&args)?.iter().sum())),
        context.add_function("min", |Arguments(args): Arguments| {
            integers(&args)?.into_iter().min().map_or_else(|| Err(bad("min")), integer)
        }),
        context.add_function("max", |Arguments(args): Arguments| {
            integers(&args)?.into_iter().max().map_or_else(|| Err(bad("max")), integer)
        }),
        context.add_function("floor", |Arguments(args): Arguments| divided(&args, |a, d| a.div_euclid(d))),
        context.add_function("ceil", |Arguments(args): Arguments| divided(&args, |a, d| -(-a).div_euclid(d))),
        context.add_function("round_half_up", |Arguments(args): Arguments| {
            divided(&args, |a, d| (2 * a + d).div_euclid(2 * d))
        }),
        context.add_function("date", |Arguments(args): Arguments| written(&args, |d| i128::from(d.yyyymmdd()))),
        context.add_function("day", |Arguments(args): Arguments| written(&args, |d| i128::from(d.day_number()))),
    ];
    declared.into_iter().collect::<Result<Vec<_>, _>>().map(|_| ()).map_err(|e| NoOpinion(format!("{e:?}")))
}

fn bad(function: &str) -> ExecutionError {
    ExecutionError::function_error(function, "the arguments don't fit")
}

fn integer(x: i128) -> Result<CelValue, ExecutionError> {
    i64::try_from(x).map(CelValue::Int).map_err(|_| bad("64-bit integer"))
}

/// All arguments, or the members of the one list.
fn integers(args: &[CelValue]) -> Result<Vec<i128>, ExecutionError> {
    let args = match args {
        [CelValue::List(list)] => list.as_slice(),
        args => args,
    };
    args.iter().map(|v| if let CelValue::Int(x) = v { Ok(i128::from(*x)) } else { Err(bad("integer")) }).collect()
}

fn divided(args: &[CelValue], round: impl Fn(i128, i128) -> i128) -> Result<CelValue, ExecutionError> {
    match integers(args)?.as_slice() {
        [a, d] if *d > 0 => integer(round(*a, *d)),
        _ => Err(bad("division")),
    }
}

fn written(args: &[CelValue], number: impl Fn(Date) -> i128) -> Result<CelValue, ExecutionError> {
    match args {
        [CelValue::String(text)] => text.parse().map_err(|_| bad("date")).and_then(|date| integer(number(date))),
        _ => Err(bad("date")),
    }
}
