//! A warning: a rule that asks for an age below a limit holds for people who aren't born yet on the reference day.

use crate::compile::Compiled;
use crate::language::{Diagnostic, Finding, visit};
use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, operators};
use sealroot_protocol::printable::quoted;
use std::collections::{BTreeMap, BTreeSet};

impl Compiled {
    /// Dates whose age is asked to be small, and not to be below 0: in the same rule, or in a requirement.
    pub(super) fn unborn(&self) -> Vec<Diagnostic> {
        let text = &self.text;
        let definitions = text.definitions.values().chain(text.member_definitions.values()).map(|d| (&d.value, false));
        let requirements = text.requirements.iter().map(|r| (&r.when, true));
        let outputs = text.outputs.iter().map(|o| (&o.value, false));
        let mut young: BTreeMap<String, Diagnostic> = BTreeMap::new();
        let mut born = BTreeSet::new();
        for (source, required) in definitions.chain(requirements).chain(outputs) {
            let Ok(expression) = self.parse(source) else { continue };
            let (mut small, mut guarded) = (BTreeMap::new(), BTreeSet::new());
            visit(&expression.ast, &mut |e| match comparison(e) {
                Some(Asked::Young(date)) => _ = small.entry(date).or_insert(e.id),
                Some(Asked::AtLeast(date)) => _ = guarded.insert(date),
                Some(Asked::Born(date)) => _ = born.insert(date),
                None => {}
            });
            for (date, id) in small.into_iter().filter(|(date, _)| !guarded.contains(date)) {
                let message = format!("this holds where {} is after the reference day: an age below 0", quoted(&date));
                let finding = Finding::new(message).help(format!("if the law means the born, ask {date} <= as_of too"));
                young.entry(date).or_insert_with(|| self.source.located().at(expression.offset(id), finding));
            }
            if required {
                born.append(&mut guarded);
            }
        }
        young.into_iter().filter(|(date, _)| !born.contains(date)).map(|(_, diagnostic)| diagnostic).collect()
    }
}

/// What a comparison asks of a date's age.
enum Asked {
    /// To be small.
    Young(String),
    /// To be at least something.
    AtLeast(String),
    /// That the date isn't after the reference day.
    Born(String),
}

fn comparison(e: &IdedExpr) -> Option<Asked> {
    let Expr::Call(CallExpr { func_name, args, .. }) = &e.expr else { return None };
    let [a, b] = args.as_slice() else { return None };
    let (small, large) = match func_name.as_str() {
        operators::LESS | operators::LESS_EQUALS => (a, b),
        operators::GREATER | operators::GREATER_EQUALS => (b, a),
        _ => return None,
    };
    if is_as_of(large) {
        return name(small).map(Asked::Born);
    }
    match (aged(small), aged(large)) {
        (Some(date), _) => Some(Asked::Young(date)),
        (None, Some(date)) if is_zero(small) => Some(Asked::Born(date)),
        (None, Some(date)) => Some(Asked::AtLeast(date)),
        _ => None,
    }
}

/// The date whose age this is.
fn aged(e: &IdedExpr) -> Option<String> {
    match &e.expr {
        Expr::Call(CallExpr { func_name, args, .. }) => match (func_name.as_str(), args.as_slice()) {
            ("age" | "age_in_months", [date]) => name(date),
            ("years_between" | "months_between" | "days_between", [date, to]) if is_as_of(to) => name(date),
            _ => None,
        },
        _ => None,
    }
}

fn name(e: &IdedExpr) -> Option<String> {
    match &e.expr {
        Expr::Ident(name) => Some(name.clone()),
        Expr::Select(select) => Some(select.field.clone()),
        _ => None,
    }
}

fn is_zero(e: &IdedExpr) -> bool {
    matches!(&e.expr, Expr::Literal(LiteralValue::Int(x)) if *x.inner() == 0)
}

fn is_as_of(e: &IdedExpr) -> bool {
    matches!(&e.expr, Expr::Ident(name) if name == "as_of")
}
