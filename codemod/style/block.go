package style

import "strings"

// Block is a run of import statements of one suite, with nothing but
// comments and blank lines between them.
type Block struct {
	Src        []byte // the whole file
	Statements []Statement
	// Path is the file's own, from the root of the repository with slashes.
	Path string
	// Exists says whether the repository has a file or folder of this path.
	// First-party modules are found with it in the folders that the sorter's
	// configuration names. If it is nil, FirstParty decides.
	Exists func(path string) bool
	// FirstParty says whether a module, given absolutely, belongs to the
	// repository. Nil: none does.
	FirstParty func(module string) bool
	// StarBinds says whether a star import of the block binds a name. A new
	// import of that name does not move across it, even if the block is not
	// sorted then. Nil: any star import may bind any name.
	StarBinds func(star Statement, name string) bool
}

// Statement is one import statement of a block.
type Statement struct {
	Start, End int    // bytes from its keyword to the end of its last token; a comment is not part of it
	From       bool   // `from M import N`, otherwise `import M`
	Lazy       bool   // `lazy` stands before it (PEP 810)
	Level      int    // leading dots of M
	Module     string // M without its dots; "" in `import M`, whose modules are Names
	Names      []Name // in order; "*" for a star import
	// Joined says that the statement shares its line with other code: after a
	// semicolon, before one, or behind the colon of a suite of one line.
	Joined bool
}

// Name is one name of a statement; of `import a.b as c` it is a.b.
type Name struct {
	Name, As   string // As is "" without an alias
	Start, End int    // bytes of "name as alias"
}

// Addition is a name that comes into a block.
type Addition struct {
	From   bool   // `from Module import Name`, otherwise `import Name`
	Lazy   bool   // with `lazy` before it; it joins lazy statements only
	Level  int    // leading dots of Module
	Module string // without its dots
	Name   string
	As     string // "" without an alias
	// Instead is the index of the statement that bound it before; the new
	// statement takes its place in a block that is not sorted, and its
	// directives (noqa, type: ignore, ...).
	Instead int
	// Replaces is the index of the name in that statement whose comment goes
	// along, -1 if there is none.
	Replaces int
}

// String is the statement that imports the name alone, on one line.
func (a Addition) String() string {
	text := "import " + a.Name
	if a.From {
		text = "from " + strings.Repeat(".", a.Level) + a.Module + " " + text
	}
	if a.As != "" {
		text += " as " + a.As
	}
	if a.Lazy {
		text = "lazy " + text
	}
	return text
}
