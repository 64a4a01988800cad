//! What a claim leaves behind: the bundle, the evidence in it, and batches of refusals.

pub mod bundle;
pub mod evidence;
pub mod refusals;
