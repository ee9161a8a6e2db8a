package web

import (
	"fmt"
	"strings"
)

// chart is the progress over time as an SVG of 100 by 40: a line of what is left to do.
type chart struct {
	First, Last Day
	Points      string // of the line, "x,y x,y"
	Most        int    // files at the top
}

// burndown draws how many files are left day by day; nil for less than two days.
func burndown(days []Day) *chart {
	if len(days) < 2 {
		return nil
	}
	c := &chart{First: days[0], Last: days[len(days)-1]}
	for _, d := range days {
		c.Most = max(c.Most, d.Total-d.Done)
	}
	var points []string
	for i, d := range days {
		x, y := 100*float64(i)/float64(len(days)-1), 40.0
		if c.Most > 0 {
			y = 40 - 38*float64(d.Total-d.Done)/float64(c.Most)
		}
		points = append(points, fmt.Sprintf("%.2f,%.2f", x, y))
	}
	c.Points = strings.Join(points, " ")
	return c
}

// bars is the progress of the teams: what passes remembered, or what the pull requests say.
func bars(r *Repository) []team {
	if len(r.Teams) == 0 {
		return teams(r.Pulls)
	}
	var all []team
	for _, t := range r.Teams {
		bar := team{Merged: t.Done}
		if t.Name != "" {
			bar.Owners = []string{t.Name}
		}
		for _, p := range r.Pulls {
			if owns(p, t.Name) {
				bar.addOpen(p)
			}
		}
		bar.Waiting += max(0, t.Total-bar.Total())
		all = append(all, bar)
	}
	return all
}

func owns(p Pull, team string) bool {
	for _, o := range p.Owners {
		if o == team {
			return true
		}
	}
	return team == "" && len(p.Owners) == 0
}

// addOpen counts a pull request that is not merged: what is merged was counted before.
func (t *team) addOpen(p Pull) {
	if p.State != Merged {
		t.add(p)
	}
}
