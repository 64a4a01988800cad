//! Key files and proofs.

use sealroot_verifier::{
    foreign as foreign_proof,
    key_header::{KeyHeader, KeyKind, KeySecurity},
    proof::{PROOF_BYTES, Proof},
    universal_key::UniversalKey,
};

/// A universal key: what is read is written in the same bytes.
pub fn universal_key(data: &[u8]) {
    if let Ok(key) = UniversalKey::from_unpinned(data, KeySecurity::AllowInsecure) {
        assert!(key.to_bytes() == data, "a key that is read in two spellings");
    }
    let production = UniversalKey::from_unpinned(data, KeySecurity::ProductionOnly);
    assert!(
        production.is_ok_and(|key| !key.is_insecure())
            || UniversalKey::from_unpinned(data, KeySecurity::ProductionOnly).is_err()
    );
}

/// The head of any key file.
pub fn key_header(data: &[u8]) {
    for kind in [KeyKind::Verifying, KeyKind::Proving] {
        for security in [KeySecurity::AllowInsecure, KeySecurity::ProductionOnly] {
            let _ = KeyHeader::decode(data, kind, security).map(|(_, rest)| rest.len());
        }
    }
}

/// A proof's three points.
pub fn proof(data: &[u8]) {
    let Some(bytes) = data.first_chunk::<PROOF_BYTES>() else { return };
    if let Ok(proof) = Proof::from_bytes(bytes) {
        assert!(proof.to_bytes() == *bytes, "a proof that is read in two spellings");
    }
}

const FOREIGN: [&[u8]; 3] = [
    include_bytes!("../corpus/foreign/verification_key.json"),
    include_bytes!("../corpus/foreign/proof.json"),
    include_bytes!("../corpus/foreign/public.json"),
];

/// Each of snarkjs's three files beside two good ones. Another list of inputs never holds.
pub fn foreign(data: &[u8]) {
    let [key, proof, public] = FOREIGN;
    let expected = super::fixed(foreign_proof::verify(key, proof, public));
    for files in [[data, proof, public], [key, data, public], [key, proof, data]] {
        if let Ok(inputs) = foreign_proof::verify(files[0], files[1], files[2]) {
            assert!(inputs == expected, "a proof that holds for other inputs");
        }
    }
}
