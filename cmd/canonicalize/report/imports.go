package report

import (
	"github.com/canonicalize/canonicalize/cmd/canonicalize/project"
	"github.com/canonicalize/canonicalize/codemod"
	"github.com/canonicalize/canonicalize/codemod/importgraph"
)

type (
	// Why is what why prints.
	Why struct {
		Head
		From    string   `json:"from"`
		To      string   `json:"to"`
		Facades []string `json:"facades"`
		Now     Reached  `json:"now"`
		Retired Reached  `json:"retired"`
	}
	// Reached is by which chains one module comes to execute another.
	Reached struct {
		Executes bool     `json:"executes"`
		Chains   [][]Link `json:"chains"`
		More     bool     `json:"more"` // there may be more chains
	}
	// Link is one link of a chain.
	Link struct {
		Module string `json:"module"`
		Path   string `json:"path,omitempty"`
		Line   int    `json:"line,omitempty"` // 0: runs is a package that the module is in
		Also   []int  `json:"also,omitempty"`
		Text   string `json:"text,omitempty"`
		Runs   string `json:"runs"`
	}
	// Graph is what graph prints.
	Graph struct {
		Head
		Module  string     `json:"module,omitempty"`
		Facades []string   `json:"facades"`
		Counts  []Executed `json:"executes"` // of the module that was asked about, or of all
		Now     []string   `json:"now,omitempty"`
		Retired []string   `json:"retired,omitempty"`
		Cuts    []Cut      `json:"cuts,omitempty"`
		Figures []Figures  `json:"figures,omitempty"`
	}
	// Executed is how many modules importing one executes.
	Executed struct {
		Module string `json:"module"`
		Path   string `json:"path"`
		Pair
	}
	// Pair is a figure as it is, and once the facades are retired.
	Pair struct {
		Now     int `json:"now"`
		Retired int `json:"retired"`
	}
	// Cut is what an import could do without.
	Cut struct {
		Module string   `json:"module"`
		Path   string   `json:"path"`
		Line   int      `json:"line,omitempty"` // 0: all that the module imports
		Runs   []string `json:"runs,omitempty"`
		Saves  int      `json:"saves"`
	}
	// Figures are what the end of a facade is measured by.
	Figures struct {
		Facade    string     `json:"facade"`
		Executes  Pair       `json:"executes"`
		Below     []Executed `json:"below"`
		Source    Spread     `json:"source"`
		Tests     Spread     `json:"tests"`
		Circle    Pair       `json:"circle"`
		NearlyAll Pair       `json:"nearly_all"`
	}
	// Spread is how many modules the import of each of some executes.
	Spread struct {
		Modules int  `json:"modules"`
		Mean    Pair `json:"mean"`
		Median  Pair `json:"median"`
	}
	// Affected is what affected prints.
	Affected struct {
		Head
		Base      string         `json:"base"`
		Facades   []string       `json:"facades"`
		Changed   []string       `json:"changed"`
		Others    []string       `json:"others"`
		TestFiles int            `json:"test_files"`
		Affected  Pair           `json:"affected"`
		Tests     []AffectedTest `json:"tests"`
	}
	// AffectedTest is a test file that executes a changed file.
	AffectedTest struct {
		Path    string `json:"path"`
		Now     bool   `json:"now"`
		Retired bool   `json:"retired"`
	}
)

// ReachedOf makes the JSON of chains. Text gives the line of a file.
func ReachedOf(chains []importgraph.Chain, more bool, text func(path string, line int) string) Reached {
	out := Reached{Executes: len(chains) > 0, Chains: [][]Link{}, More: more}
	for _, c := range chains {
		links := []Link{}
		for _, s := range c {
			links = append(links, Link{s.Module, s.Path, s.Line, s.Also, text(s.Path, s.Line), s.Runs})
		}
		out.Chains = append(out.Chains, links)
	}
	return out
}

// GraphOf makes the report of one module.
func GraphOf(imports *codemod.Imports, module string, facades []string, cuts []importgraph.Cut) Graph {
	out := Graph{Head: HeadOf("graph"), Module: module, Facades: list(facades), Now: imports.Now.Closure(module), Retired: imports.Retired.Closure(module)}
	out.Counts = []Executed{{module, imports.Now.Path(module), Pair{len(out.Now), len(out.Retired)}}}
	for _, c := range cuts {
		out.Cuts = append(out.Cuts, Cut(c))
	}
	return out
}

// GraphOfAll makes the report of all modules, the one that executes most first.
func GraphOfAll(all []importgraph.Row, paths func(module string) string, facades []string, figures []importgraph.Figures) Graph {
	out := Graph{Head: HeadOf("graph"), Facades: list(facades), Counts: executed(all, paths)}
	for _, f := range figures {
		out.Figures = append(out.Figures, Figures{f.Facade, Pair(f.Executes), executed(f.Below, paths), spreadOf(f.Source), spreadOf(f.Tests), Pair(f.Circle), Pair(f.NearlyAll)})
	}
	return out
}

func executed(rows []importgraph.Row, paths func(module string) string) []Executed {
	out := []Executed{}
	for _, r := range rows {
		out = append(out, Executed{r.Module, paths(r.Module), Pair(r.Executes)})
	}
	return out
}

func spreadOf(s importgraph.Spread) Spread { return Spread{s.Modules, Pair(s.Mean), Pair(s.Median)} }

// AffectedOf makes the report of affected.
func AffectedOf(a *project.Affected, facades []string) Affected {
	out := Affected{Head: HeadOf("affected"), Base: a.Base, Facades: list(facades), Changed: list(a.Changed), Others: list(a.Others), TestFiles: a.All, Tests: []AffectedTest{}}
	for _, t := range a.Tests {
		out.Tests = append(out.Tests, AffectedTest(t))
		if t.Now {
			out.Affected.Now++
		}
		if t.Retired {
			out.Affected.Retired++
		}
	}
	return out
}

func list(names []string) []string { return append([]string{}, names...) }
