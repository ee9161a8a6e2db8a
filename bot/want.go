package bot

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/owners"
	"github.com/canonicalize/canonicalize/bot/plan"
	"github.com/canonicalize/canonicalize/codemod"
)

// decide turns the changes into actions.
func (p *pass) decide(ctx context.Context) error {
	files := p.files()
	if err := p.readHave(ctx, files); err != nil {
		return err
	}
	if err := p.holdFiles(ctx, files); err != nil {
		return err
	}
	p.limits = p.limit()
	if why := p.mergeFault(); why != "" {
		p.problem("", why)
	}
	var existing []plan.Existing
	for i := range p.have {
		if e, ok := p.have[i].Existing(); ok {
			existing = append(existing, e)
		}
	}
	p.chunks = plan.Chunks(files, existing, p.limits)
	p.grant()
	if err := p.finish(ctx); err != nil {
		return err
	}
	if err := p.look(ctx); err != nil {
		return err
	}
	for _, pr := range p.have {
		if pr.State == plan.StateOpen {
			p.out.Open++
		}
	}
	p.out.Chunks = p.chunks
	p.out.Actions = plan.Plan(p.chunks, p.have, p.limits)
	return nil
}

// files describes the changes to package plan.
func (p *pass) files() []plan.File {
	p.changes = make(map[string]codemod.Change, len(p.result.Changes))
	p.left = make(map[string][]codemod.Left)
	for _, l := range p.result.Left {
		p.left[l.Path] = append(p.left[l.Path], l)
	}
	for _, c := range p.result.Changes {
		p.changes[c.Path] = c
	}
	files := make([]plan.File, len(p.result.Changes))
	var next atomic.Int64
	var all sync.WaitGroup
	for range cmp.Or(p.bot.opts.Workers, runtime.GOMAXPROCS(0)) {
		all.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(files)); i = next.Add(1) - 1 {
				files[i] = p.file(p.result.Changes[i])
			}
		})
	}
	all.Wait()
	return files
}

// file describes one change.
func (p *pass) file(c codemod.Change) plan.File {
	f := plan.File{Path: c.Path, Names: len(c.Names), Coupled: c.Coupled, Before: digest(c.Before), Owners: names(p.owners(c.Path))}
	f.Digest, f.Lines = ownDiff(c)
	for _, n := range c.Names {
		f.Facades = append(f.Facades, n.Facade)
		f.Group = max(f.Group, p.conf.Group(n.Facade))
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

func (p *pass) limit() plan.Limits {
	c := p.conf.PullRequests
	l := plan.Limits{
		MaxFiles: c.MaxFiles, MaxLines: c.MaxLines, MinFiles: c.MinFiles,
		BranchPrefix: c.BranchPrefix, Base: p.meta.DefaultBranch,
		Global: c.Mode == config.Global, Approver: c.Approver,
		MaxOpen: c.MaxOpen, MaxOpenPerOwner: c.MaxOpenPerTeam, MaxPerPass: c.MaxPerPass,
		Labels: c.Labels, Now: p.bot.opts.Now(), StaleAfter: time.Duration(c.StaleAfter),
		PauseAfterUnanswered: c.PauseAfterUnanswered,
	}
	if !c.Schedule.Open(l.Now) {
		l.Hold = "the schedule does not allow it now"
	}
	p.board.limit(&l)
	return l
}

// finish adds to the chunks what follows from GitHub: who can be asked, and
// whether anything may be opened at all.
func (p *pass) finish(ctx context.Context) error {
	fresh := false
	for i := range p.chunks {
		c := &p.chunks[i]
		fresh = fresh || c.Number == 0
		reviewers, err := p.askable(ctx, c.Reviewers)
		if err != nil {
			return err
		}
		c.Reviewers = reviewers
		c.Body = p.bodyDigest(c)
	}
	if !fresh || !p.conf.PullRequests.PauseWhenRed || p.limits.Hold != "" {
		return nil
	}
	red, err := p.red(ctx)
	if err == nil && red {
		p.limits.Hold = "the checks of " + p.meta.DefaultBranch + " fail"
	}
	return err
}

// red says whether a check of somebody else, or a commit status, fails on the
// default branch.
func (p *pass) red(ctx context.Context) (bool, error) {
	app, _, _ := strings.Cut(p.self, "[")
	checks, err := p.repo.ListChecks(ctx, p.out.Head, "")
	for _, c := range checks {
		if c.App != app && (c.Conclusion == "failure" || c.Conclusion == "timed_out") {
			return true, nil
		}
	}
	if err != nil {
		return false, err
	}
	return p.repo.StatusFails(ctx, p.out.Head)
}

// askable keeps the owners who can be asked for a review. GitHub refuses a
// whole request for one team without access, so each is looked up, once.
func (p *pass) askable(ctx context.Context, list []string) ([]string, error) {
	if !p.conf.PullRequests.Reviewers {
		return nil, nil
	}
	var can []string
	for _, name := range list {
		why, known := p.absent[name]
		if !known {
			var err error
			if why, err = p.cannotAsk(ctx, name); err != nil {
				return nil, err
			}
			p.absent[name] = why
			if why != "" {
				p.problem("", name+" cannot be asked for a review: "+why)
			}
		}
		if why == "" {
			can = append(can, name)
		}
	}
	return can, nil
}

// cannotAsk says why an owner cannot be asked, "" if it can.
func (p *pass) cannotAsk(ctx context.Context, name string) (string, error) {
	o, err := owners.ParseOwner(name)
	if err != nil {
		return err.Error(), nil
	}
	switch o.Kind {
	case owners.Email:
		return "GitHub asks users and teams only", nil
	case owners.User:
		is, err := p.repo.IsCollaborator(ctx, o.Login())
		if err == nil && !is {
			return "no collaborator of the repository has this name", nil
		}
		return "", err
	}
	org, slug, _ := strings.Cut(o.Login(), "/")
	if !strings.EqualFold(org, p.meta.Owner) {
		return "the team belongs to another organization", nil
	}
	permission, found, err := p.repo.TeamAccess(ctx, slug)
	switch {
	case err != nil:
		return "", err
	case !found:
		return "the team does not exist, is secret, or has no access to the repository", nil
	case permission == "pull" || permission == "triage":
		return "the team has no write access to the repository", nil
	}
	return "", nil
}

// holdFiles marks files that an open pull request of a person touches: a chunk
// with them waits until that one is merged or old.
func (p *pass) holdFiles(ctx context.Context, files []plan.File) error {
	patience := time.Duration(p.conf.PullRequests.WaitForPeople)
	if patience == 0 || len(files) == 0 {
		return nil
	}
	touched := make(map[string]int)
	for _, pr := range p.pulls {
		if pr.Author == p.self || p.bot.opts.Now().Sub(pr.Updated) > patience || pr.Base.Branch != p.meta.DefaultBranch {
			continue
		}
		paths, err := p.touches(ctx, pr)
		if err != nil {
			return err
		}
		for _, path := range paths {
			if n := touched[path]; n == 0 || pr.Number < n {
				touched[path] = pr.Number
			}
		}
	}
	for i := range files {
		if n := touched[files[i].Path]; n != 0 {
			files[i].Hold = fmt.Sprintf("#%d touches the same files", n)
		}
	}
	return nil
}

// maxSeen bounds the memory of which files people's pull requests touch.
const maxSeen = 10_000

func (p *pass) touches(ctx context.Context, pr github.PullRequest) ([]string, error) {
	key := fmt.Sprintf("%d#%d@%s", p.meta.ID, pr.Number, pr.Head.SHA)
	p.bot.mu.Lock()
	paths, known := p.bot.seen[key]
	p.bot.mu.Unlock()
	if known {
		return paths, nil
	}
	list, err := p.repo.PullFiles(ctx, pr.Number)
	if err != nil {
		return nil, err
	}
	for _, f := range list {
		paths = append(paths, f.Path)
		if f.OldPath != "" {
			paths = append(paths, f.OldPath)
		}
	}
	p.bot.mu.Lock()
	defer p.bot.mu.Unlock()
	if len(p.bot.seen) >= maxSeen {
		clear(p.bot.seen)
	}
	p.bot.seen[key] = paths
	return paths, nil
}
