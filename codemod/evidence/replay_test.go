package evidence

import (
	"flag"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

var replay = flag.String("evidence.replay", "testdata/cases", "folder of programs to run again")

// caseHeader is the line of a program's comment that says how to run it, as
// report writes it.
var caseHeader = regexp.MustCompile(`facades ([\w. ]+), source roots \[(.*)\] \(found: (\w+)\), acyclic: (\w+)`)

// caseExtras is a further line, which programs may have whose rules say more.
var caseExtras = regexp.MustCompile(`Stop at: ([\w. ]*); homes: ([\w.:= ]*); upstream: (\w*)\.`)

// caseKinds is the line that kindsLine writes.
var caseKinds = regexp.MustCompile(`Kinds: ([\w. -]*); replaced: ([\w. ]*)\.\n`)

// Programs that once failed mean the same before and after.
func TestReplay(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(*replay, "*.txtar"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no programs in %s (%v)", *replay, err)
	}
	python := startPython(t)
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			p := readProgram(t, path)
			found, _ := p.try(python)
			for _, f := range found {
				t.Error(f)
			}
		})
	}
}

// readProgram reads a program as report wrote it; what became of its files is
// not read.
func readProgram(t *testing.T, path string) *program {
	t.Helper()
	a, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head := caseHeader.FindStringSubmatch(string(a.Comment))
	if head == nil {
		t.Fatalf("%s: the comment does not say: facades F, source roots [\"\"] (found: false), acyclic: true", path)
	}
	p := &program{facades: strings.Fields(head[1]), found: head[3] == "true", acyclic: head[4] == "true", loose: true}
	for _, root := range strings.Fields(head[2]) {
		p.roots = append(p.roots, strings.Trim(root, `"`))
	}
	if more := caseExtras.FindStringSubmatch(string(a.Comment)); more != nil {
		p.stops, p.upstream = strings.Fields(more[1]), more[3]
		p.homes = map[string]string{}
		for _, home := range strings.Fields(more[2]) {
			key, value, _ := strings.Cut(home, "=")
			p.homes[key] = value
		}
	}
	if kinds := caseKinds.FindStringSubmatch(string(a.Comment)); kinds != nil {
		p.kindsRead = strings.Fields(kinds[1])
		for _, name := range strings.Fields(kinds[2]) {
			p.replaced = append(p.replaced, ref{facade: parentOf(name), name: name[strings.LastIndexByte(name, '.')+1:]})
		}
	}
	for _, f := range a.Files {
		if !strings.HasPrefix(f.Name, "after/") {
			p.files = append(p.files, &pyModule{path: f.Name, name: moduleOf(f.Name, p.roots), body: []stmt{{text: string(f.Data)}}})
		}
	}
	for _, f := range p.files {
		if f.isStub() && p.module(f.dotted()) == nil {
			f.name = f.dotted()
		}
	}
	return p
}
