//! Why a contract says no, in words that say what to do.
//!
//! One list of all contracts' errors; a test compares it with the artefacts, so that none goes without words.

use alloy_primitives::B256;
use alloy_sol_types::{Revert, SolError, SolInterface, sol};
use sealroot_protocol::{date::Date, name::Name};

sol! {
    #![sol(all_derives)]
    /// Every error of every contract.
    #[allow(missing_docs)]
    interface Errors {
        error NotAnOfficer(address sender);
        error AlreadyProposed(bytes32 id);
        error NotProposed(bytes32 id);
        error SamePerson(address person);
        error ProposerLeft(address proposer);
        error DelayNotOver(uint64 until);
        error ProposalExpired(uint64 expired);
        error OnlyItsProposer(address proposer);
        error NeedsTwoPeople();
        error NotCanonical();
        error AlreadyAnOfficer(address person);
        error TooFew();
        error NobodysAddress();
        error KeyInUse(address key);
        error UnknownKey(address key);
        error KeyNotActive(address key);
        error UnknownOwner(bytes32 owner);
        error NotTheKeysOwner(address sender);
        error NotADate(uint256 value);
        error NotAName(bytes32 name);
        error NotReduced(uint256 value);
        error AgencyExists(bytes32 id);
        error AgencyIsWithdrawn(bytes32 id);
        error GraceTooLong(uint32 grace);
        error NotTheSuccessor(uint64 sequence, bytes32 head);
        error AnchoredTooLate(uint32 today, uint32 notAfter);
        error UnknownRoot(bytes32 root);
        error RootIsWithdrawn(bytes32 root);
        error RequesterExists(bytes32 id);
        error PolicyExists(bytes32 digest);
        error UnknownPolicy(bytes32 digest);
        error PolicyIsWithdrawn(bytes32 digest);
        error UnknownAgency(bytes32 agency);
        error WrongNumberOfSources(uint256 sources);
        error EmptyDigest();
        error AlreadyBegun(uint32 from, uint32 today);
        error EndsBeforeItBegins(uint32 from, uint32 until);
        error Overlaps(bytes32 other);
        error CantBeExtended(uint32 until);
        error ProgramExists(bytes32 id);
        error UnknownProgram(bytes32 id);
        error ProgramIsClosed(bytes32 id);
        error UnusableTerms(string why);
        error UnknownRequester(bytes32 requester);
        error RequesterNotAuthorised(bytes32 requester);
        error AlreadyAuthorised(bytes32 requester);
        error NotOnTheGrid(uint32 periodStart);
        error BadSignature();
        error NotTheRequester(address sender);
        error NotYetValid(uint64 notBefore);
        error Expired(uint64 expiry);
        error BadLifetime();
        error SignerNotAccepted(address signer);
        error WrongPeriodEnd(uint32 expected);
        error WrongScope(uint256 expected);
        error OutsideClaimWindow(uint32 opens, uint32 closes, uint32 today);
        error AsOfInTheFuture(uint32 asOf);
        error WrongNumberOfPolicies(uint256 expected);
        error WrongNumberOfParts(uint256 expected);
        error WrongNumberOfRoots(uint256 expected);
        error RootDoesNotCount(bytes32 agency, bytes32 root);
        error AmountTooLarge(uint64 amount);
        error NothingIsPaid(uint64 amount);
        error OverBudget(uint256 total, uint256 budget);
        error NullifierSpent(bytes32 request);
        error AlreadyDecided();
        error NothingToCorrect(bytes32 corrects);
        error AlreadyRecorded(bytes32 root);
    }
}
pub use Errors::ErrorsErrors as Reason;

/// A contract's refusal. Nothing was recorded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// Stable and machine-readable: the contract's error in kebab-case.
    pub code: String,
    /// What failed and what to do.
    pub message: String,
    /// The error with its values; none if it is not one of ours.
    pub reason: Option<Reason>,
}

impl Refusal {
    /// Reads what a reverted call returned.
    pub fn decode(output: &[u8]) -> Self {
        match Reason::abi_decode(output) {
            Ok(reason) => Self { code: code(&reason), message: message(&reason), reason: Some(reason) },
            Err(_) => {
                let text = Revert::abi_decode(output)
                    .map_or_else(|_| format!("0x{}", hex::encode(output)), |revert| revert.reason);
                Self { code: "reverted".into(), message: format!("the contract refused: {text}"), reason: None }
            }
        }
    }
}

fn code(reason: &Reason) -> String {
    let name = Reason::name_by_selector(reason.selector()).unwrap_or("reverted");
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push('-');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

fn name(word: &B256) -> String {
    Name::from_bytes32(&word.0).map_or_else(|_| word.to_string(), |name| name.to_string())
}

fn date(value: u32) -> String {
    Date::from_yyyymmdd(value).map_or_else(|_| value.to_string(), |date| date.to_string())
}

fn message(reason: &Reason) -> String {
    use Reason as R;
    match reason {
        R::NotAnOfficer(e) => format!("{} is not an officer; sign with an officer's key", e.sender),
        R::AlreadyProposed(_) => "this is proposed already; let another officer confirm it".into(),
        R::NotProposed(_) => "nobody proposed exactly this; propose it first, with the same content".into(),
        R::SamePerson(e) => format!("{} proposed this; another officer must confirm it", e.person),
        R::ProposerLeft(e) => {
            format!("the proposer {} has left since, even if he is an officer again; propose it anew", e.proposer)
        }
        R::DelayNotOver(e) => format!("this can't be confirmed before Unix time {}", e.until),
        R::ProposalExpired(e) => {
            format!("this could be confirmed up to Unix time {}; propose it anew, so that it waits again", e.expired)
        }
        R::OnlyItsProposer(e) => format!(
            "only {}, who proposed it, may cancel this: it takes power away, and others have no veto",
            e.proposer
        ),
        R::NeedsTwoPeople(_) => "this needs two officers: one proposes, another confirms".into(),
        R::NotCanonical(_) => "these bytes are not the act's one encoding; cancel them and propose it anew".into(),
        R::AlreadyAnOfficer(e) => format!("{} is an officer already", e.person),
        R::TooFew(_) => "there must be two officers at least; add one first".into(),
        R::NobodysAddress(_) => "the zero address can't be an officer".into(),
        R::KeyInUse(e) => format!("key {} is or was in use; generate a fresh one", e.key),
        R::UnknownKey(e) => format!("key {} is not registered", e.key),
        R::KeyNotActive(e) => format!("key {} is not an active key of this id; sign with a current one", e.key),
        R::UnknownOwner(e) => format!("{} is not registered", name(&e.owner)),
        R::NotTheKeysOwner(e) => {
            format!("{} may not change this key; sign with the key itself, or let two officers act", e.sender)
        }
        R::NotADate(e) => format!("{} is not a date between 1970 and 9999", e.value),
        R::NotAName(e) => {
            format!("{} is not a name: 1 to 31 characters of a-z, 0-9 and '-', beginning with a letter", e.name)
        }
        R::NotReduced(e) => format!("{} is not less than the field's modulus", e.value),
        R::AgencyExists(e) => format!("agency {} is registered already", name(&e.id)),
        R::AgencyIsWithdrawn(e) => format!("agency {} is withdrawn", name(&e.id)),
        R::GraceTooLong(e) => format!("a grace of {} s is too long: at most 90 days", e.grace),
        R::NotTheSuccessor(e) => {
            format!("the agency's current root is {} with sequence {}; anchor its successor", e.head, e.sequence)
        }
        R::AnchoredTooLate(e) => format!(
            "today is {}, this anchor had to land by {}: a new key in the tree would count before the old root's grace ends. Set a later holder_since and anchor again",
            date(e.today),
            date(e.notAfter)
        ),
        R::UnknownRoot(e) => format!("root {} was never anchored", e.root),
        R::RootIsWithdrawn(e) => format!("root {} is withdrawn, for ever; change the tree and anchor again", e.root),
        R::RequesterExists(e) => format!("requester {} is registered already", name(&e.id)),
        R::PolicyExists(e) => format!("policy version {} is enacted already", e.digest),
        R::UnknownPolicy(e) => format!(
            "policy version {} is not enacted for this policy, or not in force on the period's first day",
            e.digest
        ),
        R::PolicyIsWithdrawn(e) => format!("policy version {} is withdrawn", e.digest),
        R::UnknownAgency(e) => format!("agency {} is not registered or withdrawn", name(&e.agency)),
        R::WrongNumberOfSources(e) => format!("{} sources: a policy has 1 to 3", e.sources),
        R::EmptyDigest(_) => "a digest is 0".into(),
        R::AlreadyBegun(e) => format!(
            "{} has begun (today is {}); what was the law when a period began stays the law",
            date(e.from),
            date(e.today)
        ),
        R::EndsBeforeItBegins(e) => format!("it would end on {}, before it begins on {}", date(e.until), date(e.from)),
        R::Overlaps(e) => format!("version {} of this policy is in force on some of these days; end it first", e.other),
        R::CantBeExtended(e) => {
            format!("it ends on {} already; a policy can't be prolonged, enact a new version", date(e.until))
        }
        R::ProgramExists(e) => format!("program {} is enacted already; amend it, or enact another id", name(&e.id)),
        R::UnknownProgram(e) => format!("program {} is not enacted", name(&e.id)),
        R::ProgramIsClosed(e) => format!("program {} is closed", name(&e.id)),
        R::UnusableTerms(e) => format!("the program can't be enacted: {}", e.why),
        R::UnknownRequester(e) => format!("requester {} is not registered", name(&e.requester)),
        R::RequesterNotAuthorised(e) => format!("requester {} may not ask under this program", name(&e.requester)),
        R::AlreadyAuthorised(e) => format!("requester {} may ask already", name(&e.requester)),
        R::NotOnTheGrid(e) => format!("no period of the program begins on {}", date(e.periodStart)),
        R::BadSignature(_) => "the request's signature is not canonical or recovers to nobody".into(),
        R::NotTheRequester(e) => format!("{} is not an active key of the request's requester", e.sender),
        R::NotYetValid(e) => format!("the request is valid from Unix time {}", e.notBefore),
        R::Expired(e) => format!("the request expired at Unix time {}; make a new one", e.expiry),
        R::BadLifetime(_) => "the request must expire after it becomes valid, and within 60 days".into(),
        R::SignerNotAccepted(e) => format!(
            "{} signed the request, and is not a key of the requester, or was retired before it or revoked",
            e.signer
        ),
        R::WrongPeriodEnd(e) => format!("this period ends on {}", date(e.expected)),
        R::WrongScope(e) => format!("the scope of this program and period is {}", B256::from(e.expected)),
        R::OutsideClaimWindow(e) => format!(
            "this period can be claimed from {} to {}; today is {}",
            date(e.opens),
            date(e.closes),
            date(e.today)
        ),
        R::AsOfInTheFuture(e) => format!("facts are judged as of {}, which lies ahead", date(e.asOf)),
        R::WrongNumberOfPolicies(e) => format!("the request must name the program's {} policies", e.expected),
        R::WrongNumberOfParts(e) => format!("the program has {} policies; exactly one part for each", e.expected),
        R::WrongNumberOfRoots(e) => format!("the policy has {} sources; one root for each", e.expected),
        R::RootDoesNotCount(e) => format!(
            "root {} of agency {} is unknown, withdrawn, past its grace, or was anchored by a revoked key; prove against a current root",
            e.root,
            name(&e.agency)
        ),
        R::AmountTooLarge(e) => format!("the amount {} is not less than 2^63", e.amount),
        R::NothingIsPaid(e) => format!("the program pays nothing, and the amount is {}; it must be 0", e.amount),
        R::OverBudget(e) => format!("the program's budget of {} would be exceeded: {}", e.budget, e.total),
        R::NullifierSpent(e) => format!(
            "this person has an approval in this period already, under request {}; correct it instead",
            e.request
        ),
        R::AlreadyDecided(_) => "this request is decided; the first accepted proof is final".into(),
        R::NothingToCorrect(_) => {
            "the request that it corrects is not the approval that stands under this nullifier and scope".into()
        }
        R::AlreadyRecorded(e) => format!("the requester has recorded the batch {} already", e.root),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::contracts;

    /// Every error that a contract declares, and no other, has words here.
    #[test]
    fn every_error_of_the_artefacts_has_words() {
        let mut declared = std::collections::BTreeSet::new();
        for (_, artefact) in &contracts::ALL {
            let json: serde_json::Value = serde_json::from_str(artefact.json).unwrap();
            for entry in json["abi"].as_array().unwrap().iter().filter(|entry| entry["type"] == "error") {
                let types: Vec<_> =
                    entry["inputs"].as_array().unwrap().iter().map(|i| i["type"].as_str().unwrap()).collect();
                let signature = format!("{}({})", entry["name"].as_str().unwrap(), types.join(","));
                let hash = alloy_primitives::keccak256(&signature);
                let selector: [u8; 4] = hash[..4].try_into().unwrap();
                assert!(Reason::valid_selector(selector), "{signature} has no words");
                declared.insert(selector);
            }
        }
        assert_eq!(declared.len(), Reason::COUNT, "words for an error that no contract has");
    }

    #[test]
    fn codes_are_kebab_case_and_foreign_reverts_survive() {
        let refusal = Refusal::decode(&Errors::NullifierSpent { request: B256::ZERO }.abi_encode());
        assert_eq!(refusal.code, "nullifier-spent");
        assert_eq!(Refusal::decode(&[1, 2, 3]).code, "reverted");
    }
}
