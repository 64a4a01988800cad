//! What a contract rejects, and what its error means.
//!
//! One list of all contracts' errors. Tests compare it with the artefacts and with the error catalogue, so that none goes without
//! a message, a code and a remedy.

use alloy_primitives::{B256, Bytes, FixedBytes};
use alloy_sol_types::{Revert, SolError, SolInterface, sol};
use sealroot_protocol::{
    code::{Code, Coded},
    date::Date,
    moment::Moment,
    name::Name,
    printable::printable,
};

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
        error DelayTooLong(uint64 delay);
        error KeyInUse(address key);
        error UnknownKey(address key);
        error KeyNotActive(address key);
        error UnknownOwner(bytes32 owner);
        error NotTheKeysOwner(address sender);
        error NotADate(uint256 value);
        error NotAName(bytes32 name);
        error NotReduced(uint256 value);
        error NotACurrency(bytes3 currency);
        error EmptyDigest();
        error AgencyExists(bytes32 id);
        error AgencyWithdrawn(bytes32 agency);
        error UnregisteredAgency(bytes32 agency);
        error GraceTooLong(uint32 grace);
        error NotTheSuccessor(uint64 sequence, bytes32 head);
        error AnchorTooLate(uint64 notAfter);
        error AccessLogShrank(uint48 accessLogSize);
        error RootUnknown(bytes32 agency, bytes32 root);
        error RootWithdrawn(bytes32 agency, bytes32 root);
        error RootSuperseded(bytes32 agency, bytes32 root);
        error RootNotFresh(bytes32 agency, bytes32 root, uint32 since);
        error RequesterExists(bytes32 id);
        error UnknownRequester(bytes32 requester);
        error RequesterKeyUnknown(address signer);
        error RequesterKeyNotValid(address signer);
        error PolicyExists(bytes32 digest);
        error PolicyNotEnacted(bytes32 digest);
        error PolicyWithdrawn(bytes32 digest);
        error PolicyNotWithdrawn(bytes32 digest);
        error PoliciesNotOfProgram(bytes32 digest);
        error PolicyNotInForce(bytes32 digest, uint32 day);
        error PolicyKeyMismatch(uint256 part);
        error PolicyKeyUnusable(uint256 part);
        error WrongNumberOfSources(uint256 sources);
        error AlreadyBegun(uint32 day, uint32 begun);
        error NotYetBegun(uint32 from);
        error NotCovered(uint32 from, uint32 until);
        error EndsBeforeItBegins(uint32 from, uint32 until);
        error Overlaps(bytes32 other);
        error CantBeExtended(uint32 until);
        error ProgramExists(bytes32 id);
        error ProgramNotEnacted(bytes32 id);
        error ProgramClosed(bytes32 id);
        error UnusableTerms(string why);
        error NoPeriodLeft();
        error NoVersionOnDay(bytes32 policy, uint32 day);
        error OtherCurrency(bytes32 policy, bytes3 currency);
        error RequesterNotAuthorised(bytes32 requester);
        error AlreadyAuthorised(bytes32 requester);
        error PeriodNotOnGrid(uint32 start);
        error NotDecidedByOffice();
        error NotDecidedByProof();
        error NotTheRequester(address sender);
        error RequestSignature();
        error RequestLifetime();
        error RequestNotYetValid(uint64 notBefore);
        error RequestExpired(uint64 expiry);
        error ClaimTooEarly(uint32 opens);
        error ClaimTooLate(uint32 closes);
        error AsOfInFuture(uint32 asOf);
        error WrongScope(uint256 expected);
        error WrongNumberOfPolicies(uint256 expected);
        error PartsMismatch(uint256 expected);
        error PartInputMismatch(uint256 part, uint256 expected);
        error AmountTooLarge(uint64 amount);
        error NothingIsPaid(uint64 amount);
        error OverBudget(uint256 total, uint256 budget);
        error NullifierSpent(bytes32 request);
        error AlreadyDecided();
        error CorrectsUnknown(bytes32 corrects);
        error AssuranceLowered();
        error AnotherOfficesApproval(bytes32 requester);
        error CorrectionTooLate(uint32 last);
        error ProofMalformed(uint256 part);
        error ProofInvalid(uint256 part);
        error GasTooLow(uint256 needed);
        error NothingToReduce(bytes32 request);
        error NotAReduction(uint64 stands, uint64 to);
        error ReductionTooLate(uint32 last);
        error ReductionExpired(uint64 expiry);
        error ReductionLifetime();
        error NeedsTwoKeys(address key);
        error AlreadyDated(bytes32 root);
    }
}
pub use Errors::ErrorsErrors as ContractError;

/// A contract's check that failed. Nothing was done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// One of these contracts' errors, with its values.
    #[error("{}", message(.0))]
    Contract(ContractError),
    /// A revert that is none of ours: what was returned.
    #[error("the contract rejected the call: {}", foreign(.0))]
    Reverted(Bytes),
}

impl Rejection {
    /// Reads what a reverted call returned.
    pub fn decode(output: &[u8]) -> Self {
        // In the one encoding that is written back.
        let own = ContractError::abi_decode(output).ok().filter(|error| error.abi_encode() == output);
        own.map_or_else(|| Self::Reverted(Bytes::copy_from_slice(output)), Self::Contract)
    }

    /// What the reverted call returned.
    pub fn output(&self) -> Bytes {
        match self {
            Self::Contract(error) => error.abi_encode().into(),
            Self::Reverted(output) => output.clone(),
        }
    }
}

impl Coded for Rejection {
    /// The contract's error in kebab-case; one code where two errors are one thing.
    fn code(&self) -> Code {
        match self {
            Self::Contract(error) => code(error),
            Self::Reverted(_) => Code::Reverted,
        }
    }

    fn advice(&self) -> Option<String> {
        // Codes that verifiers say too, where there is something else to do about them.
        let Self::Contract(error) = self else { return None };
        let advice = match error {
            ContractError::NullifierSpent(_) => "correct that approval instead",
            ContractError::RequesterNotAuthorised(_) => "two officers authorise it under the program",
            _ => return None,
        };
        Some(advice.into())
    }
}

/// A revert's reason as text, or its bytes.
fn foreign(output: &Bytes) -> String {
    Revert::abi_decode(output).map_or_else(|_| output.to_string(), |revert| printable(&revert.reason))
}

fn code(error: &ContractError) -> Code {
    // Proposer and confirmer are the same person exactly where two people are needed.
    if matches!(error, ContractError::SamePerson(_)) {
        return Code::NeedsTwoPeople;
    }
    let name = ContractError::name_by_selector(error.selector()).unwrap_or_default();
    let mut text = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !text.is_empty() {
            text.push('-');
        }
        text.push(c.to_ascii_lowercase());
    }
    Code::ALL.iter().copied().find(|code| code.as_str() == text).unwrap_or(Code::Reverted)
}

fn name(word: &B256) -> String {
    Name::from_bytes32(&word.0).map_or_else(|_| word.to_string(), |name| name.to_string())
}

fn time(seconds: u64) -> Moment {
    Moment::from_unix(seconds)
}

/// A currency's three letters; 0 where the output isn't money.
fn letters(currency: FixedBytes<3>) -> String {
    if currency.is_zero() {
        "none".into()
    } else {
        String::from_utf8_lossy(currency.as_slice()).escape_debug().to_string()
    }
}

fn date(value: u32) -> String {
    Date::from_yyyymmdd(value).map_or_else(|_| value.to_string(), |date| date.to_string())
}

fn message(error: &ContractError) -> String {
    use ContractError as E;
    match error {
        E::NotAnOfficer(e) => format!("{} is not an officer", e.sender),
        E::AlreadyProposed(_) => "this is proposed already".into(),
        E::NotProposed(_) => "nobody proposed exactly this".into(),
        E::SamePerson(e) => format!("{} proposed this and can't confirm it too", e.person),
        E::ProposerLeft(e) => {
            format!("the proposer {} has left the officers since; coming back revives no proposal", e.proposer)
        }
        E::DelayNotOver(e) => format!("this can't be confirmed before {}", time(e.until)),
        E::ProposalExpired(e) => format!("this could be confirmed up to {}", time(e.expired)),
        E::OnlyItsProposer(e) => {
            format!("only its proposer {} may cancel this: it takes power away, and others have no veto", e.proposer)
        }
        E::NeedsTwoPeople(_) => "this needs two officers".into(),
        E::NotCanonical(_) => "these bytes are not the act's one encoding".into(),
        E::AlreadyAnOfficer(e) => format!("{} is an officer already", e.person),
        E::TooFew(_) => "there must be two officers at least".into(),
        E::NobodysAddress(_) => "the zero address can't be an officer".into(),
        E::DelayTooLong(e) => format!("a delay of {} s is too long: nothing could be enacted", e.delay),
        E::KeyInUse(e) => format!("key {} is or was in use", e.key),
        E::UnknownKey(e) => format!("key {} is not registered", e.key),
        E::KeyNotActive(e) => format!("key {} is not an active key of this id", e.key),
        E::UnknownOwner(e) => format!("{} is not registered", name(&e.owner)),
        E::NotTheKeysOwner(e) => format!("{} may not change this key", e.sender),
        E::NotADate(e) => format!("{} is not a date between 1970 and 9999", e.value),
        E::NotAName(e) => format!("{} is not a name", e.name),
        E::NotReduced(e) => format!("{} is not less than the field's modulus", e.value),
        E::NotACurrency(e) => format!("{} is no currency of ISO 4217", letters(e.currency)),
        E::EmptyDigest(_) => "a digest is 0".into(),
        E::AgencyExists(e) => format!("agency {} is registered already", name(&e.id)),
        E::AgencyWithdrawn(e) => format!("agency {} is withdrawn", name(&e.agency)),
        E::UnregisteredAgency(e) => format!("agency {} is not registered", name(&e.agency)),
        E::GraceTooLong(e) => format!("a grace of {} s is too long", e.grace),
        E::NotTheSuccessor(e) => format!("the agency's current root is {} with sequence {}", e.head, e.sequence),
        E::AnchorTooLate(e) => format!(
            "this anchor had to land by {}: a new key in the tree would count before the old root's grace ends",
            time(e.notAfter)
        ),
        E::AccessLogShrank(e) => format!(
            "the access log that is anchored has size {}: a smaller one, or another of that size, is not its successor",
            e.accessLogSize
        ),
        E::RootUnknown(e) => format!("agency {} never anchored root {}", name(&e.agency), e.root),
        E::RootWithdrawn(e) => format!(
            "root {} of agency {}, the agency itself or the key that anchored it is withdrawn",
            e.root,
            name(&e.agency)
        ),
        E::RootSuperseded(e) => {
            format!("root {} of agency {} was replaced and its grace is over", e.root, name(&e.agency))
        }
        E::RootNotFresh(e) => format!(
            "agency {} has not confirmed root {} since {}, as the program demands",
            name(&e.agency),
            e.root,
            date(e.since)
        ),
        E::RequesterExists(e) => format!("requester {} is registered already", name(&e.id)),
        E::UnknownRequester(e) => format!("requester {} is not registered", name(&e.requester)),
        E::RequesterKeyUnknown(e) => format!("{} signed the request, and is not a key of the requester", e.signer),
        E::RequesterKeyNotValid(e) => {
            format!("{} signed the request, and was retired before it, or revoked", e.signer)
        }
        E::PolicyExists(e) => format!("policy version {} is enacted already", e.digest),
        E::PolicyNotEnacted(e) => format!("policy version {} is not enacted", e.digest),
        E::PolicyWithdrawn(e) => format!("policy version {} is withdrawn", e.digest),
        E::PolicyNotWithdrawn(e) => format!("policy version {} is not withdrawn, so nothing replaces it", e.digest),
        E::PoliciesNotOfProgram(e) => {
            format!("policy version {} is of another policy than the program's in its place", e.digest)
        }
        E::PolicyNotInForce(e) => format!("policy version {} is not in force on {}", e.digest, date(e.day)),
        E::PolicyKeyMismatch(e) => format!("part {}: the policy key is not the enacted one", e.part),
        E::PolicyKeyUnusable(e) => format!("part {}: the policy key is none, or has too few points", e.part),
        E::WrongNumberOfSources(e) => format!("the policy's sources number {}: there are 1 to 3", e.sources),
        E::AlreadyBegun(e) => format!(
            "{} has begun (the newest day that has begun anywhere is {}); what was the law when a period began stays the law",
            date(e.day),
            date(e.begun)
        ),
        E::NotYetBegun(e) => format!("{} has begun nowhere, so nothing here is retroactive", date(e.from)),
        E::NotCovered(e) => format!(
            "the withdrawn version covered {} to {}; a retroactive one reaches no other day that has begun",
            date(e.from),
            date(e.until)
        ),
        E::EndsBeforeItBegins(e) => format!("it would end on {}, before it begins on {}", date(e.until), date(e.from)),
        E::Overlaps(e) => format!("version {} of this policy is in force on some of these days", e.other),
        E::CantBeExtended(e) => format!("it ends on {} already, and a policy can't be prolonged", date(e.until)),
        E::ProgramExists(e) => format!("program {} is enacted already", name(&e.id)),
        E::ProgramNotEnacted(e) => format!("program {} is not enacted", name(&e.id)),
        E::ProgramClosed(e) => format!("program {} is closed", name(&e.id)),
        E::UnusableTerms(e) => format!("the program can't be enacted: {}", e.why),
        E::NoPeriodLeft(_) => "no period of the program can be claimed any more".into(),
        E::NoVersionOnDay(e) => format!("no version of policy {} is in force on {}", name(&e.policy), date(e.day)),
        E::OtherCurrency(e) => format!(
            "the program pays an output of policy {} in another currency than the policy counts in, which is {}",
            name(&e.policy),
            letters(e.currency)
        ),
        E::RequesterNotAuthorised(e) => format!("requester {} may not ask under this program", name(&e.requester)),
        E::AlreadyAuthorised(e) => format!("requester {} may ask already", name(&e.requester)),
        E::PeriodNotOnGrid(e) => {
            format!("{} is not the first day of a period of the program, or its last day is another", date(e.start))
        }
        E::NotDecidedByOffice(_) => "the program's decisions are made by proof".into(),
        E::NotDecidedByProof(_) => "the program's decisions are made by an office".into(),
        E::NotTheRequester(e) => format!("{} is not an active key of the requester", e.sender),
        E::RequestSignature(_) => "the signature is not canonical or recovers to nobody".into(),
        E::RequestLifetime(_) => "the request must expire after it becomes valid, and within 60 days".into(),
        E::RequestNotYetValid(e) => format!("the request is valid from {} on", time(e.notBefore)),
        E::RequestExpired(e) => format!("the request expired at {}", time(e.expiry)),
        E::ClaimTooEarly(e) => format!("this period can be claimed from {}", date(e.opens)),
        E::ClaimTooLate(e) => format!("this period could be claimed until {}", date(e.closes)),
        E::AsOfInFuture(e) => format!("the reference day is {}, which lies ahead", date(e.asOf)),
        E::WrongScope(e) => format!("the scope of this program and period is {}", B256::from(e.expected)),
        E::WrongNumberOfPolicies(e) => {
            format!("the request must name the program's policies, of which there are {}", e.expected)
        }
        E::PartsMismatch(e) => format!("the program's policies number {}; exactly one part for each", e.expected),
        E::PartInputMismatch(e) => {
            format!("part {}: the policy's sources number {}; one root for each", e.part, e.expected)
        }
        E::AmountTooLarge(e) => format!("the amount {} is not less than 2^63", e.amount),
        E::NothingIsPaid(e) => format!("the program pays nothing, and the amount is {}", e.amount),
        E::OverBudget(e) => format!("the program's budget of {} would be exceeded: {}", e.budget, e.total),
        E::NullifierSpent(e) => {
            format!("this person has an approval in this period already, under request {}", e.request)
        }
        E::AlreadyDecided(_) => "this request is decided; the first accepted proof is final".into(),
        E::CorrectsUnknown(_) => {
            "the request that it corrects is not the approval that stands under this nullifier".into()
        }
        E::AssuranceLowered(_) => "a proof stands for this approval, and an office's word replaces none".into(),
        E::AnotherOfficesApproval(e) => format!(
            "the approval that stands is the word of {}, which decides under the program still",
            name(&e.requester)
        ),
        E::CorrectionTooLate(e) => {
            format!("the approval that stands is of another period, which could be corrected until {}", date(e.last))
        }
        E::ProofMalformed(e) => format!("part {}: the proof's coordinates are not points of the right groups", e.part),
        E::ProofInvalid(e) => format!("part {}: the proof doesn't hold for what the chain knows", e.part),
        E::GasTooLow(e) => format!("the gas that is left can't verify the proof, which needs {}", e.needed),
        E::NothingToReduce(e) => format!("no approval of request {} stands under this nullifier", e.request),
        E::NotAReduction(e) => format!("{} stands, and a reduction to {} lowers nothing", e.stands, e.to),
        E::ReductionTooLate(e) => format!("this period's approvals could be reduced until {}", date(e.last)),
        E::ReductionExpired(e) => format!("the reduction could be carried out until {}", time(e.expiry)),
        E::ReductionLifetime(_) => "a signed reduction can be carried out for 60 days at most".into(),
        E::NeedsTwoKeys(e) => format!("{} both signed and sent it; a reduction takes two keys of the requester", e.key),
        E::AlreadyDated(e) => format!("the requester has dated the batch {} already", e.root),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::contracts;

    /// Every error that a contract declares, and no other, has a message here.
    #[test]
    fn every_error_of_the_artefacts_has_a_message() {
        let mut declared = std::collections::BTreeSet::new();
        for (_, artefact) in &contracts::ALL {
            let json: serde_json::Value = serde_json::from_str(artefact.json).unwrap();
            for entry in json["abi"].as_array().unwrap().iter().filter(|entry| entry["type"] == "error") {
                let types: Vec<_> =
                    entry["inputs"].as_array().unwrap().iter().map(|i| i["type"].as_str().unwrap()).collect();
                let signature = format!("{}({})", entry["name"].as_str().unwrap(), types.join(","));
                let hash = alloy_primitives::keccak256(&signature);
                let selector: [u8; 4] = hash[..4].try_into().unwrap();
                assert!(ContractError::valid_selector(selector), "{signature} has no message");
                declared.insert(selector);
            }
        }
        assert_eq!(declared.len(), ContractError::COUNT, "a message for an error that no contract has");
    }

    /// Times that a contract names are dates for who reads the message.
    #[test]
    fn no_message_counts_seconds() {
        let until = 1_795_955_030;
        for error in [
            ContractError::DelayNotOver(Errors::DelayNotOver { until }),
            ContractError::RequestExpired(Errors::RequestExpired { expiry: until }),
            ContractError::RequestNotYetValid(Errors::RequestNotYetValid { notBefore: until }),
        ] {
            let text = Rejection::Contract(error).to_string();
            assert!(text.contains("2026-11-29 12:23:50 UTC") && !text.contains("1795955030"), "{text}");
        }
    }

    /// Every error has its own row in the catalogue, and every row says what to do.
    #[test]
    fn every_error_has_a_code_with_a_remedy() {
        let zeros = [0; 32 * 4];
        for selector in ContractError::selectors() {
            let mut words = zeros;
            // A string's head points behind itself, at a length of 0.
            words[31] = if selector == Errors::UnusableTerms::SELECTOR { 32 } else { 0 };
            let error = ContractError::abi_decode_raw(selector, &words).unwrap();
            let rejection = Rejection::Contract(error);
            let name = ContractError::name_by_selector(selector).unwrap();
            assert_ne!(rejection.code(), Code::Reverted, "{name} has no code");
            // An agency that isn't registered is said as everywhere: what was named isn't there.
            let expected = if rejection.code() == Code::UnregisteredAgency { 2 } else { 1 };
            assert_eq!(rejection.code().class().exit_code(), expected, "{name}");
            assert!(rejection.advice().is_some() || !rejection.code().remedy().is_empty(), "{name} has no remedy");
        }
    }

    #[test]
    fn codes_are_kebab_case_and_foreign_reverts_survive() {
        let rejection = Rejection::decode(&Errors::NullifierSpent { request: B256::ZERO }.abi_encode());
        assert_eq!(rejection.code(), Code::NullifierSpent);
        assert_eq!(Rejection::decode(&[1, 2, 3]), Rejection::Reverted(Bytes::from_static(&[1, 2, 3])));
    }
}
