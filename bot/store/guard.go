package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/jackc/pgx/v5"
)

// ErrLost says that the file of the database was deleted or replaced while it
// was open. Whatever would be written now is lost with it.
var ErrLost = errors.New("the file of the database was deleted or replaced while it was in use: start again, and what it held is read anew from GitHub")

// A guard says whether this process may go on working.
type guard interface {
	// check returns an error once what is written is lost, or once another
	// process may do the same jobs.
	check(ctx context.Context) error
	close()
}

// processName is different for every process, however many there are in a
// container of the same name.
func processName() string {
	host, _ := os.Hostname() // only for people who read the table
	return fmt.Sprintf("%.60s-%s", host, rand.Text())
}

// fileGuard watches the files of a SQLite database. An open file that is
// unlinked can be written for ever, and nobody would notice.
type fileGuard struct {
	paths []string
	infos []os.FileInfo
}

// watchFile remembers which files these are, once SQLite has made them.
func watchFile(path string) (*fileGuard, error) {
	g := &fileGuard{}
	for _, p := range []string{path, path + "-wal"} {
		info, err := os.Stat(p)
		if errors.Is(err, os.ErrNotExist) && p != path {
			continue // where SQLite cannot keep a log it does without
		}
		if err != nil {
			return nil, err
		}
		g.paths, g.infos = append(g.paths, p), append(g.infos, info)
	}
	return g, nil
}

func (g *fileGuard) check(context.Context) error {
	for i, p := range g.paths {
		info, err := os.Stat(p)
		if errors.Is(err, os.ErrNotExist) || err == nil && !os.SameFile(info, g.infos[i]) {
			return fmt.Errorf("%s: %w", p, ErrLost)
		}
	}
	return nil
}

func (g *fileGuard) close() {}

// lockSeed keeps our advisory locks apart from those of other programs.
const lockSeed = 7240118306

// How long Postgres may be out of reach before the jobs here are cancelled,
// which has to be well below Settings.Grace, and how long one look may take.
const (
	lockPatience = 20 * time.Second
	lockTimeout  = 5 * time.Second
)

// lockGuard holds an advisory lock in a session of its own. The session ends
// with the process, however that ends, and then others see it dead.
type lockGuard struct {
	lg     *slog.Logger
	config *pgx.ConnConfig
	name   string
	conn   *pgx.Conn // nil: lost
	now    func() time.Time
	seen   time.Time // when the lock was last seen to be held
}

func takeLock(ctx context.Context, lg *slog.Logger, config *pgx.ConnConfig, name string) (*lockGuard, error) {
	g := &lockGuard{lg: lg, config: config, name: name, now: time.Now}
	if err := g.take(ctx); err != nil {
		return nil, err
	}
	return g, nil
}

func (g *lockGuard) take(ctx context.Context) error {
	conn, err := pgx.ConnectConfig(ctx, g.config)
	if err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock(hashtextextended($1, $2))", g.name, int64(lockSeed)); err != nil {
		return errors.Join(err, conn.Close(ctx))
	}
	g.conn, g.seen = conn, g.now()
	return nil
}

// check takes the lock again where the session was lost. Others wait for
// longer than it may be away.
func (g *lockGuard) check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, lockTimeout)
	defer cancel()
	var err error
	if g.conn == nil {
		err = g.take(ctx)
	} else if err = g.conn.Ping(ctx); err == nil {
		g.seen = g.now()
	} else {
		g.close()
		err = errors.Join(err, g.take(ctx))
	}
	if away := g.now().Sub(g.seen); g.conn == nil && away > lockPatience {
		return fmt.Errorf("the database was out of reach for %s, so other processes take over: %w", away.Round(time.Second), err)
	}
	if err != nil {
		g.lg.WarnContext(ctx, "the session with the database was lost", "again", g.conn != nil, "error", err)
	}
	return nil
}

func (g *lockGuard) close() {
	if g.conn == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), lockTimeout)
	defer cancel()
	_ = g.conn.Close(ctx) // nothing is left to do if it is broken
	g.conn = nil
}
