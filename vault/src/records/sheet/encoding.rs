//! Which encoding a file may have that isn't UTF-8: so that the message can say what to save it as.

/// What a file is that begins so, if it isn't text in UTF-8.
pub(super) fn not_text(head: &[u8]) -> Option<&'static str> {
    const MARKS: [(&[u8], &str); 6] = [
        (b"\xff\xfe", "the file is in UTF-16 (a spreadsheet calls it \"Unicode text\")"),
        (b"\xfe\xff", "the file is in UTF-16 (a spreadsheet calls it \"Unicode text\")"),
        (b"PK\x03\x04", "the file is a workbook (.xlsx or .ods) or another ZIP file"),
        (b"\xd0\xcf\x11\xe0", "the file is a workbook (.xls)"),
        (b"\x1f\x8b", "the file is compressed (gzip)"),
        (b"%PDF", "the file is a PDF"),
    ];
    let marked = MARKS.iter().find(|(mark, _)| head.starts_with(mark)).map(|(_, what)| *what);
    // In the first line alone: further down, a line is to blame and not the file.
    let mut first = head.iter().take_while(|byte| !matches!(byte, b'\n' | b'\r'));
    marked.or_else(|| {
        first.any(|byte| *byte == 0).then_some("the file is not text, or is in UTF-16 without a byte-order mark")
    })
}

/// What an encoding may be, seen from a text that is not UTF-8. A guess, for a message: nothing is decoded by it.
///
/// In GBK and its kin a character is two bytes, the first of them above 0x80; in Windows-1252 (Latin-1) letters above 0x80 mostly stand alone between others.
pub(crate) fn suspect(text: &[u8]) -> &'static str {
    let (mut alone, mut pairs, mut rest) = (0, 0, text);
    while let Some((first, behind)) = rest.split_first() {
        let high = |byte: &u8| *byte >= 0x80;
        rest = behind;
        if !high(first) {
            continue;
        }
        let run = 1 + behind.iter().take_while(|byte| high(byte)).count();
        rest = &behind[run - 1..];
        if run % 2 == 0 { pairs += 1 } else { alone += 1 }
    }
    if pairs > alone { "GBK (GB 18030), Big5 or Shift JIS" } else { "Windows-1252 (Latin-1)" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suspicions_are_those_of_a_person() {
        // "Müller, Élodie, Straße" in Windows-1252; "朝阳区北京市" in GBK.
        assert!(suspect(b"M\xfcller, \xc9lodie, Stra\xdfe").starts_with("Windows-1252"));
        assert!(suspect(b"\xb3\xaf\xd1\xf4\xc7\xf8,\xb1\xb1\xbe\xa9\xca\xd0").starts_with("GBK"));
        assert!(suspect(b"\xff").starts_with("Windows-1252"));
        assert_eq!(not_text(b"national_id,born\n"), None);
        assert_eq!(not_text("\u{feff}身份证号,born\n".as_bytes()), None);
        for (head, says) in [
            (&b"\xff\xfen\0a\0"[..], "UTF-16"),
            (b"\xfe\xff\0n", "UTF-16"),
            (b"n\0a\0", "UTF-16"),
            (b"PK\x03\x04\x14", "workbook"),
            (b"\xd0\xcf\x11\xe0\xa1", "workbook"),
            (b"\x1f\x8b\x08", "gzip"),
        ] {
            assert!(not_text(head).is_some_and(|what| what.contains(says)), "{head:?}");
        }
    }
}
