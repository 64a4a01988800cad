//! Faults of the call: what no bundle can say, and what the contract is told beside the bundle.

use crate::case::{Call, Case, Mutation, Stage, uint};
use alloy_primitives::{B256, Bytes, U256, keccak256};
use alloy_sol_types::SolStruct;
use rand::{RngExt, rngs::StdRng};
use sealroot_chain::contracts::decisions::Decisions::Request as RequestCall;
use sealroot_protocol::{field::F, signature::Signer};
use sealroot_testing::{evm::CHAIN_ID, town::key};

const fn call(name: &'static str, change: fn(&mut Case<'_>, &mut StdRng)) -> Mutation {
    Mutation { name, stage: Stage::Call, change }
}

const fn bytes(name: &'static str, change: fn(&mut Case<'_>, &mut StdRng)) -> Mutation {
    Mutation { name, stage: Stage::Bytes, change }
}

/// The same field element, written as another number.
pub const UNREDUCED: &[Mutation] = &[
    call("nullifier + p", |c, _| nullifier(c, 1)),
    call("nullifier + 2p", |c, _| nullifier(c, 2)),
    call("root + p", |c, r| root(c, r, 1)),
    call("root + 2p", |c, r| root(c, r, 2)),
    call("applicant + p", |c, _| applicant(c, 1)),
    call("applicant + 2p", |c, _| applicant(c, 2)),
    call("scope + p", |c, _| scope(c, p())),
    call("scope + 2p", |c, _| scope(c, p() + p())),
    call("another scope", |c, _| scope(c, U256::ONE)),
    bytes("amount + 2^64", |c, _| {
        if let Some(byte) = c.data.get_mut(4 + 3 * 32 + 23) {
            *byte = 1;
        }
        let wide = format!("0x{:064x}", (U256::ONE << 64) + U256::from(c.amount));
        text(c, "/parts/0/inputs/output_0", wide);
    }),
];

/// The forms of a signature.
pub const SIGNATURES: &[Mutation] = &[
    call("a signature in the upper half", |c, _| {
        let order = U256::from_be_bytes(hex::decode_to_array(ORDER));
        signature(c, |bytes| {
            let s = order - U256::from_be_slice(&bytes[32..64]);
            bytes[32..64].copy_from_slice(&s.to_be_bytes::<32>());
            bytes[64] = 55 - bytes[64];
        });
    }),
    call("a signature's parity as 0 or 1", |c, _| signature(c, |bytes| bytes[64] -= 27)),
    call("a signature's parity of a chain", |c, _| signature(c, |bytes| bytes[64] += 22)),
    call("a signature without parity", |c, _| signature(c, |bytes| bytes.truncate(64))),
    call("a signature with a byte more", |c, _| signature(c, |bytes| bytes.push(0))),
    call("no signature", |c, _| signature(c, Vec::clear)),
    call("a signature of zeros", |c, _| signature(c, |bytes| bytes[..64].fill(0))),
];

/// What stands beside the bundle.
pub const BESIDE: &[Mutation] = &[
    call("no bundle digest", |c, _| {
        if let Some(Call::Office(call)) = &mut c.call {
            call.bundle = B256::ZERO;
        }
    }),
    call("any bundle digest", |c, r| {
        if let Some(Call::Office(call)) = &mut c.call {
            call.bundle = B256::from(r.random::<[u8; 32]>());
        }
    }),
    call("another policy's key", |c, r| {
        let keys: Vec<_> = c.town.policy_keys.values().cloned().collect();
        let other = keys[r.random_range(0..keys.len())].clone();
        policy_key(c, r, |key| *key = other);
    }),
    call("a policy key a point shorter", |c, r| policy_key(c, r, |key| key.truncate(key.len().saturating_sub(64)))),
    call("a policy key a byte shorter", |c, r| policy_key(c, r, |key| key.truncate(key.len().saturating_sub(1)))),
    call("a policy key a point longer", |c, r| policy_key(c, r, |key| key.extend([0; 64]))),
    call("a policy key a byte longer", |c, r| policy_key(c, r, |key| key.push(0))),
    call("a policy key changed in a bit", |c, r| {
        let at = r.random_range(0..1000);
        policy_key(c, r, |key| {
            if let Some(byte) = key.get_mut(at) {
                *byte ^= 1;
            }
        });
    }),
    call("no policy key", |c, r| policy_key(c, r, Vec::clear)),
];

/// The call's bytes.
pub const ENCODING: &[Mutation] = &[
    bytes("bytes after the call", |c, r| c.data.extend(r.random::<[u8; 40]>())),
    bytes("a call cut short", |c, r| {
        let keep = r.random_range(0..c.data.len().max(1));
        c.data.truncate(keep);
    }),
    bytes("a recipient with a bit too many", |c, _| dirty(c, 11)),
    bytes("a period with a bit too many", |c, _| dirty(c, 1)),
    bytes("a nonce with a bit too many", |c, _| dirty(c, 8)),
    bytes("an expiry with a bit too many", |c, _| dirty(c, 10)),
];

const ORDER: &str = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";

fn p() -> U256 {
    uint(-F::from(1u8)) + U256::ONE
}

/// The bundle as a file has the same number in the same place.
fn text(c: &mut Case<'_>, place: &str, value: String) {
    let bundle = serde_json::to_value(c.bundle()).unwrap();
    if bundle.pointer(place).is_some() {
        c.text.push((place.to_owned(), value));
    }
}

fn hex_word(value: U256) -> String {
    format!("0x{value:064x}")
}

fn nullifier(c: &mut Case<'_>, times: u64) {
    let add = p() * U256::from(times);
    let nullifier = match c.call.as_mut().unwrap() {
        Call::Office(call) => &mut call.nullifier,
        Call::Proof(call) => &mut call.nullifier,
    };
    *nullifier = nullifier.saturating_add(add);
    let value = hex_word(*nullifier);
    text(c, "/decision/nullifier", value);
}

fn root(c: &mut Case<'_>, r: &mut StdRng, times: u64) {
    let lists: Vec<&mut Vec<U256>> = match c.call.as_mut().unwrap() {
        Call::Office(call) => call.roots.iter_mut().collect(),
        Call::Proof(call) => call.parts.iter_mut().map(|part| &mut part.roots).collect(),
    };
    let full: Vec<_> = lists.into_iter().enumerate().filter(|(_, roots)| !roots.is_empty()).collect();
    let Some(chosen) = crate::parts::pick(r, full.len()) else { return };
    let (part, roots) = full.into_iter().nth(chosen).unwrap();
    let source = r.random_range(0..roots.len());
    roots[source] = roots[source].saturating_add(p() * U256::from(times));
    let value = hex_word(roots[source]);
    text(c, &format!("/parts/{part}/inputs/roots/{source}"), value);
}

fn request<'c>(c: &'c mut Case<'_>) -> &'c mut RequestCall {
    match c.call.as_mut().unwrap() {
        Call::Office(call) => &mut call.request,
        Call::Proof(call) => &mut call.request,
    }
}

fn signature(c: &mut Case<'_>, change: impl FnOnce(&mut Vec<u8>)) {
    let place = match c.call.as_mut().unwrap() {
        Call::Office(call) => &mut call.signature,
        Call::Proof(call) => &mut call.signature,
    };
    let mut bytes = place.to_vec();
    if bytes.len() == 65 {
        change(&mut bytes);
    }
    *place = Bytes::from(bytes.clone());
    text(c, "/request/signature", format!("0x{}", alloy_primitives::hex::encode(bytes)));
}

fn policy_key(c: &mut Case<'_>, r: &mut StdRng, change: impl FnOnce(&mut Vec<u8>)) {
    let Some(Call::Proof(call)) = &mut c.call else { return };
    let Some(i) = crate::parts::pick(r, call.parts.len()) else { return };
    let mut key = call.parts[i].policyKey.to_vec();
    change(&mut key);
    call.parts[i].policyKey = key.into();
}

/// A colluding office signs what no client would.
fn applicant(c: &mut Case<'_>, times: u64) {
    let add = p() * U256::from(times);
    let applicant = &mut request(c).applicant;
    *applicant = applicant.saturating_add(add);
    let value = hex_word(*applicant);
    sign_again(c);
    text(c, "/request/request/applicant", value);
}

fn scope(c: &mut Case<'_>, add: U256) {
    let scope = &mut request(c).scope;
    *scope = scope.saturating_add(add);
    let value = hex_word(*scope);
    sign_again(c);
    // A bundle's request has no scope of its own; its parts have.
    text(c, "/parts/0/inputs/scope", value);
}

mod eip712 {
    alloy_sol_types::sol! {
        /// What is signed. A call has the purpose's hash in its place.
        struct Request {
            bytes32 program;
            uint32 periodStart;
            uint32 periodEnd;
            uint256 scope;
            bytes32[] policies;
            bytes32 requester;
            string purpose;
            uint256 applicant;
            bytes16 nonce;
            uint64 notBefore;
            uint64 expiry;
            address recipient;
            bytes32 corrects;
        }
    }
}

fn sign_again(c: &mut Case<'_>) {
    let purpose = c.bundle().request.request.purpose.clone();
    let verifying_contract = c.bundle().request.request.deployment.programs;
    let r = request(c).clone();
    assert_eq!(r.purposeHash, keccak256(&purpose));
    let signed = eip712::Request {
        program: r.program,
        periodStart: r.periodStart,
        periodEnd: r.periodEnd,
        scope: r.scope,
        policies: r.policies,
        requester: r.requester,
        purpose,
        applicant: r.applicant,
        nonce: r.nonce,
        notBefore: r.notBefore,
        expiry: r.expiry,
        recipient: r.recipient,
        corrects: r.corrects,
    };
    let domain = alloy_sol_types::eip712_domain! {
        name: "Sealroot",
        version: "1",
        chain_id: CHAIN_ID,
        verifying_contract: verifying_contract,
    };
    let signature = key(&c.signer).sign(&signed.eip712_signing_hash(&domain)).unwrap().to_bytes().to_vec();
    match c.call.as_mut().unwrap() {
        Call::Office(call) => call.signature = signature.into(),
        Call::Proof(call) => call.signature = signature.into(),
    }
}

/// Sets a bit beyond the type's in a member of the request, which is the first argument: an offset stands in its place.
fn dirty(c: &mut Case<'_>, member: usize) {
    let Some(offset) = c.data.get(4..36) else { return };
    let at = 4 + U256::from_be_slice(offset).to::<usize>() + 32 * member;
    // bytes16 is aligned to the left, numbers and addresses to the right.
    let byte = if member == 8 { at + 31 } else { at };
    if let Some(byte) = c.data.get_mut(byte) {
        *byte |= 1;
    }
}

mod hex {
    /// 32 bytes of a constant.
    pub fn decode_to_array(text: &str) -> [u8; 32] {
        alloy_primitives::hex::decode(text).unwrap().try_into().unwrap()
    }
}
