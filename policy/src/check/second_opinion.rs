//! Compiled rules beside cel's interpreter, for readers who doubt the compiler: `policy check` asks it about a few facts, tests
//! about many.

use super::oracle::Interpreter;
use crate::compile::Compiled;
use crate::facts::PlainFacts;

/// Both readings of one policy.
pub struct SecondOpinion<'c> {
    compiled: &'c Compiled,
    interpreter: Interpreter<'c>,
}

impl<'c> SecondOpinion<'c> {
    /// On one policy.
    pub fn new(compiled: &'c Compiled) -> Result<Self, String> {
        Ok(Self { compiled, interpreter: Interpreter::new(compiled).map_err(|e| e.to_string())? })
    }

    /// Cel's interpreter alone: whether it has an answer, and which requirements fail.
    pub fn interpret(&self, facts: &PlainFacts) -> Result<Vec<String>, String> {
        self.interpreter.opinion(facts).map(|opinion| opinion.failed).map_err(|e| e.to_string())
    }

    /// `true` if both give the same answer, `false` if the interpreter overflows its 64 bits; an error says how they
    /// differ.
    pub fn agrees(&self, facts: &PlainFacts) -> Result<bool, String> {
        self.compiled.agrees(&self.interpreter, facts)
    }
}
