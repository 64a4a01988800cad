//! Where the contracts keep what a snapshot reads: storage slots, by Solidity's rules (`docs/spec/contracts.md`, Storage).
//!
//! The layout is today's contracts', and final; what stood elsewhere in the first ones is in `protocol/src/snapshot/first.rs`. A test of `chain` compares it with
//! the compiler's own storage layout and with the contracts' views.

use alloy_primitives::{Address, B256, U256, keccak256};

/// The last day of a policy that is in force without end.
pub const OPEN_END: u32 = 99_991_231;

/// Slot of an entry of `mapping(bytes32 => …)`: `keccak256(key ‖ slot)`.
pub fn entry(map: U256, key: B256) -> U256 {
    let mut bytes = [0; 64];
    bytes[..32].copy_from_slice(key.as_slice());
    bytes[32..].copy_from_slice(&map.to_be_bytes::<32>());
    U256::from_be_bytes(keccak256(bytes).0)
}

fn slot(number: u64, key: B256) -> U256 {
    entry(U256::from(number), key)
}

/// `keys[address]` of agencies and of requesters: owner; added u64, retired u64, revoked u64.
pub fn key(address: Address) -> U256 {
    slot(1, address.into_word())
}

/// `cards[name]` of agencies and of requesters: digest; set by (address), set u64.
pub fn card(owner: B256) -> U256 {
    slot(2, owner)
}

/// `agencies[name]` of agencies: registered u64, withdrawn u64, sequence u64, grace u32; current root.
pub fn agency(name: B256) -> U256 {
    slot(3, name)
}

/// `roots[name][root]` of agencies: sequence u64, anchored u64, superseded u64, withdrawn u64; anchored by (address), confirmed u48, access-log size u48;
/// access-log head; previous root.
pub fn root(name: B256, root: B256) -> U256 {
    entry(slot(4, name), root)
}

/// `policies[digest]` of policies: id; key hash; from u32, until u32, enacted u64, withdrawn u64, sources u8, currencies of both outputs b24 each,
/// retroactive bool; three agencies; what it replaces.
pub fn policy(digest: B256) -> U256 {
    slot(1, digest)
}

/// `programs[name]` of programs: digest; enacted u64, closed u64, first month u32, months u8, periods u16, opens u16, closes u16, correctable days u16,
/// offset i16, decided by u8; budget u128, as-of rule u8, pays u8, part u8, output u8, policies u8, freshness u8, its days u16, currency b24; eight policy ids.
pub fn program(name: B256) -> U256 {
    slot(1, name)
}

/// `standing[program][requester]` of programs: since u64, until u64.
pub fn standing(program: B256, requester: B256) -> U256 {
    entry(slot(2, program), requester)
}

/// `decisions[program][nullifier]` of decisions: request; amount u64, granted u128, approved u64; block u64, reduced u64, period's first day u32, assurance
/// u8; requester; bundle (assurance 1); reduction document (reduced ≠ 0).
pub fn decision(program: B256, nullifier: B256) -> U256 {
    entry(slot(0, program), nullifier)
}

/// `refusals[requester][root]` of decisions: requester; dated u64, block u64.
pub fn refusals(requester: B256, root: B256) -> U256 {
    entry(slot(2, requester), root)
}

/// The unsigned integer of `width` bits at bit `offset` of a packed word; the first member of a struct has the lowest bits.
pub fn bits(word: U256, offset: usize, width: usize) -> U256 {
    (word >> offset) & ((U256::ONE << width) - U256::ONE)
}
