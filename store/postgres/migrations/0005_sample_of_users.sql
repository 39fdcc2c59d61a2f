-- A step of its own: CockroachDB has a new column for what comes after the transaction.

CREATE INDEX IF NOT EXISTS jeton_users_sample ON jeton_users (sample_place ASC);
