//! A warning: a rule that asks for an age below a limit holds for people who aren't born yet on the reference day.

use crate::compile::Compiled;
use crate::language::{Diagnostic, Finding, visit};
use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, SelectExpr, operators};
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
            visit(&expression.ast, &mut |e| match self.asked(e) {
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

/// A number that is the larger, the earlier a date is.
struct Aged {
    date: String,
    /// Whether it is below 0 for every date after the reference day: a difference of years is 0 for a date later in the year.
    exact: bool,
}

impl Compiled {
    fn asked(&self, e: &IdedExpr) -> Option<Asked> {
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
        match (self.aged(small, MAX_DEPTH), self.aged(large, MAX_DEPTH)) {
            (Some(aged), _) => Some(Asked::Young(aged.date)),
            (None, Some(aged)) if is_zero(small) => aged.exact.then_some(Asked::Born(aged.date)),
            (None, Some(aged)) => Some(Asked::AtLeast(aged.date)),
            _ => None,
        }
    }

    /// The date whose age this is: by a function, by a difference of days, months or years, or by the name of such an age.
    fn aged(&self, e: &IdedExpr, depth: usize) -> Option<Aged> {
        match &e.expr {
            Expr::Call(CallExpr { func_name, args, .. }) => match (func_name.as_str(), args.as_slice()) {
                ("age" | "age_in_months", [date]) => name(date).map(|date| Aged { date, exact: true }),
                ("years_between" | "months_between" | "days_between", [date, to]) if is_as_of(to) => {
                    name(date).map(|date| Aged { date, exact: true })
                }
                (operators::SUBSTRACT, [today, then]) => since(today, then),
                _ => None,
            },
            Expr::Ident(name) | Expr::Select(SelectExpr { field: name, .. }) if depth > 0 => {
                let text = &self.text;
                let mut definitions = text.definitions.iter().chain(&text.member_definitions);
                let (_, definition) = definitions.find(|(n, _)| n.get_ref() == name)?;
                let expression = self.parse(&definition.value).ok()?;
                self.aged(&expression.ast, depth - 1)
            }
            _ => None,
        }
    }
}

/// How many definitions one after the other are followed.
const MAX_DEPTH: usize = 8;

/// `year(as_of) - year(d)`, the same of months and days, and a day number less another.
fn since(today: &IdedExpr, then: &IdedExpr) -> Option<Aged> {
    let of = |e: &IdedExpr| match &e.expr {
        Expr::Call(CallExpr { func_name, args, .. }) => match args.as_slice() {
            [date] => Some((func_name.clone(), date.clone())),
            _ => None,
        },
        _ => None,
    };
    match (of(today), of(then)) {
        (Some((one, today)), Some((other, date))) if one == other && is_as_of(&today) => match one.as_str() {
            "year" | "month_number" => name(&date).map(|date| Aged { date, exact: false }),
            "day_number" => name(&date).map(|date| Aged { date, exact: true }),
            _ => None,
        },
        (None, Some((function, date))) if function == "day_number" && is_as_of(today) => {
            name(&date).map(|date| Aged { date, exact: true })
        }
        (None, None) if matches!(&today.expr, Expr::Ident(name) if name == "as_of_day") => {
            name(then).map(|date| Aged { date, exact: true })
        }
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
    matches!(&e.expr, Expr::Ident(name) if name == "as_of" || name == "as_of_day")
}
