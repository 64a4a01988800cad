//! Obligations *member registers* and *registers*: each register has the value that its words give it.
//!
//! A member's registers are the same relation over another vector. Their values are multiplied by the slot's `active`,
//! so that an empty slot contributes nothing: not even a constant, and no `0 ≥ 0`.

use super::{attributes::in_signed_range, is_derived, line};
use crate::{
    gadget::{range, zero::is_zero},
    integer::floor_div,
    system::{Number, System},
    wires::{Place, Register, Wires},
};
use ark_ff::{One, Zero};
use sealroot_protocol::{
    field::F,
    machine::{DIVISOR_BITS, RegisterWords},
};

/// Line, range, quotient, zero test, gate and value of each.
pub fn enforce<S: System>(sys: &mut S, w: &Wires<S::Num>) {
    enforce_at(sys, w, Place::Record);
}

/// The native twin.
pub fn holds(w: &Wires<F>) -> bool {
    in_range(w, Place::Record) && is_derived(w, derive)
}

/// Registers in order: each reads those before it.
pub fn derive(w: &mut Wires<F>) {
    derive_from(w, Place::Record, 0);
}

/// Obligation *member registers*.
pub mod members {
    use super::{F, Place, System, Wires, derive_from, enforce_at, in_range, is_derived};

    /// The registers of every slot, and their values where a member is in it.
    pub fn enforce<S: System>(sys: &mut S, w: &Wires<S::Num>) {
        for (i, slot) in w.household.slots.iter().enumerate() {
            enforce_at(sys, w, Place::Slot(i));
            for (register, value) in slot.registers.iter().zip(&slot.values) {
                sys.enforce(&slot.active, &register.value, value);
            }
        }
    }

    /// The native twin.
    pub fn holds(w: &Wires<F>) -> bool {
        (0..w.household.slots.len()).all(|i| in_range(w, Place::Slot(i))) && is_derived(w, derive)
    }

    /// Slots in order: those of the second group read the first's.
    pub fn derive(w: &mut Wires<F>) {
        for i in 0..w.household.slots.len() {
            derive_from(w, Place::Slot(i), 0);
        }
    }
}

fn enforce_at<S: System>(sys: &mut S, w: &Wires<S::Num>, place: Place) {
    let registers = w.registers_of(place);
    let entries = w.entries(place, registers.len());
    for (i, r) in registers.iter().enumerate() {
        let words = w.layout().register(w.level(place), i);
        let word = |index: usize| &w.words[index];
        // The gates are the last of the entries that the weights reach.
        let gates = words.weights.len() - words.gates.len();
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

        if words.gates.is_empty() {
            sys.equal(word(words.ungated), &r.gate);
        } else {
            line::inner_product(sys, &w.words[words.gates], &entries[gates..], word(words.ungated), &r.gate);
        }
        // Valid words make every gate 0 or 1; that is not left to them alone.
        sys.boolean(&r.gate);
        sys.enforce(&r.gate, &sum, &r.value);
    }
}

fn in_range(w: &Wires<F>, place: Place) -> bool {
    w.registers_of(place).iter().enumerate().all(|(i, r)| {
        let words = w.layout().register(w.level(place), i);
        let divisor = w.words[words.divisor];
        let checked = w.words[words.ranged] * r.line + w.words[words.floor] * r.quotient;
        line::sign(checked).0
            && is_below_2_to_40(r.remainder)
            && is_below_2_to_40(divisor - F::one() - r.remainder)
            && r.quotient * divisor == r.line - r.remainder
            && (r.gate.is_zero() || r.gate.is_one())
    })
}

/// This register of a place and those after it.
pub fn derive_from(w: &mut Wires<F>, place: Place, first: usize) {
    for i in first..w.registers_of(place).len() {
        let words = w.layout().register(w.level(place), i);
        let entries = w.entries(place, i);
        let register = derived(w, &words, &entries);
        match place {
            Place::Record => w.registers[i] = register,
            Place::Slot(slot) => {
                let slot = &mut w.household.slots[slot];
                slot.values[i] = slot.active * register.value;
                slot.registers[i] = register;
            }
        }
    }
}

fn derived(w: &Wires<F>, words: &RegisterWords, entries: &[F]) -> Register<F> {
    let word = |index: usize| w.words[index];
    let line = word(words.constant) + line::dot(&w.words[words.weights.clone()], entries);
    // Beyond the bounds of valid words there is no integer quotient, and nothing that would pass for one.
    let (quotient, remainder) = floor_div(line, word(words.divisor)).unwrap_or((F::zero(), line));
    let floor = word(words.floor) * quotient;
    let nonnegative = line::sign(word(words.ranged) * line + floor).1;
    let zero = F::from(u8::from(line.is_zero()));
    let gates = &entries[words.weights.len() - words.gates.len()..];
    let gate = word(words.ungated) + line::dot(&w.words[words.gates.clone()], gates);
    let sum = word(words.offset)
        + word(words.identity) * line
        + word(words.max0) * nonnegative * line
        + word(words.nonnegative) * nonnegative
        + word(words.zero) * zero
        + floor;
    Register { line, quotient, remainder, nonnegative, zero, gate, value: gate * sum }
}

fn is_below_2_to_40(x: F) -> bool {
    let half = range::power_of_two(DIVISOR_BITS as usize - 1);
    in_signed_range(x - half, DIVISOR_BITS as usize)
}
