//! People: whose key stands in a person's leaves ([`enrol`]) and since when it counts, who may release in the person's place ([`represent`]), another id for the
//! same person ([`change_id`]), and forgetting the person ([`erase`]).

pub mod change_id;
pub mod check_ids;
pub mod enrol;
pub mod erase;
pub(crate) mod holder;
pub(crate) mod known_keys;
pub(crate) mod looks;
pub(crate) mod national_id;
pub mod represent;
pub(crate) mod restart;
