//! Assembling a witness from records that people released: which file is whose, and what is missing.
//!
//! Guarantee: what is assembled has, for every person whom the household's record names, exactly one record of each member source, in the order of the
//! names, and all records of a source under one root. Every other choice of files is rejected with what to do about it, before any proving.
//! Non-guarantee: that a root is anchored. The prover asks the chain for [`Assembled::roots`] first: a household's record that somebody made up would
//! choose whose true records go into the proof's outputs together.

use sealroot_circuits::RecordWitness;
use sealroot_protocol::printable::quoted;
use sealroot_protocol::{
    code::{Code, Coded},
    date::{FactsPeriod, NotADate, Period},
    field::F,
    machine::{ValidWords, WordsError},
    name::Name,
    policy::PolicyDocument,
    record::{Record, Subject},
    schema::{MEMBERS, SchemaId},
    tree::{Path, Root},
};

/// A record with where it comes from.
pub struct Given {
    /// What messages call it: a file's name.
    pub label: String,
    /// The agency whose root its path leads to.
    pub agency: Name,
    /// The record.
    pub record: Record,
    /// Its path.
    pub path: Path,
}

/// A person's or household's record, and its members' in the order in which it names them.
pub struct Assembled {
    /// The first source's.
    pub record: RecordWitness,
    /// One list per member, one record per member source.
    pub members: Vec<Vec<RecordWitness>>,
}

impl Assembled {
    /// The root that each source's records lead to, in order: of the first person's or household's record, then of each member source.
    pub fn roots(&self) -> Vec<Root> {
        let members = self.members.first().into_iter().flatten();
        std::iter::once(&self.record).chain(members).map(|w| w.path.root(w.record.leaf())).collect()
    }
}

/// Why nothing was assembled. Nothing in it reveals a record; people are counted in the order in which the household's record names them.
#[derive(Debug, thiserror::Error)]
pub enum AssembleError {
    /// The policy's words are not valid.
    #[error(transparent)]
    Words(#[from] WordsError),
    /// The policy asks for facts before the calendar.
    #[error(transparent)]
    Period(#[from] NotADate),
    /// The policy document lists other sources than its words.
    #[error("the policy's document doesn't list the sources of its words: get the enacted document")]
    Sources,
    /// A record that the policy doesn't read.
    #[error("{label}: the policy reads no such record; it reads {needs}")]
    NotNeeded {
        /// Which file.
        label: String,
        /// Schema, agency and period of each source.
        needs: String,
    },
    /// The first source's record is missing.
    #[error("the record {wanted} is missing: have it released to this prover's key")]
    NoRecord {
        /// Which one.
        wanted: String,
    },
    /// Several.
    #[error("{first} and {second} are both the record {wanted}: give the one of this claim")]
    SeveralRecords {
        /// A file.
        first: String,
        /// Another.
        second: String,
        /// Which record.
        wanted: String,
    },
    /// A member's record is missing.
    #[error(
        "of member {member} of {of} the record {wanted} is missing: the member, or a representative, must release it to this prover's key"
    )]
    NoRecordOfMember {
        /// Counted from 1, in the order of the household's record.
        member: usize,
        /// Members in all.
        of: usize,
        /// Which record.
        wanted: String,
    },
    /// Two of one member.
    #[error("{first} and {second} are both the record {wanted} of member {member}: give one")]
    TwiceOfMember {
        /// Counted from 1.
        member: usize,
        /// A file.
        first: String,
        /// Another.
        second: String,
        /// Which record.
        wanted: String,
    },
    /// Somebody else's.
    #[error(
        "{label} is of somebody whom the household's record doesn't name: leave it out, or get the household's record of today"
    )]
    Stranger {
        /// Which file.
        label: String,
    },
    /// Taken from different trees.
    #[error(
        "{first} and {second} were released under different roots of {agency}: have one of them released again, so that both are under the newest"
    )]
    Roots {
        /// A file.
        first: String,
        /// Another.
        second: String,
        /// Whose roots.
        agency: Name,
    },
}

impl Coded for AssembleError {
    fn code(&self) -> Code {
        match self {
            Self::Words(_) | Self::Sources => Code::BadPolicy,
            Self::Period(_) => Code::BadPeriod,
            Self::NotNeeded { .. } => Code::RecordNotNeeded,
            Self::NoRecord { .. } => Code::RecordMissing,
            Self::SeveralRecords { .. } => Code::RecordAmbiguous,
            Self::NoRecordOfMember { .. } => Code::MemberRecordMissing,
            Self::TwiceOfMember { .. } => Code::MemberRecordAmbiguous,
            Self::Stranger { .. } => Code::RecordOfNoMember,
            Self::Roots { .. } => Code::RootsDiffer,
        }
    }
}

/// What one source accepts.
struct Wanted<'a> {
    agency: &'a Name,
    schema: SchemaId,
    period: FactsPeriod,
    text: String,
}

/// Puts records together for a policy and a claimed period.
pub fn assemble(document: &PolicyDocument, period: &Period, given: Vec<Given>) -> Result<Assembled, AssembleError> {
    let wanted = sources(document, period)?;
    let (first, member_sources) = wanted.split_first().ok_or(AssembleError::Sources)?;
    if let Some(odd) = given.iter().find(|g| !wanted.iter().any(|w| w.fits(g))) {
        let needs = wanted.iter().map(|w| w.text.clone()).collect::<Vec<_>>().join("; ");
        return Err(AssembleError::NotNeeded { label: odd.label.clone(), needs });
    }
    for source in &wanted {
        one_root(source, &given)?;
    }
    let own: Vec<&Given> = given.iter().filter(|g| first.fits(g)).collect();
    let record = match own[..] {
        [one] => one,
        [] => return Err(AssembleError::NoRecord { wanted: first.text.clone() }),
        [a, b, ..] => {
            let (first_label, second) = (a.label.clone(), b.label.clone());
            return Err(AssembleError::SeveralRecords { first: first_label, second, wanted: first.text.clone() });
        }
    };
    if member_sources.is_empty() {
        return Ok(Assembled { record: witness(record), members: Vec::new() });
    }
    let names = names(&record.record);
    let of_members = |g: &&Given| member_sources.iter().any(|w| w.fits(g));
    if let Some(stranger) = given.iter().filter(of_members).find(|g| !names.contains(&g.record.subject)) {
        return Err(AssembleError::Stranger { label: stranger.label.clone() });
    }
    let members = names.iter().enumerate().map(|(i, name)| {
        member_sources.iter().map(|source| of_member(source, &given, *name, i + 1, names.len())).collect()
    });
    Ok(Assembled { record: witness(record), members: members.collect::<Result<_, _>>()? })
}

fn sources<'a>(document: &'a PolicyDocument, period: &Period) -> Result<Vec<Wanted<'a>>, AssembleError> {
    let policy = &document.policy;
    let words = ValidWords::check(policy.shape, policy.words.clone())?;
    let rules = &words.rules().sources;
    if rules.len() != policy.sources.len() || rules.len() != document.schemas.len() {
        return Err(AssembleError::Sources);
    }
    let sources = policy.sources.iter().zip(rules).zip(&document.schemas);
    sources
        .map(|((source, rule), schema)| {
            let period = rule.facts_period.resolve(period)?;
            let text = match period {
                FactsPeriod::Timeless => format!("{} of {}", quoted(schema.name.as_str()), source.agency),
                FactsPeriod::From(month) => {
                    format!("{} of {} from {month} on", quoted(schema.name.as_str()), source.agency)
                }
            };
            Ok(Wanted { agency: &source.agency, schema: rule.schema_id, period, text })
        })
        .collect()
}

impl Wanted<'_> {
    fn fits(&self, given: &Given) -> bool {
        given.agency == *self.agency && given.record.schema_id == self.schema && given.record.period == self.period
    }
}

/// A root per source, never one per person: otherwise the number of people would show.
fn one_root(source: &Wanted<'_>, given: &[Given]) -> Result<(), AssembleError> {
    let mut first: Option<(&Given, Root)> = None;
    for given in given.iter().filter(|g| source.fits(g)) {
        let root = given.path.root(given.record.leaf());
        match first {
            None => first = Some((given, root)),
            Some((other, found)) if found != root => {
                let (first, second) = (other.label.clone(), given.label.clone());
                return Err(AssembleError::Roots { first, second, agency: source.agency.clone() });
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// The people that a household's record names, in its order.
fn names(record: &Record) -> Vec<Subject> {
    record.attributes.0[1..=MEMBERS].iter().filter(|name| **name != F::from(0u8)).map(|name| Subject(*name)).collect()
}

fn of_member(
    source: &Wanted<'_>,
    given: &[Given],
    name: Subject,
    member: usize,
    of: usize,
) -> Result<RecordWitness, AssembleError> {
    let found: Vec<&Given> = given.iter().filter(|g| source.fits(g) && g.record.subject == name).collect();
    let wanted = source.text.clone();
    match found[..] {
        [one] => Ok(witness(one)),
        [] => Err(AssembleError::NoRecordOfMember { member, of, wanted }),
        [a, b, ..] => {
            Err(AssembleError::TwiceOfMember { member, first: a.label.clone(), second: b.label.clone(), wanted })
        }
    }
}

fn witness(given: &Given) -> RecordWitness {
    RecordWitness { record: given.record.clone(), path: given.path.clone() }
}
