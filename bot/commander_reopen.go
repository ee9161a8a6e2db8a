package bot

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
	"github.com/canonicalize/canonicalize/bot/plan"
)

// reopen proposes again what was declined.
func (d *doing) reopen(ctx context.Context) (string, error) {
	chosen, err := d.chosen(ctx)
	if err != nil {
		return "", err
	}
	numbers := slices.Sorted(maps.Keys(chosen))
	if d.command.DryRun {
		return "I would propose again what was declined with " + references(numbers) + ".", nil
	}
	return d.ask(ctx, wish{reopen: numbers}, func(out *Outcome) string {
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
	case dashboard.Is(d.issue.Body) && strings.EqualFold(d.issue.Author, d.self):
		return declined, nil
	}
	return nil, refusef("Which? Say %s with the number of a pull request or with paths. Declined are %s.",
		code(command.Name+" "+string(command.Reopen)), references(slices.Sorted(maps.Keys(declined))))
}

// declined finds the pull requests of the bot that a person closed.
func (d *doing) declined(ctx context.Context) (map[int]plan.Marker, error) {
	list, err := d.repo.ListIssues(ctx, github.IssueFilter{State: "closed", Creator: d.self, Pulls: true})
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
func namedBy(declined map[int]plan.Marker, words []string) (map[int]plan.Marker, error) {
	chosen := map[int]plan.Marker{}
	for _, word := range words {
		if m := pullWord.FindStringSubmatch(word); m != nil {
			n, _ := strconv.Atoi(m[1])
			marker, ok := declined[n]
			if !ok {
				return nil, refusef("#%d is no pull request of mine that was declined. Those are %s.", n, references(slices.Sorted(maps.Keys(declined))))
			}
			chosen[n] = marker
			continue
		}
		found := false
		for n, marker := range declined {
			holds := func(path string) bool { return under(path, cleanPaths([]string{word})) }
			if marker.Chunk == chunkID(word) || slices.ContainsFunc(slices.Collect(maps.Keys(marker.Files)), holds) {
				chosen[n], found = marker, true
			}
		}
		if !found {
			return nil, refusef("Nothing that was declined is in %s. Declined are %s.", code(word), references(slices.Sorted(maps.Keys(declined))))
		}
	}
	return chosen, nil
}

// again says what became of a declined pull request.
func again(out *Outcome, number int, marker plan.Marker) string {
	text := ""
	for _, c := range out.Chunks {
		switch {
		case c.Number == number:
			return fmt.Sprintf("#%d is open.", number)
		case !holdsAny(marker, c.Files):
		case c.Number != 0:
			text = fmt.Sprintf("#%d: its branch was gone, so #%d has its changes.", number, c.Number)
		default:
			text = cmp.Or(text, fmt.Sprintf("#%d: its branch was gone; a new pull request has its changes when it is their turn.", number))
		}
	}
	return cmp.Or(text, fmt.Sprintf("#%d: nothing of its changes is left to do.", number))
}

// references lists pull requests as GitHub links them.
func references(numbers []int) string {
	var list []string
	for _, n := range numbers {
		list = append(list, fmt.Sprintf("#%d", n))
	}
	return strings.Join(list, ", ")
}
