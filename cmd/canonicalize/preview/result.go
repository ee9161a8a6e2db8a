package preview

import (
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/bot/githubsim"
	"github.com/canonicalize/canonicalize/bot/plan"
	"github.com/canonicalize/canonicalize/codemod"
)

// Result is what --json prints.
type Result struct {
	Repository   string        `json:"repository"`
	Facades      []Facade      `json:"facades"`
	PullRequests []PullRequest `json:"pull_requests"`
	Issues       []Issue       `json:"issues"`
	Left         []Left        `json:"left"`
	SecondPass   SecondPass    `json:"second_pass"`
}

// Facade is one facade that was taken.
type Facade struct {
	Module    string `json:"module"`
	Names     int    `json:"names"`     // that it re-exports
	Consumers int    `json:"consumers"` // files that read a name through it
}

// PullRequest is one that the pass opened.
type PullRequest struct {
	Number    int      `json:"number"`
	Title     string   `json:"title"`
	Branch    string   `json:"branch"`
	Owners    []string `json:"owners"`
	Labels    []string `json:"labels"`
	Reviewers []string `json:"reviewers"`
	Files     []string `json:"files"`
	Additions int      `json:"additions"`
	Deletions int      `json:"deletions"`
	URL       string   `json:"url"`
	Body      string   `json:"body"` // Markdown
}

// Issue is an issue that the pass opened: the dashboard.
type Issue struct {
	Number int    `json:"number"`
	Title  string `json:"title"`
	Body   string `json:"body"` // Markdown
	URL    string `json:"url"`
}

// Left is a reference that stays.
type Left struct {
	Path   string `json:"path"`
	Line   int    `json:"line"`
	Name   string `json:"name"` // "facade.name"
	Reason string `json:"reason"`
}

// SecondPass is what a pass over the same state did; anything but 0 is a fault.
type SecondPass struct {
	Actions int `json:"actions"`
}

// newResult joins what the codemod found with what is on GitHub. No list is nil, so that JSON has none either.
func newResult(repository string, found *codemod.Result, pulls []*githubsim.PullRequest, issues []*githubsim.Issue) Result {
	r := Result{Repository: repository, Facades: []Facade{}, PullRequests: []PullRequest{}, Issues: []Issue{}, Left: []Left{}}
	if found == nil {
		found = &codemod.Result{} // nothing is configured yet
	}
	for _, f := range found.Facades {
		r.Facades = append(r.Facades, Facade{f.Module, len(f.Names), f.Consumers})
	}
	for _, p := range pulls {
		r.PullRequests = append(r.PullRequests, pullResult(p))
	}
	for _, i := range issues {
		r.Issues = append(r.Issues, Issue{i.Number, i.Title, i.Body, i.URL})
	}
	for _, l := range found.Left {
		name := strings.TrimSuffix(l.Facade+"."+l.Name, ".")
		if l.Name == l.Facade {
			name = l.Facade // the module itself
		}
		r.Left = append(r.Left, Left{l.Path, l.Line, name, string(l.Reason)})
	}
	return r
}

func pullResult(p *githubsim.PullRequest) PullRequest {
	out := PullRequest{Number: p.Number, Title: p.Title, Branch: p.Head, Owners: []string{}, Labels: []string{},
		Reviewers: []string{}, Files: []string{}, Additions: p.Additions, Deletions: p.Deletions, URL: p.URL, Body: p.Body}
	if marker, ok := plan.ParseMarker(p.Body); ok {
		out.Owners = append(out.Owners, marker.Owners...)
	}
	for _, l := range p.Labels {
		out.Labels = append(out.Labels, l.Name)
	}
	for _, r := range p.Reviewers {
		out.Reviewers = append(out.Reviewers, "@"+r)
	}
	slices.Sort(out.Reviewers)
	for _, f := range p.Files {
		out.Files = append(out.Files, f.Path)
	}
	return out
}
