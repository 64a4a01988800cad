//! What a policy's `[titles]` says: agencies, values of enums, and how a fact of yes or no stands in a sentence.

use super::{Phrases, names::title};
use crate::explain::units::unit;
use crate::language::Unit;
use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, operators};
use sealroot_protocol::printable::printable;
use sealroot_protocol::schema::AttributeKind;
use std::collections::BTreeMap;

impl Phrases<'_> {
    /// What an agency is called; its name in files, where the policy has no title for it.
    pub fn agency(&self, name: &str) -> String {
        title(&self.compiled.text.titles.agencies, name).map_or_else(|| printable(name), |texts| self.own(texts, name))
    }

    /// What a value of an enum is called; as it is written, where the policy has no title for it.
    pub fn value_title(&self, attribute: Option<&str>, value: &str) -> String {
        let attribute = attribute.map(|name| self.declared(name));
        let values = attribute.and_then(|name| title(&self.compiled.text.titles.values, name));
        let texts = values.and_then(|values| title(values, value));
        texts.map_or_else(|| printable(value), |texts| self.own(texts, value))
    }

    /// How the policy itself says that a fact or definition holds, or doesn't.
    pub(super) fn own_clause(&self, name: &str, holds: bool) -> Option<String> {
        let clause = title(&self.compiled.text.titles.clauses, name)?;
        let texts = if holds { &clause.yes } else { &clause.no };
        // a clause of another language would stand in the middle of a sentence
        texts.get(self.language.tag()).map(|text| printable(text))
    }

    /// The enum that an expression is the value of.
    pub(super) fn enum_of(&self, e: &IdedExpr) -> Option<String> {
        let name = match &e.expr {
            Expr::Ident(name) => name,
            Expr::Select(select) => &select.field,
            _ => return None,
        };
        matches!(unit(self.compiled, e), Some(Unit::Enum(_))).then(|| match self.definition(name) {
            Some(definition) => self.enum_of(&definition),
            None => Some(name.clone()),
        })?
    }

    /// A written value of the enum that stands beside it, in quotation marks.
    pub(super) fn written_value(&self, e: &IdedExpr, beside: &IdedExpr) -> Option<String> {
        let Expr::Literal(LiteralValue::String(text)) = &e.expr else { return None };
        let attribute = self.enum_of(beside)?;
        Some(format!("“{}”", self.value_title(Some(&attribute), text.inner())))
    }

    /// Parameters whose texts are values of an enum, with the enum.
    pub(super) fn lists_of_values(&self) -> BTreeMap<String, String> {
        let mut lists = BTreeMap::new();
        if self.compiled.text.titles.values.is_empty() {
            return lists;
        }
        self.compiled.each_expression(&mut |e| {
            let Expr::Call(CallExpr { func_name, args, .. }) = &e.expr else { return };
            let (operators::IN | operators::EQUALS | operators::NOT_EQUALS, [a, b]) =
                (func_name.as_str(), args.as_slice())
            else {
                return;
            };
            for (list, of) in [(b, a), (a, b)] {
                if let (Expr::Ident(name), Some(attribute)) = (&list.expr, self.enum_of(of))
                    && self.parameter(name).is_some()
                {
                    lists.insert(name.clone(), attribute);
                }
            }
        });
        lists
    }

    /// The name that a schema declares: of `district_03` it is `district`.
    fn declared<'n>(&'n self, name: &'n str) -> &'n str {
        let mut all = self.compiled.schemas.iter().flat_map(|schema| &schema.declarations);
        let repeated = all.find(|d| {
            matches!(d.kind, AttributeKind::Enum { .. })
                && d.repeat.is_some()
                && name
                    .strip_prefix(d.name.as_str())
                    .and_then(|rest| rest.strip_prefix('_'))
                    .is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
        });
        repeated.map_or(name, |declaration| declaration.name.as_str())
    }
}
