package evidence

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/canonicalize/canonicalize/codemod"
)

// codeBase is real code with the facades to take apart.
type codeBase struct {
	name    string
	folder  func(t testing.TB) string // where its modules are
	tops    []string                  // what of the folder is read
	facades []string
	setup   string   // what oracle.py is to do first
	roots   []string // below the folder; only the folder itself if nil
}

var codeBases = []codeBase{
	{
		name:   "sympy",
		folder: func(t testing.TB) string { return debian(t, "python3-sympy", "python3-mpmath") },
		tops:   []string{"sympy"},
		facades: []string{"sympy", "sympy.core", "sympy.polys", "sympy.functions", "sympy.utilities", "sympy.matrices",
			"sympy.physics.quantum", "sympy.physics.mechanics", "sympy.stats", "sympy.logic", "sympy.sets"},
	},
	{
		name: "django",
		folder: func(t testing.TB) string {
			return debian(t, "python3-django", "python3-asgiref", "python3-sqlparse", "python3-tz")
		},
		tops: []string{"django"},
		facades: []string{"django.db.models", "django.forms", "django.db", "django.http", "django.template", "django.core.cache",
			"django.core.files", "django.core.mail", "django.core.serializers", "django.core.checks", "django.contrib.auth", "django.views.generic"},
		setup: "django",
	},
	{
		name:   "stdlib",
		folder: standardLibrary,
		tops:   []string{"asyncio", "email", "concurrent", "importlib", "unittest", "json", "test/test_asyncio", "test/test_email", "test/test_importlib", "test/test_unittest"},
		facades: []string{"asyncio", "email", "concurrent.futures", "importlib", "unittest", "json",
			"importlib.resources", "importlib.metadata"},
	},
}

// standardLibrary is the folder of the standard library.
func standardLibrary(t testing.TB) string {
	t.Helper()
	out, err := exec.Command("python3", "-I", "-c", "import os; print(os.path.dirname(os.__file__))").Output()
	if err != nil {
		t.Fatal("python3 is needed: ", err)
	}
	return strings.TrimSpace(string(out))
}

var long = flag.Bool("evidence.long", false, "run what takes minutes: further code bases, every configuration of isort and black")

// Real code means the same to CPython before and after.
func TestRealCode(t *testing.T) {
	bases := codeBases
	if *long {
		bases = slices.Concat(codeBases, furtherBases[:2])
	}
	for _, base := range bases {
		t.Run(base.name, base.check)
	}
}

func (b codeBase) check(t *testing.T) {
	before := b.read(t)
	result := b.plan(t, before)
	if len(result.Changes) == 0 {
		t.Fatal("nothing was changed")
	}
	after := maps.Clone(before)
	for _, c := range result.Changes {
		after[c.Path] = string(c.After)
	}
	b.report(t, result)
	if again := b.plan(t, after); len(again.Changes) > 0 {
		t.Errorf("%d files change again, such as:\n%s", len(again.Changes), again.Changes[0].Diff())
	}
	b.compare(t, before, after, result)
}

// read reads the Python files and the configuration of the code base.
func (b codeBase) read(t testing.TB) memory {
	t.Helper()
	root, files := b.folder(t), memory{}
	for _, top := range b.tops {
		err := filepath.WalkDir(filepath.Join(root, top), func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() || strings.HasSuffix(path, ".pyc") {
				return nil
			}
			src, err := os.ReadFile(path)
			rel, _ := filepath.Rel(root, path)
			files[filepath.ToSlash(rel)] = string(src)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return files
}

func (b codeBase) plan(t testing.TB, files memory) *codemod.Result {
	t.Helper()
	rules := codemod.Rules{Facades: b.facades, SourceRoots: append([]string{""}, b.roots...)}
	result, err := codemod.Plan(context.Background(), files, rules, codemod.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// report logs the counts and demands that nothing failed its proof.
func (b codeBase) report(t *testing.T, result *codemod.Result) {
	names, reasons := 0, map[codemod.Reason]int{}
	for _, c := range result.Changes {
		names += len(c.Names)
	}
	for _, l := range result.Left {
		reasons[l.Reason]++
		if l.Reason == codemod.ProofFailed && reasons[l.Reason] <= 5 {
			t.Errorf("%s:%d: %s.%s: proof failed: %s", l.Path, l.Line, l.Facade, l.Name, l.Detail)
		}
	}
	t.Logf("%d Python files, %d changed, %d names rewritten, %d left: %v", result.Files, len(result.Changes), names, len(result.Left), reasons)
}

// compare imports every changed module before and after.
func (b codeBase) compare(t *testing.T, before, after memory, result *codemod.Result) {
	var modules []string
	same := map[[3]string]bool{}
	for _, c := range result.Changes {
		modules = append(modules, moduleOf(c.Path, []string{""}))
		for _, n := range c.Names {
			if n.Name != "*" && n.Home != "" {
				same[[3]string{n.Facade, n.Name, n.Home}] = true
			}
		}
	}
	slices.Sort(modules)
	was := b.ask(t, "before", before, modules, nil)
	is := b.ask(t, "after", after, modules, slices.Collect(maps.Keys(same)))
	for _, text := range is.Differ {
		t.Error(text)
	}
	imported := 0
	for _, m := range modules {
		if was.Modules[m].OK {
			imported++
			compareModule(t, m, was.Modules[m], is.Modules[m])
		}
	}
	t.Logf("%d of %d changed modules could be imported, before and after; %d rewritten names compared", imported, len(modules), len(same))
}

// compareModule demands that names are bound to what they were; those that
// only an import of a facade bound may have gone.
func compareModule(t *testing.T, module string, was, is moduleState) {
	t.Helper()
	if !is.OK {
		t.Errorf("%s cannot be imported any more: %s", module, is.Error)
		return
	}
	for name, desc := range was.Names {
		now, ok := is.Names[name]
		if !ok && strings.HasPrefix(desc, "module ") {
			continue
		}
		if now != desc {
			t.Errorf("%s.%s: was %s, is %q", module, name, desc, now)
		}
	}
}

type oracleAnswer struct {
	Modules map[string]moduleState
	Differ  []string
}

// ask writes the files into a folder and lets CPython import modules of it.
func (b codeBase) ask(t testing.TB, state string, files memory, modules []string, same [][3]string) oracleAnswer {
	t.Helper()
	folder := b.workFolder(t, state)
	writeFiles(t, folder, files)
	script, err := filepath.Abs("testdata/oracle.py")
	if err != nil {
		t.Fatal(err)
	}
	request, err := json.Marshal(map[string]any{"modules": modules, "same": same, "setup": b.setup})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("python3", "-X", "utf8", script)
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "PYTHONPATH="+folder+string(os.PathListSeparator)+b.folder(t), "PYTHONHASHSEED=0")
	cmd.Stdin = bytes.NewReader(request)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("oracle: %v\n%s", err, stderr.String())
	}
	var answer oracleAnswer
	if err := json.Unmarshal(out, &answer); err != nil {
		t.Fatal(fmt.Errorf("oracle: %w: %.200s", err, out))
	}
	return answer
}

// writeFiles writes those files that are not there with the same bytes, so
// that what CPython compiled of the others stays good.
func writeFiles(t testing.TB, folder string, files memory) {
	t.Helper()
	for path, text := range files {
		full := filepath.Join(folder, path)
		if old, err := os.ReadFile(full); err == nil && string(old) == text {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// workFolder is a folder for one state of the code base that stays from run
// to run.
func (b codeBase) workFolder(t testing.TB, state string) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(cache, "canonicalize-evidence", "work", b.name, state)
}
