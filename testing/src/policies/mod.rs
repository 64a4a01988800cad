//! Policies: the laws under `examples/`, two short ones to write an expression into, and random ones.

pub mod household;
pub mod laws;
pub mod person;
pub mod random;
