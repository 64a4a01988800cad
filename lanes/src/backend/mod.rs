//! The ways of computing, and which of them this machine takes.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod ifma;
mod instructions;
mod kernel;
#[cfg(target_arch = "x86_64")]
mod mulx;
mod scalar;

pub use instructions::Instructions;
pub use kernel::{Backend, Kernel, Step};
pub(crate) use kernel::{mul, square};
