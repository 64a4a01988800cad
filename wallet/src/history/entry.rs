//! What the history remembers: who asked, what was consented to or released, where the key was enrolled.

use crate::{
    check::{AskedRequest, CheckedRequest},
    rejection::Rejection,
};
use alloy_primitives::Address;
use sealroot_protocol::{
    code::Coded,
    consent::RequestDigest,
    date::{FactsPeriod, Period},
    field::Digest,
    moment::Moment,
    name::Name,
    record::Subject,
    release::RecipientKey,
    request::Request,
};
use serde::{Deserialize, Serialize};

/// One line of the history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Entry {
    /// An office asked: the holder was shown its request, or the wallet rejected it.
    Asked(Asked),
    /// The holder consented.
    Consented(Consented),
    /// The holder signed the release of a record.
    Released(Released),
    /// The wallet answered an enrolment challenge.
    Enrolled(Enrolled),
}

/// An office asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// When the wallet first saw it, Unix seconds.
    #[serde(with = "sealroot_protocol::decimal")]
    pub at: u64,
    /// The office that asked.
    pub requester: Name,
    /// Under which program.
    pub program: Name,
    /// For which period.
    pub period: Period,
    /// The request.
    pub request: RequestDigest,
    /// The code for which the wallet rejected it; none if the holder was asked. Entries that were written long ago say `refused`, so it stays so in the file.
    #[serde(default, skip_serializing_if = "Option::is_none", rename = "refused")]
    pub rejected: Option<String>,
}

/// One consent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consented {
    /// When, Unix seconds.
    #[serde(with = "sealroot_protocol::decimal")]
    pub at: u64,
    /// The office that asked.
    pub requester: Name,
    /// Under which program.
    pub program: Name,
    /// For which period.
    pub period: Period,
    /// Why.
    pub purpose: String,
    /// The request.
    pub request: RequestDigest,
    /// Where the amount goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipient: Option<Address>,
}

/// One signed release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Released {
    /// When, Unix seconds.
    #[serde(with = "sealroot_protocol::decimal")]
    pub at: u64,
    /// The agency that holds the record.
    pub agency: Name,
    /// Whose record: the holder's own, or the holder's name for the person they represent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// Name of its schema.
    pub record: Name,
    /// What period it is about.
    pub period: FactsPeriod,
    /// The key that will be able to open it.
    pub recipient: RecipientKey,
    /// The office that asks.
    pub requester: Name,
    /// The request that it is for.
    pub request: RequestDigest,
    /// Digest of the release.
    pub release: Digest,
}

/// An answered enrolment challenge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enrolled {
    /// When, Unix seconds.
    #[serde(with = "sealroot_protocol::decimal")]
    pub at: u64,
    /// Where.
    pub agency: Name,
    /// The agency's pseudonymous id of the person.
    pub subject: Subject,
    /// The holder's name for the person they represent there; none: the entry is about the holder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
}

/// What went before a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Earlier {
    /// Other requests of this requester that the wallet has seen, consented to or not.
    pub asked: usize,
    /// How many of those the wallet rejected: not signed in time, under rules that are no law, and the like.
    pub rejected: usize,
    /// When the last of those was seen, Unix seconds.
    pub last_asked: Option<u64>,
    /// Consents given to this requester.
    pub times: usize,
    /// When the last of them was given, Unix seconds.
    pub last: Option<u64>,
    /// Consents for the same program and period, to anybody.
    pub same_scope: usize,
    /// Whether the payment address was used before: payments to it can be linked.
    pub recipient_used: bool,
}

/// One requester's part of the history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Dealings {
    /// The office that asked.
    pub requester: Name,
    /// Requests seen.
    pub asked: usize,
    /// Requests that the wallet rejected.
    pub rejected: usize,
    /// Consents given.
    pub consented: usize,
    /// Records released for its requests.
    pub released: usize,
    /// When anything of it happened last.
    pub last: Moment,
}

impl Entry {
    /// The holder is shown a request.
    pub fn asked(request: &AskedRequest, now: u64) -> Self {
        Self::Asked(Asked::new(request.request(), now, None))
    }

    /// The wallet rejected a request that no law lets its requester make; none where it was rejected for something else.
    pub fn rejected(request: &Request, rejection: &Rejection, now: u64) -> Option<Self> {
        rejection.is_the_requesters().then(|| Self::Asked(Asked::new(request, now, Some(rejection.code().to_string()))))
    }

    /// The holder consents to a request.
    pub fn consented(checked: &CheckedRequest, now: u64) -> Self {
        let request = checked.request();
        Self::Consented(Consented {
            at: now,
            requester: request.requester.clone(),
            program: request.program.clone(),
            period: request.period,
            purpose: request.purpose.clone(),
            request: checked.digest(),
            recipient: request.recipient,
        })
    }

    /// The office that it is about, when, and the request.
    fn of_requester(&self) -> Option<(&Name, u64, RequestDigest)> {
        match self {
            Self::Asked(e) => Some((&e.requester, e.at, e.request)),
            Self::Consented(e) => Some((&e.requester, e.at, e.request)),
            Self::Released(e) => Some((&e.requester, e.at, e.request)),
            Self::Enrolled(_) => None,
        }
    }
}

impl Asked {
    fn new(request: &Request, at: u64, rejected: Option<String>) -> Self {
        Self {
            at,
            requester: request.requester.clone(),
            program: request.program.clone(),
            period: request.period,
            request: request.digest(),
            rejected,
        }
    }
}

/// What went before a request.
pub(super) fn earlier(entries: &[Entry], request: &Request) -> Earlier {
    let (mut earlier, digest) = (Earlier::default(), request.digest());
    for entry in entries {
        match entry {
            Entry::Asked(e) if e.requester == request.requester && e.request != digest => {
                earlier.asked += 1;
                earlier.rejected += usize::from(e.rejected.is_some());
                earlier.last_asked = earlier.last_asked.max(Some(e.at));
            }
            Entry::Consented(e) => {
                if e.requester == request.requester {
                    earlier.times += 1;
                    earlier.last = earlier.last.max(Some(e.at));
                }
                earlier.same_scope += usize::from(e.program == request.program && e.period == request.period);
                earlier.recipient_used |= e.recipient.is_some() && e.recipient == request.recipient;
            }
            _ => {}
        }
    }
    earlier
}

/// The history by requester, the newest dealings first.
pub(super) fn dealings(entries: &[Entry]) -> Vec<Dealings> {
    let mut all: Vec<Dealings> = Vec::new();
    for entry in entries {
        let Some((requester, at, _)) = entry.of_requester() else { continue };
        let found = all.iter().position(|d| d.requester == *requester).unwrap_or_else(|| {
            let (asked, rejected, consented, released) = (0, 0, 0, 0);
            all.push(Dealings {
                requester: requester.clone(),
                asked,
                rejected,
                consented,
                released,
                last: Moment::from_unix(at),
            });
            all.len() - 1
        });
        let dealings = &mut all[found];
        dealings.last = dealings.last.max(Moment::from_unix(at));
        match entry {
            Entry::Asked(e) => {
                dealings.asked += 1;
                dealings.rejected += usize::from(e.rejected.is_some());
            }
            Entry::Consented(_) => dealings.consented += 1,
            Entry::Released(_) => dealings.released += 1,
            Entry::Enrolled(_) => {}
        }
    }
    all.sort_by_key(|d| std::cmp::Reverse(d.last));
    all
}
