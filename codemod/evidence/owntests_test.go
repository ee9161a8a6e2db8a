//go:build long

package evidence

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// ownTests are how a code base runs tests of its own that read the facades.
var ownTests = map[string]struct {
	command []string // arguments of python3, in the folder of the modules
	summary *regexp.Regexp
}{
	"sympy": {
		[]string{"-c", "import sympy; sympy.test('sympy/logic', 'sympy/sets', 'sympy/utilities', " +
			"'sympy/physics/quantum', seed=1, subprocess=False)"},
		regexp.MustCompile(`(?s)tests finished: (.*?),?\s+in [\d.]+ seconds`),
	},
	"stdlib": {
		[]string{"-m", "unittest", "test.test_asyncio.test_queues", "test.test_asyncio.test_locks", "test.test_asyncio.test_tasks",
			"test.test_asyncio.test_futures", "test.test_asyncio.test_streams", "test.test_asyncio.test_runners", "test.test_asyncio.test_server",
			"test.test_email.test_email", "test.test_email.test_message", "test.test_email.test_policy", "unittest.test.testmock.testmock", "unittest.test.testmock.testpatch"},
		regexp.MustCompile(`(?s)Ran (\d+ tests) in \S+s\n\n(.*)`),
	},
}

// The tests that real code bases bring pass as they did before. They take
// minutes: `go test -tags long -run TestOwnTests ./codemod/evidence`.
func TestOwnTests(t *testing.T) {
	for _, base := range codeBases {
		if _, ok := ownTests[base.name]; ok {
			t.Run(base.name, base.checkOwnTests)
		}
	}
}

func (b codeBase) checkOwnTests(t *testing.T) {
	before := b.read(t)
	result := b.plan(t, before)
	after := maps.Clone(before)
	for _, c := range result.Changes {
		after[c.Path] = string(c.After)
	}
	was, is := b.runOwnTests(t, "before", before), b.runOwnTests(t, "after", after)
	if was != is {
		t.Errorf("before: %s\nafter: %s", was, is)
	}
	t.Logf("%d changed files; its own tests say before and after: %s", len(result.Changes), is)
}

// runOwnTests returns the summary that the code base's test runner prints.
func (b codeBase) runOwnTests(t *testing.T, state string, files memory) string {
	t.Helper()
	tests := ownTests[b.name]
	folder := b.workFolder(t, state)
	writeFiles(t, folder, files)
	cmd := exec.Command("python3", tests.command...)
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "PYTHONPATH="+folder+string(os.PathListSeparator)+b.folder(t), "PYTHONHASHSEED=0", "COLUMNS=200")
	out, err := cmd.CombinedOutput()
	summary := tests.summary.FindSubmatch(out)
	if summary == nil {
		t.Fatalf("no summary of the tests %s (%v):\n%s", state, err, out[max(0, len(out)-3000):])
	}
	if err := os.WriteFile(filepath.Join(filepath.Dir(folder), state+".log"), out, 0o644); err != nil {
		t.Fatal(err)
	}
	words := make([]string, 0, len(summary)-1)
	for _, group := range summary[1:] {
		words = append(words, strings.Join(strings.Fields(string(group)), " "))
	}
	return strings.Join(words, ", ")
}
