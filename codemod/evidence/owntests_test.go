//go:build long

package evidence

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/canonicalize/canonicalize/codemod"
)

// ownTests are the tests that a code base brings and that read its facades.
type ownTests struct {
	name     string
	base     codeBase
	packages []string // of Debian, that its tests need
	// run runs the tests in a folder that holds the code base, and returns what became of each; "late" says nothing.
	run func(t *testing.T, p process) map[string]string
}

// process is how python3 is started.
type process struct {
	folder string
	env    []string
}

func (p process) python(args ...string) *exec.Cmd {
	cmd := exec.Command("python3", args...)
	cmd.Dir, cmd.Env = p.folder, p.env
	return cmd
}

var djangoSource = codeBase{
	name:   "django-source",
	folder: func(t testing.TB) string { return debianSource(t, "python-django") },
	tops:   []string{"django", "tests"},
	roots:  []string{"tests"},
	facades: append([]string{"django.test", "django.urls", "django.db.models.functions", "django.contrib.admin", "django.contrib.messages",
		"django.db.models.fields.related", "django.conf.urls.i18n"}, codeBases[1].facades...),
}

var allOwnTests = []ownTests{
	{name: "sympy/logic", base: codeBases[0], run: functions("4", "20", "sympy/logic", "sympy/sets", "sympy/utilities", "sympy/physics/quantum", "sympy/physics/mechanics")},
	{name: "sympy/core", base: codeBases[0], run: functions("2", "8", "sympy/core", "sympy/functions", "sympy/matrices", "sympy/stats")},
	{name: "sympy/polys", base: codeBases[0], run: functions("2", "8", "sympy/polys")},
	{name: "django", base: djangoSource, packages: []string{"python3-django", "python3-asgiref", "python3-sqlparse", "python3-tz"}, run: djangoTests(
		"basic", "forms_tests", "validators", "model_forms", "model_formsets", "model_fields", "queries", "expressions", "annotations", "aggregation",
		"admin_checks", "admin_views", "auth_tests", "template_tests", "urlpatterns", "urlpatterns_reverse", "test_client", "test_utils", "view_tests", "generic_views",
		"migrations", "schema", "serializers", "middleware", "handlers", "check_framework", "delete", "transactions", "file_uploads", "mail",
		"httpwrappers", "messages_tests", "lookup", "prefetch_related", "select_related", "many_to_many", "db_functions", "apps", "signals")},
	{name: "library", base: library, run: libraryTests},
}

// The tests that real code bases bring pass as they did before. They take minutes:
// `go test -tags long -run TestOwnTests ./codemod/evidence -v -timeout 2h`.
func TestOwnTests(t *testing.T) {
	for _, own := range allOwnTests {
		t.Run(own.name, own.check)
	}
}

func (o ownTests) check(t *testing.T) {
	before := o.base.read(t)
	result := o.base.plan(t, before)
	after := maps.Clone(before)
	for _, c := range result.Changes {
		after[c.Path] = string(c.After)
	}
	o.base.report(t, result)
	was, is := o.outcomes(t, "before", before), o.outcomes(t, "after", after)
	compareOutcomes(t, was, is, result)
}

// compareOutcomes demands of every test that ended before that it ends with the same outcome, unless there was no time for it.
func compareOutcomes(t *testing.T, was, is map[string]string, result *codemod.Result) {
	counts, late, own := map[string]int{}, 0, 0
	for _, test := range slices.Sorted(maps.Keys(was)) {
		switch now, ok := is[test]; {
		case was[test] == "late" || now == "late":
			late++
		case ownSource.MatchString(test):
			own++
		case !ok || now != was[test]:
			t.Errorf("%s: before %s, after %q", test, was[test], now)
		default:
			counts[now]++
		}
	}
	for test := range is {
		if _, ok := was[test]; !ok {
			t.Errorf("%s ran only after the rewrite: %s", test, is[test])
		}
	}
	if counts["ok"] == 0 {
		t.Error("no test passed, so nothing is shown")
	}
	t.Logf("%d changed files; outcomes that are the same before and after: %v; %d tests took too long to say anything, %d look at their own source", len(result.Changes), counts, late, own)
}

// ownSource matches the tests that look for a line of their own file by its number or its text, which a rewrite changes.
var ownSource = regexp.MustCompile(`^(test_cancel_traceback_for_future_\w+ \(test\.test_asyncio\.|basics \(test\.test_doctest\.test_DocTestFinder\))`)

// outcomes writes one state of the code base and runs its tests.
func (o ownTests) outcomes(t *testing.T, state string, files memory) map[string]string {
	t.Helper()
	folder := o.base.workFolder(t, state)
	writeFiles(t, folder, files)
	path := []string{folder}
	for _, root := range o.base.roots {
		path = append(path, filepath.Join(folder, root))
	}
	if len(o.packages) > 0 {
		path = append(path, debian(t, o.packages...))
	} else {
		path = append(path, o.base.folder(t))
	}
	return o.run(t, process{folder, append(os.Environ(), "PYTHONPATH="+strings.Join(path, string(os.PathListSeparator)), "PYTHONHASHSEED=0", "COLUMNS=200")})
}

// functions runs the test functions of the modules below folders, each module in a process of its own, for so many seconds of the processor.
func functions(secondsATest, secondsAModule string, folders ...string) func(*testing.T, process) map[string]string {
	return func(t *testing.T, p process) map[string]string {
		script, err := filepath.Abs("testdata/functions.py")
		if err != nil {
			t.Fatal(err)
		}
		modules := testModules(t, p.folder, folders)
		outs := make([][]byte, len(modules))
		var g errgroup.Group
		g.SetLimit(2)
		for i, module := range modules {
			g.Go(func() (err error) {
				if outs[i], err = p.python(script, module, secondsATest, secondsAModule).Output(); err != nil {
					outs[i] = fmt.Appendf(outs[i], "{\"test\": %q, \"outcome\": \"cannot be imported\"}\n", module)
				}
				return nil
			})
		}
		if err := g.Wait(); err != nil {
			t.Fatal(err)
		}
		return functionOutcomes(t, bytes.Join(outs, nil))
	}
}

func functionOutcomes(t *testing.T, out []byte) map[string]string {
	all := map[string]string{}
	for line := range bytes.Lines(out) {
		var answer struct{ Test, Outcome string }
		if err := json.Unmarshal(line, &answer); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		all[answer.Test] = answer.Outcome
	}
	return all
}

// testModules returns the modules of the files test_*.py below folders.
func testModules(t *testing.T, root string, folders []string) (modules []string) {
	for _, folder := range folders {
		for _, depth := range []string{"tests", "*/tests"} {
			files, err := filepath.Glob(filepath.Join(root, folder, depth, "test_*.py"))
			if err != nil {
				t.Fatal(err)
			}
			for _, file := range files {
				rel, _ := filepath.Rel(root, file)
				modules = append(modules, moduleOf(filepath.ToSlash(rel), []string{""}))
			}
		}
	}
	return modules
}

// djangoTests runs labels with the runner of Django's own tests.
func djangoTests(labels ...string) func(*testing.T, process) map[string]string {
	return func(t *testing.T, p process) map[string]string {
		p.folder = filepath.Join(p.folder, "tests")
		return verbose(t, p.python(append([]string{"runtests.py", "--parallel=1", "-v", "2"}, labels...)...))
	}
}

func verbose(t *testing.T, cmd *exec.Cmd) map[string]string {
	var said strings.Builder
	cmd.Stderr = &said // its standard output is that of the tests
	if err := cmd.Run(); err != nil {
		t.Logf("the runner ended with %v, which failing tests bring about", err)
	}
	all := verboseOutcomes(said.String())
	if len(all) == 0 && !strings.Contains(said.String(), "Ran 0 tests") {
		t.Errorf("no outcome in\n%.3000s", said.String())
	}
	return all
}
