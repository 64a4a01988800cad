//! What a new version of a law changes: in words, and for whom among sample facts. A ministry asks both before it enacts.
//!
//! Guarantee: whatever the two files say differently about sources, constants, rules, outputs, dates and texts is among the changes.
//! Non-guarantee: samples are samples. What none of them shows may change, too, and amounts over samples are not a forecast.

mod changes;
mod effect;

pub use changes::{Change, Part};
pub use effect::{Effect, Inapplicable, OutputEffect, Sample, Version};

use crate::compile::Compiled;
use sealroot_protocol::language::Language;

impl Compiled {
    /// What this version changes of an earlier one, in the order of the file: first what it is, then what it asks, then what it fixes.
    pub fn changes_since(&self, earlier: &Compiled, language: Language) -> Vec<Change> {
        changes::between(earlier, self, language)
    }

    /// For whom of these samples something changes. Both versions judge each of them on the sample's day, whenever they are in force.
    pub fn effect_since(&self, earlier: &Compiled, samples: &[Sample]) -> Effect {
        effect::on(earlier, self, samples)
    }
}
