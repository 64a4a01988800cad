//! The answer to plain facts, in words.

use super::plain::PlainFacts;
use crate::compile::Compiled;
use crate::language::{Unit, show_money};
use sealroot_protocol::date::Date;
use sealroot_protocol::machine::{Evaluation, Unprovable, evaluate};
use std::collections::BTreeSet;

/// The answer to plain facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Whether all requirements hold.
    pub decision: bool,
    /// Names and values of the outputs; empty unless the decision is true.
    pub outputs: Vec<ShownOutput>,
    /// Codes of the failed requirements, revealed or not.
    pub failed: Vec<String>,
    /// Of these, the codes that the requester learns.
    pub revealed: Vec<String>,
}

/// An output as people read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownOutput {
    /// Its name in the manifest.
    pub name: String,
    /// The public input.
    pub value: u64,
    /// In the output's unit: `412.00`, `2026-01-31`, a value of an enum.
    pub shown: String,
    /// The currency of an amount.
    pub currency: Option<String>,
}

impl Compiled {
    /// Applies the compiled rules.
    pub fn evaluate(&self, facts: &PlainFacts) -> Result<Outcome, Unprovable> {
        evaluate(self.words(), &facts.machine()).map(|evaluation| self.outcome(&evaluation))
    }

    fn outcome(&self, evaluation: &Evaluation) -> Outcome {
        let outputs = self.text.outputs.iter().zip(&self.output_units).zip(evaluation.outputs);
        let parts = self.requirement_of.iter().zip(&evaluation.requirements);
        let failing: BTreeSet<usize> = parts.filter(|(_, holds)| !**holds).map(|(i, _)| *i).collect();
        let failed: Vec<_> = failing.iter().map(|i| &self.text.requirements[*i]).collect();
        Outcome {
            decision: evaluation.decision,
            outputs: outputs
                .filter(|_| evaluation.decision)
                .map(|((output, unit), value)| ShownOutput {
                    name: output.name.get_ref().clone(),
                    value,
                    shown: show(value, unit),
                    currency: if let Unit::Money(currency) = unit { Some(currency.clone()) } else { None },
                })
                .collect(),
            failed: failed.iter().map(|r| r.code.get_ref().clone()).collect(),
            revealed: failed.iter().filter(|r| r.reveal).map(|r| r.code.get_ref().clone()).collect(),
        }
    }
}

fn show(value: u64, unit: &Unit) -> String {
    let as_date = |date: Option<Date>| date.map_or_else(|| value.to_string(), |date| date.to_string());
    match unit {
        Unit::Money(currency) => show_money(i128::from(value), currency),
        Unit::Truth => (value == 1).to_string(),
        Unit::Date => as_date(u32::try_from(value).ok().and_then(|v| Date::from_yyyymmdd(v).ok())),
        Unit::Day => as_date(i64::try_from(value).ok().and_then(|v| Date::from_day_number(v).ok())),
        Unit::Month => format!("{:04}-{:02}", value / 12, value % 12 + 1),
        Unit::Enum(values) => {
            let text = usize::try_from(value).ok().and_then(|i| values.get(i));
            text.cloned().unwrap_or_else(|| value.to_string())
        }
        Unit::Per(over, _) => show(value, over),
        Unit::Literal | Unit::Plain | Unit::Named(_) => value.to_string(),
    }
}
