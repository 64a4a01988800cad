//! What the second opinion is, and why there may be none.

use crate::facts::Outcome;

/// What the interpreter says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Opinion {
    /// Codes of the requirements that fail.
    pub failed: Vec<String>,
    /// Values of the outputs if none fails.
    pub outputs: Vec<i64>,
}

impl Opinion {
    /// Whether the compiled rules say the same.
    pub fn agrees(&self, outcome: &Outcome) -> bool {
        let values = outcome.outputs.iter().map(|o| i64::try_from(o.value).ok());
        self.failed == outcome.failed && self.outputs.iter().map(|x| Some(*x)).eq(values)
    }
}

/// Why the interpreter has no answer; 64-bit overflow is one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cel's interpreter has no answer: {0}")]
pub(crate) struct NoOpinion(pub String);
