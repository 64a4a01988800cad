//! Households that are not as the registry recorded them: a member left out, used twice, exchanged, or counted where
//! there is none. Slots 0 to 2 hold members.

use super::{Base, Corruptor};
use crate::attack::{commit, settle_after};
use ark_ff::{AdditiveGroup, Field};
use sealroot_circuits::{Assignment, Obligation, RecordWitness, Witness};
use sealroot_protocol::field::F;
use sealroot_testing::{random::Random, statement::Case};

const ZERO: F = F::ZERO;
const ONE: F = F::ONE;

/// Empties a slot, and computes what follows anew.
fn empty(a: &mut Assignment, slot: usize) {
    let slot = &mut a.household.slots[slot];
    slot.active = ZERO;
    slot.record.attributes.fill(ZERO);
    a.derive_all(&[Obligation::Leaf]);
    settle_after(a, Obligation::Attributes);
}

/// The witness with another record for a member, as far as an honest prover gets with it.
fn exchanged(case: &Case, member: usize, source: usize, other: &RecordWitness) -> Assignment {
    let copy = |w: &RecordWitness| RecordWitness { record: w.record.clone(), path: w.path.clone() };
    let mut members: Vec<Vec<RecordWitness>> =
        case.witness.members.iter().map(|records| records.iter().map(copy).collect()).collect();
    members[member][source] = copy(other);
    let witness = Witness {
        record: copy(&case.witness.record),
        members,
        opening: case.witness.opening.clone(),
        case_secret: case.witness.case_secret.clone(),
        consent: case.witness.consent.clone(),
    };
    Assignment::derive(&case.words, case.as_of, case.request, &witness)
}

/// Puts a record that is in the source's tree into a slot, claiming of it what its leaf says.
fn put(a: &mut Assignment, case: &Case, slot: usize, (member, source): (usize, usize), other: &RecordWitness) {
    let root = a.public.roots[1 + source];
    *a = exchanged(case, member, source, other);
    a.public.roots[1 + source] = root;
    a.derive_all(&[Obligation::Household]);
    let slot = &mut a.household.slots[slot];
    slot.record.subject = other.record.subject.0;
    slot.schema_id = other.record.schema_id.0;
    slot.period = F::from(other.record.period.value());
    slot.active = ONE;
    settle_after(a, Obligation::Household);
}

/// Another household record is committed: names, their number, subject.
fn recorded(a: &mut Assignment, case: &Case, change: impl FnOnce(&mut Assignment)) {
    change(a);
    commit(a, case);
}

pub const CORRUPTORS: &[Corruptor] = &[
    Corruptor {
        name: "a member left out",
        base: Base::Household,
        corrupt: |a, _, _| {
            a.household.present[2] = ZERO;
            empty(a, 2);
        },
    },
    Corruptor { name: "a named slot left empty", base: Base::Household, corrupt: |a, _, _| empty(a, 0) },
    Corruptor { name: "a second record left out", base: Base::Paired, corrupt: |a, _, _| empty(a, 4) },
    Corruptor {
        name: "a member used twice",
        base: Base::Household,
        corrupt: |a, case, _| {
            let other = &case.witness.members[1][0];
            put(a, case, 0, (0, 0), other);
        },
    },
    Corruptor {
        name: "a member's second record is another member's",
        base: Base::Paired,
        corrupt: |a, case, _| {
            let other = &case.witness.members[1][1];
            put(a, case, 4, (0, 1), other);
        },
    },
    Corruptor {
        name: "another person's record",
        base: Base::Household,
        corrupt: |a, case, _| put(a, case, 0, (0, 0), &case.others[0][0]),
    },
    Corruptor {
        name: "a record of another year",
        base: Base::Household,
        corrupt: |a, case, _| put(a, case, 0, (0, 0), &case.others[0][1]),
    },
    Corruptor {
        name: "a second record of another year",
        base: Base::Paired,
        corrupt: |a, case, _| put(a, case, 4, (0, 1), &case.others[1][1]),
    },
    Corruptor {
        name: "a record of another schema",
        base: Base::Household,
        corrupt: |a, case, _| put(a, case, 0, (0, 0), &case.others[0][2]),
    },
    Corruptor {
        name: "one source's record in the other's slot",
        base: Base::Paired,
        corrupt: |a, case, _| {
            let other = &case.witness.members[0][0];
            put(a, case, 4, (0, 1), other);
            a.household.slots[4].root = a.public.roots[1];
        },
    },
    Corruptor {
        name: "another root than the source's",
        base: Base::Household,
        corrupt: |a, case, random: &mut Random| {
            let record = &case.witness.members[1][0].record;
            let path = sealroot_testing::statement::plant(std::slice::from_ref(record), random).remove(0);
            let root = path.root(record.leaf()).0;
            let (own, other) = (a.public.roots[1], RecordWitness { record: record.clone(), path });
            *a = exchanged(case, 1, 0, &other);
            assert_eq!(a.public.roots[1], own);
            a.household.slots[1].root = root;
        },
    },
    Corruptor {
        name: "an empty slot counts",
        base: Base::Household,
        corrupt: |a, case, _| {
            let other = &case.others[0][0];
            let mut with = exchanged(case, 0, 0, other);
            std::mem::swap(&mut a.household.slots[5].record, &mut with.household.slots[0].record);
            let slot = &mut a.household.slots[5];
            (slot.record.subject, slot.active) = (other.record.subject.0, ONE);
            settle_after(a, Obligation::Household);
        },
    },
    Corruptor {
        name: "an empty slot with a negative income",
        base: Base::Household,
        corrupt: |a, _, _| {
            a.household.slots[6].record.attributes[1] = -F::from(900u32);
            settle_after(a, Obligation::Household);
        },
    },
    Corruptor {
        name: "a name twice",
        base: Base::Household,
        corrupt: |a, case, _| {
            let copy = case.witness.members[0][0].record.clone();
            let path = case.witness.members[0][0].path.clone();
            *a = exchanged(case, 1, 0, &RecordWitness { record: copy, path });
            recorded(a, case, |a| {
                a.record.attributes[2] = a.record.attributes[1];
                a.record.subject = a.record.attributes[1];
                a.derive_all(&[Obligation::Household]);
            });
        },
    },
    Corruptor {
        name: "fewer members than names",
        base: Base::Household,
        corrupt: |a, case, _| recorded(a, case, |a| a.record.attributes[0] = F::from(2u8)),
    },
    Corruptor {
        name: "more members than names",
        base: Base::Household,
        corrupt: |a, case, _| recorded(a, case, |a| a.record.attributes[0] = F::from(4u8)),
    },
    Corruptor {
        name: "a fifth name, where two member sources have room for four: nobody would count the fifth",
        base: Base::Full,
        corrupt: |a, case, random| {
            recorded(a, case, |a| {
                (a.record.attributes[0], a.record.attributes[5]) = (F::from(5u8), random.field());
                a.derive_all(&[Obligation::Household]);
            });
        },
    },
    Corruptor {
        name: "names with a gap",
        base: Base::Household,
        corrupt: |a, case, _| {
            recorded(a, case, |a| {
                a.record.attributes.swap(3, 4);
                a.household.slots.swap(2, 3);
                a.derive_all(&[Obligation::Household]);
            });
        },
    },
    Corruptor {
        name: "a head who is no member",
        base: Base::Household,
        corrupt: |a, case, random| recorded(a, case, |a| a.record.subject = random.field()),
    },
    Corruptor {
        name: "nobody as head",
        base: Base::Household,
        corrupt: |a, case, _| recorded(a, case, |a| a.record.subject = ZERO),
    },
    Corruptor {
        name: "a root of a source that the policy doesn't have",
        base: Base::Household,
        corrupt: |a, _, random| {
            a.public.roots[2] = random.field();
            settle_after(a, Obligation::Household);
        },
    },
];
