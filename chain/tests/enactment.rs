//! What two officers do: two people, a delay, exactly the proposed content; policies that never overlap or reach back.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use alloy_primitives::{Address, B256, Bytes};
use alloy_sol_types::SolCall;
use sealroot_chain::{
    Act, BlockClock, Calls, Chain,
    calls::view,
    contracts::{officers::Officers, policies::Policies, programs::Programs},
};
use sealroot_protocol::{
    date::{Month, Period},
    program::{AsOfRule, Payment, Program},
    scope::ScopeOpening,
    snapshot::{Held, SnapshotQuery},
};
use sealroot_testing::chain::*;

fn policy() -> Act {
    Act::EnactPolicy(enactment("income", "income-1", "tax-office", "2026-11-01", Some("2026-12-31")))
}

#[tokio::test]
async fn nobody_enacts_alone_or_at_once() {
    let world = World::registered().await;
    let (one, two, stranger) = (key("officer-1"), key("officer-2"), key("stranger"));
    let chain = &world.chain;
    assert_eq!(rejected(chain.propose(&stranger, &policy()).await), "not-an-officer");
    assert_eq!(rejected(chain.confirm(&two, &policy()).await), "not-proposed");
    chain.propose(&one, &policy()).await.unwrap();
    assert_eq!(rejected(chain.propose(&two, &policy()).await), "already-proposed");
    world.wait(DELAY - 10).await;
    assert_eq!(rejected(chain.confirm(&two, &policy()).await), "delay-not-over");
    world.wait(DELAY).await;
    assert_eq!(rejected(chain.confirm(&one, &policy()).await), "needs-two-people");
    assert_eq!(rejected(chain.confirm(&stranger, &policy()).await), "not-an-officer");
    // Another content than the one proposed.
    let other = Act::EnactPolicy(enactment("income", "income-1", "tax-office", "2026-11-01", None));
    assert_eq!(rejected(chain.confirm(&two, &other).await), "not-proposed");
    chain.rehearse(&policy()).await.unwrap();
    chain.confirm(&two, &policy()).await.unwrap();
    assert_eq!(rejected(chain.confirm(&key("officer-3"), &policy()).await), "not-proposed");
    assert_eq!(rejected(chain.rehearse(&policy()).await), "policy-exists");
}

#[tokio::test]
async fn acts_are_rejected_from_outside() {
    let world = World::registered().await;
    let contracts = world.chain.contracts();
    for act in [
        policy(),
        Act::EnactProgram(Box::new(program())),
        Act::RegisterAgency { id: name("mine"), grace: 1, key: key("x").address() },
        Act::RegisterRequester { id: name("mine"), key: key("x").address() },
        Act::AddOfficer(key("x").address()),
        Act::AddAgencyKey(name("registry"), key("x").address()),
        Act::AddRequesterKey(name("welfare-office"), key("x").address()),
        Act::WithdrawAgency(name("registry")),
        Act::WithdrawPolicy(policy_digest("income-1")),
        Act::CloseProgram(name("heating-allowance")),
        Act::Authorise(name("heating-allowance"), name("other-office")),
    ] {
        let to = act.target(&contracts);
        let sent = world.chain.send(&key("officer-1"), to, act.calldata().unwrap()).await;
        assert_eq!(rejected(sent), "needs-two-people", "{act:?}");
    }
}

#[tokio::test]
async fn proposals_die_with_their_proposer_or_are_cancelled() {
    let world = World::registered().await;
    world.chain.propose(&key("officer-1"), &policy()).await.unwrap();
    world.wait(DELAY).await;
    let leave = Act::RemoveOfficer(key("officer-1").address());
    world.chain.propose(&key("officer-2"), &leave).await.unwrap();
    world.chain.confirm(&key("officer-3"), &leave).await.unwrap();
    assert_eq!(rejected(world.chain.confirm(&key("officer-2"), &policy()).await), "proposer-left");
    world.chain.cancel(&key("officer-3"), &policy()).await.unwrap();
    assert_eq!(rejected(world.chain.confirm(&key("officer-2"), &policy()).await), "not-proposed");
    // Two remain: nobody else can be removed before somebody joins.
    let last = Act::RemoveOfficer(key("officer-3").address());
    world.chain.propose(&key("officer-3"), &last).await.unwrap();
    assert_eq!(rejected(world.chain.confirm(&key("officer-2"), &last).await), "too-few");
    let join = Act::AddOfficer(key("officer-4").address());
    world.chain.propose(&key("officer-2"), &join).await.unwrap();
    assert_eq!(rejected(world.chain.confirm(&key("officer-3"), &join).await), "delay-not-over");
    world.wait(DELAY).await;
    world.chain.confirm(&key("officer-3"), &join).await.unwrap();
    let call = Officers::isOfficerCall { person: key("officer-4").address() };
    assert!(view(&world.chain, world.chain.contracts().officers, call).await.unwrap());
}

/// An officer that left and came back has lost the proposals from before: the others thought them void.
#[tokio::test]
async fn an_officer_that_comes_back_revives_no_proposal() {
    let world = World::registered().await;
    let (one, two, three) = (key("officer-1"), key("officer-2"), key("officer-3"));
    let chain = &world.chain;
    chain.propose(&one, &policy()).await.unwrap();
    let (leave, join) = (Act::RemoveOfficer(one.address()), Act::AddOfficer(one.address()));
    chain.propose(&two, &leave).await.unwrap();
    chain.confirm(&three, &leave).await.unwrap();
    chain.propose(&two, &join).await.unwrap();
    world.wait(DELAY).await;
    chain.confirm(&three, &join).await.unwrap();
    assert_eq!(rejected(chain.confirm(&two, &policy()).await), "proposer-left");
    // An officer once more, this one can propose it again, and it waits again.
    chain.propose(&one, &policy()).await.unwrap();
    assert_eq!(rejected(chain.confirm(&two, &policy()).await), "delay-not-over");
    world.wait(DELAY).await;
    chain.confirm(&two, &policy()).await.unwrap();
}

/// The same act in other bytes would have another id: cancelled under one, it would be confirmed under another.
#[tokio::test]
async fn an_act_has_one_encoding() {
    let world = World::new().await;
    let (one, two) = (key("officer-1"), key("officer-2"));
    let contracts = world.chain.contracts();
    let send = |by, to, data: Vec<u8>| world.chain.send(by, to, data.into());
    let mut tried = 0;
    // A law that was withdrawn after its days had begun, for the act that replaces it.
    let old = policy_digest("old-1");
    let from = "2026-11-07";
    world.enact(&Act::EnactPolicy(enactment("old", "old-1", "tax-office", from, None))).await.unwrap();
    world.at("2026-11-08").await;
    world.enact_now(&Act::WithdrawPolicy(old)).await.unwrap();
    for act in [
        Act::AddOfficer(key("x").address()),
        Act::RemoveOfficer(key("officer-3").address()),
        Act::RegisterAgency { id: name("mine"), grace: 1, key: key("x").address() },
        Act::AddAgencyKey(name("registry"), key("x").address()),
        Act::RevokeAgencyKey(key("registry-key").address()),
        Act::WithdrawRoot(name("registry"), root(1)),
        Act::WithdrawAgency(name("registry")),
        Act::RegisterRequester { id: name("mine"), key: key("x").address() },
        Act::AddRequesterKey(name("welfare-office"), key("x").address()),
        Act::RetireRequesterKey(key("welfare-office-key").address()),
        Act::RevokeRequesterKey(key("welfare-office-key").address()),
        Act::EnactPolicy(enactment("third", "third-1", "tax-office", "2028-01-01", None)),
        Act::EndPolicy(policy_digest("residence-1"), date("2027-12-31")),
        Act::WithdrawPolicy(policy_digest("income-1")),
        Act::EnactProgram(Box::new(Program { id: name("second"), ..program() })),
        Act::AmendProgram(Box::new(program())),
        Act::Authorise(name("heating-allowance"), name("other-office")),
        Act::Dismiss(name("heating-allowance"), name("welfare-office")),
        Act::CloseProgram(name("heating-allowance")),
        Act::EnactRetroactively(enactment("old", "old-2", "tax-office", from, None), old),
    ] {
        let (to, bytes) = (act.target(&contracts), act.calldata().unwrap());
        world.chain.rehearse(&act).await.unwrap();
        for more in [vec![0], vec![0; 32]] {
            let call: Bytes = [bytes.as_ref(), &more].concat().into();
            send(&one, to, Officers::proposeCall { call_: call.clone() }.abi_encode()).await.unwrap();
            world.wait(world.chain.delay_of(&act).await.unwrap()).await;
            let confirmed = send(&two, to, Officers::confirmCall { call_: call }.abi_encode()).await;
            assert_eq!(rejected(confirmed), "not-canonical", "{act:?}");
            tried += 1;
        }
    }
    assert_eq!(tried, 40, "every act of two people");

    // The same arguments laid out with a gap: the list begins a word later than it must.
    let enact = Act::EnactPolicy(enactment("third", "third-1", "tax-office", "2028-01-01", None));
    let mut bytes = enact.calldata().unwrap().to_vec();
    let offset = 4 + 4 * 32 + 31;
    assert_eq!(bytes[offset - 1..=offset], [1, 0], "eight words");
    bytes[offset] += 32;
    bytes.splice(4 + 9 * 32..4 + 9 * 32, [0; 32]);
    let call: Bytes = bytes.into();
    send(&one, contracts.policies, Officers::proposeCall { call_: call.clone() }.abi_encode()).await.unwrap();
    world.wait(DELAY).await;
    let confirmed = send(&two, contracts.policies, Officers::confirmCall { call_: call }.abi_encode()).await;
    assert_eq!(rejected(confirmed), "not-canonical");
}

/// A requester that was dismissed and came back has standing from its return on, not from before.
#[tokio::test]
async fn a_return_hides_no_gap() {
    let world = World::new().await;
    let query = world.query(None);
    let standing = async || world.chain.snapshot(&query).await.unwrap().requester.unwrap();
    let first = standing().await;
    world.enact_now(&Act::Dismiss(name("heating-allowance"), name("welfare-office"))).await.unwrap();
    let dismissed = standing().await;
    assert_eq!(dismissed.since, first.since);
    world.wait(86_400).await;
    world.enact(&Act::Authorise(name("heating-allowance"), name("welfare-office"))).await.unwrap();
    let back = standing().await;
    assert!(back.since > dismissed.until.unwrap() && back.until.is_none(), "{first:?} {dismissed:?} {back:?}");
}

/// Evidence of a block after the amendment doesn't make the new document the law of the time before it.
#[tokio::test]
async fn an_amendment_is_not_the_law_of_the_time_before_it() {
    let world = World::new().await;
    let query = world.query(None);
    let entry = async || world.chain.snapshot(&query).await.unwrap().program.unwrap();
    let before = entry().await;
    let decided_at = world.chain.head().await.unwrap().time;
    assert!(before.enacted_at <= decided_at);
    let mut amended = program();
    amended.manual_path.insert("de".into(), "Zimmer 4.".into());
    let receipt = world.enact(&Act::AmendProgram(Box::new(amended.clone()))).await.unwrap();
    let after = entry().await;
    assert_eq!((after.digest, after.enacted_at), (amended.digest().unwrap(), receipt.block.time));
    assert!(after.enacted_at > decided_at);
}

#[tokio::test]
async fn a_chain_needs_two_different_officers() {
    for officers in
        [vec![], vec![key("a").address()], vec![key("a").address(); 2], vec![key("a").address(), Address::ZERO]]
    {
        let directory = tempfile::tempdir().unwrap();
        let genesis = sealroot_chain::Genesis {
            chain_id: 1,
            time: 1,
            officers,
            delay: 1,
            clock: sealroot_chain::BlockClock::System,
        };
        assert!(sealroot_chain::EmbeddedChain::create(directory.path(), &genesis).await.is_err());
    }
}

#[tokio::test]
async fn policies_never_overlap_or_reach_back() {
    let world = World::registered().await;
    let world = &world;
    let enact = |id, version, agency, from, until| async move {
        world.enact(&Act::EnactPolicy(enactment(id, version, agency, from, until))).await
    };
    // Today is 2026-10-01: today has begun, and tomorrow hasn't, until ten in the morning: then it has, far in the east.
    assert_eq!(rejected(enact("income", "a", "tax-office", "2026-10-01", None).await), "already-begun");
    assert_eq!(rejected(enact("income", "b", "tax-office", "2025-01-01", None).await), "already-begun");
    enact("income", "c", "tax-office", "2026-10-02", Some("2026-10-31")).await.unwrap();
    for (version, from, until) in
        [("d", "2026-10-31", Some("2026-11-30")), ("e", "2026-10-02", None), ("f", "2026-10-10", Some("2026-10-20"))]
    {
        assert_eq!(rejected(enact("income", version, "tax-office", from, until).await), "overlaps", "{version}");
    }
    enact("income", "g", "tax-office", "2026-11-01", None).await.unwrap();
    assert_eq!(rejected(enact("income", "h", "tax-office", "2027-01-01", None).await), "overlaps");
    // Another id is free; the same digest isn't.
    enact("residence", "i", "registry", "2026-10-03", None).await.unwrap();
    assert_eq!(rejected(enact("third", "i", "registry", "2026-10-03", None).await), "policy-exists");
    assert_eq!(rejected(enact("fourth", "j", "nobody", "2026-10-03", None).await), "unregistered-agency");
    assert_eq!(
        rejected(enact("fifth", "k", "registry", "2026-10-05", Some("2026-10-04")).await),
        "ends-before-it-begins"
    );

    // Ending a version makes room, from today on, never in the past and never later than it ended.
    let end = |day| Act::EndPolicy(policy_digest("g"), date(day));
    world.at("2026-11-10").await;
    assert_eq!(rejected(world.enact(&end("2026-11-09")).await), "already-begun");
    world.enact(&end("2026-12-31")).await.unwrap();
    assert_eq!(rejected(world.enact(&end("2027-01-31")).await), "cant-be-extended");
    enact("income", "l", "tax-office", "2027-01-01", None).await.unwrap();

    // A withdrawn version makes room too, and can't come back.
    world.enact_now(&Act::WithdrawPolicy(policy_digest("l"))).await.unwrap();
    assert_eq!(rejected(world.enact_now(&Act::WithdrawPolicy(policy_digest("l"))).await), "policy-withdrawn");
    assert_eq!(rejected(enact("income", "l", "tax-office", "2027-01-01", None).await), "policy-exists");
    enact("income", "m", "tax-office", "2027-01-01", None).await.unwrap();
}

#[tokio::test]
async fn dates_and_names_must_exist() {
    let world = World::registered().await;
    let policies = world.chain.contracts().policies;
    let call = |id: B256, from: u32, until: u32| Policies::enactCall {
        version: Policies::Version {
            digest: B256::repeat_byte(1),
            id,
            keyHash: B256::repeat_byte(2),
            agencies: vec![B256::from(name("registry").to_bytes32())],
            currency0: Default::default(),
            currency1: Default::default(),
            from,
            until,
        },
    };
    let good = B256::from(name("income").to_bytes32());
    for (id, from, until, code) in [
        (good, 20_270_229, 20_271_231, "not-a-date"),
        (good, 20_270_101, 20_270_431, "not-a-date"),
        (good, 20_270_101, 100_000_101, "not-a-date"),
        (good, 0, 20_270_101, "already-begun"),
        (B256::ZERO, 20_270_101, 20_271_231, "not-a-name"),
        (B256::repeat_byte(b'a'), 20_270_101, 20_271_231, "not-a-name"),
        (B256::right_padding_from(b"Income"), 20_270_101, 20_271_231, "not-a-name"),
        (B256::right_padding_from(b"1ncome"), 20_270_101, 20_271_231, "not-a-name"),
        (B256::right_padding_from(b"inc\0ome"), 20_270_101, 20_271_231, "not-a-name"),
    ] {
        let outcome = world.chain.call(policies, policies, call(id, from, until).abi_encode().into()).await;
        assert_eq!(rejected(outcome), code, "{id} {from} {until}");
    }
    world.chain.call(policies, policies, call(good, 20_280_229, 99_991_231).abi_encode().into()).await.unwrap();
    for (letters, ok) in [(*b"EUR", true), (*b"eur", false), (*b"E\0R", false), (*b"EU ", false)] {
        let mut call = call(good, 20_280_229, 99_991_231);
        call.version.currency1 = letters.into();
        let outcome = world.chain.call(policies, policies, call.abi_encode().into()).await;
        if ok { drop(outcome.unwrap()) } else { assert_eq!(rejected(outcome), "not-a-currency") }
    }
}

/// A day has begun where clocks are farthest ahead, fourteen hours before midnight UTC: no law is made for it any more, and none ends before it.
#[tokio::test]
async fn a_day_begins_fourteen_hours_before_midnight_utc() {
    let world = World::registered().await;
    let act = Act::EnactPolicy(enactment("income", "income-1", "tax-office", "2026-11-01", None));
    let ten = time("2026-10-31") + 10 * 3600;
    for (now, code) in [(ten - 1, None), (ten, Some("already-begun"))] {
        world.chain.set_clock(BlockClock::Standing(now)).await.unwrap();
        match (world.chain.rehearse(&act).await, code) {
            (Ok(()), None) => {}
            (outcome, Some(code)) => assert_eq!(rejected(outcome), code),
            (outcome, None) => outcome.unwrap(),
        }
    }
}

/// A law that was withdrawn leaves days without one. They get another from two officers after 14 days, which says what it is; no other begun day does.
#[tokio::test]
async fn a_withdrawn_law_is_replaced_slowly_and_for_its_own_days() {
    let world = World::new().await;
    let old = policy_digest("income-1");
    let later = |from, until| Act::EnactRetroactively(enactment("income", "income-2", "tax-office", from, until), old);
    let (from, until) = ("2026-11-01", Some("2026-12-31"));
    assert_eq!(rejected(world.chain.rehearse(&later(from, until)).await), "policy-not-withdrawn");
    world.enact_now(&Act::WithdrawPolicy(old)).await.unwrap();
    let of_another = Act::EnactRetroactively(enactment("wealth", "w", "tax-office", from, until), old);
    for (act, code) in [
        (later("2026-10-31", until), "not-covered"),
        (later("2026-12-01", until), "not-yet-begun"),
        (of_another, "policy-not-enacted"),
    ] {
        assert_eq!(rejected(world.chain.rehearse(&act).await), code, "{act:?}");
    }
    let act = later(from, until);
    let proposed = world.chain.propose(&key("officer-1"), &act).await.unwrap().block.time;
    let delay = world.chain.delay_of(&act).await.unwrap();
    assert_eq!((delay, world.chain.delay_of(&policy()).await.unwrap()), (14 * 86_400, DELAY));
    let other = Act::EnactRetroactively(enactment("income", "income-3", "tax-office", from, until), old);
    let waiting = world.chain.waiting_beside(&other).await.unwrap();
    assert_eq!(waiting.iter().map(|w| w.policy).collect::<Vec<_>>(), [Some(policy_digest("income-2").0)]);
    world.chain.set_clock(BlockClock::Standing(proposed + delay - 1)).await.unwrap();
    assert_eq!(rejected(world.chain.confirm(&key("officer-2"), &act).await), "delay-not-over");
    world.chain.set_clock(BlockClock::Standing(proposed + delay)).await.unwrap();
    world.chain.confirm(&key("officer-2"), &act).await.unwrap();
    let new = policy_digest("income-2");
    let snapshot =
        world.chain.snapshot(&SnapshotQuery::of_policies([new, policy_digest("residence-1")])).await.unwrap();
    assert_eq!(snapshot.policies[&new].retroactive, Some(old));
    assert_eq!(snapshot.policies[&new].currencies, Held::Held([Some("EUR".parse().unwrap()), None]));
    assert_eq!(snapshot.policies[&policy_digest("residence-1")].retroactive, None);
}

/// A program is enacted beside the laws that it joins, in the currency that they count in.
#[tokio::test]
async fn programs_fit_the_laws_that_stand() {
    let world = World::registered().await;
    let act = |change: &dyn Fn(&mut Program)| {
        let mut changed = program();
        change(&mut changed);
        Act::EnactProgram(Box::new(changed))
    };
    assert_eq!(rejected(world.chain.rehearse(&act(&|_| {})).await), "no-version-on-day");
    for policy in laws() {
        world.enact(&policy).await.unwrap();
    }
    world.chain.rehearse(&act(&|_| {})).await.unwrap();
    let in_dollars = act(&|p| p.pays.as_mut().unwrap().currency = "USD".into());
    assert_eq!(rejected(world.chain.rehearse(&in_dollars).await), "other-currency");
    let over = act(&|p| (p.grid.first, p.grid.count) = (Month::from_yyyymm(202_501).unwrap(), 1));
    assert_eq!(rejected(world.chain.rehearse(&over).await), "no-period-left");
    world.enact_now(&Act::WithdrawAgency(name("tax-office"))).await.unwrap();
    assert_eq!(rejected(world.chain.rehearse(&act(&|_| {})).await), "agency-withdrawn");
}

/// The laws that the program joins.
fn laws() -> [Act; 2] {
    [("residence", "residence-1", "registry"), ("income", "income-1", "tax-office")]
        .map(|(id, version, agency)| Act::EnactPolicy(enactment(id, version, agency, "2026-11-01", None)))
}

#[tokio::test]
async fn programs_that_contradict_themselves_are_rejected() {
    let world = World::registered().await;
    let change = |change: &dyn Fn(&mut sealroot_protocol::program::Program)| {
        let mut changed = program();
        change(&mut changed);
        Act::EnactProgram(Box::new(changed))
    };
    let pays = |part, output| Some(Payment { part, output, currency: "EUR".into(), budget: 1 });
    let bad: [(&str, Act); 12] = [
        ("unusable-terms", change(&|p| p.policies.clear())),
        ("unusable-terms", change(&|p| p.policies = vec![name("income"); 2])),
        ("unusable-terms", change(&|p| p.policies = (0..9).map(|i| name(&format!("p{i}"))).collect())),
        ("unusable-terms", change(&|p| p.requesters.clear())),
        ("unknown-requester", change(&|p| p.requesters = vec![name("nobody")])),
        ("already-authorised", change(&|p| p.requesters = vec![name("welfare-office"); 2])),
        ("unusable-terms", change(&|p| p.grid.months = 0)),
        ("unusable-terms", change(&|p| p.grid.count = 0)),
        ("not-a-date", change(&|p| p.grid.first = Month::from_yyyymm(999_911).unwrap())),
        ("unusable-terms", change(&|p| p.claim.opens_after_days = 41)),
        ("unusable-terms", change(&|p| p.pays = pays(2, 0))),
        ("unusable-terms", change(&|p| p.pays = pays(0, 2))),
    ];
    for policy in laws() {
        world.enact(&policy).await.unwrap();
    }
    for (i, (code, act)) in bad.iter().enumerate() {
        assert_eq!(rejected(world.chain.rehearse(act).await), *code, "{i}");
    }
    world.enact(&Act::EnactProgram(Box::new(program()))).await.unwrap();
    assert_eq!(rejected(world.enact(&Act::EnactProgram(Box::new(program()))).await), "program-exists");
    // An amendment changes document and budget, and nothing else.
    let mut amended = program();
    amended.grid.first = Month::from_yyyymm(202_701).unwrap();
    amended.as_of = AsOfRule::PeriodEnd;
    amended.pays = Some(Payment { part: 0, output: 1, currency: "EUR".into(), budget: 5 });
    let before = world.chain.snapshot(&world.query(None)).await.unwrap().program.unwrap();
    world.enact(&Act::AmendProgram(Box::new(amended.clone()))).await.unwrap();
    let after = world.chain.snapshot(&world.query(None)).await.unwrap().program.unwrap();
    assert_eq!((after.digest, after.budget), (amended.digest().unwrap(), 5));
    assert_eq!(
        (after.grid, after.as_of, after.pays, after.policies),
        (before.grid, before.as_of, before.pays, before.policies)
    );
}

/// The contract's grid and scope are the protocol's, for every period; anything off the grid is rejected.
#[tokio::test]
async fn grid_and_scope_are_the_protocols() {
    let world = World::registered().await;
    for policy in laws() {
        world.enact(&policy).await.unwrap();
    }
    let mut quarterly = program();
    quarterly.id = name("quarterly");
    quarterly.grid.first = Month::from_yyyymm(202_711).unwrap();
    (quarterly.grid.months, quarterly.grid.count) = (3, 7);
    for program in [program(), quarterly] {
        world.enact(&Act::EnactProgram(Box::new(program.clone()))).await.unwrap();
        for index in 0..program.grid.count {
            let period = program.period(index).unwrap();
            let opening = ScopeOpening { deployment: world.chain.deployment(), program: program.id.clone(), period };
            assert_eq!(world.chain.scope_on_chain(&program.id, period.start).await.unwrap(), opening.scope());
            let id = B256::from(program.id.to_bytes32());
            let call = Programs::periodEndCall { id, start: period.start.yyyymmdd() };
            assert_eq!(
                view(&world.chain, world.chain.contracts().programs, call).await.unwrap(),
                period.end.yyyymmdd()
            );
        }
        let beyond =
            program.grid.first.plus_months(i64::from(program.grid.months) * i64::from(program.grid.count)).unwrap();
        let off = [
            program.grid.first.plus_months(-1).unwrap().first_day(),
            beyond.first_day(),
            date("2027-12-02"),
            date("2027-12-31"),
        ];
        for start in off {
            assert_eq!(rejected(world.chain.scope_on_chain(&program.id, start).await), "period-not-on-grid", "{start}");
        }
        let second = Period { start: date("2027-12-01"), end: date("2027-12-31") };
        assert!(program.has_period(second) || world.chain.scope_on_chain(&program.id, second.start).await.is_err());
    }
    assert_eq!(rejected(world.chain.scope_on_chain(&name("nothing"), date("2026-11-01")).await), "program-not-enacted");
}
