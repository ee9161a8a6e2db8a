package description

import (
	"cmp"
	"fmt"
	"sort"
	"strings"

	"github.com/canonicalize/canonicalize/bot/plan"
	"github.com/canonicalize/canonicalize/bot/words"
	"github.com/canonicalize/canonicalize/codemod"
)

// sections are the parts of a body in the order in which somebody in a hurry
// needs them: what it is and what to do, who was asked, what was left, what
// exactly changes, and why one may trust it.
func (w *Writer) sections(c *plan.Chunk) []string {
	return []string{
		lead(c), w.asked(c), w.leftSection(c), w.lost(c), w.namesTable(c), proof, w.effect(c), w.help(c),
	}
}

func lead(c *plan.Chunk) string {
	where := "the repository root"
	if c.Directory != "" {
		where = words.Code(c.Directory)
	}
	pass := "a module that only passes them on (a *facade*)"
	if len(c.Facades) > 1 {
		pass = "modules that only pass them on (*facades*)"
	}
	return fmt.Sprintf("**This changes where names are imported from, and nothing else: merge it when the checks are green.** "+
		"%s in %s below %s came through %s, %s. They now come from the modules that declare them, "+
		"and are the same objects as before.\n",
		words.Counted(c.Names, "name"), words.Counted(len(c.Files), "file"), where, words.Codes(c.Facades), pass)
}

// asked says who was asked for a review, and why who owns the files was not.
func (w *Writer) asked(c *plan.Chunk) string {
	var b strings.Builder
	switch {
	case !w.Conf.PullRequests.Reviewers:
		b.WriteString("Nobody is asked for a review: the configuration says so (`pull_requests.reviewers`).")
	case len(c.Reviewers) > 0 && w.Conf.PullRequests.Draft:
		fmt.Fprintf(&b, "It is a draft. Once it is ready, a review is asked of %s.", words.Codes(c.Reviewers))
	case len(c.Reviewers) > 0:
		fmt.Fprintf(&b, "A review is asked of %s.", words.Codes(c.Reviewers))
	case len(c.Owners) == 0:
		b.WriteString("Nobody is asked for a review, since these files have no owner in CODEOWNERS: whoever knows them can merge it.")
	default:
		b.WriteString("Nobody could be asked for a review: please ask whoever should look at it.")
	}
	if silent := w.silent(c); len(silent) > 0 {
		fmt.Fprintf(&b, " Not asked, because GitHub would refuse: %s.", strings.Join(silent, ", "))
	}
	return b.String() + "\n"
}

// silent lists the owners of a chunk who could not be asked, with the reason.
func (w *Writer) silent(c *plan.Chunk) []string {
	var list []string
	for _, owner := range c.Owners {
		if why := w.Absent[owner]; why != "" {
			list = append(list, words.Code(owner)+" ("+words.Plain(why)+")")
		}
	}
	return list
}

// leftIn lists what was left in the files of a chunk.
func (w *Writer) leftIn(c *plan.Chunk) []codemod.Left {
	var left []codemod.Left
	for _, f := range c.Files {
		left = append(left, w.Left[f.Path]...)
	}
	return left
}

// lost lists what files of a chunk bind and run no more.
func (w *Writer) lost(c *plan.Chunk) string {
	var unbound, stops strings.Builder
	for _, f := range c.Files {
		change := w.Changes[f.Path]
		if len(change.Unbound) > 0 {
			fmt.Fprintf(&unbound, "- %s: %s\n", words.Code(f.Path), words.Codes(change.Unbound))
		}
		if len(change.Stops) > 0 {
			fmt.Fprintf(&stops, "- %s: %s\n", words.Code(f.Path), words.Codes(change.Stops))
		}
	}
	var b strings.Builder
	if unbound.Len() > 0 {
		b.WriteString("Public names that these modules no longer bind, since a star import became the names that are needed:\n\n" + unbound.String())
	}
	if stops.Len() > 0 {
		b.WriteString("\nModules that importing these files runs no more, since only the facade ran them:\n\n" + stops.String())
	}
	return strings.TrimLeft(b.String(), "\n")
}

func (w *Writer) leftSection(c *plan.Chunk) string {
	left := w.leftIn(c)
	if len(left) == 0 {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "### Left as it is\n\n%s in these files cannot be moved safely, and stay:\n\n", words.Count(len(left), "reading", "readings"))
	for _, l := range left {
		fmt.Fprintf(&b, "- %s, line %d: %s. %s\n", words.Code(l.Path), l.Line, Reading(l.Facade, l.Name), words.Plain(cmp.Or(l.Detail, l.Reason.Advice())))
	}
	return b.String()
}

// Reading names what is read through a facade, for people.
func Reading(facade, name string) string {
	switch name {
	case "", facade:
		return "the module " + words.Code(facade) + " itself"
	case "*":
		return "everything of " + words.Code(facade)
	}
	return words.Code(name) + " of " + words.Code(facade)
}

// row is one line of the table: a name of a facade and its home.
type row struct{ name, facade, home string }

// shownRows is up to how many rows a table is not folded.
const shownRows = 12

func (w *Writer) namesTable(c *plan.Chunk) string {
	readings := make(map[row]int)
	for _, f := range c.Files {
		for _, n := range w.Changes[f.Path].Names {
			readings[row{n.Name, n.Facade, n.Home}]++
		}
	}
	rows := make([]row, 0, len(readings))
	for r := range readings {
		rows = append(rows, r)
	}
	sort.Slice(rows, func(i, j int) bool {
		a, b := rows[i], rows[j]
		return cmp.Or(cmp.Compare(readings[b], readings[a]), cmp.Compare(a.facade, b.facade), cmp.Compare(a.name, b.name), cmp.Compare(a.home, b.home)) < 0
	})
	var b strings.Builder
	b.WriteString("### What changes\n\n")
	if len(rows) > shownRows {
		fmt.Fprintf(&b, "<details><summary>%s</summary>\n\n", words.Counted(len(rows), "name"))
	}
	b.WriteString("| name | imported through | now from | readings |\n|---|---|---|--:|\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s | %s | %s | %d |\n", words.Code(r.name), words.Code(r.facade), r.where(), readings[r])
	}
	if len(rows) > shownRows {
		b.WriteString("\n</details>\n")
	}
	return b.String()
}

// where shows the module that declares a name, and the attribute in it if that
// has another name.
func (r row) where() string {
	module, attribute, found := strings.Cut(r.home, ":")
	switch {
	case !found:
		return words.Code(module) + ", the module"
	case attribute != r.name:
		return words.Code(module) + " as " + words.Code(attribute)
	}
	return words.Code(module)
}

const proof = `### How it was checked

- For every name in every scope of the changed files, the object that it is bound to is the same as before. A file for which that cannot be shown stays as it was.
- The order in which modules are imported was worked out before and after: nothing meets a module that is half initialised.
- Code was read for this and never run. Every byte beside those imports and readings is as it was.
`

// effect says what importing the changed modules executes now, and what it
// will once the facades are retired: canonicalizing alone gains nothing yet.
func (w *Writer) effect(c *plan.Chunk) string {
	text := "### Why\n\n" +
		"Whoever imports one name through a facade runs the facade and everything that it imports, and depends on all of it. " +
		"This change alone loads no module less yet; the gain comes when nobody imports through the facade any more and it can stop passing names on"
	modules, now, retired := 0, 0, 0
	for _, f := range c.Files {
		if ch := w.Changes[f.Path]; ch.Executes > 0 {
			modules, now, retired = modules+1, now+ch.Executes, retired+ch.Retired
		}
	}
	if modules == 0 {
		return text + ".\n"
	}
	return text + fmt.Sprintf(": importing one of these files then runs %s of this repository instead of %d (on average).\n",
		words.Counted((retired+modules/2)/modules, "module"), (now+modules/2)/modules)
}

// help says what people can do. The link to the dashboard finds it by its
// label, whatever its number.
func (w *Writer) help(c *plan.Chunk) string {
	var b strings.Builder
	b.WriteString("### What you can do\n\n" +
		"- **Merge it**: it merges alone, and in any order with others like it.\n" +
		"- **Change it**: push to this branch, and I leave it to you from then on.\n" +
		"- **Say no**: close it, or comment `/canonicalize decline`; I do not propose these files again. `/canonicalize reopen` takes that back.\n" +
		"- **Too large?** `/canonicalize split` divides it. **Too many?** `/canonicalize pause` stops new ones, for everybody or for a team.\n")
	if w.Conf.Dashboard {
		b.WriteString("- **How far is it all?** The [dashboard](../issues?q=label%3Acanonicalize-dashboard) shows every team and what waits. `/canonicalize help` lists all commands.\n")
	} else {
		b.WriteString("- `/canonicalize help` lists all commands.\n")
	}
	b.WriteString("\n<details><summary>Make it yourself</summary>\n\n```sh\ncanonicalize apply")
	for _, facade := range c.Facades {
		b.WriteString(" --facade " + facade)
	}
	for _, f := range c.Files {
		b.WriteString(" \\\n  " + words.ShellWord(f.Path))
	}
	b.WriteString("\n```\n\n</details>\n")
	return b.String()
}
