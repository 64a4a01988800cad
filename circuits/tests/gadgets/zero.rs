//! Whether a value is zero can't be said wrongly.

use crate::trial::{Relation, Trial};
use ark_ff::Zero;
use sealroot_circuits::gadget::zero::*;
use sealroot_circuits::system::System;
use sealroot_protocol::field::F;

struct IsZero;
impl Relation for IsZero {
    fn enforce<S: System>(&self, sys: &mut S, inputs: &[S::Num]) {
        is_zero(sys, &inputs[0], &inputs[1]);
    }
}
struct Nonzero;
impl Relation for Nonzero {
    fn enforce<S: System>(&self, sys: &mut S, inputs: &[S::Num]) {
        nonzero(sys, &inputs[0]);
    }
}

#[test]
fn the_flag_is_determined() {
    for x in [0u64, 1, 2, u64::MAX].map(F::from).into_iter().chain([-F::from(1u8)]) {
        for flag in [0u64, 1, 2].map(F::from).into_iter().chain([-F::from(1u8)]) {
            let right = flag == F::from(u8::from(x.is_zero()));
            let mut trial = Trial::new(&[x, flag], IsZero);
            assert_eq!(trial.is_satisfied(), right);
            // No other inverse helps either.
            for inverse in [0u64, 1, 2, 7].map(F::from) {
                let last = trial.z.len() - 1;
                trial.z[last] = inverse;
                assert!(right || !trial.is_satisfied());
            }
        }
        assert_eq!(Trial::new(&[x], Nonzero).is_satisfied(), !x.is_zero());
    }
}
