//! Events of the contracts with the names that their sources give them, for programs that read a chain without our types.
//!
//! Guarantee: an event is read by the compiled interface of its contract, whole and canonical; what is not one of its events is nothing.

use crate::contracts;
use alloy_dyn_abi::{DynSolValue, EventExt};
use alloy_json_abi::{Event, EventParam, JsonAbi, Param};
use alloy_primitives::{B256, Log};
use sealroot_protocol::{name::Name, snapshot::Contracts};
use serde_json::{Map, Value};
use std::{collections::BTreeMap, sync::LazyLock};

/// Bits of an integer that every JSON reader keeps.
const EXACT_BITS: usize = 48;

/// An event in words.
#[derive(Debug, Clone, PartialEq)]
pub struct Happened {
    /// Which contract: `Agencies`, `Decisions` and so on.
    pub contract: &'static str,
    /// Its name in the contract's source.
    pub event: String,
    /// Its fields by their names there: names as text, integers up to 48 bits as numbers and up to 128 bits as decimal text, all else as hexadecimal text.
    pub fields: Map<String, Value>,
}

/// The events of each contract, by their topic.
static EVENTS: LazyLock<Vec<BTreeMap<B256, Event>>> = LazyLock::new(|| {
    let events = |json: &str| {
        let mut artefact: Value = serde_json::from_str(json).unwrap_or_default();
        let abi: JsonAbi = serde_json::from_value(artefact["abi"].take()).unwrap_or_default();
        abi.events.into_values().flatten().map(|event| (event.selector(), event)).collect()
    };
    contracts::ALL.iter().map(|(_, artefact)| events(artefact.json)).collect()
});

impl Happened {
    /// Reads an event of one of the contracts.
    pub fn read(log: &Log, contracts: &Contracts) -> Option<Self> {
        let place = contracts.in_order().iter().position(|address| *address == log.address)?;
        let event = EVENTS.get(place)?.get(log.topics().first()?)?;
        let decoded = event.decode_log(&log.data).ok()?;
        let (mut indexed, mut body) = (decoded.indexed.into_iter(), decoded.body.into_iter());
        let mut fields = Map::new();
        for EventParam { name, components, indexed: is_indexed, .. } in &event.inputs {
            let value = if *is_indexed { indexed.next()? } else { body.next()? };
            fields.insert(name.clone(), json(&event.name, name, components, value)?);
        }
        Some(Self { contract: contracts::ALL.get(place)?.0, event: event.name.clone(), fields })
    }
}

fn json(event: &str, field: &str, components: &[Param], value: DynSolValue) -> Option<Value> {
    Some(match value {
        DynSolValue::Bool(value) => value.into(),
        DynSolValue::Uint(value, bits) if bits <= EXACT_BITS => u64::try_from(value).ok()?.into(),
        DynSolValue::Int(value, bits) if bits <= EXACT_BITS => i64::try_from(value).ok()?.into(),
        DynSolValue::Uint(value, bits) if bits <= 128 => value.to_string().into(),
        DynSolValue::Uint(value, _) => format!("{value:#066x}").into(),
        DynSolValue::FixedBytes(word, 32) if is_name(event, field) => match Name::from_bytes32(&word.0) {
            Ok(name) => name.to_string().into(),
            Err(_) => word.to_string().into(),
        },
        // A currency; three zero bytes are none.
        DynSolValue::FixedBytes(word, 3) if word[..3] == [0; 3] => Value::Null,
        DynSolValue::FixedBytes(word, 3) => String::from_utf8_lossy(&word[..3]).into_owned().into(),
        DynSolValue::FixedBytes(word, size) => format!("0x{}", hex::encode(word.get(..size)?)).into(),
        DynSolValue::Address(address) => address.to_string().into(),
        DynSolValue::Bytes(bytes) => format!("0x{}", hex::encode(bytes)).into(),
        DynSolValue::Array(values) | DynSolValue::FixedArray(values) => {
            values.into_iter().map(|value| json(event, field, components, value)).collect::<Option<Vec<_>>>()?.into()
        }
        DynSolValue::Tuple(values) => {
            let named = components.iter().zip(values);
            let named = named
                .map(|(param, value)| Some((param.name.clone(), json(event, &param.name, &param.components, value)?)));
            Value::Object(named.collect::<Option<Map<_, _>>>()?)
        }
        _ => return None,
    })
}

/// Names and digests are both 32 bytes. A proposal's id is a hash, an approval's policies are versions.
fn is_name(event: &str, field: &str) -> bool {
    match field {
        "program" | "requester" | "requesters" | "owner" | "agencies" => true,
        "id" => !matches!(event, "Proposed" | "Confirmed" | "Cancelled"),
        "policies" => event == "Enacted",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Every event of every contract has only fields that are read here: one with another type would be silently left out of what is watched.
    #[test]
    fn every_event_can_be_read() {
        fn check(name: &str, ty: &str, components: &[Param]) {
            let bare = ty.trim_end_matches("[]");
            let bits = |prefix: &str, most: usize| {
                bare.strip_prefix(prefix).is_some_and(|n| n.parse::<usize>().is_ok_and(|n| n <= most))
            };
            let known = ["bool", "address", "bytes", "bytes3", "bytes32", "tuple"].contains(&bare);
            assert!(known || bits("uint", 256) || bits("int", EXACT_BITS), "{name}: {ty}");
            components.iter().for_each(|param| check(name, &param.ty, &param.components));
        }
        let events: Vec<&Event> = EVENTS.iter().flat_map(BTreeMap::values).collect();
        assert!(events.len() > 30);
        for event in events {
            event.inputs.iter().for_each(|param| check(&event.name, &param.ty, &param.components));
        }
    }
}
