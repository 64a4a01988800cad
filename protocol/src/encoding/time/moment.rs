//! Moments: Unix seconds inside, dates and times of day for everybody who reads.
//!
//! Guarantee: what a verb prints or reports is never a bare count of seconds, and every moment is in UTC and says so.

use super::date::{Date, NotADate};
use serde::{Serialize, Serializer};
use std::{fmt, str::FromStr};

/// A second, UTC. For people `2026-11-29 12:23:50 UTC`, in JSON `2026-11-29T12:23:50Z` (RFC 3339).
///
/// A time after the year 9999 has no date: for people it is "after the year 9999", in JSON the last second of that year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Moment(u64);

/// What a text must look like to be a moment.
const FORMS: &str = "a date and time such as 2026-11-29 12:23:50 UTC, 2026-11-29T12:23:50Z or 2026-11-29";

impl Moment {
    /// From seconds since 1970-01-01 00:00:00 UTC.
    pub fn from_unix(seconds: u64) -> Self {
        Self(seconds)
    }

    /// From signed seconds, as SQLite keeps them; times before 1970 are its first second.
    pub fn from_signed(seconds: i64) -> Self {
        Self(u64::try_from(seconds).unwrap_or(0))
    }

    /// Seconds since 1970-01-01 00:00:00 UTC.
    pub fn unix(self) -> u64 {
        self.0
    }

    /// Its day, UTC.
    pub fn date(self) -> Result<Date, NotADate> {
        Date::from_unix_time(self.0)
    }

    /// As in JSON: RFC 3339, always `Z`.
    pub fn rfc3339(self) -> String {
        self.text("T", "Z").unwrap_or_else(|| "9999-12-31T23:59:59Z".to_owned())
    }

    fn text(self, between: &str, zone: &str) -> Option<String> {
        let date = self.date().ok()?;
        let (hour, minute, second) = (self.0 / 3600 % 24, self.0 / 60 % 60, self.0 % 60);
        Some(format!("{date}{between}{hour:02}:{minute:02}:{second:02}{zone}"))
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text(" ", " UTC").as_deref().unwrap_or("after the year 9999"))
    }
}

impl FromStr for Moment {
    type Err = NotADate;

    /// Reads what [`Moment`] writes, without seconds or zone too, a date alone as its first second, and ten digits or more as Unix seconds, for scripts.
    /// Fewer digits could be a date without its dashes, and another zone than UTC is refused: neither may pass for what it isn't.
    fn from_str(text: &str) -> Result<Self, NotADate> {
        let bad = || NotADate::new(text, FORMS);
        if (10..=20).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit()) {
            return text.parse().map(Self).map_err(|_| bad());
        }
        let (date, rest) = text.split_at_checked(10).ok_or_else(bad)?;
        let day = date.parse::<Date>().map_err(|_| bad())?.unix_time().ok_or_else(bad)?;
        if rest.is_empty() {
            return Ok(Self(day));
        }
        let time = rest.strip_prefix('T').or_else(|| rest.strip_prefix(' ')).ok_or_else(bad)?;
        let time = time.strip_suffix('Z').or_else(|| time.strip_suffix(" UTC")).unwrap_or(time);
        seconds_of_day(time).map(|seconds| Self(day + seconds)).ok_or_else(bad)
    }
}

/// `hh:mm` or `hh:mm:ss`, two digits each.
fn seconds_of_day(text: &str) -> Option<u64> {
    let pair = |text: &str, below: u64| -> Option<u64> {
        let shaped = text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
        text.parse().ok().filter(|n| shaped && *n < below)
    };
    let mut pieces = text.split(':');
    let (hour, minute) = (pair(pieces.next()?, 24)?, pair(pieces.next()?, 60)?);
    let second = pieces.next().map_or(Some(0), |second| pair(second, 60))?;
    pieces.next().is_none().then_some(hour * 3600 + minute * 60 + second)
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&self.rfc3339())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// The last second that has a date.
    const LAST: u64 = 253_402_300_799;

    #[test]
    fn a_moment_is_a_date_and_a_time_in_utc() {
        let moment = Moment::from_unix(1_795_955_030);
        assert_eq!(moment.to_string(), "2026-11-29 12:23:50 UTC");
        assert_eq!(serde_json::to_string(&moment).unwrap(), "\"2026-11-29T12:23:50Z\"");
        assert_eq!(Moment::from_unix(0).rfc3339(), "1970-01-01T00:00:00Z");
        assert_eq!(Moment::from_unix(LAST).rfc3339(), "9999-12-31T23:59:59Z");
        for late in [LAST + 1, u64::MAX] {
            assert_eq!(Moment::from_unix(late).to_string(), "after the year 9999");
            assert_eq!(Moment::from_unix(late).rfc3339(), "9999-12-31T23:59:59Z");
        }
    }

    #[test]
    fn what_is_written_is_read_and_nothing_is_guessed() {
        for seconds in [0, 59, 86_399, 1_795_955_030, LAST] {
            let moment = Moment::from_unix(seconds);
            assert_eq!(moment.to_string().parse(), Ok(moment));
            assert_eq!(moment.rfc3339().parse(), Ok(moment));
        }
        assert_eq!("2026-11-29 12:23".parse(), Ok(Moment(1_795_954_980)));
        assert_eq!("2026-11-29".parse::<Moment>().unwrap().to_string(), "2026-11-29 00:00:00 UTC");
        assert_eq!("1795955030".parse(), Ok(Moment(1_795_955_030)));
        for text in [
            "",
            "0",
            "20261129",
            "2026-11-29T12:23:50+02:00",
            "2026-11-29T24:00",
            "2026-11-29T12:60",
            "2026-11-29T12",
            "2026-11-29T1:00",
            "2026-11-29T12:23:50:1",
            "2026-02-30",
            "1969-12-31",
            "2026-11-29x12:00",
            "2026-11-２9",
            "yesterday",
        ] {
            assert!(text.parse::<Moment>().is_err(), "{text}");
        }
    }
}
