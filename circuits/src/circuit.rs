//! The constraint system of each shape, and the circuit in the form that proving systems take.

use crate::{
    assignment::Assignment,
    obligation::Obligation,
    system::{Linear, Matrices, Matrix, Recorder, Values},
    wires::{Wire, Wires},
};
use ark_relations::gr1cs::{ConstraintSynthesizer, ConstraintSystemRef, LinearCombination, SynthesisError, Variable};
use sealroot_protocol::{field::F, machine::Shape};
use std::sync::OnceLock;
use zeroize::Zeroizing;

/// The constraint system of a shape, recorded on first use. No value is seen when it is recorded.
pub fn matrices(shape: Shape) -> &'static Matrices {
    static SOLO: OnceLock<Matrices> = OnceLock::new();
    static HOUSEHOLD: OnceLock<Matrices> = OnceLock::new();
    match shape {
        Shape::Solo => &SOLO,
        Shape::Household => &HOUSEHOLD,
        // A shape that is added to the protocol must be added here: there is no constraint system to hand out.
        _ => unreachable!("every shape of the protocol has a constraint system"),
    }
    .get_or_init(|| record(shape))
}

fn record(shape: Shape) -> Matrices {
    let dimensions = shape.dimensions();
    let mut recorder = Recorder::new(1 + dimensions.input_count() + dimensions.word_count());
    let wires: Wires<Linear> = Assignment::blank(dimensions).map(&mut |_| recorder.variable());
    for obligation in Obligation::ALL {
        recorder.section(*obligation, |recorder| obligation.enforce(recorder, &wires));
    }
    recorder.finish()
}

impl Assignment {
    /// The value of every variable: 1, public inputs, words, wires, advice. Whether it satisfies the constraints is
    /// not asked.
    pub fn full(&self) -> Zeroizing<Vec<F>> {
        // All at once: growing would leave copies behind that are not erased.
        let mut values = Values::new(matrices(self.shape()).variables);
        let wires = self.map(&mut |value| values.variable(value));
        for obligation in Obligation::ALL {
            obligation.enforce(&mut values, &wires);
        }
        values.finish()
    }
}

/// The statement as a circuit: blank for a setup, or with a witness.
#[derive(Clone)]
pub struct EligibilityCircuit {
    shape: Shape,
    assignment: Option<Assignment>,
}

impl EligibilityCircuit {
    /// Without a witness, for a setup.
    pub fn blank(shape: Shape) -> Self {
        Self { shape, assignment: None }
    }

    /// With a witness.
    pub fn new(assignment: Assignment) -> Self {
        Self { shape: assignment.shape(), assignment: Some(assignment) }
    }
}

impl ConstraintSynthesizer<F> for EligibilityCircuit {
    /// # Errors
    /// `AssignmentMissing` if the system wants values and the circuit is blank.
    fn generate_constraints(self, cs: ConstraintSystemRef<F>) -> Result<(), SynthesisError> {
        let matrices = matrices(self.shape);
        let full = self.assignment.as_ref().map(Assignment::full);
        let value = |i: usize| full.as_ref().map(|full| full[i]).ok_or(SynthesisError::AssignmentMissing);

        let mut variables = vec![Variable::One];
        for i in 1..matrices.instance {
            variables.push(cs.new_input_variable(|| value(i))?);
        }
        for i in matrices.instance..matrices.variables {
            variables.push(cs.new_witness_variable(|| value(i))?);
        }
        let combination = |matrix: &Matrix, row: usize| {
            let terms =
                matrix.row(row).iter().map(|(variable, coefficient)| (*coefficient, variables[*variable as usize]));
            LinearCombination(terms.collect())
        };
        for row in 0..matrices.constraints() {
            let Matrices { a, b, c, .. } = matrices;
            cs.enforce_r1cs_constraint(|| combination(a, row), || combination(b, row), || combination(c, row))?;
        }
        Ok(())
    }
}
