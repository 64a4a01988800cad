//! Multiplication of points by integers, two bits at a time.
//!
//! Digits are shared by all points that one integer multiplies, and doublings by all integers that are multiplied in
//! one go. The identity is an entry of every table, so no integer is an exception; complete formulas take care of the
//! rest.

use super::edwards;
use crate::{
    system::{Number, System},
    wires::Point,
};
use sealroot_protocol::{curve, field::F};

/// Two bits and their product.
#[derive(Clone)]
pub struct Digit<N> {
    low: N,
    high: N,
    both: N,
}

/// The digits of an integer, lowest first. The bits are boolean by the caller's constraints, and even in number.
pub fn digits<S: System>(sys: &mut S, bits: &[S::Num]) -> Vec<Digit<S::Num>> {
    bits.chunks_exact(2)
        .map(|pair| Digit { low: pair[0].clone(), high: pair[1].clone(), both: sys.product(&pair[0], &pair[1]) })
        .collect()
}

/// The multiples 1, 2, 3 of a point on the curve.
pub struct Table<N>([Point<N>; 3]);

/// Computes the multiples.
pub fn table<S: System>(sys: &mut S, point: &Point<S::Num>) -> Table<S::Num> {
    let twice = edwards::double(sys, point);
    let thrice = edwards::add(sys, &twice, point);
    Table([point.clone(), twice, thrice])
}

/// The digits of an integer, and the multiples of the point that it multiplies.
pub type Term<'a, N> = (&'a [Digit<N>], &'a Table<N>);

/// `Σ integer·point` over the terms; the identity if there is no digit.
pub fn multiply<S: System>(sys: &mut S, terms: &[Term<'_, S::Num>]) -> Point<S::Num> {
    let length = terms.iter().map(|(digits, _)| digits.len()).max().unwrap_or(0);
    let mut sum: Option<Point<S::Num>> = None;
    for place in (0..length).rev() {
        if let Some(so_far) = &sum {
            let twice = edwards::double(sys, so_far);
            sum = Some(edwards::double(sys, &twice));
        }
        for (digits, table) in terms {
            if let Some(digit) = digits.get(place) {
                let multiple = look_up(sys, digit, table);
                sum = Some(match &sum {
                    None => multiple,
                    Some(sum) => edwards::add(sys, sum, &multiple),
                });
            }
        }
    }
    sum.unwrap_or_else(identity)
}

/// `integer·Base8`: the tables are constants, a look-up costs nothing.
pub fn multiply_base8<S: System>(sys: &mut S, digits: &[Digit<S::Num>]) -> Point<S::Num> {
    let mut power = curve::Point::base8();
    let mut sum: Option<Point<S::Num>> = None;
    for digit in digits {
        let twice = power + power;
        let multiples = [power, twice, twice + power];
        let multiple = Point {
            x: choose(digit, F::from(0u8), multiples.map(|p| p.x())),
            y: choose(digit, F::from(1u8), multiples.map(|p| p.y())),
        };
        power = twice + twice;
        sum = Some(match &sum {
            None => multiple,
            Some(sum) => edwards::add(sys, sum, &multiple),
        });
    }
    sum.unwrap_or_else(identity)
}

fn identity<N: Number>() -> Point<N> {
    Point { x: N::nil(), y: N::unit() }
}

/// The constant at the digit's place: a linear combination.
fn choose<N: Number>(digit: &Digit<N>, zero: F, [one, two, three]: [F; 3]) -> N {
    let mut chosen = N::constant(zero);
    chosen.add_scaled(one - zero, &digit.low);
    chosen.add_scaled(two - zero, &digit.high);
    chosen.add_scaled(three - two - one + zero, &digit.both);
    chosen
}

/// The multiple at the digit's place, (0, 1) for digit 0.
fn look_up<S: System>(sys: &mut S, digit: &Digit<S::Num>, Table(multiples): &Table<S::Num>) -> Point<S::Num> {
    let [one, two, three] = multiples;
    let x = look_up_from_zero(sys, digit, &one.x, &two.x, &three.x);
    let minus_one = |y: &S::Num| y.clone() - S::Num::unit();
    let y = look_up_from_zero(sys, digit, &minus_one(&one.y), &minus_one(&two.y), &minus_one(&three.y));
    Point { x, y: y + S::Num::unit() }
}

/// `low·one + high·two + both·(three − two − one)`.
fn look_up_from_zero<S: System>(
    sys: &mut S,
    digit: &Digit<S::Num>,
    one: &S::Num,
    two: &S::Num,
    three: &S::Num,
) -> S::Num {
    let first = sys.product(&digit.low, one);
    let second = sys.product(&digit.high, two);
    let third = sys.product(&digit.both, &(three.clone() - two - one));
    first + second + third
}
