//! `sealroot request`: what an office asks of one applicant.

use crate::{
    chain::ChainArgs,
    failure::{Failure, OrBadInput, Outcome},
    files,
    published::PublishedArgs,
    secret::read_signing_key,
    ui::Ui,
};
use alloy_primitives::Address;
use sealroot_chain::{Calls, Chain};
use sealroot_protocol::{
    applicant::{Applicant, CaseSecret},
    canonical::Suite,
    consent::RequestDigest,
    date::{Date, Period},
    name::Name,
    policy::PolicyDigest,
    program::Program,
    request::{Nonce, Request},
    schema::text_value,
    snapshot::SnapshotQuery,
};
use serde::Serialize;
use std::{collections::BTreeSet, fmt, path::PathBuf};

/// What to do with a request.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Write and sign a request for one applicant
    New(NewArgs),
}

/// Runs it.
pub async fn run(command: Command, ui: Ui) -> Outcome<()> {
    match command {
        Command::New(args) => ui.report(&new(&args).await?),
    }
}

/// Writes a request.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Example:\n  sealroot request new --program heating-allowance --requester welfare-office --signing-key office/signing.key \\\n    --applicant 19840311-0042 --case-secret case.secret --purpose 'Heating allowance, November' --out request.json\n\nThe case secret is shared with the applicant (on paper, as a QR code); without it nobody can tell from the request who applies."
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
    /// National id of the applicant; none where the program is anonymous
    #[arg(long, value_name = "NATIONAL_ID", requires = "case_secret")]
    pub applicant: Option<String>,
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
    #[arg(long)]
    pub recipient: Option<Address>,
    /// Digest of the request whose approval this one corrects
    #[arg(long, value_name = "DIGEST")]
    pub corrects: Option<RequestDigest>,
    /// Where the signed request is written
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

/// What was written.
#[derive(Debug, Serialize)]
pub struct RequestReport {
    file: PathBuf,
    digest: String,
    program: Name,
    period: String,
    expiry: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    case_secret: Option<PathBuf>,
}

impl fmt::Display for RequestReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "request {} for {} {} written to {}", self.digest, self.program, self.period, self.file.display())?;
        if let Some(path) = &self.case_secret {
            write!(f, "\n  give the applicant the case secret in {}", path.display())?;
        }
        Ok(())
    }
}

/// Runs it.
pub async fn new(args: &NewArgs) -> Outcome<RequestReport> {
    let key = read_signing_key(&args.signing_key)?;
    let chain = args.chain.open().await?;
    let program = args.published.program(&args.program)?;
    let now = chain.now().await.map_err(Failure::of)?;
    let day = match args.period_of {
        Some(day) => day,
        None => Date::from_unix_time(now).or_bad_input("clock")?,
    };
    let period = program
        .period_containing(day)
        .ok_or_else(|| Failure::bad_input("no-period", format!("{day} is in no period of {}", program.id)))?;
    let policies = policies_in_force(args, &chain, &program, period).await?;
    let mut nonce = [0; 16];
    rand::fill(&mut nonce);
    let mut request = Request {
        suite: Suite,
        deployment: chain.deployment(),
        program: program.id.clone(),
        period,
        policies,
        requester: args.requester.clone(),
        purpose: args.purpose.clone(),
        applicant: Applicant::ANONYMOUS,
        nonce: Nonce(nonce.into()),
        not_before: now,
        expiry: now + u64::from(args.valid_days) * 86_400,
        recipient: args.recipient,
        corrects: args.corrects,
    };
    match (&args.applicant, program.anonymous) {
        (Some(_), true) => {
            return Err(Failure::bad_input(
                "anonymous-program",
                format!("{} is anonymous: don't name an applicant", program.id),
            ));
        }
        (None, false) => {
            return Err(Failure::bad_input("no-applicant", format!("{} needs an applicant", program.id))
                .advice("name him with --applicant and --case-secret"));
        }
        (None, true) => {}
        (Some(id), false) => {
            let secret = case_secret(args.case_secret.as_ref())?;
            request.applicant = Applicant::commit(request.scope(), text_value(id), &secret);
        }
    }
    // The contract computes the scope too; a difference would make every proof useless.
    let on_chain = chain.scope_on_chain(&program.id, period.start).await.map_err(Failure::of)?;
    if on_chain != request.scope() {
        return Err(Failure::rejected(
            "scope-mismatch",
            "the chain computes another scope for this program and period",
        )
        .advice("the published program is not the enacted one; get the right document"));
    }
    let signed = request.sign(&key).or_bad_input("bad-request")?;
    files::write_document(&args.out, &signed)?;
    Ok(RequestReport {
        file: args.out.clone(),
        digest: signed.request.digest().to_string(),
        program: program.id,
        period: format!("{} to {}", period.start, period.end),
        expiry: signed.request.expiry,
        case_secret: args.case_secret.clone(),
    })
}

/// The version of each policy that is enacted and in force on the period's first day. The published directory may hold others.
async fn policies_in_force(
    args: &NewArgs,
    chain: &impl Chain,
    program: &Program,
    period: Period,
) -> Outcome<Vec<PolicyDigest>> {
    let mut policies = Vec::new();
    for id in &program.policies {
        let mut versions = BTreeSet::new();
        for document in args.published.versions(id)? {
            versions.insert(document.policy.digest().or_bad_input("bad-policy")?);
        }
        let query = SnapshotQuery {
            roots: BTreeSet::new(),
            policies: versions,
            program: program.id.clone(),
            requester: args.requester.clone(),
            signer: Address::ZERO,
            nullifier: None,
            refusals: None,
        };
        let snapshot = chain.snapshot(&query).await.map_err(Failure::of)?;
        let mut found = snapshot.policies.iter();
        let in_force = found.find(|(_, entry)| {
            entry.id == *id && entry.withdrawn_at.is_none() && entry.in_force.contains(period.start)
        });
        let (digest, _) = in_force.ok_or_else(|| {
            let message = format!("no published version of policy {id} is enacted and in force on {}", period.start);
            Failure::bad_input("no-policy", message).advice("get the enacted version's document into --published")
        })?;
        policies.push(*digest);
    }
    Ok(policies)
}

fn case_secret(path: Option<&PathBuf>) -> Outcome<CaseSecret> {
    let path = path.ok_or_else(|| Failure::bad_input("no-case-secret", "name a file with --case-secret"))?;
    if path.exists() {
        return read_case_secret(path);
    }
    let mut bytes = [0; 16];
    rand::fill(&mut bytes);
    let secret = CaseSecret::from_random(bytes);
    files::write_new_secret(path, format!("{}\n", secret.to_text()).as_bytes())?;
    Ok(secret)
}

/// Reads a case secret file.
pub fn read_case_secret(path: &std::path::Path) -> Outcome<CaseSecret> {
    let text = files::read_text(path)?;
    CaseSecret::from_text(text.trim_end_matches('\n'))
        .ok_or_else(|| Failure::bad_input("bad-case-secret", format!("{} is not a case secret", path.display())))
}
