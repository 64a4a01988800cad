//! Hash to curve: the base `H` of the nullifier, one per scope and key (`docs/spec/statement.md`, hash to curve).
//!
//! Elligator 2 (RFC 9380, section 6.7.1) with Z = 5 and canonical sign. The canonical sign is essential: with a free sign −H would do as
//! well as H, and give a second nullifier.

use crate::{
    curve::{Point, PublicKey},
    field::F,
    poseidon,
    scope::Scope,
    tag::Tag,
};
use ark_ff::{BigInteger, Field, One, PrimeField, Zero};

/// Coefficient of u² in the Montgomery form v² = u³ + 168698·u² + u that EIP-2494 gives for Baby Jubjub.
pub const MONTGOMERY_A: u64 = 168_698;
/// A non-square: Elligator's Z.
pub const Z: u64 = 5;

/// `H = 8·map_to_curve(r)` with `r = Poseidon(tag, scope, PK.x, PK.y)`.
pub fn nullifier_base(scope: Scope, key: &PublicKey) -> Point {
    map_to_curve(nullifier_base_input(scope, key.point())).times_cofactor()
}

/// The field element `r` that is mapped. Takes any point, because the statement hashes coordinates.
pub fn nullifier_base_input(scope: Scope, key: Point) -> F {
    poseidon::hash(Tag::HashToCurve, [scope.0, key.x(), key.y()])
}

/// Elligator 2 to the Edwards form, cofactor not cleared. `r = 0` gives the identity; the circuit rejects it, and it has no known preimage.
pub fn map_to_curve(r: F) -> Point {
    let a = F::from(MONTGOMERY_A);
    let one = F::one();
    // 1 + 5r² is never 0, because −1/5 is not a square: 5 is not and −1 is (p = 1 mod 4).
    let Some(inverse) = (one + F::from(Z) * r.square()).inverse() else { return Point::IDENTITY };
    let u1 = -a * inverse;
    let curve = |u: F| u * (u.square() + a * u + one);
    let (u, root, odd) = match curve(u1).sqrt() {
        Some(root) => (u1, root, true),
        None => {
            let u2 = -u1 - a;
            let Some(root) = curve(u2).sqrt() else { return Point::IDENTITY };
            (u2, root, false)
        }
    };
    let v = if is_odd(root) == odd { root } else { -root };
    match (v.inverse(), (u + one).inverse()) {
        (Some(v_inverse), Some(u_plus_1_inverse)) => {
            Point::new(u * v_inverse, (u - one) * u_plus_1_inverse).unwrap_or(Point::IDENTITY)
        }
        _ => Point::IDENTITY,
    }
}

/// sgn0 of RFC 9380, section 4.1: parity of the canonical representative.
pub fn is_odd(x: F) -> bool {
    !x.is_zero() && x.into_bigint().is_odd()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use ark_ff::MontFp;

    /// Self-computed by two independent implementations for r = 1.
    #[test]
    fn known_answer() {
        let h = map_to_curve(F::one()).times_cofactor();
        let expected = Point::new(
            MontFp!("18252671176013323316351764079165004956475547461838856882625398742707855298403"),
            MontFp!("20793993743374362749876486918496395015202173195368849674399711867037253758226"),
        )
        .unwrap();
        assert_eq!(h, expected);
    }

    #[test]
    fn lands_in_the_subgroup() {
        for i in 1..500u64 {
            let point = map_to_curve(poseidon::circomlib(&[F::from(i)]).unwrap());
            assert!(!point.is_identity());
            assert!(point.times_cofactor().is_in_subgroup());
        }
    }
}
