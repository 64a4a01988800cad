//! Releases: whose signature lets a record out, once, and everybody else's that doesn't.

use sealroot_handover::{
    access_log::What,
    sealed_record::{SealedRecord, SealedRecordError},
    transfer::{self, NotOpened, RecipientSecret},
};
use sealroot_protocol::{
    canonical,
    code::{Code, Coded},
    date::FactsPeriod,
    possession::{ReadingKey, Role},
    record::Subject,
    release::{RecipientKey, Release, SignedRelease},
    scope::Deployment,
};
use sealroot_testing::registry::{
    self, Backing, DAY, NOON, Registry, agency_key, clerk, csv, deployment, enrol, import, logged, national_id, plan,
    release, root_waits, unsigned_release, wallet,
};
use sealroot_vault::{
    Rejection, Vault, VaultError,
    import::ImportMode,
    store::{Store, Tagged},
};
use sealroot_wallet::SecretKey;
use std::{io::Cursor, sync::atomic::Ordering};

suite!(
    a_released_record_opens_for_its_recipient_only,
    a_release_lets_out_what_it_names_once,
    releases_that_do_not_count_let_nothing_out,
    a_replaced_key_releases_nothing,
    a_withdrawn_release_lets_nothing_out,
    a_representative_releases_the_records_of_the_person_represented,
    a_representative_is_registered_by_possession_in_that_role,
    representatives_are_logged_and_forgotten_with_the_person,
    what_is_not_there_burns_no_release,
    two_clerks_cannot_use_one_release,
    a_release_is_withdrawn_before_it_counts_by_any_bearer,
    what_was_signed_before_a_key_counted_releases_nothing,
    a_signer_acts_in_the_role_of_the_signature,
    a_recipient_sees_who_released_what_for_which_request,
    the_agency_vouches_for_a_signer_that_the_record_does_not_show,
    a_record_that_is_another_persons_now_is_not_released,
    a_bad_recipient_burns_no_release,
);

/// Three citizens; the second has a wallet.
async fn with_wallet<B: Backing>() -> (Registry, Vault<Tagged<B::S>>) {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    import(&vault, csv(0..3)).await;
    enrol(&vault, subject(&vault, 1), &wallet(1), None).await;
    registry.anchor(&vault).await;
    (registry, vault)
}

fn subject<S: Store>(vault: &Vault<S>, i: usize) -> Subject {
    vault.subject(&national_id(i)).unwrap()
}

async fn reason<S: Store>(vault: &Vault<S>, signed: &SignedRelease) -> &'static str {
    match vault.release(signed, deployment(), Some(&agency_key())).await {
        Err(VaultError::Rejected(Rejection::Release(rejection))) => rejection.code().as_str(),
        Err(other) => panic!("{other}"),
        Ok(_) => "released",
    }
}

async fn represent<S: Store>(vault: &Vault<S>, i: usize, key: &SecretKey, until: Option<&str>) {
    let challenge = vault.representation_challenge(subject(vault, i)).await.unwrap();
    let proof = key.prove_possession(&challenge, None, [3; 32]);
    let until = until.map(|day| day.parse().unwrap());
    vault.add_representative(&challenge, &proof, None, until, &clerk()).await.unwrap();
}

/// As [`release`], by a representative.
fn represented<S: Store>(vault: &Vault<S>, i: usize, signer: &SecretKey, recipient: &RecipientKey) -> SignedRelease {
    let release = unsigned_release(vault, i, signer, recipient);
    signer.sign_release(Release { role: Role::Representative, ..release }, [9; 32]).unwrap()
}

async fn a_released_record_opens_for_its_recipient_only<B: Backing>() {
    let (_town, vault) = with_wallet::<B>().await;
    enrol(&vault, subject(&vault, 2), &wallet(2), None).await;
    let root = _town.anchor(&vault).await;
    let recipient = RecipientSecret::random();
    let signed = release(&vault, 1, &wallet(1), &recipient.public());
    let sealed = vault.release(&signed, deployment(), None).await.unwrap();
    let opened = sealed.open(&recipient).unwrap();
    assert_eq!((opened.root, opened.path.root(opened.record.leaf())), (root, root));
    assert_eq!((opened.record.subject, opened.agency), (subject(&vault, 1), vault.agency().clone()));
    assert_eq!((opened.release, opened.voucher), (signed.release, None));
    assert_eq!(sealed.open(&RecipientSecret::random()), Err(SealedRecordError::Sealed(NotOpened)));
    // Whatever stands outside is authenticated too.
    let moved = [
        SealedRecord { agency: "tax-office".parse().unwrap(), ..sealed.clone() },
        SealedRecord { recipient: RecipientSecret::random().public(), ..sealed.clone() },
        SealedRecord { release: sealroot_protocol::field::Digest([1; 32]), ..sealed.clone() },
    ];
    for file in moved {
        assert_eq!(file.open(&recipient), Err(SealedRecordError::Sealed(NotOpened)));
    }
    let bytes = canonical::to_bytes(&sealed).unwrap();
    assert_eq!(canonical::from_bytes::<SealedRecord>(&bytes).unwrap(), sealed);
    let other = vault.release(&release(&vault, 2, &wallet(2), &recipient.public()), deployment(), None).await.unwrap();
    assert_eq!(sealed.sealed.len(), other.sealed.len(), "the length tells nothing");
}

async fn a_release_lets_out_what_it_names_once<B: Backing>() {
    let (_town, vault) = with_wallet::<B>().await;
    let recipient = RecipientSecret::random().public();
    let signed = release(&vault, 1, &wallet(1), &recipient);
    assert_eq!(reason(&vault, &signed).await, "released");
    assert_eq!(reason(&vault, &signed).await, "release-used");
    // The same release signed anew, with other randomness, is the same release.
    let again = wallet(1).sign_release(signed.release.clone(), [10; 32]).unwrap();
    assert_ne!(again.signature, signed.signature);
    assert_eq!(reason(&vault, &again).await, "release-used");
    let entries = logged(&vault).await;
    assert_eq!(entries.len(), 1, "what was rejected disclosed nothing");
    let disclosure = &entries[0];
    assert_eq!(disclosure.what, What::Released);
    assert!(disclosure.access.who.contains(&recipient.to_string()), "{}", disclosure.access.who);
    assert!(disclosure.access.why.contains(&signed.release.request.to_string()));
}

/// One lie each.
async fn releases_that_do_not_count_let_nothing_out<B: Backing>() {
    let (registry, vault) = with_wallet::<B>().await;
    let recipient = RecipientSecret::random().public();
    let honest = unsigned_release(&vault, 1, &wallet(1), &recipient);
    let signed = |release: Release, key: &SecretKey| key.sign_release(release, [9; 32]).unwrap();
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
    // What its carrier changed after it was signed.
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
        registry.now.store(now, Ordering::SeqCst);
        assert_eq!(reason(&vault, &signed(honest.clone(), &me)).await, expected);
    }
    assert!(logged(&vault).await.is_empty());
    registry.now.store(NOON, Ordering::SeqCst);
    assert_eq!(reason(&vault, &signed(honest, &me)).await, "released");
}

/// The key of a lost phone lets nothing out from the moment on in which the new one is enrolled; that its leaf stands a while longer doesn't matter.
async fn a_replaced_key_releases_nothing<B: Backing>() {
    let (_town, vault) = with_wallet::<B>().await;
    let recipient = RecipientSecret::random().public();
    let old = release(&vault, 1, &wallet(1), &recipient);
    enrol(&vault, subject(&vault, 1), &wallet(2), None).await;
    assert_eq!(reason(&vault, &old).await, "release-signer");
    assert_eq!(reason(&vault, &release(&vault, 1, &wallet(2), &recipient)).await, "released");
    // Erased: nobody's signature counts.
    vault.erase(subject(&vault, 1), &registry::access()).await.unwrap();
    let mut after = unsigned_release(&vault, 1, &wallet(2), &recipient);
    after.nonce.0.0[0] ^= 9;
    assert_eq!(reason(&vault, &wallet(2).sign_release(after, [1; 32]).unwrap()).await, "release-signer");
}

async fn a_withdrawn_release_lets_nothing_out<B: Backing>() {
    let (registry, vault) = with_wallet::<B>().await;
    let recipient = RecipientSecret::random().public();
    let signed = release(&vault, 1, &wallet(1), &recipient);
    // Nobody withdraws what nobody signed, nor what is for somebody else.
    let mut forged = signed.clone();
    forged.release.expiry += 1;
    assert!(vault.withdraw_release(&forged, deployment()).await.is_err());
    let elsewhere = Deployment { chain_id: 8, ..deployment() };
    assert!(vault.withdraw_release(&signed, elsewhere).await.is_err());
    vault.withdraw_release(&signed, deployment()).await.unwrap();
    assert_eq!(reason(&vault, &signed).await, "release-used");
    assert!(vault.withdraw_release(&signed, deployment()).await.is_err(), "once");
    let entries = logged(&vault).await;
    let [entry] = &entries[..] else { panic!("nothing was disclosed: {entries:?}") };
    assert_eq!(entry.what, What::ReleaseWithdrawn);
    assert!(entry.access.why.contains(&signed.release.digest().unwrap().to_string()));
    drop(vault);
    let vault = registry.open::<B>().await;
    assert_eq!(reason(&vault, &signed).await, "release-used", "after a restart");
}

async fn a_representative_releases_the_records_of_the_person_represented<B: Backing>() {
    let (registry, vault) = with_wallet::<B>().await;
    let (guardian, recipient) = (wallet(5), RecipientSecret::random().public());
    represent(&vault, 2, &guardian, Some("2026-01-15")).await;
    let for_child = represented(&vault, 2, &guardian, &recipient);
    // Not of anybody else, child or adult, though the signature is sound.
    for other in [0, 1] {
        assert_eq!(reason(&vault, &represented(&vault, other, &guardian, &recipient)).await, "release-signer");
    }
    // A signature for one is none for another.
    let mut moved = for_child.clone();
    moved.release.subject = subject(&vault, 0);
    assert_eq!(reason(&vault, &moved).await, "release-signature");
    assert_eq!(reason(&vault, &for_child).await, "released");
    let entries = logged(&vault).await;
    let last = entries.last().unwrap();
    let fingerprint = guardian.public_key().fingerprint();
    assert!(last.access.who.ends_with(&format!("by the representative with key {fingerprint}")), "{}", last.access.who);
    assert_eq!(last.key, Some(fingerprint));

    // The last day counts, the day after doesn't.
    let mut later = represented(&vault, 2, &guardian, &recipient).release;
    later.expiry += 2 * DAY as u64;
    later.nonce.0.0[0] ^= 1;
    let later = guardian.sign_release(later, [9; 32]).unwrap();
    registry.now.store(registry::END_OF_DAY + 1, Ordering::SeqCst);
    assert_eq!(reason(&vault, &later).await, "release-signer");
    registry.now.store(registry::END_OF_DAY, Ordering::SeqCst);
    assert_eq!(reason(&vault, &later).await, "released");

    // Removed: what the guardian signed before counts no more.
    registry.now.store(NOON, Ordering::SeqCst);
    represent(&vault, 2, &guardian, None).await;
    assert_eq!(vault.representatives(subject(&vault, 2)).await.unwrap().len(), 1, "registered anew, not twice");
    let mut signed_before = represented(&vault, 2, &guardian, &recipient).release;
    signed_before.nonce.0.0[0] ^= 2;
    let signed_before = guardian.sign_release(signed_before, [9; 32]).unwrap();
    vault.remove_representative(subject(&vault, 2), &guardian.public_key(), &clerk()).await.unwrap();
    assert_eq!(reason(&vault, &signed_before).await, "release-signer");
    let again = vault.remove_representative(subject(&vault, 2), &guardian.public_key(), &clerk()).await;
    assert!(matches!(again, Err(VaultError::Rejected(Rejection::NoRepresentative))));

    // A guardian's key stands in no leaf: it signs releases, never a consent.
    let record = vault.open_record(&registry::which(&vault, 2), None, &registry::access()).await.unwrap().record;
    assert_eq!(record.holder, None);
}

async fn a_representative_is_registered_by_possession_in_that_role<B: Backing>() {
    let (_town, vault) = with_wallet::<B>().await;
    let guardian = wallet(5);
    let challenge = vault.representation_challenge(subject(&vault, 2)).await.unwrap();
    let good = guardian.prove_possession(&challenge, None, [3; 32]);
    let add = async |challenge: &_, proof: &_, reading_key| match vault
        .add_representative(challenge, proof, reading_key, None, &clerk())
        .await
    {
        Err(VaultError::Rejected(rejection)) => rejection,
        other => panic!("{other:?}"),
    };
    let mut stolen = good.clone();
    stolen.key = wallet(6).public_key();
    assert_eq!(add(&challenge, &stolen, None).await, Rejection::Possession);
    assert_eq!(add(&challenge, &good, Some(RecipientKey([1; 32]))).await, Rejection::Possession);
    // An answer to an enrolment of the holder's own key is none here, nor the other way round: not even with the agency's own nonce.
    let own = vault.enrolment_challenge(subject(&vault, 2)).await.unwrap();
    let own_proof = guardian.prove_possession(&own, None, [3; 32]);
    assert_eq!(add(&own, &own_proof, None).await, Rejection::Possession);
    let mut turned = own.clone();
    turned.role = challenge.role;
    let turned_proof = guardian.prove_possession(&turned, None, [3; 32]);
    assert_eq!(add(&turned, &turned_proof, None).await, Rejection::Nonce);
    let mut turned = challenge.clone();
    turned.role = own.role;
    let turned_proof = guardian.prove_possession(&turned, None::<&ReadingKey>, [3; 32]);
    let rejected = vault.enrol(&turned, &turned_proof, None, &clerk()).await;
    assert!(matches!(rejected, Err(VaultError::Rejected(Rejection::Nonce))));
    let mut elsewhere = challenge.clone();
    elsewhere.subject = subject(&vault, 0);
    let elsewhere_proof = guardian.prove_possession(&elsewhere, None, [3; 32]);
    assert_eq!(add(&elsewhere, &elsewhere_proof, None).await, Rejection::Nonce);

    vault.add_representative(&challenge, &good, None, None, &clerk()).await.unwrap();
    assert_eq!(add(&challenge, &good, None).await, Rejection::AnswerUsed, "used");
    for i in 10..17 {
        represent(&vault, 2, &wallet(i), None).await;
    }
    let ninth = vault.representation_challenge(subject(&vault, 2)).await.unwrap();
    let proof = wallet(17).prove_possession(&ninth, None, [3; 32]);
    assert_eq!(add(&ninth, &proof, None).await, Rejection::Representatives);
}

async fn representatives_are_logged_and_forgotten_with_the_person<B: Backing>() {
    let (registry, vault) = with_wallet::<B>().await;
    let guardian = wallet(5);
    represent(&vault, 1, &guardian, None).await;
    // The person's own key and its history are as before.
    assert_eq!(vault.holder(subject(&vault, 1)).await.unwrap(), (Some(wallet(1).public_key()), None));
    assert!(!root_waits(&vault).await, "no leaf changes");
    vault.remove_representative(subject(&vault, 1), &guardian.public_key(), &clerk()).await.unwrap();
    represent(&vault, 1, &guardian, None).await;
    let entries = logged(&vault).await;
    let what: Vec<What> = entries.iter().map(|e| e.what).collect();
    assert_eq!(what, [What::RepresentativeAdded, What::RepresentativeRemoved, What::RepresentativeAdded]);
    assert!(entries.iter().all(|e| e.access == clerk() && e.key == Some(guardian.public_key().fingerprint())));
    // The registration survives a restart, an update, a new key and a rotation; not an erasure.
    drop(vault);
    let vault = registry.open::<B>().await;
    let text = csv([1]).replace(",false,", ",true,");
    vault.import(Cursor::new(text), plan(registry::UPDATE), |_| {}).await.unwrap();
    enrol(&vault, subject(&vault, 1), &wallet(2), None).await;
    assert_eq!(vault.representatives(subject(&vault, 1)).await.unwrap()[0].key, guardian.public_key());
    let again = enrol(&vault, subject(&vault, 1), &wallet(2), None).await;
    assert_eq!(again.representatives, 1, "a person who enrols is told that there is a representative");
    vault.erase(subject(&vault, 1), &registry::access()).await.unwrap();
    assert!(vault.representatives(subject(&vault, 1)).await.unwrap().is_empty());
}

async fn what_is_not_there_burns_no_release<B: Backing>() {
    let (registry, vault) = with_wallet::<B>().await;
    let mut early = unsigned_release(&vault, 1, &wallet(1), &RecipientSecret::random().public());
    early.period = "2026-02".parse().unwrap();
    let early = wallet(1).sign_release(early, [1; 32]).unwrap();
    let missing = vault.release(&early, deployment(), None).await;
    assert!(matches!(missing, Err(VaultError::Rejected(Rejection::NoRecord(_)))), "{missing:?}");
    assert_eq!(logged(&vault).await.len(), 1, "that it was looked for is logged");
    let mut february = plan(ImportMode::Add);
    february.columns.period = sealroot_vault::rows::PeriodSource::Fixed("2026-02".parse().unwrap());
    vault.import(Cursor::new(csv([1])), february, |_| {}).await.unwrap();
    registry.anchor(&vault).await;
    assert_eq!(reason(&vault, &early).await, "released");
}

async fn two_clerks_cannot_use_one_release<B: Backing>() {
    let (_town, vault) = with_wallet::<B>().await;
    let signed = release(&vault, 1, &wallet(1), &RecipientSecret::random().public());
    let attempt = || vault.release(&signed, deployment(), None);
    let (a, b, c, d) = tokio::join!(attempt(), attempt(), attempt(), attempt());
    assert_eq!([a, b, c, d].iter().filter(|outcome| outcome.is_ok()).count(), 1);
}

/// Five minutes at an unlocked wallet make releases for later months; and a signature that is rejected today may count again tomorrow.
async fn a_release_is_withdrawn_before_it_counts_by_any_bearer<B: Backing>() {
    let (registry, vault) = with_wallet::<B>().await;
    let recipient = RecipientSecret::random().public();
    let year = 365 * DAY;
    let mut ahead = unsigned_release(&vault, 1, &wallet(1), &recipient);
    (ahead.not_before, ahead.expiry) = (ahead.not_before + year as u64, ahead.expiry + year as u64);
    let ahead = wallet(1).sign_release(ahead, [9; 32]).unwrap();
    assert_eq!(reason(&vault, &ahead).await, "release-lifetime");
    vault.withdraw_release(&ahead, deployment()).await.unwrap();
    let old = release(&vault, 1, &wallet(1), &recipient);
    enrol(&vault, subject(&vault, 1), &wallet(2), None).await;
    assert_eq!(reason(&vault, &old).await, "release-signer");
    vault.withdraw_release(&old, deployment()).await.unwrap();
    // The key comes back; neither release does.
    enrol(&vault, subject(&vault, 1), &wallet(1), None).await;
    assert_eq!(reason(&vault, &old).await, "release-used");
    registry.sleep(year);
    assert_eq!(reason(&vault, &ahead).await, "release-used");
}

async fn what_was_signed_before_a_key_counted_releases_nothing<B: Backing>() {
    let (registry, vault) = with_wallet::<B>().await;
    let (guardian, recipient) = (wallet(5), RecipientSecret::random().public());
    let fresh = |mut release: Release, key: &SecretKey| {
        let now = registry.now.load(Ordering::SeqCst) as u64;
        (release.not_before, release.expiry) = (now - 3600, now + 10 * DAY as u64);
        release.nonce.0.0[0] = (now % 251) as u8;
        key.sign_release(release, [9; 32]).unwrap()
    };
    let by_guardian = || fresh(represented(&vault, 2, &guardian, &recipient).release, &guardian);
    let by_holder = || fresh(unsigned_release(&vault, 1, &wallet(1), &recipient), &wallet(1));
    represent(&vault, 2, &guardian, Some("2026-01-15")).await;
    // Registered anew while still registered: nothing breaks.
    let kept = by_guardian();
    registry.sleep(2 * 3600);
    represent(&vault, 2, &guardian, Some("2026-01-15")).await;
    let (theirs, mine) = (by_guardian(), by_holder());
    assert_eq!(reason(&vault, &kept).await, "released");
    vault.remove_representative(subject(&vault, 2), &guardian.public_key(), &clerk()).await.unwrap();
    enrol(&vault, subject(&vault, 1), &wallet(2), None).await;
    registry.sleep(2 * 3600);
    represent(&vault, 2, &guardian, Some("2026-01-15")).await;
    enrol(&vault, subject(&vault, 1), &wallet(1), None).await;
    assert_eq!(reason(&vault, &theirs).await, "release-before-signer");
    assert_eq!(reason(&vault, &mine).await, "release-before-signer");
    // What they sign now counts; until the last day passes, or the person is erased, and they come back.
    assert_eq!(reason(&vault, &by_guardian()).await, "released");
    let (theirs, mine) = (by_guardian(), by_holder());
    registry.sleep(DAY);
    represent(&vault, 2, &guardian, None).await;
    vault.erase(subject(&vault, 1), &registry::access()).await.unwrap();
    import(&vault, csv([1])).await;
    enrol(&vault, subject(&vault, 1), &wallet(1), None).await;
    assert_eq!(reason(&vault, &theirs).await, "release-before-signer");
    assert_eq!(reason(&vault, &mine).await, "release-before-signer");
}

/// A wallet that was made to take Lin's record for its owner's says so in what it signs.
async fn a_signer_acts_in_the_role_of_the_signature<B: Backing>() {
    let (_town, vault) = with_wallet::<B>().await;
    let (guardian, recipient) = (wallet(5), RecipientSecret::random().public());
    represent(&vault, 2, &guardian, None).await;
    assert_eq!(reason(&vault, &release(&vault, 2, &guardian, &recipient)).await, "release-signer");
    assert_eq!(reason(&vault, &represented(&vault, 1, &wallet(1), &recipient)).await, "release-signer");
    assert_eq!(reason(&vault, &represented(&vault, 2, &guardian, &recipient)).await, "released");
}

/// What a sealed record holds, changed and sealed again: HPKE's base mode lets every reader of one do that.
fn sealed_again(
    file: &SealedRecord,
    secret: &RecipientSecret,
    change: impl Fn(&mut SealedRecord, &mut serde_json::Value),
) -> SealedRecord {
    let head = |file: &SealedRecord| canonical::to_bytes(&SealedRecord { sealed: Vec::new(), ..file.clone() }).unwrap();
    let plain = transfer::open(secret, b"sealroot/1:release", &head(file), &file.sealed).unwrap();
    let (mut file, mut contents) = (file.clone(), serde_json::from_slice(&plain).unwrap());
    change(&mut file, &mut contents);
    let plain = serde_json::to_vec(&contents).unwrap();
    file.sealed = transfer::seal_to(&file.recipient, b"sealroot/1:release", &head(&file), &plain).unwrap();
    file
}

/// A recipient that has a record can seal it for another prover and another request, but can't make its holder say so.
async fn a_recipient_sees_who_released_what_for_which_request<B: Backing>() {
    let (_town, vault) = with_wallet::<B>().await;
    let (first, second) = (RecipientSecret::random(), RecipientSecret::random());
    let signed = release(&vault, 1, &wallet(1), &first.public());
    let genuine = vault.release(&signed, deployment(), None).await.unwrap();
    assert!(sealed_again(&genuine, &first, |_, _| {}).open(&first).is_ok(), "the positive control");
    let insert = |contents: &mut serde_json::Value, signed: &SignedRelease| {
        contents["authorisation"] = serde_json::to_value(signed).unwrap();
    };
    let thief = wallet(9);
    let by_thief = |change: fn(&mut Release)| {
        let mut release = Release { recipient: second.public(), signer: thief.public_key(), ..signed.release.clone() };
        change(&mut release);
        thief.sign_release(release, [1; 32]).unwrap()
    };
    let to_second = |authorisation: SignedRelease| {
        let moved = sealed_again(&genuine, &first, |file, contents| {
            (file.recipient, file.release) = (second.public(), authorisation.release.digest().unwrap());
            insert(contents, &authorisation);
        });
        moved.open(&second).unwrap_err()
    };
    assert_eq!(to_second(signed.clone()), SealedRecordError::OtherRelease, "released to the first");
    let mut turned = signed.clone();
    (turned.release.recipient, turned.release.request) =
        (second.public(), sealroot_protocol::consent::RequestDigest(99u64.into()));
    assert_eq!(to_second(turned).code(), Code::ReleaseSignature);
    assert_eq!(to_second(by_thief(|r| r.request.0 += r.request.0)), SealedRecordError::Signer);
    assert_eq!(to_second(by_thief(|r| r.role = Role::Representative)), SealedRecordError::Signer);
    assert_eq!(to_second(by_thief(|r| r.subject.0 += r.subject.0)), SealedRecordError::OtherRecord);
    assert_eq!(to_second(by_thief(|r| r.period = FactsPeriod::Timeless)), SealedRecordError::OtherRecord);
    assert_eq!(to_second(by_thief(|r| r.schema.0 += r.schema.0)), SealedRecordError::OtherRecord);
    assert_eq!(to_second(by_thief(|r| r.agency = "tax-office".parse().unwrap())), SealedRecordError::OtherRelease);
    // The head names one release, the contents another.
    let other = Release { request: sealroot_protocol::consent::RequestDigest(99u64.into()), ..signed.release.clone() };
    let other = wallet(1).sign_release(other, [1; 32]).unwrap();
    let mixed = sealed_again(&genuine, &first, |_, contents| insert(contents, &other));
    assert_eq!(mixed.open(&first), Err(SealedRecordError::OtherRelease));
    // Without any.
    let bare = sealed_again(&genuine, &first, |_, contents| {
        contents.as_object_mut().unwrap().remove("authorisation");
    });
    assert_eq!(bare.open(&first), Err(SealedRecordError::Contents));
}

/// A child's record has no key in it, and a new key is in no anchored record yet.
async fn the_agency_vouches_for_a_signer_that_the_record_does_not_show<B: Backing>() {
    let (_town, vault) = with_wallet::<B>().await;
    let (guardian, prover) = (wallet(5), RecipientSecret::random());
    represent(&vault, 2, &guardian, None).await;
    enrol(&vault, subject(&vault, 0), &wallet(3), None).await;
    let child = represented(&vault, 2, &guardian, &prover.public());
    let newcomer = release(&vault, 0, &wallet(3), &prover.public());
    let own = release(&vault, 1, &wallet(1), &prover.public());
    for signed in [&child, &newcomer] {
        let rejected = vault.release(signed, deployment(), None).await.unwrap_err();
        let VaultError::Rejected(Rejection::Release(rejection)) = rejected else { panic!("{rejected}") };
        assert_eq!(rejection.code(), Code::ReleaseNeedsVoucher);
    }
    let key = agency_key();
    let mut lengths = Vec::new();
    for (signed, vouched) in [(&child, Some(key.address())), (&newcomer, Some(key.address())), (&own, None)] {
        let sealed = vault.release(signed, deployment(), Some(&key)).await.unwrap();
        let opened = sealed.open(&prover).unwrap();
        assert_eq!((opened.voucher, &opened.release), (vouched, &signed.release));
        lengths.push(sealed.sealed.len());
        if vouched.is_some() {
            // The voucher is for one release, recipient and agency: moved, it is some other key's.
            let moved = sealed_again(&sealed, &prover, |file, contents| {
                let other = Release {
                    request: sealroot_protocol::consent::RequestDigest(99u64.into()),
                    ..signed.release.clone()
                };
                let signer = if signed.release.role == Role::Holder { wallet(3) } else { wallet(5) };
                let other = signer.sign_release(other, [1; 32]).unwrap();
                file.release = other.release.digest().unwrap();
                contents["authorisation"] = serde_json::to_value(&other).unwrap();
            });
            assert_ne!(moved.open(&prover).map(|opened| opened.voucher), Ok(vouched));
            let bare = sealed_again(&sealed, &prover, |_, contents| {
                contents.as_object_mut().unwrap().remove("voucher");
            });
            assert_eq!(bare.open(&prover), Err(SealedRecordError::Signer));
        }
    }
    assert!(lengths.windows(2).all(|pair| pair[0] == pair[1]), "the length doesn't tell: {lengths:?}");
}

/// The clerk corrects whose record it is, or removes it: the anchored root still has it as it was.
async fn a_record_that_is_another_persons_now_is_not_released<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    let header = registry::HEADER.replace("national_id", "national_id,key");
    let row = |id: &str, key: &str| registry::citizen(1).replace("ID-000001", &format!("{id},{key}"));
    let mut plan = plan(ImportMode::Add);
    plan.columns.business_key = Some("key".into());
    let both = format!("{header}{}{}", row("ID-000001", "K1"), row("ID-000002", "K2"));
    vault.import(Cursor::new(both), plan.clone(), |_| {}).await.unwrap();
    for i in [1, 2] {
        enrol(&vault, subject(&vault, i), &wallet(i as u8), None).await;
    }
    registry.anchor(&vault).await;
    plan.mode = registry::REMOVE;
    let corrected = format!("{header}{}", row("ID-000007", "K1"));
    vault.import(Cursor::new(corrected), plan.clone(), |_| {}).await.unwrap();
    // The person gets their true record before the next anchor: what is anchored under that name is still another's.
    plan.mode = ImportMode::Add;
    let own = format!("{header}{}", row("ID-000001", "K3"));
    vault.import(Cursor::new(own), plan, |_| {}).await.unwrap();
    for i in [1, 2] {
        let signed = release(&vault, i, &wallet(i as u8), &RecipientSecret::random().public());
        let rejected = vault.release(&signed, deployment(), None).await;
        assert!(matches!(rejected, Err(VaultError::Rejected(Rejection::NoRecord(_)))), "{i}: {rejected:?}");
        // The root's grace is for claims that were begun under it.
        assert!(vault.open_record(&registry::which(&vault, i), None, &registry::access()).await.is_ok());
    }
}

async fn a_bad_recipient_burns_no_release<B: Backing>() {
    let (_town, vault) = with_wallet::<B>().await;
    let signed = release(&vault, 1, &wallet(1), &RecipientKey([0; 32]));
    for _ in 0..2 {
        let rejected = vault.release(&signed, deployment(), None).await;
        assert!(matches!(rejected, Err(VaultError::Rejected(Rejection::RecipientKey))), "{rejected:?}");
    }
    assert!(logged(&vault).await.is_empty(), "nothing was looked for");
}
