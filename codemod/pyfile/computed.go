package pyfile

import (
	"slices"
	"strconv"
	"strings"
)

// Computed is what a module does to its own names by code: what no statement
// binds, and yet can be told without running it.
//
// What it is made from is spelled with marks where it depends on the module
// that runs the code: see NameMark and the others.
type Computed struct {
	At   int32 // offset of the statement of the module
	Kind ComputedKind
	Into string // the namespace: SpaceMark, or in a function an ArgMark
	Name string // Binds: the name
	// Prefix is the module that names come from; of Walks, what stands before the
	// name of each submodule, and Suffix what stands behind it.
	Prefix, Suffix string
	Attr           string // Binds: the attribute of the module Prefix, "" for the module itself
	Keep           Keep   // Copies, Walks: which names
	Path           string // Walks: the folders, PathMark or FolderMark
	Deep           bool   // Walks: packages below are walked through as well
	Loose          bool   // Walks: in no order that can be told
	Only           []Test // Walks: the submodules that this is done for
	Callee         string // Calls: "module:function"
	Args           []string
}

// ComputedKind is what the code does.
type ComputedKind uint8

// Kinds of what code does to names.
const (
	Binds  ComputedKind = iota // one name; without a module, to what is made here
	Copies                     // the names of one module
	Walks                      // the names of every submodule, one after the other
	Stubs                      // what the stub beside the module imports
	Passes                     // the namespace is handed to a function of another module
)

// Keep says which names of a module are copied.
type Keep uint8

// Which names of a module are copied.
const (
	KeepStar   Keep = iota // those of a star import: listed in `__all__`, or else public ones
	KeepAll                // all that it binds
	KeepPublic             // those without a leading underscore
	KeepListed             // those of its `__all__`
)

// Test is a condition on the name of a submodule.
type Test struct {
	Kind TestKind
	Text []string // of which one fits
	Not  bool
	// Prefix and Suffix are what stands around the submodule's name when it is
	// looked at; File says that it is the name of its file.
	Prefix, Suffix string
	File           bool
}

// TestKind is what a Test looks at.
type TestKind uint8

// What a Test looks at.
const (
	TestIs TestKind = iota
	TestPrefix
	TestSuffix
	TestPackage // whether the submodule is a package
)

// Marks stand in Computed and Entry for what depends on the module. They are
// bytes that no name holds.
const (
	NameMark    = "\x00" // `__name__`
	PackageMark = "\x01" // `__package__`
	PathMark    = "\x02" // `__path__`
	SpaceMark   = "\x03" // `globals()`
	FileMark    = "\x04" // `__file__`
	FolderMark  = "\x05" // the folder of that
	ArgMark     = "\x06" // with a digit: the argument of a function
)

// Entry is what a module-level `__getattr__` (PEP 562) returns for a name.
type Entry struct {
	Module string // may begin with a mark, or with dots if it is relative
	Attr   string // "" for the module itself
}

// Function is what a function does to a namespace that it is given.
type Function struct {
	Name   string
	Params []string
	Does   []Computed // Into is an ArgMark
}

// With is what is done when a function is called in the statement at an offset
// with these arguments: each with marks, "" where it is not known.
func (c Computed) With(at int32, args []string) Computed {
	fill := func(s string) string {
		for i, arg := range args {
			if arg == "" {
				arg = ArgMark // nothing that can be told
			}
			s = strings.ReplaceAll(s, ArgMark+strconv.Itoa(i), arg)
		}
		return s
	}
	c.At = at
	c.Into, c.Prefix, c.Suffix, c.Path, c.Callee = fill(c.Into), fill(c.Prefix), fill(c.Suffix), fill(c.Path), fill(c.Callee)
	c.Args, c.Only = slices.Clone(c.Args), slices.Clone(c.Only)
	for i := range c.Args {
		c.Args[i] = fill(c.Args[i])
	}
	for i := range c.Only {
		c.Only[i].Prefix = fill(c.Only[i].Prefix)
	}
	return c
}
