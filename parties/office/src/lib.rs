//! What an office does: ask about one applicant, and put the answer together.
//!
//! [`ask()`] (a signed request under the policies in force) → [`bundle()`] (parts become one document).

mod ask;
mod bundle;

pub use ask::{AskError, AskInput, Asked, ask};
pub use bundle::{BundleError, bundle};
