CREATE TABLE crashes (
    job   TEXT PRIMARY KEY,
    times BIGINT NOT NULL,
    tried BIGINT NOT NULL,
    at    BIGINT NOT NULL
);
