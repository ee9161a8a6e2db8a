package evidence

import (
	"maps"
	"regexp"
	"strings"
	"testing"
)

// unittest's verbose runner writes "name (class)", what the test is about, and " ... outcome"; a test that prints comes in between.
// https://docs.python.org/3/library/unittest.html#unittest.TextTestRunner
var (
	testName    = regexp.MustCompile(`^\w+ \([\w.]+\)`)
	testOutcome = regexp.MustCompile(`(?:^| \.\.\. |\.\.\. )(ok|FAIL|ERROR|skipped|expected failure|unexpected success)\b(?: '.*| ".*)?$`)
	testFailed  = regexp.MustCompile(`^(FAIL|ERROR): (\w+ \([\w.]+\))`)
)

// verboseOutcomes reads what became of each test from the output of unittest's verbose runner.
func verboseOutcomes(out string) map[string]string {
	all, last := map[string]string{}, ""
	for line := range strings.Lines(out) {
		line = strings.TrimRight(line, "\r\n")
		if m := testFailed.FindStringSubmatch(line); m != nil {
			all[m[2]], last = m[1], ""
			continue
		}
		if name := testName.FindString(line); name != "" {
			last = name
		}
		if m := testOutcome.FindStringSubmatch(line); m != nil && last != "" {
			all[last], last = m[1], ""
		}
	}
	return all
}

func TestVerboseOutcomes(t *testing.T) {
	got := verboseOutcomes(`test_a (pkg.mod.Case.test_a) ... ok
test_b (pkg.mod.Case)
What it is about. ... skipped 'no network'
test_c (pkg.mod.Case) ... printed in between
ok
test_d (pkg.mod.Case) ... FAIL
test_e (pkg.mod.Case) ... test_f (pkg.mod.Case) ... expected failure
======
ERROR: test_g (pkg.mod.Case) (i=1)
Ran 7 tests in 0.1s

OK
`)
	want := map[string]string{"test_a (pkg.mod.Case.test_a)": "ok", "test_b (pkg.mod.Case)": "skipped", "test_c (pkg.mod.Case)": "ok",
		"test_d (pkg.mod.Case)": "FAIL", "test_e (pkg.mod.Case)": "expected failure", "test_g (pkg.mod.Case)": "ERROR"}
	if !maps.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}
