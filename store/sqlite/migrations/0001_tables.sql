-- Times are microseconds since 1970 in UTC, NULL where there is none. Lists of words are JSON arrays.

CREATE TABLE jeton_users (
    id                  TEXT    NOT NULL PRIMARY KEY,
    email               TEXT    NOT NULL,
    email_key           TEXT    UNIQUE,
    name                TEXT    NOT NULL,
    password_hash       TEXT    NOT NULL,
    password_changed_at INTEGER,
    roles               TEXT    NOT NULL,
    disabled            INTEGER NOT NULL CHECK (disabled IN (0, 1)),
    created_at          INTEGER,
    updated_at          INTEGER
) STRICT;

CREATE TABLE jeton_sessions (
    id                    TEXT    NOT NULL PRIMARY KEY,
    user_id               TEXT    NOT NULL,
    kind                  TEXT    NOT NULL,
    profile               TEXT    NOT NULL,
    strategy              TEXT    NOT NULL,
    methods               TEXT    NOT NULL,
    scopes                TEXT    NOT NULL,
    auth_time             INTEGER,
    created_at            INTEGER,
    used_at               INTEGER,
    idle_until            INTEGER,
    expires_at            INTEGER,
    ended_at              INTEGER,
    end_reason            TEXT    NOT NULL,
    access_until          INTEGER,
    client_address        TEXT    NOT NULL,
    client_user_agent     TEXT    NOT NULL,
    created_by_address    TEXT    NOT NULL,
    created_by_user_agent TEXT    NOT NULL,
    secret_id             INTEGER NOT NULL,
    generation            INTEGER NOT NULL CHECK (generation BETWEEN 0 AND 4294967295),
    tag_hash              BLOB    NOT NULL CHECK (length(tag_hash) = 32),
    -- the last four advances, the latest first
    advanced_1            INTEGER,
    advanced_2            INTEGER,
    advanced_3            INTEGER,
    advanced_4            INTEGER,
    -- when the session is over and its access tokens are, too
    removable_at          INTEGER NOT NULL GENERATED ALWAYS AS (
        max(
            coalesce(access_until, 0),
            CASE
                WHEN ended_at IS NOT NULL THEN 0
                ELSE min(coalesce(idle_until, 0), coalesce(expires_at, 0))
            END
        )
    ) VIRTUAL
) STRICT;

CREATE INDEX jeton_sessions_by_user ON jeton_sessions (user_id) WHERE ended_at IS NULL;
CREATE INDEX jeton_sessions_by_removal ON jeton_sessions (removable_at);

-- The number of the last revocation. It is raised in the transaction that inserts the revocation, not by
-- AUTOINCREMENT of the table: the order of commits is the order of numbers, also when all rows have been removed.
CREATE TABLE jeton_counter (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    n  INTEGER NOT NULL
) STRICT;

INSERT INTO jeton_counter (id, n) VALUES (1, 0);

CREATE TABLE jeton_revocations (
    number     INTEGER NOT NULL PRIMARY KEY,
    id         BLOB    NOT NULL CHECK (length(id) = 32),
    expires_at INTEGER
) STRICT;

CREATE INDEX jeton_revocations_by_expiry ON jeton_revocations (expires_at);

CREATE TABLE jeton_keys (
    number      INTEGER NOT NULL PRIMARY KEY,
    id          TEXT    NOT NULL UNIQUE,
    algorithm   TEXT    NOT NULL,
    public      BLOB,
    sealed      BLOB,
    created_at  INTEGER,
    activate_at INTEGER,
    retire_at   INTEGER,
    remove_at   INTEGER,
    revoked_at  INTEGER
) STRICT;
