//! `sealroot prove`: a citizen's consent and the records become the proof of a part. An agency proves from its own vault, the prover whom a household chose
//! from what its members released.

mod released;

use crate::{
    chain::ChainArgs,
    failure::{Failure, OrBadInput, Outcome},
    files,
    keys::KeyArgs,
    published::PublishedArgs,
    secret::PassphraseArgs,
    ui::Ui,
    verb::agency::{VaultArgs, vault_failure},
};
use released::Voucher;
use sealroot_chain::Chain;
use sealroot_circuits::{RecordWitness, Witness};
use sealroot_handover::{Access, ConsentFile};
use sealroot_protocol::{
    bundle::Part, machine::ValidWords, name::Name, policy::PolicyDocument, program::Program, request::SignedRequest,
    snapshot::SnapshotQuery,
};
use sealroot_prover::{Prover, Stage, Statement, assemble::Assembled};
use sealroot_vault::{
    Vault,
    read::{Opened, Which},
    sqlite::SqliteStore,
};
use sealroot_verifier::{verify_request, verify_roots};
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
    let (place, document) = named(args, &policies)?;
    let (records, vouchers) = open_records(args, document, &signed).await?;
    released::check_vouchers(&chain, &vouchers).await?;
    check_roots(place, document, &records, &chain, &signed).await?;
    drop(chain);
    let (part, times_ms) = prove_records(args, &signed, &program, document, records, consent, ui)?;
    let tables = args.keys.has_tables(document.policy.shape);
    if part.inputs.applicant != signed.request.applicant {
        return Err(Failure::rejected(
            "applicant-mismatch",
            "the record is not the applicant's whom the request names",
        )
        .advice("check whose record it is, and that the case secret in the consent is the office's"));
    }
    files::write_document(&args.out, &part)?;
    let (policy, file) = (args.policy.clone(), args.out.clone());
    Ok(ProveReport { policy, decision: part.inputs.decision, file, tables, times_ms })
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
    let (_, document) = named(args, policies)?;
    let (records, _) = open_records(args, document, signed).await?;
    prove_records(args, signed, program, document, records, consent, ui)
}

/// The policy that is to be proved, and its place in the request.
fn named<'p>(args: &Args, policies: &'p [PolicyDocument]) -> Outcome<(usize, &'p PolicyDocument)> {
    policies
        .iter()
        .enumerate()
        .find(|(_, d)| d.policy.id == args.policy)
        .ok_or_else(|| Failure::bad_input("unknown-policy", format!("the request doesn't name policy {}", args.policy)))
}

/// The records, and who vouches for the signatures on which they were released.
async fn open_records(
    args: &Args,
    document: &PolicyDocument,
    signed: &SignedRequest,
) -> Outcome<(Assembled, Vec<Voucher>)> {
    let (Some(directory), Some(national_id)) = (&args.vault, &args.national_id) else {
        return released::open(args, released::key(args)?, document, signed);
    };
    let (key_file, passphrase) = (args.key_file.clone(), args.passphrase.clone());
    let vault = VaultArgs { vault: directory.clone(), key_file, passphrase }.open().await?;
    let opened = open_record(&vault, args, national_id, document, signed).await;
    vault.close().await;
    let Opened { record, path, .. } = opened?;
    Ok((Assembled { record: RecordWitness { record, path }, members: Vec::new() }, Vec::new()))
}

fn prove_records(
    args: &Args,
    signed: &SignedRequest,
    program: &Program,
    document: &PolicyDocument,
    records: Assembled,
    consent: ConsentFile,
    ui: Ui,
) -> Outcome<(Part, ProveTimes)> {
    let mut times = ProveTimes::default();
    let started = Instant::now();
    ui.say("loading the proving key …");
    let prover = args.keys.prover(document.policy.shape)?;
    times.load = started.elapsed().as_millis();
    let part = prove(&prover, document, program, signed, records, consent, ui, &mut times)?;
    Ok((part, times))
}

/// Records under roots that count only: whoever made one up, in which a household has other members, would learn from the proof's outputs about those whose
/// true records were released with it.
async fn check_roots(
    place: usize,
    document: &PolicyDocument,
    records: &Assembled,
    chain: &impl Chain,
    signed: &SignedRequest,
) -> Outcome<()> {
    let roots = records.roots();
    let signer = signed.signer().map_err(|e| Failure::rejected("bad-request", e))?;
    let mut query = SnapshotQuery::of_request(signed, signer);
    let agencies = document.policy.sources.iter().map(|source| source.agency.clone());
    query.roots.extend(agencies.zip(roots.iter().copied()));
    let snapshot = chain.snapshot(&query).await.map_err(Failure::of)?;
    let now = chain.now().await.map_err(Failure::of)?.max(snapshot.block.time);
    verify_roots(place, &roots, &document.policy, &snapshot, now).map_err(|r| {
        Failure::rejected(r.reason(), r)
            .advice("have the record released again, under a root that the agency has anchored; nothing was proved")
    })
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
    let now = chain.now().await.map_err(Failure::of)?;
    let snapshot = chain.snapshot(&SnapshotQuery::of_request(signed, signer)).await.map_err(Failure::of)?;
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
        why: format!("proof of {} for request {}", args.policy, signed.request.digest()),
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
