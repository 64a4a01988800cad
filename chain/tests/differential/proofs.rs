//! Faults of a proof's bytes, and changes that are none: a proof is malleable.

use crate::{
    case::{Case, Mutation, Proofs, Stage},
    parts::{part, pick},
    town::setup,
};
use alloy_primitives::U256;
use ark_bn254::{Fq, Fq2, Fr, G1Affine, G1Projective, G2Affine, G2Projective};
use ark_ec::{AffineRepr, CurveGroup, PrimeGroup};
use ark_ff::{Field, PrimeField};
use rand::{RngExt, rngs::StdRng};
use sealroot_protocol::{bundle::ProofBytes, machine::Shape};
use sealroot_verifier::{
    points::{g1_to_bytes, g2_to_bytes},
    proof::Proof,
};

const fn proof(name: &'static str, change: fn(&mut Case<'_>, &mut StdRng)) -> Mutation {
    Mutation { name, stage: Stage::Bundle, change }
}

/// See the module.
pub const PROOFS: &[Mutation] = &[
    proof("a bit of the proof flipped", |c, r| {
        let (byte, bit) = (r.random_range(0..256), r.random_range(0..8));
        part(c, r, |part| part.proof.0[byte] ^= 1 << bit);
    }),
    proof("a coordinate with the modulus added", |c, r| unreduced(c, r, 1)),
    proof("a coordinate with the modulus added twice", |c, r| unreduced(c, r, 2)),
    proof("A is 0", |c, r| part(c, r, |part| part.proof.0[..64].fill(0))),
    proof("B is 0", |c, r| part(c, r, |part| part.proof.0[64..192].fill(0))),
    proof("C is 0", |c, r| part(c, r, |part| part.proof.0[192..].fill(0))),
    proof("a coordinate is 0", |c, r| {
        let at = 32 * r.random_range(0..8);
        part(c, r, |part| part.proof.0[at..at + 32].fill(0));
    }),
    proof("all bytes are 1", |c, r| part(c, r, |part| part.proof.0.fill(0xff))),
    proof("A and C exchanged", |c, r| points(c, r, |p, _| (p.0, p.2) = (p.2, p.0))),
    proof("B's coordinates exchanged", |c, r| {
        part(c, r, |part| {
            let (x, y) = part.proof.0[64..128].split_at_mut(32);
            x.swap_with_slice(y);
        });
    }),
    proof("B outside the subgroup", |c, r| {
        let start = r.random_range(1..1 << 40);
        points(c, r, |p, _| p.1 = outside_the_subgroup(start));
    }),
    proof("B a point of small order more", |c, r| {
        let start = r.random_range(1..1 << 40);
        points(c, r, |p, _| p.1 = (p.1.into_group() + cleared_of_the_order(start)).into_affine());
    }),
    proof("A negated", |c, r| points(c, r, |p, _| p.0 = -p.0)),
    proof("C negated", |c, r| points(c, r, |p, _| p.2 = -p.2)),
    proof("A and B negated", |c, r| points(c, r, |p, _| (p.0, p.1) = (-p.0, -p.1))),
    proof("re-randomised by a factor", |c, r| {
        let factor = Fr::from(r.random_range(2..u64::MAX));
        points(c, r, |p, _| {
            p.0 = (p.0 * factor).into_affine();
            p.1 = (p.1 * factor.inverse().unwrap()).into_affine();
        });
    }),
    proof("re-randomised by delta", |c, r| {
        let factor = Fr::from(r.random_range(1..u64::MAX));
        points(c, r, |p, delta| {
            p.2 = (p.2 + p.0 * factor).into_affine();
            p.1 = (p.1 + delta * factor).into_affine();
        });
    }),
    proof("points that prove nothing", |c, r| {
        let [a, b, d] = [0; 3].map(|_| Fr::from(r.random_range(1..u64::MAX)));
        points(c, r, |p, _| {
            *p = (
                (G1Projective::generator() * a).into_affine(),
                (G2Projective::generator() * b).into_affine(),
                (G1Projective::generator() * d).into_affine(),
            );
        });
    }),
    proof("another part's proof", |c, _| {
        let first = c.bundle().parts.first().map(|part| part.proof.clone());
        if let (Some(last), Some(first)) = (c.bundle().parts.last_mut(), first) {
            last.proof = first;
        }
    }),
    proof("the same statement's proof under another policy", |c, r| {
        let others: Vec<_> = c.town.laws.iter().flat_map(|law| &law.versions).flatten().cloned().collect();
        let other = others[r.random_range(0..others.len())].clone();
        part(c, r, |part| part.proof = Proofs::default().of(&other, &part.inputs));
    }),
];

type Points = (G1Affine, G2Affine, G1Affine);

/// Changes the points of a part's proof, where it still has three; delta is the one of the part's universal key.
fn points(c: &mut Case<'_>, r: &mut StdRng, change: impl FnOnce(&mut Points, G2Affine)) {
    let Some(i) = pick(r, c.bundle().parts.len()) else { return };
    let shape = c.documents.get(i).map_or(Shape::Solo, |document| document.policy.shape);
    let part = &mut c.bundle().parts[i];
    let Ok(proof) = Proof::try_from(&part.proof) else { return };
    let p = proof.points();
    let mut p = (p.a, p.b, p.c);
    change(&mut p, setup(shape).verifying_key().delta_g2);
    let mut bytes = [0; 256];
    bytes[..64].copy_from_slice(&g1_to_bytes(&p.0));
    bytes[64..192].copy_from_slice(&g2_to_bytes(&p.1));
    bytes[192..].copy_from_slice(&g1_to_bytes(&p.2));
    part.proof = ProofBytes(bytes);
}

fn unreduced(c: &mut Case<'_>, r: &mut StdRng, times: u64) {
    let at = 32 * r.random_range(0..8);
    let modulus = U256::from_limbs(Fq::MODULUS.0);
    part(c, r, |part| {
        let value = U256::from_be_slice(&part.proof.0[at..at + 32]);
        let sum = value.saturating_add(modulus * U256::from(times));
        part.proof.0[at..at + 32].copy_from_slice(&sum.to_be_bytes::<32>());
    });
}

/// A point of the twist whose order isn't p.
fn outside_the_subgroup(start: u64) -> G2Affine {
    (start..)
        .filter_map(|i| G2Affine::get_point_from_x_unchecked(Fq2::new(Fq::from(i), Fq::ONE), false))
        .find(|point| !point.is_in_correct_subgroup_assuming_on_curve())
        .unwrap()
}

/// A point whose order divides the cofactor: added to a point of the subgroup, it changes no pairing that doesn't look.
fn cleared_of_the_order(start: u64) -> G2Projective {
    outside_the_subgroup(start).mul_bigint(Fr::MODULUS)
}
