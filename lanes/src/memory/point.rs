//! A curve point in memory.

/// Bytes of a point: no padding, every bit pattern is a value.
pub trait StoredPoint: Copy + Send + Sync + 'static {
    /// All limbs 0.
    const ZERO: Self;
    /// Their number.
    const LIMBS: usize;
    /// The limbs.
    fn limbs(&self) -> &[u64];
    /// The limbs, to be filled in.
    fn limbs_mut(&mut self) -> &mut [u64];
}

/// A point of `L` limbs, in whole cache lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C, align(64))]
pub struct Stored<const L: usize>(pub [u64; L]);

impl<const L: usize> StoredPoint for Stored<L> {
    const ZERO: Self = Self([0; L]);
    const LIMBS: usize = L;
    fn limbs(&self) -> &[u64] {
        &self.0
    }
    fn limbs_mut(&mut self) -> &mut [u64] {
        &mut self.0
    }
}
