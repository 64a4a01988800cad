//! `policy explain` and `policy eval`: the rule for people, and its answer to plain facts.

use super::compile_file;
use crate::chain::ChainArgs;
use crate::failure::{Failure, OrFail, Outcome};
use crate::files::{self, ForceArgs, Form, Output, shown};
use crate::kinds::identify;
use crate::language::LanguageArgs;
use crate::published::PublishedArgs;
use sealroot_chain::Chain;
use sealroot_policy::{Compiled, GivenFacts, GivenRecord, Reason, ShownOutput, Step, Titles};
use sealroot_protocol::amount::Amount;
use sealroot_protocol::code::Code;
use sealroot_protocol::date::{Date, Period};
use sealroot_protocol::language::Language;
use sealroot_protocol::moment::Moment;
use sealroot_protocol::policy::PolicyDigest;
use sealroot_protocol::printable::printable;
use sealroot_protocol::snapshot::{PolicyEntry, SnapshotQuery};
use sealroot_protocol::{json_text, toml_text};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
};

/// Explains a policy.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Examples:\n  sealroot policy explain income.policy.toml --language zh\n  sealroot policy explain income.policy.toml --format html --out income.html\n  sealroot policy explain income.policy.toml --on-chain chain        (also since when it is the law, and whether that was made for days that had begun)"
)]
pub struct ExplainArgs {
    /// The policy's TOML file
    pub policy: PathBuf,
    /// Directory of an embedded chain: what it says of the published versions with this text
    #[arg(long, value_name = "DIR")]
    pub on_chain: Option<PathBuf>,
    /// How the page is written: text, markdown or html (one file that needs no other)
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: PageFormat,
    /// Write the page here instead of showing it
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Whether an earlier page is replaced.
    #[command(flatten)]
    pub force: ForceArgs,
    /// Where the document is published.
    #[command(flatten)]
    pub published: PublishedArgs,
    /// Language.
    #[command(flatten)]
    pub language: LanguageArgs,
}

/// How a page is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageFormat {
    /// For a terminal.
    Text,
    /// For a text that is written on.
    Markdown,
    /// For a browser or a printer.
    Html,
}

impl FromStr for PageFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "text" => Ok(Self::Text),
            "markdown" => Ok(Self::Markdown),
            "html" => Ok(Self::Html),
            other => Err(format!("“{}” is no form of a page: use text, markdown or html", printable(other))),
        }
    }
}

/// A page.
#[derive(Debug, Serialize)]
pub struct ExplainReport {
    page: String,
    /// The file that holds the page; absent where it is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    out: Option<PathBuf>,
    /// What the chain says of it; absent where no chain was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    enacted: Option<Vec<Enacted>>,
    #[serde(skip)]
    language: Language,
}

/// A version of the policy with this text, as it stands on chain.
#[derive(Debug, Serialize)]
struct Enacted {
    digest: PolicyDigest,
    enacted: Moment,
    /// First and last day on which it is in force.
    from: Date,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    withdrawn: Option<Moment>,
    /// The withdrawn version in whose place it was enacted for days that had begun.
    #[serde(skip_serializing_if = "Option::is_none")]
    retroactive: Option<PolicyDigest>,
}

impl Enacted {
    fn words(&self, language: Language) -> String {
        let Self { digest, enacted, from, until, withdrawn, retroactive } = self;
        let until = until.map_or_else(|| language.say("open-ended", "无限期").to_owned(), |day| day.to_string());
        let mut words = match language {
            Language::En => format!("on chain: version {digest}, enacted on {enacted}, in force {from} to {until}"),
            Language::Zh => format!("链上：版本 {digest}，{enacted} 颁布，有效期 {from} 至 {until}"),
        };
        if let Some(replaced) = retroactive {
            words += &match language {
                Language::En => {
                    format!("\n  RETROACTIVE: for days that had begun, in the place of withdrawn version {replaced}")
                }
                Language::Zh => format!("\n  追溯：为已开始的日期颁布，取代已撤回的版本 {replaced}"),
            };
        }
        if let Some(at) = withdrawn {
            words += &match language {
                Language::En => format!("\n  WITHDRAWN on {at}: nothing is approved under it any more"),
                Language::Zh => format!("\n  {at} 已撤回：不再据此批准"),
            };
        }
        words
    }
}

impl fmt::Display for ExplainReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.out {
            Some(out) => match self.language {
                Language::En => write!(f, "page written to {}", shown(out))?,
                Language::Zh => write!(f, "页面已写入 {}", shown(out))?,
            },
            None => f.write_str(self.page.trim_end())?,
        }
        let Some(enacted) = &self.enacted else { return Ok(()) };
        if enacted.is_empty() {
            let none = "on chain: no published version with this text is enacted";
            return write!(f, "\n\n{}", self.language.say(none, "链上：没有颁布过与此文本相同的已公布版本"));
        }
        enacted.iter().try_for_each(|version| write!(f, "\n\n{}", version.words(self.language)))
    }
}

/// Runs it.
pub async fn explain(args: &ExplainArgs) -> Outcome<ExplainReport> {
    let place = |path| Output::replacing(path, Form::PAGE, args.force, &[&args.policy]);
    let place = args.out.as_deref().map(place).transpose()?;
    let (compiled, language) = (compile_file(&args.policy)?, args.language.language);
    let enacted = match &args.on_chain {
        Some(chain) => Some(on_chain(&compiled, chain, &args.published).await?),
        None => None,
    };
    let page = compiled.page(language);
    let page = match args.format {
        PageFormat::Text => page.to_text(),
        PageFormat::Markdown => page.to_markdown(),
        PageFormat::Html => page.to_html(),
    };
    if let Some(place) = place {
        place.put(page.as_bytes())?;
    }
    Ok(ExplainReport { page, out: args.out.clone(), enacted, language })
}

async fn on_chain(compiled: &Compiled, chain: &Path, published: &PublishedArgs) -> Outcome<Vec<Enacted>> {
    let versions = published.versions(&compiled.text().id)?;
    let own = versions.iter().filter(|document| document.text == compiled.source().text);
    let digests = own.map(|document| document.policy.digest().or_fail(Code::BadPolicy)).collect::<Outcome<Vec<_>>>()?;
    let chain = ChainArgs::from(chain.to_owned()).open().await?;
    let snapshot = chain.snapshot(&SnapshotQuery::of_policies(digests)).await.map_err(Failure::of)?;
    let line = |(digest, entry): (PolicyDigest, PolicyEntry)| Enacted {
        digest,
        enacted: Moment::from_unix(entry.enacted_at),
        from: entry.in_force.from,
        until: entry.in_force.until,
        withdrawn: entry.withdrawn_at.map(Moment::from_unix),
        retroactive: entry.retroactive,
    };
    Ok(snapshot.policies.into_iter().map(line).collect())
}

/// Evaluates a policy.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Example:\n  sealroot policy eval income.policy.toml --as-of 2026-11-01 --fact employed=true --fact income=800.00\n  sealroot policy eval income.policy.toml --as-of 2026-11-01 --fact employed=true --fact income=0.00 --fact income_03=9600.00\n  sealroot policy eval supplement.policy.toml --as-of 2026-11-01 --fact rent=640.00 --member birth_date=1990-03-01 --member birth_date=2022-11-15\n  sealroot policy eval supplement.policy.toml --as-of 2026-11-01 --facts household.json --steps"
)]
pub struct EvalArgs {
    /// The policy's TOML file
    pub policy: PathBuf,
    /// The reference day; also the period's first day unless --period-end says more
    #[arg(long, value_name = "DATE")]
    pub as_of: Date,
    /// Last day of the period
    #[arg(long, value_name = "DATE")]
    pub period_end: Option<Date>,
    /// A table of facts, JSON or TOML, as in a case of a policy; of a household with a list `members`
    #[arg(long = "facts", value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// attribute=value, as it would stand in the CSV file; a repeated attribute takes one value for all or comma-separated ones
    #[arg(long = "fact", value_name = "NAME=VALUE")]
    pub facts: Vec<String>,
    /// A member of the household: attribute=value, several joined by ';'; source.attribute=value where both of the member's records have it
    #[arg(long = "member", value_name = "NAME=VALUE;…")]
    pub members: Vec<String>,
    /// Also each step in words: facts, what follows from them, which requirements hold, how the outputs come about
    #[arg(long)]
    pub steps: bool,
    /// Language.
    #[command(flatten)]
    pub language: LanguageArgs,
}

/// An answer.
///
/// No `Debug`: the steps say the facts.
#[derive(Serialize)]
pub struct EvalReport {
    decision: bool,
    outputs: BTreeMap<String, OutputValue>,
    failed: Vec<String>,
    revealed: Vec<String>,
    /// The failed ones in the law's words, in the same order.
    reasons: Vec<Reason>,
    /// What the law calls each output.
    titles: BTreeMap<String, BTreeMap<String, String>>,
    /// Each step in the reader's language; absent where none were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    steps: Option<Vec<Step>>,
    #[serde(skip)]
    page: Option<String>,
    #[serde(skip)]
    language: Language,
}

/// An output: an amount with its currency, or what people write for it.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum OutputValue {
    Amount(Amount),
    Text(String),
}

impl From<ShownOutput> for OutputValue {
    fn from(output: ShownOutput) -> Self {
        match output.currency {
            Some(currency) => Self::Amount(Amount::new(output.value, currency)),
            None => Self::Text(output.shown),
        }
    }
}

impl fmt::Display for OutputValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Amount(amount) => amount.fmt(f),
            Self::Text(text) => f.write_str(text),
        }
    }
}

impl fmt::Display for EvalReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (yes, no) = (self.language.say("fulfilled", "符合"), self.language.say("not fulfilled", "不符合"));
        let failed = self.language.say("failed", "未满足");
        f.write_str(if self.decision { yes } else { no })?;
        for (name, value) in &self.outputs {
            match self.titles.get(name).and_then(|texts| self.language.pick(texts)) {
                Some(title) => write!(f, "\n  {title} ({name}): {value}")?,
                None => write!(f, "\n  {name}: {value}")?,
            }
        }
        for reason in &self.reasons {
            let hidden = self.language.say(" (not revealed by a proof)", "（证明不显示此原因）");
            let shown = if self.revealed.contains(&reason.code) { "" } else { hidden };
            match self.language.pick(&reason.message) {
                Some(message) => write!(f, "\n  {failed}: {}: {message}{shown}", reason.code)?,
                None => write!(f, "\n  {failed}: {}{shown}", reason.code)?,
            }
        }
        match &self.page {
            Some(page) => write!(f, "\n\n{}", page.trim_end()),
            None => Ok(()),
        }
    }
}

/// Runs it.
pub fn eval(args: &EvalArgs) -> Outcome<EvalReport> {
    let compiled = compile_file(&args.policy)?;
    let mut given = match &args.file {
        Some(path) => facts_file(path)?,
        None => GivenFacts::default(),
    };
    for fact in &args.facts {
        insert(&mut given.record, fact)?;
    }
    for member in &args.members {
        let mut record = GivenRecord::new();
        member.split(';').try_for_each(|fact| insert(&mut record, fact))?;
        given.members.push(record);
    }
    let period = Period { start: args.as_of, end: args.period_end.unwrap_or(args.as_of.month().last_day()) };
    let facts = compiled.facts(&given, args.as_of, period).map_err(Failure::of)?;
    let outcome = compiled.evaluate(&facts).or_fail(Code::Unprovable)?;
    let language = args.language.language;
    let calculation = args.steps.then(|| compiled.calculate(&facts, language)).transpose().or_fail(Code::Unprovable)?;
    Ok(EvalReport {
        decision: outcome.decision,
        reasons: Reason::of_text(&compiled.source().text, &outcome.failed),
        titles: Titles::of_text(&compiled.source().text).outputs,
        page: calculation.as_ref().map(|calculation| calculation.page().to_text()),
        steps: calculation.map(|calculation| calculation.steps),
        language,
        outputs: outcome.outputs.into_iter().map(|o| (o.name.clone(), OutputValue::from(o))).collect(),
        failed: outcome.failed,
        revealed: outcome.revealed,
    })
}

fn insert(record: &mut GivenRecord, fact: &str) -> Outcome<()> {
    let (name, value) = fact
        .split_once('=')
        .ok_or_else(|| Failure::new(Code::BadFact, format!("“{}” is not of the form name=value", printable(fact))))?;
    match record.insert(name.to_owned(), value.split(',').map(str::to_owned).collect()) {
        None => Ok(()),
        Some(_) => Err(Failure::new(Code::BadFact, format!("“{}” is given twice", printable(name)))
            .advice("give each fact once; a repeated attribute takes comma-separated values")),
    }
}

/// JSON if it begins like it, else TOML.
fn facts_file(path: &Path) -> Outcome<GivenFacts> {
    let text = files::read_text(path)?;
    // The fields of another kind of file aren't facts: what it is, is the mistake.
    if identify(text.as_bytes(), Language::En).is_some() {
        return Err(files::of_kind(path, text.as_bytes(), FACTS, Failure::new(Code::BadFact, shown(path))));
    }
    let table: BTreeMap<String, toml::Value> = if text.trim_start().starts_with('{') {
        json_text::read(&text).or_fail(Code::BadFact).map_err(|e| e.context(shown(path)))?
    } else {
        toml_text::read(&text).or_fail(Code::BadFact).map_err(|e| e.context(shown(path)))?
    };
    GivenFacts::from_table(&table).map_err(Failure::of)
}

/// What is expected.
const FACTS: &str = "table of facts";
