//! Obligation *registers*: each register has the value that its words give it.

use super::{attributes::in_signed_range, is_derived, line};
use crate::{
    gadget::{range, zero::is_zero},
    integer::floor_div,
    system::{Number, System},
    wires::Wires,
};
use ark_ff::{One, Zero};
use sealroot_protocol::{
    field::F,
    machine::{DIVISOR_BITS, RegisterWords},
};

/// Line, range, quotient, zero test, gate and value of each.
pub fn enforce<S: System>(sys: &mut S, w: &Wires<S::Num>) {
    let entries = w.entries(w.registers.len());
    for (i, r) in w.registers.iter().enumerate() {
        let words = w.layout().register(i);
        let word = |index: usize| &w.words[index];
        line::inner_product(sys, &w.words[words.weights], &entries, word(words.constant), &r.line);

        // The quotient is checked where floor is 1. q·d = L − r alone has a field solution for every r in [0, d),
        // with a q that is no small integer; a later line whose weight is divisible by d would hide it.
        let floor = sys.product(word(words.floor), &r.quotient);
        line::signed(sys, word(words.ranged), &r.line, &floor, &r.nonnegative);

        // 0 ≤ remainder < divisor: both it and divisor − 1 − remainder have 40 bits.
        sys.enforce(&r.quotient, word(words.divisor), &(r.line.clone() - &r.remainder));
        range::unsigned(sys, &r.remainder, DIVISOR_BITS as usize);
        let slack = word(words.divisor).clone() - S::Num::unit() - &r.remainder;
        range::unsigned(sys, &slack, DIVISOR_BITS as usize);

        is_zero(sys, &r.line, &r.zero);

        let positive_part = sys.product(&r.nonnegative, &r.line);
        let sum = word(words.offset).clone()
            + sys.product(word(words.identity), &r.line)
            + sys.product(word(words.max0), &positive_part)
            + sys.product(word(words.nonnegative), &r.nonnegative)
            + sys.product(word(words.zero), &r.zero)
            + floor;

        if i == 0 {
            sys.equal(word(words.ungated), &r.gate);
        } else {
            let earlier = &entries[w.dimensions.fixed_entries()..];
            line::inner_product(sys, &w.words[words.gates], earlier, word(words.ungated), &r.gate);
        }
        // Valid words make every gate 0 or 1; that is not left to them alone.
        sys.boolean(&r.gate);
        sys.enforce(&r.gate, &sum, &r.value);
    }
}

/// The native twin.
pub fn holds(w: &Wires<F>) -> bool {
    let in_range = w.registers.iter().enumerate().all(|(i, r)| {
        let words = w.layout().register(i);
        let divisor = w.words[words.divisor];
        let checked = w.words[words.ranged] * r.line + w.words[words.floor] * r.quotient;
        line::sign(checked).0
            && is_below_2_to_40(r.remainder)
            && is_below_2_to_40(divisor - F::one() - r.remainder)
            && r.quotient * divisor == r.line - r.remainder
            && (r.gate.is_zero() || r.gate.is_one())
    });
    in_range && is_derived(w, derive)
}

/// Registers in order: each reads those before it.
pub fn derive(w: &mut Wires<F>) {
    derive_from(w, 0);
}

/// This register and those after it.
pub fn derive_from(w: &mut Wires<F>, first: usize) {
    for i in first..w.registers.len() {
        let words = w.layout().register(i);
        let entries = w.entries(i);
        derive_one(w, i, &words, &entries);
    }
}

fn derive_one(w: &mut Wires<F>, i: usize, words: &RegisterWords, entries: &[F]) {
    let word = |index: usize| w.words[index];
    let line = word(words.constant) + line::dot(&w.words[words.weights.clone()], entries);
    // Beyond the bounds of valid words there is no integer quotient, and nothing that would pass for one.
    let (quotient, remainder) = floor_div(line, word(words.divisor)).unwrap_or((F::zero(), line));
    let floor = word(words.floor) * quotient;
    let nonnegative = line::sign(word(words.ranged) * line + floor).1;
    let zero = F::from(u8::from(line.is_zero()));
    let earlier = &entries[w.dimensions.fixed_entries()..];
    let gate = word(words.ungated) + line::dot(&w.words[words.gates.clone()], earlier);
    let sum = word(words.offset)
        + word(words.identity) * line
        + word(words.max0) * nonnegative * line
        + word(words.nonnegative) * nonnegative
        + word(words.zero) * zero
        + floor;
    let r = &mut w.registers[i];
    (r.line, r.quotient, r.remainder, r.nonnegative, r.zero) = (line, quotient, remainder, nonnegative, zero);
    (r.gate, r.value) = (gate, gate * sum);
}

fn is_below_2_to_40(x: F) -> bool {
    let half = range::power_of_two(DIVISOR_BITS as usize - 1);
    in_signed_range(x - half, DIVISOR_BITS as usize)
}
