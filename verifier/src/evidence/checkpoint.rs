//! Organisations' signatures under a block of a network that has no seals.

use super::{EvidenceError, header::Header};
use crate::trust::Trust;
use sealroot_protocol::{checkpoint::checkpoint_hash, signature::EthereumSignature};

/// How many of the organisations that the trust file names signed the block, if they are as many as it asks for; none where nobody signed. In the one order, ascending by
/// address, so that evidence has one spelling.
pub(super) fn signed(
    signatures: &[EthereumSignature],
    header: &Header,
    trust: &Trust,
) -> Result<Option<u8>, EvidenceError> {
    let Header { number, hash, .. } = *header;
    let message = checkpoint_hash(trust.chain_id, number, hash);
    let Some(pinned) = trust.checkpoints.as_ref().filter(|_| !signatures.is_empty()) else {
        // Nothing in evidence is unauthenticated: signatures of organisations that nobody named would be.
        return if signatures.is_empty() { Ok(None) } else { Err(EvidenceError::UnaskedCheckpoint(number)) };
    };
    let mut last = None;
    for signature in signatures {
        let found = signature.signer(&message).map_err(|_| EvidenceError::Checkpoint { number })?;
        if !pinned.signers.contains(&found) {
            return Err(EvidenceError::CheckpointSigner { number, found });
        }
        if last.replace(found).is_some_and(|last| last >= found) {
            return Err(EvidenceError::Checkpoint { number });
        }
    }
    let signed = u8::try_from(signatures.len()).unwrap_or(u8::MAX);
    if signed < pinned.needed {
        return Err(EvidenceError::TooFewCheckpoints { number, signed, needed: pinned.needed });
    }
    Ok(Some(signed))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::trust::PinnedCheckpoints;
    use alloy_primitives::{Address, B256};
    use sealroot_protocol::{checkpoint::SignedCheckpoint, signature::SecretSigningKey};

    const CHAIN: u64 = 7;

    fn organisation(n: u8) -> SecretSigningKey {
        SecretSigningKey::from_bytes(&[n; 32]).unwrap()
    }

    fn header() -> Header {
        Header {
            hash: B256::repeat_byte(1),
            parent: B256::repeat_byte(2),
            state_root: B256::repeat_byte(3),
            number: 64,
            time: 5,
            seal: None,
        }
    }

    /// In the one order.
    fn by(signers: &[u8], chain_id: u64, number: u64, hash: B256) -> Vec<EthereumSignature> {
        let sign = |n: &u8| {
            (organisation(*n).address(), SignedCheckpoint::sign(chain_id, number, hash, &organisation(*n)).unwrap())
        };
        let mut signed: Vec<_> = signers.iter().map(sign).collect();
        signed.sort_by_key(|(address, _)| *address);
        signed.into_iter().map(|(_, checkpoint)| checkpoint.signature).collect()
    }

    fn good(signers: &[u8]) -> Vec<EthereumSignature> {
        by(signers, CHAIN, header().number, header().hash)
    }

    fn trusting(needed: u8, signers: &[u8]) -> Trust {
        let signers: Vec<Address> = signers.iter().map(|n| organisation(*n).address()).collect();
        Trust { checkpoints: Some(PinnedCheckpoints { needed, signers }), ..crate::audit::tests::trust() }
    }

    #[test]
    fn as_many_as_are_needed_of_those_that_are_named() {
        let trust = trusting(2, &[1, 2, 3]);
        assert_eq!(signed(&[], &header(), &trust), Ok(None));
        assert_eq!(signed(&good(&[3, 1]), &header(), &trust), Ok(Some(2)));
        assert_eq!(signed(&good(&[1, 2, 3]), &header(), &trust), Ok(Some(3)));
        let too_few = EvidenceError::TooFewCheckpoints { number: 64, signed: 1, needed: 2 };
        assert_eq!(signed(&good(&[2]), &header(), &trust), Err(too_few));
        let stranger = EvidenceError::CheckpointSigner { number: 64, found: organisation(4).address() };
        assert_eq!(signed(&good(&[1, 2, 4]), &header(), &trust), Err(stranger));
        let nobody = Trust { checkpoints: None, ..trust };
        assert_eq!(signed(&good(&[1, 2]), &header(), &nobody), Err(EvidenceError::UnaskedCheckpoint(64)));
    }

    /// One organisation twice is one; and a signature of another chain, height or block is somebody else's.
    #[test]
    fn a_signature_counts_once_and_for_one_block() {
        let trust = trusting(2, &[1, 2, 3]);
        let once = good(&[1])[0];
        assert_eq!(signed(&[once, once], &header(), &trust), Err(EvidenceError::Checkpoint { number: 64 }));
        let mut turned = good(&[1, 2]);
        turned.reverse();
        assert_eq!(signed(&turned, &header(), &trust), Err(EvidenceError::Checkpoint { number: 64 }));
        for other in [
            by(&[1, 2], CHAIN + 1, 64, header().hash),
            by(&[1, 2], CHAIN, 65, header().hash),
            by(&[1, 2], CHAIN, 64, B256::repeat_byte(9)),
        ] {
            let refused = signed(&other, &header(), &trust);
            assert!(matches!(refused, Err(EvidenceError::CheckpointSigner { .. })), "{refused:?}");
        }
    }
}
