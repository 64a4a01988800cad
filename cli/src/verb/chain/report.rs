//! `sealroot chain report`: what a program has approved, by period and policy versions, as a table, CSV and a chart.

use crate::{
    chain::ChainArgs,
    failure::{Failure, OrFail, Outcome},
    files::{Form, Output, shown},
};
use sealroot_chain::Chain;
use sealroot_officer::report::{Line, Report, Sums, report};
use sealroot_protocol::{code::Code, currency::Currency, date::Date, name::Name, policy::PolicyDigest};
use serde::Serialize;
use std::{
    fmt::{self, Write},
    path::PathBuf,
};

/// Reports on a program.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Examples:\n  sealroot chain report heating-allowance\n  sealroot chain report heating-allowance --csv report.csv --svg report.svg\n\nEvents, budget and what the contract counts are compared: where they differ there is no report. \"granted\" is first amounts and raises, which is what was to be paid; \"lowered\" is what corrections and reductions took away, which was overpaid if all that was granted was paid. No line names a person; a line of one approval is one household's all the same."
)]
pub struct Args {
    /// Id of the program
    pub program: Name,
    /// Chain.
    #[command(flatten)]
    pub chain: ChainArgs,
    /// Where the lines are written as CSV, amounts in minor units
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,
    /// Where a chart of what stands in each period is written
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
}

/// What a program has approved.
#[derive(Debug, Serialize)]
pub struct ChainReportReport {
    program: Name,
    /// Absent where the program pays nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<String>,
    /// In minor units, like every amount here.
    budget: String,
    /// What is left of the budget.
    left: String,
    lines: Vec<LineView>,
    total: SumsView,
    /// Height of the chain's head.
    /// Whether no event can have been kept back. Of a network without seals they are what its node finds.
    every_event: bool,
    block: u64,
    /// Where the CSV was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    csv: Option<PathBuf>,
    /// Where the chart was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    svg: Option<PathBuf>,
    #[serde(skip)]
    of: Option<Currency>,
}

#[derive(Debug, Serialize)]
struct LineView {
    /// First day of the period.
    period: Date,
    policies: Vec<PolicyDigest>,
    #[serde(flatten)]
    sums: SumsView,
}

/// Amounts as decimal strings: sums can be beyond what JSON's numbers hold in many readers.
#[derive(Debug, Serialize)]
struct SumsView {
    approvals: u64,
    by_proof: u64,
    corrections: u64,
    reductions: u64,
    granted: String,
    lowered: String,
    moved: String,
    stands: String,
}

impl From<&Sums> for SumsView {
    fn from(sums: &Sums) -> Self {
        Self {
            approvals: sums.approvals,
            by_proof: sums.by_proof,
            corrections: sums.corrections,
            reductions: sums.reductions,
            granted: sums.granted.to_string(),
            lowered: sums.lowered.to_string(),
            moved: sums.moved.to_string(),
            stands: sums.stands.to_string(),
        }
    }
}

/// Heads of the columns, in the table and in CSV.
const COLUMNS: [&str; 10] = [
    "period",
    "versions",
    "approvals",
    "by proof",
    "corrections",
    "reductions",
    "granted",
    "lowered",
    "moved",
    "stands",
];

impl ChainReportReport {
    fn amount(&self, minor: &str) -> String {
        let minor = minor.parse().unwrap_or_default();
        self.of.map_or_else(|| format!("{minor}"), |currency| currency.in_major_units(minor))
    }

    fn cells(&self, period: String, versions: String, sums: &SumsView) -> [String; 10] {
        let SumsView { approvals, by_proof, corrections, reductions, granted, lowered, moved, stands } = sums;
        let [granted, lowered, moved, stands] = [granted, lowered, moved, stands].map(|minor| self.amount(minor));
        let [a, b, c, d] = [approvals, by_proof, corrections, reductions].map(u64::to_string);
        [period, versions, a, b, c, d, granted, lowered, moved, stands]
    }
}

impl fmt::Display for ChainReportReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rows = vec![COLUMNS.map(String::from)];
        let short = |line: &LineView| line.policies.iter().map(|p| p.to_string()[..10].to_owned()).collect::<Vec<_>>();
        rows.extend(
            self.lines.iter().map(|line| self.cells(line.period.to_string(), short(line).join(" "), &line.sums)),
        );
        rows.push(self.cells("in all".into(), String::new(), &self.total));
        let widths: Vec<usize> =
            (0..COLUMNS.len()).map(|i| rows.iter().map(|row| row[i].len()).max().unwrap_or(0)).collect();
        let currency = self.currency.as_ref().map(|currency| format!(", in {currency}")).unwrap_or_default();
        write!(f, "program {}, as of block {}{currency}", self.program, self.block)?;
        for row in rows {
            f.write_str("\n ")?;
            for (i, (cell, width)) in row.iter().zip(&widths).enumerate() {
                if i < 2 { write!(f, " {cell:<width$} ")? } else { write!(f, " {cell:>width$} ")? }
            }
        }
        if self.of.is_some() {
            let (budget, left) = (self.amount(&self.budget), self.amount(&self.left));
            write!(
                f,
                "\n  budget {budget}, of which {left} are left; the contract counts what stands, {}",
                self.amount(&self.total.stands)
            )?;
        }
        if !self.every_event {
            f.write_str("\n  by the events that the network's node finds: where it keeps some back that cancel each other out, nothing shows it")?;
        }
        for file in [&self.csv, &self.svg].into_iter().flatten() {
            write!(f, "\n  written to {}", shown(file))?;
        }
        Ok(())
    }
}

/// Runs it.
pub async fn run(args: &Args) -> Outcome<ChainReportReport> {
    let csv = args.csv.as_ref().map(|path| Output::new(path, Form::public("a report"))).transpose()?;
    let svg = args.svg.as_ref().map(|path| Output::new(path, Form::public("a chart"))).transpose()?;
    let chain = args.chain.open().await?;
    let found = report(&args.program, &chain).await.map_err(Failure::of)?;
    if let Some(place) = csv {
        place.put(&table(&found)?)?;
    }
    if let Some(place) = svg {
        place.put(chart(&found).as_bytes())?;
    }
    let left = i128::try_from(found.budget).unwrap_or(i128::MAX) - found.total.stands;
    let line =
        |line: &Line| LineView { period: line.period, policies: line.policies.clone(), sums: (&line.sums).into() };
    Ok(ChainReportReport {
        currency: found.currency.map(|currency| currency.to_string()),
        budget: found.budget.to_string(),
        left: left.to_string(),
        lines: found.lines.iter().map(line).collect(),
        total: (&found.total).into(),
        block: found.block,
        every_event: chain.shows_every_event(),
        csv: args.csv.clone(),
        svg: args.svg.clone(),
        of: found.currency,
        program: found.program,
    })
}

/// The lines as CSV (RFC 4180), amounts in minor units.
fn table(report: &Report) -> Outcome<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let currency = report.currency.map(|currency| currency.to_string()).unwrap_or_default();
    writer.write_record(COLUMNS.iter().copied().chain(["currency"])).or_fail(Code::InputOutput)?;
    for Line { period, policies, sums } in &report.lines {
        let versions = policies.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        let counts = [sums.approvals, sums.by_proof, sums.corrections, sums.reductions].map(|count| count.to_string());
        let amounts = [sums.granted, sums.lowered, sums.moved, sums.stands].map(|minor| minor.to_string());
        let cells = [period.to_string(), versions].into_iter().chain(counts).chain(amounts).chain([currency.clone()]);
        writer.write_record(cells).or_fail(Code::InputOutput)?;
    }
    writer.into_inner().or_fail(Code::InputOutput)
}

/// A bar for each period, as long as what stands in it. Nothing in it comes from anybody but the program's name, which has no characters of markup.
fn chart(report: &Report) -> String {
    let mut periods: Vec<(Date, i128, u64)> = Vec::new();
    for Line { period, sums, .. } in &report.lines {
        match periods.last_mut().filter(|last| last.0 == *period) {
            Some(last) => (last.1, last.2) = (last.1 + sums.stands, last.2 + sums.approvals),
            None => periods.push((*period, sums.stands, sums.approvals)),
        }
    }
    let most = periods.iter().map(|period| period.1).max().unwrap_or(0).max(1);
    let words =
        |minor: i128| report.currency.map_or_else(String::new, |c| format!(", {} {c}", c.in_major_units(minor)));
    let height = 60 + 26 * periods.len();
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 760 {height}\" font-family=\"sans-serif\" font-size=\"13\" role=\"img\">\n\
         <title>What stands under {0}, by period</title>\n<text x=\"10\" y=\"24\" font-size=\"15\">{0}: what stands, by period{1}</text>\n",
        report.program,
        words(report.total.stands).replacen(", ", "; in all ", 1),
    );
    for (i, (period, stands, approvals)) in periods.iter().enumerate() {
        let y = 40 + 26 * i;
        let width = 380 * (*stands).max(0) / most;
        let label =
            format!("{}{}", sealroot_protocol::printable::counted(*approvals, "approval", "approvals"), words(*stands));
        // Writing to a string doesn't fail.
        let _ = writeln!(
            svg,
            "<text x=\"10\" y=\"{0}\">{period}</text><rect x=\"100\" y=\"{y}\" width=\"{width}\" height=\"18\" fill=\"#2b6cb0\"/><text x=\"{1}\" y=\"{0}\">{label}</text>",
            y + 14,
            108 + width,
        );
    }
    svg + "</svg>\n"
}
