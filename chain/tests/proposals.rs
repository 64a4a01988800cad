//! Proposals: who may take them back, and how long they last.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use sealroot_chain::{Act, BlockClock, Calls};
use sealroot_testing::chain::*;

const DAY: u64 = 86_400;

fn policy() -> Act {
    Act::EnactPolicy(enactment("third", "third-1", "tax-office", "2027-06-01", None))
}

/// Everything that only takes power away.
fn emergencies() -> Vec<Act> {
    vec![
        Act::RemoveOfficer(key("officer-3").address()),
        Act::RevokeAgencyKey(key("registry-key").address()),
        Act::WithdrawRoot(name("registry"), root(1)),
        Act::WithdrawAgency(name("registry")),
        Act::RetireRequesterKey(key("welfare-office-key").address()),
        Act::RevokeRequesterKey(key("welfare-office-key").address()),
        Act::WithdrawPolicy(policy_digest("income-1")),
        Act::Dismiss(name("heating-allowance"), name("welfare-office")),
        Act::CloseProgram(name("heating-allowance")),
    ]
}

/// The holder of one stolen key would otherwise cancel each of these between its two transactions, for ever.
#[tokio::test]
async fn one_officer_vetoes_no_emergency() {
    for act in emergencies() {
        let world = World::new().await;
        let (one, two, thief) = (key("officer-1"), key("officer-2"), key("officer-3"));
        world.chain.propose(&one, &act).await.unwrap();
        assert_eq!(rejected(world.chain.cancel(&thief, &act).await), "only-its-proposer", "{act:?}");
        let proposal = world.chain.proposal(&act).await.unwrap().unwrap();
        assert_eq!(world.chain.standing_proposal(&act).await.unwrap(), Some(proposal));
        assert!(proposal.immediate && proposal.proposer == one.address());
        world.chain.confirm(&two, &act).await.unwrap();
        assert_eq!(world.chain.standing_proposal(&act).await.unwrap(), None);
        assert_eq!(world.chain.proposal(&act).await.unwrap(), None);
    }
    // Its proposer takes it back, and acts that give power are everybody's to stop.
    let world = World::new().await;
    let act = &emergencies()[0];
    world.chain.propose(&key("officer-1"), act).await.unwrap();
    world.chain.cancel(&key("officer-1"), act).await.unwrap();
    assert_eq!(rejected(world.chain.confirm(&key("officer-2"), act).await), "not-proposed");
    world.chain.propose(&key("officer-1"), &policy()).await.unwrap();
    assert!(!world.chain.proposal(&policy()).await.unwrap().unwrap().immediate);
    world.chain.cancel(&key("officer-3"), &policy()).await.unwrap();
}

/// A suspect officer is faster than everybody and proposes the removal of that same officer, so as to be the only one who may cancel it.
#[tokio::test]
async fn no_officer_escapes_a_removal_by_proposing_it_first() {
    let world = World::new().await;
    let act = Act::RemoveOfficer(key("officer-3").address());
    world.chain.propose(&key("officer-3"), &act).await.unwrap();
    assert_eq!(rejected(world.chain.propose(&key("officer-3"), &act).await), "already-proposed");
    world.chain.propose(&key("officer-1"), &act).await.unwrap();
    assert_eq!(rejected(world.chain.propose(&key("officer-3"), &policy()).await), "not-an-officer");
    // What gives power waits, even if others propose it too.
    world.chain.propose(&key("officer-1"), &policy()).await.unwrap();
    assert_eq!(rejected(world.chain.propose(&key("officer-2"), &policy()).await), "already-proposed");
}

#[tokio::test]
async fn what_its_proposer_left_behind_is_anybodys() {
    let world = World::new().await;
    let (one, two, three) = (key("officer-1"), key("officer-2"), key("officer-3"));
    let (close, leave) = (Act::CloseProgram(name("heating-allowance")), Act::RemoveOfficer(one.address()));
    world.chain.propose(&one, &close).await.unwrap();
    world.chain.propose(&two, &leave).await.unwrap();
    world.chain.confirm(&three, &leave).await.unwrap();
    assert_eq!(rejected(world.chain.confirm(&two, &close).await), "proposer-left");
    // Proposed over it, it needs a second person as ever.
    world.chain.propose(&two, &close).await.unwrap();
    assert_eq!(rejected(world.chain.confirm(&two, &close).await), "needs-two-people");
    world.chain.cancel(&two, &close).await.unwrap();
    world.chain.propose(&two, &close).await.unwrap();
    world.chain.confirm(&three, &close).await.unwrap();
}

/// A matured proposal that everybody has forgotten would let one officer enact alone and at once.
#[tokio::test]
async fn proposals_expire() {
    let world = World::new().await;
    let (one, two) = (key("officer-1"), key("officer-2"));
    let close = Act::CloseProgram(name("heating-allowance"));
    for act in [policy(), close] {
        let proposed = world.chain.propose(&one, &act).await.unwrap().block.time;
        world.chain.set_clock(BlockClock::Standing(proposed + DELAY + 30 * DAY + 1)).await.unwrap();
        assert_eq!(rejected(world.chain.confirm(&two, &act).await), "proposal-expired");
        // Proposed anew, by any officer, it waits again.
        let proposed = world.chain.propose(&two, &act).await.unwrap().block.time;
        assert_eq!(world.chain.proposal(&act).await.unwrap().unwrap().proposer, two.address());
        if act == policy() {
            assert_eq!(rejected(world.chain.confirm(&one, &act).await), "delay-not-over");
        }
        // To the last second.
        world.chain.set_clock(BlockClock::Standing(proposed + DELAY + 30 * DAY)).await.unwrap();
        world.chain.confirm(&one, &act).await.unwrap();
    }
    let act = Act::Authorise(name("heating-allowance"), name("other-office"));
    world.chain.propose(&one, &act).await.unwrap();
    world.wait(DELAY + 31 * DAY).await;
    world.chain.cancel(&two, &act).await.unwrap();
}
