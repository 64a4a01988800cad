//! Mailboxes and keys: where an envelope goes, and which key opens it.
//!
//! Guarantee: a mailbox's id is the hash of its read token, so that a sender, who knows the id, can neither read nor acknowledge.
//! Non-guarantee: the post sees which mailbox gets how much, and when.

use crate::sealing;
use rand::CryptoRng;
use sealroot_handover::{RecipientKey, RecipientSecret};
use sealroot_protocol::field::Digest;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use sha2::{Digest as _, Sha256};
use std::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// 32 random bytes that let their owner read a mailbox and acknowledge. Zeroised when dropped, never printed.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct MailboxToken([u8; 32]);

impl MailboxToken {
    /// A fresh one.
    pub fn random(rng: &mut impl CryptoRng) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        rng.fill_bytes(bytes.as_mut_slice());
        Self(*bytes)
    }

    /// From 32 bytes that the caller zeroises.
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(*bytes)
    }

    /// Its bytes, for the post alone.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// The mailbox that it reads: SHA-256 of the token.
    pub fn mailbox(&self) -> MailboxId {
        MailboxId(Digest(Sha256::digest(self.0).into()))
    }
}
impl fmt::Debug for MailboxToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MailboxToken(…)")
    }
}

/// A mailbox, as senders know it; `0x` and 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MailboxId(pub Digest);

impl fmt::Display for MailboxId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Which key an envelope is sealed to: the first 16 bytes of `SHA-256("sealroot/1:hpke-key" ‖ key)`, written `0x` and 32 lower-case hexadecimal digits.
///
/// It follows from the key, so no card can give one id to two keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId([u8; 16]);

impl KeyId {
    /// The id of a key.
    pub fn of(key: &RecipientKey) -> Self {
        let hash: [u8; 32] = Sha256::new().chain_update(b"sealroot/1:hpke-key").chain_update(key.0).finalize().into();
        let mut id = [0; 16];
        id.copy_from_slice(&hash[..16]);
        Self(id)
    }
}
impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{}", hex::encode(self.0))
    }
}
impl Serialize for KeyId {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for KeyId {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        let bytes = text.strip_prefix("0x").and_then(|digits| hex::decode(digits).ok());
        let id = bytes.and_then(|bytes| bytes.try_into().ok()).map(Self);
        id.filter(|id| id.to_string() == text)
            .ok_or_else(|| D::Error::custom("a key's id is 0x and 32 lower-case hexadecimal digits"))
    }
}

/// Where an answer goes: a mailbox and a key that the asker made for it alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReturnAddress {
    /// The mailbox.
    pub mailbox: MailboxId,
    /// The key.
    pub key: RecipientKey,
}

impl ReturnAddress {
    /// As the recipient of a reply.
    pub fn recipient(&self) -> Recipient {
        Recipient { mailbox: self.mailbox, key: self.key, until: None }
    }
}

/// The mailbox and key that an envelope is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recipient {
    /// The mailbox.
    pub mailbox: MailboxId,
    /// The key.
    pub key: RecipientKey,
    /// The key's last second in Unix time; none for a return address, whose owner keeps the key as long as answers may come.
    pub until: Option<u64>,
}

/// A mailbox and one secret key of it, as its owner has them.
#[derive(Debug, Clone)]
pub struct OwnKey {
    /// The mailbox.
    pub mailbox: MailboxId,
    /// The key.
    pub secret: RecipientSecret,
    /// The key's last second in Unix time; none for a return address.
    pub until: Option<u64>,
}

impl OwnKey {
    /// A fresh key for a return address.
    pub fn random(mailbox: MailboxId, rng: &mut impl CryptoRng) -> Self {
        Self { mailbox, secret: sealing::new_key(rng), until: None }
    }

    /// As senders know it.
    pub fn recipient(&self) -> Recipient {
        Recipient { mailbox: self.mailbox, key: self.secret.public(), until: self.until }
    }

    /// As it stands in a claim or message.
    pub fn return_address(&self) -> ReturnAddress {
        ReturnAddress { mailbox: self.mailbox, key: self.secret.public() }
    }

    /// The id by which an envelope names the key.
    pub fn id(&self) -> KeyId {
        KeyId::of(&self.secret.public())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// SHA-256 of 32 zero bytes, as any implementation gives it.
    #[test]
    fn a_mailbox_is_the_hash_of_its_token() {
        let token = MailboxToken::from_bytes(&[0; 32]);
        let expected = "0x66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925";
        assert_eq!(token.mailbox().to_string(), expected);
        assert_eq!(format!("{token:?}"), "MailboxToken(…)");
    }

    #[test]
    fn an_id_of_a_key_has_one_spelling() {
        let id = KeyId::of(&RecipientKey([7; 32]));
        let read = |text: &str| serde_json::from_value::<KeyId>(text.into()).ok();
        let text = id.to_string();
        assert_eq!(read(&text), Some(id));
        assert_ne!(id, KeyId::of(&RecipientKey([8; 32])));
        for other in [text.to_uppercase(), text[2..].into(), format!("{text}00"), text[..32].into()] {
            assert_eq!(read(&other), None, "{other}");
        }
    }
}
