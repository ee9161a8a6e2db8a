package store

import (
	"errors"
	"strings"

	"github.com/riverqueue/river/rivertype"
)

// clean makes a text one that every database keeps. Postgres takes neither a NUL nor what is not UTF-8, and both come
// from outside: git servers end messages with a NUL.
func clean(s string) string {
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", "\uFFFD")
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// cleanArgs does the same to the arguments of a statement.
func cleanArgs(args []any) []any {
	for i, arg := range args {
		if text, is := arg.(string); is {
			args[i] = clean(text)
		}
	}
	return args
}

// cleanJob does the same to the arguments of a job, which are kept as JSON.
func cleanJob(job Job) Job {
	switch j := job.(type) {
	case ReviewJob:
		j.Head, j.Base = clean(j.Head), clean(j.Base)
		return j
	case CommandJob:
		j.Event, j.Delivery = clean(j.Event), clean(j.Delivery)
		return j
	}
	return job
}

// cleanError is an error whose text can be kept. One that cannot would take all others with it that the queue writes
// down at the same time.
func cleanError(err error) error {
	if err == nil || errors.As(err, new(*rivertype.JobSnoozeError)) || errors.As(err, new(*rivertype.JobCancelError)) {
		return err // verdict made these of clean ones
	}
	if text := err.Error(); clean(text) != text {
		return &cleaned{clean(text), err}
	}
	return err
}

type cleaned struct {
	text string
	err  error
}

func (e *cleaned) Error() string { return e.text }
func (e *cleaned) Unwrap() error { return e.err }
