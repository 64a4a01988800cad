//! The instructions, as functions on a vector of eight 64-bit words.
//!
//! All of them need the features that [`available`](super::available) asks for. They are `inline(always)` around intrinsics: the
//! instruction is selected in [`run`](super::run), which has the features.

use std::arch::x86_64::*;

/// Eight words.
pub(super) type V = __m512i;

macro_rules! instruction {
    ($(#[$doc:meta])* $name:ident($($arg:ident: $type:ty),*) -> $out:ty = $body:expr) => {
        $(#[$doc])*
        #[inline(always)]
        pub(super) fn $name($($arg: $type),*) -> $out {
            // SAFETY: only values of this module's callers get here, which exist only inside `run`, whose caller has checked the features.
            unsafe { $body }
        }
    };
}

instruction!(zero() -> V = _mm512_setzero_si512());
instruction!(splat(x: u64) -> V = _mm512_set1_epi64(x as i64));
instruction!(add(a: V, b: V) -> V = _mm512_add_epi64(a, b));
instruction!(sub(a: V, b: V) -> V = _mm512_sub_epi64(a, b));
instruction!(and(a: V, b: V) -> V = _mm512_and_si512(a, b));
instruction!(or(a: V, b: V) -> V = _mm512_or_si512(a, b));
instruction!(
    /// `a − b` where the mask is set, else `a`.
    sub_where(mask: u8, a: V, b: V) -> V = _mm512_mask_sub_epi64(a, mask, a, b)
);
instruction!(
    /// `a` plus the low 52 bits of the product of the low 52 bits.
    mul_low(a: V, b: V, c: V) -> V = _mm512_madd52lo_epu64(a, b, c)
);
instruction!(
    /// `a` plus the high 52 bits of the 104-bit product of the low 52 bits.
    mul_high(a: V, b: V, c: V) -> V = _mm512_madd52hi_epu64(a, b, c)
);
instruction!(
    /// Signed `a >> 52`.
    carry(a: V) -> V = _mm512_srai_epi64::<52>(a)
);
instruction!(nine_times(a: V) -> V = _mm512_add_epi64(_mm512_slli_epi64::<3>(a), a));
instruction!(at_least(a: V, b: V) -> u8 = _mm512_cmpge_epi64_mask(a, b));
instruction!(equal(a: V, b: V) -> u8 = _mm512_cmpeq_epi64_mask(a, b));
instruction!(select(mask: u8, yes: V, no: V) -> V = _mm512_mask_blend_epi64(mask, no, yes));
instruction!(load(from: &[u64; 8]) -> V = _mm512_loadu_si512(from.as_ptr().cast()));
instruction!(store(a: V, to: &mut [u64; 8]) -> () = _mm512_storeu_si512(to.as_mut_ptr().cast(), a));

/// An array by index, unrolled in place: `array::from_fn` and `map` are functions without the instructions, into which none is inlined.
macro_rules! each {
    ($i:ident => $body:expr) => {
        each!(@ $i, $body, 0 1 2 3 4)
    };
    (8, $i:ident => $body:expr) => {
        each!(@ $i, $body, 0 1 2 3 4 5 6 7)
    };
    (10, $i:ident => $body:expr) => {
        each!(@ $i, $body, 0 1 2 3 4 5 6 7 8 9)
    };
    (@ $i:ident, $body:expr, $($index:literal)*) => {
        [$({ let $i: usize = $index; $body }),*]
    };
}
pub(super) use each;

/// The highest bits of the first and of the second members.
#[inline(always)]
pub(super) fn signs(pairs: &[[u32; 2]; 8]) -> [u8; 2] {
    // SAFETY: as above; the 64 bytes that are read are those of the pairs.
    unsafe {
        let mask = u32::from(_mm512_movepi32_mask(_mm512_loadu_si512(pairs.as_ptr().cast())));
        [_pext_u32(mask, 0x5555) as u8, _pext_u32(mask, 0xaaaa) as u8]
    }
}

/// From limbs of 64 bits to limbs of 52.
#[inline(always)]
pub(super) fn narrow(w: [V; 4], mask: V) -> [V; 5] {
    // SAFETY: as above.
    unsafe {
        [
            and(w[0], mask),
            and(_mm512_shrdi_epi64::<52>(w[0], w[1]), mask),
            and(_mm512_shrdi_epi64::<40>(w[1], w[2]), mask),
            and(_mm512_shrdi_epi64::<28>(w[2], w[3]), mask),
            _mm512_srli_epi64::<16>(w[3]),
        ]
    }
}

/// From limbs of 52 bits, less than 2^256 in all, to limbs of 64.
#[inline(always)]
pub(super) fn widen(l: [V; 5]) -> [V; 4] {
    // SAFETY: as above.
    unsafe {
        [
            or(l[0], _mm512_slli_epi64::<52>(l[1])),
            or(_mm512_srli_epi64::<12>(l[1]), _mm512_slli_epi64::<40>(l[2])),
            or(_mm512_srli_epi64::<24>(l[2]), _mm512_slli_epi64::<28>(l[3])),
            or(_mm512_srli_epi64::<36>(l[3]), _mm512_slli_epi64::<16>(l[4])),
        ]
    }
}

/// Words 0 to 3 of eight rows, as columns.
#[inline(always)]
pub(super) fn gather(rows: [&[u64; 4]; 8]) -> [V; 4] {
    // SAFETY: as above; the 32 bytes that are read are those of each row.
    unsafe {
        let row = each!(8, i => _mm256_loadu_si256(rows[i].as_ptr().cast()));
        let rows = [
            _mm512_inserti64x4::<1>(_mm512_castsi256_si512(row[0]), row[4]),
            _mm512_inserti64x4::<1>(_mm512_castsi256_si512(row[1]), row[5]),
            _mm512_inserti64x4::<1>(_mm512_castsi256_si512(row[2]), row[6]),
            _mm512_inserti64x4::<1>(_mm512_castsi256_si512(row[3]), row[7]),
        ];
        let even = _mm512_setr_epi64(0, 1, 8, 9, 4, 5, 12, 13);
        let odd = _mm512_setr_epi64(2, 3, 10, 11, 6, 7, 14, 15);
        let low = [_mm512_unpacklo_epi64(rows[0], rows[1]), _mm512_unpacklo_epi64(rows[2], rows[3])];
        let high = [_mm512_unpackhi_epi64(rows[0], rows[1]), _mm512_unpackhi_epi64(rows[2], rows[3])];
        [
            _mm512_permutex2var_epi64(low[0], even, low[1]),
            _mm512_permutex2var_epi64(high[0], even, high[1]),
            _mm512_permutex2var_epi64(low[0], odd, low[1]),
            _mm512_permutex2var_epi64(high[0], odd, high[1]),
        ]
    }
}

/// Rows to columns, and back.
#[inline(always)]
pub(super) fn transpose(r: [V; 8]) -> [V; 8] {
    // SAFETY: as above.
    unsafe {
        let even = _mm512_setr_epi64(0, 1, 8, 9, 4, 5, 12, 13);
        let odd = _mm512_setr_epi64(2, 3, 10, 11, 6, 7, 14, 15);
        let t = [
            _mm512_unpacklo_epi64(r[0], r[1]),
            _mm512_unpackhi_epi64(r[0], r[1]),
            _mm512_unpacklo_epi64(r[2], r[3]),
            _mm512_unpackhi_epi64(r[2], r[3]),
            _mm512_unpacklo_epi64(r[4], r[5]),
            _mm512_unpackhi_epi64(r[4], r[5]),
            _mm512_unpacklo_epi64(r[6], r[7]),
            _mm512_unpackhi_epi64(r[6], r[7]),
        ];
        // Columns (0, 4), (1, 5), (2, 6), (3, 7) of the upper four rows, then of the lower four.
        let u = [
            _mm512_permutex2var_epi64(t[0], even, t[2]),
            _mm512_permutex2var_epi64(t[1], even, t[3]),
            _mm512_permutex2var_epi64(t[0], odd, t[2]),
            _mm512_permutex2var_epi64(t[1], odd, t[3]),
        ];
        let v = [
            _mm512_permutex2var_epi64(t[4], even, t[6]),
            _mm512_permutex2var_epi64(t[5], even, t[7]),
            _mm512_permutex2var_epi64(t[4], odd, t[6]),
            _mm512_permutex2var_epi64(t[5], odd, t[7]),
        ];
        [
            _mm512_shuffle_i64x2::<0x44>(u[0], v[0]),
            _mm512_shuffle_i64x2::<0x44>(u[1], v[1]),
            _mm512_shuffle_i64x2::<0x44>(u[2], v[2]),
            _mm512_shuffle_i64x2::<0x44>(u[3], v[3]),
            _mm512_shuffle_i64x2::<0xee>(u[0], v[0]),
            _mm512_shuffle_i64x2::<0xee>(u[1], v[1]),
            _mm512_shuffle_i64x2::<0xee>(u[2], v[2]),
            _mm512_shuffle_i64x2::<0xee>(u[3], v[3]),
        ]
    }
}
