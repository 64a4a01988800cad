//! `agency representatives`: listing and removing representatives, who may release a person's records.

use super::{VaultArgs, enrol::clerk};
use crate::{
    failure::{Failure, Outcome},
    identity::NationalIdArgs,
};
use sealroot_agency::represent::{self, RemoveInput};
use sealroot_vault::represent::Representative;
use serde::Serialize;
use std::fmt;

/// Lists or removes representatives.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Examples:\n  sealroot agency representatives --vault tax-office --national-id-file id\n  sealroot agency representatives --vault tax-office --national-id-file id --remove 0x… --why 'court order 4/26'\n\nWhat a removed representative signed before is rejected from then on."
)]
pub struct RepresentativesArgs {
    /// Vault.
    #[command(flatten)]
    pub vault: VaultArgs,
    /// The person that is represented.
    #[command(flatten)]
    pub person: NationalIdArgs,
    /// Remove the representative with this key, as listed
    #[arg(long, value_name = "KEY", requires = "why")]
    pub remove: Option<String>,
    /// Why, for the access log
    #[arg(long, alias = "reason", value_parser = super::reason)]
    pub why: Option<String>,
}

/// Representatives.
#[derive(Debug, Serialize)]
pub struct RepresentativesReport {
    representatives: Vec<RepresentativeLine>,
}

#[derive(Debug, Serialize)]
struct RepresentativeLine {
    /// `0x` and the digits of both coordinates.
    key: String,
    /// As the access log names the key.
    fingerprint: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
}

impl fmt::Display for RepresentativesReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.representatives.is_empty() {
            return f.write_str("nobody represents this person here");
        }
        for (i, line) in self.representatives.iter().enumerate() {
            let until = line.until.as_ref().map_or("until removed".to_owned(), |day| format!("until {day}"));
            write!(f, "{}{} ({}) {until}", if i > 0 { "\n" } else { "" }, line.key, line.fingerprint)?;
        }
        Ok(())
    }
}

/// Runs it.
pub async fn representatives(args: &RepresentativesArgs) -> Outcome<RepresentativesReport> {
    let national_id = args.person.source().read()?;
    let vault = args.vault.open().await?;
    let left = match (&args.remove, &args.why) {
        (Some(key), Some(why)) => {
            let input = RemoveInput { national_id, key: key.clone(), access: clerk(why.clone()) };
            represent::remove_representative(&input, &vault).await.map_err(Failure::of)?
        }
        _ => represent::representatives(&national_id, &vault).await.map_err(Failure::of)?,
    };
    vault.close().await;
    let line = |r: &Representative| RepresentativeLine {
        key: represent::key_text(&r.key),
        fingerprint: r.key.fingerprint(),
        until: r.until.map(|day| day.to_string()),
    };
    Ok(RepresentativesReport { representatives: left.iter().map(line).collect() })
}
