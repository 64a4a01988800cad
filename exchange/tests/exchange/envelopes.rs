//! Envelopes, changed, cut, moved, repeated, and answered by others.

use crate::town::{
    self, bundles, contents, decision, now, office, part_to_wallet, progress, prover, rng, wallet_for_claim,
};
use rand::RngExt;
use sealroot_exchange::{
    BUCKETS, Content, Envelope, Kind, Replies, ReplyNumber, ReplySecret,
    answers::State,
    content::Way,
    envelope::{EnvelopeError, MAX_ENVELOPE, MAX_HEADER, OpenError, SealError},
    mailbox::OwnKey,
    reply::ReplyError,
};
use sealroot_protocol::code::{Code, Coded};

const NUMBERS: [u16; 3] = [1, 2, 3];

fn number(n: u16) -> ReplyNumber {
    ReplyNumber::new(n).unwrap()
}

/// Sealed to the prover, with what both ends have of it then.
fn asked(seed: u64) -> (Envelope, ReplySecret, ReplySecret) {
    let mut rng = rng(seed);
    let content = Content::Claim(Box::new(town::signed_claim(&mut rng)));
    let (envelope, asker) = Envelope::seal(&prover().recipient(), &content, now() + 3600, &mut rng).unwrap();
    let (_, asked) = envelope.open(&prover(), now()).unwrap();
    (envelope, asker, asked)
}

fn answer(secret: &ReplySecret, n: u16, content: &Content) -> Envelope {
    let to = wallet_for_claim().recipient();
    Envelope::reply(&to, content, now() + 86_400, (secret, number(n)), &mut rng(n.into())).unwrap()
}

#[test]
fn what_is_sealed_opens() {
    let mut rng = rng(1);
    let (unasked, replies) = contents(&mut rng);
    for content in &unasked {
        let (envelope, mine) = Envelope::seal(&prover().recipient(), content, now(), &mut rng).unwrap();
        let bytes = envelope.to_bytes().unwrap();
        let read = Envelope::from_bytes(&bytes).unwrap();
        assert_eq!((read.clone(), read.id().unwrap()), (envelope.clone(), mine.asked()));
        let (opened, theirs) = read.open(&prover(), now()).unwrap();
        assert_eq!(opened, *content);
        assert_eq!(*mine.to_bytes(), *theirs.to_bytes(), "both ends have one reply secret");
        assert!(bytes.len() <= MAX_ENVELOPE);
    }
    let (_, asker, asked) = asked(2);
    let mut opened = Replies::new(asker);
    for (i, content) in (1..).zip(&replies) {
        let envelope = Envelope::from_bytes(&answer(&asked, i, content).to_bytes().unwrap()).unwrap();
        assert_eq!(envelope.open_reply(&wallet_for_claim(), &mut opened, now()).unwrap(), *content);
    }
    assert_eq!(opened.missing().count(), 0);
}

/// Each field of the header, and each byte of the rest, is authenticated: with the error that a reader can act on.
#[test]
fn every_change_is_refused() {
    let (envelope, ..) = asked(3);
    let bytes = envelope.to_bytes().unwrap();
    let head = usize::from(u16::from_be_bytes([bytes[0], bytes[1]]));
    let header = String::from_utf8(bytes[2..2 + head].to_vec()).unwrap();
    let with = |header: &str| {
        let length = u16::try_from(header.len()).unwrap().to_be_bytes();
        [length.as_slice(), header.as_bytes(), &bytes[2 + head..]].concat()
    };
    let code = |bytes: &[u8], own: &OwnKey, at: u64| match Envelope::from_bytes(bytes) {
        Err(error) => error.code(),
        Ok(envelope) => envelope.open(own, at).unwrap_err().code(),
    };
    let (own, other) = (prover(), office());
    let (mailbox, key) = (own.mailbox.to_string(), own.id().to_string());
    let expiry = envelope.header().expiry;
    for (from, to, expected) in [
        (mailbox.clone(), other.mailbox.to_string(), Code::EnvelopeOfAnother),
        (key.clone(), other.id().to_string(), Code::EnvelopeKeyUnknown),
        (expiry.to_string(), (expiry + 1).to_string(), Code::Unopenable),
        (expiry.to_string(), (own.until.unwrap() + 1).to_string(), Code::EnvelopeExpiry),
        (expiry.to_string(), (now() - 1).to_string(), Code::EnvelopeExpired),
        (expiry.to_string(), format!("0{expiry}"), Code::BadEnvelope),
        (format!("\"{expiry}\""), expiry.to_string(), Code::BadEnvelope),
        ("groth16/1".into(), "groth16/2".into(), Code::BadEnvelope),
        ("\"version\":1".into(), "\"version\":2".into(), Code::BadEnvelope),
        (",\"suite\"".into(), ",\"reply\":1,\"suite\"".into(), Code::NotAReply),
        (",\"suite\"".into(), ",\"reply\":0,\"suite\"".into(), Code::BadEnvelope),
        (",\"suite\"".into(), ",\"reply\":null,\"suite\"".into(), Code::BadEnvelope),
        (",\"suite\"".into(), ",\"sent\":1,\"suite\"".into(), Code::BadEnvelope),
        (",\"suite\"".into(), ", \"suite\"".into(), Code::BadEnvelope),
        (mailbox.clone(), mailbox.to_uppercase().replacen("0X", "0x", 1), Code::BadEnvelope),
    ] {
        assert!(header.contains(&from), "{from}");
        assert_eq!(code(&with(&header.replace(&from, &to)), &own, now()), expected, "{from} -> {to}");
    }
    assert_eq!(code(&with(&format!("{header}{}", " ".repeat(MAX_HEADER))), &own, now()), Code::BadEnvelope);
    // The encapsulated key and a sample of the ciphertext, its last bytes among it.
    let sample =
        (2 + head..2 + head + 64).chain(bytes.len() - 32..bytes.len()).chain((2 + head..bytes.len()).step_by(997));
    for i in sample {
        let mut changed = bytes.clone();
        changed[i] ^= 1;
        let found = code(&changed, &own, now());
        assert_eq!(found, Code::Unopenable, "byte {i}");
    }
    for length in (0..bytes.len()).step_by(501).chain([bytes.len() - 1]) {
        assert_eq!(code(&bytes[..length], &own, now()), Code::BadEnvelope, "cut at {length}");
    }
    for more in [1, 2, BUCKETS[3] - BUCKETS[2] - 1] {
        let longer = [bytes.as_slice(), &vec![0; more]].concat();
        assert_eq!(code(&longer, &own, now()), Code::BadEnvelope, "{more} more");
    }
    // Longer by as much as makes another permitted length.
    let longer = [bytes.as_slice(), &vec![0; BUCKETS[3] - BUCKETS[2]]].concat();
    assert_eq!(code(&longer, &own, now()), Code::Unopenable);
    assert!(matches!(Envelope::from_bytes(&vec![0; MAX_ENVELOPE + 1]), Err(EnvelopeError::TooLarge)));
    // And as it is, it opens until its last second.
    assert!(envelope.open(&own, expiry).is_ok());
    assert!(matches!(envelope.open(&own, expiry + 1), Err(OpenError::Expired(_))));
}

/// The same mailbox with another secret, the same secret in another mailbox, and a header that lies about the key.
#[test]
fn it_opens_for_its_recipient_alone() {
    let (envelope, ..) = asked(4);
    let stranger = OwnKey { mailbox: prover().mailbox, ..office() };
    assert!(matches!(envelope.open(&stranger, now()), Err(OpenError::OtherKey { .. })));
    let moved = OwnKey { mailbox: office().mailbox, ..prover() };
    assert!(matches!(envelope.open(&moved, now()), Err(OpenError::OtherMailbox { .. })));
    let shorter = OwnKey { until: Some(envelope.header().expiry - 1), ..prover() };
    assert!(matches!(envelope.open(&shorter, now()), Err(OpenError::OutlivesKey { .. })));
    let (mut rng, content) = (rng(5), town::office_return());
    let late = prover().until.unwrap() + 1;
    let refused = Envelope::seal(&prover().recipient(), &content, late, &mut rng).unwrap_err();
    assert!(matches!(refused, SealError::OutlivesKey { .. }) && refused.code() == Code::EnvelopeExpiry);
}

/// Two claims, two conversations: no answer passes for one of the other's, whatever its number.
#[test]
fn an_answer_belongs_to_its_question() {
    let (_, first_mine, first_theirs) = asked(6);
    let (_, second_mine, second_theirs) = asked(7);
    let content = Content::Progress(progress(State::Accepted));
    let own = wallet_for_claim();
    for n in NUMBERS {
        let [to_first, to_second] = [&first_theirs, &second_theirs].map(|secret| answer(secret, n, &content));
        for (envelope, wrong) in [(&to_first, &second_mine), (&to_second, &first_mine)] {
            let refused = envelope.open_reply(&own, &mut Replies::new(wrong.clone()), now()).unwrap_err();
            assert!(matches!(refused, OpenError::NotOpened(_)), "{refused}");
        }
        assert!(to_first.open_reply(&own, &mut Replies::new(first_mine.clone()), now()).is_ok());
    }
    // The right psk under the other question's id is another psk.
    let mut mixed = *first_mine.to_bytes();
    mixed[..32].copy_from_slice(&second_mine.to_bytes()[..32]);
    let mut mixed = Replies::new(ReplySecret::from_bytes(&mixed));
    assert!(matches!(
        answer(&first_theirs, 1, &content).open_reply(&own, &mut mixed, now()),
        Err(OpenError::NotOpened(_))
    ));
    // Somebody without the reply secret can seal to the return address, and can't answer.
    let forged = ReplySecret::from_bytes(&[0; 64]);
    let mut replies = Replies::new(first_mine);
    let refused = answer(&forged, 1, &content).open_reply(&own, &mut replies, now()).unwrap_err();
    assert!(matches!(refused, OpenError::NotOpened(_)) && replies.opened().count() == 0);
}

#[test]
fn answers_are_numbered() {
    let (_, mine, theirs) = asked(8);
    let own = wallet_for_claim();
    let mut replies = Replies::new(mine);
    let content = Content::Progress(progress(State::Proving));
    let envelopes = NUMBERS.map(|n| answer(&theirs, n, &content));
    // The third comes first: two are missing. Then the first, and the third again.
    assert!(envelopes[2].open_reply(&own, &mut replies, now()).is_ok());
    assert_eq!(replies.missing().map(ReplyNumber::get).collect::<Vec<_>>(), [1, 2]);
    assert!(envelopes[0].open_reply(&own, &mut replies, now()).is_ok());
    assert_eq!(replies.missing().map(ReplyNumber::get).collect::<Vec<_>>(), [2]);
    let again = envelopes[2].open_reply(&own, &mut replies, now()).unwrap_err();
    assert!(matches!(again, OpenError::Reply(ReplyError::Repeated(n)) if n.get() == 3), "{again}");
    // A second answer under a number that was used is none, whatever it says.
    let other = answer(&theirs, 3, &Content::Progress(progress(State::Rejected)));
    assert_eq!(other.open_reply(&own, &mut replies, now()).unwrap_err().code(), Code::ReplyRepeated);
    // The post gives the first answer the second's number: it doesn't open, and the number stays free.
    let bytes = envelopes[0].to_bytes().unwrap();
    let text = b"\"reply\":1";
    let at = bytes.windows(text.len()).position(|window| window == text).unwrap();
    let mut renumbered = bytes.clone();
    renumbered[at + text.len() - 1] = b'2';
    let renumbered = Envelope::from_bytes(&renumbered).unwrap();
    assert!(matches!(renumbered.open_reply(&own, &mut replies, now()), Err(OpenError::NotOpened(_))));
    assert!(envelopes[1].open_reply(&own, &mut replies, now()).is_ok());
    assert_eq!(replies.missing().count(), 0);
}

/// A decision that nobody asked for would have no sender at all.
#[test]
fn each_kind_comes_in_its_way() {
    let mut rng = rng(9);
    let (unasked, replies) = contents(&mut rng);
    let (_, mine, theirs) = asked(10);
    for content in unasked.iter().chain(&replies) {
        let sealed = Envelope::seal(&prover().recipient(), content, now(), &mut rng);
        let replied = Envelope::reply(&wallet_for_claim().recipient(), content, now(), (&theirs, number(1)), &mut rng);
        let answers = matches!(content.kind().way(), Way::Reply)
            || matches!(content, Content::Part(part) if part.office.is_none());
        assert_eq!((sealed.is_ok(), replied.is_ok()), (!answers, answers), "{}", content.kind());
        if let (Err(refused), true) = (sealed, content.kind() != Kind::Part) {
            assert_eq!(refused.code(), Code::KindOutOfPlace);
        }
    }
    let envelope = answer(&theirs, 1, &replies[1]);
    let refused = envelope.open(&wallet_for_claim(), now()).unwrap_err();
    assert!(matches!(refused, OpenError::Reply(ReplyError::Unasked)));
    let (plain, _) = Envelope::seal(&wallet_for_claim().recipient(), &unasked[5], now(), &mut rng).unwrap();
    let refused = plain.open_reply(&wallet_for_claim(), &mut Replies::new(mine), now()).unwrap_err();
    assert!(matches!(refused, OpenError::Reply(ReplyError::NotAReply)));
}

/// The post sees sizes. Approval and refusal have one, and so have a part's copy and a rejection.
#[test]
fn sizes_tell_no_outcome() {
    let (_, _, theirs) = asked(11);
    let size = |content: &Content| answer(&theirs, 1, content).to_bytes().unwrap().len();
    let [approved, refused] = bundles().map(decision);
    assert_eq!(size(&approved), size(&refused));
    let rejected = Content::Progress(progress(State::Rejected));
    assert_eq!(size(&part_to_wallet(theirs.asked())), size(&rejected));
    assert_eq!(size(&Content::Progress(progress(State::Accepted))), size(&rejected));
}

/// Random damage: whatever opens is what was sealed.
#[test]
fn nothing_else_opens() {
    let mut random = rng(12);
    let (envelope, ..) = asked(13);
    let bytes = envelope.to_bytes().unwrap();
    let (content, _) = envelope.open(&prover(), now()).unwrap();
    let mut read = 0;
    for _ in 0..sealroot_testing::cases(200) {
        let mut damaged = bytes.clone();
        for _ in 0..random.random_range(1..4) {
            let at = random.random_range(0..damaged.len());
            match random.random_range(0..4) {
                0 => damaged[at] ^= 1 << random.random_range(0..8),
                1 => damaged.truncate(at.max(1)),
                2 => damaged.insert(at, random.random()),
                _ => {
                    let other = random.random_range(0..damaged.len());
                    damaged.swap(at, other);
                }
            }
            if damaged.len() < 2 {
                break;
            }
        }
        let Ok(envelope) = Envelope::from_bytes(&damaged) else { continue };
        read += 1;
        assert_eq!(envelope.to_bytes().unwrap(), damaged, "one spelling");
        if let Ok((opened, _)) = envelope.open(&prover(), now()) {
            assert!(damaged == bytes && opened == content);
        }
    }
    assert!(read > 0, "some damage must be left for the key to refuse");
}
