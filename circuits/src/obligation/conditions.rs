//! Obligation *conditions*: each condition has the value, 0 or 1, that its words give it.

use super::{is_derived, line};
use crate::{
    gadget::zero::is_zero,
    system::{Number, System},
    wires::{Place, Wires},
};
use ark_ff::{One, Zero};
use sealroot_protocol::field::F;

/// Line, range, zero test, membership and value of each.
pub fn enforce<S: System>(sys: &mut S, w: &Wires<S::Num>) {
    let entries = w.entries(Place::Record, w.registers.len());
    let pool = &w.words[w.layout().pool()];
    for (i, k) in w.conditions.iter().enumerate() {
        let words = w.layout().condition(i);
        let word = |index: usize| &w.words[index];
        line::inner_product(sys, &w.words[words.weights], &entries, word(words.constant), &k.line);
        line::signed(sys, word(words.ranged), &k.line, &S::Num::nil(), &k.nonnegative);
        is_zero(sys, &k.line, &k.zero);

        let mut rest = k.value.clone() - word(words.offset) - sys.product(word(words.zero), &k.zero);
        if let (Some(member), Some(selector)) = (&k.member, words.member) {
            let product = membership(sys, &k.line, &w.words[words.mask], pool);
            is_zero(sys, &product, member);
            rest = rest - sys.product(word(selector), member);
        }
        sys.enforce(word(words.nonnegative), &k.nonnegative, &rest);
    }
}

/// `∏ (1 + mask·(line − entry − 1))`: a factor is `line − entry` where the mask is 1, and 1 where it is 0, so that an
/// unused entry matches nothing.
fn membership<S: System>(sys: &mut S, line: &S::Num, mask: &[S::Num], pool: &[S::Num]) -> S::Num {
    let mut product: Option<S::Num> = None;
    for (mask, entry) in mask.iter().zip(pool) {
        let factor = S::Num::unit() + sys.product(mask, &(line.clone() - entry - S::Num::unit()));
        product = Some(match product {
            None => factor,
            Some(product) => sys.product(&product, &factor),
        });
    }
    product.unwrap_or_else(S::Num::unit)
}

/// The native twin.
pub fn holds(w: &Wires<F>) -> bool {
    let in_range = |(i, line): (usize, F)| line::sign(w.words[w.layout().condition(i).ranged] * line).0;
    w.conditions.iter().map(|k| k.line).enumerate().all(in_range) && is_derived(w, derive)
}

/// All of them.
pub fn derive(w: &mut Wires<F>) {
    let entries = w.entries(Place::Record, w.registers.len());
    let layout = w.layout();
    for (i, k) in w.conditions.iter_mut().enumerate() {
        let words = layout.condition(i);
        let word = |index: usize| w.words[index];
        k.line = word(words.constant) + line::dot(&w.words[words.weights.clone()], &entries);
        k.nonnegative = line::sign(word(words.ranged) * k.line).1;
        k.zero = F::from(u8::from(k.line.is_zero()));
        k.value = word(words.offset) + word(words.nonnegative) * k.nonnegative + word(words.zero) * k.zero;
        if let Some(selector) = words.member {
            let pairs = w.words[words.mask.clone()].iter().zip(&w.words[layout.pool()]);
            let product: F = pairs.map(|(mask, entry)| F::one() + *mask * (k.line - entry - F::one())).product();
            let member = F::from(u8::from(product.is_zero()));
            k.member = Some(member);
            k.value += word(selector) * member;
        }
    }
}
