//! Messages of holders, and receipts: moved, repeated later, changed, or signed under another tag.

use crate::town::{self, contest, digest, holder_request, now, objection, organisation, own, receipt, wallet, writing};
use alloy_primitives::Address;
use sealroot_exchange::{
    EnvelopeId, Kind, Organisation, Role, SignedMessage,
    holder::{Contest, HolderRequest},
    message::{Head, MAX_AGE, MAX_AHEAD, MessageError},
    receipt::{Done, SignedReceipt},
};
use sealroot_protocol::{
    code::{Code, Coded},
    consent::RequestDigest,
    field::{Digest, F},
    holder_signature::{HolderSigner, Purpose},
    request::Nonce,
    scope::Deployment,
};
use sealroot_testing::town as places;

type Change = fn(&mut Head);

fn check(message: &SignedMessage<HolderRequest>) -> Result<(), MessageError> {
    message.check(&organisation(Role::Agency), places::deployment(), now())
}

#[test]
fn a_message_is_for_one_recipient() {
    assert!(check(&holder_request()).is_ok());
    assert!(contest().check(&organisation(Role::Office), places::deployment(), now()).is_ok());
    let (message, here) = (holder_request(), places::deployment());
    for other in [
        organisation(Role::Office),
        Organisation { name: places::civil_registry(), ..organisation(Role::Agency) },
        Organisation { role: Role::Office, ..organisation(Role::Agency) },
    ] {
        assert_eq!(message.check(&other, here, now()).unwrap_err().code(), Code::MessageOfAnother, "{other}");
    }
    let elsewhere = Deployment { chain_id: 8, ..here };
    let refused = message.check(&organisation(Role::Agency), elsewhere, now()).unwrap_err();
    assert!(matches!(refused, MessageError::OtherDeployment));
}

#[test]
fn a_message_lives_ten_minutes() {
    let at = |now: u64| {
        let checked = holder_request().check(&organisation(Role::Agency), places::deployment(), now);
        checked.map_err(|refused| refused.code())
    };
    assert_eq!((MAX_AGE, MAX_AHEAD), (600, 600));
    assert_eq!(at(now() + 600), Ok(()));
    assert_eq!(at(now() + 601), Err(Code::MessageTooOld));
    assert_eq!(at(now() - 600), Ok(()));
    assert_eq!(at(now() - 601), Err(Code::MessageAhead));
    assert_eq!(at(u64::MAX), Err(Code::MessageTooOld));
    assert_eq!(at(0), Err(Code::MessageAhead));
}

#[test]
fn every_field_of_a_message_is_signed() {
    let changes: [(&str, Change, Code); 11] = [
        ("chain", |h| h.deployment.chain_id += 1, Code::MessageOfAnother),
        ("contract", |h| h.deployment.programs = Address::ZERO, Code::MessageOfAnother),
        ("recipient", |h| h.recipient.name = places::civil_registry(), Code::MessageOfAnother),
        ("kind", |h| h.kind = Kind::Contest, Code::BadMessage),
        ("nonce", |h| h.nonce = Nonce([9; 16].into()), Code::HolderSignature),
        ("time", |h| h.at += 1, Code::HolderSignature),
        ("block number", |h| h.seen.number -= 1, Code::HolderSignature),
        ("block hash", |h| h.seen.hash = Digest([0; 32]), Code::HolderSignature),
        ("mailbox", |h| h.reply_to.mailbox = own(9).mailbox, Code::HolderSignature),
        ("key", |h| h.reply_to.key = own(9).secret.public(), Code::HolderSignature),
        ("signer", |h| h.signer = places::holder(9).public_key(), Code::HolderSignature),
    ];
    for (what, change, expected) in changes {
        let mut message = holder_request();
        change(&mut message.head);
        assert_eq!(check(&message).unwrap_err().code(), expected, "{what}");
    }
    let mut message = holder_request();
    message.body = HolderRequest::Contest { text: objection() };
    assert!(matches!(check(&message).unwrap_err(), MessageError::OtherBody));
    let mut message = holder_request();
    let other = SignedMessage::sign(
        HolderRequest::AccessLog { from: 1 },
        writing(Role::Agency),
        &wallet().secret_key(),
        [3; 32],
    );
    message.signature = other.unwrap().signature;
    assert!(matches!(check(&message).unwrap_err(), MessageError::Signature(_)));
}

/// The recipient that a message names, moved in head and expectation alike: the signature is what refuses.
#[test]
fn a_message_cannot_be_passed_on() {
    let mut message = holder_request();
    message.head.recipient.name = places::civil_registry();
    let there = message.head.recipient.clone();
    let refused = message.check(&there, places::deployment(), now()).unwrap_err();
    assert!(matches!(refused, MessageError::Signature(_)), "{refused}");
    let mut message = holder_request();
    message.head.deployment.chain_id += 1;
    let there = message.head.deployment;
    let refused = message.check(&organisation(Role::Agency), there, now()).unwrap_err();
    assert!(matches!(refused, MessageError::Signature(_)), "{refused}");
}

/// Requests go to agencies, contests to offices: the holder's key signs nothing for an office.
#[test]
fn offices_get_no_message_of_the_holders_key() {
    let key = wallet().secret_key();
    let to_office = SignedMessage::sign(HolderRequest::AccessLog { from: 0 }, writing(Role::Office), &key, [3; 32]);
    assert!(matches!(to_office, Err(MessageError::Kind(Kind::HolderRequest, _))));
    let body = Contest { request: digest(), text: objection() };
    let to_agency = SignedMessage::sign(body, writing(Role::Agency), &key, [3; 32]);
    assert!(matches!(to_agency, Err(MessageError::Kind(Kind::Contest, _))));
}

/// Each purpose has a tag of its own.
#[test]
fn a_signature_has_one_purpose() {
    let all = [Purpose::Claim, Purpose::Message, Purpose::Contest];
    let (key, message) = (wallet().secret_key(), F::from(7u8));
    for purpose in all {
        let signature = key.sign(purpose, message, [4; 32]);
        for other in all {
            let verified = signature.verify(other, &key.public_key(), message).is_ok();
            assert_eq!(verified, purpose == other);
        }
        assert!(signature.verify(purpose, &key.public_key(), F::from(8u8)).is_err());
        assert!(signature.verify(purpose, &places::holder(9).public_key(), message).is_err());
        // The nonce depends on purpose and message, beside fresh randomness: a generator that repeats itself gives no two challenges under one.
        let again = key.sign(purpose, F::from(8u8), [4; 32]);
        assert!(again.challenge != signature.challenge && again.response != signature.response);
    }
}

/// Whose word a receipt is, follows from all of it.
#[test]
fn every_field_of_a_receipt_is_signed() {
    let policy = town::request().request.policies[0];
    let done = Done::Delivered { policy, claim: EnvelopeId(Digest([1; 32])) };
    let signed = receipt(done);
    let key = places::office_key().address();
    assert_eq!(signed.signer().unwrap(), key);
    let changes: [fn(&mut SignedReceipt); 7] = [
        |s| s.receipt.deployment.chain_id += 1,
        |s| s.receipt.by.name = "registry".parse().unwrap(),
        |s| s.receipt.by.role = Role::Office,
        |s| s.receipt.request = RequestDigest(F::from(1u8)),
        |s| s.receipt.at += 1,
        |s| {
            if let Done::Delivered { claim, .. } = &mut s.receipt.done {
                *claim = EnvelopeId(Digest([2; 32]));
            }
        },
        |s| s.receipt.done = Done::Decided { approved: true, bundle: Digest([1; 32]) },
    ];
    for (i, change) in changes.into_iter().enumerate() {
        let mut changed = signed.clone();
        change(&mut changed);
        assert_ne!(changed, signed);
        assert_ne!(changed.signer().ok(), Some(key), "change {i}");
    }
}
