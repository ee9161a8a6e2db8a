CREATE TABLE paces (
    installation BIGINT PRIMARY KEY,
    history      TEXT NOT NULL
);
