//! Versions of policies: on no day two, and no law made backwards but in the place of one that was taken away.

use super::{Broken, Model, must, officers::canonical};
use crate::cast::named;
use alloy_primitives::{B256, FixedBytes};
use alloy_sol_types::SolInterface;
use sealroot_chain::contracts::policies::Policies;
use sealroot_protocol::{date::Date, name::Name};

/// An enacted version; days are counted from 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    pub id: Name,
    pub key_hash: B256,
    pub agencies: Vec<Name>,
    pub currencies: [FixedBytes<3>; 2],
    pub from: i64,
    pub until: i64,
    pub enacted_at: u64,
    pub withdrawn_at: Option<u64>,
    pub replaces: Option<B256>,
}

impl Version {
    pub fn covers(&self, day: i64) -> bool {
        self.from <= day && day <= self.until
    }
}

/// The day of a date as contracts write it.
pub fn day(value: u32) -> Result<i64, Broken> {
    let date = Date::from_yyyymmdd(value).map_err(|_| format!("{value} is no date"))?;
    Ok(date.day_number())
}

impl Model {
    pub(super) fn act_on_policies(&mut self, act: &[u8]) -> Result<(), Broken> {
        use Policies::PoliciesCalls as Calls;
        let (begun, now) = (self.begun(), self.now);
        let function = match canonical(act, Calls::abi_decode(act))? {
            Calls::enact(call) => {
                must(day(call.version.from)? > begun, || "a law was made for a day that has begun".into())?;
                self.enact(&call.version, None)?;
                "Policies.enact"
            }
            Calls::enactRetroactive(call) => {
                let (from, until) = (day(call.version.from)?, day(call.version.until)?);
                let id = named(call.version.id)?;
                let Some(before) = self.versions.get(&call.replaces).filter(|before| before.id == id) else {
                    return Err("a retroactive law replaces one that isn't there".into());
                };
                must(before.withdrawn_at.is_some(), || "a retroactive law replaces one that stands".into())?;
                must(from <= begun, || "a retroactive law is for days ahead alone".into())?;
                // Each day by itself, as the words have it.
                let reached = (from..=until.min(begun)).find(|day| !before.covers(*day));
                must(reached.is_none(), || format!("a retroactive law reaches day {reached:?}, which had none"))?;
                self.enact(&call.version, Some(call.replaces))?;
                "Policies.enactRetroactive"
            }
            Calls::end(call) => {
                let until = day(call.until)?;
                let version = live(self.versions.get_mut(&call.digest))?;
                must(until < version.until, || "a version was prolonged".into())?;
                must(until >= begun, || "a day that had begun lost its law".into())?;
                must(until >= version.from, || "a version ends before it begins".into())?;
                version.until = until;
                "Policies.end"
            }
            Calls::withdraw(call) => {
                live(self.versions.get_mut(&call.digest))?.withdrawn_at = Some(now);
                "Policies.withdraw"
            }
            other => return Err(format!("an act that is none: {:?}", other.selector())),
        };
        self.count(function);
        Ok(())
    }

    fn enact(&mut self, version: &Policies::Version, replaces: Option<B256>) -> Result<(), Broken> {
        let (id, from, until) = (named(version.id)?, day(version.from)?, day(version.until)?);
        must(from <= until, || "a version ends before it begins".into())?;
        must(!version.digest.is_zero() && !version.keyHash.is_zero(), || "a version of nothing".into())?;
        must(matches!(version.agencies.len(), 1..=3), || "a version has 1 to 3 sources".into())?;
        let agencies = version.agencies.iter().map(|agency| named(*agency)).collect::<Result<Vec<_>, _>>()?;
        for agency in &agencies {
            let entry = self.agencies.get(agency).ok_or_else(|| format!("{agency} isn't registered"))?;
            must(entry.withdrawn_at.is_none(), || format!("{agency} is withdrawn and a new law reads its records"))?;
        }
        let stands = |other: &&Version| other.id == id && other.withdrawn_at.is_none();
        let overlap = self.versions.values().filter(stands).any(|other| other.from <= until && from <= other.until);
        must(!overlap, || "two versions of a policy cover one day".into())?;
        let entry = Version {
            id,
            key_hash: version.keyHash,
            agencies,
            currencies: [version.currency0, version.currency1],
            from,
            until,
            enacted_at: self.now,
            withdrawn_at: None,
            replaces,
        };
        must(self.versions.insert(version.digest, entry).is_none(), || "one digest was enacted twice".into())
    }
}

fn live(version: Option<&mut Version>) -> Result<&mut Version, Broken> {
    version
        .filter(|version| version.withdrawn_at.is_none())
        .ok_or_else(|| "a version changed that doesn't stand".into())
}
