//! What a claim leaves behind: the bundle, the evidence in it with its checkpoints, and batches of refusals.

pub mod bundle;
pub mod checkpoint;
pub mod evidence;
pub mod refusals;
