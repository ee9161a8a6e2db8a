package codemod

import (
	"context"
	"sort"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/edit"
	"github.com/canonicalize/canonicalize/codemod/pyfile"
)

// wasThere is the reason for a reference that is not the review's business: it
// was there before.
const wasThere Reason = "was-there"

// FindingKind says what a finding is about.
type FindingKind string

// Kinds of findings.
const (
	NewReading  FindingKind = "new-reading"   // a name is read through a facade
	NewReExport FindingKind = "new-re-export" // a facade re-exports more
)

// Finding is something that one revision has and the one before had not.
type Finding struct {
	Kind         FindingKind
	Path         string
	Line, Column int // both from 1
	Facade, Name string
	Home         string // "module" or "module:attribute"; "" if there is none
	Scope        string // "" for the module, else the names of the scopes around it
	Reason       Reason // why the codemod would leave it; "" if it would rewrite it
	Detail       string
	After        string // the statement or expression that it would become
}

// Patch is what the codemod would write in the place of some lines of a file
// in order to mend the findings in them.
type Patch struct {
	Path       string
	Start, End int      // lines of the file, from 1, both inclusive; End < Start inserts before Start
	Lines      []string // with their line ends
	Findings   []int    // indexes of the findings that it mends
}

// Review is what a revision adds.
type Review struct {
	Findings []Finding // sorted by path, line, column
	Patches  []Patch   // sorted by path and line
	Changes  []Change  // the files with all patches applied
	Kept     int       // new readings that a comment keeps or that excluded paths hold
}

// ReviewFile is a file that differs between two revisions.
type ReviewFile struct {
	Path string // in the newer revision
	Old  string // in the older one; "" for a new file
}

// Compare says which readings through a facade the newer of two trees has in
// the given files that the older had not: by file and scope, and whatever the
// position. A reading that only moved, within its file or to another of the
// files, is not new. Errors are those of Plan.
func Compare(ctx context.Context, base, head Tree, files []ReviewFile, r Rules, o Options) (*Review, error) {
	old, err := readings(ctx, base, oldPaths(files), r, o)
	if err != nil {
		return nil, err
	}
	defer old.close()
	now, err := readings(ctx, head, newPaths(files), r, o)
	if err != nil {
		return nil, err
	}
	defer now.close()
	c := comparison{old: old, now: now, oldPath: map[string]string{}}
	for _, f := range files {
		c.oldPath[f.Path] = f.Old
	}
	return c.review(ctx)
}

func oldPaths(files []ReviewFile) map[string]bool {
	out := map[string]bool{}
	for _, f := range files {
		if f.Old != "" {
			out[f.Old] = true
		}
	}
	return out
}

func newPaths(files []ReviewFile) map[string]bool {
	out := map[string]bool{}
	for _, f := range files {
		out[f.Path] = true
	}
	return out
}

// revision is the references of some files of one tree.
type revision struct {
	*planner
	consumers []*consumer
	look      map[string]bool
}

// readings finds the references of the files that are looked at. A facade that
// does not exist in the tree is passed over: one of two revisions may have it.
func readings(ctx context.Context, t Tree, look map[string]bool, r Rules, o Options) (*revision, error) {
	p := newPlanner(t, r, o)
	p.ctx = ctx
	rev := &revision{planner: p, look: look}
	if err := p.load(ctx); err != nil {
		return nil, err
	}
	if len(p.files) == 0 {
		return rev, nil
	}
	var present []string
	for _, f := range r.Facades {
		if m := p.index.Module(f); m != nil && m.Path != "" {
			present = append(present, f)
		}
	}
	p.rules.Facades = present
	if err := p.check(); err != nil {
		return nil, err
	}
	if err := p.prefetch(ctx); err != nil {
		return nil, err
	}
	all := p.files
	p.files = nil
	for _, s := range all {
		if look[s.Path] {
			p.files = append(p.files, s)
		}
	}
	consumers, err := p.find(ctx)
	p.files = all
	if err != nil {
		return nil, err
	}
	p.resolve(consumers)
	rev.consumers = consumers
	return rev, nil
}

// comparison joins two revisions.
type comparison struct {
	old, now *revision
	oldPath  map[string]string
}

// spot is a name that is read in a scope of a file.
type spot struct{ path, scope, facade, name string }

func (c *comparison) review(ctx context.Context) (*Review, error) {
	out := &Review{}
	fresh := c.fresh()
	for _, co := range c.now.consumers {
		for _, r := range co.refs {
			switch {
			case !fresh[r]:
				r.leave(wasThere, "")
			case r.reason == Excluded || r.reason == TooLarge:
				out.Kept++
			}
		}
	}
	if len(c.now.consumers) > 0 {
		if err := c.now.rewriteAll(ctx, c.now.consumers); err != nil {
			return nil, err
		}
	}
	for _, co := range c.now.consumers {
		c.collect(co, out)
	}
	out.Findings = append(out.Findings, c.reExports()...)
	sortFindings(out)
	return out, ctx.Err()
}

// collect adds the findings and the patches of one file.
func (c *comparison) collect(co *consumer, out *Review) {
	src, err := c.now.text(co.source)
	if err != nil {
		return
	}
	lines := newLines(src)
	first := len(out.Findings)
	for _, r := range co.refs {
		if r.reason == wasThere || r.reason == Excluded || r.reason == TooLarge || r.reason == DeclaredInFacade {
			continue
		}
		f := Finding{
			Kind: NewReading, Path: co.Path, Line: lines.line(r.at), Column: lines.column(r.at), Facade: r.facade.name, Name: r.shown(),
			Scope: scopeOf(co, r), Reason: r.reason, Detail: r.detail, After: r.after,
		}
		if r.name != "" && r.name != "*" && (r.res.Home.Module != "") {
			f.Home = r.res.Home.String()
		}
		out.Findings = append(out.Findings, f)
	}
	if co.change == nil {
		return
	}
	out.Changes = append(out.Changes, *co.change)
	out.Patches = append(out.Patches, patches(co.change, out.Findings, first)...)
}

// patches cuts the change of a file into runs of lines, and says which
// findings stand in each or are mended by it.
func patches(ch *Change, findings []Finding, first int) (out []Patch) {
	before, after := splitKeep(ch.Before), splitKeep(ch.After)
	for _, h := range edit.Lines(before, after) {
		p := Patch{Path: ch.Path, Start: h.Start + 1, End: h.End, Lines: after[h.NewStart:h.NewEnd]}
		for i := first; i < len(findings); i++ {
			if f := &findings[i]; f.Reason == "" && f.Line >= p.Start && f.Line <= p.End {
				p.Findings = append(p.Findings, i)
			}
		}
		out = append(out, p)
	}
	return out
}

// splitKeep cuts a text behind each newline.
func splitKeep(src []byte) []string {
	return strings.SplitAfter(strings.TrimSuffix(string(src), ""), "\n")
}

// fresh returns the references of the newer revision that are new.
func (c *comparison) fresh() map[*reference]bool {
	had := map[spot]bool{}
	spare := map[[2]string]int{} // facade and name to spots that are gone
	for _, co := range c.old.consumers {
		for _, r := range co.refs {
			had[spot{co.Path, scopeOf(co, r), r.facade.name, r.shown()}] = true
		}
	}
	gone := map[spot]bool{}
	for s := range had {
		gone[s] = true
	}
	now := map[spot][]*reference{}
	for _, co := range c.now.consumers {
		for _, r := range co.refs {
			s := spot{c.before(co.Path), scopeOf(co, r), r.facade.name, r.shown()}
			now[s] = append(now[s], r)
			delete(gone, s)
		}
	}
	for s := range gone {
		spare[[2]string{s.facade, s.name}]++
	}
	spots := make([]spot, 0, len(now))
	for s := range now {
		spots = append(spots, s)
	}
	sort.Slice(spots, func(i, j int) bool { return lessSpot(spots[i], spots[j]) })
	out := map[*reference]bool{}
	for _, s := range spots {
		if had[s] {
			continue
		}
		if k := [2]string{s.facade, s.name}; spare[k] > 0 {
			spare[k]--
			continue
		}
		for _, r := range now[s] {
			out[r] = true
		}
	}
	return out
}

func lessSpot(a, b spot) bool {
	if a.path != b.path {
		return a.path < b.path
	}
	if a.scope != b.scope {
		return a.scope < b.scope
	}
	return a.facade+":"+a.name < b.facade+":"+b.name
}

// before is the path that a file had, a path that no file has for a new one.
func (c *comparison) before(path string) string {
	if old := c.oldPath[path]; old != "" {
		return old
	}
	return "\x00" + path
}

// scopeOf names the scope that a reference stands in.
func scopeOf(co *consumer, r *reference) string {
	if r.imp < 0 {
		return ""
	}
	o := co.outline
	var parts []string
	for s := o.Imports[r.imp].Scope; s != 0; s = o.Scopes[s].Parent {
		parts = append(parts, o.Scopes[s].Name)
	}
	for i, j := 0, len(parts)-1; i < j; i, j = i+1, j-1 {
		parts[i], parts[j] = parts[j], parts[i]
	}
	return strings.Join(parts, ".")
}

// reExports finds what the facades newly pass on.
func (c *comparison) reExports() (out []Finding) {
	for _, name := range c.now.rules.Facades {
		f := c.now.facades[name]
		if !c.now.look[f.mod.Path] {
			continue
		}
		was := map[string]bool{}
		if m := c.old.index; m != nil {
			if old := m.Module(name); old != nil && old.Path != "" {
				for k := range passedOn(c.old.planner, c.old.byPath[old.Path]) {
					was[k] = true
				}
			}
		}
		s := c.now.byPath[f.mod.Path]
		if s.excluded != "" {
			continue
		}
		for k, imp := range passedOn(c.now.planner, s) {
			if was[k] || imp.Guard&pyfile.Kept != 0 {
				continue
			}
			home, bound, _ := strings.Cut(k, " ")
			out = append(out, Finding{
				Kind: NewReExport, Path: s.Path, Line: int(imp.Line), Column: 1, Facade: name, Name: bound, Home: home,
				Detail: "The facade passes on one name more: let the readers import it from its home.",
			})
		}
	}
	return out
}

// passedOn returns what a module imports at its top level from the tree, as
// "source name", with the statement.
func passedOn(p *planner, s *source) map[string]*pyfile.Import {
	out := map[string]*pyfile.Import{}
	for i := range s.outline.Imports {
		imp := &s.outline.Imports[i]
		if imp.Scope != 0 || !imp.From || imp.Guard&pyfile.TypeChecking != 0 {
			continue
		}
		abs, ok := p.index.Absolute(s.mod, int(imp.Level), imp.Module)
		if !ok || p.index.Module(abs) == nil {
			continue
		}
		for _, n := range imp.Names {
			out[abs+" "+n.Bound()] = imp
		}
	}
	return out
}

// sortFindings sorts the findings, and the patches' references to them.
func sortFindings(r *Review) {
	order := make([]int, len(r.Findings))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(i, j int) bool {
		a, b := &r.Findings[order[i]], &r.Findings[order[j]]
		if a.Path != b.Path {
			return a.Path < b.Path
		}
		if a.Line != b.Line {
			return a.Line < b.Line
		}
		return a.Column < b.Column
	})
	at := make([]int, len(order))
	sorted := make([]Finding, len(order))
	for i, o := range order {
		sorted[i], at[o] = r.Findings[o], i
	}
	r.Findings = sorted
	for i := range r.Patches {
		for k, f := range r.Patches[i].Findings {
			r.Patches[i].Findings[k] = at[f]
		}
		sort.Ints(r.Patches[i].Findings)
	}
}
