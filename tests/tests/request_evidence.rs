//! What an office shows a holder of the chain: taken for half an hour by the holder's clock, of the pinned chain, and never of a moment before what was seen.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use alloy_primitives::{Address, B256};
use sealroot_chain::{Act, Chain};
use sealroot_holder::evidence::{MAX_AGE, MAX_AHEAD, RequestEvidenceError, shown};
use sealroot_office::{Shown, show_request};
use sealroot_protocol::{
    canonical::Suite,
    code::{Code, Coded},
    evidence::Evidence,
    field::Digest,
    machine::Shape,
    request::SignedRequest,
    snapshot::{BlockRef, Revision, SnapshotQuery},
};
use sealroot_testing::chain::*;
use sealroot_verifier::trust::{PinnedContract, PinnedContracts, PinnedKey, PinnedSealer, Trust};

async fn card(world: &World) -> Trust {
    let pins =
        world.chain.code_hashes().await.unwrap().map(|(address, code_hash)| PinnedContract { address, code_hash });
    let [officers, agencies, policies, requesters, poseidon, programs, decisions] = pins;
    Trust {
        suite: Suite,
        chain_id: CHAIN_ID,
        universal_keys: vec![PinnedKey { shape: Shape::Solo, sha256: Digest([0; 32]), file: "solo.key".into() }],
        contracts: PinnedContracts {
            revision: Revision::Second,
            officers,
            agencies,
            policies,
            requesters,
            poseidon,
            programs,
            decisions,
        },
        sealers: vec![PinnedSealer { address: world.chain.sealer(), from: 0, until: None }],
        blocks: Vec::new(),
        withdrawn: Vec::new(),
    }
}

fn asked(world: &World) -> (SignedRequest, SnapshotQuery) {
    let signed = world.sign(world.request(), "welfare-office-key");
    let query = SnapshotQuery::of_request(&signed, signed.signer().unwrap());
    (signed, query)
}

#[tokio::test]
async fn evidence_of_a_request_counts_for_half_an_hour() {
    let world = World::new().await;
    let (signed, query) = asked(&world);
    let (card, Shown { evidence, block }) = (card(&world).await, show_request(&signed, &world.chain).await.unwrap());
    let at =
        |now: u64, seen: Option<BlockRef>| shown(&evidence, &query, &card, now, seen).map(|(snapshot, _)| snapshot);
    let direct = world.chain.snapshot(&query).await.unwrap();
    for now in [block.time, block.time + MAX_AGE, block.time - MAX_AHEAD] {
        assert_eq!(at(now, None).unwrap(), direct);
    }
    let code = |now, seen| at(now, seen).unwrap_err().code();
    assert_eq!(code(block.time + MAX_AGE + 1, None), Code::EvidenceTooOld);
    assert_eq!(code(block.time - MAX_AHEAD - 1, None), Code::EvidenceAhead);
    // What was seen before: an earlier block, this one, another of its height, a later one.
    let earlier = BlockRef { number: block.number - 1, hash: B256::ZERO, time: 0 };
    for seen in [earlier, block] {
        assert!(at(block.time, Some(seen)).is_ok());
    }
    let other = BlockRef { hash: B256::repeat_byte(1), ..block };
    let later = BlockRef { number: block.number + 1, ..block };
    for seen in [other, later] {
        assert_eq!(code(block.time, Some(seen)), Code::ChainRolledBack);
    }
}

/// Another chain's, another sealer's, another request's, or a changed byte: none is shown to the holder.
#[tokio::test]
async fn evidence_of_anything_else_is_refused_in_words() {
    let world = World::new().await;
    let (signed, query) = asked(&world);
    let (card, Shown { evidence, block }) = (card(&world).await, show_request(&signed, &world.chain).await.unwrap());
    let refused = |evidence: &Evidence, query: &SnapshotQuery, card: &Trust| {
        let error = shown(evidence, query, card, block.time, None).unwrap_err();
        assert!(matches!(error, RequestEvidenceError::Evidence(_)), "{error}");
        assert_eq!(error.code(), Code::EvidenceInvalid);
        error.to_string()
    };
    let stranger = Trust {
        sealers: vec![PinnedSealer { address: Address::repeat_byte(1), from: 0, until: None }],
        ..card.clone()
    };
    assert!(refused(&evidence, &query, &stranger).contains("not sealed by a sealer that the trust file names"));
    let elsewhere = Trust { chain_id: CHAIN_ID + 1, ..card.clone() };
    assert!(refused(&evidence, &query, &elsewhere).contains("chain id is another"));
    let another = SnapshotQuery { policies: [policy_digest("residence-1")].into(), ..query.clone() };
    refused(&evidence, &another, &card);
    for byte in (0..evidence.header.len()).step_by(17) {
        let mut header = evidence.header.to_vec();
        header[byte] ^= 1;
        refused(&Evidence { header: header.into(), ..evidence.clone() }, &query, &card);
    }
    // A withdrawal shows from its block on.
    world.enact_now(&Act::WithdrawPolicy(policy_digest("income-1"))).await.unwrap();
    let Shown { evidence: after, .. } = show_request(&signed, &world.chain).await.unwrap();
    let time = world.chain.head().await.unwrap().time;
    let (before, _) = shown(&evidence, &query, &card, block.time, None).unwrap();
    let (now, _) = shown(&after, &query, &card, time, Some(block)).unwrap();
    assert_ne!(before.policies, now.policies);
}
