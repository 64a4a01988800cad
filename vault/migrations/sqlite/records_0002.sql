-- Who is, or was, in which household. References only: whoever reads them learns how many people a household has, not who they are.
CREATE TABLE memberships (
    member      BLOB NOT NULL,    -- HMAC of (schema, period, subject)
    household   BLOB NOT NULL,    -- HMAC of (schema, serial, period), as in records.serial
    since_epoch INTEGER NOT NULL, -- first epoch in which he was named
    until_epoch INTEGER,          -- epoch in which he was named no more
    PRIMARY KEY (member, household)
) STRICT, WITHOUT ROWID;
CREATE INDEX memberships_household ON memberships (household) WHERE until_epoch IS NULL;
