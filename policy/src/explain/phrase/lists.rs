//! Macros over members and lists, and entries of lists and tables.

use super::{Phrases, integer};
use crate::explain::units::unit;
use crate::language::{Action, MEMBER, Macro, Unit};
use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, IdedExpr, LiteralValue, SelectExpr, operators};
use sealroot_protocol::language::Language;

/// What points into a list or table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Index {
    /// In words.
    pub words: String,
    /// What heads the column of its table: `None` where a place is written, which says nothing of the others.
    pub heading: Option<String>,
    /// What the first entry is for: 1 where the law counts from 1; `None` where values of an enum or texts point.
    pub first: Option<i128>,
    /// The values of the enum that points, in the schema's order.
    pub values: Vec<String>,
    /// The enum that points.
    pub attribute: Option<String>,
}

impl Index {
    fn of(words: String, first: Option<i128>) -> Self {
        Self { heading: Some(words.clone()), words, first, values: Vec::new(), attribute: None }
    }
}

impl Phrases<'_> {
    /// A macro that isn't counted or summed.
    pub(super) fn comprehension(&self, expansion: &ComprehensionExpr) -> String {
        let l = self.language;
        let Some(call) = Macro::of(expansion) else { return String::new() };
        let list = self.words(call.list);
        match (call.action, l) {
            (Action::All(_) | Action::Exists(_) | Action::ExistsOne(_), _) => self.quantified(&call, true),
            (Action::Filter(t), Language::En) if self.is_of_members(call.list) => {
                format!("the members for whom {}", self.which_item(&call, t))
            }
            (Action::Filter(t), Language::En) => format!("those of {list} for which {}", self.which_item(&call, t)),
            (Action::Filter(t), Language::Zh) => format!("{list}中满足“{}”者", self.of_item(&call, t)),
            (Action::Map(None, value), Language::En) => format!("{} of {list}", self.part_of_item(&call, value)),
            (Action::Map(None, value), Language::Zh) => format!("{list}的{}", self.part_of_item(&call, value)),
            (Action::Map(Some(t), value), Language::En) => {
                let which = self.which_item(&call, t);
                format!("{} of those of {list} for which {which}", self.part_of_item(&call, value))
            }
            (Action::Map(Some(t), value), Language::Zh) => {
                format!("{list}中满足“{}”者的{}", self.of_item(&call, t), self.part_of_item(&call, value))
            }
        }
    }

    /// `all`, `exists`, `exists_one`, or that it isn't so.
    pub(super) fn quantified(&self, call: &Macro<'_>, holds: bool) -> String {
        let (l, members) = (self.language, self.is_of_members(call.list));
        let (t, how) = match (call.action, holds) {
            (Action::All(t), true) => (t, 0),
            (Action::All(t), false) => (t, 1),
            (Action::Exists(t), true) => (t, 2),
            (Action::Exists(t), false) => (t, 3),
            (Action::ExistsOne(t), true) => (t, 4),
            (Action::ExistsOne(t), false) => (t, 5),
            (Action::Filter(t) | Action::Map(_, t), _) => (t, 0),
        };
        let test = self.of_item(call, t);
        let list = self.words(call.list);
        match l {
            Language::En => {
                let which = ["every", "not every", "at least one", "no", "exactly one", "none or several"][how];
                match (members, how) {
                    (true, 5) => format!("for no member or for several: {test}"),
                    (true, _) => format!("for {which} member: {test}"),
                    (false, 1) => format!("not for each of {list}: {test}"),
                    (false, _) => {
                        let which = ["each", "", "at least one", "none", "exactly one", "none or several"][how];
                        format!("for {which} of {list}: {test}")
                    }
                }
            }
            Language::Zh if members => {
                let which = [
                    "每名成员均满足",
                    "并非每名成员均满足",
                    "至少一名成员满足",
                    "没有成员满足",
                    "恰有一名成员满足",
                    "并非恰有一名成员满足",
                ];
                format!("{}：{test}", which[how])
            }
            Language::Zh => {
                let which = [
                    "中每一项均满足",
                    "中并非每一项均满足",
                    "中至少一项满足",
                    "中没有一项满足",
                    "中恰有一项满足",
                    "中并非恰有一项满足",
                ];
                format!("{list}{}：{test}", which[how])
            }
        }
    }

    /// What is said of an item, where the variable by itself is “it”.
    pub(super) fn about_item(&self, call: &Macro<'_>, e: &IdedExpr) -> IdedExpr {
        let mut e = e.clone();
        replace(&mut e, call.variable, self.language.say("it", "该项"));
        e
    }

    /// `list[i]`, `table[a][b]`. Lists count from 0, people from 1.
    pub(super) fn entry(&self, list: &IdedExpr, index: &IdedExpr) -> String {
        let l = self.language;
        let (table, mut indices) = innermost(list);
        indices.push(index);
        let name = match (&table.expr, l) {
            (Expr::Ident(name), Language::En) if self.parameter(name).is_some() => {
                format!("“{}”", self.title_of(name).unwrap_or_default())
            }
            _ => self.words(table),
        };
        let indices: Vec<Index> = indices.into_iter().map(|index| self.index(index)).collect();
        let mut words: Vec<String> = Vec::new();
        for index in &indices {
            words.push(match (index.first, l) {
                (Some(0), Language::En) => format!("{} (counted from 0)", index.words),
                (Some(0), Language::Zh) => format!("{}（从 0 起计）", index.words),
                _ => index.words.clone(),
            });
        }
        match l {
            Language::En => format!("{name} for {}", words.join(" and ")),
            Language::Zh => format!("按{}确定的{name}", words.join("和")),
        }
    }

    /// What points into a list.
    pub(crate) fn index(&self, index: &IdedExpr) -> Index {
        match &index.expr {
            Expr::Call(CallExpr { func_name, args, .. }) if func_name == operators::SUBSTRACT => {
                match args.as_slice() {
                    // x - 18 gives the first entry to 18
                    [position, first] if integer(first).is_some() => Index::of(self.words(position), integer(first)),
                    _ => Index { words: self.part(index), ..Index::of(self.words(index), Some(0)) },
                }
            }
            Expr::Literal(LiteralValue::Int(x)) => {
                let position = i128::from(*x.inner()) + 1;
                let words = self.language.say("number ", "第 ").to_owned() + &position.to_string();
                Index { heading: None, ..Index::of(words, Some(1)) }
            }
            Expr::Literal(_) => Index { heading: None, ..Index::of(self.words(index), None) },
            _ => {
                let (first, values) = match unit(self.compiled, index) {
                    Some(Unit::Enum(values)) => (None, values.to_vec()),
                    None => (None, Vec::new()),
                    Some(_) => (Some(0), Vec::new()),
                };
                let (words, attribute) = (self.part(index), self.enum_of(index));
                Index { words, values, attribute, ..Index::of(self.words(index), first) }
            }
        }
    }
}

/// The table of `table[a][b]`, and the indices but the last.
pub(crate) fn innermost(list: &IdedExpr) -> (&IdedExpr, Vec<&IdedExpr>) {
    match &list.expr {
        Expr::Call(CallExpr { func_name, args, .. }) if func_name == operators::INDEX => match args.as_slice() {
            [list, index] => {
                let (table, mut indices) = innermost(list);
                indices.push(index);
                (table, indices)
            }
            _ => (list, Vec::new()),
        },
        _ => (list, Vec::new()),
    }
}

/// Writes “it” for a macro's variable where it stands by itself.
fn replace(e: &mut IdedExpr, variable: &str, it: &str) {
    match &mut e.expr {
        Expr::Ident(name) if name == variable => *name = it.to_owned(),
        Expr::Call(call) => call.args.iter_mut().for_each(|part| replace(part, variable, it)),
        Expr::List(list) => list.elements.iter_mut().for_each(|part| replace(part, variable, it)),
        Expr::Select(SelectExpr { operand, .. }) if !matches!(&operand.expr, Expr::Ident(name) if name == variable || name == MEMBER) =>
        {
            replace(operand, variable, it);
        }
        Expr::Comprehension(expansion) => {
            replace(&mut expansion.iter_range, variable, it);
            replace(&mut expansion.loop_step, variable, it);
        }
        _ => {}
    }
}
