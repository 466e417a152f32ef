-- Safety copies of drafts: unsigned, opaque, the newest revision alone. No evidence; gone with the seal.
CREATE TABLE draft (
    tenant    TEXT    NOT NULL REFERENCES tenant,
    user_id   TEXT    NOT NULL,
    record_id TEXT    NOT NULL,
    rev       INTEGER NOT NULL,
    bytes     BLOB    NOT NULL,
    kept_at   INTEGER NOT NULL,
    PRIMARY KEY (tenant, user_id, record_id),
    FOREIGN KEY (tenant, user_id) REFERENCES person
) STRICT;
