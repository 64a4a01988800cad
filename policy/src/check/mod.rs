//! Whether a policy says what the law says: its cases, and a second opinion by cel's own interpreter on them and around
//! every boundary.

mod functions;
mod opinion;
mod oracle;
mod report;
mod sampler;
mod second_opinion;
mod unborn;

pub use report::{CheckFailed, CheckReport};
pub use sampler::Sampler;
pub use second_opinion::SecondOpinion;

/// A value of cel's interpreter.
pub(crate) use cel::Value as CelValue;
pub(crate) use oracle::Interpreter;
