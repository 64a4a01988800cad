//! What a post shows of others: service cards, programs, policies, and what the chain says of a request.
//!
//! Guarantee: a post keeps no card that the chain doesn't have, and shows no policy under another's digest. Non-guarantee: that a reader needn't check. Each reader does.

use crate::{error::PostError, post::Post};
use sealroot_chain::Chain;
use sealroot_exchange::{MailboxToken, Organisation, Role, ServiceCard, card, evidence_request::EvidenceRequest};
use sealroot_files::ReadError;
use sealroot_protocol::{
    canonical,
    evidence::Evidence,
    name::Name,
    policy::{PolicyDigest, PolicyDocument},
    program::Program,
    snapshot::SnapshotQuery,
};
use sqlx::Row;
use std::path::PathBuf;

/// The most that a published document has, bytes.
const MAX_DOCUMENT: u64 = 8 << 20;

/// A directory of enacted programs and policies, as officers publish them.
#[derive(Debug, Clone)]
pub struct Published(pub PathBuf);

impl Published {
    /// A program's canonical bytes.
    pub fn program(&self, id: &Name) -> Result<Vec<u8>, PostError> {
        let bytes = self.read(&format!("programs/{id}.json"))?;
        let read: Program = canonical::from_bytes(&bytes)?;
        if read.id == *id { Ok(bytes) } else { Err(PostError::NotPublished) }
    }

    /// A policy document's canonical bytes.
    pub fn policy(&self, digest: PolicyDigest) -> Result<Vec<u8>, PostError> {
        let name = digest.to_string();
        let bytes = self.read(&format!("policies/{}.json", name.trim_start_matches("0x")))?;
        let read: PolicyDocument = canonical::from_bytes(&bytes)?;
        if read.policy.digest()? == digest { Ok(bytes) } else { Err(PostError::NotPublished) }
    }

    fn read(&self, name: &str) -> Result<Vec<u8>, PostError> {
        sealroot_files::read(&self.0.join(name), MAX_DOCUMENT).map_err(|error| match error {
            ReadError::NotFound => PostError::NotPublished,
            error => PostError::Unreadable(error.to_string()),
        })
    }
}

/// What the chain says of a question, at its newest block, with every proof.
pub async fn evidence(chain: &impl Chain, question: &EvidenceRequest) -> Result<Evidence, PostError> {
    if question.deployment != chain.deployment() {
        return Err(PostError::OtherDeployment);
    }
    let head = chain.head().await?;
    Ok(chain.collect_evidence(&question.query(), head.number).await?)
}

impl Post {
    /// Keeps an organisation's card: the one that the chain has for it, put by an organisation that this post serves.
    pub async fn put_card(
        &self,
        owner: &MailboxToken,
        bytes: &[u8],
        chain: &impl Chain,
        now: u64,
    ) -> Result<Organisation, PostError> {
        if !self.serves(owner.mailbox()) {
            return Err(PostError::NotServed(owner.mailbox()));
        }
        let organisation = ServiceCard::from_bytes(bytes)?.organisation();
        let asked = (organisation.role.registry(), organisation.name.clone());
        let query = SnapshotQuery { cards: [asked.clone()].into(), ..SnapshotQuery::default() };
        let snapshot = chain.snapshot(&query).await?;
        let entry = snapshot.cards.get(&asked).ok_or_else(|| PostError::NoCard(organisation.clone()))?;
        card::accept(bytes, entry, chain.deployment(), &organisation, now)?;
        let sql =
            "INSERT INTO cards (role, name, card) VALUES ($1, $2, $3) ON CONFLICT (role, name) DO UPDATE SET card = $3";
        let put = sqlx::query(sql).bind(organisation.role.to_string()).bind(organisation.name.to_string()).bind(bytes);
        put.execute(&mut *self.connection().await).await?;
        Ok(organisation)
    }

    /// The card that was put last.
    pub async fn card(&self, role: Role, name: &Name) -> Result<Vec<u8>, PostError> {
        let query = sqlx::query("SELECT card FROM cards WHERE role = $1 AND name = $2");
        let query = query.bind(role.to_string()).bind(name.to_string());
        let row = query.fetch_optional(&mut *self.connection().await).await?;
        let none = || PostError::NoCard(Organisation { role, name: name.clone() });
        Ok(row.ok_or_else(none)?.try_get(0)?)
    }
}
