package bot

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/plan"
	"github.com/canonicalize/canonicalize/codemod"
)

var update = flag.Bool("update", false, "write the golden files")

// said makes a pass that knows enough to write a body.
func said(names int, left []codemod.Left, paths ...string) (*pass, *plan.Chunk) {
	p := &pass{
		out: &Outcome{Head: strings.Repeat("b", 40)}, conf: config.Default(),
		changes: make(map[string]codemod.Change), left: make(map[string][]codemod.Left), result: &codemod.Result{Left: left},
		absent: map[string]string{"@acme/secret": "the team does not exist, is secret, or has no access to the repository"},
	}
	for _, l := range left {
		p.left[l.Path] = append(p.left[l.Path], l)
	}
	var files []plan.File
	for i, path := range paths {
		c := codemod.Change{Executes: 458, Retired: 27, Path: path}
		for n := range names {
			c.Names = append(c.Names, codemod.Rewritten{Facade: "shop.models", Name: fmt.Sprintf("Name%d", n), Home: fmt.Sprintf("shop.models.name%d:Name%d", n, n)})
		}
		if i == 0 {
			c.Names = append(c.Names, codemod.Rewritten{Facade: "shop.app", Name: "tsdb", Home: "shop.tsdb"},
				codemod.Rewritten{Facade: "shop.app", Name: "limiter", Home: "shop.limits:backend"})
		}
		p.changes[path] = c
		files = append(files, plan.File{Path: path, Names: len(c.Names), Lines: 4, Digest: digest([]byte(path)), Before: digest([]byte("x" + path)),
			Facades: []string{"shop.app", "shop.models"}, Owners: []string{"@acme/billing", "@acme/secret"}})
	}
	c := plan.Chunks(files, nil, plan.Limits{BranchPrefix: "canonicalize/"})[0]
	c.Body = p.bodyDigest(&c)
	return p, &c
}

func TestBody(t *testing.T) {
	p, c := said(2, []codemod.Left{
		{Path: "src/billing/invoice.py", Line: 12, Column: 1, Facade: "shop.models", Name: "Old|Name", Reason: codemod.Dynamic},
		{Path: "src/billing/invoice.py", Line: 30, Column: 5, Facade: "shop.app", Name: "conf", Reason: codemod.ImportCycle, Detail: "shop.tsdb\nimports it back."},
		{Path: "src/elsewhere.py", Line: 1, Column: 1, Facade: "shop.app", Name: "conf", Reason: codemod.Dynamic},
	}, "src/billing/invoice.py", "src/billing/it's.py")
	text, err := p.text(c, strings.Repeat("a", 40))
	if err != nil {
		t.Fatal(err)
	}
	got := text.title + "\n\n" + text.body
	const golden = "testdata/body.md"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the body is another one; look at it with -update:\n%s", got)
	}
}

// TestBodyIsCapped: a body too long keeps its shape, its marker and its most
// important parts, and says what is missing.
func TestBodyIsCapped(t *testing.T) {
	var paths []string
	var left []codemod.Left
	for i := range 30 {
		path := fmt.Sprintf("src/%s/f%d.py", strings.Repeat("long/", 20), i)
		paths = append(paths, path)
		for j := range 40 {
			left = append(left, codemod.Left{Path: path, Line: j, Column: 1, Facade: "shop.models", Name: "𝒩ame", Reason: codemod.Dynamic})
		}
	}
	p, c := said(900, left, paths...)
	text, err := p.text(c, "")
	if err != nil {
		t.Fatal(err)
	}
	if n := units(text.body); n > github.MaxBody || n < github.MaxBody-1000 {
		t.Errorf("%d characters", n)
	}
	if github.Cap(text.body) != text.body {
		t.Error("the client would cut it again")
	}
	for _, word := range []string{"instead of through", "### How it was checked", "### What you can do", "</details>", "lines of this text left out"} {
		if !strings.Contains(text.body, word) {
			t.Errorf("%q is missing", word)
		}
	}
	if m, ok := plan.ParseMarker(text.body); !ok || len(m.Files) != 30 {
		t.Error("the marker is missing")
	}
	if strings.Count(text.body, "```")%2 != 0 {
		t.Error("a code block is open")
	}
}

// TestBodyDigest: it changes with what a reader would see, not with lines that move.
func TestBodyDigest(t *testing.T) {
	at := func(line int, name string) string {
		_, c := said(1, []codemod.Left{{Path: "a.py", Line: line, Facade: "shop.app", Name: name, Reason: codemod.Dynamic}}, "a.py")
		return c.Body
	}
	if at(1, "x") != at(2, "x") || at(1, "x") == at(1, "y") {
		t.Error("digests")
	}
}

func TestShellWord(t *testing.T) {
	for in, want := range map[string]string{"src/a_b-1.py": "src/a_b-1.py", "a b": "'a b'", "it's": `'it'\''s'`, "$(x)": "'$(x)'", "": "''"} {
		if got := shellWord(in); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}
