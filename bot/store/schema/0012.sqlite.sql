CREATE TABLE effects (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    at           INTEGER NOT NULL,
    installation INTEGER NOT NULL,
    repository   TEXT NOT NULL,
    job          TEXT NOT NULL,
    cause        TEXT NOT NULL,
    operation    TEXT NOT NULL,
    name         TEXT NOT NULL,
    error        TEXT NOT NULL
);
CREATE INDEX effects_at ON effects (at);
