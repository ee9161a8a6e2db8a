package codemod

import (
	"context"
	"sort"
	"strings"
)

// wasThere is the reason for a reference that is not the review's business: it
// was there before.
const wasThere Reason = "was-there"

// notWorkedOut is the reason for a reference that would be rewritten, if
// Options.Fixes allowed to find out how.
const notWorkedOut Reason = "not-worked-out"

// FindingKind says what a finding is about.
type FindingKind string

// Kinds of findings.
const (
	NewReading   FindingKind = "new-reading"   // a name is read through a facade
	NewReExport  FindingKind = "new-re-export" // a facade re-exports more
	NewCrossing  FindingKind = "new-crossing"  // a module imports one that it may not
	maxUnits                 = 40              // statements of a file whose fixes are told apart
	namesInText              = 8               // names that the text of one finding lists
	maxComponent             = 3               // rounds of joining fixes that meet
)

// Finding is something that one revision has and the one before had not.
type Finding struct {
	Kind         FindingKind
	Path         string
	Line, Column int    // both from 1; the column counts bytes
	Facade, Name string // of a crossing: the module that is imported, ""
	Home         string // "module" or "module:attribute"; "" if there is none
	Scope        string // "" for the module, else the names of the scopes around it; `"` for a string
	Reason       Reason // why the codemod would leave it; "" if it would rewrite it
	Detail       string // what a person can do about it
	After        string // the statements, a line each, or the expression that it would become; "" where that was not worked out
	Dead         bool   // it would go: the name is bound again before anything uses it
}

// Patch is what the codemod would write in the place of some lines of a file.
type Patch struct {
	Start, End int      // lines of the file, from 1, both inclusive; End < Start inserts before Start
	Lines      []string // with their line ends
}

// Fix mends some findings of a file, whatever becomes of its other findings.
type Fix struct {
	Path     string
	Findings []int   // indexes of the findings that it mends, sorted
	Patches  []Patch // sorted, apart from each other
	// Coupled says that the fix is only correct together with changes of
	// other files.
	Coupled bool
}

// Review is what a revision adds.
type Review struct {
	Findings []Finding // sorted by path, line, column
	Fixes    []Fix     // sorted by path and line
	Changes  []Change  // the files with all fixes applied, sorted by path
	Kept     int       // new readings that a comment keeps, or that excluded files hold
}

// ReviewFile is a file that differs between two revisions.
type ReviewFile struct {
	Path string // in the newer revision; "" for a file that is gone
	Old  string // in the older one; "" for a new file
}

// Compare says what the newer of two trees has in the given files that the
// older had not: names that are read through a facade, by file and scope and
// whatever the position; names that a facade newly passes on; imports over a
// boundary. A reading that only moved, within its file or to another of the
// files, is not new. A facade or a home that one of the trees does not have is
// passed over. Errors are those of Plan, without *RulesError.
func Compare(ctx context.Context, base, head Tree, files []ReviewFile, r Rules, o Options) (*Review, error) {
	c := comparison{oldPath: map[string]string{}, newPath: map[string]string{}}
	was, is := map[string]bool{}, map[string]bool{}
	for _, f := range files {
		if f.Old != "" {
			was[f.Old] = true
		}
		if f.Path != "" {
			is[f.Path] = true
			c.oldPath[f.Path], c.newPath[f.Old] = f.Old, f.Path
		}
	}
	var err error
	if c.now, err = readings(ctx, head, is, r, o); err != nil {
		return nil, err
	}
	defer c.now.close()
	if !c.now.concerned(r) {
		return &Review{}, nil
	}
	if c.old, err = readings(ctx, base, was, r, o); err != nil {
		return nil, err
	}
	defer c.old.close()
	return c.review(ctx)
}

// revision is the references of some files of one tree.
type revision struct {
	*planner
	consumers []*consumer
	look      map[string]bool
}

// concerned reports whether the files can have a finding at all.
func (r *revision) concerned(rules Rules) bool {
	for _, f := range r.facades {
		if r.look[f.mod.Path] {
			return true
		}
	}
	return len(r.consumers) > 0 || len(rules.Boundaries) > 0
}

// readings finds the references of the files that are looked at.
func readings(ctx context.Context, t Tree, look map[string]bool, r Rules, o Options) (*revision, error) {
	rev := &revision{planner: newPlanner(t, r, o), look: look}
	rev.ctx = ctx
	if err := rev.load(ctx); err != nil {
		return nil, err
	}
	rev.rules.Facades, rev.rules.Homes = rev.presentFacades(r), rev.presentHomes(r)
	if len(rev.files) == 0 {
		return rev, nil
	}
	if err := rev.check(); err != nil {
		return nil, err
	}
	if err := rev.prefetch(ctx); err != nil {
		return nil, err
	}
	var err error
	rev.consumers, err = rev.among(ctx, func(s *source) bool { return look[s.Path] })
	return rev, err
}

// presentFacades returns the facades that the tree has.
func (p *planner) presentFacades(r Rules) (present []string) {
	for _, f := range r.Facades {
		if m := p.index.Module(f); m != nil && m.Path != "" {
			present = append(present, f)
		}
	}
	return present
}

// presentHomes returns the overrides whose homes the tree has.
func (p *planner) presentHomes(r Rules) map[string]string {
	present := map[string]string{}
	for name, home := range r.Homes {
		if _, problem := p.override(name, home); problem == "" {
			present[name] = home
		}
	}
	return present
}

// among finds and resolves the references of the files that are chosen.
func (p *planner) among(ctx context.Context, chosen func(*source) bool) ([]*consumer, error) {
	all := p.files
	defer func() { p.files = all }()
	p.files = nil
	for _, s := range all {
		if chosen(s) {
			p.files = append(p.files, s)
		}
	}
	found, err := p.find(ctx)
	if err == nil {
		p.resolve(found)
	}
	return found, err
}

// comparison joins two revisions.
type comparison struct {
	old, now *revision
	oldPath  map[string]string // path now to path then, "" for a new file
	newPath  map[string]string // the other way round
	findings map[*reference]int
}

func (c *comparison) review(ctx context.Context) (*Review, error) {
	out := &Review{}
	fresh := c.fresh()
	consumers, err := c.company(ctx, fresh)
	if err != nil {
		return nil, err
	}
	if c.choose(fresh, out) {
		if err := c.now.rewriteAll(ctx, consumers); err != nil {
			return nil, err
		}
	}
	c.findings = map[*reference]int{}
	for _, co := range c.now.consumers {
		if err := c.collect(co, out); err != nil {
			return nil, err
		}
	}
	if err := c.addFixes(ctx, out); err != nil {
		return nil, err
	}
	exports, kept, err := c.reExports(ctx)
	out.Findings = append(out.Findings, exports...)
	crossings, also := c.crossings()
	out.Findings = append(out.Findings, crossings...)
	out.Kept += kept + also
	sortReview(out)
	return out, err
}

// choose leaves what is not to be rewritten, counts what is kept, and reports
// whether anything is to be rewritten.
func (c *comparison) choose(fresh map[*reference]bool, out *Review) bool {
	files := 0
	for _, co := range c.now.consumers {
		some := false
		for _, r := range co.refs {
			switch {
			case !fresh[r]:
				r.leave(wasThere, "")
			case r.reason == Excluded || r.reason == TooLarge:
				out.Kept++
			case r.reason == "" && c.now.opts.Fixes > 0 && files >= c.now.opts.Fixes:
				r.leave(notWorkedOut, "")
			case r.reason == "":
				some = true
			}
		}
		if some {
			files++
		}
	}
	return files > 0
}

// collect adds the findings and the change of one file.
func (c *comparison) collect(co *consumer, out *Review) error {
	var lines *lineIndex
	for _, r := range co.refs {
		switch r.reason {
		case wasThere, Excluded, TooLarge, DeclaredInFacade:
			continue
		}
		if lines == nil {
			src, err := c.now.text(co.source)
			if err != nil {
				return err
			}
			lines = newLines(src)
		}
		f := Finding{
			Kind: NewReading, Path: co.Path, Line: lines.line(r.at), Column: lines.column(r.at), Facade: r.facade.name, Name: r.shown(),
			Scope: scopeOf(co, r), Reason: r.reason, Detail: r.detail, After: r.after, Dead: r.dead && r.reason == "",
		}
		if r.name != "" && r.name != "*" && r.res.Home.Module != "" {
			f.Home = r.res.Home.String()
		}
		switch r.reason {
		case "":
		case notWorkedOut:
			f.Reason, f.Detail, f.After = "", "", importOf(r)
		default:
			f.After = ""
		}
		c.findings[r] = len(out.Findings)
		out.Findings = append(out.Findings, f)
	}
	if co.change != nil {
		out.Changes = append(out.Changes, *co.change)
	}
	return nil
}

// importOf is the import of a reference's home as it is mostly written.
func importOf(r *reference) string {
	module, attr := r.res.Home.Module, r.res.Home.Attr
	if i := strings.LastIndexByte(module, '.'); attr == "" && i > 0 {
		module, attr = module[:i], module[i+1:]
	}
	switch {
	case r.name == "" || r.name == "*":
		return ""
	case attr == "":
		return "import " + module
	case attr != r.name:
		return "from " + module + " import " + attr + " as " + r.name
	}
	return "from " + module + " import " + attr
}

// sortReview sorts the findings, and the fixes' references to them.
func sortReview(r *Review) {
	order := make([]int, len(r.Findings))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(i, j int) bool { return lessFinding(&r.Findings[order[i]], &r.Findings[order[j]]) })
	at := make([]int, len(order))
	sorted := make([]Finding, len(order))
	for i, o := range order {
		sorted[i], at[o] = r.Findings[o], i
	}
	r.Findings = sorted
	for i := range r.Fixes {
		for k, f := range r.Fixes[i].Findings {
			r.Fixes[i].Findings[k] = at[f]
		}
		sort.Ints(r.Fixes[i].Findings)
	}
	sort.SliceStable(r.Fixes, func(i, j int) bool { return r.Fixes[i].Findings[0] < r.Fixes[j].Findings[0] })
	sort.SliceStable(r.Changes, func(i, j int) bool { return r.Changes[i].Path < r.Changes[j].Path })
}

func lessFinding(a, b *Finding) bool {
	switch {
	case a.Path != b.Path:
		return a.Path < b.Path
	case a.Line != b.Line:
		return a.Line < b.Line
	case a.Column != b.Column:
		return a.Column < b.Column
	}
	return a.Name < b.Name
}
