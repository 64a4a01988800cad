//! How values are written: every value has one spelling, and decoding rejects every other.

pub mod amount;
pub mod canonical;
pub mod currency;
pub mod decimal;
pub mod field;
pub mod identifier;
pub mod json_text;
pub mod language;
pub mod name;
pub mod parser_words;
pub mod passphrase;
pub mod printable;
pub mod time;
pub mod toml_text;
