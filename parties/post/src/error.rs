//! Why a post doesn't do what it is asked.

use crate::limits;
use sealroot_chain::ChainError;
use sealroot_exchange::{EnvelopeId, MailboxId, Organisation, card::CardError, envelope::EnvelopeError};
use sealroot_protocol::{
    canonical::DocumentError,
    code::{Code, Coded},
    field::Digest,
    moment::Moment,
};

/// Why nothing happened.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    /// No envelope.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// It was put into another mailbox than it names.
    #[error("the envelope is for the mailbox {found}, and was put into {expected}")]
    OtherMailbox {
        /// Into which it was put.
        expected: MailboxId,
        /// Which it names.
        found: MailboxId,
    },
    /// It has expired.
    #[error("the envelope expired on {}", Moment::from_unix(*.0))]
    Expired(u64),
    /// It would be kept too long.
    #[error("the envelope expires on {}, and this post keeps none longer than until {}", Moment::from_unix(*expiry), Moment::from_unix(*latest))]
    TooLong {
        /// When it expires.
        expiry: u64,
        /// The latest that is kept.
        latest: u64,
    },
    /// Nobody opened it, or nobody looked at it for long.
    #[error("there is no mailbox {0} here")]
    NoMailbox(MailboxId),
    /// The token reads another mailbox.
    #[error("the token doesn't read the mailbox {0}")]
    NotItsToken(MailboxId),
    /// It isn't there, or was acknowledged.
    #[error("there is no envelope {0} in the mailbox")]
    NoEnvelope(EnvelopeId),
    /// It takes no more before something is fetched.
    #[error("the mailbox {0} is full: its owner has to fetch what is in it")]
    MailboxFull(MailboxId),
    /// As many as one request has.
    #[error("the request has opened {} mailboxes already", limits::MAILBOXES_OF_A_REQUEST)]
    RequestsMailboxes,
    /// As much as the operator allows.
    #[error("the post is full: {0}")]
    Full(&'static str),
    /// Only the operator closes it.
    #[error("an organisation's mailbox is closed by the post's operator")]
    OperatorsMailbox,
    /// As many wait as can.
    #[error("too many are waiting for envelopes: ask again without waiting")]
    TooManyWait,
    /// No request behind this link, or no longer.
    #[error("there is no request {0} here: its link has expired, or was never used")]
    NoRequest(Digest),
    /// Another request under this id.
    #[error("there is another request under the id {0}")]
    OtherRequest(Digest),
    /// It has another length than sealed requests have.
    #[error("a sealed request has {expected} bytes, and this has {found}")]
    RequestSize {
        /// What sealed requests have.
        expected: usize,
        /// What this has.
        found: usize,
    },
    /// A time that is past or too far ahead.
    #[error("a request is kept until a time to come, at most 90 days from now")]
    RequestUntil,
    /// Only organisations that the post serves do this.
    #[error("the mailbox {0} is no organisation's that this post serves")]
    NotServed(MailboxId),
    /// It has none here.
    #[error("{0} has no card here")]
    NoCard(Organisation),
    /// It isn't one that the chain has.
    #[error(transparent)]
    Card(#[from] CardError),
    /// Of another chain or contract.
    #[error("the question is about another deployment than this post's chain")]
    OtherDeployment,
    /// The chain doesn't say it, or can't be asked.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// Nobody published it here.
    #[error("it is not published here")]
    NotPublished,
    /// What is published isn't canonical.
    #[error("what is published here can't be read: {0}")]
    Document(#[from] DocumentError),
    /// What is published can't be read.
    #[error("what is published here can't be read: {0}")]
    Unreadable(String),
    /// The file is no post's, or another version's.
    #[error("the post's file can't be used: {0}")]
    File(String),
    /// The database.
    #[error("the post's file: {0}")]
    Database(#[from] sqlx::Error),
}

impl Coded for PostError {
    fn code(&self) -> Code {
        match self {
            Self::Envelope(error) => error.code(),
            Self::OtherMailbox { .. } => Code::EnvelopeOfAnother,
            Self::Expired(_) => Code::EnvelopeExpired,
            Self::TooLong { .. } => Code::EnvelopeExpiry,
            Self::NoMailbox(_) => Code::NoMailbox,
            Self::NotItsToken(_) | Self::NotServed(_) | Self::OperatorsMailbox => Code::NotYourMailbox,
            Self::NoEnvelope(_) => Code::NoEnvelope,
            Self::MailboxFull(_) | Self::RequestsMailboxes => Code::MailboxFull,
            Self::Full(_) => Code::PostFull,
            Self::TooManyWait => Code::TooManyWait,
            Self::NoRequest(_) => Code::NoSealedRequest,
            Self::OtherRequest(_) => Code::SealedRequestExists,
            Self::RequestSize { .. } | Self::RequestUntil => Code::BadSealedRequest,
            Self::NoCard(_) => Code::NoCard,
            Self::Card(error) => error.code(),
            Self::OtherDeployment => Code::OtherDeployment,
            Self::Chain(error) => error.code(),
            Self::NotPublished => Code::NotPublished,
            Self::Document(_) | Self::Unreadable(_) => Code::PublishedUnreadable,
            Self::File(_) => Code::PostFile,
            Self::Database(_) => Code::PostDatabase,
        }
    }
}
