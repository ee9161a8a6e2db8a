CREATE TABLE installations (
    id         BIGINT PRIMARY KEY,
    account    TEXT    NOT NULL,
    state      TEXT    NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE repositories (
    id             BIGINT PRIMARY KEY,
    installation   BIGINT NOT NULL,
    owner          TEXT    NOT NULL,
    name           TEXT    NOT NULL,
    default_branch TEXT    NOT NULL DEFAULT '',
    state          TEXT    NOT NULL,
    touched        BIGINT NOT NULL DEFAULT 0,
    updated_at     BIGINT NOT NULL
);
CREATE INDEX repositories_installation ON repositories (installation);

CREATE TABLE deliveries (
    id           TEXT    PRIMARY KEY,
    event        TEXT    NOT NULL,
    action       TEXT    NOT NULL,
    installation BIGINT NOT NULL,
    repository   BIGINT NOT NULL,
    received_at  BIGINT NOT NULL,
    payload      BYTEA
);
CREATE INDEX deliveries_received_at ON deliveries (received_at);

CREATE TABLE events (
    id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    repository BIGINT NOT NULL,
    delivery   TEXT    NOT NULL,
    event      TEXT    NOT NULL,
    action     TEXT    NOT NULL,
    at         BIGINT NOT NULL
);
CREATE INDEX events_repository ON events (repository, id);

CREATE TABLE passes (
    id            BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    repository    BIGINT NOT NULL,
    started_at    BIGINT NOT NULL,
    ended_at      BIGINT,
    result        TEXT    NOT NULL,
    head          TEXT    NOT NULL DEFAULT '',
    files         BIGINT NOT NULL DEFAULT 0,
    changed       BIGINT NOT NULL DEFAULT 0,
    left_over     BIGINT NOT NULL DEFAULT 0,
    pull_requests BIGINT NOT NULL DEFAULT 0,
    actions       BIGINT NOT NULL DEFAULT 0,
    error         TEXT    NOT NULL DEFAULT ''
);
CREATE INDEX passes_repository ON passes (repository, id);

CREATE TABLE chunks (
    repository BIGINT NOT NULL,
    branch     TEXT    NOT NULL,
    number     BIGINT NOT NULL,
    head       TEXT    NOT NULL,
    digest     TEXT    NOT NULL,
    state      TEXT    NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (repository, branch)
);
