//! Days: which expressions are one, and how they compare. A day is before another, not less than it.

use crate::compile::Compiled;
use crate::language::MEMBERS;
use cel::common::ast::{CallExpr, Expr, IdedExpr, operators};
use sealroot_protocol::schema::{AttributeKind, Schema};

/// The English and the Chinese words of a comparison; of two days, if `days`.
pub(crate) fn comparison(operator: &str, days: bool) -> Option<(&'static str, &'static str)> {
    Some(match (operator, days) {
        (operators::GREATER_EQUALS, false) => ("is at least", "不少于"),
        (operators::GREATER_EQUALS, true) => ("is on or after", "不早于"),
        (operators::GREATER, false) => ("is more than", "大于"),
        (operators::GREATER, true) => ("is after", "晚于"),
        (operators::LESS_EQUALS, false) => ("is at most", "不超过"),
        (operators::LESS_EQUALS, true) => ("is on or before", "不晚于"),
        (operators::LESS, false) => ("is less than", "小于"),
        (operators::LESS, true) => ("is before", "早于"),
        (operators::EQUALS, _) => ("is", "为"),
        (operators::NOT_EQUALS, _) => ("is not", "不为"),
        _ => return None,
    })
}

/// Whether an expression that compiles is a date or a day number.
pub(crate) fn is_day(compiled: &Compiled, e: &IdedExpr) -> bool {
    match &e.expr {
        Expr::Ident(name) => names_a_day(compiled, name),
        Expr::Select(select) => {
            let mut members = compiled.text.member_definitions.iter();
            match members.find(|(name, _)| *name.get_ref() == select.field) {
                Some((_, definition)) => compiled.parse(&definition.value).is_ok_and(|e| is_day(compiled, &e.ast)),
                None => compiled.schemas.iter().skip(1).any(|schema| has_day(schema, &select.field)),
            }
        }
        Expr::Call(CallExpr { func_name, args, .. }) => match (func_name.as_str(), args.as_slice()) {
            ("date" | "day", _) => true,
            // of a day number only one part can be a day
            (operators::ADD | operators::SUBSTRACT, [a, b]) => is_day(compiled, a) != is_day(compiled, b),
            (operators::CONDITIONAL, [_, a, _]) | ("min" | "max", [a, ..]) => is_day(compiled, a),
            _ => false,
        },
        _ => false,
    }
}

fn names_a_day(compiled: &Compiled, name: &str) -> bool {
    let text = &compiled.text;
    if matches!(name, "as_of" | "as_of_day" | "period_start" | "period_end") {
        return true;
    }
    if let Some((_, parameter)) = text.parameters.iter().find(|(n, _)| n.get_ref() == name) {
        return matches!(parameter.unit.as_deref(), Some("date" | "day-number"));
    }
    if let Some((_, definition)) = text.definitions.iter().find(|(n, _)| n.get_ref() == name) {
        return compiled.parse(&definition.value).is_ok_and(|e| is_day(compiled, &e.ast));
    }
    name != MEMBERS && has_day(&compiled.schemas[0], name)
}

fn has_day(schema: &Schema, name: &str) -> bool {
    let mut all =
        schema.declarations.iter().filter(|d| matches!(d.kind, AttributeKind::Date {} | AttributeKind::DayNumber {}));
    all.any(|d| {
        d.name == name || d.repeat.is_some() && name.strip_prefix(d.name.as_str()).is_some_and(|n| n.starts_with('_'))
    })
}
