//! Obligation *household*: everyone whom the household's record names has a slot of their own, and nobody else has one.
//!
//! This is what makes a sum over the household complete: names are distinct and their number is the record's, each
//! present name fills exactly the slots that the policy gives it, under its source's root, schema and period, and an
//! empty slot holds zeros. The words say only whether there are two member sources, so that the assignment of names
//! and sources to slots is total and injective whatever they are.

use super::is_derived;
use crate::{
    gadget::zero::{is_zero, nonzero},
    system::{Number, System},
    wires::{Slot, Wires},
};
use ark_ff::{Field, One, Zero};
use sealroot_protocol::{field::F, schema::MEMBERS};

/// Names, their number, the head, and what each slot is for.
pub fn enforce<S: System>(sys: &mut S, w: &Wires<S::Num>) {
    let Some(paired) = paired(w) else { return };
    let (names, present) = (names(w), &w.household.present);
    for (name, present) in names.iter().zip(present) {
        is_zero(sys, name, &(S::Num::unit() - present));
    }
    sys.equal(&present[0], &S::Num::unit());
    for pair in present.windows(2) {
        sys.enforce(&pair[1], &(S::Num::unit() - &pair[0]), &S::Num::nil());
    }
    sys.equal(&S::Num::sum(present), &w.record.attributes[0]);
    for (j, name) in names.iter().enumerate() {
        for other in &names[..j] {
            // Where the later name is present, the difference of the two is invertible.
            let difference = name.clone() - other;
            let inverse = sys.advise([&difference, &present[j]], |[difference, present]| {
                present * difference.inverse().unwrap_or_default()
            });
            sys.enforce(&difference, &inverse, &present[j]);
        }
    }

    // The head, whose key and consent the record holds, is one of them.
    let subject = &w.record.subject;
    nonzero(sys, subject);
    let mut product = names[0].clone() - subject;
    for name in &names[1..] {
        product = sys.product(&product, &(name.clone() - subject));
    }
    sys.equal(&product, &S::Num::nil());

    sys.boolean(paired);
    for present in &present[w.dimensions.group_slots..] {
        sys.enforce(paired, present, &S::Num::nil());
    }
    sys.enforce(&(S::Num::unit() - paired), &w.public.roots[2], &S::Num::nil());

    for (i, slot) in w.household.slots.iter().enumerate() {
        let (own, counterpart) = purposes(w, i);
        let wires = [&slot.active, &slot.record.subject, &slot.schema_id, &slot.period, &slot.root];
        for ((wire, own), other) in wires.into_iter().zip(own).zip(counterpart) {
            sys.enforce(paired, &(other - &own), &(wire.clone() - &own));
        }
        for attribute in &slot.record.attributes {
            sys.enforce(&(S::Num::unit() - &slot.active), attribute, &S::Num::nil());
        }
    }
}

/// The native twin.
pub fn holds(w: &Wires<F>) -> bool {
    let Some(paired) = paired(w) else { return true };
    let names = names(w);
    let count = names.iter().take_while(|name| !name.is_zero()).count();
    let distinct = (0..count).all(|j| !names[..j].contains(&names[j]));
    let most = if paired.is_one() { w.dimensions.group_slots } else { MEMBERS };
    (paired.is_zero() || paired.is_one())
        && (1..=most).contains(&count)
        && names[count..].iter().all(F::is_zero)
        && w.record.attributes[0] == F::from(count as u64)
        && distinct
        && names[..count].contains(&w.record.subject)
        && (paired.is_one() || w.public.roots[2].is_zero())
        && w.household.slots.iter().all(|s| s.active.is_one() || s.record.attributes.iter().all(F::is_zero))
        && is_derived(w, derive)
}

/// Which members are present, and what each slot is for.
pub fn derive(w: &mut Wires<F>) {
    let Some(paired) = paired(w).copied() else { return };
    w.household.present = names(w).iter().map(|name| F::from(u8::from(!name.is_zero()))).collect();
    for i in 0..w.household.slots.len() {
        let (own, counterpart) = purposes(w, i);
        let chosen = |k: usize| own[k] + paired * (counterpart[k] - own[k]);
        let slot: &mut Slot<F> = &mut w.household.slots[i];
        slot.active = chosen(0);
        slot.record.subject = chosen(1);
        (slot.schema_id, slot.period, slot.root) = (chosen(2), chosen(3), chosen(4));
    }
}

/// The word that says so, in the shape that has it.
fn paired<T>(w: &Wires<T>) -> Option<&T> {
    w.words[w.layout().paired()].first()
}

fn names<T>(w: &Wires<T>) -> &[T] {
    &w.record.attributes[1..=MEMBERS]
}

/// Presence, name, schema, facts period and root that a slot has with one member source, and those that it has with
/// two: a slot of the second group is then for the second record of the person in the first.
fn purposes<T: Clone>(w: &Wires<T>, slot: usize) -> ([T; 5], [T; 5]) {
    let purpose = |name: usize, source: usize| {
        let schema_id = &w.words[w.layout().source(source).schema_id];
        let (period, root) = (&w.facts[source].period, &w.public.roots[source]);
        [&w.household.present[name], &names(w)[name], schema_id, period, root].map(Clone::clone)
    };
    let own = purpose(slot, 1);
    match slot.checked_sub(w.dimensions.group_slots) {
        None => (own.clone(), own),
        Some(counterpart) => (own, purpose(counterpart, 2)),
    }
}
