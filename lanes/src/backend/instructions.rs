//! Which of the two ways of computing this machine takes, and how a kernel gets there.

use super::kernel::Kernel;
use super::scalar::Scalar;

/// A way of computing. The one with IFMA exists only where the processor has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instructions(Kind);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Scalar,
    #[cfg(target_arch = "x86_64")]
    Ifma,
}

impl Instructions {
    /// The fastest that this machine has. The environment variable `SEALROOT_LANES=scalar` forces the scalar one.
    pub fn detect() -> Self {
        match std::env::var("SEALROOT_LANES") {
            Ok(choice) if choice == "scalar" => Self::scalar(),
            _ => Self::ifma().unwrap_or(Self::scalar()),
        }
    }

    /// Works everywhere.
    pub const fn scalar() -> Self {
        Self(Kind::Scalar)
    }

    /// AVX-512 IFMA, if the processor and the operating system have it.
    pub fn ifma() -> Option<Self> {
        #[cfg(target_arch = "x86_64")]
        if super::ifma::available() {
            return Some(Self(Kind::Ifma));
        }
        None
    }

    /// All that this machine has, the scalar one first.
    pub fn all() -> Vec<Self> {
        [Some(Self::scalar()), Self::ifma()].into_iter().flatten().collect()
    }

    /// `scalar` or `ifma`, as figures and file headers name it.
    pub const fn name(self) -> &'static str {
        match self.0 {
            Kind::Scalar => "scalar",
            #[cfg(target_arch = "x86_64")]
            Kind::Ifma => "ifma",
        }
    }

    /// How many of so many elements are better packed than taken one by one: all, or what fills packs where lanes cost one after the other.
    pub(crate) fn worth_packing(self, count: usize) -> usize {
        if self == Self::scalar() { count - count % crate::WIDTH } else { count }
    }

    /// Runs a kernel this way.
    #[inline]
    pub fn run<K: Kernel>(self, kernel: K) -> K::Output {
        match self.0 {
            Kind::Scalar => kernel.run::<Scalar>(),
            // SAFETY: `Kind::Ifma` is made only by `Instructions::ifma`, after the processor said that it has all these instructions.
            #[cfg(target_arch = "x86_64")]
            Kind::Ifma => unsafe { super::ifma::run(kernel) },
        }
    }
}
