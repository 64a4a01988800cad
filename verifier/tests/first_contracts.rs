//! Bundles that were decided under the first contracts audit under their own trust file, as the verifier of their day audited them.
//!
//! `vectors/first_contracts/` says what made the files. The command line's test of the same name compares the whole report.

#![allow(clippy::unwrap_used)]

use alloy_primitives::{Address, B256, Bytes, U256};
use sealroot_protocol::{
    bundle::Bundle,
    canonical,
    code::Coded,
    evidence::Evidence,
    moment::Moment,
    snapshot::{
        BlockRef, Claimed, DecisionEntry, Held, Revision, Snapshot, SnapshotError, SnapshotQuery, StorageReader,
    },
};
use sealroot_verifier::{
    audit::{AuditRejection, Audited, Auditor, Dating, trusted_keys},
    evidence::{EvidenceError, check},
    key_header::KeySecurity,
    trust::{Trust, Withdrawn, WithdrawnEntry},
    universal_key::UniversalKeys,
    verify::query,
};
use serde_json::Value;
use std::{collections::BTreeMap, fs, path::PathBuf};

const APPROVED: &str = "approved.json";
const REFUSED: &str = "refused.json";
const CORRECTED: &str = "corrected.json";

fn bytes(file: &str) -> std::io::Result<Vec<u8>> {
    fs::read(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/first_contracts").join(file))
}

fn bundle(file: &str) -> Bundle {
    canonical::from_bytes(&bytes(file).unwrap()).unwrap()
}

fn trust() -> Trust {
    Trust::from_toml(&String::from_utf8(bytes("trust.toml").unwrap()).unwrap()).unwrap()
}

fn keys(trust: &Trust) -> UniversalKeys {
    trusted_keys(trust, KeySecurity::AllowInsecure, bytes).unwrap()
}

fn audit(bundle: &Bundle, trust: &Trust) -> Result<Audited, AuditRejection> {
    let keys = keys(trust);
    Auditor::new(trust, &keys).audit(bundle)
}

fn moment(unix: u64) -> Value {
    serde_json::to_value(Moment::from_unix(unix)).unwrap()
}

fn code(bundle: &Bundle, trust: &Trust) -> &'static str {
    audit(bundle, trust).map_or_else(|rejection| rejection.code().as_str(), |_| "audited")
}

/// The words that evidence proves, without their proofs. Where nothing is proven there is 0, as at the chain's head.
struct Words(BTreeMap<(Address, U256), U256>);

impl Words {
    fn of(evidence: &Evidence) -> Self {
        let entries = evidence.accounts.iter().flat_map(|account| {
            account.storage.iter().map(|entry| ((account.address, U256::from_be_bytes(entry.slot.0)), entry.value))
        });
        Self(entries.collect())
    }

    fn read(mut self, query: &SnapshotQuery, trust: &Trust, revision: Revision) -> Result<Snapshot, SnapshotError> {
        let block = BlockRef { number: 0, hash: B256::ZERO, time: 0 };
        Snapshot::read(query, trust.chain_id, &trust.addresses(), revision, block, &mut self)
    }
}

impl StorageReader for Words {
    type Error = SnapshotError;

    fn value(&mut self, contract: Address, slot: U256) -> Result<U256, SnapshotError> {
        Ok(self.0.get(&(contract, slot)).copied().unwrap_or_default())
    }
}

#[test]
fn stored_bundles_audit_as_they_did() {
    let (trust, said) = (trust(), bytes("audit.json").unwrap());
    assert_eq!(trust.contracts.revision, Revision::First);
    assert_eq!(trust.to_toml().unwrap().as_bytes(), bytes("trust.toml").unwrap(), "byte for byte");
    let said: Value = serde_json::from_slice(&said).unwrap();
    let files = [APPROVED, REFUSED, CORRECTED];
    let (keys, bundles) = (keys(&trust), files.map(bundle));
    let together = Auditor::new(&trust, &keys).audit_all(&bundles);
    for (((file, bundle), together), said) in
        files.iter().zip(&bundles).zip(together).zip(said["findings"].as_array().unwrap())
    {
        let audited = audit(bundle, &trust).unwrap();
        assert_eq!(audited, together.unwrap());
        assert_eq!(said["file"], *file);
        let Dating::Dated { block, time, proven_on_chain } = audited.dating else { unreachable!("{file} is dated") };
        let dated = &said["dating"];
        assert_eq!(dated["dated"], true);
        assert_eq!((&dated["block"], &dated["proven_on_chain"]), (&block.into(), &proven_on_chain.into()));
        assert_eq!(dated["time"], moment(time));
        let (decision, before) = (&audited.decision, &said["decision"]);
        assert_eq!(before["approved"], decision.approved);
        assert_eq!((&before["amount"]["minor"], &before["block"]), (&decision.amount.into(), &decision.block.into()));
        assert_eq!(before["bundle"], decision.bundle.to_string());
        assert_eq!(before["checked_for"], moment(decision.checked_for));
        assert!(audited.is_valid_still() && decision.reduced.is_none());
        assert!(decision.parts.iter().all(|part| part.retroactive.is_none()));
    }
}

/// What the chain didn't say isn't made up, and what it said otherwise is kept in its own form.
#[test]
fn entries_say_what_the_first_contracts_held() {
    let (trust, bundle) = (trust(), bundle(APPROVED));
    let query = query(&bundle).unwrap();
    let snapshot = check(bundle.evidence.as_ref().unwrap(), &query, &trust).unwrap();
    assert!(snapshot.missing(&query).is_empty());
    let DecisionEntry { granted, reduced, claimed, requester, bundle: digest, .. } = snapshot.decision.unwrap();
    assert_eq!((granted, requester, reduced), (Held::Unheld, Held::Unheld, None));
    assert_eq!(claimed, Claimed::Scope(bundle.request.request.scope()));
    assert_eq!(digest, Some(bundle.digest().unwrap()));
    let program = snapshot.program.unwrap();
    assert_eq!((program.currency, program.fresh, program.correctable_days), (Held::Unheld, None, 0));
    assert!(program.utc_offset.is_utc());
    assert!(snapshot.policies.values().all(|entry| (entry.currencies, entry.retroactive) == (Held::Unheld, None)));
    let mut roots = snapshot.roots.values();
    assert!(roots.all(|entry| (entry.access_log, entry.confirmed_at) == (Held::Unheld, entry.anchored_at)));
}

/// A trust file that says `revision = 2` of the first contracts learns nothing from their words, and is told what to take out.
#[test]
fn words_of_the_first_contracts_are_not_read_as_todays() {
    let mut wrong = trust();
    wrong.contracts.revision = Revision::Second;
    for file in [APPROVED, REFUSED, CORRECTED] {
        let bundle = bundle(file);
        let rejection = audit(&bundle, &wrong).unwrap_err();
        assert!(
            matches!(rejection, AuditRejection::Evidence(EvidenceError::OtherRevision(Revision::First))),
            "{rejection}"
        );
        assert_eq!(rejection.code().as_str(), "bad-trust-file");
        assert!(rejection.to_string().contains("take the line `revision = …` out of [contracts]"), "{rejection}");
        let words = Words::of(bundle.evidence.as_ref().unwrap());
        let read = words.read(&query(&bundle).unwrap(), &wrong, Revision::Second);
        assert_eq!(read.unwrap_err(), SnapshotError::OtherRevision(Revision::First));
    }
}

/// A word with one bit that the first contracts never wrote is another contract's, whichever entry it stands in.
#[test]
fn what_the_first_contracts_never_wrote_is_refused() {
    let (trust, bundle) = (trust(), bundle(APPROVED));
    let query = query(&bundle).unwrap();
    let evidence = bundle.evidence.as_ref().unwrap();
    let read = |change: &dyn Fn(&mut Words)| {
        let mut words = Words::of(evidence);
        change(&mut words);
        words.read(&query, &trust, Revision::First)
    };
    assert!(read(&|_| {}).is_ok());
    // Place of the contract, of the entry's word among those that are proven of it, and the first bit that was never written.
    let decision = evidence.accounts[6].storage.len() - 2;
    for (contract, word, bit) in [(5, 1, 216), (5, 2, 168), (1, 2, 160), (2, 2, 200), (6, decision, 200)] {
        let account = &evidence.accounts[contract];
        let place = (account.address, U256::from_be_bytes(account.storage[word].slot.0));
        for bit in [bit, 255] {
            let set = |words: &mut Words| *words.0.get_mut(&place).unwrap() |= U256::ONE << bit;
            let refused = read(&set).unwrap_err();
            assert_eq!(refused, SnapshotError::OtherRevision(Revision::Second), "{contract} {word} {bit}");
        }
    }
}

#[test]
fn tampered_bundles_are_rejected() {
    let trust = trust();
    for file in [APPROVED, REFUSED, CORRECTED] {
        let honest = bundle(file);
        assert_eq!(code(&honest, &trust), "audited");
        let evidence = honest.evidence.clone().unwrap();
        let rejected = |evidence: Evidence| {
            let bundle = Bundle { evidence: Some(evidence), ..honest.clone() };
            assert_eq!(code(&bundle, &trust), "evidence-invalid", "{file}");
        };
        for (a, account) in evidence.accounts.iter().enumerate() {
            for s in 0..account.storage.len() {
                let mut changed = evidence.clone();
                changed.accounts[a].storage[s].value ^= U256::ONE << 66;
                rejected(changed);
            }
        }
        rejected(Evidence { header: Bytes::from([&evidence.header[..], &[0]].concat()), ..evidence.clone() });
        let mut edited = honest.clone();
        edited.decision.amount += 1;
        assert_ne!(code(&edited, &trust), "audited");
    }
    // Without its entry an approval is undated, as it was then; half an entry is none.
    let mut undated = bundle(APPROVED);
    let decisions = &mut undated.evidence.as_mut().unwrap().accounts[6].storage;
    let entry = std::mem::take(decisions);
    let audited = audit(&undated, &trust).unwrap();
    assert!(matches!(audited.dating, Dating::Undated { block, .. } if block == audited.decision.block));
    undated.evidence.as_mut().unwrap().accounts[6].storage = entry[..3].to_vec();
    assert_eq!(code(&undated, &trust), "evidence-invalid");
}

/// What the trust file takes back counts against these bundles as against others.
#[test]
fn withdrawn_pins_count() {
    let honest = bundle(APPROVED);
    let block = audit(&honest, &trust()).unwrap().decision.block;
    let policy = honest.policies[0].policy.clone();
    for what in [
        WithdrawnEntry::Policy(policy.digest().unwrap()),
        WithdrawnEntry::Agency(policy.sources[0].agency.clone()),
        WithdrawnEntry::UniversalKey(policy.universal_key),
    ] {
        let mut trust = trust();
        trust.withdrawn = vec![Withdrawn { what: what.clone(), at: block }];
        assert_eq!(code(&honest, &trust), "withdrawn-before");
        trust.withdrawn = vec![Withdrawn { what, at: block + 1 }];
        assert!(!audit(&honest, &trust).unwrap().is_valid_still());
    }
    let mut other_code = trust();
    other_code.contracts.policies.code_hash = B256::repeat_byte(1);
    assert_eq!(code(&honest, &other_code), "evidence-invalid");
    let mut other_key = trust();
    other_key.universal_keys[0].sha256.0[0] ^= 1;
    let keys = keys(&trust());
    let refused = Auditor::new(&other_key, &keys).audit(&honest).unwrap_err();
    assert_eq!(refused.code().as_str(), "universal-key-mismatch");
}
