//! Release: a record leaves the vault on a signature of the person whom it is about, or of his representative, sealed to the one key that the signature names.
//!
//! Guarantees: nothing leaves without a signature, over this very record, by the key that is enrolled for its subject *now* or by somebody who represents him
//! *now*; a signature lets the record out once; the access log has the entry before; what leaves opens for one key only, in this context.
//! There is no other way out: an agency's own prover opens records where they lie ([`Vault::open_record`]).
//! Non-guarantee: what the recipient does with the record. The person chose him.

use crate::{
    error::{Integrity, Refusal, VaultError},
    issue,
    log::{Access, What},
    read::{Opened, Which},
    store::{Log, Records, Store},
    transfer::{self, RecipientKey, RecipientSecret},
    vault::Vault,
};
use sealroot_protocol::{
    canonical::{self, Suite},
    consent::RequestDigest,
    date::Date,
    field::{self, Digest, F},
    name::Name,
    record::Record,
    release::{MAX_LIFETIME, Release, ReleaseError, SignedRelease},
    scope::{Deployment, Scope},
    tree::{ARITY, DEPTH, LeafIndex, Path, Root},
};
use serde::{Deserialize, Serialize};

const INFO: &[u8] = b"sealroot/1:release";
/// Contents are padded to a multiple of this, so that the length doesn't tell which record it is, nor whether its person has a wallet.
const PAD: usize = 4096;

/// Why a release doesn't count here and now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReleaseRefusal {
    /// Its form, signature or time.
    #[error(transparent)]
    Form(#[from] ReleaseError),
    /// It is for another agency.
    #[error("the release is for {found}, this is the vault of {here}")]
    OtherAgency {
        /// Whom it names.
        found: Name,
        /// Whose vault this is.
        here: Name,
    },
    /// It is for another chain or program contract.
    #[error("the release is for another chain or program contract than this agency's")]
    OtherDeployment,
    /// Signed by somebody who may not.
    #[error(
        "the release is signed neither by the key enrolled for this person now nor by somebody registered as his representative"
    )]
    Signer,
    /// It was used or withdrawn.
    #[error("the release was used or withdrawn already: ask the person for a new one")]
    Used,
}

impl ReleaseRefusal {
    /// A stable code for programs.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Form(error) => error.reason(),
            Self::OtherAgency { .. } => "release-other-agency",
            Self::OtherDeployment => "release-other-deployment",
            Self::Signer => "release-signer",
            Self::Used => "release-used",
        }
    }
}

/// A record sealed to one recipient: a file. Its head is authenticated with the contents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedRecord {
    /// The suite.
    pub suite: Suite,
    /// Whose vault it comes from.
    pub agency: Name,
    /// Who can open it.
    pub recipient: RecipientKey,
    /// Digest of the release that let it out.
    pub release: Digest,
    /// HPKE: encapsulated key, ciphertext and tag.
    #[serde(with = "hex_bytes")]
    pub sealed: Vec<u8>,
}

/// What is inside.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReleasedForm {
    record: Record,
    index: LeafIndex,
    siblings: Vec<[String; ARITY - 1]>,
    root: Root,
    request: RequestDigest,
    scope: Scope,
}

/// A released record, opened by its recipient and checked against its own root. Whether that root is anchored is for the verifier to check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Released {
    /// Whose vault it comes from.
    pub agency: Name,
    /// The record.
    pub record: Record,
    /// Its path.
    pub path: Path,
    /// The root that the path leads to.
    pub root: Root,
    /// The request that it was released for.
    pub request: RequestDigest,
    /// Program and period that it was released for.
    pub scope: Scope,
}

impl<S: Store> Vault<S> {
    /// Seals the record that a signed release names, with its path to the newest anchored root, to the key that it names.
    pub async fn release(&self, signed: &SignedRelease, deployment: Deployment) -> Result<SealedRecord, VaultError> {
        let by = self.authorised(signed, deployment).await?;
        let release = &signed.release;
        let digest = release.digest().map_err(ReleaseRefusal::Form).map_err(Refusal::Release)?;
        let which = Which {
            subject: release.subject,
            schema: release.schema,
            period: release.period,
            business_key: release.business_key.clone(),
        };
        let access = Access {
            who: format!("recipient {}, authorised by {by}", release.recipient),
            reason: format!("release {digest} for request {}", release.request),
        };
        let opened = self.disclose(&which, None, &access, What::Released).await?;
        // After the look-up, so that a record that isn't there burns no signature; before anything leaves, so that two clerks can't use one.
        self.mark_used(release, digest).await?;
        seal(&self.issuer.agency, release, digest, opened)
    }

    /// Makes a release useless that was signed and not used: for a person who changed his mind. It must be one that counts.
    pub async fn withdraw_release(&self, signed: &SignedRelease, deployment: Deployment) -> Result<(), VaultError> {
        self.authorised(signed, deployment).await?;
        let digest = signed.release.digest().map_err(ReleaseRefusal::Form).map_err(Refusal::Release)?;
        self.mark_used(&signed.release, digest).await
    }

    /// Checks everything but whether the record is there; says in whose place the signer acts.
    async fn authorised(&self, signed: &SignedRelease, deployment: Deployment) -> Result<&'static str, VaultError> {
        let refuse = |refusal: ReleaseRefusal| VaultError::Refused(Refusal::Release(refusal));
        let release = &signed.release;
        let now = u64::try_from(self.clock.now()).map_err(|_| Refusal::Date)?;
        signed.check(now).map_err(|error| refuse(error.into()))?;
        if release.agency != self.issuer.agency {
            let (found, here) = (release.agency.clone(), self.issuer.agency.clone());
            return Err(refuse(ReleaseRefusal::OtherAgency { found, here }));
        }
        if release.deployment != deployment {
            return Err(refuse(ReleaseRefusal::OtherDeployment));
        }
        let reference = issue::subject(&self.ring(), release.subject);
        let holder = self.holders(&mut self.store.records().read().await?, &[reference]).await?.remove(&reference);
        let holder = holder.ok_or_else(|| refuse(ReleaseRefusal::Signer))?;
        let today = Date::from_unix_time(now).map_err(|_| Refusal::Date)?;
        let mut representatives = holder.representatives.iter();
        let by = if holder.key == Some(release.signer) {
            "the holder"
        } else if representatives.any(|other| other.key == release.signer && other.may_release(today)) {
            "a representative"
        } else {
            return Err(refuse(ReleaseRefusal::Signer));
        };
        let digest = release.digest().map_err(|error| refuse(error.into()))?;
        if self.store.log().is_used(&digest.0).await? { Err(refuse(ReleaseRefusal::Used)) } else { Ok(by) }
    }

    async fn mark_used(&self, release: &Release, digest: Digest) -> Result<(), VaultError> {
        let seconds = |time: u64| i64::try_from(time).unwrap_or(i64::MAX);
        // Kept longer than it can count, for a clock that is set back.
        let forget = self.clock.now().saturating_sub(seconds(MAX_LIFETIME));
        if self.store.log().use_release(&digest.0, seconds(release.expiry), forget).await? {
            Ok(())
        } else {
            Err(Refusal::Release(ReleaseRefusal::Used).into())
        }
    }
}

fn seal(agency: &Name, release: &Release, digest: Digest, opened: Opened) -> Result<SealedRecord, VaultError> {
    let form = ReleasedForm {
        index: opened.path.index,
        siblings: opened.path.siblings.iter().map(|s| s.map(field::to_hex)).collect(),
        root: opened.root,
        record: opened.record,
        request: release.request,
        scope: release.scope,
    };
    let mut plain = zeroize::Zeroizing::new(serde_json::to_vec(&form).map_err(|_| Integrity::Encoding)?);
    let padded = plain.len().next_multiple_of(PAD);
    plain.resize(padded, b' ');
    let mut file = SealedRecord {
        suite: Suite,
        agency: agency.clone(),
        recipient: release.recipient,
        release: digest,
        sealed: Vec::new(),
    };
    file.sealed = transfer::seal_to(&release.recipient, INFO, &file.head()?, &plain)?;
    Ok(file)
}

impl SealedRecord {
    /// Opens it with the recipient's key.
    pub fn open(&self, secret: &RecipientSecret) -> Result<Released, Integrity> {
        let plain = transfer::open(secret, INFO, &self.head()?, &self.sealed)?;
        let form: ReleasedForm = serde_json::from_slice(&plain).map_err(|_| Integrity::Encoding)?;
        if form.siblings.len() != DEPTH {
            return Err(Integrity::Encoding);
        }
        let mut siblings = [[F::from(0u8); ARITY - 1]; DEPTH];
        for (slot, texts) in siblings.iter_mut().zip(&form.siblings) {
            for (value, text) in slot.iter_mut().zip(texts) {
                *value = field::from_hex(text).map_err(|_| Integrity::Encoding)?;
            }
        }
        let path = Path { index: form.index, siblings };
        if path.root(form.record.leaf()) != form.root {
            return Err(Integrity::LeafMismatch);
        }
        let (agency, request, scope) = (self.agency.clone(), form.request, form.scope);
        Ok(Released { agency, record: form.record, path, root: form.root, request, scope })
    }

    /// Everything but the ciphertext: the associated data.
    fn head(&self) -> Result<Vec<u8>, Integrity> {
        let head = Self { sealed: Vec::new(), ..self.clone() };
        canonical::to_bytes(&head).map_err(|_| Integrity::Encoding)
    }
}

/// Bytes as `0x` and lower-case hexadecimal digits.
mod hex_bytes {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(bytes: &[u8], s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&format!("0x{}", hex::encode(bytes)))
    }
    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(d)?;
        let lower = !text.bytes().any(|b| b.is_ascii_uppercase());
        let bytes = text.strip_prefix("0x").filter(|_| lower).and_then(|digits| hex::decode(digits).ok());
        bytes.ok_or_else(|| D::Error::custom("expected 0x and lower-case hexadecimal digits"))
    }
}
