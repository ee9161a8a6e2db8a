package description

import (
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/plan"
	"github.com/canonicalize/canonicalize/bot/words"
	"github.com/canonicalize/canonicalize/codemod"
)

var update = flag.Bool("update", false, "write the golden files")

// said makes a writer, and a chunk that it can write about.
func said(names int, left []codemod.Left, paths ...string) (*Writer, *plan.Chunk) {
	w := &Writer{
		Base: strings.Repeat("b", 40), Conf: config.Default(),
		Changes: make(map[string]codemod.Change), Left: make(map[string][]codemod.Left),
		Absent: map[string]string{"@acme/secret": "the team does not exist, is secret, or has no access to the repository"},
	}
	for _, l := range left {
		w.Left[l.Path] = append(w.Left[l.Path], l)
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
		w.Changes[path] = c
		files = append(files, plan.File{Path: path, Names: c.DistinctNames(), Readings: len(c.Names), Lines: 4, Digest: digest(path), Before: digest("x" + path),
			Facades: []string{"shop.app", "shop.models"}, Owners: []string{"@acme/billing", "@acme/secret"}})
	}
	c := plan.Chunks(files, nil, plan.Limits{BranchPrefix: "canonicalize/"})[0]
	c.Reviewers = []string{"@acme/billing"} // the other one cannot be asked
	c.Body = w.Digest(&c)
	return w, &c
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

func TestBody(t *testing.T) {
	w, c := said(2, []codemod.Left{
		{Path: "src/billing/invoice.py", Line: 12, Column: 1, Facade: "shop.models", Name: "Old|Name", Reason: codemod.Dynamic},
		{Path: "src/billing/invoice.py", Line: 30, Column: 5, Facade: "shop.app", Name: "conf", Reason: codemod.ImportCycle, Detail: "shop.tsdb\nimports it back."},
		{Path: "src/elsewhere.py", Line: 1, Column: 1, Facade: "shop.app", Name: "conf", Reason: codemod.Dynamic},
	}, "src/billing/invoice.py", "src/billing/it's.py")
	text, err := w.Text(c, strings.Repeat("a", 40))
	if err != nil {
		t.Fatal(err)
	}
	got := text.Title + "\n\n" + text.Body
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
	w, c := said(900, left, paths...)
	text, err := w.Text(c, "")
	if err != nil {
		t.Fatal(err)
	}
	if n := words.Units(text.Body); n > github.MaxBody || n < github.MaxBody-1000 {
		t.Errorf("%d characters", n)
	}
	if github.Cap(text.Body) != text.Body {
		t.Error("the client would cut it again")
	}
	for _, word := range []string{"merge it when the checks are green", "### How it was checked", "### What you can do", "</details>", "lines of this text left out"} {
		if !strings.Contains(text.Body, word) {
			t.Errorf("%q is missing", word)
		}
	}
	if m, ok := plan.ParseMarker(text.Body); !ok || len(m.Files) != 30 {
		t.Error("the marker is missing")
	}
	if strings.Count(text.Body, "```")%2 != 0 {
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

// What a body has no room for is in comments, in the order that it had, and
// nothing is lost: every row is in the body or in one of them.
func TestRestOfALongBody(t *testing.T) {
	var table strings.Builder
	table.WriteString("| name | read through |\n|---|---|\n")
	const rows = 4000
	for i := range rows {
		fmt.Fprintf(&table, "| `Name%04d` | `%s` |\n", i, strings.Repeat("facade.", 5))
	}
	body, rest := assemble([]string{"First.\n", table.String(), "Last.\n"}, "<!-- marker -->", github.MaxBody)
	if n := words.Units(body); n > github.MaxBody {
		t.Errorf("the body has %d characters", n)
	}
	comments := Pages(rest, github.MaxBody)
	if len(comments) < 2 {
		t.Fatalf("%d comments for %d lines", len(comments), len(rest))
	}
	all := body
	for _, c := range comments {
		if n := words.Units(c); n > github.MaxBody-100 {
			t.Errorf("a comment has %d characters", n)
		}
		all += c
	}
	last := -1
	for i := range rows {
		at := strings.Index(all, fmt.Sprintf("`Name%04d`", i))
		if at < last {
			t.Fatalf("row %d is missing or before the one above it", i)
		}
		last = at
	}
}
