//! Approvals by proof, prepared once: real Groth16 proofs for the programs with fixed terms, each valid in some weeks if the chain then has what they rest on.

use crate::{
    cast::{self, address, start, version, word},
    model::{request_hash, scope},
};
use alloy_primitives::{B256, Bytes, U256, keccak256};
use sealroot_chain::contracts::decisions::Decisions::{Part, Request as RequestCall, approveByProofCall, approveCall};
use sealroot_protocol::{
    applicant::Applicant,
    consent::{Nullifier, RequestDigest},
    date::Date,
    field::{self, F},
    machine::{PublicInputs, Shape, ValidWords},
    scope::Scope,
    signature::Signer,
    snapshot::Contracts,
    tree::Root,
};
use sealroot_testing::{town::DAY, toy, trapdoor::Trapdoor};
use sealroot_verifier::{policy_key::PolicyKey, proof::Proof};
use std::sync::LazyLock;

/// What a request says, before it is signed.
pub struct Asked<'a> {
    pub program: &'a str,
    pub period: (u32, u32),
    pub policies: Vec<B256>,
    pub requester: &'a str,
    pub signer: &'a str,
    pub nonce: u128,
    pub not_before: u64,
    pub expiry: u64,
    pub corrects: B256,
}

/// A request and its signature.
pub fn ask(asked: &Asked<'_>, contracts: &Contracts) -> (RequestCall, Bytes) {
    let program = word(asked.program);
    let request = RequestCall {
        program,
        periodStart: asked.period.0,
        periodEnd: asked.period.1,
        scope: scope(program, asked.period.0, asked.period.1, contracts.programs).unwrap_or_default(),
        policies: asked.policies.clone(),
        requester: word(asked.requester),
        purposeHash: keccak256("a purpose"),
        applicant: U256::from(77),
        nonce: asked.nonce.to_be_bytes().into(),
        notBefore: asked.not_before,
        expiry: asked.expiry,
        recipient: Default::default(),
        corrects: asked.corrects,
    };
    let signer = cast::signer(address(asked.signer)).unwrap();
    let signature = signer.sign(&request_hash(&request, contracts.programs)).unwrap();
    (request, signature.to_bytes().to_vec().into())
}

/// The digest by which a request is corrected.
pub fn digest(request: &RequestCall, contracts: &Contracts) -> B256 {
    B256::from(U256::from_be_bytes(request_hash(request, contracts.programs).0) >> 8)
}

/// See the module.
#[derive(Default)]
pub struct Prepared {
    pub by_proof: Vec<approveByProofCall>,
    /// Calls by the office that some of the others correct.
    pub by_office: Vec<approveCall>,
}

/// The periods that are claimed.
pub const PERIODS: [(u32, u32); 3] = [(20_261_001, 20_261_031), (20_261_101, 20_261_130), (20_261_201, 20_261_231)];

fn words(policy: &str) -> ValidWords {
    toy::words(if policy == "residence" { 1 } else { 2 })
}

fn setup() -> &'static Trapdoor {
    static SETUP: LazyLock<Trapdoor> = LazyLock::new(|| Trapdoor::new(Shape::Solo, 20));
    &SETUP
}

/// The policy key under which proofs of a policy are made, in EIP-197 form.
pub fn policy_key(policy: &str) -> Vec<u8> {
    PolicyKey::derive(&setup().universal_key(), &words(policy)).unwrap().to_bytes()
}

impl Prepared {
    pub fn make(contracts: &Contracts) -> Self {
        let mut made = Self::default();
        for (month, period) in PERIODS.into_iter().enumerate() {
            for (program, policies) in [
                ("by-proof", &["income"][..]),
                ("by-both", &["residence", "income"]),
                ("free", &["residence", "income"]),
            ] {
                for nullifier in 1..=2 {
                    made.chain(contracts, program, policies, (month, period), nullifier);
                }
            }
        }
        made
    }

    /// An approval, and corrections of it one after the other. In a program that is decided both ways the first is an office's.
    fn chain(
        &mut self,
        contracts: &Contracts,
        program: &str,
        policies: &[&str],
        (month, period): (usize, (u32, u32)),
        nullifier: u64,
    ) {
        let mut corrects = B256::ZERO;
        let keys: Vec<Bytes> = policies.iter().map(|policy| policy_key(policy).into()).collect();
        for step in 0..3u64 {
            let not_before = start() + (10 + 30 * month as u64) * DAY;
            let asked = Asked {
                program,
                period,
                policies: policies.iter().map(|policy| version(policy, 0)).collect(),
                requester: "welfare-office",
                signer: if nullifier == 1 { "key-5" } else { "key-6" },
                nonce: 1 << 100 | u128::from(nullifier) << 16 | u128::from(step) << 8 | month as u128,
                not_before,
                expiry: not_before + 60 * DAY,
                corrects,
            };
            let (request, signature) = ask(&asked, contracts);
            let amount = if program == "free" { 0 } else { 100 + 50 * (step ^ nullifier) };
            let number = 1 + (step + nullifier) % 2;
            let agencies = policies.iter().map(|policy| if *policy == "residence" { "registry" } else { "tax-office" });
            let roots: Vec<U256> = agencies.map(|agency| cast::root(agency, number).into()).collect();
            corrects = digest(&request, contracts);
            let call_nullifier = U256::from(nullifier);
            if program == "by-both" && step == 0 {
                let roots = roots.iter().map(|root| vec![*root]).collect();
                let bundle = keccak256(corrects);
                self.by_office.push(approveCall {
                    request,
                    signature,
                    roots,
                    amount,
                    nullifier: call_nullifier,
                    bundle,
                });
                continue;
            }
            let parts = policies.iter().zip(&roots).zip(&keys).enumerate().map(|(i, ((policy, root), key))| {
                let pays = program != "free" && i + 1 == policies.len();
                Part {
                    policyKey: key.clone(),
                    proof: prove(policy, &request, corrects, *root, if pays { amount } else { 0 }, nullifier),
                    roots: vec![*root],
                }
            });
            let parts = parts.collect();
            self.by_proof.push(approveByProofCall { request, signature, parts, amount, nullifier: call_nullifier });
        }
    }
}

fn prove(policy: &str, request: &RequestCall, digest: B256, root: U256, amount: u64, nullifier: u64) -> [U256; 8] {
    let element = |value: U256| field::from_bytes(&value.to_be_bytes()).unwrap();
    let inputs = PublicInputs {
        roots: vec![Root(element(root))],
        as_of: Date::from_yyyymmdd(request.periodStart).unwrap(),
        scope: Scope(element(request.scope)),
        request: RequestDigest(element(digest.into())),
        applicant: Applicant(element(request.applicant)),
        nullifier: Nullifier(F::from(nullifier)),
        decision: true,
        outputs: [amount, 0],
        reasons: 0,
    };
    let points = setup().prove(&words(policy), &inputs, nullifier);
    let bytes = Proof::from_points(points).unwrap().to_bytes();
    std::array::from_fn(|i| U256::from_be_slice(&bytes[32 * i..32 * i + 32]))
}
