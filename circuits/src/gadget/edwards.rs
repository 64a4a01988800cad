//! Baby Jubjub in EIP-2494 coordinates, with complete formulas.
//!
//! a = 168700 is a square and d = 168696 is not, so the denominators of addition and doubling are never 0 for points
//! **on the curve** (Bernstein, Birkner, Joye, Lange, Peters: Twisted Edwards curves, section 6). For points off it
//! they may be, and then the quotients are free: every point that enters is proved to be on the curve, deliberately,
//! by [`on_curve`] or by how it was made.

use crate::{
    system::{Number, System},
    wires::Point,
};
use sealroot_protocol::{
    curve::{A, D},
    field::F,
};

/// `a·x² + y² = 1 + d·x²·y²`.
pub fn on_curve<S: System>(sys: &mut S, p: &Point<S::Num>) {
    let xx = sys.product(&p.x, &p.x);
    let yy = sys.product(&p.y, &p.y);
    let right = xx.clone() * a() + &yy - S::Num::unit();
    sys.enforce(&(xx * d()), &yy, &right);
}

/// `p + q`, both on the curve.
pub fn add<S: System>(sys: &mut S, p: &Point<S::Num>, q: &Point<S::Num>) -> Point<S::Num> {
    let beta = sys.product(&p.x, &q.y);
    let gamma = sys.product(&p.y, &q.x);
    let delta = sys.product(&(p.y.clone() - p.x.clone() * a()), &(q.x.clone() + &q.y));
    let tau = sys.product(&beta, &gamma) * d();
    let x = sys.quotient(&(beta.clone() + &gamma), &(S::Num::unit() + &tau));
    let y = sys.quotient(&(delta + beta * a() - gamma), &(S::Num::unit() - tau));
    Point { x, y }
}

/// `2·p`, with p on the curve.
pub fn double<S: System>(sys: &mut S, p: &Point<S::Num>) -> Point<S::Num> {
    let xy = sys.product(&p.x, &p.y);
    let axx = sys.product(&p.x, &p.x) * a();
    let yy = sys.product(&p.y, &p.y);
    // On the curve a·x² + y² = 1 + d·x²·y², which is not 0, and neither is 1 − d·x²·y².
    let sum = axx.clone() + &yy;
    let x = sys.quotient(&(xy.clone() + xy), &sum);
    let y = sys.quotient(&(yy - axx), &(S::Num::small(2) - sum));
    Point { x, y }
}

/// `8·p`, with p on the curve: clears the cofactor.
pub fn times_cofactor<S: System>(sys: &mut S, p: &Point<S::Num>) -> Point<S::Num> {
    let twice = double(sys, p);
    let four_times = double(sys, &twice);
    double(sys, &four_times)
}

/// `−p`.
pub fn negate<N: Number>(p: &Point<N>) -> Point<N> {
    Point { x: -p.x.clone(), y: p.y.clone() }
}

/// `p = q`.
pub fn equal<S: System>(sys: &mut S, p: &Point<S::Num>, q: &Point<S::Num>) {
    sys.equal(&p.x, &q.x);
    sys.equal(&p.y, &q.y);
}

fn a() -> F {
    F::from(A)
}

fn d() -> F {
    F::from(D)
}
