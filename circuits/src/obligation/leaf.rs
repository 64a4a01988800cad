//! Obligation *leaf*: the leaf commits to schema, facts, key, subject, period, serial and salt.

use super::is_derived;
use crate::{gadget::poseidon, system::System, wires::Wires};
use ark_ff::Zero;
use sealroot_protocol::{field::F, poseidon as native, tag::Tag};

/// Attributes in one block of the digest.
const BLOCK: usize = 8;

/// The digest of the attributes, then the leaf, with the policy's `schema_id`: a record of another schema has another
/// leaf.
pub fn enforce<S: System>(sys: &mut S, w: &Wires<S::Num>) {
    for (i, record) in w.sources.iter().enumerate() {
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

        let schema_id = &w.words[w.layout().source(i).schema_id];
        let inputs = [
            schema_id,
            &record.attributes_digest,
            &record.key.x,
            &record.key.y,
            &record.holder_since,
            &record.subject,
            &record.period,
            &record.serial,
            &record.salt,
        ];
        let leaf = poseidon::hash(sys, Tag::Leaf, &inputs.map(Clone::clone));
        sys.equal(&leaf, &record.leaf);
    }
}

/// The native twin.
pub fn holds(w: &Wires<F>) -> bool {
    is_derived(w, derive)
}

/// Digest and leaf.
pub fn derive(w: &mut Wires<F>) {
    let layout = w.layout();
    for (i, record) in w.sources.iter_mut().enumerate() {
        record.attributes_digest = record.attributes.chunks_exact(BLOCK).fold(F::zero(), |digest, block| {
            let mut inputs = [digest; BLOCK + 1];
            inputs[1..].copy_from_slice(block);
            native::hash(Tag::Attributes, inputs)
        });
        let schema_id = w.words[layout.source(i).schema_id];
        let (key, r) = (&record.key, &*record);
        let inputs =
            [schema_id, r.attributes_digest, key.x, key.y, r.holder_since, r.subject, r.period, r.serial, r.salt];
        record.leaf = native::hash(Tag::Leaf, inputs);
    }
}
