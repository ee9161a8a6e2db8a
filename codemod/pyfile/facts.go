package pyfile

import "sort"

// Outline is what a lexical scan of a file finds: its import statements, the
// scopes that they stand in, and the strings that look like dotted names. It
// is a function of the bytes alone, and so can be kept by blob hash.
type Outline struct {
	Imports []Import
	Scopes  []Scope // only those that hold an import; 0 is the module
	Strings []DottedString
	// Decls are the names that the module's own statements bind, without
	// imports, as far as a lexer sees them: definitions and assignments.
	Decls []Decl
	// Broken is the offset from which on the scan cannot be trusted (an
	// unterminated string or bracket, a NUL byte), or -1.
	Broken int
	Size   int64 // bytes
	// Flags of the whole file.
	Flags FileFlags
}

// FileFlags are facts of a whole file.
type FileFlags uint8

// Facts of a whole file.
const (
	Generated  FileFlags = 1 << iota // a comment near the top says @generated
	TooDeep                          // nests brackets or suites deeper than CPython reads
	ForeignSet                       // declared in an encoding whose bytes cannot be read as ASCII
)

// ScopeKind is the kind of a scope, in the words of the language reference,
// "Naming and binding".
type ScopeKind uint8

// Kinds of scopes.
const (
	ModuleScope ScopeKind = iota
	ClassScope
	FunctionScope
)

// Scope is a scope that holds an import, or one around it.
type Scope struct {
	Kind   ScopeKind
	Parent int32 // index; the module is its own parent
	Start  int32 // offset of its header
	Name   string
}

// Guard says what stands between a statement and its scope.
type Guard uint16

// What stands between a statement and its scope, and how it stands there.
const (
	TypeChecking Guard = 1 << iota // under `if TYPE_CHECKING:`
	Conditional                    // in a suite that need not run: if, try, for, while, with, match
	OneLine                        // in a suite on the line of its header: `if x: import y`
	Joined                         // shares its line with others, by semicolons
	NotTyping                      // in the `else` of `if TYPE_CHECKING:`
	Unreadable                     // begins like an import and does not parse as one
	Kept                           // a comment on it says `canonicalize: keep`
	Tried                          // in the suite of a `try`, whose handlers may expect that it fails
	Lazy                           // `lazy import` (PEP 810): its module runs when the name is first read
)

// Import is one import statement.
type Import struct {
	Start, End int32 // from its first keyword to the end of its last token
	Line       int32 // from 1
	Scope      int32 // index into Outline.Scopes
	Ordinal    int32 // position among the file's statements: consecutive ones differ by 1
	Suite      int32 // statements of one suite have the same number
	Level      int32 // leading dots
	From       bool
	Guard      Guard
	Module     string // after `from`, without the leading dots
	Names      []Name
	// Keep says which names a star import brings that code does the work of, and
	// Loose that it is one of several that run in no order that can be told.
	Keep  Keep
	Loose bool
	// Fence is the offset behind the module-level statement that holds the
	// import: a text that parses as a whole parses when it is cut there.
	Fence int32
}

// Name is one name that an import statement names. Name is "*" for a star
// import, and a dotted name in a plain `import`.
type Name struct {
	Name, As   string // As is "" without an alias
	Start, End int32  // of "name as alias"
}

// Bound is the name that the import binds in its scope, as the language
// reference, "The import statement", defines it.
func (n Name) Bound() string {
	if n.As != "" {
		return n.As
	}
	for i := 0; i < len(n.Name); i++ {
		if n.Name[i] == '.' {
			return n.Name[:i]
		}
	}
	return n.Name
}

// Runs reports whether the import runs its module when it is reached: what only
// type checkers see runs nothing, and a lazy import does so later.
func (i *Import) Runs() bool { return i.Guard&(TypeChecking|Lazy|Unreadable) == 0 }

// Star reports whether the statement is `from M import *`.
func (i Import) Star() bool { return i.From && len(i.Names) == 1 && i.Names[0].Name == "*" }

// Decl is a name that a statement of the module binds.
type Decl struct {
	Name string
	At   int32 // offset of the statement
}

// DottedString is a string literal whose whole text is a dotted name.
type DottedString struct {
	Start, End int32 // of the text, without prefix and quotes
	Line       int32 // from 1
	Text       string
}

// Mentions reports whether the text between two offsets mentions a name, in
// code, a string or a comment, other than as the source of an import that
// binds another name.
func (o *Outline) Mentions(src []byte, from, to int32, name string) bool {
	first := sort.Search(len(o.Imports), func(i int) bool { return o.Imports[i].Start >= from })
	for i := first; i < len(o.Imports) && o.Imports[i].End <= to; i++ {
		imp := &o.Imports[i]
		binds := imp.Guard&Unreadable != 0
		for _, n := range imp.Names {
			binds = binds || n.Bound() == name
		}
		if binds || Mentions(src[from:imp.Start], name) {
			return true
		}
		from = imp.End
	}
	return from < to && Mentions(src[from:to], name)
}
