//! TOML that people write: an error names the place says in words what was expected, and never shows the line.
//!
//! The library's own message quotes the line. Somebody names the wrong file one day, and then the line is a key or a recovery phrase on a screen and in a log.

use super::parser_words::plain;
use serde::de::DeserializeOwned;

/// A text isn't TOML, or not of this form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct TomlError {
    /// From 1 on.
    pub line: usize,
    /// From 1 on, in characters.
    pub column: usize,
    /// What is wrong there.
    pub message: String,
}

/// Reads a text.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, TomlError> {
    toml::from_str(text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.rsplit('\n').next().unwrap_or_default();
        TomlError {
            line: before.matches('\n').count() + 1,
            column: line.chars().count() + 1,
            message: plain(error.message()),
        }
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn an_error_names_the_place_and_shows_no_line() {
        for secret in
            ["0x4c0883a69102937d6231471b5dbb6204fe512961708279f3", "legal winner thank year wave", "x25519:0xabcdef01"]
        {
            let error = read::<BTreeMap<String, String>>(&format!("a = \"b\"\n{secret}\n")).unwrap_err();
            assert_eq!(error.line, 2, "{error}");
            let shown = error.to_string();
            assert!(secret.split(' ').all(|word| !shown.contains(word)), "{shown}");
        }
    }
}
