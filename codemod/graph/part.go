package graph

import (
	"sync"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/resolve"
)

// Part is what a graph needs of one file: a function of its outline and of the
// module that the file is, and so kept with these from one graph to the next.
// It is not modified.
type Part struct {
	statements []statement   // the imports that run when the module is imported
	names      func() *names // what the outline says that the module binds
}

// statement is one import statement that runs when the module is imported.
type statement struct {
	at     int32 // offset of the statement
	end    int32
	imp    int // index of the statement in the outline
	module string
	names  []pyfile.Name
	subs   []string // the submodules that the names of a `from` import may be
	from   bool
	star   bool
	soft   bool // stands where the error may be caught
}

// Read makes the part of a module.
func Read(m *resolve.Mod, o *pyfile.Outline) *Part {
	p := &Part{}
	for i := range o.Imports {
		imp := &o.Imports[i]
		if !runsOnImport(o, imp) {
			continue
		}
		s := statement{at: imp.Start, end: imp.End, imp: i, from: imp.From, star: imp.Star(), names: imp.Names, soft: imp.Guard&pyfile.Tried != 0}
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
		p.statements = append(p.statements, s)
	}
	p.names = sync.OnceValue(func() *names { return readNames(o, p.statements) })
	return p
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
