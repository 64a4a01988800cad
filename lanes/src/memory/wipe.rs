//! Wiping of what says which points a secret adds.

/// Integers of which any bytes are a value.
pub(crate) trait Plain: Copy {}
impl Plain for i16 {}
impl Plain for u32 {}
impl Plain for [u32; 2] {}
impl Plain for (u32, u32) {}

/// Overwrites with zeros, which the compiler may not leave out; a cache line at a time, where wiping one by one takes as long as adding points.
pub(crate) fn wipe<T: Plain>(slice: &mut [T]) {
    // SAFETY: `Plain` types have no padding and no forbidden values, so their bytes may be seen as arrays of words, and be 0.
    let (head, lines, tail) = unsafe { slice.align_to_mut::<[u64; 8]>() };
    let zero = |x: &mut T| {
        // SAFETY: a valid reference, and 0 is a value of a `Plain` type.
        unsafe { std::ptr::write_volatile(x, std::mem::zeroed()) }
    };
    head.iter_mut().for_each(zero);
    tail.iter_mut().for_each(zero);
    for line in lines {
        // SAFETY: a valid reference.
        unsafe { std::ptr::write_volatile(line, [0; 8]) }
    }
    std::sync::atomic::compiler_fence(std::sync::atomic::Ordering::SeqCst);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_is_wiped() {
        for start in 0..40 {
            for length in 0..100 {
                let mut all = [7i16; 150];
                wipe(&mut all[start..start + length]);
                let wiped = |i: usize| (start..start + length).contains(&i);
                assert!(all.iter().enumerate().all(|(i, x)| *x == if wiped(i) { 0 } else { 7 }));
            }
        }
    }
}
