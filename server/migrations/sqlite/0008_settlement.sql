-- What became of an event that had to wait (`deferred`), once a later version, or this one after a fault, could take it. The
-- row of the event stays as it came.
CREATE TABLE settlement (
    tenant      TEXT    NOT NULL REFERENCES tenant,
    tenant_seq  INTEGER NOT NULL,
    disposition TEXT    NOT NULL CHECK (disposition IN ('applied', 'quarantined')),
    reason      TEXT,
    detail      TEXT    NOT NULL,
    flags       TEXT    NOT NULL,
    at          INTEGER NOT NULL,
    PRIMARY KEY (tenant, tenant_seq),
    FOREIGN KEY (tenant, tenant_seq) REFERENCES event
) STRICT;
CREATE TRIGGER settlement_keeps BEFORE UPDATE ON settlement BEGIN SELECT raise(ABORT, 'settlement is insert-only'); END;
CREATE TRIGGER settlement_stays BEFORE DELETE ON settlement BEGIN SELECT raise(ABORT, 'settlement is insert-only'); END;

-- Replacing a list row looks for what belongs to it, and read all rows of the tenant for that.
CREATE INDEX projection_inspection_checklist_of_record ON projection_inspection_checklist (tenant, record_id);

CREATE INDEX event_waits ON event (tenant, tenant_seq) WHERE disposition = 'deferred';

-- Events with what became of them in the end.
CREATE VIEW event_now AS
SELECT e.tenant, e.tenant_seq, e.epoch, e.event_hash, e.device_id, e.device_seq, e.user_id, e.kind, e.record_type, e.record_id,
       ifnull(s.disposition, e.disposition) AS disposition,
       CASE WHEN s.disposition IS NULL THEN e.reason ELSE s.reason END AS reason,
       ifnull(s.detail, e.detail) AS detail, ifnull(s.flags, e.flags) AS flags, e.received_at, e.text
FROM event e LEFT JOIN settlement s ON s.tenant = e.tenant AND s.tenant_seq = e.tenant_seq;
