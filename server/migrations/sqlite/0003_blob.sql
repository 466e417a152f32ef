-- Bytes that events name by their SHA-256 and that are here, whole and hashed again. Evidence: rows are only ever added.
CREATE TABLE blob (
    tenant      TEXT    NOT NULL REFERENCES tenant,
    sha256      TEXT    NOT NULL,
    len         INTEGER NOT NULL,
    epoch       TEXT    NOT NULL,
    received_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, sha256)
) STRICT;
CREATE TRIGGER blob_keeps BEFORE UPDATE ON blob BEGIN SELECT raise(ABORT, 'blob is insert-only'); END;
CREATE TRIGGER blob_stays BEFORE DELETE ON blob BEGIN SELECT raise(ABORT, 'blob is insert-only'); END;

-- Which event names which bytes; computed from the events.
CREATE TABLE projection_blob (
    tenant     TEXT    NOT NULL REFERENCES tenant,
    sha256     TEXT    NOT NULL,
    event_hash TEXT    NOT NULL,
    user_id    TEXT    NOT NULL,
    len        INTEGER NOT NULL,
    PRIMARY KEY (tenant, sha256, event_hash)
) STRICT;
CREATE INDEX projection_blob_by_event ON projection_blob (event_hash);
CREATE INDEX projection_blob_by_person ON projection_blob (tenant, user_id);

-- Bytes on their way (tus 1.0): `at` of `len` are in the staging file named by the id. One for each digest and length of a
-- tenant, so that two devices that send the same bytes go on where the other one was, and an event that names a wrong length
-- stands in nobody's way.
CREATE TABLE upload (
    tenant     TEXT    NOT NULL REFERENCES tenant,
    upload_id  TEXT    NOT NULL,
    sha256     TEXT    NOT NULL,
    len        INTEGER NOT NULL,
    at         INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, upload_id),
    UNIQUE (tenant, sha256, len)
) STRICT;
CREATE UNIQUE INDEX upload_by_id ON upload (upload_id);
