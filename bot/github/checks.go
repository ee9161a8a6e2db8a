package github

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/go-github/v62/github"
)

// maxAnnotations is how many annotations GitHub takes with one request
// (https://docs.github.com/rest/checks/runs#create-a-check-run); further ones are added by updates.
const maxAnnotations = 50

// CheckRun is a check of the App on a commit. Annotations, actions and texts are not read back.
type CheckRun struct {
	ID                 int64
	Name, SHA          string
	Status, Conclusion string // "queued", "in_progress" or "completed"; "success", "failure", "neutral", "action_required", ...
	ExternalID         string
	DetailsURL         string
	Title, Summary     string // Markdown; a run without a title has no output
	Text               string // Markdown
	Annotations        []Annotation
	Actions            []Action
	App                string // slug, when read
	Started, Completed time.Time
}

// Annotation points at lines of a file. Columns are from 1, 0 for none, and only on a single line.
type Annotation struct {
	Path                   string
	StartLine, EndLine     int
	StartColumn, EndColumn int
	Level                  string // "notice", "warning" or "failure"
	Title, Message         string
}

// Action is a button beside the check; GitHub takes three, labels of 20, descriptions of 40 and identifiers of 20
// characters.
type Action struct{ Label, Description, Identifier string }

// CreateCheck creates a check run with all of its annotations, in as many requests as it takes.
func (r *Repo) CreateCheck(ctx context.Context, c CheckRun) (CheckRun, error) {
	first, rest := c.split()
	options := github.CreateCheckRunOptions{
		Name: c.Name, HeadSHA: c.SHA, Status: optional(c.Status), Conclusion: optional(c.Conclusion),
		ExternalID: optional(c.ExternalID), DetailsURL: optional(c.DetailsURL), Output: c.output(first), Actions: c.actions(),
		StartedAt: stamp(c.Started), CompletedAt: stamp(c.Completed),
	}
	var made *github.CheckRun
	err := r.plain(ctx, c.SHA+" "+c.Name, "create check run "+c.Name, func() (err error) {
		made, _, err = r.api.Checks.CreateCheckRun(ctx, r.owner, r.name, options)
		return err
	})
	if err != nil {
		return CheckRun{}, err
	}
	c.ID = made.GetID()
	return checkRun(made), r.annotate(ctx, c, rest)
}

// UpdateCheck changes a check run by its ID; annotations are added to those that it has.
func (r *Repo) UpdateCheck(ctx context.Context, c CheckRun) (CheckRun, error) {
	first, rest := c.split()
	options := github.UpdateCheckRunOptions{
		Name: c.Name, Status: optional(c.Status), Conclusion: optional(c.Conclusion), ExternalID: optional(c.ExternalID),
		DetailsURL: optional(c.DetailsURL), Output: c.output(first), Actions: c.actions(), CompletedAt: stamp(c.Completed),
	}
	made, err := r.updateCheck(ctx, c, options)
	if err != nil {
		return CheckRun{}, err
	}
	return checkRun(made), r.annotate(ctx, c, rest)
}

func (r *Repo) annotate(ctx context.Context, c CheckRun, rest []Annotation) error {
	for len(rest) > 0 {
		n := min(maxAnnotations, len(rest))
		options := github.UpdateCheckRunOptions{Name: c.Name, Output: c.output(rest[:n])}
		if _, err := r.updateCheck(ctx, c, options); err != nil {
			return err
		}
		rest = rest[n:]
	}
	return nil
}

func (r *Repo) updateCheck(ctx context.Context, c CheckRun, o github.UpdateCheckRunOptions) (made *github.CheckRun, err error) {
	err = r.plain(ctx, fmt.Sprint(c.ID), fmt.Sprintf("update check run %d", c.ID), func() (err error) {
		made, _, err = r.api.Checks.UpdateCheckRun(ctx, r.owner, r.name, c.ID, o)
		return err
	})
	return made, err
}

// ListChecks lists the newest check run of each name on a revision; name "" means all.
func (r *Repo) ListChecks(ctx context.Context, revision, name string) ([]CheckRun, error) {
	list, err := pages(func(page github.ListOptions) ([]*github.CheckRun, *github.Response, error) {
		options := &github.ListCheckRunsOptions{CheckName: optional(name), Filter: github.String("latest"), ListOptions: page}
		found, res, err := r.api.Checks.ListCheckRunsForRef(ctx, r.owner, r.name, revision, options)
		if err != nil {
			return nil, res, err
		}
		return found.CheckRuns, res, nil
	}, checkRun)
	return list, explain(r.op("list the checks of %s", revision), err)
}

// StatusFails says whether a commit status of a revision fails. Statuses, which older services give beside checks, are
// read where that needs no permission, which is in public repositories, or where the App was given one that it does not
// ask for (https://docs.github.com/rest/commits/statuses#get-the-combined-status-for-a-specific-reference). Elsewhere
// none is known.
func (r *Repo) StatusFails(ctx context.Context, revision string) (bool, error) {
	status, _, err := r.api.Repositories.GetCombinedStatus(ctx, r.owner, r.name, revision, nil)
	err = explain(r.op("read the status of %s", revision), err)
	if errors.Is(err, ErrForbidden) {
		return false, nil
	}
	return status.GetState() == "failure", err
}

func checkRun(c *github.CheckRun) CheckRun {
	return CheckRun{
		ID: c.GetID(), Name: c.GetName(), SHA: c.GetHeadSHA(), Status: c.GetStatus(), Conclusion: c.GetConclusion(),
		ExternalID: c.GetExternalID(), DetailsURL: c.GetDetailsURL(), Title: c.GetOutput().GetTitle(),
		Summary: c.GetOutput().GetSummary(), Text: c.GetOutput().GetText(), App: c.GetApp().GetSlug(),
		Started: c.GetStartedAt().Time, Completed: c.GetCompletedAt().Time,
	}
}

// split parts the annotations that go with the first request from the rest.
func (c CheckRun) split() (first, rest []Annotation) {
	n := min(maxAnnotations, len(c.Annotations))
	return c.Annotations[:n], c.Annotations[n:]
}

func (c CheckRun) output(annotations []Annotation) *github.CheckRunOutput {
	if c.Title == "" {
		return nil
	}
	// The documented limit of both texts is one character below that of a comment.
	out := &github.CheckRunOutput{Title: github.String(capTitle(c.Title)), Summary: github.String(capAt(c.Summary, MaxBody-1))}
	if c.Text != "" {
		out.Text = github.String(capAt(c.Text, MaxBody-1))
	}
	for _, a := range annotations {
		out.Annotations = append(out.Annotations, a.request())
	}
	return out
}

func (a Annotation) request() *github.CheckRunAnnotation {
	end := max(a.StartLine, a.EndLine)
	request := &github.CheckRunAnnotation{
		Path: &a.Path, StartLine: &a.StartLine, EndLine: &end, AnnotationLevel: &a.Level,
		Message: github.String(capAt(a.Message, MaxBody-1)), Title: optional(capTitle(a.Title)),
	}
	if a.StartColumn > 0 && a.StartLine == end {
		request.StartColumn, request.EndColumn = &a.StartColumn, github.Int(max(a.StartColumn, a.EndColumn))
	}
	return request
}

func (c CheckRun) actions() []*github.CheckRunAction {
	var list []*github.CheckRunAction
	for _, a := range c.Actions {
		list = append(list, &github.CheckRunAction{Label: a.Label, Description: a.Description, Identifier: a.Identifier})
	}
	return list
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func stamp(t time.Time) *github.Timestamp {
	if t.IsZero() {
		return nil
	}
	return &github.Timestamp{Time: t}
}
