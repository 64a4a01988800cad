//! Obligation *scope*: the period's dates and the program are those that the public scope commits to.

use super::is_derived;
use crate::{gadget::poseidon, system::System, wires::Wires};
use sealroot_protocol::{field::F, poseidon as native, tag::Tag};

/// The scope is opened.
pub fn enforce<S: System>(sys: &mut S, w: &Wires<S::Num>) {
    let o = &w.opening;
    let inputs = [&o.deployment, &o.program, &o.period_start, &o.period_end].map(Clone::clone);
    let scope = poseidon::hash(sys, Tag::Scope, &inputs);
    sys.equal(&scope, &w.public.scope);
}

/// The native twin.
pub fn holds(w: &Wires<F>) -> bool {
    is_derived(w, derive)
}

/// The scope.
pub fn derive(w: &mut Wires<F>) {
    let o = &w.opening;
    w.public.scope = native::hash(Tag::Scope, [o.deployment, o.program, o.period_start, o.period_end]);
}
