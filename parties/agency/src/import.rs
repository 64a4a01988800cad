//! Importing records: all of a file or nothing, under a schema that the vault has or is given with the file.

use sealroot_protocol::printable::quoted;
use sealroot_protocol::{
    code::{Code, Coded},
    schema::Schema,
};
use sealroot_vault::{
    Vault, VaultError,
    import::{ImportMode, ImportPlan, ImportReport, Progress},
    rows::Columns,
    store::Store,
};
use std::io::Read;

/// What the columns of a file mean.
#[derive(Debug, Clone)]
pub enum SchemaChoice {
    /// A schema of the vault, by name.
    Named(String),
    /// A schema that comes with the file; the vault learns it.
    Given(Box<Schema>),
}

/// What to import, and how.
#[derive(Debug, Clone)]
pub struct ImportInput {
    /// What the columns mean.
    pub schema: SchemaChoice,
    /// Which columns hold id, key and period.
    pub columns: Columns,
    /// Add, or compare and update.
    pub mode: ImportMode,
    /// Only say what would change.
    pub dry_run: bool,
    /// Import the good rows of a file that has bad ones.
    pub skip_bad_rows: bool,
}

/// Why nothing was imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The vault has no schema of this name.
    #[error("the vault has no schema {}", quoted(.0))]
    UnknownSchema(String),
    /// The vault's, bad rows among it.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl Coded for ImportError {
    fn code(&self) -> Code {
        match self {
            Self::UnknownSchema(_) => Code::UnknownSchema,
            Self::Vault(error) => error.code(),
        }
    }

    fn advice(&self) -> Option<String> {
        match self {
            Self::UnknownSchema(_) => Some(
                "`sealroot agency status` lists them; `sealroot agency init --schema` and `import --schema FILE` add them"
                    .into(),
            ),
            Self::Vault(error) => error.advice(),
        }
    }
}

/// Imports the rows of a CSV file. `progress` is called now and then.
pub async fn import<S: Store>(
    input: ImportInput,
    csv: impl Read + Send + 'static,
    vault: &Vault<S>,
    progress: impl FnMut(&Progress) + Send,
) -> Result<ImportReport, ImportError> {
    let ImportInput { schema, columns, mode, dry_run, skip_bad_rows } = input;
    let schema = match schema {
        SchemaChoice::Given(schema) => *schema,
        SchemaChoice::Named(name) => schema_named(vault, name).await?,
    };
    let plan = ImportPlan { schema, columns, mode, dry_run, skip_bad_rows };
    Ok(vault.import(csv, plan, progress).await?)
}

async fn schema_named<S: Store>(vault: &Vault<S>, name: String) -> Result<Schema, ImportError> {
    let mut schemas = vault.schemas().await?.into_values();
    schemas.find(|schema| schema.name.as_str() == name).ok_or(ImportError::UnknownSchema(name))
}
