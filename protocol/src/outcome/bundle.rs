//! Bundles: one self-contained file with decision, proofs, policies, program, request and evidence.

use crate::{
    canonical::{self, DocumentError, Kind, Suite},
    consent::Nullifier,
    enclosed::{EnclosedPolicy, KnownPolicies},
    evidence::Evidence,
    field::Digest,
    machine::PublicInputs,
    policy::PolicyDigest,
    program::Program,
    reduction::ReductionDocument,
    request::SignedRequest,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use std::fmt;

/// The proof of one policy of a program, made where that policy's data lies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// The suite.
    pub suite: Suite,
    /// Which policy version.
    pub policy: PolicyDigest,
    /// Hash of the universal key under which it was proved.
    pub universal_key: Digest,
    /// What changes per proof; the policy's words are in the policy key.
    pub inputs: PublicInputs,
    /// The Groth16 proof.
    pub proof: ProofBytes,
}

/// A Groth16 proof as EIP-197 points: A (x, y), B (x.c1, x.c0, y.c1, y.c0), C (x, y), 32 bytes each.
///
/// Proofs are malleable: nothing may be keyed on these bytes. Decoding to points is the verifier's.
#[derive(Clone, PartialEq, Eq)]
pub struct ProofBytes(pub [u8; 256]);

impl fmt::Debug for ProofBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ProofBytes(0x{}…)", hex::encode(&self.0[..8]))
    }
}
impl Serialize for ProofBytes {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&format!("0x{}", hex::encode(self.0)))
    }
}
impl<'de> Deserialize<'de> for ProofBytes {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        let lower = !text.bytes().any(|b| b.is_ascii_uppercase());
        let bytes = text.strip_prefix("0x").and_then(|t| hex::decode(t).ok()).and_then(|b| b.try_into().ok());
        bytes
            .filter(|_| lower)
            .map(Self)
            .ok_or_else(|| serde::de::Error::custom("a proof is 0x and 512 lower-case hexadecimal digits"))
    }
}

/// What was decided. Everything here follows from the parts; a reader rejects a bundle in which it doesn't.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// The AND of the parts' decisions.
    pub approved: bool,
    /// What is paid, in minor units; 0 unless approved and the program pays.
    #[serde(with = "crate::decimal")]
    pub amount: u64,
    /// Spent by an approval.
    pub nullifier: Nullifier,
}

/// One self-contained file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// The suite.
    pub suite: Suite,
    /// What was decided.
    pub decision: Decision,
    /// What was asked.
    pub request: SignedRequest,
    /// The program.
    pub program: Program,
    /// Its policies, in the program's order.
    pub policies: Vec<EnclosedPolicy>,
    /// One proof per policy, in the same order.
    pub parts: Vec<Part>,
    /// What the chain said when the decision was made; absent until it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
    /// The newest reduction of the approval, if its office lowered it since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reduction: Option<EnteredReduction>,
}

/// A reduction that was carried out: why, and what the chain said after it.
///
/// Its evidence is its own. A later block may no longer show what the decision rested on, and the decision is judged by its own block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnteredReduction {
    /// What the chain holds the digest of.
    pub document: ReductionDocument,
    /// What the chain said of the program and of the approval under the nullifier ([`SnapshotQuery::of_approval`](crate::snapshot::SnapshotQuery::of_approval)).
    pub evidence: Evidence,
}

impl Bundle {
    /// Puts parts together; the decision is derived.
    pub fn new(
        request: SignedRequest,
        program: Program,
        policies: Vec<impl Into<EnclosedPolicy>>,
        parts: Vec<Part>,
    ) -> Option<Self> {
        let decision = Decision::of(&program, &parts)?;
        let policies = policies.into_iter().map(Into::into).collect();
        Some(Self { suite: Suite, decision, request, program, policies, parts, evidence: None, reduction: None })
    }

    /// Digest of everything but the evidence and what came later: what the chain stores.
    pub fn digest(&self) -> Result<Digest, DocumentError> {
        Ok(canonical::digest_of_bytes(Kind::Bundle, &self.written(false)?))
    }

    /// The file's bytes.
    pub fn to_bytes(&self) -> Result<Vec<u8>, DocumentError> {
        self.written(true)
    }

    /// Reads canonical bytes only.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DocumentError> {
        Self::read(bytes, &mut KnownPolicies::default())
    }

    /// The same, with what was read before: many bundles hold the same policies, which are most of each.
    pub fn read(bytes: &[u8], known: &mut KnownPolicies) -> Result<Self, DocumentError> {
        let bundle = match serde_json::from_slice::<Unread<'_>>(bytes).map(|unread| unread.read(known)) {
            Ok(Ok(bundle)) => bundle,
            // Whatever is wrong, and where in the whole file it stands.
            _ => serde_json::from_slice(bytes)?,
        };
        if bundle.to_bytes()? == bytes { Ok(bundle) } else { Err(DocumentError::NotCanonical) }
    }

    /// [`canonical::to_bytes`] of this, with each policy's bytes as they are known; without evidence and reduction if `whole` is false.
    fn written(&self, whole: bool) -> Result<Vec<u8>, DocumentError> {
        let policies = self.policies.iter().map(EnclosedPolicy::bytes).collect::<Result<Vec<_>, _>>()?.join(&b',');
        let mut members = vec![
            ("decision", canonical::to_bytes(&self.decision)?),
            ("parts", canonical::to_bytes(&self.parts)?),
            ("policies", [b"[", policies.as_slice(), b"]"].concat()),
            ("program", canonical::to_bytes(&self.program)?),
            ("request", canonical::to_bytes(&self.request)?),
            ("suite", canonical::to_bytes(&self.suite)?),
        ];
        if let Some(evidence) = self.evidence.as_ref().filter(|_| whole) {
            members.push(("evidence", canonical::to_bytes(evidence)?));
        }
        if let Some(reduction) = self.reduction.as_ref().filter(|_| whole) {
            members.push(("reduction", canonical::to_bytes(reduction)?));
        }
        Ok(canonical::object(members))
    }
}

/// A bundle whose policies weren't read yet.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unread<'a> {
    suite: Suite,
    decision: Decision,
    request: SignedRequest,
    program: Program,
    #[serde(borrow)]
    policies: Vec<&'a RawValue>,
    parts: Vec<Part>,
    evidence: Option<Evidence>,
    reduction: Option<EnteredReduction>,
}

impl Unread<'_> {
    fn read(self, known: &mut KnownPolicies) -> Result<Bundle, DocumentError> {
        let Self { suite, decision, request, program, policies, parts, evidence, reduction } = self;
        let policies = policies.into_iter().map(|policy| known.read(policy.get().as_bytes()));
        let policies = policies.collect::<Result<_, _>>()?;
        Ok(Bundle { suite, decision, request, program, policies, parts, evidence, reduction })
    }
}

impl Decision {
    /// The decision that follows from a program's parts; none without parts or where the paid part is missing.
    pub fn of(program: &Program, parts: &[Part]) -> Option<Self> {
        let nullifier = parts.first()?.inputs.nullifier;
        let approved = parts.iter().all(|p| p.inputs.decision);
        let amount = match &program.pays {
            Some(pays) if approved => {
                *parts.get(usize::from(pays.part))?.inputs.outputs.get(usize::from(pays.output))?
            }
            _ => 0,
        };
        Some(Self { approved, amount, nullifier })
    }
}
