//! Records that are not the applicant's.

use super::{Base, Corruptor};
use crate::attack::settle_after;
use sealroot_circuits::{Assignment, Obligation};
use sealroot_protocol::{field::F, poseidon, tag::Tag};

/// The commitment to this identity.
fn commit_to(a: &mut Assignment, identity: F) {
    a.applicant.identity = identity;
    a.public.applicant = poseidon::hash(Tag::Applicant, [a.public.scope, identity, a.applicant.case_secret]);
    settle_after(a, Obligation::Applicant);
}

pub const CORRUPTORS: &[Corruptor] = &[
    Corruptor {
        name: "a neighbour's identity",
        base: Base::Approved,
        corrupt: |a, _, random| commit_to(a, random.field()),
    },
    Corruptor {
        name: "another attribute of the record as identity",
        base: Base::Approved,
        corrupt: |a, _, _| {
            let district = a.record.attributes[13];
            commit_to(a, district);
        },
    },
    Corruptor {
        name: "the request's applicant, with another case secret",
        base: Base::Approved,
        corrupt: |a, _, random| a.applicant.case_secret = random.field(),
    },
    Corruptor {
        name: "another applicant than the record's",
        base: Base::Refused,
        corrupt: |a, _, random| a.public.applicant = random.field(),
    },
    Corruptor {
        name: "no applicant where the policy names one",
        base: Base::Approved,
        corrupt: |a, _, _| a.public.applicant = F::from(0u8),
    },
    Corruptor {
        name: "an applicant where the policy names none",
        base: Base::Anonymous,
        corrupt: |a, _, _| {
            let id = a.record.attributes[14];
            commit_to(a, id);
        },
    },
    Corruptor {
        name: "an applicant without identity where the policy names none",
        base: Base::Anonymous,
        corrupt: |a, _, _| a.public.applicant = F::from(1u8),
    },
];
