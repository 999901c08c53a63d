-- The people who work at the desk, their sessions, and the wrong passwords.
-- Of a password only its Argon2id hash is kept, of a session's token only its SHA-256.

CREATE TABLE person (
    authority TEXT NOT NULL,
    login TEXT NOT NULL,
    name TEXT NOT NULL,
    office TEXT NOT NULL,
    role TEXT NOT NULL,
    password TEXT NOT NULL,
    added_at_ms BIGINT NOT NULL,
    PRIMARY KEY (authority, login)
);

CREATE TABLE session (
    authority TEXT NOT NULL,
    digest TEXT NOT NULL,
    login TEXT NOT NULL,
    opened_at_ms BIGINT NOT NULL,
    used_at_ms BIGINT NOT NULL,
    -- What was searched for last: it may be a name, and does not belong in an address.
    search TEXT NOT NULL,
    PRIMARY KEY (authority, digest)
);

-- The login is kept as a digest: people type passwords into the wrong field.
CREATE TABLE sign_in_failure (
    authority TEXT NOT NULL,
    login_digest TEXT NOT NULL,
    failures BIGINT NOT NULL,
    last_at_ms BIGINT NOT NULL,
    locked_until_ms BIGINT NOT NULL,
    PRIMARY KEY (authority, login_digest)
);
