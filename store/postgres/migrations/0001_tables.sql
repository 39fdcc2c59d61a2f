-- Times are NULL where there is none.
--
-- A script may be run again from its beginning: CockroachDB and YugabyteDB do not take definitions back with the transaction
-- that they are in. Indexes that are read in their order say ASC, since YugabyteDB spreads rows by a hash otherwise.

CREATE TABLE IF NOT EXISTS jeton_users (
    id                  TEXT        NOT NULL PRIMARY KEY,
    -- the bytes of id, in whose order users are listed: that of texts depends on the database's collation
    id_bytes            BYTEA       NOT NULL,
    email               TEXT        NOT NULL,
    email_key           TEXT,
    name                TEXT        NOT NULL,
    password_hash       TEXT        NOT NULL,
    password_changed_at TIMESTAMPTZ,
    roles               TEXT[]      NOT NULL,
    disabled            BOOLEAN     NOT NULL,
    created_at          TIMESTAMPTZ,
    updated_at          TIMESTAMPTZ,
    CONSTRAINT jeton_users_email_taken UNIQUE (email_key)
);

CREATE INDEX IF NOT EXISTS jeton_users_in_order ON jeton_users (id_bytes ASC);

CREATE TABLE IF NOT EXISTS jeton_sessions (
    id                    TEXT        NOT NULL PRIMARY KEY,
    user_id               TEXT        NOT NULL,
    kind                  TEXT        NOT NULL,
    profile               TEXT        NOT NULL,
    strategy              TEXT        NOT NULL,
    methods               TEXT[]      NOT NULL,
    scopes                TEXT[]      NOT NULL,
    auth_time             TIMESTAMPTZ,
    created_at            TIMESTAMPTZ,
    used_at               TIMESTAMPTZ,
    idle_until            TIMESTAMPTZ,
    expires_at            TIMESTAMPTZ,
    ended_at              TIMESTAMPTZ,
    end_reason            TEXT        NOT NULL,
    access_until          TIMESTAMPTZ,
    client_address        TEXT        NOT NULL,
    client_user_agent     TEXT        NOT NULL,
    created_by_address    TEXT        NOT NULL,
    created_by_user_agent TEXT        NOT NULL,
    secret_id             BIGINT      NOT NULL,
    generation            BIGINT      NOT NULL CHECK (generation BETWEEN 0 AND 4294967295),
    tag_hash              BYTEA       NOT NULL CHECK (length(tag_hash) = 32),
    -- the last four advances, the latest first
    advanced_1            TIMESTAMPTZ,
    advanced_2            TIMESTAMPTZ,
    advanced_3            TIMESTAMPTZ,
    advanced_4            TIMESTAMPTZ,
    -- Before this time there is no need to look whether the session can be removed. While it lives this is a whole hour, so
    -- that most refreshes change no column of an index, which lets PostgreSQL leave all indexes alone.
    kept_until            TIMESTAMPTZ NOT NULL
);

CREATE INDEX IF NOT EXISTS jeton_sessions_by_user ON jeton_sessions (user_id) WHERE ended_at IS NULL;
CREATE INDEX IF NOT EXISTS jeton_sessions_by_removal ON jeton_sessions (kept_until ASC);

-- The number of the last revocation. It is raised in the transaction that inserts the revocation: a sequence would hand
-- out numbers before the commit, and whoever has read up to a number would miss a lower one that is committed later.
CREATE TABLE IF NOT EXISTS jeton_counter (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    n  BIGINT NOT NULL
);

INSERT INTO jeton_counter (id, n) VALUES (1, 0) ON CONFLICT DO NOTHING;

CREATE TABLE IF NOT EXISTS jeton_revocations (
    number     BIGINT NOT NULL,
    id         BYTEA  NOT NULL CHECK (length(id) = 32),
    expires_at TIMESTAMPTZ,
    PRIMARY KEY (id, number)
);

CREATE UNIQUE INDEX IF NOT EXISTS jeton_revocations_in_order ON jeton_revocations (number ASC);
CREATE INDEX IF NOT EXISTS jeton_revocations_by_expiry ON jeton_revocations (expires_at ASC);

CREATE TABLE IF NOT EXISTS jeton_keys (
    number      BIGINT NOT NULL PRIMARY KEY,
    id          TEXT   NOT NULL,
    algorithm   TEXT   NOT NULL,
    public      BYTEA,
    sealed      BYTEA,
    created_at  TIMESTAMPTZ,
    activate_at TIMESTAMPTZ,
    retire_at   TIMESTAMPTZ,
    remove_at   TIMESTAMPTZ,
    revoked_at  TIMESTAMPTZ,
    CONSTRAINT jeton_keys_id_taken UNIQUE (id)
);
