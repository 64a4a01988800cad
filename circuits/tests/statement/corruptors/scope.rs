//! Openings that are not the scope's.

use super::{Base, Corruptor};
use crate::attack::{commit, settle_except, sign};
use sealroot_circuits::Obligation;
use sealroot_protocol::field::F;

pub const CORRUPTORS: &[Corruptor] = &[
    Corruptor {
        name: "another deployment",
        base: Base::Approved,
        corrupt: |a, _, random| {
            a.opening.deployment = random.field();
            settle_except(a, Obligation::Scope);
        },
    },
    Corruptor {
        name: "another program, for a second once-ever nullifier",
        base: Base::Once,
        corrupt: |a, _, random| {
            a.opening.program = random.field();
            settle_except(a, Obligation::Scope);
        },
    },
    Corruptor {
        name: "another last day",
        base: Base::Approved,
        corrupt: |a, _, _| {
            a.opening.period_end += F::from(1u8);
            settle_except(a, Obligation::Scope);
        },
    },
    Corruptor {
        name: "a first day a year earlier, with last year's record",
        base: Base::Approved,
        corrupt: |a, case, _| {
            let scope = a.public.scope;
            a.opening.period_start -= F::from(10_000u32);
            a.facts[0].period -= F::from(100u8);
            commit(a, case);
            a.public.scope = scope;
            settle_except(a, Obligation::Scope);
        },
    },
    Corruptor {
        name: "an invented scope, consented to",
        base: Base::Approved,
        corrupt: |a, case, random| {
            a.public.scope = random.field();
            settle_except(a, Obligation::Scope);
            sign(a, &case.key, random, &Default::default());
        },
    },
];
