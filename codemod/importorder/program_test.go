package importorder

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

func (p parsed) Bindings(path string) *pyfile.Module {
	o := pyfile.Scan([]byte(p.texts[path]))
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

func (c *changing) files() (*resolve.Index, []File) {
	var files []File
	paths := slices.Sorted(maps.Keys(c.texts))
	for _, path := range paths {
		files = append(files, File{c.outline(path), c.texts[path]})
	}
	return resolve.NewIndex(paths, []string{""}), files
}

// What was found out about modules is used again only where it holds: a program
// that shares a memo with others says the same as one that has its own,
// whatever changed.
func TestMemo(t *testing.T) {
	kept := 0
	for seed := range uint64(400) {
		c, memo := newChanging(seed), NewMemo()
		for range 25 {
			for range 1 + c.IntN(2) {
				c.change()
			}
			index, files := c.files()
			shared := Of(context.Background(), index, files, c.parsed, memo)
			for _, n := range shared.order {
				if n.outcome != nil {
					kept++
				}
			}
			comparePrograms(t, c, shared, Of(context.Background(), index, files, c.parsed, nil))
			if memo = memo.Rested(shared); c.IntN(3) == 0 {
				place := c.IntN(len(files))
				shared.With(map[int]File{place: files[c.IntN(len(files))]}, c.parsed).Failures(shared)
			}
		}
	}
	if kept < 10_000 {
		t.Errorf("only %d outcomes were kept: the test has nothing to see", kept)
	}
}

func comparePrograms(t *testing.T, c *changing, shared, fresh *Program) {
	t.Helper()
	if got, want := shared.Failures(nil), fresh.Failures(nil); !reflect.DeepEqual(got, want) {
		t.Fatalf("%v\nfails %v\nand not %v", c.texts, got, want)
	}
	prints := func(p *Program) (out []uint64) {
		compared := Compare(p, p, nil)
		for _, n := range p.order {
			for _, m := range p.order {
				sum, _ := compared.print(p, n.Name, m.Name)
				out = append(out, sum)
			}
		}
		return out
	}
	if got, want := prints(shared), prints(fresh); !slices.Equal(got, want) {
		t.Fatalf("%v\nis bound to %v\nand not %v", c.texts, got, want)
	}
	for _, module := range modules {
		is, ok := shared.Settled(module, "u")
		if o, there := fresh.Settled(module, "u"); is != o || ok != there {
			t.Fatalf("%v\n%s.u settles to %v and not %v", c.texts, module, is, o)
		}
	}
}

// A `__getattr__` that gives what its own module gives is asked once.
func TestComputedLoop(t *testing.T) {
	texts := map[string]string{"ax.py": "from b import u\n", "b.py": "def __getattr__(name): ...\n"}
	p := newProgram(texts)
	p.facts = parsed{texts, map[string]*pyfile.Module{}}
	if o, ok := p.Settled("ax", "u"); ok && o.Module != "ax" && o.Module != "b" {
		t.Errorf("ax.u settles to %v", o)
	}
}
