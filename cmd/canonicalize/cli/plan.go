package cli

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/owners"
	"github.com/canonicalize/canonicalize/bot/plan"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/terminal"
	"github.com/canonicalize/canonicalize/codemod"
)

type jsonPlan struct {
	Chunks  []jsonChunk  `json:"chunks"`
	Facades []jsonFacade `json:"facades"`
	Left    []jsonLeft   `json:"left"`
}

type jsonChunk struct {
	Title     string   `json:"title"`
	Directory string   `json:"directory"`
	Owners    []string `json:"owners"`
	Files     []string `json:"files"`
	Lines     int      `json:"lines"`
	Names     int      `json:"names"`
}

func newPlan(env Env) *cobra.Command {
	var sel selection
	cmd := &cobra.Command{
		Use:   "plan [DIR]",
		Short: "Show the pull requests that the App would open",
		Long: "Cuts the change into pull requests as the App does, by the owners in CODEOWNERS, the directories\n" +
			"and the limits in the configuration, and lists them. Nothing is written.\n\n" + exitHelp,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return runPlan(cmd, env, args, &sel) },
	}
	sel.facadeFlag(cmd)
	sel.onlyFlag(cmd)
	sel.jsonFlag(cmd)
	return cmd
}

func runPlan(cmd *cobra.Command, env Env, args []string, sel *selection) error {
	p, err := open(env, args, sel)
	if err != nil {
		return err
	}
	result, err := p.plan(cmd, env)
	if err != nil {
		return err
	}
	chunks, err := p.chunks(result)
	if err != nil {
		return err
	}
	if sel.json {
		err = writeJSON(env.Out, planJSON(chunks, result))
	} else {
		err = writePlan(env.Out, chunks, result)
	}
	if err != nil {
		return err
	}
	return status(handled(result))
}

// titled is a chunk with the title of its pull request.
type titled struct {
	plan.Chunk
	title string
}

// chunks cuts a changeset as the App does when no pull request exists yet; the caps on open pull requests do not
// matter here.
func (p *project) chunks(result *codemod.Result) ([]titled, error) {
	of, err := p.owners()
	if err != nil {
		return nil, err
	}
	var files []plan.File
	for _, c := range result.Changes {
		files = append(files, p.planFile(c, of))
	}
	prs := p.config.PullRequests
	limits := plan.Limits{MaxFiles: prs.MaxFiles, MaxLines: prs.MaxLines, MinFiles: prs.MinFiles,
		BranchPrefix: prs.BranchPrefix, Global: prs.Mode == config.Global, Approver: prs.Approver}
	var all []titled
	for _, c := range plan.Chunks(files, nil, limits) {
		title, err := prs.RenderTitle(titleData(c))
		if err != nil {
			return nil, usagef("pull_requests.title in the configuration: %w", err)
		}
		all = append(all, titled{c, title})
	}
	return all, nil
}

func titleData(c plan.Chunk) config.TemplateData {
	return config.TemplateData{Directory: cmp.Or(c.Directory, "the repository root"), Files: len(c.Files), Names: c.Names,
		Facades: c.Facades, Owners: c.Owners, Chunk: c.ID}
}

func (p *project) planFile(c codemod.Change, of func(string) []owners.Owner) plan.File {
	add, del := c.Lines()
	f := plan.File{Path: c.Path, Lines: add + del, Names: len(c.Names), Coupled: c.Coupled}
	for _, n := range c.Names {
		f.Facades = append(f.Facades, n.Facade)
		f.Group = max(f.Group, p.config.Group(n.Facade))
	}
	slices.Sort(f.Facades)
	f.Facades = slices.Compact(f.Facades)
	for _, o := range of(c.Path) {
		f.Owners = append(f.Owners, o.Name)
	}
	slices.Sort(f.Owners)
	return f
}

func planJSON(chunks []titled, result *codemod.Result) jsonPlan {
	report := toJSON(result, false)
	out := jsonPlan{Chunks: []jsonChunk{}, Facades: report.Facades, Left: report.Left}
	for _, c := range chunks {
		out.Chunks = append(out.Chunks, jsonChunk{Title: c.title, Directory: c.Directory,
			Owners: append([]string{}, c.Owners...), Files: c.Paths(), Lines: c.Lines, Names: c.Names})
	}
	return out
}

func writePlan(w io.Writer, chunks []titled, result *codemod.Result) error {
	rows := [][]string{{"OWNERS", "FILES", "LINES", "NAMES", "TITLE"}}
	files := 0
	for _, c := range chunks {
		files += len(c.Files)
		rows = append(rows, []string{ownerText(c.Owners), strconv.Itoa(len(c.Files)), strconv.Itoa(c.Lines), strconv.Itoa(c.Names), c.title})
	}
	if len(chunks) > 0 {
		if err := terminal.Table(w, rows); err != nil {
			return err
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintf(w, "%s over %s.\n", counted(len(chunks), "pull request", "pull requests"), counted(files, "file", "files"))
	writeLeft(w, result.Left)
	return nil
}

func ownerText(set []string) string {
	if len(set) == 0 {
		return "(no owner)"
	}
	return strings.Join(set, " ")
}
