//! Values in range pass, the first outside doesn't.

use crate::trial::{Relation, Trial};
use sealroot_circuits::gadget::range::*;
use sealroot_circuits::system::System;
use sealroot_protocol::field::F;

struct Unsigned(usize);
impl Relation for Unsigned {
    fn enforce<S: System>(&self, sys: &mut S, inputs: &[S::Num]) {
        unsigned(sys, &inputs[0], self.0);
    }
}
struct SignedIf(usize);
impl Relation for SignedIf {
    fn enforce<S: System>(&self, sys: &mut S, inputs: &[S::Num]) {
        signed_if(sys, &inputs[0], &inputs[1], self.0);
    }
}

#[test]
fn unsigned_boundaries() {
    let one = F::from(1u8);
    for count in [1, 4, 27, 40, 63, 252] {
        let end = power_of_two(count);
        for inside in [F::from(0u8), one, end - one] {
            let trial = Trial::new(&[inside], Unsigned(count));
            assert!(trial.is_satisfied());
            assert!(trial.free_advice().is_empty());
        }
        for outside in [end, end + one, -one, -one - one] {
            assert!(!Trial::new(&[outside], Unsigned(count)).is_satisfied());
        }
    }
}

/// −1, 0, ±2^63 and p − 1, ranged and not.
#[test]
fn signed_boundaries() {
    let (one, zero, end) = (F::from(1u8), F::from(0u8), power_of_two(63));
    for inside in [zero, one, -one, end - one, -end] {
        assert!(Trial::new(&[one, inside], SignedIf(64)).is_satisfied());
    }
    for outside in [end, -end - one, end + end, power_of_two(200)] {
        assert!(!Trial::new(&[one, outside], SignedIf(64)).is_satisfied());
        assert!(Trial::new(&[zero, outside], SignedIf(64)).is_satisfied());
    }
}
