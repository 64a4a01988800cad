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
use sealroot_protocol::{field::F, tag::Tag, tree::node_hash};

/// `∏ (node − child) = 0` at each level; the last node is the root.
pub fn enforce<S: System>(sys: &mut S, w: &Wires<S::Num>) {
    for (record, root) in w.sources.iter().zip(&w.public.roots) {
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
        sys.equal(&node, root);
    }
}

/// The native twin.
pub fn holds(w: &Wires<F>) -> bool {
    w.sources.iter().zip(&w.public.roots).all(|(record, root)| {
        let mut node = record.leaf;
        for children in &record.children {
            if !children.contains(&node) {
                return false;
            }
            node = node_of(children);
        }
        node == *root
    })
}

/// The root that the children lead to. The children are given: a leaf that is not among them has no path.
pub fn derive(w: &mut Wires<F>) {
    for (record, root) in w.sources.iter().zip(&mut w.public.roots) {
        if let Some(children) = record.children.last() {
            *root = node_of(children);
        }
    }
}

fn node_of(children: &[F]) -> F {
    let mut array = [F::from(0u8); 4];
    array.iter_mut().zip(children).for_each(|(a, child)| *a = *child);
    node_hash(array)
}
