//! One office, two agencies, one holder: everything that a request needs, correct unless a test changes it.

#![allow(clippy::unwrap_used)]

use crate::{
    check::{Applying, CheckedRequest, check},
    key_file::Wallet,
    rejection::Rejection,
    seed::Seed,
};
use alloy_primitives::{Address, B256, FixedBytes};
use sealroot_protocol::{
    applicant::{Applicant, CaseSecret},
    canonical::Suite,
    date::{Date, FactsPeriod, Period},
    field::Digest,
    machine::{
        Condition, Entry, FactsPeriodRule, IntegerLine, Line, NullifierMode, Op, Register, Requirement, Rules,
        Selector, Shape, SourceRule, Test, ValidWords,
    },
    policy::{InForce, Policy, PolicyDigest, PolicyDocument, Source, text_digest},
    program::Program,
    request::{Nonce, Request, SignedRequest},
    schema::{Schema, text_value},
    scope::Deployment,
    signature::SecretSigningKey,
    snapshot::{BlockRef, KeyEntry, PolicyEntry, ProgramEntry, RequesterEntry, Snapshot},
};
use std::collections::{BTreeMap, BTreeSet};

pub const PROGRAM: &str = r#"
    suite = "sealroot-bn254-poseidon-groth16/1"
    id = "heating-allowance"
    title = { en = "Heating allowance", zh = "取暖补贴" }
    policies = ["residence", "income"]
    requesters = ["welfare-office"]
    grid = { first = "2026-11", months = 3, count = 8 }
    claim = { opens_after_days = 0, closes_after_days = 120 }
    as_of = "period-start"
    pays = { part = 1, output = 0, currency = "EUR", budget = "500000000" }
    manual_path = { en = "Room 4, with papers." }
"#;

pub struct Case {
    pub program: Program,
    pub policies: Vec<PolicyDocument>,
    pub snapshot: Snapshot,
    pub pinned: Vec<Deployment>,
    pub applying: Option<Applying>,
    pub now: u64,
    pub request: Request,
    pub key: SecretSigningKey,
}

pub fn day(text: &str) -> u64 {
    text.parse::<Date>().unwrap().unix_time().unwrap()
}

pub fn wallet() -> Wallet {
    Wallet::new(Seed::from_bytes(&[5; 32]))
}

fn schema(name: &str, title: &str) -> Schema {
    Schema::from_toml(&format!(
        r#"
        name = "{name}"
        title = {{ en = "{title}" }}
        [[attribute]]
        name = "national_id"
        title = {{ en = "national id" }}
        kind = "text"
        [[attribute]]
        name = "gross"
        title = {{ en = "gross income" }}
        kind = "money"
        currency = "EUR"
        repeat = 12
        [[attribute]]
        name = "unread"
        kind = "boolean"
        "#
    ))
    .unwrap()
}

/// Twelve values summed, at most a ceiling; the sum's distance to it is disclosed. `residence` discloses nothing.
fn document(id: &str, agency: &str, discloses: bool, named: bool) -> PolicyDocument {
    let schema = schema(&format!("{id}-record"), &format!("{id} of the year"));
    let sum = IntegerLine::new(2_000_000, (1..=12).map(|i| (Entry::Attribute(i), -1))).unwrap();
    let rules = Rules {
        sources: vec![SourceRule {
            schema_id: schema.id().unwrap(),
            facts_period: FactsPeriodRule::Constant(FactsPeriod::From("2025-01".parse().unwrap())),
        }],
        ranged_attributes: (1..=13).collect(),
        identity: named.then_some(0),
        nullifier: NullifierMode::Holder,
        members: Vec::new(),
        registers: vec![Register { line: Line::Integer(sum.clone()), op: Op::Max0, gate: None }],
        pool: Vec::new(),
        conditions: vec![Condition { line: Line::Integer(sum), test: Test::NonNegative, negated: false }],
        requirements: vec![Requirement { any_of: BTreeSet::from([0]), reveal: discloses }],
        outputs: [discloses.then_some(Selector::Register(0)), None],
    };
    let words = ValidWords::from_rules(Shape::Solo, &rules).unwrap();
    let text = format!("# {id}");
    PolicyDocument {
        policy: Policy {
            suite: Suite,
            id: id.parse().unwrap(),
            version: 1,
            universal_key: Digest([3; 32]),
            shape: Shape::Solo,
            in_force: InForce { from: "2026-11-01".parse().unwrap(), until: None },
            sources: vec![Source { agency: agency.parse().unwrap(), schema: schema.id().unwrap() }],
            words: words.words().clone(),
            outputs: if discloses { vec!["monthly amount".into()] } else { Vec::new() },
            reasons: vec![format!("{id}-ceiling")],
            source_text: text_digest(&text),
        },
        text,
        schemas: vec![schema],
    }
}

/// The same policy with the record's nullifier, one approval per record and scope.
pub fn count_by_record(document: &mut PolicyDocument) {
    let policy = &mut document.policy;
    let rules = ValidWords::check(policy.shape, policy.words.clone()).unwrap().rules().clone();
    let rules = Rules { nullifier: NullifierMode::RecordPerScope, ..rules };
    policy.words = ValidWords::from_rules(policy.shape, &rules).unwrap().words().clone();
}

impl Case {
    pub fn new() -> Self {
        Self::with(Program::from_toml(PROGRAM).unwrap())
    }

    pub fn with(program: Program) -> Self {
        let deployment = Deployment { chain_id: 7, programs: Address::repeat_byte(0xcc) };
        let key = SecretSigningKey::from_bytes(&[6; 32]).unwrap();
        let named = !program.anonymous;
        let policies =
            vec![document("residence", "registry", false, named), document("income", "tax-office", true, named)];
        let digests: Vec<PolicyDigest> = policies.iter().map(|d| d.policy.digest().unwrap()).collect();
        let now = day("2026-11-10");
        let mut case = Self {
            snapshot: Snapshot {
                deployment,
                block: BlockRef { number: 9, hash: B256::ZERO, time: now - 60 },
                agencies: BTreeMap::new(),
                roots: BTreeMap::new(),
                agency_keys: BTreeMap::new(),
                policies: BTreeMap::new(),
                program: None,
                requester: Some(RequesterEntry { since: 1, until: None }),
                signer: Some(KeyEntry {
                    owner: "welfare-office".parse().unwrap(),
                    added_at: 1,
                    retired_at: None,
                    revoked_at: None,
                }),
                decision: None,
                refusals: None,
            },
            pinned: vec![deployment],
            applying: named
                .then(|| Applying { identity: "ID-1".into(), case_secret: CaseSecret::from_random([4; 16]) }),
            now,
            request: Request {
                suite: Suite,
                deployment,
                program: program.id.clone(),
                period: program.period(0).unwrap(),
                policies: digests,
                requester: "welfare-office".parse().unwrap(),
                purpose: "Heating allowance, winter 2026".into(),
                applicant: Applicant::ANONYMOUS,
                nonce: Nonce(FixedBytes([9; 16])),
                not_before: now - 3600,
                expiry: now + 86_400,
                recipient: None,
                corrects: None,
            },
            program,
            policies,
            key,
        };
        case.commit_applicant();
        case.enact();
        case
    }

    /// The request commits to who applies.
    pub fn commit_applicant(&mut self) {
        if let Some(a) = &self.applying {
            self.request.applicant = Applicant::commit(self.request.scope(), text_value(&a.identity), &a.case_secret);
        }
    }

    /// The chain says what the documents say.
    pub fn enact(&mut self) {
        let p = &self.program;
        self.snapshot.program = Some(ProgramEntry {
            digest: p.digest().unwrap(),
            enacted_at: 1,
            closed_at: None,
            grid: p.grid,
            claim: p.claim,
            as_of: p.as_of,
            pays: p.pays.as_ref().map(|pays| (pays.part, pays.output)),
            budget: 500_000_000,
            policies: p.policies.clone(),
        });
        self.snapshot.policies = self.policies.iter().map(|d| (d.policy.digest().unwrap(), entry(d))).collect();
    }

    /// The request names the policies as they are now.
    pub fn name_policies(&mut self) {
        self.request.policies = self.policies.iter().map(|d| d.policy.digest().unwrap()).collect();
    }

    pub fn signed(&self) -> SignedRequest {
        self.request.clone().sign(&self.key).unwrap()
    }

    pub fn check(&self) -> Result<CheckedRequest, Rejection> {
        self.check_signed(self.signed())
    }

    pub fn check_signed(&self, signed: SignedRequest) -> Result<CheckedRequest, Rejection> {
        let applying = self.applying.as_ref();
        check(signed, &self.program, &self.policies, &self.snapshot, &self.pinned, applying, self.now)
    }
}

fn entry(document: &PolicyDocument) -> PolicyEntry {
    PolicyEntry {
        id: document.policy.id.clone(),
        key_hash: Digest([8; 32]),
        agencies: document.policy.sources.iter().map(|s| s.agency.clone()).collect(),
        in_force: document.policy.in_force,
        enacted_at: 1,
        withdrawn_at: None,
    }
}

pub fn period(start: &str, end: &str) -> Period {
    Period { start: start.parse().unwrap(), end: end.parse().unwrap() }
}
