//! Imports a clerk can trust: nobody is removed by a slip, a dry run tells the truth, and what a spreadsheet does to a file is met or named.

use rand::{RngExt, SeedableRng, rngs::StdRng};
use sealroot_protocol::schema::Schema;
use sealroot_testing::registry::{
    self, Backing, HEADER, Registry, SCHEMA, citizen, csv, import, plan, unlogged_status,
};
use sealroot_vault::{
    Rejection, Vault, VaultError,
    import::{ImportMode, ImportPlan, ImportReport, Missing, Removal, WouldFail},
    rows::PeriodSource,
    store::Store,
};
use std::io::Cursor;

suite!(
    skipped_rows_are_never_missing,
    a_row_about_nobody_knows_whom_stops_removals,
    a_skipped_row_whose_id_cant_be_trusted_stops_removals,
    a_file_without_rows_says_so,
    removals_are_confirmed,
    a_dry_run_ends_as_the_import_would,
    nobody_is_removed_who_stands_in_the_file,
    the_same_file_twice_is_said_in_one_line,
    periods_are_never_timeless_by_omission,
    implausible_days_are_refused_unless_the_schema_means_them,
    what_a_spreadsheet_writes_is_read,
    what_is_no_sheet_is_named_and_a_header_shows_its_columns,
);

async fn run<S: Store>(vault: &Vault<S>, plan: ImportPlan, text: &str) -> Result<ImportReport, VaultError> {
    vault.import(Cursor::new(text.to_owned()), plan, |_| {}).await
}

fn skipping(mode: ImportMode) -> ImportPlan {
    ImportPlan { skip_bad_rows: true, ..plan(mode) }
}

fn removing(removal: Removal) -> ImportMode {
    ImportMode::Update { missing: Missing::Remove(removal) }
}

/// How many of these citizens the vault lacks.
async fn lacking<S: Store>(vault: &Vault<S>, citizens: impl IntoIterator<Item = usize>) -> u64 {
    let plan = ImportPlan { dry_run: true, ..plan(registry::UPDATE) };
    run(vault, plan, &csv(citizens)).await.unwrap().progress.added
}

async fn skipped_rows_are_never_missing<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    import(&vault, csv(0..10)).await;
    // A bad cell; two; and 8 and 9 are missing.
    let bad = |i: usize, from: &str, to: &str| {
        assert!(citizen(i).contains(from));
        citizen(i).replace(from, to)
    };
    let text = csv(0..3)
        + &bad(3, ",19", ",x19")
        + &bad(4, ",false", ",nein")
        + &csv([5, 6]).replace(HEADER, "")
        + &bad(7, ",true,", ",true,9.9,").replace(",1507.00", "");
    let report = run(&vault, skipping(registry::REMOVE), &text).await;
    let report = report.unwrap_or_else(|error| panic!("{error}: {text}"));
    assert_eq!((report.missing, report.removed, report.progress.bad_rows), (2, 2, 3), "{:?}", report.problems);
    assert_eq!(lacking(&vault, 0..8).await, 0);
    assert_eq!(lacking(&vault, 8..10).await, 2);

    // Rows that contradict the vault are skipped, too, and both people whom they could be about stay.
    let header = HEADER.replace("national_id", "national_id,key");
    let row = |i: usize, key: &str| citizen(i).replacen(',', &format!(",{key},"), 1);
    let keyed = |mode| {
        let mut plan = skipping(mode);
        plan.schema = Schema::from_toml(&SCHEMA.replace("resident", "tenant")).unwrap();
        plan.columns.business_key = Some("key".into());
        plan.columns.period = PeriodSource::Fixed("2026-02".parse().unwrap());
        plan
    };
    let all = header.clone() + &row(1, "K1") + &row(2, "K2") + &row(3, "K3") + &row(4, "K4");
    run(&vault, keyed(ImportMode::Add), &all).await.unwrap();
    let text = header + &row(4, "K4") + &row(1, "K2") + &row(3, "K9");
    let report = run(&vault, keyed(registry::REMOVE), &text).await.unwrap();
    assert_eq!((report.progress.bad_rows, report.missing, report.removed), (2, 0, 0), "{:?}", report.problems);
    assert_eq!(vault.check().await.unwrap(), 12);
}

async fn a_row_about_nobody_knows_whom_stops_removals<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    import(&vault, csv(0..10)).await;
    let before = vault.status().await.unwrap();
    let header = HEADER.replace("children", "children,note");
    for (damaged, line) in [
        ("\"ID-000008,1950-02-03,north,false,1.00,1.00,1.00,0,\n".to_owned(), 3),
        ("ID-000008,1950-02-03,\"north\"x,false,1.00,1.00,1.00,0,\n".to_owned(), 3),
        ("ID-000008,1950-02-03,north\n".to_owned(), 3),
        ("ID-000008,1950-02-03,north,false,1,00,1,00,1,00,0,\n".to_owned(), 3),
        (" ID-000008,1950-02-03,north,false,1.00,1.00,1.00,0,\n".to_owned(), 3),
        (",1950-02-03,north,false,1.00,1.00,1.00,0,\n".to_owned(), 3),
        ("ID-000007,1950-02-03,north,false,1.00,1.00,1.00,0,\"ID-000008\nhides here\"\n".to_owned(), 3),
        (format!("ID-000007,1950-02-03,north,false,1.00,1.00,1.00,0,{}\n", "x".repeat(2 << 20)), 3),
    ] {
        let rows = |text: String| text.replace(",0\n", ",0,\n").replace(",1\n", ",1,\n");
        let text = header.clone() + &rows(citizen(0)) + &damaged + &rows(citizen(1));
        let error = run(&vault, skipping(registry::REMOVE), &text).await.unwrap_err();
        let VaultError::Rejected(Rejection::RemovalUnsafe { line: told, .. }) = error else {
            panic!("{error}: {damaged}")
        };
        assert_eq!(told, line, "{damaged}");
        let report = run(&vault, skipping(registry::UPDATE), &text).await.unwrap();
        assert_eq!((report.removed, report.unread.map(|unread| unread.line)), (0, Some(line)));
    }
    assert_eq!(lacking(&vault, 0..10).await, 0);
    assert_eq!(vault.status().await.unwrap().counts.live, before.counts.live);
}

/// A second row about a person, most likely, is about somebody else, and the clerk mistyped the id.
async fn a_skipped_row_whose_id_cant_be_trusted_stops_removals<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    import(&vault, csv(0..10)).await;
    let before = vault.status().await.unwrap();
    let header = HEADER.replace("national_id", "national_id,identity");
    let own = |i: usize| citizen(i).replacen(',', &format!(",{},", registry::national_id(i)), 1);
    let meant_for_9 = own(9).replacen("ID-000009", "ID-000001", 1);
    let twice = csv(0..9) + &citizen(9).replacen("ID-000009", "ID-000001", 1);
    let alone = header.clone() + &meant_for_9;
    let differs = header + &(0..9).map(own).collect::<String>() + &meant_for_9;
    let far = csv((0..9).chain(100..3000)) + &citizen(1);
    for (text, line) in [(twice, 11), (alone, 2), (differs, 11), (far, 2911)] {
        for dry_run in [true, false] {
            let plan = ImportPlan { dry_run, ..skipping(registry::REMOVE) };
            let failure = match run(&vault, plan, &text).await {
                Ok(report) => report.would_fail.unwrap().into(),
                Err(error) => error,
            };
            let VaultError::Rejected(Rejection::RemovalUnsafe { line: told, .. }) = failure else {
                panic!("{failure}")
            };
            assert_eq!(told, line);
        }
    }
    assert_eq!(lacking(&vault, 0..10).await, 0);
    assert_eq!(vault.status().await.unwrap().counts.live, before.counts.live);
}

async fn a_file_without_rows_says_so<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    import(&vault, csv(0..3)).await;
    for mode in [ImportMode::Add, registry::UPDATE, registry::REMOVE] {
        for text in [HEADER.to_owned(), format!("{HEADER}\n\n")] {
            let real = run(&vault, plan(mode), &text).await.unwrap_err();
            assert!(matches!(real, VaultError::Rejected(Rejection::NoRows)), "{real}");
            let dry = run(&vault, ImportPlan { dry_run: true, ..plan(mode) }, &text).await.unwrap();
            assert_eq!(dry.would_fail, Some(WouldFail::Rejected(Rejection::NoRows)));
        }
    }
    assert_eq!(lacking(&vault, 0..3).await, 0);
}

async fn removals_are_confirmed<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    import(&vault, csv(0..100)).await;
    let before = unlogged_status(&vault).await;
    // Ten go; two come, which are no part of what was there.
    let text = csv((10..100).chain([200, 201]));
    let yes = Removal { confirmed: true, ..Removal::default() };
    let refused = async |removal: Removal| match run(&vault, plan(removing(removal)), &text).await {
        Err(VaultError::Rejected(rejection)) => rejection,
        other => panic!("{other:?}"),
    };
    let Rejection::RemovalUnconfirmed(told) = refused(Removal::default()).await else { panic!() };
    assert_eq!((told.count, told.above, told.periods[0].live), (10, Some(5), 100));
    assert_eq!(
        told.to_string(),
        "the file lacks 10 records, which would be removed: 2026-01: 10 of 100 records (10.0 %); that is more than 5 % of a period"
    );
    for removal in [yes, Removal { exactly: Some(9), ..yes }, Removal { most_percent: 9, ..yes }] {
        assert!(matches!(refused(removal).await, Rejection::TooManyRemovals(_)));
    }
    assert_eq!(unlogged_status(&vault).await, before, "what is refused changes nothing");
    let report = run(&vault, plan(removing(Removal { exactly: Some(10), ..yes })), &text).await.unwrap();
    assert_eq!((report.removed, report.progress.added), (10, 2));
    // Within the share a yes is enough; and where nothing is missing, nobody asks.
    let text = csv((14..100).chain([200, 201]));
    assert_eq!(run(&vault, plan(removing(yes)), &text).await.unwrap().removed, 4);
    assert_eq!(run(&vault, plan(removing(Removal::default())), &text).await.unwrap().removed, 0);
    assert_eq!(vault.check().await.unwrap(), 88);
}

/// Damages lines without making one readable id of another: a damaged row is a bad one, or a good one about the same person.
fn damage(line: &str, random: &mut StdRng) -> String {
    let id = "ID-000000".len();
    let mut line = line.to_owned();
    for _ in 0..random.random_range(1..3) {
        match random.random_range(0..4) {
            0 => {
                let token = ["\"", ",", "\n", "\"\n", "\0", ",,,\"", "\r", "\"\""][random.random_range(0..8)];
                line.insert_str(random.random_range(0..line.len()), token);
            }
            1 if line.len() > id + 8 => {
                let from = random.random_range(id..line.len() - 4);
                line.replace_range(from..from + random.random_range(1..4), "");
            }
            2 => line = line.replacen(",19", ",29", 1),
            _ => line = line.replacen("north", "nowhere", 1).replacen("south", "nowhere", 1),
        }
    }
    line
}

async fn nobody_is_removed_who_stands_in_the_file<B: Backing>() {
    let cases = std::env::var("SEALROOT_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(60);
    let mut random = StdRng::seed_from_u64(5);
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    let (mut committed, mut stopped) = (0, 0);
    for case in 0..cases {
        run(&vault, plan(registry::UPDATE), &csv(0..20)).await.unwrap();
        let there: Vec<usize> = (0..20).filter(|_| random.random_range(0..6) > 0).collect();
        let mut text = HEADER.to_owned();
        for i in &there {
            let line = citizen(*i);
            text += &if random.random_range(0..10) == 0 { damage(&line, &mut random) } else { line };
        }
        match run(&vault, skipping(registry::REMOVE), &text).await {
            Ok(report) => {
                committed += 1;
                assert_eq!(report.removed, report.missing, "case {case}");
                assert_eq!(
                    lacking(&vault, there.iter().copied()).await,
                    0,
                    "case {case}: somebody was removed\n{text}"
                );
                // Everybody else is gone, save where no row was good.
                assert!(report.removed <= 20 - there.len() as u64, "case {case}\n{text}");
            }
            Err(VaultError::Rejected(Rejection::RemovalUnsafe { line, .. })) => {
                stopped += 1;
                assert!(line >= 2 && line <= 2 + text.matches(['\n', '\r']).count() as u64);
                assert_eq!(lacking(&vault, 0..20).await, 0, "case {case}: what is refused changes nothing");
            }
            Err(error) => panic!("case {case}: {error}\n{text}"),
        }
    }
    assert!(committed > cases / 10 && stopped > cases / 10, "{committed} committed, {stopped} stopped of {cases}");
    vault.check().await.unwrap();
}

async fn a_dry_run_ends_as_the_import_would<B: Backing>() {
    let mut random = StdRng::seed_from_u64(6);
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    import(&vault, csv(0..20)).await;
    let yes = Removal { confirmed: true, ..Removal::default() };
    let modes = [
        ImportMode::Add,
        registry::UPDATE,
        registry::REMOVE,
        removing(Removal::default()),
        removing(yes),
        removing(Removal { exactly: Some(2), ..yes }),
    ];
    let (mut good, mut bad) = (0, 0);
    for case in 0..60 {
        let mut text = HEADER.to_owned();
        for i in (case % 20)..(case % 20 + random.random_range(1..20)) {
            let line = citizen(i);
            text += &if random.random_range(0..20) == 0 { damage(&line, &mut random) } else { line };
        }
        let real = ImportPlan { skip_bad_rows: random.random(), ..plan(modes[case % modes.len()]) };
        let before = unlogged_status(&vault).await;
        let dry = run(&vault, ImportPlan { dry_run: true, ..real.clone() }, &text).await.unwrap();
        assert_eq!(unlogged_status(&vault).await, before, "case {case}: a dry run changes nothing");
        let removes = !matches!(real.mode, ImportMode::Add | registry::UPDATE);
        match run(&vault, real, &text).await {
            Ok(report) => {
                good += 1;
                assert_eq!(dry.would_fail, None, "case {case}");
                assert_eq!((dry.progress, dry.missing), (report.progress, report.missing), "case {case}");
                assert_eq!(report.removed, if removes { dry.missing } else { 0 }, "case {case}");
            }
            Err(VaultError::BadRows(rows)) => {
                bad += 1;
                assert_eq!(dry.would_fail, Some(WouldFail::BadRows(rows)), "case {case}");
            }
            Err(VaultError::Rejected(rejection)) => {
                bad += 1;
                assert_eq!(dry.would_fail, Some(WouldFail::Rejected(rejection)), "case {case}");
            }
            Err(error) => panic!("case {case}: {error}"),
        }
    }
    assert!(good > 5 && bad > 5, "{good} good, {bad} bad");
    vault.check().await.unwrap();
}

async fn the_same_file_twice_is_said_in_one_line<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    import(&vault, csv(0..60)).await;
    let VaultError::BadRows(bad) = run(&vault, plan(ImportMode::Add), &csv(0..60)).await.unwrap_err() else { panic!() };
    assert!(bad.is_repetition());
    assert_eq!(
        bad.to_string(),
        "nothing was imported: the vault has records for the whole file already (60 rows), as after importing it before"
    );
    let report = run(&vault, plan(registry::UPDATE), &csv(0..60)).await.unwrap();
    assert_eq!((report.progress.unchanged, report.progress.rows, report.missing), (60, 60, 0));
    // With a row that is new, it is another file; its 60 equal faults are still one.
    let VaultError::BadRows(bad) = run(&vault, plan(ImportMode::Add), &csv(0..61)).await.unwrap_err() else { panic!() };
    assert!(!bad.is_repetition());
    assert_eq!((bad.problems.groups.len(), bad.problems.groups[0].count), (1, 60));
    assert!(bad.to_string().contains("lines 2, 3, 4, 5, 6 and 55 more: this person already has a record"), "{bad}");
}

async fn periods_are_never_timeless_by_omission<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    let with = |line: &str, period: PeriodSource| {
        let mut plan = plan(ImportMode::Add);
        plan.schema =
            Schema::from_toml(&SCHEMA.replace("name = \"resident\"", &format!("name = \"resident\"\n{line}"))).unwrap();
        plan.columns.period = period;
        plan
    };
    let fixed = |text: &str| PeriodSource::Fixed(text.parse().unwrap());
    for (line, period, says) in [
        ("", PeriodSource::Schema, "doesn't say whether its records are about a month"),
        ("period = \"month\"", PeriodSource::Schema, "each record of schema resident is about a month"),
        ("period = \"month\"", fixed("timeless"), "needs a month"),
        ("period = \"timeless\"", fixed("2026-01"), "have no period"),
        ("period = \"month\"", fixed("2056-01"), "between 1900-01 and 2028-01"),
        ("", fixed("2028-02"), "between 1900-01 and 2028-01"),
    ] {
        let error = run(&vault, with(line, period.clone()), &csv(0..3)).await.unwrap_err();
        assert!(matches!(error, VaultError::Rejected(Rejection::Plan(_))));
        assert!(error.to_string().contains(says), "{error}");
    }
    let text = format!(
        "{}{}{}{}",
        HEADER.replace("national_id", "national_id,month"),
        citizen(1).replacen(',', ",timeless,", 1),
        citizen(2).replacen(',', ",2062-01,", 1),
        citizen(3).replacen(',', ",2026-01,", 1)
    );
    let plan = with("period = \"month\"", PeriodSource::Column("month".into()));
    let VaultError::BadRows(bad) = run(&vault, plan.clone(), &text).await.unwrap_err() else { panic!() };
    let said: Vec<_> = bad.problems.listed.iter().map(|p| (p.line, p.column.as_deref())).collect();
    assert_eq!(said, [(2, Some("month")), (3, Some("month"))]);
    assert!(bad.problems.listed[0].what.contains("needs a month"));
    assert!(!bad.problems.listed[1].what.contains("2062"), "no message repeats a cell");
    let report = run(&vault, with("period = \"timeless\"", PeriodSource::Schema), &csv(0..3)).await.unwrap();
    assert!(report.committed);
    let long = with("period = \"month\"\nlatest_period = \"2070-12\"", fixed("2062-01"));
    assert!(run(&vault, long, &csv(0..3)).await.unwrap().committed);
}

async fn implausible_days_are_refused_unless_the_schema_means_them<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    let born = |day: &str| format!("{HEADER}ID-1,{day},north,false,1.00,1.00,1.00,0\n");
    // It is 2026-01-15; somewhere the 16th has begun.
    for bad in ["2026-01-17", "2062-01-01", "1849-12-31", "0199-05-01"] {
        let error = run(&vault, plan(ImportMode::Add), &born(bad)).await.unwrap_err().to_string();
        assert!(error.contains("line 2, column born: must be between 1850-01-01 and 2026-01-16"), "{error}");
        assert!(!error.contains(bad));
    }
    let mut meant = plan(ImportMode::Add);
    let kind = "kind = \"date\"";
    let bounds = format!("{kind}\nearliest = \"0100-01-01\"\nlatest = \"2099-12-31\"");
    meant.schema = Schema::from_toml(&SCHEMA.replace(kind, &bounds)).unwrap();
    for good in ["2062-01-01", "0199-05-01"] {
        let dry = ImportPlan { dry_run: true, ..meant.clone() };
        assert_eq!(run(&vault, dry, &born(good)).await.unwrap().would_fail, None);
    }
    assert_eq!(run(&vault, plan(ImportMode::Add), &born("2026-01-16")).await.unwrap().progress.added, 1);
}

async fn what_a_spreadsheet_writes_is_read<B: Backing>() {
    let plain = csv(0..5);
    for (separator, end, head, tail) in [
        (",", "\n", "", ""),
        (";", "\r\n", "\u{feff}", "\r\n"),
        ("\t", "\r", "", "\r\r"),
        (";", "\r\n", "sep=;\r\n", ";;;;;;;\r\n;;;;;;;\r\n"),
        ("|", "\n", "", "\n\n"),
    ] {
        let registry = Registry::new();
        let vault = registry.create::<B>().await;
        let text = head.to_owned() + &plain.replace(',', separator).replace('\n', end) + tail;
        assert_eq!(import(&vault, text).await.progress.added, 5, "{separator:?}");
        // Blank columns at the end; and each line is the one that an editor shows.
        let blank = plain.replace('\n', ",,\n").replace(",false,", ",no,").replace(',', separator).replace('\n', end);
        let error = run(&vault, plan(registry::UPDATE), &(head.to_owned() + &blank)).await.unwrap_err();
        let VaultError::BadRows(bad) = error else { panic!("{error}") };
        let first = if head.starts_with("sep") { 4 } else { 3 };
        assert_eq!((bad.bad_rows, bad.problems.listed[0].line), (4, first), "{separator:?}");
    }
}

async fn what_is_no_sheet_is_named_and_a_header_shows_its_columns<B: Backing>() {
    let registry = Registry::new();
    let vault = registry.create::<B>().await;
    let utf16: Vec<u8> = "\u{feff}".encode_utf16().chain(csv(0..2).encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let latin = [HEADER.as_bytes(), b"ID-1,1950-02-03,north\xfc,false,1.00,1.00,1.00,0\n"].concat();
    let gbk = [HEADER.as_bytes(), b"ID-1,1950-02-03,\xb3\xaf\xd1\xf4\xc7\xf8,false,1.00,1.00,1.00,0\n"].concat();
    for (text, says) in [
        (utf16, "UTF-16"),
        (b"PK\x03\x04\x14\0".to_vec(), "workbook"),
        (latin, "column district: is not UTF-8; it looks like Windows-1252 (Latin-1)"),
        (gbk, "column district: is not UTF-8; it looks like GBK"),
        (
            HEADER.replace(',', ":").into_bytes(),
            "the header has no column national_id; its columns, separated by ,, are \"national_id:born",
        ),
        (
            HEADER.replace(',', ";").replace("born", "Born").into_bytes(),
            "no column born (\"Born\" was meant, probably: write it as born); its columns, separated by ;, are \"national_id\", \"Born\"",
        ),
        (citizen(1).into_bytes(), "line 1 names none of the columns that are needed (national_id, born, district"),
    ] {
        let error = vault.import(Cursor::new(text), plan(ImportMode::Add), |_| {}).await.unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
        assert!(!error.contains("ID-0"), "{error}");
    }
}
