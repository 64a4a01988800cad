//! What agencies commit to: schemas, records and the tree of their leaves.

pub mod id_form;
pub mod plausible;
pub mod record;
pub mod schema;
pub mod tree;
