//! Links: the secret that a clerk gives an applicant, and the request that waits sealed at the post.
//!
//! Guarantee: the post has the request's id and ciphertext, and can compute neither key nor case secret from them. Three values come from one secret by HKDF with a label
//! each, so that none tells anything of another: a prover has the case secret and can't read the sealed request by it.
//! Non-guarantee: the bearer of a link reads the request, and can test guesses of who applies.

use crate::{post_url::PostUrl, version::Version};
use chacha20poly1305::{
    ChaCha20Poly1305, KeyInit,
    aead::{Aead, Payload},
};
use data_encoding::BASE64URL_NOPAD;
use hkdf::Hkdf;
use rand::CryptoRng;
use sealroot_protocol::{
    applicant::CaseSecret,
    canonical::{self, DocumentError, Suite},
    code::{Code, Coded},
    field::Digest,
    name::Name,
    request::{RequestError, SignedRequest},
};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::{fmt, str::FromStr};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Bytes of a request's padded plaintext. All sealed requests have one length.
const PLAIN: usize = 8192;
const NONCE: usize = 12;
/// Bytes of every sealed request.
pub const SEALED_REQUEST: usize = NONCE + PLAIN + 16;

const SALT: &[u8] = b"sealroot/1:link";
const ID: &[u8] = b"sealroot/1:link-id";
const KEY: &[u8] = b"sealroot/1:link-key";
const CASE_SECRET: &[u8] = b"sealroot/1:link-case-secret";

/// 256 random bits that office and applicant share. Zeroised when dropped, never printed but within a link.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct LinkSecret([u8; 32]);

impl LinkSecret {
    /// A fresh one. One secret is for one request.
    pub fn random(rng: &mut impl CryptoRng) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        rng.fill_bytes(bytes.as_mut_slice());
        Self(*bytes)
    }

    /// From 32 bytes that the caller zeroises.
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(*bytes)
    }

    /// Its bytes, for keeping them sealed.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// By which the post finds the request.
    pub fn request_id(&self) -> Digest {
        Digest(*self.derive(ID))
    }

    /// What the office commits the applicant with: 128 bits.
    pub fn case_secret(&self) -> CaseSecret {
        CaseSecret::from_random(*self.derive(CASE_SECRET))
    }

    fn key(&self) -> Zeroizing<[u8; 32]> {
        self.derive(KEY)
    }

    fn derive<const N: usize>(&self, label: &[u8]) -> Zeroizing<[u8; N]> {
        let mut out = Zeroizing::new([0; N]);
        #[expect(clippy::expect_used, reason = "HKDF-SHA256 fails only above 8,160 bytes")]
        Hkdf::<Sha256>::new(Some(SALT), &self.0).expand(label, out.as_mut_slice()).expect("at most 32 bytes");
        out
    }
}
impl fmt::Debug for LinkSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkSecret(…)")
    }
}

/// What the applicant is given: `https://POST/#OFFICE/L`, with the secret in base64url without padding (RFC 4648, section 5). The fragment never reaches a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Where the wallet's page and the sealed request are.
    pub post: PostUrl,
    /// The office.
    pub office: Name,
    /// The secret.
    pub secret: LinkSecret,
}

/// A text that is no link. It isn't repeated in the message: a link is a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a whole link of a request: it is https://, the post, /#, the office, / and 43 characters")]
pub struct NotALink;

impl Coded for NotALink {
    fn code(&self) -> Code {
        Code::BadLink
    }
}

impl Link {
    /// The text of the link. Its bearer can read the request.
    pub fn reveal(&self) -> Zeroizing<String> {
        let secret = Zeroizing::new(BASE64URL_NOPAD.encode(self.secret.expose()));
        Zeroizing::new(format!("{}/#{}/{}", self.post, self.office, secret.as_str()))
    }
}
impl FromStr for Link {
    type Err = NotALink;

    /// Reads exactly what [`Link::reveal`] writes.
    fn from_str(text: &str) -> Result<Self, NotALink> {
        let (post, fragment) = text.split_once("/#").ok_or(NotALink)?;
        let (office, secret) = fragment.split_once('/').ok_or(NotALink)?;
        let bytes = Zeroizing::new(BASE64URL_NOPAD.decode(secret.as_bytes()).map_err(|_| NotALink)?);
        Ok(Self {
            post: post.parse().map_err(|_| NotALink)?,
            office: office.parse().map_err(|_| NotALink)?,
            secret: LinkSecret(bytes.as_slice().try_into().map_err(|_| NotALink)?),
        })
    }
}

/// What is sealed for the post.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Waiting {
    suite: Suite,
    version: Version,
    request: SignedRequest,
}

/// Why a sealed request isn't made or opened.
#[derive(Debug, thiserror::Error)]
pub enum SealedRequestError {
    /// Of another length, changed, or another link's.
    #[error("the request at the post was damaged or changed, or belongs to another link")]
    NotOpened,
    /// Longer than what is sealed.
    #[error("the request is too long to wait at the post")]
    TooLarge,
    /// Not canonical JSON of this form.
    #[error("the request at the post can't be read: {0}")]
    Document(#[from] DocumentError),
    /// Not a request of the office that the link names.
    #[error("the request is of {found}, and the link is of {expected}")]
    OtherOffice {
        /// Of the link.
        expected: Name,
        /// Of the request.
        found: Name,
    },
    /// Not the form of a signed request.
    #[error(transparent)]
    Request(#[from] RequestError),
}

impl Coded for SealedRequestError {
    fn code(&self) -> Code {
        match self {
            Self::NotOpened => Code::Unopenable,
            Self::TooLarge | Self::Document(_) => Code::BadRequest,
            Self::OtherOffice { .. } => Code::RequesterKeyUnknown,
            Self::Request(error) => error.code(),
        }
    }
}

/// Seals a request for the post: nonce (12 bytes), ciphertext, tag. `office` is the name in the link.
pub fn seal_request(
    secret: &LinkSecret,
    office: &Name,
    request: &SignedRequest,
    rng: &mut impl CryptoRng,
) -> Result<Vec<u8>, SealedRequestError> {
    check(office, request)?;
    let waiting = Waiting { suite: Suite, version: Version, request: request.clone() };
    let mut plain = Zeroizing::new(canonical::to_bytes(&waiting)?);
    if plain.len() >= PLAIN {
        return Err(SealedRequestError::TooLarge);
    }
    plain.push(0x80);
    plain.resize(PLAIN, 0);
    let mut nonce = [0; NONCE];
    rng.fill_bytes(&mut nonce);
    let aad = aad(secret, office);
    let sealed = cipher(secret)
        .encrypt(&nonce.into(), Payload { msg: &plain, aad: &aad })
        .map_err(|_| SealedRequestError::TooLarge)?;
    Ok([nonce.as_slice(), &sealed].concat())
}

/// Opens what [`seal_request`] made for this link. Whether its signer may ask, and whether the applicant is meant, the wallet checks next.
pub fn open_request(link: &Link, sealed: &[u8]) -> Result<SignedRequest, SealedRequestError> {
    let not_opened = SealedRequestError::NotOpened;
    if sealed.len() != SEALED_REQUEST {
        return Err(not_opened);
    }
    let (nonce, body) = sealed.split_first_chunk::<NONCE>().ok_or(SealedRequestError::NotOpened)?;
    let aad = aad(&link.secret, &link.office);
    let plain = cipher(&link.secret)
        .decrypt(&(*nonce).into(), Payload { msg: body, aad: &aad })
        .map(Zeroizing::new)
        .map_err(|_| SealedRequestError::NotOpened)?;
    let text = crate::padding::content(&plain).ok_or(not_opened)?;
    let waiting: Waiting = canonical::from_bytes(text)?;
    check(&link.office, &waiting.request)?;
    Ok(waiting.request)
}

fn check(office: &Name, request: &SignedRequest) -> Result<(), SealedRequestError> {
    request.signer()?;
    let found = &request.request.requester;
    if found == office {
        Ok(())
    } else {
        Err(SealedRequestError::OtherOffice { expected: office.clone(), found: found.clone() })
    }
}

fn cipher(secret: &LinkSecret) -> ChaCha20Poly1305 {
    let key = secret.key();
    ChaCha20Poly1305::new((&*key).into())
}

/// `"sealroot/1:sealed-request" ‖ 0x0a ‖ id ‖ office`.
fn aad(secret: &LinkSecret, office: &Name) -> Vec<u8> {
    [b"sealroot/1:sealed-request\n".as_slice(), &secret.request_id().0, office.as_str().as_bytes()].concat()
}
