//! The agency's own record, from its vault.

use crate::{records::OpenedRecords, request::CheckedRequest};
use sealroot_chain::{Calls, Chain, ChainError};
use sealroot_circuits::RecordWitness;
use sealroot_handover::Access;
use sealroot_protocol::{
    applicant::Applicant,
    code::{Code, Coded},
    date::NotADate,
    machine::FactsPeriodRule,
    name::Name,
    record::Subject,
    schema::{IDENTITY, text_value},
};
use sealroot_prover::assemble::Assembled;
use sealroot_vault::{
    Rejection, Vault, VaultError,
    absence::{Absence, AbsentRecord},
    read::{Opened, Which},
    store::Store,
};

/// Whose record.
#[derive(Clone)]
pub struct WhoseRecord {
    /// The person's national id.
    pub national_id: String,
    /// Which record, in schemas with many records a person.
    pub business_key: Option<String>,
}

/// Why the agency's record was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OwnRecordError {
    /// The policy reads nothing.
    #[error("the policy has no source")]
    NoSource,
    /// The policy reads more than one record.
    #[error("policy {0} is decided on the records of several people and agencies")]
    SeveralSources(Name),
    /// The policy reads another agency's record.
    #[error("policy {policy} is decided by {agency}, this is the vault of {vault}")]
    OtherAgency {
        /// The policy.
        policy: Name,
        /// Whose record it reads.
        agency: Name,
        /// Whose vault this is.
        vault: Name,
    },
    /// The national id isn't one.
    #[error(transparent)]
    NationalId(Rejection),
    /// The policy asks for facts before the calendar.
    #[error(transparent)]
    Period(#[from] NotADate),
    /// There is no such record.
    #[error("policy {policy} reads {schema} of {period}{rule}: {absent}", schema = absent.schema, period = absent.period, rule = rule(*months_before))]
    NoRecord {
        /// The policy.
        policy: Name,
        /// How the policy names the month, if by its distance from the claimed period's first.
        months_before: Option<u16>,
        /// What was looked for, and why it isn't there.
        absent: Box<AbsentRecord>,
    },
    /// The office asked about somebody else.
    #[error("the request is about another applicant than this national id, or the consent's case secret is another")]
    OtherApplicant,
    /// Somebody else's consent, or that of a wallet that was never enrolled.
    #[error("the consent is by a key that was never enrolled for this person at {0}")]
    OtherHolder(Name),
    /// The root is older than the enrolment.
    #[error("the person enrolled this key at {0} after the last anchor: the anchored root has the record without it")]
    EnrolledAfterAnchor(Name),
    /// Another key took its place.
    #[error("the consent is by a key that another one has replaced in the anchored record at {0}")]
    ReplacedKey(Name),
    /// The id changed after the enrolment, so that no key is enrolled now.
    #[error(
        "the consent is by a key that was enrolled at {0} before the person's national id changed, and under the new id no key is enrolled"
    )]
    EnrolledBeforeChange(Name),
    /// The vault's.
    #[error(transparent)]
    Vault(VaultError),
    /// The chain's.
    #[error(transparent)]
    Chain(#[from] ChainError),
}

/// How a policy's text names the month, for who may have to correct it.
fn rule(months_before: Option<u16>) -> String {
    months_before.map_or_else(String::new, |months| {
        format!(" (months_before = {months}: counted back from the month in which the claimed period begins)")
    })
}

impl Coded for OwnRecordError {
    fn code(&self) -> Code {
        match self {
            Self::NoSource => Code::BadPolicy,
            Self::SeveralSources(_) => Code::NeedsReleasedRecords,
            Self::OtherAgency { .. } => Code::OtherAgency,
            Self::NationalId(_) => Code::BadNationalId,
            Self::Period(_) => Code::BadPeriod,
            Self::NoRecord { absent, .. } => absent.code(),
            Self::OtherApplicant => Code::ApplicantMismatch,
            Self::OtherHolder(_) | Self::ReplacedKey(_) | Self::EnrolledBeforeChange(_) => Code::ConsentMismatch,
            Self::EnrolledAfterAnchor(_) => Code::EnrolledAfterAnchor,
            Self::Vault(error) => error.code(),
            Self::Chain(error) => error.code(),
        }
    }

    fn advice(&self) -> Option<String> {
        match self {
            Self::SeveralSources(_) => {
                Some("have them released to a prover's key, and prove from what was released (--released)".to_owned())
            }
            Self::NoRecord { absent, .. } => match absent.why {
                Absence::NotAnchored => Some("run `sealroot agency anchor`, then prove again".to_owned()),
                Absence::OtherPeriods(_) => Some(format!(
                    "import the records of {period} (`sealroot agency import --period {period}`) and anchor; if the law means another month, its \
                     authors correct months_before",
                    period = absent.period
                )),
                _ => None,
            },
            Self::OtherApplicant => Some(
                "compare the national id with the one that the office asked about; the case secret in the consent is the office's".to_owned(),
            ),
            Self::OtherHolder(_) => Some(
                "compare the national id with the person whose consent it is; if it is that person's, enrol the wallet (`sealroot agency enrol`) and anchor"
                    .to_owned(),
            ),
            Self::ReplacedKey(_) => Some("have the person consent with the wallet that is enrolled now".to_owned()),
            Self::EnrolledBeforeChange(_) => Some(
                "enrol the wallet again under the new id (`sealroot agency enrol`; the wallet answers with --replace), anchor, and prove again".to_owned(),
            ),
            Self::NationalId(rejection) => rejection.advice(),
            Self::Vault(error) => error.advice(),
            Self::Chain(error) => error.advice(),
            _ => None,
        }
    }
}

impl CheckedRequest {
    /// Whether this id and this consent can be the ones that the request is about, as far as that is known without the record.
    async fn compare<S: Store>(&self, vault: &Vault<S>, whose: &WhoseRecord) -> Result<Subject, OwnRecordError> {
        let id = vault.read_id(&whose.national_id).map_err(OwnRecordError::NationalId)?;
        let request = &self.signed.request;
        let attributes = self.document.schemas.first().and_then(|schema| schema.attributes().ok()).unwrap_or_default();
        let named = self.words.rules().identity.and_then(|at| attributes.get(at));
        // That attribute is made from the id, and from nothing else.
        if named.is_some_and(|attribute| attribute.name == IDENTITY)
            && let Some(secret) = &self.consent.case_secret
            && Applicant::commit(request.scope(), text_value(id.as_str()), secret) != request.applicant
        {
            return Err(OwnRecordError::OtherApplicant);
        }
        let subject = vault.subject(&whose.national_id).map_err(OwnRecordError::NationalId)?;
        if !vault.knows_key(subject, &self.consent.holder).await.map_err(OwnRecordError::Vault)? {
            return Err(OwnRecordError::OtherHolder(vault.agency().clone()));
        }
        Ok(subject)
    }

    /// Opens the record that the policy reads, under the newest anchored root. The access log names office and request, and is written before. What can be
    /// compared without the record is compared first: for the wrong person's id nothing is opened, and nothing is logged about that person. Nor is anything opened in a
    /// vault that was set back: the chain's newest root must be one that it knows.
    pub async fn open_own<S: Store>(
        self,
        vault: &Vault<S>,
        chain: &impl Chain,
        whose: WhoseRecord,
    ) -> Result<OpenedRecords, OwnRecordError> {
        let policy = &self.document.policy;
        let (Some(source), Some(rule)) = (policy.sources.first(), self.words.rules().sources.first()) else {
            return Err(OwnRecordError::NoSource);
        };
        if policy.sources.len() > 1 {
            return Err(OwnRecordError::SeveralSources(policy.id.clone()));
        }
        if source.agency != *vault.agency() {
            let (policy, agency, vault) = (policy.id.clone(), source.agency.clone(), vault.agency().clone());
            return Err(OwnRecordError::OtherAgency { policy, agency, vault });
        }
        let head = chain.agency_head(vault.agency()).await?;
        let newest = head.and_then(|head| Some((head.root?, head.sequence)));
        vault.meet_chain(newest).await.map_err(OwnRecordError::Vault)?;
        let subject = self.compare(vault, &whose).await?;
        let request = &self.signed.request;
        let which = Which {
            subject,
            schema: source.schema,
            period: rule.facts_period.resolve(&request.period)?,
            business_key: whose.business_key,
        };
        let access = Access {
            who: request.requester.to_string(),
            why: format!("proof of {} for request {}", policy.id, request.digest()),
        };
        let months_before = match rule.facts_period {
            FactsPeriodRule::MonthsBefore(months) => Some(months),
            FactsPeriodRule::Constant(_) => None,
        };
        let opened = vault.open_record(&which, None, &access).await.map_err(|error| match error {
            VaultError::Rejected(Rejection::NoRecord(absent)) => {
                OwnRecordError::NoRecord { policy: policy.id.clone(), months_before, absent }
            }
            other => OwnRecordError::Vault(other),
        });
        let Opened { record, path, .. } = opened?;
        if record.holder != Some(self.consent.holder) {
            let (key, _) = vault.holder(subject).await.map_err(OwnRecordError::Vault)?;
            let agency = vault.agency().clone();
            return Err(match key {
                Some(key) if key == self.consent.holder => OwnRecordError::EnrolledAfterAnchor(agency),
                Some(_) => OwnRecordError::ReplacedKey(agency),
                None => OwnRecordError::EnrolledBeforeChange(agency),
            });
        }
        let assembled = Assembled { record: RecordWitness { record, path }, members: Vec::new() };
        Ok(OpenedRecords { request: self, assembled, vouchers: Vec::new() })
    }
}
