//! Releases: whose signature lets a record out, once, and everybody else's that doesn't.

use crate::town::{
    self, Backing, DAY, NOON, Town, csv, deployment, enrol, import, national_id, plan, release, unsigned_release,
    wallet,
};
use sealroot_protocol::{
    canonical,
    curve::SecretKey,
    date::FactsPeriod,
    possession::{ProofOfPossession, ReadingKey},
    record::Subject,
    release::{RecipientKey, Release, SignedRelease},
    scope::Deployment,
};
use sealroot_vault::{
    Integrity, Refusal, Vault, VaultError,
    import::ImportMode,
    log::{Access, What},
    release::SealedRecord,
    store::Store,
    transfer::RecipientSecret,
};
use std::{io::Cursor, sync::atomic::Ordering};

suite!(
    a_released_record_opens_for_its_recipient_only,
    a_release_lets_out_what_it_names_once,
    releases_that_do_not_count_let_nothing_out,
    a_replaced_key_releases_nothing,
    a_withdrawn_release_lets_nothing_out,
    a_representative_releases_the_records_of_whom_he_represents,
    a_representative_is_registered_by_possession_in_that_role,
    representatives_are_logged_and_forgotten_with_the_person,
    what_is_not_there_burns_no_release,
    two_clerks_cannot_use_one_release,
);

/// Three citizens; the second has a wallet.
async fn town_with_wallet<B: Backing>() -> (Town, Vault<B::S>) {
    let town = Town::new();
    let vault = town.create::<B>().await;
    import(&vault, csv(0..3)).await;
    enrol(&vault, subject(&vault, 1), &wallet(1), None).await;
    town.anchor(&vault).await;
    (town, vault)
}

fn subject<S: Store>(vault: &Vault<S>, i: usize) -> Subject {
    vault.subject(&national_id(i)).unwrap()
}

fn clerk() -> Access {
    Access { who: "clerk".into(), reason: "birth certificate 17".into() }
}

async fn reason<S: Store>(vault: &Vault<S>, signed: &SignedRelease) -> &'static str {
    match vault.release(signed, deployment()).await {
        Err(VaultError::Refused(Refusal::Release(refusal))) => refusal.reason(),
        Err(other) => panic!("{other}"),
        Ok(_) => "released",
    }
}

async fn represent<S: Store>(vault: &Vault<S>, i: usize, key: &SecretKey, until: Option<&str>) {
    let challenge = vault.representation_challenge(subject(vault, i)).await.unwrap();
    let proof = ProofOfPossession::sign(key, &challenge, None, [3; 32]);
    let until = until.map(|day| day.parse().unwrap());
    vault.add_representative(&challenge, &proof, None, until, &clerk()).await.unwrap();
}

async fn a_released_record_opens_for_its_recipient_only<B: Backing>() {
    let (_town, vault) = town_with_wallet::<B>().await;
    enrol(&vault, subject(&vault, 2), &wallet(2), None).await;
    let root = _town.anchor(&vault).await;
    let recipient = RecipientSecret::random();
    let signed = release(&vault, 1, &wallet(1), &recipient.public());
    let sealed = vault.release(&signed, deployment()).await.unwrap();
    let opened = sealed.open(&recipient).unwrap();
    assert_eq!((opened.root, opened.path.root(opened.record.leaf())), (root, root));
    assert_eq!((opened.record.subject, opened.agency), (subject(&vault, 1), vault.agency().clone()));
    assert_eq!((opened.request, opened.scope), (signed.release.request, signed.release.scope));
    assert_eq!(sealed.open(&RecipientSecret::random()), Err(Integrity::Ciphertext));
    // Whatever stands outside is authenticated too.
    let moved = [
        SealedRecord { agency: "tax-office".parse().unwrap(), ..sealed.clone() },
        SealedRecord { recipient: RecipientSecret::random().public(), ..sealed.clone() },
        SealedRecord { release: sealroot_protocol::field::Digest([1; 32]), ..sealed.clone() },
    ];
    for file in moved {
        assert_eq!(file.open(&recipient), Err(Integrity::Ciphertext));
    }
    let bytes = canonical::to_bytes(&sealed).unwrap();
    assert_eq!(canonical::from_bytes::<SealedRecord>(&bytes).unwrap(), sealed);
    let other = vault.release(&release(&vault, 2, &wallet(2), &recipient.public()), deployment()).await.unwrap();
    assert_eq!(sealed.sealed.len(), other.sealed.len(), "the length tells nothing");
}

async fn a_release_lets_out_what_it_names_once<B: Backing>() {
    let (_town, vault) = town_with_wallet::<B>().await;
    let recipient = RecipientSecret::random().public();
    let signed = release(&vault, 1, &wallet(1), &recipient);
    assert_eq!(reason(&vault, &signed).await, "released");
    assert_eq!(reason(&vault, &signed).await, "release-used");
    // The same release signed anew, with other randomness, is the same release.
    let again = signed.release.clone().sign(&wallet(1), [10; 32]).unwrap();
    assert_ne!(again.signature, signed.signature);
    assert_eq!(reason(&vault, &again).await, "release-used");
    let entries = vault.log(None, 0, 10).await.unwrap();
    assert_eq!(entries.len(), 1, "what was refused disclosed nothing");
    let disclosure = entries[0].disclosure.as_ref().unwrap();
    assert_eq!(disclosure.what, What::Released);
    assert!(disclosure.access.who.contains(&recipient.to_string()), "{}", disclosure.access.who);
    assert!(disclosure.access.reason.contains(&signed.release.request.to_string()));
}

/// One lie each.
async fn releases_that_do_not_count_let_nothing_out<B: Backing>() {
    let (town, vault) = town_with_wallet::<B>().await;
    let recipient = RecipientSecret::random().public();
    let honest = unsigned_release(&vault, 1, &wallet(1), &recipient);
    let signed = |release: Release, key: &SecretKey| release.sign(key, [9; 32]).unwrap();
    let (me, stranger) = (wallet(1), wallet(7));
    let mut lies: Vec<(&str, SignedRelease, &str)> = vec![
        (
            "signed by a stranger",
            signed(Release { signer: stranger.public_key(), ..honest.clone() }, &stranger),
            "release-signer",
        ),
        (
            "about somebody without a key",
            signed(Release { subject: subject(&vault, 2), ..honest.clone() }, &me),
            "release-signer",
        ),
        ("about nobody", signed(Release { subject: Subject(5u64.into()), ..honest.clone() }, &me), "release-signer"),
        (
            "for another agency",
            signed(Release { agency: "tax-office".parse().unwrap(), ..honest.clone() }, &me),
            "release-other-agency",
        ),
        (
            "for another chain",
            signed(Release { deployment: Deployment { chain_id: 8, ..deployment() }, ..honest.clone() }, &me),
            "release-other-deployment",
        ),
    ];
    // What was changed after it was signed, by whoever carries it.
    type Change = fn(&mut Release);
    let changes: [(&str, Change); 7] = [
        ("to another recipient", |r| r.recipient = RecipientKey([7; 32])),
        ("of another schema", |r| r.schema.0 += r.schema.0),
        ("of another period", |r| r.period = FactsPeriod::Timeless),
        ("for another request", |r| r.request.0 += r.request.0),
        ("for another scope", |r| r.scope.0 += r.scope.0),
        ("with a later end", |r| r.expiry += 1),
        ("with another nonce", |r| r.nonce.0.0[0] ^= 1),
    ];
    for (name, change) in changes {
        let mut moved = signed(honest.clone(), &me);
        change(&mut moved.release);
        lies.push((name, moved, "release-signature"));
    }
    for (name, lie, expected) in &lies {
        assert_eq!(reason(&vault, lie).await, *expected, "{name}");
    }
    for (now, expected) in [(NOON - 1801, "release-not-yet-valid"), (NOON + 1801, "release-expired")] {
        town.now.store(now, Ordering::SeqCst);
        assert_eq!(reason(&vault, &signed(honest.clone(), &me)).await, expected);
    }
    assert!(vault.log(None, 0, 10).await.unwrap().is_empty());
    town.now.store(NOON, Ordering::SeqCst);
    assert_eq!(reason(&vault, &signed(honest, &me)).await, "released");
}

/// The key of a lost phone lets nothing out from the moment on in which the new one is enrolled; that its leaf stands a while longer doesn't matter.
async fn a_replaced_key_releases_nothing<B: Backing>() {
    let (_town, vault) = town_with_wallet::<B>().await;
    let recipient = RecipientSecret::random().public();
    let old = release(&vault, 1, &wallet(1), &recipient);
    enrol(&vault, subject(&vault, 1), &wallet(2), None).await;
    assert_eq!(reason(&vault, &old).await, "release-signer");
    assert_eq!(reason(&vault, &release(&vault, 1, &wallet(2), &recipient)).await, "released");
    // Erased: nobody's signature counts.
    vault.erase(subject(&vault, 1)).await.unwrap();
    let mut after = unsigned_release(&vault, 1, &wallet(2), &recipient);
    after.nonce.0.0[0] ^= 9;
    assert_eq!(reason(&vault, &after.sign(&wallet(2), [1; 32]).unwrap()).await, "release-signer");
}

async fn a_withdrawn_release_lets_nothing_out<B: Backing>() {
    let (town, vault) = town_with_wallet::<B>().await;
    let recipient = RecipientSecret::random().public();
    let signed = release(&vault, 1, &wallet(1), &recipient);
    // Nobody withdraws what isn't a release that counts.
    let mut forged = signed.clone();
    forged.release.expiry += 1;
    assert!(vault.withdraw_release(&forged, deployment()).await.is_err());
    vault.withdraw_release(&signed, deployment()).await.unwrap();
    assert_eq!(reason(&vault, &signed).await, "release-used");
    assert!(vault.log(None, 0, 10).await.unwrap().is_empty(), "nothing was disclosed");
    drop(vault);
    let vault = town.open::<B>().await;
    assert_eq!(reason(&vault, &signed).await, "release-used", "after a restart");
}

async fn a_representative_releases_the_records_of_whom_he_represents<B: Backing>() {
    let (town, vault) = town_with_wallet::<B>().await;
    let (guardian, recipient) = (wallet(5), RecipientSecret::random().public());
    represent(&vault, 2, &guardian, Some("2026-01-15")).await;
    let for_child = release(&vault, 2, &guardian, &recipient);
    // Not of anybody else, child or adult, though his signature is sound.
    for other in [0, 1] {
        assert_eq!(reason(&vault, &release(&vault, other, &guardian, &recipient)).await, "release-signer");
    }
    // A signature for one is none for another.
    let mut moved = for_child.clone();
    moved.release.subject = subject(&vault, 0);
    assert_eq!(reason(&vault, &moved).await, "release-signature");
    assert_eq!(reason(&vault, &for_child).await, "released");
    let entries = vault.log(None, 0, 10).await.unwrap();
    let last = entries.last().unwrap().disclosure.as_ref().unwrap();
    assert!(last.access.who.ends_with("authorised by a representative"), "{}", last.access.who);

    // The last day counts, the day after doesn't.
    let mut later = unsigned_release(&vault, 2, &guardian, &recipient);
    later.expiry += 2 * DAY as u64;
    later.nonce.0.0[0] ^= 1;
    let later = later.sign(&guardian, [9; 32]).unwrap();
    town.now.store(town::END_OF_DAY + 1, Ordering::SeqCst);
    assert_eq!(reason(&vault, &later).await, "release-signer");
    town.now.store(town::END_OF_DAY, Ordering::SeqCst);
    assert_eq!(reason(&vault, &later).await, "released");

    // Removed: what he signed before counts no more.
    town.now.store(NOON, Ordering::SeqCst);
    represent(&vault, 2, &guardian, None).await;
    assert_eq!(vault.representatives(subject(&vault, 2)).await.unwrap().len(), 1, "registered anew, not twice");
    let mut signed_before = unsigned_release(&vault, 2, &guardian, &recipient);
    signed_before.nonce.0.0[0] ^= 2;
    let signed_before = signed_before.sign(&guardian, [9; 32]).unwrap();
    vault.remove_representative(subject(&vault, 2), &guardian.public_key(), &clerk()).await.unwrap();
    assert_eq!(reason(&vault, &signed_before).await, "release-signer");
    let again = vault.remove_representative(subject(&vault, 2), &guardian.public_key(), &clerk()).await;
    assert!(matches!(again, Err(VaultError::Refused(Refusal::NoRepresentative))));

    // He stands in no leaf: what he signs is a release, never a consent.
    let record = vault.open_record(&town::which(&vault, 2), None, &town::access()).await.unwrap().record;
    assert_eq!(record.holder, None);
}

async fn a_representative_is_registered_by_possession_in_that_role<B: Backing>() {
    let (_town, vault) = town_with_wallet::<B>().await;
    let guardian = wallet(5);
    let challenge = vault.representation_challenge(subject(&vault, 2)).await.unwrap();
    let good = ProofOfPossession::sign(&guardian, &challenge, None, [3; 32]);
    let add = async |challenge: &_, proof: &_, reading_key| match vault
        .add_representative(challenge, proof, reading_key, None, &clerk())
        .await
    {
        Err(VaultError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    };
    let mut stolen = good.clone();
    stolen.key = wallet(6).public_key();
    assert_eq!(add(&challenge, &stolen, None).await, Refusal::Possession);
    assert_eq!(add(&challenge, &good, Some(RecipientKey([1; 32]))).await, Refusal::Possession);
    // An answer to an enrolment of the holder's own key is none here, nor the other way round: not even with the agency's own nonce.
    let own = vault.enrolment_challenge(subject(&vault, 2)).await.unwrap();
    let own_proof = ProofOfPossession::sign(&guardian, &own, None, [3; 32]);
    assert_eq!(add(&own, &own_proof, None).await, Refusal::Possession);
    let mut turned = own.clone();
    turned.role = challenge.role;
    let turned_proof = ProofOfPossession::sign(&guardian, &turned, None, [3; 32]);
    assert_eq!(add(&turned, &turned_proof, None).await, Refusal::Nonce);
    let mut turned = challenge.clone();
    turned.role = own.role;
    let turned_proof = ProofOfPossession::sign(&guardian, &turned, None::<&ReadingKey>, [3; 32]);
    let refused = vault.enrol(&turned, &turned_proof, None).await;
    assert!(matches!(refused, Err(VaultError::Refused(Refusal::Nonce))));
    let mut elsewhere = challenge.clone();
    elsewhere.subject = subject(&vault, 0);
    let elsewhere_proof = ProofOfPossession::sign(&guardian, &elsewhere, None, [3; 32]);
    assert_eq!(add(&elsewhere, &elsewhere_proof, None).await, Refusal::Nonce);

    vault.add_representative(&challenge, &good, None, None, &clerk()).await.unwrap();
    assert_eq!(add(&challenge, &good, None).await, Refusal::Nonce, "used");
    for i in 10..17 {
        represent(&vault, 2, &wallet(i), None).await;
    }
    let ninth = vault.representation_challenge(subject(&vault, 2)).await.unwrap();
    let proof = ProofOfPossession::sign(&wallet(17), &ninth, None, [3; 32]);
    assert_eq!(add(&ninth, &proof, None).await, Refusal::Representatives);
}

async fn representatives_are_logged_and_forgotten_with_the_person<B: Backing>() {
    let (town, vault) = town_with_wallet::<B>().await;
    let guardian = wallet(5);
    represent(&vault, 1, &guardian, None).await;
    // The person's own key and its history are as before.
    assert_eq!(vault.holder(subject(&vault, 1)).await.unwrap(), (Some(wallet(1).public_key()), None));
    assert!(vault.pending_root().await.unwrap().is_none(), "no leaf changes");
    vault.remove_representative(subject(&vault, 1), &guardian.public_key(), &clerk()).await.unwrap();
    represent(&vault, 1, &guardian, None).await;
    let entries = vault.log(Some(subject(&vault, 1)), 0, 10).await.unwrap();
    let what: Vec<What> = entries.iter().map(|e| e.disclosure.as_ref().unwrap().what).collect();
    assert_eq!(what, [What::RepresentativeAdded, What::RepresentativeRemoved, What::RepresentativeAdded]);
    assert!(entries.iter().all(|e| e.disclosure.as_ref().unwrap().access == clerk()));
    // He survives a restart, an update, a new key and a rotation; not an erasure.
    drop(vault);
    let vault = town.open::<B>().await;
    let text = csv([1]).replace(",false,", ",true,");
    vault.import(Cursor::new(text), plan(ImportMode::Update { remove_missing: false }), |_| {}).await.unwrap();
    enrol(&vault, subject(&vault, 1), &wallet(2), None).await;
    assert_eq!(vault.representatives(subject(&vault, 1)).await.unwrap()[0].key, guardian.public_key());
    vault.erase(subject(&vault, 1)).await.unwrap();
    assert!(vault.representatives(subject(&vault, 1)).await.unwrap().is_empty());
}

async fn what_is_not_there_burns_no_release<B: Backing>() {
    let (town, vault) = town_with_wallet::<B>().await;
    let mut early = unsigned_release(&vault, 1, &wallet(1), &RecipientSecret::random().public());
    early.period = "2026-02".parse().unwrap();
    let early = early.sign(&wallet(1), [1; 32]).unwrap();
    let missing = vault.release(&early, deployment()).await;
    assert!(matches!(missing, Err(VaultError::Refused(Refusal::NoRecord))), "{missing:?}");
    assert_eq!(vault.log(None, 0, 10).await.unwrap().len(), 1, "that it was looked for is logged");
    let mut february = plan(ImportMode::Add);
    february.columns.period = sealroot_vault::rows::PeriodSource::Fixed("2026-02".parse().unwrap());
    vault.import(Cursor::new(csv([1])), february, |_| {}).await.unwrap();
    town.anchor(&vault).await;
    assert_eq!(reason(&vault, &early).await, "released");
}

async fn two_clerks_cannot_use_one_release<B: Backing>() {
    let (_town, vault) = town_with_wallet::<B>().await;
    let signed = release(&vault, 1, &wallet(1), &RecipientSecret::random().public());
    let attempt = || vault.release(&signed, deployment());
    let (a, b, c, d) = tokio::join!(attempt(), attempt(), attempt(), attempt());
    assert_eq!([a, b, c, d].iter().filter(|outcome| outcome.is_ok()).count(), 1);
}
