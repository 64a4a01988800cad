//! Hints to the cache.

/// Asks for the cache lines of `of[index]`, which will be read soon. Any index will do.
#[inline(always)]
pub(crate) fn prefetch<T>(of: &[T], index: usize) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        let start = of.as_ptr().wrapping_add(index).cast::<i8>();
        // SAFETY: SSE is part of x86_64, and a prefetch of any address has no effect but on the cache.
        unsafe {
            _mm_prefetch::<_MM_HINT_T0>(start);
            if size_of::<T>() > 64 {
                _mm_prefetch::<_MM_HINT_T0>(start.wrapping_add(64));
            }
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (of, index);
}
