//! `sealroot reduction`: two clerks lower an approval, or take it back, without the holder.

use crate::{
    chain::{ChainArgs, Provisional, provisional},
    decision::{amount, write_lines},
    failure::{Failure, Outcome},
    files::{self, ForceArgs, Form, Output, shown},
    secret::read_signing_key,
    ui::Ui,
};
use sealroot_office::{ReduceInput, enter_reduction, sign_reduction};
use sealroot_protocol::{
    amount::Amount,
    bundle::Bundle,
    code::Code,
    currency::Currency,
    date::Period,
    field::Digest,
    language::Language,
    moment::Moment,
    name::Name,
    printable::{printable, quoted},
    program::Program,
    reduction::SignedReduction,
};
use serde::Serialize;
use std::{fmt, path::PathBuf};

/// What to do with a reduction.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// State what is to stand and why, and sign it, as the first of two clerks
    Sign(SignArgs),
    /// Enter on chain what another clerk signed, and write the bundle with the reduction in it
    Enter(EnterArgs),
}

/// Runs it.
pub async fn run(command: Command, ui: Ui) -> Outcome<()> {
    match command {
        Command::Sign(args) => ui.report(&sign(&args).await?),
        Command::Enter(args) => ui.report(&enter(&args).await?),
    }
}

/// Signs a reduction.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Examples:\n  sealroot reduction sign decided.json --to 112.00 --reason-file reason.txt --signing-key office/first.key --out reduction.json\n  sealroot reduction sign decided.json --to 0.00 --reason-file reason.txt --signing-key office/first.key --out reduction.json   (takes it back)\n\nA reduction needs two keys of the office (officers add one with `chain add-requester-key`), a written reason, and no consent: the holder sees it on chain and in the bundle, and contests it with a new request that corrects the approval. What was paid already stays a number; nothing is settled."
)]
pub struct SignArgs {
    /// The bundle of the approval, as `decide` wrote it
    pub bundle: PathBuf,
    /// What is to stand, in the program's currency: 112.00
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true)]
    pub to: String,
    /// File with the reason, in words that the holder and a court read: at most 2000 bytes
    #[arg(long, value_name = "FILE")]
    pub reason_file: PathBuf,
    /// Chain.
    #[command(flatten)]
    pub chain: ChainArgs,
    /// The first clerk's key
    #[arg(long, value_name = "KEYFILE")]
    pub signing_key: PathBuf,
    /// Days within which the second clerk enters it
    #[arg(long, default_value_t = 14, value_parser = clap::value_parser!(u32).range(1..=60))]
    pub valid_days: u32,
    /// Where the signed reduction is written
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Whether an earlier one is replaced.
    #[command(flatten)]
    pub force: ForceArgs,
}

/// What was signed.
#[derive(Debug, Serialize)]
pub struct SignReport {
    /// What stands; absent where the program pays nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<Amount>,
    /// What is to stand.
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<Amount>,
    program: Name,
    period: Period,
    reason: String,
    /// Digest of the document that says why.
    document: Digest,
    /// The last second at which it can be entered.
    expiry: Moment,
    file: PathBuf,
}

impl fmt::Display for SignReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, signed and written to {}", change(self.from.as_ref(), self.to.as_ref()), shown(&self.file))?;
        about(f, &self.program, self.period, &self.reason)?;
        write!(f, "\n  another clerk enters it until {}, with another key of the office", self.expiry)
    }
}

/// Runs it.
pub async fn sign(args: &SignArgs) -> Outcome<SignReport> {
    let out = Output::replacing(&args.out, Form::REDUCTION, args.force, &[&args.bundle, &args.reason_file])?;
    let bundle: Bundle = files::read_document(&args.bundle)?;
    let to = minor(&args.to, &bundle.program)?;
    let reason = files::read_text(&args.reason_file)?;
    let (reason, key) = (without_line_end(&reason), read_signing_key(&args.signing_key)?);
    let chain = args.chain.open().await?;
    let lifetime = u64::from(args.valid_days) * 86_400;
    let input = ReduceInput { bundle: &bundle, to, reason, lifetime };
    let signed = sign_reduction(input, &chain, &key, &mut rand::rng()).await.map_err(Failure::of)?;
    out.document(&signed)?;
    let document = &signed.document;
    Ok(SignReport {
        from: amount(&bundle.program, document.from),
        to: amount(&bundle.program, document.to),
        program: document.program.clone(),
        period: bundle.request.request.period,
        reason: document.reason.clone(),
        document: document.digest().map_err(|e| Failure::new(Code::BadDocument, e.to_string()))?,
        expiry: Moment::from_unix(signed.expiry),
        file: args.out.clone(),
    })
}

/// Enters a reduction.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Example:\n  sealroot reduction enter reduction.json --bundle decided.json --signing-key office/second.key --out reduced.json\n\nWhat was interrupted is finished when it is run again with the same arguments."
)]
pub struct EnterArgs {
    /// The signed reduction
    pub reduction: PathBuf,
    /// The bundle of the approval
    #[arg(long, value_name = "FILE")]
    pub bundle: PathBuf,
    /// Chain.
    #[command(flatten)]
    pub chain: ChainArgs,
    /// The second clerk's key
    #[arg(long, value_name = "KEYFILE")]
    pub signing_key: PathBuf,
    /// Where the bundle with the reduction is written
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Whether an earlier bundle is replaced.
    #[command(flatten)]
    pub force: ForceArgs,
}

/// What stands now.
#[derive(Debug, Serialize)]
pub struct EnterReport {
    /// What stood; absent where the program pays nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<Amount>,
    /// What stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<Amount>,
    /// What was overpaid, if all that was granted was paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    overpaid: Option<Amount>,
    program: Name,
    period: Period,
    reason: String,
    /// Height of the block that the evidence is of.
    block: u64,
    /// When an earlier run entered it; absent where this one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    entered_before: Option<Moment>,
    /// Where a network can still take it back; run it again then.
    #[serde(skip_serializing_if = "Option::is_none")]
    provisional: Option<Provisional>,
    file: PathBuf,
}

impl fmt::Display for EnterReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let change = change(self.from.as_ref(), self.to.as_ref());
        match self.entered_before {
            Some(at) => write!(f, "{change}: had been entered at {at}, by an earlier run")?,
            None => write!(f, "{change}, entered on chain in block {}", self.block)?,
        }
        write!(f, "; bundle with the reduction written to {}", shown(&self.file))?;
        about(f, &self.program, self.period, &self.reason)?;
        if let Some(overpaid) = &self.overpaid {
            write!(
                f,
                "\n  overpaid, if every amount that was granted was paid: {overpaid}; nothing is settled by itself"
            )?;
        }
        write_lines(f, Provisional::line(self.provisional, Language::En))
    }
}

/// Runs it.
pub async fn enter(args: &EnterArgs) -> Outcome<EnterReport> {
    let signed = || files::read_document::<SignedReduction>(&args.reduction);
    let same = |old: &[u8]| {
        let entered = Bundle::from_bytes(old).ok().and_then(|old| old.reduction).map(|reduction| reduction.document);
        entered.is_some() && entered == signed().ok().map(|signed| signed.document)
    };
    let out = Output::finishing(&args.out, Form::BUNDLE, args.force, &[&args.reduction, &args.bundle], same)?;
    let signed = signed()?;
    let bundle: Bundle = files::read_document(&args.bundle)?;
    let key = read_signing_key(&args.signing_key)?;
    let chain = args.chain.open().await?;
    let reduced = enter_reduction(bundle, &signed, &chain, &key).await.map_err(Failure::of)?;
    out.document(&reduced.bundle)?;
    args.chain.remember(&chain).await?;
    let program = &reduced.bundle.program;
    Ok(EnterReport {
        from: amount(program, reduced.from),
        to: amount(program, reduced.to),
        overpaid: u64::try_from(reduced.overpaid).ok().filter(|more| *more > 0).and_then(|more| amount(program, more)),
        program: signed.document.program,
        period: reduced.bundle.request.request.period,
        reason: signed.document.reason,
        block: reduced.block,
        entered_before: reduced.entered_before.map(Moment::from_unix),
        provisional: provisional(&chain, reduced.block).await?,
        file: args.out.clone(),
    })
}

/// What both clerks have to know of it.
fn about(f: &mut fmt::Formatter<'_>, program: &Name, period: Period, reason: &str) -> fmt::Result {
    let lines = reason.lines().map(printable).filter(|line| !line.trim().is_empty()).collect::<Vec<_>>().join("\n    ");
    write!(f, "\n  {program}, {} to {}; the reason:\n    {lines}", period.start, period.end)
}

fn change(from: Option<&Amount>, to: Option<&Amount>) -> String {
    match (from, to) {
        (Some(from), Some(to)) if to.minor == 0 => format!("approval of {from} taken back"),
        (Some(from), Some(to)) => format!("approval of {from} reduced to {to}"),
        _ => "approval taken back".into(),
    }
}

/// An amount as people write it, in the program's currency, with or without decimals; 0 where it pays nothing.
fn minor(text: &str, program: &Program) -> Outcome<u64> {
    let currency = program.pays.as_ref().and_then(|pays| pays.currency.parse::<Currency>().ok());
    let written = |currency: Currency| {
        let whole = format!("{text}.{}", "0".repeat(currency.decimals() as usize));
        currency.minor_units(text).or_else(|| currency.minor_units(&whole)).and_then(|minor| u64::try_from(minor).ok())
    };
    let (read, form) = match currency {
        Some(currency) => (
            written(currency),
            format!(
                "write an amount in {currency} with a point, such as {}; to take the approval back write 0",
                currency.example()
            ),
        ),
        None => ((text == "0").then_some(0), "write 0, because the program pays nothing".to_owned()),
    };
    read.ok_or_else(|| {
        Failure::new(Code::Usage, format!("{} is not an amount that can stand", quoted(text))).advice(form)
    })
}

/// A reason without the line end that an editor leaves; a reason of several lines stays one.
fn without_line_end(text: &str) -> String {
    text.trim_end_matches(['\n', '\r']).to_owned()
}
