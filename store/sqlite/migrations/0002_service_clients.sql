-- Services that may ask about tokens. Their secrets are random, and kept as their SHA-256 only.

CREATE TABLE jeton_service_clients (
    name        TEXT NOT NULL PRIMARY KEY,
    scopes      TEXT NOT NULL,
    secret_hash BLOB NOT NULL CHECK (length(secret_hash) = 32),
    created_at  INTEGER
) STRICT;
