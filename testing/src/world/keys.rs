//! One development setup of the solo shape, in the hands of an honest prover, of a cheat, and of the verifier.

use ark_std::rand::{SeedableRng, rngs::StdRng};
use sealroot_circuits::matrices;
use sealroot_protocol::machine::Shape;
use sealroot_prover::{Prover, engine::ArkEngine, insecure_dev_setup, proving_key::ProvingKeyFile, setup::KeyFiles};
use sealroot_verifier::{
    key_header::KeySecurity,
    universal_key::{UniversalKey, UniversalKeys},
};
use std::sync::OnceLock;

/// A development setup, made once per process from a fixed seed.
fn keys() -> &'static KeyFiles {
    static KEYS: OnceLock<KeyFiles> = OnceLock::new();
    KEYS.get_or_init(|| insecure_dev_setup(Shape::Solo, &mut StdRng::seed_from_u64(20_261_123)).unwrap())
}

/// A prover with those keys.
pub fn prover() -> &'static Prover {
    static PROVER: OnceLock<Prover> = OnceLock::new();
    PROVER.get_or_init(|| {
        let made = keys();
        Prover::load(made.universal.clone(), &made.proving_key, made.proving_key_hash, KeySecurity::AllowInsecure)
            .unwrap()
    })
}

/// The same keys in the hands of somebody who proves any values, true or not.
pub fn cheat() -> &'static ArkEngine {
    static ENGINE: OnceLock<ArkEngine> = OnceLock::new();
    ENGINE.get_or_init(|| {
        let (made, matrices) = (keys(), matrices(Shape::Solo));
        let file = ProvingKeyFile::from_pinned(&made.proving_key, made.proving_key_hash, KeySecurity::AllowInsecure);
        ArkEngine::new(file.unwrap().into_key_for(&made.universal, matrices).unwrap(), matrices)
    })
}

/// The verifier's keys, through the file format.
pub fn universal_keys() -> UniversalKeys {
    let key = prover().universal_key();
    UniversalKeys::new()
        .with(UniversalKey::from_pinned(&key.to_bytes(), key.hash(), KeySecurity::AllowInsecure).unwrap())
}
