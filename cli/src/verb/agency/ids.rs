//! `agency check-ids` and `agency change-id`.

use super::{VaultArgs, enrol::clerk, read_schema};
use crate::{
    failure::{Failure, Outcome},
    identity::{NewIdArgs, OldIdArgs},
    ui::Ui,
};
use sealroot_agency::ids::{self as party, CheckIdsInput};
use sealroot_protocol::{code::Code, printable::counted};
use sealroot_vault::change_id::ChangeOfId;
use serde::Serialize;
use std::{fmt, fs::File, path::PathBuf};

/// Looks at the ids of a file.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Examples:\n  sealroot agency check-ids --vault tax-office income.csv\n  sealroot agency check-ids --vault tax-office --schema income-2.schema.toml income.csv      (before a schema that says what ids look like is used)\n\nNothing is changed. Exit code 1: there is something to mend."
)]
pub struct CheckIdsArgs {
    /// Vault.
    #[command(flatten)]
    pub vault: VaultArgs,
    /// The CSV file, with a header line
    pub csv: PathBuf,
    /// Column of the national id
    #[arg(long, value_name = "COLUMN", default_value = "national_id")]
    pub id_column: String,
    /// Schema file that says what ids look like (default: what the vault's schemas say)
    #[arg(long, value_name = "FILE")]
    pub schema: Option<PathBuf>,
}

/// What the ids of a file come to.
#[derive(Debug, Serialize)]
pub struct CheckIdsReport {
    rows: u64,
    refused: Vec<RefusedId>,
    one_person: Vec<Vec<u64>>,
    #[serde(skip)]
    clean: bool,
    known_otherwise: Vec<u64>,
    changed: Vec<u64>,
    alike: Vec<Vec<u64>>,
    alike_known: Vec<u64>,
}

/// An id that no row can have.
#[derive(Debug, Serialize)]
struct RefusedId {
    line: u64,
    reason: String,
}

impl fmt::Display for CheckIdsReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", counted(self.rows, "row", "rows"))?;
        if self.clean {
            return write!(f, ": every id is one person's, in one spelling");
        }
        for refused in &self.refused {
            write!(f, "\n  line {}: {}", refused.line, refused.reason)?;
        }
        for lines in &self.one_person {
            write!(f, "\n  lines {}: one person, spelled differently", list(lines))?;
        }
        if !self.known_otherwise.is_empty() {
            write!(
                f,
                "\n  lines {}: the vault knows this id as it is written, from before ids had one spelling; \
                 `sealroot agency change-id --as-written` makes both one person",
                list(&self.known_otherwise)
            )?;
        }
        if !self.changed.is_empty() {
            write!(
                f,
                "\n  lines {}: another id took the place of this one (`sealroot agency change-id`); write the person's new id, an import refuses this one",
                list(&self.changed)
            )?;
        }
        for lines in &self.alike {
            write!(f, "\n  lines {}: different ids that look alike, in letters of different scripts", list(lines))?;
        }
        if !self.alike_known.is_empty() {
            write!(
                f,
                "\n  lines {}: the id looks like another person's in the vault, in letters of another script; correct it, or make both one person: \
                 `sealroot agency change-id`",
                list(&self.alike_known)
            )?;
        }
        Ok(())
    }
}

fn list(lines: &[u64]) -> String {
    lines.iter().map(u64::to_string).collect::<Vec<_>>().join(", ")
}

/// Runs it.
pub async fn check_ids(args: &CheckIdsArgs, ui: Ui) -> Outcome<()> {
    let file =
        File::open(&args.csv).map_err(|e| Failure::new(Code::FileNotFound, format!("{}: {e}", args.csv.display())))?;
    let schema = args.schema.as_deref().map(read_schema).transpose()?;
    let vault = args.vault.open().await?;
    let input = CheckIdsInput { column: args.id_column.clone(), schema };
    let found = party::check_ids(input, file, &vault).await.map_err(Failure::of)?;
    vault.close().await;
    let clean = found.is_clean();
    ui.report(&CheckIdsReport {
        rows: found.rows,
        refused: found.refused.into_iter().map(|(line, reason)| RefusedId { line, reason }).collect(),
        one_person: found.one_person,
        clean,
        known_otherwise: found.known_otherwise,
        changed: found.changed,
        alike: found.alike,
        alike_known: found.alike_known,
    })?;
    if clean { Ok(()) } else { Err(Failure::new(Code::IdsDiffer, "the file has ids that don't mean one person each")) }
}

/// Another id for the same person.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Examples:\n  sealroot agency change-id --vault tax-office --old-file old-id --new-file id --why 'residence permit 7/26'\n  sealroot agency anchor --vault tax-office --signing-key tax-office/signing.key      (so that proofs name the new id)\n\nTo a vault another id is another person, who could be approved once more. Tell the vault before a file with the new id is imported. The person enrols the wallet again, \
                  under the new id, and the wallet answers with --replace; its key serves periods that begin after the grace of the old root, because a period that it served before must not be served twice."
)]
pub struct ChangeIdArgs {
    /// Vault.
    #[command(flatten)]
    pub vault: VaultArgs,
    /// The id that the vault knows.
    #[command(flatten)]
    pub old: OldIdArgs,
    /// The id from now on.
    #[command(flatten)]
    pub new: NewIdArgs,
    /// Take the old id as it is written: it is from before ids had one spelling (`check-ids` names such lines)
    #[arg(long)]
    pub as_written: bool,
    /// Go on although the vault keeps nothing of the old id: the records were removed, and the id was used before
    #[arg(long)]
    pub although_unknown: bool,
    /// Why, for the access log, which the person can read: the document that shows that both ids are one person's
    #[arg(long, value_parser = super::reason)]
    pub why: String,
}

/// What the change did.
#[derive(Debug, Serialize)]
pub struct ChangeIdReport {
    records: u64,
    households: u64,
    enrol_again: bool,
    representatives: usize,
}

impl fmt::Display for ChangeIdReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the id is changed: in {} and {} the new one stands; anchor the new root soon",
            counted(self.records, "record", "records"),
            counted(self.households, "household", "households")
        )?;
        if self.enrol_again {
            write!(
                f,
                "\n  the person enrols the wallet again, under the new id: `sealroot agency enrol`, and the wallet answers with `--replace`"
            )?;
        }
        if self.representatives > 0 {
            let representatives = counted(self.representatives, "representative", "representatives");
            write!(f, "\n  to be registered again, under the new id: {representatives}")?;
        }
        Ok(())
    }
}

/// Runs it.
pub async fn change_id(args: &ChangeIdArgs) -> Outcome<ChangeIdReport> {
    let (old, new) = (args.old.source().read()?, args.new.source().read()?);
    let vault = args.vault.open().await?;
    let (as_written, although_unknown) = (args.as_written, args.although_unknown);
    let change = ChangeOfId { old, as_written, although_unknown, new };
    let changed = party::change_id(&change, &clerk(args.why.clone()), &vault).await.map_err(Failure::of)?;
    vault.close().await;
    Ok(ChangeIdReport {
        records: changed.records,
        households: changed.households,
        enrol_again: changed.enrol_again,
        representatives: changed.representatives,
    })
}
