//! Two histories of one sealer: two blocks of one height among the bundles of an audit.
//!
//! Guarantee: every bundle whose evidence rests on a height for which the audit met two hashes is rejected, whichever of them is the chain's: nobody can tell
//! without a pinned hash. A block names its parent, so a height is met twice, too, where one bundle's block follows another one than the other bundle's.
//! Non-guarantee: equivocation shows only where both blocks are met. A sealer that shows each auditor one of them is noticed by neither.

use super::AuditRejection;
use crate::evidence::Checker;
use alloy_primitives::B256;
use sealroot_protocol::bundle::Bundle;
use std::collections::BTreeMap;

/// A hash that a bundle's evidence gives for a height.
struct Met {
    bundle: usize,
    hash: B256,
}

/// Which blocks were met, by height.
#[derive(Default)]
pub(super) struct Heights(BTreeMap<u64, Vec<Met>>);

impl Heights {
    /// Notes what a bundle's evidence says of heights, if it is sealed or pinned; whether the rest of the bundle holds doesn't matter for that.
    pub(super) fn meet(&mut self, bundle: usize, given: &Bundle, checker: &mut Checker<'_>) {
        let evidence = given.evidence.iter().chain(given.reduction.iter().map(|reduction| &reduction.evidence));
        for (block, parent) in evidence.filter_map(|evidence| checker.authenticated_block(evidence).ok()) {
            self.note(block.number, Met { bundle, hash: block.hash });
            if let Some(below) = block.number.checked_sub(1) {
                self.note(below, Met { bundle, hash: parent });
            }
        }
    }

    fn note(&mut self, height: u64, met: Met) {
        self.0.entry(height).or_default().push(met);
    }

    /// Rejects the bundles that rest on a height with two blocks; the answers are the bundles', in order.
    pub(super) fn reject<T>(&self, answers: &mut [Result<T, AuditRejection>]) {
        self.0.iter().for_each(|(height, met)| reject(*height, met, answers));
    }
}

fn reject<T>(height: u64, met: &[Met], answers: &mut [Result<T, AuditRejection>]) {
    // A batch of refusals has thousands of bundles at one height: each hash is compared with the first one's only.
    let Some(first) = met.first() else { return };
    let Some(second) = met.iter().find(|one| one.hash != first.hash) else { return };
    for one in met {
        let other = if one.hash == first.hash { second } else { first };
        if answers[one.bundle].is_ok() {
            answers[one.bundle] = Err(AuditRejection::Equivocation {
                height,
                hash: one.hash,
                other: other.bundle,
                other_hash: other.hash,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::tests::trust;
    use super::*;
    use crate::trust::{PinnedBlock, PinnedSealer, Trust};
    use alloy_rlp::Encodable;
    use sealroot_protocol::code::{Code, Coded};
    use sealroot_protocol::evidence::{Evidence, seal_hash};
    use sealroot_protocol::signature::Signer;
    use sealroot_testing::bundle::Case;
    use sealroot_testing::town::office_key;

    /// A sealed header of the Paris fork with these fields and others that are empty.
    fn sealed(number: u64, parent: B256, state: u8, chain_id: u64) -> (Bundle, B256) {
        let mut payload = Vec::new();
        parent.encode(&mut payload);
        payload.extend([0x80; 2]);
        B256::repeat_byte(state).encode(&mut payload);
        payload.extend([0x80; 4]);
        number.encode(&mut payload);
        payload.extend([0x80; 2]);
        1_790_000_000u64.encode(&mut payload);
        payload.extend([0x80; 4]);
        let mut header = Vec::new();
        alloy_rlp::Header { list: true, payload_length: payload.len() }.encode(&mut header);
        header.extend(payload);
        let hash = alloy_primitives::keccak256(&header);
        let seal = office_key().sign(&seal_hash(chain_id, hash)).unwrap().to_bytes().to_vec().into();
        let mut bundle = Case::good().bundle;
        bundle.evidence = Some(Evidence {
            header: header.into(),
            seal,
            checkpoint: Vec::new(),
            accounts: Vec::new(),
            refusals: None,
        });
        (bundle, hash)
    }

    fn codes(bundles: &[Bundle], trust: &Trust) -> Vec<Option<Code>> {
        let mut answers: Vec<Result<(), AuditRejection>> = bundles.iter().map(|_| Ok(())).collect();
        let (mut heights, mut checker) = (Heights::default(), Checker::new(trust));
        bundles.iter().enumerate().for_each(|(place, bundle)| heights.meet(place, bundle, &mut checker));
        heights.reject(&mut answers);
        answers.iter().map(|answer| answer.as_ref().err().map(Coded::code)).collect()
    }

    /// Two sealed blocks of one height, or a block that follows another one than the other bundle's: neither is believed, and a third of their chain is.
    #[test]
    fn two_blocks_of_one_height_are_both_refused() {
        let sealer = PinnedSealer { address: office_key().address(), from: 0, until: None };
        let mut trust = Trust { sealers: vec![sealer], ..trust() };
        let refused = Some(Code::Equivocation);
        let (one, hash) = sealed(16, B256::repeat_byte(15), 1, 7);
        let (other, other_hash) = sealed(16, B256::repeat_byte(15), 2, 7);
        let (after, _) = sealed(17, hash, 3, 7);
        let (far, _) = sealed(40, B256::repeat_byte(39), 4, 7);
        assert_eq!(codes(&[one.clone(), one.clone(), after.clone(), far.clone()], &trust), [None; 4]);
        let met = [one.clone(), far.clone(), other.clone()];
        assert_eq!(codes(&met, &trust), [refused, None, refused]);
        // Each alone is believed: that there is another one shows nowhere.
        assert_eq!(codes(std::slice::from_ref(&one), &trust), [None]);
        assert_eq!(codes(std::slice::from_ref(&other), &trust), [None]);
        assert_eq!(codes(&[other.clone(), after.clone()], &trust), [refused, refused], "its parent is another one");
        // Each has an answer, in its place, also where all are rejected.
        let keys = crate::universal_key::UniversalKeys::new();
        let auditor = crate::audit::Auditor::new(&trust, &keys);
        let answers = auditor.audit_all(&[one.clone(), far, one.clone(), other.clone()]);
        assert!(answers.len() == 4 && answers.iter().all(Result::is_err));
        // What nobody vouches for speaks against nobody.
        let (foreign, _) = sealed(16, B256::repeat_byte(15), 5, 8);
        assert_eq!(codes(&[one.clone(), foreign], &trust), [None, None]);
        // An auditor who knows the block's hash needs to believe no seal.
        trust.blocks = vec![PinnedBlock { number: 16, hash: other_hash }];
        assert_eq!(codes(&[one, other], &trust)[1], None);
    }
}
