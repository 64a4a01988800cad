//! The reading of the statement as a computation of the witness.

use super::System;
use sealroot_protocol::field::F;
use zeroize::Zeroizing;

/// Computes the value of every variable, in the order in which a [`Recorder`](super::Recorder) numbers them.
///
/// Whether they satisfy the constraints is another question: [`Matrices::unsatisfied`](super::Matrices::unsatisfied).
pub struct Values {
    assignment: Zeroizing<Vec<F>>,
}

impl Values {
    /// With the constant 1.
    pub fn new(capacity: usize) -> Self {
        let mut assignment = Vec::with_capacity(capacity);
        assignment.push(F::from(1u8));
        Self { assignment: Zeroizing::new(assignment) }
    }

    /// The next variable.
    pub fn variable(&mut self, value: F) -> F {
        self.assignment.push(value);
        value
    }

    /// All values: the constant 1, the instance, the wires, the advice.
    pub fn finish(self) -> Zeroizing<Vec<F>> {
        self.assignment
    }
}

impl System for Values {
    type Num = F;

    fn advise<const N: usize>(&mut self, from: [&F; N], hint: impl FnOnce([F; N]) -> F) -> F {
        self.variable(hint(from.map(|x| *x)))
    }

    fn advise_many<const N: usize>(
        &mut self,
        from: [&F; N],
        count: usize,
        hint: impl FnOnce([F; N]) -> Vec<F>,
    ) -> Vec<F> {
        let values = Zeroizing::new(hint(from.map(|x| *x)));
        assert_eq!(values.len(), count, "a hint gives one value per variable");
        self.assignment.extend_from_slice(&values);
        values.to_vec()
    }

    fn enforce(&mut self, _: &F, _: &F, _: &F) {}
}
