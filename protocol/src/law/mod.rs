//! What is enacted: policies, the programs that join them, and the scopes in which people claim.

pub mod enclosed;
pub mod policy;
pub mod policy_check;
pub mod program;
pub mod scope;
pub mod titles;
