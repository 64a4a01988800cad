//! How values are written: every value has one spelling, and decoding rejects every other.

pub mod canonical;
pub mod date;
pub mod decimal;
pub mod field;
pub mod name;
pub mod passphrase;
pub mod printable;
pub mod toml_text;
