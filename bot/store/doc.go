// Package store is the bot's memory and its durable queue, on an embedded
// SQLite file or on Postgres.
//
// GitHub is the truth, this database is memory: it may be deleted at any time,
// and the next sweep writes it anew from what GitHub says.
//
// The tour, bottom-up:
//
//   - backend.go is what differs between the two databases: one generic type
//     over River's driver, and a handful of lines for each. Everything above it
//     is written once, in SQL that both understand. Times are whole
//     microseconds since 1970 in UTC, so that no dialect of timestamps matters.
//   - store.go opens a database by its URL and brings its schema up to date.
//   - memory.go remembers installations, repositories, chunks and passes.
//   - deliveries.go takes a webhook delivery: the delivery, its event and its
//     jobs are written in one transaction, or not at all.
//   - queue.go names the kinds of jobs, runs workers, and turns what a worker
//     returns into done, wait, retry or never again.
//   - guard.go notices when a process has to stop working: the SQLite file is
//     gone, or Postgres is out of reach. rescue.go takes up the jobs of processes
//     that died.
//   - pass.go is the one job with a protocol of its own. There is at most one
//     pass job per repository; it drains the repository's events, and completes
//     in the very transaction that saw no more of them. Whoever adds an event
//     and whoever completes a job first updates the repository's row, so that
//     one waits for the other and no wake-up is lost.
package store
