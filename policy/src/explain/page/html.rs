//! A page as one HTML file: its language is said, headings are in order, tables have headers with a scope, nothing runs and nothing is
//! fetched. Colours have a contrast of 7 : 1 at least, in light and in dark (WCAG 2.2, 1.4.6), and paper is black on white.

use super::{Block, Item, Page, Table};
use sealroot_protocol::language::Language;

const STYLE: &str = "\
:root{color-scheme:light dark;--ink:#1a1a1a;--paper:#fff;--line:#767676;--head:#eef1f4}
@media(prefers-color-scheme:dark){:root{--ink:#f0f0f0;--paper:#161616;--line:#949494;--head:#26292d}}
body{margin:0 auto;padding:1.5rem;max-width:50rem;color:var(--ink);background:var(--paper);font:1rem/1.6 system-ui,sans-serif}
h1{font-size:1.6rem;line-height:1.3}
h2{font-size:1.2rem;margin-top:2rem;border-bottom:1px solid var(--line)}
dt{font-weight:600;margin-top:.6rem}
dd{margin-left:1.5rem}
li{margin:.3rem 0}
li p,dd p{margin:.2rem 0}
ol ol,dd ol{list-style:lower-alpha}
.wide{overflow-x:auto}
table{border-collapse:collapse;margin:1rem 0;width:100%}
caption{text-align:left;font-weight:600;padding:.3rem 0}
th,td{border:1px solid var(--line);padding:.35rem .6rem;text-align:left;vertical-align:top}
thead th{background:var(--head)}
tbody th{font-weight:400}
@media print{:root{--ink:#000;--paper:#fff;--line:#555;--head:#fff}body{max-width:none;padding:0;font-size:11pt}h2{break-after:avoid}li,tr,dt{break-inside:avoid}thead{display:table-header-group}.wide{overflow:visible}}
";

pub(super) fn written(page: &Page) -> String {
    let language = match page.language {
        Language::En => "en",
        Language::Zh => "zh-Hans",
    };
    let title = escaped(&page.title);
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n"
    );
    for section in &page.sections {
        out += "<section>\n";
        if let Some(heading) = &section.heading {
            out += &format!("<h2>{}</h2>\n", escaped(heading));
        }
        section.blocks.iter().for_each(|block| self::block(&mut out, block));
        out += "</section>\n";
    }
    out + "</main>\n</body>\n</html>\n"
}

fn block(out: &mut String, block: &Block) {
    match block {
        Block::Paragraph(text) => *out += &format!("<p>{}</p>\n", escaped(text)),
        Block::Terms(terms) => {
            *out += "<dl>\n";
            for (term, item) in terms {
                *out += &format!("<dt>{}</dt>\n<dd>{}</dd>\n", escaped(term), inner(item));
            }
            *out += "</dl>\n";
        }
        Block::Numbered(items) => list(out, "ol", items),
        Block::Listed(items) => list(out, "ul", items),
        Block::Table(table) => self::table(out, table),
    }
}

fn list(out: &mut String, tag: &str, items: &[Item]) {
    let items: String = items.iter().map(|item| format!("<li>{}</li>\n", inner(item))).collect();
    *out += &format!("<{tag}>\n{items}</{tag}>\n");
}

fn inner(item: &Item) -> String {
    let mut out = escaped(&item.text);
    if !item.parts.is_empty() {
        out.push('\n');
        list(&mut out, "ol", &item.parts);
    }
    item.notes.iter().for_each(|note| out += &format!("<p>{}</p>", escaped(note)));
    out
}

fn table(out: &mut String, table: &Table) {
    *out += "<div class=\"wide\">\n<table>\n";
    if let Some(caption) = &table.caption {
        *out += &format!("<caption>{}</caption>\n", escaped(caption));
    }
    let header: String = table.header.iter().map(|cell| format!("<th scope=\"col\">{}</th>", escaped(cell))).collect();
    *out += &format!("<thead>\n<tr>{header}</tr>\n</thead>\n<tbody>\n");
    for row in &table.rows {
        *out += "<tr>";
        for (i, cell) in row.iter().enumerate() {
            let cell = escaped(cell);
            *out += &if i == 0 { format!("<th scope=\"row\">{cell}</th>") } else { format!("<td>{cell}</td>") };
        }
        *out += "</tr>\n";
    }
    *out += "</tbody>\n</table>\n</div>\n";
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
