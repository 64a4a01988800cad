-- Under which subjects a wallet key was ever enrolled. Outlives enrolments and erasures.
CREATE TABLE known_keys (
    fingerprint BLOB NOT NULL, -- keyed fingerprint of the key
    subject     BLOB NOT NULL, -- reference of the subject
    PRIMARY KEY (fingerprint, subject)
);
