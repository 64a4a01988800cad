//! Other nullifiers than the one that this holder, or this record, has.

use super::{Base, Corruptor};
use crate::attack::{commit, point, torsion};
use sealroot_circuits::Assignment;
use sealroot_protocol::{
    consent::Nullifier,
    curve,
    field::F,
    poseidon,
    record::{Serial, Subject},
    tag::Tag,
};

/// Claims this for 8·N, and the nullifier that follows.
fn cleared(a: &mut Assignment, p: curve::Point) {
    a.cleared = p.into();
    a.public.nullifier = poseidon::hash(Tag::HolderNullifier, [p.x(), p.y(), a.record.subject]);
}

fn of_record(a: &mut Assignment, context: F) {
    a.public.nullifier = Nullifier::of_record(Serial(a.record.serial), context).0;
}

pub const CORRUPTORS: &[Corruptor] = &[
    Corruptor { name: "any other", base: Base::Approved, corrupt: |a, _, random| a.public.nullifier = random.field() },
    Corruptor {
        name: "any other, record mode",
        base: Base::PerScope,
        corrupt: |a, _, random| a.public.nullifier = random.field(),
    },
    Corruptor {
        name: "another subject's",
        base: Base::Approved,
        corrupt: |a, _, random| {
            let n = point(&a.consent.n);
            a.public.nullifier = Nullifier::of_holder(&n, Subject(random.field())).0;
        },
    },
    Corruptor {
        name: "cofactor not cleared",
        base: Base::Approved,
        corrupt: |a, _, _| {
            let n = point(&a.consent.n);
            cleared(a, n);
        },
    },
    Corruptor {
        name: "cofactor half cleared",
        base: Base::Approved,
        corrupt: |a, _, _| {
            let n = point(&a.consent.n);
            cleared(a, n.times_u128(4));
        },
    },
    Corruptor {
        name: "a small-order point added to 8·N",
        base: Base::Approved,
        corrupt: |a, _, _| {
            let p = point(&a.cleared) + torsion()[5];
            cleared(a, p);
        },
    },
    Corruptor {
        name: "the opposite point",
        base: Base::Approved,
        corrupt: |a, _, _| {
            let p = -point(&a.cleared);
            cleared(a, p);
        },
    },
    Corruptor {
        name: "a record nullifier under a holder policy",
        base: Base::Approved,
        corrupt: |a, _, _| {
            let scope = a.public.scope;
            of_record(a, scope);
        },
    },
    Corruptor {
        name: "a holder nullifier under a record policy",
        base: Base::PerScope,
        corrupt: |a, _, _| {
            let p = point(&a.cleared);
            cleared(a, p);
        },
    },
    Corruptor {
        name: "once per program where the policy says once per scope",
        base: Base::PerScope,
        corrupt: |a, _, _| {
            let program = a.opening.program;
            of_record(a, program);
        },
    },
    Corruptor {
        name: "once per scope where the policy says once ever",
        base: Base::Once,
        corrupt: |a, _, _| {
            let scope = a.public.scope;
            of_record(a, scope);
        },
    },
    Corruptor {
        name: "a key that holds since the day after the period's start",
        base: Base::Approved,
        corrupt: |a, case, _| {
            a.record.holder_since = a.opening.period_start + F::from(1u8);
            commit(a, case);
        },
    },
    Corruptor {
        name: "a key that holds since the end of time",
        base: Base::Refused,
        corrupt: |a, case, _| {
            a.record.holder_since = F::from(9999_12_31u32);
            commit(a, case);
        },
    },
    Corruptor {
        name: "a household that received somebody after the period's start",
        base: Base::Household,
        corrupt: |a, case, _| {
            a.record.holder_since = a.opening.period_start + F::from(1u8);
            commit(a, case);
        },
    },
];
