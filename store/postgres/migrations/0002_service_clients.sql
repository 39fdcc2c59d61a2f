-- Services that may ask about tokens. Their secrets are random, and kept as their SHA-256 only.

CREATE TABLE IF NOT EXISTS jeton_service_clients (
    name        TEXT   NOT NULL PRIMARY KEY,
    scopes      TEXT[] NOT NULL,
    secret_hash BYTEA  NOT NULL CHECK (length(secret_hash) = 32),
    created_at  TIMESTAMPTZ
);
