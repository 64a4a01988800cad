//! The reading of the statement as constraints.

use super::{Linear, Matrices, Matrix, Section, System};
use crate::obligation::Obligation;
use sealroot_protocol::field::F;

/// Writes down constraints. It never sees a value, so what it writes can't depend on one.
#[derive(Debug)]
pub struct Recorder {
    instance: usize,
    variables: u32,
    matrices: [Matrix; 3],
    sections: Vec<Section>,
}

impl Recorder {
    /// A system with this many instance variables, the constant 1 among them.
    pub fn new(instance: usize) -> Self {
        Self { instance, variables: 1, matrices: Default::default(), sections: Vec::new() }
    }

    /// The next variable: first the instance, then the wires, then advice.
    pub fn variable(&mut self) -> Linear {
        self.variables += 1;
        Linear::variable(self.variables - 1)
    }

    /// Constraints so far.
    pub fn constraints(&self) -> usize {
        self.matrices[0].rows()
    }

    /// Records what belongs to one obligation.
    pub fn section(&mut self, obligation: Obligation, record: impl FnOnce(&mut Self)) {
        let start = self.constraints();
        record(self);
        self.sections.push(Section { obligation, constraints: start..self.constraints() });
    }

    /// What was recorded.
    pub fn finish(self) -> Matrices {
        let [a, b, c] = self.matrices;
        Matrices { instance: self.instance, variables: self.variables as usize, a, b, c, sections: self.sections }
    }
}

impl System for Recorder {
    type Num = Linear;

    fn advise<const N: usize>(&mut self, _: [&Linear; N], _: impl FnOnce([F; N]) -> F) -> Linear {
        self.variable()
    }

    fn advise_many<const N: usize>(
        &mut self,
        _: [&Linear; N],
        count: usize,
        _: impl FnOnce([F; N]) -> Vec<F>,
    ) -> Vec<Linear> {
        (0..count).map(|_| self.variable()).collect()
    }

    fn enforce(&mut self, a: &Linear, b: &Linear, c: &Linear) {
        for (matrix, row) in self.matrices.iter_mut().zip([a, b, c]) {
            matrix.push(row.terms());
        }
    }
}
