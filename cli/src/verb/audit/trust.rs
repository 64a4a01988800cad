//! `sealroot trust`: a trust file from what a chain and its keys are now.

use crate::{
    chain::{ChainArgs, sealers},
    failure::{Failure, OrFail, Outcome},
    files::{self, Form, Output, shown},
    keys::{KeyArgs, universal_key_file},
};
use alloy_primitives::Address;
use sealroot_auditor::{ChainFacts, KeyFile, trust_in};
use sealroot_chain::{AnyChain, Chain};
use sealroot_protocol::{code::Code, signature::parse_address};
use sealroot_verifier::{
    trust::{PinnedBlock, PinnedCheckpoints},
    universal_key::UniversalKey,
};
use serde::Serialize;
use std::{
    fmt,
    path::{Path, PathBuf},
};

/// Writes a trust file.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Example:\n  sealroot trust --chain chain --keys keys --out audit/trust.toml\n\nPins what this chain and these keys are now. Before relying on it, an auditor compares it with what is known from elsewhere."
)]
pub struct TrustArgs {
    /// Chain.
    #[command(flatten)]
    pub chain: ChainArgs,
    /// Keys.
    #[command(flatten)]
    pub keys: KeyArgs,
    /// Organisations that sign checkpoints.
    #[command(flatten)]
    pub checkpoints: CheckpointArgs,
    /// Where it is written; the universal keys are copied beside it
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

/// Whose checkpoints count, on a network without seals.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct CheckpointArgs {
    /// Address of an organisation whose checkpoints count on a network without seals; several
    #[arg(long = "checkpoint-signer", value_name = "ADDRESS", value_parser = parse_address)]
    pub signers: Vec<Address>,
    /// How many of them must sign a block; default: all
    #[arg(long = "checkpoints-needed", value_name = "COUNT", requires = "signers")]
    pub needed: Option<u8>,
}

impl CheckpointArgs {
    fn pinned(&self) -> Outcome<Option<PinnedCheckpoints>> {
        if self.signers.is_empty() {
            return Ok(None);
        }
        let needed = self.needed.unwrap_or(u8::try_from(self.signers.len()).unwrap_or(u8::MAX));
        let pinned = PinnedCheckpoints { needed, signers: self.signers.clone() };
        pinned.check().or_fail(Code::BadTrustFile)?;
        Ok(Some(pinned))
    }
}

/// A block that a network without seals is known by: the newest final one, or the newest where its node says of none that it is final.
async fn known_block(chain: &AnyChain) -> Outcome<Option<PinnedBlock>> {
    if !sealers(chain).is_empty() {
        return Ok(None);
    }
    let finalized = chain.finalized().await.map_err(Failure::of)?;
    let block = if finalized.number > 0 { finalized } else { chain.head().await.map_err(Failure::of)? };
    Ok(Some(PinnedBlock { number: block.number, hash: block.hash }))
}

/// A trust file.
#[derive(Debug, Serialize)]
pub struct TrustReport {
    file: PathBuf,
    chain_id: u64,
    /// One key on an embedded chain; none on a network whose seals aren't checked.
    sealers: Vec<String>,
}

impl fmt::Display for TrustReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by = match self.sealers.as_slice() {
            [] => "without a sealer".to_owned(),
            [sealer] => format!("with single sealer {sealer}"),
            sealers => format!("with sealers {}", sealers.join(", ")),
        };
        write!(f, "trust file for chain {} {by} written to {}", self.chain_id, shown(&self.file))
    }
}

/// Runs it.
pub async fn trust(args: &TrustArgs) -> Outcome<TrustReport> {
    let place = TrustPlace::new(&args.out, &args.keys, &args.checkpoints)?;
    let chain = args.chain.open().await?;
    place.write(&chain).await
}

/// Where a trust file is to be, and the universal keys that it pins: looked after before anything is done that it tells of.
pub struct TrustPlace<'a> {
    out: Output,
    file: &'a Path,
    keys: Vec<UniversalKey>,
    checkpoints: Option<PinnedCheckpoints>,
}

impl<'a> TrustPlace<'a> {
    /// Fails where the file can't be written, or a key isn't there.
    pub fn new(file: &'a Path, keys: &KeyArgs, checkpoints: &CheckpointArgs) -> Outcome<Self> {
        let checkpoints = checkpoints.pinned()?;
        let out = Output::new(file, Form::public("a trust file"))?;
        let keys = keys.shapes()?.into_iter().map(|shape| keys.universal_key(shape)).collect::<Outcome<_>>()?;
        Ok(Self { out, file, keys, checkpoints })
    }

    /// Pins what the chain is now, and copies the keys beside the file.
    pub async fn write(self, chain: &AnyChain) -> Outcome<TrustReport> {
        let facts = ChainFacts {
            chain_id: chain.chain_id(),
            contracts: chain.contracts(),
            code_hashes: chain.code_hashes().await.map_err(Failure::of)?.to_vec(),
            known_block: known_block(chain).await?,
            sealers: sealers(chain),
            checkpoints: self.checkpoints,
        };
        let key_files: Vec<_> =
            self.keys.iter().map(|key| KeyFile { key, name: universal_key_file(key.shape()) }).collect();
        let trust = trust_in(&facts, &key_files).map_err(Failure::of)?;
        let mut copies = Vec::new();
        for KeyFile { key, name } in &key_files {
            let (path, bytes) = (self.file.with_file_name(name), key.to_bytes());
            // The directory of the keys has them already.
            if !files::read(&path).is_ok_and(|there| there == bytes) {
                copies.push((Output::new(&path, Form::public("a universal key"))?, bytes));
            }
        }
        for (place, bytes) in copies {
            place.put(&bytes)?;
        }
        self.out.put(trust.to_toml().or_fail(Code::BadTrustFile)?.as_bytes())?;
        let sealers = facts.sealers.iter().map(ToString::to_string).collect();
        Ok(TrustReport { file: self.file.to_owned(), chain_id: trust.chain_id, sealers })
    }
}
