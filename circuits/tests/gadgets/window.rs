//! Multiplication by windows is multiplication.

use crate::edwards::{torsion, wires};
use crate::trial::{Relation, Trial};
use sealroot_circuits::gadget::edwards;
use sealroot_circuits::gadget::range::bits;
use sealroot_circuits::gadget::window::*;
use sealroot_circuits::system::{Number, System};
use sealroot_circuits::wires::Point;
use sealroot_protocol::field::F;
use sealroot_protocol::{curve, hash_to_curve::map_to_curve};

/// p·i + q·j and Base8·i, for 8-bit i and 4-bit j.
struct Multiples;
impl Relation for Multiples {
    fn enforce<S: System>(&self, sys: &mut S, i: &[S::Num]) {
        let point = |n: usize| Point { x: i[n].clone(), y: i[n + 1].clone() };
        let decompose = |sys: &mut S, x: &S::Num, count| {
            let bits = bits(sys, [x], count, |[x]| x);
            sys.equal(&S::Num::from_bits(&bits), x);
            digits(sys, &bits)
        };
        let long = decompose(sys, &i[0], 8);
        let short = decompose(sys, &i[1], 4);
        let (p, q) = (table(sys, &point(2)), table(sys, &point(4)));
        let sum = multiply(sys, &[(&long, &p), (&short, &q)]);
        edwards::equal(sys, &sum, &point(6));
        let base = multiply_base8(sys, &long);
        edwards::equal(sys, &base, &point(8));
    }
}

#[test]
fn agrees_with_the_native_curve() {
    let torsion = torsion();
    let h = map_to_curve(F::from(5u8)).times_cofactor();
    let pairs = [
        (h, curve::Point::base8()),
        (h, h),
        (h, -h),
        (curve::Point::IDENTITY, h + torsion[3]),
        (torsion[1], torsion[2]),
    ];
    for (p, q) in pairs {
        for (i, j) in [(0u8, 0u8), (1, 0), (0, 1), (2, 3), (3, 15), (255, 15), (170, 5), (85, 10), (100, 8)] {
            let sum = p.times_u128(i.into()) + q.times_u128(j.into());
            let base = curve::Point::base8().times_u128(i.into());
            let inputs = [[F::from(i), F::from(j)], wires(p), wires(q), wires(sum), wires(base)].concat();
            let trial = Trial::new(&inputs, Multiples);
            assert!(trial.is_satisfied(), "{i}·{p:?} + {j}·{q:?}");
            let mut wrong = inputs.clone();
            (wrong[6], wrong[7]) = ((sum + h).x(), (sum + h).y());
            assert!(!Trial::new(&wrong, Multiples).is_satisfied());
        }
    }
}
