//! Removing what a file lacks: how sure one must be.
//!
//! Guarantees: nobody is removed unless somebody said yes to it; where more than a share of a period's records would go, the exact number must be said, which
//! only a look at the file gives; where the file doesn't show whom each of its rows is about, nobody is removed.

use crate::{records::rows::Unread, rejection::Rejection};
use sealroot_protocol::{
    date::{Date, FactsPeriod},
    printable::counted,
};
use std::{collections::BTreeMap, fmt};

/// The share of a period's records, in percent, that may go on a mere yes.
pub const MOST_PERCENT: u8 = 5;

/// How far a removal was confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Removal {
    /// Somebody said yes.
    pub confirmed: bool,
    /// The share of a period's live records, in percent, above which yes is not enough.
    pub most_percent: u8,
    /// The number of records that somebody means to remove.
    pub exactly: Option<u64>,
}

impl Default for Removal {
    /// Nobody said anything.
    fn default() -> Self {
        Self { confirmed: false, most_percent: MOST_PERCENT, exactly: None }
    }
}

impl Removal {
    /// Whether what is missing may go.
    pub(super) fn check(self, missing: &[MissingIn], unread: Option<Unread>) -> Result<(), Rejection> {
        let count: u64 = missing.iter().map(|period| period.missing).sum();
        if count == 0 {
            return Ok(());
        }
        if let Some(Unread { line, why }) = unread {
            return Err(Rejection::RemovalUnsafe { line, why });
        }
        let above = missing.iter().any(|period| !period.within(self.most_percent));
        let told = Removals { count, above: above.then_some(self.most_percent), periods: missing.to_vec() };
        match (self.confirmed, self.exactly) {
            (false, _) => Err(Rejection::RemovalUnconfirmed(Box::new(told))),
            (true, Some(exactly)) if exactly == count => Ok(()),
            (true, None) if !above => Ok(()),
            (true, _) => Err(Rejection::TooManyRemovals(Box::new(told))),
        }
    }
}

/// What a file lacks of one period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingIn {
    /// The period.
    pub period: FactsPeriod,
    /// Records that the file lacks.
    pub missing: u64,
    /// Records that there were before the import.
    pub live: u64,
    /// The days on which the missing ones were first imported, and how many on each.
    pub since: BTreeMap<Date, u64>,
}

impl MissingIn {
    /// Whether no more than a share is missing.
    fn within(&self, percent: u8) -> bool {
        u128::from(self.missing) * 100 <= u128::from(self.live) * u128::from(percent)
    }
}

impl fmt::Display for MissingIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenths = (u128::from(self.missing) * 1000).checked_div(u128::from(self.live)).unwrap_or(0);
        write!(
            f,
            "{}: {} of {} ({}.{} %)",
            self.period,
            self.missing,
            counted(self.live, "record", "records"),
            tenths / 10,
            tenths % 10
        )
    }
}

/// What would be removed, for a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removals {
    /// How many records.
    pub count: u64,
    /// The share in percent that is exceeded, if one is.
    pub above: Option<u8>,
    /// Where.
    pub periods: Vec<MissingIn>,
}

impl fmt::Display for Removals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let records = if self.count == 1 { "record" } else { "records" };
        write!(f, "the file lacks {} {records}, which would be removed:", self.count)?;
        for (i, period) in self.periods.iter().enumerate() {
            write!(f, "{} {period}", if i == 0 { "" } else { "," })?;
        }
        self.above.map_or(Ok(()), |percent| write!(f, "; that is more than {percent} % of a period"))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn missing(missing: u64, live: u64) -> MissingIn {
        MissingIn { period: FactsPeriod::Timeless, missing, live, since: BTreeMap::new() }
    }

    #[test]
    fn a_removal_needs_a_yes_and_above_a_share_the_number() {
        let yes = Removal { confirmed: true, ..Removal::default() };
        let number = |n| Removal { exactly: Some(n), ..yes };
        let refused = |removal: Removal, periods: &[MissingIn]| removal.check(periods, None).unwrap_err();
        for nothing in [Removal::default(), yes, number(3)] {
            assert_eq!(nothing.check(&[], None), Ok(()), "nothing is missing");
        }
        assert!(matches!(refused(Removal::default(), &[missing(1, 100)]), Rejection::RemovalUnconfirmed(_)));
        assert!(matches!(
            refused(Removal { exactly: Some(1), ..Removal::default() }, &[missing(1, 100)]),
            Rejection::RemovalUnconfirmed(_)
        ));
        assert_eq!(yes.check(&[missing(5, 100)], None), Ok(()));
        assert!(matches!(refused(yes, &[missing(6, 100)]), Rejection::TooManyRemovals(_)));
        // The share is each period's own.
        assert!(matches!(refused(yes, &[missing(0, 100_000), missing(6, 100)]), Rejection::TooManyRemovals(_)));
        assert_eq!(number(6).check(&[missing(6, 100)], None), Ok(()));
        for other in [5, 7, 0] {
            assert!(matches!(refused(number(other), &[missing(6, 100)]), Rejection::TooManyRemovals(_)));
        }
        // Somebody who said a number meant that number, also below the share.
        assert!(matches!(refused(number(2), &[missing(1, 100)]), Rejection::TooManyRemovals(_)));
        let all = Removal { most_percent: 100, ..yes };
        assert_eq!(all.check(&[missing(100, 100)], None), Ok(()));
        assert!(matches!(
            refused(Removal { most_percent: 0, ..yes }, &[missing(1, u64::MAX)]),
            Rejection::TooManyRemovals(_)
        ));
        let said = refused(yes, &[missing(1, 3)]).to_string();
        assert!(said.contains("1 of 3 records (33.3 %); that is more than 5 % of a period"), "{said}");
    }

    #[test]
    fn nothing_confirms_a_removal_that_nobody_can_know() {
        let all = Removal { confirmed: true, most_percent: 100, exactly: Some(1) };
        let unread = Some(Unread { line: 17, why: "whom this row is about can't be read" });
        assert!(matches!(all.check(&[missing(1, 100)], unread), Err(Rejection::RemovalUnsafe { line: 17, .. })));
        assert_eq!(all.check(&[], unread), Ok(()));
    }
}
