package codemod

import (
	"cmp"
	"context"
	"slices"
	"sort"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/graph"
	"github.com/canonicalize/canonicalize/codemod/pyfile"
)

// keepOrder simulates the import of every module before and after the
// changes, and leaves the references whose rewrite would make an import meet
// a module that is half initialised, where it did not before, or bind a name
// to something else.
//
// Each round leaves at least one reference and rewrites its file anew, so the
// rounds end.
func (p *planner) keepOrder(ctx context.Context, files []*consumer) error {
	if !slices.ContainsFunc(files, func(c *consumer) bool { return c.change != nil }) {
		p.graphs.now = cmp.Or(p.graphs.now, p.graphs.was)
		return ctx.Err()
	}
	o := orderKeeper{planner: p, byPath: map[string]*consumer{}, tried: map[*consumer]bool{}, was: map[string]bool{}}
	for _, c := range files {
		o.byPath[c.Path] = c
	}
	p.watch(p.graphs.was, files)
	p.before.Observe()
	p.changing = o.byPath
	for module, failures := range p.before.Failures {
		for _, f := range failures {
			o.was[module+" "+f.Key()] = o.was[module+" "+f.Key()] || !f.Caught
		}
	}
	for _, path := range p.graphs.was.Circles() {
		p.parsed[path] = true // whatever becomes of the circle, they are known as well as they were
	}
	o.graph = o.graphNow()
	o.graph.Begin(graphFacts{p})
	p.watch(o.graph, files)
	for _, c := range files {
		o.set(c)
	}
	for {
		again := o.round(files)
		if len(again) == 0 {
			again = o.leaveUnloaded(files)
		}
		if len(again) == 0 {
			return ctx.Err()
		}
		if err := p.rewriteGroups(ctx, again); err != nil {
			return err
		}
		for _, c := range files {
			if c.outlineNow() != c.simulated {
				o.set(c)
			}
		}
	}
}

// graphNow is the graph of the tree as the plan leaves it: that of a plan
// before, or without one, the graph of the tree as it is, which is needed no
// more.
func (o *orderKeeper) graphNow() *graph.Graph {
	switch {
	case o.graphs.now != o.graphs.was && !o.cache.idle:
		outlines := o.outlines()
		for _, c := range o.byPath {
			at, _ := o.index.Place(c.Path)
			outlines[at] = c.outlineNow()
		}
		o.planner.graphs.now = o.update(o.graphs.now, outlines)
	default:
		o.planner.graphs.now = o.graphs.was
	}
	return o.graphs.now
}

// set shows the graph the file as the plan leaves it.
func (o *orderKeeper) set(c *consumer) {
	c.simulated = c.outlineNow()
	o.graph.Set(c.Path, c.simulated)
}

// outlineNow is the outline of the file as the plan leaves it.
func (c *consumer) outlineNow() *pyfile.Outline {
	if c.change != nil {
		return c.outlineAfter
	}
	return c.outline
}

// orderKeeper finds out whose rewrites bring about a failure.
type orderKeeper struct {
	*planner
	graph  *graph.Graph // as the plan leaves the files
	byPath map[string]*consumer
	was    map[string]bool    // failures that were there before, and whether nothing could catch them
	tried  map[*consumer]bool // files of which single statements were left, in vain
}

// round leaves references for the failures that are new, or else for the
// names that are bound to something else, and returns the files that must be
// rewritten again.
func (o *orderKeeper) round(files []*consumer) (again []*consumer) {
	dirty := map[*consumer]bool{}
	now := o.graph.Simulate()
	o.leaveFailing(now, files, dirty)
	if len(dirty) == 0 {
		now.Observe()
		for _, f := range now.Compare(o.planner.before, o.flip(files)) {
			if !o.overridden(f) {
				o.leaveRebound(f, files, dirty)
			}
		}
	}
	for _, c := range files {
		if dirty[c] {
			again = append(again, c)
		}
	}
	return again
}

// leaveFailing leaves references for the failures that are new.
func (o *orderKeeper) leaveFailing(sim *graph.Simulation, files []*consumer, dirty map[*consumer]bool) {
	now := sim.Failures
	fresh := o.fresh(now)
	known := map[string]bool{} // failures for which a file was found
	for _, f := range fresh {
		if f.Entry != f.At && (strings.HasPrefix(f.Entry, f.At+".") || o.graph.Circular(f.Entry, f.At)) {
			continue // where the circle is entered is not its doing
		}
		if c := o.changed(f.Entry); c != nil && (dirty[c] || o.gone(f, []*consumer{c})) {
			known[f.Key()] = true
			o.leaveOwn(f, c, now, dirty)
		}
	}
	for _, f := range fresh {
		if !known[f.Key()] && !o.handled(f, dirty) {
			known[f.Key()] = true
			o.leaveCulprit(f, files, dirty)
		}
	}
}

// fresh returns the failures that were not there before, by module.
func (o *orderKeeper) fresh(now map[string][]graph.Failure) (out []graph.Failure) {
	modules := make([]string, 0, len(now))
	for m := range now {
		modules = append(modules, m)
	}
	sort.Strings(modules)
	for _, m := range modules {
		for _, f := range now[m] {
			if hard, ok := o.was[m+" "+f.Key()]; (!ok || !hard && !f.Caught) && (!f.Missing || o.importedBefore(f)) {
				out = append(out, f)
			}
		}
	}
	return out
}

// importedBefore reports whether the module imported that name before the
// changes, in the same circle: then it found it.
func (o *orderKeeper) importedBefore(f graph.Failure) bool {
	if !o.planner.before.Ran(f.Entry, f.Importer) || !o.planner.before.Ran(f.Entry, f.Module) {
		return false
	}
	c := o.changed(f.Importer)
	return c == nil || slices.ContainsFunc(c.outline.Imports, func(imp pyfile.Import) bool {
		abs, ok := c.mod.Absolute(int(imp.Level), imp.Module)
		return ok && imp.From && abs == f.Module && slices.ContainsFunc(imp.Names, func(n pyfile.Name) bool { return n.Name == f.Name })
	})
}

// changed returns the consumer that a module is, if it changes.
func (o *orderKeeper) changed(module string) *consumer {
	if c := o.byPath[o.pathOf(module)]; c != nil && c.change != nil {
		return c
	}
	return nil
}

// pathOf returns the file of a module of the import graph.
func (p *planner) pathOf(module string) string {
	if path, ok := graph.ScriptPath(module); ok {
		return path
	}
	if m := p.index.Module(module); m != nil {
		return m.Path
	}
	return ""
}

// leaveOwn leaves the references of a file whose new imports enter a circle
// where that fails: those on the failure's way, those whose homes show the
// failure when they are imported first, or else all.
func (o *orderKeeper) leaveOwn(f graph.Failure, c *consumer, now map[string][]graph.Failure, dirty map[*consumer]bool) {
	if !o.tried[c] {
		o.tried[c] = true
		if o.leaveOnWay(f, c, dirty) {
			return
		}
		found := false
		for _, r := range c.refs {
			if r.reason == "" && o.runs(c, r) && shows(now[r.res.Home.Module], f.Key()) {
				r.leave(ImportCycle, ImportCycle.Advice()+" ("+f.String()+")")
				dirty[c], found = true, true
			}
		}
		if found {
			return
		}
	}
	o.leaveAll(f, c, dirty)
}

func shows(failures []graph.Failure, key string) bool {
	for _, f := range failures {
		if f.Key() == key {
			return true
		}
	}
	return false
}

// handled reports whether a file on the failure's way changes already in this
// round, after which the failure may be gone.
func (o *orderKeeper) handled(f graph.Failure, dirty map[*consumer]bool) bool {
	for _, c := range o.onWay(f) {
		if dirty[c] {
			return true
		}
	}
	return false
}

// onWay returns the changed files whose statements lead to the failure, the
// failing one first and then the suspended ones, nearest first.
func (o *orderKeeper) onWay(f graph.Failure) (out []*consumer) {
	add := func(module string) {
		if c := o.changed(module); c != nil {
			out = append(out, c)
		}
	}
	add(f.Importer)
	for i := len(f.Cycle) - 1; i >= 0; i-- {
		add(f.Cycle[i].Module)
	}
	return out
}

// leaveCulprit finds a file without whose change the failure would not be,
// and leaves what brings it about there: the references of the statement on
// the failure's way if it was rewritten, otherwise, or if that did not help,
// all that run when the file is imported.
func (o *orderKeeper) leaveCulprit(f graph.Failure, files []*consumer, dirty map[*consumer]bool) {
	c := o.culprit(f, files)
	if c == nil {
		return
	}
	if !o.tried[c] {
		o.tried[c] = true
		if o.leaveOnWay(f, c, dirty) {
			return
		}
	}
	o.leaveAll(f, c, dirty)
}

func (o *orderKeeper) leaveOnWay(f graph.Failure, c *consumer, dirty map[*consumer]bool) bool {
	if o.leaveAt(f, c, graph.Suspended{Module: f.Importer, Import: f.Import}, dirty) {
		return true
	}
	for i := len(f.Cycle) - 1; i >= 0; i-- {
		if o.leaveAt(f, c, f.Cycle[i], dirty) {
			return true
		}
	}
	return false
}

// culprit returns a file whose old text, among the new ones of the others,
// makes the failure go away: one on its way if there is such, or else the
// last that is needed of all that changed.
func (o *orderKeeper) culprit(f graph.Failure, files []*consumer) *consumer {
	for _, c := range o.onWay(f) {
		if o.gone(f, []*consumer{c}) {
			return c
		}
	}
	var changed []*consumer
	for _, c := range files {
		if c.change != nil {
			changed = append(changed, c)
		}
	}
	k := sort.Search(len(changed), func(k int) bool { return o.gone(f, changed[:k]) })
	if k == 0 || k > len(changed) {
		return nil
	}
	return changed[k-1]
}

// gone reports whether the failure goes away when the files keep their old
// texts.
func (o *orderKeeper) gone(f graph.Failure, files []*consumer) bool {
	if len(files) == 1 {
		return !o.graph.FailsWith(f, files[0].Path, files[0].outline)
	}
	for _, c := range files {
		o.graph.Set(c.Path, c.outline)
	}
	fails := o.graph.Fails(f)
	for _, c := range files {
		o.graph.Set(c.Path, c.outlineNow())
	}
	return !fails
}

// leaveAt leaves the references whose rewrite made the statement, if it is
// one of the file's.
func (p *planner) leaveAt(f graph.Failure, c *consumer, at graph.Suspended, dirty map[*consumer]bool) bool {
	if p.pathOf(at.Module) != c.Path || at.Import >= len(c.outlineAfter.Imports) {
		return false
	}
	imp := &c.outlineAfter.Imports[at.Import]
	found := false
	for _, r := range c.refs {
		if r.reason == "" && p.runs(c, r) && p.made(c, r, imp) {
			r.leave(ImportCycle, ImportCycle.Advice()+" ("+f.String()+")")
			dirty[c], found = true, true
		}
	}
	return found
}

// leaveAll leaves every reference of a file that is read when it is imported.
func (p *planner) leaveAll(f graph.Failure, c *consumer, dirty map[*consumer]bool) bool {
	if c == nil || c.change == nil {
		return false
	}
	found := false
	for _, r := range c.refs {
		if r.reason == "" && p.runs(c, r) {
			r.leave(ImportCycle, ImportCycle.Advice()+" ("+f.String()+")")
			dirty[c], found = true, true
		}
	}
	return found
}

// runs reports whether the import of the reference runs when its module is
// imported.
func (p *planner) runs(c *consumer, r *reference) bool {
	if r.imp < 0 {
		return false
	}
	imp := &c.outline.Imports[r.imp]
	if !imp.Runs() {
		return false
	}
	for s := imp.Scope; s != 0; s = c.outline.Scopes[s].Parent {
		if c.outline.Scopes[s].Kind == pyfile.FunctionScope {
			return false
		}
	}
	return true
}

// made reports whether the reference's new import is (part of) the statement.
func (p *planner) made(c *consumer, r *reference, imp *pyfile.Import) bool {
	abs, ok := c.mod.Absolute(int(imp.Level), imp.Module)
	if !ok {
		return false
	}
	if r.form == FormStar {
		for _, name := range r.star {
			if p.boundBy(imp, abs, p.lookup(r.facade.name, name, r.typing).Home.String()) {
				return true
			}
		}
		return false
	}
	return p.boundBy(imp, abs, r.res.Home.String())
}

// boundBy reports whether the statement imports the home.
func (p *planner) boundBy(imp *pyfile.Import, abs, home string) bool {
	for _, n := range imp.Names {
		if !imp.From && n.Name == home || imp.From && (abs+":"+n.Name == home || abs+"."+n.Name == home) {
			return true
		}
	}
	return false
}
