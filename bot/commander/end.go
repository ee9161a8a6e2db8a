package commander

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/bot/command"
	"github.com/canonicalize/canonicalize/bot/dashboard"
	"github.com/canonicalize/canonicalize/bot/ending"
	"github.com/canonicalize/canonicalize/bot/pass"
	"github.com/canonicalize/canonicalize/bot/words"
	"github.com/canonicalize/canonicalize/codemod/retire"
)

// end does what concerns the end of a facade: a pass with that wish.
func (d *doing) end(ctx context.Context) (string, error) {
	w, err := d.ending()
	if err != nil {
		return "", err
	}
	return d.ask(ctx, pass.Wish{Ending: w}, func(*pass.Outcome) string {
		return cmp.Or(w.Answer, words.Code(w.Facade)+" is not among the facades of this repository, so nothing was done.")
	})
}

func (d *doing) ending() (*pass.Ending, error) {
	if d.conf == nil || !d.conf.Dashboard || !d.Meta.HasIssues {
		return nil, refusef("What people say of the end of a facade is kept on the dashboard, which is switched off here.")
	}
	w := &pass.Ending{By: d.author}
	if d.command.Verb == command.Revert {
		m, ok := ending.Mark{}, false
		if d.pr != nil {
			m, ok = ending.ParseMark(d.pr.Body)
		}
		if !ok || m.Reverts != 0 {
			return nil, refusef("This is no step of the end of a facade: say it on the pull request that is to be taken back.")
		}
		w.Facade, w.Revert = m.Facade, d.req.Number
		return w, nil
	}
	w.Facade = d.command.Args[0]
	if _, ok := d.conf.Retire[w.Facade]; !ok {
		return nil, refusef("%s is no facade that is to end: it has no entry under `retire` in the configuration.", words.Code(w.Facade))
	}
	switch d.command.Verb {
	case command.Retire:
		w.Retire = true
	case command.Retry:
		w.Retry = true
	default:
		return w, d.accepted(w, d.command.Args[1:])
	}
	return w, nil
}

// accepted reads what is acknowledged: KIND, then a path and a name if these
// words look so, then the reason.
func (d *doing) accepted(w *pass.Ending, args []string) error {
	kind := retire.Kind(args[0])
	if !slices.Contains(retire.Kinds(), kind) || !kind.Acknowledgeable() {
		var can []string
		for _, k := range retire.Kinds() {
			if k.Acknowledgeable() {
				can = append(can, string(k))
			}
		}
		return refusef("%s cannot be acknowledged: %s can.", words.Code(args[0]), words.Codes(can))
	}
	w.Accept = &dashboard.Acknowledged{Kind: args[0]}
	rest := args[1:]
	if kind != retire.AtRest && len(rest) > 1 && strings.ContainsAny(rest[0], "/.") {
		w.Accept.Path, rest = rest[0], rest[1:]
	}
	w.Accept.Reason = strings.Join(rest, " ")
	if w.Accept.Reason == "" {
		return refusef("Say why it does not matter, behind the kind and the place.")
	}
	return nil
}
