//! What provers and offices send: parts, progress, decisions.

use crate::{claim::MAX_OFFICE, holder::CodeText, plain_text::Letter, receipt::SignedReceipt};
use sealroot_protocol::{
    bundle::{Bundle, Part},
    consent::RequestDigest,
    policy::PolicyDigest,
};
use serde::{Deserialize, Serialize};

/// A proved part. To the office it is sealed unasked, with the wallet's envelope; to the wallet as a reply, with the receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartMessage {
    /// The part.
    pub part: Part,
    /// The wallet's envelope to the office, as it came with the claim: where the decision goes. The office decides into it only if all parts bring the same
    /// bytes. Absent in the wallet's copy.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "office")]
    pub office: Option<Vec<u8>>,
    /// The agency's word that it delivered, with a date. In the wallet's copy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<SignedReceipt>,
}

impl PartMessage {
    /// The office gets the wallet's envelope, the wallet the receipt, and neither what is the other's.
    pub(crate) fn check_form(&self, reply: bool) -> Result<(), &'static str> {
        if reply != self.office.is_none() {
            return Err("a part has the envelope to the office exactly where it goes to the office");
        }
        if reply != self.receipt.is_some() {
            return Err("a part has the receipt exactly where it goes to the wallet");
        }
        match &self.office {
            Some(office) if !(1..=MAX_OFFICE).contains(&office.len()) => Err("its envelope to the office is too long"),
            _ => Ok(()),
        }
    }
}

/// How far a claim or case is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Progress {
    /// The request.
    pub request: RequestDigest,
    /// The part; absent where an office speaks of the case as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<PolicyDigest>,
    /// How far.
    pub state: State,
    /// Why nothing comes: present exactly where the state is `rejected`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<CodeText>,
    /// When, Unix time in seconds.
    #[serde(with = "sealroot_protocol::decimal")]
    pub at: u64,
}

/// A stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Checked and logged; it waits.
    Accepted,
    /// The proof is being made.
    Proving,
    /// The part was sent, or the decision.
    Delivered,
    /// A check rejected it. Nobody was refused anything.
    Rejected,
}

impl Progress {
    pub(crate) fn check_form(&self) -> Result<(), &'static str> {
        let rejected = self.state == State::Rejected;
        if rejected == self.code.is_some() { Ok(()) } else { Err("it has a code exactly where it was rejected") }
    }
}

/// What an office decided. Receipt and bundle may come one after the other, and an office sends both for approvals as for refusals: the number of envelopes
/// would otherwise tell which it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecisionMessage {
    /// The request.
    pub request: RequestDigest,
    /// In words, plain text.
    pub letter: Letter,
    /// The office's word, before the chain has dated the decision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<SignedReceipt>,
    /// The bundle with its evidence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bundle: Option<Box<Bundle>>,
}

impl DecisionMessage {
    pub(crate) fn check_form(&self) -> Result<(), &'static str> {
        if self.receipt.is_none() && self.bundle.is_none() {
            return Err("it has a receipt, a bundle, or both");
        }
        match &self.bundle {
            Some(bundle) if bundle.request.request.digest() != self.request => {
                Err("its bundle answers another request")
            }
            _ => Ok(()),
        }
    }
}

mod office {
    use serde::{Deserializer, Serializer};

    pub fn serialize<S: Serializer>(bytes: &Option<Vec<u8>>, s: S) -> Result<S::Ok, S::Error> {
        match bytes {
            Some(bytes) => sealroot_handover::hex_bytes::serialize(bytes, s),
            None => s.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Vec<u8>>, D::Error> {
        sealroot_handover::hex_bytes::deserialize(d).map(Some)
    }
}
