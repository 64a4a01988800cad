//! Obligation *applicant*: the record is the one of the applicant that the request names, and nobody else learns who that is.

use super::{is_derived, line};
use crate::{
    gadget::poseidon,
    system::{Number, System},
    wires::Wires,
};
use sealroot_protocol::{field::F, poseidon as native, tag::Tag};

/// `applicant = (Σ identity_j)·Poseidon(tag, scope, Σ identity_j·a_j, case_secret)`; 0 where the policy is anonymous.
pub fn enforce<S: System>(sys: &mut S, w: &Wires<S::Num>) {
    let selectors = &w.words[w.layout().identity()];
    line::inner_product(sys, selectors, &w.record.attributes, &S::Num::nil(), &w.applicant.identity);
    let inputs = [&w.public.scope, &w.applicant.identity, &w.applicant.case_secret].map(Clone::clone);
    let commitment = poseidon::hash(sys, Tag::Applicant, &inputs);
    sys.enforce(&S::Num::sum(selectors), &commitment, &w.public.applicant);
}

/// The native twin.
pub fn holds(w: &Wires<F>) -> bool {
    is_derived(w, derive)
}

/// Identity and commitment.
pub fn derive(w: &mut Wires<F>) {
    let selectors = &w.words[w.layout().identity()];
    w.applicant.identity = line::dot(selectors, &w.record.attributes);
    let inputs = [w.public.scope, w.applicant.identity, w.applicant.case_secret];
    w.public.applicant = selectors.iter().sum::<F>() * native::hash(Tag::Applicant, inputs);
}
