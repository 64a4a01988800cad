//! The embedded chain with the contracts: three officers, two agencies, an office, two policies, one program.

pub use crate::town::{date, key, name, time};

use alloy_primitives::{Address, B256, FixedBytes, U256, keccak256};
use alloy_sol_types::SolCall;
use sealroot_chain::{
    Act, AnchorCall, BlockClock, Calls, Chain, ChainError, EmbeddedChain, Genesis, PolicyEnactment, Receipt,
    calls::request as request_call, contracts::decisions::Decisions::approveCall,
};
use sealroot_protocol::{
    applicant::Applicant,
    canonical::Suite,
    code::{Code, Coded},
    consent::{Nullifier, RequestDigest},
    date::{Month, Period},
    field::{self, Digest, F},
    policy::{InForce, PolicyDigest},
    program::{AsOfRule, ClaimWindow, DecidedBy, Grid, Payment, Program},
    request::{Nonce, Request, SignedRequest},
    signature::Signer,
    snapshot::SnapshotQuery,
    tree::Root,
    utc_offset::UtcOffset,
};
use std::future::Future;
use tempfile::TempDir;

/// Of the embedded chain.
pub const CHAIN_ID: u64 = 31_337;
/// Between proposal and confirmation, in seconds.
pub const DELAY: u64 = 3600;
/// Of replaced roots, in seconds.
pub const GRACE: u32 = 2 * 86_400;
/// What the program may pay.
pub const BUDGET: u64 = 1000;

/// A host whose clock a test sets.
pub trait Timed: Chain {
    /// The next block is of this Unix time, or a second after the head.
    fn set_time(&self, time: u64) -> impl Future<Output = ()> + Send;
}

impl Timed for EmbeddedChain {
    async fn set_time(&self, time: u64) {
        self.set_clock(BlockClock::Standing(time)).await.unwrap();
    }
}

/// The chain, and where it lies.
pub struct World<C = EmbeddedChain> {
    /// The host.
    pub chain: C,
    /// Gone when the test ends.
    pub directory: TempDir,
}

/// A root; no tree has it.
pub fn root(n: u64) -> Root {
    Root(F::from(n))
}

/// The digest of a policy called so.
pub fn policy_digest(text: &str) -> PolicyDigest {
    PolicyDigest(Digest(keccak256(text).0))
}

/// A nullifier.
pub fn nullifier(n: u64) -> Nullifier {
    Nullifier(F::from(n))
}

/// A field element as contracts see it.
pub fn uint(x: F) -> U256 {
    U256::from_be_bytes(field::to_bytes(x))
}

/// The field's modulus.
pub fn p() -> U256 {
    uint(-F::from(1u8)) + U256::ONE
}

/// The code of a contract's rejection.
#[track_caller]
pub fn rejected<T: std::fmt::Debug>(result: Result<T, ChainError>) -> &'static str {
    match result {
        Err(ChainError::Rejected(rejection)) => rejection.code().as_str(),
        other => panic!("expected a rejection, got {other:?}"),
    }
}

/// The code of a failure.
#[track_caller]
pub fn failed<T>(result: Result<T, ChainError>) -> Code {
    result.err().expect("it must fail").code()
}

/// A policy as officers enact it.
pub fn enactment(id: &str, version: &str, agency: &str, from: &str, until: Option<&str>) -> PolicyEnactment {
    PolicyEnactment {
        digest: policy_digest(version),
        id: name(id),
        key_hash: Digest(keccak256(format!("{version} key")).0),
        agencies: vec![name(agency)],
        currencies: [Some("EUR".parse().unwrap()), None],
        in_force: InForce { from: date(from), until: until.map(date) },
    }
}

/// The program of the tests.
pub fn program() -> Program {
    Program {
        suite: Suite,
        id: name("heating-allowance"),
        title: [("en".to_owned(), "Heating allowance".to_owned())].into(),
        policies: vec![name("residence"), name("income")],
        requesters: vec![name("welfare-office")],
        grid: Grid { first: Month::from_yyyymm(202_611).unwrap(), months: 1, count: 3 },
        claim: ClaimWindow { opens_after_days: 3, closes_after_days: 40 },
        as_of: AsOfRule::PeriodStart,
        correctable_days: 0,
        utc_offset_minutes: UtcOffset::default(),
        decided_by: DecidedBy::Office,
        fresh: None,
        pays: Some(Payment { part: 1, output: 0, currency: "EUR".into(), budget: BUDGET }),
        anonymous: false,
        manual_path: [("en".to_owned(), "Room 4.".to_owned())].into(),
    }
}

impl World {
    /// Contracts only, on 2026-10-01.
    pub async fn bare() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let genesis = Genesis {
            chain_id: CHAIN_ID,
            time: time("2026-10-01"),
            officers: ["officer-1", "officer-2", "officer-3"].map(|n| key(n).address()).to_vec(),
            delay: DELAY,
            clock: BlockClock::Standing(time("2026-10-01")),
        };
        Self { chain: EmbeddedChain::create(directory.path(), &genesis).await.unwrap(), directory }
    }

    /// Agencies and requesters, no policies, on 2026-10-01.
    pub async fn registered() -> Self {
        let world = Self::bare().await;
        world.register().await;
        world
    }

    /// Everything, with a root per agency (1 of the registry, 2 of the tax office), on 2026-11-05.
    pub async fn new() -> Self {
        Self::with_program(program()).await
    }

    /// The same under other terms.
    pub async fn with_program(program: Program) -> Self {
        let world = Self::registered().await;
        world.enact_program(program).await;
        world
    }
}

impl<C: Timed> World<C> {
    /// Agencies and requesters.
    pub async fn register(&self) {
        for (agency, key_name) in [("registry", "registry-key"), ("tax-office", "tax-key")] {
            self.enact(&Act::RegisterAgency { id: name(agency), grace: GRACE, key: key(key_name).address() })
                .await
                .unwrap();
        }
        for office in ["welfare-office", "other-office"] {
            let act = Act::RegisterRequester { id: name(office), key: key(&format!("{office}-key")).address() };
            self.enact(&act).await.unwrap();
        }
    }

    /// Policies and a program, with a root per agency, on 2026-11-05.
    pub async fn enact_program(&self, program: Program) {
        let acts = [
            Act::EnactPolicy(enactment("residence", "residence-1", "registry", "2026-11-01", None)),
            Act::EnactPolicy(enactment("income", "income-1", "tax-office", "2026-11-01", Some("2026-12-31"))),
            Act::EnactProgram(Box::new(program)),
        ];
        for act in &acts {
            self.enact(act).await.unwrap();
        }
        self.anchor("registry", "registry-key", 1, 1, None).await.unwrap();
        self.anchor("tax-office", "tax-key", 2, 1, None).await.unwrap();
        self.at("2026-11-05").await;
    }

    /// The clock stands at a day's midnight.
    pub async fn at(&self, day: &str) {
        self.chain.set_time(time(day)).await;
    }

    /// Time passes since the newest block.
    pub async fn wait(&self, seconds: u64) {
        let head = self.chain.head().await.unwrap().time;
        self.chain.set_time(head + seconds).await;
    }

    /// Officer 1 proposes, officer 2 confirms after the delay.
    pub async fn enact(&self, act: &Act) -> Result<Receipt, ChainError> {
        self.chain.propose(&key("officer-1"), act).await?;
        self.wait(DELAY).await;
        self.chain.confirm(&key("officer-2"), act).await
    }

    /// The same without waiting: for acts that take effect at once.
    pub async fn enact_now(&self, act: &Act) -> Result<Receipt, ChainError> {
        self.chain.propose(&key("officer-1"), act).await?;
        self.chain.confirm(&key("officer-2"), act).await
    }

    /// Anchors a root, after `previous`.
    pub async fn anchor(
        &self,
        agency: &str,
        key_name: &str,
        new: u64,
        sequence: u64,
        previous: Option<u64>,
    ) -> Result<Receipt, ChainError> {
        let anchor = AnchorCall {
            root: root(new),
            sequence,
            previous: previous.map(root),
            access_log: Digest([new as u8; 32]),
            access_log_size: sequence,
            not_after: None,
        };
        self.chain.anchor(&key(key_name), &name(agency), &anchor).await
    }

    /// The office's request, unsigned.
    pub fn request(&self) -> Request {
        Request {
            suite: Suite,
            deployment: self.chain.deployment(),
            program: name("heating-allowance"),
            period: Period { start: date("2026-11-01"), end: date("2026-11-30") },
            policies: vec![policy_digest("residence-1"), policy_digest("income-1")],
            requester: name("welfare-office"),
            purpose: "Heating allowance, November".into(),
            applicant: Applicant(F::from(77u8)),
            nonce: Nonce(FixedBytes([9; 16])),
            not_before: time("2026-11-05"),
            expiry: time("2026-11-30"),
            recipient: Some(Address::repeat_byte(5)),
            corrects: None,
        }
    }

    /// Signed without the checks that the contract must make itself.
    pub fn sign(&self, request: Request, key_name: &str) -> SignedRequest {
        signed(request, key_name)
    }

    /// An approval of `amount` under `request`.
    pub fn approval(&self, request: Request, nullifier_value: u64, amount: u64) -> approveCall {
        self.approval_of(&self.sign(request, "welfare-office-key"), nullifier_value, amount)
    }

    /// An approval under what was signed.
    pub fn approval_of(&self, signed: &SignedRequest, nullifier_value: u64, amount: u64) -> approveCall {
        approval_of(signed, nullifier_value, amount)
    }

    /// Signs again after a change that the Rust types can't express.
    pub fn resign(&self, call: &mut approveCall, hash: B256) {
        call.signature = key("welfare-office-key").sign(&hash).unwrap().to_bytes().to_vec().into();
    }

    /// Sends it as the office.
    pub async fn approve(&self, call: &approveCall) -> Result<Receipt, ChainError> {
        self.approve_as(call, "welfare-office-key").await
    }

    /// Sends it with another key.
    pub async fn approve_as(&self, call: &approveCall, key_name: &str) -> Result<Receipt, ChainError> {
        self.chain.send(&key(key_name), self.chain.contracts().decisions, call.abi_encode().into()).await
    }

    /// All that a verifier asks about a claim.
    pub fn query(&self, nullifier_value: Option<u64>) -> SnapshotQuery {
        SnapshotQuery {
            roots: [(name("registry"), root(1)), (name("tax-office"), root(2))].into(),
            policies: [policy_digest("residence-1"), policy_digest("income-1")].into(),
            program: Some(name("heating-allowance")),
            requester: Some(name("welfare-office")),
            signer: Some(key("welfare-office-key").address()),
            nullifier: nullifier_value.map(nullifier),
            refusals: None,
            cards: Default::default(),
        }
    }
}

/// Signed without the checks that the contract must make itself.
pub fn signed(request: Request, key_name: &str) -> SignedRequest {
    let signature = key(key_name).sign(&request.signing_hash()).unwrap();
    SignedRequest { request, signature }
}

/// An approval under what was signed.
pub fn approval_of(signed: &SignedRequest, nullifier_value: u64, amount: u64) -> approveCall {
    approveCall {
        request: request_call(signed),
        signature: signed.signature.to_bytes().to_vec().into(),
        roots: vec![vec![U256::from(1)], vec![U256::from(2)]],
        amount,
        nullifier: U256::from(nullifier_value),
        bundle: keccak256(format!("bundle {nullifier_value} {amount}")),
    }
}

/// A request's digest as it stands in a correction.
pub fn digest_of(request: &Request) -> Option<RequestDigest> {
    Some(request.digest())
}
