//! A new vault: every schema is checked before anything is created.

use sealroot_protocol::{
    code::{Code, Coded},
    name::Name,
    schema::{Schema, SchemaError, SchemaId},
};
use sealroot_vault::{Creation, Timing, Vault, VaultError, seal::Key, store::Store};

/// What a new vault is given.
pub struct InitInput {
    /// The agency's name on chain.
    pub agency: Name,
    /// Schemas of the records that it will hold.
    pub schemas: Vec<Schema>,
    /// The subject key that agencies share; none: a fresh one.
    pub subject_key: Option<Key>,
    /// How long a replaced root may still be used, in days; no less than on chain.
    pub grace_days: u32,
}

/// A vault that exists now.
pub struct Initialised<S: Store> {
    /// It.
    pub vault: Vault<S>,
    /// Name and id of each schema, in the order given.
    pub schemas: Vec<(Name, SchemaId)>,
}

/// Why there is no new vault.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// A schema that isn't one.
    #[error("schema {name}: {error}")]
    Schema {
        /// Which.
        name: Name,
        /// What is wrong.
        error: SchemaError,
    },
    /// The vault's.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl Coded for InitError {
    fn code(&self) -> Code {
        match self {
            Self::Schema { .. } => Code::BadSchema,
            Self::Vault(error) => error.code(),
        }
    }

    fn advice(&self) -> Option<String> {
        match self {
            Self::Schema { .. } => None,
            Self::Vault(error) => error.advice(),
        }
    }
}

/// Creates a vault with its schemas. `create` makes the empty vault where the host keeps vaults.
pub async fn init<S: Store>(
    input: InitInput,
    create: impl AsyncFnOnce(&Name, Creation) -> Result<Vault<S>, VaultError>,
) -> Result<Initialised<S>, InitError> {
    for schema in &input.schemas {
        let wrong = |error| InitError::Schema { name: schema.name.clone(), error };
        schema.attributes().map_err(wrong)?;
    }
    let timing = Timing { grace: u64::from(input.grace_days) * 86_400, ..Timing::default() };
    let creation = Creation { timing, subject_key: input.subject_key, ..Creation::default() };
    let vault = create(&input.agency, creation).await?;
    let mut schemas = Vec::new();
    for schema in &input.schemas {
        schemas.push((schema.name.clone(), vault.add_schema(schema).await?));
    }
    Ok(Initialised { vault, schemas })
}
