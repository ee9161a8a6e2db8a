package bot

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/plan"
	"github.com/canonicalize/canonicalize/codemod"
)

// text is what a pull request says.
type text struct {
	title, body string
	rest        []string // lines that the body has no room for
}

// text makes title and body of a chunk that was pushed as tip.
func (p *pass) text(c *plan.Chunk, tip string) (text, error) {
	title, err := p.conf.PullRequests.RenderTitle(p.templateData(c))
	if err != nil {
		return text{}, fmt.Errorf("render pull_requests.title: %w", err)
	}
	marker := plan.NewMarker(c, p.out.Head, tip)
	marker.Title, marker.Draft = titleDigest(title), p.conf.PullRequests.Draft && c.Number == 0
	marker.Names, marker.Onto = p.namesByFacade(c), p.meta.DefaultBranch
	body, rest := assemble(p.sections(c), marker.String(), github.MaxBody)
	return text{title, body, rest}, nil
}

// namesByFacade counts the references that a chunk rewrites.
func (p *pass) namesByFacade(c *plan.Chunk) map[string]int {
	names := make(map[string]int)
	for _, f := range c.Files {
		for _, n := range p.changes[f.Path].Names {
			names[n.Facade]++
		}
	}
	return names
}

func titleDigest(title string) string { return digest([]byte(title))[:10] }

func (p *pass) templateData(c *plan.Chunk) config.TemplateData {
	return config.TemplateData{
		Place: c.Place, Directory: cmp.Or(c.Directory, "the repository root"), Files: len(c.Files), Names: c.Names,
		Facades: c.Facades, Owners: c.Owners, Chunk: c.ID,
	}
}

// bodyDigest changes when a body would say something else beside the diff. It
// leaves out what moves with every push, such as line numbers.
func (p *pass) bodyDigest(c *plan.Chunk) string {
	h := sha256.New()
	fmt.Fprintln(h, c.Facades, c.Names, p.silent(c))
	for _, l := range p.leftIn(c) {
		fmt.Fprintln(h, l.Path, l.Facade, l.Name, l.Reason)
	}
	return hex.EncodeToString(h.Sum(nil))[:10]
}

// sections are the parts of a body, the most important first.
func (p *pass) sections(c *plan.Chunk) []string {
	return []string{
		p.intro(c), p.namesTable(c), proof, p.leftSection(c), p.effect(c), p.help(c),
	}
}

func (p *pass) intro(c *plan.Chunk) string {
	where := "the repository root"
	if c.Directory != "" {
		where = code(c.Directory)
	}
	return fmt.Sprintf("%s in %s below %s %s imported from the modules that declare them, instead of through %s. "+
		"Only imports and the uses that they bind change; every name is bound to the same object as before. "+
		"With it, these files say what they depend on, and stop keeping the mass re-exports alive.\n",
		counted(c.Names, "name"), counted(len(c.Files), "file"), where, plural(c.Names, "is", "are"), codes(c.Facades))
}

// row is one line of the table: a name of a facade and its home.
type row struct{ name, facade, home string }

func (p *pass) namesTable(c *plan.Chunk) string {
	uses := make(map[row]int)
	for _, f := range c.Files {
		for _, n := range p.changes[f.Path].Names {
			uses[row{n.Name, n.Facade, n.Home}]++
		}
	}
	rows := make([]row, 0, len(uses))
	for r := range uses {
		rows = append(rows, r)
	}
	sort.Slice(rows, func(i, j int) bool {
		a, b := rows[i], rows[j]
		return cmp.Or(cmp.Compare(uses[b], uses[a]), cmp.Compare(a.facade, b.facade), cmp.Compare(a.name, b.name), cmp.Compare(a.home, b.home)) < 0
	})
	var b strings.Builder
	b.WriteString("| name | read through | declared in | uses |\n|---|---|---|--:|\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s | %s | %s | %d |\n", code(r.name), code(r.facade), r.where(), uses[r])
	}
	return b.String()
}

// where shows the module that declares a name, and the attribute in it if that
// has another name.
func (r row) where() string {
	module, attribute, found := strings.Cut(r.home, ":")
	switch {
	case !found:
		return code(module) + ", the module"
	case attribute != r.name:
		return code(module) + " as " + code(attribute)
	}
	return code(module)
}

const proof = `### How it was checked

- Every changed file was parsed and resolved anew. For every name in every scope, the object that it is bound to is the same as before; a file for which that cannot be shown is left as it was.
- The order in which modules are first imported was simulated before and after; an import that would meet a half-initialised module is left as it was.
- All of this was done by reading the code, never by running it.
- Every byte outside of the imports and uses concerned is as it was.
`

// effect says what importing the changed modules executes now, and what it
// will once the facades are retired: canonicalizing alone gains nothing yet.
func (p *pass) effect(c *plan.Chunk) string {
	text := "### What it does to imports\n\n" +
		"Importing a module below a facade still executes the facade, so this change alone loads no module less. " +
		"The gain comes once no file reads through the facade any more and its re-exports go"
	modules, now, retired := 0, 0, 0
	for _, f := range c.Files {
		if ch := p.changes[f.Path]; ch.Executes > 0 {
			modules, now, retired = modules+1, now+ch.Executes, retired+ch.Retired
		}
	}
	if modules == 0 {
		return text + ".\n"
	}
	return text + fmt.Sprintf(": importing one of these modules executes %s of this repository now, and %s then (on average).\n",
		counted((now+modules/2)/modules, "module"), counted((retired+modules/2)/modules, "module"))
}

// leftIn lists what was left in the files of a chunk.
func (p *pass) leftIn(c *plan.Chunk) []codemod.Left {
	var left []codemod.Left
	for _, f := range c.Files {
		left = append(left, p.left[f.Path]...)
	}
	return left
}

func (p *pass) leftSection(c *plan.Chunk) string {
	left := p.leftIn(c)
	if len(left) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("### What was left in these files\n\n")
	for _, l := range left {
		fmt.Fprintf(&b, "- %s line %d: %s of %s, %s. %s\n", code(l.Path), l.Line, code(l.Name), code(l.Facade), l.Reason, oneLine(cmp.Or(l.Detail, l.Reason.Advice())))
	}
	return b.String()
}

func (p *pass) help(c *plan.Chunk) string {
	var b strings.Builder
	b.WriteString("### What you can do\n\n" +
		"- **Merge it**, alone and in any order with its siblings.\n" +
		"- **Change it**: push to this branch, and I leave it to you from then on.\n" +
		"- **Say no**: close it, and I do not open it again for the same changes. Reopening it is a yes.\n" +
		"- **Make it yourself** with the command below.\n")
	if silent := p.silent(c); len(silent) > 0 {
		fmt.Fprintf(&b, "\nNot asked for a review, because GitHub would refuse: %s.\n", strings.Join(silent, ", "))
	}
	b.WriteString("\n<details><summary>The command</summary>\n\n```sh\ncanonicalize apply")
	for _, facade := range c.Facades {
		b.WriteString(" --facade " + facade)
	}
	for _, f := range c.Files {
		b.WriteString(" \\\n  " + shellWord(f.Path))
	}
	b.WriteString("\n```\n\n</details>\n")
	return b.String()
}

// silent lists the owners of a chunk who could not be asked, with the reason.
func (p *pass) silent(c *plan.Chunk) []string {
	var list []string
	for _, owner := range c.Owners {
		if why := p.absent[owner]; why != "" {
			list = append(list, code(owner)+" ("+why+")")
		}
	}
	return list
}

const omitted = "\n*%s of this text left out, since GitHub takes 65,536 characters: they are in the comments below, and `canonicalize plan` shows all of it.*\n"

// assemble joins the sections and ends with the marker. What does not fit is
// left out from the end of the longest sections, by whole lines.
func assemble(sections []string, marker string, limit int) (body string, rest []string) {
	var lines [][]string
	total := units(marker) + 2*len(sections) + 2 + units(omitted) + 20
	for _, s := range sections {
		list := strings.SplitAfter(s, "\n")
		lines = append(lines, list)
		total += units(s)
	}
	for total > limit {
		line, ok := cutLongest(lines, &total)
		if !ok {
			break
		}
		rest = append(rest, line)
	}
	slices.Reverse(rest) // the last line of a list was taken out first
	var b strings.Builder
	for _, list := range lines {
		if s := strings.Join(list, ""); s != "" {
			b.WriteString(s + "\n")
		}
	}
	if len(rest) > 0 {
		fmt.Fprintf(&b, omitted+"\n", counted(len(rest), "line"))
	}
	return b.String() + marker + "\n", rest
}

// pages makes comments of the lines that a body has no room for.
func pages(rest []string, limit int) (out []string) {
	const head = "What the description has no room for:\n\n```text\n"
	var b strings.Builder
	size := 0
	flush := func() {
		if b.Len() > 0 {
			out = append(out, head+b.String()+"```\n")
			b.Reset()
			size = 0
		}
	}
	for _, line := range rest {
		if size+units(line) > limit-units(head)-200 {
			flush()
		}
		b.WriteString(line)
		size += units(line)
	}
	flush()
	return out
}

// cutLongest takes one line out of the section with the most lines: the last
// one that is a row, an entry or an argument, so that what encloses it stays
// whole.
func cutLongest(lines [][]string, total *int) (line string, ok bool) {
	best, at := -1, -1
	for i, list := range lines {
		if best >= 0 && len(list) <= len(lines[best]) {
			continue
		}
		if j := lastRow(list); j >= 0 {
			best, at = i, j
		}
	}
	if best < 0 {
		return "", false
	}
	line = lines[best][at]
	*total -= units(line)
	lines[best] = slices.Delete(lines[best], at, at+1)
	return line, true
}

func lastRow(list []string) int {
	for i := len(list) - 1; i >= 0; i-- {
		row := strings.HasPrefix(list[i], "| `") || strings.HasPrefix(list[i], "- `") || strings.HasPrefix(list[i], "  ")
		if row {
			return i
		}
	}
	return -1
}

// units counts as GitHub's limit is counted at most: in UTF-16.
func units(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xffff {
			n++
		}
	}
	return n
}

// code makes a code span of text that may hold anything.
func code(s string) string {
	s = strings.NewReplacer("\n", " ", "\r", " ", "|", "¦").Replace(s) // a bar would end a cell
	if strings.Contains(s, "`") {
		return "`` " + s + " ``"
	}
	return "`" + s + "`"
}

func codes(list []string) string {
	var out []string
	for _, s := range list {
		out = append(out, code(s))
	}
	return strings.Join(out, ", ")
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func counted(n int, word string) string { return fmt.Sprintf("%d %s", n, plural(n, word, word+"s")) }

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// shellWord quotes a path for a shell where it needs it.
func shellWord(s string) string {
	safe := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/._-+@", r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !safe(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(strings.ReplaceAll(s, "\n", " "), "'", `'\''`) + "'"
}
