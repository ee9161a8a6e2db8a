package preview

import (
	"bytes"
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/bot/githubsim"
	"github.com/canonicalize/canonicalize/bot/web"
	"github.com/canonicalize/canonicalize/codemod"
)

// proposal is the pull request in which the App proposes a configuration.
func (s *source) proposal(all []*githubsim.PullRequest) *githubsim.PullRequest {
	for _, p := range all {
		if slices.ContainsFunc(p.Files, isConfiguration) && strings.HasSuffix(p.Author, "[bot]") {
			return p
		}
	}
	return nil
}

// tour leads through the preview in five steps; steps are done by doing them.
func (s *source) tour(all []*githubsim.PullRequest, issues []web.Issue) []web.Step {
	home := "/" + s.full()
	at := func(p *githubsim.PullRequest, otherwise string) string {
		if p == nil {
			return home + otherwise
		}
		return fmt.Sprintf("%s/pull/%d", home, p.Number)
	}
	ours := slices.DeleteFunc(slices.Clone(all), func(p *githubsim.PullRequest) bool { return !isOurs(p) })
	open := slices.DeleteFunc(slices.Clone(ours), func(p *githubsim.PullRequest) bool { return p.State != "open" })
	var first, last, other *githubsim.PullRequest
	if len(open) > 0 {
		first, last = open[0], open[len(open)-1]
	}
	for _, p := range all {
		if p.Author == colleague {
			other = p
		}
	}
	merged := slices.ContainsFunc(ours, func(p *githubsim.PullRequest) bool { return p.State == "merged" })
	start := web.Step{Text: "See which modules are facades, and where their names live", Path: home + "/facades", Done: len(s.acted) > 0}
	if p := s.proposal(all); p != nil {
		start = web.Step{Text: "Merge the configuration that the App proposes", Path: at(p, ""), Done: p.State == "merged"}
	}
	board := home
	if i := slices.IndexFunc(issues, func(i web.Issue) bool { return i.Board }); i >= 0 {
		board = fmt.Sprintf("%s/issues/%d", home, issues[i].Number)
	}
	return []web.Step{start,
		{Text: "Read one of its pull requests, and merge it", Path: at(first, ""), Done: merged},
		{Text: "Get in its way: change the same lines on the default branch", Path: at(last, ""), Done: s.acted[web.Conflict]},
		{Text: "See what a colleague's pull request is told, and commit the suggestion", Path: at(other, ""), Done: s.acted[web.Suggest]},
		{Text: "Tick a box of the dashboard, or ask with /canonicalize explain", Path: board, Done: s.acted[web.Tick] || s.acted[web.Say]}}
}

// newcomer is the change of a colleague who knows nothing of homes: a new file that reads a name through a facade,
// beside a file that does. False: nothing is read through a facade.
func newcomer(result *codemod.Result, exists func(path string) bool) (file string, text []byte, name string, ok bool) {
	var facade codemod.FacadeReport
	var best codemod.FacadeName
	for _, f := range result.Facades {
		for _, n := range f.Names {
			if n.Home != "" && !n.Accidental && cmp.Or(best.Name == "", n.Readers > best.Readers) {
				facade, best = f, n
			}
		}
	}
	for _, c := range result.Changes {
		reads := slices.ContainsFunc(c.Names, func(r codemod.Rewritten) bool { return r.Facade == facade.Module && r.Name == best.Name })
		file = path.Join(path.Dir(c.Path), "newcomer.py")
		if !reads || exists(file) {
			continue
		}
		var b bytes.Buffer
		fmt.Fprintf(&b, "\"\"\"What a colleague adds, who imports as everybody did.\"\"\"\n\nfrom %s import %s\n\n\ndef is_known(value):\n    return isinstance(value, %[2]s)\n", facade.Module, best.Name)
		return file, b.Bytes(), facade.Module + "." + best.Name, true
	}
	return "", nil, "", false
}

// employ lets a colleague open a pull request that reads a name through a facade.
func (w *world) employ(result *codemod.Result) error {
	full := w.source.full()
	branch, err := w.sim.DefaultBranch(full)
	if err != nil {
		return err
	}
	file, text, name, ok := newcomer(result, func(path string) bool {
		_, err := w.sim.ReadFile(full, branch, path)
		return err == nil
	})
	if !ok {
		return nil
	}
	by := w.sim.As(colleague)
	if _, err := by.Push(full, "newcomer", "Add "+file, map[string][]byte{file: text}); err != nil {
		return err
	}
	_, err = by.OpenPull(full, githubsim.NewPull{Title: "Tell what is known", Head: "newcomer",
		Body: fmt.Sprintf("A pull request of a person. It reads `%s` through the facade, as everybody is used to.", name)})
	return err
}
