-- keys.db: wrapped data keys, and nothing else. Back it up with short retention only: erasing a record destroys its key here.

CREATE TABLE data_keys (
    id      BLOB NOT NULL PRIMARY KEY, -- table's letter, row id, version
    kek     BLOB NOT NULL,             -- id of the key-encryption key
    wrapped BLOB NOT NULL,             -- nonce, XChaCha20-Poly1305 of 32 bytes, tag
    batch   BLOB NOT NULL              -- the write that added it
) STRICT, WITHOUT ROWID;
CREATE INDEX data_keys_kek ON data_keys (kek);

-- Writes whose records may still be rolled back. After a crash records.db tells which were committed; the keys of the others go.
CREATE TABLE open_batches (
    batch BLOB NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;
