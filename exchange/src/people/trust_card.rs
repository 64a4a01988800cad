//! Trust cards: what a wallet believes in, in one document that people compare as ten words.
//!
//! Guarantee: one card has one digest and so one list of words; a successor counts only if enough of the keys that the card before names have signed it.
//! Non-guarantee: a link never changes a wallet's trust card, and a page that does so is another page.

use crate::{version::Version, words::Words};
use alloy_primitives::{Address, B256};
use sealroot_protocol::{
    canonical::{self, DocumentError, Kind, Suite},
    code::{Code, Coded},
    field::Digest,
    machine::Shape,
    signature::EthereumSignature,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The most that a card has, bytes.
pub const MAX_TRUST_CARD: usize = 65_536;
/// The most sealers, signers or keys that one names.
const MAX_NAMED: usize = 64;

/// What a wallet pins at enrolment: the public part of an auditor's trust file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustCard {
    /// The suite.
    pub suite: Suite,
    /// The version of this form.
    pub version: Version,
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// The seven contracts, in the order of the accounts in evidence: officers, agencies, policies, requesters, Poseidon, programs, decisions.
    pub contracts: [CardContract; 7],
    /// The revision of the contracts: 2.
    pub revision: u8,
    /// The universal keys.
    pub universal_keys: Vec<CardUniversalKey>,
    /// Whose seals count.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sealers: Vec<CardSealer>,
    /// Whose signatures count under blocks of a network without seals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoints: Option<Signers>,
    /// Whose signatures make a successor; absent: none does, and another card is a new decision of the holder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub successors: Option<Signers>,
}

/// A contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardContract {
    /// Where it is.
    pub address: Address,
    /// keccak256 of its code.
    pub code_hash: Digest,
}

/// A universal key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardUniversalKey {
    /// Of which circuit.
    pub shape: Shape,
    /// SHA-256 of the key file.
    pub sha256: Digest,
}

/// A sealer of an embedded chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardSealer {
    /// Address of its key.
    pub address: Address,
    /// First height.
    #[serde(with = "sealroot_protocol::decimal")]
    pub from: u64,
    /// Last height; none if it still seals.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_decimal")]
    pub until: Option<u64>,
}

/// Several keys, of which some must sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signers {
    /// How many of them.
    pub needed: u8,
    /// Their addresses, ascending.
    pub addresses: Vec<Address>,
}

/// Why a trust card isn't taken.
#[derive(Debug, thiserror::Error)]
pub enum TrustCardError {
    /// Longer than [`MAX_TRUST_CARD`].
    #[error("the trust card is longer than 64 KiB")]
    TooLarge,
    /// Not canonical JSON of this form.
    #[error("the trust card can't be read: {0}")]
    Document(#[from] DocumentError),
    /// It contradicts itself.
    #[error("the trust card can't be used: {0}")]
    Rule(&'static str),
    /// Too few of the keys that the card before names have signed it.
    #[error("the new trust card isn't signed by as many keys as the one before asks for")]
    TooFewSignatures,
}

impl Coded for TrustCardError {
    fn code(&self) -> Code {
        match self {
            Self::TooLarge | Self::Document(_) | Self::Rule(_) => Code::BadTrustFile,
            Self::TooFewSignatures => Code::SuccessorUnsigned,
        }
    }
}

impl TrustCard {
    /// Reads canonical bytes only, and checks them.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, TrustCardError> {
        if bytes.len() > MAX_TRUST_CARD {
            return Err(TrustCardError::TooLarge);
        }
        let card: Self = canonical::from_bytes(bytes)?;
        card.check()?;
        Ok(card)
    }

    /// The card's bytes, if it can be used.
    pub fn to_bytes(&self) -> Result<Vec<u8>, TrustCardError> {
        self.check()?;
        Ok(canonical::to_bytes(self)?)
    }

    /// `digest("trust-card", self)`.
    pub fn digest(&self) -> Result<Digest, DocumentError> {
        canonical::digest(Kind::TrustCard, self)
    }

    /// The words that people compare.
    pub fn words(&self) -> Result<Words, DocumentError> {
        Ok(Words::of(&self.digest()?))
    }

    /// Whether `next` may follow: enough of the keys named here have signed its digest. The holder is shown both cards' words all the same.
    pub fn check_successor(&self, next: &Self, signatures: &[EthereumSignature]) -> Result<(), TrustCardError> {
        next.check()?;
        let named = self.successors.as_ref().ok_or(TrustCardError::TooFewSignatures)?;
        let hash = B256::from(next.digest()?.0);
        let signers: BTreeSet<_> = signatures.iter().filter_map(|signature| signature.signer(&hash).ok()).collect();
        let counted = named.addresses.iter().filter(|address| signers.contains(*address)).count();
        if counted >= usize::from(named.needed) { Ok(()) } else { Err(TrustCardError::TooFewSignatures) }
    }

    /// All that can be said of a card by itself.
    pub fn check(&self) -> Result<(), TrustCardError> {
        let rule = |ok: bool, text| if ok { Ok(()) } else { Err(TrustCardError::Rule(text)) };
        rule((1..1 << 53).contains(&self.chain_id), "a chain id is from 1 to 2^53 - 1")?;
        rule(self.revision == 2, "wallets read contracts of revision 2")?;
        let addresses: BTreeSet<_> = self.contracts.iter().map(|contract| contract.address).collect();
        rule(addresses.len() == self.contracts.len(), "two contracts have the same address")?;
        let keys: BTreeSet<_> = self.universal_keys.iter().map(|key| key.sha256).collect();
        rule(
            (1..=MAX_NAMED).contains(&keys.len()) && keys.len() == self.universal_keys.len(),
            "it names 1 to 64 universal keys, none twice",
        )?;
        rule(
            !self.sealers.is_empty() || self.checkpoints.is_some(),
            "it names neither a sealer nor signers of checkpoints",
        )?;
        rule(self.sealers.len() <= MAX_NAMED, "it names more than 64 sealers")?;
        rule(
            self.sealers.iter().all(|s| s.until.is_none_or(|until| s.from <= until)),
            "a sealer's range ends before it begins",
        )?;
        let signers = [&self.checkpoints, &self.successors];
        let fits = |signers: &Signers| {
            (1..=signers.addresses.len().min(MAX_NAMED)).contains(&usize::from(signers.needed))
                && signers.addresses.len() <= MAX_NAMED
                && signers.addresses.is_sorted_by(|a, b| a < b)
        };
        rule(
            signers.into_iter().flatten().all(fits),
            "signers stand ascending, none twice, at most 64, and one at least and no more than are named must sign",
        )
    }
}

mod optional_decimal {
    use serde::{Deserializer, Serializer};

    pub fn serialize<S: Serializer>(value: &Option<u64>, s: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => sealroot_protocol::decimal::serialize(value, s),
            None => s.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Option<u64>, D::Error> {
        sealroot_protocol::decimal::deserialize(d).map(Some)
    }
}
