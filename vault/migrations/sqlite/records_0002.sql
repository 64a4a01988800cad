-- What ids look like, so that an id in letters of another script isn't a second person unnoticed. References only; outlives records.
CREATE TABLE looks (
    skeleton BLOB NOT NULL,    -- HMAC of the id's skeleton (UTS #39)
    subject  BLOB NOT NULL,    -- reference of the subject
    ascii    INTEGER NOT NULL, -- 1: the id is in ASCII
    small    INTEGER NOT NULL, -- 1: capital letters would make another id of it
    capital  INTEGER NOT NULL, -- 1: small letters would
    line     INTEGER,          -- line of the running import's file; null outside its transaction
    tag      BLOB NOT NULL,    -- over the others but the line
    PRIMARY KEY (skeleton, subject, ascii)
) STRICT, WITHOUT ROWID;
-- Few vaults have any: then no id in ASCII costs a look-up.
CREATE INDEX looks_foreign ON looks (skeleton) WHERE ascii = 0;
CREATE INDEX looks_subject ON looks (subject);
