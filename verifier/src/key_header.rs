//! The header that every key file begins with, verifying and proving keys alike.
//!
//! Guarantee: a file of another kind, version, suite or shape, or with surplus fields, is rejected before any point is read.
//! The header is inside the hash that pins the file, so the insecure mark can't be removed unnoticed.

use sealroot_protocol::canonical::SUITE;
use sealroot_protocol::field::Digest;
use sealroot_protocol::machine::Shape;

const MAGIC: &[u8; 8] = b"sealroot";
const VERSION: u16 = 1;

/// What a key file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// A universal verifying key.
    Verifying,
    /// A proving key.
    Proving,
}

/// Whether keys whose setup nobody should rely on are accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeySecurity {
    /// Reject keys marked as made by an insecure setup. What production uses.
    ProductionOnly,
    /// Also accept insecure keys: the person who ran their setup can forge every proof. For demonstrations and tests.
    AllowInsecure,
}

/// The decoded header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyHeader {
    /// What follows.
    pub kind: KeyKind,
    /// The circuit's shape.
    pub shape: Shape,
    /// True if one party knew the setup's secrets.
    pub insecure: bool,
    /// SHA-256 of the constraint matrices that the key was made for.
    pub circuit: Digest,
}

/// Why a key file is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// Not a key file of the expected kind.
    #[error("not a {0} key file")]
    Magic(&'static str),
    /// A version this software doesn't know.
    #[error("key file version {0} is not supported; this software reads version {VERSION}")]
    Version(u16),
    /// Another suite.
    #[error("the key file is not of suite {SUITE}")]
    Suite,
    /// A shape this software doesn't know.
    #[error("the key file is of a shape that this software doesn't know")]
    Shape,
    /// Flag bits that have no meaning.
    #[error("unknown flags {0:#04x} in the key file")]
    Flags(u8),
    /// Made by a setup whose secrets one party knew, and not explicitly allowed.
    #[error(
        "the key is marked insecure: its maker can forge proofs; use a ceremony's key, or allow insecure keys explicitly"
    )]
    Insecure,
}

impl KeyHeader {
    /// The header's bytes: magic, kind, version (u16), suite and shape name (length u8, ASCII), flags (u8), circuit digest (32).
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        out.extend(MAGIC);
        out.push(kind_code(self.kind));
        out.extend(VERSION.to_be_bytes());
        push_text(&mut out, SUITE);
        push_text(&mut out, self.shape.name());
        out.push(u8::from(self.insecure));
        out.extend(self.circuit.0);
        out
    }

    /// Reads the header of a file of `kind` and returns what follows it.
    pub fn decode(bytes: &[u8], kind: KeyKind, security: KeySecurity) -> Result<(Self, &[u8]), HeaderError> {
        let not_a_key = HeaderError::Magic(kind_name(kind));
        let rest = bytes.strip_prefix(MAGIC).and_then(|rest| rest.strip_prefix(&[kind_code(kind)])).ok_or(not_a_key)?;
        let (version, rest) = rest.split_first_chunk().ok_or(not_a_key)?;
        let version = u16::from_be_bytes(*version);
        if version != VERSION {
            return Err(HeaderError::Version(version));
        }
        let rest = strip_text(rest, SUITE).ok_or(HeaderError::Suite)?;
        let known = |shape: Shape| strip_text(rest, shape.name()).map(|rest| (shape, rest));
        let (shape, rest) = Shape::ALL.into_iter().find_map(known).ok_or(HeaderError::Shape)?;
        let ([flags], rest) = rest.split_first_chunk().ok_or(not_a_key)?;
        let (circuit, rest) = rest.split_first_chunk().ok_or(not_a_key)?;
        let insecure = match flags {
            0 => false,
            1 => true,
            other => return Err(HeaderError::Flags(*other)),
        };
        if insecure && security == KeySecurity::ProductionOnly {
            return Err(HeaderError::Insecure);
        }
        Ok((Self { kind, shape, insecure, circuit: Digest(*circuit) }, rest))
    }
}

fn push_text(out: &mut Vec<u8>, text: &str) {
    out.push(text.len() as u8);
    out.extend(text.as_bytes());
}

fn strip_text<'a>(bytes: &'a [u8], text: &str) -> Option<&'a [u8]> {
    bytes.strip_prefix(&[text.len() as u8])?.strip_prefix(text.as_bytes())
}

fn kind_code(kind: KeyKind) -> u8 {
    match kind {
        KeyKind::Verifying => b'v',
        KeyKind::Proving => b'p',
    }
}

fn kind_name(kind: KeyKind) -> &'static str {
    match kind {
        KeyKind::Verifying => "verifying",
        KeyKind::Proving => "proving",
    }
}
