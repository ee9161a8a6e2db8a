package importgraph

import (
	"cmp"
	"math/bits"
	"slices"
	"strings"
)

// Pair is a figure as it is, and as it would be once the facades are retired.
type Pair struct{ Now, Retired int }

// Row is how many modules importing one executes.
type Row struct {
	Module   string
	Imported int // modules that name it in an import that runs
	Executes Pair
}

// Spread is how many modules importing each of some executes.
type Spread struct {
	Modules      int
	Mean, Median Pair // the mean is rounded down
}

// Figures are what the end of a facade is measured by.
type Figures struct {
	Facade        string
	Executes      Pair  // modules of the tree that importing the facade executes
	Below         []Row // the most imported modules below the facade
	Source, Tests Spread
	Circle        Pair // modules in the largest circle of imports
	// NearlyAll is how many modules outside of the facade's package execute at
	// least 95 of 100 modules of that package when they are imported.
	NearlyAll Pair
}

// rows is how many modules below a facade are told.
const rows = 10

// FiguresOf measures facades in the graph as it is and as it would be.
// Tests says which paths are tests.
func FiguresOf(now, retired *Graph, facades []string, tests func(path string) bool) (all []Figures) {
	counts := [2]map[string]int{now.Counts(), retired.Counts()}
	source, tested := now.spreads(counts, tests)
	circle := Pair{len(now.Largest()), len(retired.Largest())}
	imported := now.imported()
	for _, f := range facades {
		one := Figures{Facade: f, Executes: pair(counts, f), Source: source, Tests: tested, Circle: circle}
		one.Below = now.below(f, imported, counts)
		one.NearlyAll = Pair{now.reachNearlyAll(f), retired.reachNearlyAll(f)}
		all = append(all, one)
	}
	return all
}

func pair(counts [2]map[string]int, module string) Pair {
	return Pair{counts[0][module], counts[1][module]}
}

// spreads sums up the modules of the source and the tests.
func (g *Graph) spreads(counts [2]map[string]int, tests func(path string) bool) (source, tested Spread) {
	var values [2][2][]int // source and tests, now and retired
	for n := range g.nodes {
		path, name := g.nodes[n].path, g.nodes[n].name
		if !g.main(n) {
			continue
		}
		kind := 0
		if tests(path) {
			kind = 1
		}
		for when := range counts {
			values[kind][when] = append(values[kind][when], counts[when][name])
		}
	}
	return spread(values[0]), spread(values[1])
}

func spread(values [2][]int) Spread {
	mean := Pair{average(values[0]), average(values[1])}
	return Spread{Modules: len(values[0]), Mean: mean, Median: Pair{median(values[0]), median(values[1])}}
}

func average(values []int) int {
	sum := 0
	for _, v := range values {
		sum += v
	}
	return sum / max(len(values), 1)
}

// median is the lower of the two in the middle where there are two.
func median(values []int) int {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[(len(sorted)-1)/2]
}

// imported counts for each module those that name it.
func (g *Graph) imported() map[string]int {
	out := map[string]int{}
	for n := range g.nodes {
		targets, _ := g.next(n)
		for _, m := range targets {
			out[g.nodes[m].name]++
		}
	}
	return out
}

// below returns the most imported modules below a facade.
func (g *Graph) below(facade string, imported map[string]int, counts [2]map[string]int) (out []Row) {
	for n := range g.nodes {
		name := g.nodes[n].name
		if g.nodes[n].path != "" && strings.HasPrefix(name, facade+".") {
			out = append(out, Row{name, imported[name], pair(counts, name)})
		}
	}
	slices.SortFunc(out, func(a, b Row) int {
		return cmp.Or(cmp.Compare(b.Imported, a.Imported), cmp.Compare(a.Module, b.Module))
	})
	return out[:min(len(out), rows)]
}

// reachNearlyAll counts the modules outside of a facade's package that execute
// nearly all of it.
func (g *Graph) reachNearlyAll(facade string) (count int) {
	inside := func(name string) bool { return name == facade || strings.HasPrefix(name, facade+".") }
	c := g.components()
	reached, size := make([]int, len(c.of)), 0
	for first := 0; first < len(g.nodes); first += 64 {
		mask := uint64(0)
		for n := first; n < min(first+64, len(g.nodes)); n++ {
			if g.nodes[n].path != "" && inside(g.nodes[n].name) {
				mask |= 1 << (n - first)
				size++
			}
		}
		if mask == 0 {
			continue
		}
		for i, word := range c.reach(first) {
			reached[i] += bits.OnesCount64(word & mask)
		}
	}
	for n := range g.nodes {
		if size > 1 && g.main(n) && !inside(g.nodes[n].name) && 100*reached[c.at[n]] >= 95*size {
			count++
		}
	}
	return count
}

// Rows returns what importing each module of the tree executes, by name.
func Rows(now, retired *Graph) (out []Row) {
	counts := [2]map[string]int{now.Counts(), retired.Counts()}
	imported := now.imported()
	for _, name := range now.Modules() {
		out = append(out, Row{name, imported[name], pair(counts, name)})
	}
	return out
}
