package evidence

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/canonicalize/canonicalize/codemod"
	"github.com/canonicalize/canonicalize/codemod/importgraph"
)

// importedTree is code of which CPython says what each module executes.
type importedTree struct {
	name    string
	folders func(t testing.TB) []string // on sys.path; the first has the modules
	tops    []string
	every   int // of the modules, one of so many is asked about
}

var importedTrees = []importedTree{
	{"django", func(t testing.TB) []string {
		return []string{debian(t, "python3-django", "python3-asgiref", "python3-sqlparse", "python3-tz")}
	}, []string{"django"}, 16},
	{"sympy", func(t testing.TB) []string { return []string{debian(t, "python3-sympy", "python3-mpmath")} }, []string{"sympy"}, 180},
	{"sample", func(t testing.TB) []string { return []string{sampleTree(t)} }, []string{"shop", "scripts", "tests"}, 1},
}

func sampleTree(t testing.TB) string {
	t.Helper()
	folder, err := filepath.Abs("../../cmd/canonicalize/sample/tree")
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

// imported is what CPython says of one module.
type imported struct {
	Module, Error string
	Loaded        map[string]reason
	Suites        []int
}

// reason is how a module came to be imported.
type reason struct {
	kind, by string
	line     int
}

func (r *reason) UnmarshalJSON(text []byte) error {
	return json.Unmarshal(text, &[]any{&r.kind, &r.by, &r.line})
}

// What is said to be executed is in sys.modules, and the other way round; where it is not, an import stands in a suite that did not run, or
// in none at all.
func TestExecutesWhatIsSaid(t *testing.T) {
	for _, tree := range importedTrees {
		t.Run(tree.name, tree.check)
	}
}

func (tree importedTree) check(t *testing.T) {
	t.Parallel()
	folders := tree.folders(t)
	source := codeBase{folder: func(testing.TB) string { return folders[0] }, tops: tree.tops}.read(t)
	imports, err := codemod.ReadImports(context.Background(), source, codemod.Rules{SourceRoots: []string{""}}, codemod.Options{})
	if err != nil {
		t.Fatal(err)
	}
	asked := tree.asked(imports.Now)
	var judged, same, failed, more, less int
	excused := map[string]bool{}
	for _, m := range askImports(t, folders, tree.tops, asked) {
		if m.Error != "" {
			failed++ // it stopped on the way, so what is missing says nothing
			continue
		}
		judged++
		extra, missing := tree.differences(t, imports.Now, m, folders, excused)
		more, less = more+extra, less+missing
		if extra+missing == 0 {
			same++
		}
	}
	if judged < 5 {
		t.Errorf("of %d modules %d could be imported", len(asked), judged)
	}
	t.Logf("%d modules imported, %d could not be; in %d exactly what is said is executed; elsewhere %d more by functions and calls, %d less in suites that did not run",
		judged, failed, same, more, less)
}

func (tree importedTree) asked(g *importgraph.Graph) (names []string) {
	for i, name := range g.Modules() {
		if (*long || i%tree.every == 0) && !strings.Contains(name, "/") && !strings.HasSuffix(name, "__main__") {
			names = append(names, name)
		}
	}
	return names
}

// differences checks that each has a reason, and counts what is executed and not said, and what is said and not executed.
func (tree importedTree) differences(t *testing.T, g *importgraph.Graph, m imported, folders []string, excused map[string]bool) (extra, missing int) {
	t.Helper()
	said := g.Closure(m.Module)
	for name, why := range m.Loaded {
		if _, ok := slices.BinarySearch(said, name); ok {
			continue
		}
		extra++
		_, known := slices.BinarySearch(said, why.by)
		if known && why.kind == "statement" {
			t.Errorf("import %s executes %s by line %d of %s, and that is not said", m.Module, name, why.line, why.by)
		}
	}
	for _, name := range said {
		if _, ok := m.Loaded[name]; ok {
			continue
		}
		missing++
		step := leaving(g, m, name)
		place := fmt.Sprint(step.Path, step.Line)
		if _, known := excused[place]; !known {
			excused[place] = tree.standsInSuite(t, folders, step)
		}
		if !excused[place] {
			t.Errorf("import %s does not execute %s, and it is said that line %d of %s does", m.Module, name, step.Line, step.Module)
		}
	}
	return extra, missing
}

// leaving is the first step, of those that are said to lead to a module, to something that was not executed.
func leaving(g *importgraph.Graph, m imported, name string) importgraph.Step {
	chains, _ := g.Chains(m.Module, name, 1)
	for _, step := range chains[0] {
		if _, ok := m.Loaded[step.Runs]; !ok {
			return step
		}
	}
	return importgraph.Step{}
}

// standsInSuite reports whether the import of a step need not run: CPython parses the file.
func (tree importedTree) standsInSuite(t *testing.T, folders []string, step importgraph.Step) bool {
	t.Helper()
	if step.Line == 0 {
		return false
	}
	answer := askImports(t, folders, tree.tops, []string{"?" + filepath.Join(folders[0], step.Path)})
	return slices.Contains(answer[0].Suites, step.Line)
}

// askImports asks CPython what modules execute, each alone.
func askImports(t *testing.T, folders, tops, modules []string) (all []imported) {
	t.Helper()
	args := []string{"-I", "-X", "utf8", "-X", "pycache_prefix=" + pycache(t), "-W", "ignore", "testdata/executes.py"}
	args = append(append(append(args, folders...), "--"), tops...)
	cmd := exec.Command("python3", args...)
	cmd.Stdin = strings.NewReader(strings.Join(modules, "\n"))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	for s := bufio.NewScanner(bytes.NewReader(out)); s.Scan(); {
		var m imported
		if err := json.Unmarshal(s.Bytes(), &m); err != nil {
			continue // what a module printed
		}
		all = append(all, m)
	}
	if len(all) != len(modules) {
		t.Fatal(fmt.Errorf("of %d modules CPython spoke of %d", len(modules), len(all)))
	}
	return all
}
