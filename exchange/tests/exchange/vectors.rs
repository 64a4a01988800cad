//! What another implementation makes of the same keys and random bytes: `exchange/tests/vectors/exchange.json`. One in Python, written from the specification
//! with its own HPKE (over X25519, HMAC, ChaCha20-Poly1305 and argon2id of the package `cryptography` 48), makes the same envelopes, answers, sealed request and code.
//!
//! `SEALROOT_WRITE=1 cargo test -p sealroot-exchange --test exchange` writes it anew. Read the difference before you commit it: what changes is the format.

use crate::{
    people,
    town::{self, Given, now, office, own, prover, request, wallet_for_claim, wallet_for_office},
};
use sealroot_exchange::{
    Content, Envelope, LinkSecret, MailboxToken, Replies, ReplyNumber, ReplySecret, Role, SignedClaim,
    answers::State,
    evidence_request::EvidenceRequest,
    link::{Link, open_request, seal_request},
};
use sealroot_protocol::canonical;
use sealroot_testing::town as places;
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::{fs, path::Path};

fn text(document: &impl Serialize) -> String {
    String::from_utf8(canonical::to_bytes(document).unwrap()).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    format!("0x{}", hex::encode(bytes))
}

/// The 32 bytes that HPKE's DeriveKeyPair gets for the encapsulated key.
fn ephemeral(byte: u8) -> Given {
    Given(vec![byte; 32])
}

fn mailbox() -> Value {
    let (token, own) = (MailboxToken::from_bytes(&[2; 32]), own(2));
    json!({
        "token": hex(token.expose()),
        "mailbox": token.mailbox().to_string(),
        "secret_key": hex(own.secret.to_bytes().as_slice()),
        "public_key": own.secret.public().to_string(),
        "key_id": own.id().to_string(),
    })
}

fn card(role: Role) -> Value {
    let card = town::card(role);
    json!({ "card": text(&card), "digest": card.digest().unwrap().to_string() })
}

/// All of an envelope where it is short, and its id, which covers all of it, where it is long.
fn sealed(envelope: &Envelope, content: &Content, secret: &ReplySecret) -> Value {
    let bytes = envelope.to_bytes().unwrap();
    json!({
        "header": text(envelope.header()),
        "content": text(content),
        "length": bytes.len(),
        "id": envelope.id().unwrap().to_string(),
        "reply_secret": hex(&secret.to_bytes()[32..]),
        "envelope": if bytes.len() < 2000 { json!(hex(&bytes)) } else { Value::Null },
    })
}

/// The wallet's envelope to the office, the claim, and two answers to it.
fn envelopes() -> Value {
    let office_return = town::office_return();
    let (to_office, office_secret) =
        Envelope::seal(&office().recipient(), &office_return, now() + 86_400, &mut ephemeral(0x21)).unwrap();
    let claim = town::claim(&mut ephemeral(0x21));
    assert_eq!(claim.office, to_office.to_bytes().unwrap());
    let claim: SignedClaim = claim.sign(&town::wallet().secret_key(), [9; 32]).unwrap();
    let claim_text = text(&claim.claim);
    let content = Content::Claim(Box::new(claim));
    let (envelope, secret) =
        Envelope::seal(&prover().recipient(), &content, now() + 3600, &mut ephemeral(0x22)).unwrap();

    let mut replies = Replies::new(secret.clone());
    let mut answer = |n: u16, content: Content| {
        let number = ReplyNumber::new(n).unwrap();
        let to = wallet_for_claim().recipient();
        let seed = 0x30 + u8::try_from(n).unwrap();
        let envelope = Envelope::reply(&to, &content, now() + 86_400, (&secret, number), &mut ephemeral(seed)).unwrap();
        assert_eq!(envelope.open_reply(&wallet_for_claim(), &mut replies, now()).unwrap(), content);
        json!({
            "number": n,
            "ephemeral_ikm": hex(&[seed; 32]),
            "header": text(envelope.header()),
            "content": text(&content),
            "id": envelope.id().unwrap().to_string(),
        })
    };
    let answers = [
        answer(1, Content::Progress(town::progress(State::Accepted))),
        answer(2, town::part_to_wallet(envelope.id().unwrap())),
    ];
    json!({
        "office_secret_key": hex(office().secret.to_bytes().as_slice()),
        "prover_secret_key": hex(prover().secret.to_bytes().as_slice()),
        "wallet_secret_key_for_claim": hex(wallet_for_claim().secret.to_bytes().as_slice()),
        "wallet_secret_key_for_office": hex(wallet_for_office().secret.to_bytes().as_slice()),
        "to_office": { "ephemeral_ikm": hex(&[0x21; 32]), "sealed": sealed(&to_office, &office_return, &office_secret) },
        "claim": { "ephemeral_ikm": hex(&[0x22; 32]), "signed": claim_text, "sealed": sealed(&envelope, &content, &secret) },
        "answers": answers,
    })
}

fn messages() -> Value {
    let (message, contest) = (town::holder_request(), town::contest());
    let receipt = town::receipt(sealroot_exchange::receipt::Done::Decided {
        approved: false,
        bundle: sealroot_protocol::field::Digest([5; 32]),
    });
    json!({
        "at": now().to_string(),
        "holder_request": text(&message),
        "contest": text(&contest),
        "receipt": text(&receipt),
        "receipt_signer": receipt.signer().unwrap().to_string().to_lowercase(),
    })
}

fn link() -> Value {
    let secret = LinkSecret::from_bytes(&std::array::from_fn(|i| i as u8));
    let link = Link { post: "https://post.example".parse().unwrap(), office: places::welfare_office(), secret };
    let sealed = seal_request(&link.secret, &link.office, &request(), &mut Given(vec![7; 12])).unwrap();
    assert_eq!(open_request(&link, &sealed).unwrap(), request());
    json!({
        "secret": hex(link.secret.expose()),
        "link": link.reveal().as_str(),
        "id": link.secret.request_id().to_string(),
        "case_secret": link.secret.case_secret().to_text(),
        "request": text(&request()),
        "nonce": hex(&sealed[..12]),
        "sealed_sha256": hex(&Sha256::digest(&sealed)),
    })
}

fn compared() -> Value {
    let (challenge, answer, card) = (town::challenge(), town::enrolment_answer(), people::trust_card());
    json!({
        "agency_public_key": own(1).secret.public().to_string(),
        "challenge": text(&challenge),
        "answer": text(&answer),
        "code": people::code(1, &challenge, &answer).to_string(),
        "trust_card": text(&card),
        "trust_card_digest": card.digest().unwrap().to_string(),
        "words": card.words().unwrap().to_string(),
    })
}

#[test]
fn the_vectors_are_what_the_code_makes() {
    let question = EvidenceRequest::of(&request(), [places::tax_office(), places::civil_registry()]).unwrap();
    let made = json!({
        "mailbox": mailbox(),
        "agency_card": card(Role::Agency),
        "office_card": card(Role::Office),
        "envelopes": envelopes(),
        "messages": messages(),
        "link": link(),
        "evidence_request": text(&question),
        "compared": compared(),
    });
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/exchange.json");
    if std::env::var("SEALROOT_WRITE").is_ok_and(|write| write == "1") {
        fs::write(&file, serde_json::to_string_pretty(&made).unwrap() + "\n").unwrap();
    }
    let kept: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    for (name, value) in made.as_object().unwrap() {
        assert_eq!(*value, kept[name], "{name}");
    }
    assert_eq!(made.as_object().unwrap().len(), kept.as_object().unwrap().len());
}

/// The file by itself: what stands in it opens and verifies, without the code that wrote it.
#[test]
fn the_vectors_open() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/exchange.json");
    let kept: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    let sealed = &kept["envelopes"]["to_office"]["sealed"];
    let bytes = hex::decode(sealed["envelope"].as_str().unwrap().strip_prefix("0x").unwrap()).unwrap();
    let envelope = Envelope::from_bytes(&bytes).unwrap();
    assert_eq!(hex(&Sha256::digest(&bytes)), sealed["id"]);
    let (content, secret) = envelope.open(&office(), now()).unwrap();
    assert_eq!(
        (text(&content), hex(&secret.to_bytes()[32..])),
        (sealed["content"].as_str().unwrap().to_owned(), sealed["reply_secret"].as_str().unwrap().to_owned())
    );
}
