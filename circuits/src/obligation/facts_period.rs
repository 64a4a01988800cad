//! Obligation *facts period*: the record is about the period that the policy asks for, not last year's.
//!
//! A period is a constant, or so many months before the scope's first month. The first day is taken apart into year,
//! month and day; ranges make the parts unique: day and month are below 100, 100·month + day below 10,000.

use crate::{
    gadget::range,
    system::{Number, System},
    wires::{Source, Wires},
};
use ark_ff::PrimeField;
use sealroot_protocol::field::F;

/// Years are below 2^14 = 16384.
const YEAR_BITS: usize = 14;
const MONTH_BITS: usize = 4;
const DAY_BITS: usize = 5;

/// `period = period_constant + period_relative·YYYYMM(period_start − months_before months)`.
pub fn enforce<S: System>(sys: &mut S, w: &Wires<S::Num>) {
    let start = &w.opening;
    range::unsigned(sys, &start.start_year, YEAR_BITS);
    range::unsigned(sys, &start.start_month, MONTH_BITS);
    range::unsigned(sys, &start.start_day, DAY_BITS);
    let date = date(&start.start_year, &start.start_month, &start.start_day);
    sys.equal(&date, &start.period_start);

    for (i, record) in w.sources.iter().enumerate() {
        let words = w.layout().source(i);
        range::unsigned(sys, &record.facts_year, YEAR_BITS);
        range::unsigned(sys, &record.facts_month, MONTH_BITS);
        range::unsigned(sys, &(S::Num::small(11) - &record.facts_month), MONTH_BITS);
        let months = months(&start.start_year, &start.start_month) - &w.words[words.months_before];
        sys.equal(&(record.facts_year.clone() * F::from(12u8) + &record.facts_month), &months);

        let relative = record.facts_year.clone() * F::from(100u8) + &record.facts_month + S::Num::unit();
        let rest = record.period.clone() - &w.words[words.period_constant];
        sys.enforce(&w.words[words.period_relative], &relative, &rest);
    }
}

/// The native twin.
pub fn holds(w: &Wires<F>) -> bool {
    let start = &w.opening;
    let parts = [(start.start_year, YEAR_BITS), (start.start_month, MONTH_BITS), (start.start_day, DAY_BITS)];
    let date = date(&start.start_year, &start.start_month, &start.start_day);
    let facts = |(i, record): (usize, &Source<F>)| {
        let words = w.layout().source(i);
        let months = months(&start.start_year, &start.start_month) - w.words[words.months_before];
        let relative = record.facts_year * F::from(100u8) + record.facts_month + F::from(1u8);
        small(record.facts_year, 1 << YEAR_BITS).is_some()
            && small(record.facts_month, 12).is_some()
            && record.facts_year * F::from(12u8) + record.facts_month == months
            && record.period == w.words[words.period_constant] + w.words[words.period_relative] * relative
    };
    parts.iter().all(|(part, bits)| small(*part, 1 << bits).is_some())
        && date == start.period_start
        && w.sources.iter().enumerate().all(facts)
}

/// The parts of the first day, and the month that the facts should be about.
pub fn derive(w: &mut Wires<F>) {
    let layout = w.layout();
    let start = small(w.opening.period_start, 1 << 32).unwrap_or(0);
    let (year, month, day) = (start / 10_000, start / 100 % 100, start % 100);
    (w.opening.start_year, w.opening.start_month, w.opening.start_day) = (year.into(), month.into(), day.into());
    for (i, record) in w.sources.iter_mut().enumerate() {
        let back = small(w.words[layout.source(i).months_before], 1 << 32).unwrap_or(0);
        let months = (12 * year + month).saturating_sub(1 + back);
        (record.facts_year, record.facts_month) = ((months / 12).into(), (months % 12).into());
    }
}

fn date<N: Number>(year: &N, month: &N, day: &N) -> N {
    year.clone() * F::from(10_000u32) + month.clone() * F::from(100u32) + day
}

/// Months since year 0, as a linear combination.
fn months<N: Number>(year: &N, month: &N) -> N {
    year.clone() * F::from(12u8) + month - N::unit()
}

/// The integer, if it is less than `end`.
fn small(x: F, end: u64) -> Option<u64> {
    let [low, rest @ ..] = x.into_bigint().0;
    (rest == [0; 3] && low < end).then_some(low)
}
