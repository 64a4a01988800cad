//! Local days: a program's clocks are a fixed number of minutes ahead of UTC, and its days turn at their midnight.

use crate::{
    code::{Code, Coded},
    date::{Date, NotADate},
};
use serde::{Deserialize, Serialize};

/// Minutes ahead of UTC, of a time zone without summer time.
///
/// Guarantee: the day that [`UtcOffset::day`] gives is the contract's, to the second. A program whose clocks follow summer time has no offset of its own: for
/// part of the year its days turn an hour beside midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(try_from = "i16", into = "i16")]
pub struct UtcOffset(i16);

/// No place on earth has such clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an offset from UTC is -720 to 840 minutes, and not {0}")]
pub struct NotAnOffset(i16);

impl Coded for NotAnOffset {
    fn code(&self) -> Code {
        Code::Date
    }
}

impl UtcOffset {
    /// Where a day begins first: 14 hours before midnight UTC.
    pub const FARTHEST_AHEAD: Self = Self(840);
    /// Where it begins last: 12 hours after.
    pub const FARTHEST_BEHIND: Self = Self(-720);

    /// Checked.
    pub fn from_minutes(minutes: i16) -> Result<Self, NotAnOffset> {
        if (Self::FARTHEST_BEHIND.0..=Self::FARTHEST_AHEAD.0).contains(&minutes) {
            Ok(Self(minutes))
        } else {
            Err(NotAnOffset(minutes))
        }
    }

    /// How far these clocks are ahead.
    pub fn minutes(self) -> i16 {
        self.0
    }

    /// Whether they are UTC's.
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
    pub fn is_utc(&self) -> bool {
        self.0 == 0
    }

    /// The day by these clocks at a Unix time in seconds.
    pub fn day(self, unix: u64) -> Result<Date, NotADate> {
        let seconds = i64::try_from(unix).map_err(|_| NotADate::new(unix, "a Unix time"))?;
        Date::from_day_number(seconds.saturating_add(60 * i64::from(self.0)).div_euclid(86_400))
    }
}

impl TryFrom<i16> for UtcOffset {
    type Error = NotAnOffset;
    fn try_from(minutes: i16) -> Result<Self, NotAnOffset> {
        Self::from_minutes(minutes)
    }
}
impl From<UtcOffset> for i16 {
    fn from(offset: UtcOffset) -> Self {
        offset.0
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// The second before midnight, and midnight, by clocks all over the world.
    #[test]
    fn days_turn_at_local_midnight() {
        let (eve, day): (Date, Date) = ("2026-10-31".parse().unwrap(), "2026-11-01".parse().unwrap());
        let utc = day.unix_time().unwrap();
        for minutes in [-720, -210, 0, 330, 480, 840] {
            let offset = UtcOffset::from_minutes(minutes).unwrap();
            let midnight = utc.checked_add_signed(-60 * i64::from(minutes)).unwrap();
            assert_eq!(offset.day(midnight - 1).unwrap(), eve, "{minutes}");
            assert_eq!(offset.day(midnight).unwrap(), day, "{minutes}");
            assert_eq!(offset.day(midnight + 86_399).unwrap(), day, "{minutes}");
        }
        let ahead = utc - 14 * 3600;
        assert_eq!(Date::begun_anywhere(ahead - 1).unwrap(), eve);
        assert_eq!(Date::begun_anywhere(ahead).unwrap(), day);
        assert!(UtcOffset::default().day(u64::MAX).is_err() && UtcOffset::FARTHEST_AHEAD.day(i64::MAX as u64).is_err());
        assert_eq!(UtcOffset::FARTHEST_BEHIND.day(0).unwrap().to_string(), "1969-12-31");
    }

    #[test]
    fn clocks_of_no_place_are_refused() {
        for minutes in ["-721", "841", "32767", "40000", "\"60\"", "1.5"] {
            assert!(serde_json::from_str::<UtcOffset>(minutes).is_err(), "{minutes}");
        }
        for minutes in [-720, 0, 480, 840] {
            let offset: UtcOffset = serde_json::from_str(&minutes.to_string()).unwrap();
            assert_eq!(serde_json::to_string(&offset).unwrap(), minutes.to_string());
        }
    }
}
