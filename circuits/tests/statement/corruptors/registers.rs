//! Registers with other values than their words give them. The rules are those of [`sealroot_testing::statement::rich_rules`].

use super::{Base, Corruptor};
use crate::attack::register;
use sealroot_protocol::field::{F, from_i128};

fn n(x: i128) -> F {
    from_i128(x)
}

pub const CORRUPTORS: &[Corruptor] = &[
    Corruptor {
        name: "line off by one",
        base: Base::Approved,
        corrupt: |a, _, _| {
            register(a, 0, |r| {
                (r.line, r.quotient, r.value) = (r.line - n(1), r.quotient - n(1), r.value - n(1));
            });
        },
    },
    Corruptor {
        name: "value off by one",
        base: Base::Approved,
        corrupt: |a, _, _| register(a, 0, |r| r.value -= n(1)),
    },
    Corruptor {
        name: "quotient one too large, remainder negative",
        base: Base::Approved,
        corrupt: |a, _, _| {
            register(a, 1, |r| {
                (r.quotient, r.remainder, r.value) = (r.quotient + n(1), r.remainder - n(12), r.value + n(1));
            });
        },
    },
    Corruptor {
        name: "quotient one too small, remainder too large",
        base: Base::Approved,
        corrupt: |a, _, _| {
            register(a, 1, |r| {
                (r.quotient, r.remainder, r.value) = (r.quotient - n(1), r.remainder + n(12), r.value - n(1));
            });
        },
    },
    Corruptor {
        name: "a negative quotient rounded towards zero",
        base: Base::Approved,
        corrupt: |a, _, _| {
            register(a, 2, |r| {
                assert_ne!(r.remainder, n(0));
                (r.quotient, r.remainder, r.value) = (r.quotient + n(1), r.remainder - n(7), r.value + n(1));
            });
        },
    },
    Corruptor {
        name: "a quotient that is no integer",
        base: Base::Approved,
        corrupt: |a, _, _| {
            register(a, 2, |r| {
                let other = r.remainder - n(1);
                let quotient = (r.line - other) / n(7);
                (r.quotient, r.remainder, r.value) = (quotient, other, quotient);
            });
        },
    },
    Corruptor {
        name: "remainder without its quotient",
        base: Base::Approved,
        corrupt: |a, _, _| register(a, 1, |r| r.remainder = n(0)),
    },
    Corruptor {
        name: "quotient of a register that doesn't divide",
        base: Base::Approved,
        corrupt: |a, _, _| register(a, 0, |r| (r.quotient, r.remainder) = (r.quotient - n(1), n(1))),
    },
    Corruptor {
        name: "≥ 0 denied",
        base: Base::Approved,
        corrupt: |a, _, _| register(a, 3, |r| (r.nonnegative, r.value) = (n(0), n(0))),
    },
    Corruptor {
        name: "≥ 0 claimed",
        base: Base::Refused,
        corrupt: |a, _, _| register(a, 3, |r| (r.nonnegative, r.value) = (n(1), n(1))),
    },
    Corruptor {
        name: "sign neither 0 nor 1",
        base: Base::Approved,
        corrupt: |a, _, _| register(a, 3, |r| (r.nonnegative, r.value) = (n(2), n(2))),
    },
    Corruptor {
        name: "max(0, L) = 0 of a positive line",
        base: Base::Approved,
        corrupt: |a, _, _| register(a, 4, |r| (r.nonnegative, r.value) = (n(0), n(0))),
    },
    Corruptor {
        name: "max(0, L) = L of a negative line",
        base: Base::Approved,
        corrupt: |a, _, _| register(a, 9, |r| (r.nonnegative, r.value) = (n(1), r.line)),
    },
    Corruptor {
        name: "min not taken",
        base: Base::Approved,
        corrupt: |a, _, _| {
            let line = a.registers[4].value;
            register(a, 5, |r| {
                assert_ne!(r.value, line);
                (r.nonnegative, r.value) = (n(1), line);
            });
        },
    },
    Corruptor {
        name: "= 0 denied",
        base: Base::Approved,
        corrupt: |a, _, _| register(a, 6, |r| (r.zero, r.value) = (n(0), n(0))),
    },
    Corruptor {
        name: "= 0 of text denied",
        base: Base::Approved,
        corrupt: |a, _, _| register(a, 7, |r| (r.zero, r.value) = (n(0), n(0))),
    },
    Corruptor {
        name: "= 0 claimed of a line that isn't",
        base: Base::Approved,
        corrupt: |a, _, _| register(a, 0, |r| r.zero = n(1)),
    },
    Corruptor {
        name: "gate closed",
        base: Base::Approved,
        corrupt: |a, _, _| register(a, 5, |r| (r.gate, r.value) = (n(0), n(0))),
    },
    Corruptor {
        name: "gate opened",
        base: Base::Refused,
        corrupt: |a, _, _| {
            register(a, 5, |r| {
                assert_eq!(r.gate, n(0));
                (r.gate, r.value) = (n(1), n(50_000));
            })
        },
    },
    Corruptor {
        name: "gate that doubles",
        base: Base::Approved,
        corrupt: |a, _, _| register(a, 5, |r| (r.gate, r.value) = (n(2), r.value + r.value)),
    },
    Corruptor {
        name: "gate of the first register",
        base: Base::Approved,
        corrupt: |a, _, _| register(a, 0, |r| (r.gate, r.value) = (n(0), n(0))),
    },
    Corruptor {
        name: "an unused register with a value",
        base: Base::Approved,
        corrupt: |a, _, _| register(a, 11, |r| r.value = n(1)),
    },
];
