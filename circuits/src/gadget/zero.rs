//! The zero test, with both equations: one alone lets the prover choose the answer.

use crate::system::{Number, System};
use ark_ff::{Field, Zero};

/// `flag = 1` if `value = 0`, else `flag = 0`.
///
/// `value·inverse = 1 − flag` forces 1 where the value is 0; `value·flag = 0` forces 0 where it isn't.
pub fn is_zero<S: System>(sys: &mut S, value: &S::Num, flag: &S::Num) {
    let inverse = sys.advise([value], |[value]| value.inverse().unwrap_or_default());
    sys.enforce(value, &inverse, &(S::Num::unit() - flag));
    sys.enforce(value, flag, &S::Num::nil());
}

/// `[value = 0]` as a new variable.
pub fn zero_flag<S: System>(sys: &mut S, value: &S::Num) -> S::Num {
    let flag = sys.advise([value], |[value]| u8::from(value.is_zero()).into());
    is_zero(sys, value, &flag);
    flag
}

/// `value ≠ 0`.
pub fn nonzero<S: System>(sys: &mut S, value: &S::Num) {
    let inverse = sys.advise([value], |[value]| value.inverse().unwrap_or_default());
    sys.enforce(value, &inverse, &S::Num::unit());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gadget::bench::{Bench, Relation};
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
                let mut bench = Bench::new(&[x, flag], IsZero);
                assert_eq!(bench.is_satisfied(), right);
                // No other inverse helps either.
                for inverse in [0u64, 1, 2, 7].map(F::from) {
                    let last = bench.z.len() - 1;
                    bench.z[last] = inverse;
                    assert!(right || !bench.is_satisfied());
                }
            }
            assert_eq!(Bench::new(&[x], Nonzero).is_satisfied(), !x.is_zero());
        }
    }
}
