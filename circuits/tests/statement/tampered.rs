//! Circuit and native twins agree on whatever a wire is changed to, not only on lies that make sense.
//!
//! `SEALROOT_WIRES=all cargo test -p sealroot-circuits --test statement tampered` changes each wire, otherwise a
//! sample is changed.

use crate::{corruptors::Base, natively_violated, violated};
use rand::RngExt;
use sealroot_circuits::wires::Wire;
use sealroot_protocol::field::F;
use sealroot_testing::random::Random;
use std::ops::DerefMut;

#[test]
fn twins_agree_on_any_tampered_wire() {
    let all = std::env::var("SEALROOT_WIRES").is_ok_and(|text| text == "all");
    let mut random = Random::new(51);
    for (base, sample) in [(Base::Approved, 80), (Base::Once, 80), (Base::Household, 6), (Base::Paired, 6)] {
        let honest = base.case(&mut random).assignment();
        let mut wires = 0;
        honest.clone().deref_mut().visit(&mut |_| wires += 1);
        let chosen: Vec<usize> =
            if all { (0..wires).collect() } else { (0..sample).map(|_| random.0.random_range(0..wires)).collect() };
        for chosen in chosen {
            let changes: [fn(F) -> F; 4] =
                [|x| x + F::from(1u8), |x: F| -x, |x| F::from(1u8) - x, |x| x - F::from(2u8)];
            let change = changes[random.0.random_range(0..changes.len())];
            let mut a = honest.clone();
            let mut at = 0;
            a.deref_mut().visit(&mut |value| {
                if at == chosen {
                    *value = change(*value);
                }
                at += 1;
            });
            assert_eq!(violated(&a), natively_violated(&a), "{base:?}: wire {chosen} of {wires}");
        }
    }
}
