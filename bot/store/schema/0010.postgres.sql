CREATE TABLE snapshots (
    repository BIGINT PRIMARY KEY,
    taken_at   BIGINT NOT NULL,
    content    TEXT NOT NULL
);
CREATE TABLE progress (
    repository BIGINT NOT NULL,
    day        TEXT NOT NULL,
    team       TEXT NOT NULL,
    done       INTEGER NOT NULL,
    total      INTEGER NOT NULL,
    PRIMARY KEY (repository, day, team)
);
