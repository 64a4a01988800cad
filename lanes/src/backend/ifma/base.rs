//! A prime field in lanes.
//!
//! Limbs are always normalised to 52 bits, since the multiplier reads no more; values are bounded as [`Packed`] says. With `p < 2^253.6`, a
//! product of `a < k·p` and `b < l·p` is reduced to less than `(1 + 0.0119·k·l)·p`.

use super::vector::{self, V, each};
use crate::field::{
    Coordinate, FqModulus, FrModulus, Gather, LIMB_MASK, MAX_PRODUCTS, Modulus, Packed, Term, WIDTH, multiple, split,
};
use crate::memory::Stored;
use ark_bn254::Fr;
use ark_ff::AdditiveGroup;
use std::array::from_fn;
use std::marker::PhantomData;

/// Eight elements, limb by limb.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(crate) struct Base<M>(pub(super) [V; 5], PhantomData<M>);

impl<M: Modulus> Base<M> {
    #[inline(always)]
    pub(super) fn new(limbs: [V; 5]) -> Self {
        Self(limbs, PhantomData)
    }

    #[inline(always)]
    pub(super) fn limbs(limbs: [u64; 5]) -> Self {
        Self::new(each!(i => vector::splat(limbs[i])))
    }

    /// `k·p`.
    #[inline(always)]
    pub(super) fn p_times<const K: u64>() -> [V; 5] {
        let limbs = const { multiple::<M>(K) };
        each!(i => vector::splat(limbs[i]))
    }

    /// Carries of signed limbs whose value is not negative.
    #[inline(always)]
    pub(super) fn normalise(mut t: [V; 5]) -> Self {
        let mask = vector::splat(LIMB_MASK);
        for i in 0..4 {
            t[i + 1] = vector::add(t[i + 1], vector::carry(t[i]));
            t[i] = vector::and(t[i], mask);
        }
        Self::new(t)
    }

    /// Signed limbs of a value in [0, 8 p) to a value less than 2 p + 2^213.
    ///
    /// The top limb alone decides whether 4 p and 2 p are subtracted. Limbs that have not been normalised change it by less than 16, which
    /// the thresholds allow for, so nothing becomes negative.
    #[inline(always)]
    pub(super) fn normalise_reduced(t: [V; 5]) -> Self {
        let t = Self::minus_where_at_least::<4>(t);
        Self::normalise(Self::minus_where_at_least::<2>(t))
    }

    /// As [`Self::normalise_reduced`], of a value in [0, 32 p): for limbs of less than 2^56.
    #[inline(always)]
    pub(super) fn normalise_from_large(t: [V; 5]) -> Self {
        let t = Self::minus_where_at_least::<16>(t);
        Self::normalise_reduced(Self::minus_where_at_least::<8>(t))
    }

    /// Subtracts `K·p` where the top limb says that it is certainly less.
    #[inline(always)]
    fn minus_where_at_least<const K: u64>(t: [V; 5]) -> [V; 5] {
        let mask = vector::at_least(t[4], vector::splat(const { multiple::<M>(K)[4] + 16 }));
        let p = Self::p_times::<K>();
        each!(i => vector::sub_where(mask, t[i], p[i]))
    }

    /// Less than p. Takes loose.
    #[inline(always)]
    fn canonical(self) -> Self {
        let mut x = self;
        x = x.minus_where_possible(Self::p_times::<4>());
        x = x.minus_where_possible(Self::p_times::<2>());
        x.minus_where_possible(Self::p_times::<1>())
    }

    #[inline(always)]
    fn minus_where_possible(self, p: [V; 5]) -> Self {
        let less = Self::normalise(each!(i => vector::sub(self.0[i], p[i])));
        let mask = vector::at_least(less.0[4], vector::zero());
        Self::new(each!(i => vector::select(mask, less.0[i], self.0[i])))
    }

    /// From rows of four limbs of 64 bits in the lanes' form.
    #[inline(always)]
    pub(super) fn from_words(words: [V; 4]) -> Self {
        Self::new(vector::narrow(words, vector::splat(LIMB_MASK)))
    }
}

/// Columns of the product of limbs.
#[inline(always)]
pub(super) fn product(a: &[V; 5], b: &[V; 5]) -> [V; 10] {
    let mut t = [vector::zero(); 10];
    for i in 0..5 {
        for j in 0..5 {
            t[i + j] = vector::mul_low(t[i + j], a[i], b[j]);
        }
        for j in 0..5 {
            t[i + j + 1] = vector::mul_high(t[i + j + 1], a[i], b[j]);
        }
    }
    t
}

/// Columns of sums whose low and high halves were summed apart.
#[inline(always)]
fn columns(low: [V; 9], high: [V; 9]) -> [V; 10] {
    let mut t = [vector::zero(); 10];
    t[0] = low[0];
    for i in 1..9 {
        t[i] = vector::add(low[i], high[i - 1]);
    }
    t[9] = high[8];
    t
}

/// Columns of a square: products of different limbs once, doubled.
#[inline(always)]
fn square_columns(a: &[V; 5]) -> [V; 10] {
    let mut t = [vector::zero(); 10];
    for i in 0..5 {
        for j in i + 1..5 {
            t[i + j] = vector::mul_low(t[i + j], a[i], a[j]);
            t[i + j + 1] = vector::mul_high(t[i + j + 1], a[i], a[j]);
        }
    }
    for i in 1..9 {
        t[i] = vector::add(t[i], t[i]);
    }
    for i in 0..5 {
        t[2 * i] = vector::mul_low(t[2 * i], a[i], a[i]);
        t[2 * i + 1] = vector::mul_high(t[2 * i + 1], a[i], a[i]);
    }
    t
}

/// Montgomery reduction of signed columns: the upper five, with carries not yet propagated. Adds at most p to the value divided by 2^260.
#[inline(always)]
pub(super) fn montgomery<M: Modulus>(mut t: [V; 10]) -> [V; 5] {
    let p: [V; 5] = each!(i => vector::splat(M::P52[i]));
    let negated_inverse = vector::splat(M::NEGATED_INVERSE);
    let mask = vector::splat(LIMB_MASK);
    for i in 0..5 {
        let q = vector::mul_low(vector::zero(), t[i], negated_inverse);
        // t_i + low(q·p_0) is a multiple of 2^52, so its carry is t_i / 2^52 rounded up: no need to compute the product.
        let carry = vector::carry(vector::add(t[i], mask));
        t[i + 1] = vector::add(t[i + 1], carry);
        for j in 1..5 {
            t[i + j] = vector::mul_low(t[i + j], q, p[j]);
        }
        for j in 0..5 {
            t[i + j + 1] = vector::mul_high(t[i + j + 1], q, p[j]);
        }
    }
    [t[5], t[6], t[7], t[8], t[9]]
}

impl<M: Modulus> Packed for Base<M> {
    type Element = M::Element;
    type Constant = [u64; 5];

    #[inline(always)]
    fn constant(element: &M::Element) -> [u64; 5] {
        // The canonical residue of x·2^260: arkworks' limbs of 16·x.
        let mut shifted = *element;
        for _ in 0..4 {
            shifted.double_in_place();
        }
        split(M::montgomery_limbs(&shifted))
    }

    #[inline(always)]
    fn broadcast(constant: &[u64; 5]) -> Self {
        Self::limbs(*constant)
    }

    #[inline(always)]
    fn transpose(packs: &mut [Self; WIDTH]) {
        for limb in 0..5 {
            let rows = vector::transpose(each!(8, i => packs[i].0[limb]));
            for i in 0..WIDTH {
                packs[i].0[limb] = rows[i];
            }
        }
    }

    #[inline(always)]
    fn zero() -> Self {
        Self::new([vector::zero(); 5])
    }

    #[inline(always)]
    fn splat(element: M::Element) -> Self {
        let limbs = M::montgomery_limbs(&element);
        let words =
            [vector::splat(limbs[0]), vector::splat(limbs[1]), vector::splat(limbs[2]), vector::splat(limbs[3])];
        Self::from_words(words).mul(Self::limbs(M::FROM_ARK))
    }

    #[inline(always)]
    fn pack(elements: &[M::Element; WIDTH]) -> Self {
        let mut words = [[0; WIDTH]; 4];
        for i in 0..WIDTH {
            let limbs = M::montgomery_limbs(&elements[i]);
            for j in 0..4 {
                words[j][i] = limbs[j];
            }
        }
        let [a, b, c, d] = &words;
        let words = [vector::load(a), vector::load(b), vector::load(c), vector::load(d)];
        Self::from_words(words).mul(Self::limbs(M::FROM_ARK))
    }

    #[inline(always)]
    fn unpack(self) -> [M::Element; WIDTH] {
        let words = vector::widen(self.mul(Self::limbs(M::TO_ARK)).canonical().0);
        let mut out = [[0; WIDTH]; 4];
        for j in 0..4 {
            vector::store(words[j], &mut out[j]);
        }
        from_fn(|i| M::from_montgomery_limbs(from_fn(|j| out[j][i])))
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self::normalise(each!(i => vector::add(self.0[i], other.0[i])))
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        let p = Self::p_times::<3>();
        Self::normalise(each!(i => vector::sub(vector::add(self.0[i], p[i]), other.0[i])))
    }

    #[inline(always)]
    fn neg(self) -> Self {
        let p = Self::p_times::<3>();
        Self::normalise(each!(i => vector::sub(p[i], self.0[i])))
    }

    #[inline(always)]
    fn add_reduced(self, other: Self) -> Self {
        Self::normalise_reduced(each!(i => vector::add(self.0[i], other.0[i])))
    }

    #[inline(always)]
    fn sub_reduced(self, other: Self) -> Self {
        let p = Self::p_times::<3>();
        Self::normalise_reduced(each!(i => vector::sub(vector::add(self.0[i], p[i]), other.0[i])))
    }

    #[inline(always)]
    fn sub_two(self, first: Self, second: Self) -> Self {
        let p = Self::p_times::<5>();
        Self::normalise_reduced(each!(i => {
            vector::sub(vector::add(self.0[i], p[i]), vector::add(first.0[i], second.0[i]))
        }))
    }

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Self::normalise(montgomery::<M>(product(&self.0, &other.0)))
    }

    #[inline(always)]
    fn square(self) -> Self {
        Self::normalise(montgomery::<M>(square_columns(&self.0)))
    }

    #[inline(always)]
    fn reduce(self) -> Self {
        Self::normalise_reduced(self.0)
    }

    #[inline(always)]
    fn sum_of_products(constants: &[[u64; 5]], packs: &[Self], addend: Self) -> Self {
        assert!(constants.len() == packs.len() && packs.len() <= MAX_PRODUCTS, "one constant per pack, few enough");
        // Low and high halves in sums of their own: one sum per column would be twice as long a chain of additions, which is what takes
        // the time. 64 products put at most 640 halves into a column, less than 2^62 with what the reduction adds.
        let (mut low, mut high) = ([vector::zero(); 9], [vector::zero(); 9]);
        for n in 0..packs.len() {
            let (a, b) = (&packs[n].0, &constants[n]);
            for i in 0..5 {
                let b = vector::splat(b[i]);
                for j in 0..5 {
                    low[i + j] = vector::mul_low(low[i + j], a[j], b);
                    high[i + j] = vector::mul_high(high[i + j], a[j], b);
                }
            }
        }
        // Less than (1 + 64·2.25·0.0119)·p from the products and 2.25 p from the addend, together less than 8 p. No limb is negative, so the
        // carries that are still to come only add to the top limb, and less than 256: the result is less than 2 p + 2^217.
        let t = montgomery::<M>(columns(low, high));
        Self::normalise_reduced(each!(i => vector::add(t[i], addend.0[i])))
    }

    #[inline(always)]
    fn is_zero(self) -> u8 {
        let x = self.canonical();
        let low = vector::or(vector::or(x.0[0], x.0[1]), vector::or(x.0[2], x.0[3]));
        vector::equal(vector::or(low, x.0[4]), vector::zero())
    }

    #[inline(always)]
    fn select(mask: u8, yes: Self, no: Self) -> Self {
        Self::new(each!(i => vector::select(mask, yes.0[i], no.0[i])))
    }
}

impl Gather for Base<FrModulus> {
    // arkworks' forms of an element and of 2^8 times a coefficient, multiplied and divided by 2^260, are the lanes' form of the product.
    const SCALE: u64 = 1 << 8;

    #[inline(always)]
    fn dot(elements: &[Fr], coefficients: &[Fr], terms: &[Term]) -> Self {
        assert!(terms.len() <= MAX_PRODUCTS, "few enough terms");
        // As in `sum_of_products`, of factors that are less than p.
        let (mut low, mut high) = ([vector::zero(); 9], [vector::zero(); 9]);
        for n in 0..terms.len() {
            let Term { elements: e, coefficients: c } = &terms[n];
            let a = Self::from_words(vector::gather(each!(8, i => &elements[e[i] as usize].0.0))).0;
            let b = Self::from_words(vector::gather(each!(8, i => &coefficients[c[i] as usize].0.0))).0;
            for i in 0..5 {
                for j in 0..5 {
                    low[i + j] = vector::mul_low(low[i + j], a[j], b[i]);
                    high[i + j] = vector::mul_high(high[i + j], a[j], b[i]);
                }
            }
        }
        Self::normalise_reduced(montgomery::<FrModulus>(columns(low, high)))
    }
}

impl Coordinate for Base<FqModulus> {
    type Stored = Stored<8>;

    #[inline(always)]
    fn load(points: [&Stored<8>; WIDTH]) -> (Self, Self) {
        let [a, b, c, d, e, f, g, h] = vector::transpose(each!(8, i => vector::load(&points[i].0)));
        (Self::from_words([a, b, c, d]), Self::from_words([e, f, g, h]))
    }

    #[inline(always)]
    fn store(x: Self, y: Self, out: &mut [Stored<8>; WIDTH]) {
        let [a, b, c, d] = vector::widen(x.0);
        let [e, f, g, h] = vector::widen(y.0);
        let rows = vector::transpose([a, b, c, d, e, f, g, h]);
        for i in 0..WIDTH {
            vector::store(rows[i], &mut out[i].0);
        }
    }
}
