//! `sealroot chain serve`: an embedded chain for other processes.

use crate::{
    chain::ChainArgs,
    failure::{Failure, OrFail, Outcome},
    ui::Ui,
};
use sealroot_chain::{Chain, serve};
use sealroot_protocol::code::Code;
use serde::Serialize;
use std::{fmt, net::SocketAddr};

/// Serves a chain.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Examples:\n  sealroot chain serve --chain chain\n  sealroot chain serve --chain chain --listen 10.0.0.5:8545 --host chain.example\n  sealroot chain show --chain http://127.0.0.1:8545 --chain-trust audit/trust.toml\n\nIt is a node as Ethereum's tools know them (ethers, viem, alloy): gas is free, and only Sealroot's contracts take transactions. While it serves, no other process opens the directory; every verb takes the address as --chain instead, with the trust file that `sealroot trust` wrote. An empty block every ten minutes shows that the chain lives. What is served is public and not encrypted: readers check seals and proofs. Ends with Ctrl-C or SIGTERM, after what is in progress."
)]
pub struct Args {
    /// Chain.
    #[command(flatten)]
    pub chain: ChainArgs,
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT", env = "SEALROOT_LISTEN", default_value = "127.0.0.1:8545")]
    pub listen: SocketAddr,
    /// Further name under which clients ask for it; others are refused, so that no web page reaches it under a name of its own
    #[arg(long = "host", value_name = "NAME")]
    pub hosts: Vec<String>,
}

/// What is served, said once it is.
#[derive(Debug, Serialize)]
struct ServeReport {
    url: String,
    chain_id: u64,
    sealer: String,
    height: u64,
    /// Whether clients of other machines have a name for it.
    #[serde(skip)]
    named: bool,
}

impl fmt::Display for ServeReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "chain {} is served at {} from block {} on; single sealer {}\nCtrl-C ends it",
            self.chain_id, self.url, self.height, self.sealer
        )?;
        match self.named {
            true => Ok(()),
            false => f.write_str("\nother machines reach it under no name yet: name this machine's with --host, as they will write it in --chain"),
        }
    }
}

/// Serves until it is told to end.
pub async fn run(args: &Args, ui: Ui) -> Outcome<()> {
    let chain = args.chain.open_directory().await?;
    let head = chain.head().await.map_err(Failure::of)?;
    let (chain_id, sealer) = (chain.chain_id(), chain.sealer());
    // Before anybody is told that it is there: a signal from then on ends it in order.
    let mut end = Signals::new()?;
    let served = serve::serve(chain.clone(), args.listen, &args.hosts).await.map_err(Failure::of)?;
    ui.report(&ServeReport {
        url: format!("http://{}", served.address()),
        chain_id,
        sealer: sealer.to_string(),
        height: head.number,
        named: !args.listen.ip().is_unspecified() || !args.hosts.is_empty(),
    })?;
    end.wait().await;
    served.stop().await;
    args.chain.remember(&chain).await?;
    chain.close().await.map_err(Failure::of)
}

/// What ends a service.
struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
}

impl Signals {
    #[cfg(unix)]
    fn new() -> Outcome<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let listen = |kind| signal(kind).or_fail(Code::InputOutput);
        Ok(Self { terminate: listen(SignalKind::terminate())?, interrupt: listen(SignalKind::interrupt())? })
    }

    #[cfg(not(unix))]
    fn new() -> Outcome<Self> {
        Ok(Self {})
    }

    #[cfg(unix)]
    async fn wait(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    #[cfg(not(unix))]
    async fn wait(&mut self) {
        // Without a way to hear of it, the service runs until it is killed: every block is on disk.
        let _ = tokio::signal::ctrl_c().await;
    }
}
