//! Dates, facts periods and scope periods, as the integers that records and rules use.

use crate::{
    code::{Code, Coded},
    utc_offset::UtcOffset,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};

/// A day of the Gregorian calendar from 0001-01-01 to 9999-12-31; on the wire the integer `YYYYMMDD`, in text `YYYY-MM-DD`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Date(u32);

/// The value is not a date, month or period.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{value} is not {expected}")]
pub struct NotADate {
    value: String,
    expected: &'static str,
}

impl NotADate {
    pub(super) fn new(value: impl ToString, expected: &'static str) -> Self {
        Self { value: value.to_string(), expected }
    }
}

impl Coded for NotADate {
    fn code(&self) -> Code {
        Code::Date
    }
}

fn bad(value: impl ToString, expected: &'static str) -> NotADate {
    NotADate::new(value, expected)
}

impl Date {
    /// From the integer `YYYYMMDD`; the day must exist.
    pub fn from_yyyymmdd(value: u32) -> Result<Self, NotADate> {
        let (year, month, day) = (value / 10_000, value / 100 % 100, value % 100);
        if (1..=9999).contains(&year) && (1..=12).contains(&month) && (1..=days_in_month(year, month)).contains(&day) {
            Ok(Self(value))
        } else {
            Err(bad(value, "a date YYYYMMDD that exists"))
        }
    }

    /// From a day number (days since 1970-01-01).
    pub fn from_day_number(days: i64) -> Result<Self, NotADate> {
        // 0001-01-01 to 9999-12-31: farther out the sums below would overflow.
        if !(-719_162..=2_932_896).contains(&days) {
            return Err(bad(days, "a day number of a date between the years 1 and 9999"));
        }
        // Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
        let z = days + 719_468;
        let era = z.div_euclid(146_097);
        let day_of_era = z.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        let value =
            u32::try_from(year * 10_000 + month * 100 + day).map_err(|_| bad(days, "a day number of a date"))?;
        Self::from_yyyymmdd(value).map_err(|_| bad(days, "a day number of a date between the years 1 and 9999"))
    }

    /// The newest day that has begun anywhere at a Unix time in seconds: where no program's clocks are known, no law may reach back to it.
    pub fn begun_anywhere(seconds: u64) -> Result<Self, NotADate> {
        UtcOffset::FARTHEST_AHEAD.day(seconds)
    }

    /// The UTC date of a Unix time in seconds. For people to read: a program's own days turn by its [`UtcOffset`].
    pub fn from_unix_time(seconds: u64) -> Result<Self, NotADate> {
        i64::try_from(seconds / 86_400).map_err(|_| bad(seconds, "a Unix time")).and_then(Self::from_day_number)
    }

    /// The integer `YYYYMMDD`.
    pub fn yyyymmdd(self) -> u32 {
        self.0
    }

    /// Days since 1970-01-01; negative before.
    pub fn day_number(self) -> i64 {
        // Howard Hinnant, days_from_civil.
        let (year, month, day) = (i64::from(self.0 / 10_000), i64::from(self.0 / 100 % 100), i64::from(self.0 % 100));
        let y = if month <= 2 { year - 1 } else { year };
        let era = y.div_euclid(400);
        let year_of_era = y.rem_euclid(400);
        let day_of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
        era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
    }

    /// Unix time of its first second, UTC; `None` before 1970.
    pub fn unix_time(self) -> Option<u64> {
        u64::try_from(self.day_number() * 86_400).ok()
    }

    /// The date `days` later (earlier if negative).
    pub fn plus_days(self, days: i64) -> Result<Self, NotADate> {
        Self::from_day_number(self.day_number().saturating_add(days))
    }

    /// Its month.
    pub fn month(self) -> Month {
        Month(self.0 / 100)
    }
}

/// Unix times that a clock of our days can show, in seconds: the years 2024 to 2199.
const PLAUSIBLE: std::ops::Range<u64> = 1_704_067_200..7_258_118_400;

/// A time that no clock shows that counts seconds and is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the time {0} is not between the years 2024 and 2199, in seconds since 1970{hint}", hint = hint(*.0))]
pub struct ImplausibleTime(u64);

impl Coded for ImplausibleTime {
    fn code(&self) -> Code {
        Code::ImplausibleTime
    }
}

/// Says what it seems to be instead.
fn hint(time: u64) -> &'static str {
    match [1_000, 1_000_000, 1_000_000_000].map(|unit| PLAUSIBLE.contains(&(time / unit))) {
        [true, ..] => "; it seems to be in milliseconds",
        [_, true, _] => "; it seems to be in microseconds",
        [.., true] => "; it seems to be in nanoseconds",
        _ => "",
    }
}

/// Refuses Unix times outside the years 2024 to 2199. What a wrong clock dates can't be undated: a chain's time never goes back.
pub fn plausible_time(seconds: u64) -> Result<u64, ImplausibleTime> {
    if PLAUSIBLE.contains(&seconds) { Ok(seconds) } else { Err(ImplausibleTime(seconds)) }
}

fn days_in_month(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.0 / 10_000, self.0 / 100 % 100, self.0 % 100)
    }
}
impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Date({self})")
    }
}
impl FromStr for Date {
    type Err = NotADate;
    /// Reads `YYYY-MM-DD` only.
    fn from_str(text: &str) -> Result<Self, NotADate> {
        let b = text.as_bytes();
        let shaped = b.len() == 10
            && b.iter().enumerate().all(|(i, c)| if i == 4 || i == 7 { *c == b'-' } else { c.is_ascii_digit() });
        if !shaped {
            return Err(bad(text, "a date YYYY-MM-DD"));
        }
        let digits: u32 = text.replace('-', "").parse().map_err(|_| bad(text, "a date YYYY-MM-DD"))?;
        Self::from_yyyymmdd(digits).map_err(|_| bad(text, "a date that exists"))
    }
}

/// A calendar month, the integer `YYYYMM`, in text `YYYY-MM`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Month(u32);

impl Month {
    /// From the integer `YYYYMM`, years 1 to 9999.
    pub fn from_yyyymm(value: u32) -> Result<Self, NotADate> {
        if (100..1_000_000).contains(&value) && (1..=12).contains(&(value % 100)) {
            Ok(Self(value))
        } else {
            Err(bad(value, "a month YYYYMM"))
        }
    }

    /// The integer `YYYYMM`.
    pub fn yyyymm(self) -> u32 {
        self.0
    }

    /// The month `months` later (earlier if negative).
    pub fn plus_months(self, months: i64) -> Result<Self, NotADate> {
        let index = i64::from(self.0 / 100) * 12 + i64::from(self.0 % 100) - 1 + months;
        let value = index.div_euclid(12) * 100 + index.rem_euclid(12) + 1;
        u32::try_from(value).map_err(|_| bad(value, "a month")).and_then(Self::from_yyyymm)
    }

    /// Its first day.
    pub fn first_day(self) -> Date {
        Date(self.0 * 100 + 1)
    }

    /// Its last day.
    pub fn last_day(self) -> Date {
        Date(self.0 * 100 + days_in_month(self.0 / 100, self.0 % 100))
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0 / 100, self.0 % 100)
    }
}
impl fmt::Debug for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Month({self})")
    }
}
impl FromStr for Month {
    type Err = NotADate;
    /// Reads `YYYY-MM` only.
    fn from_str(text: &str) -> Result<Self, NotADate> {
        format!("{text}-01").parse::<Date>().map(Date::month).map_err(|_| bad(text, "a month YYYY-MM"))
    }
}

/// What a record's facts are about: the first month (`YYYYMM` as an integer), or timeless (0).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FactsPeriod {
    /// Facts that do not belong to a period, such as a date of birth.
    Timeless,
    /// Facts of a period that begins with this month.
    From(Month),
}

impl FactsPeriod {
    /// The integer in the leaf.
    pub fn value(self) -> u32 {
        match self {
            Self::Timeless => 0,
            Self::From(month) => month.0,
        }
    }

    /// From the integer in the leaf.
    pub fn from_value(value: u32) -> Result<Self, NotADate> {
        if value == 0 { Ok(Self::Timeless) } else { Month::from_yyyymm(value).map(Self::From) }
    }
}

/// A period of a program's grid, first and last day included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Period {
    /// First day.
    pub start: Date,
    /// Last day.
    pub end: Date,
}

/// Serde through `Display` and `FromStr`, for the text forms above.
macro_rules! text_serde {
    ($name:ty) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
text_serde!(Date);
text_serde!(Month);

impl fmt::Display for FactsPeriod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Timeless => f.write_str("timeless"),
            Self::From(month) => month.fmt(f),
        }
    }
}
impl FromStr for FactsPeriod {
    type Err = NotADate;
    fn from_str(text: &str) -> Result<Self, NotADate> {
        if text == "timeless" { Ok(Self::Timeless) } else { text.parse().map(Self::From) }
    }
}
text_serde!(FactsPeriod);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_day_of_eight_centuries_round_trips() {
        let mut previous = Date::from_yyyymmdd(15_991_231).unwrap();
        for day in previous.day_number() + 1..=Date::from_yyyymmdd(24_000_301).unwrap().day_number() {
            let date = Date::from_day_number(day).unwrap();
            assert_eq!(date.day_number(), day);
            assert!(date > previous);
            previous = date;
        }
        assert_eq!(Date::from_yyyymmdd(19_700_101).unwrap().day_number(), 0);
        for (day, end) in [(-719_162, 10_101), (2_932_896, 99_991_231)] {
            assert_eq!(Date::from_day_number(day).unwrap().yyyymmdd(), end);
        }
        for beyond in [-719_163, 2_932_897, i64::MIN, i64::MAX] {
            assert!(Date::from_day_number(beyond).is_err(), "{beyond}");
        }
        assert_eq!(Date::from_yyyymmdd(20_000_301).unwrap().day_number(), 11_017);
    }

    #[test]
    fn days_that_do_not_exist_are_rejected() {
        for value in [0, 20_230_229, 19_000_229, 20_240_431, 20_241_301, 20_240_100, 99_991_232, 100_000_101, 101] {
            assert!(Date::from_yyyymmdd(value).is_err(), "{value}");
        }
        assert!(Date::from_yyyymmdd(20_000_229).is_ok());
        for text in ["2024-1-01", "2024-01-1", "20240101", "2024/01/01", "+024-01-01", "2024-02-30", " 2024-01-01"] {
            assert!(text.parse::<Date>().is_err(), "{text}");
        }
    }

    #[test]
    fn months_cross_years() {
        let month = Month::from_yyyymm(202_601).unwrap();
        assert_eq!(month.plus_months(-12).unwrap().yyyymm(), 202_501);
        assert_eq!(month.plus_months(-1).unwrap().yyyymm(), 202_512);
        assert_eq!(month.plus_months(23).unwrap().yyyymm(), 202_712);
        assert_eq!(Month::from_yyyymm(202_402).unwrap().last_day().to_string(), "2024-02-29");
        assert!(Month::from_yyyymm(202_413).is_err());
    }

    #[test]
    fn times_of_our_days_are_in_seconds() {
        let first = |day: &str| day.parse::<Date>().unwrap().unix_time().unwrap();
        for time in [first("2024-01-01"), first("2026-11-29"), first("2200-01-01") - 1] {
            assert_eq!(plausible_time(time), Ok(time));
        }
        for time in [0, first("2024-01-01") - 1, first("2200-01-01"), u64::MAX] {
            assert_eq!(plausible_time(time), Err(ImplausibleTime(time)));
        }
        let now = first("2026-11-29");
        for (factor, unit) in [(1_000, "milli"), (1_000_000, "micro"), (1_000_000_000, "nano")] {
            let said = plausible_time(now * factor).unwrap_err().to_string();
            assert!(said.ends_with(&format!("it seems to be in {unit}seconds")), "{said}");
        }
    }
}
