//! Text that somebody else wrote, made fit for a terminal or page: purposes, titles, labels, names of files.

use std::fmt;

/// Text that can't move the cursor, hide or reorder other text: enacted documents are not trusted with the terminal either.
pub fn printable(text: &str) -> String {
    text.chars().map(|c| if is_deceptive(c) { '\u{fffd}' } else { c }).collect()
}

/// A name or value as somebody wrote it, between quotation marks, in a message: cleaned, and with its own quotation marks marked, so that it ends where it ends.
#[derive(Debug, Clone, Copy)]
pub struct Quoted<T>(T);

/// Quotes a text for people's eyes. Everything that a message repeats of a document, a command line or a file goes through this, or through [`printable`].
pub fn quoted<T: fmt::Display>(text: T) -> Quoted<T> {
    Quoted(text)
}

impl<T: fmt::Display> fmt::Display for Quoted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = printable(&self.0.to_string()).replace('\\', "\\\\").replace('"', "\\\"");
        write!(f, "\"{text}\"")
    }
}

/// A number of things: `1 file`, `2 files`, `0 entries`.
pub fn counted(count: impl TryInto<u64>, one: &str, many: &str) -> String {
    match count.try_into().unwrap_or(u64::MAX) {
        1 => format!("1 {one}"),
        count => format!("{count} {many}"),
    }
}

/// Characters that move, hide or reorder what a terminal or page shows: controls, separators, and Unicode's default-ignorable code points
/// (bidirectional marks, overrides and isolates, zero-width ones, fillers, tags). Joiners and variation selectors stay: Persian and Hindi are
/// written with them, and they move nothing.
pub fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180e}'
            | '\u{200b}' | '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
            | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_of_people_are_no_deception() {
        let words = "Heizkostenzuschuss für Familien, 取暖补贴, می‌خواهم, क्‍ष, مساعدة التدفئة, ☃️";
        assert_eq!(printable(words), words);
        for c in ['\0', '\r', '\t', '\u{7f}', '\u{9b}', '\u{200f}', '\u{2066}', '\u{202e}', '\u{3164}', '\u{e0041}'] {
            assert!(is_deceptive(c), "{c:?}");
            assert_eq!(printable(&format!("a{c}b")), "a\u{fffd}b");
        }
    }

    #[test]
    fn one_thing_is_not_several() {
        assert_eq!([0u64, 1, 2].map(|n| counted(n, "entry", "entries")), ["0 entries", "1 entry", "2 entries"]);
    }

    #[test]
    fn a_quoted_text_ends_where_it_ends() {
        assert_eq!(quoted("rent").to_string(), "\"rent\"");
        assert_eq!(quoted("取暖 für").to_string(), "\"取暖 für\"");
        assert_eq!(quoted("a\" is valid\nb\u{202e}\\").to_string(), "\"a\\\" is valid\u{fffd}b\u{fffd}\\\\\"");
    }
}
