//! `sealroot inspect`: what a file is, in words. Nothing is verified.

use super::verify::outcome;
use crate::{
    failure::{Failure, OrFail, Outcome},
    files::{self, shown},
};
use sealroot_handover::{ConsentFile, EnrolmentAnswer, LogExport, SealedRecord};
use sealroot_policy::Reason;
use sealroot_protocol::{
    bundle::{Bundle, Part},
    canonical,
    code::Code,
    policy::PolicyDocument,
    possession::{PossessionChallenge, Role},
    printable::printable,
    program::Program,
    release::SignedRelease,
    request::SignedRequest,
    schema::Schema,
};
use sealroot_verifier::{key_header::KeySecurity, trust::Trust, universal_key::UniversalKey};
use sealroot_wallet::public_key_of;
use serde::{Serialize, de::DeserializeOwned};
use std::{fmt, path::PathBuf};

/// Inspects a file.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "Example:\n  sealroot inspect bundle.json")]
pub struct Args {
    /// Any file of Sealroot
    pub file: PathBuf,
}

/// What a file is.
#[derive(Debug, Serialize)]
pub struct InspectReport {
    kind: &'static str,
    lines: Vec<(String, String)>,
}

impl fmt::Display for InspectReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, not verified", self.kind)?;
        for (name, value) in &self.lines {
            write!(f, "\n  {name:<12} {value}")?;
        }
        Ok(())
    }
}

/// Runs it.
pub fn run(args: &Args) -> Outcome<InspectReport> {
    let bytes = files::read(&args.file)?;
    let found = bundle(&bytes)
        .or_else(|| request(&bytes))
        .or_else(|| part(&bytes))
        .or_else(|| consent(&bytes))
        .or_else(|| policy(&bytes))
        .or_else(|| program(&bytes))
        .or_else(|| enrolment(&bytes))
        .or_else(|| release(&bytes))
        .or_else(|| sealed(&bytes))
        .or_else(|| log(&bytes))
        .or_else(|| key(&bytes))
        .or_else(|| text(&bytes))
        .or_else(|| {
            let key = public_key_of(&args.file).ok()?;
            Some(report("wallet", [("public key", format!("{:?}", key.point()))]))
        });
    found.ok_or_else(|| {
        Failure::new(Code::UnknownFile, format!("{} is no file of this version of Sealroot", shown(&args.file))).advice(
            "JSON documents must be in canonical form (RFC 8785); `inspect` reads them as every other verb does",
        )
    })
}

fn read<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    canonical::from_bytes(bytes).ok()
}

fn report<const N: usize>(kind: &'static str, lines: [(&str, String); N]) -> InspectReport {
    InspectReport { kind, lines: lines.map(|(name, value)| (name.to_owned(), printable(&value))).to_vec() }
}

fn bundle(bytes: &[u8]) -> Option<InspectReport> {
    let b: Bundle = read(bytes)?;
    let request = &b.request.request;
    let mut inspected = report(
        "bundle",
        [
            ("digest", b.digest().ok()?.to_string()),
            ("decision", outcome(b.decision.approved, b.decision.amount)),
            ("nullifier", b.decision.nullifier.to_string()),
            ("program", b.program.id.to_string()),
            ("period", format!("{} to {}", request.period.start, request.period.end)),
            ("requester", request.requester.to_string()),
            ("purpose", request.purpose.clone()),
            ("parts", b.policies.iter().map(|d| d.policy.id.to_string()).collect::<Vec<_>>().join(", ")),
            ("evidence", if b.evidence.is_some() { "yes" } else { "none: not decided yet" }.to_owned()),
        ],
    );
    for (part, document) in b.parts.iter().zip(&b.policies) {
        for reason in Reason::of_bits(document, part.inputs.reasons) {
            inspected.lines.push(("because".to_owned(), format!("{}: {reason}", document.policy.id)));
        }
    }
    Some(inspected)
}

fn request(bytes: &[u8]) -> Option<InspectReport> {
    let signed: SignedRequest = read(bytes)?;
    let r = &signed.request;
    let signer = signed.signer().map_or_else(|e| format!("none: {e}"), |a| a.to_string());
    Some(report(
        "request",
        [
            ("digest", r.digest().to_string()),
            ("signed by", signer),
            ("requester", r.requester.to_string()),
            ("program", r.program.to_string()),
            ("period", format!("{} to {}", r.period.start, r.period.end)),
            ("purpose", r.purpose.clone()),
            ("applicant", r.applicant.to_string()),
            ("valid", format!("Unix time {} to {}", r.not_before, r.expiry)),
        ],
    ))
}

fn part(bytes: &[u8]) -> Option<InspectReport> {
    let p: Part = read(bytes)?;
    Some(report(
        "part",
        [
            ("policy", p.policy.to_string()),
            ("decision", u8::from(p.inputs.decision).to_string()),
            ("outputs", format!("{:?}", p.inputs.outputs)),
            ("as of", p.inputs.as_of.to_string()),
            ("request", p.inputs.request.to_string()),
            ("nullifier", p.inputs.nullifier.to_string()),
        ],
    ))
}

fn consent(bytes: &[u8]) -> Option<InspectReport> {
    let c = ConsentFile::from_bytes(bytes).ok()?;
    Some(report("consent", [("request", c.request.to_string()), ("scope", c.scope.to_string())]))
}

fn policy(bytes: &[u8]) -> Option<InspectReport> {
    let d: PolicyDocument = read(bytes)?;
    Some(report(
        "policy",
        [
            ("digest", d.policy.digest().ok()?.to_string()),
            ("id", format!("{} version {}", d.policy.id, d.policy.version)),
            ("in force", format!("from {}", d.policy.in_force.from)),
            ("agencies", d.policy.sources.iter().map(|s| s.agency.to_string()).collect::<Vec<_>>().join(", ")),
            ("reasons", d.policy.reasons.join(", ")),
            ("universal key", d.policy.universal_key.to_string()),
        ],
    ))
}

fn program(bytes: &[u8]) -> Option<InspectReport> {
    let p: Program = read(bytes)?;
    Some(report("program", [("digest", p.digest().ok()?.to_string()), ("id", p.id.to_string())]))
}

fn enrolment(bytes: &[u8]) -> Option<InspectReport> {
    if let Some(challenge) = read::<PossessionChallenge>(bytes) {
        let what = match challenge.role {
            Role::Holder => "the person's own key",
            Role::Representative => "a representative's key",
        };
        return Some(report(
            "enrolment challenge",
            [("agency", challenge.agency.to_string()), ("for", what.to_owned())],
        ));
    }
    EnrolmentAnswer::from_bytes(bytes).ok().map(|_| report("enrolment answer", []))
}

fn release(bytes: &[u8]) -> Option<InspectReport> {
    let r = read::<SignedRelease>(bytes)?.release;
    Some(report(
        "release",
        [
            ("digest", r.digest().ok()?.to_string()),
            ("agency", r.agency.to_string()),
            ("schema", r.schema.to_string()),
            ("period", r.period.to_string()),
            ("recipient", r.recipient.to_string()),
            ("request", r.request.to_string()),
            ("valid", format!("Unix time {} to {}", r.not_before, r.expiry)),
            ("signed by", format!("{} as {}", r.signer.fingerprint(), role(r.role))),
        ],
    ))
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Holder => "the holder",
        Role::Representative => "a representative",
    }
}

fn sealed(bytes: &[u8]) -> Option<InspectReport> {
    let s: SealedRecord = read(bytes)?;
    Some(report(
        "sealed record",
        [("agency", s.agency.to_string()), ("recipient", s.recipient.to_string()), ("release", s.release.to_string())],
    ))
}

fn log(bytes: &[u8]) -> Option<InspectReport> {
    let l: LogExport = read(bytes)?;
    Some(report("access log", [("agency", l.agency.to_string()), ("entries", l.entries.len().to_string())]))
}

fn key(bytes: &[u8]) -> Option<InspectReport> {
    let key = UniversalKey::from_unpinned(bytes, KeySecurity::AllowInsecure).ok()?;
    Some(report(
        "universal key",
        [
            ("sha256", key.hash().to_string()),
            ("shape", key.shape().to_string()),
            ("circuit", key.circuit().to_string()),
            ("setup", if key.is_insecure() { "development: INSECURE" } else { "ceremony" }.to_owned()),
        ],
    ))
}

fn text(bytes: &[u8]) -> Option<InspectReport> {
    let text = std::str::from_utf8(bytes).ok()?;
    if let Ok(schema) = Schema::from_toml(text) {
        let id = schema.id().or_fail(Code::BadSchema).ok()?;
        let names = schema.attributes().ok()?.into_iter().map(|a| a.name).collect::<Vec<_>>().join(", ");
        return Some(report(
            "schema",
            [("name", schema.name.to_string()), ("id", id.to_string()), ("attributes", names)],
        ));
    }
    if let Ok(program) = Program::from_toml(text) {
        return Some(report(
            "program",
            [("digest", program.digest().ok()?.to_string()), ("id", program.id.to_string())],
        ));
    }
    let trust = Trust::from_toml(text).ok()?;
    let sealers = trust.sealers.iter().map(|s| s.address.to_string()).collect::<Vec<_>>().join(", ");
    Some(report("trust file", [("chain id", trust.chain_id.to_string()), ("sealers", sealers)]))
}
