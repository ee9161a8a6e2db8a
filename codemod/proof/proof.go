package proof

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/resolve"
)

// Text is one text of a file.
type Text struct {
	Src     []byte
	Outline *pyfile.Outline
	Names   *pyfile.Names // of the old text, where uses of names are expected to change
	stars   []int         // its star imports
}

func (t *Text) findStars() {
	for i := range t.Outline.Imports {
		if t.Outline.Imports[i].Star() {
			t.stars = append(t.stars, i)
		}
	}
}

// File is what does not change about a file.
type File struct {
	Mod  *resolve.Mod
	Stub bool // type checkers alone read it
}

// Reader follows names, and lends a parser.
type Reader interface {
	Lookup(module, name string, typing bool) resolve.Resolution
	Public(module string) map[string]bool
	IsModule(module string) bool
	Parse(func(*pyfile.Parser))
}

// Expected is what is to become of a file. Whatever it does not name must stay.
type Expected struct {
	Moved   []Moved
	Stars   []Star
	Uses    []Use
	Strings []String
	Listed  map[int][]string  // items of `__lazy_modules__`, by their offsets: the modules that they become
	Removed map[Position]bool // names of statements that nothing uses any more
	Added   []Added           // names that are newly bound for uses
	Fragile []Position        // names that may not be there when they are imported
	// Whole says that the text must parse to its end, and not only as far as
	// the statements that change.
	Whole bool
	// Sound says that the old text was held against the syntax already.
	Sound bool
	// Exported says that other files take all names of this one.
	Exported bool
}

// Position is a name of an import statement of the old text.
type Position struct{ Imp, Name int }

// Moved is a name of a `from` statement that is to come from its home.
type Moved struct {
	Position
	Home resolve.Home
	Dead bool // or rather to go, since a later import binds it anew
}

// Star is a star import that becomes imports of names.
type Star struct {
	Position
	Module string
	Typing bool
	Names  []string
}

// Use is an attribute of a module that becomes a name, or an attribute of
// another module.
type Use struct {
	Position        // the import of the module
	Start    int    // of the expression
	Local    string // the name that takes its place
	Bound    resolve.Home
	OnHome   bool // the name is that of the home's module, and the attribute follows
	Home     resolve.Home
}

// String is the head of a string that is to name the home.
type String struct {
	Start, Length int
	Home          resolve.Home
}

// Added is a name that is newly bound to a home.
type Added struct {
	Name string
	Home resolve.Home
}

// ErrUnsound says that the new text has a syntax error where it matters, which
// the old one may have had too: nobody has looked.
var ErrUnsound = errors.New("syntax error")

// check is one proof.
type check struct {
	Reader
	file     File
	old, now Text
	want     *Expected
	homes    map[string]bool // of what moves: the rules may name as one what the resolver would follow further
}

// Check reads the new text anew and compares. It returns what the names of the
// new text mean, where that had to be looked at. The error says what is not as
// expected; an *OrderLost or a *TornApart can be mended by expecting less, and
// ErrUnsound by a look at the old text.
func Check(ctx context.Context, f File, old, now Text, want *Expected, r Reader) (*pyfile.Names, error) {
	old.findStars()
	now.findStars()
	c := &check{Reader: r, file: f, old: old, now: now, want: want, homes: want.homes()}
	if (now.Outline.Broken >= 0) != (old.Outline.Broken >= 0) || unreadable(now.Outline) > unreadable(old.Outline) {
		return nil, errors.New("the new text does not read as Python")
	}
	for _, part := range []func() error{
		func() error { return c.sound(ctx) }, c.imports, c.order, c.tries, c.strings,
	} {
		if err := part(); err != nil {
			return nil, err
		}
	}
	if old.Names == nil || !want.Whole {
		return nil, nil
	}
	return c.uses(ctx)
}

func (e *Expected) homes() map[string]bool {
	homes := map[string]bool{}
	for _, m := range e.Moved {
		homes[m.Home.String()] = true
	}
	for _, u := range e.Uses {
		homes[u.Home.String()] = true
	}
	for _, s := range e.Strings {
		homes[s.Home.String()] = true
	}
	return homes
}

// absolute spells the module of a statement, as it stands if that is not known.
func (c *check) absolute(imp *pyfile.Import) string {
	abs, ok := c.file.Mod.Absolute(int(imp.Level), imp.Module)
	if !ok {
		return strings.Repeat(".", int(imp.Level)) + imp.Module
	}
	return abs
}

func (c *check) typing(imp *pyfile.Import) bool {
	return c.file.Stub || imp.Guard&pyfile.TypeChecking != 0
}

// unreadable counts the imports that do not parse as such.
func unreadable(o *pyfile.Outline) (n int) {
	for i := range o.Imports {
		if o.Imports[i].Guard&pyfile.Unreadable != 0 {
			n++
		}
	}
	return n
}

// sound parses the new text as far as it can differ.
func (c *check) sound(ctx context.Context) (err error) {
	end := len(c.now.Src)
	if !c.want.Whole {
		end = c.fence()
	}
	c.Parse(func(ps *pyfile.Parser) {
		var tree *pyfile.Tree
		if tree, err = ps.Parse(ctx, c.now.Src[:end]); err != nil {
			return
		}
		defer tree.Close()
		if !tree.HasError() {
			return
		}
		if !c.want.Sound && !c.want.Whole {
			err = ErrUnsound
			return
		}
		err = c.newSound(tree, end)
	})
	return err
}

// newSound checks that the imports which the old text did not have parse.
func (c *check) newSound(tree *pyfile.Tree, end int) (err error) {
	old := map[string]bool{}
	for i := range c.old.Outline.Imports {
		old[spelling(&c.old.Outline.Imports[i])] = true
	}
	for i := range c.now.Outline.Imports {
		imp := &c.now.Outline.Imports[i]
		if int(imp.End) <= end && imp.Guard&pyfile.Unreadable == 0 && !old[spelling(imp)] && !tree.Sound(int(imp.Start), int(imp.End)) {
			err = fmt.Errorf("%w: the new import in line %d does not parse", ErrUnsound, imp.Line)
		}
	}
	return err
}

// fence is up to where the suites whose statements change must parse.
func (c *check) fence() (end int) {
	suites := map[int32]bool{}
	for _, m := range c.want.Moved {
		suites[c.old.Outline.Imports[m.Imp].Suite] = true
	}
	for i := range c.now.Outline.Imports {
		if imp := &c.now.Outline.Imports[i]; suites[imp.Suite] {
			end = max(end, int(imp.Fence))
		}
	}
	return end
}

// spelling is what a statement imports, and in which scope: no two lists of
// values have the same.
func spelling(imp *pyfile.Import) string {
	names := make([]string, 0, 2*len(imp.Names))
	for _, n := range imp.Names {
		names = append(names, n.Name, n.As)
	}
	return fmt.Sprintf("%d %d %q %q", imp.Level, imp.Scope, imp.Module, names)
}
