package preview

import (
	"fmt"
	"strings"

	"github.com/canonicalize/canonicalize/bot/githubsim"
	"github.com/canonicalize/canonicalize/bot/web"
)

// told is what the reader did last.
type told struct {
	act    web.Act
	said   string
	before map[int]mark
}

// mark is how an issue or a pull request stands.
type mark struct {
	pull               bool
	title, state, head string
	body               string
	said               []said // comments, reviews and remarks, in the order of their arrival
	checks             map[string]string
}

type said struct{ by, text string }

// marks says how everything on the simulated GitHub stands.
func (s *source) marks() (map[int]mark, error) {
	pulls, err := s.sim.PullRequests(s.owner, s.name)
	if err != nil {
		return nil, err
	}
	issues, err := s.sim.Issues(s.owner, s.name)
	if err != nil {
		return nil, err
	}
	all := map[int]mark{}
	for _, p := range pulls {
		all[p.Number] = markOf(p)
	}
	for _, i := range issues {
		m := mark{title: i.Title, state: i.State, body: i.Body}
		for _, c := range i.Comments {
			m.said = append(m.said, said{c.Author, c.Body})
		}
		all[i.Number] = m
	}
	return all, nil
}

func markOf(p *githubsim.PullRequest) mark {
	m := mark{pull: true, title: p.Title, state: p.State, head: p.HeadSHA, body: p.Body, checks: map[string]string{}}
	for _, c := range comments(p) {
		m.said = append(m.said, said{c.Author, c.Body})
	}
	for _, c := range p.Checks {
		m.checks[c.Name] = string(conclusion(c)) + ": " + c.Title
	}
	return m
}

// since lists what happened between two states, in the order of the numbers; what the reader did is not told again.
func since(repository string, before, after map[int]mark) []web.Event {
	var all []web.Event
	most := 0
	for n := range after {
		most = max(most, n)
	}
	for n := 1; n <= most; n++ {
		now, there := after[n]
		old, was := before[n]
		if !there {
			continue
		}
		path := fmt.Sprintf("/%s/issues/%d", repository, n)
		if now.pull {
			path = fmt.Sprintf("/%s/pull/%d", repository, n)
		}
		for _, text := range changes(n, old, now, was) {
			all = append(all, web.Event{Text: text, Path: path})
		}
	}
	return all
}

// changes says what became of one issue or pull request.
func changes(n int, old, now mark, was bool) (texts []string) {
	if !was {
		texts = append(texts, fmt.Sprintf("#%d was opened: %s", n, now.title))
	} else if old.state != now.state {
		texts = append(texts, fmt.Sprintf("#%d is %s now", n, now.state))
	}
	if was && old.head != now.head {
		texts = append(texts, fmt.Sprintf("The branch of #%d has new commits", n))
	}
	if was && !now.pull && old.body != now.body {
		texts = append(texts, fmt.Sprintf("#%d, %s, was edited", n, now.title))
	}
	for name, text := range now.checks {
		if old.checks[name] != text {
			texts = append(texts, fmt.Sprintf("The check %s of #%d says %s", name, n, text))
		}
	}
	for _, s := range now.said[min(len(old.said), len(now.said)):] {
		if s.by != person {
			texts = append(texts, fmt.Sprintf("@%s answered on #%d: %s", s.by, n, firstWords(s.text)))
		}
	}
	return texts
}

// firstWords is the beginning of a text, on one line.
func firstWords(text string) string {
	const most = 100
	words := strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == '\n' })
	var b strings.Builder
	for _, w := range words {
		if b.Len()+len(w) > most {
			return b.String() + "…"
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(w)
	}
	return b.String()
}
