-- Evidence is insert-only; everything that can be computed from it stands in `projection_*` and `feed` tables.
-- Every row names its tenant, and every key begins with it.

CREATE TABLE setting (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE tenant (
    tenant      TEXT    NOT NULL PRIMARY KEY,
    name        TEXT    NOT NULL,
    zone        INTEGER NOT NULL,
    created_at  INTEGER NOT NULL
) STRICT;

-- Lives of the log; the newest row (largest `life`) is the current one.
CREATE TABLE epoch (
    tenant      TEXT    NOT NULL REFERENCES tenant,
    life        INTEGER NOT NULL,
    epoch       TEXT    NOT NULL,
    predecessor TEXT,
    size        INTEGER NOT NULL,
    began_at    INTEGER NOT NULL,
    PRIMARY KEY (tenant, life),
    UNIQUE (tenant, epoch)
) STRICT;

-- The last number given out for a stream. Bumped inside the writing transaction, so that commit order is number order.
CREATE TABLE counter (
    tenant TEXT    NOT NULL REFERENCES tenant,
    stream TEXT    NOT NULL,
    seq    INTEGER NOT NULL,
    PRIMARY KEY (tenant, stream)
) STRICT;

CREATE TABLE person (
    tenant        TEXT    NOT NULL REFERENCES tenant,
    user_id       TEXT    NOT NULL,
    name          TEXT    NOT NULL,
    login         TEXT,
    role          TEXT    NOT NULL,
    grants        TEXT    NOT NULL,
    password      TEXT,
    authz_version INTEGER NOT NULL,
    created_at    INTEGER NOT NULL,
    revoked_at    INTEGER,
    PRIMARY KEY (tenant, user_id)
) STRICT;

-- A login name alone must find its person: it is unique on the whole server.
CREATE UNIQUE INDEX person_by_login ON person (login) WHERE login IS NOT NULL;

CREATE TABLE invite (
    tenant     TEXT    NOT NULL REFERENCES tenant,
    token_hash TEXT    NOT NULL,
    user_id    TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at    INTEGER,
    PRIMARY KEY (tenant, token_hash),
    FOREIGN KEY (tenant, user_id) REFERENCES person
) STRICT;
CREATE UNIQUE INDEX invite_by_token ON invite (token_hash);

CREATE TABLE device (
    tenant           TEXT    NOT NULL REFERENCES tenant,
    device_id        TEXT    NOT NULL,
    user_id          TEXT    NOT NULL,
    kid              TEXT    NOT NULL,
    label            TEXT    NOT NULL,
    certificate      TEXT    NOT NULL,
    certificate_hash TEXT    NOT NULL,
    enrolled_at      INTEGER NOT NULL,
    last_seen_at     INTEGER,
    last_seq         INTEGER NOT NULL,
    last_hash        TEXT    NOT NULL,
    gap              INTEGER NOT NULL,
    unsent           INTEGER NOT NULL,
    seen_epoch       TEXT,
    seen_size        INTEGER,
    frozen_at        INTEGER,
    revoked_at       INTEGER,
    recovered        INTEGER NOT NULL,
    PRIMARY KEY (tenant, device_id),
    FOREIGN KEY (tenant, user_id) REFERENCES person
) STRICT;
CREATE INDEX device_by_person ON device (tenant, user_id);

CREATE TABLE session (
    tenant       TEXT    NOT NULL,
    token_hash   TEXT    NOT NULL,
    user_id      TEXT    NOT NULL,
    device_id    TEXT,
    created_at   INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, token_hash),
    FOREIGN KEY (tenant, user_id) REFERENCES person
) STRICT;
CREATE UNIQUE INDEX session_by_token ON session (token_hash);

-- One row for each number of a device that is taken, whatever became of the event. The text is verbatim.
CREATE TABLE event (
    tenant      TEXT    NOT NULL REFERENCES tenant,
    tenant_seq  INTEGER NOT NULL,
    epoch       TEXT    NOT NULL,
    event_hash  TEXT    NOT NULL,
    device_id   TEXT    NOT NULL,
    device_seq  INTEGER NOT NULL,
    user_id     TEXT    NOT NULL,
    kind        TEXT,
    record_type TEXT,
    record_id   TEXT,
    disposition TEXT    NOT NULL CHECK (disposition IN ('applied', 'quarantined', 'deferred')),
    reason      TEXT,
    detail      TEXT    NOT NULL,
    flags       TEXT    NOT NULL,
    received_at INTEGER NOT NULL,
    text        TEXT    NOT NULL,
    PRIMARY KEY (tenant, tenant_seq),
    UNIQUE (tenant, device_id, device_seq),
    FOREIGN KEY (tenant, device_id) REFERENCES device
) STRICT;
-- A quarantined text may repeat another's hash (a copy sent under a wrong number), what counts may not.
CREATE UNIQUE INDEX event_by_hash ON event (tenant, event_hash) WHERE disposition <> 'quarantined';
CREATE INDEX event_by_any_hash ON event (tenant, event_hash);
CREATE INDEX event_by_record ON event (tenant, record_id, tenant_seq);
CREATE INDEX event_in_quarantine ON event (tenant, tenant_seq) WHERE disposition = 'quarantined';
CREATE UNIQUE INDEX event_one_seal ON event (tenant, record_id) WHERE kind = 'sealed' AND disposition = 'applied';

-- Texts that take no number: forks, what frozen and revoked devices send, deposits without a valid certificate.
CREATE TABLE quarantine (
    tenant      TEXT    NOT NULL REFERENCES tenant,
    tenant_seq  INTEGER NOT NULL,
    epoch       TEXT    NOT NULL,
    event_hash  TEXT    NOT NULL,
    text_hash   TEXT    NOT NULL,
    device_id   TEXT,
    device_seq  INTEGER,
    user_id     TEXT,
    kind        TEXT,
    record_id   TEXT,
    reason      TEXT    NOT NULL,
    detail      TEXT    NOT NULL,
    received_at INTEGER NOT NULL,
    text        TEXT    NOT NULL,
    PRIMARY KEY (tenant, tenant_seq)
) STRICT;
CREATE UNIQUE INDEX quarantine_once ON quarantine (tenant, text_hash, ifnull(device_id, ''), ifnull(device_seq, 0));

CREATE TABLE audit (
    tenant TEXT    NOT NULL REFERENCES tenant,
    seq    INTEGER NOT NULL,
    at     INTEGER NOT NULL,
    actor  TEXT,
    action TEXT    NOT NULL,
    detail TEXT    NOT NULL,
    prev   TEXT    NOT NULL,
    hash   TEXT    NOT NULL,
    PRIMARY KEY (tenant, seq)
) STRICT;

CREATE TRIGGER event_keeps BEFORE UPDATE ON event BEGIN SELECT raise(ABORT, 'event is insert-only'); END;
CREATE TRIGGER event_stays BEFORE DELETE ON event BEGIN SELECT raise(ABORT, 'event is insert-only'); END;
CREATE TRIGGER quarantine_keeps BEFORE UPDATE ON quarantine BEGIN SELECT raise(ABORT, 'quarantine is insert-only'); END;
CREATE TRIGGER quarantine_stays BEFORE DELETE ON quarantine BEGIN SELECT raise(ABORT, 'quarantine is insert-only'); END;
CREATE TRIGGER audit_keeps BEFORE UPDATE ON audit BEGIN SELECT raise(ABORT, 'audit is insert-only'); END;
CREATE TRIGGER audit_stays BEFORE DELETE ON audit BEGIN SELECT raise(ABORT, 'audit is insert-only'); END;

-- Published checklist versions, verbatim.
CREATE TABLE checklist (
    tenant       TEXT    NOT NULL REFERENCES tenant,
    digest       TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    version      INTEGER NOT NULL,
    published_at INTEGER NOT NULL,
    json         TEXT    NOT NULL,
    PRIMARY KEY (tenant, digest),
    UNIQUE (tenant, id, version)
) STRICT;
CREATE TRIGGER checklist_keeps BEFORE UPDATE ON checklist BEGIN SELECT raise(ABORT, 'a published checklist never changes'); END;
CREATE TRIGGER checklist_stays BEFORE DELETE ON checklist BEGIN SELECT raise(ABORT, 'a published checklist never changes'); END;

CREATE TABLE site (
    tenant      TEXT    NOT NULL REFERENCES tenant,
    site_id     TEXT    NOT NULL,
    version     INTEGER NOT NULL,
    name        TEXT    NOT NULL,
    address     TEXT    NOT NULL,
    region      TEXT    NOT NULL,
    credit_code TEXT,
    category    TEXT    NOT NULL,
    initials    TEXT    NOT NULL,
    checklists  TEXT    NOT NULL,
    feed_seq    INTEGER NOT NULL,
    PRIMARY KEY (tenant, site_id)
) STRICT;

-- What devices pull, in number order. `scope` is a region, a person or `*`; a `drop` is a tombstone.
CREATE TABLE feed (
    tenant TEXT    NOT NULL REFERENCES tenant,
    stream TEXT    NOT NULL,
    seq    INTEGER NOT NULL,
    scope  TEXT    NOT NULL,
    key    TEXT    NOT NULL,
    op     TEXT    NOT NULL CHECK (op IN ('put', 'drop')),
    at     INTEGER NOT NULL,
    PRIMARY KEY (tenant, stream, seq)
) STRICT;
CREATE INDEX feed_by_scope ON feed (tenant, stream, scope, seq);

-- The list of inspections in the office: computed from `event` alone.
CREATE TABLE projection_inspection (
    tenant          TEXT    NOT NULL REFERENCES tenant,
    record_id       TEXT    NOT NULL,
    first_seq       INTEGER NOT NULL,
    user_id         TEXT    NOT NULL,
    sealed          INTEGER NOT NULL,
    mode            TEXT    NOT NULL,
    region          TEXT,
    inspection_date TEXT    NOT NULL,
    fails           INTEGER NOT NULL,
    received_at     INTEGER NOT NULL,
    search          TEXT    NOT NULL,
    summary         TEXT    NOT NULL,
    PRIMARY KEY (tenant, record_id)
) STRICT;
CREATE INDEX projection_inspection_newest ON projection_inspection (tenant, inspection_date DESC, first_seq DESC);
CREATE TABLE projection_inspection_checklist (
    tenant       TEXT NOT NULL,
    record_id    TEXT NOT NULL,
    checklist_id TEXT NOT NULL,
    PRIMARY KEY (tenant, checklist_id, record_id),
    FOREIGN KEY (tenant, record_id) REFERENCES projection_inspection ON DELETE CASCADE
) STRICT;
