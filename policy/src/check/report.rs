//! `policy check`: runs a policy's cases, compares the compiled rules with cel's own interpreter on them and on facts
//! around every boundary, looks for missing translations, and says what a decision can disclose.

use super::opinion::{NoOpinion, Opinion};
use super::oracle::Interpreter;
use super::sampler::Sampler;
use crate::compile::Compiled;
use crate::compile::rules::Usage;
use crate::explain::Disclosure;
use crate::facts::{GivenFacts, Outcome, PlainFacts, as_in_csv};
use crate::language::{CaseText, Diagnostic, Diagnostics, Finding, LegalReference, Texts};
use sealroot_protocol::code::{Code, Coded};
use sealroot_protocol::date::Period;
use sealroot_protocol::printable::quoted;
use std::collections::{BTreeMap, BTreeSet};

/// The language in which every law and every reason can be read. A law that has a title in another language has all its texts in it.
const REQUIRED_LANGUAGE: &str = "en";

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckReport {
    /// Cases that were run.
    pub cases: usize,
    /// Facts around boundaries on which compiled rules and interpreter were compared.
    pub compared: usize,
    /// Everything that isn't as it should be; empty if all is well.
    pub problems: Vec<Diagnostic>,
    /// What should be looked at, but doesn't keep the policy from being enacted.
    pub warnings: Vec<Diagnostic>,
    /// How much of each capacity is taken.
    pub usage: Usage,
    /// What each disclosed thing depends on.
    pub disclosures: Vec<Disclosure>,
}

/// A policy that compiles and doesn't say what it should.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct CheckFailed(pub Diagnostics);

impl Coded for CheckFailed {
    fn code(&self) -> Code {
        Code::PolicyCheckFailed
    }
}

impl CheckReport {
    /// The report of a policy without problems.
    pub fn passed(self) -> Result<Self, CheckFailed> {
        if self.problems.is_empty() { Ok(self) } else { Err(CheckFailed(Diagnostics(self.problems))) }
    }
}

impl Compiled {
    /// Runs all cases and compares on `comparisons` random facts around boundaries, drawn from `seed`.
    pub fn check(&self, comparisons: usize, seed: u64) -> CheckReport {
        let located = self.source.located();
        let mut problems = self.missing_translations();
        let mut compared = 0;
        match Interpreter::new(self) {
            Ok(interpreter) => {
                for case in &self.text.cases {
                    let offset = case.name.span().start;
                    problems.extend(self.case(case, &interpreter).into_iter().map(|problem| {
                        let message = format!("case {}: {problem}", quoted(case.name.get_ref()));
                        located.at(offset, Finding::new(message))
                    }));
                }
                match self.compare(&interpreter, comparisons, seed) {
                    Ok(count) => compared = count,
                    Err(problem) => problems.push(located.at(0, Finding::new(problem))),
                }
            }
            Err(problem) => problems.push(located.at(0, Finding::new(problem.to_string()))),
        }
        CheckReport {
            cases: self.text.cases.len(),
            compared,
            problems,
            warnings: self.warnings(),
            usage: self.usage(),
            disclosures: self.disclosures(),
        }
    }

    /// What is wrong with a case.
    fn case(&self, case: &CaseText, interpreter: &Interpreter<'_>) -> Vec<String> {
        let facts = match self.case_facts(case) {
            Ok(facts) => facts,
            Err(problem) => return vec![problem],
        };
        let outcome = match self.evaluate(&facts) {
            Ok(outcome) => outcome,
            Err(unprovable) => return vec![unprovable.to_string()],
        };
        let mut problems = Vec::new();
        if outcome.decision != case.decision {
            problems.push(format!("expected decision {}, found {}", case.decision, outcome.decision));
        }
        let (expected, found): (BTreeSet<_>, BTreeSet<_>) =
            (case.reasons.iter().collect(), outcome.failed.iter().collect());
        let known = |code: &&String| self.text.requirements.iter().any(|r| r.code.get_ref() == *code);
        if let Some(unknown) = case.reasons.iter().find(|code| !known(code)) {
            problems.push(format!("no requirement has the code {}, which is among its reasons", quoted(unknown)));
        } else if expected != found {
            let (expected, found) = (listed(expected), listed(found));
            problems.push(format!("expected failed requirements {expected}, found {found}"));
        }
        let shown: BTreeMap<&str, &str> = outcome.outputs.iter().map(|o| (o.name.as_str(), o.shown.as_str())).collect();
        let expected: BTreeMap<&str, String> =
            case.outputs.iter().map(|(name, value)| (name.as_str(), as_in_csv(value).unwrap_or_default())).collect();
        if !shown.iter().map(|(n, v)| (*n, (*v).to_owned())).eq(expected.iter().map(|(n, v)| (*n, v.clone()))) {
            let expected = listed(expected.iter().map(|(name, value)| format!("{name} {value}")));
            let found = listed(shown.iter().map(|(name, value)| format!("{name} {value}")));
            problems.push(format!("expected outputs {expected}, found {found}"));
        }
        match interpreter.opinion(&facts) {
            Ok(opinion) if opinion.agrees(&outcome) => {}
            Ok(opinion) => problems.push(disagreement(&opinion, &outcome)),
            Err(none) => problems.push(none.to_string()),
        }
        problems
    }

    /// The facts of one of the policy's own cases; the month of `as_of` is its period if it names none.
    pub fn case_facts(&self, case: &CaseText) -> Result<PlainFacts, String> {
        let given = GivenFacts::from_table(&case.facts).map_err(|e| e.to_string())?;
        let month = case.as_of.month();
        let period = case.period.unwrap_or(Period { start: month.first_day(), end: month.last_day() });
        self.facts(&given, case.as_of, period).map_err(|e| e.to_string())
    }

    /// Compares compiled rules and interpreter on facts that lie on and around the boundaries of the rules' lines.
    /// Returns how many could be compared; facts on which cel overflows its 64 bits can't.
    fn compare(&self, interpreter: &Interpreter<'_>, comparisons: usize, seed: u64) -> Result<usize, String> {
        let mut sampler = Sampler::new(self, seed);
        let mut compared = 0;
        for _ in 0..comparisons {
            compared += usize::from(self.agrees(interpreter, &sampler.facts())?);
        }
        Ok(compared)
    }

    /// Whether both gave an answer, which was the same; what is wrong if it wasn't.
    pub(super) fn agrees(&self, interpreter: &Interpreter<'_>, facts: &PlainFacts) -> Result<bool, String> {
        let outcome = self.evaluate(facts).map_err(|e| format!("facts that the schemas admit are {e}"))?;
        match interpreter.opinion(facts) {
            Ok(opinion) if opinion.agrees(&outcome) => Ok(true),
            Ok(opinion) => Err(disagreement(&opinion, &outcome)),
            Err(NoOpinion(_)) => Ok(false),
        }
    }

    /// Titles and messages that citizens couldn't read.
    fn missing_translations(&self) -> Vec<Diagnostic> {
        let mut problems = Vec::new();
        let titles = self.text.title.keys().map(String::as_str);
        let required: BTreeSet<&str> = titles.chain([REQUIRED_LANGUAGE]).collect();
        let mut need = |texts: &Texts, offset: usize, what: String| {
            let missing: Vec<_> = required.iter().copied().filter(|tag| !texts.contains_key(*tag)).collect();
            if !missing.is_empty() {
                let finding = Finding::new(format!("{what} is missing in: {}", missing.join(", ")));
                let help = "write { en = \"…\", zh = \"…\" }: English, and each language that the law's title has";
                problems.push(self.source.located().at(offset, finding.help(help)));
            }
        };
        need(&self.text.title, 0, "the title".to_owned());
        if let LegalReference::ByLanguage(texts) = &self.text.legal_reference {
            need(texts, 0, "the legal reference".to_owned());
        }
        for (what, texts, offset) in self.titles_beside() {
            need(texts, offset, what);
        }
        if !self.text.not_covered.is_empty() {
            let texts: Texts = self.text.not_covered.keys().map(|tag| (tag.clone(), String::new())).collect();
            need(&texts, 0, "what is not covered".to_owned());
        }
        for requirement in &self.text.requirements {
            let what = format!("the message of {}", quoted(requirement.code.get_ref()));
            need(&requirement.message, requirement.code.span().start, what);
        }
        for output in &self.text.outputs {
            let what = format!("the title of {}", quoted(output.name.get_ref()));
            need(&output.title, output.name.span().start, what);
        }
        problems.extend(self.uneven_not_covered());
        problems
    }

    /// What `[titles]` says, each text with its place.
    fn titles_beside(&self) -> Vec<(String, &Texts, usize)> {
        let titles = &self.text.titles;
        let agencies = titles.agencies.iter();
        let values = titles.values.values().flatten();
        let clauses = titles.clauses.iter().flat_map(|(name, clause)| [(name, &clause.yes), (name, &clause.no)]);
        let all = agencies.chain(values).chain(clauses);
        all.map(|(name, texts)| (format!("the title of {}", quoted(name.get_ref())), texts, name.span().start))
            .collect()
    }

    /// Languages in which another number of cases is left out than in the others.
    fn uneven_not_covered(&self) -> Option<Diagnostic> {
        let lists = &self.text.not_covered;
        let counts: BTreeSet<usize> = lists.values().map(Vec::len).collect();
        let empty = lists.values().flatten().any(|entry| entry.trim().is_empty()) || counts.contains(&0);
        let finding = match (counts.len(), empty) {
            (2.., _) => Finding::new("not_covered has more entries in one language than in another")
                .help("write each entry in each language, in the same order"),
            (_, true) => {
                Finding::new("not_covered has an empty entry").help("write what is not covered, or leave it out")
            }
            _ => return None,
        };
        Some(self.source.located().at(self.source.text.find("not_covered").unwrap_or(0), finding))
    }

    fn warnings(&self) -> Vec<Diagnostic> {
        let located = self.source.located();
        let mut warnings = Vec::new();
        for name in &self.unused {
            let finding = Finding::new(format!("nothing uses {}", quoted(name.get_ref())));
            warnings.push(located.at(name.span().start, finding));
        }
        if self.text.cases.is_empty() {
            let finding = Finding::new("the policy has no cases: nothing shows that it says what the law says");
            warnings.push(located.at(0, finding.help("write [[case]], at least one for each requirement's limit")));
        }
        warnings.extend(self.unborn());
        for requirement in &self.text.requirements {
            let code = requirement.code.get_ref();
            if !self.text.cases.is_empty() && !self.text.cases.iter().any(|case| case.reasons.contains(code)) {
                let finding = Finding::new(format!("no case shows that {} can fail", quoted(code)));
                warnings.push(located.at(requirement.code.span().start, finding));
            }
        }
        warnings
    }
}

/// What two ways of deciding came to, side by side.
fn disagreement(opinion: &Opinion, outcome: &Outcome) -> String {
    let said = format!("{}, outputs {}", listed(&opinion.failed), listed(&opinion.outputs));
    let outputs = listed(outcome.outputs.iter().map(|output| format!("{} {}", output.name, output.shown)));
    let found = format!("{}, outputs {outputs}", listed(&outcome.failed));
    format!(
        "cel's interpreter and the compiled rules disagree: failed requirements {said}; failed requirements {found}"
    )
}

/// Items for a sentence.
fn listed(items: impl IntoIterator<Item = impl std::fmt::Display>) -> String {
    let items: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    if items.is_empty() { "none".to_owned() } else { items.join(", ") }
}
