package cli

import (
	"context"
	"fmt"
	"testing"
)

// The end of the program says what happened, however deep the error is wrapped.
func TestExitCode(t *testing.T) {
	for _, tt := range []struct {
		err  error
		code int
		text string
	}{
		{nil, 0, ""},
		{status(exitFindings), 1, ""},
		{usagef("no"), 2, "no"},
		{fmt.Errorf("plan: %w", context.Canceled), 130, "interrupted"},
		{fmt.Errorf("disk full"), 3, "disk full"},
	} {
		if code, text := exitCode(tt.err); code != tt.code || text != tt.text {
			t.Errorf("%v: %d %q, want %d %q", tt.err, code, text, tt.code, tt.text)
		}
	}
}
