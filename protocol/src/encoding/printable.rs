//! Text that somebody else wrote, made fit for a terminal or page: purposes, titles, labels, names of files.

/// Text that can't move the cursor, hide or reorder other text: enacted documents are not trusted with the terminal either.
pub fn printable(text: &str) -> String {
    text.chars().map(|c| if is_deceptive(c) { '\u{fffd}' } else { c }).collect()
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
}
