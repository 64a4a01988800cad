//! `agency enrol`: first a challenge for the wallet, then its answer. The key is the person's own, or a representative's.

use super::VaultArgs;
use crate::{
    failure::{Failure, Outcome},
    files::{self, Form, Output, shown},
    identity::NationalIdArgs,
};
use sealroot_agency::enrol::{self as party, AnswerInput, ChallengeInput, Enrolment};
use sealroot_handover::Access;
use sealroot_protocol::{code::Code, date::Date, moment::Moment, possession::Role, printable::counted};
use serde::Serialize;
use std::{fmt, path::PathBuf};

/// Enrols a wallet key.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Examples:\n  sealroot agency enrol --vault tax-office --national-id-file id --challenge challenge.json\n  sealroot wallet answer challenge.json --agency tax-office --out answer.json      (the citizen)\n  sealroot agency enrol --vault tax-office --challenge challenge.json --answer answer.json --why 'passport 7/26'\n\nThe entry in the access log comes first; the owner of the key before can read it, and the owner of the new one.\n\nA guardian, who will release a child's records (and answers with `wallet answer --for NAME`):\n  sealroot agency enrol --vault tax-office --national-id-file id --representative --challenge challenge.json\n  sealroot agency enrol --vault tax-office --challenge challenge.json --answer answer.json --until 2037-03-10 --why 'birth certificate 17/2019'"
)]
pub struct EnrolArgs {
    /// Vault.
    #[command(flatten)]
    pub vault: VaultArgs,
    /// Whose key is to be enrolled; the clerk has checked the person's identity.
    #[command(flatten)]
    pub person: NationalIdArgs,
    /// The challenge is for somebody who is to represent the person: a representative may release the person's records, and do nothing else
    #[arg(long, conflicts_with = "answer")]
    pub representative: bool,
    /// Last day on which a representative may release records; none: until the agency removes them
    #[arg(long, value_name = "DATE", requires = "answer")]
    pub until: Option<Date>,
    /// Why, for the access log: how the person was identified, or the document that gives a representative the right; with --answer it is needed
    #[arg(long, alias = "reason", requires = "answer", value_parser = super::reason)]
    pub why: Option<String>,
    /// The challenge for the wallet: written for the person that is named, read again with --answer
    #[arg(long, value_name = "FILE")]
    pub challenge: PathBuf,
    /// The wallet's answer
    #[arg(long, value_name = "FILE", conflicts_with = "NationalIdArgs")]
    pub answer: Option<PathBuf>,
}

/// What happened.
#[derive(Debug, Serialize)]
#[serde(tag = "step", rename_all = "kebab-case")]
pub enum EnrolReport {
    /// A challenge was written.
    Challenge {
        /// Where.
        file: PathBuf,
    },
    /// A representative was registered.
    Representative {
        /// The last day; none: until the agency removes them.
        until: Option<String>,
    },
    /// A key was enrolled.
    Enrolled {
        /// First day from which the key earns holder nullifiers; none at a first enrolment.
        holder_since: Option<String>,
        /// Records that were issued again with the key.
        reissued: u64,
        /// By when the next root must be anchored; only after a key replacement.
        anchor_by: Option<Moment>,
        /// How many representatives may release the person's records.
        representatives: usize,
    },
}

impl fmt::Display for EnrolReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Challenge { file } => {
                write!(f, "challenge for the wallet written to {}; valid once, for one day", shown(file))
            }
            Self::Representative { until } => {
                write!(f, "representative registered, who may release the person's records")?;
                until.as_ref().map_or(Ok(()), |day| write!(f, " until {day}"))
            }
            Self::Enrolled { holder_since, reissued, anchor_by, representatives } => {
                write!(f, "key enrolled; {} issued again with it", counted(*reissued, "record", "records"))?;
                if let Some(day) = holder_since {
                    // The person may have had another key: before this one, under another id, or in what a restore lost.
                    write!(
                        f,
                        "\n  it serves periods that begin on or after {day}: another key may have served earlier ones"
                    )?;
                }
                if let Some(by) = anchor_by {
                    write!(f, "\n  anchor the next root before {by}")?;
                }
                if *representatives > 0 {
                    write!(
                        f,
                        "\n  {representatives} may release this person's records as representatives; tell the person, and remove those who no longer may: \
                         `sealroot agency representatives`"
                    )?;
                }
                Ok(())
            }
        }
    }
}

/// Runs it.
pub async fn enrol(args: &EnrolArgs) -> Outcome<EnrolReport> {
    let file = &args.challenge;
    let place = || Output::new(file, Form::personal("a challenge"));
    let new_challenge = args.answer.is_none().then(place).transpose()?;
    let national_id = new_challenge.is_some().then(|| args.person.source().read()).transpose()?;
    let vault = args.vault.open().await?;
    let report = match (national_id, &args.answer, new_challenge) {
        (Some(national_id), None, Some(place)) => {
            let role = if args.representative { Role::Representative } else { Role::Holder };
            let input = ChallengeInput { national_id, role };
            place.document(&party::challenge(&input, &vault).await.map_err(Failure::of)?)?;
            EnrolReport::Challenge { file: file.clone() }
        }
        (None, Some(answer), _) => {
            let input = AnswerInput {
                challenge: files::read_document(file)?,
                answer: files::read_document(answer)?,
                until: args.until,
                who: CLERK.into(),
                why: args.why.clone(),
            };
            match party::accept(input, &vault).await.map_err(Failure::of)? {
                Enrolment::Representative { until } => {
                    EnrolReport::Representative { until: until.map(|day| day.to_string()) }
                }
                Enrolment::Holder(enrolled) => EnrolReport::Enrolled {
                    holder_since: enrolled.holder_since.map(|day| day.to_string()),
                    reissued: enrolled.reissued,
                    anchor_by: enrolled.anchor_by.map(Moment::from_signed),
                    representatives: enrolled.representatives,
                },
            }
        }
        _ => {
            return Err(Failure::new(
                Code::Usage,
                "name either the person (--national-id-file) or the answer (--answer)",
            ));
        }
    };
    vault.close().await;
    Ok(report)
}

/// The person at the command line, as the access log names them.
const CLERK: &str = "clerk";

pub(super) fn clerk(why: String) -> Access {
    Access { who: CLERK.into(), why }
}
