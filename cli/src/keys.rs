//! A directory of key files with `keys.json`, which pins each by hash.

use crate::{
    failure::{Failure, OrFail, Outcome},
    files::{self, Form, Output, shown},
};
use sealroot_files::sweep_named;
use sealroot_parties_ports::HostError;
use sealroot_protocol::{canonical::Suite, code::Code, field::Digest, machine::Shape};
use sealroot_prover::{
    LoadError, Prover,
    engine::{Options, Progress},
    setup::KeyFiles,
};
use sealroot_prover_party::ProvingKeys;
use sealroot_verifier::{
    key_header::KeySecurity,
    universal_key::{UniversalKey, UniversalKeys},
};
use serde::{Deserialize, Serialize};
use std::{
    borrow::Borrow,
    path::{Path, PathBuf},
};

/// Name of the file that pins the others.
const PINS: &str = "keys.json";

/// How the names of table files end, after shape and arithmetic.
const TABLES: &str = ".tables";

/// Where keys are found, and whether development keys are accepted.
#[derive(Debug, Clone, clap::Args)]
pub struct KeyArgs {
    /// Directory made by `sealroot setup`
    #[arg(long, value_name = "DIR", env = "SEALROOT_KEYS", default_value = "keys")]
    pub keys: PathBuf,
    /// Accept keys of a development setup, whose maker can forge proofs
    #[arg(long, env = "SEALROOT_ALLOW_INSECURE_DEV_KEYS")]
    pub allow_insecure_dev_keys: bool,
}

impl KeyArgs {
    /// The verifying keys of all shapes.
    pub fn universal_keys(&self) -> Outcome<UniversalKeys> {
        let directory = KeyDirectory::new(&self.keys);
        let mut keys = UniversalKeys::new();
        for pins in directory.pins()? {
            keys = keys.with(directory.universal_key(&pins, self.security())?);
        }
        Ok(keys)
    }

    /// The shapes that the directory has keys for.
    pub fn shapes(&self) -> Outcome<Vec<Shape>> {
        Ok(KeyDirectory::new(&self.keys).pins()?.iter().map(|pins| pins.shape).collect())
    }

    /// Whether `sealroot setup --tables` made tables of this shape for this kind of processor.
    pub fn has_tables(&self, shape: Shape) -> bool {
        KeyDirectory::new(&self.keys).tables_path(shape, &Options::detect()).exists()
    }

    /// A prover for one shape, with tables if there are any.
    pub fn prover(&self, shape: Shape) -> Outcome<Prover> {
        let directory = KeyDirectory::new(&self.keys);
        if self.has_tables(shape) {
            return directory.prover_with_tables(shape, Options::detect(), self.security(), &|_, _| ());
        }
        let pins = directory.pins_of(shape)?;
        let universal = directory.universal_key(&pins, self.security())?;
        let proving = files::read(&directory.proving_path(shape))?;
        Prover::load(universal, &proving, pins.proving_key, self.security()).or_fail(Code::BadProvingKey)
    }

    /// The verifying key of one shape.
    pub fn universal_key(&self, shape: Shape) -> Outcome<UniversalKey> {
        let directory = KeyDirectory::new(&self.keys);
        directory.universal_key(&directory.pins_of(shape)?, self.security())
    }

    fn security(&self) -> KeySecurity {
        if self.allow_insecure_dev_keys { KeySecurity::AllowInsecure } else { KeySecurity::ProductionOnly }
    }
}

impl ProvingKeys for KeyArgs {
    fn prover(&self, shape: Shape) -> Result<impl Borrow<Prover>, HostError> {
        Ok(Self::prover(self, shape)?)
    }
}

/// Name of a universal key file, in a directory of keys and beside a trust file.
pub fn universal_key_file(shape: Shape) -> String {
    format!("{shape}.universal.key")
}

/// The hashes of one shape's key files.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pins {
    /// The shape.
    pub shape: Shape,
    /// SHA-256 of the universal key file.
    pub universal_key: Digest,
    /// SHA-256 of the proving key file.
    pub proving_key: Digest,
    /// Made by a development setup.
    pub insecure: bool,
}

/// `keys.json`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PinsFile {
    suite: Suite,
    /// One for each shape.
    pub keys: Vec<Pins>,
}

/// Where the key files of one shape go.
pub struct KeyPlaces {
    universal: Output,
    proving: Output,
}

/// The directory.
pub struct KeyDirectory<'a>(&'a Path);

impl<'a> KeyDirectory<'a> {
    /// At a path; nothing is read yet.
    pub fn new(path: &'a Path) -> Self {
        Self(path)
    }

    /// Places for both files of one shape. Keys that are there are never replaced: a ceremony can't be held again, and what was proved under them could
    /// be proved no more.
    pub fn places(&self, shape: Shape) -> Outcome<KeyPlaces> {
        if self.0.join(PINS).exists() && self.pins()?.iter().any(|pins| pins.shape == shape) {
            let message = format!("{} has keys of the {shape} shape, which are never replaced", shown(self.0));
            return Err(Failure::new(Code::FileProtected, message)
                .advice("name another directory, or choose with --shape what is missing in this one"));
        }
        let place = |path: PathBuf| {
            Output::new(&path, Form::public("a key of a setup")).map_err(|failure| match failure.code() {
                Code::FileExists => failure.advice(format!(
                    "{PINS} doesn't list it: an interrupted setup may have left it, or a copy began; look what it is, and move it away or name another directory"
                )),
                _ => failure,
            })
        };
        Ok(KeyPlaces { universal: place(self.universal_path(shape))?, proving: place(self.proving_path(shape))? })
    }

    /// Writes both files of one shape, and removes tables that were made for other keys.
    pub fn write(&self, places: KeyPlaces, made: &KeyFiles) -> Outcome<Pins> {
        let shape = made.universal.shape();
        self.remove_tables(shape)?;
        places.universal.put(&made.universal.to_bytes())?;
        places.proving.put(&made.proving_key)?;
        Ok(Pins {
            shape,
            universal_key: made.universal.hash(),
            proving_key: made.proving_key_hash,
            insecure: made.universal.is_insecure(),
        })
    }

    /// Writes `keys.json`: these pins, and those of other shapes that were there.
    pub fn write_pins(&self, pins: &[Pins]) -> Outcome<()> {
        let path = self.0.join(PINS);
        let mut keys = if path.exists() { self.pins()? } else { Vec::new() };
        keys.retain(|old| pins.iter().all(|new| new.shape != old.shape));
        keys.extend_from_slice(pins);
        keys.sort_by_key(|pins| Shape::ALL.iter().position(|shape| *shape == pins.shape));
        files::keep(&path, Form::public("a list of keys"), &PinsFile { suite: Suite, keys }, |_| true).map(drop)
    }

    /// Path of a universal key file.
    pub fn universal_path(&self, shape: Shape) -> PathBuf {
        self.0.join(universal_key_file(shape))
    }

    /// Tables for this kind of processor.
    pub fn tables_path(&self, shape: Shape, options: &Options) -> PathBuf {
        self.0.join(format!("{shape}.{}{TABLES}", options.instructions.name()))
    }

    /// Removes the tables of one shape, for every kind of processor.
    pub fn remove_tables(&self, shape: Shape) -> Outcome<()> {
        let begun = |name: &str| name.starts_with(&format!("{shape}.")) && name.ends_with(".new");
        for left in sweep_named(self.0, begun) {
            tracing::warn!("{}: an interrupted run left it unfinished; it is removed", shown(&left));
        }
        let entries = match std::fs::read_dir(self.0) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            entries => entries?,
        };
        for entry in entries {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if name.starts_with(&format!("{shape}.")) && name.ends_with(TABLES) {
                std::fs::remove_file(self.0.join(name))?;
            }
        }
        Ok(())
    }

    /// A prover whose tables are read from their file, or made and written to it; `progress` hears steps done, of how many.
    pub fn prover_with_tables(
        &self,
        shape: Shape,
        mut options: Options,
        security: KeySecurity,
        progress: &(dyn Fn(usize, usize) + Sync),
    ) -> Outcome<Prover> {
        let pins = self.pins_of(shape)?;
        let universal = self.universal_key(&pins, security)?;
        let proving = files::read(&self.proving_path(shape))?;
        options.cache = Some(self.tables_path(shape, &options));
        let progress = |step: Progress| progress(step.done, step.of);
        Prover::load_with_tables(universal, &proving, pins.proving_key, security, options, &progress).map_err(|e| {
            match e {
                LoadError::Key(e) => Failure::new(Code::BadProvingKey, e),
                LoadError::Tables(e) => Failure::new(Code::BadTables, e).advice(
                    "`sealroot setup --tables` makes them again; without the file, proofs are made from the key alone",
                ),
            }
        })
    }

    fn proving_path(&self, shape: Shape) -> PathBuf {
        self.0.join(format!("{shape}.proving.key"))
    }

    /// The hashes of all shapes' key files.
    pub fn pins(&self) -> Outcome<Vec<Pins>> {
        let path = self.0.join(PINS);
        let file: PinsFile = files::read_document(&path)
            .map_err(|e| e.advice("make keys with `sealroot setup`, or name their directory with --keys"))?;
        Ok(file.keys)
    }

    fn pins_of(&self, shape: Shape) -> Outcome<Pins> {
        self.pins()?
            .into_iter()
            .find(|p| p.shape == shape)
            .ok_or_else(|| Failure::new(Code::NoKey, format!("{} has no {shape} key", shown(self.0))))
    }

    fn universal_key(&self, pins: &Pins, security: KeySecurity) -> Outcome<UniversalKey> {
        let bytes = files::read(&self.universal_path(pins.shape))?;
        UniversalKey::from_pinned(&bytes, pins.universal_key, security).map_err(|e| {
            let failure = Failure::new(Code::BadUniversalKey, e);
            if pins.insecure && security == KeySecurity::ProductionOnly {
                failure.advice("these are development keys; --allow-insecure-dev-keys accepts them")
            } else {
                failure
            }
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn keys_of_one_shape_leave_the_others_pinned() {
        let directory = tempfile::tempdir().unwrap();
        let keys = KeyDirectory::new(directory.path());
        let pins = |shape, n| {
            let digest = Digest([n; 32]);
            Pins { shape, universal_key: digest, proving_key: digest, insecure: true }
        };
        let found = || -> Vec<_> { keys.pins().unwrap().into_iter().map(|p| (p.shape, p.proving_key.0[0])).collect() };
        keys.write_pins(&[pins(Shape::Household, 1)]).unwrap();
        keys.write_pins(&[pins(Shape::Solo, 2)]).unwrap();
        assert_eq!(found(), [(Shape::Solo, 2), (Shape::Household, 1)]);
        keys.write_pins(&[pins(Shape::Household, 3)]).unwrap();
        assert_eq!(found(), [(Shape::Solo, 2), (Shape::Household, 3)]);
    }
}
