//! `sealroot prove`: a citizen's consent and the records become the proof of a part. An agency proves from its own vault, the prover whom a household chose
//! from what its members released.

use crate::{
    chain::ChainArgs,
    failure::{Failure, Outcome},
    files::{self, ForceArgs, Form, Output, shown},
    identity::{BusinessKeyArgs, NationalIdArgs},
    keys::KeyArgs,
    published::PublishedArgs,
    secret::{VaultPassphraseArgs, read_recipient_key},
    ui::Ui,
    verb::agency::VaultArgs,
};
use sealroot_chain::Chain;
use sealroot_protocol::code::Code;
use sealroot_protocol::name::Name;
use sealroot_prover_party::{
    CheckedRequest, OpenedRecords, ProveInput, ReleasedFile, Stage, WhoseRecord, check_request,
};
use serde::Serialize;
use std::{
    fmt,
    path::{Path, PathBuf},
    time::Instant,
};

/// Proves one part.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Examples:\n  sealroot prove --vault tax-office --national-id-file id --policy income --request request.json --consent consent.json --out income.part.json\n  sealroot prove --released household.sealed.json --released a.sealed.json --released b.sealed.json --recipient-key prover/recipient.key \\\n    --policy minimum-living --request request.json --consent consent.json --out part.json"
)]
pub struct Args {
    /// Directory of the vault: an agency proves from its own records
    #[arg(long, value_name = "DIR", env = "SEALROOT_VAULT")]
    pub vault: Option<PathBuf>,
    /// File of 32 random bytes that unlocks the vault, instead of a passphrase
    #[arg(long, value_name = "FILE", env = "SEALROOT_VAULT_KEY_FILE")]
    pub key_file: Option<PathBuf>,
    /// Passphrase.
    #[command(flatten)]
    pub passphrase: VaultPassphraseArgs,
    /// Whose record, in the vault.
    #[command(flatten)]
    pub person: NationalIdArgs,
    /// Which record, in schemas with many records per person.
    #[command(flatten)]
    pub business_key: BusinessKeyArgs,
    /// A record that was released to this prover (`agency release`); one option per file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["NationalIdArgs", "BusinessKeyArgs"], requires = "recipient_key")]
    pub released: Vec<PathBuf>,
    /// The key that the records were released to
    #[arg(long, value_name = "KEYFILE")]
    pub recipient_key: Option<PathBuf>,
    /// Chain.
    #[command(flatten)]
    pub chain: ChainArgs,
    /// Keys.
    #[command(flatten)]
    pub keys: KeyArgs,
    /// Documents.
    #[command(flatten)]
    pub published: PublishedArgs,
    /// Id of the policy
    #[arg(long)]
    pub policy: Name,
    /// The office's signed request
    #[arg(long, value_name = "FILE")]
    pub request: PathBuf,
    /// The citizen's consent
    #[arg(long, value_name = "FILE")]
    pub consent: PathBuf,
    /// Where the part is written
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Whether an earlier part is replaced.
    #[command(flatten)]
    pub force: ForceArgs,
}

/// What was proved.
#[derive(Debug, Serialize)]
pub struct ProveReport {
    policy: Name,
    /// The part's decision.
    pub decision: bool,
    file: PathBuf,
    /// Whether it was proved with tables (`sealroot setup --tables`).
    tables: bool,
    /// Wall-clock times.
    pub times_ms: ProveTimes,
}

/// Times of the stages.
#[derive(Debug, Default, Clone, Copy, Serialize)]
pub struct ProveTimes {
    /// Loading the proving key.
    pub load: u128,
    /// Checking the statement natively and computing all values.
    pub witness: u128,
    /// Proving.
    pub prove: u128,
    /// Verifying what was made.
    pub verify: u128,
}

impl fmt::Display for ProveReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let t = &self.times_ms;
        write!(
            f,
            "{}: decision {}, proved{} in {} ms (witness {} ms, check {} ms), written to {}",
            self.policy,
            u8::from(self.decision),
            if self.tables { " with tables" } else { "" },
            t.prove,
            t.witness,
            t.verify,
            shown(&self.file)
        )
    }
}

/// Runs it.
pub async fn run(args: &Args, ui: Ui) -> Outcome<ProveReport> {
    let out = Output::replacing(&args.out, Form::PART, args.force, &[])?;
    let whose = whose(args)?;
    let input = ProveInput {
        request: files::read_document(&args.request)?,
        consent: files::read_consent(&args.consent)?,
        policy: args.policy.clone(),
    };
    let keys = args.keys.universal_keys()?;
    let chain = match args.vault.as_deref().filter(|vault| vault.is_dir()) {
        Some(vault) => args.chain.open_for(vault).await?,
        None => args.chain.open().await?,
    };
    let checked = check_request(input, &chain, &args.published, &keys).await.map_err(Failure::of)?;
    let tables = args.keys.has_tables(checked.document().policy.shape);
    let records = open(args, whose, checked, &chain).await?.check(&chain).await.map_err(Failure::of)?;
    // Proving takes a while, and others may want the chain.
    drop(chain);

    let mut clock = StageClock::default();
    let part = records.prove(&args.keys, &mut |stage| {
        clock.begins(stage);
        ui.say(match stage {
            Stage::Key => "loading the proving key …",
            Stage::Witness => "computing the witness …",
            Stage::Proof => "proving …",
            Stage::Verify => "checking the proof …",
        });
    });
    let (part, times_ms) = (part.map_err(Failure::of)?, clock.end());
    out.document(&part)?;
    let (policy, file) = (args.policy.clone(), args.out.clone());
    Ok(ProveReport { policy, decision: part.inputs.decision, file, tables, times_ms })
}

/// From which records a part is proved.
enum Whose<'a> {
    /// One person's, in a vault.
    Own(&'a Path, WhoseRecord),
    /// What was released to this key.
    Released(&'a Path),
}

/// What the command says of it; or what is missing from the command, by what is there.
fn whose(args: &Args) -> Outcome<Whose<'_>> {
    let missing =
        |message| Err(Failure::new(Code::Usage, message).advice("look at the examples of `sealroot prove --help`"));
    let person = args.person.source();
    match (&args.recipient_key, &args.vault) {
        (Some(key), _) if !args.released.is_empty() => Ok(Whose::Released(key)),
        (Some(_), _) if !person.is_given() => {
            missing("--recipient-key opens released records, and none is named: add --released FILE for each")
        }
        (_, Some(vault)) => {
            let national_id = person.read().map_err(|missing| {
                missing
                    .context("the vault holds many people's records, and one person's is proved (--national-id-file)")
            })?;
            Ok(Whose::Own(vault, WhoseRecord { national_id, business_key: args.business_key.source().given()? }))
        }
        (_, None) => missing(
            "nothing says from which records: an agency names its vault and a person (--vault, --national-id-file), a prover what was released to it \
             (--released, --recipient-key)",
        ),
    }
}

/// Opens the agency's own record, or those that were released.
async fn open(args: &Args, whose: Whose<'_>, checked: CheckedRequest, chain: &impl Chain) -> Outcome<OpenedRecords> {
    let key = match whose {
        Whose::Own(directory, whose) => {
            let (key_file, passphrase) = (args.key_file.clone(), args.passphrase.clone());
            let vault = VaultArgs { vault: directory.to_owned(), key_file, passphrase }.open_to_read().await?;
            let opened = checked.open_own(&vault, chain, whose).await;
            vault.close().await;
            return opened.map_err(Failure::of);
        }
        Whose::Released(key) => key,
    };
    let secret = read_recipient_key(key)?;
    let sealed = args
        .released
        .iter()
        .map(|path| Ok(ReleasedFile { label: shown(path).to_string(), sealed: files::read_document(path)? }));
    checked.open_released(sealed.collect::<Outcome<_>>()?, &secret).map_err(Failure::of)
}

/// Wall-clock times of the stages, from the moments at which they begin.
#[derive(Default)]
struct StageClock {
    times: ProveTimes,
    running: Option<(Stage, Instant)>,
}

impl StageClock {
    fn begins(&mut self, stage: Stage) {
        self.stop();
        self.running = Some((stage, Instant::now()));
    }

    fn end(mut self) -> ProveTimes {
        self.stop();
        self.times
    }

    fn stop(&mut self) {
        let Some((stage, since)) = self.running.take() else { return };
        let time = match stage {
            Stage::Key => &mut self.times.load,
            Stage::Witness => &mut self.times.witness,
            Stage::Proof => &mut self.times.prove,
            Stage::Verify => &mut self.times.verify,
        };
        *time = since.elapsed().as_millis();
    }
}
