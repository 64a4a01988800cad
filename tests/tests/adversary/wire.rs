//! Bytes: what decoders and digests let through.

use crate::{honest, refusal};
use sealroot_protocol::{bundle::Bundle, field};
use sealroot_testing::{cases, world::universal_keys};
use sealroot_verifier::verify;
use serde_json::Value;

/// p as a 256-bit big-endian integer, added to every field element of every part once and twice: no decoder reads it.
#[test]
fn inputs_plus_p_and_2p_are_not_read() {
    let (_, bundle) = honest();
    let json = serde_json::to_value(bundle).unwrap();
    let mut tried = 0;
    for part in 0..2 {
        for name in ["scope", "request", "applicant", "nullifier"] {
            let pointer = format!("/parts/{part}/inputs/{name}");
            let value = json.pointer(&pointer).and_then(Value::as_str).unwrap();
            let mut bytes: [u8; 32] = field::to_bytes(field::from_hex(value).unwrap());
            for _ in 0..2 {
                add_modulus(&mut bytes);
                let mut forged = json.clone();
                *forged.pointer_mut(&pointer).unwrap() = format!("0x{}", hex(&bytes)).into();
                assert!(serde_json::from_value::<Bundle>(forged).is_err(), "{pointer}");
                tried += 1;
            }
        }
    }
    assert_eq!(tried, 16);
}

/// Every byte of a bundle counts: changed, it is unreadable, refused, or has another digest than the chain's. A sample by `SEALROOT_CASES`.
#[test]
fn any_changed_byte_is_noticed() {
    let (world, bundle) = honest();
    let bytes = bundle.to_bytes().unwrap();
    let (snapshot, keys, digest) = (world.snapshot(), universal_keys(), bundle.digest().unwrap());
    let step = (bytes.len() as u64 / cases(300)).max(1) as usize;
    for at in (0..bytes.len()).step_by(step) {
        for flip in [1u8, 0x10] {
            let mut changed = bytes.clone();
            changed[at] ^= flip;
            let Ok(read) = Bundle::from_bytes(&changed) else { continue };
            assert_ne!(read.digest().unwrap(), digest, "byte {at}");
            if let Ok(decision) = verify(&read, &snapshot, &keys, world.now) {
                // Text that only people read may change online; the chain's digest of the bundle, and the audit's recompilation, notice it.
                assert_ne!(decision.bundle, digest);
            }
        }
    }
}

#[test]
fn an_amount_raised_by_a_cent_is_refused() {
    let (world, bundle) = honest();
    let mut parts = bundle.parts.clone();
    parts[1].inputs.outputs[0] += 1;
    let forged = world.bundle(bundle.request.clone(), parts);
    assert_eq!(refusal(&forged, &world.snapshot(), world.now), "proof-invalid");
    let mut claimed = bundle.clone();
    claimed.decision.amount += 1;
    assert_eq!(refusal(&claimed, &world.snapshot(), world.now), "decision-mismatch");
}

#[test]
fn bundles_are_canonical_bytes() {
    let (_, bundle) = honest();
    let bytes = bundle.to_bytes().unwrap();
    assert_eq!(&Bundle::from_bytes(&bytes).unwrap(), bundle);
    let pretty = serde_json::to_vec_pretty(bundle).unwrap();
    assert!(Bundle::from_bytes(&pretty).is_err());
    let mut unknown = serde_json::to_value(bundle).unwrap();
    unknown["note"] = "x".into();
    assert!(serde_json::from_value::<Bundle>(unknown).is_err());
    let mut trailing = bytes;
    trailing.push(b'\n');
    assert!(Bundle::from_bytes(&trailing).is_err());
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn add_modulus(bytes: &mut [u8; 32]) {
    let p_minus_1 = field::to_bytes(-field::F::from(1u8));
    let mut carry = 1u16;
    for (byte, add) in bytes.iter_mut().zip(p_minus_1).rev() {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        *byte = sum as u8;
        carry = sum >> 8;
    }
    assert_eq!(carry, 0, "2p and a reduced value still fit 256 bits");
}
