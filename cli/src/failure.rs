//! What a verb says when it doesn't succeed: what failed, what to do, a stable reason, and the exit code.

use sealroot_parties_ports::HostError;
use sealroot_protocol::code::{Code, Coded};
use serde_json::{Value, json};
use std::fmt;

/// Result of everything in the command line.
pub type Outcome<T> = Result<T, Failure>;

/// Why a verb ends without success.
#[derive(Debug)]
pub struct Failure {
    kind: Kind,
    /// Stable and machine-readable, in kebab-case.
    reason: String,
    message: String,
    advice: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A check rejected: exit code 1.
    Rejected,
    /// Wrong use or bad input: exit code 2.
    BadInput,
}

impl Failure {
    /// A check that rejected, with its stable reason.
    pub fn rejected(reason: impl Into<String>, message: impl fmt::Display) -> Self {
        Self { kind: Kind::Rejected, reason: reason.into(), message: message.to_string(), advice: None }
    }

    /// Wrong use or bad input.
    pub fn bad_input(reason: impl Into<String>, message: impl fmt::Display) -> Self {
        Self { kind: Kind::BadInput, reason: reason.into(), message: message.to_string(), advice: None }
    }

    /// What a use case fails with: its code decides the exit code, and where it knows nothing better its remedy is the advice.
    pub fn of(error: impl Coded) -> Self {
        let code = error.code();
        let advice = error.advice().unwrap_or_else(|| code.remedy().to_owned());
        Self {
            kind: if code.class().exit_code() == 1 { Kind::Rejected } else { Kind::BadInput },
            reason: code.to_string(),
            message: error.to_string(),
            advice: (!advice.is_empty()).then_some(advice),
        }
    }

    /// Adds what to do about it.
    pub fn advice(self, advice: impl Into<String>) -> Self {
        Self { advice: Some(advice.into()), ..self }
    }

    /// Says what was being done, in front of the message.
    pub fn context(self, what: impl fmt::Display) -> Self {
        Self { message: format!("{what}: {}", self.message), ..self }
    }

    /// The stable reason.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// Whether a check rejected, as opposed to wrong use.
    pub fn is_rejection(&self) -> bool {
        self.kind == Kind::Rejected
    }

    /// 1 for a rejection, 2 for wrong use or bad input.
    pub fn exit_code(&self) -> u8 {
        match self.kind {
            Kind::Rejected => 1,
            Kind::BadInput => 2,
        }
    }

    /// The same as one JSON object.
    pub fn to_json(&self) -> Value {
        json!({
            "error": {
                "rejected": self.is_rejection(),
                "reason": self.reason,
                "message": self.message,
                "advice": self.advice,
            }
        })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = if self.is_rejection() { "rejected" } else { "error" };
        write!(f, "{word} [{}]: {}", self.reason, self.message)?;
        if let Some(advice) = &self.advice {
            write!(f, "\n  what to do: {advice}")?;
        }
        Ok(())
    }
}

impl From<std::io::Error> for Failure {
    fn from(e: std::io::Error) -> Self {
        Self::bad_input("input-output", e)
    }
}

/// A port that the command line implements fails with what a verb would say.
impl From<Failure> for HostError {
    fn from(failure: Failure) -> Self {
        let code = Code::ALL.iter().copied().find(|code| code.as_str() == failure.reason);
        let error = Self::new(code.unwrap_or(Code::InputOutput), failure.message);
        match failure.advice {
            Some(advice) => error.with_advice(advice),
            None => error,
        }
    }
}

/// Turns a library's error into bad input with a reason.
pub trait OrBadInput<T> {
    /// Names the reason.
    fn or_bad_input(self, reason: &str) -> Outcome<T>;
}

impl<T, E: fmt::Display> OrBadInput<T> for Result<T, E> {
    fn or_bad_input(self, reason: &str) -> Outcome<T> {
        self.map_err(|e| Failure::bad_input(reason, e))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes_tell_rejection_from_misuse() {
        let rejected = Failure::rejected("root-withdrawn", "the root was withdrawn").advice("ask for a new proof");
        assert_eq!(rejected.exit_code(), 1);
        assert_eq!(
            rejected.to_string(),
            "rejected [root-withdrawn]: the root was withdrawn\n  what to do: ask for a new proof"
        );
        let misuse = Failure::bad_input("file-not-found", "no such file").context("reading request.json");
        assert_eq!(misuse.exit_code(), 2);
        assert_eq!(misuse.to_json()["error"]["reason"], "file-not-found");
    }
}
