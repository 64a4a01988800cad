//! HPKE (RFC 9180) with one suite: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305, the suite of every sealed record.
//!
//! Guarantee: one sealing uses one context once (sequence number 0), so that no nonce repeats. In PSK mode the sender is somebody who has the psk.
//! Non-guarantee: base mode has no sender at all.

use hpke::{
    Deserializable, Kem as _, OpModeR, OpModeS, PskBundle, Serializable, aead::ChaCha20Poly1305, kdf::HkdfSha256,
    kem::X25519HkdfSha256 as Kem, setup_receiver, setup_sender_with_rng,
};
use rand::CryptoRng;
use sealroot_handover::{
    RecipientKey, RecipientSecret,
    transfer::{NotOpened, UnusableKey},
};
use zeroize::Zeroizing;

/// Bytes of an encapsulated key.
pub const ENCAPSULATED: usize = 32;
/// Bytes by which a ciphertext is longer than its plaintext.
pub const TAG: usize = 16;

type PublicKey = <Kem as hpke::Kem>::PublicKey;
type PrivateKey = <Kem as hpke::Kem>::PrivateKey;
type EncappedKey = <Kem as hpke::Kem>::EncappedKey;

/// A key that both sides know beforehand, and how it is called.
pub(crate) struct Psk<'a> {
    pub secret: &'a [u8; 32],
    pub id: &'a [u8],
}

impl Psk<'_> {
    fn bundle(&self) -> Option<PskBundle<'_>> {
        PskBundle::new(self.secret, self.id).ok()
    }
}

/// What sealing gives: encapsulated key and ciphertext, and the exported secret.
pub(crate) struct Sealed {
    pub encapsulated: [u8; ENCAPSULATED],
    pub body: Vec<u8>,
    pub exported: Zeroizing<[u8; 32]>,
}

/// What opening gives: the plaintext, and the exported secret.
pub(crate) struct Opened {
    pub plaintext: Zeroizing<Vec<u8>>,
    pub exported: Zeroizing<[u8; 32]>,
}

/// Seals in base mode, or with a psk in PSK mode, and exports 32 bytes under `export`. A recipient's key of small order is refused (RFC 9180, section 7.1.4).
pub(crate) fn seal(
    recipient: &RecipientKey,
    psk: Option<&Psk<'_>>,
    context: &Context<'_>,
    plaintext: &[u8],
    rng: &mut impl CryptoRng,
) -> Result<Sealed, UnusableKey> {
    let key = PublicKey::from_bytes(&recipient.0).map_err(|_| UnusableKey)?;
    let mode = match psk {
        None => OpModeS::Base,
        Some(psk) => OpModeS::Psk(psk.bundle().ok_or(UnusableKey)?),
    };
    let (encapsulated, mut sender) =
        setup_sender_with_rng::<ChaCha20Poly1305, HkdfSha256, Kem>(&mode, &key, context.info, rng)
            .map_err(|_| UnusableKey)?;
    let body = sender.seal(plaintext, context.aad).map_err(|_| UnusableKey)?;
    let mut exported = Zeroizing::new([0; 32]);
    sender.export(context.export, exported.as_mut_slice()).map_err(|_| UnusableKey)?;
    Ok(Sealed { encapsulated: encapsulated.to_bytes().into(), body, exported })
}

/// Opens what [`seal`] made, and exports the same secret.
pub(crate) fn open(
    secret: &RecipientSecret,
    psk: Option<&Psk<'_>>,
    context: &Context<'_>,
    encapsulated: &[u8; ENCAPSULATED],
    body: &[u8],
) -> Result<Opened, NotOpened> {
    let secret = PrivateKey::from_bytes(secret.to_bytes().as_slice()).map_err(|_| NotOpened)?;
    let encapsulated = EncappedKey::from_bytes(encapsulated).map_err(|_| NotOpened)?;
    let mode = match psk {
        None => OpModeR::Base,
        Some(psk) => OpModeR::Psk(psk.bundle().ok_or(NotOpened)?),
    };
    let mut receiver = setup_receiver::<ChaCha20Poly1305, HkdfSha256, Kem>(&mode, &secret, &encapsulated, context.info)
        .map_err(|_| NotOpened)?;
    let plaintext = receiver.open(body, context.aad).map(Zeroizing::new).map_err(|_| NotOpened)?;
    let mut exported = Zeroizing::new([0; 32]);
    receiver.export(context.export, exported.as_mut_slice()).map_err(|_| NotOpened)?;
    Ok(Opened { plaintext, exported })
}

/// What a sealing is bound to beside its key.
pub(crate) struct Context<'a> {
    /// HPKE's `info`.
    pub info: &'a [u8],
    /// HPKE's `aad`.
    pub aad: &'a [u8],
    /// HPKE's `exporter_context`.
    pub export: &'a [u8],
}

/// A secret key from a generator: DeriveKeyPair (RFC 9180, section 7.1.3) of 32 random bytes.
pub fn new_key(rng: &mut impl CryptoRng) -> RecipientSecret {
    let bytes = Zeroizing::new(<[u8; 32]>::from(Kem::gen_keypair_with_rng(rng).0.to_bytes()));
    #[expect(clippy::expect_used, reason = "an X25519 secret key is any 32 bytes (RFC 7748, section 5)")]
    RecipientSecret::from_bytes(&bytes).expect("32 bytes")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::convert::Infallible;

    /// A generator that gives the bytes of a published vector, and nothing after them.
    struct Given(Vec<u8>);

    impl rand::TryRng for Given {
        type Error = Infallible;
        fn try_next_u32(&mut self) -> Result<u32, Infallible> {
            unreachable!("HPKE asks for bytes")
        }
        fn try_next_u64(&mut self) -> Result<u64, Infallible> {
            unreachable!("HPKE asks for bytes")
        }
        fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
            let rest = self.0.split_off(out.len());
            out.copy_from_slice(&self.0);
            self.0 = rest;
            Ok(())
        }
    }
    impl rand::TryCryptoRng for Given {}

    fn bytes<const N: usize>(text: &str) -> [u8; N] {
        hex::decode(text).unwrap().try_into().unwrap()
    }

    struct Published {
        psk: Option<(&'static str, &'static str)>,
        ephemeral: &'static str,
        secret: &'static str,
        public: &'static str,
        encapsulated: &'static str,
        body: &'static str,
        exported: [&'static str; 3],
    }

    /// RFC 9180, appendix A.2.1 (base) and A.2.2 (PSK): DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20Poly1305, sequence number 0, with all exported values.
    const RFC_9180: [Published; 2] = [
        Published {
            psk: None,
            ephemeral: "909a9b35d3dc4713a5e72a4da274b55d3d3821a37e5d099e74a647db583a904b",
            secret: "8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb",
            public: "4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a",
            encapsulated: "1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a",
            body: "1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28",
            exported: [
                "4bbd6243b8bb54cec311fac9df81841b6fd61f56538a775e7c80a9f40160606e",
                "8c1df14732580e5501b00f82b10a1647b40713191b7c1240ac80e2b68808ba69",
                "5acb09211139c43b3090489a9da433e8a30ee7188ba8b0a9a1ccf0c229283e53",
            ],
        },
        Published {
            psk: Some((
                "0247fd33b913760fa1fa51e1892d9f307fbe65eb171e8132c2af18555a738b82",
                "456e6e796e20447572696e206172616e204d6f726961",
            )),
            ephemeral: "35706a0b09fb26fb45c39c2f5079c709c7cf98e43afa973f14d88ece7e29c2e3",
            secret: "77d114e0212be51cb1d76fa99dd41cfd4d0166b08caa09074430a6c59ef17879",
            public: "13640af826b722fc04feaa4de2f28fbd5ecc03623b317834e7ff4120dbe73062",
            encapsulated: "2261299c3f40a9afc133b969a97f05e95be2c514e54f3de26cbe5644ac735b04",
            body: "4a177f9c0d6f15cfdf533fb65bf84aecdc6ab16b8b85b4cf65a370e07fc1d78d28fb073214525276f4a89608ff",
            exported: [
                "813c1bfc516c99076ae0f466671f0ba5ff244a41699f7b2417e4c59d46d39f40",
                "2745cf3d5bb65c333658732954ee7af49eb895ce77f8022873a62a13c94cb4e1",
                "ad40e3ae14f21c99bfdebc20ae14ab86f4ca2dc9a4799d200f43a25f99fa78ae",
            ],
        },
    ];

    const TEXT: &[u8] = b"Beauty is truth, truth beauty";

    #[test]
    fn rfc_9180_known_answers() {
        let info = hex::decode("4f6465206f6e2061204772656369616e2055726e").unwrap();
        let contexts: [&[u8]; 3] = [b"", b"\0", b"TestContext"];
        for vector in RFC_9180 {
            let secret = RecipientSecret::from_bytes(&bytes(vector.secret)).unwrap();
            assert_eq!(hex::encode(secret.public().0), vector.public);
            let psk = vector.psk.map(|(psk, id)| (bytes(psk), hex::decode(id).unwrap()));
            let psk = psk.as_ref().map(|(secret, id)| Psk { secret, id });
            for (export, expected) in contexts.iter().zip(vector.exported) {
                let mut rng = Given(hex::decode(vector.ephemeral).unwrap());
                let context = Context { info: &info, aad: b"Count-0", export };
                let sealed = seal(&secret.public(), psk.as_ref(), &context, TEXT, &mut rng).unwrap();
                assert_eq!(hex::encode(sealed.encapsulated), vector.encapsulated);
                assert_eq!(hex::encode(&sealed.body), vector.body);
                assert_eq!(hex::encode(*sealed.exported), expected);
                let opened = open(&secret, psk.as_ref(), &context, &sealed.encapsulated, &sealed.body).unwrap();
                assert_eq!((opened.plaintext.as_slice(), hex::encode(*opened.exported)), (TEXT, expected.to_owned()));
            }
        }
    }
}
