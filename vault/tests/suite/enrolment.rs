//! Enrolment: possession, nonces, and from when a key counts.

use sealroot_handover::{
    access_log::{LoggedAct, What},
    transfer::RecipientSecret,
};
use sealroot_protocol::possession::{PossessionChallenge, Role};
use sealroot_testing::registry::{
    self, Backing, DAY, Registry, about_people, access, clerk, csv, enrol, import, plan, root_waits, wallet, which,
};
use sealroot_vault::{Rejection, VaultError, anchor::LandedAnchor, import::ImportMode, rows::PeriodSource};
use std::io::Cursor;

suite!(
    a_first_key_starts_at_once_and_its_replacement_after_the_grace,
    enrolment_needs_possession_and_a_fresh_nonce,
    holder_since_survives_erasure,
    a_late_anchor_of_a_replacement_fails_and_is_postponed,
    a_replaced_key_is_told_to_its_owner,
);

async fn a_first_key_starts_at_once_and_its_replacement_after_the_grace<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    import(&vault, csv(0..3)).await;
    let mut february = plan(ImportMode::Add);
    february.columns.period = PeriodSource::Fixed("2026-02".parse().unwrap());
    vault.import(Cursor::new(csv(0..3)), february, |_| {}).await.unwrap();
    let subject = vault.subject(&registry::national_id(1)).unwrap();
    let first = enrol(&vault, subject, &wallet(1), None).await;
    assert_eq!((first.holder_since, first.reissued, first.anchor_by), (None, 2, None));
    registry.anchor(&vault).await;
    let opened = vault.open_record(&which(&vault, 1), None, &access()).await.unwrap();
    assert_eq!((opened.record.holder, opened.record.holder_since), (Some(wallet(1).public_key()), None));

    // The same key again changes nothing.
    let same = enrol(&vault, subject, &wallet(1), None).await;
    assert_eq!((same.holder_since, same.reissued), (None, 0));
    assert!(!root_waits(&vault).await);

    // 2026-01-15 12:00, anchored within one day, three days of grace: the old root serves until 01-19 12:00.
    let second = enrol(&vault, subject, &wallet(2), None).await;
    assert_eq!(second.holder_since.unwrap().to_string(), "2026-01-21");
    assert_eq!((second.reissued, second.anchor_by), (2, Some(registry::END_OF_DAY + DAY)));
    registry.anchor(&vault).await;
    let opened = vault.open_record(&which(&vault, 1), None, &access()).await.unwrap();
    assert_eq!(opened.record.holder, Some(wallet(2).public_key()));
    assert_eq!(opened.record.holder_since, second.holder_since);

    // Back to the first key: a change like any other. New records carry what holds by then.
    registry.sleep(30 * DAY);
    let third = enrol(&vault, subject, &wallet(1), None).await;
    assert_eq!(third.holder_since.unwrap().to_string(), "2026-02-20");
    let mut march = plan(ImportMode::Add);
    march.columns.period = PeriodSource::Fixed("2026-03".parse().unwrap());
    vault.import(Cursor::new(csv(1..2)), march, |_| {}).await.unwrap();
    registry.anchor(&vault).await;
    let mut wanted = which(&vault, 1);
    wanted.period = "2026-03".parse().unwrap();
    let record = vault.open_record(&wanted, None, &access()).await.unwrap().record;
    assert_eq!((record.holder, record.holder_since), (Some(wallet(1).public_key()), third.holder_since));
    // An update keeps them too.
    let update = plan(registry::UPDATE);
    let text = csv([1]).replace(",false,", ",true,");
    assert_eq!(vault.import(Cursor::new(text), update, |_| {}).await.unwrap().progress.changed, 1);
    registry.anchor(&vault).await;
    let record = vault.open_record(&which(&vault, 1), None, &access()).await.unwrap().record;
    assert_eq!((record.holder, record.holder_since), (Some(wallet(1).public_key()), third.holder_since));
    assert_eq!(vault.check().await.unwrap(), 7);
}

async fn enrolment_needs_possession_and_a_fresh_nonce<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    import(&vault, csv(0..3)).await;
    let [subject, other] = [1, 2].map(|i| vault.subject(&registry::national_id(i)).unwrap());
    let challenge = vault.enrolment_challenge(subject).await.unwrap();
    let good = wallet(1).prove_possession(&challenge, None, [1; 32]);
    let mut stolen = good.clone();
    stolen.key = wallet(2).public_key();
    let rejected = [
        (challenge.clone(), stolen),
        (PossessionChallenge { subject: other, ..challenge.clone() }, good.clone()),
        (PossessionChallenge { agency: "tax-office".parse().unwrap(), ..challenge.clone() }, good.clone()),
        (PossessionChallenge { nonce: challenge.nonce + challenge.nonce, ..challenge.clone() }, good.clone()),
        (PossessionChallenge { role: Role::Representative, ..challenge.clone() }, good.clone()),
    ];
    for (challenge, proof) in rejected {
        let error = vault.enrol(&challenge, &proof, None, &clerk()).await.unwrap_err();
        assert!(matches!(error, VaultError::Rejected(Rejection::Possession)), "{error}");
    }
    // A sound proof over a nonce that this vault never issued, or issued for somebody else.
    let invented = PossessionChallenge { nonce: 5u64.into(), ..challenge.clone() };
    let moved = PossessionChallenge { subject: other, ..challenge.clone() };
    for challenge in [invented, moved] {
        let proof = wallet(1).prove_possession(&challenge, None, [1; 32]);
        let error = vault.enrol(&challenge, &proof, None, &clerk()).await.unwrap_err();
        assert!(matches!(error, VaultError::Rejected(Rejection::Nonce)), "{error}");
    }
    let elsewhere = PossessionChallenge { agency: "tax-office".parse().unwrap(), ..challenge.clone() };
    let proof = wallet(1).prove_possession(&elsewhere, None, [1; 32]);
    assert!(matches!(
        vault.enrol(&elsewhere, &proof, None, &clerk()).await,
        Err(VaultError::Rejected(Rejection::Possession))
    ));

    // A reading key that the proof doesn't speak of would open the citizen's log to a stranger.
    let stranger = Some(sealroot_handover::transfer::RecipientSecret::random().public());
    let error = vault.enrol(&challenge, &good, stranger, &clerk()).await.unwrap_err();
    assert!(matches!(error, VaultError::Rejected(Rejection::Possession)), "{error}");

    vault.enrol(&challenge, &good, None, &clerk()).await.unwrap();
    assert!(
        matches!(
            vault.enrol(&challenge, &good, None, &clerk()).await,
            Err(VaultError::Rejected(Rejection::AnswerUsed))
        ),
        "used"
    );
    let challenge = vault.enrolment_challenge(subject).await.unwrap();
    let proof = wallet(1).prove_possession(&challenge, None, [1; 32]);
    registry.sleep(2 * DAY);
    assert!(
        matches!(vault.enrol(&challenge, &proof, None, &clerk()).await, Err(VaultError::Rejected(Rejection::Nonce))),
        "expired"
    );
}

async fn holder_since_survives_erasure<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    import(&vault, csv(0..2)).await;
    let subject = vault.subject(&registry::national_id(1)).unwrap();
    enrol(&vault, subject, &wallet(1), None).await;
    let replaced = enrol(&vault, subject, &wallet(2), None).await;
    vault.erase(subject, &access()).await.unwrap();
    assert_eq!(vault.holder(subject).await.unwrap(), (None, replaced.holder_since));
    // The same key comes back to its old day; another key starts later.
    import(&vault, csv([1])).await;
    registry.anchor(&vault).await;
    let record = vault.open_record(&which(&vault, 1), None, &access()).await.unwrap().record;
    assert_eq!((record.holder, record.holder_since), (None, replaced.holder_since));
    assert_eq!(enrol(&vault, subject, &wallet(2), None).await.holder_since, replaced.holder_since);
    vault.erase(subject, &access()).await.unwrap();
    registry.sleep(10 * DAY);
    let third = enrol(&vault, subject, &wallet(3), None).await;
    assert_eq!(third.holder_since.unwrap().to_string(), "2026-01-31");
}

async fn a_late_anchor_of_a_replacement_fails_and_is_postponed<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    import(&vault, csv(0..2)).await;
    let subject = vault.subject(&registry::national_id(1)).unwrap();
    enrol(&vault, subject, &wallet(1), None).await;
    registry.anchor(&vault).await;
    enrol(&vault, subject, &wallet(2), None).await;
    let pending = vault.pending_root().await.unwrap().unwrap();
    // The end of a day, because the chain refuses late anchors by their date: what the chain takes, the vault counts.
    let deadline = registry::END_OF_DAY + DAY;
    assert_eq!(pending.anchor_by, Some(deadline));
    let late = LandedAnchor { root: pending.root, sequence: 2, block: 9, block_time: deadline + 1 };
    let error = vault.mark_anchored(&late).await.unwrap_err();
    assert!(matches!(error, VaultError::Rejected(Rejection::AnchoredTooLate { .. })), "{error}");

    registry.sleep(2 * DAY);
    let postponed = vault.pending_root().await.unwrap().unwrap();
    assert_ne!(postponed.root, pending.root);
    assert_eq!(postponed.anchor_by, Some(registry::END_OF_DAY + 3 * DAY));
    let in_time =
        LandedAnchor { root: postponed.root, sequence: 2, block: 9, block_time: registry::END_OF_DAY + 3 * DAY };
    vault.mark_anchored(&in_time).await.unwrap();
    let record = vault.open_record(&which(&vault, 1), None, &access()).await.unwrap().record;
    assert_eq!(record.holder_since.unwrap().to_string(), "2026-01-23");
    registry.sleep(9 * DAY);
    assert!(!root_waits(&vault).await, "an anchored replacement is not postponed again");
    assert_eq!(vault.check().await.unwrap(), 2);
}

/// A clerk who enrols the clerk's own key for somebody else can't do it unseen: the entry is there first, and opens with the reading key that was replaced.
async fn a_replaced_key_is_told_to_its_owner<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    import(&vault, csv(0..2)).await;
    let subject = vault.subject(&registry::national_id(1)).unwrap();
    let (mine, theirs) = (RecipientSecret::random(), RecipientSecret::random());
    enrol(&vault, subject, &wallet(1), Some(mine.public())).await;
    enrol(&vault, subject, &wallet(2), Some(theirs.public())).await;
    let rows = vault.log_rows(subject, 0, 10).await.unwrap();
    let read = |secret| -> Vec<LoggedAct> { rows.iter().filter_map(|row| row.open(secret).ok()).collect() };
    let told: Vec<(What, Option<String>)> = read(&mine).into_iter().map(|entry| (entry.what, entry.key)).collect();
    let (first, second) = (wallet(1).public_key().fingerprint(), wallet(2).public_key().fingerprint());
    assert_eq!(told, [(What::Enrolled, Some(first)), (What::KeyReplaced, Some(second.clone()))]);
    assert!(read(&mine).iter().all(|entry| entry.access == clerk()));
    // The person who comes into another's place is told as well, and may be the victim of the first.
    let told: Vec<_> = read(&theirs).into_iter().map(|entry| (entry.what, entry.key)).collect();
    assert_eq!(told, [(What::KeyReplaced, Some(second))]);
    // A key without a reading key of its own leaves the old one in place; without either, the agency reads the entry.
    enrol(&vault, subject, &wallet(3), None).await;
    let rows = vault.log_rows(subject, 0, 10).await.unwrap();
    assert_eq!(rows.last().unwrap().open(&theirs).unwrap().what, What::KeyReplaced);
    enrol(&vault, vault.subject(&registry::national_id(0)).unwrap(), &wallet(4), None).await;
    let last = about_people(&vault).await.pop().unwrap();
    assert_eq!(last.disclosure.unwrap().what, What::Enrolled);
    // To erase the person first hides nothing: the reading key from before is told.
    vault.erase(subject, &access()).await.unwrap();
    enrol(&vault, subject, &wallet(5), Some(mine.public())).await;
    let rows = vault.log_rows(subject, 0, 10).await.unwrap();
    let told: Vec<What> = rows.iter().filter_map(|row| row.open(&theirs).ok()).map(|entry| entry.what).collect();
    assert_eq!(told, [What::KeyReplaced, What::KeyReplaced, What::Erased]);
}
