//! Releasing a record: the holder, or a person whom the holder represents, lets one agency hand one record to the prover of a household.
//!
//! Guarantees: only a record that an enacted policy of a checked request reads can be released, for that request alone, until it expires; the history has
//! the entry, on disk, before the signature exists. Non-guarantee: that the recipient uses the record for nothing else; the summary says so.

use crate::{
    check::AskedRequest,
    disclosure::SourceDisclosure,
    explain::phrases::{self, ReleaseFacts},
    history::{Entry, History, HistoryError, Released},
    key::Wallet,
    summary::{Language, Summary, minute, month, title, titles},
};
use sealroot_protocol::{
    canonical::Suite,
    code::{Code, Coded},
    name::Name,
    possession::Role,
    printable::{is_deceptive, printable},
    record::Subject,
    release::{CLOCKS, MAX_LIFETIME, RecipientKey, Release, ReleaseError, SignedRelease},
    request::Nonce,
};

/// Which record, and to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The agency that holds it.
    pub agency: Name,
    /// Its schema's name; needed where the request reads several records of the agency.
    pub record: Option<Name>,
    /// In a `many` schema: which of them.
    pub business_key: Option<String>,
    /// The prover's key.
    pub recipient: RecipientKey,
    /// The person that the holder represents, by the name given at enrolment; none: the holder.
    pub person: Option<String>,
}

/// A release, ready to be shown and signed. Made by [`ReleaseOffer::new`] only.
#[derive(Debug, Clone)]
pub struct ReleaseOffer {
    request: AskedRequest,
    source: SourceDisclosure,
    wanted: Wanted,
    subject: Subject,
    not_before: u64,
    expiry: u64,
}

/// Why a record isn't released.
#[derive(Debug, thiserror::Error)]
pub enum ReleaseOfferError {
    /// No policy of the request reads such a record.
    #[error("the request needs no record {record} of {agency}; it needs {needs}")]
    NotNeeded {
        /// Whose.
        agency: Name,
        /// Of which schema.
        record: String,
        /// What it needs.
        needs: String,
    },
    /// More than one.
    #[error("the request reads several records of {agency}: name one of {records}")]
    Several {
        /// Whose.
        agency: Name,
        /// Their schemas.
        records: String,
    },
    /// The wallet doesn't know the person's id there.
    #[error(
        "this wallet has not answered an enrolment challenge of {agency} for {}; ask {agency} for one and answer it first (the same key can be enrolled again)",
        person.as_deref().map_or("you".to_owned(), printable)
    )]
    NotEnrolled {
        /// Where.
        agency: Name,
        /// For whom; none: the holder.
        person: Option<String>,
    },
    /// The release can't have this form.
    #[error(transparent)]
    Form(#[from] ReleaseError),
    /// No entry, no release.
    #[error(transparent)]
    History(#[from] HistoryError),
}

impl Coded for ReleaseOfferError {
    fn code(&self) -> Code {
        match self {
            Self::NotNeeded { .. } => Code::ReleaseNotNeeded,
            Self::Several { .. } => Code::ReleaseAmbiguous,
            Self::NotEnrolled { .. } => Code::NotEnrolled,
            Self::Form(error) => error.code(),
            Self::History(error) => error.code(),
        }
    }
}

impl ReleaseOffer {
    /// Finds what is to be released among what the request reads.
    pub fn new(request: AskedRequest, wanted: Wanted, history: &History, now: u64) -> Result<Self, ReleaseOfferError> {
        let sources = || request.disclosures().iter().flat_map(|d| &d.sources);
        let fits = |s: &&SourceDisclosure| {
            s.agency == wanted.agency && wanted.record.as_ref().is_none_or(|record| *record == s.record)
        };
        let mut found: Vec<&SourceDisclosure> = sources().filter(fits).collect();
        found.dedup_by_key(|s| (s.schema, s.facts));
        let list = |sources: &mut dyn Iterator<Item = &SourceDisclosure>| {
            sources.map(|s| format!("{} of {}", s.record, s.agency)).collect::<Vec<_>>().join(", ")
        };
        let agency = wanted.agency.clone();
        let source = match found[..] {
            [one] => one.clone(),
            [] => {
                let record = wanted.record.as_ref().map_or(String::new(), ToString::to_string);
                return Err(ReleaseOfferError::NotNeeded { agency, record, needs: list(&mut sources()) });
            }
            _ => return Err(ReleaseOfferError::Several { agency, records: list(&mut found.into_iter()) }),
        };
        let subject = history.subject(&agency, wanted.person.as_deref()).ok_or_else(|| {
            let person = wanted.person.clone();
            ReleaseOfferError::NotEnrolled { agency, person }
        })?;
        let not_before = now.saturating_sub(CLOCKS);
        let expiry = request.request().expiry.min(not_before + MAX_LIFETIME);
        Ok(Self { request, source, wanted, subject, not_before, expiry })
    }

    /// What the holder must see before signing.
    pub fn summary(&self, language: Language) -> Summary {
        let (request, program) = (self.request.request(), self.request.program());
        let source = &self.source;
        let facts = ReleaseFacts {
            agency: source.agency.clone(),
            person: self.wanted.person.as_deref().map(printable),
            record: title(&source.record_title, source.record.as_str(), language),
            facts: month(source.facts),
            business_key: self.wanted.business_key.as_deref().map(printable),
            holds: titles(&source.holds, language),
            recipient: self.wanted.recipient,
            requester: request.requester.clone(),
            program: title(&program.title, program.id.as_str(), language),
            period: (request.period.start.to_string(), request.period.end.to_string()),
            purpose: printable(&request.purpose),
            expiry: minute(self.expiry),
        };
        Summary { sections: phrases::release(language, &facts) }
    }

    /// Writes the history's entry and then signs. `now` is Unix seconds; `nonce` and `fresh` are random.
    pub fn sign(
        self,
        wallet: &Wallet,
        history: &mut History,
        now: u64,
        nonce: [u8; 16],
        fresh: [u8; 32],
    ) -> Result<SignedRelease, ReleaseOfferError> {
        let request = self.request.request();
        let release = Release {
            suite: Suite,
            deployment: request.deployment,
            agency: self.source.agency.clone(),
            subject: self.subject,
            schema: self.source.schema,
            period: self.source.facts,
            business_key: self.wanted.business_key,
            recipient: self.wanted.recipient,
            request: request.digest(),
            scope: request.scope(),
            not_before: self.not_before,
            expiry: self.expiry,
            nonce: Nonce(nonce.into()),
            signer: wallet.public_key(),
            role: if self.wanted.person.is_some() { Role::Representative } else { Role::Holder },
        };
        // What can't be signed leaves no entry that says it was.
        release.check_form()?;
        history.append(&Entry::Released(Released {
            at: now,
            agency: release.agency.clone(),
            person: self.wanted.person,
            record: self.source.record,
            period: release.period,
            recipient: release.recipient,
            requester: request.requester.clone(),
            request: release.request,
            release: release.digest()?,
        }))?;
        Ok(wallet.secret_key().sign_release(release, fresh)?)
    }
}

/// A name that the holder gives a person whom the holder represents: it is shown again, so it must not move what the screen shows.
pub fn is_a_name(text: &str) -> bool {
    (1..=64).contains(&text.chars().count()) && text.trim() == text && !text.chars().any(is_deceptive)
}
