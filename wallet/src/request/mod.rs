//! A request, from an office's bytes to one that may be consented to: the checks, what its policies disclose, and everything for which it is rejected.

pub mod check;
pub mod disclosure;
pub mod rejection;
