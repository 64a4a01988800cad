//! No value of a witness can be exchanged for another: the constraints determine each, given the rest, and all, given
//! what a prover is free to choose.

use crate::corruptors::Base;
use sealroot_circuits::{
    Assignment, Obligation, matrices,
    system::{Matrices, Matrix},
    wires::{Wire, Wires},
};
use sealroot_protocol::{field::F, machine::Shape};
use sealroot_testing::random::Random;
use std::collections::{BTreeMap, BTreeSet};

/// Solves the constraints step by step from the public part and the prover's free choices: record, children, opening,
/// secret, N, s. Whatever is not found that way could have a second value. Uniqueness that is no matter of one
/// equation is taken from the gadgets' own tests: remainders, the parts of dates, Elligator's choices, the bits of
/// the challenge.
#[test]
fn the_constraints_determine_the_witness() {
    let bases = [Base::Approved, Base::Refused, Base::PerScope, Base::Anonymous, Base::Paired, Base::Household];
    for (seed, base) in (45..).zip(bases) {
        let assignment = base.case(&mut Random::new(seed)).assignment();
        let open = open(&assignment, None);
        assert!(open.is_empty(), "{base:?}: a prover could choose {open:?}");
    }
}

/// The control: without the constraints of any one obligation, something is open. (Spare words are public: there is
/// nothing to choose.)
#[test]
fn without_an_obligation_something_is_open() {
    let members = [Obligation::Household, Obligation::MemberRegisters];
    let chosen = |o: &&Obligation| **o != Obligation::SpareWords;
    let assignment = Base::Approved.case(&mut Random::new(49)).assignment();
    for obligation in Obligation::ALL.iter().filter(chosen).filter(|o| !members.contains(o)) {
        assert!(!open(&assignment, Some(*obligation)).is_empty(), "{obligation}, solo");
    }
    let assignment = Base::Paired.case(&mut Random::new(50)).assignment();
    for obligation in Obligation::ALL.iter().filter(chosen) {
        assert!(!open(&assignment, Some(*obligation)).is_empty(), "{obligation}, household");
    }
}

/// The variables that constraints, those of one obligation left out, don't determine; idle inverses excepted.
fn open(assignment: &Assignment, without: Option<Obligation>) -> Vec<usize> {
    let matrices = matrices(assignment.shape());
    let z = assignment.full();
    let mut known = vec![false; matrices.variables];
    known[..matrices.instance].fill(true);
    given(assignment).into_iter().for_each(|variable| known[variable] = true);
    let rows: Vec<usize> = (0..matrices.constraints())
        .filter(|row| without.is_none() || matrices.obligation_of(*row) != without)
        .collect();
    let boolean: BTreeSet<usize> = rows.iter().filter_map(|row| boolean(matrices, *row)).collect();
    loop {
        let before = known.iter().filter(|known| **known).count();
        for row in &rows {
            solve(matrices, *row, &z, &boolean, &mut known);
        }
        if known.iter().filter(|known| **known).count() == before {
            break;
        }
    }
    let columns = columns(matrices);
    (0..matrices.variables).filter(|v| !known[*v] && !is_idle_inverse(matrices, &columns[*v], *v, &z)).collect()
}

/// Positions of the wires that a prover chooses, or whose uniqueness other tests show.
fn given(assignment: &Assignment) -> Vec<usize> {
    let mut position = 0;
    let positions: Wires<usize> = assignment.map(&mut |_| {
        position += 1;
        position
    });
    let mut given = Vec::new();
    for r in positions.records() {
        given.extend(&r.attributes);
        given.extend([r.key.x, r.key.y, r.holder_since, r.serial, r.salt]);
        given.extend(r.children.iter().flatten());
    }
    given.push(positions.record.subject);
    given.extend(positions.facts.iter().flat_map(|facts| [facts.year, facts.month]));
    let o = &positions.opening;
    given.extend([o.deployment, o.program, o.period_start, o.period_end, o.start_year, o.start_month, o.start_day]);
    given.push(positions.applicant.case_secret);
    given.extend([positions.consent.n.x, positions.consent.n.y]);
    given.extend(&positions.consent.response);
    given.extend(positions.registers.iter().map(|r| r.remainder));
    given.extend(positions.household.slots.iter().flat_map(|slot| &slot.registers).map(|r| r.remainder));
    let h = &positions.hash_to_curve;
    given.extend([h.first, h.u, h.v]);
    given.extend(&h.v_bits);
    given.extend(&positions.consent.challenge);
    given
}

/// The variable x of a constraint x·x = x.
fn boolean(matrices: &Matrices, row: usize) -> Option<usize> {
    let rows = [&matrices.a, &matrices.b, &matrices.c].map(|matrix| matrix.row(row));
    match rows[0] {
        [(x, one)] if *one == F::from(1u8) && rows.iter().all(|r| *r == rows[0]) => Some(*x as usize),
        _ => None,
    }
}

/// Marks what the constraint determines, given what is known.
fn solve(matrices: &Matrices, row: usize, z: &[F], boolean: &BTreeSet<usize>, known: &mut [bool]) {
    let Matrices { a, b, c, .. } = matrices;
    let is_known = |matrix: &Matrix, known: &[bool]| matrix.row(row).iter().all(|(v, _)| known[*v as usize]);
    // With one factor known the constraint is linear in the rest.
    let (factor, other) = match (is_known(a, known), is_known(b, known)) {
        (true, _) => (a.dot(row, z), b),
        (_, true) => (b.dot(row, z), a),
        _ => return,
    };
    let mut linear: BTreeMap<usize, F> = BTreeMap::new();
    for (v, coefficient) in other.row(row) {
        *linear.entry(*v as usize).or_default() += factor * coefficient;
    }
    for (v, coefficient) in c.row(row) {
        *linear.entry(*v as usize).or_default() -= coefficient;
    }
    linear.retain(|v, coefficient| !known[*v] && *coefficient != F::from(0u8));
    let determined = match linear.len() {
        0 => false,
        1 => true,
        _ => linear.keys().all(|v| boolean.contains(v)) && is_binary(linear.values()),
    };
    if determined {
        linear.into_keys().for_each(|v| known[v] = true);
    }
}

/// Whether coefficients are a common factor times distinct powers of two below 2^128: then no two sets of them have
/// the same sum.
fn is_binary<'a>(coefficients: impl Iterator<Item = &'a F> + Clone) -> bool {
    coefficients.clone().any(|unit| {
        let powers: Option<BTreeSet<u32>> = coefficients
            .clone()
            .map(|c| {
                let mut power = F::from(1u8);
                (0..128).find(|_| {
                    let found = power == *c / unit;
                    power += power;
                    found
                })
            })
            .collect();
        powers.is_some_and(|powers| powers.len() == coefficients.clone().count())
    })
}

/// Changes each variable alone, in several ways. The only ones that may change are the inverses in zero tests of a
/// value that is 0, from which nothing else is computed.
#[test]
fn every_variable_is_determined_by_the_rest() {
    let solo = [(41, Base::Approved), (42, Base::Refused), (43, Base::Once), (44, Base::Anonymous)];
    let household = [(45, Base::Household), (46, Base::Paired)];
    for (shape, bases) in [(Shape::Solo, &solo[..]), (Shape::Household, &household)] {
        let columns = columns(matrices(shape));
        for (seed, base) in bases {
            determined_by_the_rest(*base, base.case(&mut Random::new(*seed)).assignment(), &columns);
        }
    }
}

fn determined_by_the_rest(base: Base, assignment: Assignment, columns: &[Vec<usize>]) {
    let matrices = matrices(assignment.shape());
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
