//! Obligation *decision*: requirements, decision, outputs and reasons.
//!
//! The decision is an output: a refusal is proved as an approval is, and shows no output.

use super::{is_derived, line};
use crate::{
    gadget::{
        range,
        zero::{is_zero, zero_flag},
    },
    system::{Number, System},
    wires::Wires,
};
use ark_ff::{One, PrimeField, Zero};
use sealroot_protocol::{field::F, machine::OUTPUT_BITS};

/// `decision = 1` if no used requirement failed, else 0; all else follows from it.
pub fn enforce<S: System>(sys: &mut S, w: &Wires<S::Num>) {
    let conditions: Vec<S::Num> = w.conditions.iter().map(|k| k.value.clone()).collect();
    for (i, requirement) in w.requirements.iter().enumerate() {
        let words = w.layout().requirement(i);
        line::inner_product(sys, &w.words[words.any_of], &conditions, &S::Num::nil(), &requirement.matched);
        let none = zero_flag(sys, &requirement.matched);
        sys.enforce(&(S::Num::unit() - &w.words[words.unused]), &none, &requirement.failed);
    }

    let failures = S::Num::sum(w.requirements.iter().map(|requirement| &requirement.failed));
    is_zero(sys, &failures, &w.public.decision);

    let revealed: Vec<S::Num> =
        (0..w.requirements.len()).map(|i| w.words[w.layout().requirement(i).reveal].clone()).collect();
    let weighted: Vec<S::Num> =
        w.requirements.iter().enumerate().map(|(i, r)| r.failed.clone() * range::power_of_two(i)).collect();
    line::inner_product(sys, &revealed, &weighted, &S::Num::nil(), &w.public.reasons);

    for (i, (selected, output)) in w.selected.iter().zip(&w.public.outputs).enumerate() {
        let (selectors, values) = selection(w, i);
        line::inner_product(sys, &selectors, &values, &S::Num::nil(), selected);
        sys.enforce(&w.public.decision, selected, output);
        range::unsigned(sys, output, OUTPUT_BITS as usize);
    }
}

/// The native twin.
pub fn holds(w: &Wires<F>) -> bool {
    let end = range::power_of_two(OUTPUT_BITS as usize).into_bigint();
    w.public.outputs.iter().all(|output| output.into_bigint() < end) && is_derived(w, derive)
}

/// Requirements, decision, reasons, outputs.
pub fn derive(w: &mut Wires<F>) {
    let layout = w.layout();
    let conditions: Vec<F> = w.conditions.iter().map(|k| k.value).collect();
    w.public.reasons = F::zero();
    for (i, requirement) in w.requirements.iter_mut().enumerate() {
        let words = layout.requirement(i);
        requirement.matched = line::dot(&w.words[words.any_of], &conditions);
        let none = F::from(u8::from(requirement.matched.is_zero()));
        requirement.failed = (F::one() - w.words[words.unused]) * none;
        w.public.reasons += w.words[words.reveal] * requirement.failed * range::power_of_two(i);
    }
    let failures: F = w.requirements.iter().map(|requirement| requirement.failed).sum();
    w.public.decision = F::from(u8::from(failures.is_zero()));
    for i in 0..w.selected.len() {
        let (selectors, values) = selection(w, i);
        w.selected[i] = line::dot(&selectors, &values);
        w.public.outputs[i] = w.public.decision * w.selected[i];
    }
}

/// An output's selectors, and what they select from: attributes, then registers.
fn selection<T: Clone>(w: &Wires<T>, output: usize) -> (Vec<T>, Vec<T>) {
    let words = w.layout().output(output);
    let selectors = w.words[words.attributes].iter().chain(&w.words[words.registers]).cloned().collect();
    let values =
        w.record.attributes.iter().chain(w.registers.iter().map(|register| &register.value)).cloned().collect();
    (selectors, values)
}
