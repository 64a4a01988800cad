//! Comparisons and membership. One that comes out the same for every admissible record is refused: it is a slip.

use super::lower::{At, Lowered, Lowering};
use super::value::Value;
use crate::compile::rules::{Formula, Test, TextSide};
use crate::language::{Finding, Unit};
use cel::common::ast::IdedExpr;
use sealroot_protocol::printable::quoted;
use sealroot_protocol::schema::checked_text;
use std::collections::BTreeSet;

impl Lowering<'_> {
    /// `a + shift ≥ b`.
    pub(crate) fn order(&mut self, a: &IdedExpr, b: &IdedExpr, shift: i128, id: u64) -> Lowered<Value> {
        let (x, y) = match (self.value(a)?, self.value(b)?) {
            (Value::Integer(x, p), Value::Integer(y, q)) => {
                let zero = (x.as_constant() == Some(0), y.as_constant() == Some(0));
                if matches!(p, Unit::Truth | Unit::Enum(_)) || matches!(q, Unit::Truth | Unit::Enum(_)) {
                    return Err(Finding::new("truth values and enums have no order").help("use == or in")).at(id);
                }
                p.unify(&q, zero).at(id)?;
                (x, y)
            }
            (left, right) => {
                let message = format!("{} and {} have no order", left.describe(), right.describe());
                return Err(Finding::new(message).help("text can only be compared with == or in")).at(id);
            }
        };
        let line = x.minus(&y).and_then(|line| line.plus_constant(shift)).at(id)?;
        self.graph.nonnegative(line).and_then(undecided).at(id).map(Value::Truth)
    }

    pub(crate) fn equality(&mut self, a: &IdedExpr, b: &IdedExpr, id: u64) -> Lowered<Formula> {
        let formula = match (self.value(a)?, self.value(b)?) {
            (left @ Value::Truth(_), right) | (left, right @ Value::Truth(_)) => {
                let (p, q) = (self.truth(left, a.id)?, self.truth(right, b.id)?);
                return Ok(Formula::any([Formula::all([p.clone(), q.clone()]), Formula::all([p.not(), q.not()])]));
            }
            (Value::Integer(x, p), Value::Integer(y, q)) => {
                p.unify(&q, (x.as_constant() == Some(0), y.as_constant() == Some(0))).at(id)?;
                self.graph.zero(x.minus(&y).at(id)?)
            }
            (Value::Integer(x, Unit::Enum(values)), Value::Literal(text))
            | (Value::Literal(text), Value::Integer(x, Unit::Enum(values))) => {
                let ordinal = ordinal(&values, &text).at(id)?;
                self.graph.zero(x.plus_constant(-ordinal).at(id)?)
            }
            (Value::Text(i), Value::Literal(text)) | (Value::Literal(text), Value::Text(i)) => {
                Ok(Formula::Test(Test::SameText(i, TextSide::Constant(unambiguous(text).at(id)?))))
            }
            (Value::Text(i), Value::Text(j)) if i == j => Ok(Formula::Constant(true)),
            (Value::Text(i), Value::Text(j)) if i.source == j.source => {
                Ok(Formula::Test(Test::SameText(i.min(j), TextSide::Attribute(i.max(j).attribute))))
            }
            (Value::Text(_), Value::Text(_)) => Err(Finding::new("texts of two records can't be compared")
                .help("have one agency record whether they agree, or compare both with a text of the policy")),
            (Value::Literal(x), Value::Literal(y)) => Ok(Formula::Constant(x == y)),
            (left, right) => Err(Finding::new(format!("{} can't equal {}", left.describe(), right.describe()))),
        };
        formula.and_then(undecided).at(id)
    }

    pub(crate) fn membership(&mut self, a: &IdedExpr, b: &IdedExpr, id: u64) -> Lowered<Formula> {
        let Value::List(members) = self.value(b)? else {
            return Err(Finding::new("in needs a list").help("write x in [\"a\", \"b\"], or name a list parameter"))
                .at(b.id);
        };
        let formula = match self.value(a)? {
            Value::Text(fact) => {
                let mut texts = BTreeSet::new();
                for member in members {
                    match member {
                        Value::Literal(text) => _ = texts.insert(unambiguous(text).at(b.id)?),
                        other => {
                            return Err(Finding::new(format!("a set of texts can't hold {}", other.describe())))
                                .at(b.id);
                        }
                    }
                }
                Ok(match (texts.len(), texts.first()) {
                    (0, _) => Formula::Constant(false),
                    (1, Some(only)) => Formula::Test(Test::SameText(fact, TextSide::Constant(only.clone()))),
                    _ => Formula::Test(Test::OneOfTexts(fact, texts)),
                })
            }
            Value::Integer(x, unit) => {
                let mut set = BTreeSet::new();
                for member in members {
                    match (member, &unit) {
                        (Value::Literal(text), Unit::Enum(values)) => _ = set.insert(ordinal(values, &text).at(b.id)?),
                        (Value::Integer(y, q), _) if y.as_constant().is_some() => {
                            unit.unify(&q, (false, y.constant == 0)).at(b.id)?;
                            set.insert(y.constant);
                        }
                        (Value::Integer(..), _) => {
                            let finding = Finding::new("the members of a set must be constants");
                            return Err(finding.help("compare with == for each fact, joined by ||")).at(b.id);
                        }
                        (other, _) => {
                            let message = format!("a set for {unit} can't hold {}", other.describe());
                            return Err(Finding::new(message)).at(b.id);
                        }
                    }
                }
                self.graph.one_of(x, set)
            }
            other => return Err(Finding::new(format!("{} can't be in a set", other.describe()))).at(a.id),
        };
        formula.and_then(undecided).at(id)
    }
}

/// The position of an enum's value.
pub(crate) fn ordinal(values: &[String], text: &str) -> Result<i128, Finding> {
    let at = values.iter().position(|v| v == text).and_then(|i| i128::try_from(i).ok());
    at.ok_or_else(|| {
        Finding::new(format!("{} is not a value here", quoted(text))).help(format!("one of {}", values.join(", ")))
    })
}

/// Refuses a test that no record can decide.
pub(crate) fn undecided(formula: Formula) -> Result<Formula, Finding> {
    match formula {
        Formula::Constant(always) => {
            Err(Finding::new(format!("this is always {always} for records that the schema admits"))
                .help("leave it out, or look at the min and max of the schema's attributes"))
        }
        other => Ok(other),
    }
}

/// A text that records can hold: another one would equal none of them, and a reader of the law couldn't see why.
fn unambiguous(text: String) -> Result<String, Finding> {
    match checked_text(&text) {
        Ok(_) => Ok(text),
        Err(error) => Err(Finding::new(format!("the text {error}")).help("write it as records have it")),
    }
}
