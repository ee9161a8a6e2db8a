CREATE TABLE reviews (
    repository BIGINT NOT NULL,
    number     INTEGER NOT NULL,
    head       TEXT NOT NULL,
    PRIMARY KEY (repository, number)
);
