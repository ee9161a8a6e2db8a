CREATE TABLE installations (
    id         INTEGER PRIMARY KEY,
    account    TEXT    NOT NULL,
    state      TEXT    NOT NULL,
    updated_at INTEGER NOT NULL
);

CREATE TABLE repositories (
    id             INTEGER PRIMARY KEY,
    installation   INTEGER NOT NULL,
    owner          TEXT    NOT NULL,
    name           TEXT    NOT NULL,
    default_branch TEXT    NOT NULL DEFAULT '',
    state          TEXT    NOT NULL,
    touched        INTEGER NOT NULL DEFAULT 0,
    updated_at     INTEGER NOT NULL
);
CREATE INDEX repositories_installation ON repositories (installation);

CREATE TABLE deliveries (
    id           TEXT    PRIMARY KEY,
    event        TEXT    NOT NULL,
    action       TEXT    NOT NULL,
    installation INTEGER NOT NULL,
    repository   INTEGER NOT NULL,
    received_at  INTEGER NOT NULL,
    payload      BLOB
);
CREATE INDEX deliveries_received_at ON deliveries (received_at);

CREATE TABLE events (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    repository INTEGER NOT NULL,
    delivery   TEXT    NOT NULL,
    event      TEXT    NOT NULL,
    action     TEXT    NOT NULL,
    at         INTEGER NOT NULL
);
CREATE INDEX events_repository ON events (repository, id);

CREATE TABLE passes (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    repository    INTEGER NOT NULL,
    started_at    INTEGER NOT NULL,
    ended_at      INTEGER,
    result        TEXT    NOT NULL,
    head          TEXT    NOT NULL DEFAULT '',
    files         INTEGER NOT NULL DEFAULT 0,
    changed       INTEGER NOT NULL DEFAULT 0,
    left_over     INTEGER NOT NULL DEFAULT 0,
    pull_requests INTEGER NOT NULL DEFAULT 0,
    actions       INTEGER NOT NULL DEFAULT 0,
    error         TEXT    NOT NULL DEFAULT ''
);
CREATE INDEX passes_repository ON passes (repository, id);

CREATE TABLE chunks (
    repository INTEGER NOT NULL,
    branch     TEXT    NOT NULL,
    number     INTEGER NOT NULL,
    head       TEXT    NOT NULL,
    digest     TEXT    NOT NULL,
    state      TEXT    NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (repository, branch)
);
