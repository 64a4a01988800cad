//! The few fields of a block header that evidence rests on. Headers of later forks have more fields behind these.

use super::EvidenceError;
use alloy_primitives::{B256, keccak256};
use alloy_rlp::{Decodable, Header as RlpHeader};
use sealroot_protocol::{evidence::SEAL_PREFIX, snapshot::BlockRef};

/// Positions in the header's list (Yellow Paper, section 4.4).
const PARENT: usize = 0;
const STATE_ROOT: usize = 3;
const NUMBER: usize = 8;
const TIME: usize = 11;
const EXTRA_DATA: usize = 12;
/// Up to the nonce.
const FIELDS: usize = 15;

#[derive(Debug)]
pub(super) struct Header {
    pub hash: B256,
    pub parent: B256,
    pub state_root: B256,
    pub number: u64,
    pub time: u64,
    /// The seal that the header holds, and the hash of the header without it.
    pub seal: Option<([u8; 65], B256)>,
}

impl Header {
    pub(super) fn block(&self) -> BlockRef {
        BlockRef { number: self.number, hash: self.hash, time: self.time }
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, EvidenceError> {
        let mut rest = bytes;
        let list = RlpHeader::decode(&mut rest).map_err(|_| EvidenceError::Header("not RLP"))?;
        if !list.list || list.payload_length != rest.len() {
            return Err(EvidenceError::Header("not one RLP list"));
        }
        let mut fields = Vec::new();
        while !rest.is_empty() {
            let field = RlpHeader::decode_bytes(&mut rest, false)
                .map_err(|_| EvidenceError::Header("a field is not RLP bytes"))?;
            fields.push(field);
        }
        if fields.len() < FIELDS {
            return Err(EvidenceError::Header("too few fields"));
        }
        let integer = |position: usize| {
            let canonical = alloy_rlp::encode(fields[position]);
            u64::decode(&mut canonical.as_slice())
                .map_err(|_| EvidenceError::Header("number or time is not an integer"))
        };
        Ok(Self {
            hash: keccak256(bytes),
            parent: B256::try_from(fields[PARENT])
                .map_err(|_| EvidenceError::Header("the parent's hash is not 32 bytes"))?,
            state_root: B256::try_from(fields[STATE_ROOT])
                .map_err(|_| EvidenceError::Header("the state root is not 32 bytes"))?,
            number: integer(NUMBER)?,
            time: integer(TIME)?,
            seal: seal(&fields),
        })
    }
}

/// The seal in the extra data, if there is one. Any other chain's extra data is its own.
fn seal(fields: &[&[u8]]) -> Option<([u8; 65], B256)> {
    let seal = fields[EXTRA_DATA].strip_prefix(&SEAL_PREFIX)?.try_into().ok()?;
    let unsealed = fields.iter().enumerate().map(|(i, field)| if i == EXTRA_DATA { &SEAL_PREFIX[..] } else { field });
    let payload: Vec<u8> = unsealed.flat_map(alloy_rlp::encode).collect();
    let mut list = Vec::with_capacity(payload.len() + 9);
    RlpHeader { list: true, payload_length: payload.len() }.encode(&mut list);
    list.extend_from_slice(&payload);
    Some((seal, keccak256(list)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn list(fields: &[&[u8]]) -> Vec<u8> {
        let payload: Vec<u8> = fields.iter().flat_map(|field| alloy_rlp::encode(*field)).collect();
        let mut out = Vec::new();
        RlpHeader { list: true, payload_length: payload.len() }.encode(&mut out);
        [out, payload].concat()
    }

    fn fields() -> Vec<&'static [u8]> {
        let mut fields: Vec<&[u8]> = vec![&[]; 16];
        fields[PARENT] = &[2; 32];
        fields[STATE_ROOT] = &[3; 32];
        fields[NUMBER] = &[1, 0];
        fields[TIME] = &[7];
        fields
    }

    #[test]
    fn reads_three_fields_and_hashes_all() {
        let bytes = list(&fields());
        let header = Header::decode(&bytes).unwrap();
        assert_eq!((header.number, header.time, header.state_root), (256, 7, B256::repeat_byte(3)));
        assert_eq!((header.hash, header.parent), (keccak256(&bytes), B256::repeat_byte(2)));
        // A header ends with the nonce at the earliest; later forks append fields.
        assert!(Header::decode(&list(&fields()[..FIELDS])).is_ok());
        assert!(Header::decode(&list(&[fields(), vec![&[9; 32]; 5]].concat())).is_ok());
    }

    /// The seal stands in the extra data, and is over the header without it; one byte more or less, or another beginning, is none.
    #[test]
    fn a_header_holds_its_seal() {
        let extra = [&SEAL_PREFIX[..], &[7; 65]].concat();
        let with = |extra: &[u8]| {
            let mut changed = fields();
            changed[EXTRA_DATA] = extra;
            Header::decode(&list(&changed)).unwrap()
        };
        let unsealed = with(&SEAL_PREFIX);
        assert_eq!(unsealed.seal, None);
        assert_eq!(with(&extra).seal, Some(([7; 65], unsealed.hash)));
        assert_ne!(with(&extra).hash, unsealed.hash);
        assert_eq!(with(&[&extra[..], &[0]].concat()).seal, None);
        assert_eq!(with(&extra[..96]).seal, None);
        assert_eq!(with(&[&[0; 32][..], &[7; 65]].concat()).seal, None);
        assert_eq!(with(b"sealroot/1").seal, None);
    }

    #[test]
    fn anything_else_is_not_a_header() {
        let bytes = list(&fields());
        let with = |position: usize, value: &'static [u8]| {
            let mut changed = fields();
            changed[position] = value;
            list(&changed)
        };
        for bad in [
            Vec::new(),
            bytes[..bytes.len() - 1].to_vec(),
            [&bytes[..], &[0x80]].concat(),
            list(&fields()[..14]),
            with(PARENT, &[2; 31]),
            with(STATE_ROOT, &[3; 31]),
            with(NUMBER, &[0, 1]),
            with(NUMBER, &[1; 9]),
            with(TIME, &[0]),
        ] {
            assert!(Header::decode(&bad).is_err(), "{bad:?}");
        }
        let mut nested = bytes.clone();
        nested[1] = 0xc0;
        assert!(Header::decode(&nested).is_err());
    }
}
