//! Households in the vault: what a row must say, nobody in two of them, and what receiving somebody costs.

use sealroot_protocol::{
    date::{Date, FactsPeriod},
    record::Record,
    schema::Schema,
};
use sealroot_testing::registry::{self, Backing, DAY, Registry, access, enrol, wallet};
use sealroot_vault::{
    Integrity, Vault, VaultError,
    import::{ImportMode, ImportPlan, ImportReport},
    read::Which,
    rows::{Columns, PeriodSource},
    store::{MembershipRow, Records, RecordsTx, Store},
};
use std::{fmt::Write, io::Cursor};

suite!(
    members_become_pseudonyms,
    a_bad_household_is_reported_by_line_and_column_and_never_by_value,
    a_household_has_a_number_of_its_own,
    a_member_who_looks_like_somebody_else_is_refused,
    nobody_is_in_two_households,
    members_who_move_within_a_file_stand_in_any_order,
    a_move_to_a_household_that_does_not_let_go_is_refused,
    a_household_that_receives_somebody_waits_for_the_old_roots_grace,
    a_first_member_or_one_that_no_root_showed_costs_nothing,
    a_move_after_leaving_costs_the_rest_of_the_grace,
    households_end_with_their_records,
    a_late_anchor_of_a_move_is_postponed,
    the_check_compares_members_with_records,
);

const HOUSEHOLD: &str = r#"
name = "household"
household = true
[[attribute]]
name = "members"
kind = "integer"
min = 1
max = 8
[[attribute]]
name = "member"
kind = "member"
repeat = 8
[[attribute]]
name = "rent"
kind = "money"
currency = "EUR"
min = 0
"#;

const HEADER: &str =
    "number,national_id,members,member_01,member_02,member_03,member_04,member_05,member_06,member_07,member_08,rent\n";

/// A row: number, head, members.
fn row(number: &str, head: &str, members: &[&str]) -> String {
    let mut text = format!("{number},{head},{}", members.len());
    for i in 0..8 {
        write!(text, ",{}", members.get(i).unwrap_or(&"")).unwrap();
    }
    text + ",500.00\n"
}

fn plan(mode: ImportMode) -> ImportPlan {
    ImportPlan {
        schema: Schema::from_toml(HOUSEHOLD).unwrap(),
        columns: Columns {
            national_id: "national_id".into(),
            business_key: Some("number".into()),
            period: PeriodSource::Fixed(FactsPeriod::Timeless),
        },
        mode,
        dry_run: false,
        skip_bad_rows: false,
    }
}

const UPDATE: ImportMode = registry::UPDATE;

async fn try_import<S: Store>(vault: &Vault<S>, plan: ImportPlan, rows: &str) -> Result<ImportReport, VaultError> {
    vault.import(Cursor::new(format!("{HEADER}{rows}")), plan, |_| {}).await
}

async fn import<S: Store>(vault: &Vault<S>, mode: ImportMode, rows: &str) -> ImportReport {
    try_import(vault, plan(mode), rows).await.unwrap()
}

/// Line, column and reason of each problem.
async fn problems<S: Store>(vault: &Vault<S>, plan: ImportPlan, rows: &str) -> Vec<(u64, Option<String>, String)> {
    match try_import(vault, plan, rows).await {
        Err(VaultError::BadRows(bad)) => bad.problems.listed.into_iter().map(|p| (p.line, p.column, p.what)).collect(),
        other => panic!("{other:?}"),
    }
}

async fn record<S: Store>(vault: &Vault<S>, head: &str) -> Record {
    let which = Which {
        subject: vault.subject(head).unwrap(),
        schema: Schema::from_toml(HOUSEHOLD).unwrap().id().unwrap(),
        period: FactsPeriod::Timeless,
        business_key: None,
    };
    vault.open_record(&which, None, &access()).await.unwrap().record
}

async fn since<S: Store>(vault: &Vault<S>, head: &str) -> Option<Date> {
    vault.holder(vault.subject(head).unwrap()).await.unwrap().1
}

async fn members_become_pseudonyms<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    import(&vault, ImportMode::Add, &(row("H1", "ada", &["ada", "bo", "cy"]) + &row("H2", "di", &["ed", "di"]))).await;
    registry.anchor(&vault).await;
    let ada = record(&vault, "ada").await;
    let names: Vec<_> = ["ada", "bo", "cy"].map(|id| vault.subject(id).unwrap().0).into();
    assert_eq!(ada.attributes.0[0], 3u64.into());
    assert_eq!(ada.attributes.0[1..4], names);
    assert!(ada.attributes.0[4..9].iter().all(|name| *name == 0u64.into()));
    assert_eq!((ada.subject.0, ada.attributes.0[9]), (names[0], 50_000u64.into()));
    // Names keep the file's order; the head need not be the first.
    assert_eq!(record(&vault, "di").await.attributes.0[1], vault.subject("ed").unwrap().0);
    assert_eq!(vault.check().await.unwrap(), 2);
}

async fn a_bad_household_is_reported_by_line_and_column_and_never_by_value<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    let nine = row("H1", "ada", &["ada", "b", "c", "d", "e", "f", "g", "h"]).replacen(",8,", ",9,", 1);
    for (bad, column, says) in [
        (row("H1", "ada", &["ada", "", "bo"]).replacen(",3,", ",2,", 1), "member_03", "members come first"),
        (row("H1", "ada", &["ada", "bo", "bo"]), "member_03", "a second time"),
        (row("H1", "ada", &["ada", "bo"]).replacen(",2,", ",3,", 1), "members", "is not the number"),
        (row("H1", "ada", &["ada", "bo"]).replacen(",2,", ",1,", 1), "members", "is not the number"),
        (row("H1", "ada", &["bo", "cy"]), "national_id", "one of the members"),
        (row("H1", "ada", &["ada", " bo"]), "member_02", "white space"),
        (row("H1", "ada", &[]), "members", "between 1 and 8"),
        (nine, "members", "between 1 and 8"),
    ] {
        let found = problems(&vault, plan(ImportMode::Add), &(row("H0", "zed", &["zed"]) + &bad)).await;
        assert_eq!((found[0].0, found[0].1.as_deref()), (3, Some(column)), "{bad}");
        assert!(found[0].2.contains(says), "{bad}: {}", found[0].2);
        assert!(!found[0].2.contains("ada") && !found[0].2.contains("bo"), "{} repeats the cell", found[0].2);
    }
    assert_eq!(vault.status().await.unwrap().counts.live, 0);
}

/// The serial is the household's, so that it stays when another member becomes the head: one nullifier per household.
/// Members enter by their cells: `B-1` in Greek letters, too, is nobody else.
async fn a_member_who_looks_like_somebody_else_is_refused<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    let (ann, greek) = ("B-1", "\u{392}-1");
    for rows in [
        row("H1", "A-1", &["A-1", ann]) + &row("H2", "C-1", &["C-1", greek]),
        row("H1", greek, &[greek, "A-1"]) + &row("H2", "C-1", &["C-1", ann]),
    ] {
        let found = problems(&vault, plan(ImportMode::Add), &rows).await;
        assert_eq!((found.len(), found[0].0, found[0].1.as_deref()), (1, 3, Some("member_02")));
        assert!(found[0].2.contains("the one in line 2"), "{found:?}");
    }
    let found = problems(&vault, plan(ImportMode::Add), &row("H1", ann, &[ann, greek])).await;
    assert_eq!((found[0].0, found[0].1.as_deref()), (2, Some("member_02")));
    import(&vault, ImportMode::Add, &row("H1", "A-1", &["A-1", ann])).await;
    let found = problems(&vault, plan(UPDATE), &row("H2", greek, &[greek])).await;
    assert_eq!((found[0].0, found[0].1.as_deref()), (2, Some("national_id")));
    assert!(found[0].2.contains("in the vault"), "{found:?}");
}

async fn a_household_has_a_number_of_its_own<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    let mut without = plan(ImportMode::Add);
    without.columns.business_key = None;
    let error = try_import(&vault, without, &row("H1", "ada", &["ada"])).await.unwrap_err();
    assert!(error.to_string().contains("household's number"), "{error}");
    import(&vault, ImportMode::Add, &row("H1", "ada", &["ada", "bo"])).await;
    registry.anchor(&vault).await;
    let before = record(&vault, "ada").await;
    import(&vault, UPDATE, &row("H1", "bo", &["ada", "bo"])).await;
    registry.anchor(&vault).await;
    let after = record(&vault, "bo").await;
    assert_eq!(after.serial, before.serial);
    assert_ne!(after.subject, before.subject);
    assert!(after.holder_since.is_some(), "another head is another subject");
}

async fn nobody_is_in_two_households<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    let twice = row("H1", "ada", &["ada", "bo"]) + &row("H2", "cy", &["cy", "di", "bo"]);
    let found = problems(&vault, plan(ImportMode::Add), &twice).await;
    assert_eq!((found.len(), found[0].0, found[0].1.as_deref()), (1, 3, Some("member_03")));
    assert!(found[0].2.contains("another household"), "{}", found[0].2);
    // Nobody can say which of the two rows is the bad one.
    let skipping = ImportPlan { skip_bad_rows: true, ..plan(ImportMode::Add) };
    assert_eq!(problems(&vault, skipping, &twice).await.len(), 1);
    assert_eq!(vault.status().await.unwrap().counts.live, 0);
    let dry = ImportPlan { dry_run: true, ..plan(ImportMode::Add) };
    assert_eq!(try_import(&vault, dry, &twice).await.unwrap().problems.listed.len(), 1);

    import(&vault, ImportMode::Add, &row("H1", "ada", &["ada", "bo"])).await;
    for mode in [ImportMode::Add, UPDATE] {
        let found = problems(&vault, plan(mode), &row("H2", "cy", &["bo", "cy"])).await;
        assert_eq!((found[0].0, found[0].1.as_deref()), (2, Some("member_01")));
    }
    // Another period is another register.
    let mut january = plan(ImportMode::Add);
    january.columns.period = PeriodSource::Fixed("2026-01".parse().unwrap());
    assert!(try_import(&vault, january, &row("H2", "cy", &["bo", "cy"])).await.unwrap().committed);
}

async fn members_who_move_within_a_file_stand_in_any_order<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    let filler: String = (0..2100).map(|i| row(&format!("F{i}"), &format!("f{i}"), &[&format!("f{i}")])).collect();
    import(&vault, ImportMode::Add, &(row("H1", "ada", &["ada", "bo"]) + &row("H2", "cy", &["cy"]))).await;
    // The row that receives bo comes first, more than a chunk before the one that lets bo go.
    let there = row("H2", "cy", &["cy", "bo"]) + &filler + &row("H1", "ada", &["ada"]);
    assert_eq!(import(&vault, UPDATE, &there).await.progress.changed, 2);
    let back = row("H1", "ada", &["ada", "bo"]) + &row("H2", "cy", &["cy"]);
    assert_eq!(import(&vault, UPDATE, &back).await.progress.changed, 2);
    // Two households that exchange their members.
    let exchanged = row("H1", "ada", &["ada"]) + &row("H2", "cy", &["cy", "bo"]);
    assert_eq!(import(&vault, UPDATE, &exchanged).await.progress.changed, 2);
    assert_eq!(vault.check().await.unwrap(), 2102);
}

async fn a_move_to_a_household_that_does_not_let_go_is_refused<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    import(&vault, ImportMode::Add, &(row("H1", "ada", &["ada", "bo"]) + &row("H2", "cy", &["cy"]))).await;
    let before = vault.status().await.unwrap();
    let greedy = row("H2", "cy", &["cy", "bo"]) + &row("H1", "ada", &["ada", "bo"]);
    let found = problems(&vault, plan(UPDATE), &greedy).await;
    assert_eq!((found.len(), found[0].0, found[0].1.as_deref()), (1, 2, Some("member_02")));
    assert_eq!(vault.status().await.unwrap().working_root, before.working_root);
    // The file may remove the household that had bo.
    let removing = plan(registry::REMOVE);
    assert!(try_import(&vault, removing, &row("H2", "cy", &["cy", "bo"])).await.unwrap().committed);
}

/// The member may have been counted in the old household this month; the new one's head may claim months that begin after the old root is dead.
async fn a_household_that_receives_somebody_waits_for_the_old_roots_grace<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    import(&vault, ImportMode::Add, &(row("H1", "ada", &["ada", "bo"]) + &row("H2", "cy", &["cy"]))).await;
    enrol(&vault, vault.subject("cy").unwrap(), &wallet(1), None).await;
    registry.anchor(&vault).await;
    assert_eq!(record(&vault, "cy").await.holder_since, None);
    import(&vault, UPDATE, &(row("H1", "ada", &["ada"]) + &row("H2", "cy", &["cy", "bo"]))).await;
    // 2026-01-15 12:00: the anchor may land until the end of 01-16, and the old root serves three days more.
    assert_eq!(since(&vault, "cy").await.unwrap().to_string(), "2026-01-21");
    assert_eq!(since(&vault, "ada").await, None, "a household that lets somebody go waits for nothing");
    assert_eq!(since(&vault, "bo").await, None);
    let pending = vault.pending_root().await.unwrap().unwrap();
    assert_eq!(pending.anchor_by, Some(registry::END_OF_DAY + DAY), "an anchor that lands later must fail");
    registry.anchor(&vault).await;
    let cy = record(&vault, "cy").await;
    assert_eq!((cy.holder, cy.holder_since), (Some(wallet(1).public_key()), since(&vault, "cy").await));
    // Back again: now the second household may have counted bo.
    registry.sleep(30 * DAY);
    import(&vault, UPDATE, &(row("H2", "cy", &["cy"]) + &row("H1", "ada", &["ada", "bo"]))).await;
    assert_eq!(since(&vault, "ada").await.unwrap().to_string(), "2026-02-20");
    assert_eq!(since(&vault, "cy").await.unwrap().to_string(), "2026-01-21");
}

async fn a_first_member_or_one_that_no_root_showed_costs_nothing<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    import(&vault, ImportMode::Add, &(row("H1", "ada", &["ada", "bo"]) + &row("H2", "cy", &["cy"]))).await;
    // A mistake of the file, corrected before any root was prepared.
    import(&vault, UPDATE, &(row("H1", "ada", &["ada"]) + &row("H2", "cy", &["cy", "bo"]))).await;
    registry.anchor(&vault).await;
    // A child is born.
    import(&vault, UPDATE, &row("H2", "cy", &["cy", "bo", "baby"])).await;
    // Somebody leaves and comes back.
    registry.anchor(&vault).await;
    import(&vault, UPDATE, &row("H2", "cy", &["cy", "baby"])).await;
    registry.anchor(&vault).await;
    import(&vault, UPDATE, &row("H2", "cy", &["cy", "baby", "bo"])).await;
    for head in ["ada", "cy"] {
        assert_eq!(since(&vault, head).await, None, "{head}");
    }
}

async fn a_move_after_leaving_costs_the_rest_of_the_grace<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    import(&vault, ImportMode::Add, &(row("H1", "ada", &["ada", "bo"]) + &row("H2", "cy", &["cy"]))).await;
    registry.anchor(&vault).await;
    import(&vault, UPDATE, &row("H1", "ada", &["ada"])).await;
    // Bo is nowhere; the root that shows bo is not replaced yet.
    registry.sleep(DAY);
    registry.anchor(&vault).await;
    // Replaced at 2026-01-16 12:00, so it serves until 01-19 12:00, no matter which household receives bo, and when.
    registry.sleep(DAY);
    import(&vault, UPDATE, &row("H2", "cy", &["cy", "bo"])).await;
    assert_eq!(since(&vault, "cy").await.unwrap().to_string(), "2026-01-21");
    assert_eq!(vault.pending_root().await.unwrap().unwrap().anchor_by, None, "no anchor can be too late for that");
    registry.anchor(&vault).await;
    // A year later the same costs nothing that lies ahead.
    registry.sleep(365 * DAY);
    import(&vault, UPDATE, &row("H2", "cy", &["cy"])).await;
    registry.anchor(&vault).await;
    registry.sleep(365 * DAY);
    vault.prune().await.unwrap();
    import(&vault, ImportMode::Add, &row("H3", "flo", &["flo", "bo"])).await;
    assert_eq!(since(&vault, "flo").await.unwrap().to_string(), "2027-01-22", "long past");
}

async fn households_end_with_their_records<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    let all = row("H1", "ada", &["ada", "bo"]) + &row("H2", "cy", &["cy", "di"]) + &row("H3", "ed", &["ed"]);
    import(&vault, ImportMode::Add, &all).await;
    registry.anchor(&vault).await;
    // Erased with its head, or removed: the others are free, and were counted.
    vault.erase(vault.subject("ada").unwrap(), &access()).await.unwrap();
    import(&vault, UPDATE, &row("H3", "ed", &["ed", "bo"])).await;
    assert!(since(&vault, "ed").await.is_some());
    let removing = plan(registry::REMOVE);
    let report = try_import(&vault, removing, &row("H3", "ed", &["ed", "bo", "di", "cy"])).await.unwrap();
    assert_eq!(report.removed, 1);
    // A household that comes back with the same number is the same household.
    import(&vault, UPDATE, &row("H3", "ed", &["ed", "bo"])).await;
    import(&vault, ImportMode::Add, &row("H2", "cy", &["cy", "di"])).await;
    assert_eq!(since(&vault, "cy").await, None, "nobody else could count them under a root");
    assert_eq!(vault.check().await.unwrap(), 2);
}

async fn a_late_anchor_of_a_move_is_postponed<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    import(&vault, ImportMode::Add, &(row("H1", "ada", &["ada", "bo"]) + &row("H2", "cy", &["cy"]))).await;
    registry.anchor(&vault).await;
    import(&vault, UPDATE, &(row("H1", "ada", &["ada"]) + &row("H2", "cy", &["cy", "bo"]))).await;
    let pending = vault.pending_root().await.unwrap().unwrap();
    registry.sleep(2 * DAY);
    let postponed = vault.pending_root().await.unwrap().unwrap();
    assert_ne!(postponed.root, pending.root);
    assert_eq!(since(&vault, "cy").await.unwrap().to_string(), "2026-01-23");
    registry.anchor(&vault).await;
    assert_eq!(record(&vault, "cy").await.holder_since, since(&vault, "cy").await);
}

/// Without its row in the table a member could be taken into a second household; a row too many keeps somebody out of every other.
async fn the_check_compares_members_with_records<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    import(&vault, ImportMode::Add, &format!("{}{}", row("1", "ann", &["ann", "bo"]), row("2", "cid", &["cid"]))).await;
    assert_eq!(vault.check().await.unwrap(), 2);
    drop(vault);
    let store = B::open(&registry.path()).await;
    let mut tx = store.records().read().await.unwrap();
    let serials: Vec<_> = tx.live_records(None, 9).await.unwrap().iter().map(|row| row.serial).collect();
    let members = tx.members_of(&serials).await.unwrap();
    assert_eq!(members.len(), 3);
    drop(tx);
    let ann = *members.iter().find(|row| row.household == serials[0]).unwrap();
    let stray = |household| MembershipRow { member: [9; 32], household, ..ann };
    let checked = async || {
        let vault = registry.open::<B>().await;
        let checked = vault.check().await;
        drop(vault);
        checked
    };
    let end = async |row: MembershipRow| {
        let mut tx = store.records().write().await.unwrap();
        tx.end_memberships(&[(row.member, row.household)], row.since).await.unwrap();
        tx.commit().await.unwrap();
    };
    let put = async |row: MembershipRow| {
        let mut tx = store.records().write().await.unwrap();
        tx.put_memberships(&[row]).await.unwrap();
        tx.commit().await.unwrap();
    };
    let forged = |checked| {
        matches!(checked, Err(VaultError::Integrity(Integrity::Row("memberships") | Integrity::Rows("memberships"))))
    };
    end(ann).await;
    assert!(forged(checked().await), "a member without a row");
    put(ann).await;
    assert_eq!(checked().await.unwrap(), 2);
    for household in [serials[1], [8; 32]] {
        put(stray(household)).await;
        assert!(forged(checked().await), "a row that the vault didn't write");
        end(stray(household)).await;
    }
    assert_eq!(checked().await.unwrap(), 2);
}
