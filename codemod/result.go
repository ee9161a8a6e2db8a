package codemod

// Result is what a plan found.
type Result struct {
	Changes []Change       // sorted by path
	Left    []Left         // sorted by path, line, column
	Facades []FacadeReport // in the order of the rules
	Files   int            // Python files seen
}

// Left is one reference that stays.
type Left struct {
	Path         string
	Line, Column int // both from 1; the column counts bytes
	Facade, Name string
	Form         string // one of the Form constants
	Reason       Reason
	Detail       string // what a person can do about it
}

// FacadeReport is what was found about one facade.
type FacadeReport struct {
	Module, Path string
	Provider     string       // name of the provider that Path is in; "" for the tree itself
	Names        []FacadeName // sorted by name
	Consumers    int          // files that read a name through it
	References   int          // readings of names, rewritten or left
	Rewritten    int
	Left         int
}

// FacadeName is one name that a facade re-exports.
type FacadeName struct {
	Name       string
	Home       string   // "" if it has none; see Reason
	Reason     Reason   // why it has no home; "" if it has one
	Readers    int      // files that read it through the facade
	Losers     []string // other objects that were bound to the name before
	Accidental bool     // nothing of the project: imported for the facade's own use
}
