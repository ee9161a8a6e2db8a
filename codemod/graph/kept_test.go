package graph

import (
	"context"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/resolve"
)

// parsed are the facts of a tree: all that a parser knows, of every file that
// somebody asks for, or of those only that are known.
type parsed struct {
	texts map[string]string
	cache map[string]*pyfile.Module // by text
}

func (p parsed) Known(path string) bool { return strings.Contains(path, "x") }

func (p parsed) Bindings(path string, o *pyfile.Outline) *pyfile.Module {
	m, ok := p.cache[p.texts[path]]
	if !ok {
		ps := pyfile.NewParser()
		defer ps.Close()
		m, _ = ps.Module(context.Background(), []byte(p.texts[path]), o)
		p.cache[p.texts[path]] = m
	}
	return m
}

func (p parsed) All(module string) ([]string, bool) {
	path := strings.ReplaceAll(module, ".", "/")
	for _, path := range []string{path + ".py", path + "/__init__.py", path + ".pyi"} {
		if _, list, ok := strings.Cut(p.texts[path], "__all__ = ['"); ok {
			return []string{list[:1]}, true
		}
	}
	return nil, false
}

func (p parsed) Computed(module, name string) (o Object, there, known bool) {
	return Object{"ax", name}, name != "v", true
}

// changing is a small tree that changes at random.
type changing struct {
	*rand.Rand
	parsed
	outlines map[string]*pyfile.Outline // by text
}

func newChanging(seed uint64) *changing {
	return &changing{rand.New(rand.NewPCG(seed, 2)), parsed{map[string]string{"run": "import ax\n"}, map[string]*pyfile.Module{}}, map[string]*pyfile.Outline{}}
}

func (c *changing) pick(list ...string) string { return list[c.IntN(len(list))] }

var modules = []string{"ax", "b", "c", "p", "p.d", "p.ex", "p.q", "p.q.f", "s"}

func (c *changing) line() string {
	module, name := c.pick(modules...), c.pick("u", "v", "w", "d", "ex", "q")
	return c.pick(
		"from "+module+" import "+name, "from "+module+" import *", "import "+module, name+" = 1", "# "+name,
		"try:\n    from "+module+" import "+name+"\nexcept ImportError:\n    "+name+" = 2",
		"if x:\n    from "+module+" import "+name, "del "+name, "for "+name+" in y: pass", "__all__ = ['"+name[:1]+"']",
		"def __getattr__(name): ...", "class C:\n    from "+module+" import "+name,
	) + "\n"
}

func (c *changing) change() {
	name := c.pick(modules...)
	path := strings.ReplaceAll(name, ".", "/") + ".py"
	if name == "p" || name == "p.q" {
		path = strings.TrimSuffix(path, ".py") + "/__init__.py"
	}
	if name == "s" {
		path = "s.pyi"
	}
	switch lines := strings.SplitAfter(c.texts[path], "\n"); c.IntN(5) {
	case 0:
		delete(c.texts, path)
	case 1:
		c.texts[path] = c.line() + c.line() + c.line()
	default:
		c.texts[path] = strings.Join(slices.Insert(lines, c.IntN(len(lines)), c.line()), "")
	}
}

// outline is the same for the same text.
func (c *changing) outline(path string) *pyfile.Outline {
	text := c.texts[path]
	if c.outlines[text] == nil {
		c.outlines[text] = pyfile.Scan([]byte(text))
	}
	return c.outlines[text]
}

func (c *changing) index() (*resolve.Index, []*pyfile.Outline) {
	var outlines []*pyfile.Outline
	paths := slices.Sorted(maps.Keys(c.texts))
	for _, path := range paths {
		outlines = append(outlines, c.outline(path))
	}
	return resolve.NewIndex(paths, []string{""}), outlines
}

// wonder asks a graph what would be if a file were another.
func (c *changing) wonder(g *Graph) {
	paths := slices.Sorted(maps.Keys(c.texts))
	path := c.pick(paths...)
	was := g.paths[path].now()
	g.Set(path, c.outline(c.pick(paths...)))
	if c.IntN(2) == 0 {
		g.Simulate().Observe()
	}
	g.Set(path, was)
}

// What was found out about modules is used again only where it holds: a graph
// that is updated says the same as one that is made anew, whatever changed.
func TestUpdate(t *testing.T) {
	kept := 0
	for seed := range uint64(400) {
		c := newChanging(seed)
		old := New(resolve.NewIndex(nil, []string{""}), nil, Read)
		for range 25 {
			for range 1 + c.IntN(2) {
				c.change()
			}
			index, outlines := c.index()
			old.Update(index, outlines)
			old.Begin(c.parsed)
			for _, n := range old.order {
				if n.outcome != nil {
					kept++
				}
			}
			if c.IntN(3) == 0 {
				c.wonder(old)
			}
			fresh := New(index, outlines, Read)
			fresh.Begin(c.parsed)
			compareGraphs(t, c, old, fresh)
			old.Rest()
		}
	}
	if kept < 10_000 {
		t.Errorf("only %d outcomes were kept: the test has nothing to see", kept)
	}
}

func compareGraphs(t *testing.T, c *changing, old, fresh *Graph) {
	t.Helper()
	got, want := old.Simulate(), fresh.Simulate()
	got.Observe()
	want.Observe()
	if !reflect.DeepEqual(got.Failures, want.Failures) {
		t.Fatalf("%v\nfails %v\nand not %v", c.texts, got.Failures, want.Failures)
	}
	if !maps.Equal(got.alone, want.alone) || !reflect.DeepEqual(got.prints, want.prints) {
		t.Fatalf("%v\nis %v %v\nand not %v %v", c.texts, got.alone, got.prints, want.alone, want.prints)
	}
	for entry, failures := range got.Failures {
		for _, f := range failures {
			path := old.nodes[entry].mod.Path
			o := c.outline(c.pick(slices.Sorted(maps.Keys(c.texts))...))
			if is, would := old.FailsWith(f, path, o), fresh.FailsWith(f, path, o); is != would {
				t.Fatalf("%v\nimporting %s with another text would show %v: %t", c.texts, entry, f, is)
			}
		}
	}
	for _, module := range modules {
		is, ok := old.Settled(module, "u")
		if o, there := fresh.Settled(module, "u"); is != o || ok != there {
			t.Fatalf("%v\n%s.u settles to %v and not %v", c.texts, module, is, o)
		}
	}
}

// A `__getattr__` that gives what its own module gives is asked once.
func TestComputedLoop(t *testing.T) {
	texts := map[string]string{"ax.py": "from b import u\n", "b.py": "def __getattr__(name): ...\n"}
	g := newGraph(texts)
	g.Begin(parsed{texts, map[string]*pyfile.Module{}})
	g.Simulate().Observe()
	if o, ok := g.Settled("ax", "u"); ok && o.Module != "ax" && o.Module != "b" {
		t.Errorf("ax.u settles to %v", o)
	}
}
