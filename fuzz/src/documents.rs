//! Documents in canonical JSON.

use sealroot_handover::{ConsentFile, EnrolmentAnswer, LogExport, SealedRecord};
use sealroot_protocol::{
    bundle::{Bundle, Part},
    canonical,
    checkpoint::SignedCheckpoint,
    machine::ValidWords,
    policy::PolicyDocument,
    possession::PossessionChallenge,
    program::Program,
    release::SignedRelease,
    request::SignedRequest,
};
use sealroot_verifier::{proof::Proof, verify::query};
use serde::{Serialize, de::DeserializeOwned};

/// Reads a document; what is read has one spelling.
fn read<T: Serialize + DeserializeOwned>(data: &[u8]) -> Option<T> {
    let document: T = canonical::from_bytes(data).ok()?;
    let again = canonical::to_bytes(&document).ok();
    assert!(again.as_deref() == Some(data), "a document that is read in two spellings");
    Some(document)
}

/// A bundle, its digest, and what a verifier asks the chain about it.
pub fn bundle(data: &[u8]) {
    let Some(bundle) = read::<Bundle>(data) else { return };
    let _ = (bundle.digest(), query(&bundle));
    for part in &bundle.parts {
        let _ = Proof::from_bytes(&part.proof.0);
    }
}

/// A signed request, its digest and its signer.
pub fn request(data: &[u8]) {
    let Some(signed) = read::<SignedRequest>(data) else { return };
    let _ = (signed.request.digest(), signed.request.scope(), signed.signer());
}

/// A checkpoint, and who signed it.
pub fn checkpoint(data: &[u8]) {
    let Some(signed) = read::<SignedCheckpoint>(data) else { return };
    let _ = signed.signer();
}

/// A part.
pub fn part(data: &[u8]) {
    let _ = read::<Part>(data);
}

/// A consent file.
pub fn consent(data: &[u8]) {
    let Ok(file) = ConsentFile::from_bytes(data) else { return };
    assert!(file.to_bytes().ok().as_deref() == Some(data), "a consent that is read in two spellings");
}

/// A signed release, its digest and its signature.
pub fn release(data: &[u8]) {
    let Some(signed) = read::<SignedRelease>(data) else { return };
    let _ = (signed.release.digest(), signed.release.check_form(), signed.check_signature());
}

/// The other documents that one party gives another.
pub fn handover(data: &[u8]) {
    let _ = (read::<SealedRecord>(data), read::<LogExport>(data), read::<PossessionChallenge>(data));
    let _ = EnrolmentAnswer::from_bytes(data);
}

/// A policy's document: its digest, and whether its words are valid.
pub fn policy_document(data: &[u8]) {
    let Some(document) = read::<PolicyDocument>(data) else { return };
    let _ = (document.policy.digest(), ValidWords::check(document.policy.shape, document.policy.words));
}

/// A program's document.
pub fn program_document(data: &[u8]) {
    let Some(program) = read::<Program>(data) else { return };
    let _ = (program.digest(), program.check());
}
