// Package doctor examines an installation of the App as its operator sees it: settings, disk, database, GitHub and the
// way of the webhooks, and says of each fault what to do.
package doctor

import (
	"context"
	"log/slog"

	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/server"
)

// Level is how a finding is.
type Level string

// The levels, from harmless to bad.
const (
	OK      Level = "ok"
	Warning Level = "warning"
	Fault   Level = "fault"
)

// Finding is one thing that was looked at.
type Finding struct {
	Level Level  `json:"level"`
	What  string `json:"what"`          // what was looked at, in a word or two
	Text  string `json:"text"`          // what was found
	Fix   string `json:"fix,omitempty"` // what to do, "" if nothing
}

// exam gathers findings.
type exam struct {
	conf     server.Config
	app      *github.App
	findings []Finding
}

func (e *exam) add(level Level, what, text, fix string) {
	e.findings = append(e.findings, Finding{level, what, text, fix})
}

// Examine looks at everything and changes nothing. Settings are read through getenv, as the server reads them.
func Examine(ctx context.Context, lg *slog.Logger, getenv func(string) string) []Finding {
	e := &exam{}
	if !e.settings(getenv) {
		return e.findings
	}
	e.disk()
	e.database(ctx)
	app, err := github.New(lg, github.Options{BaseURL: e.conf.BaseURL, AppID: e.conf.AppID, Key: e.conf.KeyPEM})
	if err != nil {
		e.add(Fault, "key", err.Error(), "generate a private key on the App's settings page and give that file")
		return e.findings
	}
	e.app = app
	if !e.reach(ctx) || !e.registration(ctx) {
		return e.findings
	}
	e.installations(ctx)
	e.webhook(ctx)
	return e.findings
}
