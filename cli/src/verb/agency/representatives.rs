//! `agency representatives`: who may release a person's records in his place, and removing one.

use super::{VaultArgs, vault_failure};
use crate::failure::{Failure, OrBadInput, Outcome};
use sealroot_handover::Access;
use sealroot_protocol::{curve::PublicKey, field};
use serde::Serialize;
use std::fmt;

/// Lists or removes representatives.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Examples:\n  sealroot agency representatives --vault tax-office --national-id 20190311-0042\n  sealroot agency representatives --vault tax-office --national-id 20190311-0042 --remove 0x… --reason 'court order 4/26'\n\nWhat a removed representative signed before is refused from then on."
)]
pub struct RepresentativesArgs {
    /// Vault.
    #[command(flatten)]
    pub vault: VaultArgs,
    /// Who is represented
    #[arg(long)]
    pub national_id: String,
    /// Remove the representative with this key, as listed
    #[arg(long, value_name = "KEY", requires = "reason")]
    pub remove: Option<String>,
    /// Why, for the access log
    #[arg(long)]
    pub reason: Option<String>,
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
    let vault = args.vault.open().await?;
    let subject = vault.subject(&args.national_id).or_bad_input("bad-national-id")?;
    let listed = vault.representatives(subject).await.map_err(vault_failure)?;
    if let (Some(key), Some(reason)) = (&args.remove, &args.reason) {
        let found = listed.iter().find(|r| text(&r.key) == *key).ok_or_else(|| {
            Failure::bad_input("no-representative", "no representative of this person has that key")
                .advice("list them without --remove, and copy the key")
        })?;
        let access = Access { who: "clerk".into(), why: reason.clone() };
        vault.remove_representative(subject, &found.key, &access).await.map_err(vault_failure)?;
    }
    let left = vault.representatives(subject).await.map_err(vault_failure)?;
    vault.close().await;
    let line = |r: &sealroot_vault::represent::Representative| RepresentativeLine {
        key: text(&r.key),
        fingerprint: r.key.fingerprint(),
        until: r.until.map(|day| day.to_string()),
    };
    Ok(RepresentativesReport { representatives: left.iter().map(line).collect() })
}

fn text(key: &PublicKey) -> String {
    format!("{}{}", field::to_hex(key.x()), &field::to_hex(key.y())[2..])
}
