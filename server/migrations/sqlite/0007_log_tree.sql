-- The tree over a tenant's log (RFC 6962), a row for each size; computed from the texts alone.
CREATE TABLE projection_log (
    tenant TEXT    NOT NULL REFERENCES tenant,
    size   INTEGER NOT NULL,
    root   TEXT    NOT NULL,
    peaks  BLOB    NOT NULL,
    PRIMARY KEY (tenant, size)
) STRICT;
