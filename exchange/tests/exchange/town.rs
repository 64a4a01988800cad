//! An agency with its prover, an office, a wallet, and what they send.

use rand::{CryptoRng, SeedableRng, TryCryptoRng, TryRng, rngs::StdRng};
use sealroot_exchange::{
    Claim, Content, MailboxToken, Organisation, OwnKey, Role, ServiceCard, SignedClaim, SignedMessage,
    answers::{DecisionMessage, PartMessage, Progress, State},
    card::{CardKey, Inbox},
    claim::OfficeReturn,
    enrolment::EnrolmentMessage,
    envelope::Envelope,
    holder::{CodeText, Contest, HolderReply, HolderRequest},
    message::{SeenBlock, Writing},
    plain_text::{Letter, Objection},
    receipt::{Done, Receipt, SignedReceipt},
    version::Version,
};
use sealroot_handover::{ConsentFile, EnrolmentAnswer, LogExport, RecipientSecret};
use sealroot_protocol::{
    bundle::{Bundle, Part},
    canonical::{self, Suite},
    code::Code,
    consent::RequestDigest,
    curve::PublicKey,
    date::Date,
    field::{Digest, F},
    name::Name,
    possession::{PossessionChallenge, ReadingKey},
    record::Subject,
    request::{Nonce, SignedRequest},
    snapshot::{CardEntry, KeyEntry},
};
use sealroot_testing::{asked, town};
use sealroot_wallet::{SecretKey, Wallet};
use std::convert::Infallible;

/// Bytes that were written down, for documents that another implementation makes again.
pub struct Given(pub Vec<u8>);

impl TryRng for Given {
    type Error = Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        unreachable!("bytes are asked for")
    }
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        unreachable!("bytes are asked for")
    }
    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        let rest = self.0.split_off(out.len());
        out.copy_from_slice(&self.0);
        self.0 = rest;
        Ok(())
    }
}
impl TryCryptoRng for Given {}

pub fn rng(seed: u64) -> StdRng {
    StdRng::seed_from_u64(sealroot_testing::seed(1) ^ (seed << 32))
}

/// A key of 32 equal bytes in the mailbox of a token of such.
pub fn own(byte: u8) -> OwnKey {
    let secret = RecipientSecret::from_bytes(&[byte; 32]).unwrap();
    OwnKey { mailbox: MailboxToken::from_bytes(&[byte; 32]).mailbox(), secret, until: None }
}

/// The same with a last day, as it stands on a card.
pub fn own_until(byte: u8, day: &str) -> OwnKey {
    OwnKey {
        until: CardKey { key: own(byte).secret.public(), last_day: day.parse().unwrap() }.last_second(),
        ..own(byte)
    }
}

pub fn agency() -> Name {
    town::tax_office()
}

pub fn organisation(role: Role) -> Organisation {
    let name = match role {
        Role::Agency => agency(),
        Role::Office => town::welfare_office(),
    };
    Organisation { role, name }
}

/// The day on which cards were set: 2026-11-09, the eve of everything else.
pub fn set_at() -> u64 {
    town::time("2026-11-09") + 3600
}

/// 2026-11-10.
pub fn now() -> u64 {
    asked::Case::new().now
}

pub fn inbox(byte: u8, last_day: &str) -> Inbox {
    let key = CardKey { key: own(byte).secret.public(), last_day: last_day.parse().unwrap() };
    Inbox { mailbox: own(byte).mailbox, keys: vec![key] }
}

pub fn card(role: Role) -> ServiceCard {
    let Organisation { role, name } = organisation(role);
    ServiceCard {
        suite: Suite,
        version: Version,
        deployment: town::deployment(),
        role,
        name,
        post: "https://post.example".parse().unwrap(),
        inbox: inbox(if role == Role::Agency { 1 } else { 3 }, "2026-12-10"),
        prover: (role == Role::Agency).then(|| inbox(2, "2026-11-16")),
    }
}

pub fn entry(card: &ServiceCard) -> CardEntry {
    let key = KeyEntry { owner: card.name.clone(), added_at: 1, retired_at: None, revoked_at: None };
    CardEntry { digest: card.digest().unwrap(), set_by: town::office_key().address(), set_at: set_at(), key }
}

/// The prover's key, and the office's.
pub fn prover() -> OwnKey {
    own_until(2, "2026-11-16")
}
pub fn office() -> OwnKey {
    own_until(3, "2026-12-10")
}
/// The wallet's: for one claim, and for the decision.
pub fn wallet_for_claim() -> OwnKey {
    own(4)
}
pub fn wallet_for_office() -> OwnKey {
    own(5)
}

pub fn wallet() -> Wallet {
    asked::wallet()
}
pub fn contest_key() -> SecretKey {
    SecretKey::from_uniform_bytes(&[77; 64]).unwrap()
}

pub fn request() -> SignedRequest {
    asked::Case::new().signed()
}
pub fn digest() -> RequestDigest {
    request().request.digest()
}

pub fn seen() -> SeenBlock {
    SeenBlock { number: 12, hash: Digest([12; 32]) }
}

pub fn office_return() -> Content {
    Content::ReturnAddress(OfficeReturn::new(&wallet_for_office(), &contest_key()))
}

pub fn consent(request: &SignedRequest, key: &SecretKey) -> ConsentFile {
    let (digest, scope) = (request.request.digest(), request.request.scope());
    ConsentFile {
        suite: Suite,
        request: digest,
        scope,
        holder: key.public_key(),
        consent: key.sign_consent(scope, digest, [6; 32]),
        case_secret: asked::Case::new().applying.map(|applying| applying.case_secret.clone()),
    }
}

pub fn claim(rng: &mut impl CryptoRng) -> Claim {
    let request = request();
    let (envelope, _) = Envelope::seal(&office().recipient(), &office_return(), now() + 86_400, rng).unwrap();
    Claim {
        suite: Suite,
        version: Version,
        agency: agency(),
        policy: request.request.policies[1],
        consent: consent(&request, &wallet().secret_key()),
        business_key: None,
        subject: None,
        expiry: now() + 3600,
        seen: seen(),
        reply_to: wallet_for_claim().return_address(),
        office: envelope.to_bytes().unwrap(),
        request,
    }
}

pub fn signed_claim(rng: &mut impl CryptoRng) -> SignedClaim {
    claim(rng).sign(&wallet().secret_key(), [9; 32]).unwrap()
}

pub fn writing(role: Role) -> Writing {
    Writing {
        deployment: town::deployment(),
        recipient: organisation(role),
        nonce: Nonce([8; 16].into()),
        at: now(),
        seen: seen(),
        reply_to: wallet_for_claim().return_address(),
    }
}

pub fn objection() -> Objection {
    Objection::new("The rent of May is missing.\nThe lease is attached to the case.").unwrap()
}

pub fn holder_request() -> SignedMessage<HolderRequest> {
    let body = HolderRequest::AccessLog { from: 0 };
    SignedMessage::sign(body, writing(Role::Agency), &wallet().secret_key(), [3; 32]).unwrap()
}

pub fn contest() -> SignedMessage<Contest> {
    let body = Contest { request: digest(), text: objection() };
    SignedMessage::sign(body, writing(Role::Office), &contest_key(), [3; 32]).unwrap()
}

pub fn receipt(done: Done) -> SignedReceipt {
    let by = organisation(match done {
        Done::Delivered { .. } => Role::Agency,
        Done::Decided { .. } => Role::Office,
    });
    let receipt = Receipt {
        suite: Suite,
        version: Version,
        deployment: town::deployment(),
        by,
        request: digest(),
        done,
        at: now(),
    };
    receipt.sign(&town::office_key()).unwrap()
}

pub fn part() -> Part {
    canonical::from_bytes(include_bytes!("../../../fuzz/corpus/part/income.part.json")).unwrap()
}

/// A decided bundle, and a refusal.
pub fn bundles() -> [Bundle; 2] {
    [
        include_bytes!("../../../fuzz/corpus/bundle/decided.json").as_slice(),
        include_bytes!("../../../fuzz/corpus/bundle/refused.json"),
    ]
    .map(|bytes| Bundle::from_bytes(bytes).unwrap())
}

pub fn challenge() -> PossessionChallenge {
    PossessionChallenge {
        agency: agency(),
        subject: Subject(F::from(5u8)),
        nonce: F::from(6u8),
        role: sealroot_protocol::possession::Role::Holder,
    }
}

pub fn enrolment_answer() -> EnrolmentAnswer {
    let reading_key = wallet().reading_key().public();
    let possession = wallet().secret_key().prove_possession(&challenge(), Some(&ReadingKey(reading_key.0)), [7; 32]);
    EnrolmentAnswer { suite: Suite, possession, reading_key }
}

pub fn progress(state: State) -> Progress {
    let code = (state == State::Rejected).then(|| CodeText::new(Code::NotEnrolled.as_str()).unwrap());
    Progress { request: digest(), policy: Some(request().request.policies[1]), state, code, at: now() }
}

pub fn decision(bundle: Bundle) -> Content {
    let request = bundle.request.request.digest();
    let receipt = Done::Decided { approved: bundle.decision.approved, bundle: bundle.digest().unwrap() };
    Content::Decision(Box::new(DecisionMessage {
        request,
        letter: Letter::new("Dear applicant").unwrap(),
        receipt: Some(self::receipt(receipt)),
        bundle: Some(Box::new(bundle)),
    }))
}

pub fn part_to_office(office: Vec<u8>) -> Content {
    Content::Part(Box::new(PartMessage { part: part(), office: Some(office), receipt: None }))
}

pub fn part_to_wallet(claim: sealroot_exchange::EnvelopeId) -> Content {
    let done = Done::Delivered { policy: request().request.policies[1], claim };
    Content::Part(Box::new(PartMessage { part: part(), office: None, receipt: Some(receipt(done)) }))
}

/// One of each kind that is sent unasked, and one of each that answers.
pub fn contents(rng: &mut impl CryptoRng) -> (Vec<Content>, Vec<Content>) {
    let claim = signed_claim(rng);
    let unasked = vec![
        part_to_office(claim.claim.office.clone()),
        Content::Claim(Box::new(claim)),
        Content::EnrolmentAnswer(Box::new(EnrolmentMessage {
            suite: Suite,
            version: Version,
            nonce: challenge().nonce,
            answer: enrolment_answer(),
            reply_to: wallet_for_claim().return_address(),
        })),
        Content::HolderRequest(Box::new(holder_request())),
        Content::Contest(Box::new(contest())),
        office_return(),
    ];
    let [approved, refused] = bundles();
    let log = LogExport { suite: Suite, agency: agency(), entries: Vec::new() };
    let replies = vec![
        part_to_wallet(sealroot_exchange::EnvelopeId(Digest([1; 32]))),
        Content::Progress(progress(State::Accepted)),
        Content::Progress(progress(State::Rejected)),
        decision(approved),
        decision(refused),
        Content::HolderReply(Box::new(HolderReply::AccessLog(log))),
    ];
    (unasked, replies)
}

pub fn date(text: &str) -> Date {
    text.parse().unwrap()
}

/// The holder's key never shows in this text.
pub fn shows(text: &str, key: &PublicKey) -> bool {
    text.contains(&sealroot_protocol::field::to_hex(key.x()))
        || text.contains(&sealroot_protocol::field::to_hex(key.y()))
}
