//! The hash in constraints is the hash.

use crate::trial::{Relation, Trial};
use sealroot_circuits::gadget::poseidon::*;
use sealroot_circuits::system::{Number, System};
use sealroot_protocol::field::F;
use sealroot_protocol::{poseidon, tag::Tag};

#[test]
fn agrees_with_the_native_permutation() {
    for n in 1..=11u64 {
        for inputs in [
            (0..n).map(|i| F::from(i * 97 + 5)).collect::<Vec<_>>(),
            vec![F::from(0u8); n as usize],
            vec![-F::from(1u8); n as usize],
        ] {
            let mut all = vec![Tag::Node.value()];
            all.extend(&inputs);
            let expected = poseidon::circomlib(&all).unwrap();
            let trial = Trial::new(&inputs, Circuit(expected));
            assert!(trial.is_satisfied());
            assert!(!Trial::new(&inputs, Circuit(expected + F::from(1u8))).is_satisfied());
        }
    }
}

/// A second constant input, as in the first block of the attributes digest.
#[test]
fn constant_prefix_is_an_input_like_any_other() {
    struct Prefixed;
    impl Relation for Prefixed {
        fn enforce<S: System>(&self, sys: &mut S, inputs: &[S::Num]) {
            let short = hash_with_prefix(sys, &[Tag::Leaf.value(), F::from(0u8)], inputs);
            let mut with_zero = vec![S::Num::nil()];
            with_zero.extend_from_slice(inputs);
            let long = hash(sys, Tag::Leaf, &with_zero);
            sys.equal(&short, &long);
        }
    }
    assert!(Trial::new(&[F::from(3u8), F::from(4u8)], Prefixed).is_satisfied());
}

/// t = 6, the tree's node: the constant that decides what a path costs.
#[test]
fn a_node_costs_318_constraints() {
    assert_eq!(Trial::new(&[F::from(1u8); 4], Circuit(F::from(0u8))).constraints(), 318 + 1);
}

struct Circuit(F);
impl Relation for Circuit {
    fn enforce<S: System>(&self, sys: &mut S, inputs: &[S::Num]) {
        let digest = hash(sys, Tag::Node, inputs);
        sys.equal(&digest, &S::Num::constant(self.0));
    }
}
