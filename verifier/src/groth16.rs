//! The Groth16 verification equation behind checked types: the only place that calls ark-groth16's verifier.
//!
//! ark-groth16 0.6 reads a missing public input as 0 and ignores surplus ones; here the count is part of the key and every call
//! is checked against it. A key whose `gamma` equals `delta` lets anybody forge (A = alpha, B = beta, C = −vk_x): such keys,
//! which `snarkjs groth16 setup` without a contribution produces, never become a [`FoldableKey`], nor do those whose `beta` is one of the two.

use crate::points::{self, PointError};
use ark_bn254::{Bn254, G1Affine, G1Projective, G2Affine};
use ark_ec::{AffineRepr, CurveGroup, VariableBaseMSM};
use ark_groth16::{Groth16, PreparedVerifyingKey, VerifyingKey};
use sealroot_protocol::field::F;

/// Why a verifying key must not be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnsafeKey {
    /// One of the key's points is not acceptable.
    #[error("{point}: {error}")]
    Point {
        /// `alpha`, `beta`, `gamma`, `delta` or `IC`.
        point: &'static str,
        /// What is wrong with it.
        error: PointError,
    },
    /// The number of input points doesn't fit the number of public inputs.
    #[error("the key has {found} input points, the shape needs {expected}")]
    InputCount {
        /// Public inputs of the shape, words included, plus one.
        expected: usize,
        /// Points found.
        found: usize,
    },
    /// gamma = ±delta: anybody can forge proofs.
    #[error("gamma equals delta up to sign, so anybody can forge proofs; the setup's second phase had no contribution")]
    GammaIsDelta,
    /// delta is ± the generator: the second phase never ran.
    #[error("delta is the generator up to sign: the setup's second phase had no contribution")]
    DeltaIsGenerator,
    /// beta = ±gamma or ±delta: anybody can forge proofs.
    #[error("beta equals gamma or delta up to sign, so anybody can forge proofs")]
    BetaIsRepeated,
    /// alpha or beta is ± the generator: the first phase never ran.
    #[error("alpha or beta is the generator up to sign: the setup's first phase had no contribution")]
    PhaseOneUntouched,
    /// Two inputs share a point up to sign: their values could be exchanged.
    #[error("two public inputs have the same point up to sign, so one could stand for the other")]
    RepeatedInput,
}

/// A checked verifying key over `proof_inputs` inputs followed by words that are the same for every proof.
#[derive(Clone)]
pub(crate) struct FoldableKey {
    key: VerifyingKey<Bn254>,
    proof_inputs: usize,
}

impl FoldableKey {
    /// Checks all points, the count, and the relations that make a key forgeable.
    pub(crate) fn new(key: VerifyingKey<Bn254>, proof_inputs: usize, words: usize) -> Result<Self, UnsafeKey> {
        let named = |point| move |error| UnsafeKey::Point { point, error };
        points::check_g1(&key.alpha_g1).map_err(named("alpha"))?;
        points::check_g2(&key.beta_g2).map_err(named("beta"))?;
        points::check_g2(&key.gamma_g2).map_err(named("gamma"))?;
        points::check_g2(&key.delta_g2).map_err(named("delta"))?;
        key.gamma_abc_g1.iter().try_for_each(points::check_g1).map_err(named("IC"))?;
        let (expected, found) = (1 + proof_inputs + words, key.gamma_abc_g1.len());
        if expected != found {
            return Err(UnsafeKey::InputCount { expected, found });
        }
        // Equal x means equal up to sign: −delta forges as well as delta.
        if key.gamma_g2.x == key.delta_g2.x {
            return Err(UnsafeKey::GammaIsDelta);
        }
        if key.delta_g2.x == G2Affine::generator().x {
            return Err(UnsafeKey::DeltaIsGenerator);
        }
        // With beta = gamma: A = C = alpha + vk_x, B = beta + delta. snarkjs' gamma is the generator, and so is its beta
        // where nobody contributed to the powers of tau.
        if [key.gamma_g2.x, key.delta_g2.x].contains(&key.beta_g2.x) {
            return Err(UnsafeKey::BetaIsRepeated);
        }
        if key.alpha_g1.x == G1Affine::generator().x || key.beta_g2.x == G2Affine::generator().x {
            return Err(UnsafeKey::PhaseOneUntouched);
        }
        let mut xs: Vec<_> = key.gamma_abc_g1.iter().map(|p| p.x).collect();
        xs.sort_unstable();
        if xs.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(UnsafeKey::RepeatedInput);
        }
        Ok(Self { key, proof_inputs })
    }

    /// `IC'_0 = IC_0 + Σ word_i · IC_i`: the key specialised to `words`. The count is checked; small signed words cost little.
    pub(crate) fn fold(&self, words: &[F]) -> Result<FoldedKey, UnsafeKey> {
        let ic = &self.key.gamma_abc_g1;
        let constants = &ic[1 + self.proof_inputs..];
        let sum = G1Projective::msm(constants, words)
            .map_err(|_| UnsafeKey::InputCount { expected: constants.len(), found: words.len() })?;
        let constant = (sum + ic[0]).into_affine();
        points::check_g1(&constant).map_err(|error| UnsafeKey::Point { point: "IC", error })?;
        let inputs = &ic[1..=self.proof_inputs];
        let key = VerifyingKey { gamma_abc_g1: [&[constant], inputs].concat(), ..self.key };
        Ok(FoldedKey { prepared: key.into() })
    }

    pub(crate) fn verifying_key(&self) -> &VerifyingKey<Bn254> {
        &self.key
    }
}

/// An ordinary verifying key over the per-proof inputs, prepared for pairings.
#[derive(Clone)]
pub(crate) struct FoldedKey {
    prepared: PreparedVerifyingKey<Bn254>,
}

impl FoldedKey {
    /// Whether the proof holds for exactly these inputs. A wrong count never holds.
    pub(crate) fn holds(&self, inputs: &[F], proof: &ark_groth16::Proof<Bn254>) -> bool {
        let Some(combined) = self.combine(inputs) else { return false };
        #[allow(clippy::disallowed_methods, reason = "the one wrapper: `combine` has checked the number of inputs")]
        Groth16::<Bn254>::verify_proof_with_prepared_inputs(&self.prepared, proof, &combined).unwrap_or(false)
    }

    /// `IC_0 + Σ input_i · IC_i`, or nothing if the count is wrong.
    pub(crate) fn combine(&self, inputs: &[F]) -> Option<G1Projective> {
        let ic = &self.prepared.vk.gamma_abc_g1;
        G1Projective::msm(&ic[1..], inputs).ok().map(|sum| sum + ic[0])
    }

    pub(crate) fn verifying_key(&self) -> &VerifyingKey<Bn254> {
        &self.prepared.vk
    }
}

/// EIP-197 encoding of alpha, beta, gamma, delta, then every input point: the layout of key files and of the hash on chain.
pub(crate) fn encode(key: &VerifyingKey<Bn254>) -> Vec<u8> {
    let mut out = Vec::with_capacity(encoded_len(key.gamma_abc_g1.len()));
    out.extend(points::g1_to_bytes(&key.alpha_g1));
    for point in [&key.beta_g2, &key.gamma_g2, &key.delta_g2] {
        out.extend(points::g2_to_bytes(point));
    }
    for point in &key.gamma_abc_g1 {
        out.extend(points::g1_to_bytes(point));
    }
    out
}

/// Length of [`encode`]'s result for a key with `input_points` input points.
pub(crate) fn encoded_len(input_points: usize) -> usize {
    points::G1_BYTES + 3 * points::G2_BYTES + input_points * points::G1_BYTES
}

/// Reads what [`encode`] writes; `None` if the length is wrong for `input_points`.
pub(crate) fn decode(bytes: &[u8], input_points: usize) -> Option<Result<VerifyingKey<Bn254>, UnsafeKey>> {
    if bytes.len() != encoded_len(input_points) {
        return None;
    }
    let (alpha, rest) = bytes.split_first_chunk()?;
    let (beta, rest) = rest.split_first_chunk()?;
    let (gamma, rest) = rest.split_first_chunk()?;
    let (delta, rest) = rest.split_first_chunk()?;
    let named = |point| move |error| UnsafeKey::Point { point, error };
    let key = || {
        Ok(VerifyingKey {
            alpha_g1: points::g1_from_bytes(alpha).map_err(named("alpha"))?,
            beta_g2: points::g2_from_bytes(beta).map_err(named("beta"))?,
            gamma_g2: points::g2_from_bytes(gamma).map_err(named("gamma"))?,
            delta_g2: points::g2_from_bytes(delta).map_err(named("delta"))?,
            gamma_abc_g1: input_chunks(rest)
                .map(points::g1_from_bytes)
                .collect::<Result<Vec<G1Affine>, _>>()
                .map_err(named("IC"))?,
        })
    };
    Some(key())
}

fn input_chunks(bytes: &[u8]) -> impl Iterator<Item = &[u8; points::G1_BYTES]> {
    bytes.as_chunks().0.iter()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use ark_ff::{Field, UniformRand};
    use sealroot_testing::toy;

    const INPUTS: usize = 3;
    const WORDS: usize = 5;

    fn f(x: i64) -> F {
        F::from(x)
    }

    fn sample() -> (VerifyingKey<Bn254>, Vec<F>, Vec<F>, ark_groth16::Proof<Bn254>) {
        let key = toy::setup(INPUTS + WORDS, 1);
        let (inputs, words) = (vec![f(7), f(-3), f(1)], vec![f(0), f(1), f(-1), f(1 << 39), f(-(1 << 40))]);
        let proof = toy::prove(&key, &[inputs.clone(), words.clone()].concat(), 2);
        (key.vk, inputs, words, proof)
    }

    #[test]
    fn a_folded_key_accepts_exactly_its_inputs_and_words() {
        let (vk, inputs, words, proof) = sample();
        let universal = FoldableKey::new(vk, INPUTS, WORDS).unwrap();
        let key = universal.fold(&words).unwrap();
        assert!(key.holds(&inputs, &proof));
        for i in 0..INPUTS {
            let mut changed = inputs.clone();
            changed[i] += f(1);
            assert!(!key.holds(&changed, &proof), "input {i}");
        }
        for i in 0..WORDS {
            let mut changed = words.clone();
            changed[i] = -changed[i] + f(2);
            if changed != words {
                assert!(!universal.fold(&changed).unwrap().holds(&inputs, &proof), "word {i}");
            }
        }
    }

    /// ark-groth16 0.6.0 takes a missing input as 0 and ignores surplus ones; the wrapper rejects both. If the first two
    /// assertions fail one day, the library has gained the check.
    #[test]
    fn dropped_and_appended_inputs_are_rejected() {
        let key = toy::setup(INPUTS, 3);
        let inputs = [f(4), f(5), f(0)];
        let proof = toy::prove(&key, &inputs, 4);
        let prepared = key.vk.clone().into();
        #[allow(clippy::disallowed_methods, reason = "shows what the wrapper is for")]
        let library = |inputs: &[F]| Groth16::<Bn254>::verify_proof(&prepared, &proof, inputs).unwrap();
        assert!(library(&inputs[..2]));
        assert!(library(&[&inputs[..], &[f(9)]].concat()));

        let folded = FoldableKey::new(key.vk, INPUTS, 0).unwrap().fold(&[]).unwrap();
        assert!(folded.holds(&inputs, &proof));
        assert!(!folded.holds(&inputs[..2], &proof));
        assert!(!folded.holds(&[&inputs[..], &[f(0)]].concat(), &proof));
        assert!(!folded.holds(&[], &proof));
    }

    #[test]
    fn a_wrong_number_of_words_is_rejected() {
        let (vk, _, words, _) = sample();
        let universal = FoldableKey::new(vk, INPUTS, WORDS).unwrap();
        for wrong in [&words[..4], &[&words[..], &[f(0)]].concat()] {
            assert!(matches!(universal.fold(wrong), Err(UnsafeKey::InputCount { .. })));
        }
    }

    /// The multi-scalar multiplication groups scalars by size and sign; its answer is the definition's at every boundary.
    #[test]
    fn folding_agrees_with_the_definition() {
        let mut rng = toy::rng(5);
        let mut words: Vec<F> = [0, 1, 2, 7, 8, 15, 16, 31, 32, 39, 40, 62]
            .into_iter()
            .flat_map(|bits| [-1, 0, 1].map(|d| (1i64 << bits) + d))
            .flat_map(|x| [f(x), f(-x)])
            .collect();
        words.extend([f(2).pow([64u64]), -f(2).pow([64u64]), f(2).pow([247u64]), F::rand(&mut rng), -f(1), f(0)]);
        let key = toy::setup(2 + words.len(), 6).vk;
        let folded = FoldableKey::new(key.clone(), 2, words.len()).unwrap().fold(&words).unwrap();
        let terms = key.gamma_abc_g1[3..].iter().zip(&words).map(|(point, word)| *point * word);
        let expected = terms.fold(key.gamma_abc_g1[0].into_group(), |sum, term| sum + term);
        assert_eq!(folded.verifying_key().gamma_abc_g1[0], expected.into_affine());
        assert_eq!(folded.verifying_key().gamma_abc_g1[1..], key.gamma_abc_g1[1..3]);
    }

    /// With gamma = delta anybody proves anything: A = alpha, B = beta, C = −vk_x cancels the equation without a witness.
    #[test]
    fn the_gamma_delta_forgery_works_on_the_library_and_is_rejected_here() {
        let mut key = toy::setup(INPUTS, 7).vk;
        key.delta_g2 = key.gamma_g2;
        let claimed = [f(1), f(1_000_000), f(1)];
        let vk_x = key.gamma_abc_g1[1..]
            .iter()
            .zip(claimed)
            .fold(key.gamma_abc_g1[0].into_group(), |sum, (p, x)| sum + *p * x);
        let forged = ark_groth16::Proof { a: key.alpha_g1, b: key.beta_g2, c: (-vk_x).into_affine() };
        let prepared = key.clone().into();
        #[allow(clippy::disallowed_methods, reason = "shows that the forgery is real")]
        let accepted = Groth16::<Bn254>::verify_proof(&prepared, &forged, &claimed).unwrap();
        assert!(accepted, "the forgery no longer works on the library: the test has lost its subject");
        assert_eq!(FoldableKey::new(key.clone(), INPUTS, 0).err(), Some(UnsafeKey::GammaIsDelta));

        // The same with C = vk_x, where delta = −gamma.
        key.delta_g2 = -key.gamma_g2;
        assert_eq!(FoldableKey::new(key, INPUTS, 0).err(), Some(UnsafeKey::GammaIsDelta));
    }

    /// The same for beta among gamma and delta: two of the equation's terms melt into one, and points that everybody has fill it.
    #[test]
    fn the_beta_forgeries_work_on_the_library_and_are_rejected_here() {
        let good = toy::setup(INPUTS, 7).vk;
        let claimed = [f(1), f(1_000_000), f(1)];
        let vk_x = good.gamma_abc_g1[1..]
            .iter()
            .zip(claimed)
            .fold(good.gamma_abc_g1[0].into_group(), |sum, (p, x)| sum + *p * x);
        let (alpha, gamma, delta) = (good.alpha_g1, good.gamma_g2, good.delta_g2);
        let b = (gamma + delta).into_affine();
        // beta, A, C; B is gamma + delta.
        let table: [(G2Affine, G1Projective, G1Projective); 4] = [
            (gamma, vk_x + alpha, vk_x + alpha),
            (-gamma, vk_x - alpha, vk_x - alpha),
            (delta, vk_x, vk_x - alpha),
            (-delta, vk_x, vk_x + alpha),
        ];
        for (i, (beta_g2, a, c)) in table.into_iter().enumerate() {
            let key = VerifyingKey { beta_g2, ..good.clone() };
            let forged = ark_groth16::Proof { a: a.into_affine(), b, c: c.into_affine() };
            #[allow(clippy::disallowed_methods, reason = "shows that the forgery is real")]
            let accepted = Groth16::<Bn254>::verify_proof(&key.clone().into(), &forged, &claimed).unwrap();
            assert!(accepted, "case {i}: the forgery no longer works on the library: the test has lost its subject");
            assert_eq!(FoldableKey::new(key, INPUTS, 0).err(), Some(UnsafeKey::BetaIsRepeated), "case {i}");
        }
    }

    #[test]
    fn every_other_unsafe_key_is_rejected() {
        type Corrupt = fn(&mut VerifyingKey<Bn254>);
        let identity = |point| UnsafeKey::Point { point, error: PointError::Identity };
        let table: [(&str, Corrupt, UnsafeKey); 14] = [
            ("alpha identity", |k| k.alpha_g1 = G1Affine::identity(), identity("alpha")),
            ("beta identity", |k| k.beta_g2 = G2Affine::identity(), identity("beta")),
            ("gamma identity", |k| k.gamma_g2 = G2Affine::identity(), identity("gamma")),
            ("delta identity", |k| k.delta_g2 = G2Affine::identity(), identity("delta")),
            ("an input without effect", |k| k.gamma_abc_g1[2] = G1Affine::identity(), identity("IC")),
            ("delta generator", |k| k.delta_g2 = G2Affine::generator(), UnsafeKey::DeltaIsGenerator),
            ("delta negated generator", |k| k.delta_g2 = -G2Affine::generator(), UnsafeKey::DeltaIsGenerator),
            ("alpha generator", |k| k.alpha_g1 = G1Affine::generator(), UnsafeKey::PhaseOneUntouched),
            ("alpha negated generator", |k| k.alpha_g1 = -G1Affine::generator(), UnsafeKey::PhaseOneUntouched),
            ("beta generator", |k| k.beta_g2 = G2Affine::generator(), UnsafeKey::PhaseOneUntouched),
            ("beta negated generator", |k| k.beta_g2 = -G2Affine::generator(), UnsafeKey::PhaseOneUntouched),
            ("two inputs alike", |k| k.gamma_abc_g1[2] = k.gamma_abc_g1[1], UnsafeKey::RepeatedInput),
            ("two inputs opposite", |k| k.gamma_abc_g1[3] = -k.gamma_abc_g1[1], UnsafeKey::RepeatedInput),
            ("an input missing", |k| _ = k.gamma_abc_g1.pop(), UnsafeKey::InputCount { expected: 4, found: 3 }),
        ];
        let good = toy::setup(INPUTS, 8).vk;
        assert!(FoldableKey::new(good.clone(), INPUTS, 0).is_ok());
        for (name, corrupt, expected) in table {
            let mut key = good.clone();
            corrupt(&mut key);
            assert_eq!(FoldableKey::new(key, INPUTS, 0).err(), Some(expected), "{name}");
        }
    }

    /// Anyone can re-randomise a proof: that must not matter, because nothing is keyed on proof bytes.
    #[test]
    fn proofs_are_malleable() {
        let (vk, inputs, words, proof) = sample();
        let key = FoldableKey::new(vk.clone(), INPUTS, WORDS).unwrap().fold(&words).unwrap();
        let other = Groth16::<Bn254>::rerandomize_proof(&vk, &proof, &mut toy::rng(9));
        let negated = ark_groth16::Proof { a: -proof.a, b: -proof.b, c: proof.c };
        for variant in [other, negated] {
            assert_ne!(variant, proof);
            assert!(key.holds(&inputs, &variant));
        }
    }

    #[test]
    fn the_encoding_round_trips_and_its_length_is_exact() {
        let (vk, ..) = sample();
        let bytes = encode(&vk);
        assert_eq!(decode(&bytes, 1 + INPUTS + WORDS).unwrap().unwrap(), vk);
        assert!(decode(&bytes, INPUTS + WORDS).is_none());
        assert!(decode(&[&bytes[..], &[0]].concat(), 1 + INPUTS + WORDS).is_none());
        assert!(decode(&bytes[1..], 1 + INPUTS + WORDS).is_none());
    }
}
