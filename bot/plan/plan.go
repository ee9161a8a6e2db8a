package plan

import (
	"fmt"
	"slices"
	"sort"
	"strings"
)

// Plan says what to do so that the pull requests hold what is wanted: those
// that exist are looked after first, then new ones are opened as far as the
// limits allow. have are the pull requests of the bot, of any state.
func Plan(want []Chunk, have []PullRequest, limits Limits) []Action {
	p := &planner{limits: limits, open: make(map[string]int), unanswered: make(map[string]int)}
	p.index(want, have)
	for i := range p.pulls {
		p.look(&p.pulls[i])
	}
	p.openNew(want)
	return p.actions
}

type planner struct {
	limits  Limits
	actions []Action

	pulls      []PullRequest // open, by number
	declined   map[int]bool
	chunks     map[string]*Chunk // by identity
	holder     map[string]int    // open pull request of a chunk's identity
	files      map[string]int    // open pull request to which a wanted file belongs
	total      int
	open       map[string]int // by owner
	unanswered map[string]int // by owner
	pushes     int
	created    int // of the budget
	asked      int // openings that people want now
}

func (p *planner) index(want []Chunk, have []PullRequest) {
	p.chunks, p.holder, p.files = make(map[string]*Chunk), make(map[string]int), make(map[string]int)
	p.declined = make(map[int]bool)
	for i := range want {
		p.chunks[want[i].ID] = &want[i]
		for _, f := range want[i].Files {
			for _, key := range Keys(f.Path) {
				p.files[key] = want[i].Number
			}
		}
	}
	for _, pr := range have {
		if pr.State == StateOpen {
			p.pulls = append(p.pulls, pr)
		} else if _, held := pr.Existing(); held {
			p.declined[pr.Number] = true
		}
	}
	sort.Slice(p.pulls, func(i, j int) bool { return p.pulls[i].Number < p.pulls[j].Number })
	for i := range p.pulls {
		pr := &p.pulls[i]
		if p.holder[pr.Marker.Chunk] == 0 {
			p.holder[pr.Marker.Chunk] = pr.Number
		}
		p.count(pr)
	}
}

// count enters an open pull request into the budgets.
func (p *planner) count(pr *PullRequest) {
	p.total++
	for _, owner := range pr.Marker.Owners {
		p.open[owner]++
		if p.stale(pr) {
			p.unanswered[owner]++
		}
	}
}

func (p *planner) stale(pr *PullRequest) bool {
	return p.limits.StaleAfter > 0 && !pr.Draft && !pr.Answered && !pr.Active.IsZero() &&
		p.limits.Now.Sub(pr.Active) >= p.limits.StaleAfter
}

func (p *planner) do(a Action) { p.actions = append(p.actions, a) }

// look decides about one open pull request.
func (p *planner) look(pr *PullRequest) {
	c := p.chunks[pr.Marker.Chunk]
	if c != nil && c.Number != pr.Number {
		c = nil // another pull request holds it
	}
	switch {
	case !p.limits.Scope.pull(pr.Number):
		p.leave(pr, c, notNamed)
	case pr.Foreign && !pr.Released:
		p.detach(pr, c)
	case c == nil:
		p.close(pr)
	default:
		p.tend(pr, c)
	}
}

func (p *planner) leave(pr *PullRequest, c *Chunk, why string) {
	p.do(Action{Kind: Leave, Number: pr.Number, Branch: pr.Branch, Chunk: c, Why: why})
}

func (p *planner) detach(pr *PullRequest, c *Chunk) {
	const why = "somebody else pushed to the branch"
	if pr.Said[NoticeDetached] {
		p.leave(pr, c, why)
		return
	}
	p.do(Action{Kind: Detach, Number: pr.Number, Branch: pr.Branch, Chunk: c, Why: why})
}

// close ends a pull request of which nothing is wanted any more, or whose
// files another one holds.
func (p *planner) close(pr *PullRequest) {
	if pr.Queued {
		p.leave(pr, nil, "it is in the merge queue")
		return
	}
	a := Action{Kind: CloseEmpty, Number: pr.Number, Branch: pr.Branch, Why: "nothing is left to change in its files"}
	if by := p.successor(pr); by != 0 {
		a.Kind, a.By, a.Why = CloseSuperseded, by, fmt.Sprintf("#%d holds its files", by)
	}
	p.do(a)
}

func (p *planner) successor(pr *PullRequest) int {
	if n := p.holder[pr.Marker.Chunk]; n != pr.Number && p.chunks[pr.Marker.Chunk] != nil {
		return n
	}
	paths := make([]string, 0, len(pr.Marker.Files))
	for path := range pr.Marker.Files {
		paths = append(paths, path)
	}
	sort.Strings(paths)
	for _, path := range paths {
		if n := p.files[path]; n != 0 && n != pr.Number && !p.declined[n] {
			return n
		}
	}
	return 0
}

// tend keeps a pull request up to date: its branch only when it conflicts or
// its own diff would change, and not at all while somebody counts on it.
func (p *planner) tend(pr *PullRequest, c *Chunk) {
	why := p.reason(pr, c)
	busy := p.busy(pr)
	switch {
	case p.limits.Rebuild[pr.Number]:
		p.push(pr, c, "somebody asked for it")
	case p.retargeted(pr):
		p.leave(pr, c, "somebody had it merge into "+pr.Base)
	case why == "":
		p.dress(pr, c)
	case busy != "" && !pr.Conflict:
		p.leave(pr, c, busy)
	case p.limits.Hold != "":
		p.wait(pr.Number, c, p.limits.Hold)
	case p.spent():
		p.wait(pr.Number, c, p.passWhy())
	default:
		p.push(pr, c, why)
	}
}

func (p *planner) push(pr *PullRequest, c *Chunk, why string) {
	p.pushes++
	p.do(Action{Kind: UpdateBranch, Number: pr.Number, Branch: pr.Branch, Chunk: c, Lease: pr.Head, Why: why})
	p.complete(pr, c)
}

// reason says why a branch must be pushed again, "" if it need not.
func (p *planner) reason(pr *PullRequest, c *Chunk) string {
	switch {
	case pr.Conflict:
		return "it conflicts with the base branch"
	case pr.Marker.Digest != c.Digest:
		return "its own diff changes"
	case p.limits.Base != "" && pr.Base != "" && pr.Base != p.limits.Base:
		return "the base branch is now " + p.limits.Base
	case pr.Foreign && pr.Released:
		return "it was taken over"
	}
	return ""
}

// retargeted says whether a person chose the base branch. Another default
// branch of the repository is no such choice.
func (p *planner) retargeted(pr *PullRequest) bool {
	return p.limits.Base != "" && pr.Base != p.limits.Base && pr.Marker.Onto == p.limits.Base
}

func (p *planner) busy(pr *PullRequest) string {
	switch {
	case pr.Queued:
		return "it is in the merge queue"
	case pr.AutoMerge:
		return "it is set to auto-merge"
	case pr.Approved:
		return "it is approved"
	}
	return ""
}

// dress does what leaves the branch alone: body, labels, reviewers, reminder.
func (p *planner) dress(pr *PullRequest, c *Chunk) {
	before := len(p.actions)
	if pr.Marker.Body != c.Body {
		p.do(Action{Kind: UpdateBody, Number: pr.Number, Branch: pr.Branch, Chunk: c, Why: "what it says changed"})
	}
	p.complete(pr, c)
	if p.stale(pr) && !pr.Said[NoticeStale] && !p.paused(c) {
		p.do(Action{Kind: Remind, Number: pr.Number, Branch: pr.Branch, Chunk: c, Why: "nobody answered for long"})
	}
	if len(p.actions) == before {
		p.leave(pr, c, "nothing changed")
	}
}

// paused says whether a person paused one of the owners, who is then not
// reminded either.
func (p *planner) paused(c *Chunk) bool {
	return slices.ContainsFunc(c.Owners, func(owner string) bool { return p.limits.Paused[owner] != "" })
}

// complete adds what an interrupted opening left out. Labels come last, so
// that they show that an opening is complete.
func (p *planner) complete(pr *PullRequest, c *Chunk) {
	missing := without(c.Reviewers, pr.Reviewers)
	if len(missing) > 0 && !pr.Draft && !pr.Said[NoticeReview] {
		p.do(Action{Kind: RequestReviewers, Number: pr.Number, Branch: pr.Branch, Chunk: c, Names: missing, Why: "nobody asked them yet"})
	}
	if missing := without(p.limits.Labels, pr.Labels); len(missing) > 0 {
		p.do(Action{Kind: Label, Number: pr.Number, Branch: pr.Branch, Chunk: c, Names: missing, Why: "labels are missing"})
	}
}

// without gives the words that have lacks, whatever their case.
func without(want, have []string) []string {
	var missing []string
	for _, w := range want {
		if !slices.ContainsFunc(have, func(h string) bool { return strings.EqualFold(h, w) }) {
			missing = append(missing, w)
		}
	}
	return missing
}

func (p *planner) spent() bool {
	return p.limits.MaxPerPass > 0 && p.pushes >= p.limits.MaxPerPass
}

func (p *planner) passWhy() string {
	return fmt.Sprintf("one pass opens or updates at most %d pull requests", p.limits.MaxPerPass)
}

func (p *planner) wait(number int, c *Chunk, why string) {
	p.do(Action{Kind: Wait, Number: number, Branch: c.Branch, Chunk: c, Why: why})
}

// Declined is why a chunk is left that a person closed the pull request of.
const Declined = "somebody closed it"

// notNamed is why something waits while a command is done that names others.
const notNamed = "the next pass looks after it"

// openNew opens chunks that have no pull request: first those that people want
// now, then by turns of owner sets so that no owner waits for another.
func (p *planner) openNew(want []Chunk) {
	list := turns(want)
	sort.SliceStable(list, func(i, j int) bool { return p.limits.Demanded[list[i].ID] && !p.limits.Demanded[list[j].ID] })
	for _, c := range list {
		switch {
		case p.declined[c.Number]:
			p.do(Action{Kind: Leave, Number: c.Number, Branch: c.Branch, Chunk: c, Why: Declined})
		case c.Number != 0:
			// look decided about it
		default:
			p.openOne(c)
		}
	}
}

// mostAsked is how many openings of one pass people can have outside of the
// budget: a pattern can name a whole repository.
const mostAsked = 10

// openOne opens a chunk, or says why it waits.
func (p *planner) openOne(c *Chunk) {
	asked := p.limits.Demanded[c.ID] && p.asked < mostAsked
	why := p.budget(c)
	if cost := c.cost(); why == "" && !asked {
		if b := p.limits.Budget; b != nil && p.created+cost > b.Left {
			why = b.Why
		} else {
			p.created += cost
		}
	}
	if why != "" {
		p.wait(0, c, why)
		return
	}
	if asked {
		p.asked++
	}
	p.pushes++
	p.total++
	for _, owner := range c.Owners {
		p.open[owner]++
	}
	p.do(Action{Kind: Open, Branch: c.Branch, Chunk: c, Asked: asked})
}

// cost is what opening a chunk takes of the budget.
func (c *Chunk) cost() int {
	if len(c.Reviewers) > 0 {
		return 2
	}
	return 1
}

// turns orders chunks: the first of every owner set, then the second, ...
func turns(want []Chunk) []*Chunk {
	list := make([]*Chunk, len(want))
	turn := make(map[*Chunk]int, len(want))
	count := make(map[string]int)
	for i := range want {
		c := &want[i]
		list[i] = c
		if c.Number == 0 {
			key := strings.Join(c.Owners, "\x00")
			turn[c] = count[key]
			count[key]++
		}
	}
	sort.SliceStable(list, func(i, j int) bool { return turn[list[i]] < turn[list[j]] })
	return list
}

// budget says why a chunk cannot be opened now, "" if it can.
func (p *planner) budget(c *Chunk) string {
	l := p.limits
	switch {
	case !l.Scope.chunk(c):
		return notNamed
	case l.Demanded[c.ID]:
		return ""
	case c.Hold != "":
		return c.Hold
	case l.Hold != "":
		return l.Hold
	case p.total >= l.MaxOpen && l.MaxOpen > 0:
		return fmt.Sprintf("%d pull requests are open, which is the limit of the repository", p.total)
	case p.spent():
		return p.passWhy()
	}
	for _, owner := range c.Owners {
		switch {
		case l.Paused[owner] != "":
			return l.Paused[owner]
		case l.PauseAfterUnanswered > 0 && p.unanswered[owner] >= l.PauseAfterUnanswered:
			return fmt.Sprintf("%s has %d pull requests unanswered", owner, p.unanswered[owner])
		case l.MaxOpenPerOwner > 0 && p.open[owner] >= l.MaxOpenPerOwner && !l.Global:
			return fmt.Sprintf("%s has %d pull requests open, which is the limit of an owner", owner, p.open[owner])
		}
	}
	return ""
}
