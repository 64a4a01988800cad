//! A sequence of calls on the contracts and on the model, side by side.

use crate::{
    cast,
    generate::{Generator, Made},
    model::{Broken, Model},
    proofs::Prepared,
};
use sealroot_testing::evm::Evm;
use std::collections::BTreeMap;

/// After so many calls everything is compared, not only what the call was about.
const COMPARED: usize = 250;

/// What came of a sequence.
pub struct Played {
    /// The calls, up to the one that broke something.
    pub made: Vec<Made>,
    pub broken: Option<Broken>,
    /// By function; `all` counts every call that changed something.
    pub succeeded: BTreeMap<&'static str, u64>,
    /// By function and code.
    pub failed: BTreeMap<(&'static str, &'static str), u64>,
}

/// The contracts and the model.
struct Pair {
    evm: Evm,
    model: Model,
    calls: usize,
    failed: BTreeMap<(&'static str, &'static str), u64>,
}

impl Pair {
    fn new(evm: &Evm) -> Self {
        let officers = cast::OFFICERS.map(cast::address);
        // The contracts were there a second before the first call.
        let model = Model::new(evm.contracts, &officers, evm.time - 1);
        Self { evm: evm.clone(), model, calls: 0, failed: BTreeMap::new() }
    }

    fn make(&mut self, made: &Made) -> Result<(), Broken> {
        self.evm.time += made.wait;
        self.calls += 1;
        (self.model.now, self.model.block) = (self.evm.time, self.evm.number);
        // A call that fails and changes something stops in `Evm::call`.
        match self.evm.call(made.from, made.to, made.data.clone()) {
            Ok(done) if done.writes() => {
                self.model.take(made.from, made.to, &made.data, &done.logs)?;
                self.model.count("all");
                self.evm.take(done.changes);
            }
            Ok(_) => {}
            Err(failure) => *self.failed.entry((made.what, failure.code().as_str())).or_default() += 1,
        }
        if self.calls.is_multiple_of(COMPARED) { self.model.compare(&self.evm) } else { Ok(()) }
    }
}

/// A sequence from a seed.
pub fn random(evm: &Evm, prepared: &Prepared, seed: u64, length: u64) -> Played {
    let mut pair = Pair::new(evm);
    let mut generator = Generator::new(seed, prepared, &pair.model);
    let mut made = Vec::new();
    let mut broken = None;
    for _ in 0..length {
        made.push(generator.next(&pair.model));
        if let Err(words) = pair.make(&made[made.len() - 1]) {
            broken = Some(words);
            break;
        }
    }
    let broken = broken.or_else(|| pair.model.compare(&pair.evm).err());
    Played { made, broken, succeeded: pair.model.succeeded, failed: pair.failed }
}

/// The same calls again: what they break, if anything.
pub fn again(evm: &Evm, made: &[Made]) -> Option<Broken> {
    let mut pair = Pair::new(evm);
    let broken = made.iter().find_map(|made| pair.make(made).err());
    broken.or_else(|| pair.model.compare(&pair.evm).err())
}
