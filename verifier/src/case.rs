//! For tests: a bundle of two parts that verifies, with the snapshot it verifies against. Its proofs are of the toy circuit,
//! which proves anything: so a test can change any public input and still have a valid proof, and sees the check it is after.

use crate::toy;
use crate::universal_key::UniversalKeys;
use crate::verify::{VerifiedDecision, verify};
use crate::{Rejection, policy_key::PolicyKey};
use alloy_primitives::{Address, B256, FixedBytes, address};
use sealroot_policy::{PolicySource, compile};
use sealroot_protocol::applicant::Applicant;
use sealroot_protocol::bundle::{Bundle, Decision, Part, ProofBytes};
use sealroot_protocol::canonical::Suite;
use sealroot_protocol::consent::Nullifier;
use sealroot_protocol::date::FactsPeriod;
use sealroot_protocol::field::F;
use sealroot_protocol::machine::{
    Condition, Entry, FactsPeriodRule, IntegerLine, Line, NullifierMode, PublicInputs, Requirement, Rules, Selector,
    Shape, SourceRule, Test, ValidWords,
};
use sealroot_protocol::name::Name;
use sealroot_protocol::policy::{Policy, PolicyDigest, PolicyDocument};
use sealroot_protocol::program::Program;
use sealroot_protocol::request::{Nonce, Request};
use sealroot_protocol::schema::Schema;
use sealroot_protocol::scope::Deployment;
use sealroot_protocol::signature::SecretSigningKey;
use sealroot_protocol::snapshot::{
    AgencyEntry, BlockRef, KeyEntry, PolicyEntry, ProgramEntry, RequesterEntry, RootEntry, Snapshot,
};
use sealroot_protocol::tree::Root;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// 2026-11-10, 12:00 UTC: inside the claim window of the period from 2026-11-01.
pub(crate) const NOW: u64 = 1_794_312_000;

const PROGRAM: &str = r#"
    suite = "sealroot-bn254-poseidon-groth16/1"
    id = "heating-allowance"
    title = { en = "Heating allowance" }
    policies = ["residence", "income"]
    requesters = ["welfare-office"]
    grid = { first = "2026-11", months = 1, count = 24 }
    claim = { opens_after_days = 2, closes_after_days = 60 }
    as_of = "period-start"
    pays = { part = 1, output = 0, currency = "EUR", budget = "500000000" }
    manual_path = { en = "Room 4, with papers." }
"#;

/// A bundle, what the chain says about it, and when.
#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) bundle: Bundle,
    pub(crate) snapshot: Snapshot,
    pub(crate) keys: UniversalKeys,
    pub(crate) now: u64,
}

pub(crate) fn name(text: &str) -> Name {
    text.parse().unwrap()
}

pub(crate) fn requester_key() -> SecretSigningKey {
    SecretSigningKey::from_bytes(&[5; 32]).unwrap()
}

impl Case {
    /// Everything in order.
    pub(crate) fn good() -> Self {
        static GOOD: OnceLock<Case> = OnceLock::new();
        let make = || {
            let policies = vec![document("residence", "civil-registry", false), document("income", "tax-office", true)];
            Self::of(Program::from_toml(PROGRAM).unwrap(), policies, 1)
        };
        GOOD.get_or_init(make).clone()
    }

    /// The same program, policies and chain, another person.
    pub(crate) fn another_person() -> Self {
        let good = Self::good();
        Self::of(good.bundle.program, good.bundle.policies, 2)
    }

    fn of(program: Program, policies: Vec<PolicyDocument>, person: u64) -> Self {
        let deployment = Deployment { chain_id: 7, programs: address!("cccccccccccccccccccccccccccccccccccccccc") };
        let request = Request {
            suite: Suite,
            deployment,
            program: program.id.clone(),
            period: program.period(0).unwrap(),
            policies: policies.iter().map(|document| document.policy.digest().unwrap()).collect(),
            requester: name("welfare-office"),
            purpose: "Heating allowance, November".into(),
            applicant: Applicant(F::from(700 + person)),
            nonce: Nonce(FixedBytes([person as u8; 16])),
            not_before: NOW - 86_400,
            expiry: NOW + 86_400,
            recipient: None,
            corrects: None,
        };
        let parts = (0u64..)
            .zip(&policies)
            .map(|(i, document)| Part {
                suite: Suite,
                policy: document.policy.digest().unwrap(),
                universal_key: document.policy.universal_key,
                inputs: PublicInputs {
                    roots: vec![Root(F::from(500 + i))],
                    as_of: program.as_of(request.period),
                    scope: request.scope(),
                    request: request.digest(),
                    applicant: request.applicant,
                    nullifier: Nullifier(F::from(900 + person)),
                    decision: true,
                    outputs: [if i == 1 { 41_200 } else { 0 }, 0],
                    reasons: 0,
                },
                proof: ProofBytes([0; 256]),
            })
            .collect();
        let bundle = Bundle::new(request.sign(&requester_key()).unwrap(), program, policies, parts).unwrap();
        let keys = UniversalKeys::new().with(toy::solo().universal.clone());
        let snapshot = snapshot(&bundle);
        let mut case = Self { bundle, snapshot, keys, now: NOW };
        case.prove();
        case
    }

    /// Proves every part for its inputs, whatever they are, and states the decision that follows.
    pub(crate) fn prove(&mut self) {
        for i in 0..self.bundle.parts.len() {
            self.prove_part(i);
        }
        if let Some(decision) = Decision::of(&self.bundle.program, &self.bundle.parts) {
            self.bundle.decision = decision;
        }
    }

    fn prove_part(&mut self, i: usize) {
        let policy = &self.bundle.policies[i].policy;
        let words = ValidWords::check(policy.shape, policy.words.clone()).unwrap();
        let part = &mut self.bundle.parts[i];
        let (_, proof) = toy::solo().prove(&words, &part.inputs, i as u64);
        part.proof = ProofBytes::from(&proof);
    }

    /// Changes the request, signs it, and proves the parts for it.
    pub(crate) fn request(&mut self, change: impl FnOnce(&mut Request)) {
        let mut request = self.bundle.request.request.clone();
        change(&mut request);
        self.bundle.request = request.sign(&requester_key()).unwrap();
        let request = &self.bundle.request.request;
        for part in &mut self.bundle.parts {
            part.inputs.scope = request.scope();
            part.inputs.request = request.digest();
            part.inputs.applicant = request.applicant;
            part.inputs.as_of = self.bundle.program.as_of(request.period);
        }
        self.prove();
    }

    /// Changes a part's inputs, and proves it for them.
    pub(crate) fn inputs(&mut self, part: usize, change: impl FnOnce(&mut PublicInputs)) {
        change(&mut self.bundle.parts[part].inputs);
        self.prove();
    }

    /// Changes a policy document; request and parts follow, the chain doesn't.
    pub(crate) fn policy(&mut self, i: usize, change: impl FnOnce(&mut PolicyDocument)) {
        change(&mut self.bundle.policies[i]);
        let digest = self.bundle.policies[i].policy.digest().unwrap();
        self.bundle.parts[i].policy = digest;
        self.bundle.parts[i].universal_key = self.bundle.policies[i].policy.universal_key;
        self.request(|request| request.policies[i] = digest);
    }

    /// Enacts the policies as they now are.
    pub(crate) fn enact(&mut self) {
        self.snapshot.policies = policy_entries(&self.bundle);
    }

    pub(crate) fn verify(&self) -> Result<VerifiedDecision, Rejection> {
        verify(&self.bundle, &self.snapshot, &self.keys, self.now)
    }
}

/// The chain's entry of the requester's key.
pub(crate) fn requester_entry() -> KeyEntry {
    KeyEntry { owner: name("welfare-office"), added_at: 1, retired_at: None, revoked_at: None }
}

fn snapshot(bundle: &Bundle) -> Snapshot {
    let program = &bundle.program;
    let agency = |i: usize| bundle.policies[i].policy.sources[0].agency.clone();
    let anchoring = |i: usize| Address::repeat_byte(0x10 + i as u8);
    let root = |i: usize| RootEntry {
        sequence: 3,
        anchored_at: NOW - 3_600,
        superseded_at: None,
        withdrawn_at: None,
        anchored_by: anchoring(i),
    };
    let entry = AgencyEntry { registered_at: 1, withdrawn_at: None, grace: 86_400, sequence: 3 };
    let all = 0..bundle.policies.len();
    Snapshot {
        deployment: bundle.request.request.deployment,
        block: BlockRef { number: 42, hash: B256::repeat_byte(9), time: NOW },
        agencies: all.clone().map(|i| (agency(i), entry)).collect(),
        roots: all.clone().map(|i| ((agency(i), bundle.parts[i].inputs.roots[0]), root(i))).collect(),
        agency_keys: all.map(|i| (anchoring(i), KeyEntry { owner: agency(i), ..requester_entry() })).collect(),
        policies: policy_entries(bundle),
        program: Some(ProgramEntry {
            digest: program.digest().unwrap(),
            enacted_at: 1,
            closed_at: None,
            grid: program.grid,
            claim: program.claim,
            as_of: program.as_of,
            pays: program.pays.as_ref().map(|pays| (pays.part, pays.output)),
            budget: 500_000_000,
            policies: program.policies.clone(),
        }),
        requester: Some(RequesterEntry { since: 1, until: None }),
        signer: Some(requester_entry()),
        decision: None,
        refusals: None,
    }
}

fn policy_entries(bundle: &Bundle) -> BTreeMap<PolicyDigest, PolicyEntry> {
    let entry = |policy: &Policy| PolicyEntry {
        id: policy.id.clone(),
        key_hash: PolicyKey::derive(
            &toy::solo().universal,
            &ValidWords::check(policy.shape, policy.words.clone()).unwrap(),
        )
        .unwrap()
        .hash(),
        agencies: policy.sources.iter().map(|source| source.agency.clone()).collect(),
        in_force: policy.in_force,
        enacted_at: 1,
        withdrawn_at: None,
    };
    bundle.policies.iter().map(|document| (document.policy.digest().unwrap(), entry(&document.policy))).collect()
}

/// A compiled policy over a schema of one text and one integer: `value >= 5`, and perhaps `value` as output 0.
fn document(id: &str, agency: &str, pays: bool) -> PolicyDocument {
    let schema = Schema::from_toml(&format!(
        "name = \"{id}-records\"\n[[attribute]]\nname = \"identity\"\nkind = \"text\"\n\
         [[attribute]]\nname = \"value\"\nkind = \"integer\"\nmin = 0\nmax = 1000000\n"
    ))
    .unwrap();
    let output = if pays { "[[output]]\nname = \"amount\"\nvalue = \"value\"\n" } else { "" };
    let text = format!(
        "id = \"{id}\"\nversion = 1\ntitle = {{ en = \"{id}\" }}\nlegal_reference = \"Test Act, section 1\"\n\
         shape = \"solo\"\nidentity = \"identity\"\nnullifier = \"holder\"\n[in_force]\nfrom = \"2026-01-01\"\n\
         [[source]]\nname = \"records\"\nagency = \"{agency}\"\nschema = \"{id}.schema.toml\"\nperiod = \"timeless\"\n\
         [[requirement]]\ncode = \"{id}-missing\"\nwhen = \"value >= 5\"\nreveal = true\nmessage = {{ en = \"no\" }}\n{output}"
    );
    let source = PolicySource { file: format!("{id}.policy.toml"), text };
    compile(&source, &|_| Ok(schema.clone())).unwrap().document(toy::solo().universal.hash())
}

/// Words of another policy over that schema: `value >= 0`.
pub(crate) fn words(schema: &Schema, nullifier: NullifierMode, output: Option<usize>) -> ValidWords {
    let line = IntegerLine::new(0, [(Entry::Attribute(1), 1)]).unwrap();
    let rules = Rules {
        sources: vec![SourceRule {
            schema_id: schema.id().unwrap(),
            facts_period: FactsPeriodRule::Constant(FactsPeriod::Timeless),
        }],
        ranged_attributes: [1].into(),
        identity: Some(0),
        nullifier,
        members: vec![],
        registers: vec![],
        pool: vec![],
        conditions: vec![Condition { line: Line::Integer(line), test: Test::NonNegative, negated: false }],
        requirements: vec![Requirement { any_of: [0].into(), reveal: true }],
        outputs: [output.map(Selector::Attribute), None],
    };
    ValidWords::from_rules(Shape::Solo, &rules).unwrap()
}
