//! `sealroot decide --refusals DIR`: dates refusals in one batch, so that the chain shows the public neither how many there were nor whose.

use super::{Args, DecideReport, Entered, batch::BatchFile};
use crate::{
    chain::{provisional, sealers},
    failure::{Failure, OrFail, Outcome},
    files::{self, Form, Output, shown},
    secret::read_signing_key,
};
use sealroot_files::same_file;
use sealroot_office::{NamedBundle, date_refusals};
use sealroot_protocol::bundle::Bundle;
use sealroot_protocol::code::Code;
use sealroot_protocol::code::Coded;
use sealroot_protocol::printable::counted;
use std::path::{Path, PathBuf};

/// Dates the directory's refusals and writes each with its evidence. The output directory remembers what the batch consists of.
pub(super) async fn run(args: &Args, directory: &Path) -> Outcome<DecideReport> {
    refuse_same(directory, &args.out)?;
    let Found { bundles, unread } = read(directory)?;
    if let (true, Some((_, failure))) = (bundles.is_empty(), unread.first()) {
        return Err(Failure::new(failure.code(), failure.message()));
    }
    for named in &bundles {
        place_for(named, &args.out)?;
    }
    let (key, keys) = (read_signing_key(&args.signing_key)?, args.keys.universal_keys()?);
    let chain = args.chain.open().await?;
    let store = BatchFile::within(&args.out);
    let dated = date_refusals(bundles, &store, &chain, &keys, &key).await.map_err(Failure::of)?;
    args.chain.remember(&chain).await?;
    let mut bytes = 0;
    for NamedBundle { label, bundle } in dated.refusals {
        let digest = bundle.digest().or_fail(Code::BadBundle)?;
        let path = beside(&args.out, &label);
        bytes += files::keep(&path, Form::BUNDLE, &bundle, |old: &Bundle| old.digest().is_ok_and(|d| d == digest))?;
    }
    if let Some((label, rejection)) = dated.void.first() {
        let message = format!(
            "of {} of the batch {} at its time, the first of them {}: {rejection}",
            counted(dated.count, "refusal", "refusals"),
            counted(dated.void.len(), "doesn't hold", "don't hold"),
            shown(label),
        );
        return Err(Failure::new(rejection.code(), message)
            .advice("the others are written with their evidence; prove and decide these again"));
    }
    if let Some((label, failure)) = unread.first() {
        let message = format!(
            "{} dated by block {}; {} of the directory can't be read, the first of them {}: {}",
            counted(dated.count, "refusal is", "refusals are"),
            dated.block,
            counted(unread.len(), "file", "files"),
            shown(label),
            failure.message(),
        );
        return Err(Failure::new(failure.code(), message)
            .advice("get these bundles again, and date them in another batch with another --out"));
    }
    Ok(DecideReport {
        approved: false,
        amount: None,
        decision: None,
        refusals: Some(dated.count),
        left_out: dated.left_out,
        block: dated.block,
        entered: Entered::Batch,
        entered_before: None,
        provisional: provisional(&chain, dated.block).await?,
        file: args.out.clone(),
        bytes,
        block_hash: super::hash_of(&chain, dated.block).await?,
        unsealed: sealers(&chain).is_empty(),
        language: args.language.language,
    })
}

/// A directory of its own for what is written: after an interruption, dated and undated refusals would lie side by side.
fn refuse_same(directory: &Path, out: &Path) -> Outcome<()> {
    if same_file(directory, out) {
        let message = format!("--out is the directory of the refusals, {}", shown(directory));
        return Err(Failure::new(Code::SameDirectory, message).advice("choose another --out"));
    }
    Ok(())
}

/// Before anything is dated: what an earlier run wrote of the same refusal is its own work, and any other file is somebody else's.
fn place_for(named: &NamedBundle, out: &Path) -> Outcome<()> {
    let path = beside(out, &named.label);
    let own = || {
        let old: Bundle = files::read_document(&path).ok()?;
        Some(old.digest().ok()? == named.bundle.digest().ok()?)
    };
    if own() == Some(true) { Ok(()) } else { Output::new(&path, Form::BUNDLE).map(drop) }
}

fn beside(out: &Path, label: &str) -> PathBuf {
    out.join(Path::new(label).file_name().unwrap_or_default())
}

/// What the directory holds.
struct Found {
    bundles: Vec<NamedBundle>,
    /// Files that can't be read, with the reason: findings, which keep nobody else's refusal from being dated.
    unread: Vec<(PathBuf, Failure)>,
}

/// The directory's bundles, by file name.
fn read(directory: &Path) -> Outcome<Found> {
    let mut found = Found { bundles: Vec::new(), unread: Vec::new() };
    for path in files::list(directory, "json")? {
        match (path.to_str(), files::read_document(&path)) {
            (Some(label), Ok(bundle)) => found.bundles.push(NamedBundle { label: label.to_owned(), bundle }),
            (None, Ok(_)) => {
                let failure = Failure::new(Code::NotUtf8, "its name is not UTF-8").advice("rename the file");
                found.unread.push((path, failure));
            }
            (_, Err(failure)) => found.unread.push((path, failure)),
        }
    }
    Ok(found)
}
