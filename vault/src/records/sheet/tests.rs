#![allow(clippy::unwrap_used, clippy::panic)]

use super::{Header, Next, NotASheet, Sheet};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Read},
};

const NEEDED: [&str; 3] = ["id", "born", "note"];

/// Rows by line with their cells, and lines that are none with the reason.
#[derive(Debug, Default)]
struct Seen {
    rows: BTreeMap<u64, Vec<String>>,
    lines: BTreeMap<u64, u64>,
    broken: BTreeMap<u64, String>,
}

fn open(text: &[u8]) -> Result<(Header, Seen), NotASheet> {
    let mut sheet = Sheet::open(text, &NEEDED)?;
    let header = sheet.header().clone();
    let mut seen = Seen::default();
    let mut last = 0;
    loop {
        let line = match sheet.next() {
            Next::End => return Ok((header, seen)),
            Next::Row(row) => {
                let cells = (0..header.names.len()).map(|i| String::from_utf8_lossy(row.cell(i)).into_owned());
                seen.rows.insert(row.line, cells.collect());
                seen.lines.insert(row.line, row.lines);
                row.line
            }
            Next::Broken { line, what } | Next::Unreadable { line, what } => {
                seen.broken.insert(line, what);
                line
            }
        };
        assert!(line > last, "line {line} after line {last}");
        last = line;
    }
}

fn seen(text: &str) -> Seen {
    open(text.as_bytes()).unwrap_or_else(|error| panic!("{error:?}: {text:?}")).1
}

fn row(cells: [&str; 3]) -> Vec<String> {
    cells.map(str::to_owned).to_vec()
}

#[test]
fn separators_are_found_or_stated() {
    for (text, separator) in [
        ("id,born,note\n1,2,3\n", b','),
        ("id;born;note\n1;2;3\n", b';'),
        ("id\tborn\tnote\n1\t2\t3\n", b'\t'),
        ("id|born|note\n1|2|3\n", b'|'),
        ("\u{feff}sep=;\r\nid;born;note\r\n1;2;3\r\n", b';'),
        ("SEP=\t\nid\tborn\tnote\n1\t2\t3\n", b'\t'),
        ("\"sep=^\"\nid^born^note\n1^2^3\n", b'^'),
        ("\n  \nid;born;note\n1;2;3\n", b';'),
        ("id;born;note;\"name, title\"\n1;2;3;4\n", b';'),
        ("id,born,note,a;b;c;d;e\n1,2,3,4\n", b','),
    ] {
        let (header, seen) = open(text.as_bytes()).unwrap();
        assert_eq!(header.separator, separator, "{text:?}");
        assert_eq!(seen.rows.values().next().unwrap()[..3], row(["1", "2", "3"]), "{text:?}");
        assert!(seen.broken.is_empty());
    }
    let (header, _) = open(b"id;born;note;;;\n1;2;3;;;\n").unwrap();
    assert_eq!(header.to_string(), "its columns, separated by ;, are \"id\", \"born\", \"note\"");
}

#[test]
fn what_is_no_sheet_is_named() {
    for (text, says) in [
        (&b""[..], "the file is empty"),
        (b"\n\r\n \n", "the file is empty"),
        (b"sep=;\n", "the file is empty"),
        (b"sep=\nid;born;note\n", "names no separator"),
        (b"\xff\xfei\0d\0", "UTF-16"),
        (b"PK\x03\x04....", "workbook"),
        (b"id,born,note,stra\xdfe\n", "Windows-1252"),
        (b"id,born,note,\xb5\xd8\xd6\xb7\n", "GBK"),
        (b"id,born,note,id\n", "column id stands twice"),
        (b"id,born,\"note\n1,2,3\n", "a quote opens there"),
        (b"id,born,no\"te\n1,2,3\n", "a quote stands in the middle"),
        (b"19800101-17,1980-01-01,Ann\n", "names none of the columns that are needed (id, born, note)"),
        (b"id:born:note\n", "-"),
    ] {
        let what = match open(text) {
            Err(NotASheet::Format(what) | NotASheet::Header(what)) => what,
            // A separator that nobody expects: the caller finds that columns are missing, and shows these.
            Ok((header, _)) => {
                assert_eq!(header.names, ["id:born:note"]);
                "-".into()
            }
        };
        assert!(what.contains(says), "{what}");
        assert!(!what.contains("1980"), "{what} repeats a cell");
    }
}

#[test]
fn blank_lines_and_blank_columns_are_nothing() {
    let text = "id,born,note,,\n\n1,2,3,,\n , ,\t\n,,,,\n4,5,6\n\"\",\"\",\"\"\n7,8,9,,,,\n1,2,\n\n\n";
    let seen = seen(text);
    let expected = [(3, ["1", "2", "3"]), (6, ["4", "5", "6"]), (8, ["7", "8", "9"]), (9, ["1", "2", ""])];
    assert_eq!(seen.rows.into_iter().collect::<Vec<_>>(), expected.map(|(line, cells)| (line, row(cells))));
    assert!(seen.broken.is_empty());
    // A column without a name between others is one; something behind the last column is not.
    let (header, seen) = open(b"id,,born,note\n1,x,2,3\n1,x,2,3,4\n1,x,2\n").unwrap();
    assert_eq!((header.position("born"), header.names.len()), (Some(2), 4));
    assert_eq!(seen.rows.keys().copied().collect::<Vec<_>>(), [2]);
    assert_eq!(seen.broken[&3], "the row has 5 cells, the header 4");
    assert_eq!(seen.broken[&4], "the row has 3 cells, the header 4");
}

#[test]
fn a_quote_is_refused_where_it_opens_and_swallows_nothing() {
    // Never closed; closed by the next row's; in the middle; closed too early.
    for (damaged, line) in [
        ("1,\"a,b\n", 3),
        ("1,a,\"b\n", 3),
        ("\"1,a,b\n", 3),
        ("1,a\"b,c\n", 3),
        ("1,\"a\"b,c\n", 3),
        ("1,a,b\"\n", 3),
        ("1,a, \"b\"\n", 3),
    ] {
        for end in ["\n", "\r\n", "\r"] {
            let text = format!("id,born,note\n0,a,b\n{damaged}2,\"c\",d\n3,e,\"f\"\n4,g,\"h, i\"\n").replace('\n', end);
            let seen = seen(&text);
            assert_eq!(seen.broken.keys().copied().collect::<Vec<_>>(), [line], "{text:?}");
            assert!(seen.broken[&line].contains("quote"), "{seen:?}");
            assert_eq!(seen.rows.keys().copied().collect::<Vec<_>>(), [2, 4, 5, 6], "{text:?}");
        }
    }
    // The row after it ends with a quote: by RFC 4180 alone one row of the right width, which would swallow the second.
    let seen = seen("id,born,note\n1,a,\"b\n2,c,d\"\n3,e,f\n");
    assert_eq!(seen.broken.keys().copied().collect::<Vec<_>>(), [2, 3]);
    assert_eq!(seen.rows.keys().copied().collect::<Vec<_>>(), [4]);
}

#[test]
fn line_breaks_in_a_note_are_kept_and_counted() {
    for end in ["\n", "\r\n", "\r"] {
        let text = "id,born,note\n1,a,\"Dear Sir,\n\nyours\"\n2,b,\"x\ny\"\n3,c,d\n".replace('\n', end);
        let seen = seen(&text);
        assert_eq!(seen.rows.keys().copied().collect::<Vec<_>>(), [2, 5, 7], "{text:?}");
        assert_eq!(seen.rows[&2][2], "Dear Sir,\n\nyours");
        assert_eq!(seen.lines.values().copied().collect::<Vec<_>>(), [3, 2, 1]);
    }
    // A second cell that goes on: it opens on the third line, which is named, too.
    let seen = seen("id,born,note\n1,\"a\nb\",\"c\nd\n2,e,f\n");
    assert_eq!(seen.broken.keys().copied().collect::<Vec<_>>(), [2, 3, 4]);
    assert!(seen.broken[&2].contains("a quote that opens there"), "{seen:?}");
    assert!(seen.rows.contains_key(&5));
}

/// Fails after some bytes, as a network drive may.
struct Failing<'a>(&'a [u8]);
impl Read for Failing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.0.is_empty() { Err(io::Error::other("the drive is gone")) } else { self.0.read(buffer) }
    }
}

#[test]
fn an_end_that_cannot_be_read_is_said() {
    let mut text = "id,born,note\n".to_owned();
    (0..9000).for_each(|i| text += &format!("{i},some birthday,some note\n"));
    let mut sheet = Sheet::open(Failing(text.as_bytes()), &NEEDED).unwrap();
    let mut rows = 0;
    loop {
        match sheet.next() {
            Next::Row(_) => rows += 1,
            Next::Unreadable { line, what } => {
                assert!(what.contains("the drive is gone"));
                assert_eq!(line, rows + 2);
                break;
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(rows > 100);
    assert!(matches!(sheet.next(), Next::End));
}

#[test]
fn long_rows_end_nowhere_else() {
    let long = "x".repeat(2 << 20);
    for text in [format!("id,born,note\n1,a,{long}\n2,b,c\n"), format!("id,born,note\n1,a,\"{long}\n2,b,c\n")] {
        let seen = seen(&text);
        assert_eq!((seen.broken.len(), seen.rows.keys().next()), (1, Some(&3)), "{:?}", seen.broken);
    }
    let endless = format!("id,born,note\n1,a,\"{}", "x\n".repeat(1 << 20));
    assert!(seen(&endless).broken[&2].contains("closing quote"));
}

/// Another implementation writes, this one reads: the same cells, and each row on the line where an editor shows it.
#[test]
fn what_other_software_writes_is_read() {
    let mut random = StdRng::seed_from_u64(7);
    for case in 0..300 {
        let separator = *b",;\t|".get(case % 4).unwrap();
        let (terminator, end) =
            [(csv::Terminator::CRLF, "\r\n"), (csv::Terminator::Any(b'\n'), "\n"), (csv::Terminator::Any(b'\r'), "\r")]
                [case % 3];
        let style = [csv::QuoteStyle::Necessary, csv::QuoteStyle::Always][case / 7 % 2];
        let mut writer = csv::WriterBuilder::new()
            .delimiter(separator)
            .terminator(terminator)
            .quote_style(style)
            .from_writer(vec![]);
        writer.write_record(NEEDED).unwrap();
        let (mut expected, mut line) = (BTreeMap::new(), 2);
        for id in 0..random.random_range(0..20) {
            let pieces = ["a", "\"", "é", "汉", " ", ";", ",", "\t", "|", "''", "x=1"];
            let piece = |random: &mut StdRng| {
                (0..random.random_range(0..5)).map(|_| pieces[random.random_range(0..11)]).collect::<String>()
            };
            let (born, mut note) = (piece(&mut random), piece(&mut random));
            let mut breaks = 0;
            if random.random_range(0..4) == 0 {
                // Lines in a note; of its own separators it has none, else the lines would look like rows.
                note = note.replace([',', ';', '\t', '|'], "") + end + "second line";
                breaks = 1;
            }
            let id = format!("ID-{id}");
            writer.write_record([&id, &born, &note]).unwrap();
            expected.insert(line, vec![id, born, note.replace(end, "\n")]);
            line += 1 + breaks;
        }
        let text = writer.into_inner().unwrap();
        let (header, seen) = open(&text).unwrap();
        assert!(seen.broken.is_empty(), "case {case}: {:?} in {:?}", seen.broken, String::from_utf8_lossy(&text));
        assert_eq!(header.separator, separator);
        assert_eq!(seen.rows, expected, "case {case}");
    }
}

/// Random damage: every line that was left whole is a row of its own with its number, whatever happened to the others, and every other line is a row, part of
/// one, blank, or named.
#[test]
fn damage_to_a_line_swallows_no_other() {
    let cases = std::env::var("SEALROOT_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(2_000);
    let mut random = StdRng::seed_from_u64(11);
    let damage = ["\"", "\"\"", ",", "\",", ",\"", "\"\n", "\r", "\n\"", "x", "", "\0", "\",\""];
    for case in 0..cases {
        let count = random.random_range(1..30);
        let ends = ["\n", "\r\n", "\r"];
        let end = |random: &mut StdRng| ends[if case % 4 == 3 { random.random_range(0..3) } else { case % 4 }];
        let mut text = "id,born,note".to_owned() + end(&mut random);
        let (mut line, mut whole) = (2_u64, BTreeMap::new());
        for id in 0..count {
            let cells = row([&format!("ID-{id}"), ["1980-01-01", ""][id % 2], ["", "n", "a b", "d \"e\", f"][id % 4]]);
            let quoted = |cell: &String| match cell.contains('"') {
                true => format!("\"{}\"", cell.replace('"', "\"\"")),
                false => cell.clone(),
            };
            let mut written = cells.iter().map(quoted).collect::<Vec<_>>().join(",");
            if random.random_range(0..4) == 0 {
                for _ in 0..random.random_range(1..4) {
                    let from = (0..=random.random_range(0..=written.len()))
                        .rev()
                        .find(|at| written.is_char_boundary(*at))
                        .unwrap();
                    let upto = if random.random_range(0..4) == 0 {
                        written.len()
                    } else {
                        (from + random.random_range(0..3)).min(written.len())
                    };
                    written.replace_range(from..upto, damage[random.random_range(0..damage.len())]);
                }
            } else {
                whole.insert(line, cells);
            }
            let end = end(&mut random);
            // A CR and an LF that meet only by damage would be one end.
            if written.ends_with('\r') {
                written.push('x');
            }
            if written.starts_with('\n') {
                written.insert(0, 'x');
            }
            line += 1 + written.replace("\r\n", "\n").matches(['\n', '\r']).count() as u64;
            text += &(written + end);
        }
        let (_, seen) = open(text.as_bytes()).unwrap();
        for (line, cells) in &whole {
            assert_eq!(seen.rows.get(line), Some(cells), "case {case}, line {line} of {text:?}\n{seen:?}");
        }
        let named: BTreeSet<u64> = seen
            .broken
            .keys()
            .copied()
            .chain(seen.lines.iter().flat_map(|(line, lines)| *line..line + lines))
            .collect();
        let texts = text.replace("\r\n", "\n").replace('\r', "\n");
        for (number, line) in texts.lines().enumerate().skip(1) {
            let blank = line.chars().all(|c| matches!(c, ' ' | ',' | '"' | '\t'));
            assert!(blank || named.contains(&(number as u64 + 1)), "case {case}, line {} of {text:?}", number + 1);
        }
    }
}
