//! Member registers with other values than their words give them. The rules are those of
//! [`sealroot_testing::statement::household::household_rules`]; slots 0 to 2 hold members.

use super::{Base, Corruptor};
use crate::attack::settle_after;
use sealroot_circuits::{
    Assignment, Obligation,
    obligation::registers,
    wires::{Place, Slot},
};
use sealroot_protocol::field::{F, from_i128};

/// Changes a register of a slot, and computes what reads it anew.
fn change(a: &mut Assignment, slot: usize, register: usize, change: impl FnOnce(&mut Slot<F>)) {
    change(&mut a.household.slots[slot]);
    registers::derive_from(a, Place::Slot(slot), register + 1);
    for later in slot + 1..a.household.slots.len() {
        registers::derive_from(a, Place::Slot(later), 0);
    }
    settle_after(a, Obligation::MemberRegisters);
}

fn n(x: i128) -> F {
    from_i128(x)
}

pub const CORRUPTORS: &[Corruptor] = &[
    Corruptor {
        name: "less income than the record says",
        base: Base::Household,
        corrupt: |a, _, _| change(a, 0, 1, |s| (s.registers[1].value, s.values[1]) = (n(5), n(5))),
    },
    Corruptor {
        name: "another line",
        base: Base::Household,
        corrupt: |a, _, _| {
            change(a, 1, 1, |s| {
                let r = &mut s.registers[1];
                (r.line, r.quotient, r.zero) = (n(9), n(9), n(0));
                (r.value, s.values[1]) = (n(9), n(9));
            });
        },
    },
    Corruptor {
        name: "an adult counted as a child",
        base: Base::Household,
        corrupt: |a, _, _| {
            change(a, 0, 0, |s| {
                let r = &mut s.registers[0];
                (r.nonnegative, r.value, s.values[0]) = (n(0), n(0), n(0));
            });
        },
    },
    Corruptor {
        name: "a member's value that doesn't count",
        base: Base::Household,
        corrupt: |a, _, _| change(a, 0, 1, |s| s.values[1] = n(0)),
    },
    Corruptor {
        name: "a constant of an empty slot",
        base: Base::Household,
        corrupt: |a, _, _| change(a, 5, 2, |s| s.values[2] = n(7)),
    },
    Corruptor {
        name: "a negative income in an empty slot",
        base: Base::Household,
        corrupt: |a, _, _| change(a, 7, 1, |s| s.values[1] = n(-60_000)),
    },
    Corruptor {
        name: "an unused member register with a value",
        base: Base::Household,
        corrupt: |a, _, _| change(a, 0, 7, |s| (s.registers[7].value, s.values[7]) = (n(1), n(1))),
    },
    Corruptor {
        name: "a quotient that is no integer",
        base: Base::Household,
        corrupt: |a, _, _| {
            change(a, 0, 4, |s| {
                let r = &mut s.registers[4];
                let other = r.remainder - n(1);
                let quotient = (r.line - other) / n(12);
                (r.quotient, r.remainder, r.value, s.values[4]) = (quotient, other, quotient, quotient);
            });
        },
    },
    Corruptor {
        name: "a gate that the counterpart closes, opened",
        base: Base::Paired,
        corrupt: |a, _, _| {
            change(a, 6, 0, |s| {
                assert_eq!(s.registers[0].gate, n(0));
                (s.registers[0].gate, s.registers[0].value, s.values[0]) = (n(1), n(1_000), n(1_000));
            });
        },
    },
    Corruptor {
        name: "another's counterpart",
        base: Base::Paired,
        corrupt: |a, _, _| {
            change(a, 4, 0, |s| (s.registers[0].gate, s.registers[0].value, s.values[0]) = (n(0), n(0), n(0)));
        },
    },
];
