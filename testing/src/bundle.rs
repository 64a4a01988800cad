//! A bundle of two parts that verifies, with the snapshot it verifies against. Its proofs are of the toy circuit, which
//! proves anything: so a test can change any public input and still have a valid proof, and sees the check it is after.

use crate::{
    snapshot,
    town::{self, DAY},
    toy,
};
use alloy_primitives::FixedBytes;
use sealroot_policy::{PolicySource, compile};
use sealroot_protocol::applicant::Applicant;
use sealroot_protocol::bundle::{Bundle, Decision, Part, ProofBytes};
use sealroot_protocol::canonical::Suite;
use sealroot_protocol::consent::Nullifier;
use sealroot_protocol::date::{FactsPeriod, Month};
use sealroot_protocol::enclosed::EnclosedPolicy;
use sealroot_protocol::field::{Digest, F};
use sealroot_protocol::machine::{
    Condition, Entry, FactsPeriodRule, IntegerLine, Line, NullifierMode, PublicInputs, Requirement, Rules, Selector,
    Shape, SourceRule, Test, ValidWords,
};
use sealroot_protocol::policy::PolicyDocument;
use sealroot_protocol::program::{ClaimWindow, Grid, Payment, Program};
use sealroot_protocol::request::{Nonce, Request};
use sealroot_protocol::schema::Schema;
use sealroot_protocol::snapshot::Snapshot;
use sealroot_protocol::tree::Root;
use sealroot_verifier::policy_key::PolicyKey;
use sealroot_verifier::proof::Proof;
use sealroot_verifier::universal_key::{UniversalKey, UniversalKeys};
use sealroot_verifier::{Rejection, VerifiedDecision, verify};
use std::sync::OnceLock;

/// 2026-11-10, 12:00 UTC: inside the claim window of the period from 2026-11-01.
pub const NOW: u64 = 1_794_312_000;

/// The heating allowance, for a claim of the month itself.
fn program() -> Program {
    let month = Month::from_yyyymm(202_611).unwrap();
    Program {
        grid: Grid { first: month, months: 1, count: 24 },
        claim: ClaimWindow { opens_after_days: 2, closes_after_days: 60 },
        ..town::program()
    }
}

/// A bundle, what the chain says about it, and when.
#[derive(Clone)]
pub struct Case {
    /// The bundle.
    pub bundle: Bundle,
    /// What the chain says.
    pub snapshot: Snapshot,
    /// What the verifier pins.
    pub keys: UniversalKeys,
    /// Unix time.
    pub now: u64,
}

/// The toy circuit's universal key, made once per test process.
pub fn universal_key() -> &'static UniversalKey {
    static KEY: OnceLock<UniversalKey> = OnceLock::new();
    KEY.get_or_init(|| universal_key_of(toy::solo()))
}

/// The universal key of another setup of the toy circuit.
pub fn universal_key_of(solo: &toy::Solo) -> UniversalKey {
    UniversalKey::from_setup(Shape::Solo, Digest([7; 32]), true, solo.proving.vk.clone()).unwrap()
}

/// A policy key, and a proof under it of these inputs.
pub fn prove(solo: &toy::Solo, words: &ValidWords, inputs: &PublicInputs, seed: u64) -> (PolicyKey, Proof) {
    let made;
    let universal = if std::ptr::eq(solo, toy::solo()) {
        universal_key()
    } else {
        made = universal_key_of(solo);
        &made
    };
    let proof = Proof::from_points(solo.prove(words, inputs, seed)).unwrap();
    (PolicyKey::derive(universal, words).unwrap(), proof)
}

impl Case {
    /// Everything in order.
    pub fn good() -> Self {
        static GOOD: OnceLock<Case> = OnceLock::new();
        let make = || {
            let policies = [("residence", "civil-registry", false), ("income", "tax-office", true)]
                .map(|(id, agency, pays)| document(id, agency, "holder", pays));
            Self::of(program(), policies.to_vec(), 1)
        };
        GOOD.get_or_init(make).clone()
    }

    /// Everything in order, of a program with one policy, which counts by record and so composes with no other.
    pub fn by_record() -> Self {
        let pays = program().pays.map(|pays| Payment { part: 0, ..pays });
        let one = Program { policies: vec![town::name("income")], pays, ..program() };
        Self::of(one, vec![document("income", "tax-office", "record-per-scope", true)], 1)
    }

    /// The same program, policies and chain, another person.
    pub fn another_person() -> Self {
        let good = Self::good();
        Self::of(good.bundle.program, good.bundle.policies, 2)
    }

    fn of(program: Program, policies: Vec<impl Into<EnclosedPolicy>>, person: u64) -> Self {
        let policies: Vec<EnclosedPolicy> = policies.into_iter().map(Into::into).collect();
        let request = Request {
            suite: Suite,
            deployment: town::deployment(),
            program: program.id.clone(),
            period: program.period(0).unwrap(),
            policies: policies.iter().map(|document| document.policy.digest().unwrap()).collect(),
            requester: town::welfare_office(),
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
                    outputs: [
                        if program.pays.as_ref().is_some_and(|pays| u64::from(pays.part) == i) { 41_200 } else { 0 },
                        0,
                    ],
                    reasons: 0,
                },
                proof: ProofBytes([0; 256]),
            })
            .collect();
        let bundle = Bundle::new(request.sign(&town::office_key()).unwrap(), program, policies, parts).unwrap();
        let keys = UniversalKeys::new().with(universal_key().clone());
        let roots: Vec<Root> = bundle.parts.iter().map(|part| part.inputs.roots[0]).collect();
        let snapshot = snapshot::in_order(&bundle.program, &bundle.policies, &roots, key_hash, NOW);
        let mut case = Self { bundle, snapshot, keys, now: NOW };
        case.prove();
        case
    }

    /// Proves every part for its inputs, whatever they are, and states the decision that follows.
    pub fn prove(&mut self) {
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
        let points = toy::solo().prove(&words, &part.inputs, i as u64);
        part.proof = ProofBytes::from(&Proof::from_points(points).unwrap());
    }

    /// Changes the request, signs it, and proves the parts for it.
    pub fn request(&mut self, change: impl FnOnce(&mut Request)) {
        let mut request = self.bundle.request.request.clone();
        change(&mut request);
        self.bundle.request = request.sign(&town::office_key()).unwrap();
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
    pub fn inputs(&mut self, part: usize, change: impl FnOnce(&mut PublicInputs)) {
        change(&mut self.bundle.parts[part].inputs);
        self.prove();
    }

    /// Changes a policy document; request and parts follow, the chain doesn't.
    pub fn policy(&mut self, i: usize, change: impl FnOnce(&mut PolicyDocument)) {
        change(&mut self.bundle.policies[i]);
        let digest = self.bundle.policies[i].policy.digest().unwrap();
        self.bundle.parts[i].policy = digest;
        self.bundle.parts[i].universal_key = self.bundle.policies[i].policy.universal_key;
        self.request(|request| request.policies[i] = digest);
    }

    /// Enacts the policies as they now are.
    pub fn enact(&mut self) {
        self.snapshot.policies =
            snapshot::enacted(&self.bundle.program, &self.bundle.policies, key_hash, NOW - 40 * DAY);
    }

    /// Changes the program, and enacts it as it then is; request and parts stay what they are.
    pub fn program(&mut self, change: impl FnOnce(&mut Program)) {
        change(&mut self.bundle.program);
        self.snapshot.program = Some(snapshot::program_entry(&self.bundle.program, NOW - 40 * DAY));
    }

    /// What the verifier says.
    pub fn verify(&self) -> Result<VerifiedDecision, Rejection> {
        verify(&self.bundle, &self.snapshot, &self.keys, self.now)
    }
}

fn key_hash(document: &PolicyDocument) -> Digest {
    let policy = &document.policy;
    let words = ValidWords::check(policy.shape, policy.words.clone()).unwrap();
    PolicyKey::derive(universal_key(), &words).unwrap().hash()
}

/// A compiled policy over a schema of one text and one integer: `5 <= value <= 900000`, and perhaps `value` as output 0.
fn document(id: &str, agency: &str, nullifier: &str, pays: bool) -> PolicyDocument {
    version(id, agency, nullifier, pays, |text| text)
}

/// The same as `edit` leaves its text: another version of it, or other days.
pub fn version(
    id: &str,
    agency: &str,
    nullifier: &str,
    pays: bool,
    edit: impl FnOnce(String) -> String,
) -> PolicyDocument {
    let schema = Schema::from_toml(&format!(
        "name = \"{id}-records\"\n[[attribute]]\nname = \"identity\"\nkind = \"text\"\n\
         [[attribute]]\nname = \"value\"\nkind = \"integer\"\nmin = 0\nmax = 1000000\n"
    ))
    .unwrap();
    let output = if pays { "[[output]]\nname = \"amount\"\nvalue = \"value\"\n" } else { "" };
    let text = format!(
        "id = \"{id}\"\nversion = 1\ntitle = {{ en = \"{id}\" }}\nlegal_reference = \"Test Act, section 1\"\n\
         shape = \"solo\"\nidentity = \"identity\"\nnullifier = \"{nullifier}\"\n[in_force]\nfrom = \"2026-01-01\"\n\
         [[source]]\nname = \"records\"\nagency = \"{agency}\"\nschema = \"{id}.schema.toml\"\nperiod = \"timeless\"\n\
         [[requirement]]\ncode = \"{id}-missing\"\nwhen = \"value >= 5\"\nreveal = true\nmessage = {{ en = \"no\" }}\n\
         [[requirement]]\ncode = \"{id}-above-limit\"\nwhen = \"value <= 900000\"\nreveal = true\nmessage = {{ en = \"no\" }}\n{output}"
    );
    let source = PolicySource { file: format!("{id}.policy.toml"), text: edit(text) };
    compile(&source, &|_| Ok(schema.clone())).unwrap().document(universal_key().hash())
}

/// Words of another policy over that schema: `value >= 0`.
pub fn words(schema: &Schema, nullifier: NullifierMode, output: Option<usize>) -> ValidWords {
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
