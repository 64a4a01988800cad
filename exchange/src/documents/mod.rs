//! What stands in envelopes: the kinds, and what their readers check.

pub mod answers;
pub mod claim;
pub mod content;
pub mod holder;
pub mod message;
pub mod plain_text;
pub mod receipt;
