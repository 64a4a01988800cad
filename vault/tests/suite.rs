//! The vault's behaviour, one suite over every store: each function below runs on each backing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod town;

use sealroot_protocol::{
    possession::{PossessionChallenge, ProofOfPossession, Role},
    record::Leaf,
};
use sealroot_vault::{
    Integrity, Refusal, Vault, VaultError,
    anchor::Anchor,
    import::{ImportMode, ImportPlan},
    log::{self, What},
    merkle,
    rows::PeriodSource,
    store::{Keys, Records, RecordsTx, RootState, Store, WrappedKey},
    transfer::RecipientSecret,
};
use std::io::Cursor;
use town::{
    Backing, DAY, Embedded, HEADER, TIMING, Town, access, agency, citizen, csv, enrol, import, plan, wallet, which,
};

macro_rules! suite {
    ($($test:ident),* $(,)?) => {
        mod embedded {
            use super::*;
            $(
                #[tokio::test]
                async fn $test() {
                    super::$test::<Embedded>().await;
                }
            )*
        }
    };
}

suite!(
    imported_records_are_read_with_a_path_to_the_anchored_root,
    a_vault_opens_again_and_only_with_its_key_and_alone,
    one_bad_row_stops_the_whole_file,
    every_bad_cell_is_reported_by_line_and_column_and_never_by_value,
    good_rows_of_a_bad_file_on_request,
    duplicates_are_refused,
    an_update_changes_only_what_differs,
    a_dry_run_changes_nothing,
    missing_rows_go_only_on_request_and_only_in_the_files_periods,
    a_corrected_national_id_restarts_the_key,
    removal_and_import_again_keeps_serials_and_changes_salts,
    agencies_share_subjects_but_not_serials,
    many_records_per_person_by_business_key,
    a_first_key_starts_at_once_and_its_replacement_after_the_grace,
    enrolment_needs_possession_and_a_fresh_nonce,
    holder_since_survives_erasure,
    a_late_anchor_of_a_replacement_fails_and_is_postponed,
    old_roots_stay_readable_until_their_grace_ends,
    a_withdrawn_root_is_not_read_and_not_anchored_again,
    a_prepared_root_stands_while_the_vault_changes,
    restart_reconciles_with_the_chain,
    no_entry_no_disclosure,
    every_disclosure_is_logged_for_its_subject,
    the_log_only_grows,
    exchanged_rows_are_refused,
    exchanged_nodes_are_refused,
    erasure_destroys_the_record_in_backups_too,
    rotation_wraps_every_key_again,
    an_interrupted_rotation_is_finished,
    concurrent_reads_and_writes_are_consistent,
    the_stored_tree_is_the_tree_in_memory,
    a_transaction_that_is_dropped_leaves_no_trace,
);

async fn imported_records_are_read_with_a_path_to_the_anchored_root<B: Backing>() {
    let town = Town::new();
    let vault = town.create::<B>().await;
    let report = import(&vault, csv(0..150)).await;
    assert!(report.committed);
    assert_eq!((report.progress.rows, report.progress.added), (150, 150));
    assert!(matches!(
        vault.open_record(&which(&vault, 3), None, &access()).await,
        Err(VaultError::Refused(Refusal::NoAnchoredRoot))
    ));
    let root = town.anchor(&vault).await;
    assert!(vault.pending_root().await.unwrap().is_none(), "nothing changed");
    for i in [0, 3, 149] {
        let opened = vault.open_record(&which(&vault, i), None, &access()).await.unwrap();
        assert_eq!(opened.path.root(opened.record.leaf()), root);
        assert_eq!(opened.record.subject, vault.subject(&town::national_id(i)).unwrap());
        assert_eq!(opened.record.attributes.0[0], sealroot_protocol::schema::text_value(&town::national_id(i)));
        assert_eq!(opened.record.attributes.0[4], ((1000 + i as u64) * 100 + i as u64 % 100).into());
        assert_eq!(opened.record.holder, None);
    }
    assert!(matches!(
        vault.open_record(&which(&vault, 150), None, &access()).await,
        Err(VaultError::Refused(Refusal::NoRecord))
    ));
    assert_eq!(vault.check().await.unwrap(), 150);
}

async fn a_vault_opens_again_and_only_with_its_key_and_alone<B: Backing>() {
    let town = Town::new();
    let vault = town.create::<B>().await;
    import(&vault, csv(0..5)).await;
    let root = vault.status().await.unwrap().working_root;
    let again = || async { Vault::open(&town.path(), B::open(&town.path()).await, &town.master(), town.clock()).await };
    assert!(matches!(again().await, Err(VaultError::Refused(Refusal::InUse(_)))));
    drop(vault);
    let vault = again().await.unwrap();
    assert_eq!(vault.status().await.unwrap().working_root, root);
    assert_eq!(vault.check().await.unwrap(), 5);
    drop(vault);
    town::write_key(&town.directory.path().join("master.key"), &[8; 32]);
    assert!(matches!(again().await, Err(VaultError::Keys(sealroot_vault::KeyError::WrongKey))));
    assert!(matches!(
        Vault::create(&town.path(), B::open(&town.path()).await, &agency(), &town.master(), town.creation()).await,
        Err(VaultError::Refused(Refusal::Exists(_)))
    ));
}

async fn one_bad_row_stops_the_whole_file<B: Backing>() {
    let town = Town::new();
    let vault = town.create::<B>().await;
    import(&vault, csv(0..3)).await;
    let before = vault.status().await.unwrap();
    let text = csv(10..5000) + "ID-9,1950-02-30,north,false,1.00,1.00,1.00,0\n" + &citizen(6000);
    let error = vault.import(Cursor::new(text), plan(ImportMode::Add), |_| {}).await.unwrap_err();
    let VaultError::BadRows(bad) = error else { panic!("{error}") };
    assert_eq!((bad.bad_rows, bad.problems[0].line), (1, 4992));
    let after = vault.status().await.unwrap();
    assert_eq!(after.counts, before.counts);
    assert_eq!(after.data_keys, before.data_keys, "keys of the refused file are gone");
    assert_eq!(after.working_root, before.working_root);
    assert_eq!(vault.check().await.unwrap(), 3);
}

async fn every_bad_cell_is_reported_by_line_and_column_and_never_by_value<B: Backing>() {
    let town = Town::new();
    let vault = town.create::<B>().await;
    let good = citizen(1);
    for (row, column, says) in [
        ("ID-1,1950-02-30,north,false,1.00,1.00,1.00,0", "born", "a day that exists"),
        ("ID-1,1950-02-03,west,false,1.00,1.00,1.00,0", "district", "one of north, south, east"),
        ("ID-1,1950-02-03,north,yes,1.00,1.00,1.00,0", "disabled", "true or false"),
        ("ID-1,1950-02-03,north,false,1.5,1.00,1.00,0", "income_01", "two decimals"),
        ("ID-1,1950-02-03,north,false,1.00,-1.00,1.00,0", "income_02", "between 0 and"),
        ("ID-1,1950-02-03,north,false,1.00,1.00,92233720368547758.08,0", "income_03", "two decimals"),
        ("ID-1,1950-02-03,north,false,1.00,1.00,1.00,21", "children", "between 0 and 20"),
        ("ID-1,1950-02-03,north,false,1.00,1.00,1.00,+2", "children", "whole number"),
        (",1950-02-03,north,false,1.00,1.00,1.00,0", "national_id", "non-empty"),
        (" ID-1,1950-02-03,north,false,1.00,1.00,1.00,0", "national_id", "white space"),
    ] {
        let text = format!("{HEADER}{good}{row}\n");
        let error = vault.import(Cursor::new(text), plan(ImportMode::Add), |_| {}).await.unwrap_err();
        let VaultError::BadRows(bad) = error else { panic!("{error}") };
        let problem = &bad.problems[0];
        assert_eq!((problem.line, problem.column.as_deref()), (3, Some(column)), "{row}");
        assert!(problem.reason.contains(says), "{problem}");
        let cell = row.split(',').nth(HEADER.trim_end().split(',').position(|h| h == column).unwrap()).unwrap();
        assert!(cell.len() < 4 || !problem.to_string().contains(cell), "{problem} repeats the cell");
    }
    // A row that is too short, text that isn't UTF-8, a quote that never ends.
    let mut not_utf8 = format!("{HEADER}{good}").into_bytes();
    not_utf8.extend_from_slice(b"ID-\xff,1950-02-03,north,false,1.00,1.00,1.00,0\n");
    let endless = format!("{HEADER}{good}\"{}", "x\n".repeat(2 << 20));
    for (text, line, says) in [
        (format!("{HEADER}{good}ID-1,north\n").into_bytes(), 3, "2 cells"),
        (not_utf8, 3, "UTF-8"),
        (endless.into_bytes(), 3, "closing quote"),
    ] {
        let error = vault.import(Cursor::new(text), plan(ImportMode::Add), |_| {}).await.unwrap_err();
        let VaultError::BadRows(bad) = error else { panic!("{error}") };
        assert_eq!(bad.problems[0].line, line);
        assert!(bad.problems[0].reason.contains(says), "{}", bad.problems[0]);
    }
    // Headers that can't be used.
    for (text, says) in [
        (String::new(), "empty"),
        (HEADER.replace("born", "birth"), "no column born"),
        (HEADER.replace("income_02", "income_01"), "twice"),
        (HEADER.replace("national_id", "id"), "no column national_id"),
    ] {
        let error = vault.import(Cursor::new(text), plan(ImportMode::Add), |_| {}).await.unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
    assert_eq!(vault.status().await.unwrap().counts.live, 0);
    // Byte order mark, CRLF, quotes, and a column that the schema doesn't know.
    let text = format!("\u{feff}{}", HEADER.replace("children", "children,note")).replace('\n', "\r\n")
        + "\"ID-1\",1950-02-03,north,false,1.00,1.00,1.00,0,\"a, b\"\r\n";
    let report = import(&vault, text).await;
    assert_eq!((report.progress.added, report.ignored_columns), (1, vec!["note".to_owned()]));
}

async fn good_rows_of_a_bad_file_on_request<B: Backing>() {
    let town = Town::new();
    let vault = town.create::<B>().await;
    let text = csv(0..10) + "ID-1,north\n" + &citizen(3) + &citizen(20);
    let plan = ImportPlan { skip_bad_rows: true, ..plan(ImportMode::Add) };
    let report = vault.import(Cursor::new(text), plan, |_| {}).await.unwrap();
    assert_eq!((report.progress.added, report.progress.bad_rows, report.committed), (11, 2, true));
    assert_eq!(report.problems.iter().map(|p| p.line).collect::<Vec<_>>(), [12, 13]);
    assert_eq!(vault.check().await.unwrap(), 11);
}

async fn duplicates_are_refused<B: Backing>() {
    let town = Town::new();
    let vault = town.create::<B>().await;
    // Within a chunk, and across chunks.
    for text in [csv([1, 2, 1]), csv((0..2500).chain([7]))] {
        let error = vault.import(Cursor::new(text), plan(ImportMode::Add), |_| {}).await.unwrap_err();
        assert!(error.to_string().contains("twice in the file"), "{error}");
    }
    import(&vault, csv(0..5)).await;
    let error = vault.import(Cursor::new(csv([9, 4])), plan(ImportMode::Add), |_| {}).await.unwrap_err();
    assert!(error.to_string().contains("line 3: this person already has a record"), "{error}");
    // The same person in another period is another record.
    let mut other = plan(ImportMode::Add);
    other.columns.period = PeriodSource::Fixed("2026-02".parse().unwrap());
    assert_eq!(vault.import(Cursor::new(csv(0..5)), other, |_| {}).await.unwrap().progress.added, 5);
    // Another person with a business key that is taken.
    let keyed = |id: &str, key: &str| {
        format!(
            "{}{}",
            HEADER.replace("national_id", "national_id,key"),
            citizen(1).replace("ID-000001", &format!("{id},{key}"))
        )
    };
    let mut plan = plan(ImportMode::Add);
    plan.columns.business_key = Some("key".into());
    plan.columns.period = PeriodSource::Fixed("2026-03".parse().unwrap());
    vault.import(Cursor::new(keyed("ID-x", "K1")), plan.clone(), |_| {}).await.unwrap();
    let error = vault.import(Cursor::new(keyed("ID-y", "K1")), plan, |_| {}).await.unwrap_err();
    assert!(error.to_string().contains("another person has a record with this business key"), "{error}");
    assert_eq!(vault.check().await.unwrap(), 11);
}

async fn an_update_changes_only_what_differs<B: Backing>() {
    let town = Town::new();
    let vault = town.create::<B>().await;
    import(&vault, csv(0..40)).await;
    town.anchor(&vault).await;
    let mut before = Vec::new();
    for i in 0..40 {
        before.push(vault.open_record(&which(&vault, i), None, &access()).await.unwrap());
    }
    let text = csv(0..41).replace(&citizen(5), &citizen(5).replace(",false,", ",true,")).replace(&citizen(9), "");
    let report =
        vault.import(Cursor::new(text), plan(ImportMode::Update { remove_missing: false }), |_| {}).await.unwrap();
    let progress = report.progress;
    assert_eq!(
        (progress.added, progress.changed, progress.unchanged, report.missing, report.removed),
        (1, 1, 38, 1, 0)
    );
    assert_eq!((report.changes[0].line, report.changes[0].attributes.as_slice()), (7, &["disabled".to_owned()][..]));
    town.anchor(&vault).await;
    for (i, before) in before.iter().enumerate() {
        let after = vault.open_record(&which(&vault, i), None, &access()).await.unwrap();
        assert_eq!(after.record.serial, before.record.serial);
        assert_eq!(after.path.index, before.path.index);
        if i == 5 {
            assert_ne!(after.record.salt, before.record.salt);
            assert_ne!(after.record.attributes, before.record.attributes);
        } else {
            assert_eq!(after.record, before.record, "row {i} was left alone");
        }
    }
    assert_eq!(vault.check().await.unwrap(), 41);
}

async fn a_dry_run_changes_nothing<B: Backing>() {
    let town = Town::new();
    let vault = town.create::<B>().await;
    import(&vault, csv(0..10)).await;
    let before = vault.status().await.unwrap();
    let text = csv(2..12).replace(&citizen(5), &citizen(5).replace(",false,", ",true,")) + "ID-1,north\n" + &citizen(3);
    let plan = ImportPlan { dry_run: true, ..plan(ImportMode::Update { remove_missing: true }) };
    let report = vault.import(Cursor::new(text), plan, |_| {}).await.unwrap();
    let p = report.progress;
    assert_eq!((p.added, p.changed, p.unchanged, p.bad_rows, report.missing, report.removed), (2, 1, 7, 2, 2, 0));
    assert!(!report.committed);
    assert_eq!(vault.status().await.unwrap(), before);
}

async fn missing_rows_go_only_on_request_and_only_in_the_files_periods<B: Backing>() {
    let town = Town::new();
    let vault = town.create::<B>().await;
    import(&vault, csv(0..10)).await;
    let mut february = plan(ImportMode::Add);
    february.columns.period = PeriodSource::Fixed("2026-02".parse().unwrap());
    vault.import(Cursor::new(csv(0..10)), february, |_| {}).await.unwrap();
    let old = town.anchor(&vault).await;
    let report =
        vault.import(Cursor::new(csv(0..7)), plan(ImportMode::Update { remove_missing: true }), |_| {}).await.unwrap();
    assert_eq!((report.progress.unchanged, report.missing, report.removed), (7, 3, 3));
    town.anchor(&vault).await;
    assert!(matches!(
        vault.open_record(&which(&vault, 8), None, &access()).await,
        Err(VaultError::Refused(Refusal::NoRecord))
    ));
    assert!(vault.open_record(&which(&vault, 8), Some(old), &access()).await.is_ok(), "the old root's grace runs");
    assert_eq!(vault.check().await.unwrap(), 17);
}

async fn a_corrected_national_id_restarts_the_key<B: Backing>() {
    let town = Town::new();
    let vault = town.create::<B>().await;
    let header = HEADER.replace("national_id", "national_id,key");
    let row = |id: &str| header.clone() + &citizen(1).replace("ID-000001", &format!("{id},K1"));
    let mut plan = plan(ImportMode::Add);
    plan.columns.business_key = Some("key".into());
    vault.import(Cursor::new(row("ID-wrong")), plan.clone(), |_| {}).await.unwrap();
    town.anchor(&vault).await;
    plan.mode = ImportMode::Update { remove_missing: false };
    let report = vault.import(Cursor::new(row("ID-right")), plan, |_| {}).await.unwrap();
    assert!(report.changes[0].subject);
    // Whoever enrols for the new subject starts after the old root's grace, even with his first key there.
    let enrolled = enrol(&vault, vault.subject("ID-right").unwrap(), &wallet(1), None).await;
    assert_eq!(enrolled.holder_since.unwrap().to_string(), "2026-01-20");
    town.anchor(&vault).await;
    assert_eq!(vault.check().await.unwrap(), 1);
}

async fn removal_and_import_again_keeps_serials_and_changes_salts<B: Backing>() {
    let town = Town::new();
    let vault = town.create::<B>().await;
    import(&vault, csv(0..4)).await;
    town.anchor(&vault).await;
    let before = vault.open_record(&which(&vault, 2), None, &access()).await.unwrap().record;
    vault.erase(before.subject).await.unwrap();
    import(&vault, csv([2])).await;
    town.anchor(&vault).await;
    let after = vault.open_record(&which(&vault, 2), None, &access()).await.unwrap().record;
    assert_eq!(after.serial, before.serial);
    assert_eq!(after.attributes, before.attributes);
    assert_ne!(after.salt, before.salt);
    assert_ne!(after.leaf(), before.leaf());
}

async fn agencies_share_subjects_but_not_serials<B: Backing>() {
    let (a, b, c) = (Town::new(), Town::new(), Town::new());
    let first = a.create::<B>().await;
    let shared = sealroot_vault::Creation { subject_key: Some(first.export_subject_key()), ..b.creation() };
    let second =
        Vault::create(&b.path(), B::open(&b.path()).await, &"tax-office".parse().unwrap(), &b.master(), shared)
            .await
            .unwrap();
    let stranger = c.create::<B>().await;
    assert_eq!(first.subject("ID-1").unwrap(), second.subject("ID-1").unwrap());
    assert_ne!(first.subject("ID-1").unwrap(), stranger.subject("ID-1").unwrap());
    for vault in [&first, &second] {
        import(vault, csv([1])).await;
    }
    a.anchor(&first).await;
    b.anchor(&second).await;
    let records = (
        first.open_record(&which(&first, 1), None, &access()).await.unwrap().record,
        second.open_record(&which(&second, 1), None, &access()).await.unwrap().record,
    );
    assert_eq!(records.0.subject, records.1.subject);
    assert_ne!(records.0.serial, records.1.serial);
}

async fn many_records_per_person_by_business_key<B: Backing>() {
    let town = Town::new();
    let vault = town.create::<B>().await;
    let mut plan = plan(ImportMode::Add);
    plan.schema.many = true;
    plan.columns.business_key = Some("key".into());
    let header = HEADER.replace("national_id", "national_id,key");
    let row = |key: &str| citizen(1).replace("ID-000001", &format!("ID-000001,{key}"));
    let text = format!("{header}{}{}", row("INV-1"), row("INV-2"));
    vault.import(Cursor::new(text), plan.clone(), |_| {}).await.unwrap();
    let again = format!("{header}{}", row("INV-2"));
    assert!(vault.import(Cursor::new(again), plan.clone(), |_| {}).await.is_err());
    town.anchor(&vault).await;
    let mut which = which(&vault, 1);
    which.schema = plan.schema.id().unwrap();
    let error = vault.open_record(&which, None, &access()).await.unwrap_err();
    assert!(matches!(error, VaultError::Refused(Refusal::NeedsBusinessKey)));
    let mut serials = Vec::new();
    for key in ["INV-1", "INV-2"] {
        which.business_key = Some(key.into());
        serials.push(vault.open_record(&which, None, &access()).await.unwrap().record.serial);
    }
    assert_ne!(serials[0], serials[1]);
}

async fn a_first_key_starts_at_once_and_its_replacement_after_the_grace<B: Backing>() {
    let town = Town::new();
    let vault = town.create::<B>().await;
    import(&vault, csv(0..3)).await;
    let mut february = plan(ImportMode::Add);
    february.columns.period = PeriodSource::Fixed("2026-02".parse().unwrap());
    vault.import(Cursor::new(csv(0..3)), february, |_| {}).await.unwrap();
    let subject = vault.subject(&town::national_id(1)).unwrap();
    let first = enrol(&vault, subject, &wallet(1), None).await;
    assert_eq!((first.holder_since, first.reissued, first.anchor_by), (None, 2, None));
    town.anchor(&vault).await;
    let opened = vault.open_record(&which(&vault, 1), None, &access()).await.unwrap();
    assert_eq!((opened.record.holder, opened.record.holder_since), (Some(wallet(1).public_key()), None));

    // The same key again changes nothing.
    let same = enrol(&vault, subject, &wallet(1), None).await;
    assert_eq!((same.holder_since, same.reissued), (None, 0));
    assert!(vault.pending_root().await.unwrap().is_none());

    // 2026-01-15 12:00, anchored within one day, three days of grace: the old root serves until 01-19 12:00.
    let second = enrol(&vault, subject, &wallet(2), None).await;
    assert_eq!(second.holder_since.unwrap().to_string(), "2026-01-20");
    assert_eq!((second.reissued, second.anchor_by), (2, Some(town::END_OF_DAY + DAY)));
    town.anchor(&vault).await;
    let opened = vault.open_record(&which(&vault, 1), None, &access()).await.unwrap();
    assert_eq!(opened.record.holder, Some(wallet(2).public_key()));
    assert_eq!(opened.record.holder_since, second.holder_since);

    // Back to the first key: a change like any other. New records carry what holds by then.
    town.sleep(30 * DAY);
    let third = enrol(&vault, subject, &wallet(1), None).await;
    assert_eq!(third.holder_since.unwrap().to_string(), "2026-02-19");
    let mut march = plan(ImportMode::Add);
    march.columns.period = PeriodSource::Fixed("2026-03".parse().unwrap());
    vault.import(Cursor::new(csv(1..2)), march, |_| {}).await.unwrap();
    town.anchor(&vault).await;
    let mut which = which(&vault, 1);
    which.period = "2026-03".parse().unwrap();
    let record = vault.open_record(&which, None, &access()).await.unwrap().record;
    assert_eq!((record.holder, record.holder_since), (Some(wallet(1).public_key()), third.holder_since));
    // An update keeps them too.
    let update = plan(ImportMode::Update { remove_missing: false });
    let text = csv([1]).replace(",false,", ",true,");
    assert_eq!(vault.import(Cursor::new(text), update, |_| {}).await.unwrap().progress.changed, 1);
    town.anchor(&vault).await;
    let record = vault.open_record(&crate::which(&vault, 1), None, &access()).await.unwrap().record;
    assert_eq!((record.holder, record.holder_since), (Some(wallet(1).public_key()), third.holder_since));
    assert_eq!(vault.check().await.unwrap(), 7);
}

async fn enrolment_needs_possession_and_a_fresh_nonce<B: Backing>() {
    let town = Town::new();
    let vault = town.create::<B>().await;
    let (subject, other) = (vault.subject("ID-1").unwrap(), vault.subject("ID-2").unwrap());
    let challenge = vault.enrolment_challenge(subject).await.unwrap();
    let good = ProofOfPossession::sign(&wallet(1), &challenge, None, [1; 32]);
    let mut stolen = good.clone();
    stolen.key = wallet(2).public_key();
    let refused = [
        (challenge.clone(), stolen),
        (PossessionChallenge { subject: other, ..challenge.clone() }, good.clone()),
        (PossessionChallenge { agency: "tax-office".parse().unwrap(), ..challenge.clone() }, good.clone()),
        (PossessionChallenge { nonce: challenge.nonce + challenge.nonce, ..challenge.clone() }, good.clone()),
        (PossessionChallenge { role: Role::Representative, ..challenge.clone() }, good.clone()),
    ];
    for (challenge, proof) in refused {
        let error = vault.enrol(&challenge, &proof, None).await.unwrap_err();
        assert!(matches!(error, VaultError::Refused(Refusal::Possession)), "{error}");
    }
    // A sound proof over a nonce that this vault never issued, or issued for somebody else.
    let invented = PossessionChallenge { nonce: 5u64.into(), ..challenge.clone() };
    let moved = PossessionChallenge { subject: other, ..challenge.clone() };
    for challenge in [invented, moved] {
        let proof = ProofOfPossession::sign(&wallet(1), &challenge, None, [1; 32]);
        let error = vault.enrol(&challenge, &proof, None).await.unwrap_err();
        assert!(matches!(error, VaultError::Refused(Refusal::Nonce)), "{error}");
    }
    let elsewhere = PossessionChallenge { agency: "tax-office".parse().unwrap(), ..challenge.clone() };
    let proof = ProofOfPossession::sign(&wallet(1), &elsewhere, None, [1; 32]);
    assert!(matches!(vault.enrol(&elsewhere, &proof, None).await, Err(VaultError::Refused(Refusal::Possession))));

    // A reading key that the proof doesn't speak of would open the citizen's log to a stranger.
    let stranger = Some(sealroot_vault::transfer::RecipientSecret::random().public());
    let error = vault.enrol(&challenge, &good, stranger).await.unwrap_err();
    assert!(matches!(error, VaultError::Refused(Refusal::Possession)), "{error}");

    vault.enrol(&challenge, &good, None).await.unwrap();
    assert!(matches!(vault.enrol(&challenge, &good, None).await, Err(VaultError::Refused(Refusal::Nonce))), "used");
    let challenge = vault.enrolment_challenge(subject).await.unwrap();
    let proof = ProofOfPossession::sign(&wallet(1), &challenge, None, [1; 32]);
    town.sleep(2 * DAY);
    assert!(matches!(vault.enrol(&challenge, &proof, None).await, Err(VaultError::Refused(Refusal::Nonce))), "expired");
}

async fn holder_since_survives_erasure<B: Backing>() {
    let town = Town::new();
    let vault = town.create::<B>().await;
    import(&vault, csv(0..2)).await;
    let subject = vault.subject(&town::national_id(1)).unwrap();
    enrol(&vault, subject, &wallet(1), None).await;
    let replaced = enrol(&vault, subject, &wallet(2), None).await;
    vault.erase(subject).await.unwrap();
    assert_eq!(vault.holder(subject).await.unwrap(), (None, replaced.holder_since));
    // The same key comes back to its old day; another key starts later.
    import(&vault, csv([1])).await;
    town.anchor(&vault).await;
    let record = vault.open_record(&which(&vault, 1), None, &access()).await.unwrap().record;
    assert_eq!((record.holder, record.holder_since), (None, replaced.holder_since));
    assert_eq!(enrol(&vault, subject, &wallet(2), None).await.holder_since, replaced.holder_since);
    vault.erase(subject).await.unwrap();
    town.sleep(10 * DAY);
    let third = enrol(&vault, subject, &wallet(3), None).await;
    assert_eq!(third.holder_since.unwrap().to_string(), "2026-01-30");
}

async fn a_late_anchor_of_a_replacement_fails_and_is_postponed<B: Backing>() {
    let town = Town::new();
    let vault = town.create::<B>().await;
    import(&vault, csv(0..2)).await;
    let subject = vault.subject(&town::national_id(1)).unwrap();
    enrol(&vault, subject, &wallet(1), None).await;
    town.anchor(&vault).await;
    enrol(&vault, subject, &wallet(2), None).await;
    let pending = vault.pending_root().await.unwrap().unwrap();
    // The end of a day, because the chain refuses late anchors by their date: what the chain takes, the vault counts.
    let deadline = town::END_OF_DAY + DAY;
    assert_eq!(pending.anchor_by, Some(deadline));
    let late = Anchor { root: pending.root, sequence: 2, block: 9, block_time: deadline + 1 };
    let error = vault.mark_anchored(&late).await.unwrap_err();
    assert!(matches!(error, VaultError::Refused(Refusal::AnchoredTooLate { .. })), "{error}");

    town.sleep(2 * DAY);
    let postponed = vault.pending_root().await.unwrap().unwrap();
    assert_ne!(postponed.root, pending.root);
    assert_eq!(postponed.anchor_by, Some(town::END_OF_DAY + 3 * DAY));
    let in_time = Anchor { root: postponed.root, sequence: 2, block: 9, block_time: town::END_OF_DAY + 3 * DAY };
    vault.mark_anchored(&in_time).await.unwrap();
    let record = vault.open_record(&which(&vault, 1), None, &access()).await.unwrap().record;
    assert_eq!(record.holder_since.unwrap().to_string(), "2026-01-22");
    town.sleep(9 * DAY);
    assert!(vault.pending_root().await.unwrap().is_none(), "an anchored replacement is not postponed again");
    assert_eq!(vault.check().await.unwrap(), 2);
}

async fn old_roots_stay_readable_until_their_grace_ends<B: Backing>() {
    let town = Town::new();
    let vault = town.create::<B>().await;
    import(&vault, csv(0..20)).await;
    let first = town.anchor(&vault).await;
    // Long after it was anchored, a root is current; its grace starts when it is replaced.
    town.sleep(100 * DAY);
    let old = vault.open_record(&which(&vault, 3), None, &access()).await.unwrap();
    let update = plan(ImportMode::Update { remove_missing: true });
    let text = csv(0..19).replace(&citizen(3), &citizen(3).replace(",false,", ",true,"));
    vault.import(Cursor::new(text), update, |_| {}).await.unwrap();
    let unanchored = vault.open_record(&which(&vault, 3), None, &access()).await.unwrap();
    assert_eq!(unanchored.record, old.record, "what isn't anchored isn't read");
    let second = town.anchor(&vault).await;
    assert_ne!(first, second);
    town.sleep(TIMING.grace as i64);
    vault.prune().await.unwrap();
    let still = vault.open_record(&which(&vault, 3), Some(first), &access()).await.unwrap();
    assert_eq!((&still.record, still.path.root(still.record.leaf())), (&old.record, first));
    assert!(vault.open_record(&which(&vault, 19), Some(first), &access()).await.is_ok());
    let new = vault.open_record(&which(&vault, 3), None, &access()).await.unwrap();
    assert_eq!(new.root, second);
    assert_ne!(new.record.attributes, old.record.attributes);

    town.sleep(1);
    let error = vault.open_record(&which(&vault, 3), Some(first), &access()).await.unwrap_err();
    assert!(matches!(error, VaultError::Refused(Refusal::GraceEnded(_))), "{error}");
    let keys = vault.status().await.unwrap().data_keys;
    let pruned = vault.prune().await.unwrap();
    assert_eq!((pruned.roots, pruned.versions), (1, 2));
    assert!(pruned.nodes >= 16);
    let status = vault.status().await.unwrap();
    assert_eq!((status.counts.superseded, status.data_keys), (0, keys - 2));
    assert!(vault.open_record(&which(&vault, 3), None, &access()).await.is_ok());
    assert_eq!(vault.check().await.unwrap(), 19);
}

async fn a_withdrawn_root_is_not_read_and_not_anchored_again<B: Backing>() {
    let town = Town::new();
    let vault = town.create::<B>().await;
    import(&vault, csv(0..3)).await;
    let root = town.anchor(&vault).await;
    vault.mark_withdrawn(root).await.unwrap();
    for named in [None, Some(root)] {
        assert!(vault.open_record(&which(&vault, 1), named, &access()).await.is_err());
    }
    assert!(matches!(vault.pending_root().await, Err(VaultError::Refused(Refusal::RootWithdrawn(_)))));
    import(&vault, csv([7])).await;
    let next = town.anchor(&vault).await;
    assert_eq!(vault.open_record(&which(&vault, 1), None, &access()).await.unwrap().root, next);
    assert!(matches!(
        vault.open_record(&which(&vault, 1), Some(root), &access()).await,
        Err(VaultError::Refused(Refusal::RootWithdrawn(_)))
    ));
}

async fn a_prepared_root_stands_while_the_vault_changes<B: Backing>() {
    let town = Town::new();
    let vault = town.create::<B>().await;
    import(&vault, csv(0..8)).await;
    let pending = vault.pending_root().await.unwrap().unwrap();
    assert_eq!(vault.pending_root().await.unwrap().unwrap(), pending);
    let text = csv(0..9).replace(&citizen(3), &citizen(3).replace(",false,", ",true,"));
    vault.import(Cursor::new(text), plan(ImportMode::Update { remove_missing: false }), |_| {}).await.unwrap();
    vault.mark_anchored(&Anchor { root: pending.root, sequence: 1, block: 1, block_time: town::NOON }).await.unwrap();
    let opened = vault.open_record(&which(&vault, 3), None, &access()).await.unwrap();
    assert_eq!(opened.root, pending.root);
    assert_eq!(opened.path.root(opened.record.leaf()), pending.root);
    assert!(vault.open_record(&which(&vault, 8), None, &access()).await.is_err(), "not under this root");
    // Prepared roots that never came on chain are left behind by the next that does.
    let skipped = vault.pending_root().await.unwrap().unwrap();
    import(&vault, csv([30])).await;
    let last = vault.pending_root().await.unwrap().unwrap();
    vault.mark_anchored(&Anchor { root: last.root, sequence: 2, block: 2, block_time: town::NOON }).await.unwrap();
    assert!(vault.open_record(&which(&vault, 3), Some(skipped.root), &access()).await.is_err());
    let states: Vec<_> = vault.status().await.unwrap().roots.iter().map(|row| row.state).collect();
    assert_eq!(states, [RootState::Anchored, RootState::Retired, RootState::Anchored]);
}

async fn restart_reconciles_with_the_chain<B: Backing>() {
    let town = Town::new();
    let vault = town.create::<B>().await;
    vault.reconcile(None).await.unwrap();
    import(&vault, csv(0..3)).await;
    let pending = vault.pending_root().await.unwrap().unwrap();
    drop(vault);
    // The anchor landed, and the vault died before it heard of it.
    let vault = town.open::<B>().await;
    let anchor = Anchor { root: pending.root, sequence: 1, block: 5, block_time: town::NOON };
    vault.reconcile(Some(&anchor)).await.unwrap();
    vault.reconcile(Some(&anchor)).await.unwrap();
    assert_eq!(vault.open_record(&which(&vault, 1), None, &access()).await.unwrap().root, pending.root);
    assert!(matches!(vault.reconcile(None).await, Err(VaultError::Refused(Refusal::ChainBehind))));
    let foreign = Anchor { root: sealroot_protocol::tree::Root(9u64.into()), sequence: 2, ..anchor };
    assert!(matches!(vault.reconcile(Some(&foreign)).await, Err(VaultError::Refused(Refusal::ForeignRoot(_)))));
}

/// A store whose log can be switched off.
struct WithoutLog<S: Store>(S, DeadLog);
struct DeadLog;
impl<S: Store> Store for WithoutLog<S> {
    type Records = S::Records;
    type Keys = S::Keys;
    type Log = DeadLog;
    fn records(&self) -> &S::Records {
        self.0.records()
    }
    fn keys(&self) -> &S::Keys {
        self.0.keys()
    }
    fn log(&self) -> &DeadLog {
        &self.1
    }
}
impl sealroot_vault::store::Log for DeadLog {
    async fn size(&self) -> sealroot_vault::store::Stored<u64> {
        Ok(0)
    }
    async fn append(
        &self,
        _: &sealroot_vault::store::LogRow,
        _: &[(merkle::Subtree, sealroot_protocol::field::Digest)],
    ) -> sealroot_vault::store::Stored<()> {
        Err(sealroot_vault::StoreError::Unavailable("the disk is full".into()))
    }
    async fn subtrees(
        &self,
        _: &[merkle::Subtree],
    ) -> sealroot_vault::store::Stored<Vec<sealroot_protocol::field::Digest>> {
        Ok(Vec::new())
    }
    async fn entries(
        &self,
        _: Option<&[u8; 32]>,
        _: u64,
        _: u32,
    ) -> sealroot_vault::store::Stored<Vec<sealroot_vault::store::LogRow>> {
        Ok(Vec::new())
    }
    async fn is_used(&self, _: &[u8; 32]) -> sealroot_vault::store::Stored<bool> {
        Ok(false)
    }
    async fn use_release(&self, _: &[u8; 32], _: i64, _: i64) -> sealroot_vault::store::Stored<bool> {
        Ok(true)
    }
}

async fn no_entry_no_disclosure<B: Backing>() {
    let town = Town::new();
    let store = WithoutLog(B::open(&town.path()).await, DeadLog);
    let vault = Vault::create(&town.path(), store, &agency(), &town.master(), town.creation()).await.unwrap();
    import(&vault, csv(0..3)).await;
    town.anchor(&vault).await;
    let recipient = RecipientSecret::random();
    // Existing and missing records fail alike: not even existence is disclosed.
    for i in [1, 99] {
        let error = vault.open_record(&which(&vault, i), None, &access()).await.unwrap_err();
        assert!(matches!(error, VaultError::Log(_)), "{error}");
        enrol(&vault, vault.subject(&town::national_id(i)).unwrap(), &wallet(1), None).await;
        let release = town::release(&vault, i, &wallet(1), &recipient.public());
        let error = vault.release(&release, town::deployment()).await.unwrap_err();
        assert!(matches!(error, VaultError::Log(_)), "{error}");
    }
}

async fn every_disclosure_is_logged_for_its_subject<B: Backing>() {
    let town = Town::new();
    let vault = town.create::<B>().await;
    import(&vault, csv(0..3)).await;
    let secret = RecipientSecret::random();
    let subject = vault.subject(&town::national_id(1)).unwrap();
    enrol(&vault, subject, &wallet(1), Some(secret.public())).await;
    town.anchor(&vault).await;
    for i in [0, 1, 2, 1, 99] {
        let _ = vault.open_record(&which(&vault, i), None, &access()).await;
    }
    let release = town::release(&vault, 1, &wallet(1), &RecipientSecret::random().public());
    vault.release(&release, town::deployment()).await.unwrap();
    let entries = vault.log(None, 0, 100).await.unwrap();
    assert_eq!(entries.len(), 6, "the failed look-up is there as well");
    assert_eq!(entries[0].disclosure.as_ref().unwrap().access, access());
    // Entries about an enrolled holder are for him alone.
    assert!(entries[1].disclosure.is_none());
    let mine = vault.log_rows(subject, 0, 100).await.unwrap();
    assert_eq!(mine.iter().map(|row| row.position).collect::<Vec<_>>(), [1, 3, 5]);
    let opened: Vec<_> = mine.iter().map(|row| log::open(row, &secret).unwrap()).collect();
    assert_eq!(opened.iter().map(|d| d.what).collect::<Vec<_>>(), [What::Opened, What::Opened, What::Released]);
    assert!(log::open(&mine[0], &RecipientSecret::random()).is_err());
    let mut moved = mine[0].clone();
    moved.position = 3;
    assert!(log::open(&moved, &secret).is_err());
}

async fn the_log_only_grows<B: Backing>() {
    let town = Town::new();
    let vault = town.create::<B>().await;
    import(&vault, csv(0..3)).await;
    town.anchor(&vault).await;
    for i in 0..7 {
        vault.open_record(&which(&vault, i % 3), None, &access()).await.unwrap();
    }
    let first = vault.log_head().await.unwrap();
    import(&vault, csv([8])).await;
    let pending = vault.pending_root().await.unwrap().unwrap();
    assert_eq!((pending.log_head, pending.log_size), (first.head, 7), "the head is anchored with the root");
    for i in 0..6 {
        vault.open_record(&which(&vault, i % 3), None, &access()).await.unwrap();
    }
    let second = vault.log_head().await.unwrap();
    let proof = vault.log_consistency(7, 13).await.unwrap();
    assert!(merkle::verify_consistency(7, 13, &first.head, &second.head, &proof));
    for entry in vault.log(None, 0, 100).await.unwrap() {
        let (head, proof) = vault.log_inclusion(entry.position, 13).await.unwrap();
        assert_eq!(head, second);
        assert!(merkle::verify_inclusion(&entry.leaf, entry.position, 13, &proof, &second.head));
    }
    assert!(vault.log_inclusion(0, 14).await.is_err());
    assert_eq!(vault.check().await.unwrap(), 4);
}

/// Whoever holds the database exchanges rows: swaps, moves, cuts, puts an old version back. The vault never returns a record for it.
async fn exchanged_rows_are_refused<B: Backing>() {
    let town = Town::new();
    let vault = town.create::<B>().await;
    import(&vault, csv(0..3)).await;
    let update = plan(ImportMode::Update { remove_missing: false });
    town.anchor(&vault).await;
    let text = csv(0..3).replace(&citizen(1), &citizen(1).replace(",false,", ",true,"));
    vault.import(Cursor::new(text), update, |_| {}).await.unwrap();
    town.anchor(&vault).await;
    drop(vault);

    let store = B::open(&town.path()).await;
    let rows = store.records().read().await.unwrap().live_records(None, 10).await.unwrap();
    let mut tx = store.records().read().await.unwrap();
    let old = tx.versions_of_subject(&rows[1].subject).await.unwrap().into_iter().find(|r| r.until.is_some()).unwrap();
    drop(tx);
    let key_of = |row: &sealroot_vault::store::RecordRow| {
        let mut id = vec![b'r'];
        id.extend_from_slice(&row.id);
        id.extend_from_slice(&row.version.to_be_bytes());
        id
    };
    let replace = |row: sealroot_vault::store::RecordRow| {
        let store = &store;
        async move {
            let mut tx = store.records().write().await.unwrap();
            tx.delete_records(&[(row.id, row.version)]).await.unwrap();
            tx.add_records(&[row]).await.unwrap();
            tx.commit().await.unwrap();
        }
    };
    let attempt = || async {
        let vault = Vault::open(&town.path(), B::open(&town.path()).await, &town.master(), town.clock()).await.unwrap();
        let error = vault.open_record(&which(&vault, 1), None, &access()).await.unwrap_err();
        assert!(vault.check().await.is_err());
        match error {
            VaultError::Integrity(integrity) => integrity,
            other => panic!("{other}"),
        }
    };
    let real = rows[1].clone();
    let mut cut = real.clone();
    cut.sealed.pop();
    let mut empty = real.clone();
    empty.sealed.clear();
    let swapped =
        sealroot_vault::store::RecordRow { sealed: rows[2].sealed.clone(), leaf: rows[2].leaf, ..real.clone() };
    let wrong_leaf = sealroot_vault::store::RecordRow { leaf: Leaf(1u64.into()), ..real.clone() };
    let wrong_schema = {
        let other = sealroot_protocol::schema::SchemaId(5u64.into());
        sealroot_vault::store::RecordRow { schema: other, ..real.clone() }
    };
    for (row, expected) in [
        (cut, Integrity::Ciphertext),
        (empty, Integrity::Ciphertext),
        (swapped, Integrity::Ciphertext),
        (wrong_schema, Integrity::Ciphertext),
        (wrong_leaf, Integrity::LeafMismatch),
    ] {
        replace(row).await;
        assert_eq!(attempt().await, expected);
        replace(real.clone()).await;
    }
    // Last year's version as this year's: same record, same place, its own key and version. Only the tree tells.
    let mut tx = store.records().write().await.unwrap();
    tx.delete_records(&[(real.id, real.version), (old.id, old.version)]).await.unwrap();
    tx.add_records(&[sealroot_vault::store::RecordRow { until: None, ..old.clone() }]).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(attempt().await, Integrity::LeafMismatch);
    // Nor is it issued again as if it were current, which would make it true: not by a key, not by an update.
    let newer = store.keys().get(&[key_of(&real)]).await.unwrap();
    store.keys().destroy(&[key_of(&real)]).await.unwrap();
    let vault = Vault::open(&town.path(), B::open(&town.path()).await, &town.master(), town.clock()).await.unwrap();
    let challenge = vault.enrolment_challenge(vault.subject(&town::national_id(1)).unwrap()).await.unwrap();
    let proof = ProofOfPossession::sign(&wallet(1), &challenge, None, [9; 32]);
    let error = vault.enrol(&challenge, &proof, None).await.unwrap_err();
    assert!(matches!(error, VaultError::Integrity(Integrity::LeafMismatch)), "{error}");
    for text in [csv(0..3), csv(0..3).replace(&citizen(1), &citizen(1).replace(",south,", ",east,"))] {
        let update = plan(ImportMode::Update { remove_missing: false });
        let error = vault.import(Cursor::new(text), update, |_| {}).await.unwrap_err();
        assert!(matches!(error, VaultError::Integrity(Integrity::LeafMismatch)), "{error}");
    }
    drop(vault);
    store.keys().add(&[1; 16], &newer).await.unwrap();
    store.keys().settle(&[1; 16]).await.unwrap();
    let mut tx = store.records().write().await.unwrap();
    tx.delete_records(&[(old.id, old.version)]).await.unwrap();
    tx.add_records(&[real.clone(), old.clone()]).await.unwrap();
    tx.commit().await.unwrap();

    // Another record's data key under this record's id.
    let keys = store.keys().get(&[key_of(&real), key_of(&rows[2])]).await.unwrap();
    let (mine, other) = if keys[0].id == key_of(&real) { (&keys[0], &keys[1]) } else { (&keys[1], &keys[0]) };
    store.keys().rewrap(&[WrappedKey { id: mine.id.clone(), ..other.clone() }]).await.unwrap();
    assert_eq!(attempt().await, Integrity::Ciphertext);
    store.keys().destroy(std::slice::from_ref(&mine.id)).await.unwrap();
    assert_eq!(attempt().await, Integrity::KeyGone);
}

async fn exchanged_nodes_are_refused<B: Backing>() {
    let town = Town::new();
    let vault = town.create::<B>().await;
    import(&vault, csv(0..30)).await;
    town.anchor(&vault).await;
    drop(vault);
    let store = B::open(&town.path()).await;
    for level in [1, 2, 3, 16] {
        let mut tx = store.records().write().await.unwrap();
        let real = tx.nodes(level, &[0], 9).await.unwrap()[0];
        let mut changed = real;
        changed.children[31] ^= 1;
        changed.children[32 * 3 + 31] ^= 1;
        tx.put_nodes(&[changed]).await.unwrap();
        tx.commit().await.unwrap();
        let vault = Vault::open(&town.path(), B::open(&town.path()).await, &town.master(), town.clock()).await.unwrap();
        let error = vault.open_record(&which(&vault, 1), None, &access()).await.unwrap_err();
        assert!(matches!(error, VaultError::Integrity(Integrity::Tree)), "level {level}: {error}");
        assert!(vault.check().await.is_err());
        drop(vault);
        let mut tx = store.records().write().await.unwrap();
        tx.put_nodes(&[real]).await.unwrap();
        tx.commit().await.unwrap();
    }
}

async fn erasure_destroys_the_record_in_backups_too<B: Backing>() {
    let town = Town::new();
    let vault = town.create::<B>().await;
    import(&vault, csv(0..5)).await;
    town.anchor(&vault).await;
    let subject = vault.subject(&town::national_id(2)).unwrap();
    enrol(&vault, subject, &wallet(4), None).await;
    town.anchor(&vault).await;
    let backup: Vec<_> = {
        let reference = vault.status().await.unwrap();
        assert_eq!(reference.counts.superseded, 1);
        let store = B::open(&town.path()).await;
        let mut tx = store.records().read().await.unwrap();
        let live = tx.live_records(None, 100).await.unwrap();
        tx.versions_of_subject(&live[2].subject).await.unwrap()
    };
    assert_eq!(backup.len(), 2);
    let erased = vault.erase(subject).await.unwrap();
    assert_eq!((erased.records, erased.versions), (1, 2), "older versions go as well, whatever grace remains");
    assert!(matches!(
        vault.open_record(&which(&vault, 2), None, &access()).await,
        Err(VaultError::Refused(Refusal::NoRecord))
    ));
    town.anchor(&vault).await;
    assert_eq!(vault.check().await.unwrap(), 4);
    drop(vault);

    // Yesterday's backup of the records comes back: rows, not records.
    let store = B::open(&town.path()).await;
    let mut tx = store.records().write().await.unwrap();
    tx.add_records(&backup).await.unwrap();
    tx.commit().await.unwrap();
    let vault = Vault::open(&town.path(), store, &town.master(), town.clock()).await.unwrap();
    let error = vault.open_record(&which(&vault, 2), None, &access()).await.unwrap_err();
    assert!(matches!(error, VaultError::Integrity(Integrity::KeyGone)), "{error}");
    assert_eq!(vault.status().await.unwrap().data_keys, 4 + 1, "four records and the enrolment table");
    assert_eq!(vault.erase(subject).await.unwrap().records, 1, "erasing twice is fine");
}

async fn rotation_wraps_every_key_again<B: Backing>() {
    let town = Town::new();
    let vault = town.create::<B>().await;
    import(&vault, csv(0..1200)).await;
    town.anchor(&vault).await;
    enrol(&vault, vault.subject("ID-1").unwrap(), &wallet(1), None).await;
    let old_ring = std::fs::read(town.path().join("keyring.json")).unwrap();
    let rows =
        |store: B::S| async move { store.records().read().await.unwrap().live_records(None, 3000).await.unwrap() };
    let before = rows(B::open(&town.path()).await).await;
    let mut told = 0;
    assert_eq!(vault.rotate_keys(|n| told = n).await.unwrap(), 1201);
    assert_eq!(told, 1201);
    assert_eq!(rows(B::open(&town.path()).await).await, before, "no record is encrypted again");
    assert_eq!(vault.status().await.unwrap().key_encryption_keys, 1);
    import(&vault, csv([5000])).await;
    assert_eq!(vault.check().await.unwrap(), 1201);
    drop(vault);
    let vault = town.open::<B>().await;
    assert_eq!(vault.check().await.unwrap(), 1201);
    assert!(vault.holder(vault.subject("ID-1").unwrap()).await.unwrap().0.is_some());
    drop(vault);
    // The key-encryption key of before opens nothing any more.
    std::fs::write(town.path().join("keyring.json"), old_ring).unwrap();
    let error =
        Vault::open(&town.path(), B::open(&town.path()).await, &town.master(), town.clock()).await.err().unwrap();
    assert!(matches!(error, VaultError::Keys(sealroot_vault::KeyError::UnknownKek(_))), "{error}");
}

async fn an_interrupted_rotation_is_finished<B: Backing>() {
    let town = Town::new();
    let vault = town.create::<B>().await;
    import(&vault, csv(0..1200)).await;
    town.anchor(&vault).await;
    // The callback after the first 512 keys panics: the ring on disk has two keys, and data keys are under either.
    let vault = std::sync::Arc::new(vault);
    let rotating = {
        let vault = vault.clone();
        tokio::spawn(async move { vault.rotate_keys(|_| panic!("power cut")).await.map(|_| ()) })
    };
    assert!(rotating.await.is_err());
    assert_eq!(vault.status().await.unwrap().key_encryption_keys, 2);
    assert!(vault.open_record(&which(&vault, 700), None, &access()).await.is_ok(), "readable in between");
    drop(vault);
    let vault = town.open::<B>().await;
    assert_eq!(vault.status().await.unwrap().key_encryption_keys, 1);
    assert_eq!(vault.check().await.unwrap(), 1200);
}

async fn concurrent_reads_and_writes_are_consistent<B: Backing>() {
    let town = Town::new();
    let vault = std::sync::Arc::new(town.create::<B>().await);
    import(&vault, csv(0..50)).await;
    let root = town.anchor(&vault).await;
    let importing = {
        let vault = vault.clone();
        tokio::spawn(async move { import(&vault, csv(100..3000)).await })
    };
    let reading: Vec<_> = (0..8)
        .map(|n| {
            let vault = vault.clone();
            tokio::spawn(async move {
                for i in 0..10 {
                    let opened = vault.open_record(&which(&vault, (n * 6 + i) % 50), None, &access()).await.unwrap();
                    assert_eq!(opened.root, root);
                }
            })
        })
        .collect();
    for task in reading {
        task.await.unwrap();
    }
    assert!(importing.await.unwrap().committed);
    assert_eq!(vault.log_head().await.unwrap().size, 80);
    assert_eq!(vault.check().await.unwrap(), 2950);
}

/// Random batches of appends, updates and removals over several epochs: root and paths as in the protocol's tree, old epochs unchanged by new ones.
async fn the_stored_tree_is_the_tree_in_memory<B: Backing>() {
    use sealroot_protocol::tree::{LeafIndex, MemoryTree};
    use std::collections::BTreeMap;
    let town = Town::new();
    let store = B::open(&town.path()).await;
    let (mut memory, mut random, mut size) = (MemoryTree::new(), town::seed() | 1, 0u32);
    let mut next = |bound: u32| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        (random >> 20) as u32 % bound
    };
    let mut history = Vec::new();
    for epoch in 1..=town::cases(12) {
        let mut tx = store.records().write().await.unwrap();
        for _ in 0..2 {
            let mut changes = BTreeMap::new();
            for _ in 0..next(40) {
                changes.insert(LeafIndex(size), Leaf(u64::from(next(u32::MAX)).into()));
                size += 1;
            }
            for _ in 0..next(10) {
                let value = if next(3) == 0 { Leaf::EMPTY } else { Leaf(u64::from(next(u32::MAX)).into()) };
                changes.insert(LeafIndex(next(size.max(1))), value);
            }
            size = size.max(changes.keys().last().map_or(0, |index| index.0 + 1));
            for (index, leaf) in &changes {
                memory.set(*index, *leaf);
            }
            let root = sealroot_vault::tree::apply(&mut tx, epoch, &changes).await.unwrap();
            assert_eq!(root, memory.root());
        }
        tx.commit().await.unwrap();
        history.push(memory.clone());
    }
    let mut tx = store.records().write().await.unwrap();
    for keep in [1, history.len() as u64 / 2, history.len() as u64] {
        tx.prune_nodes(keep).await.unwrap();
        for (epoch, tree) in (1..).zip(&history).filter(|(epoch, _)| *epoch >= keep) {
            assert_eq!(sealroot_vault::tree::root(&mut tx, epoch).await.unwrap(), tree.root(), "epoch {epoch}");
            for index in (0..size).step_by(7).map(LeafIndex) {
                let (leaf, path) = sealroot_vault::tree::path(&mut tx, index, epoch).await.unwrap();
                assert_eq!((path.clone(), path.root(leaf)), (tree.path(index), tree.root()));
            }
        }
    }
}

async fn a_transaction_that_is_dropped_leaves_no_trace<B: Backing>() {
    let town = Town::new();
    let store = B::open(&town.path()).await;
    let mut tx = store.records().write().await.unwrap();
    tx.set_value("epoch", &[1]).await.unwrap();
    drop(tx);
    let mut tx = store.records().write().await.unwrap();
    assert_eq!(tx.value("epoch").await.unwrap(), None);
    tx.set_value("epoch", &[2]).await.unwrap();
    let mut before = store.records().read().await.unwrap();
    assert_eq!(before.value("epoch").await.unwrap(), None, "a reader doesn't see what isn't committed");
    tx.commit().await.unwrap();
    assert_eq!(before.value("epoch").await.unwrap(), None, "and keeps the state that it began with");
    assert_eq!(store.records().read().await.unwrap().value("epoch").await.unwrap(), Some(vec![2]));
}
