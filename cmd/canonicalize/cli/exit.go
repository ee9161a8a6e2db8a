package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/canonicalize/canonicalize/cmd/canonicalize/preview"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/project"
)

// The exit codes of the whole program.
const (
	exitDone     = 0 // everything was done
	exitFindings = 1 // findings, or changes where asked to check
	exitUsage    = 2 // wrong usage or configuration
	exitLeft     = 3 // some files could not be handled
	// exitInterrupted is what shells take for the end by an interrupt: 128 and the number of SIGINT.
	exitInterrupted = 130
)

const exitHelp = `Exit codes:
  0  done
  1  findings, or changes where asked to check
  2  wrong usage or configuration
  3  some files could not be handled
130 interrupted: nothing was written`

// statusError carries an exit code; err may be nil when everything has been said already.
type statusError struct {
	code int
	err  error
}

func (e *statusError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e *statusError) Unwrap() error { return e.err }

// usagef is an error of the one who called: exit code 2.
func usagef(format string, args ...any) error {
	return &statusError{code: exitUsage, err: fmt.Errorf(format, args...)}
}

// status ends the program with a code when all has been said.
func status(code int) error {
	if code == exitDone {
		return nil
	}
	return &statusError{code: code}
}

// exitCode tells what the program ends with for err, and the text that is still to be said.
func exitCode(err error) (code int, text string) {
	var status *statusError
	var folder *project.InputError
	var repository *preview.InputError
	switch {
	case err == nil:
		return exitDone, ""
	case errors.As(err, &status):
		if status.err == nil {
			return status.code, ""
		}
		return status.code, status.err.Error()
	case errors.As(err, &folder), errors.As(err, &repository):
		return exitUsage, err.Error()
	case errors.Is(err, context.Canceled):
		return exitInterrupted, "interrupted"
	}
	return exitLeft, err.Error()
}
