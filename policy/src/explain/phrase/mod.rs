//! Expressions in plain words, in one language.
//!
//! Guarantee: a phrase that is read literally says what the expression computes. What could be read in two ways is in brackets.

mod amounts;
mod brackets;
mod choices;
mod conditions;
mod function;
mod lists;
mod names;
pub(crate) mod numbers;
mod titled;

pub(crate) use brackets::BracketTable;
pub(crate) use lists::{Index, innermost};

use super::units::{is_truth, unit};
use crate::compile::Compiled;
use crate::language::{MEMBERS, Unit};
use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, SelectExpr, operators};
use numbers::joined;
use sealroot_protocol::language::Language;
use std::collections::{BTreeMap, BTreeSet};
use toml::Spanned;

/// Says a policy's expressions in one language.
pub(crate) struct Phrases<'a> {
    pub compiled: &'a Compiled,
    pub language: Language,
    /// Definitions that are said where they are used.
    pub unsaid: BTreeSet<String>,
    /// Parameters that something points into.
    indexed: BTreeSet<String>,
    /// Parameters that an age is compared with.
    ages: BTreeSet<String>,
    /// Parameters whose texts are values of an enum, with the enum.
    value_lists: BTreeMap<String, String>,
    /// The bracket tables.
    pub brackets: Vec<BracketTable>,
}

/// A phrase, and the items of the list that it introduces.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Said {
    pub text: String,
    pub parts: Vec<Said>,
}

impl<'a> Phrases<'a> {
    pub fn new(compiled: &'a Compiled, language: Language) -> Self {
        let mut phrases = Self {
            compiled,
            language,
            unsaid: BTreeSet::new(),
            indexed: BTreeSet::new(),
            ages: BTreeSet::new(),
            value_lists: BTreeMap::new(),
            brackets: Vec::new(),
        };
        phrases.indexed = phrases.pointed_into();
        phrases.ages = phrases.compared_with_ages();
        phrases.value_lists = phrases.lists_of_values();
        phrases.unsaid = phrases.said_where_used();
        phrases.brackets = phrases.all_bracket_tables();
        phrases
    }

    /// An expression of the file: a value, or a condition.
    pub fn expression(&self, source: &Spanned<String>) -> Said {
        // it parsed when it was compiled
        match self.compiled.parse(source) {
            Ok(e) if is_truth(self.compiled, &e.ast) => self.condition(&e.ast, true),
            Ok(e) => self.value_or_choice(&e.ast),
            Err(_) => Said { text: source.get_ref().clone(), parts: Vec::new() },
        }
    }

    /// Whether the law asks something of the reference day: ages are taken on it.
    pub fn takes_the_reference_day(&self) -> bool {
        let mut takes = false;
        self.compiled.each_expression(&mut |e| {
            takes |= match &e.expr {
                Expr::Ident(name) => name == "as_of" || name == "as_of_day",
                Expr::Call(call) => call.func_name == "age" || call.func_name == "age_in_months",
                _ => false,
            }
        });
        takes
    }

    /// Whether an expression of the file is true or false.
    pub fn is_condition(&self, source: &Spanned<String>) -> bool {
        self.compiled.parse(source).is_ok_and(|e| is_truth(self.compiled, &e.ast))
    }

    pub fn is_indexed(&self, parameter: &str) -> bool {
        self.indexed.contains(parameter)
    }

    fn pointed_into(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        self.compiled.each_expression(&mut |e| {
            if let Expr::Call(CallExpr { func_name, args, .. }) = &e.expr
                && func_name == operators::INDEX
                && let Some(Expr::Ident(name)) = args.first().map(|list| &innermost(list).0.expr)
            {
                names.insert(name.clone());
            }
        });
        names
    }

    fn compared_with_ages(&self) -> BTreeSet<String> {
        let is_age = |e: &IdedExpr| matches!(&e.expr, Expr::Call(CallExpr { func_name, .. }) if func_name == "age");
        let mut names = BTreeSet::new();
        self.compiled.each_expression(&mut |e| {
            if let Expr::Call(CallExpr { args, .. }) = &e.expr
                && let [a, b] = args.as_slice()
            {
                for (name, other) in [(a, b), (b, a)] {
                    if let (Expr::Ident(name), true) = (&name.expr, is_age(other)) {
                        names.insert(name.clone());
                    }
                }
            }
        });
        names
    }

    fn definition(&self, name: &str) -> Option<IdedExpr> {
        let (_, definition) = self.compiled.text.definitions.iter().find(|(n, _)| n.get_ref() == name)?;
        self.compiled.parse(&definition.value).ok().map(|e| e.ast)
    }

    /// A value.
    pub(crate) fn words(&self, e: &IdedExpr) -> String {
        let l = self.language;
        match &e.expr {
            Expr::Ident(name) if name == MEMBERS => l.say("all members", "全体成员").to_owned(),
            Expr::Ident(name) => self.name(name),
            Expr::Literal(LiteralValue::Int(x)) => numbers::counted(i128::from(*x.inner())),
            Expr::Literal(LiteralValue::Boolean(b)) => {
                l.say(if *b.inner() { "yes" } else { "no" }, if *b.inner() { "是" } else { "否" }).to_owned()
            }
            Expr::Literal(LiteralValue::String(text)) => format!("“{}”", text.inner()),
            Expr::List(list) => {
                let all: Vec<String> = list.elements.iter().map(|item| self.part(item)).collect();
                numbers::listed(l, &all)
            }
            Expr::Select(select) => self.quoted_if_long(&self.selected_title(select)),
            Expr::Comprehension(expansion) => self.comprehension(expansion),
            Expr::Call(call) => self.call(e, call),
            // nothing else compiles
            _ => String::new(),
        }
    }

    fn selected_title(&self, select: &SelectExpr) -> String {
        if let Expr::Select(SelectExpr { field, .. }) = &select.operand.expr {
            let position = self.compiled.text.sources.iter().position(|source| source.name.get_ref() == field);
            let title = position.and_then(|i| self.attribute(&self.compiled.schemas[i], &select.field));
            return title.unwrap_or_else(|| select.field.clone());
        }
        self.title_of_member(&select.field)
    }

    fn call(&self, e: &IdedExpr, call: &CallExpr) -> String {
        let l = self.language;
        if let Some(share) = self.share(e) {
            return share;
        }
        match (call.func_name.as_str(), call.args.as_slice()) {
            (operators::CONDITIONAL, [test, a, b]) if !is_truth(self.compiled, e) => {
                let (test, a, b) = (self.clause(test, true), self.part(a), self.part(b));
                match l {
                    Language::En => format!("{a} if {test}, otherwise {b}"),
                    Language::Zh => joined(l, &["如", &test, "，则为", &a, "，否则为", &b]),
                }
            }
            (operators::SUBSTRACT, [a, b]) if self.calendar_month(a).is_some() && self.calendar_month(b).is_some() => {
                self.months_apart(a, b)
            }
            (operators::ADD | operators::SUBSTRACT, _) => self.sum(e),
            (operators::MULTIPLY, [a, b]) => joined(l, &[&self.part(a), l.say("times", "乘以"), &self.part(b)]),
            (operators::DIVIDE, [a, b]) => joined(l, &[&self.part(a), l.say("divided by", "除以"), &self.part(b)]),
            (operators::NEGATE, [a]) => joined(l, &[l.say("minus", "负"), &self.part(a)]),
            (operators::INDEX, [list, index]) => self.entry(list, index),
            (rounding @ ("floor" | "ceil" | "round_half_up"), [a, d]) => {
                let how = match rounding {
                    "floor" => l.say(", rounded down to a whole number", "，向下取整至整数"),
                    "ceil" => l.say(", rounded up to a whole number", "，向上取整至整数"),
                    _ => l.say(", rounded half up to a whole number", "，四舍五入至整数"),
                };
                joined(l, &[&self.part(a), l.say("divided by", "除以"), &self.part(d)]) + how
            }
            ("max", [zero, x]) | ("max", [x, zero]) if is_integer(zero, 0) => match l {
                Language::En => format!("{}, but at least 0", self.part(x)),
                Language::Zh => format!("{}，不低于 0", self.part(x)),
            },
            // operators are named by their signs; a function has its own phrase, whatever it seems to count
            (name, _) if !name.starts_with(|c: char| c.is_ascii_lowercase()) && is_truth(self.compiled, e) => match l {
                Language::En => format!("whether {}", self.clause(e, true)),
                Language::Zh => format!("是否符合：{}", self.clause(e, true)),
            },
            (name, args) => self.function(name, args),
        }
    }

    /// `a + b - c - d`: first what is added, then what is taken away.
    fn sum(&self, e: &IdedExpr) -> String {
        let l = self.language;
        let mut terms = Vec::new();
        terms_of(e, &mut terms);
        let all: Vec<&IdedExpr> = terms.iter().map(|(_, term)| *term).collect();
        let with = |sign: bool| -> Vec<String> {
            terms.iter().filter(|(s, _)| *s == sign).map(|(_, term)| self.term(term, &all)).collect()
        };
        let (added, taken) = (with(true), with(false));
        let plus = l.say("plus", "加");
        let mut words = String::new();
        for (i, term) in added.iter().enumerate() {
            words = joined(l, &[&words, if i == 0 { "" } else { plus }, term]);
        }
        match taken.as_slice() {
            [] => words,
            taken => {
                if added.len() > 1 {
                    words = self.brackets(&words);
                }
                let together = match taken {
                    [only] => only.clone(),
                    several => match l {
                        Language::En => format!("the sum of {}", numbers::listed(l, several)),
                        Language::Zh => self.brackets(&format!("{}之和", numbers::listed(l, several))),
                    },
                };
                joined(l, &[&words, l.say("minus", "减去"), &together])
            }
        }
    }

    /// A term of a sum: a written number takes the unit of the others.
    fn term(&self, e: &IdedExpr, all: &[&IdedExpr]) -> String {
        let counted = all.iter().find_map(|other| match unit(self.compiled, other) {
            Some(Unit::Named(counted)) => Some(counted),
            _ => None,
        });
        match (integer(e), counted) {
            (Some(x), Some(counted)) => numbers::number(self.language, x, &counted, false),
            _ => self.part(e),
        }
    }

    /// One of several things that are compared or summed.
    fn beside(&self, e: &IdedExpr, all: &[IdedExpr]) -> String {
        self.term(e, &all.iter().collect::<Vec<_>>())
    }

    /// A part of a larger expression, in brackets if it has parts itself.
    fn part(&self, e: &IdedExpr) -> String {
        let bare = match &e.expr {
            Expr::Call(call) => match (call.func_name.as_str(), call.args.as_slice()) {
                ("age" | "age_in_months" | "date", _) => true,
                ("day", [written]) => matches!(written.expr, Expr::Literal(_)),
                ("size", [list]) => matches!(list.expr, Expr::Ident(_)),
                // the words of an entry are before the table's in Chinese
                (operators::INDEX, _) => self.language == Language::Zh,
                _ => false,
            },
            Expr::Comprehension(_) => false,
            Expr::List(list) => list.elements.len() < 2,
            _ => true,
        };
        if bare { self.words(e) } else { self.brackets(&self.words(e)) }
    }

    /// One side of a comparison, which sums don't need brackets in.
    fn side(&self, e: &IdedExpr) -> String {
        let bare = match &e.expr {
            Expr::Call(call) => match (call.func_name.as_str(), call.args.as_slice()) {
                (operators::ADD | operators::SUBSTRACT | operators::MULTIPLY | operators::INDEX, _) => {
                    !self.words(e).contains('，') && !self.words(e).contains(", ")
                }
                ("size" | "sum", [_]) => true,
                _ => false,
            },
            _ => false,
        };
        if bare { self.words(e) } else { self.part(e) }
    }

    fn brackets(&self, phrase: &str) -> String {
        let (open, close) = (self.language.say("(", "（"), self.language.say(")", "）"));
        format!("{open}{phrase}{close}")
    }
}

fn terms_of<'e>(e: &'e IdedExpr, terms: &mut Vec<(bool, &'e IdedExpr)>) {
    match &e.expr {
        Expr::Call(CallExpr { func_name, args, .. })
            if (func_name == operators::ADD || func_name == operators::SUBSTRACT) && args.len() == 2 =>
        {
            terms_of(&args[0], terms);
            terms.push((func_name == operators::ADD, &args[1]));
        }
        _ => terms.push((true, e)),
    }
}

/// The integer that is written here.
pub(crate) fn integer(e: &IdedExpr) -> Option<i128> {
    match &e.expr {
        Expr::Literal(LiteralValue::Int(x)) => Some(i128::from(*x.inner())),
        _ => None,
    }
}

fn is_integer(e: &IdedExpr, value: i128) -> bool {
    integer(e) == Some(value)
}
