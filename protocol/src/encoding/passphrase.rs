//! Passphrases, as they become keys.

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// The form in which a passphrase locks something: NFC, without a byte order mark before it and a line ending behind it. Keyboards and editors write one text
/// in several ways, and the person who types it can't see which.
pub fn passphrase(text: &str) -> Zeroizing<String> {
    let text = text.trim_start_matches('\u{feff}').trim_end_matches(['\r', '\n']);
    // NFC of a text takes at most three times its bytes: growth would leave copies behind.
    let mut normal = Zeroizing::new(String::with_capacity(3 * text.len()));
    normal.extend(text.nfc());
    normal
}

/// What may open something that exists: the passphrase as it was typed, because earlier versions locked with that, and its normal form if it is another.
pub fn candidates(typed: &str) -> impl Iterator<Item = Zeroizing<String>> {
    let normal = passphrase(typed);
    let other = (*normal != *typed).then_some(normal);
    std::iter::once(Zeroizing::new(typed.to_owned())).chain(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_text_is_one_passphrase() {
        for spelling in ["cafe\u{301} du soir", "\u{feff}café du soir", "café du soir\r\n", "café du soir"] {
            assert_eq!(*passphrase(spelling), "caf\u{e9} du soir");
        }
        // Spaces and case are the owner's.
        assert_eq!(*passphrase(" A  b "), " A  b ");
        let count = |typed: &str| candidates(typed).count();
        assert_eq!((count("plain words"), count("cafe\u{301}"), count("caf\u{e9}")), (1, 2, 1));
        let expanding: String = std::iter::repeat_n('\u{1d160}', 50).collect();
        assert!(passphrase(&expanding).len() <= 3 * expanding.len());
    }
}
