//! Integers that don't fit.

use super::{Base, Corruptor};
use crate::attack::commit;
use sealroot_circuits::Assignment;
use sealroot_protocol::{field::F, schema::text_value};
use sealroot_testing::statement::Case;

/// An integer attribute that no line reads: only its own range is violated.
const UNREAD: usize = 20;

fn set(a: &mut Assignment, case: &Case, value: F) {
    a.record.attributes[UNREAD] = value;
    commit(a, case);
}

pub const CORRUPTORS: &[Corruptor] = &[
    Corruptor { name: "2^63", base: Base::Approved, corrupt: |a, case, _| set(a, case, F::from(1u64 << 63)) },
    Corruptor {
        name: "−2^63 − 1",
        base: Base::Approved,
        corrupt: |a, case, _| set(a, case, -F::from((1u64 << 63) + 1)),
    },
    Corruptor {
        name: "the middle of the field, where positive turns negative",
        base: Base::Refused,
        corrupt: |a, case, _| set(a, case, F::from(1u8) / F::from(2u8)),
    },
    Corruptor {
        name: "a text where the policy says integer",
        base: Base::Once,
        corrupt: |a, case, _| set(a, case, text_value("1")),
    },
];
