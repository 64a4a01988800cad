//! `sealroot prove`: a citizen's consent and the records become the proof of a part. An agency proves from its own vault, the prover whom a household chose
//! from what its members released.

mod released;

use crate::{
    chain::{ChainArgs, chain_failure},
    failure::{Failure, OrBadInput, Outcome},
    files,
    keys::KeyArgs,
    published::PublishedArgs,
    secret::PassphraseArgs,
    ui::Ui,
    verb::agency::{VaultArgs, vault_failure},
};
use sealroot_chain::Chain;
use sealroot_circuits::{RecordWitness, Witness};
use sealroot_protocol::{
    bundle::Part, machine::ValidWords, name::Name, policy::PolicyDocument, program::Program, request::SignedRequest,
    snapshot::SnapshotQuery,
};
use sealroot_prover::{Prover, Stage, Statement, assemble::Assembled};
use sealroot_vault::{
    Vault,
    log::Access,
    read::{Opened, Which},
    sqlite::SqliteStore,
};
use sealroot_verifier::verify_request;
use sealroot_wallet::ConsentFile;
use serde::Serialize;
use std::{fmt, path::PathBuf, time::Instant};

/// Proves one part.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Examples:\n  sealroot prove --vault tax-office --national-id 19840311-0042 --policy income --request request.json --consent consent.json --out income.part.json\n  sealroot prove --released household.sealed.json --released a.sealed.json --released b.sealed.json --recipient-key prover/recipient.key \\\n    --policy minimum-living --request request.json --consent consent.json --out part.json"
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
    pub passphrase: PassphraseArgs,
    /// Whose record, in the vault
    #[arg(long, requires = "vault")]
    pub national_id: Option<String>,
    /// Which record, in schemas with many records per person
    #[arg(long, value_name = "KEY", requires = "national_id")]
    pub business_key: Option<String>,
    /// A record that was released to this prover (`agency release`); one option per file
    #[arg(long, value_name = "FILE", conflicts_with = "national_id", requires = "recipient_key")]
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
}

/// What was proved.
#[derive(Debug, Serialize)]
pub struct ProveReport {
    policy: Name,
    /// The part's decision.
    pub decision: bool,
    file: PathBuf,
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
            "{}: decision {}, proved in {} ms (witness {} ms, check {} ms), written to {}",
            self.policy,
            u8::from(self.decision),
            t.prove,
            t.witness,
            t.verify,
            self.file.display()
        )
    }
}

/// Runs it.
pub async fn run(args: &Args, ui: Ui) -> Outcome<ProveReport> {
    let signed: SignedRequest = files::read_document(&args.request)?;
    let consent = ConsentFile::from_bytes(&files::read(&args.consent)?).or_bad_input("bad-consent")?;
    consent.check(&signed.request).map_err(|e| Failure::rejected("consent-mismatch", e))?;
    let program = args.published.program(&signed.request.program)?;
    let policies = args.published.policies(&signed.request.policies)?;
    let chain = args.chain.open().await?;
    check_request(args, &chain, &signed, &program, &policies).await?;
    drop(chain);
    let (part, times_ms) = make_part(args, &signed, &program, &policies, consent, ui).await?;
    if part.inputs.applicant != signed.request.applicant {
        return Err(Failure::rejected(
            "applicant-mismatch",
            "the record is not the applicant's whom the request names",
        )
        .advice("check whose record it is, and that the case secret in the consent is the office's"));
    }
    files::write_document(&args.out, &part)?;
    Ok(ProveReport { policy: args.policy.clone(), decision: part.inputs.decision, file: args.out.clone(), times_ms })
}

/// Opens the record and proves, without asking whether a verifier will accept it: what somebody's own prover could do.
pub async fn make_part(
    args: &Args,
    signed: &SignedRequest,
    program: &Program,
    policies: &[PolicyDocument],
    consent: ConsentFile,
    ui: Ui,
) -> Outcome<(Part, ProveTimes)> {
    let mut times = ProveTimes::default();
    let document = policies.iter().find(|d| d.policy.id == args.policy).ok_or_else(|| {
        Failure::bad_input("unknown-policy", format!("the request doesn't name policy {}", args.policy))
    })?;
    let started = Instant::now();
    ui.say("loading the proving key …");
    let prover = args.keys.prover(document.policy.shape)?;
    times.load = started.elapsed().as_millis();

    let records = match (&args.vault, &args.national_id) {
        (Some(directory), Some(national_id)) => {
            let (key_file, passphrase) = (args.key_file.clone(), args.passphrase.clone());
            let vault = VaultArgs { vault: directory.clone(), key_file, passphrase }.open().await?;
            let opened = open_record(&vault, args, national_id, document, signed).await;
            vault.close().await;
            let Opened { record, path, .. } = opened?;
            Assembled { record: RecordWitness { record, path }, members: Vec::new() }
        }
        _ => {
            let (records, vouchers) = released::open(args, released::key(args)?, document, signed)?;
            if !vouchers.is_empty() {
                released::check_vouchers(&args.chain.open().await?, &vouchers).await?;
            }
            records
        }
    };
    let part = prove(&prover, document, program, signed, records, consent, ui, &mut times)?;
    Ok((part, times))
}

/// Enacted policies and authorised offices only: otherwise an office could search for an income with a series of thresholds.
async fn check_request(
    args: &Args,
    chain: &impl Chain,
    signed: &SignedRequest,
    program: &Program,
    policies: &[PolicyDocument],
) -> Outcome<()> {
    let signer = signed.signer().map_err(|e| Failure::rejected("bad-request", e))?;
    let now = chain.now().await.map_err(chain_failure)?;
    let snapshot = chain.snapshot(&SnapshotQuery::of_request(signed, signer)).await.map_err(chain_failure)?;
    let now = now.max(snapshot.block.time);
    let keys = args.keys.universal_keys()?;
    verify_request(signed, program, policies, &snapshot, &keys, now).map_err(|r| Failure::rejected(r.reason(), r))
}

async fn open_record(
    vault: &Vault<SqliteStore>,
    args: &Args,
    national_id: &str,
    document: &PolicyDocument,
    signed: &SignedRequest,
) -> Outcome<Opened> {
    let words = valid_words(document)?;
    let (Some(source), Some(rule)) = (document.policy.sources.first(), words.rules().sources.first()) else {
        return Err(Failure::bad_input("bad-policy", "the policy has no source"));
    };
    if document.policy.sources.len() > 1 {
        let message = format!("policy {} is decided on the records of several people and agencies", args.policy);
        return Err(Failure::bad_input("needs-released-records", message)
            .advice("have them released to a prover's key, and name them with --released"));
    }
    if source.agency != *vault.agency() {
        let message =
            format!("policy {} is decided by {}, this is the vault of {}", args.policy, source.agency, vault.agency());
        return Err(Failure::bad_input("other-agency", message));
    }
    let which = Which {
        subject: vault.subject(national_id).or_bad_input("bad-national-id")?,
        schema: source.schema,
        period: rule.facts_period.resolve(&signed.request.period).or_bad_input("bad-period")?,
        business_key: args.business_key.clone(),
    };
    let access = Access {
        who: signed.request.requester.to_string(),
        reason: format!("proof of {} for request {}", args.policy, signed.request.digest()),
    };
    vault.open_record(&which, None, &access).await.map_err(vault_failure)
}

fn valid_words(document: &PolicyDocument) -> Outcome<ValidWords> {
    ValidWords::check(document.policy.shape, document.policy.words.clone()).or_bad_input("invalid-words")
}

#[expect(clippy::too_many_arguments, reason = "one call site; each argument is a document of its own")]
fn prove(
    prover: &Prover,
    document: &PolicyDocument,
    program: &Program,
    signed: &SignedRequest,
    records: Assembled,
    consent: ConsentFile,
    ui: Ui,
    times: &mut ProveTimes,
) -> Outcome<Part> {
    let words = valid_words(document)?;
    let witness = Witness {
        record: records.record,
        members: records.members,
        opening: signed.request.scope_opening(),
        case_secret: consent.case_secret,
        consent: consent.consent,
    };
    let statement = Statement {
        policy: document.policy.digest().or_bad_input("bad-policy")?,
        words: &words,
        as_of: program.as_of(signed.request.period),
        request: signed.request.digest(),
    };
    let mut marks = Vec::new();
    let proved = prover.prove(statement, &witness, &mut |stage| {
        marks.push(Instant::now());
        match stage {
            Stage::Witness => ui.say("computing the witness …"),
            Stage::Prove => ui.say("proving …"),
            Stage::Verify => ui.say("checking the proof …"),
        }
    });
    let part = proved.map_err(|e| Failure::rejected("unprovable", e))?;
    marks.push(Instant::now());
    if let [witness, prove, verify, end] = marks[..] {
        times.witness = (prove - witness).as_millis();
        times.prove = (verify - prove).as_millis();
        times.verify = (end - verify).as_millis();
    }
    Ok(part)
}
