//! The scalar twin: eight elements at a time, with MULX where the machine has it, else with arkworks' arithmetic.

use super::kernel::{Backend, Step};
#[cfg(target_arch = "x86_64")]
use super::mulx::{self, Mulx};
use crate::field::{self, Coordinate, Extension, FqModulus, FrModulus, Gather, Modulus, Packed, Term, WIDTH};
use crate::memory::Stored;
use ark_bn254::{Fq, Fq2, Fr};
use ark_ff::{AdditiveGroup, Field};
use std::array::from_fn;

/// Any machine.
#[derive(Clone, Copy, Debug)]
pub struct Scalar;

impl Backend for Scalar {
    type Fq = Eight<Fq>;
    type Fq2 = Eight<Fq2>;
    type Fr = Eight<Fr>;

    #[inline(always)]
    fn signs(pairs: &[[u32; 2]; WIDTH]) -> [u8; 2] {
        let mut signs = [0; 2];
        for i in 0..WIDTH {
            signs[0] |= ((pairs[i][0] >> 31) as u8) << i;
            signs[1] |= ((pairs[i][1] >> 31) as u8) << i;
        }
        signs
    }

    #[inline(never)]
    fn call<S: Step>(step: S) -> S::Output {
        step.run()
    }
}

/// Eight elements, fully reduced.
#[derive(Clone, Copy, Debug)]
pub struct Eight<E>([E; WIDTH]);

/// Products of eight pairs at a time, so that what can be gained from the machine is asked for once.
pub trait Multiply: Field {
    /// The products.
    fn products(a: &[Self; WIDTH], b: &[Self; WIDTH], out: &mut [Self; WIDTH]);
    /// The squares.
    fn squares(a: &[Self; WIDTH], out: &mut [Self; WIDTH]) {
        Self::products(a, a, out);
    }
}

macro_rules! multiply {
    ($element:ty, $modulus:ty) => {
        impl Multiply for $element {
            #[inline(never)]
            fn products(a: &[Self; WIDTH], b: &[Self; WIDTH], out: &mut [Self; WIDTH]) {
                #[cfg(target_arch = "x86_64")]
                if let Some(mulx) = Mulx::detect() {
                    const MODULUS: mulx::Modulus = mulx::Modulus::new(<$modulus>::P);
                    for i in 0..WIDTH {
                        let [a, b] = [<$modulus>::montgomery_limbs(&a[i]), <$modulus>::montgomery_limbs(&b[i])];
                        out[i] = <$modulus>::from_montgomery_limbs(mulx::mul(mulx, &a, &b, &MODULUS));
                    }
                    return;
                }
                for i in 0..WIDTH {
                    out[i] = a[i] * b[i];
                }
            }
        }
    };
}
multiply!(Fq, FqModulus);
multiply!(Fr, FrModulus);

impl Multiply for Fq2 {
    #[inline(never)]
    fn products(a: &[Self; WIDTH], b: &[Self; WIDTH], out: &mut [Self; WIDTH]) {
        #[cfg(target_arch = "x86_64")]
        if let Some(mulx) = Mulx::detect() {
            for i in 0..WIDTH {
                out[i] = quadratic::mul(mulx, &a[i], &b[i]);
            }
            return;
        }
        for i in 0..WIDTH {
            out[i] = a[i] * b[i];
        }
    }

    #[inline(never)]
    fn squares(a: &[Self; WIDTH], out: &mut [Self; WIDTH]) {
        #[cfg(target_arch = "x86_64")]
        if let Some(mulx) = Mulx::detect() {
            for i in 0..WIDTH {
                out[i] = quadratic::square(mulx, &a[i]);
            }
            return;
        }
        for i in 0..WIDTH {
            out[i] = a[i].square();
        }
    }
}

/// The extension by `u² = −1`: three products of limbs and two reductions for one of the extension.
#[cfg(target_arch = "x86_64")]
mod quadratic {
    use super::super::mulx::{self, Mulx};
    use crate::field::{FqModulus, Modulus};
    use ark_bn254::{Fq, Fq2};

    const MODULUS: mulx::Modulus = mulx::Modulus::new(FqModulus::P);

    fn limbs(x: &Fq) -> [u64; 4] {
        FqModulus::montgomery_limbs(x)
    }

    #[inline(always)]
    pub(super) fn mul(mulx: Mulx, a: &Fq2, b: &Fq2) -> Fq2 {
        let [a0, a1, b0, b1] = [limbs(&a.c0), limbs(&a.c1), limbs(&b.c0), limbs(&b.c1)];
        let low = mulx::product(mulx, &a0, &b0);
        let high = mulx::product(mulx, &a1, &b1);
        // Sums of two that are less than p have 255 bits.
        let cross = mulx::product(mulx, &mulx::add(&a0, &a1).0, &mulx::add(&b0, &b1).0);
        let (mut c0, negative) = difference(&low, &high);
        // p·2^256 more: between 0 and that, since products are less than p².
        let (more, _) = mulx::add(&c0[1], &FqModulus::P);
        c0[1] = if negative { more } else { c0[1] };
        // a0·b1 + a1·b0: less than 2·p², which is less than p·2^256.
        let c1 = difference(&difference(&cross, &low).0, &high).0;
        let element = |x| FqModulus::from_montgomery_limbs(mulx::reduce(mulx, &x, &MODULUS));
        Fq2::new(element(c0), element(c1))
    }

    #[inline(always)]
    pub(super) fn square(mulx: Mulx, a: &Fq2) -> Fq2 {
        let (sum, difference, twice) = (a.c0 + a.c1, a.c0 - a.c1, a.c0 + a.c0);
        let mul = |a: &Fq, b: &Fq| FqModulus::from_montgomery_limbs(mulx::mul(mulx, &limbs(a), &limbs(b), &MODULUS));
        Fq2::new(mul(&sum, &difference), mul(&twice, &a.c1))
    }

    #[inline(always)]
    fn difference(a: &[[u64; 4]; 2], b: &[[u64; 4]; 2]) -> ([[u64; 4]; 2], bool) {
        let (low, borrow) = mulx::sub(&a[0], &b[0], false);
        let (high, borrow) = mulx::sub(&a[1], &b[1], borrow);
        ([low, high], borrow)
    }
}

/// Sums; a function of its own, as products are: inlined, each loop over eight elements would only make kernels large.
#[inline(never)]
fn sums<E: Field>(a: &[E; WIDTH], b: &[E; WIDTH], out: &mut [E; WIDTH]) {
    for i in 0..WIDTH {
        out[i] = a[i] + b[i];
    }
}

#[inline(never)]
fn differences<E: Field>(a: &[E; WIDTH], b: &[E; WIDTH], out: &mut [E; WIDTH]) {
    for i in 0..WIDTH {
        out[i] = a[i] - b[i];
    }
}

impl<E: Multiply> Packed for Eight<E> {
    type Element = E;
    type Constant = E;

    fn constant(element: &E) -> E {
        *element
    }
    #[inline]
    fn broadcast(constant: &E) -> Self {
        Self([*constant; WIDTH])
    }
    #[inline(never)]
    fn transpose(packs: &mut [Self; WIDTH]) {
        for i in 0..WIDTH {
            for j in 0..i {
                let upper = packs[j].0[i];
                packs[j].0[i] = std::mem::replace(&mut packs[i].0[j], upper);
            }
        }
    }

    fn zero() -> Self {
        Self([E::ZERO; WIDTH])
    }
    fn splat(element: E) -> Self {
        Self([element; WIDTH])
    }
    fn pack(elements: &[E; WIDTH]) -> Self {
        Self(*elements)
    }
    fn unpack(self) -> [E; WIDTH] {
        self.0
    }
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        let mut out = Self::zero();
        sums(&self.0, &other.0, &mut out.0);
        out
    }
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        let mut out = Self::zero();
        differences(&self.0, &other.0, &mut out.0);
        out
    }
    #[inline(always)]
    fn neg(self) -> Self {
        Self::zero().sub(self)
    }
    #[inline(always)]
    fn add_reduced(self, other: Self) -> Self {
        self.add(other)
    }
    #[inline(always)]
    fn sub_reduced(self, other: Self) -> Self {
        self.sub(other)
    }
    #[inline(always)]
    fn sub_two(self, first: Self, second: Self) -> Self {
        self.sub(first).sub(second)
    }
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        let mut out = Self::zero();
        E::products(&self.0, &other.0, &mut out.0);
        out
    }
    #[inline(always)]
    fn square(self) -> Self {
        let mut out = Self::zero();
        E::squares(&self.0, &mut out.0);
        out
    }
    #[inline(always)]
    fn reduce(self) -> Self {
        self
    }
    #[inline(never)]
    fn is_zero(self) -> u8 {
        self.0.iter().enumerate().fold(0, |mask, (i, x)| mask | (u8::from(x.is_zero()) << i))
    }
    #[inline(always)]
    fn select(mask: u8, yes: Self, no: Self) -> Self {
        let mut out = no;
        for i in 0..WIDTH {
            if mask >> i & 1 == 1 {
                out.0[i] = yes.0[i];
            }
        }
        out
    }
}

impl Gather for Eight<Fr> {
    const SCALE: u64 = 1;

    fn dot(elements: &[Fr], coefficients: &[Fr], terms: &[Term]) -> Self {
        Self(field::dot(elements, coefficients, terms))
    }
}

impl Extension for Eight<Fq2> {
    type Base = Eight<Fq>;

    fn conjugate(self) -> Self {
        Self(self.0.map(|x| Fq2::new(x.c0, -x.c1)))
    }
    #[inline(never)]
    fn times_nine_plus_u(self) -> Self {
        let nine = |x: Fq| x.double().double().double() + x;
        Self(self.0.map(|x| Fq2::new(nine(x.c0) - x.c1, nine(x.c1) + x.c0)))
    }
    fn scale(self, factor: Eight<Fq>) -> Self {
        let (mut c0, mut c1) = ([Fq::ZERO; WIDTH], [Fq::ZERO; WIDTH]);
        Fq::products(&self.0.map(|x| x.c0), &factor.0, &mut c0);
        Fq::products(&self.0.map(|x| x.c1), &factor.0, &mut c1);
        Self(from_fn(|i| Fq2::new(c0[i], c1[i])))
    }
}

impl Coordinate for Eight<Fq> {
    type Stored = Stored<8>;

    #[inline(always)]
    fn load(points: [&Stored<8>; WIDTH]) -> (Self, Self) {
        let (mut x, mut y) = (Self::zero(), Self::zero());
        for i in 0..WIDTH {
            (x.0[i], y.0[i]) = (fq(&points[i].0, 0), fq(&points[i].0, 4));
        }
        (x, y)
    }
    #[inline(always)]
    fn store(x: Self, y: Self, out: &mut [Stored<8>; WIDTH]) {
        for i in 0..WIDTH {
            put(&x.0[i], &mut out[i].0, 0);
            put(&y.0[i], &mut out[i].0, 4);
        }
    }
}

impl Coordinate for Eight<Fq2> {
    type Stored = Stored<16>;

    #[inline(always)]
    fn load(points: [&Stored<16>; WIDTH]) -> (Self, Self) {
        let (mut x, mut y) = (Self::zero(), Self::zero());
        for i in 0..WIDTH {
            let point = &points[i].0;
            x.0[i] = Fq2::new(fq(point, 0), fq(point, 4));
            y.0[i] = Fq2::new(fq(point, 8), fq(point, 12));
        }
        (x, y)
    }
    #[inline(always)]
    fn store(x: Self, y: Self, out: &mut [Stored<16>; WIDTH]) {
        for i in 0..WIDTH {
            let point = &mut out[i].0;
            for (start, c) in [(0, x.0[i].c0), (4, x.0[i].c1), (8, y.0[i].c0), (12, y.0[i].c1)] {
                put(&c, point, start);
            }
        }
    }
}

#[inline(always)]
fn fq(limbs: &[u64], start: usize) -> Fq {
    FqModulus::from_montgomery_limbs([limbs[start], limbs[start + 1], limbs[start + 2], limbs[start + 3]])
}

#[inline(always)]
fn put(x: &Fq, limbs: &mut [u64], start: usize) {
    limbs[start..start + 4].copy_from_slice(&FqModulus::montgomery_limbs(x));
}
