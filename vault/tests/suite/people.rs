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
