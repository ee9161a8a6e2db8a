package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"
)

// backend is one database with its queue, with the transaction's type erased.
type backend interface {
	// dialect is "sqlite" or "postgres": the suffix of the schema files.
	dialect() string
	// alone says that no other process can have this database open.
	alone() bool
	// guard takes what shows others that the process of this name lives.
	guard(ctx context.Context, lg *slog.Logger, name string) (guard, error)
	// atomically runs do in one transaction, which is rolled back on error.
	// Inside, only the transaction may be used: SQLite has one connection, and
	// a second user would wait for itself.
	atomically(ctx context.Context, do func(transaction) error) error
	migrateQueue(ctx context.Context) error
	// client starts nothing: it returns a River client with the given settings.
	client(config *river.Config) (queueClient, error)
	dead(ctx context.Context, limit int) ([]*rivertype.JobRow, error)
	revive(ctx context.Context, job int64) error
	drop(ctx context.Context, job int64) error
	ping(ctx context.Context) error
	close() error
}

// transaction is what the store needs of a transaction on either database.
type transaction interface {
	exec(ctx context.Context, query string, args ...any) (affected int64, err error)
	query(ctx context.Context, query string, args ...any) (rows, error)
	enqueue(ctx context.Context, job Job) (inserted bool, err error)
	complete(ctx context.Context, job *rivertype.JobRow) error
}

// rows is the part that pgx.Rows and *sql.Rows have in common.
type rows interface {
	Next() bool
	Scan(dest ...any) error
	Err() error
}

type queueClient interface {
	Start(ctx context.Context) error
	StopAndCancel(ctx context.Context) error
	Stopped() <-chan struct{}
}

// driver is what differs between the databases.
type driver[TTx any] interface {
	dialect() string
	alone() bool
	guard(ctx context.Context, lg *slog.Logger, name string) (guard, error)
	river() riverdriver.Driver[TTx]
	begin(ctx context.Context) (TTx, error)
	commit(ctx context.Context, tx TTx) error
	rollback(ctx context.Context, tx TTx) error
	exec(ctx context.Context, tx TTx, query string, args []any) (int64, error)
	query(ctx context.Context, tx TTx, query string, args []any) (rows, error)
	ping(ctx context.Context) error
	close() error
}

// database joins a driver with River. insert only inserts; the working client
// is made by whoever knows the workers.
type database[TTx any] struct {
	driver[TTx]
	lg     *slog.Logger
	insert *river.Client[TTx]
}

func newDatabase[TTx any](lg *slog.Logger, d driver[TTx]) (*database[TTx], error) {
	lg = slog.New(riverLog{lg.Handler(), context.Background()})
	client, err := river.NewClient(d.river(), &river.Config{Logger: lg})
	if err != nil {
		return nil, fmt.Errorf("make the queue's client: %w", err)
	}
	return &database[TTx]{driver: d, lg: lg, insert: client}, nil
}

func (d *database[TTx]) migrateQueue(ctx context.Context) error {
	m, err := rivermigrate.New(d.river(), &rivermigrate.Config{Logger: d.lg})
	if err != nil {
		return err
	}
	_, err = m.Migrate(ctx, rivermigrate.DirectionUp, nil)
	return err
}

func (d *database[TTx]) client(config *river.Config) (queueClient, error) {
	return river.NewClient(d.river(), config)
}

func (d *database[TTx]) dead(ctx context.Context, limit int) ([]*rivertype.JobRow, error) {
	r, err := d.insert.JobList(ctx, river.NewJobListParams().First(limit).
		States(rivertype.JobStateDiscarded, rivertype.JobStateCancelled).
		OrderBy(river.JobListOrderByFinalizedAt, river.SortOrderDesc))
	if err != nil {
		return nil, err
	}
	return r.Jobs, nil
}

func (d *database[TTx]) revive(ctx context.Context, job int64) error {
	_, err := d.insert.JobRetry(ctx, job)
	return err
}

func (d *database[TTx]) drop(ctx context.Context, job int64) error {
	_, err := d.insert.JobDelete(ctx, job)
	return err
}

func (d *database[TTx]) atomically(ctx context.Context, do func(transaction) error) error {
	tx, err := d.begin(ctx)
	if err != nil {
		return fmt.Errorf("begin a transaction: %w", err)
	}
	if err := do(&transactionOf[TTx]{d, tx}); err != nil {
		// The context may be why do failed; the rollback has to happen anyway.
		return errors.Join(err, d.rollback(context.WithoutCancel(ctx), tx))
	}
	if err := d.commit(ctx, tx); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

type transactionOf[TTx any] struct {
	d  *database[TTx]
	tx TTx
}

func (t *transactionOf[TTx]) exec(ctx context.Context, query string, args ...any) (int64, error) {
	return t.d.exec(ctx, t.tx, query, cleanArgs(args))
}

func (t *transactionOf[TTx]) query(ctx context.Context, query string, args ...any) (rows, error) {
	return t.d.query(ctx, t.tx, query, cleanArgs(args))
}

func (t *transactionOf[TTx]) enqueue(ctx context.Context, job Job) (bool, error) {
	r, err := t.d.insert.InsertTx(ctx, t.tx, cleanJob(job), nil)
	if err != nil {
		return false, fmt.Errorf("enqueue a %s job: %w", job.Kind(), err)
	}
	return !r.UniqueSkippedAsDuplicate, nil
}

// anyArgs stands for the arguments of a job where only its row matters.
type anyArgs struct{}

func (anyArgs) Kind() string { return "any" }

func (t *transactionOf[TTx]) complete(ctx context.Context, row *rivertype.JobRow) error {
	_, err := river.JobCompleteTx[riverdriver.Driver[TTx]](ctx, t.tx, &river.Job[anyArgs]{JobRow: row})
	return err
}

// sqliteDriver drives an embedded SQLite file through its one connection.
type sqliteDriver struct {
	db   *sql.DB
	file *fileGuard
}

func (sqliteDriver) dialect() string                      { return "sqlite" }
func (sqliteDriver) alone() bool                          { return true }
func (d sqliteDriver) river() riverdriver.Driver[*sql.Tx] { return riversqlite.New(d.db) }
func (d sqliteDriver) close() error                       { return d.db.Close() }

func (d sqliteDriver) guard(context.Context, *slog.Logger, string) (guard, error) {
	return d.file, nil
}

func (d sqliteDriver) ping(ctx context.Context) error {
	return errors.Join(d.file.check(ctx), d.db.PingContext(ctx))
}

// begin refuses what would be written into a file that is gone: a webhook is
// then not taken, and GitHub is asked for it again by the next process.
func (d sqliteDriver) begin(ctx context.Context) (*sql.Tx, error) {
	if err := d.file.check(ctx); err != nil {
		return nil, err
	}
	// The context guards the wait for the connection and each statement; the
	// transaction itself ends by commit or rollback only, because database/sql
	// would otherwise roll back behind our back.
	conn := context.WithoutCancel(ctx)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return d.db.BeginTx(conn, nil)
}

func (sqliteDriver) commit(_ context.Context, tx *sql.Tx) error   { return tx.Commit() }
func (sqliteDriver) rollback(_ context.Context, tx *sql.Tx) error { return tx.Rollback() }

func (sqliteDriver) exec(ctx context.Context, tx *sql.Tx, query string, args []any) (int64, error) {
	r, err := tx.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

func (sqliteDriver) query(ctx context.Context, tx *sql.Tx, query string, args []any) (rows, error) {
	return tx.QueryContext(ctx, query, args...)
}

// postgresDriver drives Postgres through a pool.
type postgresDriver struct{ pool *pgxpool.Pool }

func (postgresDriver) dialect() string                     { return "postgres" }
func (postgresDriver) alone() bool                         { return false }
func (d postgresDriver) river() riverdriver.Driver[pgx.Tx] { return riverpgxv5.New(d.pool) }
func (d postgresDriver) ping(ctx context.Context) error    { return d.pool.Ping(ctx) }
func (d postgresDriver) close() error                      { d.pool.Close(); return nil }

func (d postgresDriver) guard(ctx context.Context, lg *slog.Logger, name string) (guard, error) {
	return takeLock(ctx, lg, d.pool.Config().ConnConfig, name)
}

func (d postgresDriver) begin(ctx context.Context) (pgx.Tx, error)   { return d.pool.Begin(ctx) }
func (postgresDriver) commit(ctx context.Context, tx pgx.Tx) error   { return tx.Commit(ctx) }
func (postgresDriver) rollback(ctx context.Context, tx pgx.Tx) error { return tx.Rollback(ctx) }

func (postgresDriver) exec(ctx context.Context, tx pgx.Tx, query string, args []any) (int64, error) {
	tag, err := tx.Exec(ctx, query, args...)
	return tag.RowsAffected(), err
}

func (postgresDriver) query(ctx context.Context, tx pgx.Tx, query string, args []any) (rows, error) {
	return tx.Query(ctx, query, args...)
}
