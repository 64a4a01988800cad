//! From question to permission: a request about one applicant, the holder's consent, the release of a record to a prover; and what an office does to an approval
//! without the holder.

pub mod applicant;
pub mod consent;
pub mod reduction;
pub mod release;
pub mod request;
