//! Obligation *path*: the leaf is in the tree under the source's root.
//!
//! At each level the node below is one of the four children. Which one is not said: a membership proof needs no
//! position, and the statement has no use for it. The empty leaf is 0 and no record hashes to it, so a removed record
//! has no path.

use crate::{
    gadget::poseidon,
    system::{Number, System},
    wires::Wires,
};
use ark_ff::Zero;
use sealroot_protocol::{field::F, tag::Tag, tree::node_hash};

/// `∏ (node − child) = 0` at each level; the last node is the root, unless the slot is empty.
pub fn enforce<S: System>(sys: &mut S, w: &Wires<S::Num>) {
    for (i, record) in w.records().enumerate() {
        let mut node = record.leaf.clone();
        for children in &record.children {
            let differences: Vec<S::Num> = children.iter().map(|child| node.clone() - child).collect();
            if let Some((first, rest)) = differences.split_first() {
                let mut product = first.clone();
                for (i, difference) in rest.iter().enumerate() {
                    if i + 1 < rest.len() {
                        product = sys.product(&product, difference);
                    } else {
                        sys.enforce(&product, difference, &S::Num::nil());
                    }
                }
            }
            node = poseidon::hash(sys, Tag::Node, children);
        }
        match i.checked_sub(1).map(|slot| &w.household.slots[slot]) {
            None => sys.equal(&node, &w.public.roots[0]),
            Some(slot) => sys.enforce(&slot.active, &(node - &slot.root), &S::Num::nil()),
        }
    }
}

/// The native twin.
pub fn holds(w: &Wires<F>) -> bool {
    w.records().enumerate().all(|(i, record)| {
        let mut node = record.leaf;
        for children in &record.children {
            if !children.contains(&node) {
                return false;
            }
            node = node_of(children);
        }
        match i.checked_sub(1).map(|slot| &w.household.slots[slot]) {
            None => node == w.public.roots[0],
            Some(slot) => (slot.active * (node - slot.root)).is_zero(),
        }
    })
}

/// The root that the children of the record lead to; an empty slot's record gets a path of its own. The children of
/// records are given: a leaf that is not among them has no path.
pub fn derive(w: &mut Wires<F>) {
    if let Some(children) = w.record.children.last() {
        w.public.roots[0] = node_of(children);
    }
    for slot in &mut w.household.slots {
        if slot.active.is_zero() {
            let mut node = slot.record.leaf;
            for children in &mut slot.record.children {
                children.fill(F::zero());
                children[0] = node;
                node = node_of(children);
            }
        }
    }
}

fn node_of(children: &[F]) -> F {
    let mut array = [F::from(0u8); 4];
    array.iter_mut().zip(children).for_each(|(a, child)| *a = *child);
    node_hash(array)
}
