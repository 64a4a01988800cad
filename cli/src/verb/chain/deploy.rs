//! `sealroot chain deploy`: the contracts on an EVM network.

use crate::{
    failure::{Failure, Outcome},
    keys::KeyArgs,
    secret::read_signing_key,
    ui::Ui,
    verb::audit::{CheckpointArgs, TrustPlace, TrustReport},
};
use alloy_primitives::Address;
use sealroot_chain::{
    AnyChain, NetworkChain, NetworkOptions,
    rpc::{Deployment, MAX_GAS_PRICE},
};
use sealroot_protocol::{code::Code, signature::parse_address};
use serde::Serialize;
use std::{fmt, path::PathBuf};

/// Deploys.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Example:\n  sealroot chain deploy --rpc https://node.example --deployer deployer.key --officer 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed --officer 0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359 --keys keys --out trust.toml\n\nThe deployer's key must have sent nothing yet: its first seven transactions make the contracts' addresses. Afterwards it has no power. Run it again with the same key and terms where it was interrupted. The trust file pins what is there; give it to everybody who uses the chain."
)]
pub struct Args {
    /// Address of a node of the network
    #[arg(long, value_name = "URL", env = "SEALROOT_RPC")]
    pub rpc: String,
    /// Signing key that sends the creations; on a network with fees it needs a balance
    #[arg(long, value_name = "KEYFILE")]
    pub deployer: PathBuf,
    /// Address of an officer's key (`sealroot key show`); at least two
    #[arg(long = "officer", value_name = "ADDRESS", required = true, value_parser = parse_address)]
    pub officers: Vec<Address>,
    /// Seconds between proposal and confirmation of an enactment: a minute to 90 days, and it never changes
    #[arg(long, value_name = "SECONDS", default_value_t = 259_200, value_parser = clap::value_parser!(u64).range(60..=7_776_000))]
    pub delay: u64,
    /// Blocks that must follow a transaction's block before it counts
    #[arg(long, value_name = "BLOCKS", env = "SEALROOT_CONFIRMATIONS", default_value_t = 0, value_parser = clap::value_parser!(u64).range(0..=10_000))]
    pub confirmations: u64,
    /// The most that a unit of gas may cost, in wei
    #[arg(long, value_name = "WEI", env = "SEALROOT_MAX_GAS_PRICE", default_value_t = MAX_GAS_PRICE)]
    pub max_gas_price: u64,
    /// Keys.
    #[command(flatten)]
    pub keys: KeyArgs,
    /// Organisations that sign checkpoints.
    #[command(flatten)]
    pub checkpoints: CheckpointArgs,
    /// Where the trust file is written; the universal keys are copied beside it
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

/// What is there now.
#[derive(Debug, Serialize)]
pub struct DeployReport {
    #[serde(flatten)]
    trust: TrustReport,
    /// Whose first transactions they are: `chain verify-deployment` asks for it.
    deployer: String,
    contracts: Vec<ContractLine>,
}

#[derive(Debug, Serialize)]
struct ContractLine {
    name: &'static str,
    address: String,
}

impl fmt::Display for DeployReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for ContractLine { name, address } in &self.contracts {
            writeln!(f, "{name:10} {address}")?;
        }
        writeln!(f, "deployer   {}", self.deployer)?;
        write!(f, "{}", self.trust)
    }
}

/// Runs it.
pub async fn run(args: &Args, ui: Ui) -> Outcome<DeployReport> {
    let place = TrustPlace::new(&args.out, &args.keys, &args.checkpoints)?;
    let deployer = read_signing_key(&args.deployer)?;
    let distinct: std::collections::BTreeSet<_> = args.officers.iter().collect();
    if distinct.len() < 2 || distinct.len() < args.officers.len() {
        return Err(Failure::new(Code::Usage, "at least two officers are named, each once")
            .advice("name the addresses of two people's keys: what one proposes, another confirms"));
    }
    let deployment = Deployment { officers: args.officers.clone(), delay: args.delay };
    let options = NetworkOptions {
        confirmations: args.confirmations,
        max_gas_price: args.max_gas_price,
        senders: crate::chain::senders(),
        waiting: crate::chain::waiting,
        ..NetworkOptions::default()
    };
    let mut contracts = Vec::new();
    let progress = |name: &'static str, address: Address| {
        ui.say(format_args!("{name} at {address}"));
        contracts.push(ContractLine { name, address: address.to_string() });
    };
    let deployed = NetworkChain::deploy(&args.rpc, &deployer, &deployment, options, progress).await;
    let (chain, _) = deployed.map_err(Failure::of)?;
    let trust = place.write(&AnyChain::Network(chain)).await?;
    Ok(DeployReport { trust, deployer: deployer.address().to_string(), contracts })
}
