//! People: whose key stands in a person's leaves ([`enrol`]), who may release in the person's place ([`represent`]), and forgetting the person ([`erase`]).

pub mod enrol;
pub mod erase;
pub mod represent;
