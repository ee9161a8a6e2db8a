package pass

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/description"
	"github.com/canonicalize/canonicalize/bot/owners"
	"github.com/canonicalize/canonicalize/bot/plan"
	"github.com/canonicalize/canonicalize/bot/site"
	"github.com/canonicalize/canonicalize/codemod"
)

// wanted is what should be on GitHub, beside what the bot has there.
type wanted struct {
	*seen
	result *codemod.Result
	text   *description.Writer
	files  []plan.File
	limits plan.Limits
	have   []plan.PullRequest
	chunks []plan.Chunk
}

// want runs the codemod and describes its changes to package plan.
func (s *seen) want(ctx context.Context) (*wanted, error) {
	w := &wanted{seen: s}
	if err := w.change(ctx); err != nil {
		return nil, err
	}
	w.prepare()
	return w, nil
}

// prepare sorts what the codemod says for those who plan and write.
func (w *wanted) prepare() {
	w.text = &description.Writer{
		Conf: w.conf, Onto: w.Meta.DefaultBranch, Base: w.out.Head,
		Changes: make(map[string]codemod.Change, len(w.result.Changes)), Left: make(map[string][]codemod.Left),
		Absent: make(map[string]string),
	}
	for _, l := range w.result.Left {
		w.text.Left[l.Path] = append(w.text.Left[l.Path], l)
	}
	for _, c := range w.result.Changes {
		w.text.Changes[c.Path] = c
	}
	w.files, w.limits = w.describe(), w.limit()
}

// change runs the codemod.
func (w *wanted) change(ctx context.Context) error {
	rules := w.conf.Rules()
	w.out.Facades = rules.Facades
	provided, err := w.Provide(ctx, w.tree, w.conf)
	defer provided.Release()
	var absent *site.ProviderError
	if errors.As(err, &absent) {
		return faulty(absent)
	}
	if err != nil {
		return err
	}
	rules.Providers, w.out.Providers = provided.List, provided.Read
	o := w.Site.Codemod()
	o.Progress, o.Closures = w.Stage, true
	w.result, err = w.opts.Codemod(ctx, w.tree, rules, o)
	var wrong *codemod.RulesError
	if errors.As(err, &wrong) {
		return faulty(wrong)
	}
	if err != nil {
		return err
	}
	w.out.Result = w.result
	w.KeepFacts()
	return nil
}

// describe describes the changes to package plan.
func (w *wanted) describe() []plan.File {
	files := make([]plan.File, len(w.result.Changes))
	var next atomic.Int64
	var all sync.WaitGroup
	for range cmp.Or(w.Workers, runtime.GOMAXPROCS(0)) {
		all.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(files)); i = next.Add(1) - 1 {
				files[i] = w.file(w.result.Changes[i])
			}
		})
	}
	all.Wait()
	return files
}

// file describes one change.
func (w *wanted) file(c codemod.Change) plan.File {
	f := plan.File{Path: c.Path, Names: c.DistinctNames(), Readings: len(c.Names), Coupled: c.Coupled, Before: digest(c.Before), Owners: names(w.owners(c.Path))}
	f.Digest, f.Lines = ownDiff(c)
	for _, n := range c.Names {
		f.Facades = append(f.Facades, n.Facade)
		f.Group = max(f.Group, w.conf.Group(n.Facade))
	}
	slices.Sort(f.Facades)
	f.Facades = slices.Compact(f.Facades)
	return f
}

func names(set []owners.Owner) []string {
	var list []string
	for _, o := range set {
		list = append(list, o.Name)
	}
	slices.Sort(list)
	return list
}

func digest(src []byte) string {
	sum := sha256.Sum256(src)
	return hex.EncodeToString(sum[:])
}

// ownDiff is a digest of the lines that a change takes and puts, and their
// number. It does not depend on what surrounds them, so that edits elsewhere in
// the file leave a pull request alone.
func ownDiff(c codemod.Change) (digest string, lines int) {
	h := sha256.New()
	header := true
	for line := range strings.SplitSeq(c.Diff(), "\n") {
		if strings.HasPrefix(line, "@@") {
			header = false
		} else if !header && (strings.HasPrefix(line, "+") || strings.HasPrefix(line, "-")) {
			fmt.Fprintln(h, line)
			lines++
		}
	}
	return hex.EncodeToString(h.Sum(nil)), lines
}

// limit bounds chunks and pull requests by the configuration, and by what
// people asked for.
func (s *seen) limit() plan.Limits {
	c := s.conf.PullRequests
	l := plan.Limits{
		MaxFiles: c.MaxFiles, MaxLines: c.MaxLines, MinFiles: c.MinFiles,
		BranchPrefix: c.BranchPrefix, Base: s.Meta.DefaultBranch,
		Global: c.Mode == config.Global, Approver: c.Approver,
		MaxOpen: c.MaxOpen, MaxOpenPerOwner: c.MaxOpenPerTeam, MaxPerPass: c.MaxPerPass,
		Labels: c.Labels, Now: s.Now(), StaleAfter: time.Duration(c.StaleAfter),
		PauseAfterUnanswered: c.PauseAfterUnanswered,
	}
	if !c.Schedule.Open(l.Now) {
		l.Hold = "the schedule does not allow it now"
	}
	s.board.limit(&l)
	return l
}

// compare finds what the bot has, and turns the difference into actions.
func (w *wanted) compare(ctx context.Context) error {
	if err := w.readHave(ctx); err != nil {
		return err
	}
	if err := w.holdFiles(ctx); err != nil {
		return err
	}
	if why := w.mergeFault(); why != "" {
		w.problem("", why)
	}
	var existing []plan.Existing
	for i := range w.have {
		if e, ok := w.have[i].Existing(); ok {
			existing = append(existing, e)
		}
	}
	w.chunks = plan.Chunks(w.files, existing, w.limits)
	w.grant()
	if err := w.finish(ctx); err != nil {
		return err
	}
	if err := w.look(ctx); err != nil {
		return err
	}
	if err := w.readBudget(ctx); err != nil {
		return err
	}
	for _, pr := range w.have {
		if pr.State == plan.StateOpen {
			w.out.Open++
		}
	}
	w.out.Chunks = w.chunks
	w.out.Actions = plan.Plan(w.chunks, w.have, w.limits)
	return nil
}

// readBudget asks how much may still be created in this hour.
func (w *wanted) readBudget(ctx context.Context) error {
	left, err := w.Client.Budget(ctx)
	if left != nil {
		w.limits.Budget = &plan.Budget{Left: left.Left, Why: fmt.Sprintf("the pace: at most %d new pull requests and requests for reviews an hour", left.PerHour)}
	}
	return err
}

// comeBack tells when the pace is worth another pass, if something waits for it.
func (w *wanted) comeBack(ctx context.Context) error {
	waits := func(a plan.Action) bool {
		return a.Kind == plan.Wait && w.limits.Budget != nil && a.Why == w.limits.Budget.Why
	}
	if !slices.ContainsFunc(w.out.Actions, waits) {
		return nil
	}
	left, err := w.Client.Budget(ctx)
	if err == nil {
		w.out.Again = max(w.out.Again, left.Again)
	}
	return err
}

// holdFiles marks files that an open pull request of a person touches: a chunk
// with them waits until that one is merged or old.
func (w *wanted) holdFiles(ctx context.Context) error {
	patience := time.Duration(w.conf.PullRequests.WaitForPeople)
	if patience == 0 || len(w.files) == 0 {
		return nil
	}
	touched := make(map[string]int)
	for _, pr := range w.pulls {
		if pr.Author == w.Self || w.Now().Sub(pr.Updated) > patience || pr.Base.Branch != w.Meta.DefaultBranch {
			continue
		}
		paths, err := w.Touches(ctx, pr)
		if err != nil {
			return err
		}
		for _, path := range paths {
			if n := touched[path]; n == 0 || pr.Number < n {
				touched[path] = pr.Number
			}
		}
	}
	for i := range w.files {
		if n := touched[w.files[i].Path]; n != 0 {
			w.files[i].Hold = fmt.Sprintf("#%d touches the same files", n)
		}
	}
	return nil
}
