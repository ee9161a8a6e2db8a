CREATE TABLE effects (
    id           BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at           BIGINT NOT NULL,
    installation BIGINT NOT NULL,
    repository   TEXT NOT NULL,
    job          TEXT NOT NULL,
    cause        TEXT NOT NULL,
    operation    TEXT NOT NULL,
    name         TEXT NOT NULL,
    error        TEXT NOT NULL
);
CREATE INDEX effects_at ON effects (at);
