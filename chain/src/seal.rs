//! Whose seal a header holds: the signature in its extra data, as in Clique (EIP-225).

use alloy_consensus::Header;
use alloy_primitives::Address;
use sealroot_protocol::{
    evidence::{SEAL_PREFIX, seal_hash},
    signature::EthereumSignature,
};

/// The address whose key sealed a header for a chain; none if it holds no seal, or nobody's.
pub(crate) fn sealer(header: &Header, chain_id: u64) -> Option<Address> {
    let seal = header.extra_data.strip_prefix(&SEAL_PREFIX)?.try_into().ok()?;
    let unsealed = Header { extra_data: SEAL_PREFIX.into(), ..header.clone() };
    EthereumSignature::from_bytes(seal).ok()?.signer(&seal_hash(chain_id, unsealed.hash_slow())).ok()
}
