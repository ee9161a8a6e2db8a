package retire

import (
	"github.com/canonicalize/canonicalize/codemod/effects"
	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/resolve"
	"github.com/canonicalize/canonicalize/codemod/style"
)

// World is what this package asks of the tree that holds the facade. It is
// asked from one goroutine.
type World interface {
	effects.Facts // what files do, and what names mean
	Index() *resolve.Index
	Outline(path string) *pyfile.Outline
	Module(path string) *pyfile.Module // nil for a file that did not parse
	Names(path string) *pyfile.Names   // nil for a file that did not parse
	Body(path string) *pyfile.Body     // nil for a file that did not parse
	Public(module string) map[string]bool
	Bound(module string) map[string]bool
	All(module string) ([]string, bool)
	// Paths are all files of the tree, sorted; Text returns the bytes of one.
	Paths() []string
	Text(path string) ([]byte, bool)
	Style(path string) *style.Style
	FirstParty(module string) bool
}

// Step is one kind of change.
type Step string

// The steps, in their order.
const (
	Move      Step = "move"
	Register  Step = "register"
	Explicit  Step = "explicit"
	Narrow    Step = "narrow"
	Deprecate Step = "deprecate"
	Lazy      Step = "lazy"
	Retire    Step = "retire"
	Shell     Step = "shell"
)

// Steps are all of them, in their order.
func Steps() []Step { return []Step{Move, Register, Explicit, Narrow, Deprecate, Lazy, Retire, Shell} }

// Rules are what the configuration says of one facade.
type Rules struct {
	Facade       string
	Moves        map[string]string // name that the facade declares to the module that it moves to
	Roots        []string          // modules or paths at which programs start, where Django does not
	Effects      []string          // decorators, callees and bases that have an effect, as effects.Rules
	NoEffects    []string
	Registering  []string // further callables that need what is registered, as get_user_model does
	Acknowledged []Acknowledgement
	Deprecation  Deprecation
	Shell        bool // the shell step is wanted
}

// Deprecation says how the names of a deprecated facade warn; its zero value
// is that the step is not wanted.
type Deprecation struct {
	Category      string // a warning class of the builtins: DeprecationWarning
	Since, Remove string // versions, for the text; may be ""
}

// Acknowledgement is what a person says about one blocker. It holds for that
// place as long as its line reads as it did.
type Acknowledgement struct {
	Blocker Kind
	Path    string // "" for what has no place, such as AtRest
	Name    string
	Line    string // the text of the line, without blanks around
	Reason  string
	By      string
}

// Reader is one reading of the facade, or of one of its names, by whatever
// file of whatever repository.
type Reader struct {
	Repository string // "" for the one that holds the facade
	Revision   string // of the provider at which it reads, "" for the current one
	Path       string
	Line       int
	Text       string // of the line
	Name       string // "" for the module itself, "*" for a star import
	Form       Form
	Detail     string // what the codemod says a person can do
}

// Form is how a facade is read.
type Form uint8

// The forms of a reading, as far as the gate tells them apart.
const (
	ByCode     Form = iota // an import, an attribute, a string in a known callable
	ByExcluded             // any of these in a file that is never changed
	ByString               // a string in a call that is not known
	ByPatch                // the name is replaced on the facade
	ByValue                // the module object is passed on
	ForEffect              // imported for none of its names
)
