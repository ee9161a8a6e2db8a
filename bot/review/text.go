package review

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/bot/words"
	"github.com/canonicalize/canonicalize/codemod"
)

// Offer is what the App does about a finding when it is asked by a command.
type Offer string

// What can be offered. Nothing is pushed to forks.
const (
	Commit Offer = "I commit that"
	Patch  Offer = "I answer with a patch that does it"
)

func (o Offer) comment() string { return "Comment `/canonicalize`, and " + string(o) + "." }

// fixText is the comment on a fix.
func fixText(r *codemod.Review, f codemod.Fix, s suggestion, o Offer) string {
	var b strings.Builder
	b.WriteString(readings(r, f.Findings))
	after := afters(r, f.Findings)
	switch {
	case s.end > 0:
		b.WriteString("\n\n" + words.Fence("suggestion", s.lines))
		return b.String()
	case len(after) == 0:
		b.WriteString(" " + o.comment())
		return b.String()
	case f.Coupled:
		b.WriteString(" A test replaces it by its name, so that both must change together:\n\n")
	default:
		b.WriteString(" Write instead:\n\n")
	}
	b.WriteString(words.Fence("python", after))
	b.WriteString("\n\n" + o.comment())
	return b.String()
}

// readings says what is read through which facade, and where it lives.
func readings(r *codemod.Review, findings []int) string {
	var rows []string
	for _, i := range findings {
		f := &r.Findings[i]
		row := fmt.Sprintf("%s of the facade %s", subject(f), words.Code(f.Facade))
		if home := shownHome(f); home != "" {
			row += " lives in " + home
		}
		if f.Dead {
			row += overwritten
		}
		if !slices.Contains(rows, row) {
			rows = append(rows, row)
		}
	}
	if len(rows) == 1 && strings.HasSuffix(rows[0], overwritten) {
		return rows[0] + "."
	}
	if len(rows) == 1 {
		return rows[0] + "; import it from there."
	}
	return "Import these names from where they live:\n\n- " + strings.Join(atMost(rows), "\n- ") + "\n"
}

// overwritten is said of a reading whose name is bound again before anybody
// uses it: nothing takes its place.
const overwritten = ", and is bound again before anything uses it, so it can go"

// subject names what is read: a name, or everything.
func subject(f *codemod.Finding) string {
	switch f.Name {
	case "*":
		return "What is used"
	case "", f.Facade:
		return "The module"
	}
	return words.Code(f.Name)
}

// shownHome shows a home: the module, and the attribute if it has another name.
func shownHome(f *codemod.Finding) string {
	if f.Home == "" {
		return ""
	}
	module, attr, found := strings.Cut(f.Home, ":")
	if found && attr != f.Name {
		return words.Code(module) + " as " + words.Code(attr)
	}
	return words.Code(module)
}

// afters are the statements that a fix leads to.
func afters(r *codemod.Review, findings []int) (out []string) {
	for _, i := range findings {
		for _, line := range strings.Split(r.Findings[i].After, "\n") {
			if line = strings.TrimRight(line, "\r"); line != "" && !slices.Contains(out, line) {
				out = append(out, line)
			}
		}
	}
	return atMost(out)
}

// atMost cuts a list to what a comment has room for.
func atMost(list []string) []string {
	size := 0
	for i, line := range list {
		if size += len(line) + len("\n- "); size > maxShown {
			return append(slices.Clone(list[:i]), fmt.Sprintf("… and %d more", len(list)-i))
		}
	}
	return list
}

// findingText is the comment on a finding that nothing mends by itself. Where
// the home is known, it shows the import to write.
func findingText(f *codemod.Finding) string {
	if f.Kind != codemod.NewReading {
		return words.Plain(f.Detail)
	}
	text := fmt.Sprintf("%s of the facade %s is newly read here", subject(f), words.Code(f.Facade))
	if home := shownHome(f); home != "" {
		text += ", and lives in " + home
	}
	if f.Reason == "" {
		text += "; import it from there."
	} else {
		text += ". I cannot rewrite this safely: " + words.Plain(cmp.Or(f.Detail, f.Reason.Advice()))
	}
	if statement := importOf(f); statement != "" {
		text += "\n\nFrom its home it is:\n\n" + words.Fence("python", []string{statement})
	}
	return text
}

// importOf is the statement that imports what was read from its home, "" where
// that is not known or nothing is to be imported.
func importOf(f *codemod.Finding) string {
	module, attr, found := strings.Cut(f.Home, ":")
	switch {
	case f.Home == "" || f.Name == "*" || f.Dead:
		return ""
	case !found:
		return "import " + module
	case attr != f.Name && f.Name != "":
		return "from " + module + " import " + attr + " as " + f.Name
	}
	return "from " + module + " import " + attr
}
