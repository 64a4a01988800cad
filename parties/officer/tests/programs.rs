//! Programs that don't fit what stands on chain: each was proposed, and some paid, before it was refused.

#![allow(clippy::unwrap_used, clippy::panic)]

use sealroot_chain::{Act, BlockClock, PolicyEnactment};
use sealroot_officer::{ActError, FitError, Moment, confirm, fit, propose};
use sealroot_policy::Unfit;
use sealroot_protocol::{
    code::{Code, Coded},
    date::Month,
    policy::InForce,
    program::{AsOfRule, ClaimWindow, DecidedBy, Grid, Payment, Program},
};
use sealroot_testing::{
    chain::{DELAY, World, date, key, name, program, time},
    enacted::{Shelf, act, enactment, policies, policy, world},
};

fn shelf(policies: &[sealroot_protocol::policy::PolicyDocument]) -> Shelf {
    Shelf { programs: Vec::new(), policies: policies.to_vec() }
}

fn pays(part: u8, output: u8, currency: &str) -> Option<Payment> {
    Some(Payment { part, output, currency: currency.into(), budget: 1000 })
}

async fn refused(program: Program, world: &World, shelf: &Shelf) -> (Code, String) {
    let error = fit(program, Moment::Proposal, &world.chain, shelf).await.unwrap_err();
    (error.code(), error.to_string())
}

#[tokio::test]
async fn a_program_that_fits_is_enacted_by_two_officers_who_both_ask() {
    let policies = policies();
    let (world, shelf) = (world(&policies).await, shelf(&policies));
    let proposed = fit(program(), Moment::Proposal, &world.chain, &shelf).await.unwrap();
    assert!(proposed.gaps().is_empty());
    propose(&proposed.act(), &world.chain, &key("officer-1")).await.unwrap();
    world.wait(DELAY).await;
    let confirmed = fit(program(), Moment::Confirmation, &world.chain, &shelf).await.unwrap();
    assert_eq!(confirmed.act(), proposed.act());
    confirm(&confirmed.act(), &world.chain, &key("officer-2")).await.unwrap();
    let again = propose(&proposed.act(), &world.chain, &key("officer-1")).await.unwrap_err();
    assert_eq!(again.code(), Code::ProgramExists, "what can't be confirmed is refused when it is proposed");
}

/// The second officer asks again: what was withdrawn in the delay is seen.
#[tokio::test]
async fn what_was_withdrawn_in_the_delay_is_not_confirmed() {
    let policies = policies();
    let (world, shelf) = (world(&policies).await, shelf(&policies));
    let proposed = fit(program(), Moment::Proposal, &world.chain, &shelf).await.unwrap();
    propose(&proposed.act(), &world.chain, &key("officer-1")).await.unwrap();
    world.wait(DELAY).await;
    world.enact_now(&Act::WithdrawPolicy(policies[1].policy.digest().unwrap())).await.unwrap();
    let error = fit(program(), Moment::Confirmation, &world.chain, &shelf).await.unwrap_err();
    assert!(matches!(&error, FitError::NotEnacted(policy) if *policy == name("income")), "{error}");
}

#[tokio::test]
async fn what_is_paid_is_an_amount_in_the_programs_currency() {
    let policies = policies();
    let (world, shelf) = (world(&policies).await, shelf(&policies));
    for (payment, says) in [
        (pays(1, 0, "GBP"), "pays in GBP, and output \"amount\" of policy income is an amount in EUR"),
        (pays(1, 1, "EUR"), "pays output 1 of policy income, which has 1"),
        (pays(0, 0, "EUR"), "pays output 0 of policy residence, which has 0"),
    ] {
        let (code, message) = refused(Program { pays: payment, ..program() }, &world, &shelf).await;
        assert_eq!(code, Code::ProgramDoesNotFit, "{message}");
        assert!(message.contains(says), "{message}");
    }
    fit(Program { pays: None, ..program() }, Moment::Proposal, &world.chain, &shelf).await.unwrap();
    // Everybody reads what a contract verifies, so an output that isn't paid makes every approval by proof impossible.
    for decided_by in [DecidedBy::Proof, DecidedBy::Both] {
        let (code, message) = refused(Program { pays: None, decided_by, ..program() }, &world, &shelf).await;
        assert_eq!(code, Code::ProgramDoesNotFit, "{message}");
        assert!(message.contains("policy income has the output \"amount\", which it doesn't pay"), "{message}");
        fit(Program { decided_by, ..program() }, Moment::Proposal, &world.chain, &shelf).await.unwrap();
    }
}

#[tokio::test]
async fn an_output_that_is_no_money_is_not_paid() {
    let counted = policy("income", |text| {
        let (before, cases) = text.split_once("[[case]]").unwrap();
        let _ = cases;
        before.replace("value = \"full_amount - reduction\"", "value = \"taper_percent\"")
    });
    let policies = [policies()[0].clone(), counted];
    let (world, shelf) = (world(&policies).await, shelf(&policies));
    let error = fit(program(), Moment::Proposal, &world.chain, &shelf).await.unwrap_err();
    assert!(matches!(&error, FitError::Unfit(Unfit::NotAnAmount { .. })), "{error}");
}

/// A second version in another currency would be paid in the program's.
#[tokio::test]
async fn every_enacted_version_fits() {
    let mut policies = policies();
    let ends = |text: String| text.replace("from = \"2026-11-01\"", "from = \"2026-11-01\"\nuntil = \"2026-12-31\"");
    policies[1] = policy("income", ends);
    let next = policy("income", |text| {
        text.replace("from = \"2026-11-01\"", "from = \"2027-01-01\"").replace("version = 1", "version = 2")
    });
    let (world, mut shelf) = (world(&policies).await, shelf(&policies));
    let fitting = fit(program(), Moment::Proposal, &world.chain, &shelf).await.unwrap();
    assert_eq!(fitting.gaps().len(), 1, "a version for January is still missing");
    assert_eq!((fitting.gaps()[0].from, fitting.gaps()[0].periods), (date("2027-01-01"), 1));

    world.enact(&act(&next)).await.unwrap();
    shelf.policies.push(next);
    assert!(fit(program(), Moment::Proposal, &world.chain, &shelf).await.unwrap().gaps().is_empty());
}

#[tokio::test]
async fn policies_are_enacted_and_requesters_registered() {
    let policies = policies();
    let (world, shelf) = (world(&policies[..1]).await, shelf(&policies));
    let (code, message) = refused(program(), &world, &shelf).await;
    assert_eq!((code, message.contains("policy income")), (Code::PolicyNotEnacted, true), "{message}");
    let unpublished = Shelf { policies: Vec::new(), ..shelf.clone() };
    assert_eq!(refused(program(), &world, &unpublished).await.0, Code::PolicyNotEnacted);

    world.enact(&act(&policies[1])).await.unwrap();
    let strangers = Program { requesters: vec![name("welfare-office"), name("nobody")], ..program() };
    assert_eq!(refused(strangers, &world, &shelf).await.0, Code::UnknownRequester);
    fit(program(), Moment::Proposal, &world.chain, &shelf).await.unwrap();

    world.enact_now(&Act::WithdrawAgency(name("tax-office"))).await.unwrap();
    assert_eq!(refused(program(), &world, &shelf).await.0, Code::AgencyWithdrawn);
}

#[tokio::test]
async fn parts_can_be_joined_and_name_the_applicant_as_the_program_does() {
    let by_record =
        policy("residence", |text| text.replace("nullifier = \"holder\"", "nullifier = \"record-per-scope\""));
    let policies = [by_record, policies()[1].clone()];
    let (world, shelf) = (world(&policies).await, shelf(&policies));
    assert_eq!(refused(program(), &world, &shelf).await.0, Code::PolicyDoesNotCompose);
    let alone = Program { policies: vec![name("residence")], pays: None, ..program() };
    fit(alone.clone(), Moment::Proposal, &world.chain, &shelf).await.unwrap();
    let anonymous = Program { anonymous: true, ..alone };
    assert_eq!(refused(anonymous, &world, &shelf).await.0, Code::PolicyApplicantRule);
}

#[tokio::test]
async fn somebody_can_claim_once_it_is_enacted() {
    let policies = policies();
    let (world, shelf) = (world(&policies).await, shelf(&policies));
    let first = |yyyymm| Grid { first: Month::from_yyyymm(yyyymm).unwrap(), months: 1, count: 3 };
    for (grid, code) in [
        // Long over.
        (first(202_001), Code::ProgramDoesNotFit),
        // September can be claimed still, and no law reaches back to it.
        (first(202_609), Code::PolicyNotInForce),
        // November is the law's first month, and can be claimed later.
        (first(202_610), Code::PolicyNotInForce),
    ] {
        let (found, message) = refused(Program { grid, ..program() }, &world, &shelf).await;
        assert_eq!(found, code, "{message}");
    }
    let never = Program {
        as_of: AsOfRule::PeriodEnd,
        claim: ClaimWindow { opens_after_days: 0, closes_after_days: 28 },
        ..program()
    };
    let (code, message) = refused(never, &world, &shelf).await;
    assert_eq!((code, message.contains("can never be claimed")), (Code::ProgramDoesNotFit, true), "{message}");
}

/// A document that somebody changed on the shelf says nothing about what is enacted.
#[tokio::test]
async fn a_published_document_that_was_changed_is_not_believed() {
    let policies = policies();
    let (world, mut shelf) = (world(&policies).await, shelf(&policies));
    shelf.policies[1].text = shelf.policies[1].text.replace("\"EUR\"", "\"GBP\"");
    assert_eq!(refused(program(), &world, &shelf).await.0, Code::PolicyEdited);
}

/// A law that begins in the delay was refused only after it.
#[tokio::test]
async fn a_law_that_will_have_begun_is_not_proposed() {
    let world = World::registered().await;
    let law = policy("income", |text| text);
    let at = |time| world.chain.set_clock(BlockClock::Standing(time));
    // When it can be confirmed, the first of November has begun far in the east.
    let begins = time("2026-10-31") + 10 * 3600;
    at(begins - DELAY - 60).await.unwrap();
    let officer = key("officer-1");
    propose(&act(&law), &world.chain, &officer).await.unwrap();
    world.chain.set_clock(BlockClock::Standing(begins - DELAY + 60)).await.unwrap();
    let other = policy("residence", |text| text);
    let error = propose(&act(&other), &world.chain, &officer).await.unwrap_err();
    assert!(matches!(&error, ActError::TooLate { confirmed, .. } if *confirmed == date("2026-11-01")), "{error}");
    assert_eq!(error.code(), Code::AlreadyBegun);
    let end = Act::EndPolicy(other.policy.digest().unwrap(), date("2026-10-31"));
    assert_eq!(propose(&end, &world.chain, &officer).await.unwrap_err().code(), Code::AlreadyBegun);
}

/// What no contract would accept after the delay is refused before it.
#[tokio::test]
async fn a_law_that_overlaps_another_or_reads_nobodys_records_is_not_proposed() {
    let policies = policies();
    let world = world(&policies).await;
    let enactment = enactment(&policies[1]);
    let days = InForce { from: date("2027-01-01"), until: None };
    let digest = policies[0].policy.digest().unwrap();
    let other = sealroot_testing::chain::policy_digest("another");
    for (act, code) in [
        (PolicyEnactment { digest: other, in_force: days, ..enactment.clone() }, Code::Overlaps),
        (PolicyEnactment { digest, in_force: days, ..enactment.clone() }, Code::PolicyExists),
        (
            PolicyEnactment { digest: other, id: name("other"), agencies: vec![name("nobody")], ..enactment },
            Code::UnregisteredAgency,
        ),
    ] {
        let error = propose(&Act::EnactPolicy(act), &world.chain, &key("officer-1")).await.unwrap_err();
        assert_eq!(error.code(), code, "{error}");
    }
}
