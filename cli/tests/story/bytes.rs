//! Any byte of a bundle changed: every one is refused by the audit.

use super::{demo, path};
use sealroot_protocol::{bundle::Bundle, canonical, code::Coded};
use sealroot_verifier::{
    audit::{Audited, Auditor, trusted_keys},
    key_header::KeySecurity,
    trust::Trust,
};
use std::{collections::BTreeMap, fs};

/// Bytes per file in CI.
const SAMPLE: usize = 200;

fn number(variable: &str) -> Option<usize> {
    std::env::var(variable).ok().and_then(|text| text.parse().ok())
}

/// One bit of every byte with `SEALROOT_BYTES=all`, else of a sample over the whole file. `SEALROOT_SEED` shifts which: seeds 0 to 7 flip all bits.
#[test]
fn every_byte_of_a_bundle_is_bound() {
    let trust = Trust::from_toml(&fs::read_to_string(path("trust.toml")).unwrap()).unwrap();
    let keys = trusted_keys(&trust, KeySecurity::AllowInsecure, |name| fs::read(demo().0.join(name))).unwrap();
    let audit = |bytes: &[u8]| -> Result<Audited, &'static str> {
        let bundle = canonical::from_bytes::<Bundle>(bytes).map_err(|_| "bundle-unreadable")?;
        Auditor::new(&trust, &keys).audit(&bundle).map_err(|rejection| rejection.code().as_str())
    };
    for file in ["bundle.json", "dated/ineligible.json"] {
        let original = fs::read(path(file)).unwrap();
        audit(&original).expect("the bundle as it is");

        let all = std::env::var("SEALROOT_BYTES").is_ok_and(|text| text == "all");
        let seed = number("SEALROOT_SEED").unwrap_or(0);
        let stride = if all { 1 } else { original.len() / number("SEALROOT_BYTES").unwrap_or(SAMPLE) };
        let mut reasons: BTreeMap<&'static str, usize> = BTreeMap::new();
        for at in (seed % stride..original.len()).step_by(stride) {
            let bit = (at / stride + seed) % 8;
            let mut changed = original.clone();
            changed[at] ^= 1 << bit;
            match audit(&changed) {
                Ok(_) => panic!("{file}: byte {at} of {}, bit {bit}, is not bound", original.len()),
                Err(reason) => *reasons.entry(reason).or_default() += 1,
            }
        }
        let changed: usize = reasons.values().sum();
        println!("{file}: {changed} changed bytes of {}, refused as {reasons:?}", original.len());
        assert!(changed >= SAMPLE && reasons.len() > 1, "{reasons:?}");
    }
}
