//! Programs and standing in them.

use super::{Broken, Model, must, officers::canonical, policies::Version};
use crate::cast::named;
use alloy_primitives::{B256, FixedBytes};
use alloy_sol_types::SolInterface;
use sealroot_chain::contracts::programs::Programs;
use sealroot_protocol::{
    date::{Date, Month, Period},
    name::Name,
    snapshot::RequesterEntry,
};

/// An enacted program, its terms as they were enacted or amended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    pub digest: B256,
    pub enacted_at: u64,
    pub closed_at: Option<u64>,
    pub first: Month,
    pub months: i64,
    pub periods: i64,
    pub opens: i64,
    pub closes: i64,
    pub correctable: i64,
    pub offset: i64,
    pub decided_by: u8,
    pub as_of: u8,
    pub fresh: Option<(u8, i64)>,
    pub pays: Option<(usize, usize)>,
    pub currency: FixedBytes<3>,
    pub budget: u128,
    pub policies: Vec<Name>,
}

impl Terms {
    /// The period that begins on a date, if there is one.
    pub fn period(&self, start: Date) -> Option<Period> {
        (0..self.periods).find_map(|i| {
            let first = self.first.plus_months(i * self.months).ok()?;
            let last = first.plus_months(self.months - 1).ok()?;
            (first.first_day() == start).then(|| Period { start, end: last.last_day() })
        })
    }

    /// Days that one can look up, counted from 1970: a program with others is not kept out of the model, it is a mistake of the test.
    fn of(terms: &Programs::Terms, now: u64) -> Result<Self, Broken> {
        Ok(Self {
            digest: terms.digest,
            enacted_at: now,
            closed_at: None,
            first: Month::from_yyyymm(terms.firstMonth).map_err(|_| "a program begins in no month")?,
            months: terms.monthsPerPeriod.into(),
            periods: terms.periods.into(),
            opens: terms.opensAfterDays.into(),
            closes: terms.closesAfterDays.into(),
            correctable: terms.correctableDays.into(),
            offset: terms.utcOffsetMinutes.into(),
            decided_by: terms.decidedBy,
            as_of: terms.asOfRule,
            fresh: (terms.freshness != 0).then(|| (terms.freshness, terms.freshAfterDays.into())),
            pays: (terms.pays == 1).then(|| (terms.paidPart.into(), terms.paidOutput.into())),
            currency: terms.currency,
            budget: terms.budget,
            policies: terms.policies.iter().map(|id| named(*id)).collect::<Result<_, _>>()?,
        })
    }

    /// What the words of the specification allow.
    fn check(&self) -> Result<(), Broken> {
        let mut distinct = self.policies.clone();
        distinct.sort_unstable();
        distinct.dedup();
        must(matches!(self.policies.len(), 1..=8) && distinct.len() == self.policies.len(), || {
            "1 to 8 policies".into()
        })?;
        must(!self.digest.is_zero(), || "a program without a document".into())?;
        must((1..=120).contains(&self.months) && self.periods >= 1, || "a program without periods".into())?;
        must(self.opens <= self.closes, || "a window that closes before it opens".into())?;
        let reached = self.as_of == 1 || self.closes + 1 >= 28 * self.months;
        must(reached, || "a window that closes before the reference day".into())?;
        must((-720..=840).contains(&self.offset), || "an offset that no zone has".into())?;
        must(matches!(self.decided_by, 1..=3) && matches!(self.as_of, 1..=2), || "a rule that is none".into())?;
        must(self.pays.is_none_or(|(part, output)| part < self.policies.len() && output < 2), || {
            "pays nothing".into()
        })?;
        let free = self.pays.is_some() || (self.budget == 0 && self.currency.is_zero());
        must(free, || "a program that pays nothing has a budget".into())?;
        must(self.pays.is_none() || !self.currency.is_zero(), || "a program pays in no currency".into())
    }
}

impl Model {
    pub(super) fn act_on_programs(&mut self, act: &[u8]) -> Result<(), Broken> {
        use Programs::ProgramsCalls as Calls;
        let now = self.now;
        let function = match canonical(act, Calls::abi_decode(act))? {
            Calls::enact(call) => {
                let id = named(call.id)?;
                let terms = Terms::of(&call.terms, now)?;
                terms.check()?;
                self.has_laws(&terms)?;
                must(self.programs.insert(id.clone(), terms).is_none(), || format!("{id} was enacted twice"))?;
                must(matches!(call.terms.requesters.len(), 1..=64), || "1 to 64 requesters".into())?;
                for requester in &call.terms.requesters {
                    self.authorise(id.clone(), named(*requester)?)?;
                }
                "Programs.enact"
            }
            Calls::amend(call) => {
                let terms = self.open(&named(call.id)?)?;
                must(terms.pays.is_some() || call.budget == 0, || "a program that pays nothing has a budget".into())?;
                must(!call.digest.is_zero(), || "a program without a document".into())?;
                (terms.digest, terms.budget, terms.enacted_at) = (call.digest, call.budget, now);
                "Programs.amend"
            }
            Calls::authorise(call) => {
                let id = named(call.id)?;
                self.open(&id)?;
                self.authorise(id, named(call.requester)?)?;
                "Programs.authorise"
            }
            Calls::dismiss(call) => {
                let place = (named(call.id)?, named(call.requester)?);
                must(self.may_ask(&place.0, &place.1), || "an office was dismissed that had no standing".into())?;
                self.standing.entry(place).and_modify(|entry| entry.until = Some(now));
                "Programs.dismiss"
            }
            Calls::close(call) => {
                self.open(&named(call.id)?)?.closed_at = Some(now);
                "Programs.close"
            }
            other => return Err(format!("an act that is none: {:?}", other.selector())),
        };
        self.count(function);
        Ok(())
    }

    /// For the first period that can still be claimed, and each later one that has begun anywhere, there is a law in the right currency, of agencies that stand.
    fn has_laws(&self, terms: &Terms) -> Result<(), Broken> {
        let starts = (0..terms.periods).map(|i| {
            let month = terms.first.plus_months(i * terms.months).map_err(|_| "a period beyond the calendar")?;
            Ok(month.first_day().day_number())
        });
        let starts = starts.collect::<Result<Vec<_>, Broken>>()?;
        let mut claimable =
            starts.into_iter().filter(|start| start + terms.closes >= self.local_day(terms.offset)).peekable();
        let Some(first) = claimable.peek().copied() else { return Err("a program that nobody can claim".into()) };
        for start in claimable.take_while(|start| *start == first || *start <= self.begun()) {
            for (part, policy) in terms.policies.iter().enumerate() {
                let holds = |version: &&Version| {
                    version.id == *policy && version.withdrawn_at.is_none() && version.covers(start)
                };
                let Some(version) = self.versions.values().find(holds) else {
                    return Err(format!("a program was enacted without a law for day {start}"));
                };
                if let Some((paid, output)) = terms.pays
                    && paid == part
                {
                    must(version.currencies[output] == terms.currency, || "a program pays in another currency".into())?;
                }
                let withdrawn = version.agencies.iter().any(|agency| self.agencies[agency].withdrawn_at.is_some());
                must(!withdrawn, || "a program reads the records of a withdrawn agency".into())?;
            }
        }
        Ok(())
    }

    fn authorise(&mut self, program: Name, requester: Name) -> Result<(), Broken> {
        must(self.requesters.contains_key(&requester), || format!("{requester} isn't registered and may ask"))?;
        must(!self.may_ask(&program, &requester), || "an office was authorised twice".into())?;
        self.standing.insert((program, requester), RequesterEntry { since: self.now, until: None });
        Ok(())
    }

    pub fn may_ask(&self, program: &Name, requester: &Name) -> bool {
        let entry = self.standing.get(&(program.clone(), requester.clone()));
        entry.is_some_and(|entry| entry.until.is_none())
    }

    fn open(&mut self, id: &Name) -> Result<&mut Terms, Broken> {
        let terms = self.programs.get_mut(id).filter(|terms| terms.closed_at.is_none());
        terms.ok_or_else(|| format!("{id} changed and isn't open"))
    }
}
