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

	"github.com/canonicalize/canonicalize/codemod/edit"
	"github.com/canonicalize/canonicalize/codemod/style/settings"
)

// styles under which blocks are changed at random.
func someStyles(t testing.TB) map[string]*Style {
	t.Helper()
	ruff := Default()
	ruff.Sorter = settings.Ruff
	within := *ruff
	within.Order.WithinSections, within.Order.CombineAs = true, true
	single := *ruff
	single.Order.SingleLine = true
	return map[string]*Style{
		"none": Default(), "ruff": ruff, "ruff within": &within, "ruff single": &single,
		"isort":  isortOf(t, map[string]any{}),
		"black":  isortOf(t, map[string]any{"profile": "black"}),
		"google": isortOf(t, map[string]any{"profile": "google"}),
		"django": isortOf(t, map[string]any{"profile": "django", "known_first_party": "shop"}),
	}
}

// bindings are what a block imports, sorted, each as a statement of its own.
func bindings(b Block) []string {
	var out []string
	for _, st := range b.Statements {
		for _, n := range st.Names {
			out = append(out, Addition{From: st.From, Level: st.Level, Module: st.Module, Name: n.Name, As: n.As}.String())
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// wanted are the bindings after a change.
func wanted(b Block, remove map[int][]int, add []Addition) []string {
	kept := b
	kept.Statements = slices.Clone(b.Statements)
	for i := range kept.Statements {
		st := &kept.Statements[i]
		st.Names = nil
		for k, n := range b.Statements[i].Names {
			if !slices.Contains(remove[i], k) {
				st.Names = append(st.Names, n)
			}
		}
	}
	out := bindings(kept)
	for _, a := range add {
		out = append(out, a.String())
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// checkChange reports what is wrong with a rewrite: a name too many or too
// few, a byte outside of the block, a comment that is gone.
func checkChange(t testing.TB, s *Style, b Block, remove map[int][]int, add []Addition) string {
	t.Helper()
	edits, err := s.Rewrite(b, remove, add)
	if err != nil {
		t.Fatal(err)
	}
	out, err := edit.Apply(b.Src, edits)
	if err != nil {
		t.Fatalf("%v\n%s\n%+v", err, b.Src, edits)
	}
	after := blockOf(string(out))
	if got, want := bindings(after), wanted(b, remove, add); !slices.Equal(got, want) {
		t.Fatalf("%v %v\n%s\nbecame\n%s\nimports\n%s\nwant\n%s", remove, add, b.Src, out, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	m := sourceMap{b.Src}
	last := b.Statements[len(b.Statements)-1]
	if tail := b.Src[m.lineEnd(last.End):]; len(after.Statements) > 0 && !bytes.HasSuffix(out, tail) {
		t.Fatalf("what follows the block changed:\n%s\nbecame\n%s", b.Src, out)
	}
	return string(out)
}

// commentsOf are the texts of a file's comments.
func commentsOf(src string) []string {
	var out []string
	for line := range strings.Lines(src) {
		for i, c := range strings.Split(strings.TrimSpace(line), "#") {
			for part := range strings.SplitSeq(c, ";") {
				if part = strings.TrimSpace(part); i > 0 && part != "" {
					out = append(out, part)
				}
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// TestRandomChanges changes random blocks under several styles.
func TestRandomChanges(t *testing.T) {
	for name, s := range someStyles(t) {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewSource(seed()))
			for _, c := range randomCases(r, 200) {
				b := blockOf(c.Code)
				remove, add := randomChange(r, b)
				out := checkChange(t, s, b, remove, add)
				if out != checkChange(t, s, b, remove, add) {
					t.Fatal("two runs differ")
				}
				if before, after := commentsOf(c.Code), commentsOf(out); !subset(before, after) {
					t.Fatalf("a comment is gone:\n%s\nbecame\n%s", c.Code, out)
				}
			}
		})
	}
}

func subset(a, b []string) bool {
	return !slices.ContainsFunc(a, func(s string) bool { return !slices.Contains(b, s) })
}

// TestCleanStaysClean changes blocks that a sorter has sorted by its own
// printer, ruff's first of all, for which there is no other oracle.
func TestCleanStaysClean(t *testing.T) {
	for name, s := range someStyles(t) {
		if s.Sorter == settings.NoSorter {
			continue
		}
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewSource(seed()))
			changed := 0
			for _, c := range randomCases(r, 150) {
				b := blockOf(sortedBySelf(s, c.Code))
				if !s.Clean(b) {
					continue
				}
				remove, add := randomChange(r, b)
				if newRewriter(s, &b, remove, add).ambiguous() {
					continue
				}
				changed++
				out := checkChange(t, s, b, remove, add)
				if !subset(commentsOf(string(b.Src)), commentsOf(out)) {
					t.Fatalf("a comment is gone:\n%s\nbecame\n%s", b.Src, out)
				}
				if strings.Contains(out, "\\\n") {
					continue // isort takes a comment behind a backslash for another one when it sorts again
				}
				if again := blockOf(out); len(again.Statements) > 0 && !s.Clean(again) {
					t.Fatalf("not clean any more:\n%s\nbecame\n%s", b.Src, out)
				}
			}
			if changed < 10 {
				t.Errorf("only %d blocks were clean", changed)
			}
		})
	}
}

// sortedBySelf prints the block of a code as the style's sorter would.
func sortedBySelf(s *Style, code string) string {
	b := blockOf(code)
	rw := newRewriter(s, &b, nil, nil)
	p := rw.printer()
	for _, st := range rw.old {
		p.add(st)
	}
	return "\"\"\"Doc.\"\"\"\n" + strings.Join(p.lines(), "\n") + "\n\nx = 1\n"
}

const blackScript = `
import json, sys
import black
for line in sys.stdin:
    code = json.loads(line)
    try:
        print(json.dumps(black.format_str(code, mode=black.Mode())))
    except Exception as e:
        print(json.dumps("error: %r" % e))
`

// runBlack formats codes; it skips the test, with a word, where black is not
// installed.
func runBlack(t *testing.T, codes []string) []string {
	t.Helper()
	python := ""
	for _, p := range []string{"/usr/bin/python3", "python3"} {
		if python == "" && exec.Command(p, "-c", "import black").Run() == nil {
			python = p
		}
	}
	if python == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("black is needed in CI: install the package black for python3")
		}
		t.Skip("black is not installed for python3: printed statements are not compared with it")
	}
	var in bytes.Buffer
	for _, c := range codes {
		if err := json.NewEncoder(&in).Encode(c); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(python, "-c", blackScript)
	cmd.Stdin, cmd.Stderr = &in, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("black: %v", err)
	}
	var formatted []string
	for line := range bytes.Lines(out) {
		var code string
		if err := json.Unmarshal(line, &code); err != nil {
			t.Fatal(err)
		}
		formatted = append(formatted, code)
	}
	return formatted
}

// TestRewriteAgainstBlack changes blocks that black has formatted, without a
// sorter; black then has nothing to do.
func TestRewriteAgainstBlack(t *testing.T) {
	r := rand.New(rand.NewSource(seed()))
	var codes []string
	for _, c := range randomCases(r, 80) {
		codes = append(codes, c.Code)
	}
	var before, after []string
	for _, code := range runBlack(t, codes) {
		b := blockOf(code)
		if len(b.Statements) == 0 {
			continue
		}
		remove, add := randomChange(r, b)
		before = append(before, code)
		after = append(after, checkChange(t, Default(), b, remove, add))
	}
	wrong := 0
	for i, formatted := range runBlack(t, after) {
		if formatted != after[i] {
			if wrong++; wrong < 5 {
				t.Errorf("%s\nbecame\n%s\nwhich black formats to\n%s", before[i], after[i], formatted)
			}
		}
	}
	t.Logf("%d blocks, %d are not black's afterwards", len(after), wrong)
}

// FuzzRewrite changes any text that begins like a block.
func FuzzRewrite(f *testing.F) {
	for i, c := range randomCases(rand.New(rand.NewSource(1)), 20) {
		f.Add(c.Code, int64(i))
	}
	f.Add("import os; from a import (b, # x\n c)\r\n\tfrom .. import *\\\n", int64(3))
	styles := someStyles(f)
	names := []string{"none", "ruff", "ruff within", "ruff single", "isort", "black", "google", "django"}
	f.Fuzz(func(t *testing.T, src string, n int64) {
		b, ok := safeBlock(src)
		if !ok || len(b.Statements) == 0 {
			return
		}
		markJoined(&b)
		r := rand.New(rand.NewSource(n))
		remove, add := randomChange(r, b)
		s := styles[names[r.Intn(len(names))]]
		edits, err := s.Rewrite(b, remove, add)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := edit.Apply(b.Src, edits); err != nil {
			t.Fatalf("%v\n%q\n%+v", err, src, edits)
		}
	})
}

// safeBlock reads a block of any text; the reader of the tests is not made
// for what is no Python.
func safeBlock(src string) (b Block, ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	b = blockOf(src)
	for _, st := range b.Statements {
		if len(st.Names) == 0 {
			return b, false
		}
		for _, n := range st.Names {
			if n.Start < st.Start || n.End > st.End {
				return b, false
			}
		}
	}
	return b, true
}

// FuzzLoad reads any bytes as any of the configuration files.
func FuzzLoad(f *testing.F) {
	f.Add("pyproject.toml", "[tool.isort]\nprofile='black'\nline_length='x'\n[tool.ruff]\nextend='pyproject.toml'\nlint.isort.sections={a=['b']}\n")
	f.Add("setup.cfg", "[isort]\nknown_django=django\nsections=FUTURE,\n  DJANGO\n[flake8]\nmax-line-length = 120")
	f.Add(".editorconfig", "root=true\n[*.py]\nmax_line_length=off\nindent_style=tab")
	f.Add("ruff.toml", "line-length=1\nsrc=['.', '../x']\n[lint]\nselect=['I']")
	f.Add(".isort.cfg", "[settings]\nmulti_line_output=99\nindent='tab'\nforce_grid_wrap=true")
	f.Fuzz(func(t *testing.T, name, text string) {
		s, _ := Load(func(path string) ([]byte, bool) { return []byte(text), path == name }, "a/b")
		b := blockOf("import os\n\nfrom shop import A, B\n")
		if _, err := s.Rewrite(b, map[int][]int{1: {0}}, []Addition{{From: true, Module: "x.y", Name: "A", Instead: 1}}); err != nil {
			t.Fatal(err)
		}
		_ = fmt.Sprint(s)
	})
}
