package evidence

import (
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// ruffRules are what ruff judges of imports: their order, their place, those
// that are not used or bound twice, and names that are not there.
// https://docs.astral.sh/ruff/rules/
var ruffRules = []string{"I001", "F401", "F811", "F821", "F822", "E402", "E701", "E702", "TID252"}

// ruffOptions are the settings that have no file: what of a tree is its own,
// and how long lines are.
func ruffOptions(own []string, lineLength int, rules ...string) map[string]any {
	return map[string]any{
		"target-version": "py315", "line-length": lineLength, "preview": false,
		"lint": map[string]any{"select": rules, "isort": map[string]any{"known-first-party": own}},
	}
}

// newFindings are what a linter says after and did not say before: each code
// of a file with the message as often as it is new.
func newFindings(before, after map[string][]finding) []string {
	var found []string
	for _, path := range slices.Sorted(maps.Keys(after)) {
		had := map[string]int{}
		for _, f := range before[path] {
			had[f.key()]++
		}
		for _, f := range after[path] {
			if f.repeats() && had[f.key()] > 0 {
				continue
			}
			if had[f.key()]--; had[f.key()] < 0 {
				found = append(found, fmt.Sprintf("%s:%d: %s %s", path, f.Row, f.Code, f.Message))
			}
		}
	}
	return found
}

// key is what a finding is compared by: an import that nothing used has
// another name now, and a name that is not there has the same.
func (f finding) key() string {
	if f.Code == "F821" || f.Code == "F822" {
		return f.Code + f.Message
	}
	return f.Code
}

// repeats reports whether a statement that has the finding has it again in
// every statement that it becomes.
func (f finding) repeats() bool {
	return slices.Contains([]string{"E402", "E701", "E702", "TID252"}, f.Code)
}

// What the golden cases become gives ruff nothing new to find.
func TestRuffFindsNothingNewInGoldenCases(t *testing.T) {
	linter := startRuff(t)
	paths, err := filepath.Glob("../testdata/golden/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatal("no golden cases: ", err)
	}
	compared := 0
	for _, path := range paths {
		before, after := goldenFiles(t, path)
		if len(after) == 0 {
			continue
		}
		compared += len(after)
		options := ruffOptions(topsOf(before), 88, ruffRules...)
		for _, f := range newFindings(linter.lint(t, before, options), linter.lint(t, after, options)) {
			if why := ruffAccepts[strings.TrimSuffix(filepath.Base(path), ".txtar")]; why == "" {
				t.Errorf("%s: %s", filepath.Base(path), f)
			}
		}
	}
	t.Logf("%d changed files of %d golden cases", compared, len(paths))
}

// goldenFiles are those files of a case that become something, and what they
// become. Ruff does not see the settings of a case, reads no escapes, and does
// not look behind a star.
func goldenFiles(t *testing.T, path string) (before, after map[string]string) {
	t.Helper()
	a, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, after = map[string]string{}, map[string]string{}
	for _, f := range a.Files {
		if name, ok := strings.CutPrefix(f.Name, "want/"); ok {
			after[name] = string(f.Data)
		} else if settingsFile.MatchString(f.Name) || f.Name == "rules" && strings.Contains(string(f.Data), "escaped: true") {
			return nil, nil
		}
	}
	for _, f := range a.Files {
		if _, ok := after[f.Name]; ok {
			before[f.Name] = string(f.Data)
			if strings.Contains(before[f.Name], "import *") {
				delete(after, f.Name)
			}
		}
	}
	return before, after
}

var settingsFile = regexp.MustCompile(`(^|/)(pyproject\.toml|\.?ruff\.toml|\.isort\.cfg|setup\.cfg|tox\.ini|\.editorconfig)$`)

// ruffAccepts says of golden cases why ruff has something to say of them.
var ruffAccepts = map[string]string{
	"read-by-eval":                        "what eval reads keeps its import, which ruff cannot see",
	"from-one-line-suite":                 "what was one statement on the line of its `if` is two there",
	"home-of-computed-in-class":           "no settings say that a name and its alias stand apart",
	"module-bound-to-another-of-its-name": "the import of the module stays, for the name that it binds",
	"module-import-goes-beside-reader":    "another file reads the module from this one",
	"module-kept-for-star-reader":         "another file reads the module from this one",
	"module-names-by-scope":               "a function imports what the module imports below it",
	"module-shown-in-strings":             "no settings say that a name and its alias stand apart",
	"module-type-comment":                 "a type comment reads the module, which ruff does not see",
}

// topsOf are the top-level modules of a tree.
func topsOf(files map[string]string) []string {
	tops := map[string]bool{}
	for path := range files {
		top, _, _ := strings.Cut(strings.TrimPrefix(path, "src/"), "/")
		tops[strings.TrimSuffix(top, ".py")] = true
	}
	return slices.Sorted(maps.Keys(tops))
}
