//! Real claims: two agencies, a program of two policies, an office, some people with wallets, and a chain given as a snapshot.
//!
//! Everything is real but the chain, which is data here: the tests of `chain/` and the story show that the real one says the same.

mod keys;

pub use keys::{cheat, prover, universal_keys};

use crate::{policies::laws, snapshot, town};
use sealroot_circuits::{RecordWitness, Witness};
use sealroot_policy::Compiled;
use sealroot_protocol::{
    applicant::{Applicant, CaseSecret},
    bundle::{Bundle, Part},
    canonical::Suite,
    consent::Consent,
    date::{Date, FactsPeriod},
    field::F,
    machine::ValidWords,
    name::Name,
    policy::PolicyDocument,
    poseidon,
    program::Program,
    record::{Attributes, Record, Salt, Serial, Subject},
    request::{Nonce, Request, SignedRequest},
    schema::text_value,
    scope::Deployment,
    signature::SecretSigningKey,
    snapshot::Snapshot,
    tree::{LeafIndex, MemoryTree},
};
use sealroot_prover::{ProveError, Statement};
use sealroot_verifier::policy_key::PolicyKey;
use sealroot_wallet::SecretKey;
use std::path::PathBuf;

/// Noon of the day on which everybody acts.
pub const TODAY: &str = "2026-11-10";

/// The example's folder.
pub fn example() -> PathBuf {
    laws::directory().join("heating-allowance")
}

/// Compiles an example policy; `edit` may change its text first.
pub fn compile_example(file: &str, edit: impl FnOnce(String) -> String) -> Compiled {
    laws::edited(&format!("heating-allowance/{file}"), edit).unwrap_or_else(|e| panic!("{e}"))
}

/// Somebody with a wallet and one record at each agency.
pub struct Person {
    /// The wallet's key.
    pub key: SecretKey,
    /// The national id.
    pub national_id: String,
    /// Records at the registry and the tax office.
    pub records: [Record; 2],
    /// Where they stand in the trees.
    pub index: LeafIndex,
}

impl Person {
    /// The applicant commitment for a request about this person.
    pub fn identity(&self) -> F {
        text_value(&self.national_id)
    }
}

/// See the module.
pub struct World {
    /// The policies.
    pub compiled: Vec<Compiled>,
    /// The same as documents.
    pub documents: Vec<PolicyDocument>,
    /// The program.
    pub program: Program,
    /// The office's key.
    pub office: SecretSigningKey,
    /// Chain and contract.
    pub deployment: Deployment,
    /// One tree per agency.
    pub trees: [MemoryTree; 2],
    /// See [`World::APPLICANT`] and the others.
    pub people: Vec<Person>,
    /// Unix time.
    pub now: u64,
    /// Shared by clerk and wallet.
    pub secret: CaseSecret,
}

impl World {
    /// Eligible.
    pub const APPLICANT: usize = 0;
    /// Eligible.
    pub const NEIGHBOUR: usize = 1;
    /// Earns too much.
    pub const RICH: usize = 2;
    /// Lives elsewhere.
    pub const STRANGER: usize = 3;

    /// The example's program and four people.
    pub fn new() -> Self {
        let compiled =
            vec![compile_example("residence.policy.toml", |t| t), compile_example("income.policy.toml", |t| t)];
        Self::with_policies(compiled)
    }

    /// The same with other policies.
    pub fn with_policies(compiled: Vec<Compiled>) -> Self {
        let universal = prover().universal_key().hash();
        let documents = compiled.iter().map(|c| c.document(universal)).collect();
        let program = town::program();
        let today: Date = TODAY.parse().unwrap();
        let mut world = Self {
            compiled,
            documents,
            program,
            office: town::office_key(),
            deployment: town::deployment(),
            trees: [MemoryTree::new(), MemoryTree::new()],
            people: Vec::new(),
            now: today.unix_time().unwrap() + 43_200,
            secret: CaseSecret::from_random([9; 16]),
        };
        // Others, so that the tree is not only the cast.
        for i in 0..11u64 {
            for tree in &mut world.trees {
                tree.append(sealroot_protocol::record::Leaf(poseidon::circomlib(&[F::from(i)]).unwrap())).unwrap();
            }
        }
        for (i, (district, monthly)) in
            [("north", "800.00"), ("north", "700.00"), ("north", "8000.00"), ("south", "800.00")].iter().enumerate()
        {
            world.settle(i as u8, district, monthly);
        }
        world
    }

    /// Adds a person with both records.
    pub fn settle(&mut self, n: u8, district: &str, monthly: &str) {
        let key = town::holder(n + 1);
        let national_id = format!("1991000{n}-11");
        let facts = |i: usize| {
            let schema = &self.compiled[i].schemas()[0];
            let mut attributes = [F::from(0u8); 32];
            for (slot, attribute) in attributes.iter_mut().zip(schema.attributes().unwrap()) {
                let text = match attribute.name.as_str() {
                    "identity" => national_id.as_str(),
                    "birth_date" => "1991-03-08",
                    "district" => district,
                    "resident" | "employed" => "true",
                    name if name.starts_with("income_") => monthly,
                    other => panic!("the example's schema has another attribute now: {other}"),
                };
                *slot = attribute.kind.parse(text).unwrap();
            }
            attributes
        };
        let records = [0, 1].map(|i| Record {
            schema_id: self.compiled[i].schemas()[0].id().unwrap(),
            attributes: Attributes(facts(i)),
            holder: Some(key.public_key()),
            holder_since: None,
            subject: Subject(poseidon::circomlib(&[F::from(n), F::from(1u8)]).unwrap()),
            period: if i == 0 { FactsPeriod::Timeless } else { FactsPeriod::From("2025-11".parse().unwrap()) },
            serial: Serial(poseidon::circomlib(&[F::from(n), F::from(2u8 + i as u8)]).unwrap()),
            salt: Salt(poseidon::circomlib(&[F::from(n), F::from(9u8 + i as u8)]).unwrap()),
        });
        let [a, b] = [0, 1].map(|i| self.trees[i].append(records[i].leaf()).unwrap());
        assert_eq!(a, b);
        self.people.push(Person { key, national_id, records, index: a });
    }

    /// The office's request for a person, before it is signed.
    pub fn request(&self, person: usize) -> Request {
        let today = Date::from_unix_time(self.now).unwrap();
        let mut request = Request {
            suite: Suite,
            deployment: self.deployment,
            program: self.program.id.clone(),
            period: self.program.period_containing(today).unwrap(),
            policies: self.documents.iter().map(|d| d.policy.digest().unwrap()).collect(),
            requester: self.program.requesters[0].clone(),
            purpose: "Heating allowance for November".into(),
            applicant: Applicant::ANONYMOUS,
            nonce: Nonce([person as u8 + 1; 16].into()),
            not_before: self.now - 60,
            expiry: self.now + 86_400,
            recipient: None,
            corrects: None,
        };
        request.applicant = Applicant::commit(request.scope(), self.people[person].identity(), &self.secret);
        request
    }

    /// Signed by the office.
    pub fn sign(&self, request: Request) -> SignedRequest {
        request.sign(&self.office).unwrap()
    }

    /// A person's consent.
    pub fn consent(&self, person: usize, request: &Request) -> Consent {
        self.people[person].key.sign_consent(request.scope(), request.digest(), [3; 32])
    }

    /// An honest prover's witness for one part.
    pub fn witness(&self, part: usize, person: usize, request: &Request, consent: &Consent) -> Witness {
        let who = &self.people[person];
        let record = RecordWitness { record: who.records[part].clone(), path: self.trees[part].path(who.index) };
        Witness {
            record,
            members: Vec::new(),
            opening: request.scope_opening(),
            case_secret: Some(self.secret.clone()),
            consent: consent.clone(),
        }
    }

    /// Proves one part from a witness.
    pub fn prove(&self, part: usize, request: &Request, witness: &Witness) -> Result<Part, ProveError> {
        prover().prove(self.statement(part, request), witness, &mut |_| {})
    }

    /// The statement of one part for a request.
    pub fn statement(&self, part: usize, request: &Request) -> Statement<'_> {
        let policy = self.documents[part].policy.digest().unwrap();
        let as_of = self.program.as_of(request.period);
        Statement { policy, words: self.compiled[part].words(), as_of, request: request.digest() }
    }

    /// Both parts of a person's own claim.
    pub fn parts(&self, person: usize, request: &Request) -> Vec<Part> {
        let consent = self.consent(person, request);
        (0..2).map(|i| self.prove(i, request, &self.witness(i, person, request, &consent)).unwrap()).collect()
    }

    /// Parts put together under a signed request.
    pub fn bundle(&self, request: SignedRequest, parts: Vec<Part>) -> Bundle {
        Bundle::new(request, self.program.clone(), self.documents.clone(), parts).unwrap()
    }

    /// A person's honest bundle.
    pub fn claim(&self, person: usize) -> Bundle {
        let request = self.request(person);
        let parts = self.parts(person, &request);
        self.bundle(self.sign(request), parts)
    }

    /// Agency `i`'s name.
    pub fn agency(&self, i: usize) -> Name {
        self.documents[i].policy.sources[0].agency.clone()
    }

    /// What the chain says: everything in order, nothing decided yet.
    pub fn snapshot(&self) -> Snapshot {
        let universal = prover().universal_key();
        let key_hash = |document: &PolicyDocument| {
            let words = ValidWords::check(document.policy.shape, document.policy.words.clone()).unwrap();
            PolicyKey::derive(universal, &words).unwrap().hash()
        };
        let roots = [0, 1].map(|i| self.trees[i].root());
        snapshot::in_order(&self.program, &self.documents, &roots, key_hash, self.now)
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}
