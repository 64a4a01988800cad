//! Documents in canonical JSON.

use super::{Document, Found};
use crate::{
    decision::{amount, outcome},
    keys::PinsFile,
};
use sealroot_handover::{ConsentFile, EnrolmentAnswer, LogExport, SealedRecord};
use sealroot_office::BegunBatch;
use sealroot_policy::{Reason, Titles};
use sealroot_protocol::{
    bundle::{Bundle, Part},
    canonical,
    checkpoint::SignedCheckpoint,
    enclosed::EnclosedPolicy,
    evidence::Evidence,
    language::Language,
    policy::PolicyDocument,
    possession::{PossessionChallenge, Role},
    program::Program,
    reduction::SignedReduction,
    release::SignedRelease,
    request::SignedRequest,
};
use serde_json::Value;

/// Gives each document its name.
macro_rules! kinds {
    ($($document:ty: $kind:literal;)*) => {
        $(impl Document for $document {
            const KIND: &'static str = $kind;
        })*
    };
}
kinds! {
    Bundle: "bundle";
    SignedRequest: "request";
    Part: "part";
    PolicyDocument: "policy";
    Program: "program";
    PossessionChallenge: "enrolment challenge";
    EnrolmentAnswer: "enrolment answer";
    SignedRelease: "release";
    SignedReduction: "reduction";
    SealedRecord: "sealed record";
    LogExport: "access log";
    PinsFile: "list of keys";
    BegunBatch: "begun batch of refusals";
    Evidence: "evidence of a request";
    SignedCheckpoint: "checkpoint";
}

/// Of consents, which have a reader of their own.
pub const CONSENT: &str = "consent";

/// Each kind in turn: no document can be read as two of them, because each refuses fields that it doesn't know.
pub(super) fn identify(bytes: &[u8], language: Language) -> Option<Found> {
    read(bytes)
        .and_then(|b: Bundle| bundle(&b, language))
        .or_else(|| read(bytes).map(|r: SignedRequest| request(&r)))
        .or_else(|| read(bytes).map(|p: Part| part(&p)))
        .or_else(|| ConsentFile::from_bytes(bytes).ok().map(|c| consent(&c)))
        .or_else(|| read(bytes).and_then(|d: PolicyDocument| policy(&d, language)))
        .or_else(|| read(bytes).and_then(|p: Program| program(&p, language)))
        .or_else(|| read(bytes).map(|c: PossessionChallenge| challenge(&c)))
        .or_else(|| EnrolmentAnswer::from_bytes(bytes).ok().map(|a| answer(&a)))
        .or_else(|| read(bytes).and_then(|r: SignedRelease| release(&r)))
        .or_else(|| read(bytes).and_then(|r: SignedReduction| reduction(&r)))
        .or_else(|| read(bytes).map(|s: SealedRecord| sealed(&s)))
        .or_else(|| read(bytes).map(|l: LogExport| log(&l)))
        .or_else(|| read(bytes).map(|k: PinsFile| pins(&k)))
        .or_else(|| read(bytes).map(|b: BegunBatch| batch(&b)))
        .or_else(|| read(bytes).map(|e: Evidence| evidence(&e)))
        .or_else(|| read(bytes).map(|c: SignedCheckpoint| checkpoint(&c)))
        .or_else(|| snarkjs(bytes))
}

fn read<T: Document>(bytes: &[u8]) -> Option<T> {
    canonical::from_bytes(bytes).ok()
}

fn bundle(b: &Bundle, language: Language) -> Option<Found> {
    let request = &b.request.request;
    let paid = amount(&b.program, b.decision.amount);
    let title = language.pick(&b.program.title);
    let because = |(part, document): (&Part, &EnclosedPolicy)| {
        let reasons = Reason::of_bits(document, part.inputs.reasons);
        reasons
            .into_iter()
            .map(|reason| format!("{}: {}", document.policy.id, reason.words(language)))
            .collect::<Vec<_>>()
    };
    let reasons: Vec<String> = b.parts.iter().zip(&b.policies).flat_map(because).collect();
    let policies = b.policies.iter().map(|d| format!("{} version {}", d.policy.id, d.policy.version));
    let evidence = if b.evidence.is_some() { "yes" } else { "none: not decided yet" };
    let found = Found::new(Bundle::KIND)
        .text("digest", b.digest().ok()?)
        .text("decision", outcome(b.decision.approved, paid.as_ref(), language))
        .amount("amount", paid)
        .text("nullifier", b.decision.nullifier)
        .text("program", &b.program.id)
        .optional("title", title)
        .text("period", format!("{} to {}", request.period.start, request.period.end))
        .text("requester", &request.requester)
        .text("request", request.digest())
        .optional("corrects", request.corrects)
        .text("purpose", &request.purpose)
        .list("policies", policies)
        .text("evidence", evidence);
    let reduced = b.reduction.as_ref().map(|reduction| &reduction.document);
    let to = reduced.map(|document| outcome(true, amount(&b.program, document.to).as_ref(), language));
    let found = found.optional("reduced to", to).optional("reason", reduced.map(|document| &document.reason));
    Some(found.lines("because", reasons))
}

/// Which block it is of, its check says: until then a header is bytes.
fn evidence(shown: &Evidence) -> Found {
    let words: usize = shown.accounts.iter().map(|account| account.storage.len()).sum();
    Found::new(Evidence::KIND).number("contracts", shown.accounts.len()).number("entries", words)
}

fn checkpoint(signed: &SignedCheckpoint) -> Found {
    let signer = signed.signer().map_or_else(|e| format!("none: {e}"), |a| a.to_string());
    Found::new(SignedCheckpoint::KIND)
        .text("chain", signed.chain_id)
        .text("block", signed.number)
        .text("hash", signed.hash)
        .text("signed by", signer)
}

fn request(signed: &SignedRequest) -> Found {
    let r = &signed.request;
    let signer = signed.signer().map_or_else(|e| format!("none: {e}"), |a| a.to_string());
    Found::new(SignedRequest::KIND)
        .text("digest", r.digest())
        .text("signed by", signer)
        .text("requester", &r.requester)
        .text("program", &r.program)
        .text("period", format!("{} to {}", r.period.start, r.period.end))
        .text("purpose", &r.purpose)
        .text("applicant", r.applicant)
        .list("policies", &r.policies)
        .optional("corrects", r.corrects)
        .moment("valid from", r.not_before)
        .moment("expires", r.expiry)
}

fn part(p: &Part) -> Found {
    Found::new(Part::KIND)
        .text("policy", p.policy)
        .text("decision", if p.inputs.decision { "fulfilled" } else { "not fulfilled" })
        .list("outputs", p.inputs.outputs)
        .text("as of", p.inputs.as_of)
        .text("request", p.inputs.request)
        .text("nullifier", p.inputs.nullifier)
        .list("roots", &p.inputs.roots)
        .text("universal key", p.universal_key)
}

fn consent(c: &ConsentFile) -> Found {
    Found::new(CONSENT).text("request", c.request).text("scope", c.scope)
}

fn policy(d: &PolicyDocument, language: Language) -> Option<Found> {
    let titles = Titles::of(d);
    let reasons = Reason::of(d, &d.policy.reasons).into_iter().map(|reason| reason.words(language)).collect();
    let until = d.policy.in_force.until.map_or("open-ended".to_owned(), |day| day.to_string());
    let found = Found::new(PolicyDocument::KIND)
        .text("digest", d.policy.digest().ok()?)
        .text("id", &d.policy.id)
        .number("version", d.policy.version)
        .optional("title", language.pick(&titles.policy))
        .text("shape", d.policy.shape)
        .text("in force from", d.policy.in_force.from)
        .text("until", until)
        .list("agencies", d.policy.sources.iter().map(|s| &s.agency))
        .list("outputs", d.policy.outputs.iter().map(|name| titles.output(name, language)))
        .text("universal key", d.policy.universal_key);
    Some(found.lines("refuses", reasons))
}

/// A program's document or text.
pub(super) fn program(p: &Program, language: Language) -> Option<Found> {
    Some(
        Found::new(Program::KIND)
            .text("digest", p.digest().ok()?)
            .text("id", &p.id)
            .optional("title", language.pick(&p.title))
            .list("policies", &p.policies)
            .list("requesters", &p.requesters)
            .text("periods", crate::verb::program::periods(p))
            .amount("budget", p.pays.as_ref().and_then(|pays| amount(p, pays.budget)))
            .optional("manual path", language.pick(&p.manual_path)),
    )
}

fn challenge(c: &PossessionChallenge) -> Found {
    let what = match c.role {
        Role::Holder => "the person's own key",
        Role::Representative => "a representative's key",
    };
    Found::new(PossessionChallenge::KIND).text("agency", &c.agency).text("for", what)
}

fn answer(a: &EnrolmentAnswer) -> Found {
    Found::new(EnrolmentAnswer::KIND).text("key", a.possession.key.fingerprint()).text("reading key", a.reading_key)
}

fn release(signed: &SignedRelease) -> Option<Found> {
    let r = &signed.release;
    let role = match r.role {
        Role::Holder => "the holder",
        Role::Representative => "a representative",
    };
    Some(
        Found::new(SignedRelease::KIND)
            .text("digest", r.digest().ok()?)
            .text("agency", &r.agency)
            .text("schema", r.schema)
            .text("period", r.period)
            .text("recipient", r.recipient)
            .text("request", r.request)
            .moment("valid from", r.not_before)
            .moment("expires", r.expiry)
            .text("signed by", format!("{} as {role}", r.signer.fingerprint())),
    )
}

fn reduction(signed: &SignedReduction) -> Option<Found> {
    let d = &signed.document;
    let signer = signed.signer().map_or_else(|e| format!("none: {e}"), |a| a.to_string());
    Some(
        Found::new(SignedReduction::KIND)
            .text("digest", d.digest().ok()?)
            .text("signed by", signer)
            .text("requester", &d.requester)
            .text("program", &d.program)
            .text("request", d.request)
            .text("nullifier", d.nullifier)
            .text("from", format!("{} minor units of the program's currency", d.from))
            .text("to", format!("{} minor units of the program's currency", d.to))
            .text("reason", &d.reason)
            .moment("expires", signed.expiry),
    )
}

fn sealed(s: &SealedRecord) -> Found {
    Found::new(SealedRecord::KIND).text("agency", &s.agency).text("recipient", s.recipient).text("release", s.release)
}

fn log(l: &LogExport) -> Found {
    Found::new(LogExport::KIND).text("agency", &l.agency).number("entries", l.entries.len())
}

fn pins(file: &PinsFile) -> Found {
    let line = |pins: &crate::keys::Pins| {
        let setup = if pins.insecure { "development: INSECURE" } else { "ceremony" };
        format!("{}: universal key {}, proving key {} ({setup})", pins.shape, pins.universal_key, pins.proving_key)
    };
    Found::new(PinsFile::KIND).lines("keys", file.keys.iter().map(line).collect())
}

fn batch(b: &BegunBatch) -> Found {
    Found::new(BegunBatch::KIND).text("root", b.root()).number("refusals", b.count())
}

/// What `export snarkjs` writes: told by the fields that snarkjs gives them.
fn snarkjs(bytes: &[u8]) -> Option<Found> {
    let value: Value = serde_json::from_slice(bytes).ok()?;
    if let Value::Array(inputs) = &value {
        let digits = |v: &Value| v.as_str().is_some_and(|t| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit()));
        let all = !inputs.is_empty() && inputs.iter().all(digits);
        return all.then(|| Found::new("public inputs for snarkjs").number("inputs", inputs.len()));
    }
    if value.get("protocol")?.as_str()? != "groth16" {
        return None;
    }
    if value.get("pi_a").is_some() {
        return Some(Found::new("proof for snarkjs"));
    }
    let inputs = value.get("nPublic")?.as_u64()?;
    Some(Found::new("verifying key for snarkjs").number("inputs", inputs))
}
