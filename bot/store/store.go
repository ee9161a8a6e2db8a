package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	_ "modernc.org/sqlite" // the database/sql driver named "sqlite"
)

// ErrNotFound says that the store does not know the thing asked for, which
// never means that GitHub does not know it.
var ErrNotFound = errors.New("not in the store")

// Store is the bot's memory and queue. Its methods may be called concurrently.
type Store struct {
	lg  *slog.Logger
	b   backend
	now func() time.Time

	attendance *attendance
	recorder   recorder
}

// CheckURL says what is wrong with the address of a database, or nil.
func CheckURL(address string) error {
	switch scheme, rest, _ := strings.Cut(address, ":"); {
	case scheme == "sqlite" && rest == "":
		return errors.New(`"sqlite:" needs a path, as in sqlite:data/canonicalize.db`)
	case scheme == "sqlite":
		return nil
	case scheme == "postgres" || scheme == "postgresql":
		if _, err := pgxpool.ParseConfig(address); err != nil {
			return errors.New("not a Postgres URL as in postgres://user:password@host:5432/database")
		}
		return nil
	}
	return errors.New("unknown kind of database: accepted are sqlite:PATH and postgres://user:password@host:5432/database")
}

// Open opens the database at address, which is "sqlite:PATH" or
// "postgres://...", creates what is missing and brings the schema up to date.
//
// A SQLite file is made together with its folder, and belongs to one process:
// opening it from a second one is an error. Postgres may be shared by replicas.
func Open(ctx context.Context, lg *slog.Logger, address string) (*Store, error) {
	if err := CheckURL(address); err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	b, err := connect(ctx, lg, address)
	if err != nil {
		return nil, fmt.Errorf("open the database %s: %w", redact(address), err)
	}
	s := &Store{lg: lg, b: b, now: time.Now, attendance: newAttendance()}
	if err := s.migrate(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("bring the database %s up to date: %w", redact(address), err), b.close())
	}
	return s, nil
}

func connect(ctx context.Context, lg *slog.Logger, address string) (backend, error) {
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok {
		db, err := openSQLite(ctx, path)
		if err != nil {
			return nil, err
		}
		file, err := watchFile(path)
		if err != nil {
			return nil, errors.Join(err, db.Close())
		}
		return newDatabase(lg, driver[*sql.Tx](sqliteDriver{db, file}))
	}
	pool, err := pgxpool.New(ctx, address)
	if err != nil {
		return nil, err
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, err
	}
	return newDatabase(lg, driver[pgx.Tx](postgresDriver{pool}))
}

// openSQLite opens one exclusive connection. synchronous=FULL has every transaction on disk before it is answered for: with
// NORMAL a machine that loses its power loses deliveries that GitHub was told are taken. locking_mode=EXCLUSIVE is what
// makes a second process fail at start instead of doing every job twice, and
// it goes away with the process, however that ends.
func openSQLite(ctx context.Context, path string) (*sql.DB, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	q := url.Values{"_txlock": {"immediate"}, "_pragma": {
		"busy_timeout(2000)", "locking_mode(EXCLUSIVE)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(ON)",
	}}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+q.Encode())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(ctx, createVersions); err != nil {
		err = errors.Join(err, db.Close())
		if strings.Contains(err.Error(), "database is locked") {
			return nil, fmt.Errorf("another process has it open (stop that one, or use another path): %w", err)
		}
		return nil, err
	}
	return db, nil
}

// redact hides the password of a database URL.
func redact(address string) string {
	if u, err := url.Parse(address); err == nil {
		return u.Redacted()
	}
	return "(unreadable)"
}

// Close ends the use of the database. Workers have to be stopped before.
func (s *Store) Close() error { return s.b.close() }

// Ping says whether the database answers.
func (s *Store) Ping(ctx context.Context) error { return s.b.ping(ctx) }

//go:embed schema/*.sql
var schemaFiles embed.FS

const createVersions = "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY)"

// migrate applies what is missing of the queue's schema, then of ours. Replicas
// that start together take turns by an advisory lock, which a transaction of
// its own holds meanwhile; a SQLite file has but one process.
func (s *Store) migrate(ctx context.Context) error {
	if s.b.alone() {
		return s.migrateAll(ctx)
	}
	return s.b.atomically(ctx, func(tx transaction) error {
		const key = 7240118305 // any number that no other program would take
		if _, err := tx.exec(ctx, "SELECT pg_advisory_xact_lock($1)", int64(key)); err != nil {
			return err
		}
		return s.migrateAll(ctx)
	})
}

func (s *Store) migrateAll(ctx context.Context) error {
	if err := s.b.migrateQueue(ctx); err != nil {
		return fmt.Errorf("the queue's tables: %w", err)
	}
	files, err := fs.Glob(schemaFiles, "schema/*."+s.b.dialect()+".sql") // sorted
	if err != nil {
		return err
	}
	for _, f := range files {
		digits, _, _ := strings.Cut(filepath.Base(f), ".")
		version, err := strconv.Atoi(digits)
		if err == nil {
			err = s.migrateTo(ctx, version, f)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", f, err)
		}
	}
	return nil
}

// migrateTo runs one file of statements in one transaction, unless it ran before.
func (s *Store) migrateTo(ctx context.Context, version int, file string) error {
	script, err := schemaFiles.ReadFile(file)
	if err != nil {
		return err
	}
	return s.b.atomically(ctx, func(tx transaction) error {
		if _, err := tx.exec(ctx, createVersions); err != nil {
			return err
		}
		_, done, err := one(ctx, tx, scanInt, "SELECT version FROM schema_version WHERE version = $1", version)
		if err != nil || done {
			return err
		}
		for statement := range strings.SplitSeq(strings.TrimSpace(string(script)), ";\n") {
			if _, err := tx.exec(ctx, statement); err != nil {
				return err
			}
		}
		_, err = tx.exec(ctx, "INSERT INTO schema_version (version) VALUES ($1)", version)
		return err
	})
}

// one returns the first row of a query, and whether there was one.
func one[T any](ctx context.Context, tx transaction, scan func(rows) (T, error), query string, args ...any) (T, bool, error) {
	all, err := list(ctx, tx, scan, query, args...)
	if err != nil || len(all) == 0 {
		var zero T
		return zero, false, err
	}
	return all[0], true, nil
}

// list reads all rows of a query.
func list[T any](ctx context.Context, tx transaction, scan func(rows) (T, error), query string, args ...any) ([]T, error) {
	r, err := tx.query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	var all []T
	for r.Next() { // both drivers close the rows when Next says false
		v, err := scan(r)
		if err != nil {
			closeRows(r)
			return nil, err
		}
		all = append(all, v)
	}
	return all, r.Err()
}

// closeRows closes rows that were not read to their end.
func closeRows(r rows) {
	switch r := r.(type) {
	case interface{ Close() error }:
		_ = r.Close()
	case interface{ Close() }:
		r.Close()
	}
}

func scanInt(r rows) (n int64, err error) {
	err = r.Scan(&n)
	return n, err
}

// stamp is a time as the database keeps it, and moment its reverse.
func (s *Store) stamp() int64 { return s.now().UnixMicro() }

func moment(micros int64) time.Time { return time.UnixMicro(micros).UTC() }
