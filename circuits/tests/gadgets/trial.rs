//! One relation over some inputs, recorded and computed, and what its constraints leave open.

use sealroot_circuits::system::{Matrices, Recorder, System, Values};
use sealroot_protocol::field::F;
use zeroize::Zeroizing;

/// A relation between the inputs.
pub trait Relation {
    /// Enforces it.
    fn enforce<S: System>(&self, sys: &mut S, inputs: &[S::Num]);
}

/// A relation with inputs and honest advice.
pub struct Trial {
    pub matrices: Matrices,
    pub z: Zeroizing<Vec<F>>,
}

impl Trial {
    pub fn new(inputs: &[F], relation: impl Relation) -> Self {
        let mut recorder = Recorder::new(1 + inputs.len());
        let variables: Vec<_> = inputs.iter().map(|_| recorder.variable()).collect();
        relation.enforce(&mut recorder, &variables);
        let mut values = Values::new(0);
        let numbers: Vec<_> = inputs.iter().map(|x| values.variable(*x)).collect();
        relation.enforce(&mut values, &numbers);
        let trial = Self { matrices: recorder.finish(), z: values.finish() };
        assert_eq!(trial.z.len(), trial.matrices.variables, "both readings have the same variables");
        trial
    }

    pub fn is_satisfied(&self) -> bool {
        self.matrices.unsatisfied(&self.z).is_empty()
    }

    pub fn constraints(&self) -> usize {
        self.matrices.constraints()
    }

    /// Advice that can be changed alone without violating a constraint: what the relation leaves open.
    pub fn free_advice(&self) -> Vec<usize> {
        let mut z = self.z.to_vec();
        let advice = self.matrices.instance..self.matrices.variables;
        advice
            .filter(|i| {
                let before = z[*i];
                let free = [before + F::from(1u8), -before, F::from(1u8) - before, before + F::from(12_345u32)]
                    .into_iter()
                    .filter(|changed| *changed != before)
                    .any(|changed| {
                        z[*i] = changed;
                        self.matrices.unsatisfied(&z).is_empty()
                    });
                z[*i] = before;
                free
            })
            .collect()
    }
}
