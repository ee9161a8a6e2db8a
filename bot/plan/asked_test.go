package plan

import (
	"slices"
	"testing"
	"time"
)

// TestAsked: what a person asks for goes before budgets and pauses.
func TestAsked(t *testing.T) {
	a, open := team("a", 7)
	b, _ := team("b", 0)
	for _, test := range []struct {
		why    string
		change func(l *Limits)
		want   []string
	}{
		{"nothing", func(*Limits) {}, []string{"leave " + a.Branch + " (#7): nothing changed", "open " + b.Branch}},
		{"paused", func(l *Limits) { l.Paused = map[string]string{"@o/b": "later"} },
			[]string{"leave " + a.Branch + " (#7): nothing changed", "wait " + b.Branch + ": later"}},
		{"paused, but demanded", func(l *Limits) {
			l.Paused, l.Hold, l.MaxOpen, l.Demanded = map[string]string{"@o/b": "later"}, "not now", 1, map[string]bool{b.ID: true}
		}, []string{"leave " + a.Branch + " (#7): nothing changed", "open " + b.Branch}},
		{"another chunk is demanded", func(l *Limits) { l.Hold, l.Demanded = "not now", map[string]bool{a.ID: true} },
			[]string{"leave " + a.Branch + " (#7): nothing changed", "wait " + b.Branch + ": not now"}},
		{"rebuild", func(l *Limits) { l.Hold, l.Rebuild = "not now", map[int]bool{7: true} },
			[]string{"update-branch " + a.Branch + "@head1 (#7): somebody asked for it", "wait " + b.Branch + ": not now"}},
		{"stale", func(l *Limits) { l.Now, l.MaxOpen = now.Add(30*24*time.Hour), 1 },
			[]string{"remind #7: nobody answered for long", "wait " + b.Branch + ": 1 pull requests are open, which is the limit of the repository"}},
		{"stale, but paused", func(l *Limits) {
			l.Now, l.MaxOpen, l.Paused = now.Add(30*24*time.Hour), 1, map[string]string{"@o/a": "later"}
		}, []string{"leave " + a.Branch + " (#7): nothing changed", "wait " + b.Branch + ": 1 pull requests are open, which is the limit of the repository"}},
	} {
		l := testLimits()
		test.change(&l)
		if got := lines(Plan([]Chunk{a, b}, []PullRequest{open}, l)); !slices.Equal(got, test.want) {
			t.Errorf("%s:\n got %q\nwant %q", test.why, got, test.want)
		}
	}
}

// TestRebuildLeavesForeignBranches: what a person pushed is theirs, whoever asks.
func TestRebuildLeavesForeignBranches(t *testing.T) {
	c, pr := team("a", 7)
	pr.Foreign, pr.Said = true, map[string]bool{NoticeDetached: true}
	l := testLimits()
	l.Rebuild = map[int]bool{7: true}
	if got := Plan([]Chunk{c}, []PullRequest{pr}, l); len(got) != 1 || got[0].Kind != Leave {
		t.Errorf("%v", got)
	}
}
