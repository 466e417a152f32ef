-- Backups that were written, read again and found whole: `size` texts of the log are in it, and all that came before `made_at`.
CREATE TABLE backup (
    tenant  TEXT    NOT NULL REFERENCES tenant,
    name    TEXT    NOT NULL,
    made_at INTEGER NOT NULL,
    size    INTEGER NOT NULL,
    PRIMARY KEY (tenant, name)
) STRICT;
