//! Obligation *nullifier*: what an approval spends is the one value that this holder, or this record, has in the scope.
//!
//! `8·N` clears a small-order point that was added to N: without it one key would have up to eight nullifiers.

use super::{hash_to_curve::native_point, is_derived};
use crate::{
    gadget::{edwards, poseidon, range},
    system::{Number, System, Values},
    wires::Wires,
};
use ark_ff::PrimeField;
use sealroot_protocol::{field::F, poseidon as native, tag::Tag};

/// A difference of two dates `YYYYMMDD` is below 2^27.
const DATE_BITS: usize = 27;

/// Holder mode: from `8·N` and the subject, and the key is old enough. Record mode: from the serial, and scope or
/// program.
pub fn enforce<S: System>(sys: &mut S, w: &Wires<S::Num>) {
    let (record, layout) = (&w.record, w.layout());
    let (holder, once) = (&w.words[layout.holder()], &w.words[layout.once()]);

    let cleared = edwards::times_cofactor(sys, &w.consent.n);
    edwards::equal(sys, &cleared, &w.cleared);
    let of_holder = [&w.cleared.x, &w.cleared.y, &record.subject].map(Clone::clone);
    let of_holder = poseidon::hash(sys, Tag::HolderNullifier, &of_holder);

    let context = sys.product(once, &(w.opening.program.clone() - &w.public.scope)) + &w.public.scope;
    let of_record = poseidon::hash(sys, Tag::RecordNullifier, &[record.serial.clone(), context]);

    sys.enforce(holder, &(of_holder - &of_record), &(w.public.nullifier.clone() - &of_record));

    // A key that came after the period's start earns nothing in it: the old key may have claimed already. Nor does a
    // household that received somebody after it, for the one left behind may have counted that person: there the mode is no matter.
    let age = w.opening.period_start.clone() - &record.holder_since;
    let aged = if is_household(w) { S::Num::unit() } else { holder.clone() };
    let bits = range::bits(sys, [&aged, &age], DATE_BITS, |[aged, age]| aged * age);
    sys.enforce(&aged, &age, &S::Num::from_bits(&bits));
}

/// The native twin.
pub fn holds(w: &Wires<F>) -> bool {
    let aged = if is_household(w) { F::from(1u8) } else { w.words[w.layout().holder()] };
    let age = aged * (w.opening.period_start - w.record.holder_since);
    age.into_bigint() < range::power_of_two(DATE_BITS).into_bigint() && is_derived(w, derive)
}

fn is_household<T>(w: &Wires<T>) -> bool {
    w.dimensions.groups > 0
}

/// `8·N` and the nullifier.
pub fn derive(w: &mut Wires<F>) {
    let (record, layout) = (&w.record, w.layout());
    let (holder, once) = (w.words[layout.holder()], w.words[layout.once()]);
    w.cleared = match native_point(&w.consent.n) {
        Some(n) => n.times_cofactor().into(),
        // Obligation consent rejects such an N; here its formulas have a value all the same.
        None => edwards::times_cofactor(&mut Values::new(0), &w.consent.n),
    };
    let of_holder = native::hash(Tag::HolderNullifier, [w.cleared.x, w.cleared.y, record.subject]);
    let context = w.public.scope + once * (w.opening.program - w.public.scope);
    let of_record = native::hash(Tag::RecordNullifier, [record.serial, context]);
    w.public.nullifier = of_record + holder * (of_holder - of_record);
}
