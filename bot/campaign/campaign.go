// Package campaign sums up how far several repositories are in leaving the facades of one.
//
// A [Reading] is what was found in one repository: the codemod's result at the revision of the provider that the
// repository uses, and the pull requests. [Of] turns readings into one [Facade] each with a [Row] for every repository
// that reads it or has read it, and says whether a reader is left ([Facade.Unread]). Pure: no disk, no network.
package campaign

import (
	"cmp"
	"slices"
	"sort"

	"github.com/canonicalize/canonicalize/codemod"
)

// Reading is what was found in one repository.
type Reading struct {
	Repository string
	Head       string // the commit that was read; "" outside of git
	Problem    string // why nothing, or not everything, could be read; "" if it was
	Sources    []Source
	Facades    []codemod.FacadeReport
	Left       []codemod.Left
	Pulls      []Pull
}

// Source is a provider at the revision that the repository uses.
type Source struct {
	Repository string // as FacadeReport.Provider has it
	SHA, From  string // the commit, and what says that it is that one
}

// State of a pull request.
type State string

// The states of a pull request. Waiting is one that is planned and not opened yet.
const (
	Open     State = "open"
	Waiting  State = "waiting"
	Declined State = "declined"
	Merged   State = "merged"
)

// Pull is a pull request of the bot.
type Pull struct {
	State State
	Names map[string]int // references that it rewrites, by facade
}

// Campaign is the state of every facade.
type Campaign struct {
	Facades  []Facade  // by provider and module
	Problems []Problem // by repository
}

// Problem is a repository that could not be read: whether it reads a facade is not known.
type Problem struct{ Repository, Text string }

// Facade is one facade with the repositories that read it.
type Facade struct {
	Module   string
	Provider string // the repository that holds it
	Rows     []Row  // most references first
	Total    Row
	// Unread says that nobody reads a name through it that it does not declare itself, and that all could be asked.
	// That is not enough to remove its re-exports: modules may register something only because it imports them, and
	// strings, text files and stored data may name it.
	Unread bool
}

// Row is one repository.
type Row struct {
	Repository string
	Revision   string // commit of the provider at which the facade was resolved
	From       string // what says that it is that one
	References int    // readings through the facade as of now
	Rewritable int    // of these, what the codemod can rewrite
	Merged     int    // readings that merged pull requests have rewritten
	Pulls      map[State]int
	Left       map[codemod.Reason]int
}

// Blocking is the number of references that keep the re-exports from going: names that the facade declares itself stay.
func (r Row) Blocking() int { return r.References - r.Left[codemod.DeclaredInFacade] }

// key tells facades of the same name in two repositories apart.
type key struct{ provider, module string }

// Of makes the table.
func Of(readings []Reading) *Campaign {
	c := &Campaign{}
	rows := map[key][]Row{}
	for _, r := range readings {
		if r.Problem != "" {
			c.Problems = append(c.Problems, Problem{r.Repository, r.Problem})
		}
		for _, f := range r.Facades {
			k := key{cmp.Or(f.Provider, r.Repository), f.Module}
			rows[k] = append(rows[k], rowOf(r, f))
		}
	}
	for k, list := range rows {
		c.Facades = append(c.Facades, facade(k, list, len(c.Problems) == 0))
	}
	sort.Slice(c.Facades, func(i, j int) bool {
		a, b := c.Facades[i], c.Facades[j]
		return cmp.Or(cmp.Compare(a.Provider, b.Provider), cmp.Compare(a.Module, b.Module)) < 0
	})
	slices.SortFunc(c.Problems, func(a, b Problem) int { return cmp.Compare(a.Repository, b.Repository) })
	return c
}

func rowOf(r Reading, f codemod.FacadeReport) Row {
	row := Row{Repository: r.Repository, Revision: r.Head, References: f.References, Rewritable: f.Rewritten,
		Pulls: map[State]int{}, Left: map[codemod.Reason]int{}}
	if f.Provider != "" {
		row.Revision = ""
	}
	for _, s := range r.Sources {
		if s.Repository == f.Provider {
			row.Revision, row.From = s.SHA, s.From
		}
	}
	for _, l := range r.Left {
		if l.Facade == f.Module {
			row.Left[l.Reason]++
		}
	}
	for _, p := range r.Pulls {
		names, concerned := p.Names[f.Module]
		if !concerned {
			continue
		}
		row.Pulls[p.State]++
		if p.State == Merged {
			row.Merged += names
		}
	}
	return row
}

// facade joins the rows of one facade. Repositories that never read it are left out, but not the one that holds it.
func facade(k key, rows []Row, allRead bool) Facade {
	f := Facade{Module: k.module, Provider: k.provider, Total: Row{Pulls: map[State]int{}, Left: map[codemod.Reason]int{}}}
	for _, row := range rows {
		if row.References == 0 && len(row.Pulls) == 0 && row.Repository != k.provider {
			continue
		}
		f.Rows = append(f.Rows, row)
		f.Total.add(row)
	}
	sort.SliceStable(f.Rows, func(i, j int) bool {
		a, b := f.Rows[i], f.Rows[j]
		return cmp.Or(cmp.Compare(b.References, a.References), cmp.Compare(a.Repository, b.Repository)) < 0
	})
	f.Unread = allRead && f.Total.Blocking() == 0
	return f
}

func (r *Row) add(other Row) {
	r.References += other.References
	r.Rewritable += other.Rewritable
	r.Merged += other.Merged
	for state, n := range other.Pulls {
		r.Pulls[state] += n
	}
	for reason, n := range other.Left {
		r.Left[reason] += n
	}
}
