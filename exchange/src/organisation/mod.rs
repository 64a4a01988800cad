//! Organisations: their cards, where their posts are, what they hand to applicants, and what a wallet asks of the chain about them.

pub mod card;
pub mod correspondent;
pub mod evidence_request;
pub mod link;
pub mod post_url;
