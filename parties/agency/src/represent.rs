//! Representatives, who release a person's records in that person's place: listing and removing them.

use sealroot_handover::Access;
use sealroot_protocol::{
    code::{Code, Coded},
    curve::PublicKey,
    field,
};
use sealroot_vault::{Vault, VaultError, represent::Representative, store::Store};

/// Which representative is removed.
pub struct RemoveInput {
    /// Whose.
    pub national_id: String,
    /// The key, as [`key_text`] writes it.
    pub key: String,
    /// The clerk that removes them, as the access log names the clerk, and why.
    pub access: Access,
}

/// Why nobody was removed.
#[derive(Debug, thiserror::Error)]
pub enum RemoveError {
    /// The key is no representative's.
    #[error("no representative of this person has that key")]
    NoRepresentative,
    /// The vault's.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl Coded for RemoveError {
    fn code(&self) -> Code {
        match self {
            Self::NoRepresentative => Code::NoRepresentative,
            Self::Vault(error) => error.code(),
        }
    }

    fn advice(&self) -> Option<String> {
        match self {
            Self::NoRepresentative => Some("list them first, and copy the key".into()),
            Self::Vault(error) => error.advice(),
        }
    }
}

/// The representatives of a person, oldest first; those whose last day has passed are still listed.
pub async fn representatives<S: Store>(national_id: &str, vault: &Vault<S>) -> Result<Vec<Representative>, VaultError> {
    vault.representatives(vault.subject(national_id)?).await
}

/// Removes one: what they signed before is rejected from now on. Returns who is left.
pub async fn remove_representative<S: Store>(
    input: &RemoveInput,
    vault: &Vault<S>,
) -> Result<Vec<Representative>, RemoveError> {
    let listed = representatives(&input.national_id, vault).await?;
    let found = listed.iter().find(|r| key_text(&r.key) == input.key).ok_or(RemoveError::NoRepresentative)?;
    let subject = vault.subject(&input.national_id).map_err(VaultError::from)?;
    vault.remove_representative(subject, &found.key, &input.access).await?;
    Ok(vault.representatives(subject).await?)
}

/// A representative's key as clerks copy it: `0x` and the digits of both coordinates.
pub fn key_text(key: &PublicKey) -> String {
    format!("{}{}", field::to_hex(key.x()), &field::to_hex(key.y())[2..])
}
