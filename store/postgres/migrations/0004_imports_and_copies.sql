-- Users that are being imported: they are written here first, some at a time, and then into jeton_users in one statement. An
-- ordinary table, since temporary ones are not in all of these databases, and not for one transaction. What an import leaves here
-- that was cut off is removed after a day, by the clock of the database.

CREATE TABLE IF NOT EXISTS jeton_staged_users (
    import_id           TEXT        NOT NULL,
    number              BIGINT      NOT NULL,
    staged_at           TIMESTAMPTZ NOT NULL DEFAULT now(),
    id                  TEXT        NOT NULL,
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
    PRIMARY KEY (import_id, number)
);

CREATE INDEX IF NOT EXISTS jeton_staged_users_by_removal ON jeton_staged_users (staged_at ASC);

-- The bytes of id, in whose order sessions are listed: that of texts depends on the database's collation. There is a shorter way
-- to write this, convert_to, but PostgreSQL makes no index of it.
CREATE INDEX IF NOT EXISTS jeton_sessions_in_order ON jeton_sessions ((decode(replace(id, '\', '\\'), 'escape')) ASC);

-- A random number from 0 to 1: the users with the lowest are a sample of all.
ALTER TABLE jeton_users ADD COLUMN IF NOT EXISTS sample_place DOUBLE PRECISION DEFAULT random();
