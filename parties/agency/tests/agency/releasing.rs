//! A signature lets a record out once, so nothing that can be known before uses it up.

use crate::registry::{CSV, NATIONAL_ID, NOW, key, name, new_chain, new_vault, register, rows, schema};
use sealroot_agency::{
    anchor::anchor,
    enrol::{AnswerInput, ChallengeInput, Enrolment, accept, challenge},
    import::import,
    log::{LogInput, Page, log},
    release::{Outlet, ReleaseError, release, withdraw_release},
};
use sealroot_chain::{Chain, EmbeddedChain};
use sealroot_handover::{RecipientSecret, SealedRecord};
use sealroot_holder::{enrol, wallet};
use sealroot_parties_ports::HostError;
use sealroot_protocol::{
    canonical::Suite,
    code::{Code, Coded},
    consent::RequestDigest,
    date::FactsPeriod,
    field::F,
    possession::Role,
    release::{Release, SignedRelease},
    request::Nonce,
    scope::Scope,
};
use sealroot_vault::EmbeddedVault;
use sealroot_wallet::{History, Wallet};
use std::{path::Path, sync::Mutex};

/// A place for one record, which may be taken.
struct Shelf {
    taken: bool,
    records: Mutex<Vec<SealedRecord>>,
}

impl Shelf {
    fn new(taken: bool) -> Self {
        Self { taken, records: Mutex::default() }
    }
}

impl Outlet for Shelf {
    async fn ready(&self) -> Result<(), HostError> {
        if self.taken { Err(HostError::new(Code::FileExists, "there is a record already")) } else { Ok(()) }
    }

    async fn put(&self, record: &SealedRecord) -> Result<usize, HostError> {
        self.records.lock().unwrap().push(record.clone());
        Ok(record.sealed.len())
    }
}

/// The registry with one enrolled person whose record is anchored.
async fn town(directory: &Path) -> (EmbeddedVault, EmbeddedChain, Wallet) {
    let (vault, chain) = (new_vault(directory, 3).await, new_chain(directory).await);
    register(&chain).await;
    import(rows("residence"), CSV, &vault, |_| ()).await.unwrap();
    let holder = wallet::create(chain.deployment()).unwrap();
    let asked = ChallengeInput { national_id: NATIONAL_ID.into(), role: Role::Holder };
    let challenge = challenge(&asked, &vault).await.unwrap();
    let mut history = History::open(&directory.join("history"), &holder).unwrap();
    let expected = enrol::ChallengeInput { challenge: challenge.clone(), agency: name(), person: None, replace: false };
    let offer = enrol::offer(expected).unwrap();
    let answer = enrol::answer(&offer, &holder, &mut history, NOW, &mut rand::rng()).unwrap();
    let input = AnswerInput { challenge, answer, until: None, who: "clerk".into(), why: Some("passport 7/26".into()) };
    assert!(
        matches!(accept(input, &vault).await.unwrap(), Enrolment::Holder(enrolled) if enrolled.holder_since.is_none())
    );
    anchor(&vault, &chain, &key(3)).await.unwrap();
    (vault, chain, holder)
}

fn signed(
    vault: &EmbeddedVault,
    chain: &EmbeddedChain,
    holder: &Wallet,
    recipient: &RecipientSecret,
    nonce: u8,
) -> SignedRelease {
    let release = Release {
        suite: Suite,
        deployment: chain.deployment(),
        agency: name(),
        subject: vault.subject(NATIONAL_ID).unwrap(),
        schema: schema().id().unwrap(),
        period: FactsPeriod::Timeless,
        business_key: None,
        recipient: recipient.public(),
        request: RequestDigest(F::from(1u8)),
        scope: Scope(F::from(2u8)),
        not_before: NOW,
        expiry: NOW + 3_600,
        nonce: Nonce([nonce; 16].into()),
        signer: holder.public_key(),
        role: Role::Holder,
    };
    holder.secret_key().sign_release(release, [7; 32]).unwrap()
}

#[tokio::test]
async fn what_cant_be_written_uses_no_signature_up() {
    let directory = tempfile::tempdir().unwrap();
    let (vault, chain, holder) = town(directory.path()).await;
    let recipient = RecipientSecret::random();
    let signed = signed(&vault, &chain, &holder, &recipient, 1);

    let full = release(&signed, &vault, &chain, None, &Shelf::new(true)).await.unwrap_err();
    assert_eq!(full.code(), Code::FileExists);
    // A voucher by a key that isn't the agency's would be worth nothing to any prover.
    let shelf = Shelf::new(false);
    let stranger = release(&signed, &vault, &chain, Some(&key(9)), &shelf).await.unwrap_err();
    assert!(matches!(stranger, ReleaseError::NotTheAgencysKey { .. }));
    assert!(shelf.records.lock().unwrap().is_empty());
    let everything = LogInput { national_id: None, states: false, page: Page::Newest, limit: 10 };
    assert_eq!(log(&everything, &vault).await.unwrap().entries.len(), 1, "the enrolment alone");

    let released = release(&signed, &vault, &chain, Some(&key(3)), &shelf).await.unwrap();
    assert_eq!(released.recipient, recipient.public());
    let record = shelf.records.lock().unwrap()[0].open(&recipient).unwrap();
    assert_eq!((record.record.holder, record.voucher), (Some(holder.public_key()), None));
    let again = release(&signed, &vault, &chain, None, &shelf).await.unwrap_err();
    assert_eq!((again.code(), again.code().class().exit_code()), (Code::ReleaseUsed, 1));
}

#[tokio::test]
async fn a_withdrawn_release_lets_nothing_out() {
    let directory = tempfile::tempdir().unwrap();
    let (vault, chain, holder) = town(directory.path()).await;
    let signed = signed(&vault, &chain, &holder, &RecipientSecret::random(), 2);
    assert_eq!(withdraw_release(&signed, &vault, &chain).await.unwrap(), signed.release.digest().unwrap());
    let shelf = Shelf::new(false);
    let rejected = release(&signed, &vault, &chain, None, &shelf).await.unwrap_err();
    assert_eq!(rejected.code(), Code::ReleaseUsed);
    assert!(shelf.records.lock().unwrap().is_empty());
}
