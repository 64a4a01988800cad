//! What a clerk is told: advice comes through, and a mistake has its own message.

use crate::registry::{CSV, NATIONAL_ID, NOW, name, new_chain, new_vault, rows};
use sealroot_agency::{
    anchor::AnchorError,
    enrol::{AnswerInput, ChallengeInput, EnrolError, accept, challenge},
    ids::change_id,
    import::{ImportError, import},
    init::InitError,
    log::{LogInput, Page, export_log, log},
    release::ReleaseError,
    represent::RemoveError,
    status::StatusError,
    withdraw_root::WithdrawRootError,
};
use sealroot_chain::Chain as _;
use sealroot_handover::{Access, EnrolmentAnswer};
use sealroot_holder::{enrol, wallet};
use sealroot_protocol::{
    code::{Code, Coded},
    possession::{PossessionChallenge, Role},
};
use sealroot_vault::{EmbeddedVault, Rejection, VaultError, change_id::ChangeOfId};
use sealroot_wallet::History;
use std::{fs, path::Path};

/// Every error of this crate that passes a vault's on passes its advice on, too.
#[test]
fn a_vaults_advice_reaches_the_clerk() {
    let rejection = || Rejection::KeyColumn { schema: "income".into(), tied: Some("number".into()) };
    let failure = || VaultError::from(rejection());
    let told = rejection().advice();
    assert!(told.is_some());
    let errors: Vec<Box<dyn Coded>> = vec![
        Box::new(AnchorError::Vault(failure())),
        Box::new(EnrolError::Vault(failure())),
        Box::new(ImportError::Vault(failure())),
        Box::new(InitError::Vault(failure())),
        Box::new(ReleaseError::Vault(failure())),
        Box::new(RemoveError::Vault(failure())),
        Box::new(StatusError::Vault(failure())),
        Box::new(WithdrawRootError::Vault(failure())),
    ];
    for error in &errors {
        assert_eq!((error.code(), error.advice()), (Code::OtherKeyColumn, told.clone()), "{error}");
    }
    // None is left out.
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let texts = fs::read_dir(sources).unwrap().map(|file| fs::read_to_string(file.unwrap().path()).unwrap());
    let variants: usize = texts.map(|text| text.matches("Vault(#[from] VaultError)").count()).sum();
    assert_eq!(variants, errors.len());
}

async fn answered(vault: &EmbeddedVault, directory: &Path, role: Role) -> (PossessionChallenge, EnrolmentAnswer) {
    let asked = ChallengeInput { national_id: NATIONAL_ID.into(), role };
    let challenge = challenge(&asked, vault).await.unwrap();
    let holder = wallet::create(new_chain(directory).await.deployment()).unwrap();
    let mut history = History::open(&directory.join("history"), &holder).unwrap();
    let person = (role == Role::Representative).then(|| "Lin".to_owned());
    let expected = enrol::ChallengeInput { challenge: challenge.clone(), agency: name(), person, replace: false };
    let offer = enrol::offer(expected).unwrap();
    (challenge, enrol::answer(&offer, &holder, &mut history, NOW, &mut rand::rng()).unwrap())
}

#[tokio::test]
async fn an_answer_counts_once_and_for_a_reason() {
    for role in [Role::Holder, Role::Representative] {
        let directory = tempfile::tempdir().unwrap();
        let vault = new_vault(directory.path(), 3).await;
        import(rows("residence"), CSV, &vault, |_| ()).await.unwrap();
        let (challenge, answer) = answered(&vault, directory.path(), role).await;
        let given = |why: Option<&str>| AnswerInput {
            challenge: challenge.clone(),
            answer: answer.clone(),
            until: None,
            who: "clerk".into(),
            why: why.map(str::to_owned),
        };
        for nothing in [None, Some(""), Some(" ")] {
            let silent = accept(given(nothing), &vault).await.unwrap_err();
            assert_eq!(silent.code(), Code::NoWhy);
        }
        accept(given(Some("passport 7/26")), &vault).await.unwrap();
        let again = accept(given(Some("passport 7/26")), &vault).await.unwrap_err();
        assert_eq!(again.code(), Code::AnswerUsed, "{again}");
        // One that was never asked for is no second one.
        let mut other = challenge.clone();
        other.nonce += sealroot_protocol::field::F::from(1u8);
        let unknown =
            accept(AnswerInput { challenge: other, ..given(Some("passport 7/26")) }, &vault).await.unwrap_err();
        assert_ne!(unknown.code(), Code::AnswerUsed, "{unknown}");
    }
}

#[tokio::test]
async fn the_log_knows_whose_accesses_it_lists() {
    let directory = tempfile::tempdir().unwrap();
    let vault = new_vault(directory.path(), 3).await;
    import(rows("residence"), CSV, &vault, |_| ()).await.unwrap();
    let of = |id: &str, page| LogInput { national_id: Some(id.into()), states: false, page, limit: 10 };
    assert!(log(&of(NATIONAL_ID, Page::Newest), &vault).await.unwrap().entries.is_empty());
    for unknown in [
        log(&of("19840311-0043", Page::Newest), &vault).await.map(drop),
        export_log("19840311-0043", &vault).await.map(drop),
    ] {
        assert_eq!(unknown.unwrap_err().code(), Code::UnknownPerson);
    }
    let access = Access { who: "clerk".into(), why: "permit 7".into() };
    let (challenge, answer) = answered(&vault, directory.path(), Role::Holder).await;
    let input = AnswerInput { challenge, answer, until: None, who: "clerk".into(), why: Some("passport".into()) };
    accept(input, &vault).await.unwrap();
    let change =
        ChangeOfId { old: NATIONAL_ID.into(), as_written: false, although_unknown: false, new: "19840311-0044".into() };
    change_id(&change, &access, &vault).await.unwrap();
    // The enrolment under the old id, the change under both.
    let positions = async |page| -> Vec<u64> {
        log(&of("19840311-0044", page), &vault).await.unwrap().entries.iter().map(|entry| entry.position).collect()
    };
    let all = positions(Page::Newest).await;
    let [first, second, third] = all[..] else { panic!("{all:?}") };
    assert_eq!(positions(Page::From(first + 1)).await, [second, third]);
    assert_eq!(positions(Page::Before(third)).await, [first, second]);
    let exported = export_log("19840311-0044", &vault).await.unwrap().entries;
    assert_eq!(exported.iter().map(|entry| entry.position).collect::<Vec<_>>(), all);
    let page = log(&LogInput { limit: 2, ..of("19840311-0044", Page::Newest) }, &vault).await.unwrap();
    assert_eq!((page.entries[0].position, page.older, page.newer), (second, true, false));
    // Under the old id there is what there was.
    assert_eq!(log(&of(NATIONAL_ID, Page::Newest), &vault).await.unwrap().entries.len(), 2);
}
