-- records.db: ciphertexts, enrolments, the commitment tree and its roots. No plaintext, no national id, no subject, no serial, no key.
--
-- tag: HMAC-SHA-256 over the table's name and every other column, under a key of the key ring. Reading checks it.

-- The vault's own values: agency, grace, next leaf index, root of the working tree.
CREATE TABLE vault_values (
    name  TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL,
    tag   BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- What attributes mean. Public data.
-- What the newest transaction left: its number, the access log then, and for each part of each table the number and the keyed sum of its rows.
CREATE TABLE state (
    id     INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    sealed BLOB NOT NULL -- nonce, XChaCha20-Poly1305 ciphertext, tag
) STRICT, WITHOUT ROWID;

CREATE TABLE schemas (
    id   BLOB NOT NULL PRIMARY KEY, -- schema_id, 32 bytes
    name TEXT NOT NULL,
    json TEXT NOT NULL,              -- canonical JSON (RFC 8785)
    tag  BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- A person's key at this agency. Outlives the person's records, so that erasing and enrolling again earns no second nullifier.
CREATE TABLE enrolments (
    subject   BLOB NOT NULL PRIMARY KEY, -- HMAC of the subject under the vault's index key
    version   INTEGER NOT NULL,
    anchor_by INTEGER,                     -- Unix seconds; while a key replacement waits for its anchor
    epoch     INTEGER NOT NULL,            -- epoch that carries the newest change
    sealed    BLOB NOT NULL,             -- PK, holder_since, log key
    tag       BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX enrolments_waiting ON enrolments (anchor_by) WHERE anchor_by IS NOT NULL;

-- Nonces for proofs of possession: issued, not yet used.
CREATE TABLE nonces (
    nonce   BLOB NOT NULL PRIMARY KEY,
    subject BLOB NOT NULL,
    expires INTEGER NOT NULL, -- Unix seconds
    tag     BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Versions of records.
CREATE TABLE records (
    id          BLOB NOT NULL,  -- 16 bytes, never used twice
    version     INTEGER NOT NULL, -- from 1 on
    schema_id   BLOB NOT NULL,
    period      INTEGER NOT NULL, -- YYYYMM, 0 = timeless
    lookup      BLOB NOT NULL,  -- HMAC of (schema, subject, period[, serial])
    serial      BLOB NOT NULL,  -- HMAC of (schema, serial, period)
    subject     BLOB NOT NULL,  -- HMAC of the subject
    leaf_index  INTEGER NOT NULL, -- place in the tree
    leaf        BLOB NOT NULL,  -- the commitment: hiding, because it is salted
    since_epoch INTEGER NOT NULL, -- first epoch in which it stands in the tree
    until_epoch INTEGER,          -- first epoch in which it no longer does
    sealed      BLOB NOT NULL,  -- nonce, XChaCha20-Poly1305 ciphertext, its own tag
    tag         BLOB NOT NULL,
    PRIMARY KEY (id, version)
) STRICT;
-- At most one live record per (schema, subject, period), and per serial.
CREATE UNIQUE INDEX records_live_lookup ON records (lookup) WHERE until_epoch IS NULL;
CREATE UNIQUE INDEX records_live_serial ON records (serial) WHERE until_epoch IS NULL;
CREATE UNIQUE INDEX records_live_index ON records (leaf_index) WHERE until_epoch IS NULL;
CREATE INDEX records_lookup ON records (lookup) WHERE until_epoch IS NOT NULL;
CREATE INDEX records_subject ON records (subject);
CREATE INDEX records_until ON records (until_epoch) WHERE until_epoch IS NOT NULL;

-- Records that a running update has met; empty outside its transaction.
CREATE TABLE seen (
    id BLOB NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- Versions of the tree's inner nodes: the four children of each, so that one row per level makes a path. Without a tag: every use hashes them up to a root
-- whose row has one.
CREATE TABLE nodes (
    level    INTEGER NOT NULL, -- 1 = parents of leaves, 16 = the root
    position INTEGER NOT NULL,
    epoch    INTEGER NOT NULL, -- written in this epoch, valid until the next version
    children BLOB NOT NULL,  -- 4 × 32 bytes, big-endian
    PRIMARY KEY (level, position, epoch)
) STRICT, WITHOUT ROWID;

-- Prepared roots.
CREATE TABLE roots (
    epoch         INTEGER NOT NULL PRIMARY KEY,
    root          BLOB NOT NULL,
    log_size      INTEGER NOT NULL, -- entries of the access log
    log_head      BLOB NOT NULL,  -- its RFC 6962 head
    state         TEXT NOT NULL,   -- pending, anchored, withdrawn, retired
    anchor_by     INTEGER,          -- Unix seconds; a later anchor must fail
    sequence      INTEGER,          -- on chain
    block         INTEGER,
    anchored_at   INTEGER,          -- block time, Unix seconds
    superseded_at INTEGER,          -- block time of the next anchor: grace counts from here
    tag           BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Data keys that must be destroyed; emptied after the key store has done it.
CREATE TABLE owed_destructions (
    key_id BLOB NOT NULL PRIMARY KEY,
    tag    BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Batches of data keys whose records are committed, until the key store knows it.
CREATE TABLE batches (
    batch BLOB NOT NULL PRIMARY KEY,
    tag   BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Finished imports. A row exists exactly if the whole file is in.
CREATE TABLE imports (
    id        BLOB NOT NULL PRIMARY KEY,
    schema_id BLOB NOT NULL,
    at        INTEGER NOT NULL,
    added     INTEGER NOT NULL,
    changed   INTEGER NOT NULL,
    unchanged INTEGER NOT NULL,
    removed   INTEGER NOT NULL,
    tag       BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Which member is, or was, in which household. References only: they show how many people a household has, not which.
CREATE TABLE memberships (
    member      BLOB NOT NULL,    -- HMAC of (schema, period, subject)
    household   BLOB NOT NULL,    -- HMAC of (schema, serial, period), as in records.serial
    since_epoch INTEGER NOT NULL, -- first epoch in which the household named the member
    until_epoch INTEGER,          -- epoch in which it named the member no more
    tag         BLOB NOT NULL,
    PRIMARY KEY (member, household)
) STRICT, WITHOUT ROWID;
CREATE INDEX memberships_household ON memberships (household) WHERE until_epoch IS NULL;

-- Under which subjects a wallet key was ever enrolled. Outlives enrolments and erasures.
CREATE TABLE known_keys (
    fingerprint BLOB NOT NULL, -- keyed fingerprint of the key
    subject     BLOB NOT NULL, -- reference of the subject
    tag         BLOB NOT NULL,
    PRIMARY KEY (fingerprint, subject)
) STRICT, WITHOUT ROWID;
