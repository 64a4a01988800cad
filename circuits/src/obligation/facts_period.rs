//! Obligation *facts period*: the record is about the period that the policy asks for, not last year's.
//!
//! A period is a constant, or so many months before the scope's first month. The first day is taken apart into year,
//! month and day; ranges make the parts unique: day and month are below 100, 100·month + day below 10,000.

use crate::{
    gadget::range,
    system::{Number, System},
    wires::{FactsPeriod, Wires},
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

    for (i, facts) in w.facts.iter().enumerate() {
        let words = w.layout().source(i);
        range::unsigned(sys, &facts.year, YEAR_BITS);
        range::unsigned(sys, &facts.month, MONTH_BITS);
        range::unsigned(sys, &(S::Num::small(11) - &facts.month), MONTH_BITS);
        let months = months(&start.start_year, &start.start_month) - &w.words[words.months_before];
        sys.equal(&(facts.year.clone() * F::from(12u8) + &facts.month), &months);

        let relative = facts.year.clone() * F::from(100u8) + &facts.month + S::Num::unit();
        let rest = facts.period.clone() - &w.words[words.period_constant];
        sys.enforce(&w.words[words.period_relative], &relative, &rest);
    }
}

/// The native twin.
pub fn holds(w: &Wires<F>) -> bool {
    let start = &w.opening;
    let parts = [(start.start_year, YEAR_BITS), (start.start_month, MONTH_BITS), (start.start_day, DAY_BITS)];
    let date = date(&start.start_year, &start.start_month, &start.start_day);
    let facts = |(i, facts): (usize, &FactsPeriod<F>)| {
        let words = w.layout().source(i);
        let months = months(&start.start_year, &start.start_month) - w.words[words.months_before];
        small(facts.year, 1 << YEAR_BITS).is_some()
            && small(facts.month, 12).is_some()
            && facts.year * F::from(12u8) + facts.month == months
            && facts.period == period(w, i, facts)
    };
    parts.iter().all(|(part, bits)| small(*part, 1 << bits).is_some())
        && date == start.period_start
        && w.facts.iter().enumerate().all(facts)
}

/// The parts of the first day, and the period that the facts must have.
pub fn derive(w: &mut Wires<F>) {
    let layout = w.layout();
    let start = small(w.opening.period_start, 1 << 32).unwrap_or(0);
    let (year, month, day) = (start / 10_000, start / 100 % 100, start % 100);
    (w.opening.start_year, w.opening.start_month, w.opening.start_day) = (year.into(), month.into(), day.into());
    for i in 0..w.facts.len() {
        let back = small(w.words[layout.source(i).months_before], 1 << 32).unwrap_or(0);
        let months = (12 * year + month).saturating_sub(1 + back);
        (w.facts[i].year, w.facts[i].month) = ((months / 12).into(), (months % 12).into());
        w.facts[i].period = period(w, i, &w.facts[i]);
    }
}

fn period(w: &Wires<F>, source: usize, facts: &FactsPeriod<F>) -> F {
    let words = w.layout().source(source);
    let relative = facts.year * F::from(100u8) + facts.month + F::from(1u8);
    w.words[words.period_constant] + w.words[words.period_relative] * relative
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
