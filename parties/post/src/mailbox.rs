//! Mailboxes: opened by anybody with a token, filled by anybody who knows the id, read and emptied with the token.

use crate::{
    error::PostError,
    limits::{self, Holds},
    post::{ALWAYS, Post},
    store::{integer, natural},
};
use sealroot_exchange::{Envelope, EnvelopeId, MailboxId, MailboxToken};
use sealroot_protocol::field::Digest;
use sqlx::{Connection, Row, SqliteConnection};
use std::{sync::atomic::Ordering, time::Duration};
use tokio::time::{Instant, timeout_at};

/// A mailbox that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opened {
    /// Which one.
    pub mailbox: MailboxId,
    /// Unix time until which it stays open; each look at it puts that off.
    pub until: u64,
}

/// An envelope that lies in a mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed {
    /// Its place in the order of arrival, ascending: the next listing begins after it.
    pub place: u64,
    /// SHA-256 of its bytes.
    pub id: EnvelopeId,
    /// Bytes.
    pub size: u64,
    /// Its last second.
    pub expiry: u64,
}

/// How long a listing waits where there is nothing yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting(Duration);

impl Waiting {
    /// So many seconds, and at most [`LONGEST_WAIT`](limits::LONGEST_WAIT).
    pub fn seconds(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds.min(limits::LONGEST_WAIT)))
    }
}

impl Post {
    /// Opens the token's mailbox, or has it stay open longer. One for a live request, which is named by its id, takes what is set aside for that request.
    pub async fn open_mailbox(
        &self,
        token: &MailboxToken,
        request: Option<Digest>,
        now: u64,
    ) -> Result<Opened, PostError> {
        let mailbox = token.mailbox();
        if self.serves(mailbox) {
            return Ok(Opened { mailbox, until: u64::MAX });
        }
        let until = now.saturating_add(limits::MAILBOX_LIFETIME);
        let mut connection = self.connection().await;
        let mut transaction = connection.begin().await?;
        if renewed(&mut transaction, mailbox, now, until).await? {
            transaction.commit().await?;
            return Ok(Opened { mailbox, until });
        }
        match request {
            Some(request) => {
                let sql = "SELECT (SELECT count(*) FROM requests WHERE id = $1 AND until >= $2), (SELECT count(*) FROM mailboxes WHERE request = $1)";
                let row = sqlx::query(sql).bind(&request.0[..]).bind(integer(now)).fetch_one(&mut *transaction).await?;
                let (live, opened): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
                if live == 0 {
                    return Err(PostError::NoRequest(request));
                }
                if natural(opened) >= limits::MAILBOXES_OF_A_REQUEST {
                    return Err(PostError::RequestsMailboxes);
                }
            }
            None => {
                let sql = "SELECT count(*) FROM mailboxes WHERE request IS NULL AND until BETWEEN $1 AND $2";
                let count = sqlx::query(sql).bind(integer(now)).bind(ALWAYS - 1);
                let opened: i64 = count.fetch_one(&mut *transaction).await?.try_get(0)?;
                if natural(opened) >= self.0.limits.mailboxes {
                    return Err(PostError::Full("no more mailboxes are opened without a request's link"));
                }
            }
        }
        // An expired one of this id goes with what is in it.
        sqlx::query("DELETE FROM mailboxes WHERE id = $1").bind(&mailbox.0.0[..]).execute(&mut *transaction).await?;
        let sql = "INSERT INTO mailboxes (id, until, request) VALUES ($1, $2, $3)";
        let insert = sqlx::query(sql).bind(&mailbox.0.0[..]).bind(integer(until));
        insert.bind(request.map(|request| request.0.to_vec())).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(Opened { mailbox, until })
    }

    /// Closes a mailbox with all that is in it. Nothing where there is none.
    pub async fn close_mailbox(&self, token: &MailboxToken) -> Result<(), PostError> {
        let mailbox = token.mailbox();
        if self.serves(mailbox) {
            return Err(PostError::OperatorsMailbox);
        }
        let delete = sqlx::query("DELETE FROM mailboxes WHERE id = $1").bind(mailbox.0.0.to_vec());
        delete.execute(&mut *self.connection().await).await?;
        Ok(())
    }

    /// Puts an envelope into a mailbox. Its id, once it is on disk; one that lies there already stays as it is.
    pub async fn put(&self, mailbox: MailboxId, bytes: &[u8], now: u64) -> Result<EnvelopeId, PostError> {
        let envelope = Envelope::from_bytes(bytes)?;
        let header = envelope.header();
        if header.mailbox != mailbox {
            return Err(PostError::OtherMailbox { expected: mailbox, found: header.mailbox });
        }
        if header.expiry < now {
            return Err(PostError::Expired(header.expiry));
        }
        let latest = now.saturating_add(limits::ENVELOPE_LIFETIME);
        if header.expiry > latest {
            return Err(PostError::TooLong { expiry: header.expiry, latest });
        }
        let id = envelope.id().map_err(sealroot_exchange::envelope::EnvelopeError::from)?;
        let mut connection = self.connection().await;
        let mut transaction = connection.begin().await?;
        let holds = self.holds(&mut transaction, mailbox, now).await?;
        // What has expired is shown to nobody, and counts no more.
        let sql = "SELECT EXISTS (SELECT 1 FROM envelopes WHERE mailbox = $1 AND id = $2), count(*), coalesce(sum(size), 0) FROM envelopes WHERE mailbox = $1 AND expiry >= $3";
        let query = sqlx::query(sql).bind(&mailbox.0.0[..]).bind(&id.0.0[..]).bind(integer(now));
        let row = query.fetch_one(&mut *transaction).await?;
        let (known, count, size): (bool, i64, i64) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        if known {
            return Ok(id);
        }
        if natural(count) >= holds.envelopes() || natural(size) + bytes.len() as u64 > holds.bytes() {
            return Err(PostError::MailboxFull(mailbox));
        }
        self.check_room(&mut transaction, holds, bytes.len() as u64).await?;
        let sql = "UPDATE mailboxes SET places = places + 1 WHERE id = $1 RETURNING places";
        let place: i64 = sqlx::query(sql).bind(&mailbox.0.0[..]).fetch_one(&mut *transaction).await?.try_get(0)?;
        let sql = "INSERT INTO envelopes (mailbox, place, id, expiry, size, bytes) VALUES ($1, $2, $3, $4, $5, $6)";
        let insert = sqlx::query(sql).bind(&mailbox.0.0[..]).bind(place).bind(&id.0.0[..]).bind(integer(header.expiry));
        insert.bind(integer(bytes.len() as u64)).bind(bytes).execute(&mut *transaction).await?;
        transaction.commit().await?;
        drop(connection);
        self.ring(mailbox);
        Ok(id)
    }

    /// What lies in a mailbox behind a place in the order of arrival, oldest first, at most [`LISTED`](limits::LISTED). Where there is nothing it waits.
    pub async fn list(
        &self,
        mailbox: MailboxId,
        token: &MailboxToken,
        after: u64,
        wait: Waiting,
        now: u64,
    ) -> Result<Vec<Listed>, PostError> {
        own(mailbox, token)?;
        let found = self.look(mailbox, after, now).await?;
        if !found.is_empty() || wait.0.is_zero() {
            return Ok(found);
        }
        let deadline = Instant::now() + wait.0;
        let mut place = None;
        loop {
            // Listening begins before looking: what comes in between rings.
            let bell = self.bell(mailbox);
            let rung = bell.notified();
            let found = self.look(mailbox, after, now).await?;
            if !found.is_empty() {
                return Ok(found);
            }
            if place.is_none() {
                place = Some(self.wait_in_line()?);
            }
            if timeout_at(deadline, rung).await.is_err() {
                return Ok(Vec::new());
            }
        }
    }

    /// An envelope's bytes.
    pub async fn take(
        &self,
        mailbox: MailboxId,
        token: &MailboxToken,
        id: EnvelopeId,
        now: u64,
    ) -> Result<Vec<u8>, PostError> {
        own(mailbox, token)?;
        let mut connection = self.connection().await;
        self.holds(&mut connection, mailbox, now).await?;
        let query = sqlx::query("SELECT bytes FROM envelopes WHERE mailbox = $1 AND id = $2 AND expiry >= $3");
        let query = query.bind(mailbox.0.0.to_vec()).bind(id.0.0.to_vec()).bind(integer(now));
        let row = query.fetch_optional(&mut *connection).await?.ok_or(PostError::NoEnvelope(id))?;
        Ok(row.try_get(0)?)
    }

    /// Takes an envelope out of its mailbox, once its owner has what it says on disk. One that isn't there was acknowledged before.
    pub async fn acknowledge(
        &self,
        mailbox: MailboxId,
        token: &MailboxToken,
        id: EnvelopeId,
        now: u64,
    ) -> Result<(), PostError> {
        own(mailbox, token)?;
        let mut connection = self.connection().await;
        self.holds(&mut connection, mailbox, now).await?;
        let delete = sqlx::query("DELETE FROM envelopes WHERE mailbox = $1 AND id = $2");
        delete.bind(mailbox.0.0.to_vec()).bind(id.0.0.to_vec()).execute(&mut *connection).await?;
        Ok(())
    }

    async fn look(&self, mailbox: MailboxId, after: u64, now: u64) -> Result<Vec<Listed>, PostError> {
        let mut connection = self.connection().await;
        let mut transaction = connection.begin().await?;
        self.holds(&mut transaction, mailbox, now).await?;
        if !self.serves(mailbox) {
            renewed(&mut transaction, mailbox, now, now.saturating_add(limits::MAILBOX_LIFETIME)).await?;
        }
        let sql = "SELECT place, id, size, expiry FROM envelopes WHERE mailbox = $1 AND place > $2 AND expiry >= $3 ORDER BY place LIMIT $4";
        let query = sqlx::query(sql).bind(mailbox.0.0.to_vec()).bind(integer(after)).bind(integer(now));
        let rows = query.bind(limits::LISTED).fetch_all(&mut *transaction).await?;
        transaction.commit().await?;
        let read = |row: &sqlx::sqlite::SqliteRow| {
            let id: Vec<u8> = row.try_get(1)?;
            let id = id.try_into().map_err(|_| PostError::File("an envelope's id has another length".into()))?;
            let number = |column| row.try_get::<i64, _>(column).map(natural);
            Ok(Listed { place: number(0)?, id: EnvelopeId(Digest(id)), size: number(2)?, expiry: number(3)? })
        };
        rows.iter().map(read).collect()
    }

    /// How much an open mailbox takes.
    async fn holds(&self, connection: &mut SqliteConnection, mailbox: MailboxId, now: u64) -> Result<Holds, PostError> {
        if self.serves(mailbox) {
            return Ok(Holds::Organisation);
        }
        let query = sqlx::query("SELECT request IS NULL FROM mailboxes WHERE id = $1 AND until >= $2");
        let query = query.bind(mailbox.0.0.to_vec()).bind(integer(now));
        let row = query.fetch_optional(connection).await?.ok_or(PostError::NoMailbox(mailbox))?;
        Ok(if row.try_get(0)? { Holds::Anybody } else { Holds::Request })
    }

    fn wait_in_line(&self) -> Result<InLine<'_>, PostError> {
        let line = InLine(self);
        let waiting = self.0.in_line.fetch_add(1, Ordering::Relaxed);
        if waiting >= limits::WAITING { Err(PostError::TooManyWait) } else { Ok(line) }
    }
}

/// One of those who wait; leaves when dropped, also where the asker went away.
struct InLine<'a>(&'a Post);

impl Drop for InLine<'_> {
    fn drop(&mut self) {
        self.0.0.in_line.fetch_sub(1, Ordering::Relaxed);
    }
}

fn own(mailbox: MailboxId, token: &MailboxToken) -> Result<(), PostError> {
    if token.mailbox() == mailbox { Ok(()) } else { Err(PostError::NotItsToken(mailbox)) }
}

/// Has an open mailbox stay open longer. Written once a day at most: listings come every minute.
async fn renewed(
    connection: &mut SqliteConnection,
    mailbox: MailboxId,
    now: u64,
    until: u64,
) -> Result<bool, PostError> {
    let query = sqlx::query("SELECT until FROM mailboxes WHERE id = $1 AND until >= $2");
    let row = query.bind(mailbox.0.0.to_vec()).bind(integer(now)).fetch_optional(&mut *connection).await?;
    let Some(row) = row else { return Ok(false) };
    if natural(row.try_get(0)?).saturating_add(RENEWAL) <= until {
        let update = sqlx::query("UPDATE mailboxes SET until = $2 WHERE id = $1");
        update.bind(mailbox.0.0.to_vec()).bind(integer(until)).execute(connection).await?;
    }
    Ok(true)
}

/// Seconds.
const RENEWAL: u64 = 86_400;
