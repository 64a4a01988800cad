//! The plaintext of a record, as it is sealed: fixed layout, so that a ciphertext's length depends on the schema alone.

use crate::integrity::Integrity;
use sealroot_protocol::{
    curve::{Point, PublicKey},
    date::{Date, FactsPeriod},
    field::{self, F},
    record::{Attributes, Record, Salt, Serial, Subject},
    schema::{ATTRIBUTES, SchemaId},
};
use zeroize::Zeroizing;

/// Form of these bytes.
const FORM: u8 = 1;
/// Everything but the attributes.
const FIXED: usize = 1 + 1 + 1 + 64 + 4 + 32 + 4 + 32 + 32;

/// Form, number of attributes in the schema, whether there is a holder, PK.x, PK.y, holder_since, subject, period, serial, salt, attributes;
/// integers and elements big-endian. `used` is the schema's number of attributes.
pub(crate) fn encode(record: &Record, used: usize) -> Zeroizing<Vec<u8>> {
    let used = used.min(ATTRIBUTES);
    let mut out = Zeroizing::new(Vec::with_capacity(FIXED + 32 * used));
    let (x, y) = record.holder_coordinates();
    out.extend_from_slice(&[FORM, used as u8, u8::from(record.holder.is_some())]);
    out.extend_from_slice(&field::to_bytes(x));
    out.extend_from_slice(&field::to_bytes(y));
    out.extend_from_slice(&record.holder_since_value().to_be_bytes());
    out.extend_from_slice(&field::to_bytes(record.subject.0));
    out.extend_from_slice(&record.period.value().to_be_bytes());
    out.extend_from_slice(&field::to_bytes(record.serial.0));
    out.extend_from_slice(&field::to_bytes(record.salt.0));
    for value in &record.attributes.0[..used] {
        out.extend_from_slice(&field::to_bytes(*value));
    }
    out
}

/// Reads what [`encode`] writes and nothing else.
pub(crate) fn decode(schema_id: SchemaId, bytes: &[u8]) -> Result<Record, Integrity> {
    let mut rest = bytes;
    let [form, used, has_holder] = take(&mut rest)?;
    if form != FORM || usize::from(used) > ATTRIBUTES || has_holder > 1 {
        return Err(Integrity::Encoding);
    }
    let (x, y) = (element(&mut rest)?, element(&mut rest)?);
    let holder = match has_holder {
        1 => Some(PublicKey::new(Point::new(x, y).map_err(bad)?).map_err(bad)?),
        _ if x == F::from(0u8) && y == F::from(0u8) => None,
        _ => return Err(Integrity::Encoding),
    };
    let since = u32::from_be_bytes(take(&mut rest)?);
    let holder_since = if since == 0 { None } else { Some(Date::from_yyyymmdd(since).map_err(bad)?) };
    let subject = Subject(element(&mut rest)?);
    let period = FactsPeriod::from_value(u32::from_be_bytes(take(&mut rest)?)).map_err(bad)?;
    let serial = Serial(element(&mut rest)?);
    let salt = Salt(element(&mut rest)?);
    let mut attributes = Attributes([F::from(0u8); ATTRIBUTES]);
    for slot in &mut attributes.0[..usize::from(used)] {
        *slot = element(&mut rest)?;
    }
    if !rest.is_empty() {
        return Err(Integrity::Encoding);
    }
    Ok(Record { schema_id, attributes, holder, holder_since, subject, period, serial, salt })
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], Integrity> {
    let (head, tail) = rest.split_first_chunk::<N>().ok_or(Integrity::Encoding)?;
    *rest = tail;
    Ok(*head)
}

fn element(rest: &mut &[u8]) -> Result<F, Integrity> {
    field::from_bytes(&take(rest)?).map_err(bad)
}

fn bad<E>(_: E) -> Integrity {
    Integrity::Encoding
}
