package evidence

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/BurntSushi/toml"

	"github.com/canonicalize/canonicalize/codemod"
)

var (
	cloneAt      = flag.String("codebase", "", "a clone of real code, bare or not, to take the facades of apart")
	cloneRev     = flag.String("codebase.revision", "HEAD", "its revision")
	cloneFacades = flag.String("codebase.facades", "", "facades, separated by commas; those that are found if empty")
	cloneTests   = flag.String("codebase.tests", "", "command of pytest that runs its tests, in a folder with the revision")
	cloneOut     = flag.String("codebase.out", "", "folder for the revision before and after, its diff and what is left")
)

// A clone of real code gives linters nothing new to find, is left alone by a
// second plan, still compiles, and its tests end as before.
func TestCodeBase(t *testing.T) {
	if *cloneAt == "" {
		if os.Getenv("CI") == "true" {
			return // there is no clone to take
		}
		t.Skip("-codebase names no clone of real code")
	}
	c := clone{before: archived(t, *cloneAt, *cloneRev), out: *cloneOut}
	if c.out == "" {
		c.out = t.TempDir()
	}
	c.rules.Facades = strings.FieldsFunc(*cloneFacades, func(r rune) bool { return r == ',' })
	if len(c.rules.Facades) == 0 {
		c.discover(t)
	}
	c.plan(t)
	if len(c.result.Changes) == 0 {
		t.Fatal("nothing was changed")
	}
	c.lint(t, startRuff(t))
	c.write(t)
	c.isort(t)
	c.flake8(t)
	c.compile(t)
	if *cloneTests != "" {
		c.tests(t)
	}
}

// clone is the revision of a repository, before and after.
type clone struct {
	before, after memory
	rules         codemod.Rules
	result        *codemod.Result
	out           string
}

// archived reads the files of a revision; those whose bytes the clone does not
// hold, as partial ones do not hold large files, are left out.
func archived(t *testing.T, path, revision string) memory {
	t.Helper()
	list, err := exec.Command("git", "-C", path, "ls-tree", "-r", "-z", revision).Output()
	if err != nil {
		t.Fatalf("git ls-tree of %s: %v", path, err)
	}
	var paths []string
	var blobs strings.Builder
	for _, entry := range strings.Split(strings.TrimSuffix(string(list), "\x00"), "\x00") {
		of, name, _ := strings.Cut(entry, "\t")
		if part := strings.Fields(of); part[0] == "100644" || part[0] == "100755" {
			paths = append(paths, name)
			fmt.Fprintln(&blobs, part[2])
		}
	}
	cmd := exec.Command("git", "-C", path, "cat-file", "--batch")
	cmd.Stdin = strings.NewReader(blobs.String())
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("git cat-file of %s: %v", path, err)
	}
	files := memory{}
	for _, name := range paths {
		head, rest, _ := bytes.Cut(out, []byte("\n"))
		out = rest
		if bytes.HasSuffix(head, []byte(" missing")) {
			continue
		}
		size, err := strconv.Atoi(string(head[bytes.LastIndexByte(head, ' ')+1:]))
		if err != nil {
			t.Fatalf("git cat-file: %q", head)
		}
		files[name], out = string(out[:size]), out[size+1:]
	}
	return files
}

// discover takes the facades that are proposed to somebody who names none.
func (c *clone) discover(t *testing.T) {
	found, err := codemod.Discover(context.Background(), c.before, c.rules, codemod.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found[:min(8, len(found))] {
		c.rules.Facades = append(c.rules.Facades, f.Module)
	}
}

// plan plans twice, and tells what was found.
func (c *clone) plan(t *testing.T) {
	started := time.Now()
	c.result, c.after = c.planned(t, c.before)
	took := time.Since(started)
	names, reasons := 0, map[codemod.Reason]int{}
	for _, change := range c.result.Changes {
		names += len(change.Names)
	}
	for _, l := range c.result.Left {
		reasons[l.Reason]++
		if l.Reason == codemod.ProofFailed {
			t.Errorf("%s:%d: %s.%s: the proof failed: %s", l.Path, l.Line, l.Facade, l.Name, l.Detail)
		}
	}
	t.Logf("facades %s", strings.Join(c.rules.Facades, ","))
	t.Logf("%d Python files, %d changed, %d names rewritten, %d left: %v; %.1fs", c.result.Files, len(c.result.Changes), names, len(c.result.Left), reasons, took.Seconds())
	again, _ := c.planned(t, c.after)
	for _, change := range again.Changes {
		t.Errorf("%s changes again:\n%s", change.Path, change.Diff())
	}
	if first, second := leftKeys(c.result), leftKeys(again); !slices.Equal(first, second) {
		t.Errorf("a second plan leaves %d references, not %d", len(second), len(first))
	}
}

func (c *clone) planned(t *testing.T, files memory) (*codemod.Result, memory) {
	result, err := codemod.Plan(context.Background(), files, c.rules, codemod.Options{})
	if err != nil {
		t.Fatal(err)
	}
	after := maps.Clone(files)
	for _, change := range result.Changes {
		after[change.Path] = string(change.After)
	}
	return result, after
}

// changed are the texts of the files that the plan changes, before and after.
func (c *clone) changed() (before, after map[string]string) {
	before, after = map[string]string{}, map[string]string{}
	for _, change := range c.result.Changes {
		before[change.Path], after[change.Path] = string(change.Before), string(change.After)
	}
	return before, after
}

// lint holds ruff against the changed files, with the settings of the
// repository that need no files. Whether imports are sorted is for ruff where
// it sorts them, otherwise for isort.
func (c *clone) lint(t *testing.T, linter *ruff) {
	before, after := c.changed()
	var project struct {
		Tool struct{ Ruff, Black map[string]any }
	}
	if _, err := toml.Decode(c.before["pyproject.toml"], &project); err != nil {
		t.Log("pyproject.toml is not read: ", err)
	}
	rules := ruffRules
	if !c.ruffSorts() {
		rules = rules[1:]
	}
	options := ruffOptions(topsOf(c.before), 88, rules...)
	for _, tool := range []map[string]any{project.Tool.Black, project.Tool.Ruff} {
		if length, ok := tool["line-length"]; ok {
			options["line-length"] = length
		}
	}
	lint, _ := project.Tool.Ruff["lint"].(map[string]any)
	if sorting, ok := lint["isort"].(map[string]any); ok {
		sorting["known-first-party"] = topsOf(c.before)
		options["lint"].(map[string]any)["isort"] = sorting
	}
	for _, f := range newFindings(linter.lint(t, before, options), linter.lint(t, after, options)) {
		t.Errorf("ruff: %s", f)
	}
}

// ruffSorts reports whether ruff sorts the imports of the repository.
func (c *clone) ruffSorts() bool {
	return ruffSorting.MatchString(c.before["pyproject.toml"]) || ruffSorting.MatchString("[tool.ruff]"+c.before["ruff.toml"])
}

// ruffSorting matches settings of ruff that select its rule I.
var ruffSorting = regexp.MustCompile(`(?s)\[tool\.ruff.*select\s*=\s*\[[^\]]*["'](I|I001|ALL)["']`)

// isort demands that files whose imports isort finds sorted, with the settings
// of the repository, are sorted afterwards.
func (c *clone) isort(t *testing.T) {
	if c.ruffSorts() {
		return
	}
	var paths []string
	for _, change := range c.result.Changes {
		paths = append(paths, change.Path)
	}
	unsorted := isort(t, filepath.Join(c.out, "before"), []string{"--check-only"}, paths)
	clean := slices.DeleteFunc(paths, func(path string) bool { return strings.Contains(unsorted, path) })
	if after := isort(t, filepath.Join(c.out, "after"), []string{"--check-only", "--diff"}, clean); strings.Contains(after, "@@") {
		t.Errorf("isort: no longer sorted:\n%s", after)
	}
	t.Logf("isort finds %d of the changed files sorted before", len(clean))
}

// write writes the two states, their difference and what is left.
func (c *clone) write(t *testing.T) {
	writeFiles(t, filepath.Join(c.out, "before"), c.before)
	writeFiles(t, filepath.Join(c.out, "after"), c.after)
	var diff, left strings.Builder
	for _, change := range c.result.Changes {
		diff.WriteString(change.Diff())
	}
	for _, l := range c.result.Left {
		fmt.Fprintf(&left, "%s:%d: %s.%s: %s as %s: %s\n", l.Path, l.Line, l.Facade, l.Name, l.Reason, l.Form, l.Detail)
	}
	writeFiles(t, c.out, memory{"changes.diff": diff.String(), "left.txt": left.String()})
}

// flake8 holds the installed flake8 against the changed files, with the
// settings of the repository.
func (c *clone) flake8(t *testing.T) {
	var said [2]map[string][]finding
	for i, state := range []string{"before", "after"} {
		args := []string{"-m", "flake8", "--format=%(path)s\t%(row)d\t%(code)s\t%(text)s"}
		if !c.flake8Configured() {
			args = append(args, "--ignore=E501,W503,W504") // the lengths of lines are for what sorts imports
		}
		for _, change := range c.result.Changes {
			args = append(args, change.Path)
		}
		cmd := exec.Command("/usr/bin/python3", args...)
		cmd.Dir = filepath.Join(c.out, state)
		out, err := cmd.Output()
		if ended := (*exec.ExitError)(nil); err != nil && !errors.As(err, &ended) {
			missing(t, "flake8 is not asked: %v", err)
		}
		said[i] = map[string][]finding{}
		for line := range strings.Lines(string(out)) {
			if part := strings.SplitN(strings.TrimSpace(line), "\t", 4); len(part) == 4 {
				path := strings.TrimPrefix(part[0], "./")
				said[i][path] = append(said[i][path], finding{Code: part[2], Message: part[3]})
			}
		}
	}
	for _, f := range newFindings(said[0], said[1]) {
		t.Errorf("flake8: %s", f)
	}
	t.Logf("flake8 looked at %d files", len(c.result.Changes))
}

// flake8Configured reports whether the repository has settings of flake8.
func (c *clone) flake8Configured() bool {
	for _, path := range []string{".flake8", "setup.cfg", "tox.ini"} {
		if strings.Contains(c.before[path], "[flake8]") {
			return true
		}
	}
	return false
}

// compile demands that CPython reads what it read.
func (c *clone) compile(t *testing.T) {
	python := startPython(t)
	before, after := c.changed()
	was, err := python.astImports(before)
	if err != nil {
		t.Fatal(err)
	}
	is, err := python.astImports(after)
	if err != nil {
		t.Fatal(err)
	}
	for path := range after {
		if was[path].Error == "" && is[path].Error != "" {
			t.Errorf("%s no longer compiles: %s", path, is[path].Error)
		}
	}
}

// tests runs the tests of both states and demands that each ends as before.
func (c *clone) tests(t *testing.T) {
	was, is := c.outcomes(t, "before"), c.outcomes(t, "after")
	counts := map[string]int{}
	for _, name := range slices.Sorted(maps.Keys(was)) {
		counts[was[name]]++
		if was[name] != is[name] {
			t.Errorf("%s: %s before, %q after", name, was[name], is[name])
		}
	}
	for name, outcome := range is {
		if _, ok := was[name]; !ok {
			t.Errorf("%s: %s, only after", name, outcome)
		}
	}
	t.Logf("tests before: %v", counts)
	if counts["passed"] == 0 {
		t.Error("no test passed, so nothing is shown")
	}
}

// outcomes runs pytest in a state and reads what it says of each test.
func (c *clone) outcomes(t *testing.T, state string) map[string]string {
	t.Helper()
	file := filepath.Join(c.out, state+".xml")
	cmd := exec.Command("sh", "-c", *cloneTests+" --junitxml="+file)
	cmd.Dir = filepath.Join(c.out, state)
	said, err := cmd.CombinedOutput()
	text, readErr := os.ReadFile(file)
	if readErr != nil {
		t.Fatalf("%s: no outcome of the tests (%v): %.2000s", state, err, said)
	}
	var junit struct {
		Suites []struct {
			Cases []struct {
				Class   string    `xml:"classname,attr"`
				Name    string    `xml:"name,attr"`
				Failure *struct{} `xml:"failure"`
				Error   *struct{} `xml:"error"`
				Skipped *struct{} `xml:"skipped"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(text, &junit); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	outcomes := map[string]string{}
	for _, suite := range junit.Suites {
		for _, test := range suite.Cases {
			outcome := "passed"
			switch {
			case test.Failure != nil:
				outcome = "failed"
			case test.Error != nil:
				outcome = "error"
			case test.Skipped != nil:
				outcome = "skipped"
			}
			outcomes[test.Class+"::"+test.Name] = outcome
		}
	}
	return outcomes
}
