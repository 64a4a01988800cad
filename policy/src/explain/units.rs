//! What an expression that compiles counts: days, an amount of a currency, years, truth values. Phrases depend on it: a day is
//! before another, not less than it, and an amount is rounded to whole euros, not to hundreds.

use crate::compile::Compiled;
use crate::language::{Action, MEMBERS, Macro, ParameterText, Unit};
use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, operators};
use sealroot_protocol::currency;
use sealroot_protocol::schema::Schema;

/// The English words after “is” or “are”, and the Chinese ones, of a comparison of what has this unit.
pub(crate) fn comparison(operator: &str, unit: Option<&Unit>) -> Option<(&'static str, &'static str)> {
    let (days, money) = (matches!(unit, Some(Unit::Date | Unit::Day)), matches!(unit, Some(Unit::Money(_))));
    let months = matches!(unit, Some(Unit::Month));
    Some(match operator {
        operators::GREATER_EQUALS if months => ("the same as or after", "不早于"),
        operators::GREATER if months => ("after", "晚于"),
        operators::LESS_EQUALS if months => ("the same as or before", "不晚于"),
        operators::LESS if months => ("before", "早于"),
        operators::GREATER_EQUALS if days => ("on or after", "不早于"),
        operators::GREATER_EQUALS => ("at least", if money { "不低于" } else { "不少于" }),
        operators::GREATER if days => ("after", "晚于"),
        operators::GREATER => ("more than", if money { "高于" } else { "大于" }),
        operators::LESS_EQUALS if days => ("on or before", "不晚于"),
        operators::LESS_EQUALS => ("at most", "不超过"),
        operators::LESS if days => ("before", "早于"),
        operators::LESS => ("less than", if money { "低于" } else { "小于" }),
        operators::EQUALS => ("", "为"),
        operators::NOT_EQUALS => ("not", "不为"),
        _ => return None,
    })
}

/// The comparison that holds where the other doesn't.
pub(crate) fn opposite(operator: &str) -> &str {
    match operator {
        operators::GREATER_EQUALS => operators::LESS,
        operators::GREATER => operators::LESS_EQUALS,
        operators::LESS_EQUALS => operators::GREATER,
        operators::LESS => operators::GREATER_EQUALS,
        operators::EQUALS => operators::NOT_EQUALS,
        operators::NOT_EQUALS => operators::EQUALS,
        other => other,
    }
}

/// Whether an expression is true or false.
pub(crate) fn is_truth(compiled: &Compiled, e: &IdedExpr) -> bool {
    unit(compiled, e) == Some(Unit::Truth)
}

/// What an expression counts. `None` for texts, and for the variable of a macro over a list.
pub(crate) fn unit(compiled: &Compiled, e: &IdedExpr) -> Option<Unit> {
    match &e.expr {
        Expr::Literal(LiteralValue::Int(_)) => Some(Unit::Literal),
        Expr::Literal(LiteralValue::Boolean(_)) => Some(Unit::Truth),
        Expr::Ident(name) => of_name(compiled, name),
        Expr::Select(select) => {
            let mut members = compiled.text.member_definitions.iter();
            match members.find(|(name, _)| *name.get_ref() == select.field) {
                Some((_, definition)) => unit(compiled, &compiled.parse(&definition.value).ok()?.ast),
                None => compiled.schemas.iter().skip(1).find_map(|schema| of_attribute(schema, &select.field)),
            }
        }
        Expr::List(list) => first(compiled, &list.elements),
        Expr::Comprehension(expansion) => {
            let call = Macro::of(expansion)?;
            match call.action {
                Action::Map(_, value) => unit(compiled, value),
                Action::Filter(_) => unit(compiled, call.list),
                Action::All(_) | Action::Exists(_) | Action::ExistsOne(_) => Some(Unit::Truth),
            }
        }
        Expr::Call(call) => of_call(compiled, call),
        _ => None,
    }
}

fn of_call(compiled: &Compiled, call: &CallExpr) -> Option<Unit> {
    let of = |e| unit(compiled, e);
    match (call.func_name.as_str(), call.args.as_slice()) {
        (name, _) if comparison(name, None).is_some() => Some(Unit::Truth),
        (operators::LOGICAL_AND | operators::LOGICAL_OR | operators::LOGICAL_NOT | operators::IN, _) => {
            Some(Unit::Truth)
        }
        (operators::CONDITIONAL, [_, then, otherwise]) => either(of(then), of(otherwise)),
        (operators::ADD | operators::SUBSTRACT, [a, b]) => match (of(a), of(b)) {
            (Some(unit @ (Unit::Day | Unit::Month)), Some(other)) if unit == other => {
                unit.step().map(|step| Unit::Named(step.to_owned()))
            }
            (Some(unit @ (Unit::Day | Unit::Month)), _) | (_, Some(unit @ (Unit::Day | Unit::Month))) => Some(unit),
            (a, b) => either(a, b),
        },
        (operators::MULTIPLY, [a, b]) => product(of(a), of(b)),
        (operators::DIVIDE | "floor" | "ceil" | "round_half_up", [a, d]) => match (of(a), of(d)) {
            (Some(unit), Some(divisor)) => unit.over(&divisor).ok(),
            (unit, _) => unit,
        },
        (operators::NEGATE, [a]) => of(a),
        (operators::INDEX, [list, _]) => of(list),
        ("min" | "max" | "sum", args) => first(compiled, args),
        ("date", _) => Some(Unit::Date),
        ("day", [IdedExpr { expr: Expr::Literal(_), .. }]) | ("day_number", _) => Some(Unit::Day),
        ("age" | "years_between", _) => Some(Unit::Named("years".to_owned())),
        ("age_in_months" | "months_between", _) => Some(Unit::Named("months".to_owned())),
        ("days_between", _) => Some(Unit::Named("days".to_owned())),
        ("month_number", _) => Some(Unit::Month),
        ("year" | "month" | "day" | "size", _) => Some(Unit::Plain),
        ("step", [_, _, values]) => of(values),
        ("marginal", [x, _, rates]) => product(of(x), of(rates)),
        _ => None,
    }
}

fn product(a: Option<Unit>, b: Option<Unit>) -> Option<Unit> {
    match (a, b) {
        (Some(a), Some(b)) => a.times(&b).ok(),
        (unit, None) | (None, unit) => unit,
    }
}

/// A written number takes the unit of what it meets.
pub(crate) fn either(a: Option<Unit>, b: Option<Unit>) -> Option<Unit> {
    match (a, b) {
        (None | Some(Unit::Literal), Some(b)) => Some(b),
        (a, _) => a,
    }
}

fn first(compiled: &Compiled, items: &[IdedExpr]) -> Option<Unit> {
    items.iter().map(|item| unit(compiled, item)).fold(None, either)
}

fn of_name(compiled: &Compiled, name: &str) -> Option<Unit> {
    let text = &compiled.text;
    match name {
        "as_of" | "period_start" | "period_end" => return Some(Unit::Date),
        "as_of_day" => return Some(Unit::Day),
        MEMBERS => return None,
        _ => {}
    }
    if let Some((_, parameter)) = text.parameters.iter().find(|(n, _)| n.get_ref() == name) {
        return of_parameter(parameter);
    }
    if let Some((_, definition)) = text.definitions.iter().find(|(n, _)| n.get_ref() == name) {
        return unit(compiled, &compiled.parse(&definition.value).ok()?.ast);
    }
    of_attribute(compiled.schemas.first()?, name)
}

/// What a parameter's value or values count.
pub(crate) fn of_parameter(parameter: &ParameterText) -> Option<Unit> {
    fn scalar(value: &toml::Value) -> Option<&toml::Value> {
        match value {
            toml::Value::Array(values) => values.first().and_then(scalar),
            toml::Value::Table(entries) => entries.values().next().and_then(scalar),
            value => Some(value),
        }
    }
    match (parameter.unit.as_deref(), scalar(parameter.value.get_ref())?) {
        (Some("date"), _) => Some(Unit::Date),
        (Some("day-number"), _) => Some(Unit::Day),
        (Some(text), _) => Some(match text.split_once(" per ") {
            _ if currency::looks_like_one(text) => Unit::Money(text.to_owned()),
            Some((code, each)) if currency::looks_like_one(code) => {
                Unit::Per(Box::new(Unit::Money(code.to_owned())), each.to_owned())
            }
            _ => Unit::named(text),
        }),
        (None, toml::Value::Integer(_)) => Some(Unit::Plain),
        (None, toml::Value::Boolean(_)) => Some(Unit::Truth),
        (None, _) => None,
    }
}

fn of_attribute(schema: &Schema, name: &str) -> Option<Unit> {
    let is = |d: &&sealroot_protocol::schema::Declaration| {
        d.name == name || d.repeat.is_some() && name.strip_prefix(d.name.as_str()).is_some_and(|n| n.starts_with('_'))
    };
    Unit::of_attribute(&schema.declarations.iter().find(is)?.kind)
}
