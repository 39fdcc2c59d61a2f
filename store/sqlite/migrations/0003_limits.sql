-- How often something was tried. A key is the SHA-256 of what is counted; whole_at is when its allowance is whole again, and the row
-- no longer needed.

CREATE TABLE jeton_limits (
    key      BLOB    NOT NULL PRIMARY KEY CHECK (length(key) = 32),
    whole_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX jeton_limits_by_whole_at ON jeton_limits (whole_at);
