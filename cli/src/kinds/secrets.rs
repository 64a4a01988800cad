//! Files that hold secrets. What is secret in them is never shown.

use super::Found;
use crate::secret;
use sealroot_protocol::applicant::CaseSecret;
use sealroot_vault::ring_head;
use sealroot_wallet::{Seed, history::entries_in, sealed::public_key_in};

/// What is said instead of the secret.
const SECRET: &str = "yes: keep it where only its owner reads it";

pub(super) fn identify(bytes: &[u8]) -> Option<Found> {
    wallet(bytes).or_else(|| keyring(bytes)).or_else(|| history(bytes)).or_else(|| lines(bytes)).or_else(|| raw(bytes))
}

fn wallet(bytes: &[u8]) -> Option<Found> {
    let key = public_key_in(bytes).ok()?;
    let point = key.point();
    let hex = sealroot_protocol::field::to_hex;
    Some(
        Found::new("wallet")
            .text("public key x", hex(point.x()))
            .text("public key y", hex(point.y()))
            .text("fingerprint", key.fingerprint())
            .text("secret", "sealed under a passphrase"),
    )
}

fn keyring(bytes: &[u8]) -> Option<Found> {
    let (agency, lock) = ring_head(bytes)?;
    Some(Found::new("key ring of a vault").text("agency", agency).text("locked by", lock))
}

fn history(bytes: &[u8]) -> Option<Found> {
    let entries = entries_in(bytes)?;
    Some(Found::new("history of a wallet").number("entries", entries).text("contents", "sealed to the wallet"))
}

/// One line of text, with either line ending.
fn lines(bytes: &[u8]) -> Option<Found> {
    let text = std::str::from_utf8(bytes).ok()?;
    let line = secret::line(text);
    if let Some(key) = secret::signing_key_of(line) {
        return Some(Found::new("signing key").text("address", key.address()).text("secret", SECRET));
    }
    if let Some(key) = secret::recipient_key_of(line) {
        return Some(Found::new("recipient key").text("public key", key.public()).text("secret", SECRET));
    }
    if CaseSecret::from_text(line).is_some() {
        let what = "shared by office and applicant, and by nobody else";
        return Some(Found::new("case secret").text("secret", what));
    }
    Seed::from_phrase(text).ok().map(|_| Found::new("recovery phrase").text("secret", SECRET))
}

/// Bytes tell nothing about themselves.
fn raw(bytes: &[u8]) -> Option<Found> {
    let what = "the master key of a vault, or the subject key that agencies share";
    (bytes.len() == 32).then(|| Found::new("key of 32 bytes").text("may be", what).text("secret", SECRET))
}
