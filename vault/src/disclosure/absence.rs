//! Why there is no record to disclose: a clerk must do something else about each of these.
//!
//! Guarantee: it is found out after the access-log entry was written, so that nobody learns unseen whether, and for which months, there are records about
//! a person. Non-guarantee: a person who was erased without ever having enrolled a key left nothing behind that tells it from never having been here.

use crate::{
    error::VaultError,
    store::{RecordRow, Records, RecordsTx, Reference, Store},
    vault::Vault,
};
use sealroot_protocol::{
    code::Code,
    date::FactsPeriod,
    name::Name,
    schema::{Schema, SchemaId},
};
use std::{collections::BTreeSet, fmt};

/// Which record was looked for, and why there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AbsentRecord {
    /// Whose vault.
    pub agency: Name,
    /// Name of the schema.
    pub schema: Name,
    /// About which period.
    pub period: FactsPeriod,
    /// Why.
    pub why: Absence,
}

/// Why there is no record under the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Absence {
    /// No record of this schema about the person was ever imported, as far as the vault can tell.
    NotImported,
    /// It was imported, and no anchored root holds it yet.
    NotAnchored,
    /// There are records of this schema about the person, of these periods.
    OtherPeriods(Vec<FactsPeriod>),
    /// It was removed, or corrected to somebody else's.
    Removed,
    /// The person was erased.
    Erased,
}

impl AbsentRecord {
    /// Its code.
    pub fn code(&self) -> Code {
        match self.why {
            Absence::NotImported => Code::NoRecord,
            Absence::NotAnchored => Code::RecordNotAnchored,
            Absence::OtherPeriods(_) => Code::RecordOfOtherPeriod,
            Absence::Removed => Code::RecordRemoved,
            Absence::Erased => Code::RecordErased,
        }
    }
}

/// `for 2026-10`, or that it is of no month.
fn about(period: FactsPeriod) -> String {
    match period {
        FactsPeriod::Timeless => "without a period".to_owned(),
        FactsPeriod::From(month) => format!("for {month}"),
    }
}

impl fmt::Display for AbsentRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { agency, schema, period, why } = self;
        let about = about(*period);
        match why {
            Absence::NotImported => {
                write!(f, "{agency} has no {schema} record {about} about this person: none was imported")
            }
            Absence::NotAnchored => {
                write!(f, "{agency} has the {schema} record {about}, but no anchored root holds it yet")
            }
            Absence::OtherPeriods(periods) => {
                let found: Vec<_> = periods.iter().map(ToString::to_string).collect();
                let found = found.join(", ");
                write!(f, "{agency} has no {schema} record {about} about this person, but others: {found}")
            }
            Absence::Removed => write!(f, "{agency} has removed the {schema} record {about} about this person"),
            Absence::Erased => {
                write!(f, "{agency} has erased this person: there is no {schema} record {about} any more")
            }
        }
    }
}

impl<S: Store> Vault<S> {
    /// Finds out why a record isn't there.
    pub(super) async fn absent(
        &self,
        tx: &mut <S::Records as Records>::Tx,
        looked_for: (SchemaId, &Schema, FactsPeriod),
        lookup: &Reference,
        subject: &Reference,
    ) -> Result<AbsentRecord, VaultError> {
        let (id, schema, period) = looked_for;
        let rows = tx.versions_of_subject(subject).await?;
        let why = if !rows.iter().any(|row| row.lookup == *lookup && row.until.is_none()) {
            self.absence(tx, subject, rows.iter().filter(|row| row.schema == id).collect(), (lookup, period)).await?
        } else {
            Absence::NotAnchored
        };
        Ok(AbsentRecord { agency: self.issuer.agency.clone(), schema: schema.name.clone(), period, why })
    }

    async fn absence(
        &self,
        tx: &mut <S::Records as Records>::Tx,
        subject: &Reference,
        rows: Vec<&RecordRow>,
        (lookup, period): (&Reference, FactsPeriod),
    ) -> Result<Absence, VaultError> {
        if rows.iter().any(|row| row.lookup == *lookup) {
            return Ok(Absence::Removed);
        }
        let live = rows.iter().filter(|row| row.until.is_none() && row.period != period.value());
        let periods: BTreeSet<u32> = live.map(|row| row.period).collect();
        if !periods.is_empty() {
            let periods = periods.into_iter().filter_map(|value| FactsPeriod::from_value(value).ok());
            return Ok(Absence::OtherPeriods(periods.collect()));
        }
        // What erasure keeps so that no second nullifier is earned: a key's fingerprint without the key.
        let holders = self.holders(tx, &[*subject]).await?;
        let erased = holders.get(subject).is_some_and(|holder| holder.key.is_none() && holder.fingerprint.is_some());
        Ok(if erased && rows.is_empty() { Absence::Erased } else { Absence::NotImported })
    }
}
