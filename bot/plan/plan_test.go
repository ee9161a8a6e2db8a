package plan

import (
	"slices"
	"strings"
	"testing"
	"time"
)

var now = time.Date(2026, 1, 20, 12, 0, 0, 0, time.UTC)

// team gives one chunk and the pull request that holds it, both as they are
// right after opening.
func team(name string, number int) (Chunk, PullRequest) {
	c := Chunks(files("src/"+name, 6, "@o/"+name), nil, limits)[0]
	c.Body, c.Number = "b0d1", number
	return c, PullRequest{
		Number: number, State: StateOpen, Branch: c.Branch, Base: "main", Head: "head1",
		Marker: NewMarker(&c, "base1", "head1"), Labels: []string{"canonicalize"}, Reviewers: []string{"@o/" + name},
		Active: now.Add(-time.Hour),
	}
}

func lines(actions []Action, skip ...Kind) []string {
	var list []string
	for _, a := range actions {
		if !slices.Contains(skip, a.Kind) {
			list = append(list, a.String())
		}
	}
	return list
}

func testLimits() Limits {
	l := limits
	l.Now, l.StaleAfter, l.Labels, l.Base = now, 14*24*time.Hour, []string{"canonicalize"}, "main"
	return l
}

// TestLife: what becomes of one pull request, rule by rule.
func TestLife(t *testing.T) {
	c, _ := team("a", 7)
	branch := c.Branch
	for _, test := range []struct {
		why    string
		change func(c *Chunk, pr *PullRequest, l *Limits)
		gone   bool // nothing of the chunk is wanted
		want   string
	}{
		{why: "unchanged", want: "leave " + branch + " (#7): nothing changed"},
		{why: "the base moved around it", change: func(c *Chunk, _ *PullRequest, _ *Limits) { c.Files[0].Before = "other" },
			want: "leave " + branch + " (#7): nothing changed"},
		{why: "conflict", change: func(_ *Chunk, pr *PullRequest, _ *Limits) { pr.Conflict = true },
			want: "update-branch " + branch + "@head1 (#7): it conflicts with the base branch"},
		{why: "own diff changed", change: func(c *Chunk, _ *PullRequest, _ *Limits) { c.Digest = "other" },
			want: "update-branch " + branch + "@head1 (#7): its own diff changes"},
		{why: "other base branch", change: func(_ *Chunk, _ *PullRequest, l *Limits) { l.Base = "trunk" },
			want: "update-branch " + branch + "@head1 (#7): the base branch is now trunk"},
		{why: "other base branch, by a person", change: func(c *Chunk, pr *PullRequest, _ *Limits) {
			pr.Base, pr.Marker.Onto, c.Digest, pr.Conflict = "release", "main", "other", true
		}, want: "leave " + branch + " (#7): somebody had it merge into release"},
		{why: "other base branch, and the default branch was another one", change: func(_ *Chunk, pr *PullRequest, l *Limits) {
			pr.Marker.Onto, l.Base = "main", "trunk"
		}, want: "update-branch " + branch + "@head1 (#7): the base branch is now trunk"},
		{why: "body only", change: func(c *Chunk, _ *PullRequest, _ *Limits) { c.Body = "b0d2" },
			want: "update-body #7 b0d2: what it says changed"},
		{why: "approved", change: func(c *Chunk, pr *PullRequest, _ *Limits) { c.Digest, pr.Approved = "other", true },
			want: "leave " + branch + " (#7): it is approved"},
		{why: "queued", change: func(c *Chunk, pr *PullRequest, _ *Limits) { c.Digest, pr.Queued = "other", true },
			want: "leave " + branch + " (#7): it is in the merge queue"},
		{why: "auto-merge", change: func(c *Chunk, pr *PullRequest, _ *Limits) { c.Digest, pr.AutoMerge = "other", true },
			want: "leave " + branch + " (#7): it is set to auto-merge"},
		{why: "approved, but it conflicts", change: func(_ *Chunk, pr *PullRequest, _ *Limits) { pr.Conflict, pr.Approved = true, true },
			want: "update-branch " + branch + "@head1 (#7): it conflicts with the base branch"},
		{why: "a person pushed", change: func(c *Chunk, pr *PullRequest, _ *Limits) { c.Digest, pr.Conflict, pr.Foreign = "other", true, true },
			want: "detach #7: somebody else pushed to the branch"},
		{why: "a person pushed, said already", change: func(_ *Chunk, pr *PullRequest, _ *Limits) {
			pr.Foreign, pr.Said = true, map[string]bool{NoticeDetached: true}
		}, want: "leave " + branch + " (#7): somebody else pushed to the branch"},
		{why: "a person pushed, then gave it back", change: func(_ *Chunk, pr *PullRequest, _ *Limits) { pr.Foreign, pr.Released = true, true },
			want: "update-branch " + branch + "@head1 (#7): it was taken over"},
		{why: "detached and nothing left to do", gone: true, change: func(_ *Chunk, pr *PullRequest, _ *Limits) {
			pr.Foreign, pr.Said = true, map[string]bool{NoticeDetached: true}
		}, want: "leave " + branch + " (#7): somebody else pushed to the branch"},
		{why: "nothing left to do", gone: true, want: "close-empty #7: nothing is left to change in its files"},
		{why: "nothing left to do, but queued", gone: true, change: func(_ *Chunk, pr *PullRequest, _ *Limits) { pr.Queued = true },
			want: "leave " + branch + " (#7): it is in the merge queue"},
		{why: "label missing", change: func(_ *Chunk, pr *PullRequest, _ *Limits) { pr.Labels = []string{"other"} },
			want: "label #7 canonicalize: labels are missing"},
		{why: "labels have no case", change: func(_ *Chunk, pr *PullRequest, _ *Limits) { pr.Labels = []string{"Canonicalize"} },
			want: "leave " + branch + " (#7): nothing changed"},
		{why: "reviewer missing", change: func(_ *Chunk, pr *PullRequest, _ *Limits) { pr.Reviewers = nil },
			want: "request-reviewers #7 @o/a: nobody asked them yet"},
		{why: "drafts ask nobody", change: func(_ *Chunk, pr *PullRequest, _ *Limits) { pr.Reviewers, pr.Draft = nil, true },
			want: "leave " + branch + " (#7): nothing changed"},
		{why: "asking failed and was told", change: func(_ *Chunk, pr *PullRequest, _ *Limits) {
			pr.Reviewers, pr.Said = nil, map[string]bool{NoticeReview: true}
		}, want: "leave " + branch + " (#7): nothing changed"},
		{why: "stale", change: func(_ *Chunk, pr *PullRequest, _ *Limits) { pr.Active = now.Add(-14 * 24 * time.Hour) },
			want: "remind #7: nobody answered for long"},
		{why: "stale, reminded", change: func(_ *Chunk, pr *PullRequest, _ *Limits) {
			pr.Active, pr.Said = now.Add(-15*24*time.Hour), map[string]bool{NoticeStale: true}
		}, want: "leave " + branch + " (#7): nothing changed"},
		{why: "old, but answered", change: func(_ *Chunk, pr *PullRequest, _ *Limits) {
			pr.Active, pr.Answered = now.Add(-15*24*time.Hour), true
		}, want: "leave " + branch + " (#7): nothing changed"},
		{why: "outside of the schedule", change: func(_ *Chunk, pr *PullRequest, l *Limits) { pr.Conflict, l.Hold = true, "it is night" },
			want: "wait " + branch + ": it is night"},
		{why: "closed by a person", change: func(_ *Chunk, pr *PullRequest, _ *Limits) { pr.State = StateClosed },
			want: "leave " + branch + " (#7): somebody closed it"},
	} {
		c, pr := team("a", 7)
		l := testLimits()
		if test.change != nil {
			test.change(&c, &pr, &l)
		}
		want := []Chunk{c}
		if test.gone {
			want = nil
		}
		got := lines(Plan(want, []PullRequest{pr}, l))
		if !slices.Equal(got, []string{test.want}) {
			t.Errorf("%s:\n got %q\nwant %q", test.why, got, test.want)
		}
	}
}

// cycle cuts and plans as a pass does.
func cycle(list []File, have []PullRequest, l Limits) []Action {
	var held []Existing
	for _, pr := range have {
		if e, ok := pr.Existing(); ok {
			held = append(held, e)
		}
	}
	return Plan(Chunks(list, held, l), have, l)
}

// TestClosedAndOpenedAgain: closing means no for that content, until a person
// says otherwise.
func TestClosedAndOpenedAgain(t *testing.T) {
	list := files("src/a", 6, "@o/a")
	_, pr := team("a", 7)
	for _, test := range []struct {
		why    string
		change func(pr *PullRequest)
		want   Kind
	}{
		{"merged, and somebody undid it", func(pr *PullRequest) { pr.State = StateMerged }, Open},
		{"closed by a person", func(pr *PullRequest) { pr.State = StateClosed }, Leave},
		{"closed by the bot", func(pr *PullRequest) { pr.State, pr.Marker.Closed = StateClosed, Empty }, Open},
		{"closed by a person who thought better of it", func(pr *PullRequest) { pr.State, pr.Released = StateClosed, true }, Open},
	} {
		have := pr
		test.change(&have)
		got := cycle(list, []PullRequest{have}, testLimits())
		if len(got) != 1 || got[0].Kind != test.want {
			t.Errorf("%s: %q, want %s", test.why, lines(got), test.want)
		}
	}
}

// TestDuplicates: of two pull requests with the same files the older stays.
func TestDuplicates(t *testing.T) {
	_, older := team("a", 7)
	_, newer := team("a", 9)
	newer.Marker.Body, older.Marker.Body = "", ""
	got := lines(cycle(files("src/a", 6, "@o/a"), []PullRequest{newer, older}, testLimits()), Leave)
	if want := []string{"close-superseded #9: #7 holds its files"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	newer.Marker.Chunk = "another"
	got = lines(cycle(files("src/a", 6, "@o/a"), []PullRequest{newer, older}, testLimits()), Leave)
	if want := []string{"close-superseded #9: #7 holds its files"}; !slices.Equal(got, want) {
		t.Errorf("other identity: %q, want %q", got, want)
	}
}

func kinds(actions []Action) string {
	var list []string
	for _, a := range actions {
		list = append(list, string(a.Kind))
	}
	return strings.Join(list, " ")
}

// TestBudgets: what is opened at once, and why the rest waits.
func TestBudgets(t *testing.T) {
	many := func(teams string, n int) []File {
		var list []File
		for _, name := range strings.Fields(teams) {
			list = append(list, files("src/"+name, n, "@o/"+name)...)
		}
		return list
	}
	for _, test := range []struct {
		why    string
		files  []File
		change func(l *Limits)
		want   string
		reason string
	}{
		{"two of a team", many("a", 150), nil, "open open wait wait wait", "@o/a has 2 pull requests open"},
		{"nobody's files have no team's limit", files("s", 150), nil, "open open open open open", ""},
		{"ten of a repository", files("s", 360), nil, "open open open open open open open open open open wait wait", "10 pull requests are open"},
		{"by turns", many("a b c", 60), func(l *Limits) { l.MaxOpen = 4 }, "open open open open wait wait", "4 pull requests are open"},
		{"of a pass", files("s", 90), func(l *Limits) { l.MaxPerPass = 2 }, "open open wait", "one pass"},
		{"no limit", files("s", 360), func(l *Limits) { l.MaxOpen, l.MaxPerPass = 0, 0 }, strings.TrimSpace(strings.Repeat("open ", 12)), ""},
		{"paused team", many("a b", 6), func(l *Limits) { l.Paused = map[string]string{"@o/a": "@o/a paused"} }, "wait open", "@o/a paused"},
		{"held back", many("a b", 6), func(l *Limits) { l.Hold = "the checks of main fail" }, "wait wait", "the checks of main fail"},
	} {
		l := testLimits()
		if test.change != nil {
			test.change(&l)
		}
		got := cycle(test.files, nil, l)
		if kinds(got) != test.want {
			t.Errorf("%s: %s, want %s", test.why, kinds(got), test.want)
		}
		for _, a := range got {
			if a.Kind == Wait && !strings.Contains(a.Why, test.reason) {
				t.Errorf("%s: %s", test.why, a.Why)
			}
		}
	}
}

func TestPauseAfterUnanswered(t *testing.T) {
	_, pr := team("a", 7)
	pr.Active = now.Add(-20 * 24 * time.Hour)
	pr.Said = map[string]bool{NoticeStale: true}
	l := testLimits()
	list := slices.Concat(files("src/a", 6, "@o/a"), files("src/more", 6, "@o/a"))
	if got := kinds(cycle(list, []PullRequest{pr}, l)); !strings.Contains(got, "open") {
		t.Errorf("without the rule: %s", got)
	}
	l.PauseAfterUnanswered = 1
	got := cycle(list, []PullRequest{pr}, l)
	if !strings.Contains(strings.Join(lines(got), "\n"), "@o/a has 1 pull requests unanswered") {
		t.Errorf("%q", lines(got))
	}
}

// TestUpdatesAreBudgetedToo: a rebase storm is cut into passes.
func TestUpdatesAreBudgetedToo(t *testing.T) {
	var want []Chunk
	var have []PullRequest
	for i, name := range []string{"a", "b", "c", "d"} {
		c, pr := team(name, i+1)
		pr.Conflict = true
		want, have = append(want, c), append(have, pr)
	}
	l := testLimits()
	l.MaxPerPass = 3
	if got := kinds(Plan(want, have, l)); got != "update-branch update-branch update-branch wait" {
		t.Error(got)
	}
}

// TestKeys: no two actions of a plan have the same key.
func TestKeys(t *testing.T) {
	seen := map[string]bool{}
	for _, a := range cycle(slices.Concat(files("s", 100, "@o/a"), files("t", 50)), nil, testLimits()) {
		if seen[a.Key()] {
			t.Errorf("%s twice", a.Key())
		}
		seen[a.Key()] = true
	}
}

func TestMarker(t *testing.T) {
	c, _ := team("a", 7)
	c.Files[0].Path = `a -->"b\` + "\n.py"
	m := NewMarker(&c, "base", "head")
	body := "Words.\n\n" + m.String() + "\nmore"
	if strings.Count(body, "-->") != 1 || strings.Count(m.String(), "\n") != 0 {
		t.Errorf("body %q", body)
	}
	got, ok := ParseMarker(body)
	if !ok || got.String() != m.String() {
		t.Errorf("%v %+v", ok, got)
	}
	m.Closed = Empty
	body = ReplaceMarker(body, m)
	if got, _ := ParseMarker(body); got.Closed != Empty || !strings.HasPrefix(body, "Words.\n\n<!--") || !strings.HasSuffix(body, "\nmore") {
		t.Errorf("body %q", body)
	}
	if body := ReplaceMarker("Words.", m); !strings.HasPrefix(body, "Words.\n\n<!--") {
		t.Errorf("body %q", body)
	}
	for _, bad := range []string{"", "<!-- canonicalize: v1 -->", "<!-- canonicalize: v1 {} -->", "<!-- canonicalize: v2 {\"chunk\":\"a\"} -->",
		`<!-- canonicalize: v1 {"chunk":"a","files":{"x":"zz"}} -->`, `<!-- canonicalize: v1 {"chunk":"a","files":{"x":1}} -->`} {
		if m, ok := ParseMarker(bad); ok {
			t.Errorf("%q gives %+v", bad, m)
		}
	}
}

func FuzzMarker(f *testing.F) {
	c, _ := team("a", 7)
	f.Add(NewMarker(&c, "b", "h").String(), "src/a.py")
	f.Add("<!-- canonicalize: v1 {\"chunk\":\"a\"} -->\r\n<!-- canonicalize: v1 {", "-->")
	f.Fuzz(func(t *testing.T, body, path string) {
		if m, ok := ParseMarker(body); ok {
			again, ok := ParseMarker(ReplaceMarker(body, m))
			if !ok || again.String() != m.String() {
				t.Errorf("%s became %s", m, again)
			}
		}
		m := NewMarker(&Chunk{ID: "c", Files: []File{{Path: path, Digest: "aa", Before: "bb"}}}, "", "")
		again, ok := ParseMarker(body + "\n" + m.String())
		if mark, found := again.Mark(path); !ok || !found || mark != (FileMark{"aa", "bb"}) {
			t.Errorf("%s became %s", m, again)
		}
	})
}
