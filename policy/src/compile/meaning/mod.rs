//! What expressions mean: from CEL to typed values.

mod bracket;
mod calendar;
mod call;
mod list;
mod lower;
mod names;
mod parameter;
mod relation;
mod table;
mod value;

pub(crate) use lower::Lowering;
pub(crate) use names::Names;
pub(crate) use parameter::{in_order, parameter_value, uncovered};
pub(crate) use value::Value;
