//! Programs: which policies decide together, which offices may ask, for which periods, and what is paid.

use crate::{
    canonical::{self, DocumentError, Kind, Suite},
    code::{Code, Coded},
    currency::Currency,
    date::{Date, Month, NotADate, Period},
    field::Digest,
    name::Name,
    toml_text::{self, TomlError},
    utc_offset::UtcOffset,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A program as enacted on chain. Only its document, its budget and its requesters ever change.
///
/// Fields that the first programs lacked are left out where they say what these meant, so that old documents keep their digests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Program {
    /// The suite.
    pub suite: Suite,
    /// Stable id.
    pub id: Name,
    /// Title by language tag.
    pub title: BTreeMap<String, String>,
    /// The policies that decide together; a bundle has one part for each, in this order.
    pub policies: Vec<Name>,
    /// The offices that may ask.
    pub requesters: Vec<Name>,
    /// The periods.
    pub grid: Grid,
    /// When a period may be claimed.
    pub claim: ClaimWindow,
    /// The reference day.
    pub as_of: AsOfRule,
    /// For how many days after the claim window approvals can be corrected or reduced.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub correctable_days: u16,
    /// How far the program's clocks are ahead of UTC: by them turn all its days.
    #[serde(default, skip_serializing_if = "UtcOffset::is_utc")]
    pub utc_offset_minutes: UtcOffset,
    /// Who checks the proofs.
    #[serde(default, skip_serializing_if = "DecidedBy::is_office")]
    pub decided_by: DecidedBy,
    /// How new every root must be, if the program demands it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fresh: Option<Freshness>,
    /// What is paid, if anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pays: Option<Payment>,
    /// Nobody learns who applies, not even the office; lending a key can't be prevented then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub anonymous: bool,
    /// What to do where no proof can be made: larger households, keys lost in the period. By language tag.
    pub manual_path: BTreeMap<String, String>,
}

/// Consecutive periods of whole months; they can't overlap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grid {
    /// First month of the first period.
    pub first: Month,
    /// Months in each period.
    pub months: u8,
    /// Number of periods.
    pub count: u16,
}

/// Days after a period's first day between which it may be claimed, both included. Never before its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimWindow {
    /// First day of the window.
    pub opens_after_days: u16,
    /// Last day of the window.
    pub closes_after_days: u16,
}

/// The reference day, derived from the period: ages and limits are taken on it. Nothing ties the facts to it: they are those of any root that counts
/// when the decision is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AsOfRule {
    /// First day of the period.
    PeriodStart,
    /// Last day of the period; it can only be claimed after it.
    PeriodEnd,
}

/// Who checks the proofs of a program's approvals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DecidedBy {
    /// The office, which enters what it verified: an onlooker sees no proof.
    #[default]
    Office,
    /// The contract: nobody's word is needed. What isn't paid is not revealed.
    Proof,
    /// Either.
    Both,
}

impl DecidedBy {
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
    fn is_office(&self) -> bool {
        *self == Self::Office
    }
}

/// How new facts must be: their agency has confirmed each root on or after a day that the period determines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Freshness {
    /// From which day of the period it is counted.
    pub since: PeriodDay,
    /// How many days later.
    #[serde(default)]
    pub after_days: u16,
}

/// The first or the last day of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PeriodDay {
    /// The first.
    PeriodStart,
    /// The last.
    PeriodEnd,
}

/// Which output is paid, from which budget.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Payment {
    /// Index of the policy.
    pub part: u8,
    /// Index of its output, 0 or 1.
    pub output: u8,
    /// Code of a [`Currency`]; amounts are in its minor units.
    pub currency: String,
    /// The most that the program pays in all, in minor units.
    #[serde(with = "crate::decimal")]
    pub budget: u64,
}

/// Why a program can't be enacted.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    /// Not TOML of this form.
    #[error("the program can't be read: {0}")]
    Toml(#[from] TomlError),
    /// One of its rules contradicts itself.
    #[error("the program can't be used: {0}")]
    Rule(&'static str),
    /// A period outside the calendar.
    #[error(transparent)]
    Date(#[from] NotADate),
}

impl Coded for ProgramError {
    fn code(&self) -> Code {
        Code::BadProgram
    }
}

impl Program {
    /// Reads and checks a program in TOML.
    pub fn from_toml(text: &str) -> Result<Self, ProgramError> {
        let program: Self = toml_text::read(text)?;
        program.check()?;
        Ok(program)
    }

    /// Everything that makes a program usable; decoders of enacted programs call it too.
    pub fn check(&self) -> Result<(), ProgramError> {
        let rule = |ok: bool, text| if ok { Ok(()) } else { Err(ProgramError::Rule(text)) };
        rule(matches!(self.policies.len(), 1..=8), "it needs 1 to 8 policies")?;
        rule(unique(&self.policies), "a policy is named twice")?;
        rule(matches!(self.requesters.len(), 1..=64), "it needs 1 to 64 requesters")?;
        rule(unique(&self.requesters), "a requester is named twice")?;
        rule(matches!(self.grid.months, 1..=120) && self.grid.count >= 1, "the grid needs periods of 1 to 120 months")?;
        rule(self.claim.opens_after_days <= self.claim.closes_after_days, "the claim window closes before it opens")?;
        rule(
            !self.manual_path.is_empty(),
            "it must say what people do when no proof can be made for them (manual_path)",
        )?;
        if let Some(pays) = &self.pays {
            rule(usize::from(pays.part) < self.policies.len(), "pays.part is not one of its policies")?;
            rule(pays.output < 2, "pays.output is 0 or 1")?;
            rule(pays.currency.parse::<Currency>().is_ok(), "pays.currency is no currency of ISO 4217, such as EUR")?;
            rule(pays.budget < 1 << 63, "the budget must be less than 2^63")?;
        }
        self.period(self.grid.count - 1)?;
        let first = self.period(0)?;
        let demanded = self.fresh_since(first)?;
        let (_, closes) = self.claim_days(first)?;
        rule(
            demanded.is_none_or(|day| day <= closes),
            "the claim window closes before the day since which it demands fresh roots",
        )
    }

    /// `digest("program", self)`.
    pub fn digest(&self) -> Result<Digest, DocumentError> {
        canonical::digest(Kind::Program, self)
    }

    /// Period number `index`, counted from 0.
    pub fn period(&self, index: u16) -> Result<Period, ProgramError> {
        if index >= self.grid.count {
            return Err(ProgramError::Rule("the period is beyond the program's grid"));
        }
        let months = i64::from(self.grid.months);
        let start = self.grid.first.plus_months(i64::from(index) * months)?;
        Ok(Period { start: start.first_day(), end: start.plus_months(months - 1)?.last_day() })
    }

    /// The period that `day` falls into.
    pub fn period_containing(&self, day: Date) -> Option<Period> {
        (0..self.grid.count).filter_map(|i| self.period(i).ok()).find(|p| p.start <= day && day <= p.end)
    }

    /// Whether `period` is one of the grid's.
    pub fn has_period(&self, period: Period) -> bool {
        self.period_containing(period.start) == Some(period)
    }

    /// The reference day for `period`.
    pub fn as_of(&self, period: Period) -> Date {
        match self.as_of {
            AsOfRule::PeriodStart => period.start,
            AsOfRule::PeriodEnd => period.end,
        }
    }

    /// First and last day on which `period` may be claimed.
    pub fn claim_days(&self, period: Period) -> Result<(Date, Date), NotADate> {
        Ok((
            period.start.plus_days(self.claim.opens_after_days.into())?,
            period.start.plus_days(self.claim.closes_after_days.into())?,
        ))
    }
}

impl Program {
    /// The program's day at a Unix time in seconds.
    pub fn today(&self, unix: u64) -> Result<Date, NotADate> {
        self.utc_offset_minutes.day(unix)
    }

    /// The last day on which an approval of `period` can be corrected or reduced.
    pub fn correctable_until(&self, period: Period) -> Result<Date, NotADate> {
        self.claim_days(period)?.1.plus_days(self.correctable_days.into())
    }

    /// The day since which every root of a claim of `period` must have been confirmed; none where any root that counts will do.
    pub fn fresh_since(&self, period: Period) -> Result<Option<Date>, NotADate> {
        let since = |fresh: Freshness| match fresh.since {
            PeriodDay::PeriodStart => period.start.plus_days(fresh.after_days.into()),
            PeriodDay::PeriodEnd => period.end.plus_days(fresh.after_days.into()),
        };
        self.fresh.map(since).transpose()
    }

    /// First and last day on which `period` can in fact be claimed, because the day on which facts are judged has
    /// come, and so has the day since which roots must be fresh; none if there is no such day.
    pub fn reachable_days(&self, period: Period) -> Result<Option<(Date, Date)>, NotADate> {
        let (opens, closes) = self.claim_days(period)?;
        let judged = opens.max(self.as_of(period));
        let first = self.fresh_since(period)?.map_or(judged, |fresh| judged.max(fresh));
        Ok((first <= closes).then_some((first, closes)))
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(days: &u16) -> bool {
    *days == 0
}

fn unique(names: &[Name]) -> bool {
    names.iter().collect::<BTreeSet<_>>().len() == names.len()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const TEXT: &str = r#"
        suite = "sealroot-bn254-poseidon-groth16/1"
        id = "heating-allowance"
        title = { en = "Heating allowance" }
        policies = ["residence", "income"]
        requesters = ["welfare-office"]
        grid = { first = "2026-11", months = 3, count = 8 }
        claim = { opens_after_days = 0, closes_after_days = 120 }
        as_of = "period-start"
        pays = { part = 1, output = 0, currency = "EUR", budget = "500000000" }
        manual_path = { en = "Room 4, with papers." }
    "#;

    #[test]
    fn periods_lie_on_the_grid() {
        let program = Program::from_toml(TEXT).unwrap();
        let second = program.period(1).unwrap();
        assert_eq!((second.start.to_string(), second.end.to_string()), ("2027-02-01".into(), "2027-04-30".into()));
        assert!(program.has_period(second));
        assert!(!program.has_period(Period { start: second.start, end: second.start }));
        assert!(program.period(8).is_err());
        assert_eq!(program.period_containing("2027-04-30".parse().unwrap()), Some(second));
        assert_eq!(program.period_containing("2026-10-31".parse().unwrap()), None);
        let days = program.claim_days(second).unwrap();
        assert_eq!(days.1.to_string(), "2027-06-01");
    }

    /// What the first programs couldn't say is left out of their documents: they keep their digests.
    #[test]
    fn fields_that_came_later_are_left_out_where_they_say_nothing() {
        let program = Program::from_toml(TEXT).unwrap();
        let json = serde_json::to_value(&program).unwrap();
        for field in ["correctable_days", "utc_offset_minutes", "decided_by", "fresh"] {
            assert!(json.get(field).is_none(), "{field}");
        }
        let later = format!(
            "{TEXT}\ncorrectable_days = 90\nutc_offset_minutes = 480\ndecided_by = \"both\"\nfresh = {{ since = \"period-end\", after_days = 3 }}\n"
        );
        let later = Program::from_toml(&later).unwrap();
        let read: Program = serde_json::from_value(serde_json::to_value(&later).unwrap()).unwrap();
        assert_eq!(read, later);
        assert_ne!(later.digest().unwrap(), program.digest().unwrap());
        let period = later.period(0).unwrap();
        assert_eq!(later.correctable_until(period).unwrap().to_string(), "2027-05-30");
        assert_eq!(later.fresh_since(period).unwrap().unwrap().to_string(), "2027-02-03");
        assert_eq!(later.reachable_days(period).unwrap().unwrap().0.to_string(), "2027-02-03");
        assert_eq!(later.today(1_793_491_200 - 8 * 3600).unwrap().to_string(), "2026-11-01");
    }

    #[test]
    fn contradictions_are_rejected() {
        for (from, to) in [
            ("[\"residence\", \"income\"]", "[]"),
            ("[\"residence\", \"income\"]", "[\"income\", \"income\"]"),
            ("opens_after_days = 0", "opens_after_days = 121"),
            ("part = 1", "part = 2"),
            ("output = 0", "output = 2"),
            ("EUR", "XYZ"),
            ("EUR", "eur"),
            ("EUR", "XAU"),
            ("\"500000000\"", "\"0500000000\""),
            ("\"500000000\"", "\"9223372036854775808\""),
            ("months = 3", "months = 0"),
            ("count = 8", "count = 0"),
            ("first = \"2026-11\"", "first = \"9999-11\""),
            ("as_of", "asof"),
            ("period-start", "yesterday"),
            ("groth16/1", "groth16/2"),
            ("as_of = ", "utc_offset_minutes = 841\nas_of = "),
            ("as_of = ", "decided_by = \"nobody\"\nas_of = "),
            ("as_of = ", "correctable_days = -1\nas_of = "),
            ("as_of = ", "fresh = { since = \"period-start\", after_days = 121 }\nas_of = "),
            ("as_of = ", "fresh = { since = \"period-end\", after_days = 30 }\nas_of = "),
        ] {
            assert!(Program::from_toml(&TEXT.replace(from, to)).is_err(), "{from} -> {to}");
        }
    }
}
