//! Leaves that are not under the root.

use super::{Base, Corruptor};
use sealroot_circuits::Assignment;
use sealroot_protocol::{field::F, record::Leaf, tree::node_hash};
use sealroot_testing::{random::Random, statement::Case};

fn position(case: &Case, level: usize) -> usize {
    case.witness.record.path.index.position(level)
}

/// A sibling of the path is another one; the root stays.
fn other_sibling(a: &mut Assignment, case: &Case, level: usize) {
    let sibling = (position(case, level) + 1) % 4;
    a.record.children[level][sibling] += F::from(1u8);
}

/// The node on the path is another one, and so is all above it.
fn other_node(a: &mut Assignment, case: &Case, level: usize, node: F) {
    a.record.children[level][position(case, level)] = node;
    for level in level..15 {
        let c = &a.record.children[level];
        let parent = node_hash([c[0], c[1], c[2], c[3]]);
        let at = position(case, level + 1);
        a.record.children[level + 1][at] = parent;
    }
    let c = &a.record.children[15];
    a.public.roots[0] = node_hash([c[0], c[1], c[2], c[3]]);
}

pub const CORRUPTORS: &[Corruptor] = &[
    Corruptor { name: "sibling beside the leaf", base: Base::Approved, corrupt: |a, c, _| other_sibling(a, c, 0) },
    Corruptor { name: "sibling half-way", base: Base::Refused, corrupt: |a, c, _| other_sibling(a, c, 8) },
    Corruptor { name: "sibling below the root", base: Base::Approved, corrupt: |a, c, _| other_sibling(a, c, 15) },
    Corruptor {
        name: "another position",
        base: Base::Approved,
        corrupt: |a, case, _| {
            let at = position(case, 3);
            a.record.children[3].swap(at, (at + 1) % 4);
        },
    },
    Corruptor {
        name: "a removed record",
        base: Base::Approved,
        corrupt: |a, case, _| other_node(a, case, 0, Leaf::EMPTY.0),
    },
    Corruptor {
        name: "a tree with another record in the place",
        base: Base::Approved,
        corrupt: |a, case, random: &mut Random| other_node(a, case, 0, random.field()),
    },
    Corruptor {
        name: "two paths glued together half-way",
        base: Base::Approved,
        corrupt: |a, case, random| other_node(a, case, 7, random.field()),
    },
    Corruptor {
        name: "two paths glued together below the root",
        base: Base::Approved,
        corrupt: |a, case, random| other_node(a, case, 15, random.field()),
    },
    Corruptor {
        name: "another agency's root",
        base: Base::Approved,
        corrupt: |a, _, random| a.public.roots[0] = random.field(),
    },
    Corruptor {
        name: "the leaf in place of the root",
        base: Base::Approved,
        corrupt: |a, _, _| a.public.roots[0] = a.record.leaf,
    },
];
