package pass

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/canonicalize/canonicalize/bot/dashboard"
	"github.com/canonicalize/canonicalize/bot/ending"
	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/codemod"
	"github.com/canonicalize/canonicalize/codemod/retire"
)

// end is one facade on its way out.
type end struct {
	*effects
	facade string
	rules  codemod.RetireOptions
	memory dashboard.End
	seen   ending.Seen
}

// endFacades brings the facades that the configuration wants to end one step
// nearer to it: those with an entry under `retire`.
func (e *effects) endFacades(ctx context.Context) error {
	for _, facade := range slices.Sorted(maps.Keys(e.conf.Retire)) {
		if !slices.Contains(e.out.Facades, facade) {
			continue
		}
		one := &end{effects: e, facade: facade, memory: e.board.memory.Ends[facade]}
		if err := one.run(ctx); e.fatal("", err) {
			return fmt.Errorf("the end of %s: %w", facade, err)
		}
	}
	return nil
}

func (e *end) run(ctx context.Context) error {
	e.readSteps()
	if err := e.hear(ctx); err != nil {
		return err
	}
	others, err := e.Consumers(ctx, e.out.Head, e.conf.Retire[e.facade])
	defer others.Release()
	if err != nil {
		return err
	}
	if err := e.look(ctx, others.List); err != nil {
		return err
	}
	d := ending.Decide(e.seen)
	if e.limits.Hold == "" && e.mine() {
		err = e.propose(ctx, &d)
	}
	e.remember()
	for _, row := range ending.Rows(e.seen, d, e.owner) {
		e.endings = append(e.endings, string(row))
	}
	return cmp.Or(err, e.watchMain(ctx))
}

// mine says whether a wish, if there is one, is about this facade.
func (e *end) mine() bool {
	w := e.opts.Wish
	return !w.any() || w.Ending != nil && w.Ending.Facade == e.facade
}

// readSteps finds the pull requests that were or are steps of the facade's end.
func (e *end) readSteps() {
	for _, issue := range e.issues {
		if m, ok := ending.ParseMark(issue.Body); ok && issue.IsPull && m.Facade == e.facade {
			e.seen.Pulls = append(e.seen.Pulls, ending.Pull{Number: issue.Number, Mark: m, Open: issue.State == "open", Merged: issue.Merged})
		}
	}
	slices.SortFunc(e.seen.Pulls, func(a, b ending.Pull) int { return b.Number - a.Number })
}

// hear does what a person says about the end of the facade.
func (e *end) hear(ctx context.Context) error {
	w := e.opts.Wish.Ending
	switch {
	case w == nil || w.Facade != e.facade:
	case w.Retire:
		e.memory.Word = w.By
		w.Answer = fmt.Sprintf("Noted: `%s` may be retired. I propose it once nothing has stood in its way for seven days; the dashboard says what does.", e.facade)
	case w.Retry:
		return e.retry(ctx, w)
	case w.Revert != 0:
		return e.revert(ctx, w)
	}
	return nil
}

// retry gives steps free again that were closed or taken back.
func (e *end) retry(ctx context.Context, w *Ending) error {
	var again []string
	for i := range e.seen.Pulls {
		p := &e.seen.Pulls[i]
		if p.Open || p.Mark.Again || p.Mark.Closed || p.Mark.Reverts != 0 {
			continue
		}
		p.Mark.Again = true
		if err := e.remark(ctx, p.Number, p.Mark); err != nil {
			return err
		}
		again = append(again, fmt.Sprintf("#%d", p.Number))
	}
	w.Answer = "No step of it was closed or taken back."
	if len(again) > 0 {
		w.Answer = fmt.Sprintf("What %s did can be proposed again.", strings.Join(again, ", "))
	}
	return nil
}

// remark replaces the mark in a body.
func (e *end) remark(ctx context.Context, number int, m ending.Mark) error {
	pr, err := e.Repo.GetPull(ctx, number)
	if err != nil {
		return err
	}
	body := ending.ReplaceMark(pr.Body, m)
	_, err = e.Repo.UpdatePull(ctx, number, github.PullUpdate{Body: &body})
	return e.wrote(err)
}

// look asks the codemod where the facade stands, for all who read it.
func (e *end) look(ctx context.Context, others []codemod.Consumer) error {
	e.rules = codemod.RetireOptions{Options: e.Site.Codemod(), Facade: e.conf.RetireRules(e.facade), Owner: e.owner}
	e.rules.Consumers = others
	if w := e.opts.Wish.Ending; w != nil && w.Accept != nil && w.Facade == e.facade {
		if err := e.accept(ctx, w); err != nil {
			return err
		}
	}
	r, err := e.asked(ctx, "", nil)
	if err != nil {
		return err
	}
	e.seen.State, e.seen.Now, e.seen.Word, e.seen.Days = r.State, e.Now(), e.memory.Word, e.conf.DeprecatedDays(e.facade)
	if !ending.GateOpen(r.State) {
		e.memory.Empty = time.Time{}
	} else if e.memory.Empty.IsZero() {
		e.memory.Empty = e.Now()
	}
	if src, _, err := e.tree.ReadPath(r.State.Path); err == nil && e.memory.Deprecated.IsZero() && bytes.Contains(src, []byte(retire.DeprecatedMark)) {
		e.memory.Deprecated = e.Now()
	}
	e.seen.Empty, e.seen.Deprecated = e.memory.Empty, e.memory.Deprecated
	return nil
}

// asked asks the codemod, with what people have acknowledged on GitHub.
func (e *end) asked(ctx context.Context, step retire.Step, names []string) (*codemod.Retirement, error) {
	o := e.rules
	o.Step, o.Names = step, names
	for _, a := range e.memory.Acknowledged {
		o.Facade.Acknowledged = append(o.Facade.Acknowledged, retire.Acknowledgement{
			Blocker: retire.Kind(a.Kind), Path: a.Path, Name: a.Name, Line: a.Line, Reason: a.Reason, By: a.By,
		})
	}
	rules := e.conf.Rules()
	r, err := codemod.Retire(ctx, e.tree, rules, o)
	if err != nil {
		return nil, fmt.Errorf("ask where %s stands: %w", e.facade, err)
	}
	return r, nil
}

// accept finds what a person acknowledges among what stands in the way.
func (e *end) accept(ctx context.Context, w *Ending) error {
	r, err := e.asked(ctx, "", nil)
	if err != nil {
		return err
	}
	a := w.Accept
	if first, rest, more := strings.Cut(a.Reason, " "); more && slices.ContainsFunc(r.State.Blockers, func(b retire.Blocker) bool { return b.Name == first }) {
		a.Name, a.Reason = first, rest
	}
	found := 0
	for _, b := range r.State.Blockers {
		if string(b.Kind) != a.Kind || b.By != nil || a.Path != "" && b.Path != a.Path || a.Name != "" && b.Name != a.Name || !b.Acknowledgeable() {
			continue
		}
		found++
		e.memory.Acknowledged = append(e.memory.Acknowledged, dashboard.Acknowledged{Kind: a.Kind, Path: b.Path, Name: b.Name, Line: b.Text, Reason: a.Reason, By: w.By})
	}
	w.Answer = fmt.Sprintf("Noted, for %d of what stands in the way. It holds as long as the lines read as they do now.", found)
	if found == 0 {
		w.Answer = fmt.Sprintf("Nothing of the kind `%s` that can be acknowledged stands in the way of `%s`; the dashboard lists what does.", a.Kind, e.facade)
	}
	return nil
}

// remember writes down what cannot be seen any more.
func (e *end) remember() {
	if e.board.memory.Ends == nil {
		e.board.memory.Ends = map[string]dashboard.End{}
	}
	e.board.memory.Ends[e.facade] = e.memory
}

// owner is the first owner of a path, "" for nobody.
func (e *end) owner(path string) string {
	if list := names(e.owners(path)); len(list) > 0 {
		return list[0]
	}
	return ""
}

// notYet says whether a step cannot be done after all, which is no fault.
func notYet(err error) bool {
	var wait *retire.NotYetError
	var unproven *codemod.NotProvenError
	return errors.As(err, &wait) || errors.As(err, &unproven)
}
