//! From question to permission: a request about one applicant, the holder's consent, the release of a record to a prover.

pub mod applicant;
pub mod consent;
pub mod release;
pub mod request;
