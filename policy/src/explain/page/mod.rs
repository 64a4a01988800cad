//! A page for people: what it says, apart from how it is written. Text, Markdown and HTML are written from the same page.

mod html;
mod markdown;
mod text;

use sealroot_protocol::language::Language;

/// A page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The language that it is in.
    pub language: Language,
    /// Its title.
    pub title: String,
    /// What it says, in order; the first section has no heading.
    pub sections: Vec<Section>,
}

/// A part of a page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Section {
    /// Its heading.
    pub heading: Option<String>,
    /// What it says.
    pub blocks: Vec<Block>,
}

/// A piece of a section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A paragraph.
    Paragraph(String),
    /// Terms and what they are.
    Terms(Vec<(String, Item)>),
    /// A list whose items have numbers.
    Numbered(Vec<Item>),
    /// A list.
    Listed(Vec<Item>),
    /// A table.
    Table(Table),
}

/// An item of a list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Item {
    /// Its text.
    pub text: String,
    /// The list that the text introduces.
    pub parts: Vec<Item>,
    /// What is said about it below.
    pub notes: Vec<String>,
}

/// A table. Its first column says what each row is about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Table {
    /// What the table is.
    pub caption: Option<String>,
    /// The columns' names.
    pub header: Vec<String>,
    /// The rows.
    pub rows: Vec<Vec<String>>,
}

impl Page {
    /// For a terminal.
    pub fn to_text(&self) -> String {
        text::written(self)
    }

    /// Markdown (CommonMark with tables).
    pub fn to_markdown(&self) -> String {
        markdown::written(self)
    }

    /// One HTML file that needs no other: no script, no font, no image.
    pub fn to_html(&self) -> String {
        html::written(self)
    }
}

impl Item {
    /// An item that is a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }
}

/// What stands between a term and what it is.
fn colon(language: Language) -> &'static str {
    language.say(": ", "：")
}

/// The letter of an item within an item: (a), (b), … and on with numbers.
fn letter(i: usize) -> String {
    match u8::try_from(i).ok().filter(|i| *i < 26) {
        Some(i) => char::from(b'a' + i).to_string(),
        None => (i + 1).to_string(),
    }
}
