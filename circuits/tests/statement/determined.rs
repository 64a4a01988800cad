//! No value of a witness can be exchanged for another: the constraints determine each, given the rest.

use crate::{corruptors::Base, case::Random};
use sealroot_circuits::{
    matrices,
    system::{Matrices, Matrix},
};
use sealroot_protocol::{field::F, machine::Shape};

/// Changes each variable alone, in several ways. The only ones that may change are the inverses in zero tests of a value that is 0, from which nothing else is computed.
#[test]
fn every_variable_is_determined_by_the_rest() {
    let matrices = matrices(Shape::Solo);
    let columns = columns(matrices);
    for (seed, base) in [(41, Base::Approved), (42, Base::Refused), (43, Base::Once), (44, Base::Anonymous)] {
        let assignment = base.case(&mut Random::new(seed)).assignment();
        let mut z = assignment.full().to_vec();
        assert!(matrices.unsatisfied(&z).is_empty());
        for variable in matrices.instance..matrices.variables {
            let before = z[variable];
            let others = [before + F::from(1u8), before - F::from(1u8), -before, F::from(1u8) - before, F::from(7u8)];
            for other in others.into_iter().filter(|other| *other != before) {
                z[variable] = other;
                let holds = columns[variable].iter().all(|row| holds(matrices, *row, &z));
                if holds {
                    assert!(is_idle_inverse(matrices, &columns[variable], variable, &z), "{base:?}: {variable} is free");
                }
            }
            z[variable] = before;
        }
    }
}

fn holds(matrices: &Matrices, row: usize, z: &[F]) -> bool {
    matrices.a.dot(row, z) * matrices.b.dot(row, z) == matrices.c.dot(row, z)
}

/// In `value·inverse = 1 − flag` and nowhere else, with `value` 0.
fn is_idle_inverse(matrices: &Matrices, rows: &[usize], variable: usize, z: &[F]) -> bool {
    let mentions = |matrix: &Matrix, row| matrix.row(row).iter().any(|(v, _)| *v as usize == variable);
    match rows {
        [row] => {
            !mentions(&matrices.a, *row)
                && matrices.b.row(*row) == [(variable as u32, F::from(1u8))]
                && !mentions(&matrices.c, *row)
                && matrices.a.dot(*row, z) == F::from(0u8)
        }
        _ => false,
    }
}

/// The rows in which each variable occurs.
fn columns(matrices: &Matrices) -> Vec<Vec<usize>> {
    let mut columns = vec![Vec::new(); matrices.variables];
    for row in 0..matrices.constraints() {
        for matrix in [&matrices.a, &matrices.b, &matrices.c] {
            for (variable, _) in matrix.row(row) {
                let rows: &mut Vec<usize> = &mut columns[*variable as usize];
                if rows.last() != Some(&row) {
                    rows.push(row);
                }
            }
        }
    }
    columns
}
