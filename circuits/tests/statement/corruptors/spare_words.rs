//! Words without meaning that are not 0.

use super::{Base, Corruptor};
use sealroot_protocol::field::F;

pub const CORRUPTORS: &[Corruptor] = &[
    Corruptor {
        name: "the first",
        base: Base::Approved,
        corrupt: |a, _, _| {
            let at = a.layout().spare().start;
            a.words[at] = F::from(1u8);
        },
    },
    Corruptor {
        name: "the last",
        base: Base::Approved,
        corrupt: |a, _, random| {
            let at = a.layout().spare().end - 1;
            a.words[at] = random.field();
        },
    },
];
