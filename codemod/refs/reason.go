package refs

import (
	"maps"
	"slices"
)

// Reason says why a reference is left as it is.
type Reason string

// The reasons for a left reference.
const (
	DeclaredInFacade  Reason = "declared-in-facade"
	Ambiguous         Reason = "ambiguous"
	Dynamic           Reason = "dynamic"
	OrderDependent    Reason = "order-dependent"
	Unresolved        Reason = "unresolved"
	SyntaxError       Reason = "syntax-error"
	ImportCycle       Reason = "import-cycle"
	ModuleUsedAsValue Reason = "module-used-as-value"
	NameTaken         Reason = "name-taken"
	UnknownCallable   Reason = "unknown-callable"
	Excluded          Reason = "excluded"
	TooLarge          Reason = "too-large"
	ProofFailed       Reason = "proof-failed"
	LazyModules       Reason = "lazy-modules"
	StarReExported    Reason = "star-re-exported"
	ReplacedElsewhere Reason = "replaced-elsewhere"
	RunsForEffect     Reason = "runs-for-effect"
)

// Advice says what a person can do about a reference that is left for this
// reason.
func (r Reason) Advice() string { return advice[r] }

var advice = map[Reason]string{
	DeclaredInFacade:  "The facade declares the name itself: move the declaration to a module of its own if the facade is to go.",
	Ambiguous:         "The facade binds the name to different objects in different branches: name its home under `homes` in the configuration.",
	Dynamic:           "The facade computes the name while it runs: name its home under `homes` in the configuration.",
	OrderDependent:    "The facade binds the name and has a submodule of that name, so which one is read depends on what was imported before: rename one of them.",
	Unresolved:        "The facade does not bind the name, as far as can be seen: check whether the import works, or name its home under `homes`.",
	SyntaxError:       "The file has a syntax error at or before this place: mend it and run again.",
	ImportCycle:       "Importing the home here would meet a module that is half initialised: break the cycle, or move the import into the function that needs it.",
	ModuleUsedAsValue: "The module itself is passed on or stored to here: read the names that are needed from their homes by hand.",
	NameTaken:         "Every name that the import could bind is taken in this file: rename one by hand.",
	UnknownCallable:   "A string names the object in a call that is not known: add the callable to `string_callables` if it imports by name, or change the string by hand.",
	Excluded:          "The file is excluded, generated, vendored, or kept by a comment: change it by hand or at its source.",
	TooLarge:          "The file is larger than the limit: raise `max_file_size`, or change it by hand.",
	ProofFailed:       "The rewrite could not be proven to keep every name's object, so the file was left as it was: please report this as a bug.",
	RunsForEffect:     "A module that does something to the object when it runs is run by the facade only: import it by hand, or say `effects: ignore`.",
	ReplacedElsewhere: "Something replaces the name on the facade while the program runs, and not all that belongs together there can change: change it by hand.",
	StarReExported:    "Others may read from this module what the star import brings, by ways that cannot be seen: name it as a facade too, or import the names that are meant by hand.",
	LazyModules:       "The file computes its `__lazy_modules__`, which decide whether this import is lazy: import from the home by hand.",
}

// Forms of a reference. A reading of the module itself is never rewritten.
const (
	FormFrom      = "from-import"
	FormAttribute = "attribute"
	FormStar      = "star-import"
	FormModule    = "module"
	FormString    = "string"
)

// Forms returns every form, sorted.
func Forms() []string { return []string{FormAttribute, FormFrom, FormModule, FormStar, FormString} }

// Reasons returns every reason, sorted.
func Reasons() []Reason {
	return slices.Sorted(maps.Keys(advice))
}
