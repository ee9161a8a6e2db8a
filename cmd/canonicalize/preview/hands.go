package preview

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/canonicalize/canonicalize/bot/githubsim"
	"github.com/canonicalize/canonicalize/bot/web"
)

// colleague is the person who has opened a pull request, and gets in the way where the reader asks for it.
const colleague = "colleague"

// longestAnswer is how long a form waits for the App to be done; then the page loads itself again until it is.
const longestAnswer = 20 * time.Second

// hands do on the simulated GitHub what the reader asks for with forms.
type hands struct {
	source *source
	idle   func(context.Context) (bool, error) // whether the App has nothing to do
}

// do implements web.Do: it returns when the App has answered, or is still at work after a while.
func (h *hands) do(ctx context.Context, act web.Act) (string, error) {
	if !strings.EqualFold(act.Repo, h.source.full()) {
		return "", &web.RefusedError{Err: fmt.Errorf("there is no repository %s here", act.Repo)}
	}
	before, err := h.source.marks()
	if err != nil {
		return "", err
	}
	said, err := h.act(act)
	if err != nil {
		return "", &web.RefusedError{Err: err}
	}
	h.source.tell(&told{act: act, said: said, before: before})
	return h.placeOf(act), h.wait(ctx)
}

func (h *hands) placeOf(act web.Act) string {
	kind := "pull"
	if issue, _ := h.source.issue(act.Number); issue != nil {
		kind = "issues"
	}
	return fmt.Sprintf("/%s/%s/%d", h.source.full(), kind, act.Number)
}

// wait returns when the App is idle, or after longestAnswer.
func (h *hands) wait(ctx context.Context) error {
	end := time.After(longestAnswer)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-end:
			return nil
		case <-tick.C:
			if idle, err := h.idle(ctx); err != nil || idle {
				return err
			}
		}
	}
}

// act does one thing and says what it was.
func (h *hands) act(act web.Act) (said string, err error) {
	repo, n := h.source.full(), act.Number
	you := h.source.sim.As(person)
	switch act.Verb {
	case web.Merge:
		return fmt.Sprintf("You merged #%d", n), you.Merge(repo, n, "squash")
	case web.Close:
		return fmt.Sprintf("You closed #%d", n), you.Close(repo, n)
	case web.Reopen:
		return fmt.Sprintf("You reopened #%d", n), you.Reopen(repo, n)
	case web.Say:
		_, err = you.Comment(repo, n, act.Text)
		return fmt.Sprintf("You wrote %q on #%d", act.Text, n), err
	case web.Tick:
		return fmt.Sprintf("You clicked a box of #%d", n), h.tick(act)
	case web.Suggest:
		_, err = you.ApplySuggestion(repo, act.Item)
		return fmt.Sprintf("You committed a suggestion to #%d", n), err
	case web.Conflict:
		return h.conflict(act)
	case web.Push:
		return h.push(act)
	}
	return "", fmt.Errorf("%q cannot be done here", act.Verb)
}

// tick changes one box in the text of an issue or a pull request.
func (h *hands) tick(act web.Act) error {
	issue, err := h.source.issue(act.Number)
	if err != nil {
		return err
	}
	if issue == nil {
		return fmt.Errorf("there is no issue #%d", act.Number)
	}
	body, err := web.Ticked(issue.Body, act.Item)
	if err != nil {
		return err
	}
	return h.source.sim.As(person).EditBody(h.source.full(), act.Number, body)
}

// conflict changes on the base branch a line that a pull request changes, too.
func (h *hands) conflict(act web.Act) (string, error) {
	pull, err := h.pull(act.Number)
	if err != nil {
		return "", err
	}
	for _, f := range pull.Files {
		if f.Path != act.Text {
			continue
		}
		old, err := h.source.sim.ReadFile(h.source.full(), pull.Base, f.Path)
		if err != nil {
			return "", err
		}
		text, line := inTheWay(old, f.Patch)
		if line == 0 {
			return "", fmt.Errorf("%s has no line that #%d changes and that a remark can be put behind: choose another file", f.Path, act.Number)
		}
		_, err = h.source.sim.As(colleague).Push(h.source.full(), pull.Base, "Explain an import of "+f.Path, map[string][]byte{f.Path: text})
		return fmt.Sprintf("A colleague changed line %d of %s on %s, which #%d changes too", line, f.Path, pull.Base, act.Number), err
	}
	return "", fmt.Errorf("#%d does not change %s", act.Number, act.Text)
}

// inTheWay puts a remark behind the first import that a patch takes away, and says on which line; 0: there is none.
func inTheWay(text []byte, patch string) ([]byte, int) {
	lines := bytes.SplitAfter(text, []byte("\n"))
	for removed := range strings.Lines(patch) {
		code := strings.TrimRight(strings.TrimPrefix(removed, "-"), "\r\n")
		if !strings.HasPrefix(removed, "-") || !strings.Contains(code, "import ") || strings.ContainsAny(code, "\\#\"'") {
			continue
		}
		for i, line := range lines {
			bare := bytes.TrimRight(line, "\r\n")
			if string(bare) == code {
				lines[i] = append([]byte(code+"  # needed at start"), line[len(bare):]...)
				return bytes.Join(lines, nil), i + 1
			}
		}
	}
	return nil, 0
}

// push adds a commit of a person to the branch of a pull request.
func (h *hands) push(act web.Act) (string, error) {
	pull, err := h.pull(act.Number)
	if err != nil {
		return "", err
	}
	for _, f := range pull.Files {
		if f.Status == "removed" || !strings.HasSuffix(f.Path, ".py") {
			continue
		}
		text, err := h.source.sim.ReadFile(h.source.full(), pull.Head, f.Path)
		if err != nil {
			return "", err
		}
		text = append(bytes.Clone(text), "\n# Checked by hand.\n"...)
		_, err = h.source.sim.As(person).Push(h.source.full(), pull.Head, "A remark of mine", map[string][]byte{f.Path: text})
		return fmt.Sprintf("You pushed a commit to the branch of #%d", act.Number), err
	}
	return "", fmt.Errorf("#%d changes no Python file", act.Number)
}

func (h *hands) pull(number int) (*githubsim.PullRequest, error) {
	pull, err := h.source.sim.PullRequest(h.source.owner, h.source.name, number)
	if err == nil && pull.State != "open" {
		err = errors.New("it is not open any more")
	}
	return pull, err
}
