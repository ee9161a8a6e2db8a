package codemod

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "write what the codemod does into the golden cases")

// texts is a Tree of files given as text. A file below facts/ is no file of it: see damaged.
type texts map[string]string

func (m texts) Files() []File {
	var files []File
	for _, path := range slices.Sorted(maps.Keys(m)) {
		if strings.HasPrefix(path, "facts/") {
			continue
		}
		f := File{Path: path, Size: int64(len(m[path]))}
		if _, ok := m["facts/"+path]; ok {
			f.ID = path
		}
		if strings.HasPrefix(m[path], "symlink:") {
			f.Mode = Symlink
		}
		files = append(files, f)
	}
	return files
}

// damaged is a cache that holds, for a file of which there is one below facts/, the facts of that text instead of its own.
func (m texts) damaged() *Cache {
	c, other := NewCache(), texts{}
	for path, text := range m {
		if of, ok := strings.CutPrefix(path, "facts/"); ok {
			other[of], other[path] = text, text
		}
	}
	if len(other) > 0 {
		_, _ = Plan(context.Background(), other, Rules{}, Options{Cache: c})
	}
	return c
}

func (m texts) Read(f File) ([]byte, error) { return []byte(m[f.Path]), nil }

// goldenRules is the file "rules" of a golden case.
type goldenRules struct {
	Facades         []string          `yaml:"facades"`
	SourceRoots     []string          `yaml:"source_roots"`
	StopAt          []string          `yaml:"stop_at"`
	Homes           map[string]string `yaml:"homes"`
	Exclude         []string          `yaml:"exclude"`
	StringCallables []string          `yaml:"string_callables"`
	Submodules      []string          `yaml:"submodules"`
	StarKeepers     []string          `yaml:"star_keepers"`
	Effects         Effects           `yaml:"effects"`
	MaxFileSize     int64             `yaml:"max_file_size"`
	Only            []string          `yaml:"only"`
	// Escaped files are given as Go string escapes: for bytes that a text
	// archive cannot hold.
	Escaped bool `yaml:"escaped"`
	Report  bool `yaml:"report"`
}

// golden is one case: a tree, and what becomes of it.
type golden struct {
	archive *txtar.Archive
	rules   goldenRules
	before  texts
	want    map[string]string // what the plan says, as the files of the case say it
}

func readGolden(t testing.TB, path string) *golden {
	t.Helper()
	a, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	g := &golden{archive: a, before: texts{}, want: map[string]string{}}
	for _, f := range a.Files {
		switch {
		case f.Name == "rules":
			if err := yaml.Load(f.Data, &g.rules, yaml.WithKnownFields()); err != nil {
				t.Fatal(err)
			}
		case f.Name == "left" || f.Name == "report" || strings.HasPrefix(f.Name, "want/"):
			g.want[f.Name] = string(f.Data)
		default:
			g.before[f.Name] = g.decode(string(f.Data))
		}
	}
	if len(bytes.TrimSpace(a.Comment)) == 0 {
		t.Error("the case does not say why it is there")
	}
	return g
}

var escapes = strings.NewReplacer("\r", `\r`, "\t", `\t`, "\f", `\f`, "\ufeff", `\ufeff`, "\x00", `\x00`)

func (g *golden) decode(s string) string {
	if !g.rules.Escaped {
		return s
	}
	s = strings.TrimSuffix(strings.NewReplacer(`\r`, "\r", `\t`, "\t", `\f`, "\f", `\ufeff`, "\ufeff", `\x00`, "\x00", `\xe9`, "\xe9").Replace(s), "\n")
	return strings.TrimSuffix(s, "$") // ends the text without a newline
}

func (g *golden) encode(s string) string {
	if !g.rules.Escaped {
		return s
	}
	if !strings.HasSuffix(s, "\n") {
		return strings.ReplaceAll(escapes.Replace(s), "\xe9", `\xe9`) + "$\n"
	}
	return strings.ReplaceAll(escapes.Replace(s), "\xe9", `\xe9`)
}

func (g *golden) plan(t *testing.T, tree texts) *Result {
	t.Helper()
	r := Rules{
		Facades: g.rules.Facades, SourceRoots: g.rules.SourceRoots, StopAt: g.rules.StopAt, Homes: g.rules.Homes,
		Exclude: g.rules.Exclude, StringCallables: g.rules.StringCallables, MaxFileSize: g.rules.MaxFileSize,
		Submodules: g.rules.Submodules, StarKeepers: g.rules.StarKeepers, Effects: g.rules.Effects,
	}
	res, err := Plan(context.Background(), tree, r, Options{Only: g.rules.Only, Cache: tree.damaged()})
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// outcome is what a plan says, in the form of the case's files.
func (g *golden) outcome(res *Result) map[string]string {
	out := map[string]string{}
	for _, c := range res.Changes {
		out["want/"+c.Path] = g.encode(string(c.After))
	}
	if len(res.Left) > 0 {
		out["left"] = ""
	}
	for _, l := range res.Left {
		out["left"] += fmt.Sprintf("%s:%d:%d: %s %s: %s\n", l.Path, l.Line, l.Column, l.Facade, l.Name, l.Reason)
	}
	if g.rules.Report {
		out["report"] = reportText(res)
	}
	return out
}

func reportText(res *Result) string {
	var b strings.Builder
	for _, f := range res.Facades {
		fmt.Fprintf(&b, "%s (%s): %d consumers, %d references, %d rewritten, %d left\n", f.Module, f.Path, f.Consumers, f.References, f.Rewritten, f.Left)
		for _, n := range f.Names {
			fmt.Fprintf(&b, "  %s -> %s%s, %d readers", n.Name, n.Home, n.Reason, n.Readers)
			if len(n.Losers) > 0 {
				fmt.Fprintf(&b, ", not %s", strings.Join(n.Losers, ", "))
			}
			if n.Accidental {
				b.WriteString(", accidental")
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// The golden cases: what each form becomes, what is left and why. A second
// run over the result changes nothing, and leaves what the first left.
func TestGolden(t *testing.T) {
	paths, err := filepath.Glob("testdata/golden/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatal("no golden cases: ", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			g := readGolden(t, path)
			res := g.plan(t, g.before)
			got := g.outcome(res)
			if *update {
				g.write(t, path, got)
				return
			}
			compareFiles(t, g.want, got)
			g.again(t, res)
		})
	}
}

func compareFiles(t *testing.T, want, got map[string]string) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if got[name] != want[name] {
			t.Errorf("%s is\n%swant\n%s", name, got[name], want[name])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if _, ok := got[name]; !ok {
			t.Errorf("%s is missing, want\n%s", name, want[name])
		}
	}
}

// again plans over the result of the first run.
func (g *golden) again(t *testing.T, first *Result) {
	after := maps.Clone(g.before)
	for _, c := range first.Changes {
		if string(c.Before) != g.before[c.Path] {
			t.Errorf("Before of %s is not its text", c.Path)
		}
		after[c.Path] = string(c.After)
	}
	second := g.plan(t, after)
	for _, c := range second.Changes {
		t.Errorf("the second run changes %s again:\n%s", c.Path, c.Diff())
	}
	if a, b := leftSummary(first), leftSummary(second); !slices.Equal(a, b) {
		t.Errorf("the second run leaves\n%s\nthe first\n%s", strings.Join(b, "\n"), strings.Join(a, "\n"))
	}
}

// leftSummary is what is left, without positions, which move.
func leftSummary(res *Result) []string {
	var out []string
	for _, l := range res.Left {
		if l.Detail == "" {
			out = append(out, "no detail for "+l.Path)
		}
		out = append(out, fmt.Sprintf("%s: %s.%s: %s", l.Path, l.Facade, l.Name, l.Reason))
	}
	slices.Sort(out)
	return out
}

func (g *golden) write(t *testing.T, path string, got map[string]string) {
	t.Helper()
	a := &txtar.Archive{Comment: g.archive.Comment}
	for _, f := range g.archive.Files {
		if f.Name != "left" && f.Name != "report" && !strings.HasPrefix(f.Name, "want/") {
			a.Files = append(a.Files, f)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(got)) {
		a.Files = append(a.Files, txtar.File{Name: name, Data: []byte(got[name])})
	}
	if err := os.WriteFile(path, txtar.Format(a), 0o644); err != nil {
		t.Fatal(err)
	}
}
