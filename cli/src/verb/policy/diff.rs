//! `policy diff`: what a new version of a law changes, and for whom among sample facts.

use super::compile_file;
use crate::failure::{Failure, OrFail, Outcome};
use crate::files::{self, shown};
use crate::language::LanguageArgs;
use sealroot_policy::{Change, Compiled, Effect, GivenFacts, Part, Sample, Sampler, Version};
use sealroot_protocol::code::Code;
use sealroot_protocol::currency::Currency;
use sealroot_protocol::date::{Date, Period};
use sealroot_protocol::language::Language;
use sealroot_protocol::printable::{printable, quoted};
use serde::Serialize;
use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

/// Compares two versions.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Examples:\n  sealroot policy diff basic-income-1.policy.toml basic-income-2.policy.toml\n  sealroot policy diff old.policy.toml new.policy.toml --records persons.csv --as-of 2027-01-01 --language zh\n\nThree kinds of samples are judged by both versions, on the same day: the cases of both files; the records that are named, one person a line as for `sealroot agency import`; and random facts on and around the limits of both versions, where most changes show. Amounts over samples are no forecast: a sample is not a population. Records are read on this machine and leave it in no form."
)]
pub struct DiffArgs {
    /// The earlier version's TOML file
    pub old: PathBuf,
    /// The later version's TOML file
    pub new: PathBuf,
    /// Records of persons, CSV with a header, as an agency imports them; for policies about one person
    #[arg(long, value_name = "FILE")]
    pub records: Option<PathBuf>,
    /// The day on which records are judged [default: the first day of the later version]
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<Date>,
    /// How many random facts around the limits are judged
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub samples: usize,
    /// Seed of the random facts
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Language.
    #[command(flatten)]
    pub language: LanguageArgs,
}

/// What changes.
#[derive(Debug, Serialize)]
pub struct DiffReport {
    old: String,
    new: String,
    /// In the order in which a law is read.
    changes: Vec<Change>,
    /// On the cases of both files.
    cases: Effect,
    /// On the records; absent where none were named.
    #[serde(skip_serializing_if = "Option::is_none")]
    records: Option<Effect>,
    /// On random facts around the limits.
    limits: Effect,
    #[serde(skip)]
    language: Language,
}

/// Runs it.
pub fn diff(args: &DiffArgs) -> Outcome<DiffReport> {
    let (old, new) = (compile_file(&args.old)?, compile_file(&args.new)?);
    let as_of = args.as_of.unwrap_or(new.text().in_force.get_ref().from);
    let records = match &args.records {
        Some(path) => Some(new.effect_since(&old, &records(path, as_of, &new, args.language.language)?)),
        None => None,
    };
    // Who loses something often stands at a limit that only the earlier version has.
    let mut samplers = [Sampler::new(&old, args.seed), Sampler::new(&new, args.seed)];
    let limits: Vec<Sample> = (0..args.samples).map(|i| Sample::Plain(samplers[i % 2].facts())).collect();
    let cases: Vec<Sample> = cases(&old)?.into_iter().chain(cases(&new)?).collect();
    Ok(DiffReport {
        old: format!("{} {}", old.text().id, old.text().version.get_ref()),
        new: format!("{} {}", new.text().id, new.text().version.get_ref()),
        changes: new.changes_since(&old, args.language.language),
        cases: new.effect_since(&old, &cases),
        records,
        limits: new.effect_since(&old, &limits),
        language: args.language.language,
    })
}

/// The cases of a version, each on its own day.
fn cases(version: &Compiled) -> Outcome<Vec<Sample>> {
    let cases = version.text().cases.iter().map(|case| {
        let month = case.as_of.month();
        let period = case.period.unwrap_or(Period { start: month.first_day(), end: month.last_day() });
        let facts = GivenFacts::from_table(&case.facts).map_err(Failure::of)?;
        Ok(Sample::Given { label: case.name.get_ref().clone(), facts, as_of: case.as_of, period })
    });
    cases.collect()
}

/// One person a line. What names the person is no fact.
fn records(path: &Path, as_of: Date, version: &Compiled, language: Language) -> Outcome<Vec<Sample>> {
    if version.text().sources.len() > 1 {
        let failure = Failure::new(Code::BadFact, "records of persons make no household");
        return Err(failure.advice("leave out --records: the cases of both files are compared, and random households"));
    }
    let text = files::read_text(path)?;
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let bad =
        |error: csv::Error| Failure::new(Code::BadFact, format!("{}: {}", shown(path), printable(&error.to_string())));
    let header = reader.headers().map_err(bad)?.clone();
    let mut seen = BTreeSet::new();
    if let Some(twice) = header.iter().find(|name| !seen.insert(*name)) {
        let message = format!("{}: the column {} stands twice", shown(path), quoted(twice));
        let failure = Failure::new(Code::BadFact, message);
        return Err(failure.advice("rename one of the two columns, or take it out: nobody could say which one counts"));
    }
    let period = Period { start: as_of, end: as_of.month().last_day() };
    let mut samples = Vec::new();
    for row in reader.records() {
        let row = row.map_err(bad)?;
        let record = header.iter().zip(row.iter()).map(|(name, value)| (name.to_owned(), vec![value.to_owned()]));
        let facts = GivenFacts { record: record.collect(), members: Vec::new() };
        let line = row.position().map_or(0, csv::Position::line);
        let label = match language {
            Language::En => format!("line {line}"),
            Language::Zh => format!("第 {line} 行"),
        };
        samples.push(Sample::Given { label, facts, as_of, period });
    }
    (!samples.is_empty()).then_some(samples).ok_or("a header and no records").or_fail(Code::BadFact)
}

impl fmt::Display for DiffReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let l = self.language;
        write!(f, "{} → {}", self.old, self.new)?;
        if self.changes.is_empty() {
            write!(f, "\n\n{}", l.say("Both versions say the same.", "两个版本内容相同。"))?;
        }
        let mut part = None;
        for change in &self.changes {
            if part != Some(change.part) {
                write!(f, "\n\n{}", heading(change.part, l))?;
                part = Some(change.part);
            }
            write!(f, "\n  {}", printable(&change.name))?;
            let absent = l.say("(not there)", "（无）").to_owned();
            write!(f, "\n    - {}", change.before.as_ref().unwrap_or(&absent))?;
            write!(f, "\n    + {}", change.after.as_ref().unwrap_or(&absent))?;
        }
        let cases = l.say("The cases of both files", "两个文件中的案例");
        let records = l.say("The records", "记录");
        let limits = l.say("Random facts on and around the limits", "界限附近的随机事实");
        effect(f, cases, &self.cases, l, true)?;
        if let Some(of_records) = &self.records {
            effect(f, records, of_records, l, true)?;
        }
        effect(f, limits, &self.limits, l, false)
    }
}

fn effect(f: &mut fmt::Formatter<'_>, heading: &str, effect: &Effect, l: Language, totals: bool) -> fmt::Result {
    let Effect { compared, not_applicable, inapplicable, newly_approved, newly_refused, refused_by, changed, outputs } =
        effect;
    write!(f, "\n\n{heading}")?;
    match l {
        Language::En => write!(
            f,
            "\n  compared {compared}: newly approved {newly_approved}, newly refused {newly_refused}, approved with another result {changed}"
        )?,
        Language::Zh => write!(
            f,
            "\n  已比较 {compared} 项：新获批准 {newly_approved}，新被拒绝 {newly_refused}，结果不同但仍获批准 {changed}"
        )?,
    }
    if *not_applicable > 0 {
        let why = l.say(
            "to which one of the versions can't be applied, for an attribute is missing or has another kind",
            "因缺少属性或属性类型不同，其中一个版本无法适用",
        );
        write!(f, "\n  {not_applicable} {why}")?;
    }
    for why in inapplicable {
        let version = match why.version {
            Version::Old => l.say("the earlier version", "原版本"),
            Version::New => l.say("the later version", "新版本"),
        };
        let named: Vec<String> = why.samples.iter().map(|sample| printable(sample)).collect();
        let more = if why.count > named.len() && !named.is_empty() { ", …" } else { "" };
        let colon = if named.is_empty() { "" } else { l.say(": ", "：") };
        write!(f, "\n    {version}, {} × {}{colon}{}{more}", why.count, why.reason, named.join(", "))?;
    }
    for (code, count) in refused_by {
        match l {
            Language::En => write!(f, "\n  newly refused by {}: {count}", printable(code))?,
            Language::Zh => write!(f, "\n  因 {} 新被拒绝：{count}", printable(code))?,
        }
    }
    for output in outputs {
        // a sum of amounts may be more than one amount can be
        let shown = |value: u128| {
            let known = output.currency.as_ref().and_then(|code| code.parse::<Currency>().ok());
            match (known, i128::try_from(value)) {
                (Some(currency), Ok(minor)) => format!("{} {currency}", currency.in_major_units(minor)),
                _ => value.to_string(),
            }
        };
        match l {
            Language::En => write!(f, "\n  {}: more for {}, less for {}", output.name, output.more, output.less)?,
            Language::Zh => write!(f, "\n  {}：增加 {} 项，减少 {} 项", output.name, output.more, output.less)?,
        }
        if totals {
            let (before, after) = (shown(output.before), shown(output.after));
            match l {
                Language::En => write!(f, "; in all {before} before, {after} after")?,
                Language::Zh => write!(f, "；合计由 {before} 变为 {after}")?,
            }
        }
    }
    Ok(())
}

fn heading(part: Part, l: Language) -> &'static str {
    let (english, chinese) = match part {
        Part::Id => ("Id", "标识"),
        Part::Title => ("Title", "标题"),
        Part::Text => ("Paragraph for people", "说明"),
        Part::NotCovered => ("Not covered", "未涵盖的内容"),
        Part::Titles => ("What agencies, values and facts are called", "机关、取值和事实的名称"),
        Part::LegalReference => ("Law", "法律依据"),
        Part::InForce => ("In force", "施行期间"),
        Part::Shape => ("Whom it judges", "对象"),
        Part::Identity => ("How the applicant is named", "申请人的确认依据"),
        Part::Nullifier => ("How often there is an approval", "批准次数"),
        Part::Source => ("Where facts come from", "事实来源"),
        Part::Schema => ("What is recorded", "记录内容"),
        Part::Requirement => ("Requirements", "条件"),
        Part::Output => ("What an approval shows", "批准时显示的内容"),
        Part::Definition => ("What words mean", "定义"),
        Part::MemberDefinition => ("What words mean of each member", "关于每名成员的定义"),
        Part::Parameter => ("Amounts and numbers that the law fixes", "法定金额与数值"),
    };
    l.say(english, chinese)
}
