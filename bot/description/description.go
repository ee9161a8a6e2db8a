package description

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sort"
	"strings"

	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/plan"
	"github.com/canonicalize/canonicalize/bot/words"
	"github.com/canonicalize/canonicalize/codemod"
)

// Text is what a pull request says.
type Text struct {
	Title, Body string
	Rest        []string // lines that the body has no room for
}

// Writer knows what texts are about; it only reads.
type Writer struct {
	Conf    *config.Config
	Onto    string // branch that the pull requests merge into
	Base    string // its commit
	Changes map[string]codemod.Change
	Left    map[string][]codemod.Left // by path, in the order of the result
	Absent  map[string]string         // owner to the reason why it cannot be asked; "" if it can
}

// Text makes title and body of a chunk that was pushed as tip.
func (w *Writer) Text(c *plan.Chunk, tip string) (Text, error) {
	title, err := w.Conf.PullRequests.RenderTitle(templateData(c))
	if err != nil {
		return Text{}, fmt.Errorf("render pull_requests.title: %w", err)
	}
	marker := plan.NewMarker(c, w.Base, tip)
	marker.Title, marker.Draft = TitleDigest(title), w.Conf.PullRequests.Draft && c.Number == 0
	marker.Names, marker.Onto = w.NamesByFacade(c), w.Onto
	body, rest := assemble(w.sections(c), marker.String(), github.MaxBody)
	return Text{title, body, rest}, nil
}

// Message makes the message of a chunk's commit, without trailers.
func (w *Writer) Message(c *plan.Chunk) (string, error) {
	message, err := w.Conf.PullRequests.RenderMessage(templateData(c))
	if err != nil {
		return "", fmt.Errorf("render pull_requests.commit_message: %w", err)
	}
	return message, nil
}

// NamesByFacade counts the references that a chunk rewrites.
func (w *Writer) NamesByFacade(c *plan.Chunk) map[string]int {
	names := make(map[string]int)
	for _, f := range c.Files {
		for _, n := range w.Changes[f.Path].Names {
			names[n.Facade]++
		}
	}
	return names
}

// TitleDigest is what a marker keeps of a title, so that one that a person
// gave is known.
func TitleDigest(title string) string {
	sum := sha256.Sum256([]byte(title))
	return hex.EncodeToString(sum[:])[:10]
}

func templateData(c *plan.Chunk) config.TemplateData {
	return config.TemplateData{
		Place: c.Place, Directory: cmp.Or(c.Directory, "the repository root"), Files: len(c.Files), Names: c.Names,
		Facades: c.Facades, Owners: c.Owners, Chunk: c.ID,
	}
}

// Digest changes when a body would say something else beside the diff. It
// leaves out what moves with every push, such as line numbers.
func (w *Writer) Digest(c *plan.Chunk) string {
	h := sha256.New()
	fmt.Fprintln(h, c.Facades, c.Names, w.silent(c))
	for _, l := range w.leftIn(c) {
		fmt.Fprintln(h, l.Path, l.Facade, l.Name, l.Reason)
	}
	return hex.EncodeToString(h.Sum(nil))[:10]
}

// sections are the parts of a body, the most important first.
func (w *Writer) sections(c *plan.Chunk) []string {
	return []string{
		intro(c), w.namesTable(c), proof, w.leftSection(c), w.effect(c), w.help(c),
	}
}

func intro(c *plan.Chunk) string {
	where := "the repository root"
	if c.Directory != "" {
		where = words.Code(c.Directory)
	}
	return fmt.Sprintf("%s in %s below %s %s imported from the modules that declare them, instead of through %s. "+
		"Only imports and the uses that they bind change; every name is bound to the same object as before. "+
		"With it, these files say what they depend on, and stop keeping the mass re-exports alive.\n",
		words.Counted(c.Names, "name"), words.Counted(len(c.Files), "file"), where, words.Plural(c.Names, "is", "are"), words.Codes(c.Facades))
}

// row is one line of the table: a name of a facade and its home.
type row struct{ name, facade, home string }

func (w *Writer) namesTable(c *plan.Chunk) string {
	uses := make(map[row]int)
	for _, f := range c.Files {
		for _, n := range w.Changes[f.Path].Names {
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
		fmt.Fprintf(&b, "| %s | %s | %s | %d |\n", words.Code(r.name), words.Code(r.facade), r.where(), uses[r])
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

- Every changed file was parsed and resolved anew. For every name in every scope, the object that it is bound to is the same as before; a file for which that cannot be shown is left as it was.
- The order in which modules are first imported was simulated before and after; an import that would meet a half-initialised module is left as it was.
- All of this was done by reading the code, never by running it.
- Every byte outside of the imports and uses concerned is as it was.
`

// effect says what importing the changed modules executes now, and what it
// will once the facades are retired: canonicalizing alone gains nothing yet.
func (w *Writer) effect(c *plan.Chunk) string {
	text := "### What it does to imports\n\n" +
		"Importing a module below a facade still executes the facade, so this change alone loads no module less. " +
		"The gain comes once no file reads through the facade any more and its re-exports go"
	modules, now, retired := 0, 0, 0
	for _, f := range c.Files {
		if ch := w.Changes[f.Path]; ch.Executes > 0 {
			modules, now, retired = modules+1, now+ch.Executes, retired+ch.Retired
		}
	}
	if modules == 0 {
		return text + ".\n"
	}
	return text + fmt.Sprintf(": importing one of these modules executes %s of this repository now, and %s then (on average).\n",
		words.Counted((now+modules/2)/modules, "module"), words.Counted((retired+modules/2)/modules, "module"))
}

// leftIn lists what was left in the files of a chunk.
func (w *Writer) leftIn(c *plan.Chunk) []codemod.Left {
	var left []codemod.Left
	for _, f := range c.Files {
		left = append(left, w.Left[f.Path]...)
	}
	return left
}

func (w *Writer) leftSection(c *plan.Chunk) string {
	left := w.leftIn(c)
	if len(left) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("### What was left in these files\n\n")
	for _, l := range left {
		fmt.Fprintf(&b, "- %s line %d: %s of %s, %s. %s\n", words.Code(l.Path), l.Line, words.Code(l.Name), words.Code(l.Facade), l.Reason, words.OneLine(cmp.Or(l.Detail, l.Reason.Advice())))
	}
	return b.String()
}

func (w *Writer) help(c *plan.Chunk) string {
	var b strings.Builder
	b.WriteString("### What you can do\n\n" +
		"- **Merge it**, alone and in any order with its siblings.\n" +
		"- **Change it**: push to this branch, and I leave it to you from then on.\n" +
		"- **Say no**: close it, and I do not open it again for the same changes. Reopening it is a yes.\n" +
		"- **Make it yourself** with the command below.\n")
	if silent := w.silent(c); len(silent) > 0 {
		fmt.Fprintf(&b, "\nNot asked for a review, because GitHub would refuse: %s.\n", strings.Join(silent, ", "))
	}
	b.WriteString("\n<details><summary>The command</summary>\n\n```sh\ncanonicalize apply")
	for _, facade := range c.Facades {
		b.WriteString(" --facade " + facade)
	}
	for _, f := range c.Files {
		b.WriteString(" \\\n  " + words.ShellWord(f.Path))
	}
	b.WriteString("\n```\n\n</details>\n")
	return b.String()
}

// silent lists the owners of a chunk who could not be asked, with the reason.
func (w *Writer) silent(c *plan.Chunk) []string {
	var list []string
	for _, owner := range c.Owners {
		if why := w.Absent[owner]; why != "" {
			list = append(list, words.Code(owner)+" ("+why+")")
		}
	}
	return list
}
