//! Claims about a record that the committed leaf doesn't back. The forged leaf is in the tree; what is claimed
//! differs in one field.

use super::{Base, Corruptor};
use crate::attack::{replant, settle_after};
use sealroot_circuits::{Assignment, Obligation, wires::Record};
use sealroot_protocol::{field::F, poseidon, tag::Tag};
use sealroot_testing::{random::Random, statement::Case};

/// Commits to another record or period, claims this one.
fn committed(a: &mut Assignment, case: &Case, other: impl FnOnce(&mut Record<F>, &mut F)) {
    let mut committed = a.clone();
    let wires = &mut *committed;
    other(&mut wires.record, &mut wires.facts[0].period);
    committed.derive_all(&[Obligation::Leaf]);
    a.record.leaf = committed.record.leaf;
    replant(a, case);
}

/// Commits to a leaf with this schema and digest.
fn committed_to(a: &mut Assignment, case: &Case, schema_id: F, digest: F) {
    let (period, r) = (a.facts[0].period, &mut a.record);
    r.leaf = poseidon::hash(
        Tag::Leaf,
        [schema_id, digest, r.key.x, r.key.y, r.holder_since, r.subject, period, r.serial, r.salt],
    );
    replant(a, case);
}

fn add(x: &mut F, delta: u64) {
    *x += F::from(delta);
}

pub const CORRUPTORS: &[Corruptor] = &[
    Corruptor {
        name: "another attribute: less income than committed",
        base: Base::Approved,
        corrupt: |a, case, _| committed(a, case, |r, _| add(&mut r.attributes[0], 500_000)),
    },
    Corruptor {
        name: "two attributes exchanged",
        base: Base::Approved,
        corrupt: |a, case, _| committed(a, case, |r, _| r.attributes.swap(0, 15)),
    },
    Corruptor {
        name: "a last attribute that was not committed",
        base: Base::Refused,
        corrupt: |a, case, _| committed(a, case, |r, _| add(&mut r.attributes[31], 1)),
    },
    Corruptor {
        name: "the digest of other attributes",
        base: Base::Approved,
        corrupt: |a, case, _| {
            add(&mut a.record.attributes_digest, 1);
            let digest = a.record.attributes_digest;
            committed_to(a, case, F::from(77u8), digest);
        },
    },
    Corruptor {
        name: "another schema's record",
        base: Base::Approved,
        corrupt: |a, case, random| {
            let digest = a.record.attributes_digest;
            committed_to(a, case, random.field(), digest);
        },
    },
    Corruptor {
        name: "another's key",
        base: Base::Approved,
        corrupt: |a, case, random: &mut Random| {
            let other = random.key().public_key();
            committed(a, case, |r, _| r.key = other.point().into());
        },
    },
    Corruptor {
        name: "a record without wallet",
        base: Base::PerScope,
        corrupt: |a, case, _| committed(a, case, |r, _| (r.key.x, r.key.y) = (F::from(0u8), F::from(0u8))),
    },
    Corruptor {
        name: "another day since which the key holds",
        base: Base::Approved,
        corrupt: |a, case, _| committed(a, case, |r, _| r.holder_since = F::from(2099_01_01u32)),
    },
    Corruptor {
        name: "another subject",
        base: Base::Approved,
        corrupt: |a, case, random| committed(a, case, |r, _| r.subject = random.field()),
    },
    Corruptor {
        name: "last year's record",
        base: Base::Approved,
        corrupt: |a, case, _| committed(a, case, |_, period| *period -= F::from(100u8)),
    },
    Corruptor {
        name: "another serial, for another record nullifier",
        base: Base::Once,
        corrupt: |a, case, random| committed(a, case, |r, _| r.serial = random.field()),
    },
    Corruptor {
        name: "another salt",
        base: Base::Approved,
        corrupt: |a, case, random| committed(a, case, |r, _| r.salt = random.field()),
    },
    Corruptor {
        name: "the subject's and the serial's places exchanged",
        base: Base::Approved,
        corrupt: |a, case, _| committed(a, case, |r, _| std::mem::swap(&mut r.subject, &mut r.serial)),
    },
    Corruptor {
        name: "a leaf that is no hash of a record",
        base: Base::Approved,
        corrupt: |a, case, random| {
            a.record.leaf = random.field();
            replant(a, case);
            settle_after(a, Obligation::Path);
        },
    },
];
