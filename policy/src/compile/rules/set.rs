//! Membership of integers: as a comparison where it is one, as the smaller of a set and its complement, and as an indicator by runs.

use super::formula::{Formula, Test};
use super::graph::Graph;
use super::linear::{Linear, Range};
use crate::language::Finding;
use std::collections::BTreeSet;

/// Integers one after the other.
type Run = (i128, i128);

impl Graph {
    /// Membership of an integer.
    pub fn one_of(&self, line: Linear, members: BTreeSet<i128>) -> Result<Formula, Finding> {
        let (line, members) = if self.forms.primitive { bare(line, members)? } else { (line, members) };
        let (low, high) = self.range(&line)?;
        let possible: BTreeSet<i128> = members.into_iter().filter(|m| (low..=high).contains(m)).collect();
        let missing = i128::try_from(possible.len()).map_or(0, |n| high - low + 1 - n);
        match possible.first() {
            None => return Ok(Formula::Constant(false)),
            Some(_) if missing == 0 => return Ok(Formula::Constant(true)),
            Some(only) if possible.len() == 1 => return self.zero(line.plus_constant(-only)?),
            Some(_) => {}
        }
        if self.forms.ends {
            let runs = runs(possible.iter().copied());
            match runs.as_slice() {
                [(first, last)] if *first == low => return self.nonnegative(line.scale(-1)?.plus_constant(*last)?),
                [(first, last)] if *last == high => return self.nonnegative(line.plus_constant(-first)?),
                _ => {}
            }
            let size = i128::try_from(possible.len()).unwrap_or(i128::MAX);
            if missing < size || (missing == size && !possible.contains(&low)) {
                let others: BTreeSet<i128> = (low..=high).filter(|x| !possible.contains(x)).collect();
                return Ok(match others.first() {
                    Some(only) if others.len() == 1 => self.zero(line.plus_constant(-only)?)?,
                    _ => Formula::Test(Test::OneOf(line, others)),
                }
                .not());
            }
        }
        Ok(Formula::Test(Test::OneOf(line, possible)))
    }

    /// 1 where the integer is one of these, else 0.
    pub(super) fn membership(&mut self, line: &Linear, members: &BTreeSet<i128>) -> Result<Linear, Finding> {
        if self.forms.runs {
            let range = self.range(line)?;
            let within = runs(members.iter().copied().filter(|m| (range.0..=range.1).contains(m)));
            let between = gaps(&within, range);
            let indicator = match cost(&between, range) < cost(&within, range) {
                true => Linear::constant(1).minus(&self.within(line, &between, range)?)?,
                false => self.within(line, &within, range)?,
            };
            self.remember(&indicator, (0, 1));
            return Ok(indicator);
        }
        // members are distinct, so at most one of the tests is 1
        let mut sum = Linear::default();
        for member in members {
            let equal = self.zero(line.plus_constant(-member)?)?;
            sum = sum.plus(&self.indicator(&equal)?)?;
        }
        Ok(sum)
    }

    /// 1 where the integer is in one of these runs.
    fn within(&mut self, line: &Linear, runs: &[Run], (low, high): Range) -> Result<Linear, Finding> {
        let mut sum = Linear::default();
        for (first, last) in runs {
            if first == last {
                let equal = self.zero(line.plus_constant(-first)?)?;
                sum = sum.plus(&self.indicator(&equal)?)?;
                continue;
            }
            let reached = match *first <= low {
                true => Linear::constant(1),
                false => {
                    let reached = self.nonnegative(line.plus_constant(-first)?)?;
                    self.indicator(&reached)?
                }
            };
            sum = sum.plus(&reached)?;
            if *last < high {
                let passed = self.nonnegative(line.plus_constant(-1 - last)?)?;
                sum = sum.minus(&self.indicator(&passed)?)?;
            }
        }
        Ok(sum)
    }
}

/// `x in S` for `x = c + f·L` as `L in (S − c) / f`: equal questions have equal lines.
fn bare(line: Linear, members: BTreeSet<i128>) -> Result<(Linear, BTreeSet<i128>), Finding> {
    let factor = if line.is_flipped() { -line.common_factor() } else { line.common_factor() };
    if factor == 0 {
        return Ok((line, members));
    }
    let multiple = |m: i128| m.checked_sub(line.constant).filter(|m| m % factor == 0).map(|m| m / factor);
    let members = members.into_iter().filter_map(multiple).collect();
    Ok((Linear { constant: 0, ..line }.divided(factor), members))
}

fn runs(members: impl Iterator<Item = i128>) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for member in members {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == member => *last = member,
            _ => runs.push((member, member)),
        }
    }
    runs
}

/// The runs of what lies between.
fn gaps(runs: &[Run], (low, high): Range) -> Vec<Run> {
    let ends = std::iter::once(low - 1).chain(runs.iter().map(|(_, last)| *last));
    let starts = runs.iter().map(|(first, _)| *first).chain([high + 1]);
    ends.zip(starts).map(|(end, start)| (end + 1, start - 1)).filter(|(first, last)| first <= last).collect()
}

/// How many registers runs take.
fn cost(runs: &[Run], (low, high): Range) -> usize {
    let of = |(first, last): &Run| if first == last || *first <= low || *last >= high { 1 } else { 2 };
    runs.iter().map(of).sum()
}
