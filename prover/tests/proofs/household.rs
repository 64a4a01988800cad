//! The household shape, with one and with two member sources.

use crate::{keys, statement};
use sealroot_circuits::{Obligation, WitnessError, matrices};
use sealroot_protocol::{field::F, machine::Shape};
use sealroot_prover::ProveError;
use sealroot_testing::{random::Random, snarkjs, statement::household::household};
use sealroot_verifier::{policy_key::PolicyKey, proof::Proof};

/// Adults' incomes count, once each: 60,005 of the first member and nothing of the child's.
#[test]
fn households_are_proved_and_verified() {
    let (universal, prover) = keys(Shape::Household);
    assert_eq!(universal.circuit(), matrices(Shape::Household).digest());
    for (seed, paired, sevens) in [(61, false, 21), (62, true, 63)] {
        let mut random = Random::new(seed);
        let case = household(paired, &mut random);
        let part = prover.prove(statement(&case), &case.witness, &mut |_| ()).unwrap();
        assert!(part.inputs.decision);
        assert_eq!(part.inputs.outputs, [60_005, sevens]);
        assert_eq!((part.inputs.roots.len(), part.inputs.used_roots().len()), (3, if paired { 3 } else { 2 }));

        let key = PolicyKey::derive(universal, &case.words).unwrap();
        let proof = Proof::try_from(&part.proof).unwrap();
        key.verify(&part.inputs, &proof).unwrap();
        // The prover has tables: their proofs are ordinary ones.
        snarkjs::judge(&key, &part.inputs, &proof);
        for i in 0..3 {
            let mut other = part.inputs.clone();
            other.roots[i].0 += F::from(1u8);
            assert!(key.verify(&other, &proof).is_err(), "another root {i}");
        }
        // Under the other policy's words it proves nothing.
        let other = household(!paired, &mut random);
        assert!(PolicyKey::derive(universal, &other.words).unwrap().verify(&part.inputs, &proof).is_err());

        let mut incomplete = household(paired, &mut random);
        incomplete.witness.members.pop();
        let refused = prover.prove(statement(&incomplete), &incomplete.witness, &mut |_| ());
        assert!(matches!(refused, Err(ProveError::Witness(WitnessError::Unprovable(_)))));
        let mut exchanged = household(paired, &mut random);
        exchanged.witness.members.swap(0, 1);
        let refused = prover.prove(statement(&exchanged), &exchanged.witness, &mut |_| ());
        let expected = WitnessError::Violated { obligation: Obligation::Path };
        assert!(matches!(refused, Err(ProveError::Witness(error)) if error == expected));
    }
}
