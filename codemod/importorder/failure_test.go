package importorder

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/resolve"
)

func newProgram(texts map[string]string) *Program {
	paths := slices.Sorted(maps.Keys(texts))
	var files []File
	for _, path := range paths {
		files = append(files, File{Outline: pyfile.Scan([]byte(texts[path]))})
	}
	return Of(context.Background(), resolve.NewIndex(paths, []string{""}), files, nil, nil)
}

// failing spells what fails: entry, importer and name.
func failing(p *Program) string {
	var out []string
	for entry, failures := range p.Failures(nil) {
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
			if got := failing(newProgram(tt.files)); got != tt.want {
				t.Errorf("fails %q, want %q", got, tt.want)
			}
		})
	}
}

// Another text of a file makes another program, and leaves the first as it is.
func TestWith(t *testing.T) {
	p := newProgram(map[string]string{"a.py": "from b import y\nx = 1\n", "b.py": "y = 1\n", "c.py": "import a\n"})
	other := p.With(map[int]File{1: {Outline: pyfile.Scan([]byte("from a import x\ny = 1\n"))}}, nil)
	failures := other.Failures(p)["c"]
	if len(failures) != 1 || failures[0].At != "a" {
		t.Fatalf("c fails with %v", failures)
	}
	if p.Fails(failures[0]) || !other.Fails(failures[0]) {
		t.Error("the programs do not differ")
	}
	if got := failing(p); got != "" {
		t.Error(got)
	}
	if len(other.Failures(other)) != 0 {
		t.Error("a program differs from itself")
	}
}

// What an import executes, and who leads to whom.
func TestClosure(t *testing.T) {
	g := newProgram(map[string]string{"p/__init__.py": "from .a import x\n", "p/a.py": "import q\n", "p/b.py": "", "q.py": "from p import b\n", "r.py": "import p.b\n"})
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
	p := newProgram(map[string]string{"a.py": "import b\n", "b.py": "from a import x\n"})
	// Entered at b, a has run before b goes on, and has no x.
	if f := p.Failures(nil)["b"]; len(f) != 1 || !f[0].Missing || p.failsHard("b") {
		t.Errorf("importing b shows %v, and fails: %t", f, p.failsHard("b"))
	}
	if !p.failsHard("a") {
		t.Error("entered at a, b meets a half initialised, and nothing is said of it")
	}
}

// A long simulation hears that its context has ended.
func TestStopped(t *testing.T) {
	const modules = 600
	texts := map[string]string{}
	for i := range modules {
		texts[fmt.Sprintf("m%d.py", i)] = fmt.Sprintf("from m%d import *\nfrom m%d import *\nx%d = 1\n", (i+1)%modules, (i+7)%modules, i)
	}
	p := newProgram(texts)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	p.ctx = ctx
	p.Failures(nil)
	if kept := len(p.nodes["m0"].comp.runs); kept > 0 {
		t.Errorf("%d of %d imports were simulated, and what they came to is kept", kept, modules)
	}
}
