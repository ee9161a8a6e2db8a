package config

import (
	"fmt"
	"slices"
	"strings"
	"text/template"
	"text/template/parse"
)

const (
	defaultTitle   = `Import from declaring modules in {{.Place}} ({{.Files}} {{plural .Files "file"}})`
	defaultMessage = `Import from declaring modules in {{.Place}}

{{.Names}} {{plural .Names "name"}} in {{.Files}} {{plural .Files "file"}} {{if eq .Names 1}}is{{else}}are{{end}} imported from the modules that declare them
instead of through {{join .Facades ", "}} ({{.Readings}} {{plural .Readings "reading"}}). Every name is bound to the same
object as before.`
	maxTitle   = 256    // GitHub's limit of a title, in characters
	maxMessage = 10_000 // far beyond any commit message that somebody wrote
)

// TemplateData is what the templates of titles and commit messages can name.
type TemplateData struct {
	Place     string   // "src/billing", with what tells a pull request from others there
	Directory string   // "src/billing", or "the repository root"
	Files     int      // changed files
	Names     int      // that are read, each counted once
	Readings  int      // places that are rewritten
	Facades   []string // sorted modules
	Owners    []string // "@org/team", sorted; may be empty
	Chunk     string   // stable identifier
}

var sample = TemplateData{
	Place: "src/billing", Directory: "src/billing", Files: 12, Names: 34, Readings: 57,
	Facades: []string{"app.models"}, Owners: []string{"@org/billing"}, Chunk: "1a2b3c4d",
}

var functions = template.FuncMap{"join": strings.Join, "plural": plural}

func plural(n int, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}

// RenderTitle gives the title of a pull request: one line of at most 256
// characters, which is GitHub's limit.
func (p PullRequests) RenderTitle(d TemplateData) (string, error) {
	text, err := render("title", p.Title, d)
	if err != nil {
		return "", err
	}
	text = strings.Join(strings.Fields(text), " ")
	return shorten(text, maxTitle), nil
}

// RenderMessage gives a commit message without trailers.
func (p PullRequests) RenderMessage(d TemplateData) (string, error) {
	text, err := render("commit_message", p.CommitMessage, d)
	return strings.TrimSpace(shorten(text, maxMessage)), err
}

func shorten(text string, limit int) string {
	if r := []rune(text); len(r) > limit {
		return strings.TrimSpace(string(r[:limit-1])) + "…"
	}
	return text
}

func render(name, text string, d TemplateData) (string, error) {
	t, err := template.New(name).Funcs(functions).Option("missingkey=error").Parse(text)
	if err != nil {
		return "", err
	}
	if err := bounded(t); err != nil {
		return "", err
	}
	var out strings.Builder
	if err := t.Execute(&out, d); err != nil {
		return "", err
	}
	return out.String(), nil
}

// bounded refuses what could run for long or print much: the text comes from
// whoever can write to a repository, and is run by a server that others share.
func bounded(t *template.Template) error {
	if len(t.Templates()) > 1 {
		return fmt.Errorf("nested templates are not supported")
	}
	if t.Tree == nil {
		return nil
	}
	return allowed(t.Root)
}

var allowedFunctions = []string{"join", "plural", "len", "eq", "ne", "lt", "le", "gt", "ge", "and", "or", "not", "index"}

func allowed(n parse.Node) error {
	switch n := n.(type) {
	case *parse.ListNode:
		return allowedList(n)
	case *parse.IfNode:
		return allowedBranch(n.BranchNode)
	case *parse.WithNode:
		return allowedBranch(n.BranchNode)
	case *parse.ActionNode:
		return allowedPipe(n.Pipe)
	case *parse.TextNode, *parse.CommentNode:
		return nil
	}
	return fmt.Errorf("%s is not supported; use fields, if, with and %s", n, strings.Join(allowedFunctions, ", "))
}

func allowedList(list *parse.ListNode) error {
	if list == nil {
		return nil
	}
	for _, n := range list.Nodes {
		if err := allowed(n); err != nil {
			return err
		}
	}
	return nil
}

func allowedBranch(b parse.BranchNode) error {
	if err := allowedPipe(b.Pipe); err != nil {
		return err
	}
	if err := allowedList(b.List); err != nil {
		return err
	}
	return allowedList(b.ElseList)
}

func allowedPipe(pipe *parse.PipeNode) error {
	for _, cmd := range pipe.Cmds {
		for _, arg := range cmd.Args {
			if err := allowedOperand(arg); err != nil {
				return err
			}
		}
	}
	return nil
}

func allowedOperand(arg parse.Node) error {
	switch arg := arg.(type) {
	case *parse.PipeNode:
		return allowedPipe(arg)
	case *parse.ChainNode:
		return allowedOperand(arg.Node)
	case *parse.IdentifierNode:
		if !slices.Contains(allowedFunctions, arg.Ident) {
			return fmt.Errorf("function %s is not supported; use %s", arg.Ident, strings.Join(allowedFunctions, ", "))
		}
	}
	return nil
}
