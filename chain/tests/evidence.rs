//! Evidence: what it proves is what the chain says, and nothing in it can be changed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use alloy_primitives::{Address, B256, U256, keccak256};
use sealroot_chain::{Act, Calls, Chain, ChainError};
use sealroot_protocol::{
    evidence::{Evidence, SEAL_PREFIX, seal_hash},
    field::Digest,
    refusals::{BatchRoot, RefusalBatch},
    signature::Signer,
    snapshot::{Revision, SnapshotQuery, layout},
};
use sealroot_testing::{chain::*, trust::trust as trust_in};
use sealroot_verifier::{
    evidence::{BlockAuthentication, EvidenceError, check, check_authenticated},
    trust::{PinnedBlock, PinnedContract, PinnedSealer, Trust},
};

async fn trust(world: &World) -> Trust {
    trust_in(CHAIN_ID, world.chain.code_hashes().await.unwrap(), [world.chain.sealer()], Vec::new())
}

/// A decided world: the block of the decision, its evidence, and the query.
async fn decided() -> (World, Evidence, SnapshotQuery, Trust) {
    let world = World::new().await;
    let receipt = world.approve(&world.approval(world.request(), 11, 400)).await.unwrap();
    let query = world.query(Some(11));
    let evidence = world.chain.collect_evidence(&query, receipt.block.number).await.unwrap();
    let trust = trust(&world).await;
    (world, evidence, query, trust)
}

#[tokio::test]
async fn evidence_says_what_the_chain_says() {
    let (world, evidence, query, trust) = decided().await;
    let direct = world.chain.snapshot(&query).await.unwrap();
    assert_eq!(check(&evidence, &query, &trust).unwrap(), direct);
    assert!(direct.missing(&query).is_empty());
    // Through its file form, too.
    let bytes = sealroot_protocol::canonical::to_bytes(&evidence).unwrap();
    let read: Evidence = sealroot_protocol::canonical::from_bytes(&bytes).unwrap();
    assert_eq!(check(&read, &query, &trust).unwrap(), direct);
    assert!(bytes.len() < 50_000, "{} bytes of evidence", bytes.len());
}

/// Evidence of an old block is what the chain said then, whatever happened since.
#[tokio::test]
async fn the_past_is_provable() {
    let (world, evidence, query, trust) = decided().await;
    let then = check(&evidence, &query, &trust).unwrap();
    world.anchor("tax-office", "tax-key", 3, 2, Some(2)).await.unwrap();
    world.enact_now(&Act::WithdrawPolicy(policy_digest("income-1"))).await.unwrap();
    world.enact_now(&Act::CloseProgram(name("heating-allowance"))).await.unwrap();
    let again = world.chain.collect_evidence(&query, then.block.number).await.unwrap();
    assert_eq!(again, evidence);
    let head = world.chain.head().await.unwrap().number;
    let now = check(&world.chain.collect_evidence(&query, head).await.unwrap(), &query, &trust).unwrap();
    assert_eq!(now, world.chain.snapshot(&query).await.unwrap());
    assert!(then.program.unwrap().closed_at.is_none() && now.program.unwrap().closed_at.is_some());
    assert!(now.policies[&policy_digest("income-1")].withdrawn_at.is_some());
}

#[tokio::test]
async fn absence_has_no_evidence() {
    let (world, _, query, _) = decided().await;
    let head = world.chain.head().await.unwrap().number;
    for missing in [
        SnapshotQuery { nullifier: Some(nullifier(99)), ..query.clone() },
        SnapshotQuery { roots: [(name("registry"), root(99))].into(), ..query.clone() },
        SnapshotQuery { roots: [(name("nobody"), root(1))].into(), ..query.clone() },
        SnapshotQuery { policies: [policy_digest("never")].into(), ..query.clone() },
        SnapshotQuery { program: Some(name("nothing")), ..query.clone() },
        SnapshotQuery { requester: Some(name("other-office")), ..query.clone() },
        SnapshotQuery { signer: Some(Address::ZERO), ..query.clone() },
        SnapshotQuery { refusals: Some(BatchRoot(Digest([1; 32]))), ..query.clone() },
    ] {
        let outcome = world.chain.collect_evidence(&missing, head).await;
        assert!(matches!(outcome, Err(ChainError::NothingToProve(..))), "{missing:?}");
    }
    assert!(matches!(world.chain.collect_evidence(&query, head + 1).await, Err(ChainError::NoSuchBlock(..))));
}

/// Every byte takes part: one flipped bit anywhere, in any value of any field, is rejected.
#[tokio::test]
async fn every_flipped_byte_is_rejected() {
    let (_, evidence, query, trust) = decided().await;
    let mut flips = 0;
    let mut attack = |changed: Evidence| {
        assert!(check(&changed, &query, &trust).is_err());
        flips += 1;
    };
    let bit = |i: usize| 1u8 << (i % 8);
    for i in 0..evidence.header.len() {
        let mut bytes = evidence.header.to_vec();
        bytes[i] ^= bit(i);
        attack(Evidence { header: bytes.into(), ..evidence.clone() });
    }
    // A second seal beside the header's would be a byte that nobody checks.
    for beside in [vec![0; 65], seal_in(&evidence.header).to_vec(), vec![0]] {
        attack(Evidence { seal: beside.into(), ..evidence.clone() });
    }
    // All of the small fields; of the proofs' nodes every 7th byte, or with SEALROOT_CASES set every one.
    let step = if std::env::var_os("SEALROOT_CASES").is_some() { 1 } else { 7 };
    for a in 0..evidence.accounts.len() {
        let account = &evidence.accounts[a];
        let mut with = |change: &dyn Fn(&mut sealroot_protocol::evidence::AccountProof)| {
            let mut changed = evidence.clone();
            change(&mut changed.accounts[a]);
            attack(changed);
        };
        for i in 0..20 {
            with(&|account| account.address.0[i] ^= bit(i));
        }
        for i in 0..32 {
            with(&|account| account.storage_root.0[i] ^= bit(i));
            with(&|account| account.code_hash.0[i] ^= bit(i));
            with(&|account| account.balance ^= U256::ONE << (8 * i));
        }
        for i in 0..64 {
            with(&|account| account.nonce ^= 1 << i);
        }
        for node in 0..account.proof.len() {
            for i in (0..account.proof[node].len()).step_by(step) {
                with(&|account| {
                    let mut bytes = account.proof[node].to_vec();
                    bytes[i] ^= bit(i);
                    account.proof[node] = bytes.into();
                });
            }
        }
        for s in 0..account.storage.len() {
            for i in 0..32 {
                with(&|account| account.storage[s].slot.0[i] ^= bit(i));
                with(&|account| account.storage[s].value ^= U256::ONE << (8 * i));
            }
            for node in 0..account.storage[s].proof.len() {
                for i in (0..account.storage[s].proof[node].len()).step_by(step) {
                    with(&|account| {
                        let mut bytes = account.storage[s].proof[node].to_vec();
                        bytes[i] ^= bit(i);
                        account.storage[s].proof[node] = bytes.into();
                    });
                }
            }
        }
    }
    assert!(flips > 1000, "{flips}");
}

/// Nothing can be dropped, added, repeated or moved.
#[tokio::test]
async fn the_shape_of_evidence_is_fixed() {
    let (world, evidence, query, trust) = decided().await;
    let change = |change: &dyn Fn(&mut Evidence)| {
        let mut changed = evidence.clone();
        change(&mut changed);
        check(&changed, &query, &trust)
    };
    assert!(change(&|_| {}).is_ok());
    for i in 0..evidence.accounts.len() {
        assert!(change(&|e| drop(e.accounts.remove(i))).is_err(), "account {i} dropped");
        assert!(change(&|e| e.accounts.insert(i, e.accounts[i].clone())).is_err(), "account {i} twice");
        if !evidence.accounts[i].storage.is_empty() {
            assert!(change(&|e| e.accounts[i].storage.clear()).is_err(), "no entry of account {i}");
        }
        assert!(change(&|e| drop(e.accounts[i].proof.pop())).is_err());
        assert!(change(&|e| e.accounts[i].proof.push(vec![0x80].into())).is_err());
        let node = evidence.accounts[i].proof[0].clone();
        assert!(change(&|e| e.accounts[i].proof.push(node.clone())).is_err());
        for s in 0..evidence.accounts[i].storage.len() {
            assert!(change(&|e| drop(e.accounts[i].storage.remove(s))).is_err(), "entry dropped");
            let entry = evidence.accounts[i].storage[s].clone();
            assert!(change(&|e| e.accounts[i].storage.insert(s, entry.clone())).is_err(), "entry twice");
            assert!(change(&|e| drop(e.accounts[i].storage[s].proof.pop())).is_err());
            assert!(change(&|e| e.accounts[i].storage[s].proof.push(vec![0x80].into())).is_err());
            assert!(change(&|e| e.accounts[i].storage[s].value = U256::ZERO).is_err(), "absence");
        }
    }
    assert!(change(&|e| e.accounts.swap(0, 1)).is_err(), "another order");
    assert!(change(&|e| e.accounts[1].storage.swap(0, 1)).is_err(), "another order of entries");
    assert!(change(&|e| e.header = [e.header.as_ref(), &[0]].concat().into()).is_err());
    // Evidence for more than the query needs is rejected, too.
    let more = world.chain.collect_evidence(&query, evidence_block(&evidence, &query, &trust)).await.unwrap();
    let less = SnapshotQuery { nullifier: None, ..query.clone() };
    assert!(matches!(check(&more, &less, &trust), Err(EvidenceError::Unneeded { .. })));
}

fn evidence_block(evidence: &Evidence, query: &SnapshotQuery, trust: &Trust) -> u64 {
    check(evidence, query, trust).unwrap().block.number
}

/// A true entry of another key, or of another slot, doesn't stand in for the one that is needed.
#[tokio::test]
async fn an_entry_of_another_key_is_rejected() {
    let (world, evidence, query, trust) = decided().await;
    let block = evidence_block(&evidence, &query, &trust);
    let mut second = world.request();
    second.nonce.0.0[3] = 1;
    world.approve(&world.approval(second, 12, 7)).await.unwrap();
    let head = world.chain.head().await.unwrap().number;
    for other in [
        SnapshotQuery { nullifier: Some(nullifier(12)), ..query.clone() },
        SnapshotQuery { signer: Some(key("other-office-key").address()), ..query.clone() },
    ] {
        let evidence = world.chain.collect_evidence(&other, head).await.unwrap();
        assert!(check(&evidence, &other, &trust).is_ok());
        assert!(matches!(check(&evidence, &query, &trust), Err(EvidenceError::OtherEntry { .. })));
    }
    // The proof of one slot under the name of another.
    let mut moved = evidence.clone();
    let decisions = moved.accounts.last_mut().unwrap();
    let program = B256::from(name("heating-allowance").to_bytes32());
    decisions.storage[0].slot = B256::from(layout::decision(program, B256::from(U256::from(99))));
    assert!(matches!(check(&moved, &query, &trust), Err(EvidenceError::StorageProof { .. })));
    // The storage of one block under the header of another.
    let later = world.chain.collect_evidence(&SnapshotQuery { ..query.clone() }, head).await.unwrap();
    assert!(matches!(
        check(&Evidence { header: later.header.clone(), ..evidence.clone() }, &query, &trust),
        Err(EvidenceError::AccountProof(_))
    ));
    assert_ne!(block, head);
}

/// What dates a refusal: the proven batch that the path leads to, and no other.
#[tokio::test]
async fn batches_of_refusals_are_provable() {
    let (world, evidence, query, trust) = decided().await;
    let digests: Vec<Digest> = (1..=5).map(|n| Digest([n; 32])).collect();
    let batch = RefusalBatch::new(&digests).unwrap();
    let other = RefusalBatch::new(&digests[..4]).unwrap();
    let office = name("welfare-office");
    let mut blocks = Vec::new();
    for root in [batch.root(), other.root()] {
        world.wait(60).await;
        let receipt = world.chain.date_refusals(&key("welfare-office-key"), &office, root).await.unwrap();
        blocks.push(receipt.block);
    }
    let path = batch.path(&digests[2]).unwrap();
    let in_batch = query.clone().in_batch(path.root(&digests[2]).unwrap());
    let dated = Evidence {
        refusals: Some(path.clone()),
        ..world.chain.collect_evidence(&in_batch, blocks[1].number).await.unwrap()
    };
    let entry = check(&dated, &in_batch, &trust).unwrap().refusals.unwrap();
    assert_eq!((entry.requester, entry.dated_at, entry.block), (office, blocks[0].time, blocks[0].number));

    // The path of another refusal, of the other batch, or of a refusal that is in none, leads to a batch that isn't proven.
    let elsewhere = [
        path.root(&digests[1]).unwrap(),
        batch.path(&digests[1]).unwrap().root(&digests[2]).unwrap(),
        other.path(&digests[2]).unwrap().root(&digests[2]).unwrap(),
        path.root(&Digest([9; 32])).unwrap(),
    ];
    for root in elsewhere {
        let asked = query.clone().in_batch(root);
        assert!(matches!(check(&dated, &asked, &trust), Err(EvidenceError::OtherEntry { .. })), "{root}");
    }
    // The batch's entry can't be left out, and a path has no place where nothing is asked about batches.
    let mut without = dated.clone();
    without.accounts.last_mut().unwrap().storage.clear();
    assert!(matches!(check(&without, &in_batch, &trust), Err(EvidenceError::OtherEntry { .. })));
    let adorned = Evidence { refusals: Some(path), ..evidence };
    assert_eq!(check(&adorned, &query, &trust), Err(EvidenceError::UnneededPath));
}

/// A root is public before its block is, so others can record it, earlier or later: it is another entry, and dates nothing.
#[tokio::test]
async fn a_batch_is_proven_for_its_requester_only() {
    let (world, _, query, trust) = decided().await;
    world.enact(&Act::Authorise(name("heating-allowance"), name("other-office"))).await.unwrap();
    let digest = Digest([1; 32]);
    let batch = RefusalBatch::new(&[digest]).unwrap();
    let receipt =
        world.chain.date_refusals(&key("other-office-key"), &name("other-office"), batch.root()).await.unwrap();
    let ours = query.in_batch(batch.root());
    let theirs = SnapshotQuery { requester: Some(name("other-office")), ..ours.clone() };
    let at = receipt.block.number;
    let foreign =
        Evidence { refusals: batch.path(&digest), ..world.chain.collect_evidence(&theirs, at).await.unwrap() };
    assert!(check(&foreign, &theirs, &trust).is_ok());
    assert!(matches!(check(&foreign, &ours, &trust), Err(EvidenceError::OtherEntry { .. })));
    // Everything of the requester's own, but for the batch.
    let mut mixed = world.chain.collect_evidence(&SnapshotQuery { refusals: None, ..ours.clone() }, at).await.unwrap();
    (mixed.refusals, mixed.accounts[6]) = (foreign.refusals, foreign.accounts[6].clone());
    let refused = check(&mixed, &ours, &trust).unwrap_err();
    let said = refused.to_string();
    let EvidenceError::OtherEntry { contract, .. } = refused else { panic!() };
    assert_eq!(contract, world.chain.contracts().decisions);
    // In words first: an auditor who knows no slots sees what was edited.
    assert!(said.starts_with("the approval, or the batch of refusals: ") && said.contains("edited"), "{said}");
}

#[tokio::test]
async fn only_the_pinned_chain_counts() {
    let (world, evidence, query, trust) = decided().await;
    let number = evidence_block(&evidence, &query, &trust);
    let hash = keccak256(&evidence.header);
    let with = |change: &dyn Fn(&mut Trust)| {
        let mut changed = trust.clone();
        change(&mut changed);
        check(&evidence, &query, &changed)
    };
    let sealer_rejected = |outcome| matches!(outcome, Err(EvidenceError::Sealer { .. }));
    assert!(sealer_rejected(with(&|t| t.sealers[0].address = Address::repeat_byte(1))), "another sealer");
    assert!(sealer_rejected(with(&|t| t.sealers[0].until = Some(number - 1))), "after the sealer's time");
    assert!(sealer_rejected(with(&|t| t.sealers[0].from = number + 1)), "before the sealer's time");
    assert!(sealer_rejected(with(&|t| t.sealers.clear())), "no sealer");
    assert!(sealer_rejected(with(&|t| t.chain_id += 1)), "another chain id");
    for i in 0..7 {
        assert!(
            matches!(with(&|t| pin(t, i).code_hash.0[0] ^= 1), Err(EvidenceError::Code { .. })),
            "other code at {i}"
        );
        assert!(
            matches!(with(&|t| pin(t, i).address.0[0] ^= 1), Err(EvidenceError::Accounts(_))),
            "another contract {i}"
        );
    }
    // A block that the auditor knows from elsewhere.
    let known = PinnedBlock { number, hash };
    assert!(with(&|t| t.blocks.push(known)).is_ok());
    assert!(matches!(
        with(&|t| t.blocks.push(PinnedBlock { hash: B256::ZERO, ..known })),
        Err(EvidenceError::OtherBlock { .. })
    ));
    let mut pinned = trust.clone();
    pinned.blocks.push(known);
    // An auditor learns which of the two it was.
    let by = |evidence: &Evidence, trust: &Trust| check_authenticated(evidence, &query, trust).unwrap().1;
    assert_eq!(by(&evidence, &trust), BlockAuthentication::SingleSealer { sealer: world.chain.sealer() });
    assert_eq!(by(&evidence, &pinned), BlockAuthentication::PinnedHash);
    // A second chain with the same contracts, accounts and story, sealed by another key.
    let (_, foreign, foreign_query, _) = decided().await;
    assert!(check(&foreign, &foreign_query, &trust).is_err());
    // The same block, sealed by a stranger: another hash, and another sealer.
    let forged = resealed(&evidence, "stranger", CHAIN_ID);
    assert!(sealer_rejected(check(&forged, &query, &trust)));
    // A block without any seal, as other networks have it: only a pinned hash vouches for it.
    let header = with_extra(&evidence.header, b"geth");
    let foreign = Evidence { header: header.clone().into(), ..evidence.clone() };
    assert!(matches!(check(&foreign, &query, &trust), Err(EvidenceError::Unsealed(_))));
    let mut pinned = trust.clone();
    pinned.blocks.push(PinnedBlock { number, hash: keccak256(&header) });
    assert_eq!(check_authenticated(&foreign, &query, &pinned).unwrap().1, BlockAuthentication::PinnedHash);
}

/// Chains that were made before headers held their seals have them beside the header: such evidence is still checked, and every byte of the seal counts.
#[tokio::test]
async fn a_seal_beside_the_header_is_checked() {
    let (world, evidence, query, trust) = decided().await;
    let header = with_extra(&evidence.header, b"sealroot/1");
    let beside = |by: &str, chain_id: u64| {
        let seal = key(by).sign(&seal_hash(chain_id, keccak256(&header))).unwrap();
        Evidence { header: header.clone().into(), seal: seal.to_bytes().to_vec().into(), ..evidence.clone() }
    };
    let mut trust = trust;
    trust.sealers.push(PinnedSealer { address: key("old-sealer").address(), from: 0, until: None });
    let old = beside("old-sealer", CHAIN_ID);
    let direct = world.chain.snapshot(&query).await.unwrap();
    assert_eq!(check(&old, &query, &trust).unwrap().program, direct.program);
    for i in 0..65 {
        let mut seal = old.seal.to_vec();
        seal[i] ^= 1;
        assert!(check(&Evidence { seal: seal.into(), ..old.clone() }, &query, &trust).is_err(), "byte {i}");
    }
    assert!(matches!(check(&beside("stranger", CHAIN_ID), &query, &trust), Err(EvidenceError::Sealer { .. })));
    assert!(matches!(check(&beside("old-sealer", CHAIN_ID + 1), &query, &trust), Err(EvidenceError::Sealer { .. })));
    let unsealed = Evidence { seal: Default::default(), ..old };
    assert!(matches!(check(&unsealed, &query, &trust), Err(EvidenceError::Unsealed(_))));
}

/// The fields of a header.
fn fields(header: &[u8]) -> Vec<Vec<u8>> {
    let mut rest = header;
    assert!(alloy_rlp::Header::decode(&mut rest).unwrap().list);
    let mut fields = Vec::new();
    while !rest.is_empty() {
        fields.push(alloy_rlp::Header::decode_bytes(&mut rest, false).unwrap().to_vec());
    }
    fields
}

/// The same header with other extra data.
fn with_extra(header: &[u8], extra: &[u8]) -> Vec<u8> {
    let mut fields = fields(header);
    fields[12] = extra.to_vec();
    let payload: Vec<u8> = fields.iter().flat_map(|field| alloy_rlp::encode(field.as_slice())).collect();
    let mut out = Vec::new();
    alloy_rlp::Header { list: true, payload_length: payload.len() }.encode(&mut out);
    [out, payload].concat()
}

fn seal_in(header: &[u8]) -> [u8; 65] {
    fields(header)[12][32..].try_into().unwrap()
}

/// The same block, sealed by another key, or for another chain.
fn resealed(evidence: &Evidence, by: &str, chain_id: u64) -> Evidence {
    let unsealed = with_extra(&evidence.header, &SEAL_PREFIX);
    let seal = key(by).sign(&seal_hash(chain_id, keccak256(unsealed))).unwrap().to_bytes();
    let header = with_extra(&evidence.header, &[&SEAL_PREFIX[..], &seal].concat());
    Evidence { header: header.into(), ..evidence.clone() }
}

/// A trust file that reads today's words by the first contracts' layout learns nothing from them, whatever is asked, and is told what it lacks.
#[tokio::test]
async fn words_of_today_are_not_read_as_the_first_contracts() {
    let (world, evidence, query, trust) = decided().await;
    let mut first = trust.clone();
    first.contracts.revision = Revision::First;
    let number = evidence_block(&evidence, &query, &trust);
    for query in [
        query.clone(),
        query.clone().without_decision(),
        SnapshotQuery { program: query.program.clone(), ..SnapshotQuery::default() },
    ] {
        let evidence = world.chain.collect_evidence(&query, number).await.unwrap();
        assert!(check(&evidence, &query, &trust).is_ok());
        let refused = check(&evidence, &query, &first).unwrap_err();
        assert_eq!(refused, EvidenceError::OtherRevision(Revision::Second));
        assert!(refused.to_string().contains("write the line `revision = 2` under [contracts]"), "{refused}");
    }
    // Also where no program is asked about: neither roots nor policies are taken for the first contracts'.
    let roots = SnapshotQuery { roots: query.roots.clone(), ..SnapshotQuery::default() };
    let policies = SnapshotQuery { policies: query.policies.clone(), ..SnapshotQuery::default() };
    for query in [roots, policies] {
        let evidence = world.chain.collect_evidence(&query, number).await.unwrap();
        assert!(check(&evidence, &query, &trust).is_ok() && check(&evidence, &query, &first).is_err());
    }
}

fn pin(trust: &mut Trust, i: usize) -> &mut PinnedContract {
    let c = &mut trust.contracts;
    let pins = [
        &mut c.officers,
        &mut c.agencies,
        &mut c.policies,
        &mut c.requesters,
        &mut c.poseidon,
        &mut c.programs,
        &mut c.decisions,
    ];
    pins.into_iter().nth(i).unwrap()
}
