//! Table files of a tiny circuit, with a right head and a right hash: what stands behind them is the attacker's.
//!
//! Nothing of a file has a part in the engine's check of its proofs, so an engine that was made from any file gives a proof that holds, or none.

use crate::fixed;
use ark_bn254::Bn254;
use ark_groth16::{Groth16, ProvingKey, r1cs_to_qap::LibsnarkReduction};
use ark_relations::{
    gr1cs::{ConstraintSynthesizer, ConstraintSystemRef, SynthesisError, Variable},
    lc,
};
use ark_std::rand::{SeedableRng, rngs::StdRng};
use sealroot_circuits::system::{Matrices, Matrix};
use sealroot_protocol::field::{Digest, F};
use sealroot_prover::engine::{Options, ProvingEngine, TableEngine, TableError};
use sha2::{Digest as _, Sha256};
use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf, sync::LazyLock};
use tempfile::TempDir;

/// Where the hash stands, and where what it is taken over begins.
const HASH: std::ops::Range<usize> = 88..120;
const SIZES: std::ops::Range<usize> = 120..168;
const BODY: usize = 256;

/// `z = x^(LENGTH + 1)` with `z` public, one multiplication a row: enough rows for a transform in lanes.
struct Power;

const LENGTH: usize = 200;

/// Where a power of `x` stands: 1 and `z` come first.
fn place(power: usize) -> usize {
    if power == LENGTH + 1 { 1 } else { power + 1 }
}

impl ConstraintSynthesizer<F> for Power {
    fn generate_constraints(self, cs: ConstraintSystemRef<F>) -> Result<(), SynthesisError> {
        let value = || Err(SynthesisError::AssignmentMissing);
        let mut variables = vec![Variable::One, cs.new_input_variable(value)?];
        for _ in 1..=LENGTH {
            variables.push(cs.new_witness_variable(value)?);
        }
        let of = |power: usize| lc!() + variables[place(power)];
        for power in 1..=LENGTH {
            cs.enforce_r1cs_constraint(|| of(power), || of(1), || of(power + 1))?;
        }
        Ok(())
    }
}

struct Fixture {
    matrices: Matrices,
    key: ProvingKey<Bn254>,
    /// A file that the engine wrote itself.
    file: Vec<u8>,
    directory: TempDir,
}

static FIXTURE: LazyLock<Fixture> = LazyLock::new(|| {
    let row = |power: usize| vec![(F::from(1u8), place(power))];
    let a = Matrix::from_rows((1..=LENGTH).map(row).collect());
    let b = Matrix::from_rows((1..=LENGTH).map(|_| row(1)).collect());
    let c = Matrix::from_rows((1..=LENGTH).map(|power| row(power + 1)).collect());
    let matrices = Matrices { instance: 2, variables: LENGTH + 2, a, b, c, sections: Vec::new() };
    let mut random = StdRng::seed_from_u64(7);
    let key = Groth16::<Bn254, LibsnarkReduction>::generate_random_parameters_with_reduction(Power, &mut random);
    let directory = fixed(tempfile::tempdir());
    let mut fixture = Fixture { matrices, key: fixed(key), file: Vec::new(), directory };
    let path = fixture.directory.path().join("honest.tables");
    if let Err(error) = fixture.engine(path.clone()) {
        fixed(Err::<(), _>(error));
    }
    fixture.file = fixed(fs::read(path));
    fixture
});

impl Fixture {
    fn engine(&self, cache: PathBuf) -> Result<TableEngine, TableError> {
        let options = Options { threads: 1, budget: 1 << 24, cache: Some(cache), ..Options::detect() };
        TableEngine::new(&self.key, Digest([7; 32]), &self.matrices, options, &|_| {})
    }
}

/// Bytes behind the head are replaced, from the place that the first two bytes say, and the hash is made right again.
pub fn table_file(data: &[u8]) {
    let Some((offset, bytes)) = data.split_first_chunk::<2>() else { return };
    let fixture = &*FIXTURE;
    let mut file = fixture.file.clone();
    let at = SIZES.start + usize::from(u16::from_le_bytes(*offset)) % (file.len() - SIZES.start);
    // The padding of the head has to be 0, and is not hashed.
    let changeable = |at: usize| SIZES.contains(&at) || at >= BODY;
    for (byte, at) in bytes.iter().zip(at..file.len()).filter(|(_, at)| changeable(*at)) {
        file[at] = *byte;
    }
    let mut hash = Sha256::new();
    hash.update(&file[SIZES]);
    hash.update(&file[BODY..]);
    file[HASH].copy_from_slice(&hash.finalize());

    let path = fixture.directory.path().join(format!("changed-{}", std::process::id()));
    fixed(fs::write(&path, &file));
    fixed(fs::set_permissions(&path, fs::Permissions::from_mode(0o600)));
    let Ok(engine) = fixture.engine(path) else {
        assert!(file != fixture.file, "the engine's own file is read");
        return;
    };
    let mut values = vec![F::from(1u8); LENGTH + 2];
    let mut power = F::from(1u8);
    for exponent in 1..=LENGTH + 1 {
        power *= F::from(3u8);
        values[place(exponent)] = power;
    }
    match engine.prove(&values) {
        Ok(proof) => {
            let key = fixture.key.vk.clone().into();
            #[expect(
                clippy::disallowed_methods,
                reason = "one input, as the key has; an opinion that isn't the engine's"
            )]
            let holds = fixed(Groth16::<Bn254>::verify_proof(&key, &proof, &values[1..2]));
            assert!(holds, "a proof that doesn't hold was handed out");
        }
        Err(_) => assert!(file != fixture.file, "the engine's own file proves"),
    }
}
