//! What a host fails at.

use sealroot_protocol::code::{Code, Coded};

/// A host can't give what a port asks for: a file is missing, a row can't be read. What was asked for says nothing about why, so the host does.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct HostError {
    code: Code,
    message: String,
    advice: Option<String>,
}

impl HostError {
    /// With the catalogue's code, and what happened in the host's own words.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), advice: None }
    }

    /// Adds what to do about it.
    pub fn with_advice(self, advice: impl Into<String>) -> Self {
        Self { advice: Some(advice.into()), ..self }
    }
}

impl Coded for HostError {
    fn code(&self) -> Code {
        self.code
    }

    fn advice(&self) -> Option<String> {
        self.advice.clone()
    }
}
