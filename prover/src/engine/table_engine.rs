//! The engine for a circuit that does not change: every base of every sum is known before the first proof, and has its table.
//!
//! Guarantees: a proof that it hands out verifies under the key; with the same r and s it is the proof that ark-groth16 makes. Values,
//! evaluations, digits and r, s are wiped. Non-guarantees: the lanes' registers and buffers of sums are not wiped (they hold sums of
//! points), and time depends on the values.

use super::preprocess::{Progress, preprocess};
use super::quotient::Quotient;
use super::tables::{Subject, TableError, Tables};
use super::{EngineError, ProvingEngine, os_seeded_rng};
use ark_bn254::{Bn254, G1Affine, G1Projective, G2Affine, G2Projective};
use ark_ec::CurveGroup;
use ark_ff::UniformRand;
use ark_groth16::{Groth16, PreparedVerifyingKey, Proof, ProvingKey};
use sealroot_circuits::system::Matrices;
use sealroot_lanes::Path;
use sealroot_lanes::digits::Digits;
use sealroot_lanes::scale::parallel;
use sealroot_protocol::field::{Digest, F};
use std::path::PathBuf;
use std::time::{Duration, Instant};
use zeroize::{Zeroize, Zeroizing};

/// How an engine is made and how it works.
#[derive(Debug, Clone)]
pub struct Options {
    /// Which arithmetic.
    pub path: Path,
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
        Self { path: Path::detect(), threads, budget: 200_000_000, cache: None }
    }
}

/// Time of each phase of one proof. With several threads the sums run side by side, and each is its own time.
#[derive(Debug, Clone, Copy, Default)]
pub struct Phases {
    /// Products with the matrices and transforms.
    pub transforms: Duration,
    /// Digits of the values and of the quotient.
    pub digits: Duration,
    /// The sum for A.
    pub a: Duration,
    /// The sum for B in G1.
    pub b1: Duration,
    /// The sum for B in G2.
    pub b2: Duration,
    /// The sum for L.
    pub l: Duration,
    /// The sum for H.
    pub h: Duration,
    /// The sum of the inputs and the pairings.
    pub check: Duration,
}

/// Makes proofs from tables.
pub struct TableEngine {
    options: Options,
    quotient: Quotient,
    tables: Tables,
    variables: usize,
    instance: usize,
    key: PreparedVerifyingKey<Bn254>,
    beta_g1: G1Affine,
    delta_g1: G1Affine,
}

/// A finished part of a proof.
enum Part {
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
    /// A file that is damaged, or that others may write, is refused, not replaced.
    pub fn new(
        key: &ProvingKey<Bn254>,
        hash: Digest,
        matrices: &Matrices,
        options: Options,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<Self, TableError> {
        let size = matrices.size().next_power_of_two();
        let quotient = Quotient::new(options.path, matrices).ok_or(TableError::Domain(size))?;
        let subject = Subject { path: options.path, key: hash, circuit: matrices.digest() };
        let make = || preprocess(options.path, options.threads, options.budget, key, matrices, progress);
        let tables = match &options.cache {
            None => make()?,
            Some(file) if file.exists() => Tables::open(subject, file)?,
            Some(file) => {
                let tables = make()?;
                tables.write(subject, file)?;
                tables
            }
        };
        Ok(Self {
            options,
            quotient,
            tables,
            variables: matrices.variables,
            instance: matrices.instance,
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
        let mut phases = Phases::default();
        let (path, tables) = (self.options.path, &self.tables);
        let start = Instant::now();
        let digits = Digits::new(values, tables.a.layout().width);
        phases.digits = start.elapsed();

        // The longest first. With more than four threads, each sum uses several.
        let each = threads.div_ceil(4).max(1);
        let parts = parallel(threads, 6, |i| {
            let start = Instant::now();
            let mut before = [Duration::ZERO; 2];
            let part = match i {
                0 => {
                    let product = self.quotient.evaluate(values, each);
                    before[0] = start.elapsed();
                    let digits = Digits::new(&product, tables.h.layout().width);
                    drop(product);
                    before[1] = start.elapsed() - before[0];
                    Part::First(tables.h.sum(path, each, &digits))
                }
                1 => Part::Second(tables.b2.sum(path, each, &digits)),
                2 => Part::First(tables.l.sum(path, each, &digits)),
                3 => Part::First(tables.a.sum(path, each, &digits)),
                4 => Part::First(tables.b1.sum(path, each, &digits)),
                _ => Part::First(tables.inputs.sum(path, each, &digits)),
            };
            (part, before, start.elapsed())
        });
        drop(digits);
        let mut firsts = [G1Projective::default(); 5];
        let mut second = G2Projective::default();
        let mut times = [Duration::ZERO; 6];
        let mut place = 0;
        for (i, (part, [transforms, digits], time)) in parts.into_iter().enumerate() {
            phases.transforms += transforms;
            phases.digits += digits;
            times[i] = time - transforms - digits;
            match part {
                Part::First(sum) => {
                    firsts[place] = sum;
                    place += 1;
                }
                Part::Second(sum) => second = sum,
            }
        }
        let [h, l, a, b1, inputs] = firsts;
        let vk = &self.key.vk;
        let a = a + vk.alpha_g1 + self.delta_g1 * r;
        let b1 = b1 + self.beta_g1 + self.delta_g1 * s;
        let b2 = second + vk.beta_g2 + vk.delta_g2 * s;
        let mut rs = *r * s;
        let c = a * s + b1 * r - self.delta_g1 * rs + l + h;
        rs.zeroize();
        let points = G1Projective::normalize_batch(&[a, c]);
        let proof = Proof { a: points[0], b: G2Affine::from(b2), c: points[1] };

        let start = Instant::now();
        #[allow(clippy::disallowed_methods, reason = "the inputs' sum is over exactly the key's inputs, in its table")]
        let holds = Groth16::<Bn254>::verify_proof_with_prepared_inputs(&self.key, &proof, &inputs)?;
        if !holds {
            return Err(EngineError::Invalid);
        }
        let [h_time, b2_time, l_time, a_time, b1_time, inputs_time] = times;
        (phases.h, phases.b2, phases.l, phases.a, phases.b1) = (h_time, b2_time, l_time, a_time, b1_time);
        phases.check = inputs_time + start.elapsed();
        debug_assert_eq!(tables.inputs.scalars().len(), self.instance, "every input has its point");
        Ok((proof, phases))
    }
}

impl ProvingEngine for TableEngine {
    fn prove(&self, values: &[F]) -> Result<Proof<Bn254>, EngineError> {
        self.prove_on(self.options.threads, values).map(|(proof, _)| proof)
    }
}

#[cfg(test)]
#[path = "table_engine_tests.rs"]
mod tests;
