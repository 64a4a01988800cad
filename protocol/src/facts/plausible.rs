//! What a schema says of time: whether its records need a period, and which periods and days are plausible.
//!
//! Guarantee: with nothing said, a day after the day of import, a day before 1850 and a month more than two years ahead are refused when a record is imported;
//! what a schema says is its author's own decision, under the schema's id.
//! A policy that asks for a period which no record of its schema can have is refused by the compiler, by wallets and by verifiers: nobody could ever fulfil it.
//! Non-guarantee: proofs don't rely on it. It keeps slips out of vaults and laws, and nothing else.

use super::schema::{AttributeKind, Schema, SchemaError};
use crate::date::{Date, FactsPeriod, Month};
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

/// Whether a schema's records are about a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PeriodRule {
    /// Each record names the month with which its facts begin: an income, a rent.
    Month,
    /// No record has a period; it is replaced when the facts change: a date of birth, an address.
    Timeless,
}

/// Months ahead of the month of import that are plausible where the schema states no `latest_period`.
pub const MONTHS_AHEAD: i64 = 24;

/// The first plausible day, as `YYYYMMDD`, where the schema states no `earliest`: nobody who was born before lives.
const EARLIEST_DAY: u32 = 18_500_101;
/// The first plausible month, as `YYYYMM`, where the schema states no `earliest_period`.
const EARLIEST_PERIOD: u32 = 190_001;

/// A period that a schema's records can't have. It never repeats the period.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImplausiblePeriod {
    /// None was given.
    #[error("each record of this schema needs a month such as 2026-01: the first one that its facts are about")]
    NeedsMonth,
    /// One was given.
    #[error("records of this schema have no period: they are timeless")]
    HasNone,
    /// Outside the plausible months.
    #[error(
        "the period must be between {from} and {upto}; a schema that means others says so by earliest_period and latest_period"
    )]
    Outside {
        /// First plausible month.
        from: Month,
        /// Last plausible month.
        upto: Month,
    },
}

impl Schema {
    /// Whether records can be imported with this period on a day.
    pub fn check_period(&self, period: FactsPeriod, today: Date) -> Result<(), ImplausiblePeriod> {
        let month = match (self.period, period) {
            (Some(PeriodRule::Month), FactsPeriod::Timeless) => return Err(ImplausiblePeriod::NeedsMonth),
            (Some(PeriodRule::Timeless), FactsPeriod::From(_)) => return Err(ImplausiblePeriod::HasNone),
            (_, FactsPeriod::Timeless) => return Ok(()),
            (_, FactsPeriod::From(month)) => month,
        };
        let from = self.earliest_period.or_else(|| Month::from_yyyymm(EARLIEST_PERIOD).ok());
        let upto = self.latest_period.or_else(|| today.month().plus_months(MONTHS_AHEAD).ok());
        match (from, upto) {
            (Some(from), Some(upto)) if !(from..=upto).contains(&month) => {
                Err(ImplausiblePeriod::Outside { from, upto })
            }
            _ => Ok(()),
        }
    }

    /// Whether any record of this schema can have such a period, whatever the day of its import: by what the schema itself states.
    pub fn admits(&self, period: FactsPeriod) -> bool {
        match (self.period, period) {
            (Some(PeriodRule::Month), FactsPeriod::Timeless) | (Some(PeriodRule::Timeless), FactsPeriod::From(_)) => {
                false
            }
            (_, FactsPeriod::Timeless) => true,
            (_, FactsPeriod::From(month)) => {
                self.earliest_period.is_none_or(|from| from <= month)
                    && self.latest_period.is_none_or(|upto| month <= upto)
            }
        }
    }

    /// The days that each attribute can have in a record that is imported on a day, in the order of [`Schema::attributes`]; none for what is no day.
    ///
    /// The day after counts as today: somewhere it has begun.
    pub fn plausible_days(&self, today: Date) -> Vec<Option<RangeInclusive<Date>>> {
        let mut all = Vec::new();
        for declaration in &self.declarations {
            let from = declaration.earliest.or_else(|| Date::from_yyyymmdd(EARLIEST_DAY).ok());
            let upto = declaration.latest.or_else(|| today.plus_days(1).ok());
            let days = match declaration.kind {
                AttributeKind::Date {} | AttributeKind::DayNumber {} => from.zip(upto).map(|(from, upto)| from..=upto),
                _ => None,
            };
            all.extend(std::iter::repeat_n(days, usize::from(declaration.repeat.unwrap_or(1))));
        }
        all
    }

    /// Whether what the schema says of time makes sense.
    pub(super) fn check_time(&self) -> Result<(), SchemaError> {
        let fail = |name: String, problem| Err(SchemaError::Attribute { name, problem });
        for declaration in &self.declarations {
            let (from, upto) = (declaration.earliest, declaration.latest);
            let is_day = matches!(declaration.kind, AttributeKind::Date {} | AttributeKind::DayNumber {});
            if !is_day && (from.is_some() || upto.is_some()) {
                return fail(declaration.name.clone(), "earliest and latest are for the kinds date and day-number");
            }
            if from.zip(upto).is_some_and(|(from, upto)| from > upto) {
                return fail(declaration.name.clone(), "earliest is after latest");
            }
        }
        let (from, upto) = (self.earliest_period, self.latest_period);
        if self.period == Some(PeriodRule::Timeless) && (from.is_some() || upto.is_some()) {
            return fail(self.name.to_string(), "timeless records have no earliest_period and no latest_period");
        }
        if from.zip(upto).is_some_and(|(from, upto)| from > upto) {
            return fail(self.name.to_string(), "earliest_period is after latest_period");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const SCHEMA: &str = r#"
        name = "person"
        [[attribute]]
        name = "born"
        kind = "date"
        [[attribute]]
        name = "income"
        kind = "money"
        currency = "EUR"
        repeat = 2
        [[attribute]]
        name = "until"
        kind = "day-number"
        latest = "2090-12-31"
    "#;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn births_in_the_future_are_implausible_unless_the_schema_means_them() {
        let schema = Schema::from_toml(SCHEMA).unwrap();
        let days = schema.plausible_days(day("2026-02-28"));
        assert_eq!(days.len(), schema.attributes().unwrap().len());
        let (born, until) = (days[0].clone().unwrap(), days[3].clone().unwrap());
        assert_eq!((born.start().to_string(), born.end().to_string()), ("1850-01-01".into(), "2026-03-01".into()));
        assert_eq!(until.end().to_string(), "2090-12-31");
        assert!(days[1].is_none() && days[2].is_none());
        let older = Schema::from_toml(&SCHEMA.replace("latest", "earliest = \"1200-01-01\"\nlatest")).unwrap();
        assert!(older.plausible_days(day("2026-02-28"))[3].clone().unwrap().contains(&day("1273-05-01")));
        assert_ne!(schema.id().unwrap(), older.id().unwrap(), "what a schema means by a day is part of its id");
    }

    #[test]
    fn periods_are_those_that_the_schema_needs() {
        let today = day("2026-11-29");
        let with = |line: &str| {
            Schema::from_toml(&SCHEMA.replace("name = \"person\"", &format!("name = \"person\"\n{line}"))).unwrap()
        };
        let period = |text: &str| text.parse::<FactsPeriod>().unwrap();
        let silent = with("");
        for good in ["timeless", "1900-01", "2026-11", "2028-11"] {
            assert_eq!(silent.check_period(period(good), today), Ok(()), "{good}");
        }
        for bad in ["1899-12", "2028-12", "2062-01", "9999-12"] {
            let error = silent.check_period(period(bad), today).unwrap_err();
            assert!(error.to_string().contains("between 1900-01 and 2028-11") && !error.to_string().contains(bad));
        }
        assert_eq!(
            with("period = \"month\"").check_period(period("timeless"), today),
            Err(ImplausiblePeriod::NeedsMonth)
        );
        assert_eq!(with("period = \"month\"").check_period(period("2026-01"), today), Ok(()));
        assert_eq!(
            with("period = \"timeless\"").check_period(period("2026-01"), today),
            Err(ImplausiblePeriod::HasNone)
        );
        let planned = with("period = \"month\"\nearliest_period = \"2026-01\"\nlatest_period = \"2060-12\"");
        assert_eq!(planned.check_period(period("2060-12"), today), Ok(()));
        assert!(planned.check_period(period("2025-12"), today).is_err());
    }

    #[test]
    fn what_makes_no_sense_is_no_schema() {
        for (from, to) in [
            ("latest = \"2090-12-31\"", "latest = \"2090-13-31\""),
            ("latest = \"2090-12-31\"", "latest = \"2090-12-31\"\nearliest = \"2091-01-01\""),
            ("currency = \"EUR\"", "currency = \"EUR\"\nlatest = \"2090-12-31\""),
            ("name = \"person\"", "name = \"person\"\nperiod = \"year\""),
            ("name = \"person\"", "name = \"person\"\nperiod = \"timeless\"\nlatest_period = \"2030-01\""),
            ("name = \"person\"", "name = \"person\"\nearliest_period = \"2031-01\"\nlatest_period = \"2030-01\""),
        ] {
            assert!(SCHEMA.contains(from));
            assert!(Schema::from_toml(&SCHEMA.replace(from, to)).is_err(), "{to}");
        }
    }

    /// Ids of schemas that say nothing of time are what they were.
    #[test]
    fn a_schema_that_says_nothing_keeps_its_id() {
        let text = "name = \"resident\"\n[[attribute]]\nname = \"born\"\nkind = \"date\"\n";
        let json = crate::canonical::to_bytes(&Schema::from_toml(text).unwrap()).unwrap();
        assert_eq!(json, br#"{"attribute":[{"kind":"date","name":"born"}],"name":"resident"}"#);
    }

    /// The kind alone, and what is stated: bounds that follow from the day of import say nothing about other days.
    #[test]
    fn a_period_that_no_record_can_have_is_told() {
        let month = |text: &str| FactsPeriod::From(text.parse().unwrap());
        let with = |line: &str| Schema::from_toml(&format!("{line}\n{SCHEMA}")).unwrap();
        let open = with("");
        assert!(open.admits(FactsPeriod::Timeless) && open.admits(month("1850-01")) && open.admits(month("2090-01")));
        let timeless = with("period = \"timeless\"");
        assert!(timeless.admits(FactsPeriod::Timeless) && !timeless.admits(month("2026-01")));
        let monthly = with("period = \"month\"\nearliest_period = \"2026-02\"\nlatest_period = \"2026-11\"");
        let admitted = ["2026-01", "2026-02", "2026-11", "2026-12"].map(|text| monthly.admits(month(text)));
        assert_eq!(admitted, [false, true, true, false]);
        assert!(!monthly.admits(FactsPeriod::Timeless));
    }
}
