//! RFC 8785 canonical JSON and the digests of documents.

use crate::code::{Code, Coded};
use crate::field::Digest;
use crate::parser_words::plain;
use crate::printable::quoted;
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest as _, Sha256};

/// The one suite of this version; every artefact carries it, so that a later suite can live beside this one.
pub const SUITE: &str = "sealroot-bn254-poseidon-groth16/1";

/// A field that says the suite: serialises to [`SUITE`] and reads nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Suite;

impl Serialize for Suite {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(SUITE)
    }
}
impl<'de> serde::Deserialize<'de> for Suite {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        if text == SUITE {
            Ok(Self)
        } else {
            Err(serde::de::Error::custom(format!(
                "suite {} is not supported; this version reads {}",
                quoted(text),
                quoted(SUITE)
            )))
        }
    }
}

/// Kinds of documents that have a digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Record schema.
    Schema,
    /// Policy manifest.
    Policy,
    /// Program.
    Program,
    /// Bundle without its evidence.
    Bundle,
    /// Release of a record, without its signature.
    Release,
    /// Head of a sealed record, as its agency vouches for it.
    Voucher,
    /// Why an office lowered an approval.
    Reduction,
    /// How an organisation is reached.
    ServiceCard,
    /// What a wallet believes in.
    TrustCard,
    /// What a holder sends to a prover, without its signature.
    Claim,
    /// Head of a signed message, without its signature.
    Message,
    /// What a signed message says.
    Body,
    /// What an organisation signs that it did.
    Receipt,
}

impl Kind {
    /// Every kind, for exhaustive tests.
    pub const ALL: [Self; 13] = [
        Self::Schema,
        Self::Policy,
        Self::Program,
        Self::Bundle,
        Self::Release,
        Self::Voucher,
        Self::Reduction,
        Self::ServiceCard,
        Self::TrustCard,
        Self::Claim,
        Self::Message,
        Self::Body,
        Self::Receipt,
    ];

    const fn text(self) -> &'static str {
        match self {
            Self::Schema => "schema",
            Self::Policy => "policy",
            Self::Program => "program",
            Self::Bundle => "bundle",
            Self::Release => "release",
            Self::Voucher => "voucher",
            Self::Reduction => "reduction",
            Self::ServiceCard => "service-card",
            Self::TrustCard => "trust-card",
            Self::Claim => "claim",
            Self::Message => "message",
            Self::Body => "body",
            Self::Receipt => "receipt",
        }
    }
}

/// A document could not be written or is not in canonical form.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// Not JSON of this type.
    #[error("not a valid document: line {}, column {}: {}", .0.line(), .0.column(), plain(&.0.to_string()))]
    Json(#[from] serde_json::Error),
    /// The same document in other bytes: spaces, key order, escapes or numbers differ.
    #[error("the document is not in canonical form (RFC 8785)")]
    NotCanonical,
}

impl Coded for DocumentError {
    fn code(&self) -> Code {
        Code::BadDocument
    }
}

/// The canonical bytes of a document.
pub fn to_bytes(document: &impl Serialize) -> Result<Vec<u8>, DocumentError> {
    Ok(serde_json_canonicalizer::to_vec(document)?)
}

/// Reads canonical bytes and nothing else: one document has one file.
pub fn from_bytes<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> Result<T, DocumentError> {
    let document: T = serde_json::from_slice(bytes)?;
    if to_bytes(&document)? == bytes { Ok(document) } else { Err(DocumentError::NotCanonical) }
}

/// The canonical bytes of an object whose members' values are written already. Names are plain: lower-case letters, digits and `_`.
pub(crate) fn object(mut members: Vec<(&'static str, Vec<u8>)>) -> Vec<u8> {
    members.sort_by_key(|(name, _)| *name);
    let members: Vec<_> =
        members.into_iter().map(|(name, value)| [b"\"", name.as_bytes(), b"\":", &value].concat()).collect();
    [b"{", members.join(&b',').as_slice(), b"}"].concat()
}

/// `SHA-256("sealroot/1:" ‖ kind ‖ "\n" ‖ canonical JSON)`.
pub fn digest(kind: Kind, document: &impl Serialize) -> Result<Digest, DocumentError> {
    Ok(digest_of_bytes(kind, &to_bytes(document)?))
}

/// The same of a document's canonical bytes.
pub(crate) fn digest_of_bytes(kind: Kind, bytes: &[u8]) -> Digest {
    let mut hash = Sha256::new();
    hash.update(b"sealroot/1:");
    hash.update(kind.text());
    hash.update(b"\n");
    hash.update(bytes);
    Digest(hash.finalize().into())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::{Value, json};

    /// RFC 8785, section 3.2.2 (example) and 3.2.3 (sorting of property names).
    #[test]
    fn rfc_8785_vectors() {
        let input: Value = serde_json::from_str(
            r#"{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}"#,
        )
        .unwrap();
        let expected = r#"{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}"#;
        assert_eq!(String::from_utf8(to_bytes(&input).unwrap()).unwrap(), expected);
        let sorting: Value = serde_json::from_str(
            r#"{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}"#,
        )
        .unwrap();
        let text = String::from_utf8(to_bytes(&sorting).unwrap()).unwrap();
        let order = ["Carriage", "One", "Control", "Latin", "Euro", "Emoji", "Hebrew"];
        let positions: Vec<_> = order.iter().map(|word| text.find(word).unwrap()).collect();
        assert!(positions.is_sorted(), "{text}");
    }

    #[test]
    fn only_canonical_bytes_are_read() {
        assert!(from_bytes::<Value>(br#"{"a":1,"b":2}"#).is_ok());
        for other in [r#"{"b":2,"a":1}"#, r#"{"a": 1,"b":2}"#, r#"{"a":1.0,"b":2}"#, "{\"a\":1,\"b\":2}\n"] {
            assert!(matches!(from_bytes::<Value>(other.as_bytes()), Err(DocumentError::NotCanonical)), "{other}");
        }
        assert!(from_bytes::<Value>(br#"{"a":1}x"#).is_err());
    }

    #[test]
    fn kinds_separate_digests() {
        // A further kind doesn't compile here until it is in the list.
        let place = |kind: Kind| match kind {
            Kind::Schema => 0,
            Kind::Policy => 1,
            Kind::Program => 2,
            Kind::Bundle => 3,
            Kind::Release => 4,
            Kind::Voucher => 5,
            Kind::Reduction => 6,
            Kind::ServiceCard => 7,
            Kind::TrustCard => 8,
            Kind::Claim => 9,
            Kind::Message => 10,
            Kind::Body => 11,
            Kind::Receipt => 12,
        };
        for (i, kind) in Kind::ALL.into_iter().enumerate() {
            assert_eq!(place(kind), i);
            let own = digest(kind, &json!({})).unwrap();
            for other in &Kind::ALL[i + 1..] {
                assert_ne!(own, digest(*other, &json!({})).unwrap(), "{kind:?} and {other:?}");
            }
            // No kind's text begins with another's, so that no text and document together read as those of another kind.
            assert!(Kind::ALL.iter().all(|other| *other == kind || !kind.text().starts_with(other.text())), "{kind:?}");
            assert_ne!(own, Digest(Sha256::digest(b"{}").into()), "{kind:?} adds nothing");
        }
        assert!(serde_json::from_str::<Suite>("\"sealroot-bn254-poseidon-groth16/2\"").is_err());
    }
}
