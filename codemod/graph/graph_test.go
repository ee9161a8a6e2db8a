package graph

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/resolve"
)

func newGraph(files map[string]string) *Graph {
	paths := slices.Sorted(maps.Keys(files))
	var outlines []*pyfile.Outline
	for _, path := range paths {
		outlines = append(outlines, pyfile.Scan([]byte(files[path])))
	}
	return New(resolve.NewIndex(paths, []string{""}), outlines, Read)
}

// failing spells what fails: entry, importer and name.
func failing(g *Graph) string {
	var out []string
	for entry, failures := range g.Simulate().Failures {
		for _, f := range failures {
			out = append(out, entry+": "+f.Importer+" "+f.Module+"."+f.Name)
		}
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

// Which cold imports meet a module half initialised.
func TestFailures(t *testing.T) {
	tests := []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"no circle", map[string]string{"a.py": "from b import x\n", "b.py": "x = 1\n"}, ""},
		{"bound before", map[string]string{"a.py": "x = 1\nfrom b import y\n", "b.py": "from a import x\ny = 1\n"}, "b: a b.y"},
		{"both fail", map[string]string{"a.py": "from b import y\nx = 1\n", "b.py": "from a import x\ny = 1\n"}, "a: b a.x, b: a b.y"},
		{"modules only", map[string]string{"a.py": "import b\n", "b.py": "import a\n"}, ""},
		{"in a function", map[string]string{"a.py": "from b import y\nx = 1\n", "b.py": "def f():\n    from a import x\ny = 1\n"}, ""},
		{"for types", map[string]string{"a.py": "from b import y\nx = 1\n", "b.py": "if TYPE_CHECKING:\n    from a import x\ny = 1\n"}, ""},
		{"expected", map[string]string{"a.py": "from b import y\nx = 1\n", "b.py": "try:\n    from a import x\nexcept ImportError:\n    x = None\ny = 1\n"}, "b: a b.y"},
		{"package first", map[string]string{"p/__init__.py": "from .m import y\nx = 1\n", "p/m.py": "from p import x\ny = 1\n"}, "p.m: p.m p.x, p: p.m p.x"},
		{"submodule", map[string]string{"p/__init__.py": "from p import m\n", "p/m.py": "from p import n\n", "p/n.py": ""}, ""},
		{"from outside", map[string]string{"a.py": "from b import y\nx = 1\n", "b.py": "from a import x\ny = 1\n", "c.py": "import b\n"}, "a: b a.x, b: a b.y, c: a b.y"},
		{"star", map[string]string{"a.py": "from c import *\nfrom b import y\n", "b.py": "from a import x\ny = 1\n", "c.py": "x = 1\n"}, "b: a b.y"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := failing(newGraph(tt.files)); got != tt.want {
				t.Errorf("fails %q, want %q", got, tt.want)
			}
		})
	}
}

// A changed outline changes the answers, and can be asked about without it.
func TestSet(t *testing.T) {
	g := newGraph(map[string]string{"a.py": "from b import y\nx = 1\n", "b.py": "y = 1\n", "c.py": "import a\n"})
	if got := failing(g); got != "" {
		t.Fatal(got)
	}
	g.Set("b.py", pyfile.Scan([]byte("from a import x\ny = 1\n")))
	failures := g.Simulate().Failures
	if len(failures["c"]) != 1 || failures["c"][0].At != "a" {
		t.Fatalf("c fails with %v", failures["c"])
	}
	f := failures["c"][0]
	if g.FailsWith(f, "b.py", pyfile.Scan([]byte("y = 1\n"))) {
		t.Error("without the circle it fails too")
	}
	if !g.FailsWith(f, "c.py", pyfile.Scan([]byte("import a.x\nimport a\n"))) || g.FailsWith(f, "c.py", pyfile.Scan([]byte("import d\n"))) {
		t.Error("another text of the entry is not looked at")
	}
	if !g.Fails(f) {
		t.Error("asking changed the graph")
	}
}

// What an import executes, and who leads to whom.
func TestClosure(t *testing.T) {
	g := newGraph(map[string]string{"p/__init__.py": "from .a import x\n", "p/a.py": "import q\n", "p/b.py": "", "q.py": "from p import b\n", "r.py": "import p.b\n"})
	if got := strings.Join(g.Closure("r"), " "); got != "p p.a p.b q r" {
		t.Errorf("r executes %q", got)
	}
	if !g.Circular("p", "q") || g.Circular("p", "r") {
		t.Error("Circular is wrong")
	}
	if !g.Reaches("p.a", "p") || g.Reaches("p.b", "p") {
		t.Error("Reaches is wrong")
	}
}

// A name that nothing binds is told as missing, which by itself is no failure:
// what the import binds is compared all the same.
func TestMissing(t *testing.T) {
	sim := newGraph(map[string]string{"a.py": "import b\n", "b.py": "from a import x\n"}).Simulate()
	// Entered at b, a has run before b goes on, and has no x.
	if f := sim.Failures["b"]; len(f) != 1 || !f[0].Missing || sim.fails("b") {
		t.Errorf("importing b shows %v, and fails: %t", f, sim.fails("b"))
	}
	if !sim.fails("a") {
		t.Error("entered at a, b meets a half initialised, and nothing is said of it")
	}
}
