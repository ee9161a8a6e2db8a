package refs

import (
	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/resolve"
	"github.com/canonicalize/canonicalize/codemod/world"
)

// File is a file with references through facades.
type File struct {
	*world.Source
	Src     []byte        // its text, once it was read
	Refs    []*Reference  // by position
	Names   *pyfile.Names // what its names mean, once that was looked at
	Failure Reason        // why what needs the whole file is left, "" if it is not
	index   nameIndex
}

// Reference is one reading of a name through a facade. It says what the text
// says, and does not change: whether it is rewritten is for others to decide.
type Reference struct {
	Facade *world.Facade
	Name   string // "*" for a star import, "" for a reading of the module itself
	Form   string // one of the Form constants
	At     int    // offset
	Line   int32
	Imp    int // index of the import statement, -1 for a string
	Index  int // of the name in the statement
	Start  int // extent of the attribute use or string
	End    int
	Scope  int // attribute uses: that they stand in
	Typing bool
	Module *ModuleUse // attribute uses: the import of the module

	Known   bool   // strings: in a call that is known to take one
	Deep    bool   // strings: they go on behind the name
	Patches bool   // strings: the call replaces the name on the facade
	Stores  string // uses of a module: the name that they replace there

	Res resolve.Resolution
	Why        // why it stays by itself, whatever else is so
	N   int    // its number in the file
	key string // of the file
}

// Why says why a reference is left as it is; the zero Why that it is not.
type Why struct {
	Reason Reason
	Detail string // what a person can do about it
	// Adrift says that circles of imports decide what the name is, and whether
	// it is there.
	Adrift bool
}

// Because is the reason with what a person can do about it, which is what is
// always to be done where no detail is given.
func Because(reason Reason, detail string) Why {
	if detail == "" {
		detail = reason.Advice()
	}
	return Why{Reason: reason, Detail: detail}
}

// Stays reports whether there is a reason.
func (w Why) Stays() bool { return w.Reason != "" }

// Key names a reference in a text: by file, statement and name, and by where
// it stands for those of which a statement has many.
type Key struct {
	Path      string
	Statement int
	Name      string
	At        int
}

// Key returns the reference's key.
func (r *Reference) Key() Key { return Key{r.key, r.Imp, r.Name, r.At} }

// Shown is the name of the reference in a report.
func (r *Reference) Shown() string {
	if r.Name == "" {
		return r.Facade.Name
	}
	return r.Name
}

// Unreadable reports whether the names of the reference are not known, since
// its statement does not parse.
func (r *Reference) Unreadable() bool { return r.Form == FormFrom && r.Name == "*" }

// Position is a name of an import statement.
type Position struct{ Imp, Name int }

// Bound is the name that a reference of a `from` import binds.
func (f *File) Bound(r *Reference) string { return f.Outline.Imports[r.Imp].Names[r.Index].Bound() }
