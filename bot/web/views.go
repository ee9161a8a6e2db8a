package web

import (
	"cmp"
	"fmt"
	"html/template"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// page is what a template sees.
type page struct {
	Title string
	Nonce string // allows the style element with the labels' colours
	Style template.CSS
	Tab   string

	SignOut   string    // where a form goes that signs the reader out
	Summaries []Summary // page of all repositories
	Text      string    // page of an error
	Repo      *Repository
	Pull      *PullRequest
	Issue     *Issue
	Imports   []Import
	Importer  bool // there is a page of what importing the facades executes
	Wait      bool // what the page shows is still being found out
	Query     query
	Static    bool   // no form
	Back      string // of an error: where the reader came from
	Token     string // of forms; "": the reader can do nothing here
}

// Busy says that the App is at work on what the reader did.
func (p *page) Busy() bool { return p.Repo != nil && p.Repo.Story != nil && p.Repo.Story.Busy }

func newPage(repo *Repository, tab string) *page {
	titles := map[string]string{"repository": "Pull requests", "facades": "Facades", "left": "Left references", "issues": "Issues", "imports": "What importing a facade executes"}
	return &page{Title: titles[tab], Tab: tab, Repo: repo}
}

var hexColor = regexp.MustCompile(`^[0-9a-fA-F]{6}$`)

// colors writes a rule for every colour that a label has. They cannot be style attributes, which the
// Content-Security-Policy forbids.
func (p *page) colors(pulls ...Pull) {
	rules := map[string]string{}
	for _, pull := range pulls {
		for _, label := range pull.Labels {
			if hexColor.MatchString(label.Color) {
				color := strings.ToLower(label.Color)
				rules[color] = fmt.Sprintf(".label-%s{background:#%s;color:%s}", color, color, readable(color))
			}
		}
	}
	p.Style = template.CSS(strings.Join(slices.Sorted(maps.Values(rules)), ""))
}

// readable returns black or white, whichever stands out more on a background, by the relative luminance of
// https://www.w3.org/TR/WCAG21/#dfn-relative-luminance with a power of 2 in place of the exact curve.
func readable(color string) string {
	value, err := strconv.ParseUint(color, 16, 32)
	if err != nil {
		return "inherit"
	}
	channel := func(shift uint) float64 { c := float64(value>>shift&255) / 255; return c * c }
	if 0.2126*channel(16)+0.7152*channel(8)+0.0722*channel(0) > 0.2 {
		return "#000"
	}
	return "#fff"
}

// team is the progress of one set of owners, counted in files.
type team struct {
	Owners                        []string
	Merged, Open, Waiting, Closed int
	Pulls                         int
}

// Total counts the files of the team.
func (t team) Total() int { return t.Merged + t.Open + t.Waiting + t.Closed }

// Segments are the parts of the bar, in per cent of its width.
func (t team) Segments() []segment {
	var segments []segment
	x := 0.0
	for _, s := range []segment{{Kind: "merged", n: t.Merged}, {Kind: "open", n: t.Open},
		{Kind: "waiting", n: t.Waiting}, {Kind: "closed", n: t.Closed}} {
		if s.n == 0 {
			continue
		}
		s.X, s.Width = x, 100*float64(s.n)/float64(t.Total())
		x += s.Width
		segments = append(segments, s)
	}
	return segments
}

type segment struct {
	Kind     string
	X, Width float64
	n        int
}

// campaign are the pull requests by which names come off the facades: not a person's, nor the one with the configuration.
func campaign(pulls []Pull) []Pull {
	return slices.DeleteFunc(slices.Clone(pulls), func(p Pull) bool { return p.Person != "" || p.Setup })
}

// teams sums up pull requests by their owners, the largest first.
func teams(pulls []Pull) []team {
	by := map[string]*team{}
	for _, pull := range campaign(pulls) {
		key := strings.Join(pull.Owners, " ")
		t := by[key]
		if t == nil {
			t = &team{Owners: pull.Owners}
			by[key] = t
		}
		t.add(pull)
	}
	var all []team
	for _, t := range by {
		all = append(all, *t)
	}
	slices.SortFunc(all, func(a, b team) int {
		return cmp.Or(cmp.Compare(b.Total(), a.Total()), slices.Compare(a.Owners, b.Owners))
	})
	return all
}

func (t *team) add(pull Pull) {
	t.Pulls++
	switch pull.State {
	case Merged:
		t.Merged += pull.Files
	case Waiting:
		t.Waiting += pull.Files
	case Closed:
		t.Closed += pull.Files
	default:
		t.Open += pull.Files
	}
}

// reasonGroup holds the left references with one reason.
type reasonGroup struct {
	Reason, Advice string
	Details        bool // places have more to say than the advice
	Left           []Left
}

// byReason groups left references, the most frequent reason first.
func byReason(left []Left) []reasonGroup {
	by := map[string]*reasonGroup{}
	var order []string
	for _, l := range left {
		g := by[l.Reason]
		if g == nil {
			g = &reasonGroup{Reason: l.Reason, Advice: advice(l.Reason)}
			by[l.Reason] = g
			order = append(order, l.Reason)
		}
		g.Details = g.Details || l.Detail != "" && l.Detail != g.Advice
		g.Left = append(g.Left, l)
	}
	groups := make([]reasonGroup, len(order))
	for i, reason := range order {
		groups[i] = *by[reason]
	}
	slices.SortStableFunc(groups, func(a, b reasonGroup) int { return cmp.Compare(len(b.Left), len(a.Left)) })
	return groups
}

// inState returns the pull requests that have one of the states.
func inState(pulls []Pull, states ...State) []Pull {
	var found []Pull
	for _, p := range pulls {
		if slices.Contains(states, p.State) {
			found = append(found, p)
		}
	}
	return found
}

func (s *site) funcs() template.FuncMap {
	return template.FuncMap{
		"markdown":  s.markdown,
		"ticking":   s.ticking,
		"commands":  commands,
		"args":      argsOf,
		"campaign":  campaign,
		"breakable": breakable,
		"lastOf":    func(all []estimate) int { return len(all) - 1 },
		"inline":    inline,
		"advice":    advice,
		"reasons":   reasons,
		"remarks":   remarks,
		"estimates": estimates,
		"wanted":    query.left,
		"named":     query.names,
		"python":    python,
		"now":       now,
		"step":      func(i int) int { return i + 1 },
		"diff":      parseDiff,
		"teams":     teams,
		"byReason":  byReason,
		"withState": func(pulls []Pull, states ...string) []Pull { return inState(pulls, toStates(states)...) },
		"owners":    owners,
		"count":     count,
		"sum":       sum,
		"short":     func(sha string) string { return sha[:min(len(sha), 7)] },
		"title":     func(message string) string { line, _, _ := strings.Cut(message, "\n"); return line },
		"rest":      func(message string) string { _, text, _ := strings.Cut(message, "\n"); return strings.TrimSpace(text) },
		"when":      func(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04 UTC") },
		"machine":   func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"percent":   func(part, whole int) string { return percent(part, whole) },
		"lower":     strings.ToLower,
		"burndown":  burndown,
		"bars":      bars,
		"join":      func(list []string) string { return strings.Join(list, ", ") },
	}
}

func toStates(names []string) []State {
	states := make([]State, len(names))
	for i, n := range names {
		states[i] = State(n)
	}
	return states
}

// owners names a set of owners for people.
func owners(set []string) string {
	if len(set) == 0 {
		return "no owner"
	}
	return strings.Join(set, ", ")
}

// count writes a number with its noun: "1 file", "2 files".
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// totals are the sums over pull requests.
type totals struct{ Files, Additions, Deletions int }

func sum(pulls []Pull) totals {
	var t totals
	for _, p := range pulls {
		t.Files += p.Files
		t.Additions += p.Additions
		t.Deletions += p.Deletions
	}
	return t
}

func percent(part, whole int) string {
	if whole == 0 {
		return "0 %"
	}
	return strconv.Itoa(100*part/whole) + " %"
}

// args are what a part of a page is given.
type args struct {
	Page   *page
	Of     any
	Kind   string // "pull" or "issues"
	Number int
	Verb   string
}

func argsOf(p *page, of any, kind string, number int, verb ...string) args {
	return args{p, of, kind, number, strings.Join(verb, "")}
}

// now is the first step that is not done; -1: all are.
func now(tour []Step) int {
	return slices.IndexFunc(tour, func(s Step) bool { return !s.Done })
}

// python are the changes of Python files.
func python(all []FileChange) []FileChange {
	return slices.DeleteFunc(slices.Clone(all), func(f FileChange) bool { return !strings.HasSuffix(f.Path, ".py") })
}
