//! The scalar twin: arkworks' arithmetic, eight elements at a time.

use crate::extension::{Extension, Step};
use crate::modulus::{FqModulus, Modulus};
use crate::packed::{Backend, Coordinate, Packed, Stored, WIDTH};
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

    #[inline]
    fn call<S: Step>(step: S) -> S::Output {
        step.run()
    }
}

/// Eight elements, fully reduced.
#[derive(Clone, Copy, Debug)]
pub struct Eight<E>([E; WIDTH]);

impl<E: Field> Packed for Eight<E> {
    type Element = E;
    type Constant = E;

    fn constant(element: &E) -> E {
        *element
    }
    #[inline]
    fn broadcast(constant: &E) -> Self {
        Self([*constant; WIDTH])
    }
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
    #[inline]
    fn add(self, other: Self) -> Self {
        Self(from_fn(|i| self.0[i] + other.0[i]))
    }
    #[inline]
    fn sub(self, other: Self) -> Self {
        Self(from_fn(|i| self.0[i] - other.0[i]))
    }
    #[inline]
    fn neg(self) -> Self {
        Self(self.0.map(|x| -x))
    }
    #[inline]
    fn add_reduced(self, other: Self) -> Self {
        self.add(other)
    }
    #[inline]
    fn sub_reduced(self, other: Self) -> Self {
        self.sub(other)
    }
    #[inline]
    fn sub_two(self, first: Self, second: Self) -> Self {
        self.sub(first).sub(second)
    }
    #[inline]
    fn mul(self, other: Self) -> Self {
        Self(from_fn(|i| self.0[i] * other.0[i]))
    }
    #[inline]
    fn square(self) -> Self {
        Self(self.0.map(|x| x.square()))
    }
    #[inline]
    fn reduce(self) -> Self {
        self
    }
    fn is_zero(self) -> u8 {
        self.0.iter().enumerate().fold(0, |mask, (i, x)| mask | (u8::from(x.is_zero()) << i))
    }
    #[inline]
    fn select(mask: u8, yes: Self, no: Self) -> Self {
        Self(from_fn(|i| if mask >> i & 1 == 1 { yes.0[i] } else { no.0[i] }))
    }
}

impl Extension for Eight<Fq2> {
    type Base = Eight<Fq>;

    fn conjugate(self) -> Self {
        Self(self.0.map(|x| Fq2::new(x.c0, -x.c1)))
    }
    #[inline]
    fn times_nine_plus_u(self) -> Self {
        let nine = |x: Fq| x.double().double().double() + x;
        Self(self.0.map(|x| Fq2::new(nine(x.c0) - x.c1, nine(x.c1) + x.c0)))
    }
    #[inline]
    fn scale(self, factor: Eight<Fq>) -> Self {
        Self(from_fn(|i| Fq2::new(self.0[i].c0 * factor.0[i], self.0[i].c1 * factor.0[i])))
    }
}

impl Coordinate for Eight<Fq> {
    type Stored = Stored<8>;

    fn load(points: [&Stored<8>; WIDTH]) -> (Self, Self) {
        (Self(points.map(|p| fq(&p.0, 0))), Self(points.map(|p| fq(&p.0, 4))))
    }
    fn store(x: Self, y: Self, out: &mut [Stored<8>; WIDTH]) {
        for (i, point) in out.iter_mut().enumerate() {
            point.0[..4].copy_from_slice(&FqModulus::montgomery_limbs(&x.0[i]));
            point.0[4..].copy_from_slice(&FqModulus::montgomery_limbs(&y.0[i]));
        }
    }
}

impl Coordinate for Eight<Fq2> {
    type Stored = Stored<16>;

    fn load(points: [&Stored<16>; WIDTH]) -> (Self, Self) {
        let at = |p: &Stored<16>, start| Fq2::new(fq(&p.0, start), fq(&p.0, start + 4));
        (Self(points.map(|p| at(p, 0))), Self(points.map(|p| at(p, 8))))
    }
    fn store(x: Self, y: Self, out: &mut [Stored<16>; WIDTH]) {
        for (i, point) in out.iter_mut().enumerate() {
            for (limbs, c) in
                point.0.as_chunks_mut::<4>().0.iter_mut().zip([x.0[i].c0, x.0[i].c1, y.0[i].c0, y.0[i].c1])
            {
                *limbs = FqModulus::montgomery_limbs(&c);
            }
        }
    }
}

#[inline(always)]
fn fq(limbs: &[u64], start: usize) -> Fq {
    FqModulus::from_montgomery_limbs(from_fn(|i| limbs[start + i]))
}
