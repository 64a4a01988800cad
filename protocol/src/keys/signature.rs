//! secp256k1 signatures of agencies, requesters and officers, as Ethereum makes them, and the port behind which their keys stand.

use crate::code::{Code, Coded};
use alloy_primitives::{Address, B256, Signature, U256};
use k256::ecdsa::SigningKey;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::fmt;

/// What signs for an address: a key in memory, a token, a key service.
///
/// What can't sign at once, such as a wallet of other software, needs no signer: the hash is prepared, signed elsewhere, and the
/// signature handed in.
pub trait Signer: Send + Sync {
    /// The address that it signs for.
    fn address(&self) -> Address;

    /// Signs a 32-byte hash, with s in the lower half.
    fn sign_unchecked(&self, hash: &B256) -> Result<EthereumSignature, SignerError>;

    /// Signs a hash, and checks who did: a token that holds another key signs nothing that leaves.
    fn sign(&self, hash: &B256) -> Result<EthereumSignature, SignerError> {
        let signature = self.sign_unchecked(hash)?;
        let (found, expected) = (signature.signer(hash)?, self.address());
        if found == expected { Ok(signature) } else { Err(SignerError::OtherKey { found, expected }) }
    }
}

/// Why there is no signature.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignerError {
    /// The key can't sign, or the signature has no canonical form.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// The token or service signs with another key than it says.
    #[error("{found} signed instead of {expected}")]
    OtherKey {
        /// Whose signature it is.
        found: Address,
        /// Whose it was to be.
        expected: Address,
    },
    /// The token or service doesn't sign now.
    #[error("the signer doesn't answer: {0}")]
    Unavailable(String),
}

impl Coded for SignerError {
    fn code(&self) -> Code {
        match self {
            Self::Signature(error) => error.code(),
            Self::OtherKey { .. } => Code::SignedByAnother,
            Self::Unavailable(_) => Code::SignerUnavailable,
        }
    }
}

/// A secp256k1 secret key. Zeroised when dropped.
#[derive(Clone)]
pub struct SecretSigningKey(SigningKey);

/// Why a key or signature is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// Zero or not less than the group order.
    #[error("not a secp256k1 secret key")]
    Key,
    /// Not 65 bytes r ‖ s ‖ v with v = 27 or 28 and s in the lower half.
    #[error(
        "not a canonical signature: expected 0x and 130 lower-case hexadecimal digits (r, s, v) with s in the lower half of the order and v = 27 or 28"
    )]
    Form,
    /// It recovers to no key.
    #[error("the signature recovers to no key")]
    Unrecoverable,
}

impl Coded for SignatureError {
    fn code(&self) -> Code {
        match self {
            Self::Key => Code::UnusableKey,
            Self::Form | Self::Unrecoverable => Code::SignatureMalformed,
        }
    }
}

impl SecretSigningKey {
    /// From 32 bytes.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, SignatureError> {
        SigningKey::from_slice(bytes).map(Self).map_err(|_| SignatureError::Key)
    }

    /// Its 32 bytes; the caller zeroises them.
    pub fn to_bytes(&self) -> [u8; 32] {
        self.0.to_bytes().into()
    }

    /// The Ethereum address that signs.
    pub fn address(&self) -> Address {
        Address::from_public_key(self.0.verifying_key())
    }
}

impl Signer for SecretSigningKey {
    fn address(&self) -> Address {
        self.address()
    }

    /// With RFC 6979's nonce.
    fn sign_unchecked(&self, hash: &B256) -> Result<EthereumSignature, SignerError> {
        let (signature, recovery) =
            self.0.sign_prehash_recoverable(hash.as_slice()).map_err(|_| SignatureError::Key)?;
        Ok(EthereumSignature(Signature::from((signature, recovery))))
    }
}

impl fmt::Debug for SecretSigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretSigningKey({})", self.address())
    }
}

/// A recoverable signature in its one canonical form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EthereumSignature(Signature);

/// Why a text is no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Not `0x` and 40 hexadecimal digits.
    #[error("an address is 0x and 40 hexadecimal digits")]
    Form,
    /// Written with capitals, and they aren't the checksum's.
    #[error("the address's checksum (EIP-55) is wrong: a digit was mistyped, or a capital changed")]
    Checksum,
}

impl Coded for AddressError {
    fn code(&self) -> Code {
        Code::BadAddress
    }
}

/// Reads an address as people copy it. Capitals are a checksum (EIP-55) and must be right; an address in lower case alone has none.
pub fn parse_address(text: &str) -> Result<Address, AddressError> {
    let digits = text.strip_prefix("0x").filter(|digits| digits.len() == 40).ok_or(AddressError::Form)?;
    let address: Address = digits.parse().map_err(|_| AddressError::Form)?;
    let capitals = digits.bytes().any(|digit| digit.is_ascii_uppercase());
    if capitals && address.to_checksum(None) != text { Err(AddressError::Checksum) } else { Ok(address) }
}

/// For texts that people write, a trust file say: [`parse_address`] within serde.
pub fn deserialize_address<'de, D: Deserializer<'de>>(d: D) -> Result<Address, D::Error> {
    parse_address(&String::deserialize(d)?).map_err(D::Error::custom)
}

/// A list of such.
pub fn deserialize_addresses<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<Address>, D::Error> {
    let texts = Vec::<String>::deserialize(d)?;
    texts.iter().map(|text| parse_address(text).map_err(D::Error::custom)).collect()
}

impl EthereumSignature {
    /// From r ‖ s ‖ v.
    pub fn from_bytes(bytes: &[u8; 65]) -> Result<Self, SignatureError> {
        let (r, s) = (U256::from_be_slice(&bytes[..32]), U256::from_be_slice(&bytes[32..64]));
        let parity = match bytes[64] {
            27 => false,
            28 => true,
            _ => return Err(SignatureError::Form),
        };
        let signature = Signature::new(r, s, parity);
        if signature.normalize_s().is_some() { Err(SignatureError::Form) } else { Ok(Self(signature)) }
    }

    /// r ‖ s ‖ v.
    pub fn to_bytes(&self) -> [u8; 65] {
        self.0.as_bytes()
    }

    /// The address whose key signed `hash`. What that address may do is for the caller to check.
    pub fn signer(&self, hash: &B256) -> Result<Address, SignatureError> {
        self.0.recover_address_from_prehash(hash).map_err(|_| SignatureError::Unrecoverable)
    }
}
impl Serialize for EthereumSignature {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&format!("0x{}", hex::encode(self.to_bytes())))
    }
}
impl<'de> Deserialize<'de> for EthereumSignature {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        let bytes =
            text.strip_prefix("0x").and_then(|t| hex::decode(t).ok()).and_then(|b| <[u8; 65]>::try_from(b).ok());
        let signature = bytes.ok_or(SignatureError::Form).and_then(|b| Self::from_bytes(&b));
        signature
            .ok()
            .filter(|s| format!("0x{}", hex::encode(s.to_bytes())) == text)
            .ok_or_else(|| serde::de::Error::custom(SignatureError::Form))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// A token with another key in it than its configuration says.
    struct Mistaken(SecretSigningKey);

    impl Signer for Mistaken {
        fn address(&self) -> Address {
            Address::repeat_byte(1)
        }
        fn sign_unchecked(&self, hash: &B256) -> Result<EthereumSignature, SignerError> {
            self.0.sign_unchecked(hash)
        }
    }

    #[test]
    fn a_signer_with_another_key_signs_nothing() {
        let key = SecretSigningKey::from_bytes(&[7; 32]).unwrap();
        let (hash, found) = (B256::repeat_byte(2), key.address());
        assert_eq!(key.sign(&hash).unwrap().signer(&hash), Ok(found));
        let expected = Address::repeat_byte(1);
        assert_eq!(Mistaken(key).sign(&hash), Err(SignerError::OtherKey { found, expected }));
    }

    /// Vectors of EIP-55 itself; each with one capital changed is refused.
    #[test]
    fn capitals_of_an_address_are_its_checksum() {
        for text in [
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
            "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
            "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
            "0x52908400098527886E0F7030069857D2E4169EE7",
        ] {
            let address = parse_address(text).unwrap();
            assert_eq!(parse_address(&text.to_lowercase()), Ok(address));
            for (i, digit) in text.char_indices().skip(2).filter(|(_, digit)| digit.is_ascii_alphabetic()) {
                let other =
                    if digit.is_ascii_lowercase() { digit.to_ascii_uppercase() } else { digit.to_ascii_lowercase() };
                let changed = format!("{}{other}{}", &text[..i], &text[i + 1..]);
                if changed != text.to_lowercase() {
                    assert_eq!(parse_address(&changed), Err(AddressError::Checksum), "{changed}");
                }
            }
            let upper = format!("0x{}", text[2..].to_uppercase());
            assert_eq!(parse_address(&upper).is_ok(), upper == text);
            for bad in
                [&text[2..], &text[..41], &format!("{text}0"), &text.replacen("0x", "0X", 1), &format!(" {text}")]
            {
                assert_eq!(parse_address(bad), Err(AddressError::Form), "{bad}");
            }
        }
    }
}
