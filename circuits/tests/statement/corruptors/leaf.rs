//! Claims about a record that the committed leaf doesn't back. The forged leaf is in the tree; what is claimed
//! differs in one field.

use super::{Base, Corruptor};
use crate::{
    attack::{replant, settle_after},
    case::{Case, Random},
};
use sealroot_circuits::{Assignment, Obligation, wires::Source};
use sealroot_protocol::{field::F, poseidon, tag::Tag};

/// Commits to another record, claims this one.
fn committed(a: &mut Assignment, case: &Case, other: impl FnOnce(&mut Source<F>)) {
    let claimed = a.sources[0].clone();
    other(&mut a.sources[0]);
    a.derive_all(&[Obligation::Leaf]);
    let (leaf, digest) = (a.sources[0].leaf, claimed.attributes_digest);
    a.sources[0] = claimed;
    a.sources[0].leaf = leaf;
    a.sources[0].attributes_digest = digest;
    replant(a, case);
}

/// Commits to a leaf with this schema and digest.
fn committed_to(a: &mut Assignment, case: &Case, schema_id: F, digest: F) {
    let r = &mut a.sources[0];
    r.leaf = poseidon::hash(
        Tag::Leaf,
        [schema_id, digest, r.key.x, r.key.y, r.holder_since, r.subject, r.period, r.serial, r.salt],
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
        corrupt: |a, case, _| committed(a, case, |r| add(&mut r.attributes[0], 500_000)),
    },
    Corruptor {
        name: "two attributes exchanged",
        base: Base::Approved,
        corrupt: |a, case, _| committed(a, case, |r| r.attributes.swap(0, 15)),
    },
    Corruptor {
        name: "a last attribute that was not committed",
        base: Base::Refused,
        corrupt: |a, case, _| committed(a, case, |r| add(&mut r.attributes[31], 1)),
    },
    Corruptor {
        name: "the digest of other attributes",
        base: Base::Approved,
        corrupt: |a, case, _| {
            add(&mut a.sources[0].attributes_digest, 1);
            let digest = a.sources[0].attributes_digest;
            committed_to(a, case, F::from(77u8), digest);
        },
    },
    Corruptor {
        name: "another schema's record",
        base: Base::Approved,
        corrupt: |a, case, random| {
            let digest = a.sources[0].attributes_digest;
            committed_to(a, case, random.field(), digest);
        },
    },
    Corruptor {
        name: "another's key",
        base: Base::Approved,
        corrupt: |a, case, random: &mut Random| {
            let other = random.key().public_key();
            committed(a, case, |r| r.key = other.point().into());
        },
    },
    Corruptor {
        name: "a record without wallet",
        base: Base::PerScope,
        corrupt: |a, case, _| committed(a, case, |r| (r.key.x, r.key.y) = (F::from(0u8), F::from(0u8))),
    },
    Corruptor {
        name: "another day since which the key holds",
        base: Base::Approved,
        corrupt: |a, case, _| committed(a, case, |r| r.holder_since = F::from(2099_01_01u32)),
    },
    Corruptor {
        name: "another subject",
        base: Base::Approved,
        corrupt: |a, case, random| committed(a, case, |r| r.subject = random.field()),
    },
    Corruptor {
        name: "last year's record",
        base: Base::Approved,
        corrupt: |a, case, _| committed(a, case, |r| r.period -= F::from(100u8)),
    },
    Corruptor {
        name: "another serial, for another record nullifier",
        base: Base::Once,
        corrupt: |a, case, random| committed(a, case, |r| r.serial = random.field()),
    },
    Corruptor {
        name: "another salt",
        base: Base::Approved,
        corrupt: |a, case, random| committed(a, case, |r| r.salt = random.field()),
    },
    Corruptor {
        name: "the subject's and the serial's places exchanged",
        base: Base::Approved,
        corrupt: |a, case, _| committed(a, case, |r| std::mem::swap(&mut r.subject, &mut r.serial)),
    },
    Corruptor {
        name: "a leaf that is no hash of a record",
        base: Base::Approved,
        corrupt: |a, case, random| {
            a.sources[0].leaf = random.field();
            replant(a, case);
            settle_after(a, Obligation::Path);
        },
    },
];
