//! What a policy file says beside expressions: names, dates, sources, the nullifier mode.

use super::draft::Draft;
use super::meaning::{in_order, uncovered};
use crate::language::{Diagnostic, Finding, Nullifier, RecordOf};
use sealroot_protocol::machine::{FactsPeriodRule, NullifierMode, Shape, SourceRule};
use sealroot_protocol::plausible::PeriodRule;
use sealroot_protocol::printable::{is_deceptive, quoted};
use sealroot_protocol::schema::{Attribute, MEMBERS, Schema};
use std::collections::BTreeSet;

/// Many times what a law needs, and few enough that a text made to be slow isn't: auditors compile texts of others.
const MAX_PARAMETERS: usize = 1000;
const MAX_DEFINITIONS: usize = 500;
const MAX_REQUIREMENTS: usize = 100;
const MAX_CASES: usize = 5000;

/// What the sources of a policy are.
pub(crate) struct Sources {
    /// The attributes of each one's record.
    pub attributes: Vec<Vec<Attribute>>,
    /// What the machine accepts from each.
    pub rules: Vec<SourceRule>,
}

impl Draft<'_> {
    pub(crate) fn heading(&self) -> Vec<Diagnostic> {
        let mut diagnostics = Vec::new();
        let mut at = |offset: usize, message: String, help: &str| {
            diagnostics.push(self.located.at(offset, Finding::new(message).help(help)));
        };
        if *self.text.version.get_ref() == 0 {
            at(self.text.version.span().start, "version 0".into(), "versions count from 1");
        }
        for (what, count, most) in self.lengths() {
            if count > most {
                at(0, format!("{count} {what}, and a policy has at most {most}"), "split it into several policies");
            }
        }
        let in_force = self.text.in_force.get_ref();
        if !in_order(in_force.from, in_force.until) {
            at(
                self.text.in_force.span().start,
                "the policy ends before it begins".into(),
                "in_force.until is the last day, not before in_force.from",
            );
        }
        if self.text.requirements.is_empty() {
            at(0, "no requirement: everybody would be approved".into(), "write at least one [[requirement]]");
        }
        if let Some(third) = self.text.outputs.get(2) {
            at(
                third.name.span().start,
                format!("{} outputs, the machine has 2", self.text.outputs.len()),
                "leave one out",
            );
        }
        if *self.text.shape.get_ref() != Shape::Household
            && let Some(name) = self.text.member_definitions.keys().next()
        {
            at(name.span().start, "a policy about one person has no members".into(), "write [definition.…]");
        }
        let codes = self.text.requirements.iter().map(|r| (&r.code, "reason code"));
        let outputs = self.text.outputs.iter().map(|o| (&o.name, "output"));
        let cases = self.text.cases.iter().map(|c| (&c.name, "case"));
        let sources = self.text.sources.iter().map(|s| (&s.name, "source"));
        let mut seen = BTreeSet::new();
        for (name, what) in codes.chain(outputs).chain(cases).chain(sources) {
            if name.get_ref().trim().is_empty() {
                at(name.span().start, format!("an empty {what}"), "give it a name");
            }
            if name.get_ref().chars().any(is_deceptive) {
                let message = format!("the {what} has control or direction characters, which could show as another");
                at(name.span().start, message, "leave them out");
            }
            if !seen.insert((what, name.get_ref())) {
                at(name.span().start, format!("the {what} {} stands twice", quoted(name.get_ref())), "choose another");
            }
        }
        for parameter in self.text.parameters.values() {
            if let Some(finding) = uncovered(parameter, in_force) {
                diagnostics.push(self.located.at(parameter.value.span().start, finding));
            }
        }
        diagnostics.extend(self.nullifier());
        diagnostics
    }

    /// Whether there is more of something than is compiled at all.
    pub(crate) fn is_too_long(&self) -> bool {
        self.lengths().iter().any(|(_, count, most)| count > most)
    }

    /// How many there are, and may be.
    fn lengths(&self) -> [(&'static str, usize, usize); 4] {
        let text = self.text;
        let definitions = text.definitions.len() + text.member_definitions.len();
        [
            ("parameters", text.parameters.len(), MAX_PARAMETERS),
            ("definitions", definitions, MAX_DEFINITIONS),
            ("requirements", text.requirements.len(), MAX_REQUIREMENTS),
            ("cases", text.cases.len(), MAX_CASES),
        ]
    }

    /// The attributes of each source's record, and what the machine accepts from it.
    pub(crate) fn sources(&self, diagnostics: &mut Vec<Diagnostic>) -> Result<Sources, Vec<Diagnostic>> {
        let mut rules = Vec::new();
        let mut attributes = Vec::new();
        for (i, (source, schema)) in self.text.sources.iter().zip(self.schemas).enumerate() {
            let offset = source.schema.span().start;
            let fail = |problem: String| vec![self.located.at(offset, Finding::new(problem))];
            let schema_id = schema.id().map_err(|e| fail(e.to_string()))?;
            attributes.push(schema.attributes().map_err(|e| fail(e.to_string()))?);
            let facts_period = match (source.period, source.months_before) {
                (Some(period), None) => FactsPeriodRule::Constant(period),
                (None, Some(months)) => FactsPeriodRule::MonthsBefore(months),
                _ => {
                    let finding = Finding::new("a source says what period its facts must have, in one way")
                        .help("write period = \"timeless\", period = \"2026-01\" or months_before = 12");
                    diagnostics.push(self.located.at(source.name.span().start, finding));
                    continue;
                }
            };
            if !facts_period.is_possible(schema) {
                diagnostics.push(self.located.at(source.name.span().start, impossible(schema)));
            }
            if let Some(finding) = self.misplaced(i) {
                diagnostics.push(self.located.at(offset, finding));
            }
            let rule = SourceRule { schema_id, facts_period };
            let earlier = self.text.sources.iter().zip(&rules);
            if let Some((twin, _)) = earlier.skip(1).find(|(s, r)| **r == rule && s.agency == source.agency) {
                let finding = Finding::new(format!("the same records as source {}", quoted(twin.name.get_ref())))
                    .help("leave it out: one source gives all of a record's attributes");
                diagnostics.push(self.located.at(offset, finding));
            }
            rules.push(rule);
        }
        Ok(Sources { attributes, rules })
    }

    /// How many attributes at the beginning of the first record are no facts for rules: those that name the members.
    pub(crate) fn first_fact(&self) -> usize {
        if self.schemas.first().is_some_and(|schema| schema.household) { 1 + MEMBERS } else { 0 }
    }

    pub(crate) fn nullifier_mode(&self) -> NullifierMode {
        match self.text.nullifier.get_ref() {
            Nullifier::Holder => NullifierMode::Holder,
            Nullifier::RecordPerScope => NullifierMode::RecordPerScope,
            Nullifier::RecordOnce => NullifierMode::RecordOnce,
        }
    }

    /// Why a source's record can't be the one of its position.
    fn misplaced(&self, i: usize) -> Option<Finding> {
        let (of, schema) = (self.text.sources[i].of, &self.schemas[i]);
        let household = *self.text.shape.get_ref() == Shape::Household;
        let wrong = |message: &str, help: &str| Some(Finding::new(message).help(help));
        match (household, i, of) {
            (false, _, Some(_)) => wrong("a policy about one person has one record", "leave out of"),
            (false, _, None) if schema.household => {
                wrong("a household's record is judged with its members'", "write shape = \"household\"")
            }
            (true, 0, Some(RecordOf::Household)) if !schema.household => {
                wrong("the schema is no household's", "a household schema says household = true and names the members")
            }
            (true, 1.., Some(RecordOf::Member)) if schema.household => wrong(
                "the schema is a household's, where one of members is needed",
                "the household's record comes first",
            ),
            (true, 1.., Some(RecordOf::Member)) if schema.many => wrong(
                "the schema has many records per member, so the applicant could choose which one counts",
                "sum them in one record per member",
            ),
            (true, 0, Some(RecordOf::Household)) | (true, 1.., Some(RecordOf::Member)) | (false, _, None) => None,
            (true, 0, _) => wrong("the first source is the household's record", "write of = \"household\""),
            (true, ..) => wrong("the sources after the first are members' records", "write of = \"member\""),
        }
    }

    fn nullifier(&self) -> Option<Diagnostic> {
        let mode = *self.text.nullifier.get_ref();
        let many = self.schemas.first().is_some_and(|schema| schema.many);
        let relative = self.text.sources.first().is_some_and(|source| source.months_before.is_some());
        let finding = match mode {
            Nullifier::Holder if *self.text.shape.get_ref() == Shape::Household => Finding::new(
                "a household has one approval, whichever member is its head: holder would allow one for each head",
            )
            .help("write nullifier = \"record-per-scope\", or \"record-once\""),
            Nullifier::Holder if many => {
                Finding::new("a holder has one approval per period, and may have many records of this schema")
                    .help("write nullifier = \"record-once\", or \"record-per-scope\"")
            }
            Nullifier::RecordOnce if relative && !many => Finding::new(
                "a record of every period is another record: it would be approved once a period, not once ever",
            )
            .help("give the source a constant period, or write nullifier = \"record-per-scope\""),
            _ => return None,
        };
        Some(self.located.at(self.text.nullifier.span().start, finding))
    }

    /// Which attribute of the first record names the applicant.
    pub(crate) fn identity(&self, attributes: &[Attribute]) -> Result<Option<usize>, Diagnostic> {
        let Some(name) = &self.text.identity else { return Ok(None) };
        let at = attributes.iter().position(|a| a.name == *name.get_ref());
        match at {
            Some(i) if attributes[i].kind.is_text() => Ok(Some(i)),
            Some(_) => {
                let finding = Finding::new(format!("{} is not text", quoted(name.get_ref())));
                Err(self.located.at(name.span().start, finding.help("the applicant is named by a text attribute")))
            }
            None => {
                let finding = Finding::new(format!("the schema has no attribute {}", quoted(name.get_ref())));
                Err(self.located.at(name.span().start, finding))
            }
        }
    }
}

/// A source asks for a period that no record of its schema can have: nobody could ever be judged by it.
fn impossible(schema: &Schema) -> Finding {
    match schema.period {
        Some(PeriodRule::Timeless) => {
            Finding::new("records of this schema have no period, and the source asks for one")
                .help("write period = \"timeless\"")
        }
        Some(PeriodRule::Month) if schema.earliest_period.is_none() && schema.latest_period.is_none() => {
            Finding::new("each record of this schema is about a month, and the source asks for timeless ones")
                .help("write months_before = 1, say, or period = \"2026-01\"")
        }
        _ => Finding::new("no record of this schema can have the period that the source asks for")
            .help("ask for a month between the schema's earliest_period and latest_period"),
    }
}
