CREATE TABLE snapshots (
    repository INTEGER PRIMARY KEY,
    taken_at   INTEGER NOT NULL,
    content    TEXT NOT NULL
);
CREATE TABLE progress (
    repository INTEGER NOT NULL,
    day        TEXT NOT NULL,
    team       TEXT NOT NULL,
    done       INTEGER NOT NULL,
    total      INTEGER NOT NULL,
    PRIMARY KEY (repository, day, team)
);
