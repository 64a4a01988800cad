//! A Groth16 proof: 256 bytes in EIP-197 form, A (64), B (128), C (64).
//!
//! Guarantee: a [`Proof`] holds three points that are canonical, on the curve, in the subgroup and not the identity.
//! Non-guarantee: proofs are malleable; anyone turns a valid proof into another valid proof of the same statement. So nothing may be
//! keyed on proof bytes, and the type has neither `Eq` nor `Hash`.

use crate::points::{self, G1_BYTES, G2_BYTES, PointError};
use ark_bn254::{Bn254, G2Affine};
use sealroot_lanes::Instructions;
use sealroot_protocol::bundle::ProofBytes;
use sealroot_protocol::code::{Code, Coded};
use std::fmt;

/// Bytes of an encoded proof.
pub const PROOF_BYTES: usize = 2 * G1_BYTES + G2_BYTES;

/// A decoded proof whose points were checked.
#[derive(Clone, PartialEq)]
pub struct Proof(ark_groth16::Proof<Bn254>);

/// One of a proof's three points is not acceptable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the proof's point {point}: {error}")]
pub struct ProofError {
    /// `A`, `B` or `C`.
    pub point: char,
    /// What is wrong with it.
    pub error: PointError,
}

impl Coded for ProofError {
    fn code(&self) -> Code {
        Code::ProofMalformed
    }
}

impl Proof {
    /// Decodes A, B (Fp2 coordinates as c1, c0) and C.
    pub fn from_bytes(bytes: &[u8; PROOF_BYTES]) -> Result<Self, ProofError> {
        let (a, b, c) = parts(bytes);
        Self::from_parts(a, points::g2_from_bytes(&b), c)
    }

    /// [`Proof::from_bytes`] of each, with the same answers, at a fraction of the cost from a few proofs on.
    pub fn decode_batch<'a>(all: impl IntoIterator<Item = &'a ProofBytes>) -> Vec<Result<Self, ProofError>> {
        Self::decode_batch_on(Instructions::detect(), all)
    }

    /// [`Proof::decode_batch`] with a given way of computing: for comparisons.
    pub fn decode_batch_on<'a>(
        instructions: Instructions,
        all: impl IntoIterator<Item = &'a ProofBytes>,
    ) -> Vec<Result<Self, ProofError>> {
        let all: Vec<_> = all.into_iter().map(|bytes| parts(&bytes.0)).collect();
        let bs: Vec<_> = all.iter().map(|(_, b, _)| *b).collect();
        let bs = points::g2_from_bytes_batch(instructions, &bs);
        all.into_iter().zip(bs).map(|((a, _, c), b)| Self::from_parts(a, b, c)).collect()
    }

    /// The first point that is not acceptable is the one that is named.
    fn from_parts(a: [u8; G1_BYTES], b: Result<G2Affine, PointError>, c: [u8; G1_BYTES]) -> Result<Self, ProofError> {
        Ok(Self(ark_groth16::Proof {
            a: points::g1_from_bytes(&a).map_err(at('A'))?,
            b: b.map_err(at('B'))?,
            c: points::g1_from_bytes(&c).map_err(at('C'))?,
        }))
    }

    /// What [`Proof::from_bytes`] reads.
    pub fn to_bytes(&self) -> [u8; PROOF_BYTES] {
        let mut out = [0; PROOF_BYTES];
        out[..G1_BYTES].copy_from_slice(&points::g1_to_bytes(&self.0.a));
        out[G1_BYTES..G1_BYTES + G2_BYTES].copy_from_slice(&points::g2_to_bytes(&self.0.b));
        out[G1_BYTES + G2_BYTES..].copy_from_slice(&points::g1_to_bytes(&self.0.c));
        out
    }

    /// Takes over an engine's points, checking them as a decoder does.
    pub fn from_points(proof: ark_groth16::Proof<Bn254>) -> Result<Self, ProofError> {
        points::check_g1(&proof.a).map_err(at('A'))?;
        points::check_g2(&proof.b).map_err(at('B'))?;
        points::check_g1(&proof.c).map_err(at('C'))?;
        Ok(Self(proof))
    }

    /// The three points.
    pub fn points(&self) -> &ark_groth16::Proof<Bn254> {
        &self.0
    }
}

impl TryFrom<&ProofBytes> for Proof {
    type Error = ProofError;
    fn try_from(wire: &ProofBytes) -> Result<Self, ProofError> {
        Self::from_bytes(&wire.0)
    }
}

impl From<&Proof> for ProofBytes {
    fn from(proof: &Proof) -> Self {
        Self(proof.to_bytes())
    }
}

impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proof(0x{}…)", hex::encode(&self.to_bytes()[..8]))
    }
}

fn parts(bytes: &[u8; PROOF_BYTES]) -> ([u8; G1_BYTES], [u8; G2_BYTES], [u8; G1_BYTES]) {
    let (mut a, mut b, mut c) = ([0; G1_BYTES], [0; G2_BYTES], [0; G1_BYTES]);
    a.copy_from_slice(&bytes[..G1_BYTES]);
    b.copy_from_slice(&bytes[G1_BYTES..G1_BYTES + G2_BYTES]);
    c.copy_from_slice(&bytes[G1_BYTES + G2_BYTES..]);
    (a, b, c)
}

fn at(point: char) -> impl Fn(PointError) -> ProofError {
    move |error| ProofError { point, error }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use ark_bn254::{Fq, Fq2, G1Affine};
    use ark_ec::AffineRepr;
    use ark_ff::{BigInteger, Field, PrimeField};

    fn sample() -> Proof {
        let (a, b) = (G1Affine::generator(), G2Affine::generator());
        Proof::from_points(ark_groth16::Proof { a, b, c: (a + a).into() }).unwrap()
    }

    #[test]
    fn the_encoding_round_trips() {
        let proof = sample();
        assert_eq!(Proof::try_from(&ProofBytes::from(&proof)).unwrap(), proof);
    }

    /// `+ q` on any of the eight coordinates is another spelling of the same proof, and rejected.
    #[test]
    fn unreduced_coordinates_are_rejected() {
        let bytes = sample().to_bytes();
        for chunk in 0..8 {
            let mut carry = 0u16;
            let mut spelled = bytes;
            for (b, q) in spelled[32 * chunk..32 * (chunk + 1)].iter_mut().zip(Fq::MODULUS.to_bytes_be()).rev() {
                let sum = u16::from(*b) + u16::from(q) + carry;
                (*b, carry) = (sum as u8, sum >> 8);
            }
            assert!(
                matches!(Proof::from_bytes(&spelled), Err(ProofError { error: PointError::NotReduced, .. })),
                "coordinate {chunk}"
            );
        }
    }

    #[test]
    fn an_identity_in_any_place_is_rejected() {
        for (range, point) in [(0..64, 'A'), (64..192, 'B'), (192..256, 'C')] {
            let mut bytes = sample().to_bytes();
            bytes[range].fill(0);
            assert_eq!(Proof::from_bytes(&bytes), Err(ProofError { point, error: PointError::Identity }));
        }
    }

    /// Every kind of error in every place, alone and two at once, at every position of a pack.
    #[test]
    fn a_batch_decodes_as_one_by_one() {
        let good = sample().to_bytes();
        let outside = (1u64..)
            .filter_map(|i| G2Affine::get_point_from_x_unchecked(Fq2::new(Fq::from(i), Fq::ONE), false))
            .find(|p| !p.is_in_correct_subgroup_assuming_on_curve())
            .unwrap();
        let mut all = vec![good];
        for place in [0..64, 64..192, 192..256] {
            let mut identity = good;
            identity[place.clone()].fill(0);
            let mut unreduced = good;
            unreduced[place.clone()].fill(0xff);
            let mut off = good;
            off[place.end - 1] ^= 1;
            all.extend([identity, unreduced, off]);
        }
        let mut small = good;
        small[64..192].copy_from_slice(&points::g2_to_bytes(&outside));
        all.push(small);
        let mut pairs = Vec::new();
        for first in &all {
            for second in &all {
                let mut both = *first;
                for (i, byte) in second.iter().enumerate().filter(|(i, byte)| good[*i] != **byte) {
                    both[i] = *byte;
                }
                pairs.push(ProofBytes(both));
            }
        }
        let expected: Vec<_> = pairs.iter().map(Proof::try_from).collect();
        for error in [PointError::NotReduced, PointError::OffCurve, PointError::OutsideSubgroup, PointError::Identity] {
            assert!(expected.contains(&Err(ProofError { point: 'B', error })), "{error}");
        }
        for instructions in Instructions::all() {
            for start in 0..9 {
                assert_eq!(
                    Proof::decode_batch_on(instructions, &pairs[start..]),
                    expected[start..],
                    "{}",
                    instructions.name()
                );
            }
        }
        assert_eq!(Proof::decode_batch(&[]), []);
    }
}
