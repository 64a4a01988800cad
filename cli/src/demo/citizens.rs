//! A seeded generator of citizens: the CSV files that two agencies would export from their own systems.
//!
//! The same seed gives the same files, byte for byte. Nobody in them exists.

use crate::{
    failure::Outcome,
    files::{Form, Output},
};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use sealroot_protocol::date::{Date, Month};
use std::{fmt::Write, path::Path};

/// Districts of the example's schema.
const DISTRICTS: [&str; 6] = ["north", "east", "south", "west", "harbour", "old-town"];

/// People the story needs, in fixed places of the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cast {
    /// Eligible; applies.
    Applicant,
    /// Eligible too; lends a key in one of the attacks.
    Neighbour,
    /// Earns too much.
    Ineligible,
}

impl Cast {
    /// Everybody who needs a wallet.
    pub const ALL: [Self; 3] = [Self::Applicant, Self::Neighbour, Self::Ineligible];

    /// In file names.
    pub fn label(self) -> &'static str {
        match self {
            Self::Applicant => "applicant",
            Self::Neighbour => "neighbour",
            Self::Ineligible => "ineligible",
        }
    }

    /// The national id.
    pub fn national_id(self) -> String {
        national_id(match self {
            Self::Applicant => 0,
            Self::Neighbour => 1,
            Self::Ineligible => 2,
        })
    }
}

fn national_id(row: u64) -> String {
    // Spread over the number space without repeating: 7919 and 10^8 are coprime.
    format!("{:08}-{:02}", (row * 7919 + 20_260_101) % 100_000_000, row % 97)
}

/// Writes `citizens.csv` and `income.csv` for `count` people. Amounts are euros with cents.
pub fn write(directory: &Path, count: u64, seed: u64, as_of: Month) -> Outcome<()> {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut citizens = String::from("national_id,birth_date,district,resident\n");
    let mut incomes = String::from("national_id,employed");
    for month in 1..=12 {
        let _ = write!(incomes, ",income_{month:02}");
    }
    incomes.push('\n');
    for row in 0..count {
        let id = national_id(row);
        let cast = Cast::ALL.into_iter().find(|c| c.national_id() == id);
        let age: u32 = if cast.is_some() { 35 } else { rng.random_range(0..95) };
        let birth = birth_date(&mut rng, as_of, age);
        let district = if cast.is_some() { DISTRICTS[0] } else { DISTRICTS[rng.random_range(0..DISTRICTS.len())] };
        let resident = cast.is_some() || rng.random_range(0..20) > 0;
        let _ = writeln!(citizens, "{id},{birth},{district},{resident}");

        // In cents.
        let yearly: u64 = match cast {
            Some(Cast::Applicant) => 960_000,
            Some(Cast::Neighbour) => 840_000,
            Some(Cast::Ineligible) => 9_600_000,
            None if age < 18 => 0,
            None => rng.random_range(0..6_000_000),
        };
        let _ = write!(incomes, "{id},{}", yearly > 0);
        for month in 0..12 {
            let spread = if cast.is_none() && yearly > 0 { rng.random_range(0..yearly / 60 + 1) } else { 0 };
            let amount = yearly / 12 + if month % 2 == 0 { spread } else { 0 };
            let _ = write!(incomes, ",{}.{:02}", amount / 100, amount % 100);
        }
        incomes.push('\n');
    }
    for (name, text) in [("citizens.csv", citizens), ("income.csv", incomes)] {
        Output::new(&directory.join(name), Form::personal("a register"))?.put(text.as_bytes())?;
    }
    Ok(())
}

fn birth_date(rng: &mut StdRng, as_of: Month, age: u32) -> Date {
    let month = as_of.plus_months(-i64::from(age) * 12 - rng.random_range(1..12)).unwrap_or(as_of);
    month.first_day().plus_days(rng.random_range(0..28)).unwrap_or(month.first_day())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::{collections::BTreeSet, fs};

    #[test]
    fn files_are_reproducible_and_ids_are_unique() {
        let [a, b, c] = [7, 7, 8].map(|seed| {
            let directory = tempfile::tempdir().unwrap();
            write(directory.path(), 300, seed, "2026-11".parse().unwrap()).unwrap();
            ["citizens.csv", "income.csv"].map(|name| fs::read_to_string(directory.path().join(name)).unwrap())
        });
        assert_eq!(a, b);
        assert_ne!(a, c);
        assert_eq!(a[0].lines().count(), 301);
        assert_eq!((0..200_000).map(national_id).collect::<BTreeSet<_>>().len(), 200_000);
        for cast in Cast::ALL {
            assert!(a.iter().all(|file| file.lines().any(|line| line.starts_with(&cast.national_id()))));
        }
    }
}
