package commander

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/canonicalize/canonicalize/bot/command"
	"github.com/canonicalize/canonicalize/bot/dashboard"
	"github.com/canonicalize/canonicalize/bot/github"
	"github.com/canonicalize/canonicalize/bot/pass"
	"github.com/canonicalize/canonicalize/bot/plan"
	"github.com/canonicalize/canonicalize/bot/words"
)

// reopen proposes again what was declined.
func (d *doing) reopen(ctx context.Context) (string, error) {
	chosen, err := d.chosen(ctx)
	if err != nil {
		return "", err
	}
	numbers := slices.Sorted(maps.Keys(chosen))
	if d.command.DryRun {
		return "I would propose again what was declined with " + words.References(numbers) + ".", nil
	}
	return d.ask(ctx, pass.Wish{Reopen: numbers}, func(out *pass.Outcome) string {
		var list []string
		for _, n := range numbers {
			list = append(list, "- "+again(out, n, chosen[n])+"\n")
		}
		return "Proposed again:\n\n" + strings.Join(list, "")
	})
}

// chosen are the declined pull requests that the command means, with their
// markers: those that its words name; without words the one that it is said on,
// and on the dashboard all.
func (d *doing) chosen(ctx context.Context) (map[int]plan.Marker, error) {
	if len(d.command.Args) == 0 && d.place == command.OnOwnPull {
		if d.pr.State == "open" {
			return nil, refusef("This pull request is open.")
		}
		if d.pr.Merged {
			return nil, refusef("This pull request was merged.")
		}
		return map[int]plan.Marker{d.req.Number: d.marker}, nil
	}
	declined, err := d.declined(ctx)
	if err != nil {
		return nil, err
	}
	switch {
	case len(declined) == 0:
		return nil, refusef("No pull request of mine is declined.")
	case len(d.command.Args) > 0:
		return namedBy(declined, d.command.Args)
	case dashboard.Is(d.issue.Body) && strings.EqualFold(d.issue.Author, d.Self):
		return declined, nil
	}
	return nil, refusef("Which? Say %s with the number of a pull request or with paths. Declined are %s.",
		words.Code(command.Name+" "+string(command.Reopen)), words.References(slices.Sorted(maps.Keys(declined))))
}

// declined finds the pull requests of the bot that a person closed.
func (d *doing) declined(ctx context.Context) (map[int]plan.Marker, error) {
	list, err := d.Repo.ListIssues(ctx, github.IssueFilter{State: "closed", Creator: d.Self, Pulls: true})
	if err != nil {
		return nil, err
	}
	found := map[int]plan.Marker{}
	for _, i := range list {
		if m, ok := plan.ParseMarker(i.Body); i.IsPull && !i.Merged && ok && m.Closed == "" {
			found[i.Number] = m
		}
	}
	return found, nil
}

var pullWord = regexp.MustCompile(`^(?:#|https?://\S+/pull/)?([0-9]{1,9})$`)

// namedBy picks by numbers, by the branches that were pushed, and by paths.
func namedBy(declined map[int]plan.Marker, named []string) (map[int]plan.Marker, error) {
	chosen := map[int]plan.Marker{}
	for _, word := range named {
		if m := pullWord.FindStringSubmatch(word); m != nil {
			n, _ := strconv.Atoi(m[1])
			marker, ok := declined[n]
			if !ok {
				return nil, refusef("#%d is no pull request of mine that was declined. Those are %s.", n, words.References(slices.Sorted(maps.Keys(declined))))
			}
			chosen[n] = marker
			continue
		}
		found := false
		for n, marker := range declined {
			holds := func(path string) bool { return plan.Under(path, plan.CleanPaths([]string{word})) }
			if marker.Chunk == plan.ChunkID(word) || slices.ContainsFunc(slices.Collect(maps.Keys(marker.Files)), holds) {
				chosen[n], found = marker, true
			}
		}
		if !found {
			return nil, refusef("Nothing that was declined is in %s. Declined are %s.", words.Code(word), words.References(slices.Sorted(maps.Keys(declined))))
		}
	}
	return chosen, nil
}

// again says what became of a declined pull request.
func again(out *pass.Outcome, number int, marker plan.Marker) string {
	text := ""
	for _, c := range out.Chunks {
		switch {
		case c.Number == number:
			return fmt.Sprintf("#%d is open.", number)
		case !marker.HoldsAny(c.Files):
		case c.Number != 0:
			text = fmt.Sprintf("#%d: its branch was gone, so #%d has its changes.", number, c.Number)
		default:
			text = cmp.Or(text, fmt.Sprintf("#%d: its branch was gone; a new pull request has its changes when it is their turn.", number))
		}
	}
	return cmp.Or(text, fmt.Sprintf("#%d: nothing of its changes is left to do.", number))
}
