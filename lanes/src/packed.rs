//! What kernels are written against: eight field elements side by side.

use crate::extension::{Extension, Step};
use crate::invert::Invert;
use crate::sparse::Gather;
use ark_ec::short_weierstrass::{Affine, SWCurveConfig};
use ark_ff::Field;

/// Elements in a pack.
pub const WIDTH: usize = 8;

/// Products that [`Packed::sum_of_products`] may sum.
pub const MAX_PRODUCTS: usize = 64;

/// Eight field elements.
///
/// A pack is *reduced* (each value less than 2.25 p) or *loose* (less than 8 p); every function says what it takes and gives. A scalar
/// implementation always reduces fully, so a kernel that keeps to these classes is right on both.
pub trait Packed: Copy + Send + Sync + 'static {
    /// arkworks' type of one element.
    type Element: Field;

    /// One element as constants are kept in tables.
    type Constant: Copy + Send + Sync + 'static;

    /// An element as a constant.
    fn constant(element: &Self::Element) -> Self::Constant;
    /// Eight times a constant; reduced.
    fn broadcast(constant: &Self::Constant) -> Self;
    /// Element i of pack j becomes element j of pack i.
    fn transpose(packs: &mut [Self; WIDTH]);

    /// Eight times 0; reduced.
    fn zero() -> Self;
    /// Eight times the same; reduced.
    fn splat(element: Self::Element) -> Self;
    /// From arkworks' form; reduced.
    fn pack(elements: &[Self::Element; WIDTH]) -> Self;
    /// To arkworks' form, fully reduced. Takes loose.
    fn unpack(self) -> [Self::Element; WIDTH];

    /// Reduced + reduced, loose.
    fn add(self, other: Self) -> Self;
    /// At most 5 p minus at most 3 p, loose.
    fn sub(self, other: Self) -> Self;
    /// Minus what is at most 3 p; the result is at most 3 p, and may be a subtrahend.
    fn neg(self) -> Self;
    /// Sum of two that are together less than 8 p, reduced.
    fn add_reduced(self, other: Self) -> Self;
    /// At most 5 p minus at most 3 p, reduced.
    fn sub_reduced(self, other: Self) -> Self;
    /// Reduced − reduced − reduced, reduced.
    fn sub_two(self, first: Self, second: Self) -> Self;
    /// The product, reduced. One factor may be loose, the other is at most 3 p.
    fn mul(self, other: Self) -> Self;
    /// The square of what is at most 3 p, reduced.
    fn square(self) -> Self;
    /// From loose to reduced.
    fn reduce(self) -> Self;
    /// `addend + Σ constants_i·packs_i`, reduced, for up to [`MAX_PRODUCTS`] products; all operands reduced. A backend may reduce the
    /// whole sum once.
    ///
    /// # Panics
    /// If there are not as many constants as packs.
    #[inline(always)]
    fn sum_of_products(constants: &[Self::Constant], packs: &[Self], addend: Self) -> Self {
        assert_eq!(constants.len(), packs.len(), "one constant per pack");
        let mut sum = addend;
        for i in 0..packs.len() {
            sum = sum.add_reduced(packs[i].mul(Self::broadcast(&constants[i])));
        }
        sum
    }

    /// Bit i is set where element i is 0. Takes loose.
    fn is_zero(self) -> u8;
    /// Element i of `yes` where bit i of the mask is set, else of `no`.
    fn select(mask: u8, yes: Self, no: Self) -> Self;
}

/// A coordinate of curve points, which knows how points lie in memory.
pub trait Coordinate: Packed {
    /// An affine point in memory: x then y, each limbs of 64 bits in the backend's Montgomery form, less than 2^256. Never infinity.
    type Stored: StoredPoint;

    /// x and y of eight points.
    fn load(points: [&Self::Stored; WIDTH]) -> (Self, Self);
    /// Writes eight points with reduced coordinates.
    fn store(x: Self, y: Self, out: &mut [Self::Stored; WIDTH]);
}

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

/// The three fields of one way of computing.
pub trait Backend: Copy + Send + Sync + 'static {
    /// Base field.
    type Fq: Coordinate<Element = ark_bn254::Fq, Stored = Stored<8>>;
    /// Its quadratic extension.
    type Fq2: Coordinate<Stored = Stored<16>> + Extension<Base = Self::Fq>;
    /// Scalar field.
    type Fr: Gather;

    /// The highest bits of both members of eight pairs: bit i of the first result is that of the first member of pair i.
    fn signs(pairs: &[[u32; 2]; WIDTH]) -> [u8; 2];

    /// Runs a step as a function of its own, compiled for this backend's instructions.
    fn call<S: Step>(step: S) -> S::Output;
}

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
