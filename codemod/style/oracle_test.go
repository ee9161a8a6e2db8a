package style

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// isortScript sorts or checks codes under settings, one JSON object a line.
const isortScript = `
import json, signal, sys
import isort
def give_up(*_):
    raise TimeoutError  # isort reads on for ever where its own output lost a parenthesis
signal.signal(signal.SIGALRM, give_up)
for line in sys.stdin:
    case = json.loads(line)
    signal.alarm(2)
    try:
        config = isort.Config(directory="/nonexistent", **case["settings"])
        out = isort.code(case["code"], config=config)
        print(json.dumps({"code": out}))
    except Exception as e:
        print(json.dumps({"error": repr(e)}))
`

// isortsOwn are errors of isort itself: what it printed is no Python any more,
// a mode does not know a statement without comments, a file is to be skipped.
var isortsOwn = []string{"SyntaxErrors", "TimeoutError", "can only join an iterable", "FileSkipComment"}

type isortCase struct {
	Code     string         `json:"code"`
	Settings map[string]any `json:"settings"`
}

// needIsort skips a test, with a word, where isort is not installed.
func needIsort(t *testing.T) {
	t.Helper()
	for _, python := range []string{"/usr/bin/python3", "python3"} {
		if exec.Command(python, "-c", "import isort").Run() == nil {
			t.Setenv("ISORT_PYTHON", python)
			return
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("isort is needed in CI: install the package isort for python3")
	}
	t.Skip("isort is not installed for python3: sorted blocks are not compared with it")
}

// runIsort sorts the codes; "" stands for those that isort cannot sort.
func runIsort(t *testing.T, cases []isortCase) []string {
	t.Helper()
	var in bytes.Buffer
	for _, c := range cases {
		if err := json.NewEncoder(&in).Encode(c); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(os.Getenv("ISORT_PYTHON"), "-W", "ignore", "-c", isortScript)
	cmd.Stdin, cmd.Stderr = &in, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("isort: %v", err)
	}
	var codes []string
	for i, line := range bytes.Split(bytes.TrimSpace(out), []byte("\n")) {
		var answer struct{ Code, Error string }
		if err := json.Unmarshal(line, &answer); err != nil {
			t.Fatal(err)
		}
		if answer.Error != "" && !slices.ContainsFunc(isortsOwn, func(e string) bool { return strings.Contains(answer.Error, e) }) {
			t.Fatalf("isort: %s for %v\n%s", answer.Error, cases[i].Settings, cases[i].Code)
		}
		codes = append(codes, answer.Code)
	}
	return codes
}

var (
	someModules = []string{
		"os", "sys", "typing", "collections.abc", "django.db", "django.db.models", "requests", "shop", "shop.models",
		"shop.models.user", "shop.models.Order", "shop.models.order10", "shop.models.order9", ".", "..", ".sibling",
		"..models.user", "__future__", "shop_tests.a_very_long_package_name_indeed.with_another_long_name", "Zope", "_private",
	}
	someNames = []string{
		"User", "Order", "order", "ORDERS", "a", "B", "get_user_model", "x1", "x10", "x2", "annotations_of_something",
		"SOME_CONSTANT", "someFunction", "_hidden", "AVeryLongClassNameForTheSakeOfWrapping", "item", "Item", "ITEM",
	}
	someComments = []string{"  # noqa", "  # noqa: F401", "  # type: ignore", "  # the users", "", "", "", "", "", "", "", ""}
)

// randomStatement makes an import statement on one line or wrapped.
func randomStatement(r *rand.Rand) string {
	module := someModules[r.Intn(len(someModules))]
	lead := ""
	if r.Intn(12) == 0 {
		lead = "# about the next\n"
	}
	comment := someComments[r.Intn(len(someComments))]
	if r.Intn(4) == 0 && !strings.HasPrefix(module, ".") && module != "__future__" {
		as := ""
		if r.Intn(4) == 0 {
			as = " as m"
		}
		return lead + "import " + module + as + comment
	}
	if module == "__future__" {
		return lead + "from __future__ import annotations" + comment
	}
	var names []string
	for range 1 + r.Intn(5) {
		n := someNames[r.Intn(len(someNames))]
		if r.Intn(8) == 0 {
			n += " as " + strings.ToLower(n) + "_"
		}
		if !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	if r.Intn(6) == 0 {
		nested := someComments[r.Intn(len(someComments))]
		return lead + "from " + module + " import (\n    " + strings.Join(names, ",\n    ") + "," + nested + "\n)" + comment
	}
	return lead + "from " + module + " import " + strings.Join(names, ", ") + comment
}

func randomSettings(r *rand.Rand) map[string]any {
	settings := map[string]any{"known_first_party": []string{"shop"}}
	profileNames := []string{"", "", "black", "black", "django", "pycharm", "google", "open_stack", "plone", "attrs", "hug"}
	if p := profileNames[r.Intn(len(profileNames))]; p != "" {
		settings["profile"] = p
	}
	for _, key := range []string{
		"force_sort_within_sections", "lexicographical", "case_sensitive", "combine_as_imports", "from_first",
		"length_sort", "length_sort_straight", "reverse_relative", "no_sections", "include_trailing_comma",
		"use_parentheses", "force_single_line", "force_alphabetical_sort_within_sections", "group_by_package",
		"balanced_wrapping", "ensure_newline_before_comments", "no_inline_sort", "combine_star",
	} {
		if r.Intn(9) == 0 {
			settings[key] = true
		}
	}
	if r.Intn(4) == 0 {
		settings["order_by_type"] = false
	}
	if r.Intn(3) == 0 {
		settings["multi_line_output"] = r.Intn(12)
	}
	if r.Intn(4) == 0 {
		settings["line_length"] = []int{40, 60, 79, 100}[r.Intn(4)]
	}
	if r.Intn(8) == 0 {
		settings["force_grid_wrap"] = 1 + r.Intn(3)
	}
	if r.Intn(8) == 0 {
		settings["lines_between_types"] = 1
	}
	if r.Intn(8) == 0 {
		settings["lines_between_sections"] = 2
	}
	if r.Intn(8) == 0 {
		settings["no_lines_before"] = []string{"LOCALFOLDER"}
	}
	if r.Intn(8) == 0 {
		settings["force_to_top"] = []string{"requests", "shop.models"}
	}
	return settings
}

// ourSettings are settings as the readers of files give them.
func ourSettings(settings map[string]any) map[string]any {
	out := map[string]any{}
	for key, value := range settings {
		switch v := value.(type) {
		case []string:
			out[key] = strings.Join(v, ",")
		default:
			out[key] = v
		}
	}
	return out
}

// TestCleanAgainstIsort sorts random blocks with isort; what isort made is
// clean for us, so that its printer is ours.
func TestCleanAgainstIsort(t *testing.T) {
	needIsort(t)
	r := rand.New(rand.NewSource(seed()))
	cases := randomCases(r, 250)
	unclean, fixed := 0, 0
	for i, code := range sortedTwice(t, cases) {
		if code == "" {
			continue // isort is not at rest with its own output
		}
		fixed++
		s := isortOf(t, ourSettings(cases[i].Settings))
		b := blockOf(code)
		if s.Clean(b) || newRewriter(s, &b, nil, nil).ambiguous() {
			continue
		}
		if unclean++; unclean < 6 {
			p := newRewriter(s, &b, nil, nil).printer()
			for i := range b.Statements {
				p.add(b.read(i))
			}
			t.Errorf("not clean under %v:\n%s\nwe would print:\n%s", cases[i].Settings, code, strings.Join(p.lines(), "\n"))
		}
	}
	t.Logf("%d blocks, %d at rest, %d not clean for us", len(cases), fixed, unclean)
}

func randomCases(r *rand.Rand, n int) []isortCase {
	var cases []isortCase
	for range n {
		var lines []string
		for range 1 + r.Intn(8) {
			lines = append(lines, randomStatement(r))
		}
		code := "\"\"\"Doc.\"\"\"\n" + strings.Join(lines, "\n") + "\n\nx = 1\n"
		cases = append(cases, isortCase{code, randomSettings(r)})
	}
	return cases
}

// sortedTwice sorts codes with isort; "" stands for those that it changes again.
func sortedTwice(t *testing.T, cases []isortCase) []string {
	t.Helper()
	once := runIsort(t, cases)
	again := make([]isortCase, len(cases))
	for i := range cases {
		again[i] = isortCase{once[i], cases[i].Settings}
	}
	twice := runIsort(t, again)
	for i := range once {
		if once[i] != twice[i] {
			once[i] = ""
		}
	}
	return once
}

// seed is that of random tests; STYLE_SEED chooses another.
func seed() int64 {
	n := int64(1)
	_, _ = fmt.Sscan(os.Getenv("STYLE_SEED"), &n)
	return n
}

// randomChange takes some names out of a block and brings others in.
func randomChange(r *rand.Rand, b Block) (remove map[int][]int, add []Addition) {
	remove = map[int][]int{}
	for range 1 + r.Intn(2) {
		i := r.Intn(len(b.Statements))
		st := b.Statements[i]
		for k := range st.Names {
			if r.Intn(2) == 0 && st.Module != "__future__" && !slices.Contains(remove[i], k) {
				remove[i] = append(remove[i], k)
				add = append(add, randomAddition(r, st.Names[k], i, k))
			}
		}
	}
	return remove, add
}

func randomAddition(r *rand.Rand, n Name, i, k int) Addition {
	a := Addition{From: true, Name: n.Name, As: n.As, Instead: i, Replaces: k}
	module := someModules[r.Intn(len(someModules))]
	if module == "__future__" {
		module = "shop.models.future"
	}
	a.Level = leadingDots(module)
	a.Module = module[a.Level:]
	if strings.Contains(n.Name, ".") {
		a.Name = "leaf"
	}
	return a
}

// TestRewriteAgainstIsort changes blocks that isort has sorted; isort then has
// nothing to do.
func TestRewriteAgainstIsort(t *testing.T) {
	needIsort(t)
	r := rand.New(rand.NewSource(seed()))
	cases := randomCases(r, 250)
	var after []isortCase
	var before []string
	restless := 0
	for i, code := range sortedTwice(t, cases) {
		s := isortOf(t, ourSettings(cases[i].Settings))
		b := blockOf(code)
		if code == "" || len(b.Statements) == 0 || !s.Clean(b) {
			continue
		}
		remove, add := randomChange(r, b)
		if newRewriter(s, &b, remove, add).ambiguous() {
			continue
		}
		text := rewritten(t, s, b, remove, add)
		if again := blockOf(text); len(again.Statements) > 0 && !s.Clean(again) {
			restless++ // a comment moved that isort puts elsewhere when it sorts again
			if os.Getenv("STYLE_SHOW") != "" {
				t.Logf("under %v:\n%s\nbecame\n%s", cases[i].Settings, code, text)
			}
			continue
		}
		before = append(before, code)
		after = append(after, isortCase{text, cases[i].Settings})
	}
	wrong := 0
	for i, sorted := range runIsort(t, after) {
		if sorted != after[i].Code && sorted != "" {
			if wrong++; wrong < 6 {
				t.Errorf("under %v:\n%s\nbecame\n%s\nwhich isort sorts to\n%s", after[i].Settings, before[i], after[i].Code, sorted)
			}
		}
	}
	t.Logf("%d of %d blocks changed, %d are not sorted afterwards, %d are not at rest", len(after), len(cases), wrong, restless)
}
