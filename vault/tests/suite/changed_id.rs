//! Another id for the same person earns nothing a second time.

use rand::{RngExt, SeedableRng, rngs::StdRng};
use sealroot_handover::access_log::What;
use sealroot_protocol::{
    curve::PublicKey,
    date::{Date, FactsPeriod},
    record::Subject,
    schema::{Schema, text_value},
    tree::Root,
};
use sealroot_testing::{
    registry::{
        self, Backing, DAY, HEADER, Registry, about_people, access, citizen, clerk, enrol, import, logged, national_id,
        plan, wallet, which,
    },
    settings,
};
use sealroot_vault::{
    Rejection, Vault, VaultError,
    change_id::{ChangeOfId, IdChanged},
    import::{ImportMode, ImportPlan},
    read::Which,
    rows::{Columns, PeriodSource},
    store::Store,
};
use std::{collections::BTreeMap, io::Cursor};

suite!(
    a_changed_id_keeps_serials_and_the_old_one_is_nobodys,
    a_key_that_is_known_under_another_id_starts_anew,
    a_changed_id_is_the_same_member,
    two_people_do_not_become_one,
    ids_from_before_they_had_one_spelling_are_found_and_mended,
    one_human_is_approved_once_a_scope,
);

fn row_of(id: &str) -> String {
    citizen(1).replace("ID-000001", id)
}

fn change(old: &str, new: &str) -> ChangeOfId {
    ChangeOfId { old: old.into(), as_written: false, although_unknown: false, new: new.into() }
}

async fn changed<S: Store>(vault: &Vault<S>, old: &str, new: &str) -> IdChanged {
    vault.change_id(&change(old, new), &clerk()).await.unwrap()
}

async fn rejection<S: Store>(vault: &Vault<S>, old: &str, new: &str) -> Rejection {
    match vault.change_id(&change(old, new), &clerk()).await {
        Err(VaultError::Rejected(rejection)) => rejection,
        other => panic!("{other:?}"),
    }
}

fn of(vault: &Vault<impl Store>, id: &str) -> Which {
    Which { subject: vault.subject(id).unwrap(), ..which(vault, 1) }
}

const UPDATE: ImportMode = registry::UPDATE;

async fn a_changed_id_keeps_serials_and_the_old_one_is_nobodys<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    import(&vault, format!("{HEADER}{}", row_of("T-1"))).await;
    enrol(&vault, vault.subject("T-1").unwrap(), &wallet(1), None).await;
    registry.anchor(&vault).await;
    let before = vault.open_record(&of(&vault, "T-1"), None, &access()).await.unwrap().record;

    let done = changed(&vault, "T-1", "P-1").await;
    assert_eq!((done.records, done.households, done.enrol_again), (1, 0, true));
    registry.anchor(&vault).await;
    let after = vault.open_record(&of(&vault, "P-1"), None, &access()).await.unwrap().record;
    assert_eq!((after.serial, after.subject), (before.serial, vault.subject("P-1").unwrap()));
    assert_eq!((after.attributes.0[0], &after.attributes.0[1..]), (text_value("P-1"), &before.attributes.0[1..]));
    assert_eq!(after.holder, None, "its possession was proved for the old id");
    let acts: Vec<What> = logged(&vault).await.into_iter().map(|act| act.what).collect();
    assert_eq!(acts.iter().filter(|what| **what == What::IdChanged).count(), 2, "under either id: {acts:?}");

    // The key starts anew: the subject is in its nullifiers. A file under the new id is an update of the same record, in other periods, too.
    let again = enrol(&vault, vault.subject("P-1").unwrap(), &wallet(1), None).await;
    assert_eq!(again.holder_since.unwrap().to_string(), "2026-01-21");
    let text = format!("{HEADER}{}", row_of("P-1"));
    assert_eq!(vault.import(Cursor::new(text.clone()), plan(UPDATE), |_| {}).await.unwrap().progress.unchanged, 1);
    let mut february = plan(ImportMode::Add);
    february.columns.period = PeriodSource::Fixed("2026-02".parse().unwrap());
    vault.import(Cursor::new(text), february, |_| {}).await.unwrap();
    registry.anchor(&vault).await;
    let later = Which { period: "2026-02".parse().unwrap(), ..of(&vault, "P-1") };
    assert_eq!(vault.open_record(&later, None, &access()).await.unwrap().record.serial, before.serial);

    // Nothing is done under the old id any more: not by a file, not at the counter.
    let old = vault.import(Cursor::new(format!("{HEADER}{}", row_of("T-1"))), plan(ImportMode::Add), |_| {}).await;
    let Err(VaultError::BadRows(bad)) = old else { panic!("{old:?}") };
    assert!(bad.problems.listed[0].what.contains("another id took the place"), "{}", bad.problems.listed[0]);
    // A clerk who looks at a file before its import is told, too.
    let looked = vault.check_ids(Cursor::new("national_id\nP-1\nT-1\n"), "national_id", None).await.unwrap();
    assert_eq!((looked.changed.as_slice(), looked.is_clean()), (&[3][..], false));
    let old = vault.subject("T-1").unwrap();
    let at_the_counter = vault.enrolment_challenge(old).await;
    assert!(matches!(at_the_counter, Err(VaultError::Rejected(Rejection::IdReplaced))), "{at_the_counter:?}");
    assert!(matches!(vault.erase(old, &access()).await, Err(VaultError::Rejected(Rejection::IdReplaced))));
    assert!(matches!(rejection(&vault, "T-1", "P-2").await, Rejection::IdReplaced));
    // The person takes home what was logged under both.
    let both = vault.export_log(vault.subject("P-1").unwrap()).await.unwrap().entries;
    let first = about_people(&vault).await[0].position;
    assert!(both.iter().any(|entry| entry.position == first), "the enrolment under the old id");
    assert!(both.is_sorted_by_key(|entry| entry.position));
    // Removed, erased and imported once more, it is still the same serial.
    vault.erase(vault.subject("P-1").unwrap(), &access()).await.unwrap();
    import(&vault, format!("{HEADER}{}", row_of("P-1"))).await;
    registry.anchor(&vault).await;
    assert_eq!(vault.open_record(&of(&vault, "P-1"), None, &access()).await.unwrap().record.serial, before.serial);
    assert_eq!(vault.check().await.unwrap(), 1);
}

async fn a_key_that_is_known_under_another_id_starts_anew<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    import(&vault, format!("{HEADER}{}{}", row_of("A-1"), row_of("A-2"))).await;
    let (one, other) = (vault.subject("A-1").unwrap(), vault.subject("A-2").unwrap());
    assert_eq!(enrol(&vault, one, &wallet(1), None).await.holder_since, None);
    // Without that, a key that was replaced under one id would serve the same period under the other.
    let late = enrol(&vault, other, &wallet(1), None).await;
    assert_eq!(late.holder_since.unwrap().to_string(), "2026-01-21");
    assert!(late.anchor_by.is_some());
    assert_eq!(
        enrol(&vault, other, &wallet(1), None).await.holder_since,
        late.holder_since,
        "the same again changes nothing"
    );
    // Erasure doesn't make a key unknown.
    vault.erase(one, &access()).await.unwrap();
    import(&vault, format!("{HEADER}{}", row_of("A-3"))).await;
    assert!(enrol(&vault, vault.subject("A-3").unwrap(), &wallet(1), None).await.holder_since.is_some());
    // Nor does a table that was not there when the key was enrolled.
    assert_eq!(
        enrol(&vault, vault.subject("A-3").unwrap(), &wallet(2), None).await.holder_since.unwrap().to_string(),
        "2026-01-21"
    );
}

const HOUSEHOLD: &str = "name = \"household\"\nhousehold = true\nperiod = \"timeless\"\n[[attribute]]\nname = \"members\"\nkind = \"integer\"\nmin = 1\nmax = 8\n[[attribute]]\nname = \"member\"\nkind = \"member\"\nrepeat = 8\n[[attribute]]\nname = \"rent\"\nkind = \"money\"\ncurrency = \"EUR\"\n";

async fn household<S: Store>(vault: &Vault<S>, rows: &[(&str, &[&str])], mode: ImportMode) -> Result<u64, VaultError> {
    let columns = (1..=8).map(|i| format!(",member_{i:02}")).collect::<String>();
    let mut text = format!("number,national_id,members{columns},rent\n");
    for (number, members) in rows {
        let names: String = (0..8).map(|i| format!(",{}", members.get(i).unwrap_or(&""))).collect();
        text += &format!("{number},{},{}{names},500.00\n", members[0], members.len());
    }
    let plan = ImportPlan {
        schema: Schema::from_toml(HOUSEHOLD).unwrap(),
        columns: Columns { business_key: Some("number".into()), ..Columns::default() },
        ..plan(mode)
    };
    let done = vault.import(Cursor::new(text), plan, |_| {}).await?.progress;
    Ok(done.added + done.changed)
}

async fn a_changed_id_is_the_same_member<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    household(&vault, &[("1", &["ada", "T-1"]), ("2", &["bo"])], ImportMode::Add).await.unwrap();
    registry.anchor(&vault).await;
    vault.enrolment_challenge(vault.subject("ada").unwrap()).await.unwrap();
    // A member without a record of its own is known by its household alone.
    let done = changed(&vault, "T-1", "P-1").await;
    assert_eq!((done.records, done.households), (0, 1));
    registry.anchor(&vault).await;
    let which = Which {
        subject: vault.subject("ada").unwrap(),
        schema: Schema::from_toml(HOUSEHOLD).unwrap().id().unwrap(),
        period: FactsPeriod::Timeless,
        business_key: None,
    };
    let record = vault.open_record(&which, None, &access()).await.unwrap().record;
    assert_eq!(record.attributes.0[2], vault.subject("P-1").unwrap().0);
    assert_eq!(
        household(&vault, &[("1", &["ada", "P-1"])], UPDATE).await.unwrap(),
        0,
        "the file with the new id is the same"
    );
    assert_eq!(vault.check().await.unwrap(), 2);
    // Nobody is in two households under two ids.
    let twice = household(&vault, &[("2", &["bo", "P-1"])], UPDATE).await;
    assert!(
        matches!(&twice, Err(VaultError::BadRows(bad)) if bad.problems.listed[0].what.contains("another household")),
        "{twice:?}"
    );
    let old = household(&vault, &[("2", &["bo", "T-1"])], UPDATE).await;
    assert!(
        matches!(&old, Err(VaultError::BadRows(bad)) if bad.problems.listed[0].column.as_deref() == Some("member_02")),
        "{old:?}"
    );
    // Who receives the person waits for the grace of the root that showed the old id elsewhere.
    household(&vault, &[("1", &["ada"])], UPDATE).await.unwrap();
    registry.anchor(&vault).await;
    changed(&vault, "P-1", "Q-1").await;
    household(&vault, &[("2", &["bo", "Q-1"])], UPDATE).await.unwrap();
    let since = vault.holder(vault.subject("bo").unwrap()).await.unwrap().1;
    assert_eq!(since.unwrap().to_string(), "2026-01-20");
}

async fn two_people_do_not_become_one<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    import(&vault, format!("{HEADER}{}{}", row_of("A-1"), row_of("A-2"))).await;
    let root = vault.status().await.unwrap().working_root;
    assert!(matches!(rejection(&vault, "A-1", "A-2").await, Rejection::BothIds));
    assert!(matches!(rejection(&vault, "A-1", "A-1").await, Rejection::SameId));
    assert!(matches!(rejection(&vault, "A-9", "A-8").await, Rejection::UnknownOldId));
    assert!(matches!(rejection(&vault, "A-1", " A-8").await, Rejection::NationalId(_)));
    assert_eq!(vault.status().await.unwrap().working_root, root);
    assert_eq!(about_people(&vault).await.len(), 0, "nothing was done, and nothing is said to be");
    // Nor does an id that was somebody's and is erased, or that was replaced; but a typing error is mended by changing back.
    import(&vault, format!("{HEADER}{}{}", row_of("B-1"), row_of("B-2"))).await;
    enrol(&vault, vault.subject("B-1").unwrap(), &wallet(3), None).await;
    vault.erase(vault.subject("B-1").unwrap(), &access()).await.unwrap();
    assert!(matches!(rejection(&vault, "B-2", "B-1").await, Rejection::BothIds));
    changed(&vault, "B-2", "B-Z").await;
    assert!(matches!(rejection(&vault, "A-1", "B-2").await, Rejection::BothIds));
    assert_eq!(changed(&vault, "B-Z", "B-2").await.records, 1);
    vault.enrolment_challenge(vault.subject("B-2").unwrap()).await.unwrap();
    let typo = vault.enrolment_challenge(vault.subject("B-Z").unwrap()).await;
    assert!(matches!(typo, Err(VaultError::Rejected(Rejection::IdReplaced))), "{typo:?}");
    let before = about_people(&vault).await.len();
    // Unknown ids at the counter are typing errors.
    let nobody = vault.subject("A-9").unwrap();
    assert!(matches!(vault.enrolment_challenge(nobody).await, Err(VaultError::Rejected(Rejection::UnknownPerson))));
    assert!(matches!(vault.erase(nobody, &access()).await, Err(VaultError::Rejected(Rejection::UnknownPerson))));
    assert_eq!(about_people(&vault).await.len(), before);
}

async fn ids_from_before_they_had_one_spelling_are_found_and_mended<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    import(&vault, format!("{HEADER}{}{}", row_of("x-1"), row_of("B-2"))).await;
    enrol(&vault, vault.subject("x-1").unwrap(), &wallet(1), None).await;
    registry.anchor(&vault).await;
    let before = vault.open_record(&of(&vault, "x-1"), None, &access()).await.unwrap().record;
    let (head, rest) = registry::SCHEMA.split_once("[[attribute]]").unwrap();
    let upper = Schema::from_toml(&format!("{head}[national_id]\ncase = \"upper\"\n[[attribute]]{rest}")).unwrap();
    let file = "national_id\nx-1\nX-1\nB-2\n B-3\n";
    let found = vault.check_ids(Cursor::new(file), "national_id", Some(&upper)).await.unwrap();
    assert_eq!((found.rows, &found.one_person, &found.known_otherwise), (4, &vec![vec![2, 3]], &vec![2]));
    assert_eq!((found.refused.len(), found.refused[0].0), (1, 5));
    let as_is = vault.check_ids(Cursor::new("national_id\nx-1\nB-2\n"), "national_id", None).await.unwrap();
    assert!(as_is.is_clean(), "{as_is:?}");

    let early = vault.add_schema(&upper).await;
    assert!(matches!(early, Err(VaultError::Rejected(Rejection::OtherCase { ids: 1, .. }))), "{early:?}");
    let mend = ChangeOfId { as_written: true, ..change("x-1", "X-1") };
    assert_eq!(vault.change_id(&mend, &clerk()).await.unwrap().records, 1);
    vault.add_schema(&upper).await.unwrap();
    registry.anchor(&vault).await;
    let after = vault.open_record(&of(&vault, "x-1"), None, &access()).await.unwrap().record;
    assert_eq!((after.serial, after.subject), (before.serial, vault.subject("X-1").unwrap()));
    let found = vault.check_ids(Cursor::new("national_id\nx-1\n"), "national_id", None).await.unwrap();
    assert_eq!(found.known_otherwise, [0u64; 0]);
}

/// One human, three wallets, as many ids as the agency gives; whatever happens in whatever order, a claimed period is approved once, whether the nullifier is the
/// holder's or the record's, and whichever of the roots whose grace runs the proof is made under.
async fn one_human_is_approved_once_a_scope<B: Backing>() {
    let mut rng = StdRng::seed_from_u64(settings::seed(20));
    for case in 0..settings::cases(6) {
        life::<B>(&mut rng, case).await;
    }
}

#[derive(Default)]
struct Spent {
    /// The holder's nullifier is made from the subject and the key.
    by_key: BTreeMap<Date, (Subject, PublicKey)>,
    by_serial: BTreeMap<Date, String>,
    story: Vec<String>,
}

async fn life<B: Backing>(rng: &mut StdRng, case: usize) {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    let (mut ids, mut roots, mut spent) = (vec!["T-0".to_owned()], Vec::new(), Spent::default());
    for step in 0..24 {
        registry.sleep(rng.random_range(0..40) * 3600);
        let id = ids.last().unwrap().clone();
        let told = match rng.random_range(0..12) {
            0..=2 => {
                let like = rng.random_range(0..3);
                let text = format!("{HEADER}{}", citizen(like).replace(&national_id(like), &id));
                format!(
                    "imported as {id}: {:?}",
                    vault.import(Cursor::new(text), timeless(UPDATE), |_| {}).await.is_ok()
                )
            }
            3 => {
                let gone = format!("{HEADER}{}", row_of("someone-else"));
                let all = timeless(registry::REMOVE);
                format!("removed: {:?}", vault.import(Cursor::new(gone), all, |_| {}).await.is_ok())
            }
            4 => format!("erased {id}: {:?}", vault.erase(vault.subject(&id).unwrap(), &access()).await.is_ok()),
            5..=6 => {
                let next = format!("P-{step}");
                let change = ChangeOfId { although_unknown: true, ..change(&id, &next) };
                vault.change_id(&change, &clerk()).await.unwrap();
                ids.push(next.clone());
                format!("{id} is {next}")
            }
            7 => {
                let old = &ids[rng.random_range(0..ids.len())];
                let text = format!("{HEADER}{}", row_of(old));
                format!(
                    "imported as {old}: {:?}",
                    vault.import(Cursor::new(text), timeless(UPDATE), |_| {}).await.is_ok()
                )
            }
            8..=9 => {
                let wallet = wallet(rng.random_range(1..4));
                let subject = vault.subject(&id).unwrap();
                if vault.enrolment_challenge(subject).await.is_ok() {
                    let done = enrol(&vault, subject, &wallet, None).await;
                    format!("{id} has {} from {:?}", wallet.public_key().fingerprint(), done.holder_since)
                } else {
                    format!("{id} is unknown")
                }
            }
            _ => "a day goes by".to_owned(),
        };
        spent.story.push(told);
        if rng.random_bool(0.5) && vault.pending_root().await.unwrap().is_some() {
            roots.push(registry.anchor(&vault).await);
            spent.story.push("anchored".to_owned());
        }
        claim(&registry, &vault, &ids, &roots, &mut spent, case).await;
    }
}

fn timeless(mode: ImportMode) -> ImportPlan {
    let mut plan = plan(mode);
    plan.columns.period = PeriodSource::Fixed(FactsPeriod::Timeless);
    plan
}

/// Everything that the human could be approved for now.
async fn claim<S: Store>(
    registry: &Registry,
    vault: &Vault<S>,
    ids: &[String],
    roots: &[Root],
    spent: &mut Spent,
    case: usize,
) {
    let now = registry.now.load(std::sync::atomic::Ordering::SeqCst);
    let first = registry::NOON - 10 * DAY;
    let days = (0..).map(|i| first + i * 3 * DAY).take_while(|day| *day <= now);
    let days: Vec<Date> = days.map(|day| Date::from_unix_time(day as u64).unwrap()).collect();
    let subjects: Vec<Subject> = ids.iter().map(|id| vault.subject(id).unwrap()).collect();
    for root in roots {
        for subject in &subjects {
            let which = Which { subject: *subject, period: FactsPeriod::Timeless, ..which(vault, 1) };
            let Ok(opened) = vault.open_record(&which, Some(*root), &access()).await else { continue };
            let record = opened.record;
            for day in &days {
                let serial = format!("{:?}", record.serial);
                let before = spent.by_serial.entry(*day).or_insert_with(|| serial.clone());
                assert_eq!(*before, serial, "case {case}: two approvals for {day}, by record: {:#?}", spent.story);
                if let Some(key) = record.holder.filter(|_| record.holder_since.is_none_or(|since| since <= *day)) {
                    let before = spent.by_key.entry(*day).or_insert((record.subject, key));
                    assert_eq!(
                        *before,
                        (record.subject, key),
                        "case {case}: two approvals for {day}, by holder: {:#?}",
                        spent.story
                    );
                }
            }
        }
    }
}
