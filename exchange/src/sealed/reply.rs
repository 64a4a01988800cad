//! Replies: HPKE's PSK mode with a secret that only the two ends of the asking envelope have.
//!
//! Guarantee: an answer is by somebody who opened the asking envelope, or who sent it; it answers that envelope and no other, and each number is opened once.
//! A number that is missing shows: the post can hold answers back, and can't hide that it does once a later one came.

use crate::{envelope::EnvelopeId, sealing::Psk};
use sealroot_protocol::{
    code::{Code, Coded},
    field::Digest,
};
use serde::{Deserialize, Deserializer, Serialize, de::Error};
use std::{collections::BTreeSet, fmt};
use zeroize::Zeroizing;

/// The most replies to one envelope.
pub const MAX_REPLIES: u16 = 1000;

/// Which reply to an envelope: 1 to [`MAX_REPLIES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct ReplyNumber(u16);

impl ReplyNumber {
    /// The first.
    pub const FIRST: Self = Self(1);

    /// Of a number; none where there is no such reply.
    pub fn new(number: u16) -> Option<Self> {
        (1..=MAX_REPLIES).contains(&number).then_some(Self(number))
    }

    /// The number.
    pub fn get(self) -> u16 {
        self.0
    }

    /// The next one.
    pub fn next(self) -> Option<Self> {
        Self::new(self.0 + 1)
    }
}
impl fmt::Display for ReplyNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
impl<'de> Deserialize<'de> for ReplyNumber {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Self::new(u16::deserialize(d)?).ok_or_else(|| D::Error::custom("the number of a reply is from 1 to 1000"))
    }
}

/// What both ends of an envelope have, and nobody else: exported from its HPKE context (RFC 9180, section 5.3). Zeroised when dropped, never printed.
#[derive(Clone)]
pub struct ReplySecret {
    asked: EnvelopeId,
    secret: Zeroizing<[u8; 32]>,
}

impl ReplySecret {
    pub(crate) fn new(asked: EnvelopeId, secret: &[u8; 32]) -> Self {
        Self { asked, secret: Zeroizing::new(*secret) }
    }

    /// The envelope that asked.
    pub fn asked(&self) -> EnvelopeId {
        self.asked
    }

    /// For keeping it, sealed: the envelope's id and the secret.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 64]> {
        let mut out = Zeroizing::new([0; 64]);
        out[..32].copy_from_slice(&self.asked.0.0);
        out[32..].copy_from_slice(self.secret.as_slice());
        out
    }

    /// Reads what [`ReplySecret::to_bytes`] wrote.
    pub fn from_bytes(bytes: &[u8; 64]) -> Self {
        let (mut asked, mut secret) = ([0; 32], Zeroizing::new([0; 32]));
        asked.copy_from_slice(&bytes[..32]);
        secret.copy_from_slice(&bytes[32..]);
        Self { asked: EnvelopeId(Digest(asked)), secret }
    }

    pub(crate) fn psk(&self) -> Psk<'_> {
        Psk { secret: &self.secret, id: &self.asked.0.0 }
    }
}
impl fmt::Debug for ReplySecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReplySecret({}, …)", self.asked)
    }
}

/// The answers to one envelope, as the asker has opened them.
#[derive(Debug, Clone)]
pub struct Replies {
    secret: ReplySecret,
    opened: BTreeSet<ReplyNumber>,
}

/// Why an envelope isn't taken as a reply, or only as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReplyError {
    /// Its number was opened before.
    #[error("reply {0} was opened before")]
    Repeated(ReplyNumber),
    /// It says that it answers, and nothing was asked.
    #[error("the envelope is an answer, and is taken only by the one who asked")]
    Unasked,
    /// It is no reply.
    #[error("the envelope is no answer to what was asked")]
    NotAReply,
}

impl Coded for ReplyError {
    fn code(&self) -> Code {
        match self {
            Self::Repeated(_) => Code::ReplyRepeated,
            Self::Unasked | Self::NotAReply => Code::NotAReply,
        }
    }
}

impl Replies {
    /// None opened yet.
    pub fn new(secret: ReplySecret) -> Self {
        Self { secret, opened: BTreeSet::new() }
    }

    /// As they were kept.
    pub fn with_opened(secret: ReplySecret, opened: impl IntoIterator<Item = ReplyNumber>) -> Self {
        Self { secret, opened: opened.into_iter().collect() }
    }

    /// Numbers that were opened, ascending. Keep them with what the answers led to.
    pub fn opened(&self) -> impl Iterator<Item = ReplyNumber> {
        self.opened.iter().copied()
    }

    /// Numbers below the greatest opened one that didn't come: on their way, late, or held back.
    pub fn missing(&self) -> impl Iterator<Item = ReplyNumber> {
        let greatest = self.opened.last().map_or(0, |number| number.0);
        (1..greatest).map(ReplyNumber).filter(|number| !self.opened.contains(number))
    }

    pub(crate) fn secret(&self) -> &ReplySecret {
        &self.secret
    }

    pub(crate) fn check(&self, number: ReplyNumber) -> Result<(), ReplyError> {
        if self.opened.contains(&number) { Err(ReplyError::Repeated(number)) } else { Ok(()) }
    }

    pub(crate) fn mark(&mut self, number: ReplyNumber) {
        self.opened.insert(number);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn gaps_and_repetitions_show() {
        let secret = ReplySecret::new(EnvelopeId(Digest([1; 32])), &[2; 32]);
        let mut replies = Replies::new(ReplySecret::from_bytes(&secret.to_bytes()));
        assert_eq!((replies.secret().asked(), replies.missing().count()), (secret.asked(), 0));
        let number = |n| ReplyNumber::new(n).unwrap();
        for n in [4, 1] {
            assert_eq!(replies.check(number(n)), Ok(()));
            replies.mark(number(n));
        }
        assert_eq!(replies.check(number(4)), Err(ReplyError::Repeated(number(4))));
        assert_eq!(replies.missing().map(ReplyNumber::get).collect::<Vec<_>>(), [2, 3]);
        let kept = Replies::with_opened(secret, replies.opened());
        assert_eq!(kept.check(number(1)), Err(ReplyError::Repeated(number(1))));
        assert_eq!(format!("{:?}", kept.secret()), format!("ReplySecret({}, …)", kept.secret().asked()));
    }

    #[test]
    fn numbers_begin_with_one_and_end() {
        assert_eq!([0, 1, 1000, 1001].map(|n| ReplyNumber::new(n).is_some()), [false, true, true, false]);
        assert_eq!(ReplyNumber::new(1000).unwrap().next(), None);
        assert!(serde_json::from_str::<ReplyNumber>("0").is_err() && serde_json::from_str::<ReplyNumber>("1").is_ok());
    }
}
