//! Block headers and trie proofs, inside the evidence of a bundle that an auditor accepts: any other header or proof must be rejected.

use crate::fixed;
use alloy_primitives::Bytes;
use sealroot_protocol::{bundle::Bundle, canonical, evidence::Evidence, snapshot::SnapshotQuery};
use sealroot_verifier::{evidence::check, trust::Trust, verify::query};
use std::sync::LazyLock;

/// A decided bundle's evidence, what it must show, and the trust file that accepts it.
static FIXTURE: LazyLock<(Evidence, SnapshotQuery, Trust)> = LazyLock::new(|| {
    let bundle: Bundle = fixed(canonical::from_bytes(include_bytes!("../fixture/bundle.json")));
    let trust = fixed(Trust::from_toml(include_str!("../fixture/trust.toml")));
    let query = fixed(query(&bundle));
    let evidence = fixed(bundle.evidence.ok_or("no evidence"));
    fixed(check(&evidence, &query, &trust));
    (evidence, query, trust)
});

/// The block's header is replaced.
pub fn header(data: &[u8]) {
    let (honest, query, trust) = &*FIXTURE;
    let changed = Evidence { header: Bytes::copy_from_slice(data), ..honest.clone() };
    assert!(changed == *honest || check(&changed, query, trust).is_err(), "another header was accepted");
}

/// One node of a proof is replaced: the first byte says of which contract, the second of which entry, the third which node.
pub fn trie_proof(data: &[u8]) {
    let Some(([contract, entry, node], bytes)) = data.split_first_chunk() else { return };
    let (honest, query, trust) = &*FIXTURE;
    let mut changed = honest.clone();
    let contracts = changed.accounts.len();
    let account = &mut changed.accounts[usize::from(*contract) % contracts];
    let entries = account.storage.len();
    // One more than there are entries: the account's own proof.
    let proof = match usize::from(*entry) % (entries + 1) {
        own if own == entries => &mut account.proof,
        at => &mut account.storage[at].proof,
    };
    let nodes = proof.len();
    if let Some(at) = usize::from(*node).checked_rem(nodes) {
        proof[at] = Bytes::copy_from_slice(bytes);
    }
    assert!(changed == *honest || check(&changed, query, trust).is_err(), "another proof was accepted");
}
