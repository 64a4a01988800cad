//! The fixed state from which every case starts: programs of every kind, roots of every age, keys of every standing.

use alloy_primitives::{Address, B256, keccak256};
use alloy_sol_types::SolCall;
use sealroot_chain::{
    Act, PolicyEnactment,
    contracts::{agencies::Agencies, officers::Officers, requesters::Requesters},
};
use sealroot_protocol::{
    canonical::Suite,
    consent::{Nullifier, RequestDigest},
    date::{Month, Period},
    field::{self, Digest},
    machine::{Shape, ValidWords},
    name::Name,
    policy::{PolicyDigest, PolicyDocument},
    program::{AsOfRule, ClaimWindow, DecidedBy, Freshness, Grid, Payment, PeriodDay, Program},
    scope::Deployment,
    snapshot::Assurance,
    utc_offset::UtcOffset,
};
use sealroot_testing::{
    bundle,
    evm::{CHAIN_ID, Evm, Failure},
    policies::household,
    town::{DAY, key, name, time},
    trapdoor::Trapdoor,
};
use sealroot_verifier::{
    policy_key::PolicyKey,
    universal_key::{UniversalKey, UniversalKeys},
};
use std::{collections::BTreeMap, sync::LazyLock};

/// Between proposal and confirmation, in seconds.
pub const DELAY: u64 = 3600;
/// What every program that pays may pay.
pub const BUDGET: u64 = 20_000;
/// Of every agency, in seconds.
pub const GRACE: u32 = 3 * 86_400;

/// Roots of each agency, by what becomes of them.
pub mod root {
    /// Replaced long ago.
    pub const OLD: u64 = 11;
    /// Anchored by a key that was revoked since.
    pub const STOLEN: u64 = 12;
    /// Withdrawn.
    pub const GONE: u64 = 13;
    /// Replaced on 2026-11-08, in grace, confirmed too early for a program that demands fresh facts.
    pub const BEFORE: u64 = 14;
    /// Current.
    pub const NOW: u64 = 15;

    /// An agency's root of this kind; no two agencies share one.
    pub fn of(agency: &str, kind: u64) -> u64 {
        kind + 100 * agency.len() as u64
    }
}

/// A program with all versions of its policies, and the date from which each is the right one.
pub struct Law {
    pub program: Program,
    pub versions: Vec<Vec<PolicyDocument>>,
}

/// An approval that stands when a case begins.
#[derive(Clone)]
pub struct Standing {
    pub law: usize,
    pub request: RequestDigest,
    pub nullifier: Nullifier,
    pub assurance: Assurance,
}

/// See the module.
pub struct Town {
    pub evm: Evm,
    pub laws: Vec<Law>,
    pub universal: UniversalKeys,
    /// In EIP-197 form.
    pub policy_keys: BTreeMap<PolicyDigest, Vec<u8>>,
    pub standing: Vec<Standing>,
}

/// The setup of a shape.
pub fn setup(shape: Shape) -> &'static Trapdoor {
    static SETUPS: LazyLock<[Trapdoor; 2]> =
        LazyLock::new(|| [Trapdoor::new(Shape::Solo, 20), Trapdoor::new(Shape::Household, 21)]);
    &SETUPS[usize::from(shape == Shape::Household)]
}

fn universal_key(shape: Shape) -> &'static UniversalKey {
    static KEYS: LazyLock<[UniversalKey; 2]> =
        LazyLock::new(|| [Shape::Solo, Shape::Household].map(|shape| setup(shape).universal_key()));
    &KEYS[usize::from(shape == Shape::Household)]
}

/// Words of an enacted policy.
pub fn words(document: &PolicyDocument) -> ValidWords {
    ValidWords::check(document.policy.shape, document.policy.words.clone()).unwrap()
}

pub fn address(key_name: &str) -> Address {
    key(key_name).address()
}

pub fn bytes32(name: &Name) -> B256 {
    name.to_bytes32().into()
}

impl Law {
    /// The versions that hold for a period: of each policy the one that covers its first day.
    pub fn in_force(&self, period: Period) -> Vec<PolicyDocument> {
        let holds = |versions: &Vec<PolicyDocument>| {
            versions.iter().find(|version| version.policy.in_force.contains(period.start)).unwrap().clone()
        };
        self.versions.iter().map(holds).collect()
    }
}

fn policy(id: &str, agency: &str, pays: bool, edit: impl FnOnce(String) -> String) -> PolicyDocument {
    let mut document = bundle::version(id, agency, "holder", pays, edit);
    document.policy.universal_key = universal_key(Shape::Solo).hash();
    document
}

fn policies() -> BTreeMap<&'static str, Vec<PolicyDocument>> {
    let same = |text| text;
    let of_2026 = |text: String| text.replace("from = \"2026-01-01\"", "from = \"2026-01-01\"\nuntil = \"2026-10-31\"");
    let later = |text: String| text.replace("2026-01-01", "2026-11-01").replace("version = 1", "version = 2");
    let home = household::head(1)
        + &household::requirement("r", "rent <= limit")
        + "[[output]]\nname = \"rent\"\nvalue = '''rent'''\ntitle = { en = \"rent\", zh = \"租金\" }\n";
    let home = household::compile_text(home).unwrap().document(universal_key(Shape::Household).hash());
    BTreeMap::from([
        ("residence", vec![policy("residence", "civil-registry", false, same)]),
        ("income", vec![policy("income", "tax-office", true, same)]),
        ("benefit", vec![policy("benefit", "tax-office", true, of_2026), policy("benefit", "tax-office", true, later)]),
        ("too-short", vec![policy("too-short", "tax-office", true, same)]),
        ("too-long", vec![policy("too-long", "tax-office", true, same)]),
        ("test", vec![home]),
    ])
}

/// One program of each way to decide, and of each rule that turns a day or a root.
fn programs() -> Vec<Program> {
    let program = |id: &str, policies: &[&str], decided_by| Program {
        suite: Suite,
        id: name(id),
        title: [("en".to_owned(), id.to_owned())].into(),
        policies: policies.iter().map(|id| name(id)).collect(),
        requesters: vec![name("welfare-office")],
        grid: Grid { first: Month::from_yyyymm(202_609).unwrap(), months: 1, count: 6 },
        claim: ClaimWindow { opens_after_days: 2, closes_after_days: 60 },
        as_of: AsOfRule::PeriodStart,
        correctable_days: 10,
        utc_offset_minutes: UtcOffset::default(),
        decided_by,
        fresh: None,
        pays: Some(Payment { part: policies.len() as u8 - 1, output: 0, currency: "EUR".into(), budget: BUDGET }),
        anonymous: false,
        manual_path: [("en".to_owned(), "Room 4.".to_owned())].into(),
    };
    let offset = |minutes| UtcOffset::from_minutes(minutes).unwrap();
    let fresh = Freshness { since: PeriodDay::PeriodEnd, after_days: 1 };
    let two_offices = vec![name("welfare-office"), name("other-office")];
    use DecidedBy::{Both, Office, Proof};
    vec![
        Program { requesters: two_offices.clone(), ..program("by-office", &["income"], Office) },
        program("by-proof", &["income"], Proof),
        Program { requesters: two_offices, ..program("of-two-offices", &["income"], Both) },
        Program { utc_offset_minutes: offset(480), ..program("by-both", &["residence", "income"], Both) },
        Program { utc_offset_minutes: offset(-300), pays: None, ..program("free", &["residence", "income"], Proof) },
        Program { pays: None, correctable_days: 0, ..program("free-by-office", &["income", "residence"], Office) },
        Program {
            utc_offset_minutes: offset(840),
            as_of: AsOfRule::PeriodEnd,
            fresh: Some(fresh),
            ..program("fresh", &["residence", "income"], Both)
        },
        Program { utc_offset_minutes: offset(-720), ..program("home", &["test"], Both) },
        program("in-two-currencies", &["benefit"], Both),
        program("enacted-short", &["too-short"], Both),
        program("enacted-long", &["too-long"], Both),
    ]
}

/// What officers enter for a policy: the second version of one in another currency.
fn enactment(document: &PolicyDocument, key: &[u8]) -> PolicyEnactment {
    let policy = &document.policy;
    let currency = if policy.version == 2 { "USD" } else { "EUR" };
    let hash = Digest(keccak256(key).0);
    PolicyEnactment::new(policy, hash, [Some(currency.parse().unwrap()), None]).unwrap()
}

impl Town {
    pub fn new() -> Self {
        let officers = ["officer-1", "officer-2", "officer-3"].map(address);
        let evm = Evm::new(&officers, DELAY, time("2025-12-01"));
        let universal =
            UniversalKeys::new().with(universal_key(Shape::Solo).clone()).with(universal_key(Shape::Household).clone());
        let mut town = Self { evm, laws: Vec::new(), universal, policy_keys: BTreeMap::new(), standing: Vec::new() };
        let all = policies();
        for document in all.values().flatten() {
            let key = PolicyKey::derive(town.universal.get(document.policy.universal_key).unwrap(), &words(document));
            let mut bytes = key.unwrap().to_bytes();
            // Two mistakes of officers: the key that they entered has two points too few, or one too many.
            match document.policy.id.as_str() {
                "too-short" => bytes.truncate(bytes.len() - 128),
                "too-long" => bytes.extend_from_within(bytes.len() - 64..),
                _ => {}
            }
            town.policy_keys.insert(document.policy.digest().unwrap(), bytes);
        }
        for program in programs() {
            let versions = program.policies.iter().map(|id| all[id.as_str()].clone()).collect();
            town.laws.push(Law { program, versions });
        }
        town.enact_everything(&all);
        town.anchor_everything();
        town.evm.time = time("2026-11-09");
        town
    }

    /// Chain and contract.
    pub fn deployment(&self) -> Deployment {
        Deployment { chain_id: CHAIN_ID, programs: self.evm.contracts.programs }
    }

    fn enact_everything(&mut self, all: &BTreeMap<&'static str, Vec<PolicyDocument>>) {
        let agency =
            |id: &str, key_name: &str| Act::RegisterAgency { id: name(id), grace: GRACE, key: address(key_name) };
        let office = |id: &str, key_name: &str| Act::RegisterRequester { id: name(id), key: address(key_name) };
        let mut acts = vec![
            agency("civil-registry", "civil-registry-key"),
            agency("tax-office", "tax-office-key"),
            office("welfare-office", "welfare-office-key"),
            office("other-office", "other-office-key"),
        ];
        for agency in ["civil-registry", "tax-office"] {
            acts.extend(
                ["new", "stolen"].map(|which| Act::AddAgencyKey(name(agency), address(&format!("{agency}-{which}")))),
            );
        }
        for key_name in ["second-key", "retired-key", "revoked-key"] {
            acts.push(Act::AddRequesterKey(name("welfare-office"), address(key_name)));
        }
        for document in all.values().flatten() {
            let key = &self.policy_keys[&document.policy.digest().unwrap()];
            acts.push(Act::EnactPolicy(enactment(document, key)));
        }
        acts.extend(self.laws.iter().map(|law| Act::EnactProgram(Box::new(law.program.clone()))));
        for act in acts {
            enact(&mut self.evm, &act).unwrap();
        }
    }

    fn anchor_everything(&mut self) {
        let history = [
            (root::OLD, "2026-08-01", "key"),
            (root::STOLEN, "2026-08-10", "stolen"),
            (root::GONE, "2026-09-01", "key"),
            (root::BEFORE, "2026-10-20", "key"),
            (root::NOW, "2026-11-08", "new"),
        ];
        for (kind, day, key) in history {
            self.evm.time = time(day);
            for agency in ["civil-registry", "tax-office"] {
                anchor(&mut self.evm, &name(agency), &format!("{agency}-{key}"), root::of(agency, kind)).unwrap();
            }
        }
        for agency in ["civil-registry", "tax-office"] {
            let (id, gone) = (bytes32(&name(agency)), word(root::of(agency, root::GONE)));
            let data = Agencies::withdrawRootCall { id, root: gone }.abi_encode();
            self.evm.send(address(&format!("{agency}-key")), self.evm.contracts.agencies, data).unwrap();
            let stolen = address(&format!("{agency}-stolen"));
            let data = Agencies::revokeKeyCall { key: stolen }.abi_encode();
            self.evm.send(stolen, self.evm.contracts.agencies, data).unwrap();
        }
        let (retired, revoked) = (address("retired-key"), address("revoked-key"));
        let requesters = self.evm.contracts.requesters;
        self.evm.time = time("2026-11-08") + DAY / 2;
        self.evm.send(retired, requesters, Requesters::retireKeyCall { key: retired }.abi_encode()).unwrap();
        self.evm.send(revoked, requesters, Requesters::revokeKeyCall { key: revoked }.abi_encode()).unwrap();
    }
}

/// A root as contracts see it.
pub fn word(root: u64) -> B256 {
    field::to_bytes(root.into()).into()
}

/// Two officers, and the delay where the act has one.
pub fn enact(evm: &mut Evm, act: &Act) -> Result<u64, Failure> {
    let (target, call_) = (act.target(&evm.contracts), act.calldata().unwrap());
    evm.send(address("officer-1"), target, Officers::proposeCall { call_: call_.clone() }.abi_encode())?;
    evm.time += DELAY;
    evm.send(address("officer-2"), target, Officers::confirmCall { call_ }.abi_encode())
}

/// Two officers and an act that takes power away: at once.
pub fn enact_now(evm: &mut Evm, act: &Act) -> Result<u64, Failure> {
    let (target, call_) = (act.target(&evm.contracts), act.calldata().unwrap());
    evm.send(address("officer-1"), target, Officers::proposeCall { call_: call_.clone() }.abi_encode())?;
    evm.send(address("officer-2"), target, Officers::confirmCall { call_ }.abi_encode())
}

/// Makes a root an agency's current one, whatever was before.
pub fn anchor(evm: &mut Evm, agency: &Name, key_name: &str, root: u64) -> Result<u64, Failure> {
    let entry = evm.view(evm.contracts.agencies, Agencies::agenciesCall { id: bytes32(agency) });
    let sequence = entry.sequence + 1;
    let call = Agencies::anchorCall {
        id: bytes32(agency),
        root: word(root),
        sequence,
        previous: entry.head,
        accessLog: B256::repeat_byte(sequence as u8),
        accessLogSize: alloy_primitives::aliases::U48::from(sequence),
        notAfter: 0,
    };
    evm.send(address(key_name), evm.contracts.agencies, call.abi_encode())
}
