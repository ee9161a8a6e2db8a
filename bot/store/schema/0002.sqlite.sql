CREATE TABLE paces (
    installation INTEGER PRIMARY KEY,
    history      TEXT NOT NULL
);
