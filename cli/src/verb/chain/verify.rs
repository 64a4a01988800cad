//! `sealroot chain verify-deployment`: contracts and laws of a chain, compared with this program's sources and the laws' texts.

use crate::{
    chain::ChainArgs,
    failure::{Failure, Outcome, Told},
    keys::KeyArgs,
    published::PublishedArgs,
};
use alloy_primitives::Address;
use sealroot_chain::{
    AnyChain, Chain, EmbeddedChain, NetworkChain, NetworkOptions, Pins, SealerPin, rpc::Creation, serve,
};
use sealroot_officer::{CheckedVersion, check_versions, officers};
use sealroot_protocol::{code::Code, moment::Moment, printable::counted, signature::parse_address};
use serde::Serialize;
use std::{collections::BTreeMap, fmt, net::SocketAddr};

/// Verifies a deployment.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Examples:\n  sealroot chain verify-deployment --chain http://127.0.0.1:8545 --chain-trust trust.toml --deployer 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed --keys keys --published published\n  sealroot chain verify-deployment --chain chain --keys keys --published published\n\nChecked: the code of each contract is what this program's sources compile to, with its neighbours' addresses and the officers' delay in it; each was created by this program's constructor, so that nobody stands in its storage unseen; each enacted policy is compiled again from its published text, and its key derived again. Exit 1 if anything differs. The deployer's address is what `chain deploy` said; an embedded chain's deployer is its sealer."
)]
pub struct Args {
    /// Chain.
    #[command(flatten)]
    pub chain: ChainArgs,
    /// Address of the key that deployed; without it, the chain's single sealer
    #[arg(long, value_name = "ADDRESS", value_parser = parse_address)]
    pub deployer: Option<Address>,
    /// Universal keys.
    #[command(flatten)]
    pub keys: KeyArgs,
    /// Where the laws' documents are.
    #[command(flatten)]
    pub published: PublishedArgs,
}

/// What was found.
#[derive(Debug, Serialize)]
pub struct DeploymentReport {
    /// Whether everything is as it should be.
    pub holds: bool,
    chain_id: u64,
    deployer: String,
    delay_seconds: u64,
    /// Heights of the first and the last creation.
    created_in: (u64, u64),
    first_officers: Vec<String>,
    officers: Vec<String>,
    policies: Vec<PolicyLine>,
}

#[derive(Debug, Serialize)]
struct PolicyLine {
    policy: String,
    digest: String,
    holds: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    withdrawn: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Told>,
}

impl From<CheckedVersion> for PolicyLine {
    fn from(version: CheckedVersion) -> Self {
        let CheckedVersion { policy, digest, withdrawn_at, found } = version;
        Self {
            policy: policy.to_string(),
            digest: digest.to_string(),
            holds: found.is_ok(),
            withdrawn: withdrawn_at.map(Moment::from_unix),
            error: found.err().map(|error| Failure::of(error).told()),
        }
    }
}

impl DeploymentReport {
    /// Fails if any version differs.
    pub fn verdict(&self) -> Outcome<()> {
        let unread = |line: &&PolicyLine| line.error.as_ref().is_some_and(|told| told.code == Code::FileNotFound);
        let missing = self.policies.iter().filter(unread).count();
        let all = counted(self.policies.len(), "enacted version", "enacted versions");
        match self.policies.iter().filter(|line| !line.holds).count() {
            0 => Ok(()),
            // Nothing speaks against the chain: a text is missing here.
            differ if differ == missing => Err(Failure::new(
                Code::FileNotFound,
                format!("the documents of {missing} of {all} are missing, so these weren't compared"),
            )
            .advice("get them from those who enacted them, and name their directory with --published")),
            differ => Err(Failure::new(
                Code::DeploymentFalse,
                format!("{differ} of {all} can't be shown to be what their texts say"),
            )),
        }
    }
}

impl fmt::Display for DeploymentReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, last) = self.created_in;
        writeln!(
            f,
            "chain {}: the seven contracts are this program's, created by {} in blocks {first} to {last}",
            self.chain_id, self.deployer
        )?;
        writeln!(f, "  delay     {} seconds", self.delay_seconds)?;
        writeln!(f, "  officers  {}", self.officers.join(", "))?;
        writeln!(f, "  at first  {}", self.first_officers.join(", "))?;
        write!(f, "  laws      {}", counted(self.policies.len(), "enacted version", "enacted versions"))?;
        for PolicyLine { policy, digest, withdrawn, error, .. } in &self.policies {
            let withdrawn = withdrawn.map(|at| format!(", withdrawn {at}")).unwrap_or_default();
            match error {
                None => {
                    write!(f, "\n  holds     {policy} {digest}{withdrawn}: text, key, agencies, currencies and days")?
                }
                Some(Told { code, message, .. }) => {
                    let what = if *code == Code::FileNotFound { "MISSING" } else { "DIFFERS" };
                    write!(f, "\n  {what}   {policy} {digest}{withdrawn}: [{code}] {message}")?;
                }
            }
        }
        Ok(())
    }
}

/// Runs it.
pub async fn run(args: &Args) -> Outcome<DeploymentReport> {
    let keys = args.keys.universal_keys()?;
    let chain = args.chain.open().await?;
    let creation = match &chain {
        AnyChain::Network(network) => {
            let deployer = args.deployer.or_else(|| single_sealer(network));
            let deployer = deployer.ok_or_else(|| {
                Failure::new(Code::Usage, "the chain has no single sealer, so its deployer isn't known")
                    .advice("name the address that `chain deploy` said, with --deployer")
            })?;
            network.creation(deployer).await.map_err(Failure::of)?
        }
        AnyChain::Embedded(embedded) => creation_of(embedded, args.deployer).await?,
    };
    let checked = check_versions(&chain, &args.published, &keys).await.map_err(Failure::of)?;
    let people = officers(&chain).await.map_err(Failure::of)?;
    let policies: Vec<PolicyLine> = checked.into_iter().map(PolicyLine::from).collect();
    let Creation { deployer, delay, first_officers, blocks } = creation;
    let shown = |people: &[Address]| people.iter().map(Address::to_string).collect();
    Ok(DeploymentReport {
        holds: policies.iter().all(|line| line.holds),
        chain_id: chain.chain_id(),
        deployer: deployer.to_string(),
        delay_seconds: delay,
        created_in: blocks,
        first_officers: shown(&first_officers),
        officers: shown(&people),
        policies,
    })
}

fn single_sealer(network: &NetworkChain) -> Option<Address> {
    match network.sealers() {
        [SealerPin { address, .. }] => Some(*address),
        _ => None,
    }
}

/// A directory is asked as anybody else's node would be, over the loopback interface: the same checks, and no others to keep.
async fn creation_of(chain: &EmbeddedChain, deployer: Option<Address>) -> Outcome<Creation> {
    let loopback = SocketAddr::from(([127, 0, 0, 1], 0));
    let served = serve::serve(chain.clone(), loopback, &[]).await.map_err(Failure::of)?;
    let pins = Pins {
        chain_id: chain.chain_id(),
        contracts: chain.code_hashes().await.map_err(Failure::of)?,
        sealers: vec![SealerPin { address: chain.sealer(), from: 0, until: None }],
        blocks: BTreeMap::new(),
    };
    let url = format!("http://{}", served.address());
    let network = NetworkChain::connect(&url, pins, NetworkOptions::default()).await.map_err(Failure::of)?;
    let creation = network.creation(deployer.unwrap_or_else(|| chain.sealer())).await.map_err(Failure::of);
    served.stop().await;
    creation
}
