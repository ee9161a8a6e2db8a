package review

import (
	"context"
	"sort"
	"strings"

	"github.com/canonicalize/canonicalize/codemod/fixpoint"
	"github.com/canonicalize/canonicalize/codemod/refs"
	"github.com/canonicalize/canonicalize/codemod/world"
)

// wasThere is the reason for a reference that is not the review's business: it
// was there before.
const wasThere refs.Reason = "was-there"

// notWorkedOut is the reason for a reference that would be rewritten, if
// Options.Fixes allowed to find out how.
const notWorkedOut refs.Reason = "not-worked-out"

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
	Line, Column int         // both from 1; the column counts bytes
	Facade, Name string      // of a crossing: the module that is imported, ""
	Home         string      // "module" or "module:attribute"; "" if there is none
	Scope        string      // "" for the module, else the names of the scopes around it; `"` for a string
	Reason       refs.Reason // why the codemod would leave it; "" if it would rewrite it
	Detail       string      // what a person can do about it
	After        string      // the statements, a line each, or the expression that it would become; "" where that was not worked out
	Dead         bool        // it would go: the name is bound again before anything uses it
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
	Findings []Finding         // sorted by path, line, column
	Fixes    []Fix             // sorted by path and line
	Changes  []fixpoint.Change // the files with all fixes applied, sorted by path
	Kept     int               // new readings that a comment keeps, or that excluded files hold
}

// File is a file that differs between two revisions.
type File struct {
	Path string // in the newer revision; "" for a file that is gone
	Old  string // in the older one; "" for a new file
}

// Compare says what the newer of two trees has in the given files that the
// older had not, see codemod.Compare. The changes are without what only a plan
// reports.
func Compare(ctx context.Context, base, head world.Tree, files []File, r world.Rules, o world.Options) (*Review, error) {
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
	defer c.now.Close()
	if !c.now.concerned(r) {
		return &Review{}, nil
	}
	if c.old, err = readings(ctx, base, was, r, o); err != nil {
		return nil, err
	}
	defer c.old.Close()
	return c.review(ctx)
}

// revision is the references of some files of one tree.
type revision struct {
	*world.World
	files []*refs.File
	look  map[string]bool
}

// concerned reports whether the files can have a finding at all.
func (r *revision) concerned(rules world.Rules) bool {
	for _, f := range r.Facades {
		if r.look[f.Mod.Path] {
			return true
		}
	}
	return len(r.files) > 0 || len(rules.Boundaries) > 0
}

// readings finds the references of the files that are looked at.
func readings(ctx context.Context, t world.Tree, look map[string]bool, r world.Rules, o world.Options) (*revision, error) {
	w, err := world.Open(ctx, t, r, o)
	if err != nil {
		return nil, err
	}
	files, err := refs.Find(ctx, w, func(s *world.Source) bool { return look[s.Path] })
	if err != nil {
		w.Close()
		return nil, err
	}
	return &revision{w, files, look}, nil
}

// comparison joins two revisions.
type comparison struct {
	old, now *revision
	oldPath  map[string]string // path now to path then, "" for a new file
	newPath  map[string]string // the other way round
	outcome  *fixpoint.Outcome
	findings map[*refs.Reference]int
}

func (c *comparison) review(ctx context.Context) (*Review, error) {
	out := &Review{}
	fresh := c.fresh()
	company, err := c.company(ctx, fresh)
	if err != nil {
		return nil, err
	}
	beforehand, some := c.choose(company, fresh, out)
	if some {
		c.outcome, err = fixpoint.Run(ctx, c.now.World, company, beforehand)
	} else {
		c.outcome = fixpoint.Unjudged(c.now.World, company, beforehand)
	}
	if err != nil {
		return nil, err
	}
	c.findings = map[*refs.Reference]int{}
	for _, f := range c.now.files {
		if err := c.collect(f, out); err != nil {
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

// choose says what is not to be rewritten, counts what is kept, and reports
// whether anything is to be rewritten.
func (c *comparison) choose(company []*refs.File, fresh map[*refs.Reference]bool, out *Review) (fixpoint.Left, bool) {
	left := fixpoint.Left{}
	for _, f := range company {
		for _, r := range f.Refs {
			if !fresh[r] {
				left[r.Key()] = refs.Why{Reason: wasThere}
			}
		}
	}
	files := 0
	for _, f := range c.now.files {
		some := false
		for _, r := range f.Refs {
			switch {
			case !fresh[r]:
			case r.Reason == refs.Excluded || r.Reason == refs.TooLarge:
				out.Kept++
			case !r.Stays() && c.now.Options.Fixes > 0 && files >= c.now.Options.Fixes:
				left[r.Key()] = refs.Why{Reason: notWorkedOut}
			case !r.Stays():
				some = true
			}
		}
		if some {
			files++
		}
	}
	return left, files > 0
}

// collect adds the findings and the change of one file.
func (c *comparison) collect(f *refs.File, out *Review) error {
	var lines *world.Lines
	for _, r := range f.Refs {
		why := c.outcome.Left[r.Key()]
		switch why.Reason {
		case wasThere, refs.Excluded, refs.TooLarge, refs.DeclaredInFacade:
			continue
		}
		if lines == nil {
			src, err := c.now.Text(f.Source)
			if err != nil {
				return err
			}
			lines = world.LinesOf(src)
		}
		c.findings[r] = len(out.Findings)
		out.Findings = append(out.Findings, c.finding(f, r, why, lines))
	}
	if t := c.outcome.Draft(f).Text; t != nil {
		before, err := c.now.Text(f.Source) // f.Src is not read where the rewrite was remembered
		if err != nil {
			return err
		}
		out.Changes = append(out.Changes, fixpoint.Change{Path: f.Path, Mode: f.Mode, Before: before, After: t.Src})
	}
	return nil
}

func (c *comparison) finding(f *refs.File, r *refs.Reference, why refs.Why, lines *world.Lines) Finding {
	out := Finding{
		Kind: NewReading, Path: f.Path, Line: lines.Line(r.At), Column: lines.Column(r.At), Facade: r.Facade.Name, Name: r.Shown(),
		Scope: scopeOf(f, r), Reason: why.Reason, Detail: why.Detail, Dead: !why.Stays() && c.outcome.Dead(f, r),
	}
	if r.Name != "" && r.Name != "*" && r.Res.Home.Module != "" {
		out.Home = r.Res.Home.String()
	}
	switch why.Reason {
	case "":
		out.After = c.outcome.Became(f, r)
	case notWorkedOut:
		out.Reason, out.Detail, out.After = "", "", importOf(r)
	}
	return out
}

// importOf is the import of a reference's home as it is mostly written.
func importOf(r *refs.Reference) string {
	module, attr := r.Res.Home.Module, r.Res.Home.Attr
	if i := strings.LastIndexByte(module, '.'); attr == "" && i > 0 {
		module, attr = module[:i], module[i+1:]
	}
	switch {
	case r.Name == "" || r.Name == "*":
		return ""
	case attr == "":
		return "import " + module
	case attr != r.Name:
		return "from " + module + " import " + attr + " as " + r.Name
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
