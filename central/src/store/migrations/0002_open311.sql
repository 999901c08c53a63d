-- Who may open tickets through Open311, and which of their calls made which ticket.

CREATE TABLE api_key (
    authority TEXT NOT NULL,
    -- SHA-256 of the key: the key itself is told once and kept nowhere.
    digest TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    revoked_at_ms BIGINT,
    PRIMARY KEY (authority, digest)
);

-- The calls that came with an Idempotency-Key. Rows are added, and never changed.
CREATE TABLE open311_post (
    authority TEXT NOT NULL,
    api_key TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    -- SHA-256 of the form, to tell a repetition from something else.
    form_digest TEXT NOT NULL,
    ticket TEXT NOT NULL,
    received_at_ms BIGINT NOT NULL,
    PRIMARY KEY (authority, api_key, idempotency_key)
);
CREATE INDEX open311_post_token ON open311_post (authority, idempotency_key);
