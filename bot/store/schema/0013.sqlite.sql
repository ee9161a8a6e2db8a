CREATE TABLE reviews (
    repository INTEGER NOT NULL,
    number     INTEGER NOT NULL,
    head       TEXT NOT NULL,
    PRIMARY KEY (repository, number)
);
