//! `sealroot request`: what an office asks of one applicant.

use crate::{
    chain::ChainArgs,
    failure::{Failure, OrFail, Outcome},
    files::{self, ForceArgs, Form, Output, shown},
    identity::{ApplicantArgs, IdSource},
    published::PublishedArgs,
    secret::{line, read_signing_key},
    ui::Ui,
};
use alloy_primitives::Address;
use sealroot_office::{AskInput, Shown, ask, show_request_signed};
use sealroot_protocol::{
    applicant::CaseSecret,
    code::Code,
    consent::RequestDigest,
    date::{Date, Period},
    evidence::Evidence,
    moment::Moment,
    name::Name,
    request::SignedRequest,
    signature::parse_address,
    snapshot::SnapshotQuery,
};
use sealroot_verifier::trust::Trust;
use serde::Serialize;
use std::{fmt, path::PathBuf};

/// What to do with a request.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Write and sign a request for one applicant
    New(Box<NewArgs>),
    /// Show, by evidence, what the chain says of a request now: for a wallet that has no chain at hand
    Evidence(EvidenceArgs),
}

/// Runs it.
pub async fn run(command: Command, ui: Ui) -> Outcome<()> {
    match command {
        Command::New(args) => ui.report(&new(&args).await?),
        Command::Evidence(args) => ui.report(&evidence(&args).await?),
    }
}

/// Writes a request.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Example:\n  sealroot request new --program heating-allowance --requester welfare-office --signing-key office/signing.key \\\n    --applicant-file id --case-secret case.secret --purpose 'Heating allowance, November' --out request.json\n\nThe case secret is shared with the applicant (on paper, as a QR code); without it nobody can tell from the request who applies."
)]
pub struct NewArgs {
    /// Chain.
    #[command(flatten)]
    pub chain: ChainArgs,
    /// Documents.
    #[command(flatten)]
    pub published: PublishedArgs,
    /// Id of the program
    #[arg(long)]
    pub program: Name,
    /// The office's name on chain
    #[arg(long)]
    pub requester: Name,
    /// The office's signing key
    #[arg(long, value_name = "KEYFILE")]
    pub signing_key: PathBuf,
    /// The applicant; none where the program is anonymous.
    #[command(flatten)]
    pub applicant: ApplicantArgs,
    /// Where the case secret is written; an existing file is used again
    #[arg(long, value_name = "FILE")]
    pub case_secret: Option<PathBuf>,
    /// Why, in words that the applicant is shown. Their hash becomes public, and can be guessed at: nothing about the person
    #[arg(long)]
    pub purpose: String,
    /// A day of the period that is claimed; default: the chain's today
    #[arg(long, value_name = "DATE")]
    pub period_of: Option<Date>,
    /// Days until it expires
    #[arg(long, default_value_t = 14)]
    pub valid_days: u32,
    /// Address for the payment; a fresh one links nothing
    #[arg(long, value_parser = parse_address)]
    pub recipient: Option<Address>,
    /// Digest of the request whose approval this one corrects
    #[arg(long, value_name = "DIGEST")]
    pub corrects: Option<RequestDigest>,
    /// Where the signed request is written
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Whether an earlier request is replaced.
    #[command(flatten)]
    pub force: ForceArgs,
}

/// What was written.
#[derive(Debug, Serialize)]
pub struct RequestReport {
    file: PathBuf,
    digest: String,
    program: Name,
    period: Period,
    /// Its last second.
    expiry: Moment,
    #[serde(skip_serializing_if = "Option::is_none")]
    case_secret: Option<PathBuf>,
}

impl fmt::Display for RequestReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "request {} for {}, {} to {}, written to {}; it expires at {}",
            self.digest,
            self.program,
            self.period.start,
            self.period.end,
            shown(&self.file),
            self.expiry
        )?;
        if let Some(path) = &self.case_secret {
            write!(f, "\n  give the applicant the case secret in {}", shown(path))?;
        }
        Ok(())
    }
}

/// Runs it.
pub async fn new(args: &NewArgs) -> Outcome<RequestReport> {
    let out = Output::replacing(&args.out, Form::REQUEST, args.force, &[])?;
    let applicant = named(args.applicant.source(), args.case_secret.is_some())?;
    let existing = args.case_secret.as_deref().filter(|path| path.exists());
    let new_secret = args.case_secret.as_deref().filter(|_| existing.is_none() && applicant.is_some());
    let new_secret = new_secret.map(|path| Output::new(path, Form::secret("a case secret"))).transpose()?;
    let key = read_signing_key(&args.signing_key)?;
    let input = AskInput {
        program: args.program.clone(),
        requester: args.requester.clone(),
        applicant,
        case_secret: existing.map(read_case_secret).transpose()?,
        purpose: args.purpose.clone(),
        period_of: args.period_of,
        lifetime: u64::from(args.valid_days) * 86_400,
        recipient: args.recipient,
        corrects: args.corrects,
    };
    let chain = args.chain.open().await?;
    let asked = ask(input, &chain, &args.published, &key, &mut rand::rng()).await.map_err(Failure::of)?;
    // A request whose case secret is lost can't be answered: the secret is on disk first.
    if let (Some(secret), Some(place)) = (&asked.case_secret, new_secret) {
        place.put(format!("{}\n", secret.to_text()).as_bytes())?;
    }
    out.document(&asked.request)?;
    let request = asked.request.request;
    Ok(RequestReport {
        file: args.out.clone(),
        digest: request.digest().to_string(),
        period: request.period,
        program: request.program,
        expiry: Moment::from_unix(request.expiry),
        case_secret: args.case_secret.clone(),
    })
}

/// Shows what the chain says of a request.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Examples:\n  sealroot request evidence request.json --chain http://127.0.0.1:8545 --chain-trust trust.toml --out evidence.json\n  sealroot wallet consent request.json --evidence evidence.json --trust-card trust.toml --published published --wallet my.wallet --national-id-file id --case-secret case.secret --out consent.json\n\nHand the holder the request, the evidence, the case secret and the published documents; the trust card is the trust file, which the holder has from elsewhere. The holder's wallet takes it for half an hour, by its own clock. It holds nothing about the applicant."
)]
pub struct EvidenceArgs {
    /// The office's signed request
    pub request: PathBuf,
    /// Chain.
    #[command(flatten)]
    pub chain: ChainArgs,
    /// Checkpoint of an organisation (`sealroot chain checkpoint`), for wallets on a network without seals; several of one block
    #[arg(long = "checkpoint", value_name = "FILE")]
    pub checkpoints: Vec<PathBuf>,
    /// Where the evidence is written
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Whether earlier evidence is replaced.
    #[command(flatten)]
    pub force: ForceArgs,
}

/// What was written.
#[derive(Debug, Serialize)]
pub struct EvidenceReport {
    file: PathBuf,
    request: String,
    block: u64,
    time: Moment,
    bytes: usize,
}

impl fmt::Display for EvidenceReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "evidence of request {} at block {} ({}) written to {}, {} bytes",
            self.request,
            self.block,
            self.time,
            shown(&self.file),
            self.bytes
        )
    }
}

impl EvidenceArgs {
    /// What a wallet with this office's own trust file would refuse is refused here, where a checkpoint can still be added.
    fn refuse_useless(&self, evidence: &Evidence, signed: &SignedRequest) -> Outcome<()> {
        let Some(file) = &self.chain.chain_trust else { return Ok(()) };
        let trust = Trust::from_toml(&files::read_text(file)?).map_err(|e| Failure::of(e).context(shown(file)))?;
        let query = SnapshotQuery::of_request(signed, signed.signer().or_fail(Code::BadRequest)?);
        sealroot_verifier::evidence::check(evidence, &query, &trust).map(drop).map_err(|e| {
            Failure::of(e).context("no wallet with this trust file would take the evidence").advice(
                "add checkpoints of as many of the named organisations as it asks for (--checkpoint), or have it name those that sign ([checkpoints])",
            )
        })
    }
}

/// Runs it.
pub async fn evidence(args: &EvidenceArgs) -> Outcome<EvidenceReport> {
    let inputs: Vec<&std::path::Path> =
        [&args.request].into_iter().chain(&args.checkpoints).map(AsRef::as_ref).collect();
    let out = Output::replacing(&args.out, Form::EVIDENCE, args.force, &inputs)?;
    let signed: SignedRequest = files::read_document(&args.request)?;
    let checkpoints = args.checkpoints.iter().map(|file| files::read_document(file)).collect::<Outcome<Vec<_>>>()?;
    let chain = args.chain.open().await?;
    let shown = show_request_signed(&signed, &checkpoints, &chain).await;
    let Shown { evidence, block } = shown.map_err(Failure::of)?;
    args.refuse_useless(&evidence, &signed)?;
    let bytes = out.document(&evidence)?;
    Ok(EvidenceReport {
        file: args.out.clone(),
        request: signed.request.digest().to_string(),
        block: block.number,
        time: Moment::from_unix(block.time),
        bytes,
    })
}

/// The applicant, where there is one: an applicant and a case secret come together.
pub fn named(applicant: IdSource<'_>, has_secret: bool) -> Outcome<Option<String>> {
    match (applicant.is_given(), has_secret) {
        (true, false) => Err(Failure::new(Code::Usage, "an applicant is named, and no case secret")
            .advice("name the file of the case secret, too (--case-secret FILE)")),
        (false, false) => Ok(None),
        (_, true) => applicant.read_if_any(),
    }
}

/// Reads a case secret file.
pub fn read_case_secret(path: &std::path::Path) -> Outcome<CaseSecret> {
    let text = files::read_text(path)?;
    CaseSecret::from_text(line(&text).trim())
        .ok_or_else(|| Failure::new(Code::BadCaseSecret, format!("{} is not a case secret", shown(path))))
}
