//! AVX-512 IFMA: radix 2^52, five limbs, Montgomery form with `R = 2^260`.
//!
//! The types here are private to the crate: a value of them can only be reached through [`Instructions::run`](crate::Instructions::run), which has asked the
//! processor first. That is what makes their safe methods sound.

mod base;
mod quadratic;
mod vector;

use super::kernel::{Backend, Kernel, Step};
use crate::field::{FqModulus, FrModulus, WIDTH};

#[derive(Clone, Copy, Debug)]
pub(crate) struct Ifma;

impl Backend for Ifma {
    type Fq = base::Base<FqModulus>;
    type Fq2 = quadratic::Quadratic;
    type Fr = base::Base<FrModulus>;

    #[inline(always)]
    fn signs(pairs: &[[u32; 2]; WIDTH]) -> [u8; 2] {
        vector::signs(pairs)
    }

    #[inline(always)]
    fn call<S: Step>(step: S) -> S::Output {
        // SAFETY: this backend's methods run only inside `run`, whose caller has checked the features.
        unsafe { outlined(step) }
    }
}

/// Whether processor and operating system have all that [`run`] uses.
pub(crate) fn available() -> bool {
    is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512ifma")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("avx512vbmi2")
        && is_x86_feature_detected!("bmi2")
        && is_x86_feature_detected!("adx")
}

/// Compiles the kernel for these instructions.
///
/// # Safety
/// [`available`] is true.
#[target_feature(enable = "avx512f,avx512ifma,avx512dq,avx512bw,avx512vl,avx512vbmi2,bmi2,adx")]
pub(crate) unsafe fn run<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<Ifma>()
}

/// A step with these instructions, not inlined.
///
/// # Safety
/// [`available`] is true.
#[target_feature(enable = "avx512f,avx512ifma,avx512dq,avx512bw,avx512vl,avx512vbmi2,bmi2,adx")]
#[inline(never)]
unsafe fn outlined<S: Step>(step: S) -> S::Output {
    step.run()
}
