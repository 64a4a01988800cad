//! Enrolment: an agency binds the wallet's key to a person. The wallet shows who asks, and proves that it knows the key.
//!
//! The answer also carries the reading key, to which the agency seals its access-log entries; the proof covers it. The history remembers the person's id
//! at the agency, because a release names it.
//!
//! Guarantee: at one agency one name stands for one person's id, and one id has one name; a challenge that says otherwise is answered only by somebody who
//! says that it replaces what the wallet remembers. Non-guarantee: that a challenge comes from the agency, or is about the person that it is said to be about: it is
//! not signed. A holder who takes one from a stranger may remember a stranger's id; the agency rejects what is then released under it.

use crate::{
    history::{Enrolled, Entry, History, HistoryError},
    key::Wallet,
    release::is_a_name,
    summary::Language,
};
use sealroot_handover::EnrolmentAnswer;
use sealroot_protocol::printable::quoted;
use sealroot_protocol::{
    canonical::{DocumentError, Suite},
    code::{Code, Coded},
    name::Name,
    possession::{self, PossessionChallenge, Role},
};

/// An agency's challenge, as read; show it before answering.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrolmentOffer {
    challenge: PossessionChallenge,
    person: Option<String>,
    replaces: bool,
}

/// Why a challenge is not answered.
#[derive(Debug, thiserror::Error)]
pub enum EnrolmentError {
    /// It is another agency's.
    #[error(
        "the challenge is of the agency {found}, and you expected {expected}; ask the agency for its own challenge"
    )]
    OtherAgency {
        /// The agency that the holder deals with.
        expected: Name,
        /// Whose challenge it is.
        found: Name,
    },
    /// It enrols in another role than the holder expects.
    #[error("the challenge is for {}, and you expected one for {}; ask the agency what it wants", role(*.found), role(*.expected))]
    OtherRole {
        /// What the holder expects.
        expected: Role,
        /// What it is for.
        found: Role,
    },
    /// The name for the person is empty, long, or has characters that hide what a screen shows.
    #[error(
        "a name for the person that you represent has 1 to 64 characters, none of them invisible, and no white space around it"
    )]
    PersonName,
    /// The name stands for somebody else at this agency already.
    #[error(
        "the challenge is about another person than the one whom this wallet knows at {agency} as {}; \
         ask {agency} whom it is about, and answer it under another name, or say that it replaces the one before",
        who(.person)
    )]
    NameTaken {
        /// Where.
        agency: Name,
        /// The name; none: the holder.
        person: Option<String>,
    },
    /// The person has another name here already.
    #[error(
        "this wallet knows the person whom the challenge is about at {agency} as {}, and you answer it as {}; \
         ask {agency} whom it is about, and answer it under that name, or say that it replaces the one before",
        who(.known), who(.person)
    )]
    OtherName {
        /// Where.
        agency: Name,
        /// The name that the person has; none: the holder.
        known: Option<String>,
        /// The name under which the challenge was to be answered.
        person: Option<String>,
    },
    /// Nothing is answered that the history doesn't know.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// Not a challenge.
    #[error("the enrolment challenge can't be read: {0}")]
    Document(#[from] DocumentError),
}

impl Coded for EnrolmentError {
    fn code(&self) -> Code {
        match self {
            Self::OtherAgency { .. } => Code::OtherAgency,
            Self::OtherRole { .. } => Code::OtherRole,
            Self::NameTaken { .. } | Self::OtherName { .. } => Code::OtherPerson,
            Self::PersonName | Self::Document(_) => Code::BadEnrolment,
            Self::History(error) => error.code(),
        }
    }
}

impl EnrolmentOffer {
    /// Takes a challenge that the holder expects from `agency`: a challenge of another one would enrol the key there. `person` is the holder's own name
    /// for the person to represent; none: the challenge is about the holder.
    pub fn new(challenge: PossessionChallenge, agency: &Name, person: Option<String>) -> Result<Self, EnrolmentError> {
        let expected = if person.is_some() { Role::Representative } else { Role::Holder };
        if challenge.agency != *agency {
            return Err(EnrolmentError::OtherAgency { expected: agency.clone(), found: challenge.agency });
        }
        if challenge.role != expected {
            return Err(EnrolmentError::OtherRole { expected, found: challenge.role });
        }
        if person.as_deref().is_some_and(|name| !is_a_name(name)) {
            return Err(EnrolmentError::PersonName);
        }
        Ok(Self { challenge, person, replaces: false })
    }

    /// The same, and the holder says that it replaces what the wallet remembers of its name or of its person at this agency. Releases under the old name
    /// are about the new person from then on, or need a new name.
    pub fn replacing(self) -> Self {
        Self { replaces: true, ..self }
    }

    /// The agency that asks.
    pub fn agency(&self) -> &Name {
        &self.challenge.agency
    }

    /// What answering means, in plain words.
    pub fn describe(&self, language: Language) -> String {
        crate::explain::phrases::enrolment(language, &self.challenge.agency, self.challenge.role)
    }

    /// Rejects what would silently turn a name to another person: the next release under it would be about that person.
    fn contradicts(&self, history: &History) -> Result<(), EnrolmentError> {
        let PossessionChallenge { agency, subject, .. } = &self.challenge;
        let (agency, person) = (agency.clone(), self.person.clone());
        if history.subject(&agency, person.as_deref()).is_some() {
            return Err(EnrolmentError::NameTaken { agency, person });
        }
        match history.name_of(&agency, *subject) {
            Some(known) => Err(EnrolmentError::OtherName { agency, known, person }),
            None => Ok(()),
        }
    }

    /// Remembers the person's id at the agency, which releases name, and answers. `now` is Unix seconds, `fresh` 32 random bytes.
    pub fn answer(
        &self,
        wallet: &Wallet,
        history: &mut History,
        now: u64,
        fresh: [u8; 32],
    ) -> Result<EnrolmentAnswer, EnrolmentError> {
        let PossessionChallenge { agency, subject, .. } = &self.challenge;
        if history.subject(agency, self.person.as_deref()) != Some(*subject) {
            let (agency, person) = (agency.clone(), self.person.clone());
            if !self.replaces {
                self.contradicts(history)?;
            }
            history.append(&Entry::Enrolled(Enrolled { at: now, agency, subject: *subject, person }))?;
        }
        let reading_key = wallet.reading_key().public();
        let bound = possession::ReadingKey(reading_key.0);
        Ok(EnrolmentAnswer {
            suite: Suite,
            possession: wallet.secret_key().prove_possession(&self.challenge, Some(&bound), fresh),
            reading_key,
        })
    }
}

fn who(person: &Option<String>) -> String {
    person.as_ref().map_or("you".to_owned(), |name| format!("{}", quoted(name)))
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Holder => "your own key",
        Role::Representative => "a representative's key",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::seed::Seed;
    use sealroot_protocol::{field::F, record::Subject};

    fn challenge() -> PossessionChallenge {
        PossessionChallenge {
            agency: "tax-office".parse().unwrap(),
            subject: Subject(F::from(1u8)),
            nonce: F::from(2u8),
            role: Role::Holder,
        }
    }

    #[test]
    fn answers_the_expected_agency_only() {
        let wallet = Wallet::new(Seed::from_bytes(&[3; 32]));
        let directory = tempfile::tempdir().unwrap();
        let mut history = History::open(&directory.path().join("h"), &wallet).unwrap();
        let other = "registry".parse().unwrap();
        assert!(matches!(EnrolmentOffer::new(challenge(), &other, None), Err(EnrolmentError::OtherAgency { .. })));
        let offer = EnrolmentOffer::new(challenge(), &"tax-office".parse().unwrap(), None).unwrap();
        assert!(offer.describe(Language::En).contains("tax-office"));
        let answer = offer.answer(&wallet, &mut history, 9, [4; 32]).unwrap();
        assert_eq!(history.subject(offer.agency(), None), Some(challenge().subject));
        assert_eq!(answer.possession.key, wallet.public_key());
        let bound = possession::ReadingKey(answer.reading_key.0);
        assert_eq!(answer.possession.verify(&challenge(), Some(&bound)), Ok(()));
        assert!(
            answer.possession.verify(&challenge(), Some(&possession::ReadingKey([9; 32]))).is_err(),
            "a stranger's reading key"
        );
        let elsewhere = PossessionChallenge { agency: other, ..challenge() };
        assert!(answer.possession.verify(&elsewhere, Some(&bound)).is_err());
        let bytes = answer.to_bytes().unwrap();
        assert_eq!(EnrolmentAnswer::from_bytes(&bytes).unwrap(), answer);
        let upper = String::from_utf8(bytes).unwrap().replace("\"reading_key\":\"0x", "\"reading_key\":\"0X");
        assert!(EnrolmentAnswer::from_bytes(upper.as_bytes()).is_err());
    }

    /// A person who means to enrol as a guardian must not bind their own key to somebody's records, nor the other way round.
    #[test]
    fn answers_in_the_expected_role_only() {
        let wallet = Wallet::new(Seed::from_bytes(&[3; 32]));
        let directory = tempfile::tempdir().unwrap();
        let mut history = History::open(&directory.path().join("h"), &wallet).unwrap();
        let agency: Name = "tax-office".parse().unwrap();
        let representing = PossessionChallenge { role: Role::Representative, ..challenge() };
        let offer = |challenge: &PossessionChallenge, person: Option<&str>| {
            EnrolmentOffer::new(challenge.clone(), &agency, person.map(Into::into))
        };
        assert!(matches!(offer(&representing, None), Err(EnrolmentError::OtherRole { .. })));
        assert!(matches!(offer(&challenge(), Some("Lin")), Err(EnrolmentError::OtherRole { .. })));
        assert!(matches!(offer(&representing, Some("Lin\u{202e}")), Err(EnrolmentError::PersonName)));
        let answer = offer(&representing, Some("Lin")).unwrap().answer(&wallet, &mut history, 9, [4; 32]).unwrap();
        let bound = possession::ReadingKey(answer.reading_key.0);
        assert_eq!(answer.possession.verify(&representing, Some(&bound)), Ok(()));
        assert!(answer.possession.verify(&challenge(), Some(&bound)).is_err(), "no proof for the holder's key");
        assert_eq!(history.subject(&agency, Some("Lin")), Some(challenge().subject));
        assert_eq!(history.subject(&agency, None), None);
    }

    /// Somebody who represents Lin and Kai, and is handed a challenge about Kai as if it were Lin's, or about themself, must not sign for Kai under that name.
    #[test]
    fn a_name_stands_for_one_person() {
        let wallet = Wallet::new(Seed::from_bytes(&[3; 32]));
        let directory = tempfile::tempdir().unwrap();
        let mut history = History::open(&directory.path().join("h"), &wallet).unwrap();
        let agency: Name = "tax-office".parse().unwrap();
        let about = |subject: u8, person: Option<&str>| {
            let role = if person.is_some() { Role::Representative } else { Role::Holder };
            let challenge = PossessionChallenge { subject: Subject(F::from(subject)), role, ..challenge() };
            EnrolmentOffer::new(challenge, &agency, person.map(Into::into)).unwrap()
        };
        let (me, lin, kai, eve) = (1, 2, 3, 4);
        let mut answer = |offer: EnrolmentOffer| offer.answer(&wallet, &mut history, 9, [4; 32]).map(|_| ());
        for (subject, person) in [(me, None), (lin, Some("Lin")), (kai, Some("Kai")), (lin, Some("Lin"))] {
            answer(about(subject, person)).unwrap();
        }
        for (subject, person) in [(kai, Some("Lin")), (eve, Some("Lin")), (kai, None), (eve, None)] {
            let rejected = answer(about(subject, person)).unwrap_err();
            assert!(matches!(rejected, EnrolmentError::NameTaken { .. }), "{person:?}: {rejected}");
        }
        let rejected = answer(about(kai, Some("Lea"))).unwrap_err();
        assert!(rejected.to_string().contains("knows the person whom the challenge is about at tax-office as \"Kai\""));
        // Said out loud, it replaces: the name has its new person alone, and no other name has that person.
        answer(about(kai, Some("Lin")).replacing()).unwrap();
        let subject = |name| history.subject(&agency, name);
        assert_eq!([subject(Some("Lin")), subject(Some("Kai"))], [Some(Subject(F::from(kai))), None]);
        assert_eq!(subject(None), Some(Subject(F::from(me))));
        assert_eq!(history.name_of(&agency, Subject(F::from(lin))), None);
        // Another agency has names of its own.
        assert_eq!(history.subject(&"registry".parse().unwrap(), Some("Lin")), None);
    }
}
