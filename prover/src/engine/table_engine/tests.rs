#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use crate::engine::{ArkEngine, TooLittleMemory};
use ark_ec::pairing::Pairing;
use ark_ff::{AdditiveGroup, Field, Zero};
use ark_groth16::r1cs_to_qap::LibsnarkReduction;
use ark_relations::gr1cs::{ConstraintSynthesizer, ConstraintSystemRef, LinearCombination, SynthesisError, Variable};
use ark_std::rand::{Rng, SeedableRng, rngs::StdRng};
use sealroot_circuits::system::Matrix;
use sealroot_lanes::{Stored, map::Points};
use std::fs;
use std::io::{Seek, Write};
use std::sync::OnceLock;

const INPUTS: usize = 9;
const CONSTRAINTS: usize = 180;

/// A random satisfied system: products, bits, quotients whose C has several terms, rows with one variable twice over, equal columns.
struct Toy {
    matrices: Matrices,
    values: Vec<F>,
    key: ProvingKey<Bn254>,
}

struct Circuit<'a>(&'a Matrices);

impl ConstraintSynthesizer<F> for Circuit<'_> {
    fn generate_constraints(self, cs: ConstraintSystemRef<F>) -> Result<(), SynthesisError> {
        let mut variables = vec![Variable::One];
        for i in 1..self.0.variables {
            let value = || Err(SynthesisError::AssignmentMissing);
            variables.push(if i < self.0.instance {
                cs.new_input_variable(value)?
            } else {
                cs.new_witness_variable(value)?
            });
        }
        let combination = |matrix: &Matrix, row| {
            LinearCombination(matrix.row(row).iter().map(|(i, c)| (*c, variables[*i as usize])).collect())
        };
        for row in 0..self.0.constraints() {
            let Matrices { a, b, c, .. } = self.0;
            cs.enforce_r1cs_constraint(|| combination(a, row), || combination(b, row), || combination(c, row))?;
        }
        Ok(())
    }
}

fn make(seed: u64) -> Toy {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut values = vec![F::ONE];
    values.extend((1..INPUTS).map(|_| F::rand(&mut rng)));
    let mut rows = [vec![], vec![], vec![]];
    for _ in 0..CONSTRAINTS {
        let mut side = |values: &[F]| -> Vec<(F, usize)> {
            let coefficients = [F::ONE, -F::ONE, F::from(2u8), F::rand(&mut rng)];
            let mut terms: Vec<(F, usize)> = Vec::new();
            for _ in 0..rng.gen_range(1..5) {
                let variable = rng.gen_range(0..values.len());
                if terms.iter().all(|(_, other)| *other != variable) {
                    terms.push((coefficients[rng.gen_range(0..4)], variable));
                }
            }
            terms
        };
        let (a, b, mut c) = (side(&values), side(&values), side(&values));
        let dot = |terms: &[(F, usize)]| terms.iter().map(|(c, i)| *c * values[*i]).sum::<F>();
        let bit = rng.gen_ratio(1, 3);
        let next = values.len();
        if bit {
            values.push(F::from(rng.gen_range(0..2u8)));
            for row in &mut rows {
                row.push(vec![(F::ONE, next)]);
            }
        } else {
            // c + k·new = a·b.
            let k = if rng.r#gen() { F::ONE } else { F::rand(&mut rng) };
            let value = (dot(&a) * dot(&b) - dot(&c)) / k;
            c.push((k, next));
            values.push(value);
            for (rows, row) in rows.iter_mut().zip([a, b, c]) {
                rows.push(row);
            }
        }
    }
    let [a, b, c] = rows.map(Matrix::from_rows);
    let matrices = Matrices { instance: INPUTS, variables: values.len(), a, b, c, sections: Vec::new() };
    assert!(matrices.unsatisfied(&values).is_empty());
    let key =
        Groth16::<Bn254, LibsnarkReduction>::generate_random_parameters_with_reduction(Circuit(&matrices), &mut rng)
            .unwrap();
    Toy { matrices, values, key }
}

fn toy() -> &'static Toy {
    static TOY: OnceLock<Toy> = OnceLock::new();
    TOY.get_or_init(|| make(11))
}

const HASH: Digest = Digest([7; 32]);

fn options(instructions: Instructions) -> Options {
    Options { instructions, threads: 2, budget: 1 << 30, cache: None }
}

fn engine(toy: &Toy, options: Options) -> Result<TableEngine, TableError> {
    TableEngine::new(&toy.key, HASH, &toy.matrices, options, &|_| {})
}

fn ark_proof(toy: &Toy, r: F, s: F) -> Proof<Bn254> {
    let abc = [&toy.matrices.a, &toy.matrices.b, &toy.matrices.c].map(|m| m.to_rows());
    Groth16::<Bn254, LibsnarkReduction>::create_proof_with_reduction_and_matrices(
        &toy.key,
        r,
        s,
        &abc,
        toy.matrices.instance,
        toy.matrices.constraints(),
        &toy.values,
    )
    .unwrap()
}

/// With the same randomness it is the same proof, with all instructions, every number of threads and budget; r = 0 and s = 0 among them.
#[test]
fn proofs_are_ark_groth16s() {
    let mut rng = StdRng::seed_from_u64(12);
    for seed in [11, 21, 22] {
        let toy = make(seed);
        for instructions in Instructions::all() {
            for budget in [1 << 30, 1_000_000] {
                let engine = engine(&toy, Options { budget, ..options(instructions) }).unwrap();
                assert!(engine.table_bytes() <= budget);
                for (r, s) in [(F::rand(&mut rng), F::rand(&mut rng)), (F::zero(), F::ONE), (F::ONE, F::zero())] {
                    for threads in [1, 2, 9] {
                        let (proof, _) = engine.prove_with(threads, &toy.values, &[r, s]).unwrap();
                        assert_eq!(proof, ark_proof(&toy, r, s), "{} {budget} {threads}", instructions.name());
                    }
                }
            }
        }
    }
}

#[test]
fn blinding_is_fresh() {
    let engine = engine(toy(), options(Instructions::detect())).unwrap();
    let proofs: Vec<_> = engine.prove_batch(2, &[&toy().values; 4]).into_iter().map(Result::unwrap).collect();
    for (i, proof) in proofs.iter().enumerate() {
        assert!(proofs[..i].iter().all(|other| other.a != proof.a && other.b != proof.b && other.c != proof.c));
    }
    assert_ne!(engine.prove(&toy().values).unwrap(), proofs[0]);

    // r and s are drawn apart: A differs by (r − r')·delta, B by (s − s')·delta, and these two are not the same multiple. The other engine, too.
    let other = ArkEngine::new(toy().key.clone(), &toy().matrices);
    let apart = |first: &ark_groth16::Proof<Bn254>, second: &ark_groth16::Proof<Bn254>| {
        let r = Bn254::pairing(first.a - second.a, toy().key.vk.delta_g2);
        let s = Bn254::pairing(toy().key.delta_g1, first.b - second.b);
        assert!(r != s && first.a != second.a && first.b != second.b && first.c != second.c);
    };
    apart(&proofs[0], &proofs[1]);
    apart(&other.prove(&toy().values).unwrap(), &other.prove(&toy().values).unwrap());
}

#[test]
fn values_that_do_not_satisfy_the_circuit_give_no_proof() {
    for instructions in Instructions::all() {
        let engine = engine(toy(), options(instructions)).unwrap();
        let mut values = toy().values.clone();
        values[INPUTS + 40] += F::ONE;
        assert!(matches!(engine.prove(&values), Err(EngineError::Invalid)));
        values[INPUTS + 40] = F::ZERO - F::ONE;
        assert!(matches!(engine.prove(&values), Err(EngineError::Invalid)));
        assert!(matches!(engine.prove(&values[1..]), Err(EngineError::Variables { .. })));
        assert!(ArkEngine::new(toy().key.clone(), &toy().matrices).prove(&toy().values).is_ok());
    }
}

#[test]
fn too_little_memory_is_rejected() {
    let rejected = engine(toy(), Options { budget: 10_000, ..options(Instructions::scalar()) });
    assert!(matches!(rejected, Err(TableError::Memory(TooLittleMemory { budget: 10_000, needed })) if needed > 10_000));
}

/// A corruption of a table file, and what must be said of it.
type Corruption = (&'static str, fn(&mut Vec<u8>), &'static str);

#[test]
fn a_cache_is_used_and_every_other_file_is_rejected() {
    let directory = tempfile::tempdir().unwrap();
    for instructions in Instructions::all() {
        let file = directory.path().join(instructions.name());
        let options = Options { cache: Some(file.clone()), ..options(instructions) };
        let steps = std::sync::Mutex::new(Vec::new());
        let build = |hash| {
            TableEngine::new(&toy().key, hash, &toy().matrices, options.clone(), &|p| steps.lock().unwrap().push(p))
        };
        build(HASH).unwrap();
        let made = std::mem::take(&mut *steps.lock().unwrap());
        assert_eq!(made.len(), made[0].of, "every step is told");
        let blinding = [F::from(3u8), F::from(5u8)];
        let (proof, _) = build(HASH).unwrap().prove_with(2, &toy().values, &blinding).unwrap();
        assert_eq!(proof, ark_proof(toy(), blinding[0], blinding[1]));
        assert!(steps.lock().unwrap().is_empty(), "the cache was used");

        let rejection = |hash| match build(hash) {
            Err(TableError::Rejected { what, .. }) => what,
            other => panic!("not rejected: {:?}", other.err()),
        };
        assert_eq!(rejection(Digest([8; 32])), "was made for another proving key");
        let good = fs::read(&file).unwrap();
        let corruptions: [Corruption; 9] = [
            ("magic", |b| b[0] ^= 1, "is no table file"),
            ("version", |b| b[16] = 9, "is of another version"),
            ("arithmetic", |b| b[20] ^= 3, "was made for another processor"),
            ("circuit", |b| b[60] ^= 1, "was made for another circuit"),
            ("a point", |b| b[5000] ^= 1, "is damaged"),
            ("padding", |b| b[255] = 1, "is damaged"),
            ("cut", |b| b.truncate(b.len() - 64), "is truncated"),
            ("cut in the header", |b| b.truncate(100), "is truncated"),
            ("longer", |b| b.extend([0; 64]), "has bytes after its end"),
        ];
        for (name, corrupt, expected) in corruptions {
            let mut bytes = good.clone();
            corrupt(&mut bytes);
            let mut opened = fs::OpenOptions::new().write(true).truncate(true).open(&file).unwrap();
            opened.rewind().unwrap();
            opened.write_all(&bytes).unwrap();
            assert_eq!(rejection(HASH), expected, "{name}");
        }
        // A size that is not what the hash covers.
        let mut bytes = good.clone();
        bytes[124] = 2;
        fs::write(&file, &bytes).unwrap();
        assert!(build(HASH).is_err());
        fs::write(&file, &good).unwrap();
        assert!(build(HASH).is_ok());
        #[cfg(unix)]
        {
            fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o666)).unwrap();
            assert!(matches!(build(HASH), Err(TableError::Permissions { .. })));
            fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
            assert!(build(HASH).is_ok());
            // Only root may give files away.
            if std::os::unix::fs::chown(&file, Some(12_345), None).is_ok() {
                assert!(matches!(build(HASH), Err(TableError::Permissions { .. })));
            }
        }
    }
}

/// Whole files by somebody who may write them, right but for what they hold: no proof, or no engine.
#[test]
fn a_file_that_lies_gives_no_proof() {
    type Firsts = Table<G1, Points<8>>;
    fn scalars(table: Firsts, change: impl Fn(&mut Vec<u32>)) -> Firsts {
        let (layout, mut scalars, points) = table.into_parts();
        change(&mut scalars);
        Table::from_parts(layout, scalars, points).unwrap()
    }
    fn empty<G: sealroot_lanes::Group<Stored = Stored<L>>, const L: usize>(layout: Layout) -> Table<G, Points<L>> {
        Table::from_parts(layout, Vec::new(), Points::resident(&[]).unwrap()).unwrap()
    }
    type Lie = (&'static str, fn(Tables) -> Tables, Option<&'static str>);
    let lies: [Lie; 5] = [
        // A = α + rδ, B = β + sδ, C = sA + rβ would hold for all values, if the inputs' sum were 0, too.
        ("empty", |t| Tables { a: empty(t.a.layout()), c: empty(t.a.layout()), b2: empty(t.a.layout()) }, None),
        (
            "another width",
            |t| Tables { a: empty(Layout { width: t.c.layout().width ^ 1, stride: 1 }), ..t },
            Some("does not fit the circuit"),
        ),
        (
            "a scalar that is none",
            |t| Tables { a: scalars(t.a, |s| *s.last_mut().unwrap() = 100_000), ..t },
            Some("does not fit the circuit"),
        ),
        (
            "a scalar of C that is none",
            |t| Tables { c: scalars(t.c, |s| *s.last_mut().unwrap() += 1), ..t },
            Some("does not fit the circuit"),
        ),
        ("a scalar twice", |t| Tables { a: scalars(t.a, |s| s[1] = s[0]), ..t }, Some("does not fit the circuit")),
    ];
    let directory = tempfile::tempdir().unwrap();
    for (name, lie, rejected) in lies {
        let file = directory.path().join(name);
        let options = Options { cache: Some(file.clone()), ..options(Instructions::detect()) };
        let build = || TableEngine::new(&toy().key, HASH, &toy().matrices, options.clone(), &|_| {});
        let sizes = [toy().matrices.variables, toy().matrices.size().next_power_of_two()];
        let subject =
            Subject { instructions: options.instructions, key: HASH, circuit: toy().matrices.digest(), sizes };
        lie(build().unwrap().tables).write(subject, &file).unwrap();
        match (build(), rejected) {
            (Ok(engine), None) => {
                assert!(matches!(engine.prove(&toy().values), Err(EngineError::Invalid)), "{name}");
            }
            (Err(TableError::Rejected { what, .. }), Some(expected)) => assert_eq!(what, expected, "{name}"),
            (other, _) => panic!("{name}: {:?}", other.err()),
        }
    }
}

/// A table whose points were changed after it was loaded gives an error, never a proof.
#[test]
fn damaged_memory_gives_no_proof() {
    let mut engine = engine(toy(), options(Instructions::detect())).unwrap();
    let (layout, scalars, points) = engine.tables.c.into_parts();
    let mut points = points.as_ref().to_vec();
    let other = points[1];
    points.iter_mut().for_each(|point| *point = other);
    let points = Points::resident(&points).unwrap();
    engine.tables.c = Table::from_parts(layout, scalars, points).unwrap();
    assert!(matches!(engine.prove(&toy().values), Err(EngineError::Invalid)));
}
