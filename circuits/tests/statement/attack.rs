//! What an attacker can do beyond being honest: rebuild the rest of a witness around a lie, sign with a key of their own
//! over any base.

use ark_ed_on_bn254::Fr as Order;
use ark_ff::{BigInteger, PrimeField};
use rand::RngExt;
use sealroot_circuits::{
    Assignment, Obligation,
    gadget::{canonical, edwards, range::low_bits},
    obligation::registers,
    system::Values,
    wires::{Place, Point},
};
use sealroot_protocol::{
    curve::{self, Scalar},
    field::F,
    poseidon,
    tag::Tag,
    tree::node_hash,
};
use sealroot_testing::{random::Random, statement::Case};
use sealroot_wallet::SecretKey;

/// Computes everything after an obligation anew.
pub fn settle_after(a: &mut Assignment, obligation: Obligation) {
    let at = Obligation::ALL.iter().position(|o| *o == obligation).unwrap();
    a.derive_all(&Obligation::ALL[at + 1..]);
}

/// Computes everything anew except an obligation's wires.
pub fn settle_except(a: &mut Assignment, obligation: Obligation) {
    let others: Vec<_> = Obligation::ALL.iter().copied().filter(|o| *o != obligation).collect();
    a.derive_all(&others);
}

/// Puts the leaf, as it is now, into the tree in place of the record's, and takes that tree's root.
pub fn replant(a: &mut Assignment, case: &Case) {
    let index = case.witness.record.path.index;
    let record = &mut a.record;
    let mut node = record.leaf;
    for (level, children) in record.children.iter_mut().enumerate() {
        children[index.position(level)] = node;
        node = node_hash([children[0], children[1], children[2], children[3]]);
    }
    a.public.roots[0] = node;
}

/// Commits to the record, as it is now, and computes everything else anew.
pub fn commit(a: &mut Assignment, case: &Case) {
    a.derive_all(&[Obligation::Leaf]);
    replant(a, case);
    settle_after(a, Obligation::Path);
}

/// Changes a register, and computes what reads it anew.
pub fn register(a: &mut Assignment, i: usize, change: impl FnOnce(&mut sealroot_circuits::wires::Register<F>)) {
    change(&mut a.registers[i]);
    registers::derive_from(a, Place::Record, i + 1);
    settle_after(a, Obligation::Registers);
}

/// Changes a condition, and computes what reads it anew.
pub fn condition(a: &mut Assignment, i: usize, change: impl FnOnce(&mut sealroot_circuits::wires::Condition<F>)) {
    change(&mut a.conditions[i]);
    settle_after(a, Obligation::Conditions);
}

/// The protocol's point; the wire must be on the curve.
pub fn point(p: &Point<F>) -> curve::Point {
    curve::Point::new(p.x, p.y).unwrap()
}

/// `8·p` by the formulas of the circuit, also for points off the curve.
pub fn eight_times(p: &Point<F>) -> Point<F> {
    edwards::times_cofactor(&mut Values::new(0), p)
}

/// The eight points of small order; the first is the identity.
pub fn torsion() -> [curve::Point; 8] {
    let minus_one = scalar(-Order::from(1u8));
    let order_8 = (1..200u64)
        .map(|i| sealroot_protocol::hash_to_curve::map_to_curve(F::from(i)))
        .map(|p| p * &minus_one + p)
        .find(|t| !t.times_u128(4).is_identity())
        .unwrap();
    assert!(order_8.times_cofactor().is_identity());
    std::array::from_fn(|i| order_8.times_u128(i as u128))
}

pub fn scalar(x: Order) -> Scalar {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(&x.into_bigint().to_bytes_be());
    Scalar::from_bytes(&bytes).unwrap()
}

pub fn secret(key: &SecretKey) -> Order {
    let bytes = key.to_bytes();
    let limbs: Vec<u64> = bytes.rchunks(8).map(|c| c.iter().fold(0u64, |acc, b| (acc << 8) | u64::from(*b))).collect();
    Order::from_bigint(ark_ff::BigInt(limbs.try_into().unwrap())).unwrap()
}

/// How a consent is forged by someone who has the key.
pub struct Forgery {
    /// Added to `N`.
    pub offset: curve::Point,
    /// Whether this challenge hash will do; nonces are tried until one does.
    pub accept: fn(F) -> bool,
    /// The bits that are claimed for the hash.
    pub decompose: fn(F) -> Vec<F>,
}

impl Default for Forgery {
    fn default() -> Self {
        Self { offset: curve::Point::IDENTITY, accept: |_| true, decompose: |hash| low_bits(hash, canonical::BITS) }
    }
}

/// Signs the assignment's request over its base, whatever that is, and computes what follows.
pub fn sign(a: &mut Assignment, key: &SecretKey, random: &mut Random, forgery: &Forgery) {
    sign_by(a, secret(key), random, forgery);
}

/// The same with a secret that no wallet makes, such as 0.
pub fn sign_by(a: &mut Assignment, sk: Order, random: &mut Random, forgery: &Forgery) {
    let base = point(&a.hash_to_curve.base);
    a.consent.n = (base * &scalar(sk) + forgery.offset).into();
    for _ in 0..10_000 {
        let (high, low): (u128, u128) = (random.0.random(), random.0.random());
        let k = Order::from(high) * Order::from(low);
        a.consent.a = (curve::Point::base8() * &scalar(k)).into();
        a.consent.b = (base * &scalar(k)).into();
        let hash = challenge_hash(a);
        if !(forgery.accept)(hash) {
            continue;
        }
        a.consent.challenge_hash = hash;
        a.consent.challenge = (forgery.decompose)(hash);
        let c = a.consent.challenge[..128].iter().rev().fold(0u128, |c, bit| 2 * c + u128::from(*bit == F::from(1u8)));
        let s = k + Order::from(c) * sk;
        // A base outside the subgroup notices the reduction modulo ℓ seven times in eight.
        if base * &scalar(s) - (base * &scalar(sk)).times_u128(c) != point(&a.consent.b) {
            continue;
        }
        set_response(a, s.into_bigint());
        settle_after(a, Obligation::Consent);
        return;
    }
    panic!("no nonce gives a challenge of the kind that is asked for");
}

pub fn set_response(a: &mut Assignment, response: impl BigInteger) {
    for (i, bit) in a.consent.response.iter_mut().enumerate() {
        *bit = F::from(u8::from(response.get_bit(i)));
    }
}

pub fn challenge_hash(a: &Assignment) -> F {
    let (key, c) = (&a.record.key, &a.consent);
    poseidon::hash(
        Tag::Challenge,
        [key.x, key.y, c.n.x, c.n.y, c.a.x, c.a.y, c.b.x, c.b.y, a.public.scope, a.public.request],
    )
}

/// The bits of `x + p`, where that has 254 bits.
pub fn bits_plus_modulus(x: F) -> Option<Vec<F>> {
    let mut integer = x.into_bigint();
    let carry = integer.add_with_carry(&F::MODULUS);
    let fits = !carry && integer.num_bits() as usize <= canonical::BITS;
    fits.then(|| (0..canonical::BITS).map(|i| F::from(u8::from(integer.get_bit(i)))).collect())
}
