//! What an envelope says: one of the kinds, each with fields of its own.
//!
//! Guarantee: each kind comes in one way. Claims, messages and return addresses are sealed unasked and stand for themselves; progress, decisions and replies come
//! as answers only, because nothing but the asking envelope says who sends them.

use crate::{
    answers::{DecisionMessage, PartMessage, Progress},
    claim::{OfficeReturn, SignedClaim},
    enrolment::EnrolmentMessage,
    holder::{Contest, HolderReply, HolderRequest},
    message::SignedMessage,
};
use sealroot_protocol::code::{Code, Coded};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What an envelope says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "message", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Content {
    /// Wallet → prover: prove a part for this request.
    Claim(Box<SignedClaim>),
    /// Prover → office, and a copy to the wallet: the proof.
    Part(Box<PartMessage>),
    /// Prover or office → wallet: how far it is.
    Progress(Progress),
    /// Office → wallet: what was decided.
    Decision(Box<DecisionMessage>),
    /// Wallet → agency: the answer to an enrolment challenge.
    EnrolmentAnswer(Box<EnrolmentMessage>),
    /// Wallet → agency: what was logged about me, my own record, a contest.
    HolderRequest(Box<SignedMessage<HolderRequest>>),
    /// Agency → wallet: the answer.
    HolderReply(Box<HolderReply>),
    /// Wallet → office: a decision is contested.
    Contest(Box<SignedMessage<Contest>>),
    /// Wallet → office, inside claims and parts: where the decision goes.
    ReturnAddress(OfficeReturn),
}

/// The kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "each is the variant of `Content` with its name")]
pub enum Kind {
    Claim,
    Part,
    Progress,
    Decision,
    EnrolmentAnswer,
    HolderRequest,
    HolderReply,
    Contest,
    ReturnAddress,
}

/// In which way a kind is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// HPKE's base mode: it stands for itself.
    Unasked,
    /// HPKE's PSK mode: an answer to the recipient's own envelope.
    Reply,
    /// Both: a part stands for itself, and the wallet's copy is an answer.
    Either,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Claim,
        Self::Part,
        Self::Progress,
        Self::Decision,
        Self::EnrolmentAnswer,
        Self::HolderRequest,
        Self::HolderReply,
        Self::Contest,
        Self::ReturnAddress,
    ];

    /// How it is sent.
    pub const fn way(self) -> Way {
        match self {
            Self::Claim | Self::EnrolmentAnswer | Self::HolderRequest | Self::Contest | Self::ReturnAddress => {
                Way::Unasked
            }
            Self::Progress | Self::Decision | Self::HolderReply => Way::Reply,
            Self::Part => Way::Either,
        }
    }
}
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Claim => "claim",
            Self::Part => "part",
            Self::Progress => "progress",
            Self::Decision => "decision",
            Self::EnrolmentAnswer => "enrolment-answer",
            Self::HolderRequest => "holder-request",
            Self::HolderReply => "holder-reply",
            Self::Contest => "contest",
            Self::ReturnAddress => "return-address",
        })
    }
}

/// What is wrong with a content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ContentError {
    /// An answer that nobody asked for, or a question that came as an answer.
    #[error("a message of the kind {0} is not sent in this way")]
    OutOfPlace(Kind),
    /// It contradicts itself.
    #[error("the {0} can't be used: {1}")]
    Rule(Kind, &'static str),
}

impl Coded for ContentError {
    fn code(&self) -> Code {
        match self {
            Self::OutOfPlace(_) => Code::KindOutOfPlace,
            Self::Rule(..) => Code::BadEnvelope,
        }
    }
}

impl Content {
    /// Its kind.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Claim(_) => Kind::Claim,
            Self::Part(_) => Kind::Part,
            Self::Progress(_) => Kind::Progress,
            Self::Decision(_) => Kind::Decision,
            Self::EnrolmentAnswer(_) => Kind::EnrolmentAnswer,
            Self::HolderRequest(_) => Kind::HolderRequest,
            Self::HolderReply(_) => Kind::HolderReply,
            Self::Contest(_) => Kind::Contest,
            Self::ReturnAddress(_) => Kind::ReturnAddress,
        }
    }

    /// What holds of every content that is sealed or opened: the way in which its kind is sent, and its form. Signatures and proofs are for the reader to check.
    pub(crate) fn check(&self, reply: bool) -> Result<(), ContentError> {
        let kind = self.kind();
        let fits = match kind.way() {
            Way::Unasked => !reply,
            Way::Reply => reply,
            Way::Either => true,
        };
        if !fits {
            return Err(ContentError::OutOfPlace(kind));
        }
        let form = match self {
            Self::Part(part) => part.check_form(reply),
            Self::Progress(progress) => progress.check_form(),
            Self::Decision(decision) => decision.check_form(),
            _ => Ok(()),
        };
        form.map_err(|rule| ContentError::Rule(kind, rule))
    }
}
