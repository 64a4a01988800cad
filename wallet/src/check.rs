//! Checking a request: everything that a wallet must refuse, before the holder is asked anything.
//!
//! Guarantee: a [`CheckedRequest`] is signed by a requester that may ask now, under the enacted program and exactly its policies, all in
//! force on the period's first day, at a deployment that the holder pinned, about the holder himself. Only it can be consented to.
//! Non-guarantee: that the snapshot is the chain's newest; that an enacted policy is a good law.

use crate::{disclosure::Disclosure, refusal::Refusal};
use alloy_primitives::Address;
use sealroot_protocol::{
    applicant::{Applicant, CaseSecret},
    consent::RequestDigest,
    date::Date,
    machine::NullifierMode,
    policy::PolicyDocument,
    program::Program,
    request::{Request, SignedRequest},
    schema::text_value,
    scope::{Deployment, Scope},
    snapshot::{ProgramEntry, Snapshot},
};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Who the holder is to the office: needed unless the program is anonymous. Zeroised when dropped, never printed.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Applying {
    /// The text of the identity attribute, as the agencies' records have it: a national id, say.
    pub identity: String,
    /// The secret that the office gave the holder with the request.
    pub case_secret: CaseSecret,
}

impl std::fmt::Debug for Applying {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Applying(…)")
    }
}

/// A request that passed every check. Made by [`check`] only.
#[derive(Debug, Clone)]
pub struct CheckedRequest {
    signed: SignedRequest,
    program: Program,
    disclosures: Vec<Disclosure>,
    case_secret: Option<CaseSecret>,
}

/// Checks a request against the program, its policies (in the request's order), what the chain says, and the deployments that the
/// wallet pins. `now` is the wallet's clock, Unix seconds.
pub fn check(
    signed: SignedRequest,
    program: &Program,
    policies: &[PolicyDocument],
    snapshot: &Snapshot,
    pinned: &[Deployment],
    applying: Option<&Applying>,
    now: u64,
) -> Result<CheckedRequest, Refusal> {
    let request = &signed.request;
    if !pinned.contains(&request.deployment) {
        return Err(Refusal::OtherDeployment(request.deployment));
    }
    if snapshot.deployment != request.deployment {
        return Err(Refusal::OtherChain(snapshot.deployment));
    }
    let signer = signed.signer()?;
    if request.purpose.chars().any(is_deceptive) {
        return Err(Refusal::Purpose);
    }
    // A clock that is behind the chain is wrong.
    let now = now.max(snapshot.block.time);
    check_program(request, program, snapshot, now)?;
    check_requester(request, signer, snapshot, now)?;
    check_time(request, program, now)?;
    let disclosures = check_policies(request, program, policies, snapshot, now)?;
    let case_secret = check_applicant(request, program, &disclosures, applying)?;
    Ok(CheckedRequest { program: program.clone(), disclosures, case_secret, signed })
}

impl CheckedRequest {
    /// What is asked.
    pub fn request(&self) -> &Request {
        &self.signed.request
    }

    /// What is asked, with its signature.
    pub fn signed(&self) -> &SignedRequest {
        &self.signed
    }

    /// The program.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// What each policy reads and discloses, in the program's order.
    pub fn disclosures(&self) -> &[Disclosure] {
        &self.disclosures
    }

    /// What a consent signs.
    pub fn digest(&self) -> RequestDigest {
        self.signed.request.digest()
    }

    /// Program and period.
    pub fn scope(&self) -> Scope {
        self.signed.request.scope()
    }

    pub(crate) fn case_secret(&self) -> Option<&CaseSecret> {
        self.case_secret.as_ref()
    }
}

fn check_program(request: &Request, program: &Program, snapshot: &Snapshot, now: u64) -> Result<(), Refusal> {
    if program.id != request.program {
        return Err(Refusal::OtherProgram { expected: request.program.clone(), found: program.id.clone() });
    }
    program.check()?;
    let id = || program.id.clone();
    let entry = snapshot.program.as_ref().filter(|entry| entry.enacted_at <= now);
    let entry = entry.ok_or_else(|| Refusal::ProgramNotEnacted(id()))?;
    if entry.closed_at.is_some_and(|at| at <= now) {
        return Err(Refusal::ProgramClosed(id()));
    }
    if entry.digest != program.digest()? {
        return Err(Refusal::ProgramDiffers);
    }
    if !says_the_same(entry, program) {
        return Err(Refusal::ProgramEntry(id()));
    }
    if program.has_period(request.period) { Ok(()) } else { Err(Refusal::Grid(request.period)) }
}

/// The contract enforces its own words, not the document: both must agree, or the holder would be shown another rule.
fn says_the_same(entry: &ProgramEntry, program: &Program) -> bool {
    entry.grid == program.grid
        && entry.claim == program.claim
        && entry.as_of == program.as_of
        && entry.policies == program.policies
        && entry.pays == program.pays.as_ref().map(|pays| (pays.part, pays.output))
}

fn check_requester(request: &Request, signer: Address, snapshot: &Snapshot, now: u64) -> Result<(), Refusal> {
    let requester = request.requester.clone();
    let key = snapshot.signer.as_ref().filter(|key| key.owner == requester);
    let key = key.ok_or_else(|| Refusal::Signer { requester: requester.clone(), signer })?;
    if !key.vouches(request.not_before, now) {
        return Err(Refusal::Key { requester });
    }
    let may_ask = snapshot.requester.is_some_and(|r| r.since <= now && r.until.is_none_or(|until| now < until));
    if may_ask { Ok(()) } else { Err(Refusal::Requester { requester, program: request.program.clone() }) }
}

fn check_time(request: &Request, program: &Program, now: u64) -> Result<(), Refusal> {
    if now < request.not_before {
        return Err(Refusal::NotYetValid(request.not_before));
    }
    if now > request.expiry {
        return Err(Refusal::Expired(request.expiry));
    }
    let today = Date::from_unix_time(now)?;
    let (opens, closes) = program.claim_days(request.period)?;
    if today < opens {
        return Err(Refusal::ClaimTooEarly(opens));
    }
    if today > closes {
        return Err(Refusal::ClaimTooLate(closes));
    }
    let as_of = program.as_of(request.period);
    if as_of > today { Err(Refusal::AsOfInFuture(as_of)) } else { Ok(()) }
}

fn check_policies(
    request: &Request,
    program: &Program,
    policies: &[PolicyDocument],
    snapshot: &Snapshot,
    now: u64,
) -> Result<Vec<Disclosure>, Refusal> {
    if request.policies.len() != program.policies.len() {
        return Err(Refusal::Policies(program.id.clone()));
    }
    if policies.len() != request.policies.len() {
        return Err(Refusal::DocumentCount { expected: request.policies.len(), found: policies.len() });
    }
    let mut disclosures = Vec::new();
    for ((digest, id), document) in request.policies.iter().zip(&program.policies).zip(policies) {
        let day = request.period.start;
        let entry = snapshot.policies.get(digest).ok_or(Refusal::PolicyNotEnacted(*digest))?;
        if entry.enacted_at > now {
            return Err(Refusal::PolicyNotEnacted(*digest));
        }
        if entry.withdrawn_at.is_some_and(|at| at <= now) {
            return Err(Refusal::PolicyWithdrawn(*digest));
        }
        if document.policy.digest()? != *digest {
            return Err(Refusal::PolicyDiffers(*digest));
        }
        if document.policy.id != *id {
            return Err(Refusal::Policies(program.id.clone()));
        }
        let agencies = document.policy.sources.iter().map(|source| &source.agency);
        if entry.id != *id || !agencies.eq(&entry.agencies) {
            return Err(Refusal::PolicyEntry(*digest));
        }
        if !entry.in_force.contains(day) || !document.policy.in_force.contains(day) {
            return Err(Refusal::PolicyNotInForce { policy: *digest, day });
        }
        let disclosure =
            Disclosure::of(document, request.period).map_err(|fault| Refusal::Policy { policy: id.clone(), fault })?;
        if program.policies.len() > 1 && disclosure.nullifier != NullifierMode::Holder {
            return Err(Refusal::DoesNotCompose(id.clone()));
        }
        disclosures.push(disclosure);
    }
    Ok(disclosures)
}

fn check_applicant(
    request: &Request,
    program: &Program,
    disclosures: &[Disclosure],
    applying: Option<&Applying>,
) -> Result<Option<CaseSecret>, Refusal> {
    if let Some(odd) = disclosures.iter().find(|d| d.names_applicant == program.anonymous) {
        return Err(Refusal::ApplicantRule(odd.policy.clone()));
    }
    let anonymous = request.applicant == Applicant::ANONYMOUS;
    match (program.anonymous, anonymous) {
        (true, true) => return Ok(None),
        (true, false) => return Err(Refusal::NamedWhereAnonymous),
        (false, true) => return Err(Refusal::AnonymousWhereNamed),
        (false, false) => {}
    }
    let applying = applying.ok_or(Refusal::CaseSecretMissing)?;
    let own = Applicant::commit(request.scope(), text_value(&applying.identity), &applying.case_secret);
    if own == request.applicant { Ok(Some(applying.case_secret.clone())) } else { Err(Refusal::Applicant) }
}

/// Characters that move, hide or reorder what a terminal or page shows: controls, bidirectional overrides and isolates, zero-width ones.
pub(crate) fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use crate::testing::{Case, PROGRAM, count_by_record, day, period};
    use sealroot_protocol::{
        applicant::CaseSecret,
        field::{Digest, F},
        machine::Words,
        policy::PolicyDigest,
        request::MAX_LIFETIME,
        signature::SecretSigningKey,
    };

    /// What an adversary, or a mistake, changes; and the code of the refusal that must follow.
    type Corruptor = (&'static str, fn(&mut Case), &'static str);

    const CORRUPTORS: &[Corruptor] = &[
        // The requester.
        (
            "signed by a stranger",
            |c| {
                c.key = SecretSigningKey::from_bytes(&[7; 32]).unwrap();
                c.snapshot.signer = None;
            },
            "requester-key-unknown",
        ),
        (
            "signed by another office's key",
            |c| {
                c.snapshot.signer.as_mut().unwrap().owner = "other-office".parse().unwrap();
            },
            "requester-key-unknown",
        ),
        ("key added later", |c| c.snapshot.signer.as_mut().unwrap().added_at = c.now + 1, "requester-key-not-valid"),
        (
            "key retired before the request",
            |c| {
                c.snapshot.signer.as_mut().unwrap().retired_at = Some(c.request.not_before - 1);
            },
            "requester-key-not-valid",
        ),
        (
            "key revoked after the request",
            |c| {
                c.snapshot.signer.as_mut().unwrap().revoked_at = Some(c.now);
            },
            "requester-key-not-valid",
        ),
        ("requester unknown to the program", |c| c.snapshot.requester = None, "requester-not-authorised"),
        (
            "requester dismissed",
            |c| {
                c.snapshot.requester.as_mut().unwrap().until = Some(c.now);
            },
            "requester-not-authorised",
        ),
        (
            "requester not yet admitted",
            |c| {
                c.snapshot.requester.as_mut().unwrap().since = c.now + 1;
            },
            "requester-not-authorised",
        ),
        // Times.
        ("not yet valid", |c| c.request.not_before = c.now + 1, "request-not-yet-valid"),
        ("expired", |c| c.request.expiry = c.now - 1, "request-expired"),
        (
            "expired by the chain's clock",
            |c| {
                c.snapshot.block.time = c.request.expiry + 1;
            },
            "request-expired",
        ),
        (
            "before the claim window",
            |c| {
                c.program.claim.opens_after_days = 10;
                c.enact();
            },
            "claim-too-early",
        ),
        (
            "after the claim window",
            |c| {
                c.program.claim.closes_after_days = 8;
                c.enact();
            },
            "claim-too-late",
        ),
        (
            "a period that hasn't begun",
            |c| {
                c.request.period = c.program.period(1).unwrap();
                c.commit_applicant();
            },
            "claim-too-early",
        ),
        (
            "facts judged in the future",
            |c| {
                c.program.as_of = sealroot_protocol::program::AsOfRule::PeriodEnd;
                c.enact();
            },
            "as-of-in-future",
        ),
        (
            "a period off the grid",
            |c| {
                c.request.period = period("2026-11-01", "2026-11-30");
                c.commit_applicant();
            },
            "period-not-on-grid",
        ),
        (
            "a period that overlaps two of the grid",
            |c| {
                c.request.period = period("2026-12-01", "2027-02-28");
                c.commit_applicant();
            },
            "period-not-on-grid",
        ),
        // The program.
        ("program never enacted", |c| c.snapshot.program = None, "program-not-enacted"),
        ("program closed", |c| c.snapshot.program.as_mut().unwrap().closed_at = Some(c.now), "program-closed"),
        (
            "program edited",
            |c| c.program.manual_path.insert("en".into(), "Nowhere.".into()).map_or((), drop),
            "program-not-enacted",
        ),
        (
            "contract pays another output",
            |c| {
                c.snapshot.program.as_mut().unwrap().pays = Some((1, 1));
            },
            "program-entry-mismatch",
        ),
        (
            "contract has another window",
            |c| {
                c.snapshot.program.as_mut().unwrap().claim.closes_after_days += 1;
            },
            "program-entry-mismatch",
        ),
        ("another program's document", |c| c.program.id = "other".parse().unwrap(), "program-mismatch"),
        // The policies.
        (
            "an invented policy",
            |c| {
                c.request.policies[1] = PolicyDigest(Digest([1; 32]));
            },
            "policy-not-enacted",
        ),
        (
            "a policy enacted in the future",
            |c| {
                c.snapshot.policies.values_mut().for_each(|e| e.enacted_at = c.now + 1);
            },
            "policy-not-enacted",
        ),
        (
            "a withdrawn policy",
            |c| {
                c.snapshot.policies.values_mut().for_each(|e| e.withdrawn_at = Some(c.now));
            },
            "policy-withdrawn",
        ),
        (
            "policies in another order",
            |c| {
                c.request.policies.swap(0, 1);
                c.policies.swap(0, 1);
            },
            "policies-not-of-program",
        ),
        (
            "a policy left out",
            |c| {
                c.request.policies.pop();
                c.policies.pop();
            },
            "policies-not-of-program",
        ),
        (
            "a policy doubled",
            |c| {
                c.request.policies.push(c.request.policies[0]);
                c.policies.push(c.policies[0].clone());
            },
            "policies-not-of-program",
        ),
        ("a document left out", |c| drop(c.policies.pop()), "policies-mismatch"),
        ("documents swapped", |c| c.policies.swap(0, 1), "policies-mismatch"),
        ("a manifest edited", |c| c.policies[1].policy.outputs[0] = "nothing much".into(), "policies-mismatch"),
        ("a text edited", |c| c.policies[1].text.push('!'), "policy-edited"),
        ("a schema exchanged", |c| c.policies[1].schemas = c.policies[0].schemas.clone(), "policy-schemas-mismatch"),
        (
            "a label left out",
            |c| {
                c.policies[1].policy.outputs.clear();
                c.enact();
                c.name_policies();
            },
            "policy-edited",
        ),
        (
            "not yet in force",
            |c| {
                c.policies[1].policy.in_force.from = "2026-11-02".parse().unwrap();
                c.enact();
                c.name_policies();
            },
            "policy-not-in-force",
        ),
        (
            "no longer in force",
            |c| {
                c.policies[1].policy.in_force.until = Some("2026-11-01".parse().unwrap());
                c.policies[1].policy.in_force.from = "2026-10-01".parse().unwrap();
                c.enact();
                c.name_policies();
                c.snapshot.policies.get_mut(&c.request.policies[1]).unwrap().in_force.until =
                    Some("2026-10-31".parse().unwrap());
            },
            "policy-not-in-force",
        ),
        (
            "another agency on chain",
            |c| {
                c.snapshot.policies.values_mut().for_each(|e| e.agencies = vec!["invented".parse().unwrap()]);
            },
            "policy-entry-mismatch",
        ),
        (
            "another id on chain",
            |c| c.snapshot.policies.values_mut().for_each(|e| e.id = "invented".parse().unwrap()),
            "policy-entry-mismatch",
        ),
        (
            "words that nobody validated",
            |c| {
                let policy = &mut c.policies[1].policy;
                policy.words = Words::new(policy.shape, vec![F::from(2u8); policy.words.as_slice().len()]).unwrap();
                c.enact();
                c.name_policies();
            },
            "policy-words-invalid",
        ),
        (
            "a part that counts by record",
            |c| {
                count_by_record(&mut c.policies[1]);
                c.enact();
                c.name_policies();
            },
            "policy-does-not-compose",
        ),
        // The applicant.
        ("somebody else's request", |c| c.applying.as_mut().unwrap().identity = "ID-2".into(), "applicant-mismatch"),
        (
            "another case secret",
            |c| {
                c.applying.as_mut().unwrap().case_secret = CaseSecret::from_random([5; 16]);
            },
            "applicant-mismatch",
        ),
        ("an applicant of another period", |c| c.request.applicant = Applicant(F::from(1u8)), "applicant-mismatch"),
        ("no case secret", |c| c.applying = None, "case-secret-missing"),
        ("anonymous where named", |c| c.request.applicant = Applicant::ANONYMOUS, "applicant-required"),
        // The place.
        (
            "another chain",
            |c| {
                c.request.deployment.chain_id = 8;
                c.commit_applicant();
            },
            "deployment-not-pinned",
        ),
        (
            "another contract",
            |c| {
                c.request.deployment.programs = Address::ZERO;
                c.commit_applicant();
            },
            "deployment-not-pinned",
        ),
        ("nothing pinned", |c| c.pinned.clear(), "deployment-not-pinned"),
        ("a snapshot of another chain", |c| c.snapshot.deployment.chain_id = 8, "wrong-deployment"),
        // The text on the screen.
        ("a purpose that clears the screen", |c| c.request.purpose.push_str("\u{1b}[2J"), "request-purpose"),
        ("a purpose in two lines", |c| c.request.purpose.push_str("\nNothing is disclosed."), "request-purpose"),
        ("a purpose written backwards", |c| c.request.purpose.insert(0, '\u{202e}'), "request-purpose"),
    ];

    #[test]
    fn everything_that_must_be_refused_is() {
        for (name, corrupt, code) in CORRUPTORS {
            let mut case = Case::new();
            assert!(case.check().is_ok());
            corrupt(&mut case);
            match case.check() {
                Err(refusal) => assert_eq!(refusal.reason(), *code, "{name}: {refusal}"),
                Ok(_) => panic!("{name}: accepted"),
            }
        }
    }

    /// What an office can't even sign is refused when somebody else signs it for him.
    #[test]
    fn a_signature_covers_every_field() {
        let case = Case::new();
        let signed = case.signed();
        let changes: [fn(&mut Request); 7] = [
            |r| r.purpose.push('!'),
            |r| r.expiry += 1,
            |r| r.not_before -= 1,
            |r| r.nonce.0.0[0] ^= 1,
            |r| r.recipient = Some(Address::repeat_byte(1)),
            |r| r.corrects = Some(RequestDigest(F::from(1u8))),
            |r| r.requester = "other-office".parse().unwrap(),
        ];
        for (i, change) in changes.iter().enumerate() {
            let mut moved = signed.clone();
            change(&mut moved.request);
            // The signature now recovers to a key that the chain doesn't know.
            let signer = moved.signer().unwrap();
            assert_ne!(signer, case.key.address(), "change {i}");
            let mut case = Case::new();
            case.snapshot.signer = None;
            assert_eq!(case.check_signed(moved).unwrap_err().reason(), "requester-key-unknown", "change {i}");
        }
        type Change = (fn(&mut Request), &'static str);
        let forms: [Change; 4] = [
            (|r| r.expiry = r.not_before + MAX_LIFETIME + 1, "request-lifetime"),
            (|r| r.expiry = r.not_before - 1, "request-lifetime"),
            (|r| r.purpose.clear(), "request-malformed"),
            (|r| r.purpose = "x".repeat(501), "request-malformed"),
        ];
        for (change, code) in forms {
            let mut moved = signed.clone();
            change(&mut moved.request);
            assert_eq!(case.check_signed(moved).unwrap_err().reason(), code);
        }
    }

    /// A program that is anonymous on paper and named in its policies, and the other way round.
    #[test]
    fn anonymity_must_agree_everywhere() {
        let anonymous = |text: &str| Program::from_toml(&format!("anonymous = true\n{text}")).unwrap();
        let case = Case::with(anonymous(PROGRAM));
        assert!(case.check().is_ok());
        let mut named = Case::with(anonymous(PROGRAM));
        named.request.applicant = Applicant(F::from(1u8));
        assert_eq!(named.check().unwrap_err().reason(), "applicant-required");
        let mut mixed = Case::with(anonymous(PROGRAM));
        mixed.policies = Case::new().policies;
        mixed.enact();
        mixed.name_policies();
        assert_eq!(mixed.check().unwrap_err().reason(), "policy-applicant-rule");
        let mut mixed = Case::new();
        mixed.policies = Case::with(anonymous(PROGRAM)).policies;
        mixed.enact();
        mixed.name_policies();
        assert_eq!(mixed.check().unwrap_err().reason(), "policy-applicant-rule");
    }

    /// A retired key's request lives on; the window's and the request's last second count.
    #[test]
    fn edges_are_inside() {
        let mut case = Case::new();
        case.snapshot.signer.as_mut().unwrap().retired_at = Some(case.request.not_before);
        assert!(case.check().is_ok());
        case.now = case.request.expiry;
        assert!(case.check().is_ok());
        let mut case = Case::new();
        case.now = day("2026-11-01");
        case.snapshot.block.time = case.now;
        case.request.not_before = case.now;
        case.request.expiry = case.now;
        assert!(case.check().is_ok());
        let mut case = Case::new();
        case.now = day("2027-03-01") + 86_399;
        case.request.not_before = case.now - 10;
        case.request.expiry = case.now;
        assert!(case.check().is_ok());
    }
}
