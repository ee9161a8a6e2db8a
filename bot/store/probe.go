package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Probe says whether the database at an address could be used, without changing it: a Postgres has to answer, and a
// SQLite file, where there is one already, has to be whole. A SQLite file that a running server holds is not looked
// into; held tells so.
func Probe(ctx context.Context, address string) (held bool, err error) {
	if err := CheckURL(address); err != nil {
		return false, err
	}
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok {
		return probeFile(ctx, path)
	}
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return false, fmt.Errorf("the database %s does not answer: %w", redact(address), err)
	}
	return false, errors.Join(conn.Ping(ctx), conn.Close(ctx))
}

func probeFile(ctx context.Context, path string) (held bool, err error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return false, nil // it is made at the start
	}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?mode=ro&_pragma=busy_timeout(200)")
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var answer string
	err = db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&answer)
	switch {
	case err != nil && strings.Contains(err.Error(), "locked"):
		return true, nil
	case err != nil:
		return false, fmt.Errorf("read %s: %w", path, err)
	case answer != "ok":
		return false, fmt.Errorf("%s is damaged: %s", path, answer)
	}
	return false, nil
}
