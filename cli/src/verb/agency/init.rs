//! `agency init`: a new vault.

use super::{VaultArgs, read_schema};
use crate::failure::{Failure, OrFail, Outcome};
use crate::files::{Form, Output, shown};
use sealroot_agency::init::{self as party, InitInput, Initialised};
use sealroot_protocol::code::Code;
use sealroot_protocol::name::Name;
use sealroot_vault::{Vault, master, seal::Key};
use serde::Serialize;
use std::{fmt, path::PathBuf};

/// Creates a vault.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Examples:\n  sealroot agency init --vault tax-office --name tax-office --schema income.schema.toml\n  sealroot agency init --vault registry --name civil-registry --schema citizen.schema.toml --subject-key tax-office/subject.key"
)]
pub struct InitArgs {
    /// Vault.
    #[command(flatten)]
    pub vault: VaultArgs,
    /// The agency's name on chain: 1 to 31 characters of a-z, 0-9 and '-'
    #[arg(long)]
    pub name: Name,
    /// Schemas of the records that it will hold
    #[arg(long = "schema", value_name = "FILE")]
    pub schemas: Vec<PathBuf>,
    /// Key file from which all agencies derive the same pseudonymous subject ids; made by the first agency with --export-subject-key
    #[arg(long, value_name = "FILE")]
    pub subject_key: Option<PathBuf>,
    /// Write this vault's subject key to a file for the next agency; anybody who has it can test guesses of national ids
    #[arg(long, value_name = "FILE")]
    pub export_subject_key: Option<PathBuf>,
    /// Days for which a replaced root may still be used; at most 90, the same as on chain
    #[arg(long, value_name = "DAYS", default_value_t = 3, value_parser = clap::value_parser!(u32).range(0..=90))]
    pub grace_days: u32,
}

/// What was created.
#[derive(Debug, Serialize)]
pub struct InitReport {
    vault: PathBuf,
    agency: Name,
    schemas: Vec<SchemaLine>,
}

#[derive(Debug, Serialize)]
struct SchemaLine {
    name: Name,
    id: String,
}

impl fmt::Display for InitReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "created the vault of {} in {}", self.agency, shown(&self.vault))?;
        for schema in &self.schemas {
            write!(f, "\n  schema {} {}", schema.name, schema.id)?;
        }
        Ok(())
    }
}

/// Runs it.
pub async fn init(args: &InitArgs) -> Outcome<InitReport> {
    // All input is read before anything is created.
    let schemas = args.schemas.iter().map(|path| read_schema(path)).collect::<Outcome<Vec<_>>>()?;
    let subject_key =
        args.subject_key.as_deref().map(master::read_key_file).transpose().or_fail(Code::BadSubjectKey)?;
    let export = args.export_subject_key.as_deref();
    let export = export.map(|path| Output::new(path, Form::secret("a subject key"))).transpose()?;
    let master = args.vault.new_master_key()?;
    // Before the vault: the next agency's key can't be had from a vault whose export failed.
    let subject_key = match &export {
        None => subject_key,
        Some(place) => {
            let key = subject_key.unwrap_or_else(Key::random);
            master::write_key_file(place.path(), &key).or_fail(Code::SubjectKeyUnwritable)?;
            Some(key)
        }
    };
    let input = InitInput { agency: args.name.clone(), schemas, subject_key, grace_days: args.grace_days };
    let create =
        async |agency: &Name, creation| Vault::create_embedded(&args.vault.vault, agency, &master, creation).await;
    let Initialised { vault, schemas } = match party::init(input, create).await {
        Ok(initialised) => initialised,
        Err(error) => {
            // The key of a vault that isn't there.
            export.iter().for_each(|place| _ = std::fs::remove_file(place.path()));
            return Err(Failure::of(error));
        }
    };
    vault.close().await;
    let schemas = schemas.into_iter().map(|(name, id)| SchemaLine { name, id: id.to_string() }).collect();
    Ok(InitReport { vault: args.vault.vault.clone(), agency: args.name.clone(), schemas })
}
