package importorder

import (
	"slices"
	"sort"
	"sync"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/resolve"
)

// Part is what a graph needs of one file: a function of its outline and of the
// module that the file is, and so kept with these from one graph to the next.
// It is not modified.
type Part struct {
	statements []statement   // the imports that run when the module is imported
	spans      []extent      // where they are, in order
	described  []string      // what imports of a stub bind
	names      func() *names // what the outline says that the module binds
}

// extent is where a statement begins and ends, in bytes.
type extent struct{ start, end int32 }

// statement is one import statement that runs when the module is imported.
type statement struct {
	at     int32 // position, see Part.position
	imp    int   // index of the statement in the outline
	suite  int32
	module string
	names  []pyfile.Name
	subs   []string // the submodules that the names of a `from` import may be
	from   bool
	star   bool
	keep   pyfile.Keep
	lazy   bool // binds its names, and makes nothing run (PEP 810)
	soft   bool // stands where the error may be caught
}

// Read makes the part of a module. Of one that only a stub describes it is not
// known what it imports, so what the stub imports is as good as declared there.
func Read(m *resolve.Mod, o *pyfile.Outline) *Part {
	p := &Part{}
	for _, i := range inOrder(o.Imports) {
		imp := &o.Imports[i]
		if !runsOnImport(o, imp) {
			continue
		}
		if m.Stub {
			for _, n := range imp.Names {
				p.described = append(p.described, n.Bound())
			}
			continue
		}
		s := statement{imp: i, suite: imp.Suite, from: imp.From, star: imp.Star(), names: imp.Names, soft: imp.Guard&pyfile.Tried != 0, lazy: imp.Guard&pyfile.Lazy != 0, keep: imp.Keep}
		if imp.From {
			abs, ok := m.Absolute(int(imp.Level), imp.Module)
			if !ok {
				continue
			}
			s.module = abs
			for _, n := range imp.Names {
				s.subs = append(s.subs, abs+"."+n.Name)
			}
		}
		p.spans = append(p.spans, extent{imp.Start, imp.End})
		s.at = p.position(imp.Start)
		p.statements = append(p.statements, s)
	}
	p.names = sync.OnceValue(func() *names { return p.readNames(o) })
	return p
}

// inOrder returns the positions of imports in the order in which they stand:
// those that code does the work of come behind the others.
func inOrder(imports []pyfile.Import) []int {
	out := make([]int, len(imports))
	for i := range out {
		out[i] = i
	}
	slices.SortStableFunc(out, func(a, b int) int { return int(imports[a].Start) - int(imports[b].Start) })
	return out
}

// position says where among the imports of the module an offset of its text
// is: even numbers are those of the imports, odd ones what is between them. It
// orders what a module does as offsets do, and stays what it is when lines
// come or go elsewhere.
func (p *Part) position(offset int32) int32 {
	before := sort.Search(len(p.spans), func(i int) bool { return p.spans[i].start > offset })
	if before > 0 && offset < p.spans[before-1].end {
		return int32(2 * before)
	}
	return int32(2*before + 1)
}

func runsOnImport(o *pyfile.Outline, imp *pyfile.Import) bool {
	if imp.Guard&(pyfile.TypeChecking|pyfile.Unreadable) != 0 {
		return false
	}
	for s := imp.Scope; s != 0; s = o.Scopes[s].Parent {
		if o.Scopes[s].Kind == pyfile.FunctionScope {
			return false
		}
	}
	return true
}
