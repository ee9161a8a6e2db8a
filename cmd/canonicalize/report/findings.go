package report

import (
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
	"unicode"

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

// text is the finding in a sentence.
func (f Finding) text() string {
	advice := "use `" + strings.ReplaceAll(f.Advice, "\n", "; ") + "`"
	if f.Advice == "" {
		advice = "it is bound again before anything uses it, so leave it out"
	}
	if f.Reason != "" || f.Rule != "facade-read" {
		advice = strings.TrimPrefix(f.Reason+": "+f.Advice, ": ")
	}
	if f.Rule != "facade-read" {
		return advice
	}
	subject := f.Name
	if f.Name == "" || f.Name == "*" || f.Name == f.Facade {
		subject = "the module"
	}
	return fmt.Sprintf("%s is read through the facade %s; %s", subject, f.Facade, advice)
}

// WriteFindings writes a line for each.
func WriteFindings(w io.Writer, findings []Finding) error {
	for _, f := range findings {
		if _, err := fmt.Fprintf(w, "%s:%d:%d: %s\n", printable(f.Path), f.Line, f.Column, f.text()); err != nil {
			return err
		}
	}
	if len(findings) == 0 {
		_, err := fmt.Fprintln(w, "No name is read through a facade.")
		return err
	}
	_, err := fmt.Fprintf(w, "%s.\n", Count(len(findings), "finding", "findings"))
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
