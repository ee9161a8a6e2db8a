package report

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/canonicalize/canonicalize/cmd/canonicalize/terminal"
	"github.com/canonicalize/canonicalize/codemod"
)

// Finding is one place that lint tells about.
type Finding struct {
	Rule   string `json:"rule"` // a key of rules
	Path   string `json:"path"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
	Facade string `json:"facade"`
	Name   string `json:"name"`
	Home   string `json:"home,omitempty"`   // where to import it from; empty when it has to stay
	Reason string `json:"reason,omitempty"` // why it has to stay
	Import string `json:"import,omitempty"` // the statements to write instead, a line each; empty where none is needed
	Advice string `json:"advice"`
	Print  string `json:"fingerprint,omitempty"` // the same wherever it stands in the file
}

// The rules of lint, in the order of the SARIF report.
var rules = []struct {
	id               string
	kind             codemod.FindingKind
	text, full, help string
}{
	{"facade-read", codemod.NewReading, "A name is read through a facade",
		"A name is imported from a module that only passes it on, or read as an attribute of one, so that using it imports everything that module imports.",
		"Import the name from the module that declares it, as the message says; `canonicalize lint --fix` does so. A comment `# canonicalize: keep` on the statement keeps it."},
	{"re-export", codemod.NewReExport, "A facade re-exports more",
		"A module that is to lose its re-exports passes on one more name, or everything of one more module.",
		"Leave the import out of the facade, and import the name from the module that declares it where it is used. A comment `# canonicalize: keep` on the statement keeps it."},
	{"boundary", codemod.NewCrossing, "A module imports one that it may not",
		"An import crosses a boundary that the configuration draws under `boundaries`.",
		"Move what both modules need to one that both may import, or add an exception under `boundaries` in .github/canonicalize.yml."},
	{"unregistered", codemod.Unregistered, "A module registers something, and nothing imports it",
		"A module below a facade that is being retired registers something when it is imported, and the facade's registry does not import it.",
		"Add the import that the message shows to the registry, or name what has no effect under `retire` in .github/canonicalize.yml."},
	{"star-of-retired", codemod.StarOfRetired, "All of a retired facade is imported",
		"A star import of a module that re-exports nothing brings nothing, and fails nowhere.",
		"Import each name from the module that declares it."},
}

// RuleOf names the rule of a kind of findings.
func RuleOf(kind codemod.FindingKind) string {
	for _, r := range rules {
		if r.kind == kind {
			return r.id
		}
	}
	return ""
}

// ReadRule is the rule of a name that is read through a facade.
var ReadRule = RuleOf(codemod.NewReading)

// Fixable tells whether the codemod would rewrite the place.
func (f Finding) Fixable() bool { return f.Rule == ReadRule && f.Reason == "" }

// Becomes is a finding that can be rewritten, with what to write: after is the statements, a line each, or the
// expression that the place becomes, "" if it goes.
func (f Finding) Becomes(after string) Finding {
	switch {
	case after == "":
		f.Advice = "it is bound again before anything uses it, so leave it out"
	case isImport(after):
		f.Import = after
		f.Advice = "write " + quoted(after)
	case strings.ContainsAny(after, "\"'"):
		f.Advice = "write " + quoted(after)
	default:
		f.Import = importOf(f.Home, after)
		f.Advice = "write " + quoted(f.Import) + ", and " + quoted(after) + " here"
	}
	return f
}

func isImport(text string) bool {
	text = strings.TrimPrefix(text, "lazy ")
	return strings.HasPrefix(text, "from ") || strings.HasPrefix(text, "import ")
}

func quoted(code string) string { return "`" + strings.ReplaceAll(code, "\n", "; ") + "`" }

// ImportOf is the statement that imports a home ("module" or "module:attribute") by its own name.
func ImportOf(home string) string {
	_, attr, isName := strings.Cut(home, ":")
	if !isName {
		attr = home
	}
	return importOf(home, attr)
}

// importOf is the statement that binds a home ("module" or "module:attribute") as the name that an expression
// begins with.
func importOf(home, expression string) string {
	bound, _, _ := strings.Cut(expression, ".")
	module, attr, isName := strings.Cut(home, ":")
	if !isName {
		at := strings.LastIndexByte(module, '.')
		if at < 0 || expression == module {
			return as("import "+module, module, expression)
		}
		module, attr = module[:at], module[at+1:]
	}
	return as("from "+module+" import "+attr, attr, bound)
}

func as(statement, name, bound string) string {
	if name == bound {
		return statement
	}
	return statement + " as " + bound
}

// text is the finding in a sentence.
func (f Finding) text() string {
	advice := strings.TrimPrefix(f.Reason+": "+f.Advice, ": ")
	if f.Rule != ReadRule {
		return advice
	}
	subject := f.Name
	if f.Name == "" || f.Name == "*" || f.Name == f.Facade {
		subject = "the module"
	}
	return fmt.Sprintf("%s is read through the facade %s; %s", subject, f.Facade, advice)
}

// WriteFindings writes a line for each; shown says how a path is called.
func WriteFindings(w io.Writer, findings []Finding, shown func(path string) string) error {
	for _, f := range findings {
		if _, err := fmt.Fprintf(w, "%s:%d:%d: %s\n", printable(shown(f.Path)), f.Line, f.Column, f.text()); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(w, summary(findings))
	return err
}

// summary says how many findings there are, and what can be done about them.
func summary(findings []Finding) string {
	fixable := 0
	for _, f := range findings {
		if f.Fixable() {
			fixable++
		}
	}
	switch {
	case len(findings) == 0:
		return "No name is read through a facade."
	case fixable == 0:
		return Count(len(findings), "finding", "findings") + "."
	}
	return fmt.Sprintf("%s, %d can be fixed with --fix.", Count(len(findings), "finding", "findings"), fixable)
}

// WriteStatistics counts the findings by rule and reason, the most frequent first.
func WriteStatistics(w io.Writer, findings []Finding) error {
	type kind struct{ rule, reason string }
	counts := map[kind]int{}
	for _, f := range findings {
		counts[kind{f.Rule, f.Reason}]++
	}
	kinds := slices.SortedFunc(maps.Keys(counts), func(a, b kind) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a.rule, b.rule), cmp.Compare(a.reason, b.reason))
	})
	rows := [][]string{{"COUNT", "RULE", "REASON"}}
	for _, k := range kinds {
		reason := cmp.Or(k.reason, "-")
		if k.rule == ReadRule && k.reason == "" {
			reason = "can be fixed with --fix"
		}
		rows = append(rows, []string{strconv.Itoa(counts[k]), k.rule, reason})
	}
	if len(kinds) > 0 {
		if err := terminal.Table(w, rows); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(w, summary(findings))
	return err
}

// printable keeps a line a line, whatever a file is called.
func printable(path string) string {
	if strings.ContainsFunc(path, unicode.IsControl) {
		return strconv.Quote(path)
	}
	return path
}

// WriteAnnotations writes workflow commands, which GitHub Actions shows beside the lines. Folder leads from the root
// of the repository to where the paths start.
// https://docs.github.com/actions/reference/workflow-commands-for-github-actions
func WriteAnnotations(w io.Writer, findings []Finding, folder string) error {
	for _, f := range findings {
		_, err := fmt.Fprintf(w, "::error file=%s,line=%d,col=%d,title=%s::%s\n", property(path.Join(folder, f.Path)), f.Line, f.Column,
			property("canonicalize "+f.Rule), data(f.text()))
		if err != nil {
			return err
		}
	}
	return nil
}

// data and property escape as GitHub's own toolkit does.
func data(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

func property(s string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(data(s))
}
