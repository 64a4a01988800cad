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
