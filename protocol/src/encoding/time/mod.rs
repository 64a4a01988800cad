//! Days, moments, and the clocks by which days turn.

pub mod date;
pub mod moment;
pub mod utc_offset;
