//! A policy in plain words, and what its decisions disclose.

mod calculator;
mod disclosure;
mod fineness;
mod page;
mod phrase;
mod sections;
mod trace;
mod units;
mod values;
mod varied;

pub use calculator::{Calculation, Step, StepKind};
pub use disclosure::{Detail, DisclosedFact, Disclosure};
pub use page::{Block, Item, Page, Section, Table};
pub(crate) use phrase::{Phrases, Said};
pub use sealroot_protocol::language::Language;
pub use sealroot_protocol::titles::{Reason, Titles};

use crate::compile::Compiled;
use crate::language::{DefinitionText, visit};
use cel::common::ast::IdedExpr;
use std::collections::BTreeMap;
use toml::Spanned;

impl Compiled {
    /// Visits every part of every expression of the file.
    pub(crate) fn each_expression(&self, visitor: &mut dyn FnMut(&IdedExpr)) {
        let text = &self.text;
        let definitions = text.definitions.values().chain(text.member_definitions.values()).map(|d| &d.value);
        let requirements = text.requirements.iter().map(|r| &r.when);
        for source in definitions.chain(requirements).chain(text.outputs.iter().map(|o| &o.value)) {
            if let Ok(expression) = self.parse(source) {
                visit(&expression.ast, &mut |e| visitor(e));
            }
        }
    }
}

/// Named things in the order in which the file has them.
pub(crate) fn in_order_of_file<T>(named: &BTreeMap<Spanned<String>, T>) -> Vec<(&str, &T)> {
    let mut all: Vec<_> = named.iter().collect();
    all.sort_by_key(|(name, _)| name.span().start);
    all.into_iter().map(|(name, value)| (name.get_ref().as_str(), value)).collect()
}

/// Definitions in the order of the file.
pub(crate) type Definitions = BTreeMap<Spanned<String>, DefinitionText>;
