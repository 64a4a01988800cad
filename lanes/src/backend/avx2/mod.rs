//! AVX2 with FMA: the scalar field in radix 2^51, five limbs that are doubles, Montgomery form with `R = 2^255`. For hashing on processors without AVX-512 IFMA.
//!
//! A fused multiply-add rounds once, so a product of two limbs is had exactly in two parts: its sum with a large number is the high part, and what is missing is
//! the low one ("Faster modular exponentiation using double precision floating point arithmetic on the GPU", Emmart, Zheng, Weems, ARITH 2018). Both parts
//! stand in the lowest bits of a double, so that they are summed as integers.
//!
//! Only the scalar field is computed so: the base field's kernels move more than they multiply, and stay the scalar twin's.
//! The types here are private to the crate, for the reason that [`ifma`](super::ifma) gives.

mod base;
mod vector;

use super::{
    kernel::{Backend, Kernel, Step},
    scalar::{Eight, Scalar},
};
use crate::field::WIDTH;
use ark_bn254::{Fq, Fq2};

#[derive(Clone, Copy, Debug)]
pub(crate) struct Avx2;

impl Backend for Avx2 {
    type Fq = Eight<Fq>;
    type Fq2 = Eight<Fq2>;
    type Fr = base::Base;

    #[inline(always)]
    fn signs(pairs: &[[u32; 2]; WIDTH]) -> [u8; 2] {
        Scalar::signs(pairs)
    }

    #[inline(always)]
    fn call<S: Step>(step: S) -> S::Output {
        // SAFETY: this backend's methods run only inside `run`, whose caller has checked the features.
        unsafe { outlined(step) }
    }
}

/// Whether processor and operating system have all that [`run`] uses.
pub(crate) fn available() -> bool {
    is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")
}

/// Compiles the kernel for these instructions.
///
/// # Safety
/// [`available`] is true.
#[target_feature(enable = "avx2,fma")]
pub(crate) unsafe fn run<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<Avx2>()
}

/// A step with these instructions, not inlined.
///
/// # Safety
/// [`available`] is true.
#[target_feature(enable = "avx2,fma")]
#[inline(never)]
unsafe fn outlined<S: Step>(step: S) -> S::Output {
    step.run()
}
