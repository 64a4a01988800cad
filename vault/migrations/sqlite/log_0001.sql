-- log.db: the access log. Append-only; its head is anchored with every root.

CREATE TABLE entries (
    position  INTEGER NOT NULL PRIMARY KEY,
    at        INTEGER NOT NULL,  -- Unix seconds
    subject   BLOB NOT NULL,   -- HMAC of the subject
    to_holder INTEGER NOT NULL,  -- 1: sealed to the holder's key, 0: to the agency's log key
    sealed    BLOB NOT NULL    -- HPKE
) STRICT;
CREATE INDEX entries_subject ON entries (subject, position);

-- Hashes of complete subtrees (RFC 6962): heads and proofs take a logarithmic number of them.
CREATE TABLE subtrees (
    level    INTEGER NOT NULL,
    position INTEGER NOT NULL,
    hash     BLOB NOT NULL,
    PRIMARY KEY (level, position)
) STRICT, WITHOUT ROWID;

-- Releases that were used or withdrawn: a signature lets a record out once.
CREATE TABLE releases (
    release BLOB NOT NULL PRIMARY KEY, -- digest of the release, 32 bytes
    expires INTEGER NOT NULL,          -- Unix seconds; forgotten long after
    tag     BLOB NOT NULL              -- HMAC-SHA-256 over the table's name and the other columns, under a key of the key ring
) STRICT, WITHOUT ROWID;
CREATE INDEX releases_expires ON releases (expires);
