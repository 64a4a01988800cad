//! What an office shows a holder of the chain: taken for half an hour by the holder's clock, of the pinned chain, and never of a moment before what was seen.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use alloy_primitives::{Address, B256};
use sealroot_chain::{Act, Chain};
use sealroot_holder::evidence::{MAX_AGE, MAX_AHEAD, RequestEvidenceError, shown};
use sealroot_office::{Shown, show_request, show_request_signed, sign_checkpoint};
use sealroot_protocol::{
    checkpoint::SignedCheckpoint,
    code::{Code, Coded},
    evidence::Evidence,
    request::SignedRequest,
    snapshot::{BlockRef, SnapshotQuery},
};
use sealroot_testing::{chain::*, hosts::Remote, trust::trust};
use sealroot_verifier::{
    evidence::BlockAuthentication,
    trust::{PinnedCheckpoints, PinnedSealer, Trust},
};

async fn card(world: &World) -> Trust {
    trust(CHAIN_ID, world.chain.code_hashes().await.unwrap(), [world.chain.sealer()], Vec::new())
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

/// On a network without seals, organisations sign which block they know; the wallet's card names whom, and how many are needed.
#[tokio::test(flavor = "multi_thread")]
async fn checkpoints_stand_for_seals() {
    let Some(world) = World::<Remote>::anvil().await else { return };
    world.register().await;
    world.enact_program(program()).await;
    world.chain.ask("anvil_mine", serde_json::json!(["0x5"])).await;
    let signed = world.sign(world.request(), "welfare-office-key");
    let query = SnapshotQuery::of_request(&signed, signed.signer().unwrap());
    let organisations = ["audit-court", "university", "newspaper"];
    let signers = organisations.map(|organisation| key(organisation).address()).to_vec();
    let card = Trust {
        checkpoints: Some(PinnedCheckpoints { needed: 2, signers }),
        ..trust(CHAIN_ID, world.chain.code_hashes().await.unwrap(), [], Vec::new())
    };
    // Each by itself, at different moments: the same block.
    let mut checkpoints = Vec::new();
    for organisation in organisations {
        checkpoints.push(sign_checkpoint(&world.chain, 4, 1, &key(organisation)).await.unwrap());
    }
    assert!(checkpoints.iter().all(|one| (one.number, one.hash) == (checkpoints[0].number, checkpoints[0].hash)));
    assert!(checkpoints[0].number % 4 == 0 && checkpoints[0].number < world.chain.head().await.unwrap().number);
    let Shown { evidence, block } = show_request_signed(&signed, &checkpoints[1..], &world.chain).await.unwrap();
    let (snapshot, by) = shown(&evidence, &query, &card, block.time, None).unwrap();
    assert_eq!((snapshot.block, by), (block, BlockAuthentication::Checkpoint { signed: 2 }));

    let refused = |evidence: &Evidence, card: &Trust| {
        let error = shown(evidence, &query, card, block.time, None).unwrap_err();
        assert_eq!(error.code(), Code::EvidenceInvalid);
        error.to_string()
    };
    let Shown { evidence: one, .. } = show_request_signed(&signed, &checkpoints[..1], &world.chain).await.unwrap();
    assert!(refused(&one, &card).contains("signed by 1 of the organisations"));
    let none = Evidence { checkpoint: Vec::new(), ..evidence.clone() };
    assert!(refused(&none, &card).contains("neither a seal nor a checkpoint"));
    let others = Trust {
        checkpoints: Some(PinnedCheckpoints { needed: 1, signers: vec![key("stranger").address()] }),
        ..card.clone()
    };
    assert!(refused(&evidence, &others).contains("no organisation that the trust file names"));
    // What an office can't use, it hears before it sends it.
    let elsewhere = sign_checkpoint(&world.chain, 1, 0, &key("university")).await.unwrap();
    let mixed = [checkpoints[0].clone(), elsewhere.clone()];
    let error = show_request_signed(&signed, &mixed, &world.chain).await.unwrap_err();
    assert_eq!(error.code(), Code::CheckpointsDiffer);
    let false_hash = SignedCheckpoint { hash: B256::ZERO, ..elsewhere };
    let error = show_request_signed(&signed, &[false_hash], &world.chain).await.unwrap_err();
    assert_eq!(error.code(), Code::OtherChain);
}
