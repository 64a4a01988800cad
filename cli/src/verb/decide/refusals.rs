//! `sealroot decide --refusals DIR`: dates refusals in one batch, so that the chain shows the public neither how many there were nor whose.

use super::{Args, DecideReport, Recorded, batch::Begun};
use crate::{
    failure::{Failure, OrBadInput, Outcome},
    files,
    secret::read_signing_key,
    verb::verify::{against_chain, rejected},
};
use sealroot_chain::{Calls, Chain};
use sealroot_protocol::{
    bundle::Bundle,
    field::Digest,
    name::Name,
    refusals::BatchRoot,
    snapshot::{RefusalsEntry, SnapshotQuery},
};
use sealroot_verifier::{verify, verify::query};
use std::path::{Path, PathBuf};

/// A refused bundle of the directory.
struct Refusal {
    file: PathBuf,
    bundle: Bundle,
    digest: Digest,
}

/// Verifies every refusal of the directory as things are now, records the root of all, and writes each with its evidence.
///
/// What it was interrupted at, it finishes when it is run again with the same output directory, which remembers what the batch consists of: refusals that
/// came to the directory later are left for another batch, and a batch that is recorded keeps its date.
pub(super) async fn run(args: &Args, directory: &Path) -> Outcome<DecideReport> {
    refuse_same(directory, &args.out)?;
    let mut refusals = read(directory)?;
    let requester = requester(&refusals)?;
    let key = read_signing_key(&args.signing_key)?;
    let chain = args.chain.open().await?;
    let begun = match Begun::read(&args.out)? {
        Some(begun) => begun,
        None => {
            hold_now(&refusals, args, &chain).await?;
            Begun::write(&args.out, refusals.iter().map(|refusal| refusal.digest).collect())?
        }
    };
    let found = refusals.len();
    refusals.retain(|refusal| begun.holds(&refusal.digest));
    if refusals.len() < begun.len() {
        let message = format!("{} of the batch's {} refusals", begun.len() - refusals.len(), begun.len());
        return Err(Failure::bad_input("batch-incomplete", format!("{message} are not in {}", directory.display()))
            .advice("put them back: their batch was begun, and they are dated by no other file"));
    }
    let batch = begun.batch()?;
    let entry = match recorded(&chain, &refusals[0], batch.root()).await? {
        Some(entry) => entry,
        None => {
            hold_now(&refusals, args, &chain).await.map_err(|e| {
                e.advice("nothing of this batch is recorded: take out what doesn't hold, and choose another --out")
            })?;
            chain.date_refusals(&key, &requester, batch.root()).await.map_err(Failure::of)?;
            let entry = recorded(&chain, &refusals[0], batch.root()).await?;
            entry.ok_or_else(|| Failure::rejected("not-recorded", "the chain took the batch and doesn't show it"))?
        }
    };

    let keys = args.keys.universal_keys()?;
    let (mut bytes, mut void) = (0, Vec::new());
    for Refusal { file, mut bundle, digest } in refusals {
        let query = query(&bundle).map_err(rejected)?.in_batch(batch.root());
        // Auditors judge it by the batch's block. What doesn't hold there, whoever recorded it, is dated to no purpose.
        let snapshot = chain.snapshot_at(&query, entry.block).await.map_err(Failure::of)?;
        if let Err(rejection) = verify(&bundle, &snapshot, &keys, entry.recorded_at) {
            void.push((file, rejection));
            continue;
        }
        let mut evidence = chain.collect_evidence(&query, entry.block).await.map_err(Failure::of)?;
        evidence.refusals = batch.path(&digest);
        bundle.evidence = Some(evidence);
        bytes += files::write_document(&args.out.join(file.file_name().unwrap_or_default()), &bundle)?;
    }
    if let Some((file, rejection)) = void.first() {
        let message = format!(
            "{} of {} refusals of the batch don't hold at its time, the first of them {}: {rejection}",
            void.len(),
            begun.len(),
            file.display()
        );
        return Err(Failure::rejected(rejection.reason(), message)
            .advice("the others are written with their evidence; prove and decide these again"));
    }
    Ok(DecideReport {
        approved: false,
        amount: 0,
        nullifier: None,
        refusals: Some(begun.len()),
        left_out: found - begun.len(),
        block: entry.block,
        recorded: Recorded::Batch,
        file: args.out.clone(),
        bytes,
    })
}

/// Every refusal holds as things are now.
async fn hold_now(refusals: &[Refusal], args: &Args, chain: &impl Chain) -> Outcome<()> {
    for refusal in refusals {
        let verified = against_chain(&refusal.bundle, chain, &args.keys).await;
        verified.map_err(|failure| failure.context(refusal.file.display()))?;
    }
    Ok(())
}

/// A directory of its own for what is written: after an interruption, dated and undated refusals would lie side by side.
fn refuse_same(directory: &Path, out: &Path) -> Outcome<()> {
    let same = match (directory.canonicalize(), out.canonicalize()) {
        (Ok(directory), Ok(out)) => directory == out,
        _ => false,
    };
    if same {
        let message = format!("--out is the directory of the refusals, {}", directory.display());
        return Err(Failure::bad_input("same-directory", message).advice("choose another --out"));
    }
    Ok(())
}

/// The directory's bundles, by file name.
fn read(directory: &Path) -> Outcome<Vec<Refusal>> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(directory)
        .map_err(|e| Failure::from(e).context(directory.display()))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    let refusal = |file: PathBuf| {
        let bundle: Bundle = files::read_document(&file)?;
        if bundle.decision.approved {
            let message = format!("{} is an approval: decide it by itself, it spends its nullifier", file.display());
            return Err(Failure::rejected("not-a-refusal", message));
        }
        if bundle.evidence.as_ref().is_some_and(|evidence| evidence.refusals.is_some()) {
            let message = format!("{} is dated by a batch already", file.display());
            return Err(Failure::rejected("already-dated", message).advice("take it out of the directory"));
        }
        let digest = bundle.digest().or_bad_input("bad-document")?;
        Ok(Refusal { file, bundle, digest })
    };
    let refusals: Vec<Refusal> = paths.into_iter().map(refusal).collect::<Outcome<_>>()?;
    if refusals.is_empty() {
        return Err(Failure::bad_input("no-refusals", format!("{} holds no bundle (*.json)", directory.display())));
    }
    Ok(refusals)
}

/// Who asked; one batch is one requester's.
fn requester(refusals: &[Refusal]) -> Outcome<Name> {
    let asked = |refusal: &Refusal| refusal.bundle.request.request.requester.clone();
    let first = asked(&refusals[0]);
    match refusals.iter().find(|refusal| asked(refusal) != first) {
        None => Ok(first),
        Some(other) => {
            let message = format!("{} was asked by {}, others by {first}", other.file.display(), asked(other));
            Err(Failure::bad_input("several-requesters", message).advice("one directory per requester"))
        }
    }
}

/// The requester's entry of a batch; none if it isn't recorded.
async fn recorded(chain: &impl Chain, any: &Refusal, batch: BatchRoot) -> Outcome<Option<RefusalsEntry>> {
    let query: SnapshotQuery = query(&any.bundle).map_err(rejected)?.in_batch(batch);
    Ok(chain.snapshot(&query).await.map_err(Failure::of)?.refusals)
}
