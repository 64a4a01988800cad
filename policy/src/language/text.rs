//! The policy file: TOML that people write, one file per policy version. Unknown fields and doubled names are refused.

use super::diagnostic::{Diagnostics, Finding, Located};
use super::legal_reference::LegalReference;
use sealroot_protocol::date::{Date, FactsPeriod, Period};
use sealroot_protocol::machine::Shape;
use sealroot_protocol::name::Name;
use sealroot_protocol::parser_words::plain;
use sealroot_protocol::policy::InForce;
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

/// Text by language tag (`en`, `zh`, …).
pub type Texts = BTreeMap<String, String>;

/// A policy file as it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicySource {
    /// Name for messages.
    pub file: String,
    /// Its text; its hash stands in the manifest.
    pub text: String,
}

/// What a policy file says.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyText {
    /// Stable id.
    pub id: Name,
    /// Counts the versions of this id, from 1.
    pub version: Spanned<u32>,
    /// Title by language.
    pub title: Texts,
    /// A paragraph for people, by language.
    #[serde(default)]
    pub text: Texts,
    /// What it doesn't decide, by language: each entry is one case or one group of people.
    #[serde(default)]
    pub not_covered: BTreeMap<String, Vec<String>>,
    /// The law.
    pub legal_reference: LegalReference,
    /// First and last day.
    pub in_force: Spanned<InForce>,
    /// Which circuit.
    pub shape: Spanned<Shape>,
    /// The text attribute that names the applicant; absent = anonymous.
    #[serde(default)]
    pub identity: Option<Spanned<String>>,
    /// What the nullifier is computed from.
    pub nullifier: Spanned<Nullifier>,
    /// One; in the household shape the household's, then one or two of members.
    #[serde(rename = "source")]
    pub sources: Vec<SourceText>,
    /// Named constants.
    #[serde(default, rename = "parameter")]
    pub parameters: BTreeMap<Spanned<String>, ParameterText>,
    /// Named expressions.
    #[serde(default, rename = "definition")]
    pub definitions: BTreeMap<Spanned<String>, DefinitionText>,
    /// Named expressions about one member of a household.
    #[serde(default, rename = "member")]
    pub member_definitions: BTreeMap<Spanned<String>, DefinitionText>,
    /// What pages call agencies, values of enums, and facts of yes or no.
    #[serde(default)]
    pub titles: TitlesText,
    /// All must hold.
    #[serde(default, rename = "requirement")]
    pub requirements: Vec<RequirementText>,
    /// What an approval shows.
    #[serde(default, rename = "output")]
    pub outputs: Vec<OutputText>,
    /// Example facts with the expected answer.
    #[serde(default, rename = "case")]
    pub cases: Vec<CaseText>,
}

/// What pages call what only has a name in files. It stands in the policy's text and in no schema: a schema's id doesn't depend on it.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TitlesText {
    /// Agencies, by language.
    #[serde(default)]
    pub agencies: BTreeMap<Spanned<String>, Texts>,
    /// Values of enums: attribute, value, language.
    #[serde(default)]
    pub values: BTreeMap<Spanned<String>, BTreeMap<Spanned<String>, Texts>>,
    /// How a fact or definition of yes or no is said in a sentence.
    #[serde(default)]
    pub clauses: BTreeMap<Spanned<String>, ClauseText>,
}

/// A fact or definition of yes or no as a clause.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClauseText {
    /// Where it holds, by language.
    pub yes: Texts,
    /// Where it doesn't.
    pub no: Texts,
}

/// What the nullifier is computed from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Nullifier {
    /// One approval per person and period; the only mode that composes.
    Holder,
    /// One approval per record and period.
    RecordPerScope,
    /// One approval per record, ever.
    RecordOnce,
}

/// Where the facts come from.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceText {
    /// How expressions call it.
    pub name: Spanned<String>,
    /// In the household shape, whose record it holds.
    #[serde(default)]
    pub of: Option<RecordOf>,
    /// The agency.
    pub agency: Name,
    /// The schema: a file beside the policy, or however the caller's resolver names schemas.
    pub schema: Spanned<String>,
    /// What the facts must be about, always: `timeless` or a month.
    #[serde(default)]
    pub period: Option<FactsPeriod>,
    /// Or the month so many months before the one in which the claimed period starts.
    #[serde(default)]
    pub months_before: Option<u16>,
}

/// Whose record a source of the household shape holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecordOf {
    /// The household's.
    Household,
    /// Each member's.
    Member,
}

/// A named constant.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParameterText {
    /// A number, a text, `true`/`false`, a list of these, or a table of numbers by the values of an enum.
    pub value: Spanned<toml::Value>,
    /// `EUR` (any ISO 4217 code: the value is a text such as `"412.00"`), `date` or `day-number` (the value is a text
    /// `YYYY-MM-DD`), or what is counted, as in the schema.
    #[serde(default)]
    pub unit: Option<String>,
    /// First day on which the law fixes this value.
    #[serde(default)]
    pub from: Option<Date>,
    /// Last day.
    #[serde(default)]
    pub until: Option<Date>,
    /// What it is, by language.
    #[serde(default)]
    pub title: Texts,
}

/// A named expression.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DefinitionText {
    /// CEL.
    pub value: Spanned<String>,
    /// What it is, by language.
    #[serde(default)]
    pub title: Texts,
}

/// A requirement.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequirementText {
    /// Reason code of its failure.
    pub code: Spanned<String>,
    /// CEL, true where it holds.
    pub when: Spanned<String>,
    /// Why a claim fails, by language.
    pub message: Texts,
    /// Whether the requester learns that it failed.
    #[serde(default)]
    pub reveal: bool,
}

/// What an approval shows.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutputText {
    /// Name in the manifest.
    pub name: Spanned<String>,
    /// CEL.
    pub value: Spanned<String>,
    /// What it is, by language.
    #[serde(default)]
    pub title: Texts,
}

/// Example facts with the expected answer.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseText {
    /// What it shows.
    pub name: Spanned<String>,
    /// The reference day.
    pub as_of: Date,
    /// The claimed period; the month of `as_of` if absent.
    #[serde(default)]
    pub period: Option<Period>,
    /// Attributes by name, as in CSV; a repeated attribute takes one value for all or a list. In the household shape
    /// also `members`, a list with the same for each member.
    pub facts: BTreeMap<String, toml::Value>,
    /// Expected decision.
    pub decision: bool,
    /// Expected outputs by name; all of them if the decision is true, none otherwise.
    #[serde(default)]
    pub outputs: BTreeMap<String, toml::Value>,
    /// Expected codes of all failed requirements, revealed or not.
    #[serde(default)]
    pub reasons: Vec<String>,
}

impl PolicySource {
    pub(crate) fn located(&self) -> Located<'_> {
        Located { file: &self.file, text: &self.text }
    }

    /// Reads the file; positions come with every error.
    pub fn parse(&self) -> Result<PolicyText, Diagnostics> {
        toml::from_str(&self.text).map_err(|error| {
            let span = error.span().unwrap_or(0..0);
            let finding = match self.text.get(span.clone()) {
                Some(written) if is_bare_date(written) => Finding::new("a date without quotation marks stands here")
                    .help("dates are texts: write \"2026-01-31\" with quotation marks"),
                _ => Finding::new(plain(error.message())),
            };
            Diagnostics(vec![self.located().at(span.start, finding)])
        })
    }
}

/// Whether TOML reads this as a date or time of its own.
fn is_bare_date(written: &str) -> bool {
    written.trim().parse::<toml::value::Datetime>().is_ok()
}

impl PolicyText {
    /// The names in `source.attribute`: those of the one record that such an attribute is of.
    pub(crate) fn record_sources(&self) -> Vec<String> {
        self.sources.iter().take(1).map(|s| s.name.get_ref().clone()).collect()
    }
}
