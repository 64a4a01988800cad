//! From a policy's text to words.
//!
//! [`heading`] reads what stands beside expressions, [`meaning`] what expressions mean, [`body`] what each requirement and
//! output becomes. [`rules`] holds the registers and conditions to be; [`choice`] picks the way in which all of them fit. Which words come out
//! depends on the [`version`].

mod body;
mod choice;
mod compiler;
mod draft;
mod heading;
mod manifest;
pub(crate) mod meaning;
pub(crate) mod rules;
mod titles;
mod version;

pub use compiler::{compile, compile_with};
pub use draft::SchemaRequest;
pub use manifest::Compiled;
pub use rules::Usage;
pub use version::{COMPILER, CompilerVersion};
