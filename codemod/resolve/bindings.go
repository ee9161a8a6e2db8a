package resolve

import (
	"slices"

	"github.com/canonicalize/canonicalize/codemod/pyfile"
)

// bindings follows the bindings of the name in m from the last to the first:
// those back to the last that takes place in every run decide, and the ones
// before have lost.
func (w *walk) bindings(m *Mod, facts *pyfile.Module, name string) Resolution {
	events := slices.DeleteFunc(w.binding(m, facts, name), func(b *pyfile.Binding) bool { return !w.counts(b) })
	found, before := w.last(m, facts, name, events, 0)
	var losers []Home
	for i := before - 1; i >= 0; i-- {
		losers = w.loser(losers, m, events[i], name)
	}
	res := w.agree(m, name, found, losers)
	res.Uncertain = res.Uncertain || before < 0 && slices.ContainsFunc(events, func(b *pyfile.Binding) bool {
		return b.Kind == pyfile.Imported || b.Kind == pyfile.StarImported
	})
	return res
}

// last returns what the name may be bound to behind the events, which stand
// in one arm of a fork (or, for 0, in the module), and how many of the first
// of them cannot matter any more; -1 if the name need not be bound by them.
func (w *walk) last(m *Mod, facts *pyfile.Module, name string, events []*pyfile.Binding, in int32) (found []Resolution, before int) {
	for i := len(events) - 1; i >= 0; {
		b := events[i]
		fork, _ := within(facts, b, in)
		if fork == 0 {
			res := w.follow(m, b, name)
			switch {
			case res.Status == noop:
				return w.again(m, facts, name, events[:i], in, res, found)
			case b.Kind == pyfile.Rebound:
				found = append(found, res)
			case b.Kind == pyfile.Deleted:
				return found, i
			case b.Kind == pyfile.StarImported && w.statement(m, b).Loose:
				return append(found, w.loose(m, events[:i+1], name)...), i
			default:
				return append(found, res), i
			}
			i--
			continue
		}
		first := i
		for first > 0 {
			if f, _ := within(facts, events[first-1], in); f != fork {
				break
			}
			first--
		}
		more, certain := w.forked(m, facts, name, events[first:i+1], fork)
		found = append(found, more...)
		if certain {
			return found, first
		}
		i = first - 1
	}
	return found, -1
}

// forked returns what the name may be bound to behind a fork, and whether one
// of its events takes place in every run.
func (w *walk) forked(m *Mod, facts *pyfile.Module, name string, events []*pyfile.Binding, fork int32) (found []Resolution, certain bool) {
	f := &facts.Forks[fork-1]
	certain = f.Exhaustive
	for arm := range f.Arms {
		if slices.Contains(f.Ended, arm) {
			continue
		}
		var own []*pyfile.Binding
		for _, b := range events {
			if _, a := within(facts, b, f.Parent); a == arm {
				own = append(own, b)
			}
		}
		more, before := w.last(m, facts, name, own, fork)
		found = append(found, more...)
		certain = certain && before >= 0
	}
	return found, certain
}

// within returns the fork directly in the given one that holds the binding,
// with the arm of it; 0 if the binding stands in no deeper one.
func within(facts *pyfile.Module, b *pyfile.Binding, in int32) (fork, arm int32) {
	if b.Fork == in {
		return 0, 0
	}
	fork, arm = b.Fork, b.Arm
	for facts.Forks[fork-1].Parent != in {
		fork, arm = facts.Forks[fork-1].Parent, facts.Forks[fork-1].ParentArm
	}
	return fork, arm
}

// loser adds what a binding that was overwritten had bound.
func (w *walk) loser(losers []Home, m *Mod, b *pyfile.Binding, name string) []Home {
	if len(w.open) > 1 {
		return losers // only the module asked reports them
	}
	if res := w.follow(m, b, name); res.Status == Found || res.Status == Declared {
		losers = append(losers, res.Home)
	}
	return losers
}

// agree joins the bindings that may be the last one.
func (w *walk) agree(m *Mod, name string, found []Resolution, losers []Home) Resolution {
	if len(found) == 0 {
		return Resolution{Status: Unresolved}
	}
	circle := found[0]
	if found = slices.DeleteFunc(found, func(r Resolution) bool { return r.Status == noop }); len(found) == 0 {
		return circle
	}
	res := found[0]
	for _, other := range found[1:] {
		if other.Status == res.Status && other.Home == res.Home {
			res.Uncertain = res.Uncertain || other.Uncertain
			continue
		}
		if m.Name == w.facade {
			return Resolution{Status: Ambiguous}
		}
		return Resolution{Home: Home{Module: m.Name, Attr: name}, Uncertain: res.Uncertain || other.Uncertain}
	}
	for _, l := range losers {
		if l != res.Home {
			res.Losers = append(res.Losers, l)
		}
	}
	return res
}

// binds reports whether the binding binds the name.
func (w *walk) binds(m *Mod, b *pyfile.Binding, name string) bool {
	if b.Kind != pyfile.StarImported {
		return b.Name == name
	}
	return w.brings(m, b)[name]
}

// loose returns what the star imports at the end of the events bring that run in
// no order that can be told.
func (w *walk) loose(m *Mod, events []*pyfile.Binding, name string) (found []Resolution) {
	for i := len(events) - 1; i >= 0 && events[i].Kind == pyfile.StarImported && events[i].At == events[len(events)-1].At; i-- {
		if res := w.follow(m, events[i], name); res.Status != noop {
			found = append(found, res)
		}
	}
	return found
}
