//! Group elements on the wire: EIP-197's uncompressed big-endian form, decoded canonically.
//!
//! Guarantee: a decoded point has reduced coordinates, lies on the curve, in the subgroup of prime order, and is not the
//! identity. Each of these is an attack when it is missing: unreduced coordinates give one point two encodings, points off
//! the curve or outside G2's subgroup void the pairing equation's soundness, and an identity switches a term of it off.

use ark_bn254::{Fq, Fq2, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_ff::{BigInteger, PrimeField};
use sealroot_lanes::Instructions;
use sealroot_lanes::subgroup::{Membership, g2_membership, is_in_g2};

/// Bytes of a G1 point: x, y.
pub const G1_BYTES: usize = 64;
/// Bytes of a G2 point: x.c1, x.c0, y.c1, y.c0 (EIP-197's order; snarkjs writes c0 first).
pub const G2_BYTES: usize = 128;

/// Why bytes are not an acceptable group element.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PointError {
    /// A coordinate is not less than the base field's modulus.
    #[error("a coordinate is not less than the BN254 base field modulus")]
    NotReduced,
    /// The coordinates don't satisfy the curve equation.
    #[error("the point is not on the curve")]
    OffCurve,
    /// The point is on the curve but not in the subgroup of prime order.
    #[error("the point is outside the prime-order subgroup")]
    OutsideSubgroup,
    /// The point at infinity.
    #[error("the point is the identity")]
    Identity,
}

/// EIP-197 encoding of a G1 point.
pub fn g1_to_bytes(point: &G1Affine) -> [u8; G1_BYTES] {
    let mut out = [0; G1_BYTES];
    out[..32].copy_from_slice(&coordinate_to_bytes(point.x));
    out[32..].copy_from_slice(&coordinate_to_bytes(point.y));
    out
}

/// EIP-197 encoding of a G2 point.
pub fn g2_to_bytes(point: &G2Affine) -> [u8; G2_BYTES] {
    let mut out = [0; G2_BYTES];
    for (chunk, c) in out.chunks_exact_mut(32).zip([point.x.c1, point.x.c0, point.y.c1, point.y.c0]) {
        chunk.copy_from_slice(&coordinate_to_bytes(c));
    }
    out
}

/// Reads exactly what [`g1_to_bytes`] writes, and rejects everything the module's header names.
pub fn g1_from_bytes(bytes: &[u8; G1_BYTES]) -> Result<G1Affine, PointError> {
    let [x, y] = coordinates(bytes)?;
    let point = G1Affine::new_unchecked(x, y);
    check_g1(&point).map(|()| point)
}

/// Reads exactly what [`g2_to_bytes`] writes, and rejects everything the module's header names.
pub fn g2_from_bytes(bytes: &[u8; G2_BYTES]) -> Result<G2Affine, PointError> {
    let point = g2_coordinates(bytes)?;
    check_g2(&point).map(|()| point)
}

/// [`g2_from_bytes`] of each, with the same answers; curve and subgroup are checked side by side.
pub fn g2_from_bytes_batch(instructions: Instructions, all: &[[u8; G2_BYTES]]) -> Vec<Result<G2Affine, PointError>> {
    let mut decoded: Vec<_> = all.iter().map(g2_coordinates).collect();
    let reduced: Vec<G2Affine> = decoded.iter().flatten().copied().collect();
    let answers = g2_membership(instructions, &reduced).into_iter().map(accepted);
    for (slot, answer) in decoded.iter_mut().filter(|slot| slot.is_ok()).zip(answers) {
        *slot = answer.and(*slot);
    }
    decoded
}

/// Rejects the identity (all coordinates 0 in EIP-197) and points off the curve. All points of this curve are of prime order.
pub fn check_g1(point: &G1Affine) -> Result<(), PointError> {
    accepted(if point.is_zero() {
        Membership::Identity
    } else if !point.is_on_curve() {
        Membership::OffCurve
    } else {
        Membership::InSubgroup
    })
}

/// Rejects the identity (all coordinates 0 in EIP-197) and points off the curve or outside the subgroup.
pub fn check_g2(point: &G2Affine) -> Result<(), PointError> {
    accepted(if point.is_zero() {
        Membership::Identity
    } else if !point.is_on_curve() {
        Membership::OffCurve
    } else if is_in_g2(point) {
        Membership::InSubgroup
    } else {
        Membership::OutsideSubgroup
    })
}

fn accepted(found: Membership) -> Result<(), PointError> {
    match found {
        Membership::InSubgroup => Ok(()),
        Membership::OutsideSubgroup => Err(PointError::OutsideSubgroup),
        Membership::OffCurve => Err(PointError::OffCurve),
        Membership::Identity => Err(PointError::Identity),
    }
}

/// Coordinates that are reduced, and nothing else.
fn g2_coordinates(bytes: &[u8; G2_BYTES]) -> Result<G2Affine, PointError> {
    let [x1, x0, y1, y0] = coordinates(bytes)?;
    Ok(G2Affine::new_unchecked(Fq2::new(x0, x1), Fq2::new(y0, y1)))
}

fn coordinate_to_bytes(x: Fq) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(&x.into_bigint().to_bytes_be());
    out
}

fn coordinates<const N: usize>(bytes: &[u8]) -> Result<[Fq; N], PointError> {
    let mut out = [Fq::from(0u8); N];
    for (x, chunk) in out.iter_mut().zip(bytes.chunks_exact(32)) {
        let mut limbs = [0u64; 4];
        for (limb, part) in limbs.iter_mut().rev().zip(chunk.chunks_exact(8)) {
            *limb = part.iter().fold(0, |acc, b| (acc << 8) | u64::from(*b));
        }
        *x = Fq::from_bigint(ark_ff::BigInt(limbs)).ok_or(PointError::NotReduced)?;
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use ark_ff::Field;

    /// EIP-197 names G2's generator; these are its coordinates as the Ethereum specification prints them.
    #[test]
    fn the_generators_are_eip_197s() {
        let mut g1 = [0; 64];
        (g1[31], g1[63]) = (1, 2);
        assert_eq!(g1_from_bytes(&g1).unwrap(), G1Affine::generator());
        let hex = "198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c21800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed\
                   090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa";
        assert_eq!(hex::encode(g2_to_bytes(&G2Affine::generator())), hex);
        assert_eq!(g2_from_bytes(&g2_to_bytes(&G2Affine::generator())).unwrap(), G2Affine::generator());
    }

    #[test]
    fn every_bad_g1_is_rejected() {
        let good = g1_to_bytes(&G1Affine::generator());
        assert_eq!(g1_from_bytes(&[0; 64]), Err(PointError::Identity));
        let mut off = good;
        off[63] = 3;
        assert_eq!(g1_from_bytes(&off), Err(PointError::OffCurve));
        let mut unreduced = good;
        unreduced[..32].copy_from_slice(&Fq::MODULUS.to_bytes_be());
        unreduced[31] += 1; // x = q + 1, the same point with a second encoding
        assert_eq!(g1_from_bytes(&unreduced), Err(PointError::NotReduced));
    }

    #[test]
    fn every_bad_g2_is_rejected() {
        assert_eq!(g2_from_bytes(&[0; 128]), Err(PointError::Identity));
        let mut off = g2_to_bytes(&G2Affine::generator());
        off[127] ^= 1;
        assert_eq!(g2_from_bytes(&off), Err(PointError::OffCurve));
        assert_eq!(g2_from_bytes(&g2_to_bytes(&outside_subgroup())), Err(PointError::OutsideSubgroup));
    }

    /// A point on the twist that has not been multiplied by the cofactor.
    fn outside_subgroup() -> G2Affine {
        (1u64..)
            .filter_map(|i| G2Affine::get_point_from_x_unchecked(Fq2::new(Fq::from(i), Fq::ONE), false))
            .find(|p| !p.is_in_correct_subgroup_assuming_on_curve())
            .unwrap()
    }
}
