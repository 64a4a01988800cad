//! Envelopes: how a document travels, sealed to one key, through a post that can't read it.
//!
//! Guarantee: nobody but the key's owner opens one, and no byte of it can be changed: the header is HPKE's `aad` and stands in its `info`, so that the reply
//! secret depends on it, too. One envelope has one sequence of bytes, whose SHA-256 is its id: put in twice, it is one message.
//! Non-guarantees: base mode has no sender, so what an envelope says must stand for itself (signed, proved, or on chain). The post sees mailbox, key, expiry,
//! size, and which number a reply has.

use crate::{
    content::{Content, ContentError, Kind},
    mailbox::{KeyId, MailboxId, OwnKey, Recipient},
    padding,
    reply::{Replies, ReplyError, ReplyNumber, ReplySecret},
    sealing::{self, Context, ENCAPSULATED, Psk, TAG},
    version::Version,
};
use rand::CryptoRng;
use sealroot_handover::transfer::{NotOpened, UnusableKey};
use sealroot_protocol::{
    canonical::{self, DocumentError, Suite},
    code::{Code, Coded},
    field::Digest,
    moment::Moment,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fmt;
use zeroize::Zeroizing;

/// The most that an envelope has, bytes: 256 KiB.
pub const MAX_ENVELOPE: usize = 262_144;
/// The most that its header has, bytes.
pub const MAX_HEADER: usize = 512;

const ENVELOPE: &[u8] = b"sealroot/1:envelope\n";
const REPLY: &[u8] = b"sealroot/1:reply\n";
const REPLY_SECRET: &[u8] = b"sealroot/1:reply-secret";

/// What everybody on the way reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// The suite.
    pub suite: Suite,
    /// The version of this form.
    pub version: Version,
    /// The recipient's mailbox.
    pub mailbox: MailboxId,
    /// The recipient's key.
    pub key: KeyId,
    /// Unix time in seconds of its last second.
    #[serde(with = "sealroot_protocol::decimal")]
    pub expiry: u64,
    /// Which reply it is, from 1 on; absent where nobody asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<ReplyNumber>,
}

/// A sealed envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    header: Header,
    encapsulated: [u8; ENCAPSULATED],
    body: Vec<u8>,
}

/// SHA-256 of an envelope's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EnvelopeId(pub Digest);

impl fmt::Display for EnvelopeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Bytes that are no envelope.
#[derive(Debug, thiserror::Error)]
pub enum EnvelopeError {
    /// Larger than [`MAX_ENVELOPE`].
    #[error("the envelope is larger than 256 KiB")]
    TooLarge,
    /// Cut off, or its body has none of the permitted lengths.
    #[error("the envelope is cut off, or something was added: its length is none that an envelope has")]
    Length,
    /// Not canonical JSON of this form.
    #[error("the envelope's header can't be read: {0}")]
    Header(#[from] DocumentError),
}

impl Coded for EnvelopeError {
    fn code(&self) -> Code {
        match self {
            Self::TooLarge => Code::EnvelopeTooLarge,
            Self::Length | Self::Header(_) => Code::BadEnvelope,
        }
    }
}

/// Why nothing is sealed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The content contradicts itself, or is sent in another way.
    #[error(transparent)]
    Content(#[from] ContentError),
    /// Too long for any envelope.
    #[error("the content is longer than an envelope holds")]
    TooLarge,
    /// It would outlive the key that opens it.
    #[error("the envelope would expire on {}, after the last second of its key on {}", Moment::from_unix(*expiry), Moment::from_unix(*until))]
    OutlivesKey {
        /// When it was to expire.
        expiry: u64,
        /// The key's last second.
        until: u64,
    },
    /// The key can't be sealed to.
    #[error(transparent)]
    Key(#[from] UnusableKey),
    /// It has no canonical form.
    #[error(transparent)]
    Document(#[from] DocumentError),
}

impl Coded for SealError {
    fn code(&self) -> Code {
        match self {
            Self::Content(error) => error.code(),
            Self::TooLarge => Code::EnvelopeTooLarge,
            Self::OutlivesKey { .. } => Code::EnvelopeExpiry,
            Self::Key(error) => error.code(),
            Self::Document(error) => error.code(),
        }
    }
}

/// Why an envelope isn't opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It names another mailbox.
    #[error("the envelope is for the mailbox {found}, and this is {expected}")]
    OtherMailbox {
        /// Whose key was tried.
        expected: MailboxId,
        /// What it names.
        found: MailboxId,
    },
    /// It is sealed to another key.
    #[error("the envelope is sealed to the key {found}, and this is {expected}")]
    OtherKey {
        /// The key that was tried.
        expected: KeyId,
        /// What it names.
        found: KeyId,
    },
    /// After its last second.
    #[error("the envelope expired on {}", Moment::from_unix(*.0))]
    Expired(u64),
    /// It says that it lives longer than its key.
    #[error("the envelope expires on {}, after the last second of its key on {}", Moment::from_unix(*expiry), Moment::from_unix(*until))]
    OutlivesKey {
        /// When it expires.
        expiry: u64,
        /// The key's last second.
        until: u64,
    },
    /// Changed, sealed to another key, or an answer to another envelope.
    #[error(transparent)]
    NotOpened(#[from] NotOpened),
    /// Other padding than its content has.
    #[error("the envelope's padding is not the one that its content has")]
    Padding,
    /// Not canonical JSON of a kind.
    #[error("what the envelope says can't be read: {0}")]
    Document(#[from] DocumentError),
    /// The content contradicts itself, or came in another way than its kind is sent.
    #[error(transparent)]
    Content(#[from] ContentError),
    /// Its number was opened before, or it is no reply.
    #[error(transparent)]
    Reply(#[from] ReplyError),
}

impl Coded for OpenError {
    fn code(&self) -> Code {
        match self {
            Self::OtherMailbox { .. } => Code::EnvelopeOfAnother,
            Self::OtherKey { .. } => Code::EnvelopeKeyUnknown,
            Self::Expired(_) => Code::EnvelopeExpired,
            Self::OutlivesKey { .. } => Code::EnvelopeExpiry,
            Self::NotOpened(error) => error.code(),
            Self::Padding | Self::Document(_) => Code::BadEnvelope,
            Self::Content(error) => error.code(),
            Self::Reply(error) => error.code(),
        }
    }
}

impl Envelope {
    /// Seals what nobody asked for: a claim, a part, a message. The reply secret authenticates who answers; keep it as long as an answer may come.
    pub fn seal(
        to: &Recipient,
        content: &Content,
        expiry: u64,
        rng: &mut impl CryptoRng,
    ) -> Result<(Self, ReplySecret), SealError> {
        let (envelope, exported) = Self::seal_as(to, content, expiry, None, rng)?;
        let secret = ReplySecret::new(envelope.id()?, &exported);
        Ok((envelope, secret))
    }

    /// Seals an answer. Each number is used once for one asking envelope.
    pub fn reply(
        to: &Recipient,
        content: &Content,
        expiry: u64,
        (secret, number): (&ReplySecret, ReplyNumber),
        rng: &mut impl CryptoRng,
    ) -> Result<Self, SealError> {
        Ok(Self::seal_as(to, content, expiry, Some((secret, number)), rng)?.0)
    }

    /// Opens what nobody asked for. The reply secret is for answering.
    pub fn open(&self, own: &OwnKey, now: u64) -> Result<(Content, ReplySecret), OpenError> {
        self.check_head(own, now)?;
        if self.header.reply.is_some() {
            return Err(ReplyError::Unasked.into());
        }
        let (content, exported) = self.open_as(own, None)?;
        Ok((content, ReplySecret::new(self.id()?, &exported)))
    }

    /// Opens an answer, and marks its number as opened.
    pub fn open_reply(&self, own: &OwnKey, replies: &mut Replies, now: u64) -> Result<Content, OpenError> {
        self.check_head(own, now)?;
        let number = self.header.reply.ok_or(ReplyError::NotAReply)?;
        replies.check(number)?;
        let (content, _) = self.open_as(own, Some(replies.secret()))?;
        replies.mark(number);
        Ok(content)
    }

    /// What everybody on the way reads.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// SHA-256 of its bytes.
    pub fn id(&self) -> Result<EnvelopeId, DocumentError> {
        Ok(EnvelopeId(Digest(Sha256::digest(self.to_bytes()?).into())))
    }

    /// Length of the header (2 bytes, big-endian), header, encapsulated key (32 bytes), ciphertext with its tag.
    pub fn to_bytes(&self) -> Result<Vec<u8>, DocumentError> {
        let header = canonical::to_bytes(&self.header)?;
        let length = u16::try_from(header.len()).unwrap_or(u16::MAX).to_be_bytes();
        Ok([length.as_slice(), &header, &self.encapsulated, &self.body].concat())
    }

    /// Reads exactly what [`Envelope::to_bytes`] writes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        if bytes.len() > MAX_ENVELOPE {
            return Err(EnvelopeError::TooLarge);
        }
        let (length, rest) = bytes.split_first_chunk::<2>().ok_or(EnvelopeError::Length)?;
        let length = usize::from(u16::from_be_bytes(*length));
        if length > MAX_HEADER {
            return Err(EnvelopeError::Length);
        }
        let (header, rest) = rest.split_at_checked(length).ok_or(EnvelopeError::Length)?;
        let (encapsulated, body) = rest.split_first_chunk::<ENCAPSULATED>().ok_or(EnvelopeError::Length)?;
        if !padding::BUCKETS.iter().any(|bucket| bucket + TAG == body.len()) {
            return Err(EnvelopeError::Length);
        }
        Ok(Self { header: canonical::from_bytes(header)?, encapsulated: *encapsulated, body: body.to_vec() })
    }

    fn seal_as(
        to: &Recipient,
        content: &Content,
        expiry: u64,
        reply: Option<(&ReplySecret, ReplyNumber)>,
        rng: &mut impl CryptoRng,
    ) -> Result<(Self, Zeroizing<[u8; 32]>), SealError> {
        content.check(reply.is_some())?;
        if let Some(until) = to.until.filter(|until| expiry > *until) {
            return Err(SealError::OutlivesKey { expiry, until });
        }
        let header = Header {
            suite: Suite,
            version: Version,
            mailbox: to.mailbox,
            key: KeyId::of(&to.key),
            expiry,
            reply: reply.map(|(_, number)| number),
        };
        let plain = Zeroizing::new(canonical::to_bytes(content)?);
        let padded = padding::pad(content.kind(), &plain).ok_or(SealError::TooLarge)?;
        let aad = canonical::to_bytes(&header)?;
        let psk = reply.map(|(secret, _)| secret.psk());
        let info = info(psk.as_ref(), &aad);
        let context = Context { info: &info, aad: &aad, export: REPLY_SECRET };
        let sealed = sealing::seal(&to.key, psk.as_ref(), &context, &padded, rng)?;
        Ok((Self { header, encapsulated: sealed.encapsulated, body: sealed.body }, sealed.exported))
    }

    /// What can be said before anything is opened.
    fn check_head(&self, own: &OwnKey, now: u64) -> Result<(), OpenError> {
        let header = &self.header;
        if header.mailbox != own.mailbox {
            return Err(OpenError::OtherMailbox { expected: own.mailbox, found: header.mailbox });
        }
        if header.key != own.id() {
            return Err(OpenError::OtherKey { expected: own.id(), found: header.key });
        }
        if let Some(until) = own.until.filter(|until| header.expiry > *until) {
            return Err(OpenError::OutlivesKey { expiry: header.expiry, until });
        }
        if now > header.expiry { Err(OpenError::Expired(header.expiry)) } else { Ok(()) }
    }

    fn open_as(&self, own: &OwnKey, secret: Option<&ReplySecret>) -> Result<(Content, Zeroizing<[u8; 32]>), OpenError> {
        let aad = canonical::to_bytes(&self.header)?;
        let psk = secret.map(ReplySecret::psk);
        let info = info(psk.as_ref(), &aad);
        let context = Context { info: &info, aad: &aad, export: REPLY_SECRET };
        let opened = sealing::open(&own.secret, psk.as_ref(), &context, &self.encapsulated, &self.body)?;
        let padded = opened.plaintext;
        let plain = padding::content(&padded).ok_or(OpenError::Padding)?;
        let content: Content = canonical::from_bytes(plain)?;
        if !padding::fits(content.kind(), plain, padded.len()) {
            return Err(OpenError::Padding);
        }
        content.check(secret.is_some())?;
        Ok((content, opened.exported))
    }
}

/// HPKE's `info`: a label for what it is, and the header.
fn info(psk: Option<&Psk<'_>>, header: &[u8]) -> Vec<u8> {
    [if psk.is_some() { REPLY } else { ENVELOPE }, header].concat()
}

/// The size of an envelope of this kind whose content has `length` bytes; none where no envelope holds it. What a post reserves.
pub fn size_of(kind: Kind, length: usize) -> Option<usize> {
    let bucket = padding::BUCKETS.into_iter().find(|size| *size >= kind.least_bucket() && *size > length)?;
    Some(2 + MAX_HEADER + ENCAPSULATED + bucket + TAG)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{
        claim::OfficeReturn,
        mailbox::MailboxToken,
        padding::{BUCKETS, pad},
    };
    use rand::{SeedableRng, rngs::StdRng};
    use sealroot_handover::RecipientSecret;
    use sealroot_protocol::curve::{Point, PublicKey};

    fn own() -> OwnKey {
        let secret = RecipientSecret::from_bytes(&[2; 32]).unwrap();
        OwnKey { mailbox: MailboxToken::from_bytes(&[2; 32]).mailbox(), secret, until: None }
    }

    fn content() -> Content {
        let contest_key = PublicKey::new(Point::base8()).unwrap();
        Content::ReturnAddress(OfficeReturn { reply_to: own().return_address(), contest_key })
    }

    /// As a sender with its own program would seal: any plaintext, under a right header.
    fn sealed(plain: &[u8]) -> Result<Content, OpenError> {
        let own = own();
        let header =
            Header { suite: Suite, version: Version, mailbox: own.mailbox, key: own.id(), expiry: 9, reply: None };
        let aad = canonical::to_bytes(&header).unwrap();
        let context = Context { info: &info(None, &aad), aad: &aad, export: REPLY_SECRET };
        let mut rng = StdRng::seed_from_u64(1);
        let sealed = sealing::seal(&own.secret.public(), None, &context, plain, &mut rng).unwrap();
        let envelope = Envelope { header, encapsulated: sealed.encapsulated, body: sealed.body };
        envelope.open(&own, 9).map(|(content, _)| content)
    }

    /// A sender that pads or spells in another way could mark its envelopes, or make two of one content.
    #[test]
    fn a_content_has_one_plaintext() {
        let json = canonical::to_bytes(&content()).unwrap();
        let padded = pad(Kind::ReturnAddress, &json).unwrap();
        assert_eq!(padded.len(), BUCKETS[0]);
        assert_eq!(sealed(&padded).unwrap(), content());
        let refused = |plain: &[u8]| sealed(plain).unwrap_err();

        let longer = [padded.as_slice(), &vec![0; BUCKETS[1] - BUCKETS[0]]].concat();
        assert!(matches!(refused(&longer), OpenError::Padding), "another bucket");
        let with = |i: usize, byte: u8| {
            let mut plain = padded.to_vec();
            plain[i] = byte;
            plain
        };
        assert!(matches!(refused(&with(json.len(), 0)), OpenError::Padding), "no end");
        assert!(matches!(refused(&with(json.len(), b' ')), OpenError::Padding), "spaces");
        assert!(matches!(refused(&with(BUCKETS[0] - 1, 1)), OpenError::Padding), "something behind the zeros");
        assert!(matches!(refused(&with(json.len() + 1, 0x80)), OpenError::Document(_)), "two ends");
        assert!(matches!(refused(&vec![0; BUCKETS[0]]), OpenError::Padding), "zeros alone");

        let text = String::from_utf8(json).unwrap();
        for other in [
            text.replacen(':', ": ", 1),
            text.replace("return-address", "decision"),
            text.replace("return-address", "return_address"),
            text.replacen("{\"kind\"", "{\"id\":1,\"kind\"", 1),
            text.replacen("\"contest_key\"", "\"a\":1,\"contest_key\"", 1),
            format!("{text} "),
            format!("{text}{text}"),
            text[..text.len() - 1].to_owned(),
        ] {
            let plain = pad(Kind::ReturnAddress, other.as_bytes()).unwrap();
            assert!(matches!(refused(&plain), OpenError::Document(_)), "{other}");
        }
    }

    /// A kind in a bucket that is too small for it tells more than its kind's sizes do.
    #[test]
    fn a_kind_has_its_least_size() {
        let json = canonical::to_bytes(&content()).unwrap();
        for kind in Kind::ALL {
            let opened = sealed(&pad(kind, &json).unwrap());
            let least = kind.least_bucket() == Kind::ReturnAddress.least_bucket();
            assert_eq!(opened.is_ok(), least, "{kind}");
        }
    }
}
