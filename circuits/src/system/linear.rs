//! Linear combinations of variables.

use super::Number;
use ark_ff::{One, Zero};
use sealroot_protocol::field::F;
use std::ops::{Add, Mul, Neg, Sub};

/// Coefficients by variable, ascending, none of them 0. Variable 0 is the constant 1.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Linear(Vec<(u32, F)>);

impl Linear {
    /// The variable at this position of the full assignment.
    pub fn variable(index: u32) -> Self {
        Self(vec![(index, F::one())])
    }

    /// Variable and coefficient, ascending.
    pub fn terms(&self) -> &[(u32, F)] {
        &self.0
    }
}

impl Number for Linear {
    fn constant(value: F) -> Self {
        Self(if value.is_zero() { Vec::new() } else { vec![(0, value)] })
    }

    fn add_scaled(&mut self, coefficient: F, other: &Self) {
        if coefficient.is_zero() {
            return;
        }
        let scaled = other.0.iter().map(|(variable, c)| (*variable, *c * coefficient));
        let disjoint = match (self.0.last(), other.0.first()) {
            (Some((mine, _)), Some((theirs, _))) => mine < theirs,
            _ => true,
        };
        if disjoint {
            self.0.extend(scaled);
            return;
        }
        let mut merged = Vec::with_capacity(self.0.len() + other.0.len());
        let mut mine = self.0.drain(..).peekable();
        for (variable, c) in scaled {
            while let Some(term) = mine.next_if(|term| term.0 < variable) {
                merged.push(term);
            }
            let c = mine.next_if(|term| term.0 == variable).map_or(c, |term| term.1 + c);
            if !c.is_zero() {
                merged.push((variable, c));
            }
        }
        merged.extend(mine);
        self.0 = merged;
    }
}

impl Neg for Linear {
    type Output = Self;
    fn neg(mut self) -> Self {
        self.0.iter_mut().for_each(|term| term.1 = -term.1);
        self
    }
}
impl Mul<F> for Linear {
    type Output = Self;
    fn mul(mut self, factor: F) -> Self {
        if factor.is_zero() {
            return Self::default();
        }
        self.0.iter_mut().for_each(|term| term.1 *= factor);
        self
    }
}
impl Add<&Self> for Linear {
    type Output = Self;
    fn add(mut self, other: &Self) -> Self {
        self.add_scaled(F::one(), other);
        self
    }
}
impl Sub<&Self> for Linear {
    type Output = Self;
    fn sub(mut self, other: &Self) -> Self {
        self.add_scaled(-F::one(), other);
        self
    }
}
impl Add for Linear {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        self + &other
    }
}
impl Sub for Linear {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self - &other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sums agree with the values they stand for, whatever the order; cancelled variables leave no term.
    #[test]
    fn arithmetic_is_that_of_the_values() {
        let z: Vec<F> = (0..6u64).map(|i| F::from(i * i * 7 + 1)).collect();
        let value = |l: &Linear| l.terms().iter().map(|(i, c)| z[*i as usize] * c).sum::<F>();
        let x = |i| Linear::variable(i);
        let two = F::from(2u8);
        let l = (x(3) * two + &x(1) - &x(5) + Linear::small(9)) - &(x(3) + x(2));
        assert_eq!(value(&l), two * z[3] + z[1] - z[5] + F::from(9u8) * z[0] - z[3] - z[2]);
        assert!(l.terms().windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!((x(4) + x(2) - x(4) - x(2)).terms().is_empty());
        assert!((x(4) * F::zero()).terms().is_empty());
        assert_eq!(-(x(1) - x(2)), x(2) - x(1));
    }
}
