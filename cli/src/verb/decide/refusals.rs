//! `sealroot decide --refusals DIR`: dates refusals in one batch, so that the chain shows neither how many there were nor whose.

use super::{Args, DecideReport, Recorded};
use crate::{
    chain::chain_failure,
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
    refusals::{BatchRoot, RefusalBatch},
    snapshot::SnapshotQuery,
};
use sealroot_verifier::verify::query;
use std::path::{Path, PathBuf};

/// A refused bundle of the directory.
struct Refusal {
    file: PathBuf,
    bundle: Bundle,
    digest: Digest,
}

/// Verifies every refusal of the directory as things are now, records the root of all, and writes each with its evidence.
///
/// What it was interrupted at, it finishes when it is run again on the same directory: a batch that is recorded keeps its date.
pub(super) async fn run(args: &Args, directory: &Path) -> Outcome<DecideReport> {
    let refusals = read(directory)?;
    let requester = requester(&refusals)?;
    let digests: Vec<Digest> = refusals.iter().map(|refusal| refusal.digest).collect();
    let batch = RefusalBatch::new(&digests).or_bad_input("bad-batch")?;

    let chain = args.chain.open().await?;
    let block = match recorded(&chain, &refusals[0], batch.root()).await? {
        Some(block) => block,
        None => {
            for refusal in &refusals {
                let verified = against_chain(&refusal.bundle, &chain, &args.keys).await;
                verified.map_err(|failure| failure.context(refusal.file.display()))?;
            }
            let key = read_signing_key(&args.signing_key)?;
            chain.record_refusals(&key, &requester, batch.root()).await.map_err(chain_failure)?.block.number
        }
    };

    let mut bytes = 0;
    for Refusal { file, mut bundle, digest } in refusals {
        let query = query(&bundle).map_err(rejected)?.in_batch(batch.root());
        let mut evidence = chain.collect_evidence(&query, block).await.map_err(chain_failure)?;
        evidence.refusals = batch.path(&digest);
        bundle.evidence = Some(evidence);
        bytes += files::write_document(&args.out.join(file.file_name().unwrap_or_default()), &bundle)?;
    }
    Ok(DecideReport {
        approved: false,
        amount: 0,
        nullifier: None,
        refusals: Some(digests.len()),
        block,
        recorded: Recorded::Batch,
        file: args.out.clone(),
        bytes,
    })
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

/// The block in which the requester recorded a batch; none if it didn't.
async fn recorded(chain: &impl Chain, any: &Refusal, batch: BatchRoot) -> Outcome<Option<u64>> {
    let query: SnapshotQuery = query(&any.bundle).map_err(rejected)?.in_batch(batch);
    let snapshot = chain.snapshot(&query).await.map_err(chain_failure)?;
    Ok(snapshot.refusals.map(|entry| entry.block))
}
