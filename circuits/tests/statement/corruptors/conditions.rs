//! Conditions with other values than their words give them. The rules are those of [`sealroot_testing::statement::rich_rules`].

use super::{Base, Corruptor};
use crate::attack::condition;
use sealroot_protocol::field::F;

const ZERO: F = ark_ff::MontFp!("0");
const ONE: F = ark_ff::MontFp!("1");

pub const CORRUPTORS: &[Corruptor] = &[
    Corruptor { name: "line off by one", base: Base::Approved, corrupt: |a, _, _| condition(a, 3, |k| k.line += ONE) },
    Corruptor { name: "value flipped", base: Base::Approved, corrupt: |a, _, _| condition(a, 3, |k| k.value = ZERO) },
    Corruptor {
        name: "≥ 0 denied",
        base: Base::Approved,
        corrupt: |a, _, _| condition(a, 3, |k| (k.nonnegative, k.value) = (ZERO, ZERO)),
    },
    Corruptor {
        name: "≥ 0 claimed: the child is of age",
        base: Base::Refused,
        corrupt: |a, _, _| {
            condition(a, 3, |k| {
                assert_eq!(k.value, ZERO);
                (k.nonnegative, k.value) = (ONE, ONE);
            })
        },
    },
    Corruptor {
        name: "negated ≥ 0 flipped",
        base: Base::Refused,
        corrupt: |a, _, _| {
            condition(a, 4, |k| {
                assert_eq!(k.value, ZERO);
                (k.nonnegative, k.value) = (ZERO, ONE);
            })
        },
    },
    Corruptor {
        name: "sign neither 0 nor 1",
        base: Base::Approved,
        corrupt: |a, _, _| condition(a, 3, |k| (k.nonnegative, k.value) = (ONE + ONE, ONE + ONE)),
    },
    Corruptor {
        name: "= 0 denied",
        base: Base::Approved,
        corrupt: |a, _, _| condition(a, 5, |k| (k.zero, k.value) = (ZERO, ZERO)),
    },
    Corruptor {
        name: "negated = 0 flipped",
        base: Base::Approved,
        corrupt: |a, _, _| condition(a, 6, |k| (k.zero, k.value) = (ONE, ZERO)),
    },
    Corruptor {
        name: "membership of text denied",
        base: Base::Approved,
        corrupt: |a, _, _| condition(a, 0, |k| (k.member, k.value) = (Some(ZERO), ZERO)),
    },
    Corruptor {
        name: "negated membership flipped",
        base: Base::Approved,
        corrupt: |a, _, _| {
            condition(a, 2, |k| {
                assert_eq!(k.value, ONE);
                (k.member, k.value) = (Some(ONE), ZERO);
            })
        },
    },
    Corruptor {
        name: "0 matches an unused pool entry",
        base: Base::Approved,
        corrupt: |a, _, _| {
            condition(a, 7, |k| {
                assert_eq!((k.line, k.value), (ZERO, ZERO));
                (k.member, k.value) = (Some(ONE), ONE);
            })
        },
    },
    Corruptor {
        name: "membership claimed by a condition that doesn't ask for it",
        base: Base::Approved,
        corrupt: |a, _, _| condition(a, 5, |k| k.member = Some(ONE)),
    },
    Corruptor {
        name: "an unused condition that holds",
        base: Base::Approved,
        corrupt: |a, _, _| condition(a, 15, |k| k.value = ONE),
    },
    Corruptor {
        name: "a value of 2",
        base: Base::Approved,
        corrupt: |a, _, _| condition(a, 3, |k| k.value = ONE + ONE),
    },
];
