package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/canonicalize/canonicalize/cmd/canonicalize/terminal"
	"github.com/canonicalize/canonicalize/codemod"
	"github.com/canonicalize/canonicalize/codemod/edit"
	"github.com/canonicalize/canonicalize/codemod/retire"
)

// The parts of what retire prints.
type (
	// Retirement is where a facade stands, and what a step does.
	Retirement struct {
		Head
		Facade   string        `json:"facade"`
		Path     string        `json:"path"`
		Registry string        `json:"registry"`
		Next     string        `json:"next,omitempty"`
		Steps    []RetireStep  `json:"steps"`
		Names    []RetireName  `json:"names"`
		Missing  []string      `json:"unregistered"`
		Groups   []RetireGroup `json:"groups"`
		Blockers []Blocker     `json:"blockers"`
		Result   *RetireResult `json:"result,omitempty"`
	}
	// RetireStep is how far one step is.
	RetireStep struct {
		Step     string `json:"step"`
		Done     bool   `json:"done"`
		Offered  bool   `json:"offered"`
		Blockers int    `json:"blockers"`
		Why      string `json:"why,omitempty"`
	}
	// RetireName is one name of the facade.
	RetireName struct {
		Name    string `json:"name"`
		Kind    string `json:"kind"`
		Home    string `json:"home,omitempty"`
		Readers int    `json:"readers"`
		Free    bool   `json:"free"`
		Why     string `json:"why,omitempty"`
	}
	// RetireGroup is names that go together.
	RetireGroup struct {
		Owner   string   `json:"owner,omitempty"`
		Names   []string `json:"names"`
		Modules []string `json:"modules"`
		Shrinks int      `json:"shrinks"`
	}
	// Blocker is one thing that stands in the way.
	Blocker struct {
		Kind         string   `json:"kind"`
		Repository   string   `json:"repository,omitempty"`
		Revision     string   `json:"revision,omitempty"`
		Path         string   `json:"path,omitempty"`
		Line         int      `json:"line,omitempty"`
		Name         string   `json:"name,omitempty"`
		Text         string   `json:"text,omitempty"`
		Owners       []string `json:"owners,omitempty"`
		Detail       string   `json:"detail"`
		Blocks       []string `json:"blocks"`
		Entry        string   `json:"entry,omitempty"`
		Comment      string   `json:"comment,omitempty"`
		Acknowledged string   `json:"acknowledged,omitempty"`
	}
	// RetireResult is what a step changes.
	RetireResult struct {
		Step    string          `json:"step"`
		Files   []RetireFile    `json:"files"`
		Gone    []string        `json:"gone"`
		Refused []RetireRefusal `json:"refused"`
		Notes   []string        `json:"notes"`
		Figures []RetireFigure  `json:"figures"`
	}
	// RetireFile is one file that a step changes.
	RetireFile struct {
		Path      string `json:"path"`
		New       bool   `json:"new"`
		Additions int    `json:"additions"`
		Deletions int    `json:"deletions"`
		Diff      string `json:"diff,omitempty"`
	}
	// RetireRefusal is what a step leaves.
	RetireRefusal struct {
		Name string `json:"name,omitempty"`
		Why  string `json:"why"`
	}
	// RetireFigure is what importing a module executes, before the step and after it.
	RetireFigure struct {
		Module string `json:"module"`
		Before int    `json:"before"`
		After  int    `json:"after"`
	}
)

// RetirementOf makes the JSON of a retirement. Owners tells who owns a path of the repository itself; with diffs, each
// file has its unified diff.
func RetirementOf(r *codemod.Retirement, owners func(string) []string, diffs bool) Retirement {
	s := r.State
	out := Retirement{Head: HeadOf("retire"), Facade: s.Facade, Path: s.Path, Registry: s.Registry, Next: string(s.Next),
		Steps: []RetireStep{}, Names: []RetireName{}, Missing: append([]string{}, s.Missing...), Groups: []RetireGroup{}, Blockers: []Blocker{}}
	for _, st := range s.Steps {
		out.Steps = append(out.Steps, RetireStep{string(st.Step), st.Done, st.Offered, st.Blockers, st.Why})
	}
	for _, n := range s.Names {
		out.Names = append(out.Names, RetireName{n.Name, string(n.Kind), n.Home, n.Readers, n.Free, n.Why})
	}
	for _, g := range s.Groups {
		out.Groups = append(out.Groups, RetireGroup{g.Owner, g.Names, g.Modules, g.Shrinks})
	}
	for i := range s.Blockers {
		out.Blockers = append(out.Blockers, blockerJSON(&s.Blockers[i], s.Facade, owners))
	}
	if r.Result != nil {
		out.Result = resultJSON(r, diffs)
	}
	return out
}

// Show has the paths of the repository itself read as a person sees them.
func (r *Retirement) Show(shown func(string) string) {
	r.Path = shown(r.Path)
	for i := range r.Blockers {
		if b := &r.Blockers[i]; b.Repository == "" && b.Path != "" {
			b.Path = shown(b.Path)
		}
	}
	for i := 0; r.Result != nil && i < len(r.Result.Files); i++ {
		r.Result.Files[i].Path = shown(r.Result.Files[i].Path)
	}
}

func blockerJSON(b *retire.Blocker, facade string, owners func(string) []string) Blocker {
	out := Blocker{Kind: string(b.Kind), Repository: b.Repository, Revision: b.Revision, Path: b.Path, Line: b.Line, Name: b.Name, Text: b.Text,
		Detail: b.Detail, Blocks: []string{}, Entry: b.Entry(), Comment: b.Comment(facade)}
	if b.Repository == "" && b.Path != "" {
		out.Owners = owners(b.Path)
	}
	for _, step := range retire.Steps() {
		if b.Blocks(step) {
			out.Blocks = append(out.Blocks, string(step))
		}
	}
	if b.By != nil {
		out.Acknowledged = b.By.Reason + " (" + b.By.By + ")"
	}
	return out
}

func resultJSON(r *codemod.Retirement, diffs bool) *RetireResult {
	out := &RetireResult{Step: string(r.Result.Step), Files: []RetireFile{}, Gone: append([]string{}, r.Result.Gone...), Refused: []RetireRefusal{},
		Notes: append([]string{}, r.Result.Notes...), Figures: []RetireFigure{}}
	for _, f := range r.Result.Files {
		file := RetireFile{Path: f.Path, New: f.New}
		file.Additions, file.Deletions = edit.Count(f.Before, f.After)
		if diffs {
			file.Diff = f.Diff()
		}
		out.Files = append(out.Files, file)
	}
	for _, x := range r.Result.Refused {
		out.Refused = append(out.Refused, RetireRefusal(x))
	}
	for _, f := range r.Figures {
		out.Figures = append(out.Figures, RetireFigure(f))
	}
	return out
}

// blockersShown is how many blockers of one kind are listed, unless all are asked for.
const blockersShown = 5

// WriteRetirement tells people where a facade stands.
func WriteRetirement(w io.Writer, r Retirement, all bool) error {
	free, read := 0, 0
	for _, n := range r.Names {
		if n.Free {
			free++
		}
		if n.Readers > 0 {
			read++
		}
	}
	fmt.Fprintf(w, "%s (%s): %s, %d read, %d free. %s\n\n", r.Facade, r.Path, Count(len(r.Names), "name", "names"), read, free, registered(r))
	rows := [][]string{{"STEP", "STATE", "OPEN BLOCKERS", ""}}
	for _, s := range r.Steps {
		rows = append(rows, []string{s.Step, stepText(s, r.Next), strconv.Itoa(s.Blockers), s.Why})
	}
	if err := terminal.Table(w, rows); err != nil {
		return err
	}
	fmt.Fprintln(w)
	WriteBlockers(w, r.Blockers, all)
	switch {
	case r.Next == "narrow" && len(r.Groups) > 0:
		g := r.Groups[0]
		fmt.Fprintf(w, "Next: --step narrow takes %s away (%s).\n", strings.Join(g.Names, ", "), shrinks(g.Shrinks))
	case r.Next != "":
		fmt.Fprintf(w, "Next: --step %s.\n", r.Next)
	default:
		fmt.Fprintln(w, "No step can be done now.")
	}
	return nil
}

func registered(r Retirement) string {
	if len(r.Missing) == 0 {
		return "Nothing registers itself only through it."
	}
	return Count(len(r.Missing), "module registers", "modules register") + " something only through it."
}

func stepText(s RetireStep, next string) string {
	switch {
	case s.Step == next:
		return "next"
	case s.Done:
		return "done"
	case s.Offered:
		return "can be done"
	}
	return "waits"
}

func shrinks(n int) string {
	if n <= 0 {
		return "shrinks nothing by itself"
	}
	return "its import executes " + Count(n, "module", "modules") + " less"
}

// WriteBlockers lists what stands in the way, by kind.
func WriteBlockers(w io.Writer, blockers []Blocker, all bool) {
	byKind := map[string][]Blocker{}
	said := 0
	for _, b := range blockers {
		if b.Acknowledged != "" {
			said++
			continue
		}
		byKind[b.Kind] = append(byKind[b.Kind], b)
	}
	for _, kind := range slices.Sorted(maps.Keys(byKind)) {
		list := byKind[kind]
		fmt.Fprintf(w, "%s: %d\n", kind, len(list))
		for i, b := range list {
			if i == blockersShown && !all {
				fmt.Fprintf(w, "  and %d more: --all lists them\n", len(list)-i)
				break
			}
			writeBlocker(w, b)
		}
	}
	if said > 0 {
		fmt.Fprintf(w, "%s acknowledged.\n", Count(said, "blocker is", "blockers are"))
	}
	if len(blockers) > 0 {
		fmt.Fprintln(w)
	}
}

func writeBlocker(w io.Writer, b Blocker) {
	place := b.Path
	if b.Line > 0 {
		place += ":" + strconv.Itoa(b.Line)
	}
	if b.Repository != "" {
		place = strings.TrimSuffix(b.Repository+"/"+place, "/")
	}
	if b.Revision != "" {
		place += " (" + b.Revision[:min(shortened, len(b.Revision))] + ")"
	}
	if len(b.Owners) > 0 {
		place += " " + strings.Join(b.Owners, " ")
	}
	fmt.Fprintf(w, "  %s\n", strings.TrimSpace(strings.Join([]string{place, b.Name}, "  ")))
	if b.Text != "" {
		fmt.Fprintf(w, "    %s\n", b.Text)
	}
	fmt.Fprintf(w, "    %s\n", b.Detail)
	if b.Entry != "" {
		fmt.Fprintf(w, "    To acknowledge it: %s\n", b.Entry)
	}
}

// WriteStep tells people what a step did, or would do.
func WriteStep(w io.Writer, r Retirement, did bool) {
	x := r.Result
	verb := "Would change"
	if did {
		verb = "Changed"
	}
	for _, f := range x.Files {
		fresh := ""
		if f.New {
			fresh = "  new"
		}
		fmt.Fprintf(w, "%s  +%d -%d%s\n", f.Path, f.Additions, f.Deletions, fresh)
	}
	if len(x.Files) == 0 {
		fmt.Fprintf(w, "Nothing to do for the step %s of %s.\n", x.Step, r.Facade)
	} else {
		fmt.Fprintf(w, "%s %s: the step %s of %s.\n", verb, Count(len(x.Files), "file", "files"), x.Step, r.Facade)
	}
	if len(x.Gone) > 0 {
		fmt.Fprintf(w, "It binds no more: %s.\n", strings.Join(x.Gone, ", "))
	}
	for _, f := range x.Figures {
		fmt.Fprintf(w, "import %s: %d modules, now %d\n", f.Module, f.Before, f.After)
	}
	for _, refused := range x.Refused {
		fmt.Fprintf(w, "Left %s: %s\n", refused.Name, refused.Why)
	}
	for _, note := range x.Notes {
		fmt.Fprintln(w, note)
	}
}
