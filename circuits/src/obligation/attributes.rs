//! Obligation *attributes*: integer attributes have 64 signed bits.
//!
//! Without it an attribute near p would be a "negative" amount of any size. Text attributes are exempt, and lines
//! over text are never compared by size. Members' attributes are not checked here: only their agency could commit
//! such an amount, and it can commit any other; import checks them.

use crate::{
    gadget::range::{power_of_two, signed_if},
    system::System,
    wires::Wires,
};
use ark_ff::{One, PrimeField};
use sealroot_protocol::{field::F, machine::ATTRIBUTE_BITS};

/// `ranged·attribute ∈ [−2^63, 2^63)`.
pub fn enforce<S: System>(sys: &mut S, w: &Wires<S::Num>) {
    let ranged = &w.words[w.layout().ranged_attributes()];
    for (ranged, attribute) in ranged.iter().zip(&w.record.attributes) {
        signed_if(sys, ranged, attribute, ATTRIBUTE_BITS as usize);
    }
}

/// The native twin.
pub fn holds(w: &Wires<F>) -> bool {
    let ranged = &w.words[w.layout().ranged_attributes()];
    let in_range = |(ranged, attribute): (&F, &F)| in_signed_range(*ranged * attribute, ATTRIBUTE_BITS as usize);
    ranged.iter().zip(&w.record.attributes).all(in_range)
}

/// Attributes are given.
pub fn derive(_: &mut Wires<F>) {}

/// `value ∈ [−2^(bits−1), 2^(bits−1))`.
pub(super) fn in_signed_range(value: F, bits: usize) -> bool {
    let half = power_of_two(bits - 1);
    (value + half).into_bigint() <= (half + half - F::one()).into_bigint()
}
