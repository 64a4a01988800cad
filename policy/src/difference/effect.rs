//! For whom of a number of samples a new version decides otherwise, and by how much.

use crate::compile::Compiled;
use crate::facts::{GivenFacts, Outcome, PlainFacts};
use sealroot_protocol::date::{Date, Period};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Facts that both versions are applied to.
///
/// No `Debug`: facts are what nobody may print.
#[derive(Clone)]
pub enum Sample {
    /// As people give them; each version reads the attributes that it knows.
    Given {
        /// What names the sample to the reader: a case's name, a file's line.
        label: String,
        /// The facts.
        facts: GivenFacts,
        /// The reference day.
        as_of: Date,
        /// The claimed period.
        period: Period,
    },
    /// Whole records, which fit both versions only if their schemas are the same.
    Plain(PlainFacts),
}

/// For whom something changes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Effect {
    /// Samples that both versions could be applied to.
    pub compared: usize,
    /// Samples that one of them could not be applied to: an attribute is missing, or has another kind.
    pub not_applicable: usize,
    /// Why, and which samples; the same reason once for each version.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inapplicable: Vec<Inapplicable>,
    /// Refused before, approved now.
    pub newly_approved: usize,
    /// Approved before, refused now.
    pub newly_refused: usize,
    /// Of those, how often each requirement failed.
    pub refused_by: BTreeMap<String, usize>,
    /// Approved by both, and at least one output differs.
    pub changed: usize,
    /// By output, what changes over all samples.
    pub outputs: Vec<OutputEffect>,
}

/// Why a version could not be applied to samples.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Inapplicable {
    /// Which of the two.
    pub version: Version,
    /// What is wrong, as it is said where facts are refused. It names attributes and holds no fact.
    pub reason: String,
    /// How many samples.
    pub count: usize,
    /// What names the first of them; none for random facts.
    pub samples: Vec<String>,
}

/// One of two versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Version {
    /// The earlier one.
    Old,
    /// The later one.
    New,
}

/// Samples that are named for each reason.
const NAMED: usize = 10;

/// What changes of an output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OutputEffect {
    /// Its name in the file.
    pub name: String,
    /// The currency; absent where it is no amount.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Samples that get more, those that get something for the first time among them.
    pub more: usize,
    /// Samples that get less, those that get nothing any more among them.
    pub less: usize,
    /// Over all samples before, in minor units or as counted.
    pub before: u128,
    /// Over all samples after.
    pub after: u128,
}

pub(super) fn on(earlier: &Compiled, later: &Compiled, samples: &[Sample]) -> Effect {
    let mut effect = Effect::default();
    let mut outputs: BTreeMap<Named, OutputEffect> = BTreeMap::new();
    for sample in samples {
        let answers = [(Version::Old, earlier), (Version::New, later)]
            .map(|(name, version)| answer(earlier, later, sample, version).map_err(|reason| (name, reason)));
        let (before, after) = match answers {
            [Ok(before), Ok(after)] => (before, after),
            answers => {
                effect.not_applicable += 1;
                answers.into_iter().filter_map(Result::err).for_each(|why| effect.not_applied(sample, why));
                continue;
            }
        };
        effect.compared += 1;
        match (before.decision, after.decision) {
            (false, true) => effect.newly_approved += 1,
            (true, false) => {
                effect.newly_refused += 1;
                for code in &after.failed {
                    *effect.refused_by.entry(code.clone()).or_default() += 1;
                }
            }
            (true, true) if before.outputs != after.outputs => effect.changed += 1,
            _ => {}
        }
        add(&mut outputs, &before, &after);
    }
    effect.outputs = outputs.into_values().collect();
    effect
}

impl Effect {
    fn not_applied(&mut self, sample: &Sample, (version, reason): (Version, String)) {
        let known = self.inapplicable.iter().position(|known| (known.version, &known.reason) == (version, &reason));
        let at = known.unwrap_or_else(|| {
            self.inapplicable.push(Inapplicable { version, reason, count: 0, samples: Vec::new() });
            self.inapplicable.len() - 1
        });
        let entry = &mut self.inapplicable[at];
        entry.count += 1;
        if let (Sample::Given { label, .. }, true) = (sample, entry.samples.len() < NAMED) {
            entry.samples.push(label.clone());
        }
    }
}

/// What one of the versions says of a sample, or why it can't be applied to it.
fn answer(earlier: &Compiled, later: &Compiled, sample: &Sample, version: &Compiled) -> Result<Outcome, String> {
    let judged = |facts: &PlainFacts| version.evaluate(facts).map_err(|unprovable| unprovable.to_string());
    match sample {
        Sample::Given { facts, as_of, period, .. } => {
            let facts = version.facts_whenever(&version.known_to(facts), *as_of, *period);
            judged(&facts.map_err(|error| error.to_string())?)
        }
        Sample::Plain(facts) if earlier.attributes == later.attributes => judged(facts),
        Sample::Plain(_) => Err("the versions read records of different schemas".to_owned()),
    }
}

/// An output's name and currency: amounts of two currencies aren't added up.
type Named = (String, Option<String>);

fn add(outputs: &mut BTreeMap<Named, OutputEffect>, before: &Outcome, after: &Outcome) {
    let of = |outcome: &Outcome, named: &Named| {
        let output = outcome.outputs.iter().find(|o| (&o.name, &o.currency) == (&named.0, &named.1));
        output.map_or(0, |output| output.value)
    };
    let named: BTreeSet<Named> =
        before.outputs.iter().chain(&after.outputs).map(|o| (o.name.clone(), o.currency.clone())).collect();
    for named in named {
        let (was, is) = (of(before, &named), of(after, &named));
        let (name, currency) = named.clone();
        let fresh = OutputEffect { name, currency, more: 0, less: 0, before: 0, after: 0 };
        let entry = outputs.entry(named).or_insert(fresh);
        entry.more += usize::from(is > was);
        entry.less += usize::from(is < was);
        entry.before += u128::from(was);
        entry.after += u128::from(is);
    }
}
