package codemod

import (
	"context"
	"io"

	"github.com/canonicalize/canonicalize/codemod/fixpoint"
	"github.com/canonicalize/canonicalize/codemod/refs"
	"github.com/canonicalize/canonicalize/codemod/review"
	"github.com/canonicalize/canonicalize/codemod/world"
)

// What comes in: the bytes that the codemod works on, the rules that say which
// facades to take apart, and how a plan is computed. See package world.
type (
	Mode     = world.Mode
	File     = world.File
	Tree     = world.Tree
	Rules    = world.Rules
	Provider = world.Provider
	Boundary = world.Boundary
	Effects  = world.Effects
	Options  = world.Options
	Cache    = world.Cache

	// RulesError says that the rules are wrong: nothing was planned. Its text
	// says what is wrong and what to do.
	RulesError = world.RulesError
)

// The kinds of entries that a tree can hold. Symlinks and submodules are
// listed by a Tree but never read and never changed.
const (
	Regular    = world.Regular
	Executable = world.Executable
	Symlink    = world.Symlink
	Submodule  = world.Submodule
)

// MaxRead is the size in bytes from which on a file is not even read, if its
// tree says how large it is: it is left alone, and nothing is known of it.
const MaxRead = world.MaxRead

// NewCache returns an empty cache.
func NewCache() *Cache { return world.NewCache() }

// ReadCache reads what Cache.WriteTo wrote. A cache of another format is an
// error; the caller goes on with a new one.
func ReadCache(r io.Reader) (*Cache, error) { return world.ReadCache(r) }

// What comes out: changes, what became of each reference in them, and why
// others are left.
type (
	Change    = fixpoint.Change
	Rewritten = fixpoint.Rewritten
	Reason    = refs.Reason
)

// The reasons for a left reference.
const (
	DeclaredInFacade  = refs.DeclaredInFacade
	Ambiguous         = refs.Ambiguous
	Dynamic           = refs.Dynamic
	OrderDependent    = refs.OrderDependent
	Unresolved        = refs.Unresolved
	SyntaxError       = refs.SyntaxError
	ImportCycle       = refs.ImportCycle
	ModuleUsedAsValue = refs.ModuleUsedAsValue
	NameTaken         = refs.NameTaken
	UnknownCallable   = refs.UnknownCallable
	Excluded          = refs.Excluded
	TooLarge          = refs.TooLarge
	ProofFailed       = refs.ProofFailed
	LazyModules       = refs.LazyModules
	StarReExported    = refs.StarReExported
	ReplacedElsewhere = refs.ReplacedElsewhere
	RunsForEffect     = refs.RunsForEffect
)

// Reasons returns every reason, sorted.
func Reasons() []Reason { return refs.Reasons() }

// Forms of a reference. A reading of the module itself is never rewritten.
const (
	FormFrom      = refs.FormFrom
	FormAttribute = refs.FormAttribute
	FormStar      = refs.FormStar
	FormModule    = refs.FormModule
	FormString    = refs.FormString
)

// Forms returns every form, sorted.
func Forms() []string { return refs.Forms() }

// Plan reads a tree and says what to change so that every name that a
// consumer reads through one of the facades is imported from its home.
//
// The error is a *RulesError if the rules are wrong, the error of the tree if
// a file cannot be read, or that of the context. What cannot be rewritten is
// no error: it is in Result.Left.
func Plan(ctx context.Context, t Tree, r Rules, o Options) (*Result, error) {
	w, err := world.Open(ctx, t, r, o)
	if err != nil {
		return nil, err
	}
	defer w.Close()
	if err := w.Strict(); err != nil {
		return nil, err
	}
	p, err := fixpoint.Settle(ctx, w)
	if err != nil {
		return nil, err
	}
	return report(ctx, w, p)
}

// Check holds rules against a tree without planning: a *RulesError names
// every facade and home that does not exist, with what is spelled like it.
// Other errors are those of Plan.
func Check(ctx context.Context, t Tree, r Rules, o Options) error {
	w, err := world.Open(ctx, t, r, o)
	if err != nil {
		return err
	}
	defer w.Close()
	return w.Strict()
}

// What one revision adds to another, see package review.
type (
	Review      = review.Review
	Finding     = review.Finding
	FindingKind = review.FindingKind
	Fix         = review.Fix
	Patch       = review.Patch
	ReviewFile  = review.File
)

// Kinds of findings.
const (
	NewReading  = review.NewReading
	NewReExport = review.NewReExport
	NewCrossing = review.NewCrossing
)

// ApplyPatches carries out patches, in any order, and reports false if two of
// them meet or one lies outside of the text.
func ApplyPatches(src []byte, patches []Patch) ([]byte, bool) {
	return review.ApplyPatches(src, patches)
}

// Compare says what the newer of two trees has in the given files that the
// older had not: names that are read through a facade, by file and scope and
// whatever the position; names that a facade newly passes on; imports over a
// boundary. A reading that only moved, within its file or to another of the
// files, is not new. A facade or a home that one of the trees does not have is
// passed over. Errors are those of Plan, without *RulesError.
func Compare(ctx context.Context, base, head Tree, files []ReviewFile, r Rules, o Options) (*Review, error) {
	return review.Compare(ctx, base, head, files, r, o)
}
