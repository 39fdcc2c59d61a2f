-- How far allowances are used up: for each key when it is whole again, in nanoseconds since 1970. A row whose time has
-- passed says nothing.

CREATE TABLE IF NOT EXISTS jeton_limits (
    key      TEXT   NOT NULL PRIMARY KEY,
    whole_at BIGINT NOT NULL
);

CREATE INDEX IF NOT EXISTS jeton_limits_by_removal ON jeton_limits (whole_at ASC);
