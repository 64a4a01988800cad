//! Real keys, real proofs of the solo shape: what is made verifies, and everything else is refused.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use ark_bn254::Bn254;
use ark_std::rand::{SeedableRng, rngs::StdRng};
use sealroot_circuits::{Obligation, RecordWitness, Witness, WitnessError};
use sealroot_protocol::applicant::CaseSecret;
use sealroot_protocol::bundle::Part;
use sealroot_protocol::consent::RequestDigest;
use sealroot_protocol::date::Period;
use sealroot_protocol::field::{Digest, F, to_bytes};
use sealroot_protocol::machine::{Facts, NullifierMode, PublicInputs, Shape, ValidWords, evaluate};
use sealroot_protocol::policy::PolicyDigest;
use sealroot_protocol::record::{Attributes, Record, Salt, Serial, Subject};
use sealroot_protocol::scope::{Deployment, ScopeOpening};
use sealroot_protocol::tree::MemoryTree;
use sealroot_prover::engine::{EngineError, ProvingEngine};
use sealroot_prover::proving_key::{self, ProvingKeyError};
use sealroot_prover::setup::KeyFiles;
use sealroot_prover::{ProveError, Prover, Stage, Statement, insecure_dev_setup};
use sealroot_testing::{cases, rules::Generator, seed};
use sealroot_verifier::batch::{BatchRejected, Claim, verify_batch};
use sealroot_verifier::key_header::{HeaderError, KeySecurity};
use sealroot_verifier::policy_key::{PolicyKey, ProofRejected};
use sealroot_verifier::proof::Proof;
use sealroot_wallet::SecretKey;
use std::sync::OnceLock;

const ALLOW: KeySecurity = KeySecurity::AllowInsecure;

fn keys() -> &'static KeyFiles {
    static KEYS: OnceLock<KeyFiles> = OnceLock::new();
    KEYS.get_or_init(|| insecure_dev_setup(Shape::Solo, &mut StdRng::seed_from_u64(1)).unwrap())
}

fn prover() -> &'static Prover {
    static PROVER: OnceLock<Prover> = OnceLock::new();
    PROVER.get_or_init(|| load(&keys().proving_key, keys().proving_key_hash, ALLOW).unwrap())
}

fn load(bytes: &[u8], pin: Digest, security: KeySecurity) -> Result<Prover, ProvingKeyError> {
    Prover::load(keys().universal.clone(), bytes, pin, security)
}

/// A true statement with random rules and facts.
struct Case {
    words: ValidWords,
    facts: Facts,
    request: RequestDigest,
    witness: Witness,
    key: SecretKey,
}

impl Case {
    /// The first provable case at or after `seed`.
    fn new(seed: u64) -> Self {
        (0..).find_map(|i| Self::of(Generator::new(seed.wrapping_mul(1000) + i))).unwrap()
    }

    fn of(mut generator: Generator) -> Option<Self> {
        let words = generator.rules(Shape::Solo);
        let facts = generator.facts(&words);
        evaluate(&words, &facts).ok()?;
        let source = words.rules().sources[0];
        let key = SecretKey::from_uniform_bytes(&[9; 64]).unwrap();
        let record = Record {
            schema_id: source.schema_id,
            attributes: Attributes(facts.attributes),
            holder: Some(key.public_key()),
            holder_since: None,
            subject: Subject(F::from(11u8)),
            period: source.facts_period.resolve(&facts.period).ok()?,
            serial: Serial(F::from(12u8)),
            salt: Salt(F::from(13u8)),
        };
        let opening = opening(facts.period);
        let request = RequestDigest(F::from(14u8));
        let consent = key.sign_consent(opening.scope(), request, [3; 32]);
        let case_secret = words.rules().identity.map(|_| CaseSecret::from_random([4; 16]));
        let mut tree = MemoryTree::new();
        let index = tree.append(record.leaf()).unwrap();
        let path = tree.path(index);
        let witness =
            Witness { record: RecordWitness { record, path }, members: Vec::new(), opening, case_secret, consent };
        Some(Self { words, facts, request, witness, key })
    }

    fn statement(&self) -> Statement<'_> {
        Statement {
            policy: PolicyDigest(Digest([1; 32])),
            words: &self.words,
            as_of: self.facts.as_of,
            request: self.request,
        }
    }

    fn prove(&self) -> Part {
        prover().prove(self.statement(), &self.witness, &mut |_| ()).unwrap()
    }

    fn policy_key(&self) -> PolicyKey {
        PolicyKey::derive(&keys().universal, &self.words).unwrap()
    }
}

fn opening(period: Period) -> ScopeOpening {
    let deployment = Deployment { chain_id: 7, programs: [7; 20].into() };
    ScopeOpening { deployment, program: "heating-allowance".parse().unwrap(), period }
}

/// Random policies, records and consents; `SEALROOT_CASES` real proofs from `SEALROOT_SEED` on.
#[test]
fn random_statements_are_proved_and_verify() {
    let (cases, seed) = (cases(3).min(1000), seed(1));
    let made: Vec<_> = (0..cases)
        .map(|i| {
            let case = Case::new(seed + i);
            let part = case.prove();
            (case.policy_key(), part)
        })
        .collect();
    let proofs: Vec<Proof> = made.iter().map(|(_, part)| Proof::try_from(&part.proof).unwrap()).collect();
    for ((key, part), proof) in made.iter().zip(&proofs) {
        assert_eq!(key.verify(&part.inputs, proof), Ok(()));
    }
    let mut claims: Vec<Claim<'_>> =
        made.iter().zip(&proofs).map(|((key, part), proof)| Claim { key, inputs: &part.inputs, proof }).collect();
    assert_eq!(verify_batch(&claims), Ok(()));

    // Each proof under another policy's key or another statement fails, and is named.
    if cases > 1 {
        claims[0].key = &made[1].0;
        assert_eq!(verify_batch(&claims), Err(BatchRejected { culprits: vec![0] }));
    }
}

/// +1, +p and +2p on every public input: the first is another statement, the others aren't field elements.
#[test]
fn every_input_is_bound_and_has_one_encoding() {
    let case = Case::new(40);
    let part = case.prove();
    let (key, proof) = (case.policy_key(), Proof::try_from(&part.proof).unwrap());
    let fields = part.inputs.to_fields().unwrap();
    for i in 0..fields.len() {
        let mut changed = fields.clone();
        changed[i] += F::from(1u8);
        // Most changes aren't even consistent inputs; those that are don't verify.
        if let Ok(inputs) = PublicInputs::from_fields(Shape::Solo, &changed) {
            assert_eq!(key.verify(&inputs, &proof), Err(ProofRejected::Equation), "input {i}");
        }
    }
    let wire = serde_json::to_string(&part).unwrap();
    assert_eq!(serde_json::from_str::<Part>(&wire).unwrap(), part);
    for (i, field) in fields.iter().enumerate() {
        for multiple in 1..=2 {
            let spelled = format!("0x{}", hex(&plus_modulus(to_bytes(*field), multiple)));
            let honest = format!("0x{}", hex(&to_bytes(*field)));
            let changed = wire.replacen(&honest, &spelled, 1);
            assert_ne!(changed, wire, "input {i}");
            assert!(serde_json::from_str::<Part>(&changed).is_err(), "input {i} + {multiple}p");
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn plus_modulus(mut bytes: [u8; 32], times: usize) -> [u8; 32] {
    let mut modulus = to_bytes(-F::from(1u8));
    modulus[31] += 1;
    for _ in 0..times {
        let mut carry = 0u16;
        for (b, m) in bytes.iter_mut().zip(modulus).rev() {
            let sum = u16::from(*b) + u16::from(m) + carry;
            (*b, carry) = (sum as u8, sum >> 8);
        }
    }
    bytes
}

/// A statement that doesn't hold is refused with the obligation that fails, before anything is proved.
#[test]
fn false_statements_are_refused_by_name() {
    type Corrupt = fn(&mut Case);
    let table: [(&str, Corrupt, Obligation); 4] = [
        ("another request", |c| c.request.0 += F::from(1u8), Obligation::Consent),
        (
            "another period",
            |c| {
                let period = c.witness.opening.period;
                let end = period.end.plus_days(1).unwrap();
                c.witness.opening = opening(Period { end, ..period });
            },
            Obligation::Consent,
        ),
        (
            "someone else's consent",
            |c| {
                let other = SecretKey::from_uniform_bytes(&[8; 64]).unwrap();
                c.witness.consent = other.sign_consent(c.witness.opening.scope(), c.request, [3; 32]);
            },
            Obligation::Consent,
        ),
        (
            "a key younger than the period",
            |c| {
                c.witness.record.record.holder_since = Some(c.facts.period.start.plus_days(1).unwrap());
            },
            Obligation::Nullifier,
        ),
    ];
    let seed = (50..).find(|seed| Case::new(*seed).words.rules().nullifier == NullifierMode::Holder).unwrap();
    for (what, corrupt, expected) in table {
        let mut case = Case::new(seed);
        corrupt(&mut case);
        let mut stages = Vec::new();
        let refused = prover().prove(case.statement(), &case.witness, &mut |stage| stages.push(stage));
        match refused {
            Err(ProveError::Witness(WitnessError::Violated { obligation })) => {
                assert_eq!(obligation, expected, "{what}")
            }
            Err(other) => panic!("{what}: {other}"),
            Ok(_) => panic!("{what} was proved"),
        }
        assert_eq!(stages, [Stage::Witness], "{what}");
    }
    let mut case = Case::new(seed);
    case.witness.members.push(Vec::new());
    let refused = prover().prove(case.statement(), &case.witness, &mut |_| ());
    assert!(matches!(refused, Err(ProveError::Witness(WitnessError::Members { most: 0, found: 1 }))));
    assert!(case.key.public_key() == SecretKey::from_uniform_bytes(&[9; 64]).unwrap().public_key());
}

#[test]
fn stages_are_told_in_order_and_proofs_are_blinded() {
    let case = Case::new(60);
    let mut stages = Vec::new();
    let first = prover().prove(case.statement(), &case.witness, &mut |stage| stages.push(stage)).unwrap();
    assert_eq!(stages, [Stage::Witness, Stage::Prove, Stage::Verify]);
    let second = case.prove();
    assert_eq!(first.inputs, second.inputs);
    // A has r in it, B has s, C both: a constant one would show in its own point.
    let [first, second] = [&first, &second].map(|part| Proof::try_from(&part.proof).unwrap());
    let (first, second) = (first.points(), second.points());
    assert_ne!(first.a, second.a, "r must be fresh");
    assert_ne!(first.b, second.b, "s must be fresh");
    assert_ne!(first.c, second.c);
}

/// The same setup secrets can't appear twice by accident, and two setups share nothing.
#[test]
fn parts_do_not_verify_under_another_setup() {
    let case = Case::new(70);
    let part = case.prove();
    let other = insecure_dev_setup(Shape::Solo, &mut StdRng::seed_from_u64(2)).unwrap();
    assert_ne!(other.universal.hash(), keys().universal.hash());
    let key = PolicyKey::derive(&other.universal, &case.words).unwrap();
    assert_eq!(key.verify(&part.inputs, &Proof::try_from(&part.proof).unwrap()), Err(ProofRejected::Equation));

    // A proving key of one setup with the universal key of another.
    let mixed = Prover::load(other.universal, &keys().proving_key, keys().proving_key_hash, ALLOW);
    assert!(matches!(mixed, Err(ProvingKeyError::UniversalKey { .. })));
}

#[test]
fn proving_keys_are_read_under_their_pin_only() {
    let (bytes, pin) = (&keys().proving_key, keys().proving_key_hash);
    assert!(matches!(load(bytes, Digest([0; 32]), ALLOW), Err(ProvingKeyError::Pin { .. })));
    for at in [0, 10, 60, 80, bytes.len() / 2, bytes.len() - 1] {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        assert!(matches!(load(&changed, pin, ALLOW), Err(ProvingKeyError::Pin { .. })), "{at}");
    }
    let refused = load(bytes, pin, KeySecurity::ProductionOnly);
    assert!(matches!(refused, Err(ProvingKeyError::Header(HeaderError::Insecure))));
}

/// Files that lie under a pin that was computed for them: somebody pinned the wrong file.
#[test]
fn wrong_proving_key_files_are_refused_for_what_they_are() {
    let pinned = |bytes: Vec<u8>| load(&bytes, proving_key::hash(&bytes), ALLOW);
    let good = &keys().proving_key;
    assert!(matches!(pinned([good, &[0u8][..]].concat()), Err(ProvingKeyError::Trailing(1))));
    assert!(matches!(pinned(good[..good.len() - 1].to_vec()), Err(ProvingKeyError::Body(_))));
    assert!(matches!(pinned(good[..90].to_vec()), Err(ProvingKeyError::Body(_))));
    assert!(matches!(pinned(keys().universal.to_bytes()), Err(ProvingKeyError::Header(HeaderError::Magic("proving")))));

    let header = good.len() - body_len(good);
    let mut circuit = good.clone();
    circuit[header - 33] ^= 1; // last byte of the circuit digest
    assert!(matches!(pinned(circuit), Err(ProvingKeyError::Circuit { .. })));
    let mut universal = good.clone();
    universal[header - 1] ^= 1; // last byte of the universal key's hash
    assert!(matches!(pinned(universal), Err(ProvingKeyError::UniversalKey { .. })));
}

/// Bytes after header and universal key hash, found by looking for the hash.
fn body_len(file: &[u8]) -> usize {
    let hash = keys().universal.hash().0;
    let at = file.windows(32).position(|window| window == hash).unwrap();
    file.len() - at - 32
}

/// An engine that fails, or gives the proof of something else, can't make a part.
#[test]
fn a_faulty_engine_makes_no_part() {
    struct Fixed(ark_groth16::Proof<Bn254>);
    impl ProvingEngine for Fixed {
        fn prove(&self, _: &[F]) -> Result<ark_groth16::Proof<Bn254>, EngineError> {
            Ok(self.0.clone())
        }
    }
    let case = Case::new(80);
    let other = Proof::try_from(&Case::new(81).prove().proof).unwrap();
    let with = |proof| Prover::with_engine(keys().universal.clone(), Box::new(Fixed(proof)));
    let refused = with(other.points().clone()).prove(case.statement(), &case.witness, &mut |_| ());
    assert!(matches!(refused, Err(ProveError::Unverified(ProofRejected::Equation))));
    let refused = with(ark_groth16::Proof::default()).prove(case.statement(), &case.witness, &mut |_| ());
    assert!(matches!(refused, Err(ProveError::Points(_))));
}

/// A real part, by snarkjs as it is.
#[test]
fn snarkjs_accepts_a_real_part() {
    let case = Case::new(90);
    let part = case.prove();
    sealroot_testing::snarkjs::judge(&case.policy_key(), &part.inputs, &Proof::try_from(&part.proof).unwrap());
}
