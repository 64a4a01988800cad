//! Obligation *spare words*: words that mean nothing yet are 0, so that a later meaning can't be claimed for an old
//! key.

use crate::{
    system::{Number, System},
    wires::Wires,
};
use ark_ff::Zero;
use sealroot_protocol::field::F;

/// Each is 0.
pub fn enforce<S: System>(sys: &mut S, w: &Wires<S::Num>) {
    for word in &w.words[w.layout().spare()] {
        sys.equal(word, &S::Num::nil());
    }
}

/// The native twin.
pub fn holds(w: &Wires<F>) -> bool {
    w.words[w.layout().spare()].iter().all(Zero::is_zero)
}

/// Words are given.
pub fn derive(_: &mut Wires<F>) {}
