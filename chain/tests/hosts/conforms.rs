//! Every contract's acts, rejections with the same code, the past, evidence that checks, on each host.

use alloy_primitives::{B256, U256, keccak256};
use sealroot_chain::{Act, Calls, Pins, Prepared, SeenBlock, check_seen};
use sealroot_protocol::{
    code::Code,
    field::Digest,
    refusals::BatchRoot,
    snapshot::{Registry, SnapshotQuery},
};
use sealroot_testing::{
    chain::*,
    hosts::{Remote, pins_of},
    trust::trust,
};
use sealroot_verifier::{
    evidence::check,
    trust::{PinnedBlock, Trust},
};

#[tokio::test(flavor = "multi_thread")]
async fn the_embedded_host_conforms() {
    let world = World::bare().await;
    let pins = pins_of(&world.chain).await;
    conforms(world, pins).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_served_chain_conforms() {
    let world = World::<Remote>::served().await;
    let pins = world.chain.pins.clone();
    conforms(world, pins).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn anvil_conforms() {
    let Some(world) = World::<Remote>::anvil().await else { return };
    let pins = world.chain.pins.clone();
    conforms(world, pins).await;
}

/// Without a sealer, the block's hash is what an auditor knows from elsewhere.
fn trust_in(pins: &Pins, number: u64, hash: B256) -> Trust {
    let blocks = if pins.sealers.is_empty() { vec![PinnedBlock { number, hash }] } else { Vec::new() };
    trust(pins.chain_id, pins.contracts, pins.sealers.iter().map(|pin| pin.address), blocks)
}

async fn conforms<C: Timed>(world: World<C>, pins: Pins) {
    assert_eq!(world.chain.code_hashes().await.unwrap(), pins.contracts);
    officers(&world).await;
    world.register().await;
    world.enact_program(program()).await;
    agencies(&world).await;
    decisions(&world, &pins).await;
    sending(&world).await;
    withdrawals(&world).await;
}

/// Two people, a delay, a proposal that is cancelled, and what waits beside it.
async fn officers<C: Timed>(world: &World<C>) {
    let chain = &world.chain;
    assert_eq!(chain.delay().await.unwrap(), DELAY);
    let act = Act::AddOfficer(key("officer-4").address());
    chain.propose(&key("officer-1"), &act).await.unwrap();
    assert_eq!(rejected(chain.propose(&key("officer-2"), &act).await), "already-proposed");
    assert_eq!(rejected(chain.confirm(&key("officer-2"), &act).await), "delay-not-over");
    assert_eq!(rejected(chain.propose(&key("stranger"), &act).await), "not-an-officer");
    let proposal = chain.proposal(&act).await.unwrap().unwrap();
    assert_eq!((proposal.proposer, proposal.immediate), (key("officer-1").address(), false));
    world.wait(DELAY).await;
    assert_eq!(rejected(chain.confirm(&key("officer-1"), &act).await), "needs-two-people");
    chain.cancel(&key("officer-2"), &act).await.unwrap();
    assert_eq!(chain.proposal(&act).await.unwrap(), None);
    assert_eq!(rejected(chain.confirm(&key("officer-2"), &act).await), "not-proposed");
}

async fn agencies<C: Timed>(world: &World<C>) {
    let chain = &world.chain;
    let head = chain.agency_head(&name("registry")).await.unwrap().unwrap();
    assert_eq!((head.sequence, head.root), (1, Some(root(1))));
    assert_eq!(chain.agency_head(&name("nobody")).await.unwrap(), None);
    assert_eq!(rejected(world.anchor("registry", "registry-key", 5, 9, None).await), "not-the-successor");
    assert_eq!(rejected(world.anchor("registry", "tax-key", 5, 2, Some(1)).await), "key-not-active");
    chain.set_card(&key("registry-key"), Registry::Agencies, &name("registry"), Digest([7; 32])).await.unwrap();
    let cards = SnapshotQuery { cards: [(Registry::Agencies, name("registry"))].into(), ..SnapshotQuery::default() };
    let card = chain.snapshot(&cards).await.unwrap();
    assert_eq!(card.cards.len(), 1);
}

async fn decisions<C: Timed>(world: &World<C>, pins: &Pins) {
    let chain = &world.chain;
    let before = chain.head().await.unwrap();
    let call = world.approval(world.request(), 11, 400);
    assert_eq!(rejected(world.approve_as(&call, "other-office-key").await), "not-the-requester");
    let receipt = world.approve(&call).await.unwrap();
    assert_eq!(rejected(world.approve(&call).await), "already-decided");
    let mut second = world.request();
    second.nonce.0.0[0] = 1;
    assert_eq!(rejected(world.approve(&world.approval(second.clone(), 11, 400)).await), "nullifier-spent");
    assert_eq!(rejected(world.approve(&world.approval(second, 12, BUDGET)).await), "over-budget");
    assert_eq!(chain.spent(&name("heating-allowance")).await.unwrap(), U256::from(400));

    let query = world.query(Some(11));
    let now = chain.snapshot(&query).await.unwrap();
    let decision = now.decision.as_ref().unwrap();
    assert_eq!((decision.amount, decision.block), (400, receipt.block.number));
    // The past, before the approval and with it, and evidence of both.
    assert_eq!(chain.snapshot_at(&query, before.number).await.unwrap().decision, None);
    let then = chain.snapshot_at(&query, receipt.block.number).await.unwrap();
    assert_eq!((then.decision.as_ref(), then.block), (Some(decision), receipt.block));
    let evidence = chain.collect_evidence(&query, receipt.block.number).await.unwrap();
    let trust = trust_in(pins, receipt.block.number, receipt.block.hash);
    assert_eq!(check(&evidence, &query, &trust).unwrap(), then);
    assert_eq!(failed(chain.collect_evidence(&query, before.number).await), Code::NothingToProve);
    assert_eq!(failed(chain.collect_evidence(&query, 1_000_000).await), Code::NoSuchBlock);

    let batch = BatchRoot(Digest(keccak256("batch").0));
    let dated = chain.date_refusals(&key("welfare-office-key"), &name("welfare-office"), batch).await.unwrap();
    assert_eq!(
        rejected(chain.date_refusals(&key("welfare-office-key"), &name("welfare-office"), batch).await),
        "already-dated"
    );
    let query = world.query(None).in_batch(batch);
    let refusals = chain.snapshot_at(&query, dated.block.number).await.unwrap().refusals;
    assert!(refusals.is_some());
}

/// Prepared here, signed elsewhere, submitted again, and two of one key at once.
async fn sending<C: Timed>(world: &World<C>) {
    let chain = &world.chain;
    let seen: SeenBlock = chain.head().await.unwrap().into();
    let (officer, to) = (key("officer-3"), chain.contracts().officers);
    let propose = |n: u8| {
        let act = Act::AddOfficer(key(&format!("newcomer-{n}")).address());
        let call = sealroot_chain::contracts::officers::Officers::proposeCall { call_: act.calldata().unwrap() };
        alloy_sol_types::SolCall::abi_encode(&call)
    };
    let prepared = chain.prepare(officer.address(), to, propose(1).into()).await.unwrap();
    let signed = prepared.clone().sign(&officer).unwrap();
    let receipt = chain.submit(signed.clone()).await.unwrap();
    assert_eq!((receipt.transaction, receipt.block), (signed.hash(), chain.block(receipt.block.number).await.unwrap()));
    assert!(receipt.gas_used > 21_000);
    assert_eq!(chain.submit(signed).await.unwrap(), receipt, "sent again, it is the one that is there");
    let late = Prepared { gas_limit: prepared.gas_limit + 1, ..prepared.clone() }.sign(&officer).unwrap();
    assert_eq!(failed(chain.submit(late).await), Code::TransactionOutOfTurn);
    let (one, two) =
        tokio::join!(chain.send(&officer, to, propose(2).into()), chain.send(&officer, to, propose(3).into()));
    assert_ne!(one.unwrap().transaction, two.unwrap().transaction);
    let proposed = [Some(keccak256("Proposed(bytes32,address,bytes,bool)")), None, None, None];
    let events = chain.logs(to, proposed).await.unwrap();
    let any = chain.logs(to, [None; 4]).await.unwrap();
    assert!(any.len() > 3 && events.len() <= any.len());
    check_seen(chain, Some(seen)).await.unwrap();
    let other = SeenBlock { hash: B256::repeat_byte(1), ..seen };
    assert_eq!(failed(check_seen(chain, Some(other)).await), Code::ChainRolledBack);
}

async fn withdrawals<C: Timed>(world: &World<C>) {
    let chain = &world.chain;
    world.enact_now(&Act::WithdrawPolicy(policy_digest("income-1"))).await.unwrap();
    let mut request = world.request();
    request.nonce.0.0[0] = 2;
    assert_eq!(rejected(world.approve(&world.approval(request, 13, 1)).await), "policy-withdrawn");
    world.enact_now(&Act::CloseProgram(name("heating-allowance"))).await.unwrap();
    assert!(chain.snapshot(&world.query(Some(11))).await.unwrap().decision.is_some(), "what was decided stays");
}
