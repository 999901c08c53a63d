-- Tickets, their register, the catalogue, the kiosks.
-- Every key starts with the authority, so that a distributed engine can spread the tables by it.
-- Times are milliseconds since 1970 UTC; truth values are 0 and 1; ids are made by the program.

CREATE TABLE catalogue_state (
    authority TEXT NOT NULL PRIMARY KEY,
    -- Changes when the database is made anew, so that kiosks notice.
    instance TEXT NOT NULL,
    revision BIGINT NOT NULL
);

CREATE TABLE catalogue_entry (
    authority TEXT NOT NULL,
    entry_type TEXT NOT NULL,
    entry_key TEXT NOT NULL,
    json TEXT NOT NULL,
    revision BIGINT NOT NULL,
    removed BIGINT NOT NULL,
    PRIMARY KEY (authority, entry_type, entry_key)
);
CREATE UNIQUE INDEX catalogue_entry_revision ON catalogue_entry (authority, revision);

-- Which office is competent for a category in one area, where that is not the category's own office.
CREATE TABLE competence (
    authority TEXT NOT NULL,
    category TEXT NOT NULL,
    area TEXT NOT NULL,
    office TEXT NOT NULL,
    PRIMARY KEY (authority, category, area)
);

-- What happened to tickets. Rows are added, and never changed or removed.
CREATE TABLE ticket_event (
    authority TEXT NOT NULL,
    ticket TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    actor TEXT NOT NULL,
    kind TEXT NOT NULL,
    json TEXT NOT NULL,
    PRIMARY KEY (authority, ticket, sequence)
);

-- The fold of a ticket's events, for lists and searches. It can be made anew from them at any time.
CREATE TABLE ticket (
    authority TEXT NOT NULL,
    id TEXT NOT NULL,
    code TEXT NOT NULL,
    kind TEXT NOT NULL,
    category TEXT NOT NULL,
    office TEXT NOT NULL,
    taken_by TEXT NOT NULL,
    status TEXT NOT NULL,
    channel TEXT NOT NULL,
    site TEXT NOT NULL,
    place TEXT NOT NULL,
    beginning TEXT NOT NULL,
    search TEXT NOT NULL,
    submitted_at_ms BIGINT NOT NULL,
    received_at_ms BIGINT NOT NULL,
    changed_at_ms BIGINT NOT NULL,
    due_on TEXT NOT NULL,
    protocol_year BIGINT NOT NULL,
    protocol_number BIGINT NOT NULL,
    last_sequence BIGINT NOT NULL,
    PRIMARY KEY (authority, id),
    UNIQUE (authority, code),
    UNIQUE (authority, protocol_year, protocol_number)
);
CREATE INDEX ticket_submitted ON ticket (authority, submitted_at_ms);
CREATE INDEX ticket_office ON ticket (authority, office, status, due_on);

CREATE TABLE register_counter (
    authority TEXT NOT NULL,
    year BIGINT NOT NULL,
    last_number BIGINT NOT NULL,
    PRIMARY KEY (authority, year)
);

-- The yearly register (D.P.R. 445/2000, art. 53). Rows are added, and never changed or removed.
CREATE TABLE register_entry (
    authority TEXT NOT NULL,
    year BIGINT NOT NULL,
    number BIGINT NOT NULL,
    ticket TEXT NOT NULL,
    submitted_at_ms BIGINT NOT NULL,
    registered_at_ms BIGINT NOT NULL,
    PRIMARY KEY (authority, year, number),
    UNIQUE (authority, ticket)
);

CREATE TABLE submission (
    authority TEXT NOT NULL,
    id TEXT NOT NULL,
    digest TEXT NOT NULL,
    kind TEXT NOT NULL,
    ticket TEXT NOT NULL,
    device TEXT NOT NULL,
    epoch TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    submitted_at_ms BIGINT NOT NULL,
    received_at_ms BIGINT NOT NULL,
    PRIMARY KEY (authority, id)
);
CREATE INDEX submission_sequence ON submission (authority, device, epoch, sequence);

-- Submissions that arrived and could not be taken. The kiosk keeps them.
CREATE TABLE refusal (
    authority TEXT NOT NULL,
    id TEXT NOT NULL,
    digest TEXT NOT NULL,
    reason TEXT NOT NULL,
    device TEXT NOT NULL,
    epoch TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    received_at_ms BIGINT NOT NULL,
    PRIMARY KEY (authority, id, digest)
);
CREATE INDEX refusal_sequence ON refusal (authority, device, epoch, sequence);

CREATE TABLE kiosk (
    authority TEXT NOT NULL,
    id TEXT NOT NULL,
    site TEXT NOT NULL,
    public_key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    version TEXT NOT NULL,
    enrolled_at_ms BIGINT NOT NULL,
    revoked_at_ms BIGINT,
    last_seen_ms BIGINT NOT NULL,
    heartbeat_at_ms BIGINT,
    heartbeat TEXT,
    PRIMARY KEY (authority, id)
);
CREATE INDEX kiosk_id ON kiosk (id);

CREATE TABLE enrol_code (
    authority TEXT NOT NULL,
    -- The first characters of the code, by which it is found; the rest is only known as a digest.
    selector TEXT NOT NULL,
    digest TEXT NOT NULL,
    site TEXT NOT NULL,
    expires_at_ms BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    PRIMARY KEY (authority, selector)
);
