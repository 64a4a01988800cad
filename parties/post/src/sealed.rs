//! Sealed requests: what lies behind a link until it expires. The post finds them by an id that follows from the link, and can't open them.

use crate::{
    error::PostError,
    limits,
    post::Post,
    store::{integer, natural},
};
use sealroot_exchange::{MailboxToken, link::SEALED_REQUEST};
use sealroot_protocol::field::Digest;
use sqlx::{Connection, Row};

impl Post {
    /// Keeps an office's sealed request until a time. One that is put twice is one, kept until the later of both times.
    pub async fn put_request(
        &self,
        office: &MailboxToken,
        id: Digest,
        sealed: &[u8],
        until: u64,
        now: u64,
    ) -> Result<(), PostError> {
        let owner = office.mailbox();
        if !self.serves(owner) {
            return Err(PostError::NotServed(owner));
        }
        if sealed.len() != SEALED_REQUEST {
            return Err(PostError::RequestSize { expected: SEALED_REQUEST, found: sealed.len() });
        }
        if until < now || until > now.saturating_add(limits::REQUEST_LIFETIME) {
            return Err(PostError::RequestUntil);
        }
        let mut connection = self.connection().await;
        let mut transaction = connection.begin().await?;
        let expired = sqlx::query("DELETE FROM requests WHERE id = $1 AND until < $2").bind(id.0.to_vec());
        expired.bind(integer(now)).execute(&mut *transaction).await?;
        let query = sqlx::query("SELECT owner, sealed FROM requests WHERE id = $1").bind(id.0.to_vec());
        if let Some(row) = query.fetch_optional(&mut *transaction).await? {
            let (kept_by, kept): (Vec<u8>, Vec<u8>) = (row.try_get(0)?, row.try_get(1)?);
            if kept_by != owner.0.0 || kept != sealed {
                return Err(PostError::OtherRequest(id));
            }
            let longer = sqlx::query("UPDATE requests SET until = max(until, $2) WHERE id = $1").bind(id.0.to_vec());
            longer.bind(integer(until)).execute(&mut *transaction).await?;
            return Ok(transaction.commit().await?);
        }
        let row = sqlx::query("SELECT count(*) FROM requests WHERE owner = $1 AND until >= $2");
        let row = row.bind(owner.0.0.to_vec()).bind(integer(now));
        if natural(row.fetch_one(&mut *transaction).await?.try_get(0)?) >= self.0.limits.requests {
            return Err(PostError::Full("the organisation has as many requests here as its operator allows"));
        }
        let insert = sqlx::query("INSERT INTO requests (id, owner, until, sealed) VALUES ($1, $2, $3, $4)");
        let insert = insert.bind(id.0.to_vec()).bind(owner.0.0.to_vec()).bind(integer(until)).bind(sealed);
        insert.execute(&mut *transaction).await?;
        Ok(transaction.commit().await?)
    }

    /// The sealed request under an id.
    pub async fn request(&self, id: Digest, now: u64) -> Result<Vec<u8>, PostError> {
        let query = sqlx::query("SELECT sealed FROM requests WHERE id = $1 AND until >= $2");
        let query = query.bind(id.0.to_vec()).bind(integer(now));
        let row = query.fetch_optional(&mut *self.connection().await).await?.ok_or(PostError::NoRequest(id))?;
        Ok(row.try_get(0)?)
    }

    /// Takes a request away: its link leads nowhere from then on. Nothing where there is none of this office's.
    pub async fn withdraw_request(&self, office: &MailboxToken, id: Digest) -> Result<(), PostError> {
        let delete = sqlx::query("DELETE FROM requests WHERE id = $1 AND owner = $2");
        let delete = delete.bind(id.0.to_vec()).bind(office.mailbox().0.0.to_vec());
        delete.execute(&mut *self.connection().await).await?;
        Ok(())
    }
}
