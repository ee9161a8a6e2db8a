package report

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/canonicalize/canonicalize/bot/campaign"
	"github.com/canonicalize/canonicalize/cmd/canonicalize/terminal"
	"github.com/canonicalize/canonicalize/codemod"
)

// The parts of a Status.
type (
	// FacadeStatus is one facade and everything that reads it.
	FacadeStatus struct {
		Module       string         `json:"module"`
		Provider     string         `json:"provider"`
		Unread       bool           `json:"unread"` // nobody reads a name that it re-exports
		Total        ReaderStatus   `json:"total"`
		Repositories []ReaderStatus `json:"repositories"`
	}
	// ReaderStatus is one repository, or all of them.
	ReaderStatus struct {
		Repository string         `json:"repository,omitempty"`
		Revision   string         `json:"revision,omitempty"`
		From       string         `json:"from,omitempty"`
		References int            `json:"references"`
		Rewritable int            `json:"rewritable"`
		Merged     int            `json:"merged"`
		Pulls      map[string]int `json:"pull_requests"`
		Left       map[string]int `json:"left"`
	}
	// Problem is a repository that could not be read.
	Problem struct {
		Repository string `json:"repository"`
		Text       string `json:"text"`
	}
)

// StatusOf makes the JSON of a campaign.
func StatusOf(c *campaign.Campaign) Status {
	out := Status{Head: HeadOf("status"), Facades: []FacadeStatus{}, Problems: []Problem{}}
	for _, f := range c.Facades {
		s := FacadeStatus{Module: f.Module, Provider: f.Provider, Unread: f.Unread, Total: readerStatus(f.Total), Repositories: []ReaderStatus{}}
		for _, row := range f.Rows {
			s.Repositories = append(s.Repositories, readerStatus(row))
		}
		out.Facades = append(out.Facades, s)
	}
	for _, p := range c.Problems {
		out.Problems = append(out.Problems, Problem(p))
	}
	return out
}

func readerStatus(r campaign.Row) ReaderStatus {
	out := ReaderStatus{Repository: r.Repository, Revision: r.Revision, From: r.From, References: r.References,
		Rewritable: r.Rewritable, Merged: r.Merged, Pulls: map[string]int{}, Left: map[string]int{}}
	for _, state := range []campaign.State{campaign.Open, campaign.Waiting, campaign.Declined, campaign.Merged} {
		out.Pulls[string(state)] = r.Pulls[state]
	}
	for reason, n := range r.Left {
		out.Left[string(reason)] = n
	}
	return out
}

// WriteStatus tells people of a campaign.
func WriteStatus(w io.Writer, c *campaign.Campaign) error {
	if len(c.Facades) == 0 {
		fmt.Fprintln(w, "No facade is configured in any repository that could be read.")
	}
	for _, f := range c.Facades {
		fmt.Fprintf(w, "%s of %s: %s\n", f.Module, f.Provider, verdict(f, len(c.Problems)))
		rows := [][]string{{"REPOSITORY", "AT", "REFERENCES", "REWRITABLE", "MERGED", "OPEN", "WAITING", "DECLINED", "LEFT"}}
		for _, r := range f.Rows {
			rows = append(rows, statusRow(r))
		}
		if len(f.Rows) > 1 {
			total := f.Total
			total.Repository = "total"
			rows = append(rows, statusRow(total))
		}
		if err := terminal.Table(w, rows); err != nil {
			return err
		}
		fmt.Fprintln(w)
	}
	for _, p := range c.Problems {
		fmt.Fprintf(w, "%s could not be read: %s\n", p.Repository, p.Text)
	}
	return nil
}

// unknown is what having no reader does not say: removing the re-exports of such a facade can drop database tables.
const unknown = "not known from this: what registers something only because it is imported, what strings and text files name, " +
	"and what only people know; `canonicalize retire --check` says what is in the way"

// verdict says who keeps a facade.
func verdict(f campaign.Facade, problems int) string {
	switch {
	case f.Unread && f.Total.References > 0:
		return "no reader but of names that it declares itself; " + unknown
	case f.Unread:
		return "no reader; " + unknown
	case f.Total.Blocking() == 0:
		return "nobody is known to read it, but " + Count(problems, "repository", "repositories") + " could not be read"
	}
	return Count(f.Total.Blocking(), "reference keeps", "references keep") + " its re-exports"
}

func statusRow(r campaign.Row) []string {
	pulls := func(s campaign.State) string { return strconv.Itoa(r.Pulls[s]) }
	return []string{r.Repository, revisionText(r), strconv.Itoa(r.References), strconv.Itoa(r.Rewritable), strconv.Itoa(r.Merged),
		pulls(campaign.Open), pulls(campaign.Waiting), pulls(campaign.Declined), leftText(r.Left)}
}

// shortened is how much of a commit's hash people are shown.
const shortened = 10

func revisionText(r campaign.Row) string {
	text := r.Revision[:min(shortened, len(r.Revision))]
	if r.From != "" {
		text = strings.TrimSpace(text + " (" + r.From + ")")
	}
	return cmp.Or(text, "-")
}

func leftText(left map[codemod.Reason]int) string {
	var parts []string
	reasons := slices.SortedFunc(maps.Keys(left), func(a, b codemod.Reason) int {
		return cmp.Or(cmp.Compare(left[b], left[a]), cmp.Compare(a, b))
	})
	for _, reason := range reasons {
		parts = append(parts, fmt.Sprintf("%d %s", left[reason], reason))
	}
	return cmp.Or(strings.Join(parts, ", "), "-")
}
