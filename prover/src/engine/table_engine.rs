//! The engine for a circuit that does not change: every base of every sum is known before the first proof, and has its table.
//!
//! Guarantees: a proof that it hands out verifies under the key; with the same r and s it is the proof that ark-groth16 makes. Values,
//! evaluations, digits and r, s are wiped. Non-guarantees: the lanes' registers and buffers of sums are not wiped (they hold sums of
//! points, and points of the tables), and time depends on the values.

use super::preprocess::{Progress, preprocess};
use super::quotient::Quotient;
use super::tables::{Subject, TableError, Tables};
use super::{EngineError, ProvingEngine, os_seeded_rng};
use ark_bn254::{Bn254, G1Affine, G1Projective, G2Affine, G2Projective};
use ark_ec::CurveGroup;
use ark_ff::UniformRand;
use ark_groth16::{Groth16, PreparedVerifyingKey, Proof, ProvingKey};
use sealroot_circuits::system::Matrices;
use sealroot_lanes::digits::Digits;
use sealroot_lanes::msm::{Layout, Table};
use sealroot_lanes::scale::parallel;
use sealroot_lanes::{G1, Instructions};
use sealroot_protocol::field::{Digest, F};
use std::path::PathBuf;
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// How an engine is made and how it works.
#[derive(Debug, Clone)]
pub struct Options {
    /// Which arithmetic.
    pub instructions: Instructions,
    /// Threads for preprocessing, and for one proof: all cores give the shortest time to a proof.
    pub threads: usize,
    /// Bytes that tables may take.
    pub budget: usize,
    /// Where tables are kept between runs.
    pub cache: Option<PathBuf>,
}

impl Options {
    /// The fastest arithmetic of this machine, all its cores, tables of at most 200 MB, and no cache.
    pub fn detect() -> Self {
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self { instructions: Instructions::detect(), threads, budget: 200_000_000, cache: None }
    }
}

/// Time of each phase of one proof on the clock. With several threads the first four run side by side, and each is its own time.
#[derive(Debug, Clone, Copy, Default)]
pub struct Phases {
    /// Digits of the values.
    pub digits: Duration,
    /// Products with the matrices, transforms, and the digits of the quotient.
    pub transforms: Duration,
    /// The sum for A.
    pub a: Duration,
    /// The sum for B in G2.
    pub b2: Duration,
    /// The sum for C: L, H and r·B in G1.
    pub c: Duration,
    /// The sum of the inputs and the pairings.
    pub check: Duration,
}

/// Makes proofs from tables.
pub struct TableEngine {
    options: Options,
    quotient: Quotient,
    tables: Tables,
    /// Of the verifying key's input points. Never from a file: a file must not be able to tell the check of proofs what holds.
    inputs: Table<G1>,
    variables: usize,
    key: PreparedVerifyingKey<Bn254>,
    beta_g1: G1Affine,
    delta_g1: G1Affine,
}

/// What doesn't need the quotient's values, and they.
enum Part {
    Quotient(Zeroizing<Vec<F>>),
    First(G1Projective),
    Second(G2Projective),
}

impl TableEngine {
    /// An engine for a proving key that belongs to these matrices, as
    /// [`ProvingKeyFile::into_key_for`](crate::proving_key::ProvingKeyFile::into_key_for) has found; `hash` is its file's.
    ///
    /// Tables come from the cache if there is a file for exactly this key, circuit and arithmetic. Where there is none, they are made, which
    /// takes seconds, and kept. `progress` hears of it.
    ///
    /// # Errors
    /// A file that is damaged, or that others may write, is rejected, not replaced.
    pub fn new(
        key: &ProvingKey<Bn254>,
        hash: Digest,
        matrices: &Matrices,
        options: Options,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<Self, TableError> {
        let size = matrices.size().next_power_of_two();
        let quotient = Quotient::new(options.instructions, matrices).ok_or(TableError::Domain(size))?;
        let sizes = [matrices.variables, size];
        let subject = Subject { instructions: options.instructions, key: hash, circuit: matrices.digest(), sizes };
        let make = || preprocess(options.instructions, options.threads, options.budget, key, matrices, progress);
        let tables = match &options.cache {
            None => make()?,
            Some(file) if file.exists() => Tables::open(subject, file)?,
            Some(file) => {
                let tables = make()?;
                tables.write(subject, file)?;
                tables
            }
        };
        // Inputs are few, and words small: a sparse table will do.
        let layout = Layout { stride: 4, ..tables.a.layout() };
        Ok(Self {
            inputs: Table::build(options.instructions, options.threads, &key.vk.gamma_abc_g1, layout)?,
            options,
            quotient,
            tables,
            variables: matrices.variables,
            key: key.vk.clone().into(),
            beta_g1: key.beta_g1,
            delta_g1: key.delta_g1,
        })
    }

    /// Bytes of all tables.
    pub fn table_bytes(&self) -> usize {
        self.tables.bytes()
    }

    /// One proof for each of many statements, each on one of `threads` threads: the highest throughput. Memory is bounded by their number.
    pub fn prove_batch<V: AsRef<[F]> + Sync>(
        &self,
        threads: usize,
        statements: &[V],
    ) -> Vec<Result<Proof<Bn254>, EngineError>> {
        parallel(threads, statements.len(), |i| self.prove_on(1, statements[i].as_ref()).map(|(proof, _)| proof))
    }

    /// A proof on that many threads, with the time of each phase.
    pub fn prove_on(&self, threads: usize, values: &[F]) -> Result<(Proof<Bn254>, Phases), EngineError> {
        let mut rng = os_seeded_rng()?;
        let blinding = Zeroizing::new([F::rand(&mut rng), F::rand(&mut rng)]);
        self.prove_with(threads, values, &blinding)
    }

    fn prove_with(&self, threads: usize, values: &[F], [r, s]: &[F; 2]) -> Result<(Proof<Bn254>, Phases), EngineError> {
        if values.len() != self.variables {
            return Err(EngineError::Variables { expected: self.variables, found: values.len() });
        }
        let (instructions, tables) = (self.options.instructions, &self.tables);
        let start = Instant::now();
        let twists = tables.b2.scalars();
        let mut digits =
            Digits::with_capacity(values.len() + self.quotient.size() + twists.len(), tables.c.layout().width);
        digits.extend(values.iter());
        let mut phases = Phases { digits: start.elapsed(), ..Phases::default() };

        // The longest first. With more than two threads, each sum uses several.
        let each = threads.div_ceil(2);
        let parts = parallel(threads, 4, |i| {
            let start = Instant::now();
            let part = match i {
                0 => Part::Second(tables.b2.sum(instructions, each, &digits)),
                1 => Part::Quotient(self.quotient.evaluate(values, each)),
                2 => Part::First(tables.a.sum(instructions, each, &digits)),
                _ => Part::First(self.inputs.sum(instructions, each, &digits)),
            };
            (part, start.elapsed())
        });
        let (mut firsts, mut second) = ([G1Projective::default(); 2], G2Projective::default());
        let times = [0, 1, 2, 3].map(|i| parts[i].1);
        let start = Instant::now();
        for (i, (part, _)) in parts.into_iter().enumerate() {
            match part {
                Part::Quotient(product) => digits.extend(product.iter()),
                Part::First(sum) => firsts[i - 2] = sum,
                Part::Second(sum) => second = sum,
            }
        }
        phases.transforms = times[1] + start.elapsed();

        let start = Instant::now();
        let scaled = Zeroizing::new(twists.iter().map(|i| values[*i as usize] * r).collect::<Vec<_>>());
        digits.extend(scaled.iter());
        let c = tables.c.sum(instructions, threads, &digits);
        drop(digits);
        phases.c = start.elapsed();

        let start = Instant::now();
        let [a, inputs] = firsts;
        let vk = &self.key.vk;
        let a = a + vk.alpha_g1 + self.delta_g1 * r;
        let b2 = second + vk.beta_g2 + vk.delta_g2 * s;
        // r·B = r·β + r·s·δ + what the sum has, and C takes r·s·δ off again.
        let c = c + a * s + self.beta_g1 * r;
        let points = G1Projective::normalize_batch(&[a, c]);
        let proof = Proof { a: points[0], b: G2Affine::from(b2), c: points[1] };
        #[allow(clippy::disallowed_methods, reason = "the inputs' sum is over exactly the key's input points")]
        let holds = Groth16::<Bn254>::verify_proof_with_prepared_inputs(&self.key, &proof, &inputs)?;
        if !holds {
            return Err(EngineError::Invalid);
        }
        let [b2_time, _, a_time, inputs_time] = times;
        (phases.b2, phases.a, phases.check) = (b2_time, a_time, inputs_time + start.elapsed());
        Ok((proof, phases))
    }
}

impl ProvingEngine for TableEngine {
    fn prove(&self, values: &[F]) -> Result<Proof<Bn254>, EngineError> {
        self.prove_on(self.options.threads, values).map(|(proof, _)| proof)
    }
}

#[cfg(test)]
mod tests;
