//! Signed messages of a holder to an organisation. Holders never log in: each message stands for itself.
//!
//! Guarantee: the signature is over deployment, recipient, kind, nonce, time, newest block seen, the body's digest, and where the answer goes. So no recipient can
//! pass a message on to another, nor answer into a mailbox of its own. To an agency the holder's key signs; to an office a contest key, so that no office
//! ever sees the holder's key.
//! Non-guarantee: that it comes once. The recipient remembers nonces for as long as [`MAX_AGE`] and [`MAX_AHEAD`] say.

use crate::{
    content::Kind,
    correspondent::{Organisation, Role},
    mailbox::ReturnAddress,
    version::Version,
};
use sealroot_protocol::{
    canonical::{self, DocumentError, Suite},
    code::{Code, Coded},
    curve::PublicKey,
    field::{self, Digest, F},
    holder_signature::{HolderSignature, HolderSigner, NotSigned, Purpose},
    moment::Moment,
    request::Nonce,
    scope::Deployment,
};
use serde::{Deserialize, Serialize};

/// Seconds that a message may be old.
pub const MAX_AGE: u64 = 10 * 60;
/// Seconds that it may be ahead of its recipient's clock.
pub const MAX_AHEAD: u64 = 10 * 60;

/// The newest block that a wallet has seen. A recipient that doesn't know it sees that there are two chains, and reports a fork.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeenBlock {
    /// Height.
    #[serde(with = "sealroot_protocol::decimal")]
    pub number: u64,
    /// Hash of its header.
    pub hash: Digest,
}

/// What the signature is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// The suite.
    pub suite: Suite,
    /// The version of this form.
    pub version: Version,
    /// Chain and program contract.
    pub deployment: Deployment,
    /// To whom.
    pub recipient: Organisation,
    /// `holder-request` or `contest`.
    pub kind: Kind,
    /// 128 random bits: two messages never have the same digest.
    pub nonce: Nonce,
    /// When it was signed, Unix time in seconds.
    #[serde(with = "sealroot_protocol::decimal")]
    pub at: u64,
    /// The newest block seen.
    pub seen: SeenBlock,
    /// `digest("body", body)`.
    pub body: Digest,
    /// Where the answer goes.
    pub reply_to: ReturnAddress,
    /// The signing key.
    pub signer: PublicKey,
}

/// A message: head, what it says, signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedMessage<B> {
    /// What is signed.
    pub head: Head,
    /// What it says.
    pub body: B,
    /// Of `head.signer`.
    pub signature: HolderSignature,
}

/// What can be said in a message, and by which kind.
pub trait Body: Serialize {
    /// Its kind.
    const KIND: Kind;
}

/// What a message is written with, beside its body.
#[derive(Debug, Clone)]
pub struct Writing {
    /// Chain and program contract.
    pub deployment: Deployment,
    /// To whom.
    pub recipient: Organisation,
    /// 128 random bits.
    pub nonce: Nonce,
    /// Now, Unix time in seconds.
    pub at: u64,
    /// The newest block seen.
    pub seen: SeenBlock,
    /// Where the answer goes.
    pub reply_to: ReturnAddress,
}

/// Why a message is rejected.
#[derive(Debug, thiserror::Error)]
pub enum MessageError {
    /// It has no canonical form.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// Its kind isn't sent to organisations of this role.
    #[error("a message of the kind {0} is not for {1}")]
    Kind(Kind, Organisation),
    /// It is for another organisation.
    #[error("the message is for {found}, and this is {expected}")]
    OtherRecipient {
        /// The reader.
        expected: Organisation,
        /// The organisation that it names.
        found: Organisation,
    },
    /// It is for another chain or contract.
    #[error("the message is for another deployment")]
    OtherDeployment,
    /// Its body is another one than was signed.
    #[error("what the message says is not what was signed")]
    OtherBody,
    /// More than [`MAX_AGE`] old.
    #[error("the message is of {}, more than 10 minutes ago", Moment::from_unix(*.0))]
    TooOld(u64),
    /// More than [`MAX_AHEAD`] ahead.
    #[error("the message is of {}, more than 10 minutes ahead of this clock", Moment::from_unix(*.0))]
    Ahead(u64),
    /// The signature is not by the key that it names.
    #[error(transparent)]
    Signature(#[from] NotSigned),
}

impl Coded for MessageError {
    fn code(&self) -> Code {
        match self {
            Self::Document(_) | Self::Kind(..) | Self::OtherBody => Code::BadMessage,
            Self::OtherRecipient { .. } | Self::OtherDeployment => Code::MessageOfAnother,
            Self::TooOld(_) => Code::MessageTooOld,
            Self::Ahead(_) => Code::MessageAhead,
            Self::Signature(error) => error.code(),
        }
    }
}

impl<B: Body> SignedMessage<B> {
    /// Writes and signs. `fresh` is 32 random bytes.
    pub fn sign(body: B, writing: Writing, signer: &impl HolderSigner, fresh: [u8; 32]) -> Result<Self, MessageError> {
        let Writing { deployment, recipient, nonce, at, seen, reply_to } = writing;
        let purpose = purpose(B::KIND, &recipient)?;
        let head = Head {
            suite: Suite,
            version: Version,
            deployment,
            recipient,
            kind: B::KIND,
            nonce,
            at,
            seen,
            body: canonical::digest(canonical::Kind::Body, &body)?,
            reply_to,
            signer: signer.key(),
        };
        let signature = signer.sign(purpose, head.message()?, fresh);
        Ok(Self { head, body, signature })
    }

    /// All that a recipient checks before it looks whose key it is. `now` is Unix seconds. Whether the nonce was seen is for the recipient to remember.
    pub fn check(&self, recipient: &Organisation, deployment: Deployment, now: u64) -> Result<(), MessageError> {
        let head = &self.head;
        if head.recipient != *recipient {
            return Err(MessageError::OtherRecipient { expected: recipient.clone(), found: head.recipient.clone() });
        }
        if head.deployment != deployment {
            return Err(MessageError::OtherDeployment);
        }
        if head.kind != B::KIND {
            return Err(MessageError::Kind(head.kind, recipient.clone()));
        }
        let purpose = purpose(B::KIND, recipient)?;
        if head.body != canonical::digest(canonical::Kind::Body, &self.body)? {
            return Err(MessageError::OtherBody);
        }
        if head.at.saturating_add(MAX_AGE) < now {
            return Err(MessageError::TooOld(head.at));
        }
        if head.at > now.saturating_add(MAX_AHEAD) {
            return Err(MessageError::Ahead(head.at));
        }
        Ok(self.signature.verify(purpose, &head.signer, head.message()?)?)
    }
}

impl Head {
    /// `trunc248(digest("message", self))`: what is signed.
    fn message(&self) -> Result<F, DocumentError> {
        Ok(field::truncate_248(&canonical::digest(canonical::Kind::Message, self)?.0))
    }
}

/// Requests go to agencies under the holder's key, contests to offices under a contest key. Nothing else is a message.
fn purpose(kind: Kind, recipient: &Organisation) -> Result<Purpose, MessageError> {
    match (kind, recipient.role) {
        (Kind::HolderRequest, Role::Agency) => Ok(Purpose::Message),
        (Kind::Contest, Role::Office) => Ok(Purpose::Contest),
        _ => Err(MessageError::Kind(kind, recipient.clone())),
    }
}
