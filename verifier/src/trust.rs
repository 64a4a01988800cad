//! The trust file: an auditor's own pins, in TOML. Everything offline is checked against it and against nothing else.
//!
//! Guarantee: reading rejects unknown fields, so a misspelt pin is an error and never an absent one.

mod checkpoints;
mod revision;

pub use checkpoints::PinnedCheckpoints;

use alloy_primitives::{Address, B256};
use sealroot_protocol::{
    canonical::Suite,
    code::{Code, Coded},
    field::Digest,
    machine::Shape,
    name::Name,
    policy::PolicyDigest,
    scope::Deployment,
    signature::deserialize_address,
    snapshot::{Contracts, Revision},
    toml_text::{self, TomlError},
    tree::Root,
};
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeSet;

/// What is pinned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trust {
    /// The suite.
    pub suite: Suite,
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// The universal keys. A shape has several where decisions under an old and a new ceremony are audited together.
    pub universal_keys: Vec<PinnedKey>,
    /// The contracts.
    pub contracts: PinnedContracts,
    /// Whose seals count, and for which heights.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sealers: Vec<PinnedSealer>,
    /// Organisations whose signatures count under blocks of a network without seals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoints: Option<PinnedCheckpoints>,
    /// Blocks whose hash the auditor knows from elsewhere: evidence at these needs no seal.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blocks: Vec<PinnedBlock>,
    /// What was withdrawn since: decisions made before stay "valid then, withdrawn since".
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub withdrawn: Vec<Withdrawn>,
}

/// A universal key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PinnedKey {
    /// Of which circuit.
    pub shape: Shape,
    /// SHA-256 of the key file.
    pub sha256: Digest,
    /// Name of the key file beside the trust file: a bare name, no path.
    pub file: String,
}

/// A contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PinnedContract {
    /// Where it is.
    #[serde(deserialize_with = "deserialize_address")]
    pub address: Address,
    /// keccak256 of its code, the addresses of its neighbours among it.
    #[serde(deserialize_with = "exact_hash")]
    pub code_hash: B256,
}

/// All contracts of a deployment. The pinned code holds its neighbours' addresses, not their code, so none may be left out: under an
/// officers' contract that the deployer made, the deployer enacts alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PinnedContracts {
    /// By whose layout their storage is read. A trust file of the first contracts says nothing: there was no second revision yet. Code hashes can't say it, because
    /// the code holds the addresses of its own deployment.
    #[serde(default = "revision::first", skip_serializing_if = "revision::is_first", with = "revision")]
    pub revision: Revision,
    /// Officers.
    pub officers: PinnedContract,
    /// Agencies and roots.
    pub agencies: PinnedContract,
    /// Policies.
    pub policies: PinnedContract,
    /// Requesters.
    pub requesters: PinnedContract,
    /// The scope's hash.
    pub poseidon: PinnedContract,
    /// Programs.
    pub programs: PinnedContract,
    /// Decisions.
    pub decisions: PinnedContract,
}

impl PinnedContracts {
    /// In the order of the accounts in evidence.
    pub fn in_order(&self) -> [&PinnedContract; 7] {
        [
            &self.officers,
            &self.agencies,
            &self.policies,
            &self.requesters,
            &self.poseidon,
            &self.programs,
            &self.decisions,
        ]
    }
}

/// A sealer of an embedded chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PinnedSealer {
    /// Address of its key.
    #[serde(deserialize_with = "deserialize_address")]
    pub address: Address,
    /// First height.
    pub from: u64,
    /// Last height; none if it still seals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<u64>,
}

/// A block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PinnedBlock {
    /// Height.
    pub number: u64,
    /// Hash of its header.
    #[serde(deserialize_with = "exact_hash")]
    pub hash: B256,
}

/// Something that doesn't count any more from a height on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Withdrawn {
    /// What.
    pub what: WithdrawnEntry,
    /// First height at which it doesn't count.
    pub at: u64,
}

/// What can be withdrawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum WithdrawnEntry {
    /// All roots of an agency.
    Agency(Name),
    /// A root, wherever it was anchored.
    Root(Root),
    /// A policy version.
    Policy(PolicyDigest),
    /// A program.
    Program(Name),
    /// A key of an agency or requester.
    Key(#[serde(deserialize_with = "deserialize_address")] Address),
    /// A universal key, by SHA-256: every decision under it.
    UniversalKey(Digest),
}

/// A hash in its one spelling, `0x` and 64 lower-case digits: the library would take others.
fn exact_hash<'de, D: Deserializer<'de>>(from: D) -> Result<B256, D::Error> {
    Digest::deserialize(from).map(|digest| B256::from(digest.0))
}

/// Why a trust file can't be used.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// Not TOML of this form.
    #[error("the trust file can't be read: {0}")]
    Toml(#[from] TomlError),
    /// Can't be written.
    #[error("the trust file can't be written: {0}")]
    Write(#[from] toml::ser::Error),
    /// It contradicts itself.
    #[error("the trust file can't be used: {0}")]
    Rule(&'static str),
}

impl Coded for TrustError {
    fn code(&self) -> Code {
        Code::BadTrustFile
    }
}

impl Trust {
    /// Reads and checks.
    pub fn from_toml(text: &str) -> Result<Self, TrustError> {
        let trust: Self = toml_text::read(text)?;
        trust.check()?;
        Ok(trust)
    }

    /// Writes what [`Trust::from_toml`] reads.
    pub fn to_toml(&self) -> Result<String, TrustError> {
        self.check()?;
        Ok(toml::to_string_pretty(self)?)
    }

    /// The contracts' addresses.
    pub fn addresses(&self) -> Contracts {
        Contracts {
            officers: self.contracts.officers.address,
            agencies: self.contracts.agencies.address,
            policies: self.contracts.policies.address,
            requesters: self.contracts.requesters.address,
            poseidon: self.contracts.poseidon.address,
            programs: self.contracts.programs.address,
            decisions: self.contracts.decisions.address,
        }
    }

    /// Chain and program contract, which every request that is audited must name.
    pub fn deployment(&self) -> Deployment {
        Deployment { chain_id: self.chain_id, programs: self.contracts.programs.address }
    }

    /// Whether a universal key of this shape is pinned.
    pub fn pins_key(&self, shape: Shape, hash: Digest) -> bool {
        self.universal_keys.iter().any(|key| key.shape == shape && key.sha256 == hash)
    }

    /// Whether `address` seals at this height.
    pub fn seals(&self, address: Address, height: u64) -> bool {
        let covers = |s: &PinnedSealer| s.from <= height && s.until.is_none_or(|until| height <= until);
        self.sealers.iter().any(|sealer| sealer.address == address && covers(sealer))
    }

    /// The pinned hash of a height.
    pub fn block(&self, height: u64) -> Option<B256> {
        self.blocks.iter().find(|block| block.number == height).map(|block| block.hash)
    }

    /// The height from which `entry` doesn't count, if it was withdrawn.
    pub fn withdrawn_at(&self, entry: &WithdrawnEntry) -> Option<u64> {
        self.withdrawn.iter().filter(|withdrawn| withdrawn.what == *entry).map(|withdrawn| withdrawn.at).min()
    }

    fn check(&self) -> Result<(), TrustError> {
        let rule = |ok: bool, text| if ok { Ok(()) } else { Err(TrustError::Rule(text)) };
        rule((1..1 << 53).contains(&self.chain_id), "a chain id is from 1 to 2^53 - 1")?;
        rule(!self.universal_keys.is_empty(), "it pins no universal key")?;
        rule(
            !self.sealers.is_empty() || !self.blocks.is_empty() || self.checkpoints.is_some(),
            "it names neither a sealer nor a block nor signers of checkpoints: no evidence can satisfy it",
        )?;
        self.checkpoints.as_ref().map_or(Ok(()), PinnedCheckpoints::check)?;
        rule(
            self.sealers.iter().all(|s| s.until.is_none_or(|until| s.from <= until)),
            "a sealer's range ends before it begins",
        )?;
        let mut keys = BTreeSet::new();
        rule(self.universal_keys.iter().all(|key| keys.insert(key.sha256)), "a universal key is pinned twice")?;
        let mut files = BTreeSet::new();
        rule(self.universal_keys.iter().all(|key| files.insert(&key.file)), "two universal keys have the same file")?;
        let mut heights = BTreeSet::new();
        rule(self.blocks.iter().all(|block| heights.insert(block.number)), "a height is pinned twice")?;
        let bare = |key: &PinnedKey| !key.file.is_empty() && !key.file.contains(['/', '\\']) && key.file != "..";
        rule(self.universal_keys.iter().all(bare), "a universal key's file is a bare name beside the trust file")?;
        let addresses = self.addresses().in_order();
        let distinct = (0..addresses.len()).all(|i| !addresses[..i].contains(&addresses[i]));
        rule(distinct, "two contracts have the same address")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use rustix::time::{ClockId, clock_gettime};
    use std::time::Duration;

    pub(super) fn trust() -> Trust {
        let contract = |n: u8| PinnedContract { address: Address::repeat_byte(n), code_hash: B256::repeat_byte(n) };
        Trust {
            suite: Suite,
            chain_id: 31_337,
            universal_keys: vec![PinnedKey { shape: Shape::Solo, sha256: Digest([7; 32]), file: "solo.key".into() }],
            contracts: PinnedContracts {
                revision: Revision::Second,
                officers: contract(1),
                agencies: contract(2),
                policies: contract(3),
                requesters: contract(4),
                poseidon: contract(5),
                programs: contract(6),
                decisions: contract(7),
            },
            sealers: vec![PinnedSealer { address: Address::repeat_byte(9), from: 2, until: Some(10) }],
            checkpoints: None,
            blocks: vec![PinnedBlock { number: 3, hash: B256::repeat_byte(8) }],
            withdrawn: vec![
                Withdrawn { what: WithdrawnEntry::Agency("tax-office".parse().unwrap()), at: 12 },
                Withdrawn { what: WithdrawnEntry::Key(Address::repeat_byte(6)), at: 13 },
            ],
        }
    }

    #[test]
    fn round_trips_and_rejects_unknown_fields() {
        let text = trust().to_toml().unwrap();
        assert_eq!(Trust::from_toml(&text).unwrap(), trust(), "{text}");
        for (from, to) in [
            ("[[sealers]]", "[[sealer]]"),
            ("until = 10", "untill = 10"),
            ("until = 10", "until = 1"),
            ("groth16/1", "groth16/2"),
            ("chain_id = 31337", "chain_id = 0"),
            ("chain_id = 31337", "chain_id = 9007199254740992"),
            // A checksum (EIP-55) whose last capital is wrong.
            ("0x0909090909090909090909090909090909090909", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD"),
            ("0x0606060606060606060606060606060606060606", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD"),
            ("0x0101010101010101010101010101010101010101", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD"),
            ("\"solo.key\"", "\"../solo.key\""),
            ("agency = \"tax-office\"", "agencie = \"tax-office\""),
            ("0x0808080808", "0808080808"),
            ("0x0606060606060606060606060606060606060606", "0x06060606060606060606060606060606060606"),
        ] {
            assert!(text.contains(from), "{from}");
            assert!(Trust::from_toml(&text.replace(from, to)).is_err(), "{from} -> {to}");
        }
    }

    /// One spelling of a hash; an address may carry its checksum, and then the right one.
    #[test]
    fn digits_have_one_case() {
        let mut mixed = trust();
        let address = Address::repeat_byte(0xab);
        let hash = B256::repeat_byte(0xcd);
        (mixed.contracts.agencies.address, mixed.blocks[0].hash) = (address, hash);
        let text = mixed.to_toml().unwrap();
        let (lower, checksum) = (format!("0x{}", "ab".repeat(20)), address.to_checksum(None));
        assert!(text.contains(&lower) && checksum != lower);
        assert_eq!(Trust::from_toml(&text.replace(&lower, &checksum)).unwrap(), mixed);
        assert!(Trust::from_toml(&text.replace(&lower, &lower.replace("ab", "AB"))).is_err());
        assert!(Trust::from_toml(&text.replace(&lower, &lower.replacen("ab", "aB", 1))).is_err());
        assert!(text.contains(&hash.to_string()));
        assert!(Trust::from_toml(&text.replace(&"cd".repeat(32), &"CD".repeat(32))).is_err());
    }

    /// 200,000 heights, as an auditor pins them who takes every block of a chain from a newspaper: read in linear time. What counts is this thread's work, not
    /// the time that others took from it, and of several runs the least: what disturbs a run makes it longer only.
    #[test]
    fn many_pinned_blocks_are_read_in_linear_time() {
        let text = trust().to_toml().unwrap();
        let worked = || Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap();
        let once = |n: u64| {
            let blocks: String = (100..100 + n)
                .map(|number| format!("[[blocks]]\nnumber = {number}\nhash = \"0x{number:064x}\"\n"))
                .collect();
            let started = worked();
            let trust = Trust::from_toml(&format!("{text}\n{blocks}")).unwrap();
            assert_eq!(trust.block(100), Some(B256::left_padding_from(&[100])));
            assert_eq!(trust.blocks.len() as u64, n + 1);
            worked() - started
        };
        let least = |n: u64| (0..3).map(|_| once(n)).min().unwrap();
        let (some, many) = (least(20_000), least(200_000));
        assert!(
            many < some * 40,
            "{some:?} for 20,000, {many:?} for ten times as many; in quadratic time a hundred times"
        );
    }

    /// The keys of an old and of a new ceremony, in one file.
    #[test]
    fn a_shape_may_have_several_keys() {
        let mut both = trust();
        let new = PinnedKey { shape: Shape::Solo, sha256: Digest([8; 32]), file: "solo-2.key".into() };
        both.universal_keys.push(new.clone());
        let read = Trust::from_toml(&both.to_toml().unwrap()).unwrap();
        assert_eq!(read, both);
        assert!(read.pins_key(Shape::Solo, Digest([7; 32])) && read.pins_key(Shape::Solo, Digest([8; 32])));
        assert!(!read.pins_key(Shape::Household, Digest([8; 32])) && !read.pins_key(Shape::Solo, Digest([9; 32])));
        let same_file = PinnedKey { file: "solo.key".into(), ..new.clone() };
        let same_key = PinnedKey { sha256: Digest([7; 32]), ..new };
        for twice in [same_file, same_key] {
            let mut twice_pinned = trust();
            twice_pinned.universal_keys.push(twice);
            assert!(twice_pinned.to_toml().is_err());
        }
    }

    #[test]
    fn heights_are_ranges() {
        let trust = trust();
        let sealer = Address::repeat_byte(9);
        assert_eq!([1, 2, 10, 11].map(|height| trust.seals(sealer, height)), [false, true, true, false]);
        assert!(!trust.seals(Address::repeat_byte(8), 5));
        assert_eq!(trust.withdrawn_at(&WithdrawnEntry::Agency("tax-office".parse().unwrap())), Some(12));
    }

    /// A sealer or a block: either is enough to know the chain by.
    #[test]
    fn one_way_to_know_the_chain_is_enough() {
        let (mut sealers, mut blocks) = (trust(), trust());
        sealers.blocks.clear();
        blocks.sealers.clear();
        for one in [sealers, blocks] {
            assert_eq!(Trust::from_toml(&one.to_toml().unwrap()).unwrap(), one);
        }
    }

    #[test]
    fn contradictions_are_rejected() {
        let mut same = trust();
        same.contracts.policies.address = same.contracts.agencies.address;
        let mut nothing = trust();
        nothing.sealers.clear();
        nothing.blocks.clear();
        let mut twice = trust();
        twice.blocks.push(PinnedBlock { number: 3, hash: B256::ZERO });
        let mut keyless = trust();
        keyless.universal_keys.clear();
        for bad in [same, nothing, twice, keyless] {
            assert!(bad.to_toml().is_err());
        }
    }
}
