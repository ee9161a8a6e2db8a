package doctor

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"

	"github.com/canonicalize/canonicalize/bot/server"
	"github.com/canonicalize/canonicalize/bot/store"
)

// settings reads them as the server does; false if it would not start.
func (e *exam) settings(getenv func(string) string) bool {
	if server.Unregistered(getenv) {
		e.add(Fault, "settings", "no App is set or registered", "run `canonicalize serve` and open the page that it names, or set GITHUB_APP_ID and the others")
		return false
	}
	conf, err := server.FromEnv(getenv)
	var wrong *server.ConfigError
	if errors.As(err, &wrong) {
		for _, f := range wrong.Faults {
			e.add(Fault, "settings", f.Setting+" "+f.Problem, f.Fix)
		}
		return false
	}
	e.conf = conf
	e.add(OK, "settings", fmt.Sprintf("App %d, data in %s", conf.AppID, conf.Data), "")
	return true
}

// Free space in bytes below which the data folder is worth a warning, and below which work fails soon.
const (
	littleSpace = 2 << 30
	noSpace     = 200 << 20
)

func (e *exam) disk() {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(e.conf.Data, &fs); err != nil {
		e.add(Warning, "disk", fmt.Sprintf("the free space of %s is unknown: %v", e.conf.Data, err), "")
		return
	}
	free := int64(fs.Bavail) * int64(fs.Bsize)
	level, fix := OK, ""
	switch {
	case free < noSpace:
		level, fix = Fault, "make room: mirrors of repositories live there"
	case free < littleSpace:
		level, fix = Warning, "make room soon: mirrors of repositories live there"
	}
	e.add(level, "disk", fmt.Sprintf("%.1f GB are free in %s", float64(free)/1e9, e.conf.Data), fix)
}

// probeTime bounds how long one answer is waited for.
const probeTime = 10 * time.Second

func (e *exam) database(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	held, err := store.Probe(ctx, e.conf.DatabaseURL)
	switch {
	case err != nil:
		e.add(Fault, "database", err.Error(), "check DATABASE_URL and that the database runs; a damaged SQLite file can be removed: it is filled again from GitHub")
	case held:
		e.add(OK, "database", "a running server holds it", "")
	default:
		e.add(OK, "database", "it answers", "")
	}
}
