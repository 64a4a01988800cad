//! The second opinion: the same expressions, run by cel's own interpreter on the same plain facts. Members are a list of
//! maps, macros are CEL's own.
//!
//! It shares with the compiler only the parser, the two rewritings of `expression.rs` and the meaning of the added
//! functions, which are written here once more.

use super::functions::add_functions;
use super::opinion::{NoOpinion, Opinion};
use crate::compile::Compiled;
use crate::compile::meaning::{Value, parameter_value};
use crate::compile::rules::Formula;
use crate::facts::{PlainFacts, PlainMember, PlainValue};
use crate::language::{Diagnostic, Expression, MEMBER, MEMBERS, Unit, visit};
use cel::common::ast::{Expr, SelectExpr};
use cel::objects::Key;
use cel::{Context, Value as CelValue};
use sealroot_protocol::printable::quoted;
use sealroot_protocol::schema::{Attribute, AttributeKind, Schema};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// Values by their names.
pub(crate) type Values = BTreeMap<String, CelValue>;

/// A policy's expressions, parsed for the interpreter.
pub(crate) struct Interpreter<'c> {
    compiled: &'c Compiled,
    parameters: Vec<(String, CelValue)>,
    /// Each after those that it uses.
    definitions: Vec<(String, Expression)>,
    member_definitions: Vec<(String, Expression)>,
    requirements: Vec<(String, Expression)>,
    outputs: Vec<(Unit, Expression)>,
}

impl<'c> Interpreter<'c> {
    pub fn new(compiled: &'c Compiled) -> Result<Self, NoOpinion> {
        let text = &compiled.text;
        let fail = |d: Diagnostic| NoOpinion(d.to_string());
        let mut parameters = Vec::new();
        for (name, parameter) in &text.parameters {
            let value = parameter_value(parameter).ok().and_then(|v| cel_constant(&v));
            let value = value.ok_or_else(|| NoOpinion(format!("parameter {}", quoted(name.get_ref()))))?;
            parameters.push((name.get_ref().clone(), value));
        }
        let mut definitions = BTreeMap::new();
        for (name, definition) in &text.definitions {
            definitions.insert(name.get_ref().clone(), compiled.parse(&definition.value).map_err(fail)?);
        }
        let mut member_definitions = BTreeMap::new();
        for (name, definition) in &text.member_definitions {
            member_definitions.insert(name.get_ref().clone(), compiled.parse(&definition.value).map_err(fail)?);
        }
        let mut requirements = Vec::new();
        for requirement in &text.requirements {
            let code = requirement.code.get_ref().clone();
            requirements.push((code, compiled.parse(&requirement.when).map_err(fail)?));
        }
        let mut outputs = Vec::new();
        for (output, unit) in text.outputs.iter().zip(&compiled.output_units) {
            outputs.push((unit.clone(), compiled.parse(&output.value).map_err(fail)?));
        }
        Ok(Self {
            compiled,
            parameters,
            definitions: ordered(definitions, |e, name| matches!(&e.expr, Expr::Ident(n) if n == name))?,
            member_definitions: ordered(member_definitions, |e, name| match &e.expr {
                Expr::Select(SelectExpr { operand, field, .. }) => {
                    field == name && matches!(&operand.expr, Expr::Ident(n) if n == MEMBER)
                }
                _ => false,
            })?,
            requirements,
            outputs,
        })
    }

    /// Runs the policy's expressions on facts.
    pub fn opinion(&self, facts: &PlainFacts) -> Result<Opinion, NoOpinion> {
        self.answers(&self.context(facts)?)
    }

    /// What the definitions come to, and those of each member; without those that 64 bits don't hold.
    pub fn values(&self, facts: &PlainFacts) -> Result<(Values, Vec<Values>), NoOpinion> {
        let context = self.context(facts)?;
        let resolved =
            |(name, expression): &(String, Expression)| Some((name.clone(), context.resolve(&expression.ast).ok()?));
        let of_member = |member: &PlainMember| {
            let CelValue::Map(map) = self.member(member, &context) else { return Values::new() };
            let names = self.member_definitions.iter().map(|(name, _)| name);
            names.filter_map(|name| Some((name.clone(), map.get(&Key::from(name.clone()))?.clone()))).collect()
        };
        Ok((self.definitions.iter().filter_map(resolved).collect(), facts.members.iter().map(of_member).collect()))
    }

    /// All names with their values.
    fn context(&self, facts: &PlainFacts) -> Result<Context<'static, 'static>, NoOpinion> {
        let mut context = Context::default();
        add_functions(&mut context, facts.as_of)?;
        for (name, value) in &self.parameters {
            context.add_variable_from_value(name.clone(), value.clone());
        }
        for (name, value) in [
            ("as_of", i64::from(facts.as_of.yyyymmdd())),
            ("as_of_day", facts.as_of.day_number()),
            ("period_start", i64::from(facts.period.start.yyyymmdd())),
            ("period_end", i64::from(facts.period.end.yyyymmdd())),
        ] {
            context.add_variable_from_value(name, value);
        }
        for (name, value) in fields(&self.compiled.schemas[0], &self.compiled.attributes[0], &facts.record) {
            if !(self.compiled.is_household() && name == MEMBERS) {
                context.add_variable_from_value(name, value);
            }
        }
        if self.compiled.is_household() {
            let members = facts.members.iter().map(|member| self.member(member, &context)).collect();
            context.add_variable_from_value(MEMBERS, CelValue::List(Arc::new(members)));
        }
        for (name, expression) in &self.definitions {
            // one that has no value, for overflow, is missed only where it is used
            if let Ok(value) = context.resolve(&expression.ast) {
                context.add_variable_from_value(name.clone(), value);
            }
        }
        Ok(context)
    }

    fn answers(&self, context: &Context<'_, '_>) -> Result<Opinion, NoOpinion> {
        let run = |expression: &Expression| context.resolve(&expression.ast).map_err(|e| NoOpinion(e.to_string()));
        let mut failed = Vec::new();
        for (code, expression) in &self.requirements {
            match run(expression)? {
                CelValue::Bool(true) => {}
                CelValue::Bool(false) => failed.push(code.clone()),
                other => return Err(NoOpinion(format!("a requirement is a {}", other.type_of()))),
            }
        }
        let mut outputs = Vec::new();
        if failed.is_empty() {
            for (unit, expression) in &self.outputs {
                outputs.push(match run(expression)? {
                    CelValue::Int(x) => x,
                    CelValue::Bool(b) => i64::from(b),
                    CelValue::String(text) => ordinal(unit, &text)?,
                    other => return Err(NoOpinion(format!("an output is a {}", other.type_of()))),
                });
            }
        }
        Ok(Opinion { failed, outputs })
    }

    /// A member as a map: the attributes of all records, each source's under its name, and the definitions.
    fn member(&self, member: &PlainMember, context: &Context<'_, '_>) -> CelValue {
        let mut map: HashMap<Key, CelValue> = HashMap::new();
        let sources = self.compiled.text.sources.iter().zip(&self.compiled.schemas).zip(&self.compiled.attributes);
        for (((source, schema), attributes), values) in sources.skip(1).zip(&member.records) {
            let of_source: HashMap<Key, CelValue> =
                fields(schema, attributes, values).into_iter().map(|(name, value)| (Key::from(name), value)).collect();
            map.extend(of_source.clone());
            map.insert(Key::from(source.name.get_ref().clone()), CelValue::from(of_source));
        }
        for (name, expression) in &self.member_definitions {
            let mut scope = context.new_inner_scope();
            scope.add_variable_from_value(MEMBER, CelValue::from(map.clone()));
            if let Ok(value) = scope.resolve(&expression.ast) {
                map.insert(Key::from(name.clone()), value);
            }
        }
        CelValue::from(map)
    }
}

/// A record's attributes as expressions see them; a repeated one is also a list.
fn fields(schema: &Schema, attributes: &[Attribute], values: &[PlainValue]) -> Vec<(String, CelValue)> {
    let mut fields = Vec::new();
    for (attribute, value) in attributes.iter().zip(values) {
        let value = match (value, &attribute.kind) {
            (PlainValue::Text(text), _) => CelValue::from(text.clone()),
            (PlainValue::Integer(x), AttributeKind::Boolean {}) => CelValue::Bool(*x == 1),
            (PlainValue::Integer(x), AttributeKind::Enum { values }) => {
                let text = usize::try_from(*x).ok().and_then(|i| values.get(i));
                CelValue::from(text.cloned().unwrap_or_default())
            }
            (PlainValue::Integer(x), _) => CelValue::Int(*x),
        };
        fields.push((attribute.name.clone(), value));
    }
    for declaration in schema.declarations.iter().filter(|d| d.repeat.is_some()) {
        let of_list = |name: &str| name.strip_prefix(&declaration.name).is_some_and(|rest| rest.starts_with('_'));
        let number = |name: &str| name.rsplit_once('_').and_then(|(_, n)| n.parse::<u8>().ok());
        let repeat = declaration.repeat.unwrap_or(0);
        let members = fields.iter().filter(|(name, _)| {
            of_list(name) && name.len() == declaration.name.len() + 3 && number(name).is_some_and(|n| n <= repeat)
        });
        let list = CelValue::List(Arc::new(members.map(|(_, value)| value.clone()).collect()));
        fields.push((declaration.name.clone(), list));
    }
    fields
}

/// Each definition after those whose names are used in it.
fn ordered(
    mut waiting: BTreeMap<String, Expression>,
    is_use: impl Fn(&cel::common::ast::IdedExpr, &str) -> bool,
) -> Result<Vec<(String, Expression)>, NoOpinion> {
    let mut ordered = Vec::new();
    while !waiting.is_empty() {
        let names: BTreeSet<&String> = waiting.keys().collect();
        let uses_waiting = |expression: &Expression| {
            let mut found = false;
            visit(&expression.ast, &mut |e| found |= names.iter().any(|name| is_use(e, name)));
            found
        };
        let ready = waiting.iter().find(|(_, expression)| !uses_waiting(expression)).map(|(name, _)| name.clone());
        let ready = ready.and_then(|name| waiting.remove_entry(&name));
        ordered.push(ready.ok_or_else(|| NoOpinion("definitions in a circle".to_owned()))?);
    }
    Ok(ordered)
}

fn ordinal(unit: &Unit, text: &str) -> Result<i64, NoOpinion> {
    let Unit::Enum(values) = unit else { return Err(NoOpinion("an output is a text".to_owned())) };
    let at = values.iter().position(|v| v == text).and_then(|i| i64::try_from(i).ok());
    at.ok_or_else(|| NoOpinion(format!("{} is no value of the output", quoted(text))))
}

fn cel_constant(value: &Value) -> Option<CelValue> {
    let integer = |x: i128| i64::try_from(x).ok().map(CelValue::Int);
    match value {
        Value::Integer(line, _) => integer(line.as_constant()?),
        Value::Truth(Formula::Constant(b)) => Some(CelValue::Bool(*b)),
        Value::Literal(text) => Some(CelValue::from(text.clone())),
        Value::List(values) => {
            values.iter().map(cel_constant).collect::<Option<Vec<_>>>().map(|v| CelValue::List(Arc::new(v)))
        }
        Value::Rows(rows) => {
            let rows = rows.iter().map(|(key, row)| Some((Key::from(key.clone()), cel_constant(row)?)));
            rows.collect::<Option<HashMap<Key, CelValue>>>().map(CelValue::from)
        }
        Value::Table(entries, _) => {
            let entries = entries.iter().map(|(key, x)| Some((Key::from(key.clone()), integer(*x)?)));
            entries.collect::<Option<HashMap<Key, CelValue>>>().map(CelValue::from)
        }
        _ => None,
    }
}
