//! The two groups and their affine points.

use crate::backend::Backend;
use crate::field::{Coordinate, Invert};
use crate::memory::{Stored, StoredPoint};
use ark_ec::short_weierstrass::{Affine, SWCurveConfig};

/// A group of points over lanes.
pub trait Group: Copy + Send + Sync + 'static {
    /// The curve.
    type Config: SWCurveConfig<BaseField = Self::Element, ScalarField = ark_bn254::Fr>;
    /// Field of the coordinates.
    type Element: Invert;
    /// A point in memory.
    type Stored: StoredPoint;
    /// Coordinates in lanes.
    type Lanes<B: Backend>: Coordinate<Element = Self::Element, Stored = Self::Stored>;
    /// Name in messages.
    const NAME: &'static str;
}

/// The affine points of a group.
pub type AffinePoint<G> = Affine<<G as Group>::Config>;

/// The first group.
#[derive(Clone, Copy, Debug)]
pub struct G1;
/// The second group.
#[derive(Clone, Copy, Debug)]
pub struct G2;

impl Group for G1 {
    type Config = ark_bn254::g1::Config;
    type Element = ark_bn254::Fq;
    type Stored = Stored<8>;
    type Lanes<B: Backend> = B::Fq;
    const NAME: &'static str = "G1";
}

impl Group for G2 {
    type Config = ark_bn254::g2::Config;
    type Element = ark_bn254::Fq2;
    type Stored = Stored<16>;
    type Lanes<B: Backend> = B::Fq2;
    const NAME: &'static str = "G2";
}
