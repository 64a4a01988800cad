//! Release: a record leaves the vault on a signature of the person whom it is about, or of a representative, sealed to the one key that the signature names.
//!
//! Guarantees: nothing leaves without a signature, over this very record, by the key that is enrolled for its subject *now* or by somebody who represents the subject
//! *now*, in the role that they signed in, and since before they signed; a signature lets the record out once; the access log has the entry before; what leaves
//! opens for one key only, in this context, and shows that recipient who let it out. A record that is no longer the subject's is not released.
//! Nothing else in the vault seals a record for somebody.
//! Non-guarantees: what the recipient does with the record: the person chose the recipient. What an agency's own prover does with the records that it opens where they
//! lie ([`Vault::open_record`]): it has them in the clear, and the access log says "opened".

pub use super::release_rejection::ReleaseRejection;

use crate::{
    disclosure::read::Which,
    error::{Integrity, Rejection, VaultError},
    keys::references,
    people::holder::Holder,
    store::{Log, Records, Store},
    vault::Vault,
};
use sealroot_handover::{
    access_log::{Access, LoggedAct, What},
    sealed_record::{SealedRecord, SealingError},
    transfer,
};
use sealroot_protocol::{
    date::Date,
    field::Digest,
    possession::Role,
    release::{CLOCKS, MAX_LIFETIME, Release, SignedRelease},
    scope::Deployment,
    signature::Signer,
};

impl<S: Store> Vault<S> {
    /// Seals the record that a signed release names, with its path to the newest anchored root, to the key that it names. `agency_key` is a key of the
    /// agency's on chain; it vouches for the signer where the record itself doesn't show that they may release it, and isn't used elsewhere.
    pub async fn release(
        &self,
        signed: &SignedRelease,
        deployment: Deployment,
        agency_key: Option<&dyn Signer>,
    ) -> Result<SealedRecord, VaultError> {
        let by = self.authorised(signed, deployment).await?;
        let release = &signed.release;
        if release.role == Role::Representative && agency_key.is_none() {
            return Err(reject(ReleaseRejection::NeedsVoucher));
        }
        // Before anything is written: it would cost the person a signature.
        transfer::check_recipient(&release.recipient).map_err(|_| Rejection::RecipientKey)?;
        let digest = digest(release)?;
        let which = Which {
            subject: release.subject,
            schema: release.schema,
            period: release.period,
            business_key: release.business_key.clone(),
        };
        let access =
            Access { who: format!("recipient {}, authorised by {by}", release.recipient), why: why(release, digest) };
        let opened = self.disclose(&which, None, &access, What::Released, Some(&release.signer)).await?;
        let shown = opened.record.holder == Some(release.signer);
        if !shown && agency_key.is_none() {
            return Err(reject(ReleaseRejection::NeedsVoucher));
        }
        let voucher = agency_key.filter(|_| !shown);
        let sealed = SealedRecord::seal(signed, opened.record, &opened.path, opened.root, voucher);
        let sealed = sealed.map_err(|error| match error {
            SealingError::Recipient(_) => Rejection::RecipientKey.into(),
            SealingError::Form => Integrity::Encoding.into(),
            SealingError::Signer(error) => VaultError::Signer(error),
        })?;
        // After the look-up and the agency's signature, so that neither a record that isn't there nor a token that doesn't answer burns
        // the person's; before anything leaves, so that two clerks can't use one.
        self.mark_used(release, digest).await?;
        Ok(sealed)
    }

    /// Makes a release useless that was signed and not used: for a person who thinks again. Every bearer of it may, at any time, whether or not it would
    /// count now: a release that is rejected today could count later, and one that its signer alone could withdraw would be safe with a thief.
    pub async fn withdraw_release(&self, signed: &SignedRelease, deployment: Deployment) -> Result<(), VaultError> {
        let release = &signed.release;
        signed.check_signature().map_err(|error| reject(error.into()))?;
        self.is_for_here(release, deployment)?;
        let digest = digest(release)?;
        if self.store.log().is_used(&digest.0).await? {
            return Err(reject(ReleaseRejection::Used));
        }
        let reference = references::subject(&self.ring(), release.subject);
        let holder = self.holders(&mut self.store.records().read().await?, &[reference]).await?.remove(&reference);
        let access = Access { who: "the bearer of the release".into(), why: why(release, digest) };
        let entry = LoggedAct::of_key(&self.issuer.agency, &access, What::ReleaseWithdrawn, &release.signer);
        self.write_entry(reference, holder.unwrap_or_default().log_key()?, &entry).await?;
        self.mark_used(release, digest).await
    }

    /// Checks everything but whether the record is there; says in whose place the signer acts.
    async fn authorised(&self, signed: &SignedRelease, deployment: Deployment) -> Result<String, VaultError> {
        let release = &signed.release;
        let now = u64::try_from(self.clock.now()).map_err(|_| Rejection::Date)?;
        signed.check(now).map_err(|error| reject(error.into()))?;
        self.is_for_here(release, deployment)?;
        let reference = references::subject(&self.ring(), release.subject);
        let holder = self.holders(&mut self.store.records().read().await?, &[reference]).await?.remove(&reference);
        let today = Date::from_unix_time(now).map_err(|_| Rejection::Date)?;
        let since = holder.and_then(|holder| counts_since(&holder, release, today));
        let since = since.ok_or_else(|| reject(ReleaseRejection::Signer))?;
        // What somebody signed under an earlier key, or before a removal, doesn't come back with them.
        if i64::try_from(release.not_before.saturating_add(CLOCKS)).is_ok_and(|signed_by| signed_by < since) {
            return Err(reject(ReleaseRejection::BeforeSigner));
        }
        if self.store.log().is_used(&digest(release)?.0).await? {
            return Err(reject(ReleaseRejection::Used));
        }
        Ok(match release.role {
            Role::Holder => "the holder".into(),
            Role::Representative => format!("the representative with key {}", release.signer.fingerprint()),
        })
    }

    fn is_for_here(&self, release: &Release, deployment: Deployment) -> Result<(), VaultError> {
        if release.agency != self.issuer.agency {
            let (found, here) = (release.agency.clone(), self.issuer.agency.clone());
            return Err(reject(ReleaseRejection::OtherAgency { found, here }));
        }
        if release.deployment == deployment { Ok(()) } else { Err(reject(ReleaseRejection::OtherDeployment)) }
    }

    async fn mark_used(&self, release: &Release, digest: Digest) -> Result<(), VaultError> {
        let seconds = |time: u64| i64::try_from(time).unwrap_or(i64::MAX);
        // Kept longer than it can count, for a clock that is set back.
        let forget = self.clock.now().saturating_sub(seconds(MAX_LIFETIME));
        if self.store.log().use_release(&digest.0, seconds(release.expiry), forget).await? {
            Ok(())
        } else {
            Err(reject(ReleaseRejection::Used))
        }
    }
}

/// Since when, Unix seconds, the signer's key counts in the role that they signed in; none if it doesn't today.
fn counts_since(holder: &Holder, release: &Release, today: Date) -> Option<i64> {
    match release.role {
        Role::Holder => holder.enrolled_at.filter(|_| holder.key == Some(release.signer)),
        Role::Representative => {
            let mut all = holder.representatives.iter();
            all.find(|other| other.key == release.signer && other.may_release(today)).map(|found| found.since)
        }
    }
}

fn digest(release: &Release) -> Result<Digest, VaultError> {
    release.digest().map_err(|error| reject(error.into()))
}

fn why(release: &Release, digest: Digest) -> String {
    format!("release {digest} for request {}", release.request)
}

fn reject(rejection: ReleaseRejection) -> VaultError {
    Rejection::Release(rejection).into()
}
