//! What a verb says when it doesn't succeed: what failed, what to do, a code, and the exit code.

use sealroot_parties_ports::HostError;
use sealroot_protocol::code::{Code, Coded};
use sealroot_protocol::language::Language;
use sealroot_wallet::{Said, Spoken};
use serde::Serialize;
use serde_json::{Value, json};
use std::fmt;

/// Result of everything in the command line.
pub type Outcome<T> = Result<T, Failure>;

/// Why a verb ends without success.
#[derive(Debug)]
pub struct Failure {
    code: Code,
    message: String,
    advice: String,
    language: Language,
}

impl Failure {
    /// With a code of the catalogue, whose remedy is the advice until there is a better one.
    pub fn new(code: Code, message: impl fmt::Display) -> Self {
        Self { code, message: message.to_string(), advice: code.remedy().to_owned(), language: Language::En }
    }

    /// What a use case fails with.
    pub fn of(error: impl Coded) -> Self {
        let failure = Self::new(error.code(), &error);
        match error.advice() {
            Some(advice) => failure.advice(advice),
            None => failure,
        }
    }

    /// What a holder is told, in the reader's language.
    pub fn spoken(error: impl Spoken, language: Language) -> Self {
        match language {
            Language::En => Self::of(error),
            Language::Zh => {
                let Said { message, advice } = error.chinese();
                Self { code: error.code(), message, advice, language }
            }
        }
    }

    /// The same under headings in the language that message and advice are written in.
    pub fn written_in(self, language: Language) -> Self {
        Self { language, ..self }
    }

    /// What a holder reads in Chinese, whatever failed: refusals have their own words, everything else those of its code.
    pub fn for_holder(self, language: Language) -> Self {
        if language == Language::En || self.language == language {
            return self;
        }
        let Said { message, advice } = sealroot_wallet::chinese(self.code, &self.message);
        Self { message, advice, language, ..self }
    }

    /// Adds what to do about it.
    pub fn advice(self, advice: impl Into<String>) -> Self {
        Self { advice: advice.into(), ..self }
    }

    /// Says what was being done, in front of the message.
    pub fn context(self, what: impl fmt::Display) -> Self {
        Self { message: format!("{what}: {}", self.message), ..self }
    }

    /// The same under another code.
    pub fn is(&self, code: Code) -> bool {
        self.code == code
    }

    /// The same with another code.
    pub fn coded(self, code: Code) -> Self {
        Self { code, ..self }
    }

    /// Stable and machine-readable.
    pub fn code(&self) -> Code {
        self.code
    }

    /// What failed.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Whether a check rejected, as opposed to wrong use.
    pub fn is_rejection(&self) -> bool {
        self.exit_code() == 1
    }

    /// 1 for a rejection, 2 for wrong use or bad input.
    pub fn exit_code(&self) -> u8 {
        self.code.class().exit_code()
    }

    /// The same as one JSON object.
    pub fn to_json(&self) -> Value {
        json!({ "error": self.told() })
    }

    /// What failed, as it stands in a report.
    pub fn told(&self) -> Told {
        let Self { code, message, advice, .. } = self;
        Told { rejected: self.is_rejection(), code: *code, message: message.clone(), advice: advice.clone() }
    }
}

/// A failure in a report.
#[derive(Debug, Clone, Serialize)]
pub struct Told {
    /// Whether a check rejected, as opposed to wrong use or what can't be read.
    rejected: bool,
    /// Stable.
    pub code: Code,
    /// What failed.
    pub message: String,
    advice: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (rejected, error) = (self.language.say("rejected", "已拒绝"), self.language.say("error", "错误"));
        let word = if self.is_rejection() { rejected } else { error };
        let what_to_do = self.language.say("what to do", "怎么办");
        write!(f, "{word} [{}]: {}\n  {what_to_do}: {}", self.code, self.message, self.advice)
    }
}

impl From<std::io::Error> for Failure {
    fn from(e: std::io::Error) -> Self {
        Self::new(Code::InputOutput, e)
    }
}

/// A port that the command line implements fails with what a verb would say.
impl From<Failure> for HostError {
    fn from(failure: Failure) -> Self {
        Self::new(failure.code, failure.message).with_advice(failure.advice)
    }
}

/// Turns a library's error without a code into a failure.
pub trait OrFail<T> {
    /// Names the code.
    fn or_fail(self, code: Code) -> Outcome<T>;
}

impl<T, E: fmt::Display> OrFail<T> for Result<T, E> {
    fn or_fail(self, code: Code) -> Outcome<T> {
        self.map_err(|e| Failure::new(code, e))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes_tell_rejection_from_misuse() {
        let rejected = Failure::new(Code::RootWithdrawn, "the root was withdrawn").advice("ask for a new proof");
        assert_eq!(rejected.exit_code(), 1);
        assert_eq!(
            rejected.to_string(),
            "rejected [root-withdrawn]: the root was withdrawn\n  what to do: ask for a new proof"
        );
        let misuse = Failure::new(Code::FileNotFound, "no such file").context("reading request.json");
        assert_eq!(misuse.exit_code(), 2);
        assert_eq!(misuse.to_json()["error"]["code"], "file-not-found");
    }
}
