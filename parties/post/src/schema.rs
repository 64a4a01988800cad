//! The tables of `post.sqlite`.
//!
//! Nothing in them is trusted by anybody but the post: envelopes are sealed and bound to their mailbox, and a request opens with its link alone. To change a row is to lose or to delay
//! what lies there.

/// What makes a new file.
pub(crate) const SCHEMA: &str = "
CREATE TABLE mailboxes (id BLOB PRIMARY KEY, until INTEGER NOT NULL, request BLOB, places INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;
CREATE INDEX mailboxes_until ON mailboxes (until);
CREATE INDEX mailboxes_request ON mailboxes (request);
CREATE TABLE envelopes (mailbox BLOB NOT NULL REFERENCES mailboxes ON DELETE CASCADE, place INTEGER NOT NULL, id BLOB NOT NULL, expiry INTEGER NOT NULL, size INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (mailbox, place),
    UNIQUE (mailbox, id)) STRICT;
CREATE INDEX envelopes_size ON envelopes (mailbox, size);
CREATE INDEX envelopes_expiry ON envelopes (expiry);
CREATE TABLE requests (id BLOB PRIMARY KEY, owner BLOB NOT NULL, until INTEGER NOT NULL, sealed BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX requests_until ON requests (until);
CREATE INDEX requests_owner ON requests (owner);
CREATE TABLE cards (role TEXT NOT NULL, name TEXT NOT NULL, card BLOB NOT NULL, PRIMARY KEY (role, name)) STRICT, WITHOUT ROWID;
";

/// Which form of the tables it is (`user_version`).
pub(crate) const VERSION: i64 = 1;
