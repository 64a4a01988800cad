//! Keyed references: what rows are found by, under a key of this vault alone, so that two stolen databases can't be joined on them.

use crate::{keys::KeyRing, store::Reference};
use sealroot_protocol::{
    field,
    record::{Serial, Subject},
    schema::SchemaId,
};

/// Of a person.
pub(crate) fn subject(ring: &KeyRing, subject: Subject) -> Reference {
    ring.reference("sealroot/1:ref-subject", &[&field::to_bytes(subject.0)])
}

/// Of the vault's own states, in its access log.
pub(crate) fn state(ring: &KeyRing) -> Reference {
    ring.reference("sealroot/1:ref-state", &[])
}

/// Of everybody in the vault, in the access log: a restore concerns them all.
pub(crate) fn everybody(ring: &KeyRing) -> Reference {
    ring.reference("sealroot/1:ref-everybody", &[])
}

/// Of many people at once, in the access log: those whom a file was compared with.
pub(crate) fn files(ring: &KeyRing) -> Reference {
    ring.reference("sealroot/1:ref-files", &[])
}

/// Of what an id looks like.
pub(crate) fn skeleton(ring: &KeyRing, skeleton: &str) -> Reference {
    ring.reference("sealroot/1:ref-skeleton", &[skeleton.as_bytes()])
}

/// Of somebody as a member of the households of a schema and period.
pub(crate) fn member(ring: &KeyRing, schema: SchemaId, subject: Subject, period: u32) -> Reference {
    let parts: [&[u8]; 3] = [&field::to_bytes(schema.0), &field::to_bytes(subject.0), &period.to_be_bytes()];
    ring.reference("sealroot/1:ref-member", &parts)
}

/// Of somebody who is to represent the subject: no reference of the subject's own.
pub(crate) fn representation(ring: &KeyRing, subject: Subject) -> Reference {
    ring.reference("sealroot/1:ref-representation", &[&field::to_bytes(subject.0)])
}

/// Of a record's serial, in its schema and period.
pub(crate) fn serial(ring: &KeyRing, schema: SchemaId, serial: Serial, period: u32) -> Reference {
    let parts: [&[u8]; 3] = [&field::to_bytes(schema.0), &field::to_bytes(serial.0), &period.to_be_bytes()];
    ring.reference("sealroot/1:ref-serial", &parts)
}

/// Of the one live record of a schema, subject and period; of one serial's among them where a schema has many.
pub(crate) fn lookup(
    ring: &KeyRing,
    schema: SchemaId,
    subject: Subject,
    period: u32,
    serial: Option<Serial>,
) -> Reference {
    let serial = serial.map_or([0; 32], |s| field::to_bytes(s.0));
    let parts: [&[u8]; 4] = [&field::to_bytes(schema.0), &field::to_bytes(subject.0), &period.to_be_bytes(), &serial];
    ring.reference("sealroot/1:ref-lookup", &parts)
}
