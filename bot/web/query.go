package web

import (
	"cmp"
	"html"
	"html/template"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/canonicalize/canonicalize/codemod"
)

// query is what a reader wants to see of a page.
type query struct {
	Text   string // that names, places or homes have to hold
	Reason string // "": every one
	Sort   string // "readers", "name"; of left references "place", "name"
	Days   int    // until a pull request is merged, for the estimate
}

const (
	usualDays = 7
	mostDays  = 365
)

func queryOf(r *http.Request) query {
	q := query{Text: strings.TrimSpace(r.FormValue("q")), Reason: r.FormValue("reason"), Sort: r.FormValue("sort"), Days: usualDays}
	if n, err := strconv.Atoi(r.FormValue("days")); err == nil && n > 0 && n <= mostDays {
		q.Days = n
	}
	return q
}

// Any says whether something is left out.
func (q query) Any() bool { return q.Text != "" || q.Reason != "" }

// holds says whether one of some texts has what is looked for, in any case.
func (q query) holds(texts ...string) bool {
	return q.Text == "" || slices.ContainsFunc(texts, func(t string) bool {
		return strings.Contains(strings.ToLower(t), strings.ToLower(q.Text))
	})
}

// left are the left references that are wanted, in the order that is wanted.
func (q query) left(all []Left) []Left {
	var found []Left
	for _, l := range all {
		if (q.Reason == "" || l.Reason == q.Reason) && q.holds(l.Path, l.Facade+"."+l.Name) {
			found = append(found, l)
		}
	}
	if q.Sort == "name" {
		slices.SortStableFunc(found, func(a, b Left) int {
			return cmp.Or(cmp.Compare(a.Facade, b.Facade), cmp.Compare(a.Name, b.Name))
		})
	}
	return found
}

// names are the names of a facade that are wanted, the most read first if that is wanted.
func (q query) names(all []Name) []Name {
	var found []Name
	for _, n := range all {
		if q.holds(n.Name, n.Home, n.Reason) {
			found = append(found, n)
		}
	}
	if q.Sort == "readers" {
		slices.SortStableFunc(found, func(a, b Name) int { return cmp.Compare(b.Readers, a.Readers) })
	}
	return found
}

// reasons are those of left references, sorted.
func reasons(all []Left) []string {
	var found []string
	for _, l := range all {
		found = append(found, l.Reason)
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// remarks are the reasons for which names of facades have no home.
func remarks(all []Facade) []string {
	var left []Left
	for _, f := range all {
		for _, n := range f.Names {
			if n.Reason != "" {
				left = append(left, Left{Reason: n.Reason})
			}
		}
	}
	return reasons(left)
}

// advice is what a reason means, and what a person can do.
func advice(reason string) string { return codemod.Reason(reason).Advice() }

// inline renders plain text in which back-ticks mark code.
func inline(text string) template.HTML {
	var b strings.Builder
	parts := strings.Split(text, "`")
	for i, part := range parts {
		switch {
		case i%2 == 0:
			b.WriteString(html.EscapeString(part))
		case i == len(parts)-1: // a single back-tick
			b.WriteString("`" + html.EscapeString(part))
		default:
			b.WriteString("<code>" + html.EscapeString(part) + "</code>")
		}
	}
	return template.HTML(b.String())
}

// breakable renders a path or a dotted name that may go on in the next line behind its parts.
func breakable(name string) template.HTML {
	return template.HTML(afterParts.ReplaceAllString(html.EscapeString(name), "$1<wbr>"))
}

// afterParts matches what ends a part; the semicolon of an entity is none.
var afterParts = regexp.MustCompile(`([./:_])`)

// estimate is how long one owner needs, by the limits on open pull requests.
type estimate struct {
	Owner        string // "": nobody; of the last: all together
	Pulls, Weeks int
}

// estimates says for each owner how many pull requests there are to come and in how many weeks they are merged, if each
// is merged after some days and the next is opened then; one of two owners counts for both. The last is for all
// together. None where the limits are not known.
func estimates(r *Repository, days int) (all []estimate) {
	pulls := pending(r.Pulls)
	if r.Pace == nil || len(pulls) == 0 {
		return nil
	}
	by := map[string]int{}
	for _, p := range pulls {
		for _, owner := range p.Owners {
			by[owner]++
		}
		if len(p.Owners) == 0 {
			by[""]++
		}
	}
	total := estimate{Pulls: len(pulls), Weeks: weeks(len(pulls), r.Pace.Open, days)}
	for _, owner := range slices.Sorted(maps.Keys(by)) {
		e := estimate{owner, by[owner], weeks(by[owner], r.Pace.PerTeam, days)}
		if owner == "" { // only the limit on all of them holds here
			e.Weeks = weeks(e.Pulls, r.Pace.Open, days)
		}
		total.Weeks = max(total.Weeks, e.Weeks)
		all = append(all, e)
	}
	slices.SortStableFunc(all, func(a, b estimate) int { return cmp.Compare(b.Weeks, a.Weeks) })
	return append(all, total)
}

// pending are the pull requests of the App that somebody still has to merge.
func pending(pulls []Pull) []Pull {
	return inState(campaign(pulls), Open, Draft, Waiting)
}

// weeks rounds up; a limit of 0 is none.
func weeks(pulls, atOnce, days int) int {
	rounds := 1
	if atOnce > 0 {
		rounds = (pulls + atOnce - 1) / atOnce
	}
	return (rounds*days + 6) / 7
}
