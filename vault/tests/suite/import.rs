//! Imports: all of a file or nothing, and what is said of bad rows.

use sealroot_protocol::schema::Schema;
use sealroot_testing::registry::{
    self, Backing, HEADER, Registry, SCHEMA, access, agency, citizen, csv, import, plan, root_waits, which,
};
use sealroot_vault::{
    Rejection, Vault, VaultError,
    embedded::Directory,
    import::{ImportMode, ImportPlan},
    rows::PeriodSource,
};
use std::io::Cursor;

suite!(
    imported_records_are_read_with_a_path_to_the_anchored_root,
    a_vault_opens_again_and_only_with_its_key_and_alone,
    one_bad_row_stops_the_whole_file,
    every_bad_cell_is_reported_by_line_and_column_and_never_by_value,
    good_rows_of_a_bad_file_on_request,
    duplicates_are_refused,
);

async fn imported_records_are_read_with_a_path_to_the_anchored_root<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    let report = import(&vault, csv(0..150)).await;
    assert!(report.committed);
    assert_eq!((report.progress.rows, report.progress.added), (150, 150));
    assert!(matches!(
        vault.open_record(&which(&vault, 3), None, &access()).await,
        Err(VaultError::Rejected(Rejection::NoAnchoredRoot))
    ));
    let root = registry.anchor(&vault).await;
    assert!(!root_waits(&vault).await, "nothing changed");
    for i in [0, 3, 149] {
        let opened = vault.open_record(&which(&vault, i), None, &access()).await.unwrap();
        assert_eq!(opened.path.root(opened.record.leaf()), root);
        assert_eq!(opened.record.subject, vault.subject(&registry::national_id(i)).unwrap());
        assert_eq!(opened.record.attributes.0[0], sealroot_protocol::schema::text_value(&registry::national_id(i)));
        assert_eq!(opened.record.attributes.0[4], ((1000 + i as u64) * 100 + i as u64 % 100).into());
        assert_eq!(opened.record.holder, None);
    }
    assert!(matches!(
        vault.open_record(&which(&vault, 150), None, &access()).await,
        Err(VaultError::Rejected(Rejection::NoRecord(_)))
    ));
    assert_eq!(vault.check().await.unwrap(), 150);
}

async fn a_vault_opens_again_and_only_with_its_key_and_alone<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    import(&vault, csv(0..5)).await;
    let root = vault.status().await.unwrap().working_root;
    let again = || async {
        let keeper = Directory::lock(&registry.path())?;
        Vault::open(keeper, B::open(&registry.path()).await, &registry.master(), registry.clock()).await
    };
    assert!(matches!(again().await, Err(VaultError::Rejected(Rejection::InUse(_)))));
    drop(vault);
    let vault = again().await.unwrap();
    assert_eq!(vault.status().await.unwrap().working_root, root);
    assert_eq!(vault.check().await.unwrap(), 5);
    drop(vault);
    registry::write_key(&registry.directory.path().join("master.key"), &[8; 32]);
    assert!(matches!(again().await, Err(VaultError::Keys(sealroot_vault::KeyError::WrongKey))));
    assert!(matches!(
        Vault::create(
            Directory::lock(&registry.path()).unwrap(),
            B::open(&registry.path()).await,
            &agency(),
            &registry.master(),
            registry.creation()
        )
        .await,
        Err(VaultError::Rejected(Rejection::Exists(_)))
    ));
}

async fn one_bad_row_stops_the_whole_file<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    import(&vault, csv(0..3)).await;
    let before = vault.status().await.unwrap();
    let text = csv(10..5000) + "ID-9,1950-02-30,north,false,1.00,1.00,1.00,0\n" + &citizen(6000);
    let error = vault.import(Cursor::new(text), plan(ImportMode::Add), |_| {}).await.unwrap_err();
    let VaultError::BadRows(bad) = error else { panic!("{error}") };
    assert_eq!((bad.bad_rows, bad.problems.listed[0].line), (1, 4992));
    let after = vault.status().await.unwrap();
    assert_eq!(after.counts, before.counts);
    assert_eq!(after.data_keys, before.data_keys, "keys of the rejected file are gone");
    assert_eq!(after.working_root, before.working_root);
    assert_eq!(vault.check().await.unwrap(), 3);
}

async fn every_bad_cell_is_reported_by_line_and_column_and_never_by_value<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    let good = citizen(1);
    for (row, column, says) in [
        ("ID-1,1950-02-30,north,false,1.00,1.00,1.00,0", "born", "a day that exists"),
        ("ID-1,1950-02-03,west,false,1.00,1.00,1.00,0", "district", "one of north, south, east"),
        ("ID-1,1950-02-03,north,yes,1.00,1.00,1.00,0", "disabled", "true or false"),
        ("ID-1,1950-02-03,north,false,1.5,1.00,1.00,0", "income_01", "2 decimals"),
        ("ID-1,1950-02-03,north,false,1.00,-1.00,1.00,0", "income_02", "between 0 and"),
        ("ID-1,1950-02-03,north,false,1.00,1.00,92233720368547758.08,0", "income_03", "2 decimals"),
        ("ID-1,1950-02-03,north,false,1.00,1.00,1.00,21", "children", "between 0 and 20"),
        ("ID-1,1950-02-03,north,false,1.00,1.00,1.00,+2", "children", "whole number"),
        (",1950-02-03,north,false,1.00,1.00,1.00,0", "national_id", "is empty"),
        (" ID-1,1950-02-03,north,false,1.00,1.00,1.00,0", "national_id", "white space"),
    ] {
        let text = format!("{HEADER}{good}{row}\n");
        let error = vault.import(Cursor::new(text), plan(ImportMode::Add), |_| {}).await.unwrap_err();
        let VaultError::BadRows(bad) = error else { panic!("{error}") };
        let problem = &bad.problems.listed[0];
        assert_eq!((problem.line, problem.column.as_deref()), (3, Some(column)), "{row}");
        assert!(problem.what.contains(says), "{problem}");
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
        assert_eq!(bad.problems.listed[0].line, line);
        assert!(bad.problems.listed[0].what.contains(says), "{}", bad.problems.listed[0]);
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
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    let text = csv(0..10) + "ID-1,north\n" + &citizen(3) + &citizen(20);
    let plan = ImportPlan { skip_bad_rows: true, ..plan(ImportMode::Add) };
    let report = vault.import(Cursor::new(text), plan, |_| {}).await.unwrap();
    assert_eq!((report.progress.added, report.progress.bad_rows, report.committed), (11, 2, true));
    assert_eq!(report.problems.listed.iter().map(|p| p.line).collect::<Vec<_>>(), [12, 13]);
    assert_eq!(vault.check().await.unwrap(), 11);
}

async fn duplicates_are_refused<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
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
    plan.schema = Schema::from_toml(&SCHEMA.replace("resident", "tenant")).unwrap();
    plan.columns.business_key = Some("key".into());
    plan.columns.period = PeriodSource::Fixed("2026-03".parse().unwrap());
    vault.import(Cursor::new(keyed("ID-x", "K1")), plan.clone(), |_| {}).await.unwrap();
    let error = vault.import(Cursor::new(keyed("ID-y", "K1")), plan, |_| {}).await.unwrap_err();
    assert!(error.to_string().contains("another person has a record with this business key"), "{error}");
    assert_eq!(vault.check().await.unwrap(), 11);
}
