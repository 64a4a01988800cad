//! Which of the ways of computing this machine takes, and how a kernel gets there.

use super::kernel::Kernel;
use super::scalar::Scalar;

/// A way of computing. Those with IFMA and AVX2 exist only where the processor has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instructions(Kind);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Scalar,
    #[cfg(target_arch = "x86_64")]
    Ifma,
    #[cfg(target_arch = "x86_64")]
    Avx2,
}

impl Instructions {
    /// The fastest that this machine has. The environment variable `SEALROOT_LANES=scalar` forces the scalar one.
    pub fn detect() -> Self {
        match std::env::var("SEALROOT_LANES") {
            Ok(choice) if choice == "scalar" => Self::scalar(),
            _ => Self::ifma().unwrap_or(Self::scalar()),
        }
    }

    /// The fastest that this machine has for [`poseidon`](crate::poseidon). As [`Self::detect`], but where IFMA lacks, AVX2 is three times as fast as the scalar one; for other
    /// kernels nobody wrote it.
    pub fn detect_for_hashing() -> Self {
        match Self::detect() {
            scalar if scalar == Self::scalar() && std::env::var("SEALROOT_LANES").as_deref() != Ok("scalar") => {
                Self::avx2().unwrap_or(scalar)
            }
            detected => detected,
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

    /// AVX2 with FMA, if the processor and the operating system have them.
    pub fn avx2() -> Option<Self> {
        #[cfg(target_arch = "x86_64")]
        if super::avx2::available() {
            return Some(Self(Kind::Avx2));
        }
        None
    }

    /// All that this machine has for every kernel, the scalar one first.
    pub fn all() -> Vec<Self> {
        [Some(Self::scalar()), Self::ifma()].into_iter().flatten().collect()
    }

    /// All that this machine has for [`poseidon`](crate::poseidon), the scalar one first.
    pub fn all_for_hashing() -> Vec<Self> {
        Self::all().into_iter().chain(Self::avx2()).collect()
    }

    /// `scalar`, `ifma` or `avx2`, as figures and file headers name it.
    pub const fn name(self) -> &'static str {
        match self.0 {
            Kind::Scalar => "scalar",
            #[cfg(target_arch = "x86_64")]
            Kind::Ifma => "ifma",
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => "avx2",
        }
    }

    /// From how many states on [`poseidon`](crate::poseidon) is faster than one hash after another. A pack costs the same however many of its lanes are used: with IFMA
    /// as much as one hash, with AVX2 as much as two to three.
    pub fn least_states(self) -> usize {
        match self.0 {
            Kind::Scalar => usize::MAX,
            #[cfg(target_arch = "x86_64")]
            Kind::Ifma => 1,
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => 4,
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
            // SAFETY: `Kind::Avx2` is made only by `Instructions::avx2`, in the same way.
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => unsafe { super::avx2::run(kernel) },
        }
    }
}
