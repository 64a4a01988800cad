//! How something travels: mailboxes and keys, envelopes, replies.

pub mod envelope;
pub mod mailbox;
pub(crate) mod padding;
pub mod reply;
pub(crate) mod sealing;
