//! Requests that the applicant's wallet would reject, or that no law carries: an office signed each of them before.

#![allow(clippy::unwrap_used)]

use rand::{SeedableRng, rngs::StdRng};
use sealroot_chain::Act;
use sealroot_office::{AskError, AskInput, Asked, ask};
use sealroot_protocol::{
    code::{Code, Coded},
    consent::RequestDigest,
    field::F,
    program::{AsOfRule, ClaimWindow, Program},
};
use sealroot_testing::{
    chain::{World, date, key, name, program},
    enacted::{Shelf, policies, world},
};

fn input() -> AskInput {
    AskInput {
        program: name("heating-allowance"),
        requester: name("welfare-office"),
        applicant: Some("19840311-0042".into()),
        case_secret: None,
        purpose: "Heating allowance, November".into(),
        period_of: None,
        lifetime: 14 * 86_400,
        recipient: None,
        corrects: None,
    }
}

/// Everything enacted, on 2026-11-05, when November can be claimed.
async fn country(program: Program) -> (World, Shelf) {
    let policies = policies();
    let world = world(&policies).await;
    world.enact(&Act::EnactProgram(Box::new(program.clone()))).await.unwrap();
    world.at("2026-11-05").await;
    (world, Shelf { programs: vec![program], policies })
}

async fn asked(input: AskInput, signer: &str, world: &World, shelf: &Shelf) -> Result<(), (Code, String)> {
    let mut random = StdRng::seed_from_u64(1);
    let asked = ask(input, &world.chain, shelf, &key(signer), &mut random).await;
    asked.map(drop).map_err(|error| (error.code(), error.to_string()))
}

#[tokio::test]
async fn what_a_wallet_would_reject_is_not_signed_over_to_anybody() {
    let (world, shelf) = country(program()).await;
    asked(input(), "welfare-office-key", &world, &shelf).await.unwrap();
    let other_office = || AskInput { requester: name("other-office"), ..input() };
    let purposes = ["Heating\u{202e}allowance", "Heating\nallowance", ""];
    let mut attacks = vec![
        // Another office's key, a key of nobody's, an office that may not ask.
        (input(), "other-office-key", Code::RequesterKeyUnknown),
        (input(), "nobody", Code::RequesterKeyUnknown),
        (other_office(), "other-office-key", Code::RequesterNotAuthorised),
        (AskInput { requester: name("nobody"), ..input() }, "welfare-office-key", Code::RequesterKeyUnknown),
        // A period that isn't open yet, and a day in no period.
        (AskInput { period_of: Some(date("2026-12-01")), ..input() }, "welfare-office-key", Code::ClaimTooEarly),
        (AskInput { period_of: Some(date("2026-10-31")), ..input() }, "welfare-office-key", Code::NoPeriod),
    ];
    for purpose in purposes {
        let code = if purpose.is_empty() { Code::BadRequest } else { Code::RequestPurpose };
        attacks.push((AskInput { purpose: purpose.into(), ..input() }, "welfare-office-key", code));
    }
    for (input, signer, code) in attacks {
        let (found, message) = asked(input, signer, &world, &shelf).await.unwrap_err();
        assert_eq!(found, code, "{message}");
    }
    world.at("2026-12-20").await;
    let late = AskInput { period_of: Some(date("2026-11-05")), ..input() };
    assert_eq!(asked(late, "welfare-office-key", &world, &shelf).await.unwrap_err().0, Code::ClaimTooLate);
}

#[tokio::test]
async fn an_office_whose_key_was_retired_asks_nothing() {
    let (world, shelf) = country(program()).await;
    world.enact_now(&Act::RetireRequesterKey(key_address("welfare-office-key"))).await.unwrap();
    world.wait(60).await;
    assert_eq!(asked(input(), "welfare-office-key", &world, &shelf).await.unwrap_err().0, Code::RequesterKeyNotValid);
}

/// The contract reads no policy: what it can't see of a program, the office sees before anybody is asked.
#[tokio::test]
async fn nobody_is_asked_under_a_program_that_does_not_fit() {
    let closes_before_its_day = ClaimWindow { opens_after_days: 0, closes_after_days: 27 };
    for (program, expected) in [
        (Program { as_of: AsOfRule::PeriodEnd, claim: closes_before_its_day, ..program() }, Code::ProgramDoesNotFit),
        (Program { anonymous: true, ..program() }, Code::PolicyApplicantRule),
    ] {
        let (world, shelf) = country(program).await;
        let (code, message) = asked(input(), "welfare-office-key", &world, &shelf).await.unwrap_err();
        assert_eq!(code, expected, "{message}");
    }
}

fn key_address(name: &str) -> alloy_primitives::Address {
    key(name).address()
}

/// A slip in `--corrects` would show at `verify` only, when the applicant has consented and every agency has proved.
#[tokio::test]
async fn a_correction_names_the_approval_that_stands() {
    let (world, shelf) = country(program()).await;
    world.anchor("registry", "registry-key", 1, 1, None).await.unwrap();
    world.anchor("tax-office", "tax-key", 2, 1, None).await.unwrap();
    let sign = async |corrects, period_of| {
        let input = AskInput { corrects, period_of, ..input() };
        let mut random = StdRng::seed_from_u64(1);
        ask(input, &world.chain, &shelf, &key("welfare-office-key"), &mut random).await
    };
    let november = Some(date("2026-11-05"));
    let first = sign(None, november).await.unwrap().request;
    let digest = first.request.digest();
    let code = |refused: Result<Asked, AskError>| {
        let error = refused.err().unwrap();
        (error.code(), format!("{error}; {}", error.advice().unwrap_or_default()))
    };
    // Asked, and not approved yet; a digest of nothing.
    for unknown in [digest, RequestDigest(F::from(7u8))] {
        let (code, said) = code(sign(Some(unknown), november).await);
        assert!(code == Code::CorrectsUnknown && said.contains("nothing to correct"), "{said}");
    }
    world.approve(&world.approval_of(&first, 11, 400)).await.unwrap();
    let second = sign(Some(digest), november).await.unwrap().request;
    assert_eq!(second.request.corrects, Some(digest));
    world.approve(&world.approval_of(&second, 11, 300)).await.unwrap();

    // The newest one stands, and the message names it.
    let newest = second.request.digest();
    let (found, said) = code(sign(Some(digest), november).await);
    assert!(found == Code::CorrectsUnknown && said.contains(&format!("--corrects {newest}")), "{said}");
    sign(Some(newest), november).await.unwrap();
    // It may have been entered under another period than the claimant's, and is won back while that one can be corrected.
    let december = Some(date("2026-12-05"));
    world.at("2026-12-11").await;
    sign(Some(newest), december).await.unwrap();
    sign(Some(newest), november).await.unwrap();
    world.at("2026-12-12").await;
    let (found, said) = code(sign(Some(newest), december).await);
    assert!(found == Code::CorrectionTooLate && said.contains("2026-11-01 to 2026-11-30"), "{said}");
}
