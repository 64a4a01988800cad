-- Releases that were used or withdrawn: a signature lets a record out once.
CREATE TABLE releases (
    release BLOB NOT NULL PRIMARY KEY, -- digest of the release, 32 bytes
    expires INTEGER NOT NULL           -- Unix seconds; forgotten long after
) STRICT, WITHOUT ROWID;
CREATE INDEX releases_expires ON releases (expires);
