//! What kernels are written against: eight field elements side by side.

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

    /// Partial rounds of [`poseidon`](crate::poseidon) that are taken together: the more, the fewer reductions, and the more products. At most 8.
    const PARTIAL_ROUNDS: usize = 4;

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
