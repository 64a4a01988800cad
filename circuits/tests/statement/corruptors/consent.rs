//! Consents that the holder didn't give.

use super::{Base, Corruptor};
use crate::attack::{
    Forgery, bits_plus_modulus, challenge_hash, commit, eight_times, point, settle_after, sign, sign_by, torsion,
};
use ark_ed_on_bn254::Fr as Order;
use ark_ff::BigInteger;
use sealroot_circuits::{
    Obligation,
    gadget::{canonical, range::low_bits},
    wires::Point,
};
use sealroot_protocol::{
    curve,
    field::{F, to_i128},
};

const ZERO: F = ark_ff::MontFp!("0");
const ONE: F = ark_ff::MontFp!("1");

pub const CORRUPTORS: &[Corruptor] = &[
    Corruptor {
        name: "moved to another request",
        base: Base::Approved,
        corrupt: |a, _, random| a.public.request = random.field(),
    },
    Corruptor {
        name: "moved to another request, the hash computed anew",
        base: Base::Approved,
        corrupt: |a, _, random| {
            a.public.request = random.field();
            settle_after(a, Obligation::HashToCurve);
        },
    },
    Corruptor {
        name: "moved to another scope",
        base: Base::Approved,
        corrupt: |a, _, random| {
            a.opening.program = random.field();
            a.derive_all(Obligation::ALL);
        },
    },
    Corruptor {
        name: "signed with another key",
        base: Base::Approved,
        corrupt: |a, _, random| {
            let thief = random.key();
            sign(a, &thief, random, &Forgery::default());
        },
    },
    Corruptor {
        name: "another nullifier point under the holder's own signature",
        base: Base::Approved,
        corrupt: |a, _, _| {
            let n = point(&a.consent.n) + point(&a.consent.n);
            a.consent.n = n.into();
            settle_after(a, Obligation::HashToCurve);
        },
    },
    Corruptor {
        name: "another nullifier point, chosen by the holder",
        base: Base::Approved,
        corrupt: |a, case, random| {
            let offset = curve::Point::base8();
            sign(a, &case.key, random, &Forgery { offset, ..Forgery::default() });
        },
    },
    Corruptor {
        name: "a small-order point added to N",
        base: Base::Approved,
        corrupt: |a, case, random| {
            // Not divisible by 8: a multiple of it would make the consent true, and the nullifier the same.
            let accept = |hash| low_bits(hash, 1)[0] == ONE;
            sign(a, &case.key, random, &Forgery { offset: torsion()[1], accept, ..Forgery::default() });
        },
    },
    Corruptor {
        name: "N is the identity",
        base: Base::Approved,
        corrupt: |a, _, _| {
            a.consent.n = Point { x: ZERO, y: ONE };
            settle_after(a, Obligation::HashToCurve);
        },
    },
    Corruptor {
        name: "N off the curve",
        base: Base::Approved,
        corrupt: |a, _, _| {
            a.consent.n.y += ONE;
            settle_after(a, Obligation::HashToCurve);
            a.cleared = eight_times(&a.consent.n);
            let subject = a.record.subject;
            let inputs = [a.cleared.x, a.cleared.y, subject];
            a.public.nullifier =
                sealroot_protocol::poseidon::hash(sealroot_protocol::tag::Tag::HolderNullifier, inputs);
        },
    },
    Corruptor {
        name: "a record without wallet",
        base: Base::PerScope,
        corrupt: |a, case, _| {
            a.record.key = Point { x: ZERO, y: ZERO };
            commit(a, case);
        },
    },
    Corruptor {
        name: "a key off the curve",
        base: Base::Approved,
        corrupt: |a, case, _| {
            a.record.key.x += ONE;
            commit(a, case);
        },
    },
    Corruptor {
        name: "a key whose secret everyone knows: the identity",
        base: Base::Approved,
        corrupt: |a, case, random| {
            a.record.key = Point { x: ZERO, y: ONE };
            commit(a, case);
            sign_by(a, Order::from(0u8), random, &Forgery::default());
        },
    },
    Corruptor {
        name: "a key whose secret everyone knows: the point of order 2",
        base: Base::Approved,
        corrupt: |a, case, random| {
            a.record.key = Point { x: ZERO, y: -ONE };
            commit(a, case);
            // An even multiple of it is the identity, as if the secret were 0.
            let accept = |hash| low_bits(hash, 1)[0] == ZERO;
            sign_by(a, Order::from(0u8), random, &Forgery { accept, ..Forgery::default() });
        },
    },
    Corruptor {
        name: "a challenge that is not the hash's",
        base: Base::Approved,
        corrupt: |a, _, _| {
            a.consent.challenge[0] = ONE - a.consent.challenge[0];
            settle_after(a, Obligation::HashToCurve);
        },
    },
    Corruptor {
        name: "the simulator's consent: challenge and response chosen first",
        base: Base::Approved,
        corrupt: |a, case, random| {
            // Anyone can do this for any N: only the hash of A and B stands in the way.
            let wanted = a.consent.challenge[..128].to_vec();
            let n = curve::Point::base8() * &crate::attack::scalar(crate::attack::secret(&random.key()));
            a.consent.n = n.into();
            settle_after(a, Obligation::HashToCurve);
            a.consent.challenge[..128].copy_from_slice(&wanted);
            let _ = case;
        },
    },
    Corruptor {
        name: "a challenge from the hash plus the modulus",
        base: Base::Approved,
        corrupt: |a, case, random| {
            let accept = |hash| bits_plus_modulus(hash).is_some();
            let decompose = |hash| bits_plus_modulus(hash).unwrap();
            sign(a, &case.key, random, &Forgery { accept, decompose, ..Forgery::default() });
        },
    },
    Corruptor {
        name: "a high bit of the hash",
        base: Base::Approved,
        corrupt: |a, _, _| a.consent.challenge[200] = ONE - a.consent.challenge[200],
    },
    Corruptor {
        name: "another hash, with its bits",
        base: Base::Approved,
        corrupt: |a, _, random| {
            // The low 128 bits stay, so A and B do.
            let high = low_bits(random.field(), canonical::BITS)[128..253].to_vec();
            a.consent.challenge[128..253].copy_from_slice(&high);
            a.consent.challenge[253] = ZERO;
            let bits = &a.consent.challenge;
            a.consent.challenge_hash = bits.iter().rev().fold(ZERO, |x, bit| x + x + bit);
        },
    },
    Corruptor {
        name: "a bit of the response",
        base: Base::Approved,
        corrupt: |a, _, _| a.consent.response[100] = ONE - a.consent.response[100],
    },
    Corruptor {
        name: "a response whose digits are not bits",
        base: Base::Approved,
        corrupt: |a, _, _| {
            // The sum stays the same.
            let i = (0..251).find(|i| a.consent.response[*i + 1] == ONE).unwrap();
            a.consent.response[i] += ONE + ONE;
            a.consent.response[i + 1] = ZERO;
        },
    },
    Corruptor {
        name: "A is another point",
        base: Base::Approved,
        corrupt: |a, _, _| {
            a.consent.a = (point(&a.consent.a) + curve::Point::base8()).into();
            a.consent.challenge_hash = challenge_hash(a);
            a.consent.challenge = low_bits(a.consent.challenge_hash, canonical::BITS);
        },
    },
    Corruptor {
        name: "B is another point",
        base: Base::Refused,
        corrupt: |a, _, _| {
            a.consent.b = (-point(&a.consent.b)).into();
            a.consent.challenge_hash = challenge_hash(a);
            a.consent.challenge = low_bits(a.consent.challenge_hash, canonical::BITS);
        },
    },
    Corruptor {
        name: "the response of the opposite key",
        base: Base::Approved,
        corrupt: |a, case, _| {
            let order = <ark_ed_on_bn254::Fr as ark_ff::PrimeField>::MODULUS;
            let mut opposite = order;
            opposite.sub_with_borrow(&response(a));
            crate::attack::set_response(a, opposite);
            settle_after(a, Obligation::HashToCurve);
            let _ = case;
        },
    },
];

fn response(a: &sealroot_circuits::Assignment) -> ark_ff::BigInt<4> {
    let bits: Vec<bool> = a.consent.response.iter().map(|bit| to_i128(*bit) == Some(1)).collect();
    ark_ff::BigInt::from_bits_le(&bits)
}
