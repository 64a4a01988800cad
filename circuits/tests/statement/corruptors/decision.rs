//! Answers that don't follow from the conditions. The rules are those of [`sealroot_testing::statement::rich_rules`].

use super::{Base, Corruptor};
use crate::attack::{commit, settle_after};
use sealroot_circuits::Obligation;
use sealroot_protocol::field::{F, from_i128};

const ZERO: F = ark_ff::MontFp!("0");
const ONE: F = ark_ff::MontFp!("1");

pub const CORRUPTORS: &[Corruptor] = &[
    Corruptor {
        name: "an approval turned into a refusal",
        base: Base::Approved,
        corrupt: |a, _, _| {
            a.public.decision = ZERO;
            a.public.outputs = vec![ZERO; 2];
        },
    },
    Corruptor {
        name: "a refusal turned into an approval",
        base: Base::Refused,
        corrupt: |a, _, _| {
            a.public.decision = ONE;
            a.public.outputs = a.selected.clone();
            a.public.reasons = ZERO;
        },
    },
    Corruptor {
        name: "failures denied",
        base: Base::Refused,
        corrupt: |a, _, _| {
            a.requirements.iter_mut().for_each(|r| r.failed = ZERO);
            a.public.decision = ONE;
            a.public.outputs = a.selected.clone();
            a.public.reasons = ZERO;
        },
    },
    Corruptor {
        name: "two failures that cancel out",
        base: Base::Refused,
        corrupt: |a, _, _| {
            (a.requirements[1].failed, a.requirements[2].failed) = (ONE, -ONE);
            a.public.decision = ONE;
            a.public.outputs = a.selected.clone();
        },
    },
    Corruptor {
        name: "a failure invented",
        base: Base::Approved,
        corrupt: |a, _, _| {
            a.requirements[0].failed = ONE;
            a.public.decision = ZERO;
            a.public.outputs = vec![ZERO; 2];
            a.public.reasons = ONE;
        },
    },
    Corruptor {
        name: "a condition that holds, invented",
        base: Base::Refused,
        corrupt: |a, _, _| {
            for i in [1, 2] {
                (a.requirements[i].matched, a.requirements[i].failed) = (ONE, ZERO);
            }
            a.public.decision = ONE;
            a.public.outputs = a.selected.clone();
            a.public.reasons = ZERO;
        },
    },
    Corruptor {
        name: "an unused requirement that failed",
        base: Base::Approved,
        corrupt: |a, _, _| {
            a.requirements[11].failed = ONE;
            a.public.decision = ZERO;
            a.public.outputs = vec![ZERO; 2];
        },
    },
    Corruptor {
        name: "a decision of 2",
        base: Base::Approved,
        corrupt: |a, _, _| {
            a.public.decision = ONE + ONE;
            a.public.outputs = a.selected.iter().map(|s| *s + s).collect();
        },
    },
    Corruptor { name: "a reason withheld", base: Base::Refused, corrupt: |a, _, _| a.public.reasons = ZERO },
    Corruptor {
        name: "a reason revealed that the policy hides",
        base: Base::Refused,
        corrupt: |a, _, _| a.public.reasons = F::from(6u8),
    },
    Corruptor {
        name: "a reason for what didn't fail",
        base: Base::Refused,
        corrupt: |a, _, _| a.public.reasons = F::from(3u8),
    },
    Corruptor {
        name: "an output with a refusal",
        base: Base::Refused,
        corrupt: |a, _, _| a.public.outputs[1] = a.selected[1],
    },
    Corruptor { name: "an output one larger", base: Base::Approved, corrupt: |a, _, _| a.public.outputs[0] += ONE },
    Corruptor {
        name: "an output of something else",
        base: Base::Approved,
        corrupt: |a, _, _| {
            a.selected[0] = a.record.attributes[1];
            a.public.outputs[0] = a.selected[0];
        },
    },
    Corruptor {
        name: "outputs exchanged",
        base: Base::Approved,
        corrupt: |a, _, _| {
            a.selected.swap(0, 1);
            a.public.outputs.swap(0, 1);
        },
    },
    Corruptor {
        name: "a negative output",
        base: Base::Approved,
        corrupt: |a, case, _| {
            // Tier −1 is in the policy's set, so this is approved.
            a.record.attributes[15] = from_i128(-1);
            commit(a, case);
            settle_after(a, Obligation::Decision);
            assert_eq!((a.public.decision, a.public.outputs[1]), (ONE, from_i128(-1)));
        },
    },
];
