//! What became of the holder's consents, by what the chain says: approved and how, lowered since, replaced.
//!
//! Guarantee: an office that lowers an approval can't keep it from the holder: it shows wherever the chain is read for the wallet. Non-guarantees: a refusal leaves nothing
//! on chain, and isn't told from a request that nobody has decided; and a host that reads the chain for the wallet learns which requests it asks about. Where a
//! program counts claims by record, nobody without the record tells whose an approval is.

use sealroot_protocol::{
    consent::Nullifier,
    currency::Currency,
    scope::{Deployment, ScopeOpening},
    snapshot::DecisionEntry,
};
use sealroot_wallet::{
    History,
    history::{Consented, Entry},
    secret_key::SecretKey,
};

/// The approvals that one request has on chain. An anonymous request is answered by many people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approvals {
    /// The nullifiers under which what became of the consent is to be read: the holder's own, or all where none is known to be.
    pub nullifiers: Vec<Nullifier>,
    /// Whether they are this key's; otherwise they may be other people's.
    pub own: bool,
    /// How many approvals of the request are other people's.
    pub others: usize,
}

impl Approvals {
    /// Of a consent, among all nullifiers that approvals of its request spent at the deployment.
    pub fn of(
        consent: &Consented,
        deployment: Deployment,
        key: &SecretKey,
        history: &History,
        found: Vec<Nullifier>,
    ) -> Self {
        let opening = ScopeOpening { deployment, program: consent.program.clone(), period: consent.period };
        let scope = opening.scope();
        let mine: Vec<_> = history.subjects().map(|subject| key.nullifier(scope, subject)).collect();
        let (own, others): (Vec<_>, Vec<_>) = found.into_iter().partition(|nullifier| mine.contains(nullifier));
        match own.is_empty() {
            true => Self { nullifiers: others, own: false, others: 0 },
            false => Self { nullifiers: own, own: true, others: others.len() },
        }
    }
}

/// What the host found on chain about one consent.
#[derive(Debug, Clone)]
pub struct Found {
    /// What stands under the nullifier that an approval of the request once spent; none if there never was one.
    pub entry: Option<DecisionEntry>,
    /// What the program pays in; none where it pays nothing.
    pub currency: Option<Currency>,
}

/// A consent, and what became of it.
#[derive(Debug, Clone)]
pub struct Told {
    /// The consent.
    pub consent: Consented,
    /// What stands.
    pub outcome: Outcome,
    /// What the program pays in.
    pub currency: Option<Currency>,
}

/// What became of a consent.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// No approval of the request is on chain.
    NotApproved,
    /// Its approval stands, lowered perhaps.
    Stands(DecisionEntry),
    /// Another request's approval is in its place.
    Replaced(DecisionEntry),
}

/// The consents in this history, the oldest first: what the host asks the chain about.
pub fn consents(history: &History) -> Vec<Consented> {
    let consented = |entry: &Entry| match entry {
        Entry::Consented(consented) => Some(consented.clone()),
        _ => None,
    };
    history.entries().iter().filter_map(consented).collect()
}

/// What became of a consent.
pub fn told(consent: Consented, found: Found) -> Told {
    let outcome = match found.entry {
        None => Outcome::NotApproved,
        Some(entry) if entry.request == consent.request => Outcome::Stands(entry),
        Some(entry) => Outcome::Replaced(entry),
    };
    Told { consent, outcome, currency: found.currency }
}
