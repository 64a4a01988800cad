//! A page as plain text for a terminal.

use super::{Block, Item, Page, Table, colon, letter};

pub(super) fn written(page: &Page) -> String {
    let mut out = format!("{}\n", page.title);
    for section in &page.sections {
        if let Some(heading) = &section.heading {
            out += &format!("\n{heading}\n");
        }
        for (i, block) in section.blocks.iter().enumerate() {
            if i > 0 && matches!(block, Block::Table(_)) {
                out.push('\n');
            }
            self::block(&mut out, block, page);
        }
    }
    out
}

fn block(out: &mut String, block: &Block, page: &Page) {
    match block {
        Block::Paragraph(text) => *out += &format!("{text}\n"),
        Block::Terms(terms) => terms.iter().for_each(|(term, item)| {
            *out += &format!("- {term}{}", colon(page.language));
            self::item(out, item, 3);
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
    *out += &format!("{}\n", item.text);
    for (i, part) in item.parts.iter().enumerate() {
        *out += &format!("{margin}({}) ", letter(i));
        self::item(out, part, indent + 4);
    }
    item.notes.iter().for_each(|note| *out += &format!("{margin}{note}\n"));
}

fn table(out: &mut String, table: &Table) {
    if let Some(caption) = &table.caption {
        *out += &format!("{caption}\n");
    }
    let row = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    *out += &row(&table.header);
    *out += &row(&vec!["---".to_owned(); table.header.len()]);
    table.rows.iter().for_each(|cells| *out += &row(cells));
}
