//! Obligation *consent*: the holder of the record's key signed this request in this scope, and `N` is the holder's.
//!
//! A proof that `log_Base8 PK = log_H N`. The response `s` needs no canonical form, for nothing is computed from it
//! but points; the challenge does, for a second one would be a second consent.

use super::hash_to_curve::{native_point, zero_point};
use crate::{
    gadget::{canonical, edwards, poseidon, range, window, zero::nonzero},
    system::System,
    wires::{Point, Wires},
};
use ark_ff::{BigInteger, PrimeField, Zero};
use sealroot_protocol::{curve, field::F, poseidon as native, tag::Tag};

/// Bits of the challenge `c`.
pub const CHALLENGE_BITS: usize = 128;
/// Bits of the response: at least those of the subgroup order, and even.
pub const RESPONSE_BITS: usize = 252;

/// `A = s·Base8 − c·PK`, `B = s·H − c·N`, `c` the low 128 bits of their hash; PK and N on the curve, `PK.x ≠ 0`.
pub fn enforce<S: System>(sys: &mut S, w: &Wires<S::Num>) {
    let (holder, consent) = (&w.record, &w.consent);
    // Off the curve the addition law is not complete, and quotients would be the prover's choice.
    edwards::on_curve(sys, &holder.key);
    // x = 0 only at the identity and at the point of order 2, whose secrets everyone knows. Enrolment rejects both.
    nonzero(sys, &holder.key.x);
    edwards::on_curve(sys, &consent.n);

    let inputs = challenge_inputs(w, &holder.key);
    let hash = poseidon::hash(sys, Tag::Challenge, &inputs);
    sys.equal(&hash, &consent.challenge_hash);
    canonical::decomposition(sys, &consent.challenge_hash, &consent.challenge);
    for bit in &consent.response {
        sys.boolean(bit);
    }

    let challenge = window::digits(sys, &consent.challenge[..CHALLENGE_BITS]);
    let response = window::digits(sys, &consent.response);

    let key = window::table(sys, &edwards::negate(&holder.key));
    let minus_c_key = window::multiply(sys, &[(&challenge, &key)]);
    let s_base8 = window::multiply_base8(sys, &response);
    let a = edwards::add(sys, &s_base8, &minus_c_key);
    edwards::equal(sys, &a, &consent.a);

    let base = window::table(sys, &w.hash_to_curve.base);
    let n = window::table(sys, &edwards::negate(&consent.n));
    let b = window::multiply(sys, &[(&response, &base), (&challenge, &n)]);
    edwards::equal(sys, &b, &consent.b);
}

/// The native twin.
pub fn holds(w: &Wires<F>) -> bool {
    let is_bit = |bit: &F| *bit == F::from(0u8) || *bit == F::from(1u8);
    let mut again = w.clone();
    derive(&mut again);
    // Deriving keeps what it can't compute: the low bits of the challenge.
    let challenge = range::low_bits(again.consent.challenge_hash, canonical::BITS);
    let on_curve = [&w.record.key, &w.consent.n].iter().all(|p| native_point(p).is_some()) && !w.record.key.x.is_zero();
    on_curve && w.consent.response.iter().all(is_bit) && again == *w && w.consent.challenge == challenge
}

/// A and B from the consent's challenge and response; then the hash, whose low bits should be the challenge.
pub fn derive(w: &mut Wires<F>) {
    let key = w.record.key.clone();
    let c = integer(&w.consent.challenge[..CHALLENGE_BITS]);
    let s = integer(&w.consent.response);
    let base8 = Point::from(curve::Point::base8());
    w.consent.a = combine(&base8, s, &key, c);
    w.consent.b = combine(&w.hash_to_curve.base, s, &w.consent.n, c);
    let inputs = challenge_inputs(w, &key);
    w.consent.challenge_hash = native::hash(Tag::Challenge, inputs);
    let bits = range::low_bits(w.consent.challenge_hash, canonical::BITS);
    w.consent.challenge[CHALLENGE_BITS..].copy_from_slice(&bits[CHALLENGE_BITS..]);
}

fn challenge_inputs<T: Clone>(w: &Wires<T>, key: &Point<T>) -> [T; 10] {
    let Wires { consent, public, .. } = w;
    let points = [key, &consent.n, &consent.a, &consent.b];
    let [k, n, a, b] = points.map(|p| [p.x.clone(), p.y.clone()]);
    let ([kx, ky], [nx, ny], [ax, ay], [bx, by]) = (k, n, a, b);
    [kx, ky, nx, ny, ax, ay, bx, by, public.scope.clone(), public.request.clone()]
}

/// `s·p − c·q`; (0, 0) if a point is not on the curve.
fn combine(p: &Point<F>, s: [u128; 2], q: &Point<F>, c: [u128; 2]) -> Point<F> {
    match (native_point(p), native_point(q)) {
        (Some(p), Some(q)) => (times(p, s) - times(q, c)).into(),
        _ => zero_point(),
    }
}

fn times(p: curve::Point, [low, high]: [u128; 2]) -> curve::Point {
    let half = p.times_u128(1 << 127);
    p.times_u128(low) + (half + half).times_u128(high)
}

/// The integer of bits, lowest first: low and high 128 bits.
fn integer(bits: &[F]) -> [u128; 2] {
    let mut halves = [0; 2];
    for (i, bit) in bits.iter().enumerate() {
        halves[i / 128] |= u128::from(bit.into_bigint().is_odd()) << (i % 128);
    }
    halves
}
