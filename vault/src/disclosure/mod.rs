//! Disclosure: the two ways in which a record is opened, for a proof where it lies ([`read`]), and sealed to a recipient whom the person chose ([`release`]).

pub mod absence;
pub mod read;
pub mod release;
pub(crate) mod release_rejection;
