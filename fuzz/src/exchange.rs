//! What crosses an organisation.

use crate::fixed;
use sealroot_exchange::{
    Envelope, Link, MailboxToken, OwnKey, ServiceCard, evidence_request::EvidenceRequest, trust_card::TrustCard,
};
use sealroot_handover::RecipientSecret;

/// An envelope: its id, and whether it opens for the key that the corpus is sealed to. Its content is read by the same decoder as everything that opens.
pub fn envelope(data: &[u8]) {
    let Ok(envelope) = Envelope::from_bytes(data) else { return };
    assert!(envelope.to_bytes().ok().as_deref() == Some(data), "an envelope that is read in two spellings");
    let secret = fixed(RecipientSecret::from_bytes(&[3; 32]));
    let own = OwnKey { mailbox: MailboxToken::from_bytes(&[3; 32]).mailbox(), secret, until: None };
    let _ = (envelope.id(), envelope.open(&own, 0));
}

/// The cards, a question to a post, and a link.
pub fn service_card(data: &[u8]) {
    if let Ok(card) = ServiceCard::from_bytes(data) {
        assert!(card.to_bytes().ok().as_deref() == Some(data), "a card that is read in two spellings");
        let _ = card.digest();
    }
    if let Ok(card) = TrustCard::from_bytes(data) {
        assert!(card.to_bytes().ok().as_deref() == Some(data), "a trust card that is read in two spellings");
        let _ = card.words();
    }
    if let Ok(question) = EvidenceRequest::from_bytes(data) {
        assert!(question.to_bytes().ok().as_deref() == Some(data), "a question that is read in two spellings");
        let _ = question.query();
    }
    if let Some(link) = std::str::from_utf8(data).ok().and_then(|text| text.parse::<Link>().ok()) {
        assert!(link.reveal().as_bytes() == data, "a link that is read in two spellings");
    }
}
