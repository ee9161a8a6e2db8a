package description

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/plan"
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
		Place: c.Place, Directory: cmp.Or(c.Directory, "the repository root"), Files: len(c.Files), Names: c.Names, Readings: c.Readings,
		Facades: c.Facades, Owners: c.Owners, Chunk: c.ID,
	}
}

// layout counts the ways in which bodies were written: with another one, those
// that are there are written anew.
const layout = 2

// Digest changes when a body would say something else beside the diff. It
// leaves out what moves with every push, such as line numbers.
func (w *Writer) Digest(c *plan.Chunk) string {
	h := sha256.New()
	fmt.Fprintln(h, layout, c.Facades, c.Names, c.Readings, c.Owners, w.silent(c))
	if lost := w.lost(c); lost != "" {
		fmt.Fprintln(h, lost)
	}
	for _, l := range w.leftIn(c) {
		fmt.Fprintln(h, l.Path, l.Facade, l.Name, l.Reason)
	}
	return hex.EncodeToString(h.Sum(nil))[:10]
}
