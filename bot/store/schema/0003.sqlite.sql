CREATE TABLE crashes (
    job   TEXT PRIMARY KEY,
    times INTEGER NOT NULL,
    tried INTEGER NOT NULL,
    at    INTEGER NOT NULL
);
