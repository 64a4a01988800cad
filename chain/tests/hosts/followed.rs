//! Following a chain block by block, on every host: nothing is left out, and what a reorganisation took back is said.

use sealroot_chain::{Act, Calls, Chain, Noticed, Watch};
use sealroot_testing::{chain::*, hosts::Remote};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn the_embedded_chain_is_followed() {
    followed(World::bare().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_served_chain_is_followed() {
    followed(World::<Remote>::served().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn anvil_is_followed() {
    let Some(world) = World::<Remote>::anvil().await else { return };
    followed(world).await;
}

/// All that is left to be told.
async fn rest<C: Chain>(watch: &mut Watch<'_, C>) -> Vec<Noticed> {
    let mut all = Vec::new();
    loop {
        let (noticed, is_all) = watch.look().await.unwrap();
        all.extend(noticed);
        if is_all {
            return all;
        }
    }
}

async fn followed<C: Timed>(world: World<C>) {
    let mut watch = Watch::new(&world.chain, 0, 0);
    let first = rest(&mut watch).await;
    let joined = |noticed: &&Noticed| matches!(noticed, Noticed::Event { happened, .. } if happened.event == "Joined");
    assert_eq!(first.iter().filter(joined).count(), 3, "{first:?}");
    world.register().await;
    world.enact_program(program()).await;
    let told = rest(&mut watch).await;
    // The same events as a search finds, in each contract's order.
    let contracts = world.chain.contracts();
    for address in contracts.in_order() {
        let found = world.chain.logs(address, [None; 4]).await.unwrap();
        let read = found.iter().map(|log| sealroot_chain::Happened::read(log, &contracts).unwrap());
        let name = sealroot_chain::contracts::ALL[contracts.in_order().iter().position(|a| *a == address).unwrap()].0;
        let all = first.iter().chain(&told).filter_map(|noticed| match noticed {
            Noticed::Event { happened, .. } if happened.contract == name => Some(happened.clone()),
            _ => None,
        });
        assert_eq!(read.collect::<Vec<_>>(), all.collect::<Vec<_>>(), "{name}");
    }
    // Names are names, digests digests, and lists lists.
    let enacted = told.iter().find_map(|noticed| match noticed {
        Noticed::Event { happened, block, .. } if happened.event == "Enacted" => Some((happened, block)),
        _ => None,
    });
    let (enacted, block) = enacted.unwrap();
    assert_eq!((enacted.contract, block.number <= watch.next_block()), ("Policies", true));
    assert_eq!(enacted.fields["digest"].as_str().unwrap().len(), 66);
    let version = &enacted.fields["version"];
    assert_eq!(version["id"], enacted.fields["id"]);
    assert!(version["id"].as_str().unwrap().parse::<sealroot_protocol::name::Name>().is_ok(), "{version}");
    assert!(version["agencies"][0].is_string() && version["from"].is_number(), "{version}");
    assert_eq!(rest(&mut watch).await, [], "nothing came since");
    // From a later block on, with blocks that must follow.
    let head = world.chain.head().await.unwrap().number;
    let mut late = Watch::new(&world.chain, head, 1);
    assert_eq!((rest(&mut late).await, late.next_block()), (vec![], head));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reorganisation_is_said() {
    let Some(world) = World::<Remote>::anvil().await else { return };
    let mut watch = Watch::new(&world.chain, 0, 0);
    rest(&mut watch).await;
    let before = world.chain.head().await.unwrap().number;
    let act = Act::AddOfficer(key("officer-4").address());
    let sent = world.chain.propose(&key("officer-1"), &act).await.unwrap();
    let told = rest(&mut watch).await;
    assert!(matches!(&told[..], [Noticed::Event { transaction, .. }] if *transaction == sent.transaction), "{told:?}");
    world.chain.ask("anvil_mine", json!(["0x1"])).await;
    world.chain.ask("anvil_reorg", json!([2, []])).await;
    world.chain.ask("anvil_mine", json!(["0x3"])).await;
    let told = rest(&mut watch).await;
    assert_eq!(told[0], Noticed::Reorganised { from: before + 1 }, "{told:?}");
    let again =
        |noticed: &Noticed| matches!(noticed, Noticed::Event { transaction, .. } if *transaction == sent.transaction);
    assert_eq!(
        told.iter().filter(|noticed| again(noticed)).count(),
        usize::from(world.chain.proposal(&act).await.unwrap().is_some())
    );
}
