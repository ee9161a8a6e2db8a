package resolve

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
)

// tree is the facts of files given as text.
type tree struct {
	files    map[string]string
	outlines map[string]*pyfile.Outline
	modules  map[string]*pyfile.Module
}

func newTree(files map[string]string) *tree {
	t := &tree{files: files, outlines: map[string]*pyfile.Outline{}, modules: map[string]*pyfile.Module{}}
	p := pyfile.NewParser()
	defer p.Close()
	for path, src := range files {
		t.outlines[path] = pyfile.Scan([]byte(src))
		t.modules[path], _ = p.Module(context.Background(), []byte(src), t.outlines[path])
	}
	return t
}

func (t *tree) Outline(path string) *pyfile.Outline { return t.outlines[path] }
func (t *tree) Module(path string) *pyfile.Module   { return t.modules[path] }

func (t *tree) resolver(stop []string, homes map[string]Home) *Resolver {
	return New(NewIndex(slices.Sorted(maps.Keys(t.files)), []string{""}), t, stop, homes)
}

var statusNames = map[Status]string{Found: "", NoReexport: "no re-export ", Declared: "declared ", Ambiguous: "ambiguous", Dynamic: "dynamic", OrderDependent: "order-dependent", Unresolved: "unresolved"}

func answer(r Resolution) string {
	out := statusNames[r.Status]
	if r.Home != (Home{}) {
		out += r.Home.String()
	}
	if r.Uncertain {
		out += " uncertain"
	}
	for _, l := range r.Losers {
		out += " not " + l.String()
	}
	return out
}

// Each case asks for names of the module f.
func TestLookup(t *testing.T) {
	base := map[string]string{"a.py": "X = 1\nY = 2\n_p = 3\n", "b.py": "X = 1\n", "p/__init__.py": "", "p/sub.py": "Z = 1\n"}
	tests := []struct {
		name, src string
		want      map[string]string
	}{
		{"import", "from a import X as W, Y\n", map[string]string{"W": "a:X", "Y": "a:Y", "X": "unresolved"}},
		{"star", "from a import *\n", map[string]string{"X": "a:X", "_p": "unresolved"}},
		{"module", "import a\nimport p.sub\nimport p.sub as s\nfrom p import sub as t\n", map[string]string{"a": "a", "p": "p", "s": "p.sub", "t": "p.sub"}},
		{"external", "from os import path\nimport json as j\nfrom typing import *\n", map[string]string{"path": "os:path", "j": "json", "Any": "typing:Any"}},
		{"declared", "X = 1\ndef f(): ...\n", map[string]string{"X": "declared f:X", "f": "declared f:f"}},
		{"last wins", "from a import X\nfrom b import X\n", map[string]string{"X": "b:X not a:X"}},
		{"branches", "if c:\n    from a import X\nelse:\n    from b import X\n", map[string]string{"X": "ambiguous"}},
		{"branches agree", "from b import X\nif c:\n    from a import X\nelse:\n    from a import X\n", map[string]string{"X": "a:X not b:X"}},
		{"one branch", "if c:\n    from a import X\n", map[string]string{"X": "a:X uncertain"}},
		{"maybe overwritten", "from b import X\nif c:\n    from a import X\n", map[string]string{"X": "ambiguous"}},
		{"handler raises", "from b import X\ntry:\n    from a import X\nexcept E:\n    raise\n", map[string]string{"X": "a:X not b:X"}},
		{"deleted", "from a import X\ndel X\n", map[string]string{"X": "unresolved"}},
		{"rebound", "from a import X\ndef f():\n    global X\n    X = 2\n", map[string]string{"X": "ambiguous"}},
		{"typing", "if TYPE_CHECKING:\n    from a import X\nelse:\n    from b import X\n", map[string]string{"X": "b:X"}},
		{"computed", "globals()['X'] = 1\n", map[string]string{"X": "declared f:X", "Y": "unresolved"}},
		{"computed unknown", "globals()[x] = 1\n", map[string]string{"X": "dynamic"}},
		{"table", "from importlib import import_module\nT = {'X': ('a', 'X'), 'W': ('a', 'Y')}\ndef __getattr__(n):\n    m, a = T[n]\n    return getattr(import_module(m), a)\n", map[string]string{"X": "a:X", "W": "a:Y", "V": "dynamic"}},
		{"itself", "from f import X\n", map[string]string{"X": "unresolved"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			files := maps.Clone(base)
			files["f.py"] = tt.src
			r := newTree(files).resolver(nil, nil)
			for name, want := range tt.want {
				if got := answer(r.Lookup("f", name, false)); got != want {
					t.Errorf("f.%s is %q, want %q", name, got, want)
				}
			}
		})
	}
}

// What a reader for type checkers only sees.
func TestLookupTyping(t *testing.T) {
	r := newTree(map[string]string{"a.py": "X = 1\n", "b.py": "X = 1\n", "f.py": "if TYPE_CHECKING:\n    from a import X\nelse:\n    from b import X\n"}).resolver(nil, nil)
	if got := answer(r.Lookup("f", "X", true)); got != "a:X" {
		t.Errorf("X is %q", got)
	}
}

// Circles: what leads back to a name is what the name has by then.
func TestLookupCircles(t *testing.T) {
	tests := []struct {
		name  string
		files map[string]string
		want  map[string]string // "module.name"
	}{
		{"star back", map[string]string{"f/__init__.py": "from .a import *\nfrom .b import *\n", "f/a.py": "A = 1\n", "f/b.py": "from f import A\nB = 1\n"},
			map[string]string{"f.A": "f.a:A", "f.B": "f.b:B"}},
		{"own name before", map[string]string{"f.py": "from m import X\nfrom u import *\n", "m.py": "X = 1\n", "u.py": "X = 2\nfrom f import X\n"},
			map[string]string{"f.X": "m:X not u:X"}},
		{"not bound by then", map[string]string{"f.py": "from u import *\n", "u.py": "X = 2\nfrom f import *\n"},
			map[string]string{"f.X": "u:X"}},
		{"nobody", map[string]string{"f.py": "from g import X\n", "g.py": "from f import X\n"}, map[string]string{"f.X": "unresolved", "g.X": "unresolved"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newTree(tt.files).resolver(nil, nil)
			for dotted, want := range tt.want {
				i := strings.LastIndexByte(dotted, '.')
				got := answer(r.Lookup(dotted[:i], dotted[i+1:], false))
				if got, _, _ = strings.Cut(got, " not"); got != strings.SplitN(want, " not", 2)[0] {
					t.Errorf("%s is %q, want %q", dotted, got, want)
				}
			}
		})
	}
}

// Submodules, stop modules and overrides.
func TestLookupRules(t *testing.T) {
	files := map[string]string{
		"f/__init__.py": "from api import X, W\nfrom .both import both\n", "f/sub.py": "", "f/both.py": "both = 1\n",
		"api.py": "from impl import X, W\n", "impl.py": "X = W = 1\n",
	}
	r := newTree(files).resolver([]string{"api"}, map[string]Home{"f.W": {Module: "else", Attr: "V"}})
	for name, want := range map[string]string{"X": "api:X", "W": "else:V", "sub": "no re-export f.sub", "both": "f.both:both"} {
		if got := answer(r.Lookup("f", name, false)); got != want {
			t.Errorf("f.%s is %q, want %q", name, got, want)
		}
	}
}

// The names of a star import.
func TestPublic(t *testing.T) {
	r := newTree(map[string]string{
		"p/__init__.py": "import os\nfrom .a import x, _y\nfrom .b import *\n", "p/a.py": "x = _y = 1\n",
		"p/b.py": "__all__ = ['c']\n__all__ += d.__all__\nfrom p import d\n", "p/d.py": "__all__ = ('e',)\n",
	}).resolver(nil, nil)
	if got := strings.Join(SortedNames(r.Public("p")), " "); got != "a b c e os x" {
		t.Errorf("p exports %q", got)
	}
	if r.Public("elsewhere") != nil {
		t.Error("a module that is not here exports something")
	}
}

// Modules by path under several source roots, and relative names.
func TestIndex(t *testing.T) {
	x := NewIndex([]string{"src/a/__init__.py", "src/a/b.py", "ns/c.py", "ns/d/e.pyi", "ns/d/e.py", "bin/run"}, []string{"", "src"})
	for name, path := range map[string]string{"a": "src/a/__init__.py", "a.b": "src/a/b.py", "ns.c": "ns/c.py", "ns.d.e": "ns/d/e.py", "ns": "", "ns.d": ""} {
		if m := x.Module(name); m == nil || m.Path != path {
			t.Errorf("%s is %+v, want %s", name, m, path)
		}
	}
	b := x.Module("a.b")
	for _, tt := range []struct {
		level        int
		module, want string
		ok           bool
	}{{0, "z", "z", true}, {1, "", "a", true}, {1, "c", "a.c", true}, {2, "", "", false}} {
		if got, ok := b.Absolute(tt.level, tt.module); got != tt.want || ok != tt.ok {
			t.Errorf("%d dots and %q: %q, %t", tt.level, tt.module, got, ok)
		}
	}
	if !x.Internal("ns.gone") || x.Internal("os") {
		t.Error("Internal is wrong")
	}
}

// Source roots from configuration and layout.
func TestRoots(t *testing.T) {
	paths := []string{"lib/x/__init__.py", "pkg/src/y/__init__.py", "setup.cfg", "src/z/__init__.py", "tests/t.py"}
	config := map[string]string{
		"pyproject.toml": "[tool.pytest.ini_options]\npythonpath = [\"tests\", \"gone\"]\n",
		"setup.cfg":      "[options]\npackage_dir =\n    = lib\n",
	}
	got := Roots(paths, func(p string) ([]byte, bool) { s, ok := config[p]; return []byte(s), ok })
	if want := []string{"", "lib", "pkg/src", "src", "tests"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// A project in a folder of its own is a source root, unless another has a package of the same name.
func TestRootsOfProjects(t *testing.T) {
	paths := []string{
		"a/common/__init__.py", "a/setup.py", "b/common/__init__.py", "b/lib/__init__.py", "b/setup.py", "c/pkg/__init__.py",
		"site/manage.py", "site/shop/__init__.py", "site/shop/setup.py", "site/shop/sub/__init__.py",
	}
	read := func(p string) ([]byte, bool) { return nil, slices.Contains(paths, p) }
	if got, want := Roots(paths, read), []string{"", "site"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := Roots(paths[2:], read), []string{"", "b", "site"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
