//! From a policy's text to words.
//!
//! [`heading`] reads what stands beside expressions, [`meaning`] what expressions mean, [`body`] what each requirement and
//! output becomes. [`rules`] holds the registers and conditions to be; [`choice`] picks the way in which all of them fit.

mod body;
mod choice;
mod compiler;
mod draft;
mod heading;
mod manifest;
pub(crate) mod meaning;
pub(crate) mod rules;

pub use compiler::compile;
pub use draft::SchemaRequest;
pub use manifest::{COMPILER, Compiled};
pub use rules::Usage;
