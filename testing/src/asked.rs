//! One office, two agencies, one holder: everything that a request needs, correct unless a test changes it.

use crate::{
    snapshot,
    town::{self, DAY, date, time},
};
use alloy_primitives::FixedBytes;
use sealroot_protocol::{
    applicant::{Applicant, CaseSecret},
    canonical::Suite,
    date::{FactsPeriod, Month, Period},
    field::Digest,
    machine::{
        Condition, Entry, FactsPeriodRule, IntegerLine, Line, NullifierMode, Op, Register, Requirement, Rules,
        Selector, Shape, SourceRule, Test, ValidWords,
    },
    policy::{InForce, Policy, PolicyDigest, PolicyDocument, Source, text_digest},
    program::{ClaimWindow, Grid, Program},
    request::{Nonce, Request, SignedRequest},
    schema::{Schema, text_value},
    scope::Deployment,
    signature::SecretSigningKey,
    snapshot::Snapshot,
};
use sealroot_wallet::{Applying, CheckedRequest, Rejection, Seed, Wallet, check};
use std::collections::BTreeSet;

/// The heating allowance by quarters: what a claim of one says stands in its summary.
pub fn program() -> Program {
    let month = Month::from_yyyymm(202_611).unwrap();
    Program {
        grid: Grid { first: month, months: 3, count: 8 },
        claim: ClaimWindow { opens_after_days: 0, closes_after_days: 120 },
        manual_path: [("en".to_owned(), "Room 4, with papers.".to_owned())].into(),
        ..town::program()
    }
}

/// A request, and everything that a wallet checks it against.
pub struct Case {
    /// The program's document.
    pub program: Program,
    /// Its policies' documents.
    pub policies: Vec<PolicyDocument>,
    /// What the chain says.
    pub snapshot: Snapshot,
    /// The deployments that the wallet knows.
    pub pinned: Vec<Deployment>,
    /// The applicant, unless the program is anonymous.
    pub applying: Option<Applying>,
    /// Unix time by the wallet's clock.
    pub now: u64,
    /// The request, unsigned.
    pub request: Request,
    /// The office's key.
    pub key: SecretSigningKey,
}

/// The holder's wallet.
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
    let text = format!(
        "[[requirement]]\ncode = \"{id}-ceiling\"\nmessage = {{ en = \"Your {id} is above the ceiling.\", zh = \"您的{id}超过上限。\" }}\n\
         [[output]]\nname = \"monthly amount\"\ntitle = {{ en = \"amount per month\", zh = \"每月金额\" }}\n"
    );
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
            compiler: 1,
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

/// The same policy, whose output is the first month's income as it stands in the record.
pub fn show_an_attribute(document: &mut PolicyDocument) {
    let policy = &mut document.policy;
    let rules = ValidWords::check(policy.shape, policy.words.clone()).unwrap().rules().clone();
    let rules = Rules { outputs: [Some(Selector::Attribute(1)), None], registers: Vec::new(), ..rules };
    policy.words = ValidWords::from_rules(policy.shape, &rules).unwrap().words().clone();
}

impl Case {
    /// A request that everything allows.
    pub fn new() -> Self {
        Self::with(program())
    }

    /// The same under another program.
    pub fn with(program: Program) -> Self {
        let named = !program.anonymous;
        let policies =
            vec![document("residence", "civil-registry", false, named), document("income", "tax-office", true, named)];
        let digests: Vec<PolicyDigest> = policies.iter().map(|d| d.policy.digest().unwrap()).collect();
        let now = time("2026-11-10");
        let deployment = town::deployment();
        let mut snapshot = snapshot::in_order(&program, &policies, &[], key_hash, now);
        snapshot.block.time = now - 60;
        let mut case = Self {
            snapshot,
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
                requester: town::welfare_office(),
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
            key: town::office_key(),
        };
        case.commit_applicant();
        case
    }

    /// The request commits to the applicant.
    pub fn commit_applicant(&mut self) {
        if let Some(a) = &self.applying {
            self.request.applicant = Applicant::commit(self.request.scope(), text_value(&a.identity), &a.case_secret);
        }
    }

    /// The chain says what the documents say.
    pub fn enact(&mut self) {
        let since = self.now - 40 * DAY;
        self.snapshot.program = Some(snapshot::program_entry(&self.program, since));
        self.snapshot.policies = snapshot::enacted(&self.program, &self.policies, key_hash, since);
    }

    /// The request names the policies as they are now.
    pub fn name_policies(&mut self) {
        self.request.policies = self.policies.iter().map(|d| d.policy.digest().unwrap()).collect();
    }

    /// The request, signed by the office.
    pub fn signed(&self) -> SignedRequest {
        self.request.clone().sign(&self.key).unwrap()
    }

    /// What the wallet says.
    pub fn check(&self) -> Result<CheckedRequest, Rejection> {
        self.check_signed(self.signed())
    }

    /// What it says about another signed request.
    pub fn check_signed(&self, signed: SignedRequest) -> Result<CheckedRequest, Rejection> {
        let applying = self.applying.as_ref();
        check(signed, &self.program, &self.policies, &self.snapshot, &self.pinned, applying, self.now)
    }
}

fn key_hash(_: &PolicyDocument) -> Digest {
    Digest([8; 32])
}

/// From a day to another.
pub fn period(start: &str, end: &str) -> Period {
    Period { start: date(start), end: date(end) }
}

impl Default for Case {
    fn default() -> Self {
        Self::new()
    }
}
