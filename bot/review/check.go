package review

import (
	"fmt"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/bot/words"
	"github.com/canonicalize/canonicalize/codemod"
)

// MostAnnotations is how many annotations a check run gets; the summary has
// all findings.
const MostAnnotations = 500

const (
	maxTable   = 50_000 // characters of a table; GitHub takes 65,535 of a summary
	mostPrints = 240    // fingerprints that a summary remembers
)

// Annotation points at a line of a file.
type Annotation struct {
	Path           string
	Line, Column   int
	Title, Message string
}

// Report is what a check run says.
type Report struct {
	Title, Summary string // Markdown
	Annotations    []Annotation
	Fixable        int // findings that a commit would mend
}

// Check makes the report of a review.
func Check(r *codemod.Review, o Offer) Report {
	out := Report{Title: Title(r.Findings)}
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Kind == codemod.NewReading && f.Reason == "" {
			out.Fixable++
		}
		if i < MostAnnotations {
			out.Annotations = append(out.Annotations, annotation(f))
		}
	}
	var b strings.Builder
	switch {
	case len(r.Findings) == 0:
		b.WriteString("No name is newly read through a facade, and no facade passes on more than before.\n")
	default:
		b.WriteString(table(r.Findings))
		if out.Fixable > 0 {
			b.WriteString("\n" + o.offered(out.Fixable) + "\n")
		}
	}
	if r.Kept > 0 {
		fmt.Fprintf(&b, "\n%s by a comment `# canonicalize: keep` or by the configuration.\n", words.Count(r.Kept, "finding is kept", "findings are kept"))
	}
	out.Summary = b.String()
	return out
}

// offered says what becomes of findings, and how.
func (o Offer) offered(n int) string {
	mended := words.Count(n, "finding is mended", "findings are mended")
	if o == Patch {
		return "Comment `/canonicalize`, and I answer with a patch by which " + mended + "."
	}
	return "Comment `/canonicalize` or press **Fix**, and " + mended + " by one commit."
}

// Title counts the findings by their kinds.
func Title(findings []codemod.Finding) string {
	count := map[codemod.FindingKind]int{}
	for _, f := range findings {
		count[f.Kind]++
	}
	var parts []string
	if n := count[codemod.NewReading]; n > 0 {
		parts = append(parts, words.Count(n, "name is newly read through a facade", "names are newly read through a facade"))
	}
	if n := count[codemod.NewReExport]; n > 0 {
		parts = append(parts, words.Count(n, "new re-export", "new re-exports"))
	}
	if n := count[codemod.NewCrossing]; n > 0 {
		parts = append(parts, words.Count(n, "import over a boundary", "imports over a boundary"))
	}
	if n := count[codemod.Unregistered]; n > 0 {
		parts = append(parts, words.Count(n, "module that nothing registers", "modules that nothing registers"))
	}
	if n := count[codemod.StarOfRetired]; n > 0 {
		parts = append(parts, words.Count(n, "star import of a retired facade", "star imports of a retired facade"))
	}
	if len(parts) == 0 {
		return "Nothing is newly read through a facade"
	}
	return strings.Join(parts, ", ")
}

func annotation(f *codemod.Finding) Annotation {
	a := Annotation{Path: f.Path, Line: f.Line, Column: f.Column, Message: strings.ReplaceAll(findingText(f), "`", "")}
	switch f.Kind {
	case codemod.NewReading:
		a.Title = dotted(f) + " is read through a facade"
		if f.Reason == "" {
			a.Message = instead(f)
		}
	case codemod.NewReExport:
		a.Title = f.Facade + " passes on more"
	case codemod.NewCrossing:
		a.Title = "Import of " + f.Facade + " over a boundary"
	case codemod.Unregistered:
		a.Title = f.Name + " is registered by nothing"
	case codemod.StarOfRetired:
		a.Title = f.Facade + " is retired"
	}
	return a
}

// instead says what takes the place of a reading.
func instead(f *codemod.Finding) string {
	switch {
	case f.Dead:
		return "Leave it out: it is bound again before anything uses it."
	case f.After == "":
		return "Import what is used from where it is declared."
	case strings.Contains(f.After, "\n"):
		return "Write instead:\n" + f.After
	}
	return "Write instead: " + f.After
}

func dotted(f *codemod.Finding) string {
	if f.Kind == codemod.Unregistered {
		return f.Name
	}
	if f.Name == "" || f.Name == f.Facade {
		return f.Facade
	}
	return f.Facade + "." + f.Name
}

// row is one line of the table: what is found, however often.
type row struct {
	kind               codemod.FindingKind
	what, home, reason string
}

// table lists what was found, a name a line, with the number of places.
func table(findings []codemod.Finding) string {
	places := map[row][]string{}
	var rows []row
	for i := range findings {
		f := &findings[i]
		k := row{f.Kind, dotted(f), shownHome(f), string(f.Reason)}
		if places[k] == nil {
			rows = append(rows, k)
		}
		places[k] = append(places[k], fmt.Sprintf("%s:%d", f.Path, f.Line))
	}
	slices.SortStableFunc(rows, func(a, b row) int { return len(places[b]) - len(places[a]) })
	var b strings.Builder
	b.WriteString("| what | import it from | places |\n|---|---|---|\n")
	for i, k := range rows {
		if b.Len() > maxTable {
			fmt.Fprintf(&b, "| … and %d more | | |\n", len(rows)-i)
			break
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", k.shown(), k.advice(), shownPlaces(places[k]))
	}
	return b.String()
}

func (k row) shown() string {
	switch k.kind {
	case codemod.NewReExport:
		return words.Code(k.what) + ", a new re-export"
	case codemod.NewCrossing:
		return words.Code(k.what) + ", over a boundary"
	case codemod.Unregistered:
		return words.Code(k.what) + ", which nothing registers"
	case codemod.StarOfRetired:
		return words.Code(k.what) + ", of a retired facade"
	}
	return words.Code(k.what)
}

func (k row) advice() string {
	if k.reason != "" {
		return strings.TrimPrefix(k.home+" (by hand: "+k.reason+")", " ")
	}
	return k.home
}

func shownPlaces(list []string) string {
	if len(list) <= 2 {
		var out []string
		for _, p := range list {
			out = append(out, words.Code(p))
		}
		return strings.Join(out, ", ")
	}
	return fmt.Sprintf("%s and %d more", words.Code(list[0]), len(list)-1)
}

// Body is the text of a review: what is new to it, and what is told nowhere
// else.
func Body(r *codemod.Review, posted, rest []Comment, o Offer) string {
	var b strings.Builder
	var fresh []codemod.Finding
	suggests := false
	for _, c := range slices.Concat(posted, rest) {
		suggests = suggests || c.Suggests && c.Line > 0
		for _, i := range c.Findings {
			fresh = append(fresh, r.Findings[i])
		}
	}
	fmt.Fprintf(&b, "%s.", Title(fresh))
	if more := len(r.Findings) - len(fresh); more > 0 {
		fmt.Fprintf(&b, " %s from before.", words.Count(more, "finding is still there", "findings are still there"))
	}
	switch {
	case suggests && o == Patch:
		b.WriteString(" Each suggestion is what I would write, and is committed with a click; `/canonicalize` in a comment has me answer with all of them as a patch.")
	case suggests:
		b.WriteString(" Each suggestion is what I would write; `/canonicalize` in a comment has me commit all of them.")
	default:
		b.WriteString(" `/canonicalize help` in a comment shows what I can do about it.")
	}
	if len(rest) == 0 {
		return b.String()
	}
	var findings []codemod.Finding
	m := marker{}
	for _, c := range rest {
		for _, i := range c.Findings {
			findings = append(findings, r.Findings[i])
		}
		m.Prints = append(m.Prints, c.Prints...)
	}
	b.WriteString("\n\n" + table(findings) + "\n" + capped(m).String())
	return b.String()
}

// capped bounds what a summary remembers: each fingerprint takes 15
// characters of the 65,536 of a body.
func capped(m marker) marker {
	m.More = len(m.Prints) > mostPrints
	m.Prints = m.Prints[:min(len(m.Prints), mostPrints)]
	return m
}
