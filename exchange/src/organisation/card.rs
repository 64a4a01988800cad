//! Service cards: how an agency or office is reached, with the keys that envelopes to it are sealed to.
//!
//! Guarantee: [`accept`] takes the one card whose digest the chain has for this organisation, set by a key that counts. So a stale card, a forged one, or one made
//! for a single victim is none. An agency's card names its own prover and can name no other.
//! Non-guarantee: that the organisation keeps its secret keys, or destroys them in time.

use crate::{
    correspondent::{Organisation, Role},
    mailbox::{MailboxId, Recipient},
    post_url::PostUrl,
    version::Version,
};
use sealroot_handover::{
    RecipientKey,
    transfer::{UnusableKey, check_recipient},
};
use sealroot_protocol::{
    canonical::{self, DocumentError, Kind, Suite},
    code::{Code, Coded},
    date::Date,
    field::Digest,
    name::Name,
    scope::Deployment,
    snapshot::CardEntry,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The most that a card has, bytes.
pub const MAX_CARD: usize = 16_384;
/// The most keys of one mailbox.
pub const MAX_KEYS: usize = 8;
/// How long a prover's key lasts at most, in days after the day on which the card was set: forward secrecy of claims begins there.
pub const CLAIM_KEY_DAYS: i64 = 7;
/// How long an organisation's other keys last at most, in days after that day.
pub const INBOX_KEY_DAYS: i64 = 31;

/// How an organisation is reached. [`ServiceCard::digest`] is the value for the contracts' `setCard`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceCard {
    /// The suite.
    pub suite: Suite,
    /// The version of this form.
    pub version: Version,
    /// Chain and program contract.
    pub deployment: Deployment,
    /// In which role.
    pub role: Role,
    /// The organisation's name on chain.
    pub name: Name,
    /// Where its mailboxes are.
    pub post: PostUrl,
    /// For everything but claims: answers to enrolments and messages at an agency, parts and contests at an office.
    pub inbox: Inbox,
    /// For claims: the agency's own prover. Absent where it proves nothing, and at offices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prover: Option<Inbox>,
}

/// A mailbox with the keys that open what is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inbox {
    /// The mailbox.
    pub mailbox: MailboxId,
    /// 1 to [`MAX_KEYS`] keys, the last day of each not before that of the one before.
    pub keys: Vec<CardKey>,
}

/// A key with its last day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardKey {
    /// X25519 public key (RFC 7748). Its id follows from it.
    pub key: RecipientKey,
    /// The last day, UTC, on which it is sealed to. No envelope to it lives longer.
    pub last_day: Date,
}

/// Why a card isn't taken.
#[derive(Debug, thiserror::Error)]
pub enum CardError {
    /// Longer than [`MAX_CARD`].
    #[error("the card is longer than 16 KiB")]
    TooLarge,
    /// Not canonical JSON of this form.
    #[error("the card can't be read: {0}")]
    Document(#[from] DocumentError),
    /// It contradicts itself.
    #[error("the card can't be used: {0}")]
    Rule(&'static str),
    /// A key can't be sealed to.
    #[error(transparent)]
    Key(#[from] UnusableKey),
    /// A key lasts too long, counted from the day on which the card was set.
    #[error("a key of the card lasts until {last_day}, and the card allows {latest} at the latest")]
    Lifetime {
        /// Its last day.
        last_day: Date,
        /// The latest that it could have.
        latest: Date,
    },
    /// The chain has another digest.
    #[error("the card is not the one that the chain has: its digest is {found}, and the chain's is {expected}")]
    NotOnChain {
        /// Of the chain.
        expected: Digest,
        /// Of the card.
        found: Digest,
    },
    /// The key that set it didn't count then, was revoked since, or is another organisation's.
    #[error("the card was set by a key that doesn't count for {0}")]
    SetBy(Organisation),
    /// It is of another chain or contract.
    #[error("the card is of another deployment")]
    OtherDeployment,
    /// It is of another organisation.
    #[error("the card is of {found}, and {expected} is meant")]
    OtherOrganisation {
        /// The one that is meant.
        expected: Organisation,
        /// Whose it is.
        found: Organisation,
    },
    /// No key that can be sealed to today.
    #[error("the card of {0} has no key that can be used now")]
    Ended(Organisation),
    /// It proves nothing.
    #[error("{0} takes no claims")]
    NoProver(Organisation),
}

impl Coded for CardError {
    fn code(&self) -> Code {
        match self {
            Self::TooLarge | Self::Document(_) | Self::Rule(_) | Self::Lifetime { .. } | Self::NoProver(_) => {
                Code::BadCard
            }
            Self::Key(error) => error.code(),
            Self::NotOnChain { .. } => Code::CardNotOnChain,
            Self::SetBy(_) => Code::CardKeyRevoked,
            Self::OtherDeployment | Self::OtherOrganisation { .. } => Code::CardOfAnother,
            Self::Ended(_) => Code::CardKeysEnded,
        }
    }
}

/// A card that the chain vouches for. Only [`accept`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedCard(ServiceCard);

/// Takes a card, as a post or a file brings it, for the organisation that is meant, with the chain's entry of that organisation (proved by evidence, or read from
/// a chain). `now` is Unix seconds.
pub fn accept(
    bytes: &[u8],
    entry: &CardEntry,
    deployment: Deployment,
    organisation: &Organisation,
    now: u64,
) -> Result<AcceptedCard, CardError> {
    let card = ServiceCard::from_bytes(bytes)?;
    let digest = card.digest()?;
    if digest != entry.digest {
        return Err(CardError::NotOnChain { expected: entry.digest, found: digest });
    }
    if entry.key.owner != organisation.name || !entry.key.vouches(entry.set_at, now) {
        return Err(CardError::SetBy(organisation.clone()));
    }
    if card.deployment != deployment {
        return Err(CardError::OtherDeployment);
    }
    if card.organisation() != *organisation {
        return Err(CardError::OtherOrganisation { expected: organisation.clone(), found: card.organisation() });
    }
    let set_on = Date::from_unix_time(entry.set_at).map_err(|_| CardError::Rule("it was set at no time"))?;
    card.check_lifetimes(set_on)?;
    Ok(AcceptedCard(card))
}

impl AcceptedCard {
    /// The card.
    pub fn card(&self) -> &ServiceCard {
        &self.0
    }

    /// Where messages, parts and contests go now.
    pub fn inbox(&self, now: u64) -> Result<Recipient, CardError> {
        self.newest(&self.0.inbox, now)
    }

    /// Where claims go now.
    pub fn prover(&self, now: u64) -> Result<Recipient, CardError> {
        let prover = self.0.prover.as_ref().ok_or_else(|| CardError::NoProver(self.0.organisation()))?;
        self.newest(prover, now)
    }

    /// The key whose last day is latest: an envelope to it lives longest.
    fn newest(&self, inbox: &Inbox, now: u64) -> Result<Recipient, CardError> {
        let keys = inbox.keys.iter().rev().filter_map(|key| Some((key.key, key.last_second()?)));
        let usable = keys.into_iter().find(|(_, until)| now <= *until);
        let (key, until) = usable.ok_or_else(|| CardError::Ended(self.0.organisation()))?;
        Ok(Recipient { mailbox: inbox.mailbox, key, until: Some(until) })
    }
}

impl ServiceCard {
    /// Reads canonical bytes only, and checks them.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CardError> {
        if bytes.len() > MAX_CARD {
            return Err(CardError::TooLarge);
        }
        let card: Self = canonical::from_bytes(bytes)?;
        card.check()?;
        Ok(card)
    }

    /// The card's bytes, if it can be used.
    pub fn to_bytes(&self) -> Result<Vec<u8>, CardError> {
        self.check()?;
        Ok(canonical::to_bytes(self)?)
    }

    /// `digest("service-card", self)`: the value for `setCard`.
    pub fn digest(&self) -> Result<Digest, DocumentError> {
        canonical::digest(Kind::ServiceCard, self)
    }

    /// Whose it is.
    pub fn organisation(&self) -> Organisation {
        Organisation { role: self.role, name: self.name.clone() }
    }

    /// All that can be said of a card without a chain.
    pub fn check(&self) -> Result<(), CardError> {
        let rule = |ok: bool, text| if ok { Ok(()) } else { Err(CardError::Rule(text)) };
        rule((1..1 << 53).contains(&self.deployment.chain_id), "a chain id is from 1 to 2^53 - 1")?;
        rule(self.role == Role::Agency || self.prover.is_none(), "an office names no prover")?;
        let inboxes = || [Some(&self.inbox), self.prover.as_ref()].into_iter().flatten();
        let mut mailboxes = BTreeSet::new();
        rule(inboxes().all(|inbox| mailboxes.insert(inbox.mailbox)), "a mailbox stands twice")?;
        let mut keys = BTreeSet::new();
        for inbox in inboxes() {
            rule((1..=MAX_KEYS).contains(&inbox.keys.len()), "a mailbox has 1 to 8 keys")?;
            rule(inbox.keys.is_sorted_by_key(|key| key.last_day), "keys stand in the order of their last days")?;
            rule(inbox.keys.iter().all(|key| keys.insert(key.key.0)), "a key stands twice")?;
            rule(inbox.keys.iter().all(|key| key.last_second().is_some()), "a key's last day is before 1970")?;
            inbox.keys.iter().try_for_each(|key| check_recipient(&key.key))?;
        }
        Ok(())
    }

    /// That no key lasts longer than keys may, if the card is set on this day.
    pub fn check_lifetimes(&self, set_on: Date) -> Result<(), CardError> {
        let check = |inbox: &Inbox, days| {
            let latest = set_on.plus_days(days).map_err(|_| CardError::Rule("its keys end in no year"))?;
            match inbox.keys.iter().find(|key| key.last_day > latest) {
                Some(key) => Err(CardError::Lifetime { last_day: key.last_day, latest }),
                None => Ok(()),
            }
        };
        check(&self.inbox, INBOX_KEY_DAYS)?;
        self.prover.as_ref().map_or(Ok(()), |prover| check(prover, CLAIM_KEY_DAYS))
    }
}

impl CardKey {
    /// The last second of its last day, UTC, in Unix time; none before 1970.
    pub fn last_second(&self) -> Option<u64> {
        self.last_day.unix_time()?.checked_add(86_399)
    }
}
