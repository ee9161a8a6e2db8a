package fixpoint

import (
	"context"
	"maps"
	"slices"
	"sort"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/importorder"
	"github.com/canonicalize/canonicalize/codemod/pyfile"
	"github.com/canonicalize/canonicalize/codemod/refs"
	"github.com/canonicalize/canonicalize/codemod/world"
)

// culprits finds out whose rewrites bring about a failure.
type culprits struct {
	*loop
	compared *importorder.Comparison
	now      map[string][]importorder.Failure // of what changed
	at       map[string]*refs.File            // by path
	found    map[*refs.Reference]bool
	dirty    map[*refs.File]bool
	list     []Objection
}

func (l *loop) culprits(compared *importorder.Comparison) *culprits {
	c := &culprits{
		loop: l, compared: compared, now: l.order.now.Failures(l.order.Program),
		at: map[string]*refs.File{}, found: map[*refs.Reference]bool{}, dirty: map[*refs.File]bool{},
	}
	for _, f := range l.Files {
		c.at[f.Path] = f
	}
	return c
}

// objections are those for the failures that are new, or else for the names
// that are bound to something else.
func (c *culprits) objections(ctx context.Context) []Objection {
	c.failing(ctx)
	if len(c.list) == 0 && ctx.Err() == nil {
		for _, fail := range c.compared.Differences() {
			if ctx.Err() == nil && !c.overridden(fail) {
				c.rebound(fail)
			}
		}
	}
	return c.list
}

// object objects to a reference.
func (c *culprits) object(f *refs.File, r *refs.Reference, why refs.Why) {
	if !c.found[r] {
		c.found[r] = true
		c.list = append(c.list, Objection{f, r, why})
	}
	c.dirty[f] = true
}

// open reports whether a reference is rewritten, and nothing is said against
// that yet.
func (c *culprits) open(r *refs.Reference) bool {
	return !c.found[r] && !c.Left.stays(r)
}

// failing objects for the failures that are new.
//
// Each way of failing is looked into once, whichever modules show it: the files
// whose rewrite may bring it about are few, and those on its way come first. A
// module that nothing imports is asked first whether it is its own doing, which
// costs nothing.
func (c *culprits) failing(ctx context.Context) {
	fresh := c.fresh()
	known := map[string]bool{} // failures for which a file was found
	for _, fail := range fresh {
		if c.notItsDoing(fail) {
			continue
		}
		if f := c.changed(fail.Entry); f != nil && (c.dirty[f] || c.goneAlone(fail, f)) {
			known[fail.Key()] = true
			c.own(fail, f)
		}
	}
	for _, fail := range fresh {
		if ctx.Err() != nil || known[fail.Key()] || slices.ContainsFunc(c.onWay(fail), func(f *refs.File) bool { return c.dirty[f] }) {
			continue // a file on its way changes already, after which it may be gone
		}
		known[fail.Key()] = true
		f := c.culprit(fail)
		switch {
		case f == nil:
		case f == c.changed(fail.Entry) && !c.notItsDoing(fail):
			c.own(fail, f)
		case c.tried(f) || !c.way(fail, f):
			c.all(fail, f)
		}
	}
}

// notItsDoing reports whether a module that shows a failure does not decide
// where the circle is entered.
func (c *culprits) notItsDoing(fail importorder.Failure) bool {
	return fail.Entry != fail.At && (strings.HasPrefix(fail.Entry, fail.At+".") || c.order.now.Circular(fail.Entry, fail.At))
}

// goneAlone reports whether the failure goes away with the old text of its
// entry, where nothing imports that.
func (c *culprits) goneAlone(fail importorder.Failure, f *refs.File) bool {
	fails, known := c.order.now.FailsAlone(fail, c.order.file(c.World, f.Source))
	return known && !fails
}

// fresh returns the failures that were not there before, by module.
func (c *culprits) fresh() (out []importorder.Failure) {
	had := c.order.failedBefore()
	for _, module := range slices.Sorted(maps.Keys(c.now)) {
		for _, fail := range c.now[module] {
			hard, had := had[module+" "+fail.Key()]
			if (!had || !hard && !fail.Caught) && (!fail.Missing || c.importedBefore(fail)) {
				out = append(out, fail)
			}
		}
	}
	return out
}

// importedBefore reports whether the module imported that name before the
// changes, in the same circle: then it found it.
func (c *culprits) importedBefore(fail importorder.Failure) bool {
	if !c.compared.Ran(fail.Entry, fail.Importer) || !c.compared.Ran(fail.Entry, fail.Module) {
		return false
	}
	f := c.changed(fail.Importer)
	return f == nil || slices.ContainsFunc(f.Outline.Imports, func(imp pyfile.Import) bool {
		abs, ok := f.Absolute(&imp)
		return ok && imp.From && abs == fail.Module && slices.ContainsFunc(imp.Names, func(n pyfile.Name) bool { return n.Name == fail.Name })
	})
}

// changed returns the file that a module is, if it changes.
func (c *culprits) changed(module string) *refs.File {
	if f := c.at[PathOf(c.World, module)]; f != nil && c.Changes(f) {
		return f
	}
	return nil
}

// PathOf returns the file of a module of the import importorder.
func PathOf(w *world.World, module string) string {
	if path, ok := importorder.ScriptPath(module); ok {
		return path
	}
	if m := w.Index.Module(module); m != nil {
		return m.Path
	}
	return ""
}

// tried reports whether single statements of a file were left already, and
// notes that they will have been.
func (c *culprits) tried(f *refs.File) bool {
	tried := c.single[f]
	c.single[f] = true
	return tried
}

// own objects to references of a file whose new imports enter a circle where
// that fails: those on the failure's way, those whose homes show the failure
// when they are imported first, or else all.
func (c *culprits) own(fail importorder.Failure, f *refs.File) {
	if !c.tried(f) && (c.way(fail, f) || c.some(fail, f, func(r *refs.Reference) bool {
		return slices.ContainsFunc(c.now[r.Res.Home.Module], func(other importorder.Failure) bool { return other.Key() == fail.Key() })
	})) {
		return
	}
	c.all(fail, f)
}

// some objects to those references of a file that are read when it is imported
// and that are chosen, and reports whether there were any.
func (c *culprits) some(fail importorder.Failure, f *refs.File, chosen func(*refs.Reference) bool) (found bool) {
	for _, r := range f.Refs {
		if c.open(r) && runs(f, r) && chosen(r) {
			c.object(f, r, refs.Because(refs.ImportCycle, refs.ImportCycle.Advice()+" ("+fail.String()+")"))
			found = true
		}
	}
	return found
}

// all objects to every reference of a file that is read when it is imported.
func (c *culprits) all(fail importorder.Failure, f *refs.File) {
	c.some(fail, f, func(*refs.Reference) bool { return true })
}

// onWay returns the changed files whose statements lead to the failure, the
// failing one first and then the suspended ones, nearest first.
func (c *culprits) onWay(fail importorder.Failure) (out []*refs.File) {
	for _, at := range way(fail) {
		if f := c.changed(at.Module); f != nil {
			out = append(out, f)
		}
	}
	return out
}

// way is the failing statement, and those that wait for it, nearest first.
func way(fail importorder.Failure) []importorder.Suspended {
	out := []importorder.Suspended{{Module: fail.Importer, Import: fail.Import}}
	for _, at := range slices.Backward(fail.Cycle) {
		out = append(out, at)
	}
	return out
}

// way objects to the references of the nearest statement on the failure's way
// that a rewrite made in the file, and reports whether there is one.
func (c *culprits) way(fail importorder.Failure, f *refs.File) bool {
	imports := c.Draft(f).Text.Outline.Imports
	return slices.ContainsFunc(way(fail), func(at importorder.Suspended) bool {
		return PathOf(c.World, at.Module) == f.Path && at.Import < len(imports) &&
			c.some(fail, f, func(r *refs.Reference) bool { return c.made(f, r, &imports[at.Import]) })
	})
}

// culprit returns a file whose old text, among the new ones of the others,
// makes the failure go away: one on its way if there is such, or else the
// last that is needed of all that changed.
func (c *culprits) culprit(fail importorder.Failure) *refs.File {
	suspects := c.onWay(fail)
	if f := c.changed(fail.Entry); f != nil && !c.notItsDoing(fail) {
		suspects = slices.Insert(suspects, 0, f)
	}
	for _, f := range suspects {
		if c.gone(fail, f) {
			return f
		}
	}
	changed := slices.DeleteFunc(slices.Clone(c.Files), func(f *refs.File) bool { return !c.Changes(f) })
	k := sort.Search(len(changed), func(k int) bool { return c.gone(fail, changed[:k]...) })
	if k == 0 || k > len(changed) {
		return nil
	}
	return changed[k-1]
}

// gone reports whether the failure goes away when the files keep their old
// texts.
func (c *culprits) gone(fail importorder.Failure, files ...*refs.File) bool {
	texts, old := map[int]importorder.File{}, map[string]bool{}
	for _, f := range files {
		place, _ := c.World.Index.Place(f.Path)
		texts[place], old[f.Path] = c.order.file(c.World, f.Source), true
	}
	return !c.order.now.Wonder(texts, facts{c.order, c.After, old}).Fails(fail)
}

// rebound objects to what makes an import bind a name to something else: the
// references of that name, or, if that did not help, all that run when their
// file is imported.
func (c *culprits) rebound(fail importorder.Failure) {
	own := c.changed(fail.Importer)
	f := own
	if f == nil || !c.dirty[f] && !c.gone(fail, f) {
		f = c.culprit(fail)
	}
	if f == nil || c.dirty[f] && own != f {
		return
	}
	if own == f {
		for _, r := range f.Refs {
			if c.open(r) && runs(f, r) && c.bindsName(f, r, fail.Name) {
				why := refs.Because(refs.OrderDependent, refs.OrderDependent.Advice()+" ("+fail.String()+")")
				why.Adrift = true
				c.object(f, r, why)
			}
		}
	}
	if !c.dirty[f] {
		c.all(fail, f)
	}
}

// overridden reports whether the name is bound to something else because the rules
// say where it is at home.
func (c *culprits) overridden(fail importorder.Failure) bool {
	f := c.changed(fail.Importer)
	return f != nil && slices.ContainsFunc(f.Refs, func(r *refs.Reference) bool {
		return !c.Left.stays(r) && c.bindsName(f, r, fail.Name) && c.World.IsRuled(r.Res.Home)
	})
}

// bindsName reports whether the reference binds a name of its scope.
func (c *culprits) bindsName(f *refs.File, r *refs.Reference, name string) bool {
	name, _, _ = strings.Cut(name, " ")
	return r.Form == refs.FormFrom && f.Bound(r) == name ||
		r.Form == refs.FormStar && (name == "*" || slices.Contains(c.written(f, r).Star, name))
}

// runs reports whether the import of the reference runs when its module is
// imported.
func runs(f *refs.File, r *refs.Reference) bool {
	if r.Imp < 0 {
		return false
	}
	imp := &f.Outline.Imports[r.Imp]
	if !imp.Runs() {
		return false
	}
	for s := imp.Scope; s != 0; s = f.Outline.Scopes[s].Parent {
		if f.Outline.Scopes[s].Kind == pyfile.FunctionScope {
			return false
		}
	}
	return true
}

// made reports whether the reference's new import is (part of) the statement.
func (c *culprits) made(f *refs.File, r *refs.Reference, imp *pyfile.Import) bool {
	abs, ok := f.Absolute(imp)
	if !ok {
		return false
	}
	if r.Form != refs.FormStar {
		return importsHome(imp, abs, r.Res.Home.String())
	}
	return slices.ContainsFunc(c.written(f, r).Star, func(name string) bool {
		return importsHome(imp, abs, c.World.Lookup(r.Facade.Name, name, r.Typing).Home.String())
	})
}

// importsHome reports whether the statement imports the home.
func importsHome(imp *pyfile.Import, abs, home string) bool {
	return slices.ContainsFunc(imp.Names, func(n pyfile.Name) bool {
		return !imp.From && n.Name == home || imp.From && (abs+":"+n.Name == home || abs+"."+n.Name == home)
	})
}
