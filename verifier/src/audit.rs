//! Auditing: the same verification as online, from the bundle, its evidence and the auditor's trust file alone.
//!
//! Guarantees: the chain's entries come from evidence that the trust file vouches for; the decision is judged as of its own
//! block; each policy is compiled anew from its text, so that the words that were proved are the law that people can read.
//! Non-guarantee: when an *undated* decision was made. Its evidence says what the chain held at one block, not that proofs existed then.

use crate::batch::{Claim, verify_batch};
use crate::evidence::{self, EvidenceError};
use crate::key_header::KeySecurity;
use crate::policy_key::ProofRefused;
use crate::rejection::{Fault, Rejection};
use crate::trust::{Trust, WithdrawnEntry};
use crate::universal_key::{KeyError, UniversalKey, UniversalKeys};
use crate::verify::{PolicyKeys, Prepared, VerifiedDecision, query};
use sealroot_policy::{Diagnostics, PolicySource, SchemaRequest, compile};
use sealroot_protocol::bundle::Bundle;
use sealroot_protocol::machine::Shape;
use sealroot_protocol::name::Name;
use sealroot_protocol::policy::{PolicyDigest, PolicyDocument};
use sealroot_protocol::snapshot::{Assurance, Snapshot, SnapshotQuery};
use serde::Serialize;
use std::collections::BTreeSet;
use std::fmt;

/// What an audit found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Audited {
    /// The decision, as of its block.
    pub decision: VerifiedDecision,
    /// When it was made.
    pub dating: Dating,
    /// What it rests on and was withdrawn later: valid then, withdrawn since. Empty if it is valid still.
    pub withdrawn_since: Vec<WithdrawnSince>,
}

/// When a decision was made, as far as the chain says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dating {
    /// The chain holds the bundle's digest.
    Dated {
        /// Height of the block that holds it.
        block: u64,
        /// Its Unix time.
        time: u64,
        /// True if the contract verified the proofs, false if the requester did.
        proven_on_chain: bool,
    },
    /// Nothing on chain holds the decision: all that is known is that it follows from what this block held.
    Undated {
        /// Height of the evidence's block.
        block: u64,
        /// Its Unix time.
        time: u64,
    },
}

/// Something that the trust file says was withdrawn after the decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WithdrawnSince {
    /// What.
    pub what: WithdrawnEntry,
    /// From which height on.
    pub at: u64,
}

impl fmt::Display for WithdrawnSince {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, from height {} on", describe(&self.what), self.at)
    }
}

/// Why an audit refuses a bundle.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuditRefusal {
    /// The bundle carries no evidence.
    #[error("the bundle has no evidence: audit the bundle that `decide` returned")]
    NoEvidence,
    /// The evidence is refused.
    #[error("evidence: {0}")]
    Evidence(#[from] EvidenceError),
    /// Verification refused it.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// A policy's text doesn't compile.
    #[error("policy {policy}: its text doesn't compile: {diagnostics}")]
    Compile {
        /// The policy.
        policy: Name,
        /// What the compiler says.
        diagnostics: Diagnostics,
    },
    /// A policy's text compiles to something else.
    #[error(
        "policy {0}: its text compiles to another policy than the enacted one: what was proved is not what the text says"
    )]
    OtherPolicy(Name),
    /// Something it rests on had been withdrawn when the decision was made.
    #[error("what the decision rests on was withdrawn before it, at height {at}: {}", describe(what))]
    WithdrawnBefore {
        /// What.
        what: WithdrawnEntry,
        /// From which height on.
        at: u64,
    },
    /// Something it rests on was withdrawn, and nothing says that the decision is older.
    #[error("what the decision rests on was withdrawn at height {at}, and the decision is undated: {}", describe(what))]
    WithdrawnUndated {
        /// What.
        what: WithdrawnEntry,
        /// From which height on.
        at: u64,
    },
}

/// Why a trust file's keys can't be loaded.
#[derive(Debug, thiserror::Error)]
pub enum TrustedKeyError {
    /// The file can't be read.
    #[error("universal key file {file}: {error}; it belongs beside the trust file")]
    Read {
        /// Its name.
        file: String,
        /// Why.
        error: std::io::Error,
    },
    /// The file isn't the pinned key.
    #[error("universal key file {file}: {error}")]
    Key {
        /// Its name.
        file: String,
        /// Why.
        error: KeyError,
    },
    /// A key of another shape than the trust file says.
    #[error("universal key file {file} is of the {found} shape, the trust file says {pinned}")]
    Shape {
        /// Its name.
        file: String,
        /// In the trust file.
        pinned: Shape,
        /// In the key file.
        found: Shape,
    },
}

/// Loads the universal keys that a trust file pins. `read` gives the bytes of a file beside it.
pub fn trusted_keys(
    trust: &Trust,
    security: KeySecurity,
    read: impl Fn(&str) -> std::io::Result<Vec<u8>>,
) -> Result<UniversalKeys, TrustedKeyError> {
    let mut keys = UniversalKeys::new();
    for pin in &trust.universal_keys {
        let file = || pin.file.clone();
        let bytes = read(&pin.file).map_err(|error| TrustedKeyError::Read { file: file(), error })?;
        let key = UniversalKey::from_pinned(&bytes, pin.sha256, security)
            .map_err(|error| TrustedKeyError::Key { file: file(), error })?;
        if key.shape() != pin.shape {
            return Err(TrustedKeyError::Shape { file: file(), pinned: pin.shape, found: key.shape() });
        }
        keys = keys.with(key);
    }
    Ok(keys)
}

/// Audits bundles against one trust file; what they share is derived and compiled once.
pub struct Auditor<'a> {
    trust: &'a Trust,
    policy_keys: PolicyKeys<'a>,
    recompiled: BTreeSet<PolicyDigest>,
}

impl<'a> Auditor<'a> {
    /// An auditor who trusts this, with [`trusted_keys`]. A key that the trust file doesn't pin is never used.
    pub fn new(trust: &'a Trust, keys: &'a UniversalKeys) -> Self {
        Self { trust, policy_keys: PolicyKeys::new(keys), recompiled: BTreeSet::new() }
    }

    /// Audits one bundle.
    pub fn audit(&mut self, bundle: &Bundle) -> Result<Audited, AuditRefusal> {
        let prepared = self.prepare(bundle)?;
        Ok(Audited {
            decision: prepared.bundle.verify_each()?,
            dating: prepared.dating,
            withdrawn_since: prepared.withdrawn_since,
        })
    }

    /// Audits many bundles, checking all proofs in one batch. One answer per bundle, in order.
    pub fn audit_all(&mut self, bundles: &[Bundle]) -> Vec<Result<Audited, AuditRefusal>> {
        finish_in_batch(bundles.iter().map(|bundle| self.prepare(bundle)).collect())
    }

    fn prepare(&mut self, bundle: &Bundle) -> Result<PreparedAudit, AuditRefusal> {
        let query = query(bundle)?;
        let snapshot = self.snapshot(bundle, &query)?;
        self.judge(bundle, &query, &snapshot)
    }

    /// Everything but the proofs, by what the chain said.
    fn judge(
        &mut self,
        bundle: &Bundle,
        query: &SnapshotQuery,
        snapshot: &Snapshot,
    ) -> Result<PreparedAudit, AuditRefusal> {
        let digest = bundle.digest().map_err(Rejection::from)?;
        let dating = match &snapshot.decision {
            // The contract can't read bundles: under another request, the digest was recorded for something that it didn't check.
            Some(entry)
                if entry.bundle == digest
                    && entry.request == bundle.request.request.digest()
                    && entry.recorded_at <= snapshot.block.time =>
            {
                Dating::Dated {
                    block: entry.block,
                    time: entry.recorded_at,
                    proven_on_chain: entry.assurance == Assurance::Proven,
                }
            }
            _ => Dating::Undated { block: snapshot.block.number, time: snapshot.block.time },
        };
        let now = match dating {
            Dating::Dated { time, .. } | Dating::Undated { time, .. } => time,
        };
        self.check_pins(bundle)?;
        let prepared = Prepared::new(bundle, snapshot, &mut self.policy_keys, now)?;
        for document in &bundle.policies {
            self.recompile(document)?;
        }
        let withdrawn_since = self.withdrawn(bundle, query, snapshot, dating)?;
        Ok(PreparedAudit { bundle: prepared, dating, withdrawn_since })
    }

    /// What the chain said. Evidence proves no absence, so it is of an approval with its entry or of a decision without one.
    fn snapshot(&self, bundle: &Bundle, query: &SnapshotQuery) -> Result<Snapshot, AuditRefusal> {
        let given = bundle.evidence.as_ref().ok_or(AuditRefusal::NoEvidence)?;
        let without = query.clone().without_decision();
        if !bundle.decision.approved {
            return Ok(evidence::check(given, &without, self.trust)?);
        }
        let with_entry = evidence::check(given, query, self.trust);
        with_entry.or_else(|error| evidence::check(given, &without, self.trust).map_err(|_| error.into()))
    }

    /// Only pinned universal keys count, whatever keys the caller gave.
    fn check_pins(&self, bundle: &Bundle) -> Result<(), AuditRefusal> {
        for PolicyDocument { policy, .. } in &bundle.policies {
            let pin = self.trust.universal_key(policy.shape).ok_or(Rejection::NoUniversalKey(policy.shape))?;
            if pin.sha256 != policy.universal_key {
                let (policy, needed) = (policy.id.clone(), policy.universal_key);
                return Err(Rejection::OtherUniversalKey { policy, needed }.into());
            }
        }
        Ok(())
    }

    /// The text compiles to exactly the manifest: words, schemas, dates, names.
    fn recompile(&mut self, document: &PolicyDocument) -> Result<(), AuditRefusal> {
        let policy = &document.policy;
        let digest = policy.digest().map_err(Rejection::from)?;
        if self.recompiled.contains(&digest) {
            return Ok(());
        }
        let source = PolicySource { file: format!("{}.toml", policy.id), text: document.text.clone() };
        let schemas = |request: SchemaRequest<'_>| {
            document.schemas.get(request.source).cloned().ok_or_else(|| "the bundle has no such schema".to_owned())
        };
        let compiled = compile(&source, &schemas)
            .map_err(|diagnostics| AuditRefusal::Compile { policy: policy.id.clone(), diagnostics })?;
        if compiled.policy(policy.universal_key) != *policy {
            return Err(AuditRefusal::OtherPolicy(policy.id.clone()));
        }
        self.recompiled.insert(digest);
        Ok(())
    }

    /// What the trust file says was withdrawn, of all that the decision rests on. An undated decision may be younger than
    /// any withdrawal: a key that was broken makes proofs for every old block.
    fn withdrawn(
        &self,
        bundle: &Bundle,
        query: &SnapshotQuery,
        snapshot: &Snapshot,
        dating: Dating,
    ) -> Result<Vec<WithdrawnSince>, AuditRefusal> {
        let mut since = Vec::new();
        for what in rests_on(bundle, query, snapshot) {
            let Some(at) = self.trust.withdrawn_at(&what) else { continue };
            match dating {
                Dating::Undated { .. } => return Err(AuditRefusal::WithdrawnUndated { what, at }),
                Dating::Dated { block, .. } if at <= block => return Err(AuditRefusal::WithdrawnBefore { what, at }),
                Dating::Dated { .. } => since.push(WithdrawnSince { what, at }),
            }
        }
        Ok(since)
    }
}

struct PreparedAudit {
    bundle: Prepared,
    dating: Dating,
    withdrawn_since: Vec<WithdrawnSince>,
}

/// Checks all proofs in one batch; a bundle whose proof doesn't hold is refused, and no other.
fn finish_in_batch(prepared: Vec<Result<PreparedAudit, AuditRefusal>>) -> Vec<Result<Audited, AuditRefusal>> {
    // For each claim of the batch: which bundle, which of its parts.
    let mut places = Vec::new();
    let mut claims: Vec<Claim<'_>> = Vec::new();
    for (i, bundle) in prepared.iter().enumerate() {
        for (part, claim) in bundle.iter().flat_map(|b| b.bundle.claims()).enumerate() {
            places.push((i, part));
            claims.push(claim);
        }
    }
    let culprits = verify_batch(&claims).err().map(|refused| refused.culprits).unwrap_or_default();
    let culprits: Vec<(usize, usize)> = culprits.into_iter().map(|c| places[c]).collect();
    let answer = |(i, prepared): (usize, Result<PreparedAudit, AuditRefusal>)| {
        let prepared = prepared?;
        if let Some((_, part)) = culprits.iter().find(|(bundle, _)| *bundle == i) {
            let error = ProofRefused::Equation;
            return Err(Rejection::ProofInvalid { part: *part, error }.into());
        }
        Ok(Audited {
            decision: prepared.bundle.verified_in_batch(),
            dating: prepared.dating,
            withdrawn_since: prepared.withdrawn_since,
        })
    };
    prepared.into_iter().enumerate().map(answer).collect()
}

impl Audited {
    /// Whether the decision is valid and nothing that it rests on was withdrawn since.
    pub fn is_valid_still(&self) -> bool {
        self.withdrawn_since.is_empty()
    }
}

impl AuditRefusal {
    /// A stable code for programs: lower-case words joined by `-`.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::NoEvidence => "evidence-missing",
            Self::Evidence(_) => "evidence-invalid",
            Self::Rejected(rejection) => rejection.reason(),
            Self::Compile { .. } => "policy-does-not-compile",
            Self::OtherPolicy(_) => "policy-text-mismatch",
            Self::WithdrawnBefore { .. } => "withdrawn-before",
            Self::WithdrawnUndated { .. } => "withdrawn-undated",
        }
    }

    /// Who can mend it.
    pub fn fault(&self) -> Fault {
        match self {
            Self::NoEvidence | Self::Evidence(_) => Fault::Bundle,
            Self::Rejected(rejection) => rejection.fault(),
            Self::Compile { .. } | Self::OtherPolicy(_) => Fault::Enactment,
            Self::WithdrawnBefore { .. } | Self::WithdrawnUndated { .. } => Fault::Claim,
        }
    }
}

/// Everything whose withdrawal concerns the decision.
fn rests_on(bundle: &Bundle, query: &SnapshotQuery, snapshot: &Snapshot) -> Vec<WithdrawnEntry> {
    let mut all = vec![WithdrawnEntry::Program(query.program.clone()), WithdrawnEntry::Key(query.signer)];
    for (agency, root) in &query.roots {
        all.extend([WithdrawnEntry::Agency(agency.clone()), WithdrawnEntry::Root(*root)]);
        let entry = snapshot.roots.get(&(agency.clone(), *root));
        all.extend(entry.map(|entry| WithdrawnEntry::Key(entry.anchored_by)));
    }
    all.extend(query.policies.iter().map(|digest| WithdrawnEntry::Policy(*digest)));
    let mut universal: Vec<_> = bundle.policies.iter().map(|document| document.policy.universal_key).collect();
    universal.dedup();
    all.extend(universal.into_iter().map(WithdrawnEntry::UniversalKey));
    all
}

fn describe(entry: &WithdrawnEntry) -> String {
    match entry {
        WithdrawnEntry::Agency(name) => format!("agency {name}"),
        WithdrawnEntry::Root(root) => format!("root {root}"),
        WithdrawnEntry::Policy(digest) => format!("policy {digest}"),
        WithdrawnEntry::Program(name) => format!("program {name}"),
        WithdrawnEntry::Key(address) => format!("key {address}"),
        WithdrawnEntry::UniversalKey(hash) => format!("universal key {hash}"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::case::{Case, NOW, name};
    use crate::toy;
    use crate::trust::{PinnedContract, PinnedContracts, PinnedKey, PinnedSealer, Withdrawn};
    use alloy_primitives::{Address, B256};
    use sealroot_protocol::canonical::Suite;
    use sealroot_protocol::field::{Digest, F};
    use sealroot_protocol::policy::text_digest;
    use sealroot_protocol::snapshot::DecisionEntry;

    fn trust() -> Trust {
        let contract = |n: u8| PinnedContract { address: Address::repeat_byte(n), code_hash: B256::repeat_byte(n) };
        Trust {
            suite: Suite,
            chain_id: 7,
            universal_keys: vec![PinnedKey {
                shape: Shape::Solo,
                sha256: toy::solo().universal.hash(),
                file: "solo.key".into(),
            }],
            contracts: PinnedContracts {
                agencies: contract(1),
                policies: contract(2),
                requesters: contract(3),
                programs: contract(4),
                decisions: contract(5),
            },
            sealers: vec![PinnedSealer { address: Address::repeat_byte(9), from: 0, until: None }],
            blocks: vec![],
            withdrawn: vec![],
        }
    }

    /// A case whose approval is recorded in block 41.
    fn recorded() -> Case {
        let mut case = Case::good();
        case.snapshot.decision = Some(DecisionEntry {
            request: case.bundle.request.request.digest(),
            bundle: case.bundle.digest().unwrap(),
            amount: case.bundle.decision.amount,
            recorded_at: NOW,
            block: 41,
            assurance: Assurance::Recorded,
            scope: case.bundle.request.request.scope(),
        });
        case
    }

    fn judge(case: &Case, trust: &Trust) -> Result<PreparedAudit, AuditRefusal> {
        Auditor::new(trust, &case.keys).judge(&case.bundle, &query(&case.bundle)?, &case.snapshot)
    }

    fn reason(case: &Case, trust: &Trust) -> &'static str {
        judge(case, trust).map_or_else(|refusal| refusal.reason(), |_| "audited")
    }

    #[test]
    fn a_recorded_decision_is_dated_and_judged_as_of_its_block() {
        let mut case = recorded();
        // The evidence is of a later block, at which the request has expired and the roots' grace is over.
        case.snapshot.block.time = NOW + 90 * 86_400;
        case.snapshot.roots.values_mut().for_each(|root| root.superseded_at = Some(NOW + 1));
        let audited = judge(&case, &trust()).unwrap();
        assert_eq!(audited.dating, Dating::Dated { block: 41, time: NOW, proven_on_chain: false });
        assert!(audited.bundle.verify_each().unwrap().approved && audited.withdrawn_since.is_empty());

        // A time of recording after the block that shows it is no time.
        case.snapshot.block.time = NOW - 1;
        assert!(matches!(judge(&case, &trust()), Ok(PreparedAudit { dating: Dating::Undated { .. }, .. }) | Err(_)));
    }

    #[test]
    fn without_its_record_a_decision_is_undated() {
        let mut case = recorded();
        case.snapshot.decision = None;
        let audited = judge(&case, &trust()).unwrap();
        assert_eq!(audited.dating, Dating::Undated { block: 42, time: NOW });
        case.snapshot.block.time = NOW + 90 * 86_400;
        assert_eq!(reason(&case, &trust()), "request-expired", "it is judged as of the evidence's block");
    }

    /// A requester records a correction's digest under the request that it corrects: the contract never checked the correction.
    #[test]
    fn a_digest_recorded_under_another_request_dates_nothing() {
        let mut case = recorded();
        let first = case.snapshot.decision.take().unwrap();
        case.request(|request| request.corrects = Some(first.request));
        let bundle = case.bundle.digest().unwrap();
        case.snapshot.decision = Some(DecisionEntry { bundle, amount: 1, ..first });
        let audited = judge(&case, &trust()).unwrap();
        assert_eq!(audited.dating, Dating::Undated { block: 42, time: NOW });
    }

    #[test]
    fn bundles_without_evidence_are_refused() {
        let case = recorded();
        let refused = Auditor::new(&trust(), &case.keys).audit(&case.bundle).unwrap_err();
        assert_eq!(refused.reason(), "evidence-missing");
    }

    /// The manifest of another text is enacted: the words are fine, the chain agrees, but the law says something else.
    #[test]
    fn policies_are_compiled_from_their_text() {
        let edit = |from: &str, to: &str| {
            let mut case = recorded();
            let (from, to) = (from.to_owned(), to.to_owned());
            case.policy(1, |document| {
                assert!(document.text.contains(&from), "{from}");
                document.text = document.text.replace(&from, &to);
                document.policy.source_text = text_digest(&document.text);
            });
            case.enact();
            case.snapshot.decision = None;
            assert!(case.verify().is_ok(), "online, the enacted digest is what counts");
            reason(&case, &trust())
        };
        assert_eq!(edit("value >= 5", "value >= 6"), "policy-text-mismatch");
        assert_eq!(edit("income-missing", "income-absent"), "policy-text-mismatch");
        assert_eq!(edit("tax-office", "tax-bureau"), "policy-text-mismatch");
        assert_eq!(edit("value >= 5", "wealth >= 5"), "policy-does-not-compile");
        assert_eq!(edit("shape =", "form ="), "policy-does-not-compile");
        assert_eq!(edit("Test Act", "Trial Act"), "audited", "what isn't in the words is only hashed");
    }

    #[test]
    fn universal_keys_that_are_not_pinned_are_refused() {
        let case = recorded();
        let mut other = trust();
        other.universal_keys[0].sha256 = Digest([0; 32]);
        assert_eq!(reason(&case, &other), "universal-key-mismatch");
        other.universal_keys.clear();
        assert_eq!(reason(&case, &other), "universal-key-missing");
    }

    #[test]
    fn withdrawals_count_by_their_height() {
        let case = recorded();
        let policy = case.bundle.parts[0].policy;
        let all = [
            WithdrawnEntry::Agency(name("tax-office")),
            WithdrawnEntry::Root(case.bundle.parts[1].inputs.roots[0]),
            WithdrawnEntry::Policy(policy),
            WithdrawnEntry::Program(name("heating-allowance")),
            WithdrawnEntry::Key(crate::case::requester_key().address()),
            WithdrawnEntry::Key(*case.snapshot.agency_keys.keys().next().unwrap()),
            WithdrawnEntry::UniversalKey(toy::solo().universal.hash()),
        ];
        for what in all {
            let at = |at| Trust { withdrawn: vec![Withdrawn { what: what.clone(), at }], ..trust() };
            assert_eq!(reason(&case, &at(41)), "withdrawn-before", "{what:?}");
            let since = judge(&case, &at(42)).unwrap().withdrawn_since;
            assert_eq!(since, [WithdrawnSince { what: what.clone(), at: 42 }]);
            // Whoever broke a key makes new proofs for old blocks.
            let mut undated = case.clone();
            undated.snapshot.decision = None;
            assert_eq!(reason(&undated, &at(1000)), "withdrawn-undated", "{what:?}");
        }
        let elsewhere = Withdrawn { what: WithdrawnEntry::Agency(name("land-registry")), at: 1 };
        assert_eq!(reason(&case, &Trust { withdrawn: vec![elsewhere], ..trust() }), "audited");
    }

    #[test]
    fn many_are_audited_at_once_and_culprits_are_named() {
        let trust = trust();
        let mut cases: Vec<Case> = (0..4).map(|_| recorded()).collect();
        let forged = cases[2].bundle.parts[0].proof.clone();
        cases[2].bundle.parts[1].proof = forged;
        cases[2].snapshot.decision = None;
        cases[3].bundle.parts[0].inputs.scope.0 += F::from(1u8);
        let keys = cases[0].keys.clone();
        let mut auditor = Auditor::new(&trust, &keys);
        let judged = cases
            .iter()
            .map(|case| auditor.judge(&case.bundle, &query(&case.bundle).unwrap(), &case.snapshot))
            .collect();
        let answers: Vec<_> =
            finish_in_batch(judged).into_iter().map(|a| a.map_or_else(|r| r.reason(), |_| "audited")).collect();
        assert_eq!(answers[..3], ["audited", "audited", "proof-invalid"]);
        assert_ne!(answers[3], "audited");
    }

    #[test]
    fn trusted_keys_are_the_pinned_files() {
        let bytes = toy::solo().universal.to_bytes();
        let allow = KeySecurity::AllowInsecure;
        let keys = trusted_keys(&trust(), allow, |_| Ok(bytes.clone())).unwrap();
        assert!(keys.get(Shape::Solo).is_some());
        let mut changed = bytes.clone();
        changed[100] ^= 1;
        assert!(matches!(trusted_keys(&trust(), allow, |_| Ok(changed.clone())), Err(TrustedKeyError::Key { .. })));
        let production = trusted_keys(&trust(), KeySecurity::ProductionOnly, |_| Ok(bytes.clone()));
        assert!(matches!(production, Err(TrustedKeyError::Key { .. })));
        let missing = trusted_keys(&trust(), allow, |_| Err(std::io::ErrorKind::NotFound.into()));
        assert!(matches!(missing, Err(TrustedKeyError::Read { .. })));
    }
}
