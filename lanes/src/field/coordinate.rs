//! Coordinates of curve points: how they come from memory into lanes.

use super::packed::{Packed, WIDTH};
use crate::memory::StoredPoint;

/// A coordinate of curve points, which knows how points lie in memory.
pub trait Coordinate: Packed {
    /// An affine point in memory: x then y, each limbs of 64 bits in the backend's Montgomery form, less than 2^256. Never infinity.
    type Stored: StoredPoint;

    /// x and y of eight points.
    fn load(points: [&Self::Stored; WIDTH]) -> (Self, Self);
    /// Writes eight points with reduced coordinates.
    fn store(x: Self, y: Self, out: &mut [Self::Stored; WIDTH]);
}
