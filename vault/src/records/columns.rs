//! Which columns of a file hold what, and whether its header has them.

use super::sheet::{Header, NotASheet};
use crate::rejection::Rejection;
use sealroot_protocol::{
    date::{Date, FactsPeriod},
    plausible::PeriodRule,
    schema::{Attribute, IDENTITY, Schema},
};

/// Which columns hold what; attributes are found by their names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    /// The national id. It becomes the subject, and the text attribute [`IDENTITY`] where the schema has one; it is stored nowhere.
    pub national_id: String,
    /// The business key that the serial is made from; none: the national id.
    pub business_key: Option<String>,
    /// Where the period of the facts comes from.
    pub period: PeriodSource,
}

/// Where the period of the facts comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PeriodSource {
    /// A column of `YYYY-MM` or `timeless`.
    Column(String),
    /// The same for all rows.
    Fixed(FactsPeriod),
    /// Nobody said: only a schema whose records are timeless can be imported so.
    Schema,
}

impl Default for Columns {
    /// `national_id`, and the period that the schema states.
    fn default() -> Self {
        Self { national_id: "national_id".into(), business_key: None, period: PeriodSource::Schema }
    }
}

/// Where in a row the columns are.
pub(super) struct Places {
    pub(super) national_id: usize,
    pub(super) business_key: usize,
    /// The period's column, or the period of all rows.
    pub(super) period: Result<usize, FactsPeriod>,
    pub(super) attributes: Vec<(usize, Attribute)>,
    /// Names of columns that mean nothing to the schema.
    pub(super) ignored: Vec<String>,
}

impl Columns {
    /// Names that the file should have.
    pub(super) fn needed<'a>(&'a self, attributes: &'a [Attribute]) -> Vec<&'a str> {
        let period = if let PeriodSource::Column(name) = &self.period { Some(name.as_str()) } else { None };
        let mut names = vec![self.national_id.as_str()];
        names.extend(self.business_key.as_deref().into_iter().chain(period));
        let attributes =
            attributes.iter().filter(|a| !(a.name == IDENTITY && a.kind.is_text())).map(|a| a.name.as_str());
        names.extend(attributes);
        names
    }

    /// Finds the columns, and the period of all rows if there is one.
    pub(super) fn find(
        &self,
        schema: &Schema,
        attributes: Vec<Attribute>,
        header: &Header,
        today: Date,
    ) -> Result<Places, Rejection> {
        let find = |name: &str| header.find(name);
        let national_id = find(&self.national_id)?;
        if schema.household && self.business_key.is_none() {
            // Made from the head's id, the serial would change with the head, and the household could claim a second time.
            return Err(Rejection::Plan(
                "name the column of the household's number: it stays when another member becomes the head".into(),
            ));
        }
        let business_key = self.business_key.as_deref().map_or(Ok(national_id), find)?;
        let period = match &self.period {
            PeriodSource::Column(name) => Ok(find(name)?),
            PeriodSource::Fixed(period) => Err(checked(schema, *period, today)?),
            PeriodSource::Schema => Err(stated(schema)?),
        };
        let attributes = attributes
            .into_iter()
            .map(|attribute| {
                let identity = attribute.name == IDENTITY && attribute.kind.is_text();
                let at = match find(&attribute.name) {
                    Err(_) if identity => Ok(national_id),
                    other => other,
                }?;
                Ok((at, attribute))
            })
            .collect::<Result<Vec<_>, Rejection>>()?;
        let used = |i: usize| {
            i == national_id || i == business_key || period == Ok(i) || attributes.iter().any(|(at, _)| *at == i)
        };
        let unused = header.names.iter().enumerate().filter(|(i, _)| !used(*i));
        let ignored = unused
            .map(|(i, name)| if name.is_empty() { format!("number {} (without a name)", i + 1) } else { name.clone() })
            .collect();
        Ok(Places { national_id, business_key, period, attributes, ignored })
    }
}

impl From<NotASheet> for Rejection {
    fn from(error: NotASheet) -> Self {
        match error {
            NotASheet::Format(what) => Self::NotCsv(what),
            NotASheet::Header(what) => Self::Plan(what),
        }
    }
}

fn checked(schema: &Schema, period: FactsPeriod, today: Date) -> Result<FactsPeriod, Rejection> {
    schema.check_period(period, today).map_err(|error| Rejection::Plan(error.to_string()))?;
    Ok(period)
}

/// The period where nobody stated one.
fn stated(schema: &Schema) -> Result<FactsPeriod, Rejection> {
    let ask = "name the month that the file is about (--period 2026-01), or the column that says it (--period-column)";
    match schema.period {
        Some(PeriodRule::Timeless) => Ok(FactsPeriod::Timeless),
        Some(PeriodRule::Month) => {
            Err(Rejection::Plan(format!("each record of schema {} is about a month: {ask}", schema.name)))
        }
        None => Err(Rejection::Plan(format!(
            "schema {} doesn't say whether its records are about a month: {ask}, or say --period timeless",
            schema.name
        ))),
    }
}
