//! One case: what is shown to the native verifier as a bundle, and to the contract as a call.
//!
//! It is built in stages, and a mutation changes what one stage begins with. So a fault is put in before the signature, before the proof, or after both.

use crate::town::{Town, address, root, setup, words};
use alloy_primitives::{Address, U256};
use alloy_sol_types::SolCall;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use sealroot_chain::{
    calls::{approval_by_proof_call, approval_call, request as request_call},
    contracts::decisions::Decisions::{Part as PartCall, approveByProofCall, approveCall},
};
use sealroot_protocol::{
    applicant::Applicant,
    bundle::{Bundle, Decision, Part, ProofBytes},
    canonical::Suite,
    consent::Nullifier,
    date::Period,
    field::{self, F},
    machine::PublicInputs,
    policy::PolicyDocument,
    program::{AsOfRule, DecidedBy},
    request::{Nonce, Request, SignedRequest},
    signature::Signer,
    snapshot::Assurance,
    tree::Root,
};
use sealroot_testing::{
    evm::Evm,
    town::{DAY, key, name, time},
};
use sealroot_verifier::proof::Proof;
use std::{cell::RefCell, collections::HashMap};

/// What a stage's mutations find made, and what follows from it afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Chain, time, sender, way: before anything is asked.
    World,
    /// The request before it is signed, and what the parts will be about.
    Draft,
    /// The parts' public inputs before they are proved.
    Inputs,
    /// The bundle, signed and proved.
    Bundle,
    /// The call that follows from it, and the same place in the bundle's text.
    Call,
    /// The call's bytes, and the chain just before they arrive.
    Bytes,
}

/// One fault, or one change that is none.
pub struct Mutation {
    pub name: &'static str,
    pub stage: Stage,
    pub change: fn(&mut Case<'_>, &mut StdRng),
}

/// What a case begins with.
#[derive(Clone)]
pub struct Base {
    pub law: usize,
    pub way: Assurance,
    pub period: Period,
    pub nullifier: Nullifier,
    pub amount: u64,
    /// Index of the standing approval that it corrects.
    pub corrects: Option<usize>,
    pub time: u64,
    pub person: u64,
}

/// A call, typed for as long as its types can say what it says.
pub enum Call {
    Office(approveCall),
    Proof(approveByProofCall),
}

/// See the module.
pub struct Case<'t> {
    pub town: &'t Town,
    pub evm: Evm,
    pub law: usize,
    pub way: Assurance,
    pub sender: Address,
    pub request: Request,
    pub signer: String,
    pub documents: Vec<PolicyDocument>,
    /// Numbers of roots, by part and source.
    pub roots: Vec<Vec<u64>>,
    pub nullifier: Nullifier,
    pub amount: u64,
    pub inputs: Vec<PublicInputs>,
    pub bundle: Option<Bundle>,
    /// Of each part, as the call hands them over.
    pub policy_keys: Vec<Vec<u8>>,
    pub call: Option<Call>,
    /// Places of the bundle's JSON, and what stands there instead: what no type can hold.
    pub text: Vec<(String, String)>,
    pub data: Vec<u8>,
}

/// Proofs made so far for one case, because its mutations are tried alone and together.
#[derive(Default)]
pub struct Proofs(RefCell<HashMap<String, ProofBytes>>);

impl Base {
    pub fn random(town: &Town, rng: &mut StdRng) -> Self {
        // Those that were enacted wrongly come last, and one case of each tells as much as many.
        let right = town.laws.len() - 2;
        let law = if rng.random_ratio(1, 20) { right + rng.random_range(0..2) } else { rng.random_range(0..right) };
        let program = &town.laws[law].program;
        let ways = match program.decided_by {
            DecidedBy::Office => vec![Assurance::ByOffice],
            DecidedBy::Proof => vec![Assurance::ByProof],
            DecidedBy::Both => vec![Assurance::ByOffice, Assurance::ByProof, Assurance::ByProof],
        };
        let way = ways[rng.random_range(0..ways.len())];
        // November's reference day is still to come, or its version counts in dollars.
        let only_october = program.as_of == AsOfRule::PeriodEnd || program.id == name("in-two-currencies");
        let month = if only_october || rng.random() { 1 } else { 2 };
        let of_law = |i: &usize| town.standing[*i].law == law;
        let standing: Vec<_> = (0..town.standing.len()).filter(of_law).collect();
        let corrects = (rng.random_ratio(1, 4) && !standing.is_empty())
            .then(|| standing[rng.random_range(0..standing.len())])
            .filter(|i| town.standing[*i].assurance <= way);
        Self {
            law,
            way,
            period: program.period(month).unwrap(),
            nullifier: corrects.map_or_else(|| random_nullifier(rng), |i| town.standing[i].nullifier),
            amount: if program.pays.is_some() { rng.random_range(1..400) } else { 0 },
            corrects,
            time: time("2026-11-09") + rng.random_range(DAY / 2..DAY * 2 - 7200),
            person: rng.random_range(1..1 << 40),
        }
    }

    /// Builds the case, each mutation with randomness of its own: the same fault alone and beside another.
    pub fn build<'t>(&self, town: &'t Town, mutations: &[(&Mutation, u64)], proofs: &Proofs) -> Case<'t> {
        let mut case = Case::draft(town, self);
        let stage = |case: &mut Case<'_>, stage: Stage| {
            for (mutation, seed) in mutations.iter().filter(|(mutation, _)| mutation.stage == stage) {
                (mutation.change)(case, &mut StdRng::seed_from_u64(*seed));
            }
        };
        stage(&mut case, Stage::World);
        case.date();
        stage(&mut case, Stage::Draft);
        case.state_inputs();
        stage(&mut case, Stage::Inputs);
        case.prove(proofs);
        stage(&mut case, Stage::Bundle);
        case.make_call();
        stage(&mut case, Stage::Call);
        case.data = match case.call.as_ref().unwrap() {
            Call::Office(call) => call.abi_encode(),
            Call::Proof(call) => call.abi_encode(),
        };
        stage(&mut case, Stage::Bytes);
        case
    }
}

pub fn random_nullifier(rng: &mut StdRng) -> Nullifier {
    Nullifier(field::truncate_248(&rng.random()))
}

impl<'t> Case<'t> {
    fn draft(town: &'t Town, base: &Base) -> Self {
        let law = &town.laws[base.law];
        let documents = law.in_force(base.period);
        let request = Request {
            suite: Suite,
            deployment: town.deployment(),
            program: law.program.id.clone(),
            period: base.period,
            policies: documents.iter().map(|document| document.policy.digest().unwrap()).collect(),
            requester: name("welfare-office"),
            purpose: "A claim under a law of the town".into(),
            applicant: Applicant(F::from(base.person)),
            nonce: Nonce(u128::from(base.person).to_be_bytes().into()),
            not_before: 0,
            expiry: 0,
            recipient: None,
            corrects: base.corrects.map(|i| town.standing[i].request),
        };
        let mut evm = town.evm.clone();
        evm.time = base.time;
        let mut case = Self {
            town,
            evm,
            law: base.law,
            way: base.way,
            sender: address(if base.way == Assurance::ByOffice { "welfare-office-key" } else { "anybody" }),
            request,
            signer: "welfare-office-key".into(),
            documents,
            roots: Vec::new(),
            nullifier: base.nullifier,
            amount: base.amount,
            inputs: Vec::new(),
            bundle: None,
            policy_keys: Vec::new(),
            call: None,
            text: Vec::new(),
            data: Vec::new(),
        };
        case.take_current_roots();
        case
    }

    /// Parts are proved under the newest roots of the documents' agencies.
    pub fn take_current_roots(&mut self) {
        let sources = |document: &PolicyDocument| {
            document.policy.sources.iter().map(|source| root::of(source.agency.as_str(), root::NOW)).collect()
        };
        self.roots = self.documents.iter().map(sources).collect();
    }

    /// A request is dated when it is made, whatever day the world has.
    fn date(&mut self) {
        self.request.not_before = self.evm.time - DAY;
        self.request.expiry = self.evm.time + DAY;
    }

    fn state_inputs(&mut self) {
        let program = &self.town.laws[self.law].program;
        let paid = program.pays.as_ref().map(|pays| (usize::from(pays.part), usize::from(pays.output)));
        self.inputs = (0..)
            .zip(self.documents.iter().zip(&self.roots))
            .map(|(i, (document, roots))| {
                let mut roots: Vec<Root> = roots.iter().map(|root| Root(F::from(*root))).collect();
                let sources = document.policy.shape.dimensions().sources;
                roots.resize(roots.len().max(sources), Root(F::from(0u8)));
                let pays = |output| if paid == Some((i, output)) { self.amount } else { 0 };
                PublicInputs {
                    roots,
                    as_of: program.as_of(self.request.period),
                    scope: self.request.scope(),
                    request: self.request.digest(),
                    applicant: self.request.applicant,
                    nullifier: self.nullifier,
                    decision: true,
                    outputs: [pays(0), pays(1)],
                    reasons: 0,
                }
            })
            .collect();
    }

    fn prove(&mut self, proofs: &Proofs) {
        let parts = self.documents.iter().zip(&self.inputs).map(|(document, inputs)| Part {
            suite: Suite,
            policy: document.policy.digest().unwrap(),
            universal_key: document.policy.universal_key,
            inputs: inputs.clone(),
            proof: proofs.of(document, inputs),
        });
        let parts: Vec<Part> = parts.collect();
        let program = self.town.laws[self.law].program.clone();
        // Signed without the checks that an office makes: the verifier's and the contract's are looked at.
        let signature = key(&self.signer).sign(&self.request.signing_hash()).unwrap();
        let decision = Decision::of(&program, &parts).unwrap_or(Decision {
            approved: true,
            amount: self.amount,
            nullifier: self.nullifier,
        });
        self.bundle = Some(Bundle {
            suite: Suite,
            decision,
            request: SignedRequest { request: self.request.clone(), signature },
            program,
            policies: self.documents.iter().cloned().map(Into::into).collect(),
            parts,
            reduction: None,
            evidence: None,
        });
    }

    /// The bundle; from its stage on.
    pub fn bundle(&mut self) -> &mut Bundle {
        self.bundle.as_mut().unwrap()
    }

    /// The call that says what the bundle says, whether or not it is one that clients make. Where they make one, it is this.
    fn make_call(&mut self) {
        let bundle = self.bundle.as_ref().unwrap();
        let request = request_call(&bundle.request);
        let signature = bundle.request.signature.to_bytes().to_vec().into();
        let roots: Vec<Vec<U256>> = bundle.parts.iter().map(|part| uints(part.inputs.used_roots())).collect();
        let (amount, nullifier) = (bundle.decision.amount, uint(bundle.decision.nullifier.0));
        let of_part = |i: usize| self.documents.get(i).or(self.documents.last()).unwrap().policy.digest().unwrap();
        self.policy_keys = (0..bundle.parts.len()).map(|i| self.town.policy_keys[&of_part(i)].clone()).collect();
        self.call = Some(match self.way {
            Assurance::ByOffice => {
                let digest = bundle.digest().unwrap().0.into();
                let call = approveCall { request, signature, roots, amount, nullifier, bundle: digest };
                if let Ok(made) = approval_call(bundle) {
                    assert_eq!(made.abi_encode(), call.abi_encode());
                }
                Call::Office(call)
            }
            Assurance::ByProof => {
                let parts =
                    bundle.parts.iter().zip(&self.policy_keys).zip(roots).map(|((part, key), roots)| PartCall {
                        policyKey: key.clone().into(),
                        proof: std::array::from_fn(|i| U256::from_be_slice(&part.proof.0[32 * i..32 * i + 32])),
                        roots,
                    });
                let call = approveByProofCall { request, signature, parts: parts.collect(), amount, nullifier };
                if let Ok(made) = approval_by_proof_call(bundle, &self.policy_keys) {
                    assert_eq!(made.abi_encode(), call.abi_encode());
                }
                Call::Proof(call)
            }
        });
    }
}

impl Proofs {
    /// A true proof of these inputs under the document's words. Inputs that contradict themselves have none: they get a true proof of something else.
    pub fn of(&self, document: &PolicyDocument, inputs: &PublicInputs) -> ProofBytes {
        let mut inputs = inputs.clone();
        if inputs.check().is_err() || inputs.shape().ok() != Some(document.policy.shape) {
            inputs.roots.resize(document.policy.shape.dimensions().sources, Root(F::from(0u8)));
            (inputs.decision, inputs.reasons, inputs.outputs) = (true, 0, [1, 1]);
        }
        let name = format!("{:?} {inputs:?}", document.policy.digest().unwrap());
        let made = || {
            let points = setup(document.policy.shape).prove(&words(document), &inputs, name.len() as u64);
            ProofBytes::from(&Proof::from_points(points).unwrap())
        };
        self.0.borrow_mut().entry(name.clone()).or_insert_with(made).clone()
    }
}

/// A field element as contracts see it.
pub fn uint(x: F) -> U256 {
    U256::from_be_bytes(field::to_bytes(x))
}

fn uints(roots: &[Root]) -> Vec<U256> {
    roots.iter().map(|root| uint(root.0)).collect()
}
