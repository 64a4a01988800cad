//! The instructions, as functions on a vector of four doubles, or of four words of 64 bits.
//!
//! All of them need the features that [`available`](super::available) asks for. They are `inline(always)` around intrinsics: the
//! instruction is selected in [`run`](super::run), which has the features.

use std::arch::x86_64::*;

/// Four doubles.
pub(super) type D = __m256d;
/// Four words.
pub(super) type W = __m256i;

macro_rules! instruction {
    ($(#[$doc:meta])* $name:ident$(<const $n:ident: $of:ty>)?($($arg:ident: $type:ty),*) -> $out:ty = $body:expr) => {
        $(#[$doc])*
        #[inline(always)]
        pub(super) fn $name$(<const $n: $of>)?($($arg: $type),*) -> $out {
            // SAFETY: only values of this module's callers get here, which exist only inside `run`, whose caller has checked the features.
            unsafe { $body }
        }
    };
}

instruction!(splat(x: f64) -> D = _mm256_set1_pd(x));
instruction!(add(a: D, b: D) -> D = _mm256_add_pd(a, b));
instruction!(sub(a: D, b: D) -> D = _mm256_sub_pd(a, b));
instruction!(
    /// `a·b + c`, rounded once.
    mul_add(a: D, b: D, c: D) -> D = _mm256_fmadd_pd(a, b, c)
);
instruction!(
    /// `c − a·b`, rounded once.
    mul_sub_from(a: D, b: D, c: D) -> D = _mm256_fnmadd_pd(a, b, c)
);
instruction!(bits(a: D) -> W = _mm256_castpd_si256(a));
instruction!(from_bits(a: W) -> D = _mm256_castsi256_pd(a));
instruction!(splat_word(x: u64) -> W = _mm256_set1_epi64x(x as i64));
instruction!(add_words(a: W, b: W) -> W = _mm256_add_epi64(a, b));
instruction!(and(a: W, b: W) -> W = _mm256_and_si256(a, b));
instruction!(or(a: W, b: W) -> W = _mm256_or_si256(a, b));
instruction!(
    /// Unsigned `a >> BITS`.
    shift<const BITS: i32>(a: W) -> W = _mm256_srli_epi64::<BITS>(a)
);
instruction!(
    /// `yes` where the mask's highest bits are set, else `no`.
    select(mask: D, yes: D, no: D) -> D = _mm256_blendv_pd(no, yes, mask)
);
instruction!(load(from: &[f64; 4]) -> D = _mm256_loadu_pd(from.as_ptr()));
instruction!(store(a: D, to: &mut [f64; 4]) -> () = _mm256_storeu_pd(to.as_mut_ptr(), a));
