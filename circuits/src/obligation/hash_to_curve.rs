//! Obligation *hash to curve*: `H`, the base of the nullifier, is the one of this scope and key.

use super::is_derived;
use crate::{
    gadget::{canonical, edwards, elligator, poseidon, range},
    system::System,
    wires::{Point, Wires},
};
use ark_ff::{Field, One, Zero};
use sealroot_protocol::{
    curve,
    field::F,
    hash_to_curve::{MONTGOMERY_A, Z, is_odd},
    poseidon as native,
    tag::Tag,
};

/// `H = 8·map_to_curve(Poseidon(tag, scope, PK.x, PK.y))`.
pub fn enforce<S: System>(sys: &mut S, w: &Wires<S::Num>) {
    let h = &w.hash_to_curve;
    let inputs = [&w.public.scope, &w.record.key.x, &w.record.key.y].map(Clone::clone);
    let input = poseidon::hash(sys, Tag::HashToCurve, &inputs);
    sys.equal(&input, &h.input);
    let mapping =
        elligator::Mapping { input: &h.input, first: &h.first, u: &h.u, v: &h.v, v_bits: &h.v_bits, mapped: &h.mapped };
    elligator::map(sys, &mapping);
    let base = edwards::times_cofactor(sys, &h.mapped);
    edwards::equal(sys, &base, &h.base);
}

/// The native twin.
pub fn holds(w: &Wires<F>) -> bool {
    !w.hash_to_curve.input.is_zero() && is_derived(w, derive)
}

/// The mapping, step by step: the protocol's own gives only its result.
pub fn derive(w: &mut Wires<F>) {
    let (holder, h) = (&w.record.key, &mut w.hash_to_curve);
    h.input = native::hash(Tag::HashToCurve, [w.public.scope, holder.x, holder.y]);

    let (a, one) = (F::from(MONTGOMERY_A), F::one());
    let inverse = |x: F| x.inverse().unwrap_or_default();
    let g = |u: F| u * (u * u + a * u + one);
    let u1 = -a * inverse(one + F::from(Z) * h.input * h.input);
    let root = g(u1).sqrt();
    h.first = F::from(u8::from(root.is_some()));
    h.u = if root.is_some() { u1 } else { -u1 - a };
    let root = root.or_else(|| g(h.u).sqrt()).unwrap_or_default();
    h.v = if F::from(u8::from(is_odd(root))) == h.first { root } else { -root };
    h.v_bits = range::low_bits(h.v, canonical::BITS);
    h.mapped = Point { x: h.u * inverse(h.v), y: (h.u - one) * inverse(h.u + one) };
    h.base = native_point(&h.mapped).map(|p| p.times_cofactor()).map_or(zero_point(), Point::from);
}

/// The point, if it is on the curve.
pub(super) fn native_point(p: &Point<F>) -> Option<curve::Point> {
    curve::Point::new(p.x, p.y).ok()
}

/// (0, 0), which is off the curve: what stands for the result of arithmetic with points that are.
pub(super) fn zero_point() -> Point<F> {
    Point { x: F::zero(), y: F::zero() }
}

impl From<curve::Point> for Point<F> {
    fn from(p: curve::Point) -> Self {
        Self { x: p.x(), y: p.y() }
    }
}
