package importgraph

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// shop is a package whose facade imports three modules, one of which drags a fourth and something from outside.
func shop() *Graph {
	return New([]Module{
		{Name: "shop", Path: "shop/__init__.py"},
		{Name: "shop.models", Path: "shop/models/__init__.py", Imports: []Import{
			{Line: 1, Runs: []string{"shop.models.user"}},
			{Line: 2, Runs: []string{"shop.models.order", "shop.models.audit"}},
		}},
		{Name: "shop.models.user", Path: "shop/models/user.py"},
		{Name: "shop.models.order", Path: "shop/models/order.py", Imports: []Import{
			{Line: 3, Runs: []string{"shop.tax"}},
			{Line: 4, Runs: []string{"shop.models.user"}, Deferred: true},
		}},
		{Name: "shop.models.audit", Path: "shop/models/audit.py"},
		{Name: "shop.tax", Path: "shop/tax.py", Imports: []Import{{Line: 1, Runs: []string{"decimal.context"}}}},
		{Name: "tests.test_user", Path: "tests/test_user.py", Imports: []Import{{Line: 5, Runs: []string{"shop.models.user"}}, {Line: 9, Runs: []string{"shop.models.user"}}}},
		{Name: "tests.test_tax", Path: "tests/test_tax.py", Imports: []Import{{Line: 2, Runs: []string{"shop.tax"}, Deferred: true}}},
	})
}

// The packages above a module run before it, a folder without an __init__.py runs nothing, and what is outside of the tree does not count.
func TestClosure(t *testing.T) {
	want := []string{"shop", "shop.models", "shop.models.audit", "shop.models.order", "shop.models.user", "shop.tax"}
	if got := shop().Closure("shop.models.user"); !slices.Equal(got, want) {
		t.Errorf("importing a module below the facade executes %v, want %v", got, want)
	}
	if got := shop().Without("shop.models").Closure("shop.models.user"); !slices.Equal(got, []string{"shop", "shop.models", "shop.models.user"}) {
		t.Errorf("once the facade is retired it executes %v", got)
	}
}

// Why: the statement that is nearest, with its line and those that say the same; a package above is a link of its own at the beginning only.
func TestChains(t *testing.T) {
	g := shop()
	for _, c := range []struct {
		from, to string
		want     string
	}{
		{"tests.test_user", "shop.tax", "tests.test_user:5[9]→shop.models shop.models:2[]→shop.models.order shop.models.order:3[]→shop.tax"},
		{"shop.models.user", "shop.models.audit", "shop.models.user:0[]→shop.models shop.models:2[]→shop.models.audit"},
		{"shop.tax", "decimal", "shop.tax:1[]→decimal"},
		{"tests.test_tax", "shop.tax", ""},
		{"shop.tax", "shop.models.user", ""},
	} {
		chains, _ := g.Chains(c.from, c.to, 1)
		got := ""
		if len(chains) > 0 {
			got = chainText(chains[0])
		}
		if got != c.want {
			t.Errorf("%s → %s: %q, want %q", c.from, c.to, got, c.want)
		}
	}
}

func chainText(c Chain) string {
	var steps []string
	for _, s := range c {
		steps = append(steps, fmt.Sprintf("%s:%d%v→%s", s.Module, s.Line, s.Also, s.Runs))
	}
	return strings.Join(steps, " ")
}

// A cut saves what is executed because of it alone: this is the definition, tried out on random graphs by taking each statement away.
func TestCutsSaveWhatTheySay(t *testing.T) {
	for seed := range uint64(200) {
		modules := random(seed)
		g := New(modules)
		start := modules[0].Name
		before := len(g.Closure(start))
		for _, c := range g.Cuts(start, 1000) {
			if after := len(New(without(modules, c)).Closure(start)); before-after != c.Saves {
				t.Fatalf("seed %d: without %+v, %d of %d modules are executed", seed, c, after, before)
			}
		}
	}
}

// What no cut is told for saves nothing.
func TestNoCutIsMissing(t *testing.T) {
	for seed := range uint64(100) {
		modules := random(seed)
		g := New(modules)
		start := modules[0].Name
		told := map[[2]any]bool{}
		for _, c := range g.Cuts(start, 1000) {
			told[[2]any{c.Module, c.Line}] = true
		}
		before := len(g.Closure(start))
		for _, m := range modules {
			for _, imp := range m.Imports {
				after := len(New(without(modules, Cut{Module: m.Name, Line: imp.Line})).Closure(start))
				if after < before && !told[[2]any{m.Name, imp.Line}] {
					t.Fatalf("seed %d: line %d of %s saves %d and is not told", seed, imp.Line, m.Name, before-after)
				}
			}
		}
	}
}

// The figures of all modules at once are those of each.
func TestCountsAreClosures(t *testing.T) {
	for seed := range uint64(100) {
		g := New(random(seed))
		for name, count := range g.Counts() {
			if want := len(g.Closure(name)); count != want {
				t.Fatalf("seed %d: %s executes %d modules, and %d counted alone", seed, name, count, want)
			}
		}
	}
}

// Every chain is one of the graph, none comes twice, and they get longer; all of them are found.
func TestAllChains(t *testing.T) {
	for seed := range uint64(100) {
		modules := random(seed)[:8]
		g := New(modules)
		from, to := modules[0].Name, modules[5].Name
		chains, more := g.Chains(from, to, 1_000_000)
		seen := map[string]bool{}
		for i, c := range chains {
			text := chainText(c)
			if seen[text] || i > 0 && len(c) < len(chains[i-1]) {
				t.Fatalf("seed %d: %s comes twice, or late", seed, text)
			}
			seen[text] = true
		}
		if want := g.countSimple(g.ids[from], g.ids[to], map[int]bool{}); more || len(chains) != want {
			t.Fatalf("seed %d: %d chains (more: %v), counted %d", seed, len(chains), more, want)
		}
	}
}

// countSimple counts the ways without a module that comes twice.
func (g *Graph) countSimple(n, goal int, open map[int]bool) (count int) {
	if n == goal {
		return 1
	}
	targets, _ := g.next(n)
	if len(open) == 0 {
		targets = append(targets, g.nodes[n].above...)
	}
	slices.Sort(targets)
	open[n] = true
	for _, m := range slices.Compact(targets) {
		if !open[m] {
			count += g.countSimple(m, goal, open)
		}
	}
	delete(open, n)
	return count
}

// random makes twelve modules in three packages, with statements on lines of their own.
func random(seed uint64) (modules []Module) {
	r := rand.New(rand.NewPCG(seed, 1))
	var names []string
	for p := range 3 {
		pkg := fmt.Sprintf("p%d", p)
		names = append(names, pkg, pkg+".a", pkg+".b", pkg+".c")
	}
	for _, name := range names {
		m := Module{Name: name, Path: strings.ReplaceAll(name, ".", "/") + ".py"}
		for line := range r.IntN(4) {
			imp := Import{Line: line + 1, Deferred: r.IntN(8) == 0}
			for range 1 + r.IntN(2) {
				imp.Runs = append(imp.Runs, names[r.IntN(len(names))])
			}
			m.Imports = append(m.Imports, imp)
		}
		modules = append(modules, m)
	}
	return modules
}

func without(modules []Module, c Cut) (out []Module) {
	for _, m := range modules {
		if m.Name == c.Module {
			m.Imports = slices.DeleteFunc(slices.Clone(m.Imports), func(i Import) bool { return c.Line == 0 || i.Line == c.Line })
		}
		out = append(out, m)
	}
	return out
}

// A test is affected through what it imports, in its functions as well; with deferred imports also through those of others.
func TestAffected(t *testing.T) {
	tests := []string{"tests.test_user", "tests.test_tax"}
	for _, c := range []struct {
		changed  string
		deferred bool
		want     []string
	}{
		{"shop.tax", false, tests},
		{"shop.models.audit", false, tests[:1]},
		{"tests.test_tax", false, tests[1:]},
		{"elsewhere", false, nil},
	} {
		if got := shop().Affected(tests, []string{c.changed}, c.deferred); !slices.Equal(got, c.want) {
			t.Errorf("%s changes: %v, want %v", c.changed, got, c.want)
		}
	}
	retired := shop().Without("shop.models")
	if got := retired.Affected(tests, []string{"shop.models.audit"}, false); got != nil {
		t.Errorf("once retired, %v", got)
	}
	order := New([]Module{{Name: "t", Path: "t.py", Imports: []Import{{Line: 1, Runs: []string{"a"}}}},
		{Name: "a", Path: "a.py", Imports: []Import{{Line: 1, Runs: []string{"b"}, Deferred: true}}}, {Name: "b", Path: "b.py"}})
	if a, b := order.Affected([]string{"t"}, []string{"b"}, false), order.Affected([]string{"t"}, []string{"b"}, true); len(a) != 0 || len(b) != 1 {
		t.Errorf("through an import in a function of another: %v, deferred %v", a, b)
	}
}

func TestFigures(t *testing.T) {
	now := shop()
	got := FiguresOf(now, now.Without("shop.models"), []string{"shop.models"}, func(path string) bool { return strings.HasPrefix(path, "tests/") })
	want := Figures{
		Facade: "shop.models", Executes: Pair{6, 2},
		Below:  []Row{{"shop.models.user", 2, Pair{6, 3}}, {"shop.models.audit", 1, Pair{6, 3}}, {"shop.models.order", 1, Pair{6, 4}}},
		Source: Spread{6, Pair{4, 2}, Pair{6, 2}}, Tests: Spread{2, Pair{4, 2}, Pair{1, 1}}, Circle: Pair{4, 0}, NearlyAll: Pair{1, 0},
	}
	if len(got) != 1 || !reflect.DeepEqual(got[0], want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// A name that is not there is told from those that are like it.
func TestFindAndNear(t *testing.T) {
	g := shop()
	if g.Find("shop/tax.py") != "shop.tax" || g.Find("decimal.context") != "decimal.context" || g.Find("nothing") != "" {
		t.Error("modules are found by name and by path")
	}
	if near := g.Near("shop.model"); len(near) == 0 || near[0] != "shop.models" {
		t.Errorf("near: %v", near)
	}
}

// The drawings say what is executed, and are well formed.
func TestDrawings(t *testing.T) {
	g := shop()
	retired := g.Without("shop.models")
	var svg, dot bytes.Buffer
	if err := errors.Join(WriteSVG(&svg, g, retired, "tests.test_user", []string{"shop.models"}), WriteDOT(&dot, g, retired, "tests.test_user")); err != nil {
		t.Fatal(err)
	}
	for d := xml.NewDecoder(&svg); ; {
		if _, err := d.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{`"tests.test_user" -> "shop.models" [label="5 9"];`, `"shop.models" -> "shop.models.audit" [label="2", style=dashed`, `"shop.tax" [fillcolor="#f3f3f3"`} {
		if !strings.Contains(dot.String(), want) {
			t.Errorf("no %s in\n%s", want, dot.String())
		}
	}
}
