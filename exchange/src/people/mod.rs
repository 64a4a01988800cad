//! What people compare: trust cards as words, and the code of an enrolment.

pub mod enrolment;
pub mod trust_card;
pub mod words;
