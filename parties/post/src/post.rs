//! A post: its file, whom it serves, and what it sweeps away.

use crate::{
    error::PostError,
    limits::{Limits, MAILBOX_LIFETIME},
    room::Shares,
    store,
    store::integer,
};
use sealroot_exchange::{MailboxId, MailboxToken};
use sqlx::{Connection, SqliteConnection};
use std::{
    collections::{BTreeSet, HashMap},
    path::Path,
    sync::{Arc, Mutex as Shared, PoisonError, atomic::AtomicUsize},
    time::{SystemTime, UNIX_EPOCH},
};
use tokio::sync::{Mutex, MutexGuard, Notify};

/// Until when an organisation's mailbox stays open.
pub(crate) const ALWAYS: i64 = i64::MAX;

/// A post. Clones share it.
#[derive(Clone)]
pub struct Post(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    connection: Mutex<SqliteConnection>,
    pub(crate) limits: Limits,
    /// The mailboxes of organisations that the operator has admitted.
    organisations: BTreeSet<MailboxId>,
    /// Who waits for something in a mailbox.
    waiting: Shared<HashMap<MailboxId, Arc<Notify>>>,
    /// How many wait.
    pub(crate) in_line: AtomicUsize,
    pub(crate) shares: Shared<Option<Shares>>,
}

/// What a sweep took away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// Envelopes that had expired.
    pub envelopes: u64,
    /// Mailboxes that nobody looked at.
    pub mailboxes: u64,
    /// Requests that had expired.
    pub requests: u64,
}

impl Post {
    /// Opens a post's directory, or makes one. The mailboxes of the organisations that it serves are open at once, and stay open.
    pub async fn open(
        directory: &Path,
        organisations: impl IntoIterator<Item = MailboxId>,
        limits: Limits,
    ) -> Result<Self, PostError> {
        let made = sealroot_files::make_directory(directory, sealroot_files::Access::Owner);
        made.map_err(|error| PostError::File(format!("its directory can't be made: {error}")))?;
        let mut connection = store::open(&directory.join("post.sqlite")).await?;
        let organisations: BTreeSet<_> = organisations.into_iter().collect();
        // One that is served no longer has as long as anybody's to fetch what is left.
        let until = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs());
        let dismiss = sqlx::query("UPDATE mailboxes SET until = $1 WHERE until = $2");
        let dismiss = dismiss.bind(integer(until.saturating_add(MAILBOX_LIFETIME))).bind(ALWAYS);
        dismiss.execute(&mut connection).await?;
        for mailbox in &organisations {
            let sql = "INSERT INTO mailboxes (id, until) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET until = $2, request = NULL";
            sqlx::query(sql).bind(&mailbox.0.0[..]).bind(ALWAYS).execute(&mut connection).await?;
        }
        let connection = Mutex::new(connection);
        Ok(Self(Arc::new(Inner {
            connection,
            limits,
            organisations,
            waiting: Shared::default(),
            in_line: AtomicUsize::new(0),
            shares: Shared::default(),
        })))
    }

    /// Takes away what has expired. Once an hour is enough: what has expired is shown to nobody before.
    pub async fn sweep(&self, now: u64) -> Result<Swept, PostError> {
        let mut connection = self.connection().await;
        let mut transaction = connection.begin().await?;
        let mut swept = Swept::default();
        for (sql, count) in [
            ("DELETE FROM envelopes WHERE expiry < $1", &mut swept.envelopes),
            ("DELETE FROM mailboxes WHERE until < $1", &mut swept.mailboxes),
            ("DELETE FROM requests WHERE until < $1", &mut swept.requests),
        ] {
            *count = sqlx::query(sql).bind(integer(now)).execute(&mut *transaction).await?.rows_affected();
        }
        transaction.commit().await?;
        // What was overwritten in the database stands in the log of writes until that is taken over.
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut *connection).await?;
        drop(connection);
        // A mailbox for which nobody waits needs no bell.
        self.bells().retain(|_, bell| Arc::strong_count(bell) > 1);
        Ok(swept)
    }

    /// Whether the file can be read and written now.
    pub async fn check(&self) -> Result<(), PostError> {
        let mut connection = self.connection().await;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query("SELECT count(*) FROM mailboxes").fetch_one(&mut *transaction).await?;
        Ok(transaction.rollback().await?)
    }

    pub(crate) async fn connection(&self) -> MutexGuard<'_, SqliteConnection> {
        self.0.connection.lock().await
    }

    pub(crate) fn serves(&self, mailbox: MailboxId) -> bool {
        self.0.organisations.contains(&mailbox)
    }

    /// Whether this token is an organisation's that the post serves.
    pub fn serves_token(&self, token: &MailboxToken) -> bool {
        self.serves(token.mailbox())
    }

    /// What rings when something comes into a mailbox.
    pub(crate) fn bell(&self, mailbox: MailboxId) -> Arc<Notify> {
        self.bells().entry(mailbox).or_default().clone()
    }

    /// Rings for those who wait for something in a mailbox.
    pub(crate) fn ring(&self, mailbox: MailboxId) {
        if let Some(bell) = self.bells().get(&mailbox) {
            bell.notify_waiters();
        }
    }

    fn bells(&self) -> std::sync::MutexGuard<'_, HashMap<MailboxId, Arc<Notify>>> {
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
