//! A prover takes no record that was not released to that prover for this request, no matter who sealed it: HPKE has no sender.

use crate::{
    household::{country, release, releases, source},
    office::{Country, args},
};
use sealroot_handover::{
    sealed_record::SealedRecord,
    transfer::{self, RecipientSecret},
};
use sealroot_protocol::{
    canonical,
    release::{CLOCKS, SignedRelease},
    request::SignedRequest,
};
use sealroot_wallet::{Passphrase, SecretKey, Wallet};
use serde_json::Value;
use std::path::Path;

/// Of every wallet.
const PASSPHRASE: &str = "a passphrase for tests only";
const INFO: &[u8] = b"sealroot/1:release";

fn prover(country: &Country) -> RecipientSecret {
    let text = std::fs::read_to_string(country.path("prover.key")).unwrap();
    let digits = text.trim().strip_prefix("x25519:0x").unwrap();
    RecipientSecret::from_bytes(&hex::decode(digits).unwrap().try_into().unwrap()).unwrap()
}

fn read(file: &str) -> SealedRecord {
    canonical::from_bytes(&std::fs::read(file).unwrap()).unwrap()
}

/// Opens a sealed record as its recipient, changes it, and seals it again for the same recipient.
fn sealed_again(country: &Country, file: &str, change: impl FnOnce(&mut SealedRecord, &mut Value)) -> String {
    let secret = prover(country);
    let head = |file: &SealedRecord| canonical::to_bytes(&SealedRecord { sealed: Vec::new(), ..file.clone() }).unwrap();
    let mut sealed = read(file);
    let plain = transfer::open(&secret, INFO, &head(&sealed), &sealed.sealed).unwrap();
    let mut contents = serde_json::from_slice(&plain).unwrap();
    change(&mut sealed, &mut contents);
    let plain = serde_json::to_vec(&contents).unwrap();
    sealed.sealed = transfer::seal_to(&secret.public(), INFO, &head(&sealed), &plain).unwrap();
    let out = format!("{file}.again");
    std::fs::write(&out, canonical::to_bytes(&sealed).unwrap()).unwrap();
    out
}

fn authorisation(contents: &Value) -> SignedRelease {
    serde_json::from_value(contents["authorisation"].clone()).unwrap()
}

/// Records that were opened for one claim, sealed for another: their holders released nothing for it.
#[test]
fn a_record_that_nobody_released_for_this_request_proves_nothing() {
    let country = country();
    country.open("first", "support", "ann");
    let files = releases(&country, "first");
    country.open("second", "support", "ann");
    let other = {
        let file = release(&country, "second", "bo", "tax-office", None);
        canonical::from_bytes::<SignedRelease>(&std::fs::read(file.replace("sealed", "release")).unwrap()).unwrap()
    };
    let refused = |case: &str, file: &str| {
        let source = source(&country, &[file.to_owned()]);
        country.refused(&args(&country.prove(case, "living", &args(&source))))
    };
    let (own, of_child) = (1, 2);
    // Bo's record from the first claim for the second: Bo signed for the first.
    let moved = sealed_again(&country, &files[own], |_, _| {});
    assert_eq!(refused("second", &moved), "released-for-another-request");
    let moved = sealed_again(&country, &files[own], |sealed, contents| {
        let mut signed = authorisation(contents);
        (signed.release.request, signed.release.scope) = (other.release.request, other.release.scope);
        sealed.release = signed.release.digest().unwrap();
        contents["authorisation"] = serde_json::to_value(&signed).unwrap();
    });
    assert_eq!(refused("second", &moved), "release-signature");
    // Signed by the thief.
    let thief = SecretKey::from_uniform_bytes(&[9; 64]).unwrap();
    let signed_by_thief = |sealed: &mut SealedRecord, contents: &mut Value, request| {
        let mut release = authorisation(contents).release;
        (release.request, release.signer) = (request, thief.public_key());
        let signed = thief.sign_release(release, [1; 32]).unwrap();
        sealed.release = signed.release.digest().unwrap();
        contents["authorisation"] = serde_json::to_value(&signed).unwrap();
    };
    let turned = sealed_again(&country, &files[own], |s, c| signed_by_thief(s, c, other.release.request));
    assert_eq!(refused("second", &turned), "release-signer");
    // Signed by Bo, dated back before the request was made: a key that counts no more could have vouched for it.
    let wallet = Wallet::open(Path::new(&country.wallet("bo")), &Passphrase::new(PASSPHRASE.into()).unwrap()).unwrap();
    let request: SignedRequest =
        canonical::from_bytes(&std::fs::read(country.path("first.request.json")).unwrap()).unwrap();
    let early = sealed_again(&country, &files[own], |sealed, contents| {
        let mut release = authorisation(contents).release;
        release.not_before = request.request.not_before - CLOCKS - 1;
        release.expiry = release.not_before + 86_400;
        let signed = wallet.secret_key().sign_release(release, [2; 32]).unwrap();
        sealed.release = signed.release.digest().unwrap();
        contents["authorisation"] = serde_json::to_value(&signed).unwrap();
    });
    assert_eq!(refused("first", &early), "release-before-request");
    // Lin's record has no key in it: the agency's key must vouch for every signer, and for this very release.
    let turned = sealed_again(&country, &files[of_child], |sealed, contents| {
        let request = authorisation(contents).release.request;
        signed_by_thief(sealed, contents, request);
    });
    let all = [&files[..of_child], &[turned], &files[of_child + 1..]].concat();
    let prove = country.prove("first", "living", &args(&source(&country, &all)));
    assert_eq!(country.refused(&args(&prove)), "voucher-key");
    let bare = sealed_again(&country, &files[of_child], |_, contents| {
        contents.as_object_mut().unwrap().remove("voucher");
    });
    assert_eq!(refused("first", &bare), "release-signer");
}

/// A key that isn't the agency's vouches for nobody, and costs nobody a signature; without any, a guardian's release needs one.
#[test]
fn the_agency_vouches_with_a_key_of_its_own() {
    let country = country();
    country.ask("first", "support", "ann");
    let request = country.path("first.request.json");
    let (wallet, out) = (country.wallet("ann"), country.path("lin.release.json"));
    let recipient = prover(&country).public().to_string();
    let mut sign = vec!["wallet", "release", &request, "--agency", "tax-office", "--recipient", &recipient];
    sign.extend(["--wallet", &wallet, "--yes", "--for", "Lin", "--out", &out]);
    country.ok(&sign);
    let vault = country.vault("tax-office");
    let sealed = country.path("lin.sealed.json");
    let mut hand_out = vec!["agency", "release", "--authorisation", &out, "--out", &sealed];
    hand_out.extend(args(&vault));
    assert_eq!(country.refused(&hand_out), "release-needs-voucher");
    for (agency, expected) in [("civil-registry", Some("not-the-agencys-key")), ("tax-office", None)] {
        let key = country.path(&format!("{agency}.key"));
        let vouched = [&hand_out[..], &["--signing-key", &key]].concat();
        match expected {
            Some(reason) => assert_eq!(country.refused(&vouched), reason),
            None => drop(country.ok(&vouched)),
        }
    }
    let voucher = read(&sealed).open(&prover(&country)).unwrap().voucher;
    assert!(voucher.is_some());
}

/// A clerk enrols the clerk's own key for Ann. Ann reads it at home, with the reading key that was to be replaced.
#[test]
fn a_person_reads_what_was_written_about_that_person() {
    let country = country();
    country.open("first", "support", "ann");
    release(&country, "first", "ann", "tax-office", None);
    let eve = country.wallet("eve");
    country.ok(&["wallet", "new", "--wallet", &eve, "--phrase-to", &country.path("eve.phrase")]);
    let [challenge, answer, exported] = ["c.json", "a.json", "log.json"].map(|file| country.path(file));
    country.agency("tax-office", &["agency", "enrol", "--national-id", "ann", "--challenge", &challenge]);
    let told = ["wallet", "answer", &challenge, "--agency", "tax-office", "--wallet", &eve, "--out", &answer];
    country.ok(&told);
    let enrol = ["agency", "enrol", "--challenge", &challenge, "--answer", &answer, "--why", "passport 7"];
    country.agency("tax-office", &enrol);
    country.agency("tax-office", &["agency", "log", "--national-id", "ann", "--out", &exported]);
    let read = |wallet: &str| -> (Value, Vec<String>) {
        let opened = country.ok(&["wallet", "log", &exported, "--wallet", wallet]);
        let entries = opened["entries"].as_array().unwrap().clone();
        (opened, entries.iter().map(|e| e["disclosure"]["what"].as_str().unwrap().to_owned()).collect())
    };
    let (opened, what) = read(&country.wallet("ann"));
    assert_eq!(what, ["enrolled", "released", "key-replaced"], "{opened}");
    let disclosure = |i: usize| &opened["entries"][i]["disclosure"];
    assert_eq!((&disclosure(0)["key"], &disclosure(1)["key"]), (&opened["key"], &opened["key"]));
    assert_ne!(disclosure(2)["key"], opened["key"]);
    assert_eq!(disclosure(2)["access"]["reason"], "passport 7");
    assert_eq!(opened["sealed"], 1, "the entry for the new key's owner");
    assert_eq!(read(&eve).1, ["key-replaced"], "not what was written before that key");
    assert_eq!(country.ok(&["inspect", &exported])["kind"], "access log");
}
