//! Updates: what a newer file changes, removes and leaves alone.

use sealroot_testing::registry::{
    self, Backing, HEADER, Registry, access, citizen, csv, enrol, import, plan, unlogged_status, wallet, which,
};
use sealroot_vault::{
    Rejection, Vault, VaultError,
    embedded::Directory,
    import::{ImportMode, ImportPlan},
    rows::PeriodSource,
};
use std::io::Cursor;

suite!(
    an_update_changes_only_what_differs,
    a_dry_run_changes_nothing,
    missing_rows_go_only_on_request_and_only_in_the_files_periods,
    a_corrected_national_id_restarts_the_key,
    removal_and_import_again_keeps_serials_and_changes_salts,
    agencies_share_subjects_but_not_serials,
    many_records_per_person_by_business_key,
);

async fn an_update_changes_only_what_differs<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    import(&vault, csv(0..40)).await;
    registry.anchor(&vault).await;
    let mut before = Vec::new();
    for i in 0..40 {
        before.push(vault.open_record(&which(&vault, i), None, &access()).await.unwrap());
    }
    let text = csv(0..41).replace(&citizen(5), &citizen(5).replace(",false,", ",true,")).replace(&citizen(9), "");
    let report = vault.import(Cursor::new(text), plan(registry::UPDATE), |_| {}).await.unwrap();
    let progress = report.progress;
    assert_eq!(
        (progress.added, progress.changed, progress.unchanged, report.missing, report.removed),
        (1, 1, 38, 1, 0)
    );
    assert_eq!((report.changes[0].line, report.changes[0].attributes.as_slice()), (7, &["disabled".to_owned()][..]));
    registry.anchor(&vault).await;
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
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    import(&vault, csv(0..10)).await;
    let before = unlogged_status(&vault).await;
    let text = csv(2..12).replace(&citizen(5), &citizen(5).replace(",false,", ",true,")) + "ID-1,north\n" + &citizen(3);
    let plan = ImportPlan { dry_run: true, ..plan(registry::REMOVE) };
    let report = vault.import(Cursor::new(text), plan, |_| {}).await.unwrap();
    let p = report.progress;
    assert_eq!((p.added, p.changed, p.unchanged, p.bad_rows, report.missing, report.removed), (2, 1, 7, 2, 2, 0));
    assert!(!report.committed);
    assert_eq!(unlogged_status(&vault).await, before);
}

async fn missing_rows_go_only_on_request_and_only_in_the_files_periods<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    import(&vault, csv(0..10)).await;
    let mut february = plan(ImportMode::Add);
    february.columns.period = PeriodSource::Fixed("2026-02".parse().unwrap());
    vault.import(Cursor::new(csv(0..10)), february, |_| {}).await.unwrap();
    let old = registry.anchor(&vault).await;
    let report = vault.import(Cursor::new(csv(0..7)), plan(registry::REMOVE), |_| {}).await.unwrap();
    assert_eq!((report.progress.unchanged, report.missing, report.removed), (7, 3, 3));
    registry.anchor(&vault).await;
    assert!(matches!(
        vault.open_record(&which(&vault, 8), None, &access()).await,
        Err(VaultError::Rejected(Rejection::NoRecord(_)))
    ));
    assert!(vault.open_record(&which(&vault, 8), Some(old), &access()).await.is_ok(), "the old root's grace runs");
    assert_eq!(vault.check().await.unwrap(), 17);
}

async fn a_corrected_national_id_restarts_the_key<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    let header = HEADER.replace("national_id", "national_id,key");
    let row = |id: &str| header.clone() + &citizen(1).replace("ID-000001", &format!("{id},K1"));
    let mut plan = plan(ImportMode::Add);
    plan.columns.business_key = Some("key".into());
    vault.import(Cursor::new(row("ID-wrong")), plan.clone(), |_| {}).await.unwrap();
    registry.anchor(&vault).await;
    plan.mode = registry::UPDATE;
    let report = vault.import(Cursor::new(row("ID-right")), plan, |_| {}).await.unwrap();
    assert!(report.changes[0].subject);
    // A person who enrols for the new subject starts after the old root's grace, even with a first key there.
    let enrolled = enrol(&vault, vault.subject("ID-right").unwrap(), &wallet(1), None).await;
    assert_eq!(enrolled.holder_since.unwrap().to_string(), "2026-01-21");
    registry.anchor(&vault).await;
    assert_eq!(vault.check().await.unwrap(), 1);
}

async fn removal_and_import_again_keeps_serials_and_changes_salts<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    import(&vault, csv(0..4)).await;
    registry.anchor(&vault).await;
    let before = vault.open_record(&which(&vault, 2), None, &access()).await.unwrap().record;
    vault.erase(before.subject, &access()).await.unwrap();
    import(&vault, csv([2])).await;
    registry.anchor(&vault).await;
    let after = vault.open_record(&which(&vault, 2), None, &access()).await.unwrap().record;
    assert_eq!(after.serial, before.serial);
    assert_eq!(after.attributes, before.attributes);
    assert_ne!(after.salt, before.salt);
    assert_ne!(after.leaf(), before.leaf());
}

async fn agencies_share_subjects_but_not_serials<B: Backing>() {
    let (a, b, c) = (Registry::new(), Registry::new(), Registry::new());
    let first = a.create::<B>().await;
    let shared = sealroot_vault::Creation { subject_key: Some(first.export_subject_key()), ..b.creation() };
    let second = Vault::create(
        Directory::lock(&b.path()).unwrap(),
        B::open(&b.path()).await,
        &"tax-office".parse().unwrap(),
        &b.master(),
        shared,
    )
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
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    let mut plan = plan(ImportMode::Add);
    plan.schema.many = true;
    plan.columns.business_key = Some("key".into());
    let header = HEADER.replace("national_id", "national_id,key");
    let row = |key: &str| citizen(1).replace("ID-000001", &format!("ID-000001,{key}"));
    let text = format!("{header}{}{}", row("INV-1"), row("INV-2"));
    vault.import(Cursor::new(text), plan.clone(), |_| {}).await.unwrap();
    let again = format!("{header}{}", row("INV-2"));
    assert!(vault.import(Cursor::new(again), plan.clone(), |_| {}).await.is_err());
    registry.anchor(&vault).await;
    let mut which = which(&vault, 1);
    which.schema = plan.schema.id().unwrap();
    let error = vault.open_record(&which, None, &access()).await.unwrap_err();
    assert!(matches!(error, VaultError::Rejected(Rejection::NeedsBusinessKey)));
    let mut serials = Vec::new();
    for key in ["INV-1", "INV-2"] {
        which.business_key = Some(key.into());
        serials.push(vault.open_record(&which, None, &access()).await.unwrap().record.serial);
    }
    assert_ne!(serials[0], serials[1]);
}
