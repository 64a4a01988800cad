//! A page as Markdown. What the law's own words could be taken for markup is escaped.

use super::{Block, Item, Page, Table, colon};

pub(super) fn written(page: &Page) -> String {
    let mut out = format!("# {}\n", escaped(&page.title));
    for section in &page.sections {
        if let Some(heading) = &section.heading {
            out += &format!("\n## {}\n", escaped(heading));
        }
        for block in &section.blocks {
            out.push('\n');
            self::block(&mut out, block, page);
        }
    }
    out
}

fn block(out: &mut String, block: &Block, page: &Page) {
    match block {
        Block::Paragraph(text) => *out += &format!("{}\n", escaped(text)),
        Block::Terms(terms) => terms.iter().for_each(|(term, item)| {
            *out += &format!("- **{}**{}", escaped(term), colon(page.language));
            self::item(out, item, 2);
        }),
        Block::Numbered(items) => items.iter().enumerate().for_each(|(i, item)| {
            let number = format!("{}. ", i + 1);
            *out += &number;
            self::item(out, item, number.len());
        }),
        Block::Listed(items) => items.iter().for_each(|item| {
            *out += "- ";
            self::item(out, item, 2);
        }),
        Block::Table(table) => self::table(out, table),
    }
}

fn item(out: &mut String, item: &Item, indent: usize) {
    let margin = " ".repeat(indent);
    *out += &format!("{}\n", escaped(&item.text));
    for part in &item.parts {
        *out += &format!("{margin}- ");
        self::item(out, part, indent + 2);
    }
    for note in &item.notes {
        // a paragraph of its own within the item
        *out += &format!("\n{margin}{}\n", escaped(note));
    }
}

fn table(out: &mut String, table: &Table) {
    if let Some(caption) = &table.caption {
        *out += &format!("**{}**\n\n", escaped(caption));
    }
    let row = |cells: &[String]| format!("| {} |\n", cells.iter().map(|c| escaped(c)).collect::<Vec<_>>().join(" | "));
    *out += &row(&table.header);
    *out += &format!("| {} |\n", vec!["---"; table.header.len()].join(" | "));
    table.rows.iter().for_each(|cells| *out += &row(cells));
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (i, c) in text.chars().enumerate() {
        let special = matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '&' | '~');
        if special || (i == 0 && matches!(c, '#' | '+' | '-' | '=')) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn a_title_makes_no_markup() {
        assert_eq!(escaped("[2021] a_b | <b> `c` *d*"), "\\[2021\\] a\\_b \\| \\<b\\> \\`c\\` \\*d\\*");
        assert_eq!(escaped("# 1 – 2 #"), "\\# 1 – 2 #");
    }
}
