package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/canonicalize/canonicalize/cmd/canonicalize/terminal"
	"github.com/canonicalize/canonicalize/codemod"
)

const askHelp = `y  write this change
n  leave it
a  write this and all that follow
q  leave this and all that follow
`

// ask shows each change and keeps those that the person wants. Files that are only correct together are one question.
func ask(env Env, result *codemod.Result) (*codemod.Result, error) {
	in := bufio.NewReader(env.In)
	paint := terminal.Colors(env.Out, env.Getenv)
	kept := *result
	kept.Changes = nil
	all := false
	groups := together(result.Changes)
	for i, group := range groups {
		answer := "y"
		if !all {
			for _, c := range group {
				fmt.Fprint(env.Out, paint.Diff(c.Diff()))
			}
			question := fmt.Sprintf("(%d/%d) Write %s [y,n,a,q,?]? ", i+1, len(groups), group[0].Path)
			if len(group) > 1 {
				question = fmt.Sprintf("(%d/%d) Write these %d files, which are only correct together [y,n,a,q,?]? ", i+1, len(groups), len(group))
			}
			var err error
			if answer, err = answerTo(in, env.Out, paint.Paint(terminal.Bold, question)); err != nil {
				return nil, err
			}
		}
		if answer == "q" {
			break
		}
		all = all || answer == "a"
		if answer != "n" {
			kept.Changes = append(kept.Changes, group...)
		}
	}
	return &kept, nil
}

// together groups changes that are only correct together, at the place of the first.
func together(changes []codemod.Change) (groups [][]codemod.Change) {
	at := map[int]int{}
	for _, c := range changes {
		i, known := at[c.Coupled]
		if c.Coupled == 0 || !known {
			i = len(groups)
			groups = append(groups, nil)
			at[c.Coupled] = i
		}
		groups[i] = append(groups[i], c)
	}
	return groups
}

// answerTo asks until it gets one of the answers; the end of the input is "q".
func answerTo(in *bufio.Reader, out io.Writer, question string) (string, error) {
	for {
		fmt.Fprint(out, question)
		line, err := in.ReadString('\n')
		switch answer := strings.ToLower(strings.TrimSpace(line)); answer {
		case "y", "n", "a", "q":
			return answer, nil
		}
		switch {
		case errors.Is(err, io.EOF):
			fmt.Fprintln(out)
			return "q", nil
		case err != nil:
			return "", fmt.Errorf("read the answer: %w", err)
		}
		fmt.Fprint(out, askHelp)
	}
}
