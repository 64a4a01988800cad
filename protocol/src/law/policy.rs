//! Policies as enacted: the manifest whose digest stands on chain, and the document that auditors recompile.

use crate::{
    canonical::{self, DocumentError, Kind, Suite},
    date::Date,
    field::Digest,
    id_form::{self, IdFormError},
    identifier::Identifier,
    machine::{Shape, Words},
    name::Name,
    schema::{Schema, SchemaId},
};
use serde::{Deserialize, Serialize};
use sha2::Digest as _;
use std::{fmt, str::FromStr};

/// The digest of a policy manifest: names one version of one policy, everywhere.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PolicyDigest(pub Digest);

impl fmt::Display for PolicyDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
impl FromStr for PolicyDigest {
    type Err = crate::field::FieldError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// One version of a policy, compiled. Its digest is what is enacted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// The suite.
    pub suite: Suite,
    /// Stable id; never changes.
    pub id: Name,
    /// Counts the versions of this id.
    pub version: u32,
    /// SHA-256 of the universal key file under which it is proved.
    pub universal_key: Digest,
    /// Which circuit.
    pub shape: Shape,
    /// When it is in force.
    pub in_force: InForce,
    /// Where each record comes from, in the order of the roots.
    pub sources: Vec<Source>,
    /// The policy words; the nullifier mode, the identity attribute and what reasons are revealed are among them.
    pub words: Words,
    /// What each output is, in order; at most two.
    pub outputs: Vec<String>,
    /// The reason code of each requirement, in order: bit i of `reasons` stands for entry i.
    pub reasons: Vec<String>,
    /// SHA-256 of the policy text that compiles to this manifest.
    pub source_text: Digest,
    /// Which compilation of texts into words made it. Left out where it is the first, so that manifests from before the field are what they were.
    #[serde(default = "first", skip_serializing_if = "is_first")]
    pub compiler: u32,
}

fn first() -> u32 {
    1
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_first(compiler: &u32) -> bool {
    *compiler == 1
}

/// First and last day on which a policy is in force. The version in force on a period's start applies to the whole period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InForce {
    /// First day.
    pub from: Date,
    /// Last day; open-ended if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
}

impl InForce {
    /// Whether `day` is among its days.
    pub fn contains(&self, day: Date) -> bool {
        self.from <= day && self.until.is_none_or(|until| day <= until)
    }
}

/// Where a policy's record comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The agency whose root is accepted.
    pub agency: Name,
    /// The schema; also among the words.
    pub schema: SchemaId,
}

impl Policy {
    /// `digest("policy", manifest)`.
    pub fn digest(&self) -> Result<PolicyDigest, DocumentError> {
        canonical::digest(Kind::Policy, self).map(PolicyDigest)
    }
}

/// A manifest with all that is needed to derive it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyDocument {
    /// The manifest.
    pub policy: Policy,
    /// The policy text (TOML with CEL expressions).
    pub text: String,
    /// The schemas of its sources, in their order.
    pub schemas: Vec<Schema>,
}

/// The id of the person whom a case is about, as the agencies of all these policies read it: office and wallet must commit to what the records say.
pub fn applicant_id(text: &str, policies: &[PolicyDocument]) -> Result<Identifier, IdFormError> {
    // The record with the identity attribute is the first.
    id_form::read(text, policies.iter().filter_map(|document| document.schemas.first()?.national_id.as_ref()))
}

/// SHA-256 of a policy text, as manifests name it.
pub fn text_digest(text: &str) -> Digest {
    Digest(sha2::Sha256::digest(text.as_bytes()).into())
}
