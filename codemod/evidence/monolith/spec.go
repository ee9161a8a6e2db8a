package monolith

import (
	"math"
	"math/rand/v2"
	"sort"
)

// DefaultFiles is the number of Python files of the code base that the
// proportions are taken from.
const DefaultFiles = 5310

// Facade is the module whose re-exports the code base reads.
const Facade = "sentry.models"

// Spec says what to generate.
type Spec struct {
	Seed  uint64
	Files int // Python files; 0: DefaultFiles. Everything else scales with it.
	// PythonOnly leaves out the files in other languages, which are about
	// 1.4 times as many as those in Python.
	PythonOnly bool
}

// Stats are the counts of what a tree holds.
type Stats struct {
	Files       int   // Python files, scripts without a suffix included
	Other       int   // files that are not Python
	Bytes       int64 // of the Python files; known after they were all rendered
	Submodules  int   // of the facade, each star-imported by it
	FacadeNames int   // names that the facade re-exports
	Accidental  int   // of these, names of the standard library
	Clobbered   int   // of these, names that two submodules declare
	MultiHop    int   // of these, names that a submodule itself imports from the project
	Consumers   int   // files that read a name through the facade
	References  int   // names in the consumers' from-imports
	Local       int   // from-imports in functions
	TypeOnly    int   // from-imports under TYPE_CHECKING
	Attributes  int   // attribute uses through the module
	AttrFiles   int   // files that have them
	Patches     int   // strings given to mock.patch
	Scripts     int   // Python files without a suffix
}

// Tree is a generated code base. Files are rendered when they are asked for,
// so a tree of any size is small in memory.
type Tree struct {
	Stats Stats
	files []file
	index map[string]int
}

// file is one file and how to make its bytes.
type file struct {
	path   string
	exec   bool
	render func() []byte
}

// Generate lays out a tree. It is a pure function of the Spec.
func Generate(s Spec) *Tree {
	if s.Files == 0 {
		s.Files = DefaultFiles
	}
	b := newBuilder(s)
	b.facade()
	b.consumers()
	b.fillers()
	if !s.PythonOnly {
		b.others()
	}
	return b.tree()
}

// Paths lists every file, sorted.
func (t *Tree) Paths() []string {
	paths := make([]string, len(t.files))
	for i, f := range t.files {
		paths[i] = f.path
	}
	return paths
}

// Executable reports whether a file has the executable bit.
func (t *Tree) Executable(path string) bool {
	i, ok := t.index[path]
	return ok && t.files[i].exec
}

// Read renders a file; it may be called from several goroutines. It returns
// nil for a path that is not in the tree.
func (t *Tree) Read(path string) []byte {
	i, ok := t.index[path]
	if !ok {
		return nil
	}
	return t.files[i].render()
}

// builder collects the files of a tree.
type builder struct {
	spec    Spec
	scale   float64
	rng     *rand.Rand
	stats   Stats
	files   []file
	models  []model
	exports []string // what consumers can read from the facade, most read first
	dirs    map[string]bool
}

func newBuilder(s Spec) *builder {
	return &builder{
		spec:  s,
		scale: float64(s.Files) / DefaultFiles,
		rng:   rand.New(rand.NewPCG(s.Seed, 0)),
		dirs:  map[string]bool{},
	}
}

// scaled is a count of the original code base at the scale of this one.
func (b *builder) scaled(n int) int {
	return max(1, int(math.Round(float64(n)*b.scale)))
}

// capped is scaled, for what does not grow beyond the original.
func (b *builder) capped(n int) int { return min(n, b.scaled(n)) }

// add adds a file whose content is drawn from a generator of its own, so that
// it does not depend on which files are rendered before.
func (b *builder) add(path string, render func(r *rand.Rand) []byte) {
	seed, n := b.spec.Seed, uint64(len(b.files)+1)
	b.files = append(b.files, file{path: path, render: func() []byte {
		return render(rand.New(rand.NewPCG(seed, n)))
	}})
}

// addText adds a file with given content.
func (b *builder) addText(path, text string) {
	b.files = append(b.files, file{path: path, render: func() []byte { return []byte(text) }})
}

func (b *builder) tree() *Tree {
	sort.Slice(b.files, func(i, j int) bool { return b.files[i].path < b.files[j].path })
	t := &Tree{Stats: b.stats, files: b.files, index: make(map[string]int, len(b.files))}
	for i, f := range t.files {
		t.index[f.path] = i
	}
	return t
}
