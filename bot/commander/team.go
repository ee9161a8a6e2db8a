package commander

import (
	"context"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"

	"github.com/canonicalize/canonicalize/bot/command"
	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/dashboard"
	"github.com/canonicalize/canonicalize/bot/owners"
	"github.com/canonicalize/canonicalize/bot/pass"
	"github.com/canonicalize/canonicalize/bot/words"
)

// pause has nothing more opened for an owner, or takes that back.
func (d *doing) pause(ctx context.Context) (string, error) {
	who := dashboard.Everybody
	if len(d.command.Args) == 1 {
		var err error
		if who, err = d.owner(ctx, d.command.Args[0]); err != nil {
			return "", err
		}
	}
	if d.conf == nil || !d.conf.Dashboard || !d.Meta.HasIssues {
		return "", refusef("A pause is kept on the dashboard, which is switched off here.")
	}
	if d.command.Verb == command.Resume {
		return d.ask(ctx, pass.Wish{Resume: who}, func(out *pass.Outcome) string { return resumed(who, out) })
	}
	return d.ask(ctx, pass.Wish{Pause: who}, func(*pass.Outcome) string {
		return "Nothing more is opened for " + shownOwner(who) + " until somebody says " + words.Code(strings.TrimSpace("/canonicalize resume "+strings.TrimPrefix(who, dashboard.Everybody))) + "."
	})
}

// resumed says what is paused no more, and what still is.
func resumed(who string, out *pass.Outcome) string {
	var text string
	switch {
	case len(out.Resumed) == 0:
		text = "There was no pause of " + shownOwner(who) + "."
	case who == dashboard.Everybody:
		text = "Pull requests are opened for anybody again."
	default:
		text = "Pull requests are opened for " + words.Codes(out.Resumed) + " again."
	}
	if len(out.Paused) > 0 {
		var still []string
		for _, name := range out.Paused {
			still = append(still, shownOwner(name))
		}
		text += " Paused is " + strings.Join(still, ", ") + "."
	}
	return text
}

func shownOwner(name string) string {
	if name == dashboard.Everybody {
		return "anybody"
	}
	return words.Code(name)
}

// owner finds whom a word means, as CODEOWNERS, the configuration or the
// organization spell it: with or without "@" and organization, whatever its
// case. One that is none of them is refused.
func (d *doing) owner(ctx context.Context, word string) (string, error) {
	plain := strings.ToLower(strings.TrimPrefix(word, "@"))
	if slices.Contains([]string{"everybody", "everyone", "anybody", "all", dashboard.Everybody}, plain) {
		return dashboard.Everybody, nil
	}
	known, err := d.owners(ctx)
	if err != nil {
		return "", err
	}
	for _, name := range known {
		full := strings.ToLower(strings.TrimPrefix(name, "@"))
		if _, slug, _ := strings.Cut(full, "/"); full == plain || slug == plain {
			return name, nil
		}
	}
	org, slug, named := strings.Cut(plain, "/")
	if !named {
		org, slug = d.Meta.Owner, plain
	}
	if _, err := owners.ParseOwner("@" + org + "/" + slug); err == nil && strings.EqualFold(org, d.Meta.Owner) {
		_, found, err := d.Repo.TeamAccess(ctx, slug)
		if err != nil || found {
			return "@" + d.Meta.Owner + "/" + slug, err
		}
	}
	text := "I know no owner called " + words.Code(word) + " here."
	if near := nearestOwner(plain, known); near != "" {
		return "", refusef("%s Did you mean %s?", text, words.Code(near))
	}
	if len(known) == 0 {
		return "", refusef("%s Teams are named in CODEOWNERS, or under owners in %s.", text, words.Code(config.Path))
	}
	return "", refusef("%s There is %s.", text, words.Codes(known[:min(len(known), 20)]))
}

// owners are all that CODEOWNERS and the configuration name.
func (d *doing) owners(ctx context.Context) ([]string, error) {
	file, err := owners.Find(func(path string) ([]byte, bool, error) { return d.Repo.Content(ctx, path, d.Meta.DefaultBranch) })
	if err != nil {
		return nil, err
	}
	list := file.Names()
	if d.conf != nil {
		list = append(list, d.conf.OwnerNames()...)
	}
	var out []string
	for _, name := range list {
		if !slices.ContainsFunc(out, func(o string) bool { return strings.EqualFold(o, name) }) {
			out = append(out, name)
		}
	}
	return out, nil
}

// nearestOwner is the name that a word was probably meant to be.
func nearestOwner(word string, known []string) (best string) {
	least := 3
	for _, name := range known {
		full := strings.ToLower(strings.TrimPrefix(name, "@"))
		_, slug, _ := strings.Cut(full, "/")
		for _, s := range []string{full, slug} {
			if n := levenshtein.ComputeDistance(word, s); s != "" && n < least {
				best, least = name, n
			}
		}
	}
	return best
}
