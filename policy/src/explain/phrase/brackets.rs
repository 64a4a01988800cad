//! Bracket tables: `marginal` and `step` with their lists, named or written in place. Each has one name and one table on the page.

use super::{Phrases, integer, numbers};
use crate::explain::units::{of_parameter, unit};
use crate::language::Unit;
use cel::common::ast::{CallExpr, Expr, IdedExpr};
use sealroot_protocol::language::Language;

/// Two lists that belong together.
pub(crate) struct BracketTable {
    /// What sentences call it.
    pub name: String,
    /// What lies in the brackets, in words, once for each thing.
    pub of: Vec<String>,
    /// The constants that are its lists, where they are named.
    pub constants: Vec<String>,
    /// Where each bracket begins, in words.
    pub starts: Vec<String>,
    /// What it says, in words.
    pub values: Vec<String>,
    /// Both lists in words: what reads the same is the same table.
    lists: (String, String),
    /// The constant that has the values.
    pub valued_by: Option<String>,
}

impl Phrases<'_> {
    /// The bracket tables of the file, each once, in the order of the file.
    pub(super) fn all_bracket_tables(&self) -> Vec<BracketTable> {
        let mut tables: Vec<BracketTable> = Vec::new();
        let text = &self.compiled.source.text;
        if !text.contains("marginal") && !text.contains("step") {
            return tables;
        }
        self.compiled.each_expression(&mut |e| {
            let Expr::Call(CallExpr { func_name, args, .. }) = &e.expr else { return };
            let ("marginal" | "step", [of, bounds, values]) = (func_name.as_str(), args.as_slice()) else { return };
            let (lists, of_words) = (self.lists(bounds, values), self.words(of));
            if let Some(known) = tables.iter_mut().find(|table| table.lists == lists) {
                if !known.of.contains(&of_words) {
                    known.of.push(of_words);
                }
                return;
            }
            let named = |list: &IdedExpr| match &list.expr {
                Expr::Ident(name) if self.parameter(name).is_some() => Some(name.clone()),
                _ => None,
            };
            tables.push(BracketTable {
                name: String::new(),
                of: vec![of_words],
                constants: [bounds, values].into_iter().filter_map(named).collect(),
                starts: self.cells(bounds, unit(self.compiled, of)),
                values: self.cells(values, None),
                lists,
                valued_by: named(values),
            });
        });
        self.name_tables(&mut tables);
        tables
    }

    /// By the constant that has the values, where just one table has it; else by a number.
    fn name_tables(&self, tables: &mut [BracketTable]) {
        let constants: Vec<Option<String>> = tables.iter().map(|table| table.valued_by.clone()).collect();
        let mut unnamed = 0;
        for (i, table) in tables.iter_mut().enumerate() {
            let same = |other: &&Option<String>| **other == table.valued_by;
            table.name = match &table.valued_by {
                None => {
                    unnamed += 1;
                    format!("{}{unnamed}", self.language.say("brackets ", "档次表 "))
                }
                Some(name) => {
                    let title = self.title_of(name).unwrap_or_else(|| name.clone());
                    match (constants.iter().filter(same).count(), constants[..=i].iter().filter(same).count()) {
                        (1, _) => title,
                        (_, number) => format!("{title}{}{number}", self.language.say(", table ", "，表 ")),
                    }
                }
            };
        }
    }

    /// What the table of these two lists is called.
    pub(super) fn name_of_table(&self, bounds: &IdedExpr, values: &IdedExpr) -> String {
        let lists = self.lists(bounds, values);
        match self.brackets.iter().find(|table| table.lists == lists) {
            Some(table) => table.name.clone(),
            None => lists.1,
        }
    }

    fn lists(&self, bounds: &IdedExpr, values: &IdedExpr) -> (String, String) {
        let written = |list: &IdedExpr| match &list.expr {
            Expr::Ident(name) => name.clone(),
            _ => self.cells(list, None).join("|"),
        };
        (written(bounds), written(values))
    }

    /// The entries of a list in words; a written number takes the unit of what it is compared with.
    fn cells(&self, list: &IdedExpr, beside: Option<Unit>) -> Vec<String> {
        match &list.expr {
            Expr::List(written) => {
                let others = written.elements.iter().find_map(|entry| unit(self.compiled, entry).filter(is_named));
                let counted = beside.filter(is_named).or(others);
                written.elements.iter().map(|entry| self.cell(entry, counted.as_ref())).collect()
            }
            Expr::Ident(name) => {
                let Some(parameter) = self.parameter(name) else { return Vec::new() };
                let values = parameter.value.get_ref().as_array().map_or(&[][..], Vec::as_slice);
                let plain = !matches!(of_parameter(parameter), Some(Unit::Named(_)));
                let counted = beside.filter(|_| plain);
                let cell = |value: &toml::Value| match (value.as_integer(), &counted) {
                    (Some(x), Some(Unit::Named(unit))) => numbers::number(self.language, i128::from(x), unit, false),
                    _ => self.value(name, parameter, value),
                };
                values.iter().map(cell).collect()
            }
            _ => Vec::new(),
        }
    }

    /// An entry: a constant stands with its value, in a table its title would be in the way.
    fn cell(&self, entry: &IdedExpr, counted: Option<&Unit>) -> String {
        match (&entry.expr, integer(entry), counted) {
            (_, Some(x), Some(Unit::Named(unit))) => numbers::number(self.language, x, unit, false),
            (Expr::Ident(name), ..) => match self.parameter(name) {
                Some(parameter) => self.value(name, parameter, parameter.value.get_ref()),
                None => self.words(entry),
            },
            _ => self.words(entry),
        }
    }
}

impl BracketTable {
    /// From where to where each bracket reaches.
    pub fn ranges(&self, language: Language) -> Vec<String> {
        let ends = self.starts.iter().skip(1).map(Some).chain([None]);
        let range = |(from, to): (&String, Option<&String>)| match (to, language) {
            (Some(to), Language::En) => format!("from {from} to below {to}"),
            (None, Language::En) => format!("from {from}"),
            (Some(to), Language::Zh) => format!("{from}以上、不足 {to}"),
            (None, Language::Zh) => format!("{from}以上"),
        };
        self.starts.iter().zip(ends).map(range).collect()
    }
}

fn is_named(unit: &Unit) -> bool {
    matches!(unit, Unit::Named(_))
}
