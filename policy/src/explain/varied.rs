//! The same facts with one number changed: how a test, or a reader who doubts a disclosure, sees what an output gives away.

use crate::compile::Compiled;
use crate::facts::{Fact, PlainFacts, PlainValue};
use sealroot_protocol::date::Date;
use sealroot_protocol::schema::{AttributeKind, MEMBERS};

impl PlainFacts {
    /// How many members the household has; none where the facts are one person's.
    pub fn members(&self) -> usize {
        self.members.len()
    }
}

impl Compiled {
    /// The names of the facts that are numbers, as disclosures have them, without the number and names of a household's members.
    pub fn numbers(&self) -> Vec<String> {
        let all = self.attributes.iter().enumerate();
        let facts = all.flat_map(|(source, list)| (0..list.len()).map(move |attribute| Fact { source, attribute }));
        let first = if self.is_household() { 1 + MEMBERS } else { 0 };
        let own = facts.filter(|fact| fact.source > 0 || fact.attribute >= first);
        own.filter(|fact| self.kind(*fact).range().is_some()).map(|fact| self.fact_name(fact)).collect()
    }

    /// The integer of a fact; of the member at a position, if it is a member's.
    pub fn number(&self, facts: &PlainFacts, name: &str, member: usize) -> Option<i64> {
        let fact = self.fact_named(name)?;
        let place = match fact.source {
            0 => facts.record.get(fact.attribute),
            source => facts.members.get(member)?.records.get(source - 1)?.get(fact.attribute),
        };
        match place? {
            PlainValue::Integer(x) => Some(*x),
            PlainValue::Text(_) => None,
        }
    }

    /// The same facts with another integer for one; `None` where the schema doesn't admit it.
    pub fn with_number(&self, facts: &PlainFacts, name: &str, member: usize, value: i64) -> Option<PlainFacts> {
        let fact = self.fact_named(name)?;
        let kind = self.kind(fact);
        let (low, high) = kind.range()?;
        let is_day = !matches!(kind, AttributeKind::Date {})
            || u32::try_from(value).is_ok_and(|day| Date::from_yyyymmdd(day).is_ok());
        ((low..=high).contains(&value) && is_day).then_some(())?;
        let mut changed = facts.clone();
        let place = match fact.source {
            0 => changed.record.get_mut(fact.attribute),
            source => changed.members.get_mut(member)?.records.get_mut(source - 1)?.get_mut(fact.attribute),
        };
        *place? = PlainValue::Integer(value);
        Some(changed)
    }

    /// The same household with its members in another order; `None` where it isn't an order of all of them.
    pub fn with_members_in_order(&self, facts: &PlainFacts, order: &[usize]) -> Option<PlainFacts> {
        let mut places = order.to_vec();
        places.sort_unstable();
        places.into_iter().eq(0..facts.members.len()).then_some(())?;
        let members = order.iter().map(|place| facts.members[*place].clone()).collect();
        Some(PlainFacts { members, ..facts.clone() })
    }

    fn kind(&self, fact: Fact) -> &AttributeKind {
        &self.attributes[fact.source][fact.attribute].kind
    }

    fn fact_named(&self, name: &str) -> Option<Fact> {
        let all = self.attributes.iter().enumerate();
        let mut facts = all.flat_map(|(source, list)| (0..list.len()).map(move |attribute| Fact { source, attribute }));
        facts.find(|fact| self.fact_name(*fact) == name)
    }
}
