//! `sealroot chain watch`: events as JSON lines.

use crate::{
    chain::ChainArgs,
    failure::{Failure, Outcome},
    ui::Ui,
};
use sealroot_chain::{Chain, Noticed, Watch};
use sealroot_protocol::{
    code::{Code, Coded},
    moment::Moment,
};
use serde::Serialize;
use serde_json::{Map, Value};
use std::{
    io::{ErrorKind, Write},
    time::Duration,
};

/// Watches a chain.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Examples:\n  sealroot chain watch --chain http://127.0.0.1:8545 --chain-trust trust.toml\n  sealroot chain watch --chain chain --from 0 --once\n\nEach line is an event of a contract, as a JSON object: block, hash, time, transaction, contract, event, and its fields by the names in docs/spec/contracts.md. No event of a block is left out: they are read from what the block's header names. On a network whose blocks can vanish, the line {\"reorganised\":N} says that what was told of block N and later is void; it is told anew. To go on after an interruption, begin with the block of the last line: --from takes it, and its events are told again."
)]
pub struct Args {
    /// Chain.
    #[command(flatten)]
    pub chain: ChainArgs,
    /// Block to begin with; without it, the one after the newest
    #[arg(long, value_name = "BLOCK")]
    pub from: Option<u64>,
    /// End when the newest block was told, instead of waiting for more
    #[arg(long)]
    pub once: bool,
    /// Seconds between two looks
    #[arg(long, value_name = "SECONDS", default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub every: u64,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Line {
    Event {
        block: u64,
        hash: String,
        time: Moment,
        transaction: String,
        contract: &'static str,
        event: String,
        fields: Map<String, Value>,
    },
    Reorganised {
        reorganised: u64,
    },
}

impl From<Noticed> for Line {
    fn from(noticed: Noticed) -> Self {
        match noticed {
            Noticed::Event { block, transaction, happened } => Self::Event {
                block: block.number,
                hash: block.hash.to_string(),
                time: Moment::from_unix(block.time),
                transaction: transaction.to_string(),
                contract: happened.contract,
                event: happened.event,
                fields: happened.fields,
            },
            Noticed::Reorganised { from } => Self::Reorganised { reorganised: from },
        }
    }
}

/// Watches until it is told to end, or to the newest block.
pub async fn run(args: &Args, ui: Ui) -> Outcome<()> {
    let chain = args.chain.open().await?;
    let from = match args.from {
        Some(from) => from,
        None => chain.head().await.map_err(Failure::of)?.number.saturating_add(1),
    };
    let mut watch = Watch::new(&chain, from, args.chain.confirmations);
    loop {
        let (noticed, is_all) = match watch.look().await {
            Ok(looked) => looked,
            // A node that is away comes back.
            Err(error) if error.code() == Code::NodeUnreachable && !args.once => {
                ui.say(format_args!("{error}; watching goes on from block {}", watch.next_block()));
                tokio::time::sleep(Duration::from_secs(args.every)).await;
                continue;
            }
            Err(error) => {
                let from = watch.next_block();
                return Err(Failure::of(error).context(format_args!("everything before block {from} was told")));
            }
        };
        if !print(noticed)? {
            return Ok(());
        }
        if is_all && args.once {
            return args.chain.remember(&chain).await;
        }
        if is_all {
            tokio::time::sleep(Duration::from_secs(args.every)).await;
        }
    }
}

/// Whether anybody reads on.
fn print(noticed: Vec<Noticed>) -> Outcome<bool> {
    let mut out = std::io::stdout().lock();
    for noticed in noticed {
        let line = serde_json::to_string(&Line::from(noticed)).map_err(|e| Failure::new(Code::Json, e))?;
        match writeln!(out, "{line}") {
            Err(e) if e.kind() == ErrorKind::BrokenPipe => return Ok(false),
            written => written?,
        }
    }
    out.flush()?;
    Ok(true)
}
