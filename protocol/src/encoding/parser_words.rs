//! What a parser of TOML or JSON says, in words for people who wrote or named the file: what was expected, and what stands there.
//!
//! Guarantee: a value of the file is never repeated, only what kind of value it is. Somebody names the wrong file one day, and then the value is a key.
//! Names of fields are repeated, cleaned and in quotation marks; they are what a reader looks for. A message that isn't a parser's, but of a type of ours
//! (a name, a date, an amount), is in words already and stays as it is.

use super::printable::quoted;

/// A parser's message in plain words.
pub fn plain(message: &str) -> String {
    let message = message.split_once(" at line ").map_or(message, |(before, _)| before).trim();
    known(message).unwrap_or_else(|| message.to_owned())
}

fn known(message: &str) -> Option<String> {
    if let Some(what) = message.strip_prefix("EOF while parsing ") {
        let what = match what {
            "a string" => "a text",
            "an object" => "a table",
            "a list" => "a list",
            _ => "a value",
        };
        return Some(format!("the file ends in the middle of {what}: it was cut short, or isn't finished"));
    }
    for wrong in ["invalid type: ", "invalid value: ", "invalid length "] {
        if let Some((found, expected)) = message.strip_prefix(wrong).and_then(split_expected) {
            return Some(match wrong {
                "invalid type: " => format!("{} is expected here, and {} stands there", wanted(expected), kind(found)),
                _ => format!("{} is expected here, and the value is another", wanted(expected)),
            });
        }
    }
    if let Some(rest) = message.strip_prefix("missing field ") {
        return Some(format!("{} is missing", quoted(name(rest)?)));
    }
    if let Some(rest) = message.strip_prefix("duplicate field ") {
        return Some(format!("{} stands twice", quoted(name(rest)?)));
    }
    if let Some(rest) = message.strip_prefix("unknown field ") {
        let known = names(rest.split_once(", ").map_or("", |(_, known)| known));
        let known = if known.is_empty() { "nothing is known here".into() } else { format!("known here: {known}") };
        return Some(format!("{} is not known here; {known}", quoted(name(rest)?)));
    }
    if let Some(rest) = message.strip_prefix("unknown variant ") {
        return Some(format!("one of these is expected here: {}", names(rest.split_once(", expected ")?.1)));
    }
    Some(match message {
        "expected value" | "expected ident" => "this is not JSON: a value is expected here".to_owned(),
        "expected `:`" => "a colon is expected here, behind a name".to_owned(),
        "expected `,` or `]`" => "a comma or the end of the list is expected here".to_owned(),
        "expected `,` or `}`" => "a comma or the end of the table is expected here".to_owned(),
        "invalid escape"
        | "unexpected end of hex escape"
        | "lone leading surrogate in hex escape"
        | "invalid unicode code point" => "a text has a backslash in it that means nothing".to_owned(),
        "invalid number" => "a number is not written as JSON writes numbers".to_owned(),
        "number out of range" => "a number is too large".to_owned(),
        "trailing characters" => "the file goes on after its end: one document is expected".to_owned(),
        "trailing comma" => "a comma is too many here".to_owned(),
        "key must be a string" => "a name in quotation marks is expected here".to_owned(),
        "recursion limit exceeded" => "lists and tables are nested too deeply".to_owned(),
        "control character (\\u0000-\\u001F) found while parsing a string" => {
            "a text has a line break or another control character in it; write it with a backslash".to_owned()
        }
        _ => return None,
    })
}

/// What was found and what was expected; a found text may have the words in it, so the last ones count.
fn split_expected(rest: &str) -> Option<(&str, &str)> {
    rest.rsplit_once(", expected ")
}

/// The kind of a value, without the value.
fn kind(found: &str) -> &'static str {
    let kinds = [
        ("string", "a text"),
        ("integer", "a whole number"),
        ("floating point", "a number with a fraction"),
        ("boolean", "true or false"),
        ("map", "a table"),
        ("sequence", "a list"),
        ("null", "nothing (null)"),
        ("unit", "nothing (null)"),
        ("datetime", "a date"),
    ];
    kinds.iter().find(|(start, _)| found.starts_with(start)).map_or("something else", |(_, said)| said)
}

/// What a type is called by people.
fn wanted(expected: &str) -> String {
    match expected.trim_start_matches("a borrowed ").trim_start_matches("a ").trim_start_matches("an ") {
        "string" | "str" | "character" => "a text".into(),
        "boolean" | "bool" => "true or false".into(),
        "map" => "a table".into(),
        "sequence" => "a list".into(),
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number, not negative,".into(),
        "i8" | "i16" | "i32" | "i64" | "isize" | "integer" => "a whole number".into(),
        "f32" | "f64" => "a number".into(),
        other if other.starts_with("struct ") || other.starts_with("internally tagged enum ") => "a table".into(),
        other if other.starts_with("enum ") => "one of its words".into(),
        other if other.starts_with("tuple ") || other.starts_with("array ") => "a list".into(),
        _ => expected.replace('`', ""),
    }
}

/// The first name between backquotes.
fn name(text: &str) -> Option<&str> {
    text.split('`').nth(1)
}

/// All names between backquotes.
fn names(text: &str) -> String {
    text.split('`').skip(1).step_by(2).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{canonical, json_text, toml_text};
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Form {
        count: u32,
        title: String,
    }

    /// Words of programmers that nobody who writes a law should read.
    const RAW: [&str; 9] =
        ["ident", "EOF", "invalid type", "u32", "struct", "sequence", "missing field", "unknown field", "`"];

    #[test]
    fn parsers_speak_in_words() {
        let json = |text: &str| json_text::read::<Form>(text).err().map(|e| e.message).unwrap_or_default();
        let toml = |text: &str| toml_text::read::<Form>(text).err().map(|e| e.message).unwrap_or_default();
        for (said, words) in [
            (json("{\"count\": 1, \"tit"), "the file ends in the middle of a text"),
            (
                json("{\"count\": \"secret\", \"title\": \"\"}"),
                "a whole number, not negative, is expected here, and a text",
            ),
            (json("{\"count\": 1}"), "\"title\" is missing"),
            (json("{\"count\": 1, \"title\": []}"), "a text is expected here, and a list stands there"),
            (json("[]]"), "goes on after its end"),
            (json("secret"), "a value is expected here"),
            (json("nothing"), "a value is expected here"),
            (json("{\"count\" 1}"), "a colon is expected here"),
            (json("[1 2]"), "a comma or the end of the list"),
            (json("{\"count\": 1 \"title\": 2}"), "a comma or the end of the table"),
            (json("{\"title\": \"\\q\"}"), "a backslash in it that means nothing"),
            (toml("count = \"secret\"\ntitle = \"\""), "a whole number, not negative, is expected here, and a text"),
            (toml("count = 1\ntitle = \"\"\ncolour = 2"), "\"colour\" is not known here; known here: count, title"),
            (toml("count = 1"), "\"title\" is missing"),
        ] {
            assert!(said.contains(words), "{words}: {said}");
            assert!(RAW.iter().all(|raw| !said.contains(raw)) && !said.contains("secret"), "{said}");
        }
        let document = canonical::from_bytes::<Form>(b"{\"count\":true,\"title\":\"\"}").map(|_| ());
        let said = document.err().map(|e| e.to_string()).unwrap_or_default();
        assert!(
            said.contains("line 1, column 13: a whole number, not negative, is expected here, and true or false"),
            "{said}"
        );
    }

    #[test]
    fn a_value_is_never_repeated() {
        for message in [
            "invalid type: string \"my, expected secret\", expected u32",
            "invalid value: string \"secret\", expected a date",
            "unknown variant `secret`, expected `solo` or `household`",
        ] {
            assert!(!plain(message).contains("secret"), "{}", plain(message));
        }
        assert_eq!(plain("unknown variant `x`, expected `a` or `b`"), "one of these is expected here: a, b");
    }
}
