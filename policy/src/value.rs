//! What an expression means to the compiler.

use crate::formula::Formula;
use crate::graph::Linear;
use crate::unit::Unit;

/// A typed value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    /// An integer of some unit; booleans of the schema are integers of unit `Truth`, enums of unit `Enum`.
    Integer(Linear, Unit),
    /// A truth value.
    Truth(Formula),
    /// A text written in the policy.
    Literal(String),
    /// A text attribute.
    Text(usize),
    /// Several values.
    List(Vec<Value>),
}

impl Value {
    /// In words, for messages.
    pub fn describe(&self) -> String {
        match self {
            Value::Integer(_, unit) => unit.to_string(),
            Value::Truth(_) => "true or false".to_owned(),
            Value::Literal(text) => format!("the text {text:?}"),
            Value::Text(_) => "a text of the record".to_owned(),
            Value::List(values) => format!("a list of {}", values.len()),
        }
    }
}
