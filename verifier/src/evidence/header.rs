//! The few fields of a block header that evidence rests on. Headers of later forks have more fields behind these.

use super::EvidenceError;
use alloy_primitives::{B256, keccak256};
use alloy_rlp::{Decodable, Header as RlpHeader};

/// Positions in the header's list (Yellow Paper, section 4.4).
const STATE_ROOT: usize = 3;
const NUMBER: usize = 8;
const TIME: usize = 11;
/// Up to the nonce.
const FIELDS: usize = 15;

pub(super) struct Header {
    pub hash: B256,
    pub state_root: B256,
    pub number: u64,
    pub time: u64,
}

impl Header {
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, EvidenceError> {
        let mut rest = bytes;
        let list = RlpHeader::decode(&mut rest).map_err(|_| EvidenceError::Header("not RLP"))?;
        if !list.list || list.payload_length != rest.len() {
            return Err(EvidenceError::Header("not one RLP list"));
        }
        let mut fields = Vec::new();
        while !rest.is_empty() {
            let field = RlpHeader::decode_bytes(&mut rest, false).map_err(|_| EvidenceError::Header("a field is not RLP bytes"))?;
            fields.push(field);
        }
        if fields.len() < FIELDS {
            return Err(EvidenceError::Header("too few fields"));
        }
        let integer = |position: usize| {
            let canonical = alloy_rlp::encode(fields[position]);
            u64::decode(&mut canonical.as_slice()).map_err(|_| EvidenceError::Header("number or time is not an integer"))
        };
        Ok(Self {
            hash: keccak256(bytes),
            state_root: B256::try_from(fields[STATE_ROOT]).map_err(|_| EvidenceError::Header("the state root is not 32 bytes"))?,
            number: integer(NUMBER)?,
            time: integer(TIME)?,
        })
    }
}
