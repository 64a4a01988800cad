//! `sealroot chain`: the embedded chain and its participants.

mod checkpoint;
mod deploy;
pub mod report;
mod serve;
mod verify;
mod watch;

use crate::{
    chain::{ActReport, ChainArgs, OfficerArgs, sealers},
    clock,
    failure::{Failure, Outcome},
    secret::read_signing_key,
    ui::Ui,
};
use alloy_primitives::Address;
use sealroot_chain::{Act, AnyChain, BlockClock, Chain, EmbeddedChain, Genesis};
use sealroot_officer::{agency_registration, requester_registration};
use sealroot_protocol::{date::Date, moment::Moment, name::Name, signature::parse_address};
use serde::Serialize;
use std::{fmt, path::PathBuf};

/// What to do with the chain.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Create an embedded chain with the contracts on it
    Create(CreateArgs),
    /// Show head, contracts and sealer
    Show(ChainArgs),
    /// Report what a program has approved, by period and policy versions
    Report(report::Args),
    /// Put the contracts on an EVM network, and write the trust file that pins them
    Deploy(deploy::Args),
    /// Serve an embedded chain to other processes and foreign tools, as a JSON-RPC node
    Serve(serve::Args),
    /// Sign which block of a network this organisation knows, for wallets that can't follow it
    Checkpoint(checkpoint::Args),
    /// Check that a chain's contracts are this program's, and its laws what their texts say
    VerifyDeployment(verify::Args),
    /// Print the contracts' events as JSON lines, and wait for more
    Watch(watch::Args),
    /// Let the chain's clock stand at a time, or follow the machine's clock again
    SetClock(SetClockArgs),
    /// Register an agency with its first signing key (two officers)
    RegisterAgency(RegisterAgencyArgs),
    /// Register a requester with its first signing key (two officers)
    RegisterRequester(RegisterRequesterArgs),
    /// Add a further signing key of a requester: of a second clerk, or to replace one (two officers)
    #[command(
        after_help = "Examples:\n  sealroot chain add-requester-key --name welfare-office --address 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed --officer officers/a.key\n  sealroot chain add-requester-key --name welfare-office --address 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed --officer officers/b.key --confirm\n\nA key that is or was somebody's is never given to anybody else."
    )]
    AddRequesterKey(AddKeyArgs),
    /// Add a further signing key of an agency (two officers)
    #[command(
        after_help = "Examples:\n  sealroot chain add-agency-key --name tax-office --address 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed --officer officers/a.key\n  sealroot chain add-agency-key --name tax-office --address 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed --officer officers/b.key --confirm\n\nA key that is or was somebody's is never given to anybody else."
    )]
    AddAgencyKey(AddKeyArgs),
    /// Revoke a requester's key: nothing that it signed counts any more (two officers, at once)
    #[command(
        after_help = "Examples:\n  sealroot chain revoke-requester-key 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed --officer officers/a.key\n  sealroot chain revoke-requester-key 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed --officer officers/b.key --confirm"
    )]
    RevokeRequesterKey(RevokeArgs),
    /// Revoke an agency's key: what it anchored counts no more (two officers, at once)
    #[command(
        after_help = "Examples:\n  sealroot chain revoke-agency-key 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed --officer officers/a.key\n  sealroot chain revoke-agency-key 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed --officer officers/b.key --confirm"
    )]
    RevokeAgencyKey(RevokeArgs),
}

/// Runs it.
pub async fn run(command: Command, ui: Ui) -> Outcome<()> {
    match command {
        Command::Create(args) => ui.report(&create(&args).await?),
        Command::Show(args) => ui.report(&show(&args).await?),
        Command::Report(args) => ui.report(&report::run(&args).await?),
        Command::Deploy(args) => ui.report(&deploy::run(&args, ui).await?),
        Command::Serve(args) => serve::run(&args, ui).await,
        Command::Checkpoint(args) => ui.report(&checkpoint::run(&args).await?),
        Command::VerifyDeployment(args) => {
            let report = verify::run(&args).await?;
            ui.report(&report)?;
            report.verdict()
        }
        Command::Watch(args) => watch::run(&args, ui).await,
        Command::SetClock(args) => ui.report(&set_clock(&args).await?),
        Command::RegisterAgency(args) => ui.report(&register_agency(&args).await?),
        Command::RegisterRequester(args) => ui.report(&register_requester(&args).await?),
        Command::AddRequesterKey(args) => ui.report(&add_requester_key(&args).await?),
        Command::AddAgencyKey(args) => {
            let act = Act::AddAgencyKey(args.name.clone(), args.address);
            ui.report(&args.officer.carry_out(&act, format!("further key of agency {}", args.name)).await?)
        }
        Command::RevokeRequesterKey(args) => {
            let act = Act::RevokeRequesterKey(args.key);
            ui.report(&args.officer.carry_out(&act, format!("revocation of requester key {}", args.key)).await?)
        }
        Command::RevokeAgencyKey(args) => {
            let act = Act::RevokeAgencyKey(args.key);
            ui.report(&args.officer.carry_out(&act, format!("revocation of agency key {}", args.key)).await?)
        }
    }
}

/// Creates a chain.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Example:\n  sealroot chain create --chain chain --chain-id 20261 --officer officers/a.key --officer officers/b.key\n\nThe chain has one sealer, whose key lies beside it; evidence says so."
)]
pub struct CreateArgs {
    /// Chain.
    #[command(flatten)]
    pub chain: ChainArgs,
    /// EIP-155 chain id; choose one that no other chain of yours has
    #[arg(long)]
    pub chain_id: u64,
    /// Key file of an officer; at least two
    #[arg(long = "officer", value_name = "KEYFILE", required = true)]
    pub officers: Vec<PathBuf>,
    /// Seconds between proposal and confirmation of an enactment: a minute to 90 days, and it never changes
    #[arg(long, value_name = "SECONDS", default_value_t = 259_200, value_parser = clap::value_parser!(u64).range(60..=7_776_000))]
    pub delay: u64,
    /// Time of the first block (2026-11-01, 2026-11-01T08:00:00Z), with the clock standing there until `chain set-clock`; default: the machine's clock
    #[arg(long, value_name = "TIME")]
    pub standing_at: Option<Moment>,
}

/// A chain at a glance.
#[derive(Debug, Serialize)]
pub struct ChainReport {
    chain: String,
    chain_id: u64,
    height: u64,
    head: String,
    head_time: Moment,
    /// One key on an embedded chain; none on a network whose seals aren't checked.
    sealers: Vec<String>,
    contracts: Vec<ContractLine>,
}

#[derive(Debug, Serialize)]
struct ContractLine {
    address: String,
    code_hash: String,
}

impl fmt::Display for ChainReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "chain {} in {}: block {} {} at {}",
            self.chain_id, self.chain, self.height, self.head, self.head_time
        )?;
        match self.sealers.as_slice() {
            [] => f.write_str("  no sealer is checked")?,
            [sealer] => write!(f, "  single sealer {sealer}")?,
            sealers => write!(f, "  sealers {}", sealers.join(", "))?,
        }
        for contract in &self.contracts {
            write!(f, "\n  contract {} code {}", contract.address, contract.code_hash)?;
        }
        Ok(())
    }
}

/// Runs it.
pub async fn create(args: &CreateArgs) -> Outcome<ChainReport> {
    let keys = args.officers.iter().map(|path| read_signing_key(path)).collect::<Outcome<Vec<_>>>()?;
    let now = clock::now()?;
    let genesis = Genesis {
        chain_id: args.chain_id,
        time: args.standing_at.map_or(now, Moment::unix),
        officers: keys.iter().map(|key| key.address()).collect(),
        delay: args.delay,
        clock: block_clock(args.standing_at),
    };
    let chain = EmbeddedChain::create(&args.chain.chain, &genesis).await.map_err(Failure::of)?;
    report(&args.chain, &AnyChain::Embedded(chain)).await
}

fn block_clock(standing_at: Option<Moment>) -> BlockClock {
    standing_at.map_or(BlockClock::System, |moment| BlockClock::Standing(moment.unix()))
}

async fn show(args: &ChainArgs) -> Outcome<ChainReport> {
    report(args, &args.open().await?).await
}

async fn report(args: &ChainArgs, chain: &AnyChain) -> Outcome<ChainReport> {
    let head = chain.head().await.map_err(Failure::of)?;
    let codes = chain.code_hashes().await.map_err(Failure::of)?;
    let line =
        |(address, code): &(Address, _)| ContractLine { address: address.to_string(), code_hash: format!("{code}") };
    Ok(ChainReport {
        chain: args.shown(),
        chain_id: chain.chain_id(),
        height: head.number,
        head: head.hash.to_string(),
        head_time: Moment::from_unix(head.time),
        sealers: sealers(chain).iter().map(ToString::to_string).collect(),
        contracts: codes.iter().map(line).collect(),
    })
}

/// Sets the clock.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Examples:\n  sealroot chain set-clock --chain chain --standing-at 2026-01-01\n  sealroot chain set-clock --chain chain --system\n  sealroot chain set-clock --chain chain --system --confirm-day 2026-11-29\n\nThe clock never goes backwards. A block that is dated by a clock far ahead can't be undone, so the machine's clock is not followed further than 30 days beyond the newest block unless you say which day it is."
)]
pub struct SetClockArgs {
    /// Chain.
    #[command(flatten)]
    pub chain: ChainArgs,
    /// Let it stand at this time, UTC: 2026-11-01, or 2026-11-01T08:00:00Z
    #[arg(long, value_name = "TIME", conflicts_with = "system", required_unless_present = "system")]
    pub standing_at: Option<Moment>,
    /// Follow the machine's clock
    #[arg(long)]
    pub system: bool,
    /// Today's day (UTC), as you know it from elsewhere: follow the machine's clock however long the chain was idle
    #[arg(long, value_name = "DATE", requires = "system")]
    pub confirm_day: Option<Date>,
}

/// Runs it.
pub async fn set_clock(args: &SetClockArgs) -> Outcome<ChainReport> {
    let chain = args.chain.open_directory().await?;
    let set = match args.confirm_day {
        Some(day) => chain.confirm_clock(day).await,
        None => chain.set_clock(block_clock(args.standing_at)).await,
    };
    set.map_err(Failure::of)?;
    report(&args.chain, &AnyChain::Embedded(chain)).await
}

/// Registers an agency.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Examples:\n  sealroot chain register-agency --name tax-office --address 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed --officer officers/a.key\n  sealroot chain register-agency --name tax-office --address 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed --officer officers/b.key --confirm"
)]
pub struct RegisterAgencyArgs {
    /// The officer who enacts.
    #[command(flatten)]
    pub officer: OfficerArgs,
    /// Stable name
    #[arg(long)]
    pub name: Name,
    /// Address of its first signing key (`sealroot key show`)
    #[arg(long, value_parser = parse_address)]
    pub address: Address,
    /// Days for which a replaced root may still be used; at most 90, and never changes
    #[arg(long, value_name = "DAYS", default_value_t = 3, value_parser = clap::value_parser!(u32).range(0..=90))]
    pub grace_days: u32,
}

/// Runs it.
pub async fn register_agency(args: &RegisterAgencyArgs) -> Outcome<ActReport> {
    let act = agency_registration(args.name.clone(), args.address, args.grace_days).map_err(Failure::of)?;
    args.officer.carry_out(&act, format!("registration of agency {}", args.name)).await
}

/// Registers a requester.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Examples:\n  sealroot chain register-requester --name welfare-office --address 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed --officer officers/a.key\n  sealroot chain register-requester --name welfare-office --address 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed --officer officers/b.key --confirm"
)]
pub struct RegisterRequesterArgs {
    /// The officer who enacts.
    #[command(flatten)]
    pub officer: OfficerArgs,
    /// Stable name
    #[arg(long)]
    pub name: Name,
    /// Address of its first signing key (`sealroot key show`)
    #[arg(long, value_parser = parse_address)]
    pub address: Address,
}

/// Runs it.
pub async fn register_requester(args: &RegisterRequesterArgs) -> Outcome<ActReport> {
    let act = requester_registration(args.name.clone(), args.address);
    args.officer.carry_out(&act, format!("registration of requester {}", args.name)).await
}

/// Adds a key of a requester.
pub async fn add_requester_key(args: &AddKeyArgs) -> Outcome<ActReport> {
    let act = Act::AddRequesterKey(args.name.clone(), args.address);
    args.officer.carry_out(&act, format!("further key of requester {}", args.name)).await
}

/// Adds a key.
#[derive(Debug, Clone, clap::Args)]
pub struct AddKeyArgs {
    /// The officer who enacts.
    #[command(flatten)]
    pub officer: OfficerArgs,
    /// Name of the agency or requester
    #[arg(long)]
    pub name: Name,
    /// Address of the further key (`sealroot key show`)
    #[arg(long, value_parser = parse_address)]
    pub address: Address,
}

/// Revokes a key.
#[derive(Debug, Clone, clap::Args)]
pub struct RevokeArgs {
    /// The officer who enacts.
    #[command(flatten)]
    pub officer: OfficerArgs,
    /// Address of the key
    #[arg(value_parser = parse_address)]
    pub key: Address,
}

#[cfg(test)]
mod tests {
    use crate::Cli;
    use clap::Parser;

    /// Wherever the command line takes an address, a wrong checksum is wrong use; lower case has none.
    #[test]
    fn mistyped_addresses_are_refused_everywhere() {
        let request =
            "request new --program p --requester r --signing-key k --purpose x --out o --applicant 1 --case-secret s";
        for verb in [
            "chain register-agency --name a --officer k --address",
            "chain register-requester --name a --officer k --address",
            "chain add-requester-key --name a --officer k --address",
            "chain add-agency-key --name a --officer k --address",
            "chain revoke-requester-key --officer k",
            "chain revoke-agency-key --officer k",
            &format!("{request} --recipient"),
        ] {
            let takes = |address: &str| {
                Cli::try_parse_from(["sealroot"].into_iter().chain(verb.split(' ')).chain([address])).is_ok()
            };
            assert!(takes("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"), "{verb}");
            assert!(takes("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"), "{verb}");
            assert!(!takes("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD"), "{verb}");
            assert!(!takes("5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"), "{verb}");
        }
    }
}
