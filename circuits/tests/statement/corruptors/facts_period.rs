//! Facts about another period than the policy asks for. The scope's period starts 2026-03-01; 14 months before is
//! 2025-01.

use super::{Base, Corruptor};
use crate::attack::{replant, settle_after};
use sealroot_circuits::{Assignment, Obligation};
use sealroot_protocol::field::{F, from_i128};
use sealroot_testing::statement::Case;

/// A record of this period is committed, and the parts of the dates are claimed so: year, month, day; year, month.
fn claim(a: &mut Assignment, case: &Case, period: i128, start: [i128; 3], facts: [i128; 2]) {
    a.facts[0].period = from_i128(period);
    a.derive_all(&[Obligation::Leaf]);
    replant(a, case);
    settle_after(a, Obligation::Path);
    let [year, month, day] = start.map(from_i128);
    (a.opening.start_year, a.opening.start_month, a.opening.start_day) = (year, month, day);
    let [year, month] = facts.map(from_i128);
    (a.facts[0].year, a.facts[0].month) = (year, month);
}

const START: [i128; 3] = [2026, 3, 1];
const FACTS: [i128; 2] = [2025, 0];

pub const CORRUPTORS: &[Corruptor] = &[
    Corruptor {
        name: "last year's record",
        base: Base::Approved,
        corrupt: |a, case, _| claim(a, case, 2024_01, START, FACTS),
    },
    Corruptor {
        name: "a timeless record",
        base: Base::Approved,
        corrupt: |a, case, _| claim(a, case, 0, START, FACTS),
    },
    Corruptor {
        name: "another period than the constant one",
        base: Base::Once,
        corrupt: |a, case, _| claim(a, case, 2024_01, START, [2026, 2]),
    },
    Corruptor {
        name: "a later month, not 14 before",
        base: Base::Approved,
        corrupt: |a, case, _| claim(a, case, 2025_02, START, [2025, 1]),
    },
    Corruptor {
        name: "month 13 of the year before",
        base: Base::Approved,
        corrupt: |a, case, _| claim(a, case, 2024_13, START, [2024, 12]),
    },
    Corruptor {
        name: "a negative month of the year after",
        base: Base::Approved,
        corrupt: |a, case, _| claim(a, case, 2026_00 - 11, START, [2026, -12]),
    },
    Corruptor {
        name: "the first day read as month 103 of the year before",
        base: Base::Approved,
        corrupt: |a, case, _| claim(a, case, 2032_05, [2025, 103, 1], [2032, 4]),
    },
    Corruptor {
        name: "the first day read as day 101 of the month before",
        base: Base::Approved,
        corrupt: |a, case, _| claim(a, case, 2024_12, [2026, 2, 101], [2024, 11]),
    },
    Corruptor {
        name: "the first day read as a negative day of the month after",
        base: Base::Approved,
        corrupt: |a, case, _| claim(a, case, 2025_02, [2026, 4, -99], [2025, 1]),
    },
    Corruptor {
        name: "another first day than the scope's",
        base: Base::Approved,
        corrupt: |a, case, _| claim(a, case, 2025_02, [2026, 4, 1], [2025, 1]),
    },
    Corruptor {
        name: "a fraction of a year",
        base: Base::Approved,
        corrupt: |a, case, _| {
            claim(a, case, 0, START, FACTS);
            // year·12 + 5 = 24300, month 5: the year is no integer.
            let year = F::from(24_295u32) / F::from(12u8);
            (a.facts[0].year, a.facts[0].month) = (year, F::from(5u8));
            a.facts[0].period = year * F::from(100u8) + F::from(6u8);
            a.derive_all(&[Obligation::Leaf]);
            replant(a, case);
        },
    },
];
