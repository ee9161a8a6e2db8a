package reviewer

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/review"
)

// verdict is what a check run says of one pull request, or of a merge group.
type verdict struct {
	number                     int // 0: a merge group
	conclusion, title, summary string
	annotations                []github.Annotation
	fixable                    int // findings that a commit would mend
}

// strictness orders conclusions. What a required check lets through comes
// before what it does not (https://docs.github.com/pull-requests/collaborating-with-pull-requests/collaborating-on-repositories-with-code-quality-features/about-status-checks).
var strictness = []string{"skipped", "success", "neutral", "failure"}

func (v *verdict) rank() int { return slices.Index(strictness, v.conclusion) }

// unable tells that nothing was reviewed, through no fault of the pull request,
// so that a required check does not stay open for ever.
func (w *reviewing) unable(why string) {
	w.verdict = &verdict{number: w.req.Number, conclusion: "neutral", title: "Not reviewed", summary: "Nothing was reviewed: " + why + ".\n"}
}

// pass lets a pull request through that is not looked at, where the check may
// fail and so may be required: without one it could never be merged.
func (w *reviewing) pass(why string) {
	w.out.Skipped = why
	if w.conf.Review.Conclusion == "failure" {
		w.verdict = &verdict{number: w.req.Number, conclusion: "skipped", title: "Not reviewed", summary: "This pull request is not reviewed: " + why + ".\n"}
	}
}

// judge says what was found.
func (w *reviewing) judge() {
	report := review.Check(w.out.Review, w.offer())
	v := &verdict{number: w.req.Number, conclusion: "success", title: report.Title, summary: report.Summary}
	if w.offer() == review.Commit {
		v.fixable = report.Fixable
	}
	level := "warning"
	if len(w.out.Review.Findings) > 0 {
		v.conclusion = w.conf.Review.Conclusion
	}
	if v.conclusion == "failure" {
		level = "failure"
	}
	for _, a := range report.Annotations {
		v.annotations = append(v.annotations, github.Annotation{
			Path: a.Path, StartLine: a.Line, EndLine: a.Line, Level: level, Title: a.Title, Message: a.Message,
		})
	}
	w.verdict = v
}

// tell writes the check run. One head can have several pull requests, with
// other bases, but it has only one check: that one says what the strictest of
// them says, and names all.
func (w *reviewing) tell(ctx context.Context) error {
	if w.verdict == nil {
		return nil
	}
	all := []*verdict{w.verdict}
	if w.req.Number != 0 {
		others, err := w.others(ctx)
		if err != nil {
			return err
		}
		all = append(all, others...)
	}
	_, err := w.Repo.CreateCheck(ctx, w.check(CheckName, together(all)))
	return err
}

// others are the verdicts on the other open pull requests of the head.
func (w *reviewing) others(ctx context.Context) (list []*verdict, err error) {
	pulls, err := w.Repo.PullsOf(ctx, w.head)
	if err != nil {
		return nil, err
	}
	for _, pr := range pulls {
		if pr.Number == w.req.Number || pr.State != "open" || pr.Head.SHA != w.head {
			continue
		}
		other := &reviewing{Site: w.Site, req: Request{Number: pr.Number, Head: w.head}, head: w.head, out: &Outcome{}}
		if err := other.look(ctx); err != nil {
			return nil, err
		}
		if other.verdict != nil {
			list = append(list, other.verdict)
		}
	}
	return list, nil
}

// together joins verdicts on one head.
func together(all []*verdict) *verdict {
	if len(all) == 1 {
		return all[0]
	}
	slices.SortStableFunc(all, func(a, b *verdict) int {
		if a.rank() != b.rank() {
			return b.rank() - a.rank()
		}
		return a.number - b.number
	})
	out := *all[0]
	out.title = fmt.Sprintf("%s (#%d)", out.title, out.number)
	var b strings.Builder
	fmt.Fprintf(&b, "This commit is the head of %d open pull requests, and this check counts for each of them: the strictest decides.\n", len(all))
	out.annotations = nil
	for _, v := range all {
		fmt.Fprintf(&b, "\n### #%d: %s\n\n%s", v.number, v.title, v.summary)
		for _, a := range v.annotations {
			if !slices.Contains(out.annotations, a) {
				out.annotations = append(out.annotations, a)
			}
		}
		out.fixable = max(out.fixable, v.fixable)
	}
	out.summary = b.String()
	return &out
}

// check makes a completed check run.
func (w *reviewing) check(name string, v *verdict) github.CheckRun {
	c := github.CheckRun{
		Name: name, SHA: w.head, Status: "completed", Conclusion: v.conclusion, Title: v.title, Summary: v.summary,
		Annotations: v.annotations, Completed: w.Now(),
	}
	if v.number != 0 {
		c.ExternalID = fmt.Sprintf("pull/%d", v.number)
	}
	if v.fixable > 0 && v.number != 0 {
		c.Actions = []github.Action{{Label: "Fix", Description: "Import the names from their homes", Identifier: FixAction}}
	}
	return c
}
