//! `sealroot decide --refusals DIR`: dates refusals in one batch, so that the chain shows the public neither how many there were nor whose.

use super::{Args, DecideReport, Entered, batch::BatchFile};
use crate::{
    failure::{Failure, Outcome},
    files,
    secret::read_signing_key,
};
use sealroot_office::{NamedBundle, date_refusals};
use sealroot_protocol::code::Code;
use sealroot_protocol::code::Coded;
use std::path::{Path, PathBuf};

/// Dates the directory's refusals and writes each with its evidence. The output directory remembers what the batch consists of.
pub(super) async fn run(args: &Args, directory: &Path) -> Outcome<DecideReport> {
    refuse_same(directory, &args.out)?;
    let bundles = read(directory)?;
    let (key, keys) = (read_signing_key(&args.signing_key)?, args.keys.universal_keys()?);
    let chain = args.chain.open().await?;
    let store = BatchFile::within(&args.out);
    let dated = date_refusals(bundles, &store, &chain, &keys, &key).await.map_err(Failure::of)?;
    let mut bytes = 0;
    for NamedBundle { label, bundle } in dated.refusals {
        let name = Path::new(&label).file_name().unwrap_or_default();
        bytes += files::write_document(&args.out.join(name), &bundle)?;
    }
    if let Some((label, rejection)) = dated.void.first() {
        let message = format!(
            "{} of {} refusals of the batch don't hold at its time, the first of them {label}: {rejection}",
            dated.void.len(),
            dated.count,
        );
        return Err(Failure::new(rejection.code(), message)
            .advice("the others are written with their evidence; prove and decide these again"));
    }
    Ok(DecideReport {
        approved: false,
        amount: 0,
        nullifier: None,
        refusals: Some(dated.count),
        left_out: dated.left_out,
        block: dated.block,
        entered: Entered::Batch,
        file: args.out.clone(),
        bytes,
    })
}

/// A directory of its own for what is written: after an interruption, dated and undated refusals would lie side by side.
fn refuse_same(directory: &Path, out: &Path) -> Outcome<()> {
    let same = match (directory.canonicalize(), out.canonicalize()) {
        (Ok(directory), Ok(out)) => directory == out,
        _ => false,
    };
    if same {
        let message = format!("--out is the directory of the refusals, {}", directory.display());
        return Err(Failure::new(Code::SameDirectory, message).advice("choose another --out"));
    }
    Ok(())
}

/// The directory's bundles, by file name.
fn read(directory: &Path) -> Outcome<Vec<NamedBundle>> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(directory)
        .map_err(|e| Failure::from(e).context(directory.display()))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    let named =
        |path: PathBuf| Ok(NamedBundle { label: path.display().to_string(), bundle: files::read_document(&path)? });
    paths.into_iter().map(named).collect()
}
