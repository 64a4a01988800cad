//! The constraint system itself: its size, its digest, and that nothing in it depends on a witness.

use crate::violated;
use ark_relations::gr1cs::{
    ConstraintSynthesizer, ConstraintSystem, OptimizationGoal, R1CS_PREDICATE_LABEL, SynthesisMode,
};
use sealroot_circuits::{
    Assignment, EligibilityCircuit, Obligation, costs, matrices,
    system::{Matrices, Matrix},
};
use sealroot_protocol::{
    field::F,
    machine::{NullifierMode, Shape},
};
use sealroot_testing::{
    random::Random,
    statement::{approved, household::household, refused},
};

/// What keys are made for. A change here needs a new ceremony.
const DIGESTS: [(Shape, &str); 2] = [
    (Shape::Solo, "0x1cda14bf0c687f3ede409c2cfa4d5725a92f7fe66aaa1721748ff33fa695fc82"),
    (Shape::Household, "0xd0f29f8180664a6c6bf504306ad4e980cbc49cd1773db2082c82481bbe2ad676"),
];

#[test]
fn shapes_fit_their_domains_with_five_percent_to_spare() {
    for (shape, domain) in [(Shape::Solo, 1 << 15), (Shape::Household, 1 << 17)] {
        let size = matrices(shape).size();
        assert!(size <= domain * 95 / 100, "{shape}: {size}");
    }
}

#[test]
fn matrices_are_pinned() {
    for (shape, digest) in DIGESTS {
        assert_eq!(matrices(shape).digest().to_string(), digest, "{shape}");
    }
}

/// What each obligation costs: constraints and words, solo and household.
#[test]
fn costs_are_known() {
    let expected = [
        ("scope", [(319, 0), (319, 0)]),
        ("facts period", [(54, 3), (108, 9)]),
        ("household", [(0, 0), (364, 1)]),
        ("attributes", [(2080, 32), (2080, 32)]),
        ("leaf", [(2279, 1), (20_511, 3)]),
        ("path", [(5137, 0), (46_233, 0)]),
        ("member registers", [(0, 0), (14_468, 976)]),
        ("registers", [(2653, 684), (7513, 3576)]),
        ("conditions", [(2912, 1288), (6440, 4064)]),
        ("decision", [(460, 304), (692, 528)]),
        ("applicant", [(327, 32), (327, 32)]),
        ("hash to curve", [(679, 0), (679, 0)]),
        ("consent", [(6975, 0), (6975, 0)]),
        ("nullifier", [(599, 2), (599, 2)]),
        ("spare words", [(8, 8), (8, 8)]),
    ];
    let [solo, household] = DIGESTS.map(|(shape, _)| costs(shape));
    let pairs = solo.iter().zip(&household);
    let found: Vec<_> =
        pairs.map(|(s, h)| (s.obligation.name(), [s, h].map(|cost| (cost.constraints, cost.words)))).collect();
    assert_eq!(found, expected);
}

/// Every constraint belongs to one obligation, and every obligation has one.
#[test]
fn sections_cover_the_matrices() {
    let matrices = matrices(Shape::Solo);
    let mut next = 0;
    for (section, obligation) in matrices.sections.iter().zip(Obligation::ALL) {
        assert_eq!(section.obligation, *obligation);
        assert_eq!(section.constraints.start, next);
        let household = matches!(obligation, Obligation::Household | Obligation::MemberRegisters);
        assert_eq!(section.constraints.is_empty(), household);
        next = section.constraints.end;
    }
    assert_eq!(next, matrices.constraints());
    let costs = costs(Shape::Solo);
    assert_eq!(costs.iter().map(|c| c.constraints).sum::<usize>(), matrices.constraints());
    assert_eq!(costs.iter().map(|c| c.words).sum::<usize>(), Shape::Solo.dimensions().word_count());
}

/// A relation between constants would be checked by nobody; a variable without constraint would be anybody's choice.
#[test]
fn no_constraint_is_constant_and_no_variable_is_free() {
    for shape in Shape::ALL {
        let matrices = matrices(shape);
        let mut used = vec![false; matrices.variables];
        for row in 0..matrices.constraints() {
            let rows = [&matrices.a, &matrices.b, &matrices.c].map(|m| m.row(row));
            rows.iter().flat_map(|terms| terms.iter()).for_each(|(v, _)| used[*v as usize] = true);
            let constant = |terms: &[(u32, F)]| terms.iter().all(|(v, _)| *v == 0);
            assert!(!rows.iter().all(|terms| constant(terms)), "{shape}: constraint {row}");
        }
        let free: Vec<usize> = (0..used.len()).filter(|v| !used[*v]).collect();
        assert!(free.is_empty(), "{shape}: variables in no constraint: {free:?}");
    }
}

fn synthesise(shape: Shape, circuit: EligibilityCircuit, mode: SynthesisMode) -> (Matrices, Option<bool>) {
    let cs = ConstraintSystem::new_ref();
    cs.set_optimization_goal(OptimizationGoal::Constraints);
    cs.set_mode(mode);
    circuit.generate_constraints(cs.clone()).unwrap();
    cs.finalize();
    let [a, b, c]: [_; 3] = cs.to_matrices().unwrap()[R1CS_PREDICATE_LABEL].clone().try_into().unwrap();
    let ours = matrices(shape);
    let convert = |rows: Vec<Vec<(F, usize)>>| Matrix::from_rows(rows);
    let (instance, variables) = (cs.num_instance_variables(), cs.num_instance_variables() + cs.num_witness_variables());
    let found =
        Matrices { instance, variables, a: convert(a), b: convert(b), c: convert(c), sections: ours.sections.clone() };
    (found, cs.is_satisfied().ok())
}

/// Trap of circuits whose gadgets fold constants: the matrices of a blank and of real witnesses differ. Ours are one
/// digest.
#[test]
fn matrices_do_not_depend_on_the_witness() {
    let mut random = Random::new(11);
    let prove = SynthesisMode::Prove { construct_matrices: true, generate_lc_assignments: true };
    for (shape, digest) in DIGESTS {
        let (setup, unknown) = synthesise(shape, EligibilityCircuit::blank(shape), SynthesisMode::Setup);
        assert_eq!(setup.digest().to_string(), digest);
        assert_eq!(unknown, None);
        let cases = match shape {
            Shape::Household => vec![household(false, &mut random), household(true, &mut random)],
            _ => vec![
                approved(NullifierMode::Holder, true, &mut random),
                approved(NullifierMode::RecordOnce, false, &mut random),
                refused(&mut random),
            ],
        };
        for case in cases {
            let (found, satisfied) = synthesise(shape, EligibilityCircuit::new(case.assignment()), prove);
            assert_eq!(found.digest().to_string(), digest);
            assert_eq!(satisfied, Some(true));
        }
    }
    // Garbage has the same matrices too, and doesn't satisfy them.
    let mut garbage = approved(NullifierMode::Holder, true, &mut random).assignment();
    garbage.registers[0].value = F::from(3u8);
    let (found, satisfied) = synthesise(Shape::Solo, EligibilityCircuit::new(garbage), prove);
    assert_eq!(found.digest().to_string(), DIGESTS[0].1);
    assert_eq!(satisfied, Some(false));
}

#[test]
fn a_blank_circuit_has_no_witness() {
    let cs = ConstraintSystem::new_ref();
    assert!(EligibilityCircuit::blank(Shape::Solo).generate_constraints(cs).is_err());
}

/// The public part of the assignment is the protocol's public inputs, then the words, in its order.
#[test]
fn instance_is_public_inputs_then_words() {
    let case = approved(NullifierMode::Holder, true, &mut Random::new(12));
    let assignment: Assignment = case.assignment();
    assert!(violated(&assignment).is_empty());
    let full = assignment.full();
    let matrices = matrices(Shape::Solo);
    let mut expected = vec![F::from(1u8)];
    expected.extend(assignment.public_inputs().unwrap().to_fields().unwrap());
    expected.extend(case.words.words().as_slice());
    assert_eq!(full[..matrices.instance], expected[..]);
    assert_eq!(full.len(), matrices.variables);
}
