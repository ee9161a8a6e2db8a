package pass

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/canonicalize/canonicalize/bot/dashboard"
	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/plan"
	"github.com/canonicalize/canonicalize/bot/site"
	"github.com/canonicalize/canonicalize/codemod"
)

// Codemod says what is to change in a tree; codemod.Plan is the real one.
type Codemod func(ctx context.Context, t codemod.Tree, r codemod.Rules, o codemod.Options) (*codemod.Result, error)

// Discover finds modules that look like facades; codemod.Discover is the real one.
type Discover func(ctx context.Context, t codemod.Tree, r codemod.Rules, o codemod.Options) ([]codemod.Candidate, error)

// Options say how a pass is done.
type Options struct {
	Codemod  Codemod
	Discover Discover
	DryRun   bool // decide, and write nothing
	Wish     Wish // of a command
}

// Outcome is what a pass saw, decided and did.
type Outcome struct {
	Repository github.Repository
	Head       string          // commit of the default branch that was looked at
	Refused    string          // why nothing was decided, for a person; "" if it was
	Facades    []string        // that were canonicalized
	Providers  []site.Provided // other repositories that were read, at which revision
	Result     *codemod.Result // nil when refused
	Chunks     []plan.Chunk
	Actions    []plan.Action        // decided; done unless the pass was a dry run
	Problems   []Problem            // effects that GitHub refused, and what could not be asked for
	Open       int                  // pull requests of the bot that were open before or were opened
	People     []github.PullRequest // open, of people, drafts left out
	Writes     int                  // effects on GitHub
	Board      *dashboard.View      // what the dashboard says after the pass; nil when nothing was decided
	Again      time.Duration        // until when what waits for the pace is worth another pass; 0: nothing does
	Paused     []string             // owners for whom nothing is opened
	Resumed    []string             // owners for whom a command took that back
}

// Problem is something that a person may want to know of; it stopped nothing.
type Problem struct {
	Branch string // of the pull request; "" when it concerns none
	Text   string
}

// work is one pass: where it is done, how, and what is told of it.
type work struct {
	*site.Site
	opts  Options
	out   *Outcome
	email string // of the bot, in its commits
}

// Run does one pass. An error means that it could not be finished and that
// another one will continue it; what a person has to mend is in the outcome.
func Run(ctx context.Context, s *site.Site, o Options) (*Outcome, error) {
	w, leave, err := enter(ctx, s, o)
	if err != nil {
		return nil, err
	}
	defer leave()
	return w.out, w.run(ctx)
}

// enter keeps other passes out until leave is called.
func enter(ctx context.Context, s *site.Site, o Options) (w *work, leave func(), err error) {
	w = &work{Site: s, opts: o, out: &Outcome{Repository: s.Meta}}
	if w.email, err = s.Address(ctx); err != nil {
		return nil, nil, err
	}
	if leave, err = s.Alone(); err != nil {
		return nil, nil, err
	}
	if err = s.OpenMirror(ctx); err != nil {
		leave()
	}
	return w, leave, err
}

func (w *work) run(ctx context.Context) error {
	seen, wanted, err := w.decide(ctx)
	var no *refusal
	switch {
	case errors.As(err, &no):
		w.out.Refused = no.why
		if w.opts.DryRun {
			return nil
		}
		return seen.refuse(ctx, no)
	case err != nil || w.opts.DryRun:
		return err
	}
	if err := seen.settle(ctx); err != nil {
		return err
	}
	e := &effects{wanted: wanted}
	if err := e.apply(ctx); err != nil {
		return err
	}
	if err := e.endFacades(ctx); err != nil {
		return err
	}
	if err := e.showBoard(ctx); err != nil {
		return err
	}
	return wanted.comeBack(ctx)
}

// decide looks, says what is wanted, and compares the two. A *refusal says why
// nothing can be decided; seen is what was seen until then.
func (w *work) decide(ctx context.Context) (*seen, *wanted, error) {
	seen, err := w.see(ctx)
	if err != nil {
		return seen, nil, err
	}
	wanted, err := seen.want(ctx)
	if err != nil {
		return seen, nil, err
	}
	err = wanted.compare(ctx)
	return seen, wanted, err
}

// refusal says why nothing can be decided; a person has to change something.
type refusal struct {
	why    string
	faults []string // of the configuration, for the issue about it
	bare   bool     // there is no configuration
}

func (r *refusal) Error() string { return r.why }

func refuse(format string, args ...any) error { return &refusal{why: fmt.Sprintf(format, args...)} }

func (w *work) problem(branch, text string) {
	w.out.Problems = append(w.out.Problems, Problem{branch, text})
}

// fatal tells errors that end the pass from those that concern one pull
// request, which become problems, and from a pace that is used up: what needs
// none of it goes on.
func (w *work) fatal(branch string, err error) bool {
	var refused *github.ErrValidation
	var used *github.ErrSecondaryLimit
	switch {
	case err == nil:
		return false
	case errors.As(err, &used) && used.Own:
		w.out.Again = max(w.out.Again, used.RetryAfter)
		return false
	}
	if !errors.As(err, &refused) && !errors.Is(err, github.ErrForbidden) && !errors.Is(err, github.ErrNotFound) && !errors.Is(err, github.ErrConflict) {
		return true
	}
	w.problem(branch, err.Error())
	w.Log.Warn("GitHub refuses", "branch", branch, "error", err)
	return false
}

// wrote counts an effect on GitHub.
func (w *work) wrote(err error) error {
	if err == nil {
		w.out.Writes++
	}
	return err
}
