//! Who is one person: ids that differ to a machine and not to a clerk.

use sealroot_protocol::{
    code::{Code, Coded},
    schema::{Schema, text_value},
};
use sealroot_testing::registry::{
    self, Backing, HEADER, Registry, SCHEMA, access, citizen, enrol, import, plan, schema, wallet,
};
use sealroot_vault::{
    Rejection, Vault, VaultError,
    change_id::ChangeOfId,
    import::{ImportMode, ImportPlan},
    read::Which,
    store::Store,
};
use std::io::Cursor;

suite!(
    one_person_however_the_id_is_composed,
    ids_that_look_like_others_are_refused_at_every_entrance,
    the_schema_says_which_ids_are_one,
    a_vault_reads_ids_in_one_way,
    the_identity_attribute_is_the_id,
    an_id_in_another_script_is_nobody_else,
    a_changed_id_looks_like_nobody_elses,
    a_schema_that_folds_the_ids_there_are_is_refused,
    a_schema_has_one_kind_of_business_key,
);

const COMPOSED: &str = "Zo\u{eb}-7";
const DECOMPOSED: &str = "Zoe\u{308}-7";

fn row_of(id: &str) -> String {
    citizen(1).replace("ID-000001", id)
}

async fn refused<S: Store>(vault: &Vault<S>, plan: ImportPlan, text: String) -> String {
    match vault.import(Cursor::new(text), plan, |_| {}).await {
        Err(VaultError::BadRows(bad)) => bad.problems.listed[0].to_string(),
        other => panic!("{other:?}"),
    }
}

async fn one_person_however_the_id_is_composed<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    import(&vault, format!("{HEADER}{}", row_of(DECOMPOSED))).await;
    let subject = vault.subject(COMPOSED).unwrap();
    assert_eq!(subject, vault.subject(DECOMPOSED).unwrap());
    // A second record for the other spelling is what was paid twice.
    let again = refused(&vault, plan(ImportMode::Add), format!("{HEADER}{}", row_of(COMPOSED))).await;
    assert!(again.contains("already has a record"), "{again}");
    let twice = format!("{HEADER}{}{}", row_of(COMPOSED), row_of(DECOMPOSED));
    let twice = refused(&vault, plan(registry::UPDATE), twice).await;
    assert!(twice.contains("line 3") && twice.contains("twice in the file"), "{twice}");
    // An update under the other spelling is an update, and an enrolment under it is of the same person.
    let update = plan(registry::REMOVE);
    let report = vault.import(Cursor::new(format!("{HEADER}{}", row_of(COMPOSED))), update, |_| {}).await.unwrap();
    assert_eq!((report.progress.unchanged, report.removed), (1, 0));
    assert_eq!(enrol(&vault, subject, &wallet(1), None).await.reissued, 1);
    registry.anchor(&vault).await;
    let which = Which { subject, schema: registry::schema_id(), ..registry::which(&vault, 1) };
    let opened = vault.open_record(&which, None, &access()).await.unwrap();
    assert_eq!(opened.record.attributes.0[0], text_value(COMPOSED));
    assert_eq!(vault.erase(vault.subject(DECOMPOSED).unwrap(), &access()).await.unwrap().records, 1);
}

async fn ids_that_look_like_others_are_refused_at_every_entrance<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    let keyed = HEADER.replace("national_id", "national_id,key");
    for (id, says) in [
        ("", "is empty"),
        ("ID-1 ", "white space around"),
        ("ID-1\u{a0}", "white space around"),
        ("ID  1", "not one single space"),
        ("ID\u{200b}1", "U+200B"),
        ("ID\u{ad}1", "U+00AD"),
        ("\u{202e}ID1", "U+202E"),
        ("ID-\u{ff11}", "U+FF11"),
        ("ID-\u{661}", "U+0661"),
        ("\u{399}D-1", "different scripts"),
    ] {
        let Err(rejection @ Rejection::NationalId(_)) = vault.subject(id) else { panic!("{id:?} is a person") };
        assert_eq!(rejection.code(), Code::BadNationalId);
        assert!(rejection.to_string().contains(says), "{rejection}");
        let bad = refused(&vault, plan(ImportMode::Add), format!("{HEADER}{}", row_of(id))).await;
        assert!(bad.contains("national_id") && bad.contains(says), "{bad}");
        let mut by_key = plan(ImportMode::Add);
        by_key.columns.business_key = Some("key".into());
        let bad = refused(&vault, by_key, format!("{keyed}{}", row_of(&format!("ID-1,{id}")))).await;
        assert!(bad.contains("key") && bad.contains(says), "{bad}");
    }
    assert_eq!(vault.status().await.unwrap().counts.live, 0);
}

/// The registry's schema, with what it says of ids.
fn stating(form: &str) -> Schema {
    let (head, attributes) = SCHEMA.split_once("[[attribute]]").unwrap();
    Schema::from_toml(&format!("{head}[national_id]\n{form}\n[[attribute]]{attributes}")).unwrap()
}

const RESIDENT: &str = "case = \"upper\"\npattern = \"[0-9]{17}[0-9X]\"\nchecksum = \"iso-7064-mod-11-2\"";
/// The example of GB 11643-1999.
const ID: &str = "11010519491231002X";

async fn the_schema_says_which_ids_are_one<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    let plan = ImportPlan { schema: stating(RESIDENT), ..plan(ImportMode::Add) };
    let small = ID.to_lowercase();
    for (id, says) in [
        ("1.10105194912310E+17", "not of the form"),
        ("110105194912310021", "check digit"),
        ("11010519491231002\u{425}", "not of the form"),
        ("ID-000001", "not of the form"),
    ] {
        let bad = refused(&vault, plan.clone(), format!("{HEADER}{}", row_of(id))).await;
        assert!(bad.contains(says), "{id}: {bad}");
    }
    let twice = refused(&vault, plan.clone(), format!("{HEADER}{}{}", row_of(ID), row_of(&small))).await;
    assert!(twice.contains("twice in the file"), "{twice}");
    vault.import(Cursor::new(format!("{HEADER}{}", row_of(&small))), plan, |_| {}).await.unwrap();
    // Verbs read ids as the files are read; so does a vault that is opened again.
    assert_eq!(vault.subject(ID).unwrap(), vault.subject(&small).unwrap());
    assert!(matches!(vault.subject("110105194912310021"), Err(Rejection::NationalId(_))));
    drop(vault);
    let vault = registry.open::<B>().await;
    assert_eq!(vault.subject(ID).unwrap(), vault.subject(&small).unwrap());
    assert_eq!(vault.erase(vault.subject(ID).unwrap(), &access()).await.unwrap().records, 1);
}

async fn a_vault_reads_ids_in_one_way<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    vault.add_schema(&stating("case = \"upper\"")).await.unwrap();
    // Another schema that says nothing of case follows; one that says the contrary is not registered.
    let silent = stating("pattern = \"[A-Z]+-[0-9]+\"");
    vault.add_schema(&silent).await.unwrap();
    assert_eq!(vault.subject("id-1").unwrap(), vault.subject("ID-1").unwrap());
    let contrary = vault.add_schema(&stating("case = \"lower\"")).await;
    assert!(matches!(contrary, Err(VaultError::Rejected(Rejection::LetterCase))), "{contrary:?}");
    assert_eq!(vault.schemas().await.unwrap().len(), 2);
    import(&vault, format!("{HEADER}{}", row_of("id-7"))).await;
    let again = refused(&vault, plan(ImportMode::Add), format!("{HEADER}{}", row_of("ID-7"))).await;
    assert!(again.contains("already has a record"), "{again}");
    assert_eq!(vault.schemas().await.unwrap().len(), 3, "{:?}", schema().name);
}

async fn the_identity_attribute_is_the_id<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    let header = HEADER.replace("national_id", "national_id,identity");
    let bad = refused(&vault, plan(ImportMode::Add), format!("{header}{}", row_of("ID-1,ID-2"))).await;
    assert!(bad.contains("identity") && bad.contains("differs from the row's national id"), "{bad}");
    let text = format!("{header}{}", row_of(&format!("{COMPOSED},{DECOMPOSED}")));
    assert_eq!(import(&vault, text).await.progress.added, 1);
}

/// `AB-1` in Cyrillic letters, and `AB-2`.
const CYRILLIC: &str = "\u{410}\u{412}-1";
const CYRILLIC_2: &str = "\u{410}\u{412}-2";

async fn an_id_in_another_script_is_nobody_else<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    let problem = async |mode, text: String| match vault.import(Cursor::new(text), plan(mode), |_| {}).await {
        Err(VaultError::BadRows(bad)) => bad.problems.listed[0].clone(),
        other => panic!("{other:?}"),
    };
    // In one file, in either order, and far apart.
    for (one, other) in [("AB-1", CYRILLIC), (CYRILLIC, "AB-1")] {
        let found = problem(ImportMode::Add, format!("{HEADER}{}{}", row_of(one), row_of(other))).await;
        assert_eq!((found.line, found.column.as_deref(), found.code), (3, Some("national_id"), Code::LookAlikeId));
        assert!(found.what.contains("the one in line 2") && found.what.contains("[national_id]"), "{found}");
        assert!(!found.to_string().contains("AB-1") && !found.to_string().contains(CYRILLIC), "{found}");
        assert!(found.to_string().ends_with("[look-alike-id]"), "{found}");
        let far = format!("{HEADER}{}{}{}", row_of(one), registry::csv(10..3000).replace(HEADER, ""), row_of(other));
        let found = problem(ImportMode::Add, far).await;
        assert!(found.line == 2993 && found.what.contains("the one in line 2"), "{found}");
    }
    assert_eq!(vault.status().await.unwrap().counts.live, 0);
    // Between files; the first of two is the vault's, and what stood in a file that wasn't imported isn't.
    import(&vault, format!("{HEADER}{}{}", row_of("AB-1"), row_of(CYRILLIC_2))).await;
    for id in [CYRILLIC, "AB-2"] {
        let found = problem(registry::UPDATE, format!("{HEADER}{}", row_of(id))).await;
        assert!(found.code == Code::LookAlikeId && found.what.contains("in the vault"), "{found}");
    }
    // The same people again are no other people; ids in ASCII are told apart by their agency.
    let again = format!("{HEADER}{}{}", row_of("AB-1"), row_of(CYRILLIC_2));
    let report = vault.import(Cursor::new(again), plan(registry::UPDATE), |_| {}).await.unwrap();
    assert_eq!(report.progress.unchanged, 2);
    import(&vault, format!("{HEADER}{}{}{}", row_of("O1"), row_of("01"), row_of("0l"))).await;
    // Whom such a row is about is unknown: nobody is removed.
    let skipping = ImportPlan { skip_bad_rows: true, ..plan(registry::REMOVE) };
    let text = format!("{HEADER}{}{}", row_of("AB-1"), row_of("AB-2"));
    let error = vault.import(Cursor::new(text), skipping, |_| {}).await.unwrap_err();
    assert!(matches!(error, VaultError::Rejected(Rejection::RemovalUnsafe { line: 3, .. })), "{error}");
    // check-ids names them: in a file, and against the vault.
    let text = format!("national_id\nAB-1\n{CYRILLIC}\nAB-2\nAB-3\n{CYRILLIC}\n");
    let found = vault.check_ids(Cursor::new(text), "national_id", None).await.unwrap();
    assert_eq!((found.alike, found.alike_known), (vec![vec![2, 3, 6]], vec![3, 4, 6]));
    // Erased without a key, nobody has earned anything; with one, the id's look stays taken.
    vault.erase(vault.subject(CYRILLIC_2).unwrap(), &access()).await.unwrap();
    import(&vault, format!("{HEADER}{}", row_of("AB-2"))).await;
    enrol(&vault, vault.subject("AB-1").unwrap(), &wallet(1), None).await;
    vault.erase(vault.subject("AB-1").unwrap(), &access()).await.unwrap();
    let found = problem(ImportMode::Add, format!("{HEADER}{}", row_of(CYRILLIC))).await;
    assert_eq!(found.code, Code::LookAlikeId, "{found}");
}

async fn a_changed_id_looks_like_nobody_elses<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    import(&vault, format!("{HEADER}{}{}", row_of("AB-1"), row_of("T-9"))).await;
    let change = async |old: &str, new: &str| {
        let change = ChangeOfId { old: old.into(), as_written: false, although_unknown: false, new: new.into() };
        vault.change_id(&change, &access()).await
    };
    let refused = change("T-9", CYRILLIC).await;
    assert!(matches!(refused, Err(VaultError::Rejected(Rejection::LookAlike))), "{refused:?}");
    // A person's own id can be corrected into what it looks like, and back; for others both stay taken.
    change("AB-1", CYRILLIC).await.unwrap();
    let refused = refused_id(&vault, "AB-1").await;
    assert!(refused.contains("another id took the place"), "{refused}");
    change(CYRILLIC, "AB-1").await.unwrap();
    let refused = change("T-9", CYRILLIC).await;
    assert!(refused.is_err(), "{refused:?}");
}

async fn refused_id<S: Store>(vault: &Vault<S>, id: &str) -> String {
    refused(vault, plan(ImportMode::Add), format!("{HEADER}{}", row_of(id))).await
}

async fn a_schema_that_folds_the_ids_there_are_is_refused<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    import(&vault, format!("{HEADER}{}{}", row_of("id-7"), row_of("ID-8"))).await;
    let upper = ImportPlan { schema: stating("case = \"upper\""), ..plan(ImportMode::Add) };
    let lower = stating("case = \"lower\"");
    for refused in [
        vault.add_schema(&upper.schema).await.map(drop),
        vault.add_schema(&lower).await.map(drop),
        vault.import(Cursor::new(format!("{HEADER}{}", row_of("X"))), upper.clone(), |_| {}).await.map(drop),
        vault
            .import(
                Cursor::new(format!("{HEADER}{}", row_of("X"))),
                ImportPlan { dry_run: true, ..upper.clone() },
                |_| {},
            )
            .await
            .map(drop),
    ] {
        let Err(VaultError::Rejected(rejection @ Rejection::OtherCase { ids: 1, .. })) = refused else {
            panic!("{refused:?}")
        };
        assert_eq!(rejection.code(), Code::IdsDiffer);
        assert!(rejection.advice().unwrap().contains("check-ids --schema"));
    }
    assert_eq!(vault.schemas().await.unwrap().len(), 1);
    let text = "national_id\nid-7\nID-8\n";
    let found = vault.check_ids(Cursor::new(text), "national_id", Some(&upper.schema)).await.unwrap();
    assert_eq!(found.known_otherwise, [2]);
    let change = ChangeOfId { old: "id-7".into(), as_written: false, although_unknown: false, new: "ID-7".into() };
    vault.change_id(&change, &access()).await.unwrap();
    vault.add_schema(&upper.schema).await.unwrap();
    assert_eq!(vault.subject("id-8").unwrap(), vault.subject("ID-8").unwrap());
}

async fn a_schema_has_one_kind_of_business_key<B: Backing>() {
    let header = HEADER.replace("national_id", "national_id,key");
    let keyed = |key: Option<&str>| {
        let mut plan = plan(ImportMode::Add);
        plan.columns.business_key = key.map(str::to_owned);
        plan
    };
    let text = |id: &str| format!("{header}{}", row_of(&format!("{id},K-{id}")));
    for (first, other) in [(None, Some("key")), (Some("key"), None), (Some("key"), Some("born"))] {
        let registry = Registry::new();
        let vault = registry.create::<B>().await;
        // What wasn't imported ties nothing.
        let dry = ImportPlan { dry_run: true, ..keyed(other) };
        vault.import(Cursor::new(text("A")), dry, |_| {}).await.unwrap();
        vault.import(Cursor::new(text("A")), keyed(first), |_| {}).await.unwrap();
        vault.erase(vault.subject("A").unwrap(), &access()).await.unwrap();
        for plan in [keyed(other), ImportPlan { dry_run: true, ..keyed(other) }] {
            let refused = vault.import(Cursor::new(text("A")), plan, |_| {}).await;
            let Err(VaultError::Rejected(rejection @ Rejection::KeyColumn { .. })) = refused else {
                panic!("{refused:?}")
            };
            assert_eq!(rejection.code(), Code::OtherKeyColumn);
            let advice = rejection.advice().unwrap();
            assert!(advice.contains(if first.is_some() { "with --key-column key" } else { "without" }), "{advice}");
        }
        let named = if first.is_none() { Some("national_id") } else { first };
        drop(vault);
        let vault = registry.open::<B>().await;
        vault.import(Cursor::new(text("A")), keyed(named), |_| {}).await.unwrap();
    }
}
