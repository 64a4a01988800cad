//! Obligation *leaf*: the leaf commits to schema, facts, key, subject, period, serial and salt.

use super::is_derived;
use crate::{
    gadget::poseidon,
    system::System,
    wires::{Record, Wires},
};
use ark_ff::Zero;
use sealroot_protocol::{field::F, poseidon as native, tag::Tag};

/// Attributes in one block of the digest.
const BLOCK: usize = 8;

/// The digest of the attributes, then the leaf, with the policy's `schema_id`.
pub fn enforce<S: System>(sys: &mut S, w: &Wires<S::Num>) {
    for (i, record) in w.records().enumerate() {
        let mut digest: Option<S::Num> = None;
        for block in record.attributes.chunks_exact(BLOCK) {
            digest = Some(match digest {
                None => poseidon::hash_with_prefix(sys, &[Tag::Attributes.value(), F::zero()], block),
                Some(digest) => {
                    let mut inputs = vec![digest];
                    inputs.extend_from_slice(block);
                    poseidon::hash(sys, Tag::Attributes, &inputs)
                }
            });
        }
        if let Some(digest) = digest {
            sys.equal(&digest, &record.attributes_digest);
        }
        let leaf = poseidon::hash(sys, Tag::Leaf, &leaf_inputs(w, i, record));
        sys.equal(&leaf, &record.leaf);
    }
}

/// Schema and period are the source's, whatever the record: a record of another schema or period has another leaf.
fn leaf_inputs<T: Clone>(w: &Wires<T>, i: usize, record: &Record<T>) -> [T; 9] {
    let (schema_id, period) = match i.checked_sub(1) {
        None => (&w.words[w.layout().source(0).schema_id], &w.facts[0].period),
        Some(slot) => (&w.household.slots[slot].schema_id, &w.household.slots[slot].period),
    };
    [
        schema_id,
        &record.attributes_digest,
        &record.key.x,
        &record.key.y,
        &record.holder_since,
        &record.subject,
        period,
        &record.serial,
        &record.salt,
    ]
    .map(Clone::clone)
}

/// The native twin.
pub fn holds(w: &Wires<F>) -> bool {
    is_derived(w, derive)
}

/// Digest and leaf.
pub fn derive(w: &mut Wires<F>) {
    for i in 0..=w.household.slots.len() {
        let record = w.record_mut(i);
        record.attributes_digest = record.attributes.chunks_exact(BLOCK).fold(F::zero(), |digest, block| {
            let mut inputs = [digest; BLOCK + 1];
            inputs[1..].copy_from_slice(block);
            native::hash(Tag::Attributes, inputs)
        });
        let record = record.clone();
        w.record_mut(i).leaf = native::hash(Tag::Leaf, leaf_inputs(w, i, &record));
    }
}
