//! What people write: schemas, programs, policies, trust files, and what agencies export.

use crate::fixed;
use sealroot_policy::{PolicySource, compile};
use sealroot_protocol::{date::FactsPeriod, name::Name, program::Program, schema::Schema};
use sealroot_vault::{
    Argon2Cost, Creation, EmbeddedVault, MasterKey, Vault,
    import::{ImportMode, ImportPlan, Missing, Removal},
    master::write_key_file,
    rows::{Columns, PeriodSource},
    seal::Key,
};
use sealroot_verifier::trust::Trust;
use std::{io::Cursor, sync::LazyLock};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

/// A trust file: what is read is the same after writing and reading it again.
pub fn trust_file(data: &[u8]) {
    let Some(trust) = str::from_utf8(data).ok().and_then(|text| Trust::from_toml(text).ok()) else { return };
    let again = trust.to_toml().ok().and_then(|text| Trust::from_toml(&text).ok());
    assert!(again.as_ref() == Some(&trust), "a trust file that reads otherwise after it was written");
}

/// A schema, its id and its attributes.
pub fn schema(data: &[u8]) {
    let Some(schema) = str::from_utf8(data).ok().and_then(|text| Schema::from_toml(text).ok()) else { return };
    let _ = (schema.id(), schema.attributes());
}

/// A program's text.
pub fn program(data: &[u8]) {
    let Some(program) = str::from_utf8(data).ok().and_then(|text| Program::from_toml(text).ok()) else { return };
    let _ = (program.digest(), program.check());
}

const INCOME: &str = include_str!("../../examples/heating-allowance/income.schema.toml");
const CITIZEN: &str = include_str!("../../examples/heating-allowance/citizen.schema.toml");

/// A policy's text, compiled with the schemas of the heating allowance.
pub fn policy(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let source = PolicySource { file: "policy.toml".to_owned(), text: text.to_owned() };
    let schemas = |request: sealroot_policy::SchemaRequest<'_>| {
        let text = if request.reference.contains("income") { INCOME } else { CITIZEN };
        Schema::from_toml(text).map_err(|error| error.to_string())
    };
    let _ = compile(&source, &schemas).map(|compiled| compiled.words().shape());
}

/// A vault to import into, and the file system that it is in.
struct Importer {
    vault: EmbeddedVault,
    runtime: Runtime,
    _directory: TempDir,
}

static IMPORTER: LazyLock<Importer> = LazyLock::new(|| {
    let runtime = fixed(Builder::new_multi_thread().worker_threads(1).enable_all().build());
    let directory = fixed(tempfile::tempdir());
    let key = directory.path().join("master.key");
    fixed(write_key_file(&key, &Key::random()));
    let agency: Name = fixed("tax-office".parse());
    let creation = Creation { argon2: Argon2Cost::default(), ..Creation::default() };
    let vault = directory.path().join("vault");
    let vault = fixed(runtime.block_on(Vault::create_embedded(&vault, &agency, &MasterKey::File(key), creation)));
    Importer { vault, runtime, _directory: directory }
});

/// A CSV file: every row is read, and nothing is kept.
pub fn csv(data: &[u8]) {
    let Importer { vault, runtime, .. } = &*IMPORTER;
    let plan = ImportPlan {
        schema: fixed(Schema::from_toml(INCOME)),
        columns: Columns { period: PeriodSource::Fixed(fixed("2025-11".parse::<FactsPeriod>())), ..Columns::default() },
        mode: ImportMode::Update { missing: Missing::Remove(Removal::default()) },
        dry_run: true,
        skip_bad_rows: true,
    };
    let report = runtime.block_on(vault.import(Cursor::new(data.to_vec()), plan, |_| {}));
    assert!(report.is_err() || report.is_ok_and(|report| !report.committed), "a dry run that keeps something");
}
